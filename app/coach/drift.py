"""The runner drifts sideways on the belt, towards the camera or away from it: how far that moves the head's row.

A pinhole camera that is level: a point stands at row ``c + h * s`` (px up), with ``c`` the horizon's row, ``h`` its
height over the lens at the reference distance (px) and ``s`` the scale, reference distance over distance. The ground
lies ``F`` below the horizon, so a foot at row ``f`` says ``f - f0 = -F (s - 1)``, and a head that stands ``E`` over the
ground has moved by ``(E - F)(s - 1) = -(E - F) / F * (f - f0)``: no change of scale needs to be seen, which no landmark
gives to the 0.2 % that 5 mm of head height ask for. ``F`` is the height of the lens: taken as that of a chest until the
runner's own drifting tells it, by how his legs' length changes with the row of his feet.
"""

from __future__ import annotations

import itertools
import math
from collections import deque

from app.coach.filters import NAN, median

#: Height of the lens before anything is known: 0.6 BH (1.1 m), give or take 0.15 BH (a chair, a shelf).
LENS_BH, LENS_SD_BH = 0.60, 0.15
LEAST_LENS_BH, MOST_LENS_BH = 0.2, 1.0
#: Steps that a line is laid through, some 8 s: the feet's row scatters by 5 mm from stride to stride (rendered runners
#: through the network), and a line ends without lag at the newest step. In pairs, as the feet alternate in depth.
STEPS = 24
#: Scatter of a stride's row (BH) and of the legs' length (ratio) around that line; of the newest value on it.
STRIDE_SD_BH, ROW_SD_BH, LEG_SD = 0.0028, 0.0016, 0.003
#: The lens's height is learnt from changes of scale beyond so many SDs: smaller ones are noise, which reads as 0.
LEARN_SDS = 3.0
#: Beyond this the runner has moved to another place, or the feet are not what they seem: no correction.
MOST_SCALE = 0.12


class DriftMeter:
    """Follows the row of the feet from step to step. Rows are px up; lengths px."""

    def __init__(self) -> None:
        #: BH in px, kept up to date by the owner.
        self.body_height_px = NAN
        self._steps: deque[tuple[float, float]] = deque(maxlen=STEPS)
        self._start: tuple[float, float] | None = None
        self._weight = (ROW_SD_BH / LENS_SD_BH) ** 2
        self._sum = LENS_BH * self._weight

    @property
    def lens_bh(self) -> float:
        """Height of the lens over the ground, as far as it is known, BH."""
        return self._sum / self._weight

    def add_step(self, foot_y_px: float, leg_px: float) -> None:
        """Take one step: the row of its foot on the ground, and the length of the legs around it."""
        if not (foot_y_px == foot_y_px and leg_px > 0.0):
            return
        self._steps.append((foot_y_px, leg_px))
        if len(self._steps) < STEPS:
            return
        now = self._now()
        if self._start is None:
            self._start = now
        else:
            self._learn(now)

    def _now(self) -> tuple[float, float]:
        """Return row and leg length as they are now."""
        rows, legs = [y for y, _ in self._steps], [leg for _, leg in self._steps]
        return _newest(rows, STRIDE_SD_BH * self.body_height_px), _newest(legs, LEG_SD * legs[-1])

    def _learn(self, now: tuple[float, float]) -> None:
        """Fit the lens's height: rows against scale, least squares with what is expected as one more observation."""
        assert self._start is not None
        row_bh = (now[0] - self._start[0]) / self.body_height_px
        scale = now[1] / self._start[1] - 1.0
        if not LEARN_SDS * LEG_SD < abs(scale) <= MOST_SCALE:
            return
        # Neighbouring medians share their steps: each new step brings 1/STEPS of an observation.
        share = 1.0 / STEPS
        noise = 1.0 + (self.lens_bh * LEG_SD / ROW_SD_BH) ** 2
        self._weight += share * scale * scale / noise
        self._sum -= share * row_bh * scale / noise

    def rise_px(self, head_height_px: float) -> float:
        """Return by how much the head's row has risen by drifting alone since the start, px; 0 until known.

        Args:
            head_height_px: of the standing head over the ground.
        """
        return (head_height_px - self._lens_px) * (self.scale - 1.0) if head_height_px > 0.0 else 0.0

    @property
    def scale(self) -> float:
        """How much larger the runner is seen than at the start; 1 until known."""
        if self._start is None:
            return 1.0
        nearer = -(self._now()[0] - self._start[0]) / self._lens_px
        return 1.0 + nearer if abs(nearer) <= MOST_SCALE else 1.0

    @property
    def _lens_px(self) -> float:
        return min(max(self.lens_bh, LEAST_LENS_BH), MOST_LENS_BH) * self.body_height_px


def _newest(values: list[float], sd: float) -> float:
    """Return the newest end of the line through the means of neighbours, by the median of all slopes (Theil-Sen).

    A slope is taken for what it exceeds its own scatter by: one who stays is not moved by noise.

    Args:
        values: of the newest steps.
        sd: scatter of the pairs around the line.
    """
    pairs = [(a + b) / 2.0 for a, b in zip(values[::2], values[1::2], strict=True)]
    slope = median((b - a) / (j - i) for (i, a), (j, b) in itertools.combinations(enumerate(pairs), 2))
    last = len(pairs) - 1
    slope_sd = sd * math.sqrt(12.0 / (len(pairs) ** 3 - len(pairs)))
    slope *= max(0.0, 1.0 - (2.0 * slope_sd / slope) ** 2) if slope else 0.0
    return median(y + slope * (last - i) for i, y in enumerate(pairs))
