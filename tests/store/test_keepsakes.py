"""Pictures and the outline of the best stance: kept for each runner apart, for the owner alone, and really deleted."""

from __future__ import annotations

import os
import stat
from datetime import datetime

import cv2
import numpy as np
import pytest

from app.capture.virtual import VirtualSource
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.atomic import OutputError
from app.store.keepsakes import Keepsakes

AT = datetime(2026, 5, 4, 10, 20, 30)


@pytest.fixture(scope="module")
def moment():
    """One frame of the virtual runner, its pose and report."""
    scene = VirtualScene(RunnerParams(act=Act.STANCE_GOOD), Camera.framing((320, 180)))
    source = VirtualSource(scene, 30.0, 1.0)
    source.open()
    frame = source.read()
    source.close()
    return frame, frame.landmarks, CoachModel(Mode.STANCE).update(frame.landmarks)


def test_a_picture_is_kept_as_it_was_with_the_body_drawn_on_it(tmp_path, moment):
    keepsakes = Keepsakes(tmp_path / "data")
    path = keepsakes.keep_picture("Anna", "good_left", AT, *moment)
    assert path.name == "2026-05-04_102030_good_left.jpg"
    assert keepsakes.pictures("anna ") == [path]
    kept = cv2.imread(str(path))
    assert kept.shape == (180, 320, 3)
    difference = np.abs(kept.astype(int) - moment[0].image_bgr.astype(int)).max(axis=2)
    assert 0.002 < (difference > 60).mean() < 0.3


def test_nobody_without_a_name_gets_anothers(tmp_path, moment):
    keepsakes = Keepsakes(tmp_path)
    keepsakes.keep_stance("", "nobody's")
    keepsakes.keep_stance("=", "somebody's")
    keepsakes.keep_stance("a/b", "with a slash")
    assert [keepsakes.stance(name) for name in ("", "=", "A/B", "a b")] == [
        "nobody's",
        "somebody's",
        "with a slash",
        "",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_only_the_owner_may_read(tmp_path, moment):
    keepsakes = Keepsakes(tmp_path / "data")
    picture = keepsakes.keep_picture("", "good", AT, *moment)
    stance = keepsakes.keep_stance("", "{}")
    for path, mode in ((picture, 0o600), (stance, 0o600), (picture.parent, 0o700)):
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_forgetting_deletes_one_and_keeps_the_others(tmp_path, moment):
    keepsakes = Keepsakes(tmp_path)
    for name in ("anna", "ben"):
        keepsakes.keep_picture(name, "good", AT, *moment)
        keepsakes.keep_stance(name, name)
    keepsakes.forget("anna")
    keepsakes.forget("anna")
    assert (keepsakes.pictures("anna"), keepsakes.stance("anna")) == ([], "")
    assert len(keepsakes.pictures("ben")) == 1
    assert keepsakes.stance("ben") == "ben"


def test_a_place_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(OutputError, match="cannot be made"):
        Keepsakes(tmp_path / "data").keep_stance("", "{}")
