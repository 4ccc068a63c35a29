"""The runner drifts sideways on the belt, towards the camera or away from it: how far that moves the head's row.

A pinhole camera that is level: a point stands at row ``c + h * s`` (px up), with ``c`` the horizon's row, ``h`` its
height over the lens at the reference distance (px) and ``s`` the scale, reference distance over distance. The ground
lies ``F`` below the horizon, so a foot at row ``f`` says ``f - f0 = -F (s - 1)``, the legs (thigh + shank, rigid; never
the trunk, which bends) say ``s`` itself, and a head that stands ``E`` over the ground has moved by ``(E - F)(s - 1)``.
``F``, the height of the lens, is taken as that of a chest until the runner's own drifting tells it.

Row and legs are both followed by one Kalman filter over the steps (a drift that goes on as it goes, its speed changing
slowly), so that the answer does not lag and nobody needs to wait for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from app.coach.filters import NAN, median
from app.coach.geometry import Body, seen
from app.coach.types import FloatArray

#: Height of the lens before anything is known: 0.6 BH (1.1 m), give or take 0.15 BH (a chair, a shelf).
LENS_BH, LENS_SD_BH = 0.60, 0.15
LEAST_LENS_BH, MOST_LENS_BH = 0.2, 1.0
#: Scatter of the mean row of two neighbouring steps, BH, and of the legs' length over them (ratio): 4.5 mm and 0.25 %
#: through the network (rendered runners, 48 scenes); each as often again, as neighbouring pairs share a step.
ROW_SD_BH, LEG_SD = 0.0036, 0.0035
#: From the front rows scatter by 0.85 % BH and legs by 1.2 % (rendered runner through the network): so much more.
FROM_FRONT_NOISE = 4.0
#: Two steps, and how long the foot is flat around midstance.
TWO_STEPS_S, FLAT_S = 0.7, 0.055
#: Frames that tell the legs' length; neighbouring ones err alike.
LEG_SAMPLES = 20
#: Half a step and a step ago: the middle of what the row and the legs' length are taken over.
ROW_STEPS_AGO, LEG_STEPS_AGO = 0.5, 1.0
#: Change of scale per step, at the start of a run, and by how much that changes from step to step: 8 cm to and fro in
#: a minute at 2.5 m is 0.12 % a step, changing by 0.004 %.
RATE_SD, RATE_CHANGE_SD = 0.0015, 0.0001
#: A broken run goes on this near to where it was (8 cm at 2.5 m).
PAUSE_SD = 0.03
#: Values further off than so many SDs count as this far: an outlier, or a leg taken for another.
MOST_SDS = 3.0
#: Beyond this the runner has moved to another place, or the feet are not what they seem: no correction.
MOST_SCALE = 0.12
#: Whoever stays is seen to drift by 0.1 % (SD); beyond so much the correction may be off by so many of its SDs.
DRIFTING_SCALE, DOUBT_SDS = 0.004, 1.5
#: The filter's state: scale - 1, its change per step, lens's height and row at the start (BH), length of the legs.
_X, _V, _F, _ROW, _LEG = range(5)


def feet_and_legs(bodies: Sequence[Body], midstance_s: float) -> tuple[float, float]:
    """Return the row of the foot on the ground at a midstance, and the legs' length over two steps before it, px.

    Ankle and toe, as the heel's row scatters twice as much through the network, and the lowest point of all by half
    more; NaN where not known.
    """
    rows, stride = [], []
    for body in reversed(bodies):
        if body.t_s < midstance_s - TWO_STEPS_S:
            break
        if body.t_s <= midstance_s:
            stride.append(body)
        if abs(body.t_s - midstance_s) <= FLAT_S and (leg := body.lower_leg) is not None:
            rows.append((leg.ankle[1] + leg.toe[1]) / 2.0 if seen(leg.toe) else leg.ankle[1])
    some = stride[:: max(1, len(stride) // LEG_SAMPLES)]
    return sum(rows) / len(rows) if rows else NAN, median(body.leg_length_px() for body in some)


class DriftMeter:
    """Follows feet and legs from step to step. Rows are px up; lengths px.

    Args:
        from_front: seen from the front the feet land now nearer, now further off, and bent knees shorten the legs.
    """

    def __init__(self, from_front: bool = False) -> None:
        self._noise = FROM_FRONT_NOISE if from_front else 1.0
        #: BH in px, kept up to date by the owner.
        self.body_height_px = NAN
        self._row_before_px = NAN
        self._unit_px = NAN
        self._state: FloatArray | None = None
        self._spread = np.zeros((5, 5))
        self._nearer = self._rate = 0.0
        self._lens_bh = LENS_BH
        self._doubts = (0.0, 0.0, 0.0)

    @property
    def lens_bh(self) -> float:
        """Height of the lens over the ground, as far as it is known, BH."""
        return self._lens_bh

    @property
    def started(self) -> bool:
        """Whether there was a pair of steps to count from."""
        return self._state is not None

    @property
    def scale(self) -> float:
        """How much larger the runner is seen than at the start; 1 until known."""
        return 1.0 + self._nearer

    def pause(self) -> None:
        """The run was broken: nothing is known of how the runner moved until the next step."""
        self._row_before_px = NAN
        if self._state is not None:
            self._state[_V] = self._rate = 0.0
            self._spread[_V] = self._spread[:, _V] = 0.0
            self._spread[_V, _V] = RATE_SD**2
            self._spread[_X, _X] += PAUSE_SD**2

    def add_step(self, foot_y_px: float, leg_px: float) -> None:
        """Take one step: the row of its foot on the ground, and the length of the legs over this step and the last."""
        # In pairs, as the feet alternate in depth.
        row_px, self._row_before_px = (foot_y_px + self._row_before_px) / 2.0, foot_y_px
        if not (row_px == row_px and leg_px > 0.0):
            return
        if self._state is None:
            self._begin(row_px, leg_px)
            return
        state, spread = self._state, self._spread
        state[_X] += state[_V]
        spread[_X] += spread[_V]
        spread[:, _X] += spread[:, _V]
        spread[_V, _V] += RATE_CHANGE_SD**2
        x = state[_X] - ROW_STEPS_AGO * state[_V]
        off = row_px / self._unit_px - (state[_ROW] - state[_F] * x)
        self._learn(off, np.array((-state[_F], ROW_STEPS_AGO * state[_F], -x, 1.0, 0.0)), self._noise * ROW_SD_BH)
        x = state[_X] - LEG_STEPS_AGO * state[_V]
        leg = state[_LEG]
        off = leg_px / self._unit_px - leg * (1.0 + x)
        self._learn(off, np.array((leg, -LEG_STEPS_AGO * leg, 0.0, 0.0, 1.0 + x)), self._noise * LEG_SD * leg)
        state[_F] = min(max(state[_F], LEAST_LENS_BH), MOST_LENS_BH)
        self._tell()

    def rise_px(self, head_height_px: float, steps_ago: float = 0.0) -> float:
        """Return by how much the head's row has risen by drifting alone since the start, px; 0 until known.

        Args:
            head_height_px: of the standing head over the ground.
            steps_ago: how long before the newest midstance.
        """
        if self._nearer == 0.0 or not head_height_px > 0.0:
            return 0.0
        return (head_height_px - self._lens_bh * self._unit_px) * (self._nearer - steps_ago * self._rate)

    def doubt_px(self, head_height_px: float) -> float:
        """Return how far the correction of a head so high over the ground may be off, px; 0 for one who stays."""
        if abs(self._nearer) < DRIFTING_SCALE or not head_height_px > 0.0:
            return 0.0
        by_x, by_lens = head_height_px - self._lens_bh * self._unit_px, -self._nearer * self._unit_px
        xx, xf, ff = self._doubts
        return DOUBT_SDS * math.sqrt(max(xx * by_x * by_x + 2.0 * xf * by_x * by_lens + ff * by_lens * by_lens, 0.0))

    def _tell(self) -> None:
        """Put what is known now into plain numbers: it is asked for in every frame."""
        assert self._state is not None
        x, self._rate, self._lens_bh = self._state[:_ROW].tolist()
        self._nearer = x if abs(x) <= MOST_SCALE else 0.0
        self._doubts = self._spread[_X, _X].item(), self._spread[_X, _F].item(), self._spread[_F, _F].item()

    def _begin(self, row_px: float, leg_px: float) -> None:
        self._unit_px = self.body_height_px
        row, leg = row_px / self._unit_px, leg_px / self._unit_px
        self._state = np.array((0.0, 0.0, LENS_BH, row, leg))
        n = self._noise
        self._spread = np.diag(np.array((0.0, RATE_SD, LENS_SD_BH, n * ROW_SD_BH, n * LEG_SD * leg)) ** 2)

    def _learn(self, off: float, slope: FloatArray, sd: float) -> None:
        """Take one observation: ``off`` from what was expected, which changes with the state by ``slope`` (5,)."""
        assert self._state is not None
        reach = self._spread @ slope
        variance = float(slope @ reach) + sd * sd
        most = MOST_SDS * variance**0.5
        self._state += reach * (min(max(off, -most), most) / variance)
        self._spread -= np.outer(reach, reach) / variance
