"""The bars in the picture say what the steps and the stance say, and never more than is known."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.coach.exam_report import ExamPhase, ExamReport
from app.coach.model import CoachModel
from app.coach.report import ActiveFault, Activity, FaultId, Hold, StanceValues
from app.coach.rules import default_rules
from app.coach.types import Facing, Frame, RunnerProfile
from app.session import Analysis
from app.sim.acts import Act, RunnerParams
from app.sim.scene import VirtualScene
from app.ui import scene_bars_paint
from app.ui.cue_card import CueCard
from app.ui.overlay import OverlayStyle
from app.ui.scene_bars import STANCE_SHIFT, BarValues, LeanSplit, SceneBars
from app.ui.scene_bars_paint import paint_bars, paint_mark, split_box
from app.ui.screens import SceneDetail
from app.ui.stage import Stage
from app.ui.theme import DARK, LIGHT, Theme, Tone
from app.ui.video_view import VideoView, ViewTransform

pytestmark = pytest.mark.usefixtures("qapp")
SIZE_PX = (640, 360)
#: Of `builders`: roof 20 px under standing, .028 body heights.
HEIGHT_PX = 20.0 / 0.028
LEG_PX = 0.485 * HEIGHT_PX


def running(builders, steps: int = 8, facing: Facing = Facing.RIGHT, faults: tuple = (), **of_step: float) -> SceneBars:
    """Return bars after so many steps that all measured the same, 0.35 s apart, the newest half a second ago."""
    bars = SceneBars()
    measured = {"hip_share": 0.55, "reach_ll": 0.3, "reach_of_travel": 0.32, "weight_shift": 0.5} | of_step
    for k in range(steps):
        step = dataclasses.replace(builders.step(20.0 - 0.5 - 0.35 * (steps - 1 - k)), **measured)
        bars.show_step(step)
    bars.follow(builders.analysis(20.0, facing=facing, faults=faults))
    return bars


def stance(builders, **changes: object) -> BarValues:
    bars = SceneBars()
    exam = changes.pop("exam", None)
    analysis = builders.analysis(5.0, **{"activity": Activity.STANCE, **changes})
    bars.follow(dataclasses.replace(analysis, exam=exam))
    return bars.values


# ---- lean split -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "steps", "tone"),
    [(0.55, 8, Tone.GOOD), (0.30, 8, Tone.OFF), (0.42, 8, Tone.CALM), (0.30, 5, Tone.CALM), (0.55, 6, Tone.GOOD)],
)
def test_the_split_is_judged_from_six_steps_on(builders, share: float, steps: int, tone: Tone) -> None:
    split = running(builders, steps, hip_share=share).values.split
    assert split == LeanSplit(pytest.approx(share), tone)


def test_no_split_where_none_was_measured(builders) -> None:
    assert running(builders, hip_share=math.nan).values.split is None
    assert running(builders, steps=0).values.split is None


def test_one_odd_step_moves_nothing(builders) -> None:
    bars = running(builders, hip_share=0.5)
    bars.show_step(dataclasses.replace(builders.step(19.9), hip_share=0.1))
    bars.follow(builders.analysis(20.02))
    assert bars.values.split is not None
    assert bars.values.split.hip_share == pytest.approx(0.5)


def test_steps_grow_old_and_those_of_another_session_do_not_count(builders) -> None:
    bars = running(builders)
    bars.follow(builders.analysis(25.0))
    assert bars.values.split is not None
    bars.follow(builders.analysis(27.0))
    assert bars.values.split is None
    bars = running(builders)
    bars.follow(builders.analysis(1.0))
    bars.follow(builders.analysis(20.0))
    assert bars.values.split is None
    bars = running(builders)
    bars.clear()
    bars.follow(builders.analysis(20.0))
    assert bars.values == BarValues(None, None)


def test_a_delayed_mirror_shows_the_steps_of_its_own_time(builders) -> None:
    bars = SceneBars()
    for t_s in np.arange(1.0, 20.0, 0.35):
        bars.show_step(dataclasses.replace(builders.step(float(t_s)), hip_share=0.3 if t_s < 12.0 else 0.6))
    for t_s, share in ((20.0, 0.6), (11.9, 0.3), (20.03, 0.6)):
        late = builders.analysis(t_s, step=dataclasses.replace(builders.step(t_s - 0.5), hip_share=share))
        bars.follow(late)
        assert bars.values.split is not None
        assert bars.values.split.hip_share == pytest.approx(share)


def test_a_step_counts_once_however_it_comes(builders) -> None:
    bars, step = SceneBars(), dataclasses.replace(builders.step(9.0), hip_share=0.6)
    for _ in range(8):
        bars.show_step(step)
        bars.follow(builders.analysis(9.5, step=step))
    assert bars.values.split is not None
    assert bars.values.split.tone is Tone.CALM


# ---- landing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_the_landing_lies_ahead_of_the_hip_by_the_reach(builders, facing: Facing) -> None:
    bar = running(builders, facing=facing).values.ground
    assert bar is not None
    assert bar.landing
    assert bar.row_px == 330.0
    assert bar.hip_px == 300.0
    assert bar.front_px - 300.0 == pytest.approx(facing.sign * 0.3 * LEG_PX)
    # Half of the weight shift: the rear foot leaves as far behind as the front one lands ahead.
    assert bar.rear_px - 300.0 == pytest.approx(-facing.sign * 0.3 * LEG_PX)
    most = default_rules().running[FaultId.OVERSTRIDE].on / 100.0
    assert bar.good_px == pytest.approx((300.0, 300.0 + facing.sign * 0.3 * LEG_PX * most / 0.32))
    assert (bar.tone, bar.correction) == (Tone.GOOD, 0.0)


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_a_long_step_is_off_and_points_back(builders, facing: Facing) -> None:
    bar = running(builders, facing=facing, reach_of_travel=0.43).values.ground
    assert bar is not None
    assert (bar.tone, bar.correction) == (Tone.OFF, -facing.sign)
    assert abs(bar.front_px - bar.hip_px) > abs(bar.good_px[1] - bar.hip_px)


def test_the_landing_never_contradicts_the_coach(builders) -> None:
    fault = (ActiveFault(FaultId.OVERSTRIDE, 36.0, 35.5, "%", 8),)
    off, few = running(builders, faults=fault, reach_of_travel=0.36), running(builders, steps=3, reach_of_travel=0.43)
    assert off.values.ground is not None
    assert off.values.ground.tone is Tone.OFF
    assert few.values.ground is not None
    assert few.values.ground.tone is Tone.CALM


def test_the_ground_is_where_the_feet_were_in_the_last_second(builders) -> None:
    bars = running(builders)
    pose = builders.pose(20.5)
    flying = dataclasses.replace(pose, xy_px=np.asarray(pose.xy_px) - (0.0, 30.0))
    bars.follow(dataclasses.replace(builders.analysis(20.5), pose=flying))
    assert bars.values.ground is not None
    assert bars.values.ground.row_px == 330.0
    later = dataclasses.replace(flying, t_s=21.2)
    bars.follow(dataclasses.replace(builders.analysis(21.2), pose=later))
    assert bars.values.ground is not None
    assert bars.values.ground.row_px == 300.0


# ---- weight shift ---------------------------------------------------------------------------------------------


def test_the_weight_shift_of_a_stance_is_the_hips_place_between_the_ankles(builders) -> None:
    bar = stance(builders).ground
    assert bar is not None
    # Ankles at 235 and 325, hip at 300.
    assert (bar.rear_px, bar.front_px, bar.hip_px) == pytest.approx((235.0, 325.0, 300.0))
    assert bar.good_px == pytest.approx((235.0 + 90 * STANCE_SHIFT[0], 235.0 + 90 * STANCE_SHIFT[1]))
    assert (bar.tone, bar.correction, bar.landing) == (Tone.GOOD, 0.0, False)
    other = stance(builders, facing=Facing.LEFT).ground
    assert other is not None
    assert (other.rear_px, other.front_px, other.hip_px) == pytest.approx((325.0, 235.0, 300.0))
    assert (other.tone, other.correction) == (Tone.OFF, -1.0)  # too far over the rear foot: forward, to the left


@pytest.mark.parametrize(
    ("shift", "tone", "correction"), [(0.66, Tone.GOOD, 0), (0.9, Tone.OFF, -1), (0.4, Tone.OFF, 1)]
)
def test_exam_and_hold_know_better_than_one_frame(builders, shift: float, tone: Tone, correction: float) -> None:
    values = StanceValues(*[math.nan] * 10)
    hold = Hold(4.0, 5.0, "good", dataclasses.replace(values, weight_shift=shift))
    exam = ExamReport(5.0, ExamPhase.FIRST_SIDE, default_rules().praise_stance, weight_shift=shift)
    held = dataclasses.replace(hold, values=dataclasses.replace(values, weight_shift=0.1))
    for bars in (stance(builders, hold=hold), stance(builders, hold=held, exam=exam)):
        bar = bars.ground
        assert bar is not None
        assert (bar.hip_px - bar.rear_px) / (bar.front_px - bar.rear_px) == pytest.approx(shift)
        assert (bar.tone, bar.correction) == (tone, correction)


def test_standing_or_nobody_has_no_bars(builders) -> None:
    assert stance(builders, activity=Activity.STANDING) == BarValues(None, None)
    assert stance(builders, visibility=1.0, activity=Activity.WALKING) == BarValues(None, None)
    nobody = SceneBars()
    analysis = builders.analysis(1.0)
    empty = dataclasses.replace(analysis, pose=type(analysis.pose).nobody(1.0, SIZE_PX))
    nobody.follow(empty)
    assert nobody.values == BarValues(None, None)


# ---- on the virtual runner ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "split", "landing"),
    [
        (Act.GOOD, Tone.GOOD, Tone.GOOD),
        (Act.PELVIS_DRIFT, Tone.OFF, Tone.GOOD),
        (Act.OVERSTRIDE, Tone.GOOD, Tone.OFF),
    ],
)
def test_the_bars_tell_what_is_acted(act: Act, split: Tone, landing: Tone) -> None:
    scene = VirtualScene(RunnerParams(act=act, standing_s=1.5))
    coach, bars = CoachModel(profile=RunnerProfile(height_cm=178.0)), SceneBars()
    for index in range(30 * 8):
        pose = scene.landmarks_at(index / 30.0)
        bars.follow(Analysis(Frame(index, pose.t_s), pose, coach.update(pose), {}))
    values = bars.values
    assert values.split is not None
    assert values.ground is not None
    assert (values.split.tone, values.ground.tone) == (split, landing)


# ---- painting -------------------------------------------------------------------------------------------------


def painted(values: BarValues, facing: Facing = Facing.RIGHT, mirrored: bool = False, **looks: object) -> np.ndarray:
    """Paint bars alone over grey; int16 RGB (360, 640, 3)."""
    style = OverlayStyle(**{"theme": Theme(DARK), "stroke_px": 3.0, "detail": SceneDetail.RUNNER, **looks})
    image = QImage(*SIZE_PX, QImage.Format.Format_RGB888)
    image.fill(QColor(90, 90, 90))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    transform = ViewTransform.fit(SIZE_PX, QRectF(0, 0, *SIZE_PX), mirrored)
    paint_bars(painter, values, facing, style, transform)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(360, image.bytesPerLine())
    return rows[:, : 3 * 640].reshape(360, 640, 3).astype(np.int16)


def near(rgb: np.ndarray, colour: str, tolerance: int = 30) -> np.ndarray:
    wanted = QColor(colour)
    return np.abs(rgb - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=2) <= tolerance


def split_only(share: float, tone: Tone) -> BarValues:
    return BarValues(LeanSplit(share, tone), None)


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_the_hips_part_of_the_bar_is_its_share(share: float) -> None:
    style = OverlayStyle(Theme(DARK), 3.0, detail=SceneDetail.RUNNER)
    transform = ViewTransform.fit(SIZE_PX, QRectF(0, 0, *SIZE_PX), mirrored=False)
    box = split_box(Facing.RIGHT, style, transform)
    rgb = painted(split_only(share, Tone.GOOD))
    column = near(rgb, DARK.good)[round(box.top()) : round(box.bottom()), round(box.left()) + 3]
    assert column.mean() == pytest.approx(share, abs=0.03)
    assert column[2 : int(0.9 * share * len(column))].all()


def test_the_bar_stands_behind_the_runner_also_in_the_mirror() -> None:
    values = split_only(0.5, Tone.GOOD)
    for facing, mirrored, left in (
        (Facing.RIGHT, False, True),
        (Facing.LEFT, False, False),
        (Facing.RIGHT, True, False),
        (Facing.LEFT, True, True),
    ):
        there = np.abs(painted(values, facing, mirrored) - 90).max(axis=2) > 20
        assert there[:, :320].any() is np.bool_(left)
        assert there[:, 320:].any() is np.bool_(not left)


def test_right_and_off_differ_in_shape_too() -> None:
    def shape(tone: Tone, towards: tuple[float, float] = (1.0, 0.0)) -> np.ndarray:
        image = QImage(80, 80, QImage.Format.Format_Grayscale8)
        image.fill(0)
        painter = QPainter(image)
        same = dataclasses.replace(DARK, good="#ffffff", off="#ffffff", calm="#ffffff")
        style = OverlayStyle(Theme(same), 3.0, on_picture=False)
        paint_mark(painter, QPointF(40, 40), 20.0, tone, QPointF(*towards), style)
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(80, image.bytesPerLine())
        return rows[:, :80] > 128

    good, ahead, back, calm = shape(Tone.GOOD), shape(Tone.OFF), shape(Tone.OFF, (-1.0, 0.0)), shape(Tone.CALM)
    assert (good == good[::-1, ::-1]).mean() > 0.98  # a disc
    assert ahead[:, 55:].sum() < ahead[:, :40].sum()  # narrow where it points
    assert (ahead == back[:, ::-1]).mean() > 0.97
    assert good[40, 40]
    assert not calm[40, 40]  # hollow
    assert (good != ahead).mean() > 0.05


def test_the_words_beside_the_bar_are_shares_that_make_a_whole(monkeypatch) -> None:
    said: list[str] = []
    real = scene_bars_paint.label_picture
    monkeypatch.setattr(
        scene_bars_paint, "label_picture", lambda words, *rest: said.append(words) or real(words, *rest)
    )
    painted(split_only(0.574, Tone.GOOD), detail=SceneDetail.COACH, words=True)
    assert said == ["hip 57 %", "ankle 43 %"]


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_runner_gets_no_words_a_coach_does(mirrored: bool) -> None:
    values = split_only(0.5, Tone.GOOD)
    bare, worded = (painted(values, mirrored=mirrored, words=words) for words in (False, True))
    assert np.array_equal(bare, worded)
    coach = {"detail": SceneDetail.COACH, "mirrored": mirrored}
    assert not np.array_equal(painted(values, words=False, **coach), painted(values, words=True, **coach))


def test_the_mirrored_bars_are_the_mirror_image(builders) -> None:
    for values in (running(builders, reach_of_travel=0.43).values, stance(builders)):
        plain, mirrored = painted(values), painted(values, mirrored=True)
        assert (np.abs(plain - 90).max(axis=2) > 20).mean() > 0.01
        assert (np.abs(plain[:, ::-1] - mirrored).max(axis=2) > 90).mean() < 0.006


def test_a_bar_under_the_picture_is_drawn_at_its_edge(builders) -> None:
    ground = stance(builders).ground
    assert ground is not None
    rgb = painted(BarValues(None, dataclasses.replace(ground, row_px=400.0)))
    assert near(rgb, DARK.good)[300:].sum() > 60


# ---- in the window --------------------------------------------------------------------------------------------


def test_the_view_draws_for_whom_it_is_told(qtbot, builders) -> None:
    view = VideoView(Theme(LIGHT))
    qtbot.addWidget(view)
    view.resize(*SIZE_PX)
    assert view.detail is SceneDetail.COACH
    plain = view.grab().toImage()
    view.show_step(dataclasses.replace(builders.step(19.5), hip_share=0.55))
    view.show_analysis(builders.analysis(20.0, image=False), Tone.CALM)
    coach = view.grab().toImage()
    with qtbot.waitSignal(view.detail_changed):
        view.detail = SceneDetail.RUNNER
    assert len({image.cacheKey() for image in (plain, coach)}) == 2
    assert view.grab().toImage() != coach
    view.detail = SceneDetail.COACH
    assert view.grab().toImage() == coach
    view.clear()
    view.show_analysis(builders.analysis(20.0, image=False), Tone.CALM)
    assert view.grab().toImage() != coach  # the step is forgotten


def test_a_ghost_is_drawn_only_where_it_is_wanted(qtbot, builders) -> None:
    from app.ui.ghost import ghost_from

    view = VideoView(Theme(DARK))
    qtbot.addWidget(view)
    view.resize(*SIZE_PX)
    assert view.ghost is None
    view.show_analysis(builders.analysis(image=False, activity=Activity.STANCE), Tone.CALM)
    without = view.grab().toImage()
    view.ghost = ghost_from(builders.pose(), Facing.RIGHT, 270.0)
    assert view.ghost_shown
    assert view.grab().toImage() != without
    view.ghost_shown = False
    assert view.grab().toImage() == without


@pytest.mark.parametrize("size", [(960, 560), (1280, 760), (1900, 1000)])
def test_the_runners_card_is_larger(qtbot, size: tuple[int, int]) -> None:
    video, card = VideoView(Theme(DARK)), CueCard(Theme(DARK))
    stage = Stage(video, card)
    qtbot.addWidget(stage)
    stage.resize(*size)
    stage.show()
    before = card.height()
    video.detail = SceneDetail.RUNNER
    assert card.height() >= max(before, round(0.28 * size[1]))
    assert video.height() + card.height() + 12 == size[1]
