"""A layer of the picture: flat shapes in a box, rounded by soft light, laid over what is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.coach.types import FloatArray, ImageArray
    from app.sim.look import Rgb

_SHIFT = 4
#: Light from above and in front of the runner (image right and up), in px directions.
LIGHT = (0.46, -0.89)


def fixed(points_px: FloatArray) -> NDArray[np.int32]:
    """Return points as OpenCV's fixed-point integers with 1/16 px."""
    return np.round(points_px * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)


def fill(image: ImageArray, points_px: FloatArray, colour: tuple[float, ...]) -> None:
    """Fill one outline (N, 2) px with smooth edges."""
    cv2.fillPoly(image, [fixed(points_px)], colour, cv2.LINE_AA, _SHIFT)


def bgr(colour: Rgb, gain: float = 1.0) -> tuple[float, float, float]:
    """Return an RGB colour as OpenCV's BGR, brightened by ``gain``."""
    return tuple(float(min(255.0, c * gain)) for c in colour[::-1])  # type: ignore[return-value]  # three items


def tinted(colour: Rgb, gain: float) -> Rgb:
    """Return a colour scaled by ``gain``."""
    r, g, b = (round(min(255.0, c * gain)) for c in colour)
    return r, g, b


class Layer:
    """Shapes drawn into a box, shaded as one rounded body and composed over the picture."""

    def __init__(
        self, outlines: list[FloatArray], size_px: tuple[int, int], base: Rgb, gain: float, radius_px: float
    ) -> None:
        """Open the box around ``outlines`` (px); ``base`` is the colour under all, ``radius_px`` the roundness."""
        points = np.concatenate(outlines)
        self._radius_px = radius_px
        margin = 3.0 + 1.8 * radius_px
        low = np.floor(points.min(axis=0) - margin).astype(int)
        high = np.ceil(points.max(axis=0) + margin).astype(int)
        self.x0, self.y0 = max(0, int(low[0])), max(0, int(low[1]))
        x1, y1 = min(size_px[0], int(high[0])), min(size_px[1], int(high[1]))
        self.width, self.height = x1 - self.x0, y1 - self.y0
        self.gain = gain
        self.empty = self.width < 4 or self.height < 4
        if self.empty:
            return
        self._origin = np.array((self.x0, self.y0), dtype=np.float64)
        self.colour = np.empty((self.height, self.width, 3), np.uint8)
        cv2.rectangle(self.colour, (0, 0), (self.width, self.height), bgr(base, gain), cv2.FILLED)
        self.mask = np.zeros((self.height, self.width), np.uint8)

    def add(self, outline: FloatArray, colour: Rgb, grow_mask: bool = True) -> None:
        """Draw an outline (N, 2) px; without ``grow_mask`` it only colours what is already there."""
        if self.empty:
            return
        points = fixed(outline - self._origin)
        if grow_mask:
            # The colour reaches a little beyond the mask, so that no other colour shines through the soft edge.
            cv2.polylines(self.colour, [points], True, bgr(colour, self.gain), 1, cv2.LINE_8, _SHIFT)
            cv2.fillPoly(self.mask, [points], (255.0,), cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.colour, [points], bgr(colour, self.gain), cv2.LINE_AA, _SHIFT)

    def compose(self, picture: ImageArray, body: ImageArray, depth: float, shadow: float) -> None:
        """Shade the layer as if inflated to its radius and lay it over the picture.

        ``depth`` scales the light and shade; ``shadow`` darkens the parts of the body (``body``: its mask so far, which
        grows by this layer) that lie just behind the layer's edge.
        """
        if self.empty:
            return
        window = np.s_[self.y0 : self.y0 + self.height, self.x0 : self.x0 + self.width]
        box, drawn = picture[window], body[window]
        # The relief is smooth: a third or quarter of the resolution carries it.
        shrink = 1.0 / min(4.0, max(1.0, self._radius_px / 4.0))
        small_size = (max(1, round(self.width * shrink)), max(1, round(self.height * shrink)))
        small = cv2.resize(self.mask, small_size, interpolation=cv2.INTER_AREA)
        sigma = max(0.8, shrink * self._radius_px)
        relief = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        # A half-plane's blurred edge has slope 255 / (sigma sqrt(2 pi)): scale it to one.
        gain = depth * sigma * 2.5066 / 255.0
        kx = np.array((-0.5, 0.0, 0.5), np.float32)
        slope_x = cv2.sepFilter2D(relief, cv2.CV_32F, kx, np.array((1.0,), np.float32))
        slope_y = cv2.sepFilter2D(relief, cv2.CV_32F, np.array((1.0,), np.float32), kx)
        light = cv2.addWeighted(slope_x, -LIGHT[0] * gain, slope_y, -LIGHT[1] * gain, 1.0)
        # Edges turn away from the viewer and lose a little light all round.
        light = cv2.scaleAdd(relief.astype(np.float32), 0.16 * depth / 255.0, light - 0.10 * depth)
        # Eight bits (128 = unchanged) are enough for a smooth light and four times as fast as floats.
        light8 = cv2.resize(cv2.convertScaleAbs(light, alpha=128.0), self.mask.shape[::-1])
        shaded = cv2.multiply(self.colour, cv2.merge((light8, light8, light8)), scale=1.0 / 128.0)
        behind: NDArray[Any] = np.ascontiguousarray(box)
        if cv2.hasNonZero(drawn):
            veil = cv2.resize(relief, self.mask.shape[::-1])
            dim = cv2.bitwise_not(cv2.multiply(veil, drawn, scale=shadow / 255.0))
            behind = cv2.multiply(behind, cv2.merge((dim, dim, dim)), scale=1.0 / 255.0)
        alpha = self.mask.astype(np.float32) * (1.0 / 255.0)
        box[:] = cv2.blendLinear(shaded, behind, alpha, 1.0 - alpha)
        np.maximum(drawn, self.mask, out=drawn)
