"""BlazePose without MediaPipe: what goes into its two networks, and what their numbers mean.

The *detector* sees a square of the picture at 224 px and answers 2254 candidate people, each relative to its
anchor. The *landmark network* sees a square around one person at 256 px and answers 39 points (33 landmarks and
six of its own), a heat map for each, how sure it is that somebody is there, and a mask of the body. The
constants are those of MediaPipe's own graphs (``pose_detection_cpu``, ``pose_landmark_by_roi_cpu``); with a
region like MediaPipe's, the landmarks agree with it to a pixel. Pure arithmetic: no network library is used here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from app.coach.types import FloatArray, read_only

Float32Array = NDArray[np.float32]

#: Sides of what the two networks see, in px.
DETECTOR_PX = 224
LANDMARKER_PX = 256
#: What the networks answer, per person: candidates, their numbers; points, their numbers; the heat maps' sides.
CANDIDATES, CANDIDATE_NUMBERS = 2254, 12
POINTS, POINT_NUMBERS = 39, 5
HEATMAP_PX = 64

#: BlazePose's landmark numbers in the order of our `Landmark`; HEAD_TOP has none.
IN_OUR_ORDER = np.array([0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32])
#: The landmark network's own points that tell the next region: the middle of the hips, and a point on the circle
#: around it that holds the whole body.
HIP_POINT, RIM_POINT = 33, 34
#: How much wider a region is than the circle around the body.
REGION_MARGIN = 1.25

#: A candidate is a person from this score on (MediaPipe's ``min_pose_detection_confidence``).
DETECTION_SCORE = 0.5
#: Candidates that overlap more than this (intersection over union) are one person.
SAME_PERSON_OVERLAP = 0.3
#: The landmark network saw somebody from this on (MediaPipe's ``min_pose_presence_confidence``).
PRESENCE_SCORE = 0.5

#: Side of the window of a heat map that a landmark is refined in, and the least of its peak.
_HEATMAP_KERNEL = 7
_HEATMAP_PEAK = 0.5
#: Cells between the anchors of each layer, in detector px, and anchors per cell.
_ANCHOR_LAYERS = ((8, 2), (16, 2), (32, 6))


@dataclass(frozen=True, slots=True)
class Region:
    """A square of the picture that a network is shown.

    Attributes:
        centre_px: (x, y) in the picture.
        side_px: its side.
        turn_rad: + clockwise as seen: the direction that is up inside it points to the picture's right for +90 deg.
    """

    centre_px: tuple[float, float]
    side_px: float
    turn_rad: float = 0.0

    @classmethod
    def of_body(cls, hip_px: FloatArray, rim_px: FloatArray) -> Region:
        """Return the square that the landmark network wants to see for a body (see `HIP_POINT`, `RIM_POINT`)."""
        x, y = rim_px - hip_px
        side_px = 2 * REGION_MARGIN * max(math.hypot(x, y), 1.0)
        return cls((float(hip_px[0]), float(hip_px[1])), side_px, math.atan2(x, -y))

    def matrix(self, cells: int) -> FloatArray:
        """Return the (2, 3) matrix from the cells of a grid of ``cells`` squared to image px.

        As in MediaPipe, cell [0, 0] is taken at the region's corner, so that cell ``cells / 2`` is its middle.
        """
        cell_px = self.side_px / cells
        right, down = cell_px * math.cos(self.turn_rad), cell_px * math.sin(self.turn_rad)
        x, y = self.centre_px
        half = cells / 2
        return np.array([[right, -down, x - half * (right - down)], [down, right, y - half * (right + down)]])

    def place(self, unit_xy: FloatArray) -> FloatArray:
        """Return image px (..., 2) of points given in sides of this square from its upper left corner."""
        matrix = self.matrix(1)
        return np.asarray(unit_xy @ matrix[:, :2].T + matrix[:, 2], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A person as the detector sees one: a score 0..1, the head's and trunk's box and two points.

    ``box`` is the (4,) upper left and lower right corner; ``hip`` and ``rim`` are (2,), see `HIP_POINT` and
    `RIM_POINT`. All in the units of whoever made it: sides of the detector's square, or image px once `placed`.
    """

    score: float
    box: FloatArray
    hip: FloatArray
    rim: FloatArray

    def placed(self, region: Region) -> Detection:
        """Return it in image px, if it was found in ``region``."""
        corners = region.place(self.box.reshape(2, 2)).reshape(4)
        return Detection(self.score, corners, region.place(self.hip), region.place(self.rim))

    @property
    def region(self) -> Region:
        """What the landmark network should see of this person."""
        return Region.of_body(self.hip, self.rim)

    @property
    def radius(self) -> float:
        """How far the body reaches from the hips: about half its height."""
        return float(np.hypot(*(self.rim - self.hip)))


@cache
def anchors() -> FloatArray:
    """Return the (2254, 2) middles of the detector's candidates, in sides of its square."""
    layers = []
    for step_px, per_cell in _ANCHOR_LAYERS:
        cells = DETECTOR_PX // step_px
        y, x = np.mgrid[0:cells, 0:cells]
        middles = (np.stack((x, y), axis=-1).reshape(-1, 2) + 0.5) / cells
        layers.append(np.repeat(middles, per_cell, axis=0))
    return read_only(np.concatenate(layers))


def decode_detections(candidates: Float32Array, logits: Float32Array) -> list[Detection]:
    """Return the people among the detector's candidates, surest first.

    Args:
        candidates: (2254, 12) box middle, box size and four points, in detector px from the anchor.
        logits: (2254,) scores before the sigmoid.
    """
    scores = sigmoid(np.clip(logits.astype(np.float64), -100.0, 100.0))
    likely = np.flatnonzero(scores >= DETECTION_SCORE)
    likely = likely[np.argsort(-scores[likely], kind="stable")]
    numbers = candidates[likely].astype(np.float64) / DETECTOR_PX
    middles = anchors()[likely]
    centre, half = numbers[:, :2] + middles, numbers[:, 2:4] / 2
    hip, rim = numbers[:, 4:6] + middles, numbers[:, 6:8] + middles
    points = np.concatenate((centre - half, centre + half, hip, rim), axis=1)
    return _merged(points, scores[likely])


def _merged(points: FloatArray, scores: FloatArray) -> list[Detection]:
    """Return one detection for each group of overlapping candidates (surest first): their mean, weighted by score.

    Args:
        points: (n, 8) box corners, hip, rim.
        scores: (n,) of the candidates.
    """
    people = []
    left = np.arange(len(scores))
    while left.size:
        same = _overlap(points[left[0], :4], points[left, :4]) > SAME_PERSON_OVERLAP
        same[0] = True
        group = left[same]
        mean = np.average(points[group], axis=0, weights=scores[group])
        people.append(Detection(float(scores[left[0]]), mean[:4], mean[4:6], mean[6:8]))
        left = left[~same]
    return people


def _overlap(box: FloatArray, boxes: FloatArray) -> FloatArray:
    """Return the intersection over union (n,) of a box (4,) with boxes (n, 4)."""
    shared = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    intersection = np.prod(np.maximum(shared, 0.0), axis=1)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    union = float(np.prod(box[2:] - box[:2])) + area - intersection
    return np.asarray(intersection / np.maximum(union, 1e-12))


def decode_points(numbers: Float32Array, heatmaps: Float32Array) -> tuple[FloatArray, FloatArray]:
    """Return the landmark network's points, refined by their heat maps, and their visibility.

    Args:
        numbers: (195,) of 39 points: x, y, z in network px, visibility and presence before the sigmoid.
        heatmaps: (64, 64, 39), before the sigmoid.

    Returns:
        (39, 2) in sides of the region, outside 0..1 where the network guesses beyond it; and (39,) in 0..1.
    """
    table = numbers.reshape(POINTS, POINT_NUMBERS).astype(np.float64)
    return refine(table[:, :2] / LANDMARKER_PX, heatmaps), sigmoid(table[:, 3])


def refine(unit_xy: FloatArray, heatmaps: Float32Array) -> FloatArray:
    """Return points moved to the weighted middle of their heat map around them, where its peak is clear.

    Without it the lag is 5 ms and the noise of the ear 60 % larger (study of landmarks, section 1).

    Args:
        unit_xy: (n, 2) in sides of the region.
        heatmaps: (64, 64, n), before the sigmoid.
    """
    rows, columns, _ = heatmaps.shape
    reach = np.arange(_HEATMAP_KERNEL) - _HEATMAP_KERNEL // 2
    cells = np.clip(np.nan_to_num(unit_xy), -1.0, 2.0) * (columns, rows)
    inside = np.all((cells >= 0) & (cells < (columns, rows)), axis=1)
    middle = cells.astype(np.int64)
    x = middle[:, 0, None] + reach  # (n, kernel)
    y = middle[:, 1, None] + reach
    valid = ((y >= 0) & (y < rows))[:, :, None] & ((x >= 0) & (x < columns))[:, None, :]
    window = heatmaps[
        np.clip(y, 0, rows - 1)[:, :, None],
        np.clip(x, 0, columns - 1)[:, None, :],
        np.arange(len(unit_xy))[:, None, None],
    ]
    weights = sigmoid(window.astype(np.float64)) * valid
    total = weights.sum(axis=(1, 2))
    clear = inside & (weights.max(axis=(1, 2)) >= _HEATMAP_PEAK) & (total > 0)
    total = np.where(clear, total, 1.0)
    refined = np.stack(
        ((weights.sum(axis=1) * x).sum(axis=1) / total / columns, (weights.sum(axis=2) * y).sum(axis=1) / total / rows),
        axis=1,
    )
    return np.asarray(np.where(clear[:, None], refined, unit_xy))


def sigmoid(logits: FloatArray) -> FloatArray:
    """Return the probabilities of logits, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def upright_mask(logits: Float32Array, turn_rad: float) -> Float32Array:
    """Return the body mask (256, 256) in 0..1 of a turned region, over the upright one of the same middle and side.

    Probabilities are turned, not logits, whose two sides are of unequal steepness: turned as logits, the head's
    top scatters by 2.8 instead of 1.2 mm (`benchmarks.engines`).

    Args:
        logits: of the network, any shape of that size.
        turn_rad: of the region, see `Region`.
    """
    side = LANDMARKER_PX
    mask: Float32Array = np.tanh(logits.reshape(side, side) * np.float32(0.5))
    mask += np.float32(1.0)
    mask *= np.float32(0.5)
    if not turn_rad:
        return mask
    unturn = Region((side / 2, side / 2), side, -turn_rad).matrix(side)
    turned = cv2.warpAffine(mask, unturn, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(turned, dtype=np.float32)
