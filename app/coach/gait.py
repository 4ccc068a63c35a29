"""Self-clocked instants of the stride, from the trunk alone.

The trunk signal (2 hip + 2 shoulder + ear)/5 falls and rises once a step. Its lowest point is midstance, its
fastest rise push-off, its highest point the apex of flight: no leg labels, no contact detection, and the lag
of the landmarks cancels (biomechanics B, "self-clocked instants").
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass

import numpy as np

from app.coach.filters import NAN, fit_quadratic

#: Half window of the local parabola, s; at low rates it grows to hold at least five samples.
FIT_HALF_WINDOW_S = 0.05
#: Half window of the cubic that places a turning point, s, and how far it may move it.
TURN_HALF_WINDOW_S = 0.06
TURN_MOST_S = 0.04
#: A turning point counts once the trunk has come back from it by this much (a step's travel is 4-5 % BH).
PROMINENCE_BH = 0.008
#: Smoothed samples kept: more than the longest step, for refining the turning points.
SMOOTH_KEPT_S = 0.8
#: After a longer hole in the landmarks the trunk's signal starts anew.
MAX_GAP_S = 0.15
#: Steps shorter or longer than this are not running steps (100 to 270 per minute).
STEP_MIN_S, STEP_MAX_S = 0.22, 0.60


@dataclass(frozen=True, slots=True)
class StrideEvent:
    """One turning point of the trunk: ``kind`` is "midstance" or "apex".

    Attributes:
        t_s: sub-frame time of the turning point.
        fastest_s: time of the fastest fall before a midstance, of the fastest rise before an apex; NaN unknown.
    """

    kind: str
    t_s: float
    fastest_s: float


@dataclass(frozen=True, slots=True)
class _Smoothed:
    t_s: float
    y_px: float
    v_px_s: float


class TrunkClock:
    """Finds midstances and apexes in the trunk height as it streams in."""

    def __init__(self) -> None:
        self._raw: deque[tuple[float, float]] = deque()
        self._smooth: deque[_Smoothed] = deque()
        self._cursor_s = NAN
        self._half_window_s = FIT_HALF_WINDOW_S
        self._rising: bool | None = None
        self._extreme: _Smoothed | None = None
        self._dt_s = NAN

    def reset(self) -> None:
        """Forget everything: the next sample starts anew."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def update(self, t_s: float, trunk_y_px: float, body_height_px: float) -> list[StrideEvent]:
        """Take one sample (px up) and return the turning points it confirmed, oldest first."""
        if trunk_y_px != trunk_y_px:
            return []
        if self._raw and t_s - self._raw[-1][0] > MAX_GAP_S:
            self.reset()
        if self._raw:
            dt_s = t_s - self._raw[-1][0]
            self._dt_s = dt_s if self._dt_s != self._dt_s else self._dt_s + 0.1 * (dt_s - self._dt_s)
            self._half_window_s = max(FIT_HALF_WINDOW_S, 2.1 * self._dt_s)
        self._raw.append((t_s, trunk_y_px))
        while t_s - self._raw[0][0] > 4.0 * self._half_window_s:
            self._raw.popleft()
        return self._advance(t_s - self._half_window_s, body_height_px)

    def flush(self, body_height_px: float) -> list[StrideEvent]:
        """Return the turning points still open at the end of the source."""
        if not self._raw:
            return []
        events = self._advance(self._raw[-1][0], body_height_px)
        # The last rise counts up to where the source ends, though no reversal confirms it.
        last = self._smooth[-1] if self._smooth else None
        if last is not None and self._extreme is not None and self._rising:
            events.append(self._event("apex", self._extreme))
        return events

    def _advance(self, until_s: float, body_height_px: float) -> list[StrideEvent]:
        events: list[StrideEvent] = []
        for t_s, _ in self._raw:
            if t_s > until_s:
                break
            if self._cursor_s == self._cursor_s and t_s <= self._cursor_s:
                continue
            self._cursor_s = t_s
            window = [(t, y) for t, y in self._raw if abs(t - t_s) <= self._half_window_s]
            y, v, _ = fit_quadratic([t for t, _ in window], [y for _, y in window], t_s)
            point = _Smoothed(t_s, y, v)
            self._smooth.append(point)
            while t_s - self._smooth[0].t_s > SMOOTH_KEPT_S:
                self._smooth.popleft()
            event = self._turn(point, PROMINENCE_BH * body_height_px)
            if event is not None:
                events.append(event)
        return events

    def _turn(self, point: _Smoothed, prominence_px: float) -> StrideEvent | None:
        """Zig-zag with hysteresis: report an extreme once the signal has come back from it."""
        extreme = self._extreme
        if extreme is None:
            self._extreme = point
            return None
        travelled = point.y_px - extreme.y_px
        if self._rising is None:
            if abs(travelled) >= prominence_px:
                self._rising = travelled > 0
                self._extreme = point
            return None
        if (travelled >= 0) == self._rising:
            self._extreme = point
            return None
        if abs(travelled) < prominence_px:
            return None
        event = self._event("apex" if self._rising else "midstance", extreme)
        self._rising = not self._rising
        self._extreme = point
        return event

    def _event(self, kind: str, extreme: _Smoothed) -> StrideEvent:
        """Refine the extreme to where the velocity crosses zero, and find the fastest motion before it."""
        t_s = extreme.t_s
        near = [p for p in self._smooth if abs(p.t_s - t_s) <= max(0.05, 2.1 * self._dt_s)]
        for a, b in itertools.pairwise(near):
            down_to_up = a.v_px_s <= 0.0 < b.v_px_s
            up_to_down = a.v_px_s >= 0.0 > b.v_px_s
            if (kind == "midstance" and down_to_up) or (kind == "apex" and up_to_down):
                t_s = a.t_s + (b.t_s - a.t_s) * a.v_px_s / (a.v_px_s - b.v_px_s)
                break
        fastest_s = self._fastest_before(t_s, -1.0 if kind == "midstance" else 1.0)
        return StrideEvent(kind, self._turning_point(t_s, -1.0 if kind == "midstance" else 1.0), fastest_s)

    def _turning_point(self, near_s: float, sign: float) -> float:
        """Return the time of the highest (sign +1) or lowest point near ``near_s``, by a local cubic.

        The trunk falls faster than it rises again: a parabola's vertex lies 10 (60 fps) to 17 ms (30 fps) late.
        """
        half_s = max(TURN_HALF_WINDOW_S, 2.6 * self._dt_s)
        near = [(t - near_s, sign * y) for t, y in self._raw if abs(t - near_s) <= half_s]
        if len(near) < 5:
            return near_s
        times_s, heights_px = np.array(near).T
        # Normal equations in times of about one: five times as fast as a general least squares, and as exact here.
        powers = np.vander(times_s / half_s, 4)
        scaled = np.linalg.solve(powers.T @ powers, powers.T @ heights_px)
        c3, c2, c1, _ = (scaled / half_s ** np.array((3.0, 2.0, 1.0, 0.0))).tolist()
        root = c2 * c2 - 3.0 * c3 * c1
        if root <= 0.0 or c2 >= 0.0:
            return near_s
        # The maximum of the cubic, in the form that also holds for a cubic term of zero.
        shift_s = c1 / (-c2 + root**0.5)
        return near_s + shift_s if abs(shift_s) <= TURN_MOST_S else near_s

    def _fastest_before(self, t_s: float, sign: float) -> float:
        """Time of the largest ``sign`` * velocity within the half step before ``t_s``, sub-frame."""
        points = [p for p in self._smooth if t_s - 0.35 <= p.t_s < t_s]
        # Only the monotone run that ends at the turning point belongs to this half step.
        run: list[_Smoothed] = []
        for p in reversed(points):
            if sign * p.v_px_s <= 0.0:
                break
            run.append(p)
        if len(run) < 2:
            return NAN
        run.reverse()
        top = max(range(len(run)), key=lambda i: sign * run[i].v_px_s)
        if not 0 < top < len(run) - 1:
            return run[top].t_s
        trio = run[top - 1 : top + 2]
        _, slope, curvature = fit_quadratic([p.t_s for p in trio], [sign * p.v_px_s for p in trio], run[top].t_s)
        shift = -slope / curvature if curvature < 0.0 else 0.0
        return run[top].t_s + min(max(shift, -self._dt_s), self._dt_s)
