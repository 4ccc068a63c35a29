"""How high the head is: the top of the body's outline in the head's columns, checked against the ear.

Measured on rendered runs (MediaPipe's mask at 30 and 60 fps, LiteRT's 256 x 256 cells; 720p, body 540 px, 3.3 mm/px):

| HEAD_TOP from | SD a frame | SD of step peaks | lag | drop from standing to running, error |
|---|---|---|---|---|
| ear as the network gives it | 2.4 to 4.8 mm | 1.2 to 4.8 mm | 0 to -2 ms | -4 to -10 mm |
| outline, MediaPipe | 0.7 to 1.0 mm | 0.6 to 0.8 mm | 0.3 ms at most | -1.0 to -0.1 mm |
| outline, LiteRT | 1.3 mm | 1.4 mm | 0.3 ms | -0.7 mm |

What touches the head in the picture leads the outline astray. A dark window frame that dark hair reaches at every apex
adds a bump of up to 25 mm: SD a frame 6.3 and 4.1 mm in two such scenes, 2.9 and 2.3 with the bump cut off (see
`WIDE_CHORD_TRUNKS`), of step peaks 3.5 and 2.1. What is wider than a head is left to the ear. Hair counts as head.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from app.coach.filters import median
from app.coach.geometry import NAN, Point, distance, midpoint, seen
from app.coach.types import BodyPose, Doubt, Landmark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.pose.estimator import BodyMask

#: Half width of the head's columns about the ear, trunk lengths: a head is .38 long in profile and its ear lies a
#: little behind its middle, nodding included. Wider lets in neighbours, narrower cuts a head that looks down.
COLUMNS_TRUNKS = 0.28
#: The head begins where its outline is this wide. The highest column alone would follow single hairs and the noise of
#: one cell (SD 1.1 to 1.3 mm a frame against .7 to 1.0); a chord of .08 lies 2 mm under the top of a head.
CHORD_TRUNKS = 0.08
#: A wider chord further down, and how much more than usual the top may rise over it: 3 mm, as `GATE_TRUNKS`. Something
#: dark that dark hair touches adds a bump to the outline, 20 mm high, but narrower than a head.
WIDE_CHORD_TRUNKS = 0.30
BUMP_TRUNKS = 0.006
#: A cell belongs to the body from here on.
BODY_VALUE = 0.5
#: How far a top may lie above the ear, trunk lengths. Nearer or farther it is no top, whatever the history says: real
#: and rendered heads have .22 to .31, a nod and hair that flops -.06 to +.10 of it; .5 leaves room for hair and caps.
LEAST_TRUNKS, MOST_TRUNKS = 0.12, 0.50
#: The top is believed while its height over the ear is within this of its own median: 35 mm of a trunk of .29 BH at
#: 1.78 m. Within 25 mm (landmarks.md, section 2) 12 % of the frames of a real runner whose hair flops and who wipes his
#: face would be refused, though the outline is right in those looked at; within 35 mm 1.5 % (.5 with bumps cut off).
#: Of a small real runner and eight rendered ones: none.
GATE_TRUNKS = 0.068
#: That median runs over so long, over one sample in each slot, and counts once it has so many samples. What is
#: rejected is in it too: a cap put on, or somebody else, has the majority after half the time and is believed then.
#: Half as long, a smear of 60 mm is believed after 2.5 s; and longer costs little: by ear, a head with a cap on keeps
#: the height it had without.
MEDIAN_S = 10.0
SLOT_S = 0.1
ENOUGH_SAMPLES = 5
#: The ear stands in with the median offset of so many samples believed last: two seconds, as the network's ear moves
#: on the head by 4 to 10 mm between standing and running (RMS error of the stand-in in two rendered runs from the
#: second second on: 3.6 and 5.8 mm; with 5 s it is 6.4 and 6.9).
BELIEVED_SAMPLES = 20
#: Nearer to the camera or farther away by this ratio, so many samples long: nothing in px holds any more. Who walks
#: from the laptop to the belt would else have his head 75 to 250 mm too high for 5 s, while he stands for his reference
#: (synthetic outlines 1.6 to 3 times as large before). Up to 26 % the gate passes by itself.
OTHER_DISTANCE, OTHER_DISTANCE_SAMPLES = 1.2, 5
#: After so long without a head it may be somebody else's (as `app.coach.model` has it for the standing reference).
FORGET_S = 5.0
#: HEAD_TOP's x is the middle of so much of the head under its top, trunk lengths.
CROWN_TRUNKS = 0.15
#: Visibility of a HEAD_TOP that stands on the ear, as a share of the ear's.
BY_EAR_VISIBILITY = 0.5


class Top(NamedTuple):
    """The top of an outline, image px: its position, and the row where it first is as wide as the wide chord."""

    x_px: float
    y_px: float
    wide_y_px: float


NO_TOP = Top(NAN, NAN, NAN)


class HeadFinder:
    """Sets HEAD_TOP from the mask, frame by frame; without look-ahead, and without smoothing: no lag."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the head seen so far: another person, or another picture."""
        #: One sample a slot: time, trunk length px, height of the top over ear and wide chord in trunk lengths.
        self._slots: deque[tuple[float, float, float, float]] = deque()
        #: Offsets (x, y up) from the ear of the tops believed last, trunk lengths.
        self._believed: deque[Point] = deque(maxlen=BELIEVED_SAMPLES)
        #: What is usual: height of the top over the ear and over the wide chord, trunk lengths; the trunk, px.
        self._usual_trunks, self._round_trunks, self._trunk_px = NAN, NAN, NAN
        self._offset: Point = (NAN, NAN)
        self._last_s = float("-inf")

    def refine(self, pose: BodyPose, mask: BodyMask | None) -> BodyPose:
        """Return ``pose`` with HEAD_TOP: the mask's top, else ear + usual offset with `Doubt.HEAD_BY_EAR`.

        NaN, with the doubt, while the usual offset is not known yet. A pose without an ear comes back as it is, and
        so does one whose landmarks are markers.
        """
        ear = middle(pose, Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
        if pose.markers or not seen(ear):
            return pose
        if not 0.0 <= pose.t_s - self._last_s <= FORGET_S:
            self.reset()
        self._last_s = pose.t_s
        trunk_px = self._trunk_px if self._trunk_px > 0.0 else trunk_length_px(pose)
        if not trunk_px > 0.0:
            return replace(pose, doubts=pose.doubts | {Doubt.HEAD_BY_EAR})
        found = find_top(mask, ear, trunk_px) if mask is not None and trunk_px > 0.0 else NO_TOP
        round_trunks = (found.wide_y_px - found.y_px) / trunk_px
        bump_trunks = round_trunks - self._round_trunks - BUMP_TRUNKS
        y_px = found.y_px + bump_trunks * trunk_px if bump_trunks > 0.0 else found.y_px
        offset = (found.x_px - ear[0]) / trunk_px, (ear[1] - y_px) / trunk_px
        believed = seen(offset) and not abs(offset[1] - self._usual_trunks) > GATE_TRUNKS
        self._remember(pose, offset, round_trunks, believed)
        if believed:
            return _with_head_top(pose, (found.x_px, y_px), 1.0)
        x, y = self._offset
        by_ear = _with_head_top(pose, (ear[0] + x * trunk_px, ear[1] - y * trunk_px), BY_EAR_VISIBILITY)
        return replace(by_ear, doubts=pose.doubts | {Doubt.HEAD_BY_EAR})

    def _remember(self, pose: BodyPose, offset: Point, round_trunks: float, believed: bool) -> None:
        """Take one sample in each slot of time, and renew what is usual."""
        slots = self._slots
        if slots and pose.t_s - slots[-1][0] < SLOT_S:
            return
        slots.append((pose.t_s, trunk_length_px(pose), offset[1], round_trunks))
        while pose.t_s - slots[0][0] > MEDIAN_S:
            slots.popleft()
        trunks_px = [trunk_px for _, trunk_px, *_ in slots]
        if at_other_distance(trunks_px):
            self.reset()
            return
        self._trunk_px = median(trunks_px)
        heights = [height for _, _, height, _ in slots if height == height]
        if len(heights) >= ENOUGH_SAMPLES:
            # Else what was usual stays: it is still this head's, until somebody says otherwise.
            self._usual_trunks = median(heights)
            self._round_trunks = median(over_chord for *_, over_chord in slots)
        if believed:
            self._believed.append(offset)
            if len(self._believed) >= ENOUGH_SAMPLES:
                self._offset = median(x for x, _ in self._believed), median(y for _, y in self._believed)


def find_top(mask: BodyMask, ear: Point, trunk_px: float) -> Top:
    """Return the top of the head over ``ear``, sub-pixel; `NO_TOP` where there is none.

    Upwards from the ear's row, the head ends where the outline gets narrower than a chord of `CHORD_TRUNKS`; between
    rows the width is interpolated. From the ear, so that nothing above the head counts that does not touch it.
    """
    left, top, cell_px = (*mask.origin_px, mask.cell_px)
    rows, columns = mask.values.shape
    half_px = COLUMNS_TRUNKS * trunk_px
    # Rounded inwards on both sides: the mirror image has the mirrored columns.
    c0 = math.ceil(_within((ear[0] - half_px - left) / cell_px, columns))
    c1 = math.floor(_within((ear[0] + half_px - left) / cell_px, columns - 1)) + 1
    r0 = math.ceil(_within((ear[1] - MOST_TRUNKS * trunk_px - top) / cell_px, rows))
    r1 = math.floor(_within((ear[1] - top) / cell_px, rows - 1)) + 1
    if c1 - c0 < 2 or r1 - r0 < 2:
        return NO_TOP
    # Steeper than the mask itself, about its half: a faint veil over the whole window has no width.
    window = np.clip(2.0 * mask.values[r0:r1, c0:c1] - (2.0 * BODY_VALUE - 0.5), 0.0, 1.0)
    widths = (window.sum(axis=1) * cell_px).tolist()
    row, top_row = _narrower(widths, len(widths) - 1, CHORD_TRUNKS * trunk_px)
    _, wide_row = _narrower(widths, len(widths) - 1, WIDE_CHORD_TRUNKS * trunk_px)
    y_px, wide_y_px = top + (r0 + top_row) * cell_px, top + (r0 + wide_row) * cell_px
    if not ear[1] - y_px >= LEAST_TRUNKS * trunk_px:
        return NO_TOP
    crown = window[row + 1 : row + 2 + math.floor(CROWN_TRUNKS * trunk_px / cell_px)].sum(axis=0)
    middle_column = float(crown @ np.arange(c0, c1)) / float(crown.sum())
    return Top(left + middle_column * cell_px, y_px, wide_y_px)


def _narrower(widths: list[float], row: int, chord: float) -> tuple[int, float]:
    """Return the first row from ``row`` upwards that is narrower than ``chord``, and where between rows it becomes so.

    NaN where the outline is narrower at once, or never.
    """
    start = row
    while row >= 0 and widths[row] >= chord:
        row -= 1
    if row < 0 or row == start or not widths[row] < chord:
        return row, NAN
    return row, row + (chord - widths[row]) / (widths[row + 1] - widths[row])


def _within(cell: float, most: int) -> float:
    """Return ``cell`` clipped to 0..most; 0 for NaN."""
    return min(max(cell, 0.0), float(most)) if cell == cell else 0.0


def middle(pose: BodyPose, left: Landmark, right: Landmark) -> Point:
    """Return the middle of a pair of landmarks, the one that is known, or NaN; image px."""
    (ax, ay), (bx, by) = pose.xy_px[[left, right]].tolist()
    return midpoint((ax, ay), (bx, by))


def trunk_length_px(pose: BodyPose) -> float:
    """Return the distance of the middle hip from the middle shoulder, px; NaN where either is missing."""
    hip = middle(pose, Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
    return distance(hip, middle(pose, Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER))


def at_other_distance(trunks_px: Sequence[float]) -> bool:
    """Return whether the newest of a body's trunk lengths (px, oldest first) are of another size than most of them."""
    if len(trunks_px) <= OTHER_DISTANCE_SAMPLES:
        return False
    newest_px, usual_px = median(trunks_px[-OTHER_DISTANCE_SAMPLES:]), median(trunks_px)
    return newest_px > OTHER_DISTANCE * usual_px or usual_px > OTHER_DISTANCE * newest_px


def _with_head_top(pose: BodyPose, at: Point, share: float) -> BodyPose:
    """Return the pose with HEAD_TOP there, as visible as that share of the better ear; NaN is not visible."""
    xy_px, visibility = pose.xy_px.copy(), pose.visibility.copy()
    xy_px[Landmark.HEAD_TOP] = at
    ear = max(visibility[Landmark.LEFT_EAR], visibility[Landmark.RIGHT_EAR])
    visibility[Landmark.HEAD_TOP] = share * ear if seen(at) else 0.0
    return replace(pose, xy_px=xy_px, visibility=visibility)
