"""Whether the body is running at all: or walking, moving on the spot, standing.

Three measures over the last second decide, none of which needs to know left from right or when a foot lands:

- how far the lower foot travels under the hip: a belt carries it back, on the spot it stays (`step_travel_bh`);
- whether the trunk is high or low while the ankles are far apart (flight or double support; biomechanics B);
- whether the feet leave the floor at all.

Measured over the window at 30 fps on virtual runners of 150 to 200 cm (`app.sim.programme`) with 10 mm of landmark
noise and a fifth of the legs swapped; on 64 good and faulty ones, 2.5 to 4.5 m/s, rendered and seen through the
network; and on the motion capture. Least to most; lengths in % of body height; r is the correlation of trunk height
with the distance of the ankles:

    ============================  ===========  =============  ===========  ============
    what is done                  foot travel  r              foot lift    trunk travel
    ============================  ===========  =============  ===========  ============
    running, 2.0 to 5.0 m/s       22 .. 44     +.43 .. +.93   -            2.5 .. 5.9
    slow jogging, no flight       25 .. 44     +.79 .. +.98   -            1.5 .. 2.9
    runners through the network   16 .. 46     -.23 .. +.97   -            1.1 .. 6.5
    real runner (motion capture)  28 .. 39     +.53 .. +.78   -            3.6 .. 5.0
    walking, 1.0 to 2.0 m/s       20 .. 45     -.97 .. -.71   -            1.2 .. 4.1
    running on the spot           1 .. 5       -.97 .. -.35   7 .. 14      1.4 .. 3.7
    marching on the spot          1 .. 3       +.54 .. +.94   9 .. 15      0.8 .. 1.5
    jumping jacks                 1 .. 3       -.51 .. +.49   6 .. 10      2.6 .. 4.1
    squats, hinges                2 .. 8       -              1 .. 3       0.6 .. 17
    fidgeting                     2 .. 10      -.72 .. +.79   1 .. 6       0.6 .. 1.4
    twice as much                 3 .. 19      -.83 .. +.87   1 .. 11      1.0 .. 2.4
    stepping on and off           2 .. 12      -.99 .. +.80   1 .. 7       0.4 .. 6.1
    standing                      1 .. 3       -              1 .. 3       0.3 .. 1.1
    ============================  ===========  =============  ===========  ============

The runners with r under zero stand up in the stride at 4.5 m/s: a long flight puts the apex where the legs have closed.
Who fidgets a lot is told from running by the rhythm.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable

import numpy as np

from app.coach.filters import NAN
from app.coach.gait import STEP_MAX_S, STEP_MIN_S
from app.coach.geometry import Body
from app.coach.report import Activity
from app.coach.types import FloatArray

#: What is judged: long enough for two steps of slow jogging, one of slow walking; looked at every CHECK_S.
STATE_WINDOW_S = 0.9
STATE_LEAST_S = 0.6
CHECK_S = 0.1
#: About the middle between walking (at most -.71) and running (at least -.23), each way a little later.
RUN_ON_CORRELATION = -0.35
RUN_OFF_CORRELATION = -0.55
#: What is no running for so long ends a run; what looks like another thing for so long is called that.
RUN_OFF_AFTER_S = 0.3
ON_THE_SPOT_AFTER_S = 0.4
#: A run begins with so many steps of running length in a row, each this like the one before (a jumping jack
#: also rises while the feet are apart, but not three times a second).
RHYTHM_STEPS = 2
RHYTHM_RATIO = 1.4
#: Travel of the lower foot under the hip that a belt gives (running at least .16, on the spot at most .05 BH), to begin
#: a run and to go on with it.
BELT_ON_BH, BELT_OFF_BH = 0.13, 0.10
#: Least trunk travel and ankle-distance travel of moving legs; standing has .011 and .021 BH at most, running .011 and
#: .25 at least.
MOVING_TRUNK_BH = 0.008
MOVING_SPLIT_BH = 0.06
#: Feet that leave the floor: travel of the difference of the ankles' heights. Less trunk travel than the second is
#: quiet standing.
LIFT_BH = 0.055
QUIET_TRUNK_BH = 0.020
#: One step's own frames, and this much before and after: r at least -.40 running, at most -.75 walking; the lower foot
#: travels .17 BH at least running, .05 at most on the spot.
STEP_MARGIN_S = 0.07
STEP_CORRELATION = -0.55
STEP_TRAVEL_BH = 0.11
#: Samples are kept for steps that are asked about late.
KEPT_S = 4.5
#: What is said where the name of what is done does not say enough.
WHY_NOT = {
    Activity.ON_THE_SPOT: "on the spot: running is judged on a moving belt only",
    Activity.UNKNOWN: "moving, but not running",
}
#: Columns of a sample.
_T, _TRUNK, _SPLIT, _AHEAD, _LIFT = range(5)
Sample = tuple[float, float, float, float, float]


class RunGuard:
    """Tells running from walking, from moving on the spot and from standing, without contacts and leg labels."""

    step_travel_bh = STEP_TRAVEL_BH

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque()
        self._body_height_px = NAN
        self._checked_s = NAN
        self._not_running_since_s = NAN
        self._on_the_spot_since_s = NAN
        self._midstances_s: deque[float] = deque(maxlen=RHYTHM_STEPS + 1)
        self.running = False
        self.walking = False
        #: Whether the feet come up and down where they are: marching or running without a belt.
        self.on_the_spot = False
        self.moving = False
        self.quiet = False
        #: Whether enough was seen to tell moving from standing.
        self.decided = False
        self.correlation = self.foot_travel_bh = self.lift_travel_bh = NAN

    def reset(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    @property
    def activity(self) -> Activity:
        """What the body is doing, as far as its motion tells."""
        if self.running:
            return Activity.RUNNING
        if self.walking:
            return Activity.WALKING
        if self.on_the_spot:
            return Activity.ON_THE_SPOT
        return Activity.STANDING if self.decided and self.quiet and not self.moving else Activity.UNKNOWN

    def update(self, body: Body, body_height_px: float) -> None:
        """Take one frame; the state is looked at ten times a second."""
        t_s = body.t_s
        self._samples.append(self._sample(body))
        while t_s - self._samples[0][_T] > KEPT_S:
            self._samples.popleft()
        if self._checked_s == self._checked_s and t_s - self._checked_s < CHECK_S:
            return
        self._checked_s, self._body_height_px = t_s, body_height_px
        self._judge(t_s)

    def _sample(self, body: Body) -> Sample:
        """Return what is looked at of one frame, lengths in px."""
        a, b = body.legs
        lower = a if a.ankle[1] < b.ankle[1] else b
        lift_px = abs(a.ankle[1] - b.ankle[1])
        return body.t_s, body.trunk_y_px, body.split_px, lower.ankle[0] - body.hip[0], lift_px

    def why_not(self, activity: Activity) -> str:
        """Return why nothing of an activity is judged, as said to the runner."""
        return WHY_NOT.get(activity, activity.words) if self.decided else activity.words

    def midstance(self, t_s: float) -> None:
        """Take the time of a midstance, for the rhythm."""
        self._midstances_s.append(t_s)

    def ran(self, start_s: float, end_s: float) -> bool:
        """Whether one step, midstance to midstance, was one of running; false where nothing was seen of it."""
        first_s, last_s = start_s - STEP_MARGIN_S, end_s + STEP_MARGIN_S
        data = _known(s for s in self._samples if first_s <= s[_T] <= last_s)
        if len(data) < 4:
            return False
        travel_bh = _travel(data)[_AHEAD] / self._body_height_px
        return bool(travel_bh > self.step_travel_bh and _correlation(data) > STEP_CORRELATION)

    def _has_rhythm(self, t_s: float) -> bool:
        """Whether the newest steps follow one another as running steps do, and are such."""
        times = list(self._midstances_s)
        if len(times) <= RHYTHM_STEPS or t_s - times[-1] > 2.0 * STEP_MAX_S:
            return False
        durations = [b - a for a, b in itertools.pairwise(times)]
        if min(durations) < STEP_MIN_S or max(durations) > min(STEP_MAX_S, RHYTHM_RATIO * min(durations)):
            return False
        # The window may still hold the belt's travel of a walk: every step must be one of running by itself.
        return all(self.ran(a, b) for a, b in itertools.pairwise(times))

    def _judge(self, t_s: float) -> None:
        newest = itertools.takewhile(lambda s: t_s - s[_T] <= STATE_WINDOW_S, reversed(self._samples))
        data = _known(newest)[::-1]
        if len(data) < 8 or data[-1, _T] - data[0, _T] < STATE_LEAST_S:
            return
        self.decided = True
        _, trunk, split, foot, lift = (_travel(data) / self._body_height_px).tolist()
        self.foot_travel_bh, self.lift_travel_bh = foot, lift
        self.moving = trunk > MOVING_TRUNK_BH and split > MOVING_SPLIT_BH
        self.quiet = trunk < QUIET_TRUNK_BH
        self.correlation = _correlation(data) if self.moving else NAN
        self._switch(t_s)

    def _switch(self, t_s: float) -> None:
        r, belt = self.correlation, self.foot_travel_bh
        self.walking = self.moving and belt > BELT_ON_BH and r < RUN_OFF_CORRELATION
        stepping = self.lift_travel_bh > LIFT_BH and belt < BELT_OFF_BH
        self._on_the_spot_since_s = _since(stepping, self._on_the_spot_since_s, t_s)
        if self.running:
            over = not self.moving or belt < BELT_OFF_BH or r < RUN_OFF_CORRELATION
            self._not_running_since_s = _since(over, self._not_running_since_s, t_s)
            self.running = not t_s - self._not_running_since_s >= RUN_OFF_AFTER_S
        else:
            self.running = self.moving and belt > BELT_ON_BH and r > RUN_ON_CORRELATION and self._has_rhythm(t_s)
            self._not_running_since_s = NAN
        self.on_the_spot = not self.running and t_s - self._on_the_spot_since_s >= ON_THE_SPOT_AFTER_S


def _since(true: bool, since_s: float, now_s: float) -> float:
    """Return since when something is true without a break; NaN where it is not."""
    if not true:
        return NAN
    return since_s if since_s == since_s else now_s


def _known(samples: Iterable[Sample]) -> FloatArray:
    """Return the samples (N, 5) in which nothing is missing."""
    data = np.array(list(samples), dtype=np.float64).reshape(-1, 5)
    return data[np.isfinite(data).all(axis=1)]


def _travel(data: FloatArray) -> FloatArray:
    """Return how far each column goes between its 10th and 90th percentile (the next sample outwards)."""
    ordered = np.sort(data, axis=0)
    cut = int(0.1 * (len(data) - 1))
    travel: FloatArray = ordered[-1 - cut] - ordered[cut]
    return travel


def _correlation(data: FloatArray) -> float:
    """Return the correlation of trunk height and ankle distance; NaN where one of them stands still."""
    off = data[:, _TRUNK : _SPLIT + 1] - data[:, _TRUNK : _SPLIT + 1].mean(axis=0)
    (tt, ts), (_, ss) = (off.T @ off).tolist()
    return ts / (tt * ss) ** 0.5 if tt * ss > 0.0 else NAN
