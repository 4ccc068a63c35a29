"""What a report says: what went well, the one thing to work on, what was not judged, how it was measured."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.coach.drill_rules import default_drills
from app.coach.report import GOOD, NOT_JUDGED, FaultId
from app.coach.reps import BY_HAND, GOOD_REP, DrillId
from app.store.analysis_json import NO_STANDING
from app.store.report import words
from app.store.report.material import ROOF
from app.store.report.numbers import good_holds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.coach.rules import Evidence
    from app.store.report.material import Material

#: What was wrong in less than this share of the steps was a transition or chance; one hit is chance, too.
OFTEN, LEAST_HITS = 0.05, 2
#: From this share on it is told as what went well.
MOSTLY = 0.5
#: A measure went well where so many of the steps were in its band.
NEARLY_ALL = 0.8
#: So many good steps in a row are worth telling.
LEAST_RUN_STEPS = 8
#: After a cue so many steps are looked at: it takes eight until the medians have turned.
AFTER_CUE_STEPS = 24


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill to do: what it is called, how it goes, how much of it."""

    title: str
    how: str
    dose: str


@dataclass(frozen=True, slots=True)
class Focus:
    """The one thing to work on; where nothing was wrong, or nothing judged, what to do then.

    Attributes:
        about: a fault id, "roof", the verdict of a repetition; "good" or "not_judged".
        title: a few words. what: what to do. why: how often it was, against which limit.
        cue, image: what to say to oneself, and the picture behind it. drill: None for none.
        article_view: what the article holds of it. evidence: what was published.
    """

    about: str
    title: str
    what: str
    why: str
    cue: str = ""
    image: str = ""
    drill: Drill | None = None
    article_view: str = ""
    evidence: tuple[Evidence, ...] = ()


def main_fault(material: Material) -> str:
    """Return what was wrong most often: a fault id, "roof", the verdict of a repetition; "" for nothing."""
    counts = _counts(material)
    judged = sum(counts.values())
    wrong = [(n, about) for about, n in counts.items() if about != GOOD]
    most, about = max(wrong, default=(0, ""))
    if material.kind != "run":
        return about
    if most > OFTEN * judged:
        return about
    hits = sum(step.step.hit for step in material.steps)
    return ROOF if hits >= LEAST_HITS and hits > OFTEN * len(material.steps) else ""


def _counts(material: Material) -> Counter[str]:
    """Return how many steps, stances or repetitions came to what; what was not judged is not counted."""
    if material.kind == "run":
        return Counter(step.verdict for step in material.steps if step.verdict != NOT_JUDGED)
    if material.kind == "drill":
        return Counter(rep["verdict"] for rep in material.reps if rep["verdict"] != BY_HAND)
    return Counter(hold["verdict"] for hold in material.meant if hold["verdict"] != NOT_JUDGED)


def focus(material: Material, main: str) -> Focus:
    """Return the one thing to work on."""
    counts = _counts(material)
    judged = sum(counts.values())
    if not judged:
        return _nothing_judged(material)
    if not main:
        return _nothing_to_change(material, judged)
    if material.kind == "drill":
        return _of_reps(material, main, counts[main], judged)
    fault = FaultId.STANDING_UP if main == ROOF else FaultId(main)
    text, cue = material.rules.texts[fault], material.rules.cues[fault]
    return Focus(
        main,
        words.title_of(main),
        text.fix,
        _how_often(material, main, counts[main], judged),
        cue.spoken[0] if cue.spoken else "",
        cue.image,
        drill_of(text.drill),
        text.article_view,
        text.evidence,
    )


def _how_often(material: Material, main: str, n: int, judged: int) -> str:
    if main == ROOF:
        hits = sum(step.step.hit for step in material.steps)
        return f"In {hits} of {len(material.steps)} steps the head went through the roof."
    if material.kind == "stance":
        return f"In {n} of {words.counted(judged, 'stance')}."
    often = f"In {n} of {words.counted(judged, 'judged step')} ({100.0 * n / judged:.0f} %)."
    found = next((f for f in material.document["run"]["faults"] if f["id"] == main), None)
    if found is None or found["value"] is None or found["threshold"] is None:
        return often
    spec = material.rules.running.get(FaultId(main))
    way = next((w[0] for w in spec.ways if w[0].unit == found["unit"]), None) if spec is not None else None
    value = words.amount(found["value"], found["unit"], material.height_cm)
    limit = words.amount(found["threshold"], found["unit"], material.height_cm)
    if way is not None:
        limit = f"at most {limit}" if way.higher else f"at least {limit}"
    measure = _measure_words(way.measure if way else "")
    if not measure:
        return " ".join((often, f"{value} typically, where {limit} is good form."))
    return " ".join((often, f"{measure}: {value} typically, where {limit} is good form."))


def _measure_words(measure: str) -> str:
    return {
        "trunk_lean_deg": "Trunk lean",
        "line_offset_bh": "Hip ahead of the line",
        "shank_deg": "Shank tilt at midstance",
        "thigh_deg": "Thigh ahead of upright at midstance",
        "midstance_drop_bh": "Hips lower at midstance than standing",
        "reach_of_travel": "Foot ahead of the hip, of the way it goes back",
        "knee_flexion_deg": "Knee bend at midstance",
        "hip_flexion_deg": "Hip bend at midstance",
    }.get(measure, "")


def drill_of(act: str) -> Drill | None:
    """Return the drill that the rules name, None where it is none."""
    name = act.removeprefix("drill_")
    drill = next((drill for drill in DrillId if drill.value == name), None)
    if drill is None:
        return None
    spec = default_drills().drills[drill]
    sets = words.counted(spec.sets, "set")
    march = drill is DrillId.TUNNEL_MARCH
    dose = [f"{sets} of {spec.target} steps" if march else f"{sets} of {spec.target} repetitions"]
    if spec.sets > 1:
        dose.append(f"{spec.rest_s:.0f} s of rest between")
    return Drill(spec.title, spec.how, words.PARTS.join(dose))


def _of_reps(material: Material, main: str, n: int, judged: int) -> Focus:
    name = str(material.document["drill"]["name"])
    spec = default_drills().drills[DrillId(name)]
    change = spec.change.get(main)
    what = words.sentence(change.spoken) if change is not None else spec.how
    why = f"In {n} of {words.counted(judged, 'repetition')}."
    return Focus(main, words.title_of(main, name), what, why, drill=drill_of(name))


def _nothing_judged(material: Material) -> Focus:
    part = material.document.get(material.kind) or {}
    why = part.get("not_judged_because") or ""
    if material.kind == "drill":
        why = next((pause["because"] for pause in material.document["drill"]["pauses"]), "no repetition was seen")
    what = "Stand side-on with the whole body in the picture, stand tall and still for three seconds, then begin."
    if material.is_photo and why == NO_STANDING:
        what = "Take a photo of standing tall in front of the same camera, and give it with --standing."
    return Focus(NOT_JUDGED, "Nothing was judged", what, words.sentence(why) if why else "")


def _nothing_to_change(material: Material, judged: int) -> Focus:
    what = {
        "drill": f"All {words.counted(judged, 'repetition')} were good. Next time as many again, as calm.",
        "stance": "Every stance was on the line. Next time, take it into a run.",
        "run": "The line held. Next time the same, for a little longer.",
    }[material.kind]
    return Focus(GOOD, "Nothing to change", what, "")


# ---------------------------------------------------------------------- what went well


def went_well(material: Material) -> tuple[str, ...]:
    """Return what went well, each a sentence with its numbers; at most four."""
    found = {"run": _well_run, "stance": _well_stance, "drill": _well_drill}[material.kind](material)
    return tuple(found[:4])


def _well_run(material: Material) -> list[str]:
    verdicts = [step.verdict for step in material.steps if step.verdict != NOT_JUDGED]
    if not verdicts:
        return []
    found = []
    good = verdicts.count(GOOD)
    longest = _longest(verdicts, GOOD)
    if good >= MOSTLY * len(verdicts):
        judged = words.counted(len(verdicts), "judged step")
        found.append(f"{good} of {judged} were good ({_pct(good, len(verdicts))}).")
    elif longest >= LEAST_RUN_STEPS:
        found.append(f"You held good form for {longest} steps in a row.")
    tunnel = material.document["run"].get("tunnel")
    if tunnel and tunnel["steps"] and tunnel["clean_steps"] >= MOSTLY * tunnel["steps"]:
        share = _pct(tunnel["clean_steps"], tunnel["steps"])
        found.append(
            f"{tunnel['clean_steps']} of {tunnel['steps']} steps stayed inside the tunnel ({share}), "
            f"{tunnel['longest_clean_steps']} of them in a row."
        )
    found += _well_measured(material)
    found += _came_back(material)
    kept = material.document["run"].get("retention")
    if kept and kept["good_share"] is not None and kept["good_share"] >= MOSTLY:
        found.append(f"In the silent minute at the end {100.0 * kept['good_share']:.0f} % of the steps were good.")
    return found


def _well_measured(material: Material) -> list[str]:
    """Return lean and line where nearly all steps lie inside the bands of good form."""
    run, rules, found = material.document["run"], material.rules, []
    lean, line = run.get("trunk_lean_deg"), run.get("line_offset_bh_pct")
    steps = [judged.step for judged in material.steps if judged.verdict != NOT_JUDGED]
    if lean and lean.get("relative_to_standing"):
        low, high = rules.green_lean_deg
        if _mostly_in((step.trunk_lean_deg for step in steps), low, high):
            found.append(f"Your trunk leaned {words.amount(lean['value'], 'deg')}: good form is {low:g} to {high:g}°.")
    if line and _mostly_in((step.line_offset_bh for step in steps), *rules.green_line_bh):
        off = words.amount(abs(line["value"]), "bh_pct", material.height_cm)
        found.append(f"Ear, hip and rear toe were in one line at push-off, to {off}.")
    return found


def _mostly_in(values: Iterable[float], low: float, high: float) -> bool:
    known = [value for value in values if math.isfinite(value)]
    return bool(known) and sum(low <= value <= high for value in known) >= NEARLY_ALL * len(known)


def _came_back(material: Material) -> list[str]:
    """Return after how many of the cues the form came back soon."""
    cues = [cue for cue in material.cues if cue.evidence is not None]
    back = 0
    for cue in cues:
        after = [step.verdict for step in material.steps if step.step.t_s > cue.t_s][:AFTER_CUE_STEPS]
        back += GOOD in after
    if not back:
        return []
    which = "the only cue" if len(cues) == 1 else f"{back} of {len(cues)} cues"
    return [f"After {which} you came back to good form within {AFTER_CUE_STEPS} steps."]


def _well_stance(material: Material) -> list[str]:
    found = []
    good, judged = good_holds(material)
    if good:
        of_judged = f"{good} of {words.counted(judged, 'stance')}"
        found.append(f"{of_judged} was on the line." if judged == 1 else f"{of_judged} were on the line.")
        longest_s = max(h["end_s"] - h["start_s"] for h in material.holds if h["verdict"] == GOOD)
        found += [] if material.is_photo else [f"You held it for up to {longest_s:.1f} s."]
    if material.on_purpose:
        shown = list(dict.fromkeys(words.title_of(hold["verdict"]) for hold in material.on_purpose))
        found.append(f"Shown wrong on purpose, and seen so: {', '.join(shown)}.")
    exam = material.document["stance"].get("exam") or {}
    feet = [passed["foot_behind"] for passed in exam.get("passed", ())]
    if feet:
        sides = " and ".join(dict.fromkeys(feet))
        passed_with = f"The exam was passed with the {sides} foot behind."
        found.append(passed_with if "unknown" not in feet else "A side of the exam was passed.")
    elif not exam:
        passed = sum(cue.teller == "exam" and cue.id in ("exam_side", "exam_both") for cue in material.cues)
        if passed:
            found.append("The exam was passed on both sides." if passed > 1 else "One side of the exam was passed.")
    return found


def _well_drill(material: Material) -> list[str]:
    drill = material.document["drill"]
    counted, good = int(drill["counted"]), int(drill["good"])
    found = []
    if good:
        of_counted = f"{good} of {words.counted(counted, 'counted repetition')}"
        found.append(f"{of_counted} was good." if good == 1 else f"{of_counted} were good.")
    elif counted:
        found.append(f"{words.counted(counted, 'repetition')} counted.")
    if drill["done"] and drill["target"]:
        found.append(f"You finished all {words.counted(drill['sets'], 'set')}.")
    praise = default_drills().drills[DrillId(drill["name"])].praise
    common = Counter(name for rep in material.reps if rep["counted"] for name in rep["good"])
    told = [praise[name] for name, n in common.most_common() if name in praise and n >= MOSTLY * max(counted, 1)]
    if told:
        found.append(f"Mostly good in them: {words.PARTS.join(told)}")
    streak = _longest([rep["verdict"] for rep in material.reps], GOOD_REP)
    if streak > 1 and good < counted:
        found.append(f"{streak} good ones came in a row.")
    return found


def _longest(verdicts: Iterable[str], wanted: str) -> int:
    """Return how many of one verdict came in a row at most."""
    return max((len(list(run)) for verdict, run in itertools.groupby(verdicts) if verdict == wanted), default=0)


def _pct(part: int, whole: int) -> str:
    return f"{100.0 * part / whole:.0f} %" if whole else "–"


# ---------------------------------------------------------------------- what was not judged, how it was measured


def not_judged(material: Material) -> tuple[str, ...]:
    """Return what was not judged or not measured, and why."""
    found = []
    part = material.document.get("stance" if material.kind == "stance" else "run") or {}
    if part.get("not_judged_because"):
        found.append(f"Not judged: {part['not_judged_because']}.")
    steps, unjudged = len(material.steps), sum(step.verdict == NOT_JUDGED for step in material.steps)
    if material.kind == "run" and 0 < unjudged < steps:
        found.append(f"{unjudged} of {steps} steps were not judged: it takes six in a row, seen well, from the side.")
    for verdict, n in Counter(hold["verdict"] for hold in material.holds).items():
        if verdict == NOT_JUDGED:
            found.append(f"{words.counted(n, 'stance')} could not be judged.")
    paused: dict[str, float] = {}
    for pause in (material.document.get("drill") or {}).get("pauses", ()):
        paused[pause["because"]] = paused.get(pause["because"], 0.0) + pause["end_s"] - pause["start_s"]
    found += [f"Nothing was counted for {words.length(s)}: {why}." for why, s in paused.items() if s >= 1.0]
    for separation in ((material.document.get("stance") or {}).get("exam") or {}).get("separations", ()):
        if not separation["separable"]:
            found.append(f"“{words.title_of(separation['fault'])}” could not be told apart on this body and camera.")
    found += words.readable(list(material.document["warnings"]), material.document["source"]["kind"])
    return tuple(dict.fromkeys((*found, *(words.sentence(line) for line in material.notices))))


def how_measured(material: Material) -> tuple[tuple[str, str], ...]:
    """Return what was measured with what, as (name, words)."""
    document = material.document
    source, view, app = document["source"], document["view"], document["app"]
    frames = str(source["frames"])
    if source["fps_measured"] is not None:
        frames = f"{frames} at {source['fps_measured']:.1f} frames a second"
    kind = words.SOURCES.get(source["kind"], source["kind"])
    seen = [view["kind"]]
    if view["facing"] != "unknown":
        seen.append(f"facing {view['facing']}")
    if view["yaw_deg"] is not None:
        seen.append(f"turned by {words.minus(view['yaw_deg'], 0)}°")
    standing = [words.STANDINGS.get(document["standing"]["source"], document["standing"]["source"])]
    if document["standing"]["height_cm"] is not None:
        standing.append(f"{document['standing']['height_cm']:g} cm tall")
    model = ["none: landmarks came with the source" if app["model"] == "none" else app["model"]]
    model += [f"SHA-256 {app['model_sha256'][:16]}…"] if app["model_sha256"] else []
    engine = app.get("engine", "none")
    model += [f"run by {engine}"] if engine not in ("none", "") else []
    rules = ["those that come with the app" if app.get("rules") == "default" else f"own file {app.get('rules')}"]
    rules += [f"SHA-256 {material.rules_hash[:16]}…"] if material.rules_hash else []
    rows = [
        ("Source", [kind, material.source]),
        ("Frames", [frames, f"the runner was seen in {_coverage(document['tracking']['coverage'])}"]),
        ("View", seen),
        ("Standing reference", standing),
        ("Pose model", model),
        ("Rules", rules),
        ("App", [f"Hinge Coach {app['version']}"]),
        ("Session", [material.session]),
    ]
    return tuple((name, words.PARTS.join(filter(None, parts))) for name, parts in rows if any(parts))


def _coverage(share: float | None) -> str:
    return "–" if share is None or not math.isfinite(share) else f"{100.0 * share:.0f} %"
