"""The tunnel as a sound: pink noise as long as the head runs outside the tunnel, silence under its roof.

The recipe is that of gait retraining with music (Lorenzoni and others, Van den Berghe and others): pink noise laid over
the runner's own music, in six loudness steps from 0 to 100 %, by the mean of the newest five steps, silent on target.
There the measure was the shock at the shin; here it is the height of the head's peak over the roof.

`TunnelNoise` decides how loud and knows no sound card; `Ramp` turns its steps into something without clicks.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final

from app.ui.sounds import gain_for

if TYPE_CHECKING:
    from app.coach.report import Step

#: The loudest of the six levels 0..5.
LOUDEST: Final = 5
#: So many steps are averaged, and so many must be there.
STEPS: Final = 5
#: Mean peak over the roof that is worth one more level, in body heights (3.6 mm at 1.78 m). The mean of five steps
#: scatters by 0.3 % BH (a step by 10 to 15 mm), and the personal roof lies 0.9 % over the usual peak: who runs as usual
#: hears nothing (3 SD), who comes up by the inch (1.4 %) hears level 3, who comes up by 2 % the loudest.
LEVEL_BH: Final = 0.002
#: No step for so long: the runner has stopped or is not seen.
STOPPED_S: Final = 2.0
#: From silence to full loudness and back: short against a step (0.35 s), long against a click.
RAMP_S: Final = 0.25


class TunnelNoise:
    """How loud the noise is, from the running steps; times are on the steps' own axis, s."""

    def __init__(self) -> None:
        self._over_bh: deque[float] = deque(maxlen=STEPS)
        self._newest_s = -math.inf
        self._level = 0

    @property
    def level(self) -> int:
        """The level after the newest step, 0 (silent) .. 5."""
        return self._level

    def take(self, step: Step) -> int:
        """Take a finished step; return the level, 0 .. 5.

        A step with the head turned, or from before the roof counts, says nothing: it neither counts nor keeps the noise
        going.
        """
        over_bh = -step.peak_below_roof_bh
        if step.head_turned or not math.isfinite(over_bh):
            return self.at(step.t_s)
        if not 0.0 <= step.t_s - self._newest_s <= STOPPED_S:
            self.stop()
        self._newest_s = step.t_s
        self._over_bh.append(over_bh)
        self._level = level_for(sum(self._over_bh) / STEPS) if len(self._over_bh) == STEPS else 0
        return self._level

    def at(self, now_s: float) -> int:
        """Return the level now: silent for good once the steps have stopped for `STOPPED_S`."""
        if now_s - self._newest_s > STOPPED_S:
            self.stop()
        return self._level

    def stop(self) -> None:
        """Fall silent and begin anew: the runner stopped, or nothing is judged any more."""
        self._over_bh.clear()
        self._newest_s, self._level = -math.inf, 0


def level_for(over_bh: float) -> int:
    """Return the level for a mean peak ``over_bh`` body heights over the roof (negative: under it)."""
    # Rounded first: five times the same number over five is not always that number.
    return min(LOUDEST, max(0, math.ceil(round(over_bh / LEVEL_BH, 6))))


def level_gain(level: int) -> float:
    """Return the amplitude of a level, 0..1: every level is the same part of full loudness to the ear."""
    return gain_for(level / LOUDEST)


class Ramp:
    """A loudness that goes to its target evenly, from nothing to full in `RAMP_S`."""

    def __init__(self) -> None:
        self.gain = 0.0
        self._last_s = -math.inf

    def toward(self, target: float, now_s: float) -> float:
        """Go on towards ``target`` (0..1) until ``now_s``; return the gain now. Call it at the refresh rate.

        A pause since the last call counts as one refresh at most, so that nothing jumps after it.
        """
        passed_s = min(max(now_s - self._last_s, 0.0), 0.1 * RAMP_S)
        self._last_s = now_s
        way = target - self.gain
        most = passed_s / RAMP_S
        self.gain = target if abs(way) <= most else self.gain + math.copysign(most, way)
        return self.gain
