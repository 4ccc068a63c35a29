"""The virtual scene: a runner before a camera, with images, landmarks and truth at any instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import Facing
from app.sim.camera import Camera
from app.sim.landmarks import Noise, body_pose
from app.sim.look import LOOKS
from app.sim.render import Renderer
from app.sim.runner import Runner

if TYPE_CHECKING:
    from app.coach.types import BodyPose, ImageArray
    from app.sim.acts import RunnerParams
    from app.sim.look import Look
    from app.sim.truth import Contact, Truth


class VirtualScene:
    """A virtual runner before a pinhole camera; everything is determined by the arguments and the time.

    Args:
        params: who runs, and what is acted.
        camera: default `Camera.framing` for the runner's stature: 1280 x 720, chest height, body 75 % of the frame.
        look: clothes, skin and hair, for instance one of `LOOKS`.
        noise: what the landmarks and images add to the truth.
        rail: whether a hand rail and console stand before the runner.

    One scene serves one thread at a time.
    """

    def __init__(
        self,
        params: RunnerParams,
        camera: Camera | None = None,
        look: Look = LOOKS["dawn"],
        noise: Noise | None = None,
        rail: bool = False,
    ) -> None:
        self.params = params
        self.camera = camera if camera is not None else Camera.framing(stature_m=params.height_m)
        self.look = look
        self.noise = noise if noise is not None else Noise()
        self.runner = Runner(params)
        self._rail = rail
        self._renderer: Renderer | None = None

    def image_at(self, t_s: float, index: int = 0) -> ImageArray:
        """Return the picture (H, W, 3) BGR at a time; ``index`` is the frame's number and selects its noise.

        A finite exposure averages four instants of the shutter time.
        """
        mirrored = self.params.facing is Facing.LEFT
        if self._renderer is None:
            camera = self.camera.mirrored() if mirrored else self.camera
            self._renderer = Renderer(camera, self.look, self.params.height_m, self._rail)
        if self.noise.exposure_s > 0.0:
            shots = [self._draw(t_s + self.noise.exposure_s * (k / 4.0 - 0.375)) for k in range(4)]
            image = np.mean(shots, axis=0).astype(np.uint8)
        else:
            image = self._draw(t_s)
        if self.noise.image_sd > 0.0:
            rng = np.random.default_rng((self.noise.seed, 43, abs(round(t_s * 1e6)), index))
            grain = rng.standard_normal(image.shape, np.float32) * self.noise.image_sd
            image = np.clip(image + grain, 0.0, 255.0).astype(np.uint8)
        return np.ascontiguousarray(image[:, ::-1]) if mirrored else image

    def _draw(self, t_s: float) -> ImageArray:
        assert self._renderer is not None
        return self._renderer.draw(self.runner.at(t_s).figure, self.runner.belt_travel_m(t_s))

    def landmarks_at(self, t_s: float) -> BodyPose:
        """Return the exact projected landmarks (with ``noise``, noisy ones) at a time."""
        mirrored = self.params.facing is Facing.LEFT
        figure = self.runner.at(t_s).figure
        return body_pose(t_s, figure, self.params.height_m, self.camera, mirrored, self.noise)

    def truth_at(self, t_s: float) -> Truth:
        """Return the true angles, heights and phase at a time."""
        return self.runner.truth_at(t_s)

    def contacts(self, start_s: float, end_s: float) -> tuple[Contact, ...]:
        """Return the true running contacts that begin in [start_s, end_s)."""
        return self.runner.contacts(start_s, end_s)
