"""The overlay is painted where and how the analysis says; pixels are looked at, not calls."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from app.coach.report import ActiveFault, Activity, FaultId
from app.coach.reps import DrillId, DrillPhase, DrillReport
from app.coach.setup import SetupPhase, SetupReport
from app.coach.types import Facing
from app.ui.overlay import OverlayStyle, hips_should_go, line_tone, paint_overlay
from app.ui.screen_picture import screen_image
from app.ui.screens import SceneDetail
from app.ui.theme import DARK, LIGHT, Theme, Tone
from app.ui.video_view import ViewTransform

pytestmark = pytest.mark.usefixtures("qapp")
SIZE_PX = (640, 360)
GREY = QColor(90, 90, 90)


def painted(analysis, mirrored: bool = False, style: OverlayStyle | None = None, **more) -> np.ndarray:
    """Paint over a grey 640 x 360 canvas, 1:1; int16 RGB (360, 640, 3)."""
    image = QImage(*SIZE_PX, QImage.Format.Format_RGB888)
    image.fill(GREY)
    painter = QPainter(image)
    transform = ViewTransform.fit(SIZE_PX, QRectF(0, 0, *SIZE_PX), mirrored)
    paint_overlay(painter, analysis, style or OverlayStyle(Theme(DARK), 4.0), transform, **more)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(360, image.bytesPerLine())
    return rows[:, : 3 * 640].reshape(360, 640, 3).astype(np.int16)


def near(rgb: np.ndarray, colour: str, tolerance: int = 24) -> np.ndarray:
    """Where the picture has about this colour, bool (360, 640)."""
    wanted = QColor(colour)
    return np.abs(rgb - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=2) <= tolerance


# ---- transform ------------------------------------------------------------------------------------------------


def test_letterbox_keeps_shape_and_centre() -> None:
    transform = ViewTransform.fit((1280, 720), QRectF(0, 0, 1000, 1000), mirrored=False)
    assert transform.image_rect() == QRectF(0, 218.75, 1000, 562.5)
    assert transform.point(640, 360) == QPointF(500, 500)
    assert transform.scale == pytest.approx(1000 / 1280)


def test_mirror_exchanges_left_and_right_only() -> None:
    plain = ViewTransform.fit((640, 360), QRectF(0, 0, 640, 360), mirrored=False)
    mirrored = ViewTransform.fit((640, 360), QRectF(0, 0, 640, 360), mirrored=True)
    assert plain.point(100, 50) == QPointF(100, 50)
    assert mirrored.point(100, 50) == QPointF(540, 50)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", [(640, 360), (320, 180), (1000, 563)])
def test_the_picture_lies_where_the_transform_says(size: tuple[int, int], mirrored: bool) -> None:
    image_bgr = np.zeros((360, 640, 3), np.uint8)
    image_bgr[80:120, 480:520] = (0, 0, 255)  # a red square around (500, 100)
    shown = screen_image(image_bgr, QSize(*size), mirrored)
    transform = ViewTransform.fit((640, 360), QRectF(0, 0, *size), mirrored)
    at = transform.point(500, 100)
    assert shown.pixelColor(round(at.x()), round(at.y())).red() > 240
    assert shown.pixelColor(round(at.x()), round(at.y())).blue() < 15
    other = transform.point(140, 100)
    assert shown.pixelColor(round(other.x()), round(other.y())).red() < 15


# ---- painting -------------------------------------------------------------------------------------------------


def test_nobody_in_the_picture_paints_nothing(builders) -> None:
    from app.coach.types import BodyPose
    from app.session import Analysis

    whole = builders.analysis(line=None, tunnel=None)
    empty = Analysis(whole.frame, BodyPose.nobody(1.0, SIZE_PX), whole.report, {})
    assert near(painted(empty), GREY.name(), 0).all()


def test_bones_follow_the_body_and_fade_with_doubt(builders) -> None:
    sure = painted(builders.analysis(line=None, tunnel=None))
    doubtful = painted(builders.analysis(line=None, tunnel=None, visibility=0.4))
    unseen = painted(builders.analysis(line=None, tunnel=None, visibility=0.1))
    thigh = np.s_[217:224, 310:319]  # y, x: half way from the left hip (298, 190) to the knee (330, 250)
    assert sure[thigh].max() > doubtful[thigh].max() + 20 > 130
    assert near(unseen, GREY.name(), 0).all()


def test_mirrored_painting_is_the_mirror_image(builders) -> None:
    analysis = builders.analysis(tunnel=None, line=builders.line(0.05))
    plain, mirrored = painted(analysis), painted(analysis, mirrored=True)
    # Antialiasing is not symmetric to the last bit: nearly all pixels must agree closely.
    differs = np.abs(plain[:, ::-1] - mirrored).max(axis=2) > 60
    assert differs.mean() < 0.004


def test_a_good_line_is_green_and_runs_from_ear_to_foot(builders) -> None:
    rgb = painted(builders.analysis(tunnel=None))
    for part in np.linspace(0.05, 0.95, 10):
        x, y = 330 - 90 * part, 80 + 250 * part
        assert near(rgb, DARK.good, 40)[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].any(), part


@pytest.mark.parametrize(
    ("facing", "offset_bh", "mirrored", "arrow"),
    [
        (Facing.RIGHT, +0.05, False, "left"),  # hips ahead of the line: back, which is image left
        (Facing.RIGHT, -0.05, False, "right"),
        (Facing.LEFT, +0.05, False, "right"),
        (Facing.RIGHT, +0.05, True, "right"),
    ],
)
def test_the_arrow_shows_where_the_hips_should_go(
    builders, facing: Facing, offset_bh: float, mirrored: bool, arrow: str
) -> None:
    line = builders.line(offset_bh)
    # Seen from the hip, orange lies on the side to which the arrow points. The hip row only, without the line.
    rgb = painted(builders.analysis(tunnel=None, facing=facing, line=line), mirrored)
    hip_x = line.hip_px[0] if not mirrored else 640 - line.hip_px[0]
    row = near(rgb, DARK.off, 40)[188:193].any(axis=0)
    left, right = row[: round(hip_x) - 12].sum(), row[round(hip_x) + 12 :].sum()
    assert (left > right + 15) if arrow == "left" else (right > left + 15)


def test_an_off_line_is_dashed_a_good_one_is_not(builders) -> None:
    def covered(offset_bh: float, colour: str) -> float:
        rgb = painted(builders.analysis(tunnel=None, line=builders.line(offset_bh)))
        parts, there = np.linspace(0.03, 0.97, 200), near(rgb, colour, 40)
        hits = [there[round(80 + 250 * part), round(330 - 90 * part)] for part in parts]
        return float(np.mean(hits))

    assert covered(0.0, DARK.good) > 0.85
    assert 0.3 < covered(0.05, DARK.off) < 0.8


def test_roof_goal_and_standing_rows(builders) -> None:
    rgb = painted(builders.analysis(line=None))
    green = near(rgb, DARK.good, 40)
    assert green[69:72, :500].mean() > 0.5  # the roof at y = 70, solid
    white = rgb[:, 20:500].min(axis=2) > 150
    standing, goal = white[49:52].any(axis=0).mean(), white[59:62].any(axis=0).mean()
    assert 0.05 < standing < goal < 0.9  # dots, then dashes


def test_a_hit_changes_colour_and_shape(builders) -> None:
    free, hit = (
        painted(builders.analysis(line=None)),
        painted(builders.analysis(line=None, tunnel=builders.tunnel(clearance_bh=-0.02))),
    )
    assert near(hit, DARK.hit, 30)[69:72, :500].mean() > 0.5
    assert not near(free, DARK.hit, 30).any()
    # A ring is hollow, a burst is filled: look at the centre of the head marker.
    assert not near(free, DARK.good, 30)[75, 330]
    assert near(hit, DARK.hit, 30)[65, 330]


def test_words_are_never_mirrored(builders) -> None:
    # Without the roof: its hatch leans the other way in the mirror.
    tunnel = dataclasses.replace(builders.tunnel(), roof_y_px=math.nan, floor_y_px=130.0)
    analysis = builders.analysis(line=None, tunnel=tunnel)
    plain, mirrored = painted(analysis), painted(analysis, mirrored=True)
    assert np.array_equal(plain[40:160, 560:], mirrored[40:160, 560:])
    assert (plain[40:70, 560:].max(axis=2) > 220).sum() > 20  # there are words
    # For the runner there are none.
    style = OverlayStyle(Theme(DARK), 4.0, detail=SceneDetail.RUNNER)
    assert np.array_equal(
        painted(analysis, style=style), painted(analysis, style=dataclasses.replace(style, words=False))
    )
    assert not np.array_equal(plain, painted(analysis, style=OverlayStyle(Theme(DARK), 4.0, words=False)))


def test_whoever_stands_is_no_hit(builders) -> None:
    tunnel = builders.tunnel(clearance_bh=-0.02)
    for activity, hit in ((Activity.STANDING, False), (Activity.RUNNING, True), (Activity.STANCE, True)):
        rgb = painted(builders.analysis(line=None, tunnel=tunnel, activity=activity))
        assert near(rgb, DARK.hit, 30).any() is np.bool_(hit)


def test_the_floor_is_a_thin_row_and_dashed_while_the_runner_collapses(builders) -> None:
    def floor(low: bool) -> np.ndarray:
        tunnel = dataclasses.replace(builders.tunnel(), floor_y_px=130.0, below_floor=low)
        return painted(builders.analysis(line=None, tunnel=tunnel))[:, 20:200]

    fine, low = floor(low=False), floor(low=True)
    assert near(fine, DARK.good, 60)[129:132].any(axis=0).mean() > 0.95
    assert 0.4 < near(low, DARK.off, 40)[129:132].any(axis=0).mean() < 0.9
    assert not near(low, DARK.good, 40)[120:140].any()


def test_the_runner_sees_fewer_and_bolder_marks(builders) -> None:
    analysis = builders.analysis(line=builders.line(0.05))
    coach, runner = (
        painted(analysis, style=OverlayStyle(Theme(DARK), 4.0, detail=detail, words=False))
        for detail in (SceneDetail.COACH, SceneDetail.RUNNER)
    )
    # No rows for standing and goal.
    white = [rgb[:, 20:120].min(axis=2) > 150 for rgb in (coach, runner)]
    assert white[0][48:53].any()
    assert not white[1][40:65].any()
    # A deeper roof, a larger arrow.
    assert near(runner, DARK.off, 30).sum() > 1.3 * near(coach, DARK.off, 30).sum()
    above = [np.abs(rgb[40:70, 300] - 90).max(axis=1) > 8 for rgb in (coach, runner)]
    assert above[1].sum() > 1.3 * above[0].sum()


def test_a_missing_roof_is_not_drawn(builders) -> None:
    unknown = dataclasses.replace(
        builders.tunnel(), standing_y_px=math.nan, goal_y_px=math.nan, roof_y_px=math.nan, head_y_px=math.nan
    )
    with_none = painted(builders.analysis(line=None, tunnel=None))
    assert np.array_equal(painted(builders.analysis(line=None, tunnel=unknown)), with_none)


def test_on_the_neutral_canvas_the_theme_decides(builders) -> None:
    style = OverlayStyle(Theme(LIGHT), 4.0, on_picture=False)
    assert style.palette is LIGHT
    rgb = painted(builders.analysis(image=False, tunnel=None), style=style)
    assert near(rgb, LIGHT.good, 40).sum() > 200


# ---- decisions ------------------------------------------------------------------------------------------------


def test_tone_of_the_line(builders) -> None:
    drift = (ActiveFault(FaultId.PELVIS_DRIFT, 3.0, 2.0, "% BH", 8),)
    off = builders.report(verdict="pelvis_drift", faults=drift)
    assert line_tone(builders.report(), builders.line(0.0)) is Tone.GOOD
    assert line_tone(builders.report(), builders.line(0.05)) is Tone.OFF
    assert line_tone(builders.report(), builders.line(0.05, judged=False)) is Tone.GOOD
    assert line_tone(off, builders.line(0.0, judged=False)) is Tone.OFF
    assert line_tone(builders.report(verdict="not_judged"), builders.line(0.05, judged=False)) is Tone.CALM


def test_hips_go_back_while_the_fault_is_on_even_between_judged_instants(builders) -> None:
    drift = (ActiveFault(FaultId.PELVIS_DRIFT, 3.0, 2.0, "% BH", 8),)
    assert hips_should_go(builders.report(faults=drift), builders.line(0.0, judged=False)) == 1.0
    assert hips_should_go(builders.report(), builders.line(0.0, judged=False)) == 0.0
    assert hips_should_go(builders.report(), builders.line(-0.05)) == -1.0
    # Leaning too far: the hips are behind the line, but "hips forward" would be the wrong thing to do.
    assert hips_should_go(builders.report(verdict="over_lean"), builders.line(-0.05)) == 0.0


# ---- only what belongs to what is done --------------------------------------------------------------------------


def doing(drill: DrillId, phase: DrillPhase = DrillPhase.MOVING, **more) -> DrillReport:
    return DrillReport(drill, phase, 0, 0.0, 0.0, None, False, 1, 2, 8, 0.0, (), "", **more)


@pytest.mark.parametrize(
    ("drill", "roof", "line"),
    [(None, True, True), (DrillId.HINGE, False, False), (DrillId.START_LINE, False, True),
     (DrillId.TUNNEL_MARCH, True, False)],
)  # fmt: skip
def test_a_drill_is_drawn_with_what_it_is_about(builders, drill, roof, line) -> None:
    report = None
    if drill is not None:
        report = doing(drill, head_below_roof_bh=0.02)
    rgb = painted(builders.analysis(image=True, drill=report))
    band = np.abs(rgb[56:69, :200] - rgb[20:21, :200]).max(axis=2) > 10
    assert bool(band.mean() > 0.3) is roof
    assert bool(near(rgb, DARK.good)[200:300, 250:300].any()) is line


def test_while_things_are_put_right_neither_roof_nor_line_is_drawn(builders) -> None:
    checking = SetupReport(1.0, SetupPhase.CHECKING, (), None)
    plain = builders.analysis(image=True)
    rgb = painted(dataclasses.replace(plain, setup=checking))
    assert not near(rgb, DARK.good).any()
    assert near(painted(plain), DARK.good).any()
