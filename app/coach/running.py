"""Running as it streams in: instants to steps, steps to tunnel and faults."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from app.coach.contacts import REACH_S, ContactClock
from app.coach.drift import MOST_SCALE, DriftMeter, feet_and_legs
from app.coach.faults import FaultJudge, is_green
from app.coach.filters import NAN, median
from app.coach.front import FIRST_STEPS, FrontGuard, measured_from_front
from app.coach.gait import STEP_MAX_S, STEP_MIN_S, StrideEvent, TrunkClock
from app.coach.geometry import Body, seen
from app.coach.guard import RunGuard
from app.coach.report import Step
from app.coach.rules import Rules
from app.coach.standing import StandingReference, reference_from_height
from app.coach.steps import Heights, Moment, StepTimes, measure_step
from app.coach.summary import Contact
from app.coach.tunnel import TunnelTracker, goal_below_standing_bh
from app.coach.types import RunnerProfile, ViewKind

#: History kept for measuring steps that are released late, s.
HISTORY_S = 4.5
#: Steps of getting going after standing or walking: no running posture yet.
SETTLING_STEPS = 2
#: A run that begins within this of the first frame was already going.
ALREADY_GOING_S = 1.0
#: A step takes its side from a frame this near to its midstance.
LABEL_WINDOW_S = 0.05
#: The ground line is the median over so many pairs of midstances (for a standing taken in another recording).
GROUND_PAIRS = 8
#: Before the first midstance it is guessed this often: this share of the lowest foot points lies below it.
GROUND_EVERY_S = 0.5
GROUND_PERCENTILE = 0.1
#: A step is measured at the midstance that ends it: its apex was half a step ago.
APEX_STEPS_AGO = 0.5
#: Leg length is the median over so many frames.
LEG_FRAMES = 45
#: A contact outside these is no contact of running.
CONTACT_MIN_S, CONTACT_MAX_S = 0.10, 0.50


@dataclass(frozen=True, slots=True)
class RunnerFindings:
    """What one frame completed: steps (tunnel counted, faults judged), contacts, a hit at the apex just passed."""

    steps: tuple[Step, ...] = ()
    contacts: tuple[Contact, ...] = ()
    roof_hit: bool = False


class RunningCoach:
    """Follows one runner through his steps."""

    def __init__(self, profile: RunnerProfile, rules: Rules | None = None) -> None:
        self._profile = profile
        self._first_s = NAN
        self._settling = 0
        self._was_running = False
        self.clock = TrunkClock()
        self.guard = RunGuard()
        #: Whether the runner is seen from the front: no angles then.
        self.front = False
        self.judge = FaultJudge(rules)
        self.tunnel = TunnelTracker(goal_below_standing_bh(profile.tunnel_drop_cm, profile.height_cm))
        self._history: deque[Body] = deque()
        self._recent_durations: deque[float] = deque(maxlen=8)
        self._midstance_s = NAN
        self._contact_clock = ContactClock(profile.height_cm)
        self._contact_s = (NAN, NAN)
        self._apex: StrideEvent | None = None
        self._apex_before: StrideEvent | None = None
        self._grounds_px: deque[float] = deque(maxlen=GROUND_PAIRS)
        self._ground_before_px = NAN
        self._guess = (NAN, NAN)
        self._drift = DriftMeter()
        #: Whether rows of the picture hold from frame to frame; else there are no heights.
        self.steady = True
        self._pending_steps: list[StepTimes] = []
        self._pending_contacts: list[Contact] = []

    @property
    def running(self) -> bool:
        """Whether the body runs now."""
        return self.guard.running

    @property
    def cadence_spm(self) -> float:
        """Steps per minute from the newest steps; NaN when not running."""
        return 60.0 / median(self._recent_durations) if self.running and self._recent_durations else NAN

    def new_reference(self) -> None:
        """A new standing reference holds from now on: another tunnel, another judging window."""
        self.new_place()
        self.tunnel = TunnelTracker(goal_below_standing_bh(self._profile.tunnel_drop_cm, self._profile.height_cm))

    def new_place(self) -> None:
        """The picture moved as a whole: nothing of the runner's own moves."""
        self.interrupt()
        self.follow_from_here()

    def follow_from_here(self) -> None:
        """Drifting counts from here on: the reference was made to fit the runner where he is now."""
        self._drift = DriftMeter(self.front)

    def look_from(self, view: ViewKind, body: Body) -> Body:
        """Take the kind of view: seen from the front another guard tells running, and nothing carries over.

        Return the body as it counts there: a face that looks at the camera is not turned.
        """
        front = view is ViewKind.FRONT or (self.front and view is ViewKind.OBLIQUE)
        if front is not self.front:
            self.front = front
            self.guard = FrontGuard() if front else RunGuard()
            self.new_place()
        return replace(body, head_turned=False) if front and body.head_turned else body

    def leg_ratio(self, standing: StandingReference) -> float:
        """Return the recent leg length over the standing one; NaN where unknown.

        A recording from elsewhere is scaled once. What changes after that is drift, and followed as such: the ratio
        is not told again unless the runner has moved further than that is followed.
        """
        recent = list(self._history)[-LEG_FRAMES:]
        ratio = median(b.leg_length_px() for b in recent) / standing.leg_length_px
        followed = self._drift.started and abs(ratio - 1.0) <= MOST_SCALE
        return NAN if standing.source == "file" and followed else ratio

    def interrupt(self) -> None:
        """The body was lost or turned round: break the step in progress, forget the recent motion."""
        self.clock.reset()
        self.guard.reset()
        self.judge.reset()
        self._history.clear()
        self._midstance_s = NAN
        self._apex = self._apex_before = None
        self._contact_clock = ContactClock(self._profile.height_cm)
        self._pending_steps.clear()
        self._pending_contacts.clear()
        self._grounds_px.clear()
        self._ground_before_px = NAN
        self._guess = (NAN, NAN)
        self._was_running = False
        self._drift.pause()

    def observe(self, body: Body, body_height_px: float) -> None:
        """Take one frame: its motion, before anything is measured against a reference.

        Args:
            body: the frame's body; its trunk must be known.
            body_height_px: BH for the thresholds, from the standing reference or a guess.
        """
        if self._first_s != self._first_s:
            self._first_s = body.t_s
        self._history.append(body)
        while body.t_s - self._history[0].t_s > HISTORY_S:
            self._history.popleft()
        self._apex_before = self._apex
        self._drift.body_height_px = body_height_px
        for event in self.clock.update(body.t_s, body.trunk_y_px, body_height_px):
            self._take(event)
        self.guard.update(body, body_height_px)

    def complete(self, standing: StandingReference | None, judging: bool) -> RunnerFindings:
        """Return what the frame just observed completed.

        Args:
            standing: the reference, or None.
            judging: whether view and reference allow judging; steps are measured all the same.
        """
        findings = self._release(standing, judging)
        apex = self._apex
        hit = apex is not None and apex is not self._apex_before and self._hit_now(apex, standing)
        return replace(findings, roof_hit=hit)

    def finish(self, body_height_px: float, standing: StandingReference | None, judging: bool) -> RunnerFindings:
        """Return what is still open at the end of the source."""
        for event in self.clock.flush(body_height_px):
            self._take(event)
        return self._release(standing, judging)

    def heights(self, standing: StandingReference | None, steps_ago: float = 0.0) -> Heights | None:
        """Return how rows become heights below standing; None without a standing head.

        Args:
            standing: the reference, or None.
            steps_ago: how long before the newest midstance: the runner may be drifting.
        """
        if standing is None or not standing.has_heights or standing.from_front is not self.front or not self.steady:
            return None
        by_crown = standing.crown_y_px == standing.crown_y_px and self._crown_known()
        if standing.source == "file":
            height_px = standing.crown_height_px if by_crown else standing.ear_height_px
            top_px = self.ground_y_px() + height_px * self._drift.scale
            return Heights(top_px, standing.body_height_px, by_crown, self._drift.doubt_px(height_px))
        head_y_px = standing.crown_y_px if by_crown else standing.ear_y_px
        height_px = standing.crown_height_px if by_crown else standing.ear_height_px
        top_px = head_y_px + self._drift.rise_px(height_px, steps_ago)
        return Heights(top_px, standing.body_height_px, by_crown, self._drift.doubt_px(height_px))

    def _crown_known(self) -> bool:
        """Whether any recent body has its crown: one found among several people comes without a mask, so without it."""
        return not self._history or any(seen(body.crown) for body in reversed(self._history))

    def ground_y_px(self) -> float:
        """Height of the floor under the runner: his lowest foot point at midstance, when the foot is flat.

        Half way between two neighbouring midstances, as the near foot is seen lower than the far one.
        """
        if self._grounds_px:
            return median(self._grounds_px)
        now_s = self._history[-1].t_s if self._history else NAN
        if not now_s - self._guess[0] < GROUND_EVERY_S:
            lowest = sorted(y for y in (b.lowest_y_px for b in self._history) if y == y)
            self._guess = (now_s, lowest[int(GROUND_PERCENTILE * len(lowest))] if lowest else NAN)
        return self._guess[1]

    def _take(self, event: StrideEvent) -> None:
        """Fit one turning point into the pending steps and contacts."""
        if event.kind == "apex":
            self._apex = event
            if self._midstance_s == self._midstance_s:
                self._contact_s = self._contact_around(self._midstance_s)
                if CONTACT_MIN_S <= self._contact_s[1] - self._contact_s[0] <= CONTACT_MAX_S:
                    self._pending_contacts.append(Contact("unknown", *self._contact_s))
            return
        apex, start_s = self._apex, self._midstance_s
        if apex is not None and STEP_MIN_S <= event.t_s - start_s <= STEP_MAX_S:
            self._pending_steps.append(StepTimes(start_s, apex.fastest_s, apex.t_s, event.t_s, *self._contact_s))
        self._midstance_s, self._apex = event.t_s, None
        ground_px = Moment(self._history, event.t_s).read(lambda b: b.lowest_y_px)
        pair_px, self._ground_before_px = (ground_px + self._ground_before_px) / 2.0, ground_px
        if pair_px == pair_px:
            self._grounds_px.append(pair_px)
        if self.running:
            self._drift.add_step(*feet_and_legs(self._history, event.t_s))
        self.guard.midstance(event.t_s)

    def _contact_around(self, midstance_s: float) -> tuple[float, float]:
        """Return (initial contact, toe-off) of the stance around a midstance, s; NaN before the first frame."""
        near: list[Body] = []
        for body in reversed(self._history):
            if body.t_s < midstance_s - REACH_S:
                break
            near.append(body)
        near.reverse()
        start_s, end_s = self._contact_clock.contact(near, midstance_s, self._drift.body_height_px)
        return (start_s if start_s >= self._history[0].t_s else NAN), end_s

    def _release(self, standing: StandingReference | None, judging: bool) -> RunnerFindings:
        """Hand out the pending steps once the guard says that this is running."""
        if not self._history:
            return RunnerFindings()
        now_s = self._history[-1].t_s
        if not self.running:
            self._was_running = False
            self._pending_steps = [s for s in self._pending_steps if now_s - s.midstance_s < HISTORY_S - 0.5]
            self._pending_contacts = [c for c in self._pending_contacts if now_s - c.toe_off_s < HISTORY_S]
            return RunnerFindings()
        self._pending_contacts = [
            replace(c, side=self._side_at((c.initial_contact_s + c.toe_off_s) / 2.0)) for c in self._pending_contacts
        ]
        contacts = [c for c in self._pending_contacts if self.guard.ran(c.initial_contact_s, c.toe_off_s)]
        steps = [s for s in self._pending_steps if self.guard.ran(s.midstance_s, s.next_midstance_s)]
        self._pending_steps, self._pending_contacts = [], []
        if not self._was_running:
            self._was_running = True
            self._drift.pause()
            # What came before the unbroken row of running steps that proved the run may have been walking.
            steps = _last_row(steps)
            since_s = steps[0].midstance_s if steps else now_s
            contacts = [c for c in contacts if c.toe_off_s >= since_s]
            self._settling = SETTLING_STEPS if since_s - self._first_s > ALREADY_GOING_S else 0
            # Nor is the ground where the feet were before, or while getting going.
            while len(self._grounds_px) > max(len(steps) - self._settling, 1):
                self._grounds_px.popleft()
            self.judge.reset()
            self.tunnel.new_run()
            self._recent_durations.clear()
        released = [self._finish_step(times, standing, judging) for times in steps]
        return RunnerFindings(tuple(s for s in released if s is not None), tuple(contacts))

    def _finish_step(self, times: StepTimes, standing: StandingReference | None, judging: bool) -> Step | None:
        if self._settling > 0:
            self._settling -= 1
            return None
        reference = standing or self._scale_only()
        heights = self.heights(standing, APEX_STEPS_AGO) or Heights(NAN, reference.body_height_px)
        start_s, end_s = times.midstance_s - 0.25, times.next_midstance_s + 0.25
        bodies = [b for b in self._history if start_s <= b.t_s <= end_s]
        step = measure_step(bodies, times, reference, heights, self._side_at(times.midstance_s))
        self._recent_durations.append(step.duration_s)
        if self.front:
            step = measured_from_front(step)
        if step.head_turned:
            return step
        if judging:
            self.judge.add_step(step)
        else:
            self.judge.reset()
        # A roof made of faulty steps would bless the fault: only steps judged good count for it.
        green = judging and self.judge.judged and self.judge.label is None and is_green(step, self.judge.rules)
        if self.front:
            # Nothing else is judged from there: the roof is that of the steps as they are.
            green = len(self._recent_durations) >= FIRST_STEPS
        hit = self.tunnel.add_step(
            step.peak_below_standing_bh, green, step.trough_below_standing_bh, step.knee_flexion_deg, heights.doubt_bh
        )
        under_bh = step.peak_below_standing_bh - self.tunnel.roof_at_step_bh
        return replace(step, hit=hit, peak_below_roof_bh=under_bh)

    def _side_at(self, midstance_s: float) -> str:
        """Return whose stance it was: "left" or "right" where the legs are known apart, else "unknown"."""
        near = [b for b in self._history if b.sides and abs(b.t_s - midstance_s) <= LABEL_WINDOW_S]
        if not near:
            return "unknown"
        middle = min(near, key=lambda b: abs(b.t_s - midstance_s))
        return "left" if middle.lower_leg is middle.legs[0] else "right"

    def _scale_only(self) -> StandingReference:
        legs_px = median(b.leg_length_px() for b in self._history)
        return reference_from_height(legs_px, self._profile)

    def _hit_now(self, apex: StrideEvent, standing: StandingReference | None) -> bool:
        """Whether the apex just passed went through the roof: for the bump, which cannot wait for the step."""
        heights = self.heights(standing, -APEX_STEPS_AGO)
        if not self.running or heights is None:
            return False
        bodies = [b for b in self._history if abs(b.t_s - apex.t_s) <= 0.2]
        if any(b.head_turned for b in bodies):
            return False
        return self.tunnel.is_hit(heights.below_standing_bh(heights.peak_px(bodies, apex.t_s)), heights.doubt_bh)


def _last_row(steps: list[StepTimes]) -> list[StepTimes]:
    """Return the newest steps of which each begins where the one before ended."""
    first = len(steps) - 1
    while first > 0 and steps[first].midstance_s - steps[first - 1].next_midstance_s < STEP_MIN_S / 2.0:
        first -= 1
    return steps[max(first, 0) :]
