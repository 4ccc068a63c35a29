"""What belongs into the picture, and what must not come and go in it: scenes of run, exam and drills."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.coach.exam_report import ExamPhase, ExamReport
from app.coach.exam_words import ExamLine
from app.coach.report import Activity
from app.coach.reps import DrillId, DrillPhase, DrillReport
from app.coach.rules import default_rules
from app.coach.types import Facing, Landmark
from app.ui import overlay_tunnel
from app.ui.ghost import ghost_from
from app.ui.overlay import OverlayStyle, paint_overlay
from app.ui.overlay_hinge import depth_deg, least_deg
from app.ui.overlay_scene import scene_of
from app.ui.scene_bars import SceneBars
from app.ui.screens import SceneDetail
from app.ui.steady import HELD_S, Steady, SteadyScene
from app.ui.theme import DARK, Theme
from app.ui.video_view import ViewTransform

pytestmark = pytest.mark.usefixtures("qapp")
SIZE_PX = (640, 360)


def painted(analysis, style: OverlayStyle | None = None, **more) -> np.ndarray:
    """Paint over a grey 640 x 360 canvas, 1:1; int16 RGB (360, 640, 3)."""
    image = QImage(*SIZE_PX, QImage.Format.Format_RGB888)
    image.fill(QColor(90, 90, 90))
    painter = QPainter(image)
    transform = ViewTransform.fit(SIZE_PX, QRectF(0, 0, *SIZE_PX), mirrored=False)
    paint_overlay(painter, analysis, style or OverlayStyle(Theme(DARK), 4.0), transform, **more)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(360, image.bytesPerLine())
    return rows[:, : 3 * 640].reshape(360, 640, 3).astype(np.int16)


def near(rgb: np.ndarray, colour: str, tolerance: int) -> np.ndarray:
    """Where the picture has about this colour, bool (360, 640)."""
    wanted = QColor(colour)
    return np.abs(rgb - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=2) <= tolerance


def doing(drill: DrillId, phase: DrillPhase = DrillPhase.MOVING, **more) -> DrillReport:
    return DrillReport(drill, phase, 0, 0.0, 0.0, None, False, 1, 2, 8, 0.0, (), "", **more)


#: 20 px from standing to the roof are .028 body heights.
HEIGHT_PX = 20.0 / 0.028


def test_the_march_has_its_own_roof_and_the_runs_is_silent(builders) -> None:
    """By the run's roof the head is through it; by the march's, which counts, it is .02 body heights under it."""
    run_hit = dataclasses.replace(builders.tunnel(clearance_bh=-0.02), head_y_px=120.0, risen=True, below_floor=True)
    under = builders.analysis(line=None, tunnel=run_hit, drill=doing(DrillId.TUNNEL_MARCH, head_below_roof_bh=0.02))
    rgb = painted(under)
    assert not near(rgb, DARK.hit, 30).any()
    roof_y = round(120 - 0.02 * HEIGHT_PX)
    assert near(rgb, DARK.good, 40)[roof_y - 1 : roof_y + 2, :300].mean() > 0.5
    through = doing(DrillId.TUNNEL_MARCH, head_below_roof_bh=-0.02)
    assert near(painted(builders.analysis(line=None, tunnel=builders.tunnel(), drill=through)), DARK.hit, 30).any()
    # Before the first step he stands, and is taller than any tunnel.
    standing = dataclasses.replace(through, phase=DrillPhase.ARMED)
    assert not near(painted(builders.analysis(line=None, drill=standing)), DARK.hit, 30).any()


def test_the_marchs_roof_stands_still_while_the_head_moves(builders) -> None:
    steady, rows = SteadyScene(), []
    for k in range(120):
        # The head's height is a median: it is behind the head in the picture by a tenth of its way.
        shake_bh = 0.004 * math.sin(0.9 * k)
        tunnel = dataclasses.replace(builders.tunnel(), head_y_px=90.0 + shake_bh * HEIGHT_PX)
        march = doing(DrillId.TUNNEL_MARCH, head_below_roof_bh=0.02)
        rows.append(steady.follow(builders.analysis(k / 30, tunnel=tunnel, drill=march)).roof_y_px)
    assert np.ptp(rows[30:]) < 1.0
    assert rows[-1] == pytest.approx(90.0 - 0.02 * HEIGHT_PX, abs=0.6)


@pytest.mark.parametrize("phase", [ExamPhase.DRIFT, ExamPhase.SQUEEZE])
def test_what_is_wrong_on_purpose_is_not_corrected(builders, phase) -> None:
    line = builders.line(0.05)
    off = builders.analysis(tunnel=None, line=line, activity=Activity.STANCE, verdict="pelvis_drift")
    ghost = ghost_from(builders.pose(), Facing.RIGHT, 270.0)
    bars = SceneBars()
    asked = dataclasses.replace(off, exam=ExamReport(1.0, phase, default_rules().exam.say[ExamLine.DRIFT]))
    bars.follow(asked)
    shown = painted(asked, ghost=ghost, bars=bars.values)
    assert not near(shown, DARK.off, 40).any()
    assert np.array_equal(shown, painted(asked))
    corrected = dataclasses.replace(asked, exam=dataclasses.replace(asked.exam, phase=ExamPhase.FIRST_SIDE))
    assert near(painted(corrected, ghost=ghost, bars=bars.values), DARK.off, 40).any()


def test_after_the_exam_there_is_neither_ghost_nor_line(builders) -> None:
    done = ExamReport(1.0, ExamPhase.DONE, default_rules().exam.say[ExamLine.TOLD_APART])
    stood = dataclasses.replace(builders.analysis(tunnel=None, activity=Activity.STANCE), exam=done)
    ghost = ghost_from(builders.pose(), Facing.RIGHT, 270.0)
    bare = dataclasses.replace(stood, report=dataclasses.replace(stood.report, line=None))
    assert np.array_equal(painted(stood, ghost=ghost), painted(bare))


def test_whoever_stands_before_a_run_has_no_line(builders) -> None:
    standing = builders.analysis(tunnel=None, activity=Activity.STANDING)
    assert np.array_equal(
        painted(standing), painted(builders.analysis(tunnel=None, activity=Activity.STANDING, line=None))
    )


def test_on_the_other_side_the_legs_are_not_held_against_the_ghost(builders) -> None:
    say = default_rules().exam.say[ExamLine.OTHER_FOOT_BACK]
    exams = [
        ExamReport(1.0, phase, say) for phase in (ExamPhase.FIRST_SIDE, ExamPhase.OTHER_SIDE, ExamPhase.GOOD_AGAIN)
    ]
    plain = builders.analysis(activity=Activity.STANCE)
    assert [scene_of(dataclasses.replace(plain, exam=exam)).ghost_legs for exam in exams] == [True, False, True]


# ---- nothing comes and goes with every push-off ------------------------------------------------------------------


def test_the_runner_keeps_line_and_arrow_from_one_push_off_to_the_next(builders) -> None:
    """Steps at 180 a minute, each judged for a tenth of a second: the arrow is there in every frame after the first."""
    steady, arrows = SteadyScene(), []
    style = OverlayStyle(Theme(DARK), 4.0, detail=SceneDetail.RUNNER, words=False)
    for k in range(20):
        line = builders.line(0.05) if k % 10 < 3 else None
        analysis = builders.analysis(k / 30, tunnel=None, line=line)
        rgb = painted(analysis, style=style, steady=steady.follow(analysis))
        arrows.append(near(rgb[170:210, :315], DARK.off, 30).sum())
    assert min(arrows) > 0.65 * max(arrows) > 100
    # The coach sees each frame as it is.
    last = builders.analysis(19 / 30, tunnel=None, line=None)
    assert not near(painted(last, steady=steady.follow(last)), DARK.off, 30).any()


def test_a_held_line_goes_with_the_hip_and_is_let_go(builders) -> None:
    steady = SteadyScene()
    steady.follow(builders.analysis(1.0, line=builders.line(0.05)))
    moved = builders.analysis(1.2, line=builders.line(0.0, judged=False))
    xy_px = moved.pose.xy_px + np.array([7.0, -3.0])
    moved = dataclasses.replace(moved, pose=dataclasses.replace(moved.pose, xy_px=xy_px))
    held = steady.follow(moved).line
    assert held is not None
    assert np.allclose(held.hip_px, (307.0, 187.0))
    assert np.allclose(held.ear_px - held.hip_px, builders.line(0.05).ear_px - builders.line(0.05).hip_px)
    assert steady.follow(builders.analysis(1.0 + HELD_S + 0.1, line=None)).line is None
    # Another session, and whoever stops, has none.
    steady.follow(builders.analysis(5.0, line=builders.line(0.05)))
    assert steady.follow(builders.analysis(4.0, line=None)).line is None
    assert steady.follow(builders.analysis(5.1, line=None, activity=Activity.STANDING)).line is None


# ---- the hinge -----------------------------------------------------------------------------------------------------


def hinged(builders, bend_deg: float):
    """The standing body of a hinge: thighs upright, the trunk as far forward as told."""
    analysis = builders.analysis(tunnel=None, line=None, activity=Activity.STANDING, drill=doing(DrillId.HINGE))
    xy_px = np.array(analysis.pose.xy_px)
    xy_px[[Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE]] = (300.0, 255.0)
    lean = math.radians(bend_deg)
    xy_px[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] = (300 + 80 * math.sin(lean), 190 - 80 * math.cos(lean))
    return dataclasses.replace(analysis, pose=dataclasses.replace(analysis.pose, xy_px=xy_px))


@pytest.mark.parametrize(("bend", "zero", "counts"), [(15.0, 0.0, False), (40.0, 0.0, True), (23.0, 5.0, False)])
def test_a_hinge_shows_its_depth_and_where_it_counts(builders, bend, zero, counts) -> None:
    analysis = hinged(builders, bend)
    assert depth_deg(analysis.pose, Facing.RIGHT, zero) == pytest.approx(bend - zero)
    rgb = painted(analysis, steady=Steady(analysis.pose, zero_bend_deg=zero))
    good = near(rgb, DARK.good, 40)
    # The band lies on the arc of 100 px around the hip, from where it counts to the ground.
    for at_deg, there in ((zero + least_deg() + 12.0, True), (zero + 85.0, True), (zero + least_deg() - 10.0, False)):
        x, y = 300 + 100 * math.sin(math.radians(at_deg)), 190 - 100 * math.cos(math.radians(at_deg))
        patch = good[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]
        assert bool(patch.any()) is there, at_deg
    # The trunk is green where it counts.
    x, y = 300 + 60 * math.sin(math.radians(bend)), 190 - 60 * math.cos(math.radians(bend))
    assert bool(good[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].any()) is counts


def test_what_standing_has_of_a_bend_is_taken_off(builders) -> None:
    steady, standing = SteadyScene(), hinged(builders, 6.0)
    for k in range(60):
        armed = dataclasses.replace(
            standing,
            report=dataclasses.replace(standing.report, t_s=k / 30, drill=doing(DrillId.HINGE, DrillPhase.ARMED)),
        )
        kept = steady.follow(armed)
    assert kept.zero_bend_deg == pytest.approx(6.0, abs=0.1)
    assert steady.follow(hinged(builders, 60.0)).zero_bend_deg == pytest.approx(6.0, abs=0.1)


# ---- the words of the rows ----------------------------------------------------------------------------------------


def test_each_row_has_its_word_on_it_however_near_the_others_are(builders) -> None:
    placed: list[QRectF] = []

    class Notes(QPainter):
        def drawImage(self, at, image) -> None:
            placed.append(QRectF(at, image.deviceIndependentSize()))

    image = QImage(*SIZE_PX, QImage.Format.Format_RGB888)
    painter = Notes(image)
    rows = {"standing": 50.0, "goal": 60.0, "floor": 84.0, "roof": 70.0}
    labels = [(y, word, QColor("#ffffff")) for word, y in rows.items()]
    overlay_tunnel._paint_labels(painter, labels, QRectF(0, 0, *SIZE_PX), OverlayStyle(Theme(DARK), 4.0))
    painter.end()
    assert sorted(box.center().y() for box in placed) == pytest.approx([50, 60, 70, 84], abs=1.0)
    assert not any(a.intersects(b) for a, b in itertools.combinations(placed, 2))
    assert all(box.left() > 0 and box.right() < 640 for box in placed)
