"""Draws the head: in profile up to an oblique view, from the front or the back beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.sim import shapes
from app.sim.landmarks import LATERAL_BH
from app.sim.paint import Layer, tinted
from app.sim.rig import placed

if TYPE_CHECKING:
    from app.coach.types import FloatArray, ImageArray
    from app.sim.look import Look, Rgb
    from app.sim.rig import Rig

#: Sine of the yaw beyond which the profile gives way to the view from the front or back.
FRONTAL = 0.78
#: The same for a head that is turned on the body: the view from the front (or back) then shows the cheek too.
TURNED_FRONT, TURNED_BACK = 0.62, -0.55
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
    if rig.head_forward == 0.0:
        draw = _frontal if abs(rig.head_frontal) > FRONTAL else _profile
    elif rig.head_frontal > TURNED_FRONT:
        draw = _three_quarter
    else:
        draw = _from_behind if rig.head_frontal < TURNED_BACK else _profile
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
    if rig.head_frontal < 0.0:
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


def _facing_frame(rig: Rig) -> FloatArray:
    return np.stack((rig.head[0], np.array((rig.scale[2], 0.0)), rig.head[2]))


def _three_quarter(rig: Rig, look: Look, size_px: tuple[int, int]) -> Layer:
    """A head turned toward the camera on a body seen from the side: face, near ear and the hair behind it."""
    s, frame = rig.scale[2], _facing_frame(rig)
    layer = Layer([placed(frame, _C[name]) for name in ("FACE_FRONT", "HAIR_FRONT")], size_px, look.skin, 1.0,
                  RADIUS_BH * s)  # fmt: skip

    def feature(name: str, depth_bh: float, colour: Rgb, flip: bool = False) -> FloatArray:
        """Draw a part that lies ``depth_bh`` before the head's axis; return its outline."""
        contour = _C[name] * ((-rig.head_frontal if flip else rig.head_frontal), 1.0)
        outline = placed(frame, contour + np.array((depth_bh * rig.head_forward, 0.0)))
        layer.add(outline, colour, grow_mask=name == "NOSE_FRONT")
        return outline

    layer.add(placed(frame, _C["FACE_FRONT"]), look.skin)
    if look.hair_style != "bald":
        layer.add(placed(frame, _C["HAIR_FRONT"]), look.hair)
        ear_x = -LATERAL_BH["ear"] * rig.head_frontal
        behind_ear = np.clip(_C["FACE_FRONT"], (-1.0, -0.026), (ear_x, 1.0))
        layer.add(placed(frame, behind_ear), look.hair, grow_mask=False)
    layer.add(placed(rig.ear, _C["EAR"]), tinted(look.skin, 0.84), grow_mask=False)
    feature("MOUTH_FRONT", 0.050, tinted(look.skin, 0.74))
    for flip in (False, True):
        eye = feature("EYE_FRONT", 0.047, EYE_WHITE_RGB, flip)
        iris = eye.mean(axis=0) + (eye - eye.mean(axis=0)) * np.array((0.42, 0.95))
        layer.add(iris, IRIS_RGB, grow_mask=False)
        feature("BROW_FRONT", 0.049, tinted(look.hair, 0.9), flip)
    feature("NOSE_FRONT", 0.062, tinted(look.skin, 0.86))
    return layer


def _from_behind(rig: Rig, look: Look, size_px: tuple[int, int]) -> Layer:
    """A head turned away on a body seen from the side: hair, near ear and a piece of the cheek."""
    s, frame = rig.scale[2], _facing_frame(rig)
    head = placed(frame, _C["FACE_FRONT"])
    layer = Layer([head, placed(frame, _C["HAIR_FRONT"])], size_px, look.skin, 1.0, RADIUS_BH * s)
    layer.add(head, look.skin)
    if look.hair_style != "bald":
        layer.add(placed(frame, _C["HAIR_FRONT"]), look.hair)
        ear_x = -LATERAL_BH["ear"] * rig.head_frontal
        # All hair but the nape and what lies before the ear.
        scalp = np.clip(_C["FACE_FRONT"], (-1.0, -0.026), (1.0, 1.0))
        layer.add(placed(frame, scalp), look.hair, grow_mask=False)
        cheek = np.clip(_C["FACE_FRONT"], (ear_x, -1.0), (1.0, 0.014))
        layer.add(placed(frame, cheek), look.skin, grow_mask=False)
    layer.add(placed(rig.ear, _C["EAR"]), tinted(look.skin, 0.84), grow_mask=False)
    return layer
