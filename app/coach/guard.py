"""Whether the body is running at all, walking or standing."""

from __future__ import annotations

import itertools
from collections import deque

import numpy as np

from app.coach.filters import NAN
from app.coach.gait import STEP_MAX_S, STEP_MIN_S
from app.coach.geometry import Body

#: Running guard (biomechanics B): correlation of trunk height with ankle distance over the window.
STATE_WINDOW_S = 1.5
STATE_LEAST_S = 0.9
RUN_ON_CORRELATION = 0.3
RUN_OFF_CORRELATION = 0.0
RUN_OFF_AFTER_S = 1.0
#: A run begins with so many steps of running length in a row, each this like the one before (a jumping jack
#: also rises while the feet are apart, but not three times a second).
RHYTHM_STEPS = 2
RHYTHM_RATIO = 1.4
#: Least trunk travel and ankle-distance travel (10th to 90th percentile) of moving legs, fraction of BH.
MOVING_TRUNK_BH = 0.012
MOVING_SPLIT_BH = 0.06


class RunGuard:
    """Tells running from walking and standing without contacts.

    In running the trunk is high while the ankles are far apart (flight), in walking it is low then (double
    support): the correlation of trunk height and ankle distance is +.48..+.70 against -.80..-.90
    (biomechanics B). Needs no leg labels.
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float, float]] = deque()
        self._checked_s = NAN
        self._not_running_since_s = NAN
        self._midstances_s: deque[float] = deque(maxlen=RHYTHM_STEPS + 1)
        self.running = False
        self.walking = False
        self.moving = False
        #: Whether enough was seen to tell moving from standing.
        self.decided = False
        self.correlation = NAN
        self.window_start_s = NAN

    def reset(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def update(self, body: Body, body_height_px: float) -> None:
        """Take one frame; the state is looked at ten times a second."""
        self._samples.append((body.t_s, body.trunk_y_px, body.split_px))
        while body.t_s - self._samples[0][0] > STATE_WINDOW_S:
            self._samples.popleft()
        if self._checked_s == self._checked_s and body.t_s - self._checked_s < 0.1:
            return
        self._checked_s = body.t_s
        self._judge(body.t_s, body_height_px)

    def midstance(self, t_s: float) -> None:
        """Take the time of a midstance, for the rhythm."""
        self._midstances_s.append(t_s)

    def _has_rhythm(self, t_s: float) -> bool:
        """Whether the newest midstances follow one another as running steps do."""
        times = list(self._midstances_s)
        if len(times) <= RHYTHM_STEPS or t_s - times[-1] > 2.0 * STEP_MAX_S:
            return False
        durations = [b - a for a, b in itertools.pairwise(times)]
        return all(STEP_MIN_S <= d <= STEP_MAX_S for d in durations) and max(durations) < RHYTHM_RATIO * min(durations)

    def _judge(self, t_s: float, body_height_px: float) -> None:
        data = np.array(self._samples, dtype=np.float64)
        data = data[np.isfinite(data).all(axis=1)]
        self.window_start_s = self._samples[0][0]
        if len(data) < 8 or data[-1, 0] - data[0, 0] < STATE_LEAST_S:
            return
        self.decided = True
        low, high = np.percentile(data[:, 1:], (10, 90), axis=0)
        trunk_travel, split_travel = (high - low) / body_height_px
        self.moving = bool(trunk_travel > MOVING_TRUNK_BH and split_travel > MOVING_SPLIT_BH)
        self.correlation = float(np.corrcoef(data[:, 1], data[:, 2])[0, 1]) if self.moving else NAN
        self._switch(t_s)

    def _switch(self, t_s: float) -> None:
        r = self.correlation
        self.walking = self.moving and r < RUN_OFF_CORRELATION
        if self.moving and r > RUN_ON_CORRELATION and (self.running or self._has_rhythm(t_s)):
            self.running = True
            self._not_running_since_s = NAN
        elif self.running and (not self.moving or r < RUN_OFF_CORRELATION):
            if self._not_running_since_s != self._not_running_since_s:
                self._not_running_since_s = t_s
            if t_s - self._not_running_since_s >= RUN_OFF_AFTER_S:
                self.running = False
        else:
            self._not_running_since_s = NAN
