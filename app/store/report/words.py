"""How a report says things: numbers with units, times, faults and quantities by their names."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from app.coach.drill_rules import default_drills
from app.coach.report import GOOD, NOT_JUDGED, FaultId
from app.coach.reps import BY_HAND, HALF_REP, DrillId
from app.store.report.material import PASSED, ROOF
from app.store.report.tongue import ENGLISH, Tongue
from app.store.trends import Caution

if TYPE_CHECKING:
    from app.coach.types import Measure

#: Between parts of a line, each of which is translated by itself.
PARTS: Final = " · "
#: Few words for a fault, in the window, too: none that could be read as what is to be done.
TITLES: Final = {
    FaultId.STANDING_UP: "Too tall",
    FaultId.PELVIS_DRIFT: "Hips too far forward",
    FaultId.HIP_SQUEEZE: "Hips squeezed",
    FaultId.ANKLE_LEAN: "Leaning from the ankles",
    FaultId.UPRIGHT: "Too upright",
    FaultId.OVER_LEAN: "Too much lean",
    FaultId.OVERSTRIDE: "Steps too long",
    FaultId.TALL: "Too tall",
    FaultId.NO_STAGGER: "Feet side by side",
}
_OTHERS: Final = {
    GOOD: "Good form",
    NOT_JUDGED: "Not judged",
    ROOF: "Through the roof",
    PASSED: "Side passed",
    HALF_REP: "Half a repetition",
    BY_HAND: "Put in by hand",
}
KINDS: Final = {"run": "Run", "stance": "Starting line", "drill": "Drill"}
SOURCES: Final = {
    "camera": "live camera",
    "virtual": "virtual runner",
    "video": "video",
    "trc": "landmark file",
    "photo": "photo",
}
STANDINGS: Final = {
    "file": "a recording of the same person standing",
    "recorded": "taken in this session",
    "stored": "of an earlier session",
    "height": "the told height only",
    "none": "none",
}
#: What is followed over sessions, in the window, too.
QUANTITY_WORDS: Final = {
    "trunk_lean_deg": "Trunk lean",
    "line_offset_bh_pct": "Hip ahead of the line",
    "inside_share": "Inside the tunnel",
    "longest_clean_steps": "Longest clean run",
    "half_life_min": "Hinge half-life",
    "retention_share": "Silent minute",
    "good_share": "Good steps",
    "cadence_spm": "Cadence",
    "line_lean_deg": "Line lean",
    "hip_off_line_bh_pct": "Hip ahead of the line",
    "longest_hold_s": "Longest hold",
    "good_reps_share": "Good repetitions",
    "reps": "Repetitions",
}
#: Why two sessions are not quite the same task, after "mind that"; in the window, too.
CAUTION_WORDS: Final = {
    Caution.PERSON: "these are two people",
    Caution.DRILL: "these are two different drills",
    Caution.SOURCE: "the pictures come from different kinds of sources",
    Caution.VIEW: "the camera stood elsewhere",
    Caution.FACING: "the runner faced the other way",
    Caution.STANDING: "the standing reference is of another kind",
    Caution.ROOF: "the roof hung at another height",
    Caution.RULES: "other rules judged",
    Caution.MODEL: "another pose model looked",
}
#: Published evidence as a tag.
SAYS: Final = {
    "agrees": "agrees",
    "in part": "agrees in part",
    "disagrees": "disagrees",
    "missing": "nothing published found",
}
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: What the keys of the JSON are called in the middle of a sentence.
KEYS: Final = {
    "cadence_spm": "cadence",
    "trunk_lean_deg": "trunk lean",
    "line_offset_bh_pct": "the hip on the ear-toe line",
    "hip_flexion_midstance_deg": "hip bend at midstance",
    "knee_flexion_midstance_deg": "knee bend at midstance",
    "shank_midstance_deg": "shank tilt at midstance",
    "reach_ll_pct": "reach",
    "vertical_oscillation_cm": "bounce",
    "vertical_oscillation_bh_pct": "bounce",
    "contact_time_ms": "ground contact",
    "flight_time_ms": "flight",
    "weight_shift": "the shift of weight",
    "peak_below_standing_cm": "the head's height",
    "peak_below_standing_bh_pct": "the head's height",
    "peak_below_roof_cm": "the head's room under the roof",
    "peak_below_roof_bh_pct": "the head's room under the roof",
    "roof_below_standing_cm": "the roof's height",
    "lean_split": "the hip's and the ankle's part of the lean",
    "hip_share": "the hip's share of the lean",
    "push_off_s": "push-off",
    "duration_s": "its duration",
    "height_cm": "the stature",
    "px_per_cm": "the scale",
    "yaw_deg": "the angle of the view",
    "fps_measured": "the frame rate",
    "initial_contact_s": "initial contact",
    "toe_off_s": "toe-off",
    "theta_l_deg": "the line",
    "theta_t_deg": "the trunk",
    "d_h_bh_pct": "the hip off the line",
    "front_load_deg": "front hip and knee",
    "front_knee_deg": "the front knee",
    "front_shank_deg": "the front shank",
    "rear_knee_deg": "the rear knee",
    "drop_bh_pct": "the drop",
    "stagger_bh_pct": "the distance of the feet",
}
_KEY: Final = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
#: Warnings that go without saying where there was no picture to look at.
_OBVIOUS: Final = (
    "tracking: leg swaps and subject switches",
    "tracking: other people are looked for",
    "app: no network was used",
)
_UNITS: Final = {
    "deg": "°",
    "travel_pct": " %",
    "s": " s",
    "cm": " cm",
    "ms": " ms",
    "spm": " steps/min",
    "min": " min",
}
_FINE: Final = frozenset(("bh_pct", "cm"))


def title_of(about: str, drill: str = "") -> str:
    """Return the few words of a fault, of the roof, or of a repetition's verdict."""
    if drill and about in (change := default_drills().drills[DrillId(drill)].change):
        return sentence(change[about].shown.lower(), "")
    if drill and about == GOOD:
        return "Good"
    if about in _OTHERS:
        return _OTHERS[about]
    fault = next((fault for fault in TITLES if fault.value == about), None)
    return TITLES[fault] if fault is not None else sentence(about.replace("_", " "), "")


def amount(value: float, unit: str, height_cm: float = math.nan) -> str:
    """Return a number with its unit; body heights in cm where the stature is known. A dash for what is missing."""
    if not math.isfinite(value):
        return "–"
    if unit == "bh_pct" and math.isfinite(height_cm):
        value, unit = value * height_cm / 100.0, "cm"
    if unit == "share":
        return f"{100.0 * value:.0f} %"
    digits = 1 if unit in ("deg", *_FINE) else 0 if unit in ("spm", "ms", "steps", "reps") else 1
    return f"{minus(value, digits)}{' % of your height' if unit == 'bh_pct' else _UNITS.get(unit, '')}"


def between(low: float, high: float, unit: str, height_cm: float = math.nan) -> str:
    """Return the ends of a band with the unit once; whole degrees without a nought."""
    ends = [amount(end, unit, height_cm).replace(".0°", "°") for end in (low, high)]
    return f"{re.split('[ °]', ends[0])[0]} to {ends[1]}"


def minus(value: float, digits: int, signed: bool = False) -> str:
    """Return a number with a true minus sign; never minus nought."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0.0:
        return text
    return f"{'−' if value < 0 else '+' if signed else ''}{text}"


def interval(measure: Measure, unit: str = "", height_cm: float = math.nan) -> str:
    """Return "10.6 to 11.8", "" where no interval is known; of a lower bound "or more"."""
    low, high = measure.ci95
    if math.isinf(high):
        return "or more"
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return " to ".join(re.split("[ °]", amount(end, unit or measure.unit, height_cm))[0] for end in (low, high))


def length(seconds: float) -> str:
    """Return how long something took."""
    whole = round(max(seconds, 0.0))
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10.0 else f"{whole} s"
    minutes = f"{whole // 60} min" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{minutes} {whole % 60:02d} s" if whole < 600 else minutes


def when(started_at: str, tongue: Tongue = ENGLISH) -> str:
    """Return a local time as people write it in a language; what is no time as it is."""
    try:
        at = datetime.fromisoformat(started_at)
    except ValueError:
        return started_at
    return f"{at.day} {tongue(_MONTHS[at.month - 1])} {at.year}, {at:%H:%M}"


def readable(warnings: list[str], source_kind: str) -> list[str]:
    """Return the warnings of the JSON as people read them, without the obvious."""
    obvious = _OBVIOUS if source_kind in ("virtual", "trc") else ()
    lines = [re.sub(r"^[a-z]+: ", "", line) for line in warnings if not line.startswith(obvious)]
    lines = [re.sub(r"\bis null\b", "is missing", line) for line in lines]
    return [sentence(_KEY.sub(lambda key: KEYS.get(key[0], key[0]), line)) for line in lines]


def sentence(words: str, end: str = ".") -> str:
    """Return words with a capital letter first, and an end; a file's name stays as it is."""
    first = words[:1] if re.match(r"\S+\.[A-Za-z]\w+\b", words) else words[:1].upper()
    return first + words[1:] + ("" if words.endswith((".", "!", "?")) else end)


def counted(n: int, one: str, many: str = "") -> str:
    """Return "1 step", "2 steps"."""
    return f"{n} {one if n == 1 else many or one + 's'}"
