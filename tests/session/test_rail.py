"""A rail over the hips is seen in the picture, whatever is worn; a rail that ends before them is none."""

from __future__ import annotations

import pytest

from app.coach.types import Facing
from app.session.rail import rail_over_hips
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.extras import Extras
from app.sim.look import LOOKS
from app.sim.scene import VirtualScene


@pytest.mark.parametrize("look", ["lake", "ember"])
@pytest.mark.parametrize(("style", "over"), [("none", False), ("rail", False), ("handle", False), ("hips", True)])
@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_a_rail_is_seen_only_where_it_crosses_the_hips(look, style, over, facing):
    params = RunnerParams(facing=facing, standing_s=60.0)
    scene = VirtualScene(params, Camera.framing((640, 360)), look=LOOKS[look], extras=Extras(rail_style=style))
    assert rail_over_hips(scene.image_at(0.5), scene.landmarks_at(0.5)) is over
