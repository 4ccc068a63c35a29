"""The stage of one camera: the room, whoever is behind the runner, the runner, the rail, whoever is in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.sim.extras import BystanderKind, RailStyle
from app.sim.render import FigurePainter
from app.sim.room import Room

if TYPE_CHECKING:
    from app.coach.types import ImageArray
    from app.sim.body import Figure
    from app.sim.bystander import Passer
    from app.sim.camera import Camera
    from app.sim.extras import Extras
    from app.sim.look import Look


class Stage:
    """Draws the whole picture of a runner who runs to the right; the room is painted once. For one thread at a time."""

    def __init__(
        self, camera: Camera, look: Look, height_m: float, extras: Extras, passers: tuple[Passer, ...] = ()
    ) -> None:
        self._camera = camera
        treadmills = tuple(p.person.place_m for p in passers if p.person.kind is BystanderKind.BESIDE)
        self._room = Room(camera, RailStyle(extras.rail_style), extras.clutter, treadmills)
        self._runner = FigurePainter(camera.size_px, look, height_m)
        # From far to near, the order in which they hide one another.
        ordered = sorted(passers, key=lambda p: p.person.place_m[1])
        self._passers = [(p, FigurePainter(camera.size_px, p.person.look, p.height_m)) for p in ordered]

    @property
    def runner_mask(self) -> ImageArray:
        """The runner's outline (H, W), 0..255, in the picture drawn last."""
        return self._runner.body

    def draw(
        self, t_s: float, figure: Figure, belt_travel_m: float, *, depth_m: float, head_turn_deg: float
    ) -> ImageArray:
        """Return the picture (H, W, 3) BGR at a time; the runner is ``depth_m`` toward the camera."""
        picture = self._room.picture(belt_travel_m)
        self._others(picture, t_s, front=False)
        self._runner.paint(picture, figure, self._camera.before(0.0, depth_m), head_turn_deg)
        self._room.paint_front(picture)
        self._others(picture, t_s, front=True)
        return picture

    def _others(self, picture: ImageArray, t_s: float, *, front: bool) -> None:
        """Draw the bystanders on this or that side of the runner."""
        for passer, painter in self._passers:
            now = passer.at(t_s)
            if now is None or (now[1][2] > 0.0) is not front:
                continue
            figure, (x_m, y_m, z_m) = now
            camera = self._camera.before(x_m, z_m, y_m)
            if not passer.person.backward:
                painter.paint(picture, figure, camera)
                continue
            # The painter draws figures that face right: turn the picture round for one who faces left.
            turned = np.ascontiguousarray(picture[:, ::-1])
            painter.paint(turned, figure, camera.mirrored())
            picture[:] = turned[:, ::-1]
