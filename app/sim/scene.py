"""The virtual scene: a runner before a camera, with images, landmarks and truth at any instant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.coach.types import Facing
from app.sim.bystander import Passer
from app.sim.camera import Camera
from app.sim.extras import Extras, RailStyle
from app.sim.landmarks import Noise, body_pose
from app.sim.look import LOOKS
from app.sim.runner import RUN_TRANSITION_S, Runner
from app.sim.stage import Stage

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
        rail: whether a hand rail and console stand before the runner; short for ``extras.rail_style``.
        extras: what else happens: drift, glances, a knocked camera, other people, clutter, other rails, dim light.

    One scene serves one thread at a time.
    """

    def __init__(
        self,
        params: RunnerParams,
        camera: Camera | None = None,
        look: Look = LOOKS["dawn"],
        noise: Noise | None = None,
        rail: bool = False,
        extras: Extras | None = None,
    ) -> None:
        self.params = params
        self.camera = camera if camera is not None else Camera.framing(stature_m=params.height_m)
        self.look = look
        self.noise = noise if noise is not None else Noise()
        self.runner = Runner(params)
        self.extras = extras if extras is not None else Extras.none()
        if rail and self.extras.rail_style is RailStyle.NONE:
            self.extras = replace(self.extras, rail_style=RailStyle.RAIL)
        self._under_way_s = params.standing_s + RUN_TRANSITION_S
        self._passers = tuple(Passer(person, self._forward(self.camera)) for person in self.extras.others)
        # One stage for the camera as it was set up, another once it was knocked.
        self._stages: dict[Camera, Stage] = {}

    @property
    def _mirrored(self) -> bool:
        return self.params.facing is Facing.LEFT

    def _forward(self, camera: Camera) -> Camera:
        """Return the camera that sees the runner run to the right."""
        return camera.mirrored() if self._mirrored else camera

    def camera_at(self, t_s: float) -> Camera:
        """Return the camera as it stands at a time (see `Extras.bump`)."""
        return self.extras.camera_at(self.camera, t_s)

    def depth_at(self, t_s: float) -> float:
        """Return how far the runner has drifted toward the camera, m."""
        return self.extras.depth_m(t_s - self._under_way_s)

    def image_at(self, t_s: float, index: int = 0) -> ImageArray:
        """Return the picture (H, W, 3) BGR at a time; ``index`` is the frame's number and selects its noise.

        A finite exposure averages four instants of the shutter time.
        """
        if self.noise.exposure_s > 0.0:
            shots = [self._draw(t_s + self.noise.exposure_s * (k / 4.0 - 0.375)) for k in range(4)]
            image = np.mean(shots, axis=0).astype(np.uint8)
        else:
            image = self._draw(t_s)
        if self.extras.brightness != 1.0:
            image = np.asarray(cv2.convertScaleAbs(image, alpha=self.extras.brightness), dtype=np.uint8)
        if self.noise.image_sd > 0.0:
            rng = np.random.default_rng((self.noise.seed, 43, abs(round(t_s * 1e6)), index))
            grain = rng.standard_normal(image.shape, np.float32) * self.noise.image_sd
            image = np.clip(image + grain, 0.0, 255.0).astype(np.uint8)
        return np.ascontiguousarray(image[:, ::-1]) if self._mirrored else image

    def mask_at(self, t_s: float) -> ImageArray:
        """Return the runner's true outline (H, W), 0..255, at a time; what stands before the runner does not count."""
        self._draw(t_s)
        mask = self._stage_at(t_s).runner_mask
        return np.ascontiguousarray(mask[:, ::-1]) if self._mirrored else mask.copy()

    def _stage_at(self, t_s: float) -> Stage:
        camera = self._forward(self.camera_at(t_s))
        if camera not in self._stages:
            self._stages[camera] = Stage(camera, self.look, self.params.height_m, self.extras, self._passers)
        return self._stages[camera]

    def _draw(self, t_s: float) -> ImageArray:
        return self._stage_at(t_s).draw(
            t_s,
            self.runner.at(t_s).figure,
            self.runner.belt_travel_m(t_s),
            depth_m=self.depth_at(t_s),
            head_turn_deg=self.extras.head_turn_deg(t_s),
        )

    def landmarks_at(self, t_s: float) -> BodyPose:
        """Return the exact projected landmarks (with ``noise``, noisy ones) at a time."""
        figure = self.runner.at(t_s).figure
        camera = self.camera_at(t_s).before(0.0, self.depth_at(t_s))
        turn_deg = self.extras.head_turn_deg(t_s)
        return body_pose(t_s, figure, self.params.height_m, camera, self._mirrored, self.noise, turn_deg)

    def others_at(self, t_s: float) -> tuple[BodyPose, ...]:
        """Return the exact landmarks of the bystanders who are there, possibly outside the picture."""
        camera = self.camera_at(t_s)
        poses = (passer.pose_at(t_s, camera, self._mirrored) for passer in self._passers)
        return tuple(pose for pose in poses if pose is not None)

    def truth_at(self, t_s: float) -> Truth:
        """Return the true angles, heights and phase at a time."""
        truth = self.runner.truth_at(t_s)
        return replace(truth, depth_m=self.depth_at(t_s), head_turn_deg=self.extras.head_turn_deg(t_s))

    def contacts(self, start_s: float, end_s: float) -> tuple[Contact, ...]:
        """Return the true running contacts that begin in [start_s, end_s)."""
        return self.runner.contacts(start_s, end_s)
