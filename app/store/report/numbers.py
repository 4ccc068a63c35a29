"""The numbers of a report: each with its interval and what it means; and beside those of the last time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from app.coach.report import GOOD, NOT_JUDGED
from app.coach.types import Measure
from app.store.report import words
from app.store.report.tongue import ENGLISH, Tongue
from app.store.trends import QUANTITIES, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.store.report.material import Material
    from app.store.trends import Difference, Digest


@dataclass(frozen=True, slots=True)
class Row:
    """One number: what it is called, its value and its interval, what it is, and how it lies in the band of good form.

    ``where``: "in", "edge", "out", "" where there is no band. ``band``: that in words.
    """

    name: str
    value: str
    interval: str
    meaning: str
    where: str = ""
    band: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One quantity then and now; ``told``: "more", "less", "same" or "unknown"."""

    name: str
    before: str
    after: str
    change: str
    told: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Compared:
    """This session beside the last one: when that was, what changed, why the two are not quite the same task."""

    when: str
    changes: tuple[Change, ...]
    cautions: tuple[str, ...]
    why_not: str = ""


#: Key in the JSON's "run" -> (name, unit, what it means). Where the stature is known, cm stand for % of height.
_RUN: Final = {
    "trunk_lean_deg": (
        "Trunk lean", "deg", "How far the trunk leans ahead of your own standing. More is not better: the line counts.",
    ),
    "line_offset_bh_pct": (
        "Hip ahead of the line", "bh_pct",
        "How far the hip is ahead of the line from ear to rear toe at push-off. Nought is one straight line.",
    ),
    "hip_share": (
        "Lean from the hip", "share",
        "Of what tips the trunk forward, the hip's part: about half when hinged, under a third from the ankles.",
    ),
    "hip_flexion_midstance_deg": ("Hip bend", "deg", "At midstance. A bent hip has something to push from."),
    "knee_flexion_midstance_deg": ("Knee bend", "deg", "At midstance. It lowers you under the roof."),
    "shank_midstance_deg": ("Shank tilt", "deg", "Forward tilt of the lower leg at midstance."),
    "reach_ll_pct": (
        "Reach", "ll_pct", "The front ankle ahead of the hip, in % of the leg. It grows with speed: no target.",
    ),
    "vertical_oscillation_bh_pct": ("Bounce", "bh_pct", "How far the head rises and falls within a step."),
    "cadence_spm": ("Cadence", "spm", "Both feet. It goes with speed and build, so there is no target."),
    "contact_time_ms": ("Ground contact", "ms", "From initial contact to toe-off."),
    "flight_time_ms": ("Flight", "ms", "Both feet in the air."),
}  # fmt: skip
_MEANINGS: Final = {
    "good_share": "Share of the judged steps in which no fault was on.",
    "inside_share": "Share of the counted steps under the roof and over the floor.",
    "longest_clean_steps": "Most steps in a row inside the tunnel.",
    "half_life_min": "Minutes of running until the share of good steps falls below half of its start.",
    "retention_share": "Share of good steps in the last minute, in which nothing is said.",
    "line_lean_deg": "How far the line from ear to rear ankle leans; about 8 to 13° in good form.",
    "hip_off_line_bh_pct": "How far the hip is ahead of the line from ear to rear ankle. Nought is one straight line.",
    "longest_hold_s": "The longest stance on the line.",
    "good_reps_share": "Share of the counted repetitions that were good.",
    "reps": "Repetitions that counted.",
}


def rows(material: Material) -> tuple[Row, ...]:
    """Return the numbers of the session; what was not measured is not among them."""
    values = dict(material.now.values) if material.now is not None else {}
    if material.is_photo:
        values.pop("longest_hold_s", None)
    if material.kind != "run":
        found = [_followed(key, values[key], material) for key in QUANTITIES[material.kind] if key in values]
        return (*found, *_of_reps(material))
    first = ("good_share", "inside_share", "longest_clean_steps", "half_life_min", "retention_share")
    found = [_followed(key, values[key], material) for key in first if key in values]
    run = material.document["run"]
    for key, (name, unit, meaning) in _RUN.items():
        tree = (run.get("lean_split") or {}).get(key) if key == "hip_share" else run.get(key)
        if tree is not None and tree["value"] is not None:
            found.append(_measured(key, name, unit, meaning, tree, material))
    return tuple(found)


def _of_reps(material: Material) -> list[Row]:
    """Return depth and tempo of the repetitions that counted; nothing where there is no drill."""
    counted = [rep for rep in material.reps if rep["counted"]]
    depths = sorted(float(rep["depth"]) for rep in counted if rep["depth"] is not None)
    tempos = [rep["tempo"] for rep in counted if rep["tempo"] is not None]
    found = []
    if depths:
        unit = counted[0]["unit"]
        name, meaning = ("Held", "How long it was good.") if unit == "s" else ("Depth", "How far each one went.")
        value = words.amount(median(depths), unit, material.height_cm).replace(" % of your height", " % height")
        span = words.between(depths[0], depths[-1], unit, material.height_cm)
        spread = "Median, shortest to longest." if unit == "s" else "Median, least to most."
        found.append(Row(name, value, span, f"{meaning} {spread}"))
    ways = [("down_s", "down"), ("pause_s", "held"), ("up_s", "up")]
    known = {name: [t[key] for t in tempos if t.get(key) is not None] for key, name in ways}
    if all(known.values()):
        value = " · ".join(f"{median(times):.1f}" for times in known.values()) + " s"
        found.append(Row("Tempo", value, "", "Way down, at the bottom, way up; medians."))
    return found


def _followed(key: str, measure: Measure, material: Material) -> Row:
    value, between = value_words(key, measure, material.height_cm), words.interval(measure, "", material.height_cm)
    if key == "longest_clean_steps":
        between = f"of {words.counted(measure.n, 'step')}"
    return Row(words.QUANTITY_WORDS[key], value, between, _MEANINGS.get(key, ""))


def value_words(key: str, measure: Measure | None, height_cm: float = math.nan) -> str:
    """Return the value of what is followed over sessions."""
    if measure is None:
        return "–"
    if measure.unit == "bh_pct":
        return words.amount(measure.value, measure.unit, height_cm).replace(" % of your height", " % height")
    if measure.unit in ("steps", "reps"):
        return f"{measure.value:.0f}{' steps' if measure.unit == 'steps' else ''}"
    over = "over " if key == "half_life_min" and math.isinf(measure.ci95[1]) else ""
    return over + words.amount(measure.value, measure.unit, height_cm)


def _measured(
    key: str, name: str, unit: str, meaning: str, tree: Mapping[str, Any], material: Material
) -> Row:  # fmt: skip
    measure = _measure(tree, unit)
    if unit == "ll_pct":
        value = f"{words.minus(measure.value, 1)} %"
        between = " to ".join(words.minus(end, 1) for end in measure.ci95 if math.isfinite(end))
    else:
        value = words.amount(measure.value, unit, material.height_cm)
        between = words.interval(measure, unit, material.height_cm)
    where, band = _where(key, measure, material)
    if key == "trunk_lean_deg" and not material.against_standing:
        meaning = "How far the trunk leans in the picture: without a standing reference the camera's tilt is in it."
    return Row(name, value.replace(" % of your height", " % height"), between, meaning, where, band)


def _measure(tree: Mapping[str, Any], unit: str) -> Measure:
    low, high = (math.nan if end is None or int(tree["n"]) < 2 else float(end) for end in tree["ci95"])
    return Measure(float(tree["value"]), (low, high), int(tree["n"]), unit)


def _where(key: str, measure: Measure, material: Material) -> tuple[str, str]:
    """Return how a number lies in the band of good form: by its interval, not by its value alone."""
    rules = material.rules
    bands = {
        "trunk_lean_deg": rules.green_lean_deg,
        "line_offset_bh_pct": tuple(100.0 * end for end in rules.green_line_bh),
    }
    if key not in bands:
        return "", ""
    if material.document["run"]["verdict"] == NOT_JUDGED:
        return "", ""
    low, high = bands[key]
    unit = "deg" if key == "trunk_lean_deg" else "bh_pct"
    least, most = measure.ci95 if all(map(math.isfinite, measure.ci95)) else (measure.value, measure.value)
    ends = words.between(low, high, unit, material.height_cm)
    if least >= low and most <= high:
        return "in", f"in the band of good form, {ends}"
    if most < low or least > high:
        return "out", f"{'below' if most < low else 'above'} the band of good form, {ends}"
    return "edge", f"at the edge of the band of good form, {ends}"


# ---------------------------------------------------------------------- beside the last time


def compared(material: Material, tongue: Tongue = ENGLISH) -> Compared:
    """Return the session beside the last one of the same person, or why there is no such comparison."""
    now, before = material.now, material.before
    if now is None or before is None:
        kind = {"run": "run", "stance": "starting line", "drill": "drill like this"}[material.kind]
        whose = "this person" if material.person else "the same person"
        why = f"There is no earlier {kind} of {whose} to compare with."
        if not material.session and not material.person:
            why = "Nobody was named for this clip (--runner), so there is no earlier session to compare with."
        return Compared("", (), (), why)
    found = compare(before, now)
    cautions = [words.CAUTION_WORDS[caution] for caution in found.cautions]
    if not material.person:
        cautions.insert(0, "nobody was named in either, so it is taken to be the same person")
    changes = tuple(_change(difference, material.height_cm) for difference in found.differences)
    why = "" if changes else "Nothing was measured both times."
    return Compared(words.when(before.started_at, tongue), changes, tuple(cautions), why)


def _change(difference: Difference, height_cm: float) -> Change:
    key, unit = difference.key, difference.unit
    verdict = {
        "more": "more than before",
        "less": "less than before",
        "same": "no difference that can be told",
        "unknown": "no interval is known, so nothing can be told",
    }[difference.told]
    if difference.before is None or difference.after is None:
        verdict = "not measured both times"
    return Change(
        words.QUANTITY_WORDS[key],
        value_words(key, difference.before, height_cm),
        value_words(key, difference.after, height_cm),
        _difference(difference, unit, height_cm),
        difference.told,
        verdict,
    )


def _difference(difference: Difference, unit: str, height_cm: float) -> str:
    low, high = difference.ci95
    if not all(map(math.isfinite, (difference.change, low, high))):
        return ""
    factor, digits, name = {
        "share": (100.0, 0, " of 100"),
        "deg": (1.0, 1, "°"),
        "spm": (1.0, 0, " steps/min"),
        "min": (1.0, 0, " min"),
        "s": (1.0, 1, " s"),
        "bh_pct": (1.0, 1, " % of your height"),
    }.get(unit, (1.0, 0, ""))
    if unit == "bh_pct" and math.isfinite(height_cm):
        factor, name = height_cm / 100.0, " cm"
    change, least, most = (words.minus(factor * value, digits, signed=True) for value in (difference.change, low, high))
    return words.PARTS.join((f"{change}{name}", f"95 %: {least} to {most}"))


def good_share(digest: Digest | None) -> Measure | None:
    """Return the share of good steps, repetitions or stances that a digest holds."""
    if digest is None:
        return None
    return digest.values.get("good_share") or digest.values.get("good_reps_share")


def good_holds(material: Material) -> tuple[int, int]:
    """Return (stances on the line, all that were judged)."""
    judged = [hold for hold in material.meant if hold["verdict"] != NOT_JUDGED]
    return sum(hold["verdict"] == GOOD for hold in judged), len(judged)
