"""What drills look at in one frame, and whether the runner stands still and ready.

Nothing here needs leg labels: knees and thighs are means of both legs, feet are told by how far they are apart, the
lifted foot by the difference of the ankles' heights.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields

from app.coach.filters import NAN, median
from app.coach.geometry import Body, inclination_deg, seen, thigh_deg
from app.coach.standing import StandingReference

#: An armed position: so long without a speed of ear or hip above the limit, the body as in standing.
ARM_S = 0.6
ARM_SPEED_BH_S = 0.06
ARM_BEND_DEG = 10.0
ARM_KNEE_DEG = 22.0
ARM_APART_BH = 0.10
ARM_DROP_BH = 0.035
ARM_LIFT_BH = 0.05
#: What is zero in this standing is the median over the newest still time, this long at most.
ZERO_S = 1.5
#: The state is looked at this often; medians over this long feed the drills.
LOOK_S = 0.1
SMOOTH_S = 0.22
SETTLED_S = 0.5
#: Where frames are few, so many are taken, none older than this.
SMOOTH_LEAST, SMOOTH_MOST_S = 5, 0.42


@dataclass(frozen=True, slots=True)
class Signals:
    """One frame's measures; angles in deg, relative to the standing reference, lengths in BH; NaN = not seen.

    Attributes:
        lean_deg: trunk. bend_deg: hip flexion, lean + mean thigh. knee_deg: mean knee flexion of both legs.
        bow_deg: the head below the line of the trunk (rounded +), absolute.
        hip_bh: hip ahead of the middle of the ankles, absolute.
        apart_bh: ankles apart, never negative. lift_bh: difference of the feet's heights, never negative.
        feet_sum_bh: sum of the feet's heights in the picture. knees_bh: knees apart fore and aft, never negative.
        feet_bh, place_bh: fore-aft place of the ankles' middle and of the hip in the picture.
        ear_x_bh, ear_y_bh: the ear in the picture. drop_bh: ear below standing.
    """

    t_s: float
    lean_deg: float
    bend_deg: float
    knee_deg: float
    bow_deg: float
    hip_bh: float
    apart_bh: float
    lift_bh: float
    feet_bh: float
    place_bh: float
    ear_x_bh: float
    ear_y_bh: float
    drop_bh: float
    feet_sum_bh: float
    knees_bh: float


def signals_of(body: Body, standing: StandingReference) -> Signals:
    """Return the measures of one frame."""
    bh = standing.body_height_px
    a, b = body.legs
    lean_deg = body.trunk_deg - standing.trunk_deg
    thighs = _mean(thigh_deg(body.hip, leg.knee) for leg in (a, b) if seen(leg.knee))
    knees = _mean(body.knee_deg(leg) for leg in (a, b) if seen(leg.knee) and seen(leg.ankle))
    feet_x = (a.ankle[0] + b.ankle[0]) / 2.0
    a_y, b_y = (_mean((leg.ankle[1], leg.heel[1], leg.toe[1])) for leg in (a, b))
    # The rows of a standing recording are those of another picture: there the floor under the feet is the base.
    filed = standing.source == "file"
    drop_px = standing.ear_height_px - (body.ear[1] - body.lowest_y_px) if filed else standing.ear_y_px - body.ear[1]
    bow_deg = NAN if body.head_turned else inclination_deg(body.shoulder, body.ear) - body.trunk_deg
    return Signals(
        t_s=body.t_s,
        lean_deg=lean_deg,
        bend_deg=lean_deg + thighs,
        knee_deg=knees - standing.knee_deg,
        bow_deg=bow_deg,
        hip_bh=(body.hip[0] - feet_x) / bh,
        apart_bh=abs(a.ankle[0] - b.ankle[0]) / bh,
        lift_bh=abs(a_y - b_y) / bh,
        feet_bh=feet_x / bh,
        place_bh=body.hip[0] / bh,
        ear_x_bh=body.ear[0] / bh,
        ear_y_bh=body.ear[1] / bh,
        drop_bh=drop_px / bh,
        feet_sum_bh=(a_y + b_y) / bh,
        knees_bh=abs(a.knee[0] - b.knee[0]) / bh,
    )


_NAMES = tuple(f.name for f in fields(Signals))


def median_signals(samples: Iterable[Signals]) -> Signals:
    """Return the medians of several frames as if they were one, at their median time."""
    rows = list(samples)
    return Signals(**{name: median(getattr(s, name) for s in rows) for name in _NAMES})


def _mean(values: Iterable[float]) -> float:
    known = [v for v in values if v == v]
    return sum(known) / len(known) if known else NAN


def speed_bh_s(samples: list[Signals], of: Callable[[Signals], float]) -> float:
    """Return how fast something moves: medians of the two halves of the samples, so that noise averages."""
    half = len(samples) // 2
    lag_s = median(s.t_s for s in samples[half:]) - median(s.t_s for s in samples[:half])
    moved = median(of(s) for s in samples[half:]) - median(of(s) for s in samples[:half])
    return abs(moved) / lag_s if lag_s > 0.0 else NAN


@dataclass(frozen=True, slots=True)
class Look:
    """What a drill is given of one frame from an armed position.

    Attributes:
        raw, now: as seen, and medians over the newest SMOOTH_S (``now.t_s`` is their middle).
        settled: medians over the newest half second.
        zero: medians of the armed standing. still: ear and hip do not move.
        body, standing: the frame's body and the standing reference.
    """

    raw: Signals
    now: Signals
    settled: Signals
    zero: Signals
    still: bool
    body: Body
    standing: StandingReference


class Readiness:
    """Whether the runner stands in the armed position, and what is zero there."""

    def __init__(self) -> None:
        self._recent: deque[Signals] = deque()
        self._looked_s = NAN
        self._still_since_s = NAN
        #: Medians of the armed standing: the zero of what has none in the standing reference.
        self.zero: Signals | None = None
        self.still = self.ready = False
        self.now: Signals | None = None

    def reset(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def update(self, signals: Signals, keep_zero: bool) -> None:
        """Take one frame; ``keep_zero``: something is under way, so standing still gives no new zero."""
        recent = self._recent
        if recent and signals.t_s - recent[-1].t_s > 0.5:
            self.reset()
            recent = self._recent
        recent.append(signals)
        while signals.t_s - recent[0].t_s > ZERO_S:
            recent.popleft()
        self.now = median_signals(self._smoothing())
        if signals.t_s - self._looked_s < LOOK_S:
            return
        self._looked_s = signals.t_s
        self.still = self._is_still()
        if not self.still:
            self._still_since_s = NAN
        elif self._still_since_s != self._still_since_s:
            self._still_since_s = signals.t_s - ARM_S
        samples = self.newest(signals.t_s - self._still_since_s if self.still else 0.0)
        middle = median_signals(samples) if samples else None
        self.ready = self.still and middle is not None and _stands(middle)
        if self.ready and not keep_zero:
            self.zero = middle

    def look(self, body: Body, standing: StandingReference, settling: bool) -> Look | None:
        """Return the newest frame as a drill is given it; None before there is a zero.

        ``settling``: whether the medians of half a second are wanted too, which take their time.
        """
        if self.zero is None or self.now is None or not self._recent:
            return None
        settled = median_signals(self.newest(SETTLED_S)) if settling else self.now
        return Look(self._recent[-1], self.now, settled, self.zero, self.still, body, standing)

    def _smoothing(self) -> list[Signals]:
        """Return the frames of the newest SMOOTH_S, and more where those are too few to smooth anything."""
        samples = self.newest(SMOOTH_S)
        return samples if len(samples) >= SMOOTH_LEAST else self.newest(SMOOTH_MOST_S)[-SMOOTH_LEAST:]

    def newest(self, seconds: float) -> list[Signals]:
        """Return the frames of the newest seconds, oldest first."""
        end_s = self._recent[-1].t_s
        first = len(self._recent)
        while first > 0 and end_s - self._recent[first - 1].t_s <= seconds:
            first -= 1
        return [self._recent[i] for i in range(first, len(self._recent))]

    def _is_still(self) -> bool:
        samples = self.newest(ARM_S)
        if len(samples) < 4 or samples[-1].t_s - samples[0].t_s < 0.8 * ARM_S:
            return False
        of: tuple[Callable[[Signals], float], ...] = (
            lambda s: s.ear_x_bh,
            lambda s: s.ear_y_bh,
            lambda s: s.place_bh,
        )
        return all(speed_bh_s(samples, one) < ARM_SPEED_BH_S for one in of)


def _stands(s: Signals) -> bool:
    """Whether medians are those of upright standing; NaN never is."""
    return (
        abs(s.bend_deg) < ARM_BEND_DEG
        and abs(s.lean_deg) < ARM_BEND_DEG
        and s.knee_deg < ARM_KNEE_DEG
        and s.apart_bh < ARM_APART_BH
        and s.lift_bh < ARM_LIFT_BH
        and abs(s.drop_bh) < ARM_DROP_BH
    )
