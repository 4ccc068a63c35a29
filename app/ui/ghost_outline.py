"""The outline of a body made of joints: tapered limbs drawn as one silhouette, rounded, and traced.

Drawn in pixels and traced instead of united as paths: the union of a dozen overlapping capsules has no stray slivers
then, creases at neck, knee and heel come out rounded, and holes between arm and trunk stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath, QPolygonF

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Place = tuple[float, float]
    Points = tuple[tuple[str, float, float], ...]

#: Fineness of the drawing, px for one body height, and room around it.
FINE_PX, MARGIN_PX = 900, 24
#: How far creases are rounded, and how far the traced outline may be from the drawn one, px of the drawing.
ROUND_PX, TRACE_PX = 9.0, 0.8
#: Smaller holes than this (px of the drawing, squared) are no holes of a body.
LEAST_HOLE_PX2 = 500.0


class Part(StrEnum):
    """The parts of the outline that are told apart."""

    HEAD = "head"
    TRUNK = "trunk"
    HIPS = "hips"
    FRONT_LEG = "front_leg"
    REAR_LEG = "rear_leg"


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline in body heights, x forward, y **down** from the ground as Qt draws.

    Attributes:
        silhouette: closed, holes left out.
        edges: its edge in pieces, each with the part of the body that it belongs to.

    """

    silhouette: QPainterPath
    edges: tuple[tuple[Part, QPolygonF], ...]


@dataclass(frozen=True, slots=True)
class _Limb:
    """A tapered limb: radii at its two ends, body heights."""

    part: Part
    start: Place
    end: Place
    start_bh: float
    end_bh: float


def _along(a: Place, b: Place, part: float) -> Place:
    return a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])


def _limbs(places: dict[str, Place]) -> list[_Limb]:
    """Return the limbs. Widths are half the depth of an adult seen from the side: sensible, not measured."""
    ear, shoulder, hip = places["ear"], places["shoulder"], places["hip"]
    waist, nape = _along(hip, shoulder, 0.45), _along(shoulder, ear, 0.25)
    # The joint lies ahead of the middle between belly and seat.
    chest, seat = _along(hip, shoulder, 0.75), (hip[0] - 0.006, hip[1])
    # The skull lies a little ahead of and above the ear (ear at .93, crown at 1.0, chin at .87 of body height).
    face, crown = (ear[0] + 0.012, ear[1] - 0.018), (ear[0] - 0.002, ear[1] + 0.014)
    limbs = [
        _Limb(Part.HEAD, crown, face, 0.054, 0.043),
        _Limb(Part.HEAD, _along(shoulder, ear, 0.9), nape, 0.028, 0.033),
        _Limb(Part.TRUNK, nape, chest, 0.036, 0.062),
        _Limb(Part.TRUNK, shoulder, chest, 0.046, 0.064),
        _Limb(Part.TRUNK, chest, waist, 0.064, 0.056),
        _Limb(Part.HIPS, waist, seat, 0.056, 0.063),
    ]
    for part, name in ((Part.REAR_LEG, "rear"), (Part.FRONT_LEG, "front")):
        limbs += _leg(places, part, name, hip)
    if "elbow" in places and "wrist" in places:
        elbow, wrist = places["elbow"], places["wrist"]
        hand = _along(elbow, wrist, 1.18)
        limbs.append(_Limb(Part.TRUNK, shoulder, elbow, 0.030, 0.023))
        limbs.append(_Limb(Part.TRUNK, elbow, hand, 0.024, 0.016))
    return limbs


def _leg(places: dict[str, Place], part: Part, name: str, hip: Place) -> list[_Limb]:
    knee, ankle = places[f"{name}_knee"], places[f"{name}_ankle"]
    heel, toe = places.get(f"{name}_heel"), places.get(f"{name}_toe")
    # A foot that was not seen stands flat on the ground (ankle .039, toe .12 ahead; biomechanics D1).
    heel = heel if heel is not None else (ankle[0] - 0.035, ankle[1] - 0.025)
    toe = toe if toe is not None else (ankle[0] + 0.10, ankle[1] - 0.030)
    calf, thigh = _along(knee, ankle, 0.32), _along(hip, knee, 0.35)
    return [
        _Limb(Part.HIPS, _along(hip, knee, 0.12), thigh, 0.056, 0.048),
        _Limb(part, thigh, knee, 0.048, 0.034),
        _Limb(part, knee, calf, 0.034, 0.035),
        _Limb(part, calf, ankle, 0.035, 0.020),
        _Limb(part, ankle, heel, 0.020, 0.020),
        _Limb(part, ankle, toe, 0.022, 0.013),
        _Limb(part, heel, toe, 0.018, 0.013),
    ]


def _capsule(limb: _Limb, to_px: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the corners (n, 2) of a tapered limb in px: the hull of its two end circles."""
    turn = np.linspace(0.0, 2.0 * np.pi, 32, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    rims = [np.array(end) + radius * circle for end, radius in ((limb.start, limb.start_bh), (limb.end, limb.end_bh))]
    rim_px = (np.concatenate(rims) - to_px) * FINE_PX
    return np.asarray(cv2.convexHull(rim_px.round().astype(np.int32)), dtype=np.int32).reshape(-1, 2)


@lru_cache(maxsize=16)
def outline_of(points: Points) -> Outline:
    """Return the outline of joints (name, x_bh, y_bh up); the same object for the same joints."""
    # Down, as a picture and Qt have it.
    places = {str(name): (x, y) for name, x, y in points}
    limbs = _limbs(places)
    ends = np.array([end for limb in limbs for end in (limb.start, limb.end)])
    low, high = ends.min(axis=0) - 0.08, ends.max(axis=0) + 0.08
    width, height = (np.ceil((high - low) * FINE_PX).astype(int) + 2 * MARGIN_PX).tolist()
    corner = low - MARGIN_PX / FINE_PX
    drawing = np.zeros((height, width), np.uint8)
    for limb in limbs:
        cv2.fillConvexPoly(drawing, _capsule(limb, corner), 255, cv2.LINE_AA)
    rounded = cv2.GaussianBlur(drawing, (0, 0), ROUND_PX)
    solid = (rounded > 127).astype(np.uint8)
    contours, _ = cv2.findContours(solid, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    silhouette, edges = QPainterPath(), []
    silhouette.setFillRule(Qt.FillRule.OddEvenFill)
    for contour in contours:
        if cv2.contourArea(contour) < LEAST_HOLE_PX2:
            continue
        traced = cv2.approxPolyDP(contour, TRACE_PX, closed=True).reshape(-1, 2)
        edge_bh = traced / FINE_PX + corner
        silhouette.addPolygon(_polygon(edge_bh))
        silhouette.closeSubpath()
        edges += _pieces(edge_bh, limbs)
    return Outline(silhouette, tuple(edges))


def _polygon(edge_bh: NDArray[np.float64]) -> QPolygonF:
    return QPolygonF([QPointF(x, -y) for x, y in edge_bh.tolist()])


def _pieces(edge_bh: NDArray[np.float64], limbs: list[_Limb]) -> list[tuple[Part, QPolygonF]]:
    """Cut a closed edge (n, 2) where the part changes that its points belong to."""
    owners = _owners(edge_bh, limbs)
    changes = [k for k in range(len(owners)) if owners[k] is not owners[k - 1]]
    if not changes:
        return [(owners[0], _polygon(np.concatenate([edge_bh, edge_bh[:1]])))]
    pieces = []
    for start, end in zip(changes, [*changes[1:], changes[0] + len(owners)], strict=True):
        # One point more: the pieces meet.
        indices = np.arange(start, end + 1) % len(owners)
        pieces.append((owners[start], _polygon(edge_bh[indices])))
    return pieces


def _owners(edge_bh: NDArray[np.float64], limbs: list[_Limb]) -> list[Part]:
    """Return the part whose limb's surface is nearest to each point."""
    ways = []
    for limb in limbs:
        a, b = np.array(limb.start), np.array(limb.end)
        along = b - a
        part = np.clip((edge_bh - a) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
        radius = limb.start_bh + part * (limb.end_bh - limb.start_bh)
        ways.append(np.hypot(*(edge_bh - a - part[:, None] * along).T) - radius)
    return [limbs[k].part for k in np.argmin(np.stack(ways), axis=0)]
