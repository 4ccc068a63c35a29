"""Draws the head: in profile up to an oblique view, from the front or the back beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.sim import shapes
from app.sim.paint import Layer, tinted
from app.sim.rig import placed

if TYPE_CHECKING:
    from app.coach.types import FloatArray, ImageArray
    from app.sim.look import Look
    from app.sim.rig import Rig

#: Sine of the yaw beyond which the profile gives way to the view from the front or back.
FRONTAL = 0.78
RADIUS_BH, DEPTH, SHADOW = 0.036, 0.32, 0.22
EYE_WHITE_RGB, IRIS_RGB = (232, 228, 222), (48, 34, 28)
_C = {
    name: shapes.smooth(getattr(shapes, name))
    for name in (
        *("SKULL", "HAIR_SHORT", "HAIR_TAIL", "HAIR_SHINE", "PONYTAIL", "EAR", "LIPS", "EYE_WHITE", "IRIS", "BROW"),
        *("FACE_FRONT", "HAIR_FRONT", "EYE_FRONT", "BROW_FRONT", "NOSE_FRONT", "MOUTH_FRONT"),
    )
}


def paint_head(picture: ImageArray, body: ImageArray, rig: Rig, look: Look, size_px: tuple[int, int]) -> None:
    """Draw the head over the picture; ``body`` is the mask of the body so far (see `Layer.compose`)."""
    draw = _frontal if abs(rig.frontal) > FRONTAL else _profile
    layer = draw(rig, look, size_px)
    layer.compose(picture, body, DEPTH, SHADOW)


def _profile(rig: Rig, look: Look, size_px: tuple[int, int]) -> Layer:
    def at(name: str, frame: FloatArray = rig.head) -> FloatArray:
        return placed(frame, _C[name])

    tail = [at("PONYTAIL")] if look.hair_style == "tail" else []
    layer = Layer([at("SKULL"), at("HAIR_SHORT"), *tail], size_px, look.skin, 1.0, RADIUS_BH * rig.scale[2])
    for part in tail:
        layer.add(part, look.hair)
    layer.add(at("SKULL"), look.skin)
    if look.hair_style != "bald":
        layer.add(at("HAIR_TAIL" if look.hair_style == "tail" else "HAIR_SHORT"), look.hair)
        layer.add(at("HAIR_SHINE"), tinted(look.hair, 1.32), grow_mask=False)
    layer.add(at("EAR", rig.ear), tinted(look.skin, 0.90), grow_mask=False)
    layer.add(placed(rig.ear, 0.55 * _C["EAR"]), tinted(look.skin, 0.70), grow_mask=False)
    layer.add(at("LIPS"), tinted(look.skin, 0.86), grow_mask=False)
    layer.add(at("EYE_WHITE"), EYE_WHITE_RGB, grow_mask=False)
    layer.add(at("IRIS"), IRIS_RGB, grow_mask=False)
    layer.add(at("BROW"), tinted(look.hair, 0.9), grow_mask=False)
    return layer


def _frontal(rig: Rig, look: Look, size_px: tuple[int, int]) -> Layer:
    s = rig.scale[2]
    frame = np.stack((rig.head[0], np.array((s, 0.0)), rig.head[2]))

    def at(name: str, flip: bool = False) -> FloatArray:
        return placed(frame, _C[name] * ((-1.0, 1.0) if flip else (1.0, 1.0)))

    layer = Layer([at("FACE_FRONT"), at("HAIR_FRONT")], size_px, look.skin, 1.0, RADIUS_BH * s)
    layer.add(at("FACE_FRONT"), look.skin)
    if look.hair_style != "bald":
        layer.add(at("HAIR_FRONT"), look.hair)
    if rig.frontal < 0.0:
        # From behind: hair down to the nape.
        nape = np.clip(_C["FACE_FRONT"], (-1.0, -0.022), (1.0, 1.0))
        layer.add(placed(frame, nape), look.skin if look.hair_style == "bald" else look.hair, grow_mask=False)
        return layer
    layer.add(at("NOSE_FRONT"), tinted(look.skin, 0.86), grow_mask=False)
    layer.add(at("MOUTH_FRONT"), tinted(look.skin, 0.74), grow_mask=False)
    for flip in (False, True):
        eye = at("EYE_FRONT", flip)
        layer.add(eye, EYE_WHITE_RGB, grow_mask=False)
        layer.add(eye.mean(axis=0) + (eye - eye.mean(axis=0)) * np.array((0.42, 0.95)), IRIS_RGB, grow_mask=False)
        layer.add(at("BROW_FRONT", flip), tinted(look.hair, 0.9), grow_mask=False)
    return layer
