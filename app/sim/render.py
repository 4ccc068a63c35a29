"""Draws a figure: shaded parts from far to near, over what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.sim import shapes
from app.sim.body import FAR, NEAR
from app.sim.head import FRONTAL, paint_head
from app.sim.landmarks import LATERAL_BH
from app.sim.paint import Layer, tinted
from app.sim.rig import Rig, placed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.coach.types import FloatArray, ImageArray
    from app.sim.body import Figure
    from app.sim.camera import Camera
    from app.sim.look import Look, Rgb

#: Brightness of the limbs on the side away from the camera.
FAR_GAIN = 0.70
_P = {
    name: shapes.refine(getattr(shapes, name))
    for name in (
        *("THIGH", "SHANK", "UPPER_ARM", "FOREARM", "HAND", "THUMB", "TORSO", "PELVIS", "NECK"),
        *("SHORTS_LEG", "SLEEVE", "SOCK", "SEAM", "HEM", "CUFF", "SHOE_FRONT"),
    )
}
_C = {name: shapes.smooth(getattr(shapes, name)) for name in ("SHOE", "MIDSOLE")}
_C |= {name: np.asarray(getattr(shapes, name)) for name in ("OUTSOLE", "SHOE_STRIPE")}
_TOE_TIP = np.array(((0.112, -0.045),))


def _soft_spot() -> NDArray[np.float32]:
    """Return a round blot (64, 64), 1 in the middle and 0 at the rim."""
    ys, xs = np.mgrid[-1.0:1.0:64j, -1.0:1.0:64j]
    r = np.hypot(xs, ys)
    spot: NDArray[np.float32] = ((np.clip(1.0 - r, 0.0, 0.7) / 0.7) ** 1.4).astype(np.float32)
    return spot


_SPOT = _soft_spot()


class FigurePainter:
    """Draws figures of one look over a picture. For one thread at a time."""

    def __init__(self, size_px: tuple[int, int], look: Look, height_m: float) -> None:
        self._look, self._height_m = look, height_m
        self._body = np.zeros(size_px[::-1], np.uint8)
        self._size_px = size_px

    @property
    def body(self) -> ImageArray:
        """The mask (H, W), 0..255, of the figure drawn last; it is drawn over by the next."""
        return self._body

    def paint(self, picture: ImageArray, figure: Figure, camera: Camera, head_turn_deg: float = 0.0) -> None:
        """Draw a figure that faces image right; ``camera`` sees it stand at the origin (see `Camera.before`)."""
        rig = Rig.of(figure, self._height_m, camera, head_turn_deg)
        self._body[:] = 0
        self._contact_shadow(picture, figure, camera)
        self._arm(picture, rig, FAR)
        self._leg(picture, rig, FAR)
        self._leg(picture, rig, NEAR)
        self._trunk(picture, rig)
        paint_head(picture, self._body, rig, self._look, self._size_px)
        self._arm(picture, rig, NEAR)

    def _contact_shadow(self, picture: ImageArray, figure: Figure, camera: Camera) -> None:
        """Darken the belt under the feet, softer the higher a foot is."""
        for leg, z in ((FAR, -LATERAL_BH["toe"]), (NEAR, LATERAL_BH["toe"])):
            low = max(0.0, float(min(figure.heel[leg, 1], figure.toe[leg, 1])) - 0.03)
            strength = 0.62 * float(np.exp(-low / 0.05))
            if strength < 0.03:
                continue
            x = 0.5 * float(figure.heel[leg, 0] + figure.toe[leg, 0]) + 0.005
            long, wide = 0.115 + 0.5 * low, 0.045 + 0.3 * low
            corners = np.array(((x - long, 0.0, z), (x + long, 0.0, z), (x, 0.0, z - wide), (x, 0.0, z + wide)))
            px = camera.project(corners * self._height_m)
            centre = 0.5 * (px[0] + px[1])
            ax = 1.25 * 0.5 * float(np.hypot(*(px[1] - px[0])))
            ay = max(2.0, 1.25 * 0.5 * abs(float(px[3, 1] - px[2, 1])))
            x0, y0 = (round(v) for v in centre - (ax, ay))
            box = picture[max(0, y0) : y0 + round(2 * ay), max(0, x0) : x0 + round(2 * ax)]
            if min(box.shape[:2]) < 3 or x0 < 0 or y0 < 0:
                continue
            spot = cv2.resize(_SPOT, (box.shape[1], box.shape[0]), interpolation=cv2.INTER_LINEAR)
            dim = 1.0 - strength * spot
            box[:] = cv2.multiply(np.ascontiguousarray(box), cv2.merge((dim, dim, dim)), dtype=cv2.CV_8U)

    def _layer(self, outlines: list[FloatArray], base: Rgb, rig: Rig, leg: int | None, radius_px: float) -> Layer:
        # Seen from the front, no limb is the far one.
        gain = FAR_GAIN + (1.0 - FAR_GAIN) * rig.frontal**2 if leg == FAR else 1.0
        return Layer(outlines, self._size_px, base, gain, radius_px)

    def _leg(self, picture: ImageArray, rig: Rig, leg: int) -> None:
        look, s = self._look, rig.scale[leg]
        hip, knee, ankle = (rig.joint[name][leg] for name in ("hip", "knee", "ankle"))
        thigh = shapes.along(_P["THIGH"], hip, knee, s)
        shank = shapes.along(_P["SHANK"], knee, ankle, s)
        sock = shapes.along(_P["SOCK"], knee, ankle, s)
        shorts = shapes.along(_P["SHORTS_LEG"], hip, knee, s)
        shoe, sole = placed(rig.foot[leg], _C["SHOE"]), placed(rig.foot[leg], _C["MIDSOLE"])
        parts = [thigh, shank, shorts, sole, shoe]
        if abs(rig.frontal) > FRONTAL:
            shoe = shapes.along(_P["SHOE_FRONT"], ankle, placed(rig.foot[leg], _TOE_TIP)[0], s)
            parts.append(shoe)
        if leg == NEAR:
            pelvis = _pelvis(rig)
            parts.append(pelvis)
        layer = self._layer(parts, look.skin, rig, leg, 0.026 * s)
        layer.add(thigh, look.skin)
        layer.add(shank, look.skin)
        layer.add(sock, look.sock)
        layer.add(shoe, look.shoes)
        if abs(rig.frontal) <= FRONTAL:
            layer.add(placed(rig.foot[leg], _C["SHOE_STRIPE"]), look.sole, grow_mask=False)
            layer.add(sole, look.sole)
            layer.add(placed(rig.foot[leg], _C["OUTSOLE"]), tinted(look.shoes, 0.45), grow_mask=False)
        layer.add(shorts, look.shorts)
        if leg == NEAR:
            layer.add(pelvis, look.shorts)
        layer.add(shapes.along(_P["HEM"], hip, knee, s), tinted(look.shorts, 0.82), grow_mask=False)
        if leg == NEAR:
            layer.add(shapes.along(_P["SEAM"], hip, knee, s), look.accent, grow_mask=False)
        layer.compose(picture, self._body, 0.42, 0.30 if leg == NEAR else 0.12)

    def _arm(self, picture: ImageArray, rig: Rig, leg: int) -> None:
        look, s = self._look, rig.scale[leg]
        shoulder, elbow, wrist, hand = (rig.joint[name][leg] for name in ("shoulder", "elbow", "wrist", "hand"))
        upper = shapes.along(_P["UPPER_ARM"], shoulder, elbow, s)
        fore = shapes.along(_P["FOREARM"], elbow, wrist, s)
        fist = shapes.along(_P["HAND"], wrist, hand, s)
        sleeve = shapes.along(_P["SLEEVE"], shoulder, elbow, s)
        layer = self._layer([upper, fore, fist, sleeve], look.skin, rig, leg, 0.020 * s)
        for part in (upper, fore, fist):
            layer.add(part, look.skin)
        thumb = shapes.along(_P["THUMB"], wrist + 0.1 * (hand - wrist), hand, s)
        layer.add(thumb, tinted(look.skin, 0.92), grow_mask=False)
        layer.add(sleeve, look.shirt)
        layer.add(shapes.along(_P["CUFF"], shoulder, elbow, s), tinted(look.shirt, 0.80), grow_mask=False)
        layer.compose(picture, self._body, 0.42, 0.32 if leg == NEAR else 0.10)

    def _trunk(self, picture: ImageArray, rig: Rig) -> None:
        look, s = self._look, rig.scale[2]
        ear = rig.head[0]
        neck = _upright(_P["NECK"], rig.shoulder, ear, s)
        torso = _upright(_P["TORSO"], rig.hip, rig.shoulder, s * (1.0 + 0.45 * abs(rig.frontal)))
        yoke = _yoke(rig)
        layer = self._layer([neck, torso, yoke], look.shirt, rig, None, 0.040 * s)
        layer.add(neck, tinted(look.skin, 0.86))
        layer.add(torso, look.shirt)
        if abs(rig.frontal) > 0.2:
            layer.add(yoke, look.shirt)
        layer.compose(picture, self._body, 0.42, 0.25)


def _upright(profile: FloatArray, low_px: FloatArray, high_px: FloatArray, scale: float) -> FloatArray:
    """Lay a profile along a bone that points up, so that its front stays in front."""
    flipped = profile[:, (0, 2, 1)]
    return shapes.along(flipped, low_px, high_px, scale)


def _yoke(rig: Rig) -> FloatArray:
    """Return the chest (N, 2) px between the two shoulders, for views that are not from the side."""
    near, far = rig.joint["shoulder"]
    spine = rig.shoulder - rig.hip
    top, waist = 0.085 * spine, rig.hip + 0.45 * spine
    narrow = 0.40 * (near - far)
    return np.stack((near + 0.5 * top, rig.shoulder + 1.5 * top, far + 0.5 * top, waist - narrow, waist + narrow))


def _pelvis(rig: Rig) -> FloatArray:
    return _upright(_P["PELVIS"], rig.hip, rig.shoulder, rig.scale[2] * (1.0 + 0.4 * abs(rig.frontal)))
