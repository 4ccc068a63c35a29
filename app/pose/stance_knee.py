"""The knee of the stance leg while the legs pass each other, when the network cannot tell the two knees apart.

Around midstance the network pulls both knees together, and the hips up towards the head: the stance knee reads 6 to
11 deg too straight (measured on rendered runners, both facings). The lengths of that very leg are seen well a tenth of
a second earlier, with the legs apart, and the shoulders are seen well always. So the hip is put where the usual trunk
length has it, and thigh and shank of their usual lengths are hung between it and the ankle, knee ahead.

One leg's lengths are not the other's: the camera sees the near leg larger, and 1 % of length is 4 deg of knee.
Lengths here are in mean trunk lengths.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median

from app.coach.geometry import Point, distance, seen, two_link_deg

#: A leg's lengths are the median over so many of its stances.
STANCES = 6
#: Frames of the present stance that stand in for a leg without any stance yet.
FIRST_FRAMES = 2
#: Trunk length that the hip is put at: the mean over the stride holds the frames in which the hips are lifted, by 2 to
#: 5 % in a third of them, and is itself so much short.
USUAL_TRUNK = 1.01
#: The hip is moved by the trunk's length no further than this, trunk lengths (0.02 to 0.05 seen).
HIP_MOST = 0.08

_Lengths = tuple[float, float]


class StanceKnee:
    """Learns the segments of both legs with the legs apart, and gives the stance knee where they pass."""

    def __init__(self) -> None:
        self._stances: tuple[deque[_Lengths], deque[_Lengths]] = (deque(maxlen=STANCES), deque(maxlen=STANCES))
        self._present: tuple[list[_Lengths], list[_Lengths]] = ([], [])

    def reset(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def learn(self, leg: int, hip: Point, knee: Point, ankle: Point) -> None:
        """Take one frame of leg 0 or 1 in early stance with the legs well apart."""
        lengths = (distance(hip, knee), distance(knee, ankle))
        if all(math.isfinite(length) and length > 0.0 for length in lengths):
            self._present[leg].append(lengths)

    def new_step(self) -> None:
        """The legs have passed: what was learnt of the present stance is one vote for its leg."""
        for past, present in zip(self._stances, self._present, strict=True):
            if present:
                past.append(_medians(present))
                present.clear()

    def knee(self, leg: int, shoulder: Point, hip: Point, ankle: Point) -> Point:
        """Return where the knee must be for its angles to be right as seen from ``hip`` and ``ankle``; NaN unknown.

        Angles are solved from the hip that the mean trunk length gives; the knee is then set out from ``hip`` as it
        is, on a leg scaled to its distance from the ankle, so that the caller's thigh and shank angles come out.
        """
        known = list(self._stances[leg]) or (self._present[leg] if len(self._present[leg]) >= FIRST_FRAMES else [])
        trunk = distance(hip, shoulder)
        if not known or not seen(ankle) or not trunk > 0.0:
            return math.nan, math.nan
        thigh, shank = _medians(known)
        longer = min(max(USUAL_TRUNK, trunk - HIP_MOST), trunk + HIP_MOST) / trunk
        better = (shoulder[0] + (hip[0] - shoulder[0]) * longer, shoulder[1] + (hip[1] - shoulder[1]) * longer)
        thigh_deg, _ = two_link_deg(better, ankle, thigh, shank)
        reach = distance(better, ankle)
        if not (reach > 0.0 and math.isfinite(thigh_deg)):
            return math.nan, math.nan
        scaled = thigh * distance(hip, ankle) / reach
        radians = math.radians(thigh_deg)
        return hip[0] + scaled * math.sin(radians), hip[1] - scaled * math.cos(radians)


def _medians(rows: list[_Lengths]) -> _Lengths:
    return median(row[0] for row in rows), median(row[1] for row in rows)
