"""The panel of the exam: the path, the hold, the one thing to change, the pictures and what can be told apart."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from app.cli.build import virtual_source
from app.coach.exam import Exam
from app.coach.exam_report import ExamPhase, ExamReport
from app.coach.exam_words import ExamLine
from app.coach.model import CoachModel
from app.coach.report import FaultId, Mode, StanceValues
from app.coach.rules import default_rules
from app.coach.separation import HeldPose, Separation
from app.coach.types import LANDMARK_COUNT, BodyPose, Landmark
from app.pose.estimator import OracleEstimator
from app.session import Session
from app.ui.choice import Choice
from app.ui.panels.contrast import crop_of, line_of, separation_words
from app.ui.panels.exam_panel import ExamPanel, ExamPicture, path_steps
from app.ui.panels.marks import Mark
from app.ui.scene_bars import STANCE_SHIFT
from app.ui.theme import DARK, Theme

RULES = default_rules()
NAN = math.nan
VALUES = StanceValues(*(0.0,) * 10)


@pytest.fixture
def panel(put_up):
    return put_up(ExamPanel(Theme(DARK), Choice()), 340, 700)


@pytest.fixture
def seen(builders):
    return lambda exam: dataclasses.replace(builders.analysis(), exam=exam)


def held(name: str) -> HeldPose:
    return HeldPose(name, "left", 0.0, 1.0, 30, name, VALUES, VALUES)


def exam(phase, line, **more) -> ExamReport:
    spec = RULES.exam.say[line] if isinstance(line, ExamLine) else RULES.cues[line]
    return ExamReport(1.0, phase, spec, **more)


P, N, T, H, F = Mark.PASSED, Mark.NOW, Mark.TO_COME, Mark.PAUSED, Mark.FAILED
ONE, BOTH = ("left",), ("left", "unknown")
GOOD_2 = (held("good"), held("good"))
DRIFTED, SQUEEZED = held("pelvis_drift"), held("hip_squeeze")
ALIKE = Separation(FaultId.HIP_SQUEEZE, False, 1.24, "good", "front_load_deg")
APART = Separation(FaultId.PELVIS_DRIFT, True, 4.21, "good", "d_h_bh_pct")


@pytest.mark.parametrize(
    ("report", "marks", "notes"),
    [
        (None, (T, T, T, T, T, T), ("", "", "")),
        (exam(ExamPhase.STAND_TALL, ExamLine.STAND_TALL), (N, T, T, T, T, T), ("", "", "")),
        (exam(ExamPhase.FIRST_SIDE, ExamLine.ONE_FOOT_BACK), (P, N, T, T, T, T), ("", "", "")),
        (
            exam(ExamPhase.FEET_TOGETHER, ExamLine.SIDE_PASSED, passed=ONE, kept=(held("good"),)),
            (P, P, N, T, T, T),
            ("", "left foot", "feet together first"),
        ),
        (
            exam(ExamPhase.OTHER_SIDE, ExamLine.FEET_HIDDEN, passed=ONE, paused_because="why"),
            (P, P, H, T, T, T),
            ("", "left foot", ""),
        ),
        # The camera moved: standing tall again, the side that was passed stays.
        (exam(ExamPhase.STAND_TALL, ExamLine.STAND_TALL, passed=ONE), (N, P, T, T, T, T), ("", "left foot", "")),
        (
            exam(ExamPhase.DRIFT, ExamLine.DRIFT, passed=BOTH, kept=GOOD_2),
            (P, P, P, N, T, T),
            ("", "left foot", "passed"),
        ),
        (
            exam(ExamPhase.GOOD_AGAIN, ExamLine.GOOD_AGAIN, passed=BOTH, kept=(*GOOD_2, DRIFTED)),
            (P, P, P, P, N, T),
            ("", "left foot", "passed"),
        ),
        (
            exam(
                ExamPhase.DONE,
                ExamLine.NOT_TOLD_APART,
                passed=BOTH,
                kept=(*GOOD_2, DRIFTED, SQUEEZED),
                separations=(APART, ALIKE),
            ),
            (P, P, P, P, P, F),
            ("", "left foot", "passed"),
        ),
        (
            exam(ExamPhase.DONE, ExamLine.TOLD_APART, passed=BOTH, kept=(*GOOD_2, DRIFTED, SQUEEZED)),
            (P, P, P, P, P, P),
            ("", "left foot", "passed"),
        ),
    ],
)
def test_the_path_shows_what_is_done_and_what_is_to_come(report, marks, notes) -> None:
    steps = path_steps(report)
    assert tuple(step.mark for step in steps) == marks
    assert tuple(step.note for step in steps[:3]) == notes


def test_the_hold_fills_the_ring_and_the_weight_shift_moves(panel, seen) -> None:
    holding = exam(ExamPhase.FIRST_SIDE, ExamLine.HOLD, hold_s=1.5, hold_goal_s=3.0, verdict="good", weight_shift=0.6)
    panel.write_numbers(seen(holding))
    assert (panel.ring.big, panel.ring.small, panel.ring.progress) == ("1.5", "of 3 s", 0.5)
    assert panel.shift.isVisible()
    panel.show_analysis(seen(dataclasses.replace(holding, hold_s=2.4)))
    assert (panel.ring.big, panel.ring.progress) == ("2.4", 0.8)
    panel.write_numbers(seen(exam(ExamPhase.STAND_TALL, ExamLine.STAND_TALL, hold_s=0.75, detail="Stand still")))
    assert (panel.ring.progress, panel.picture_words.text()) == (0.25, "Stand still")
    assert panel.shift.isHidden()


def test_no_seconds_are_shown_while_nothing_is_held(panel, seen) -> None:
    panel.write_numbers(seen(exam(ExamPhase.FIRST_SIDE, ExamLine.ONE_FOOT_BACK, hold_s=0.0, hold_goal_s=3.0)))
    assert (panel.ring.big, panel.ring.shape) == ("", "hold")


def test_the_bar_of_the_weight_shift_shows_where_good_is(panel, seen) -> None:
    """The same band as that of the bar in the picture."""
    holding = exam(ExamPhase.FIRST_SIDE, ExamLine.HOLD, hold_s=1.5, hold_goal_s=3.0, verdict="good", weight_shift=0.1)
    panel.write_numbers(seen(holding))
    assert panel.shift.band == STANCE_SHIFT
    image = panel.shift.grab().toImage()
    y, inset = 8, 8

    def at(share: float) -> QColor:
        return image.pixelColor(round(inset + share * (panel.shift.width() - 2 * inset)), y)

    assert at(0.65).green() > at(0.95).green() + 40
    assert at(0.30) == at(0.95)


def test_a_picture_that_is_to_come_says_so(panel, qtbot) -> None:
    tile = panel.contrast.tiles["good"]
    panel.set_pictures([picture("pelvis_drift", "#208020")])
    assert panel.contrast.isVisible()
    empty = tile.grab().toImage()
    ground = QColor(DARK.canvas)
    dots = sum(
        empty.pixelColor(x, y) != ground
        for x in range(10, tile.width() - 10)
        for y in range(tile.height() // 2 + 10, tile.height() // 2 + 50)
    )
    assert dots > 60  # words below the mark


def test_the_one_thing_to_change_is_told_in_full(panel, seen) -> None:
    fix = RULES.texts[FaultId.PELVIS_DRIFT].fix
    panel.write_numbers(seen(exam(ExamPhase.FIRST_SIDE, FaultId.PELVIS_DRIFT, fix=fix, verdict="pelvis_drift")))
    assert panel.instruction.text() == RULES.cues[FaultId.PELVIS_DRIFT].shown
    assert (panel.fix.text(), panel.fix_mark.mark) == (fix, Mark.FAILED)
    panel.write_numbers(seen(exam(ExamPhase.FIRST_SIDE, ExamLine.ONE_FOOT_BACK)))
    assert panel.fix.isHidden()
    assert panel.fix_mark.isHidden()


def test_a_pause_says_why(panel, seen) -> None:
    panel.write_numbers(seen(exam(ExamPhase.FIRST_SIDE, ExamLine.NOBODY, paused_because="Nobody is in the picture")))
    assert (panel.kicker.text(), panel.fix.text()) == ("Paused", "Nobody is in the picture")
    assert (panel.fix_mark.mark, panel.ring.shape) == (Mark.PAUSED, "pause")


def test_the_result_says_what_it_means_and_what_comes_next(panel, seen) -> None:
    for line, words in ((ExamLine.TOLD_APART, "ALL THREE SEEN"), (ExamLine.NOT_TOLD_APART, "NOT ALL SEEN")):
        panel.write_numbers(seen(exam(ExamPhase.DONE, line, passed=BOTH)))
        assert panel.instruction.text() == words
        assert panel.picture_words.text().endswith("Next: choose Run.")


def test_what_cannot_be_told_apart_is_said_honestly() -> None:
    assert separation_words(APART) == "Clearly seen (hip offset: 4.2 times its scatter)"
    assert separation_words(ALIKE) == (
        "Not seen clearly enough on you by this camera: it will not be said "
        "(too like Good — front hip and knee bend: 1.2 times its scatter)"
    )
    unknown = Separation(FaultId.PELVIS_DRIFT, False, NAN, "good", "d_h_bh_pct")
    assert separation_words(unknown) == "Not seen clearly enough on you by this camera: it will not be said"


# ---- pictures -------------------------------------------------------------------------------------------------------


def body(points: dict[Landmark, tuple[float, float]]) -> BodyPose:
    xy_px = np.full((LANDMARK_COUNT, 2), NAN)
    for name, point in points.items():
        xy_px[name] = point
    return BodyPose(0.0, xy_px, np.ones(LANDMARK_COUNT), (640, 360))


def leaning(sign: float) -> BodyPose:
    """The runner looks to the right (sign 1) or left (-1); the rear ankle is 90 px behind the hip."""
    return body(
        {
            Landmark.LEFT_EAR: (320 + 40 * sign, 80),
            Landmark.LEFT_HIP: (320, 190),
            Landmark.LEFT_ANKLE: (320 - 90 * sign, 320),
            Landmark.LEFT_TOE: (320 - 60 * sign, 330),
            Landmark.RIGHT_ANKLE: (320 + 50 * sign, 320),
            Landmark.RIGHT_TOE: (320 + 80 * sign, 330),
        }
    )


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_line_goes_from_the_ear_to_the_rear_foot_whichever_way_the_runner_looks(sign) -> None:
    ear, hip, foot = line_of(leaning(sign))
    assert (ear.x(), hip.x(), foot.x()) == (320 + 40 * sign, 320, 320 - 90 * sign)
    assert line_of(body({Landmark.LEFT_EAR: (1, 1)})) is None


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (480, 270)])
def test_a_picture_is_cut_to_the_whole_body(size) -> None:
    part = crop_of(leaning(1.0), size, aspect=0.56)
    scale = size[0] / 640
    assert part.left() <= 230 * scale
    assert part.right() >= 400 * scale
    assert part.top() <= 80 * scale
    assert part.bottom() >= 330 * scale
    assert part.left() >= 0
    assert part.bottom() <= size[1] + 1e-6
    assert part.width() / part.height() == pytest.approx(0.56)
    # Without a body the middle of the picture.
    middle = crop_of(None, size, aspect=0.56)
    assert middle.center().x() == pytest.approx(size[0] / 2)


def picture(title_id: str, colour: str) -> ExamPicture:
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return ExamPicture(title_id, image, leaning(1.0))


def test_the_three_pictures_stand_side_by_side_and_come_first_at_the_end(panel, seen, qtbot) -> None:
    assert panel.contrast.isHidden()
    panel.write_numbers(seen(exam(ExamPhase.OTHER_SIDE, ExamLine.ONE_FOOT_BACK, passed=ONE)))
    panel.set_pictures([picture("good", "#200000")])
    assert panel.contrast.isVisible()
    panel.set_pictures(
        [
            picture("good", "#200000"),
            picture("good", "#802020"),
            picture("pelvis_drift", "#208020"),
            picture("hip_squeeze", "#202080"),
        ]
    )
    done = exam(
        ExamPhase.DONE, ExamLine.NOT_TOLD_APART, passed=BOTH, separations=(APART, ALIKE), kept=(*GOOD_2, DRIFTED)
    )
    panel.write_numbers(seen(done))
    steps = panel.path.parentWidget()
    qtbot.waitUntil(lambda: panel.contrast.y() < steps.y())
    tiles = list(panel.contrast.tiles.values())
    assert tiles[0].x() < tiles[1].x() < tiles[2].x()
    assert len({tile.y() for tile in tiles}) == 1
    corners = [QColor(tile.grab().toImage().pixel(6, tile.height() // 2)).name() for tile in tiles]
    # Of the two good ones the later.
    assert corners == ["#802020", "#208020", "#202080"]
    marks = {name: line[1].mark for name, line in panel.contrast.lines.items()}
    assert marks == {"pelvis_drift": Mark.PASSED, "hip_squeeze": Mark.FAILED}
    panel.clear()
    assert panel.contrast.isHidden()
    panel.write_numbers(seen(exam(ExamPhase.FIRST_SIDE, ExamLine.ONE_FOOT_BACK)))
    panel.set_pictures([picture("good", "#200000")])
    qtbot.waitUntil(lambda: panel.contrast.y() > steps.y())


def test_begin_again_restarts_a_real_exam(panel) -> None:
    source = virtual_source("stance_good", fps=15.0, seconds=14.0, render=False)
    with Session(source, OracleEstimator, CoachModel(Mode.STANCE), exam=Exam()) as session:
        panel.asked.connect(lambda request: request(session))
        while not (newest := session.step()).exam.passed:
            assert newest.report.t_s < 13.0
        panel.write_numbers(newest)
        assert [step.mark for step in panel.path.steps[:2]] == [P, P]
        panel.again.click()
        newest = session.step()
        panel.write_numbers(newest)
        assert newest.exam.phase is ExamPhase.STAND_TALL
        assert [step.mark for step in panel.path.steps[:2]] == [N, T]
