"""The scenes cover what the issue asks for, and their truth is true."""

from __future__ import annotations

import numpy as np
import pytest

from app.coach.types import Facing
from app.validation.scenes import RISE_M, SCENES, STANDING_S, Group, Scene, quick_scenes
from app.validation.score import Truths


def test_the_full_run_covers_what_was_asked_for():
    assert len({scene.name for scene in SCENES}) == len(SCENES)
    assert {scene.group for scene in SCENES} == set(Group)
    assert {scene.facing for scene in SCENES} == {Facing.LEFT, Facing.RIGHT}
    assert {scene.fps for scene in SCENES} == {30.0, 60.0}
    assert {scene.size_px[1] for scene in SCENES} == {480, 720, 1080}
    assert {scene.look for scene in SCENES} == {"dawn", "lake", "ember"}
    bodies_px = [round(scene.body * scene.size_px[1]) for scene in SCENES]
    assert (min(bodies_px), max(bodies_px)) == (250, 900)
    assert {type(other.kind) for scene in SCENES for other in scene.extras.others}
    kinds = {str(other.kind) for scene in SCENES for other in scene.extras.others}
    assert kinds == {"beside", "behind", "cross_behind", "cross_front"}


def test_the_quick_run_is_short():
    assert sum(scene.frames for scene in quick_scenes()) < 2600
    assert all(scene.seconds > STANDING_S + 3.0 for scene in quick_scenes())


@pytest.mark.parametrize("facing", ["right", "left"])
def test_the_six_leans_span_what_was_asked_for(facing):
    leans = []
    for scene in (s for s in SCENES if s.group is Group.LEAN and s.facing == facing):
        virtual = scene.virtual()
        leans.append(np.mean([virtual.truth_at(t).trunk_lean_deg for t in np.arange(5.0, 9.0, 0.05)]))
    assert len(leans) == 6
    assert leans == sorted(leans)
    assert (leans[0], leans[-1]) == (pytest.approx(-3.4, abs=1.5), pytest.approx(20.0, abs=1.5))


def test_a_rise_lifts_the_whole_runner_and_only_that():
    scene = next(s for s in SCENES if s.group is Group.RISE)
    risen, plain = scene.virtual(), Scene("plain", Group.PLAIN, seed=scene.seed).virtual()
    before_s, after_s = scene.rise_s - 0.1, scene.rise_s + 0.5
    assert risen.truth_at(before_s).head_top_m == plain.truth_at(before_s).head_top_m
    for name in ("head_top_m", "hip_height_m", "ear_height_m"):
        assert getattr(risen.truth_at(after_s), name) - getattr(plain.truth_at(after_s), name) == pytest.approx(RISE_M)
    assert risen.truth_at(after_s).trunk_lean_deg == pytest.approx(plain.truth_at(after_s).trunk_lean_deg)


def test_truths_know_where_the_others_are():
    scene = next(s for s in SCENES if s.name == "cross-front-right")
    truths = Truths.of(scene)
    other_x = truths.others_px[:, 0, 0]
    assert np.isnan(other_x[truths.series.t_s < 5.4]).all()
    walking = other_x[np.isfinite(other_x)]
    assert np.ptp(walking) > 1280
    assert (np.diff(walking) > 0).all()
    assert truths.contacts_s[0] > STANDING_S
