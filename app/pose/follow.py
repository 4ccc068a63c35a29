"""Where the networks should look: the region that follows one body, and the search for a body not followed yet.

Pure arithmetic on points and times; the networks are asked by `app.pose.litert_estimator`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from app.pose.blazepose import Detection, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Time constant of the region's place, size and turn. Measured with 0, 0.1, 0.3 and 0.6 s: on two real clips, 0.1 s
#: has the least white noise in trunk lean (0.32 and 0.60 deg against 0.39 and 0.69 deg without) and rear ankle; on
#: the drawn runner (`benchmarks.engines`) trunk lag and leg mix-ups differ by less than scene from scene. A region
#: that never turns is worse there: lean 2 deg too upright and twice the merged legs.
REGION_TAU_S = 0.1
#: The region's middle is never further from where the body wants it than this share of its side, and its side
#: never smaller or larger by more than the other share: a body that walks off takes it along.
REGION_SLACK = 0.10
REGION_SIZE_SLACK = 0.15
#: While a region is younger than about `REGION_TAU_S` it learns faster, by this share of its age: what the
#: detector gave first is rough.
REGION_YOUTH = 0.5

#: After a loss: so long only somebody within one body height of the place is taken ...
WAIT_S = 1.0
#: ... and so long somebody there is preferred to somebody larger.
REMEMBER_S = 3.0
#: The smaller squares that are searched, as a share of the picture's shorter side.
FINE_TILE = 2 / 3
#: Nobody smaller is taken (px from the hips to the rim, half a body): too small to coach, and in a gym a tripod or a
#: rack of that size passes for somebody, even with the landmark network.
LEAST_RADIUS_PX = 45.0
#: In a smaller square the detector must be this sure: more looks, more mistakes (a rack: 0.53; drawn runners: 0.7).
TILE_SCORE = 0.6
#: The reach of "there", in body heights (which are two of `Detection.radius`).
REACH_HEIGHTS = 1.0


class RegionFollower:
    """The region around one body: where the body wants it, low-passed, as its tremble is noise in every landmark.

    Args:
        tau_s: time constant; 0 takes every wish as it is.
    """

    def __init__(self, tau_s: float = REGION_TAU_S) -> None:
        self._tau_s = tau_s
        self._now: Region | None = None
        self._t_s = 0.0
        self._age_s = 0.0

    @property
    def region(self) -> Region | None:
        """Where to look; None while nobody is followed."""
        return self._now

    def reset(self) -> None:
        """Follow nobody."""
        self._now = None

    def start(self, region: Region, t_s: float) -> None:
        """Follow a body from a first rough region on."""
        self._now, self._t_s, self._age_s = region, t_s, 0.0

    def update(self, wish: Region, t_s: float) -> None:
        """Move towards the region that the body found at ``t_s`` wants.

        Time that stands or goes back moves it no more than the slack asks for.
        """
        if self._now is None:
            self.start(wish, t_s)
            return
        step_s = max(t_s - self._t_s, 0.0)
        memory_s = min(REGION_YOUTH * self._age_s, self._tau_s)
        self._t_s = t_s
        self._age_s += step_s
        share = 1.0 if memory_s <= 0.0 else -math.expm1(-step_s / memory_s)
        side_px = self._now.side_px + share * (wish.side_px - self._now.side_px)
        side_px = min(max(side_px, wish.side_px * (1 - REGION_SIZE_SLACK)), wish.side_px * (1 + REGION_SIZE_SLACK))
        slack_px = REGION_SLACK * wish.side_px
        middle = [
            min(max(now + share * (want - now), want - slack_px), want + slack_px)
            for now, want in zip(self._now.centre_px, wish.centre_px, strict=True)
        ]
        turn_rad = self._now.turn_rad + share * math.remainder(wish.turn_rad - self._now.turn_rad, math.tau)
        self._now = Region((middle[0], middle[1]), side_px, math.remainder(turn_rad, math.tau))


@dataclass(frozen=True, slots=True)
class Target:
    """Who is looked for: at which point, since when (None = not yet counted), how large (px, None = unknown).

    ``chosen``: somebody pointed there, so the body that holds the point is meant.
    """

    point_px: tuple[float, float]
    since_s: float | None = None
    radius_px: float | None = None
    chosen: bool = False

    def nearness(self, person: Detection) -> float:
        """Return how far a person is from here in body heights."""
        radius_px = max(person.radius, self.radius_px or 0.0, 1.0)
        return float(np.hypot(*(person.hip - self.point_px))) / (2 * radius_px)


class Search:
    """Looks for a body, one region of the picture per frame, and says whom to take.

    The detector sees nobody who is smaller than a sixth to a fifth of its square: in a picture 1280 px wide, a body
    below 200 px. So every second frame looks at a smaller square instead, around the target or one of `tiles`, which
    finds bodies of 100 px there, within 26 frames.
    """

    def __init__(self) -> None:
        self._target: Target | None = None
        self._looks = 0
        self._in_tile = False

    def reset(self) -> None:
        """Look for anybody, from the start."""
        self._target = None
        self._looks = 0

    def aim(self, target: Target) -> None:
        """Look for one person, from the start."""
        self._target = target
        self._looks = 0

    def next_region(self, size_px: tuple[int, int]) -> Region:
        """Return where to look in this frame, of a picture of a size (width, height)."""
        width, height = size_px
        turn, part = divmod(self._looks, 2)
        self._looks += 1
        self._in_tile = bool(part)
        middle = (width - 1) / 2, (height - 1) / 2
        if not self._in_tile:
            return Region(middle, float(max(size_px)))
        side_px = float(min(size_px))
        if self._target is not None and turn % 2 == 0:
            # Around the target: as large as the shorter side, then smaller.
            return Region(self._target.point_px, side_px * (FINE_TILE if turn // 2 % 2 else 1.0))
        places = tiles(size_px)
        return places[(turn if self._target is None else turn // 2) % len(places)]

    def choose(self, people: Sequence[Detection], t_s: float) -> Detection | None:
        """Return whom to follow of the people seen (image px); None: nobody yet."""
        least_score = TILE_SCORE if self._in_tile else 0.0
        people = [person for person in people if person.radius >= LEAST_RADIUS_PX and person.score >= least_score]
        target = self._target
        if target is not None and target.since_s is None:
            target = self._target = Target(target.point_px, t_s, target.radius_px, target.chosen)
        if target is not None and abs(t_s - (target.since_s or 0.0)) > REMEMBER_S:
            target = self._target = None
        if not people:
            return None
        largest = max(people, key=lambda person: person.radius)
        if target is None or target.since_s is None:
            return largest
        nearest = min(people, key=target.nearness)
        if target.nearness(nearest) <= REACH_HEIGHTS:
            return nearest
        return largest if abs(t_s - target.since_s) > WAIT_S and not target.chosen else None


@cache
def tiles(size_px: tuple[int, int]) -> tuple[Region, ...]:
    """Return squares that cover a picture (width, height), nearest to its middle first.

    First those of the picture's shorter side, then those of `FINE_TILE` of it; neighbours share half or more.
    """
    middle = np.array([(side - 1) / 2 for side in size_px])
    found: list[Region] = []
    for share in (1.0, FINE_TILE):
        side_px = share * min(size_px)
        half_px = (side_px - 1) / 2
        columns, rows = (
            half_px + np.linspace(0.0, spare, 1 + math.ceil(2 * spare / side_px))
            for spare in np.subtract(size_px, side_px)
        )
        level = [Region((float(x), float(y)), side_px) for y in rows for x in columns]
        found += sorted(level, key=lambda tile: float(np.hypot(*(middle - tile.centre_px))))
    return tuple(found)
