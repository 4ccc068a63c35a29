"""What the whole session came to: the source of the JSON's "run", "stance" and "cues"."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.coach.faults import LEAST_STEPS
from app.coach.filters import mean_half_width, measure_steps, median
from app.coach.gait import STEP_MAX_S
from app.coach.report import GOOD, NOT_JUDGED, ActiveFault, Activity, Cue, FaultId, Hold, Mode, Step
from app.coach.reps import DrillResult
from app.coach.rules import DEFAULT, Rules, default_rules
from app.coach.step_log import StepLog
from app.coach.tunnel import TunnelResult
from app.coach.types import Facing, Measure, ViewKind

#: A fault that was on for at least this share of the judged steps is the run's verdict.
VERDICT_SHARE = 0.4
#: So much walking explains why nothing was judged, even if there was more standing around.
WALKING_LEAST_S = 1.0
#: In less than this nobody takes enough steps.
SHORTEST_RUN_S = 2.0
#: A longer interval between frames is a gap: a stalled camera, a cut.
LONGEST_FRAME_S = 0.5
#: Every so many frames the yaw is kept; of more than the second figure every other one is dropped again.
YAW_EVERY_FRAMES, MOST_YAWS = 16, 2048
#: Labels of most steps, one object for all: whether judged, and no fault.
_NO_FAULT = {judged: (judged, None) for judged in (True, False)}
OTHER_SIDE = {"left": "right", "right": "left"}
#: Contact and flight times are medians over at least ten steps, all at this rate (coaching issue C). What runs at 50
#: by its data sheet is measured as 49.9: the rate is rounded.
CONTACT_LEAST_FPS = 50
CONTACT_LEAST_STEPS = 10
#: A step follows another if the next midstance is the other's end to within this.
SAME_INSTANT_S = 0.05
#: Name of a measure -> (field of `Step`, unit): those that are plain medians over the steps.
STEP_MEASURES = {
    "trunk_lean_deg": ("trunk_lean_deg", "deg"),
    "line_offset_bh": ("line_offset_bh", "bh"),
    "hip_flexion_midstance_deg": ("hip_flexion_deg", "deg"),
    "knee_flexion_midstance_deg": ("knee_flexion_deg", "deg"),
    "shank_midstance_deg": ("shank_deg", "deg"),
    "reach_ll": ("reach_ll", "ll"),
    "vertical_oscillation_bh": ("vertical_oscillation_bh", "bh"),
    "peak_below_standing_bh": ("peak_below_standing_bh", "bh"),
    "peak_below_roof_bh": ("peak_below_roof_bh", "bh"),
    "lean_from_hip_deg": ("lean_from_hip_deg", "deg"),
    "lean_from_ankle_deg": ("lean_from_ankle_deg", "deg"),
    "hip_share": ("hip_share", ""),
    "weight_shift": ("weight_shift", ""),
}
#: Those of them that are also given in cm, where the stature is known.
IN_CM = ("vertical_oscillation", "peak_below_standing", "peak_below_roof")


@dataclass(frozen=True, slots=True)
class Contact:
    """One foot contact: times of initial contact and toe-off (NaN where the clip cuts it off)."""

    side: str
    initial_contact_s: float
    toe_off_s: float


@dataclass(frozen=True, slots=True)
class FaultResult:
    """One fault over the session: in which share of the judged steps it was on, and its typical value."""

    id: FaultId
    share_of_steps: float
    n_steps: int
    value: float
    threshold: float
    unit: str


@dataclass(frozen=True, slots=True)
class Retention:
    """The silent minute at the end of a plan: judged steps, the share of good ones, roof hits among them."""

    steps: int
    good_share: float
    hits: int


@dataclass(frozen=True, slots=True)
class CoachSummary:
    """Everything a session came to.

    ``measures`` has a key for every quantity, None where not measured; ``rules`` is the name of what judged;
    ``unsaid`` counts the steps after which a fault was on and nothing was said, by fault and reason.
    """

    mode: Mode
    frames: int
    duration_s: float
    fps: float
    activity_s: Mapping[Activity, float]
    facing: Facing
    view: ViewKind
    yaw_deg: float
    coverage: float
    standing_source: str
    height_cm: float | None
    px_per_cm: float
    angles_relative: bool
    running_s: float
    measures: Mapping[str, Measure | None]
    tunnel: TunnelResult | None
    contacts: tuple[Contact, ...]
    steps: tuple[Step, ...]
    faults: tuple[FaultResult, ...]
    verdict: str
    not_judged_because: str
    holds: tuple[Hold, ...]
    stance_verdict: str
    stance_not_judged_because: str
    cues: tuple[Cue, ...]
    warnings: tuple[str, ...]
    rules: str = DEFAULT
    unsaid: Mapping[tuple[FaultId, str], int] = field(default_factory=dict)
    retention: Retention | None = None
    drill: DrillResult | None = None
    retention_planned: bool = False


@dataclass(slots=True)
class SummaryBuilder:
    """Collects while the session runs; a step is a few hundred bytes, a frame nothing."""

    rules: Rules = field(default_factory=default_rules)
    frames: int = 0
    seen_frames: int = 0
    first_s: float = float("nan")
    last_s: float = float("nan")
    activity_s: dict[Activity, float] = field(default_factory=lambda: dict.fromkeys(Activity, 0.0))
    counted_s: float = 0.0
    intervals: int = 0
    why_s: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    #: Steps before this one were measured against another standing reference, or none.
    reference_step: int = 0
    past_tunnel: TunnelResult | None = None
    steps: StepLog = field(default_factory=StepLog)
    labels: list[tuple[bool, ActiveFault | None]] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    views: Counter[ViewKind] = field(default_factory=Counter)
    facings: Counter[Facing] = field(default_factory=Counter)
    yaws_deg: list[float] = field(default_factory=list)
    yaw_every_frames: int = YAW_EVERY_FRAMES
    warnings: list[str] = field(default_factory=list)
    #: Of the judged steps of the silent minute at the end: whether it was good, and whether it hit the roof.
    retained: list[tuple[bool, bool]] = field(default_factory=list)
    unsaid: Counter[tuple[FaultId, str]] = field(default_factory=Counter)

    def add_frame(self, t_s: float, seen: bool, activity: Activity, why_not: str) -> None:
        """Count one frame; a gap longer than LONGEST_FRAME_S is nobody's time."""
        if self.frames:
            passed_s = t_s - self.last_s
            if passed_s <= LONGEST_FRAME_S:
                self.activity_s[activity] += passed_s
                self.counted_s += passed_s
                self.intervals += 1
                self.why_s[why_not] += passed_s
        else:
            self.first_s = t_s
        self.frames += 1
        self.seen_frames += seen
        self.last_s = t_s

    def add_view(self, view: ViewKind, facing: Facing, yaw_deg: float) -> None:
        """Count one frame's view; the yaw is kept once every half second or so, in a long session more seldom."""
        self.views[view] += 1
        self.facings[facing] += 1
        if yaw_deg == yaw_deg and self.frames % self.yaw_every_frames == 0:
            self.yaws_deg.append(yaw_deg)
            if len(self.yaws_deg) > MOST_YAWS:
                del self.yaws_deg[1::2]
                self.yaw_every_frames *= 2

    def new_reference(self, tunnel: TunnelResult | None, note: str = "") -> None:
        """Another standing reference begins: that there was none is no reason any more.

        Args:
            tunnel: what the one before came to, None if there was none.
            note: what the runner is to know of the new one, "" for nothing.
        """
        if note:
            self.warn(note)
        self.reference_step = len(self.steps)
        self.why_s = defaultdict(float, {w: s for w, s in self.why_s.items() if "no standing reference" not in w})
        self.past_tunnel = self.tunnel_total(tunnel)

    def tunnel_total(self, now: TunnelResult | None) -> TunnelResult | None:
        """Return the tunnel's counts over all references, under the newest roof."""
        past = self.past_tunnel
        if past is None or now is None:
            return now or past
        return TunnelResult(
            now.roof_below_standing_cm,
            past.steps + now.steps,
            past.hits + now.hits,
            max(past.longest_clean_steps, now.longest_clean_steps),
            past.below_floor + now.below_floor,
            past.clean_steps + now.clean_steps,
        )

    def retention(self) -> Retention | None:
        """Return what the silent minute came to; None without one."""
        if not self.retained:
            return None
        good, hits = (sum(row[i] for row in self.retained) for i in (0, 1))
        return Retention(len(self.retained), good / len(self.retained), hits)

    def add_unsaid(self, fault: FaultId | None, reason: str) -> None:
        """Count one step after which a fault that was on, or the roof's hits, were not spoken of."""
        if fault is not None and reason:
            self.unsaid[fault, reason] += 1

    def add_hold(self, hold: Hold) -> None:
        """Keep a finished hold."""
        self.holds.append(hold)

    def add_step(self, step: Step, judged: bool, active: ActiveFault | None, retention: bool = False) -> None:
        """Keep a finished step and the fault that was on, None for good; ``retention``: in the silent minute."""
        self.steps.append(step)
        self.labels.append((judged, active) if judged and active is not None else _NO_FAULT[judged])
        if retention and judged:
            self.retained.append((active is None, step.hit))

    def warn(self, line: str) -> None:
        """Keep one line, once."""
        if line not in self.warnings:
            self.warnings.append(line)

    def told(self) -> tuple[str, ...]:
        """Return the lines kept and, where a reference was taken between steps, what is of which of them."""
        before, all_steps = self.reference_step, len(self.steps)
        if not 0 < before < all_steps:
            return tuple(self.warnings)
        line = f"a new standing reference was taken after {before} of {all_steps} steps: the measures are of the steps"
        return *self.warnings, f"{line} since, the verdict, the faults and the tunnel's counts of all"

    @property
    def duration_s(self) -> float:
        """From the first to the last frame, plus one frame interval."""
        if self.frames < 2:
            return 0.0
        return (self.last_s - self.first_s) * self.frames / (self.frames - 1)

    @property
    def fps(self) -> float:
        """Frames per second by their times, gaps left out; NaN for fewer than two."""
        return self.intervals / self.counted_s if self.counted_s > 0 else float("nan")

    def fault_results(self) -> tuple[FaultResult, ...]:
        """Return every fault that was on, the most frequent first."""
        judged = [active for was_judged, active in self.labels if was_judged]
        counts = Counter(active.id for active in judged if active is not None)
        return tuple(
            _fault_result([active for active in judged if active is not None and active.id is fault], len(judged))
            for fault, _ in counts.most_common()
        )

    def run_verdict(self, faults: tuple[FaultResult, ...], why_not: str) -> tuple[str, str]:
        """Return (verdict, not_judged_because) of the run."""
        judged = [active for was_judged, active in self.labels if was_judged]
        if judged:
            # A mix of faults is no good form: then the most frequent one is the thing to change first.
            share_good = judged.count(None) / len(judged)
            if faults and share_good < 1.0 - VERDICT_SHARE:
                return faults[0].id.value, ""
            return GOOD, ""
        return NOT_JUDGED, why_not or self._why_not_running()

    def _why_not_running(self) -> str:
        if not self.seen_frames:
            return "nobody in view"
        if self.steps:
            return f"{len(self.steps)} running steps, but never {LEAST_STEPS} in a row"
        if self.duration_s < SHORTEST_RUN_S:
            return f"{self.duration_s:.1f} s is too short: {LEAST_STEPS} running steps take about 3 s"
        if self.activity_s[Activity.WALKING] >= WALKING_LEAST_S:
            return Activity.WALKING.value
        longest = max(self.activity_s, key=self.activity_s.__getitem__)
        if longest is Activity.UNKNOWN:
            reasons = {why: s for why, s in self.why_s.items() if why not in ("", Activity.UNKNOWN.value)}
            return max(reasons, key=reasons.__getitem__, default="no running seen")
        return longest.value if self.activity_s[longest] > 0 else "no running seen"

    def stance_verdict(self) -> tuple[str, str]:
        """Return (verdict, why not) over the holds: the longest one decides."""
        if not self.holds:
            blocked = "no standing reference" in "".join(self.why_s)
            reason = "no standing reference: stand tall and still for 3 s first" if blocked else ""
            return NOT_JUDGED, reason or "no still starting-line position seen"
        return max(self.holds, key=lambda h: h.end_s - h.start_s).verdict, ""

    def resolved_mode(self, asked: Mode) -> Mode:
        """Return run or stance: what was asked for or, for auto, what was mostly seen."""
        if asked is not Mode.AUTO:
            return asked
        if any(was_judged for was_judged, _ in self.labels):
            return Mode.RUN
        held_s = sum(hold.end_s - hold.start_s for hold in self.holds)
        return Mode.STANCE if held_s > self.activity_s[Activity.RUNNING] else Mode.RUN

    @property
    def usual_view(self) -> ViewKind:
        """The most frequent view."""
        return max(self.views, key=self.views.__getitem__, default=ViewKind.UNKNOWN)

    @property
    def usual_facing(self) -> Facing:
        """The most frequent facing."""
        return max(self.facings, key=self.facings.__getitem__, default=Facing.UNKNOWN)

    def run_measures(self, height_cm: float | None) -> dict[str, Measure | None]:
        """Return the typical values over all steps, by name; those in cm need the stature."""
        steps = self.steps[self.reference_step :] or self.steps[:]
        measures = {"cadence_spm": _cadence(steps)}
        for name, (attribute, unit) in STEP_MEASURES.items():
            measures[name] = measure_steps((getattr(s, attribute) for s in steps), unit)
        for name in IN_CM:
            measures[f"{name}_cm"] = _in_cm(measures[f"{name}_bh"], height_cm)
        return measures | _contact_and_flight(steps)


def _in_cm(measure: Measure | None, height_cm: float | None) -> Measure | None:
    if measure is None or height_cm is None:
        return None
    low, high = measure.ci95
    return Measure(measure.value * height_cm, (low * height_cm, high * height_cm), measure.n, "cm")


def _contact_and_flight(steps: Sequence[Step]) -> dict[str, Measure | None]:
    """Return contact and flight time, each over ten steps or more at CONTACT_LEAST_FPS, else None.

    Slow running may have no flight at all: its time is then None, never negative.
    """
    timed = [s.frames_per_s == s.frames_per_s and round(s.frames_per_s) >= CONTACT_LEAST_FPS for s in steps]
    contacts_ms = [
        1e3 * (s.toe_off_s - s.initial_contact_s) if ok else math.nan for s, ok in zip(steps, timed, strict=True)
    ]
    flights_ms = [
        1e3 * (b.initial_contact_s - a.toe_off_s)
        if a_ok and b_ok and abs(b.t_s - a.t_s - a.duration_s) < SAME_INSTANT_S
        else math.nan
        for (a, a_ok), (b, b_ok) in itertools.pairwise(zip(steps, timed, strict=True))
    ]
    contact, flight = measure_steps(contacts_ms, "ms"), measure_steps(flights_ms, "ms")
    # Between ten steps there are nine flights.
    if contact is not None and contact.n < CONTACT_LEAST_STEPS:
        contact = None
    if flight is not None and (contact is None or flight.n < CONTACT_LEAST_STEPS - 1 or flight.value <= 0.0):
        flight = None
    if flight is not None:
        flight = replace(flight, ci95=(max(flight.ci95[0], 0.0), flight.ci95[1]))
    return {"contact_time_ms": contact, "flight_time_ms": flight}


def _fault_result(on: Sequence[ActiveFault], judged_steps: int) -> FaultResult:
    """Return what one fault came to, by the measure that decided it in most of the steps in which it was ``on``."""
    (unit, threshold), _ = Counter((active.unit, active.threshold) for active in on).most_common(1)[0]
    values = [active.value for active in on if (active.unit, active.threshold) == (unit, threshold)]
    return FaultResult(on[0].id, len(on) / judged_steps, len(on), median(values), threshold, unit)


def with_sides(contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    """Return the contacts with the sides of those filled in that came before the legs could be told apart.

    Runners change legs at every step: whoever lands left now landed right one step ago. Across a gap longer than a
    step nothing is concluded.
    """
    known = list(contacts)
    for i in range(len(known) - 1, 0, -1):
        after, before = known[i], known[i - 1]
        one_step = 0.0 < after.initial_contact_s - before.initial_contact_s <= STEP_MAX_S
        if one_step and before.side == "unknown" and after.side in OTHER_SIDE:
            known[i - 1] = replace(before, side=OTHER_SIDE[after.side])
    return tuple(known)


def _cadence(steps: Sequence[Step]) -> Measure | None:
    """Return steps per minute: 60 over the mean step time, which left and right limping do not bias.

    The interval is that of the mean step time, carried over to the rate.
    """
    if not steps:
        return None
    times_s = [step.duration_s for step in steps]
    mean_s = sum(times_s) / len(times_s)
    half = mean_half_width(times_s) / mean_s
    rate = 60.0 / mean_s
    return Measure(rate, (rate * (1.0 - half), rate * (1.0 + half)), len(times_s), "spm")
