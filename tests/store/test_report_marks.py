"""What a report draws besides words: the roof where the head went through it, and the moments that were marked."""

from __future__ import annotations

import re

import numpy as np
import pytest

from app.coach.report import Mode
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Landmark, RunnerProfile
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.report import figures
from app.store.report.material import ROOF
from app.store.report.page import MOST_MARKED, encoded, page
from app.store.report.sessions import material_of
from app.store.sessions.recipe import Recipe

NAN = float("nan")


def standing_pose():
    """Ear at 100, shoulders at 150, toes at 700: 600 px high."""
    xy_px = np.full((LANDMARK_COUNT, 2), NAN)
    for mark, y in ((Landmark.LEFT_EAR, 100), (Landmark.LEFT_SHOULDER, 150), (Landmark.RIGHT_SHOULDER, 150)):
        xy_px[mark] = 300, y
    xy_px[Landmark.LEFT_TOE] = 320, 700
    return BodyPose(0.0, xy_px, np.ones(LANDMARK_COUNT), (640, 800))


@pytest.mark.parametrize("above_px", [5.0, 0.0, -20.0])
def test_the_roof_is_as_far_above_the_drawn_head_as_it_was(above_px):
    drawing = figures.body(standing_pose(), Facing.RIGHT, "", False, "words", above_px, "roof")
    (line,) = re.findall(r'<path d="M[\d.]+ ([\d.]+)[^"]*" class="roof"', drawing)
    head = re.search(r'<circle cx="[\d.]+" cy="([\d.]+)" r="([\d.]+)"', drawing)
    top = float(head[1]) - float(head[2])
    scale = float(head[2]) / (figures.HEAD_SHARE * 50.0)
    assert float(line) == pytest.approx(top - scale * above_px, abs=0.3)


def test_without_a_known_roof_there_is_none():
    assert "roof" not in figures.body(standing_pose(), Facing.RIGHT, "", False, "words")


def test_a_head_through_the_roof_is_drawn_where_it_is_highest(store):
    scene = VirtualScene(RunnerParams(act=Act.STANDING_UP, standing_s=2.0), Camera.framing())
    poses = [scene.landmarks_at(k / 30.0) for k in range(420)]
    session, document = store.record(poses, Recipe(Mode.RUN, RunnerProfile(178.0)))
    assert document["run"]["tunnel"]["hits"] > 5
    with store.history() as history:
        material = material_of(history, session)
        ears = {pose.t_s: -pose.xy_px[Landmark.LEFT_EAR, 1] for pose in history.frames(session)}
    drawn = [m for m in material.moments if m.about in (ROOF, "standing_up") and m.under_roof_px == m.under_roof_px]
    assert drawn
    for moment in drawn:
        step = material.steps[moment.number - 1].step
        inside = [y for t_s, y in ears.items() if step.t_s <= t_s <= step.t_s + step.duration_s]
        assert ears[moment.pose.t_s] == pytest.approx(max(inside), abs=0.5)
        assert (moment.under_roof_px < 0.0) is step.hit
    assert any(material.steps[moment.number - 1].step.hit for moment in drawn)


def test_of_many_marked_moments_some_are_drawn_and_all_are_told(store):
    coach, recorder = store.recorder(Recipe(Mode.RUN, RunnerProfile(178.0)))
    for k, pose in enumerate(store.poses("good", 300, 0.0)):
        coach.update(pose)
        if k % 30 == 0:
            recorder.mark("moment")
    coach.finish()
    recorder.close()
    with store.history() as history:
        material = material_of(history, recorder.id)
    html = page(material)
    assert "at: 0:00, 0:00, 0:01, 0:01, 0:02, 0:02, 0:03, 0:03, 0:04, 0:04." in html
    marked = html.split('id="marked"')[1].split("</section>")[0]
    assert marked.count("<figure") == MOST_MARKED


def test_marked_moments_tell_what_was_judged_then(store):
    coach, recorder = store.recorder(Recipe(Mode.RUN, RunnerProfile(178.0)))
    for k, pose in enumerate(store.poses("ankle_lean", 480, 0.0)):
        coach.update(pose)
        if k in (60, 420):
            recorder.mark("moment")
    coach.finish()
    recorder.close()
    with store.history() as history:
        material = material_of(history, recorder.id)
    assert [moment.about for moment in material.marked] == ["not_judged", "ankle_lean"]
    assert [round(moment.pose.t_s, 2) for moment in material.marked] == [1.0, 7.0]
    html = page(material)
    assert "Marked while it ran, at: 0:01, 0:07." in html.replace("  ", " ")
    assert html.count('class="m-flag"') == 4, "two flags in each of the two widths"


def test_a_name_that_is_no_utf_8_is_seen_to_be_odd():
    assert encoded("a\udc80b") == b"a?b"
