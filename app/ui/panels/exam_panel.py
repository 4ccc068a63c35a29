"""The panel of the starting-line exam: the hold, the one thing to change, the path of steps, and the contrast."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from app.coach.exam_report import ExamPhase
from app.coach.report import GOOD, FaultId
from app.ui.cards import STAND_S
from app.ui.panels.contrast import Contrast, ExamPicture
from app.ui.panels.marks import Mark, MarkView
from app.ui.panels.parts import ButtonRow, ColumnPanel, KeyButton, Section, Words
from app.ui.panels.ring import Ring
from app.ui.panels.step_path import PathStep, StepPath
from app.ui.scene_bars import STANCE_SHIFT
from app.ui.theme import Tone
from app.ui.widgets import ShiftBar
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.coach.exam_report import ExamReport
    from app.session import Analysis, Session
    from app.ui.choice import Choice
    from app.ui.theme import Theme

__all__ = ["ExamPanel", "ExamPicture", "path_steps"]

#: The path: what each step is called, and the phase from which on it is the one to do.
STEPS: Final = (
    (mark("Stand tall"), (ExamPhase.STAND_TALL,)),
    (mark("One foot back"), (ExamPhase.FIRST_SIDE,)),
    (mark("Other foot back"), (ExamPhase.FEET_TOGETHER, ExamPhase.OTHER_SIDE)),
    (mark("Wrong: hips forward"), (ExamPhase.DRIFT,)),
    (mark("Wrong: squeeze"), (ExamPhase.GOOD_AGAIN, ExamPhase.SQUEEZE)),
    (mark("Result"), (ExamPhase.DONE,)),
)
#: Phases in which one foot is behind the other, so that there is a weight to shift.
_STAGGERED: Final = (
    ExamPhase.FIRST_SIDE,
    ExamPhase.OTHER_SIDE,
    ExamPhase.DRIFT,
    ExamPhase.GOOD_AGAIN,
    ExamPhase.SQUEEZE,
)
_SIDES: Final = {"left": mark("left foot"), "right": mark("right foot")}
_NOTES: Final = {
    ExamPhase.FEET_TOGETHER: mark("feet together first"),
    ExamPhase.GOOD_AGAIN: mark("good line first"),
}


def path_steps(exam: ExamReport | None) -> tuple[PathStep, ...]:
    """Return the steps as they stand; who has to stand tall again keeps the sides that were passed."""
    if exam is None:
        return tuple(PathStep(tr(title), Mark.TO_COME) for title, _ in STEPS)
    now = next(index for index, (_, phases) in enumerate(STEPS) if exam.phase in phases)
    wrong = {pose.name for pose in exam.kept if pose.name != GOOD}
    done = {
        0: exam.phase is not ExamPhase.STAND_TALL,
        1: len(exam.passed) > 0,
        2: len(exam.passed) > 1,
        3: FaultId.PELVIS_DRIFT.value in wrong,
        4: FaultId.HIP_SQUEEZE.value in wrong,
        5: exam.finished and not exam.not_separable,
    }
    steps = []
    for index, (title, _) in enumerate(STEPS):
        note = ""
        if index in (1, 2) and len(exam.passed) >= index:
            note = tr(_SIDES.get(exam.passed[index - 1], mark("passed")))
        elif index == now:
            note = tr(_NOTES[exam.phase]) if exam.phase in _NOTES else ""
        here = Mark.PAUSED if exam.paused_because else Mark.NOW
        if index == now and exam.finished:
            here = Mark.FAILED if exam.not_separable else Mark.PASSED
        steps.append(PathStep(tr(title), Mark.PASSED if done[index] else here if index == now else Mark.TO_COME, note))
    return tuple(steps)


def restart_exam(session: Session) -> None:
    """Begin the exam anew."""
    session.restart_exam()


class ExamPanel(ColumnPanel):
    """See the module docstring. Wish for a key: "again"."""

    def __init__(self, theme: Theme, choice: Choice) -> None:
        super().__init__(theme, choice)
        self._build_head(theme)
        self.contrast = Contrast(theme)
        self._build_path(theme)
        self.add_section(self.contrast)
        self._pictures_first = False
        self.again = KeyButton(theme, tr("Begin again"), tr("Begin the exam anew, with standing tall"))
        self.again.clicked.connect(self.begin_again)
        self.add_foot(ButtonRow(theme, self.again))
        self.keyed = {"again": self.again}
        self.set_theme(theme)
        self.clear()

    def _build_head(self, theme: Theme) -> None:
        head = self.add_section(Section(theme))
        self.ring = Ring(theme, 124)
        self.kicker = Words("", "name", hides=False)
        self.instruction = Words("", "heading", hides=False)
        self.picture_words = Words("", "caption")
        self._head = self.ring.beside(self.kicker, self.instruction, self.picture_words)
        head.box.addLayout(self._head)
        self.fix_mark = MarkView(theme, Mark.FAILED)
        self.fix = Words("", "body")
        self._fix_row = QHBoxLayout()
        self._fix_row.addWidget(self.fix_mark, 0, Qt.AlignmentFlag.AlignTop)
        self._fix_row.addWidget(self.fix, 1)
        head.box.addLayout(self._fix_row)
        self.shift_title = Words(tr("Where your weight is"), "name")
        self.shift = ShiftBar(theme, STANCE_SHIFT)
        self.shift.setAccessibleName(tr("Weight between rear and front foot"))
        head.box.addWidget(self.shift_title)
        head.box.addWidget(self.shift)

    def _build_path(self, theme: Theme) -> None:
        self._path_section = self.add_section(Section(theme))
        self.path = StepPath(theme)
        self._path_section.box.addWidget(self.path)

    # ---- what the user wants -----------------------------------------------------------------------------------

    def begin_again(self) -> None:
        """Ask for the exam to begin anew."""
        self.asked.emit(restart_exam)

    # ---- what is shown -----------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self._head.setSpacing(theme.px(16))
        self._fix_row.setSpacing(theme.px(10))
        for part in (self.ring, self.fix_mark, self.shift, self.path):
            part.set_theme(theme)

    def clear(self) -> None:
        """A new session begins."""
        self.set_pictures(())
        self.write_numbers(None)

    def set_pictures(self, pictures: Sequence[ExamPicture]) -> None:
        """Show the pictures of the poses held so far, side by side; the newest of each pose."""
        self.contrast.set_pictures(pictures)
        self._show_contrast()

    def _show_contrast(self, finished: bool = False) -> None:
        """Show the pictures once there is one; at the end they come before the path."""
        self.contrast.setVisible(finished or self.contrast.taken > 0)
        if finished != self._pictures_first:
            self._pictures_first = finished
            upper, lower = (self.contrast, self._path_section) if finished else (self._path_section, self.contrast)
            self.put_below(upper, lower)

    def show_analysis(self, analysis: Analysis) -> None:
        """Move the ring and the bar of the weight shift."""
        exam = analysis.exam
        if exam is not None:
            self._show_ring(exam)
            self.shift.set_shift(exam.weight_shift)

    def _show_ring(self, exam: ExamReport) -> None:
        held, goal_s = f"{exam.hold_s:.1f}", exam.hold_goal_s
        if exam.phase is ExamPhase.STAND_TALL:
            goal_s = STAND_S
        if exam.finished:
            tone, shape = (Tone.INFO, "warn") if exam.not_separable else (Tone.GOOD, "check")
            self.ring.show_progress(1.0, "", "", tone, shape)
        elif exam.paused_because:
            self.ring.show_progress(math.nan, "", "", Tone.OFF, "pause")
        elif exam.fix:
            self.ring.show_progress(math.nan, "", "", Tone.OFF, "warn")
        elif goal_s > 0.0 and exam.hold_s > 0.0:
            tone = Tone.INFO if exam.phase in (ExamPhase.DRIFT, ExamPhase.SQUEEZE, ExamPhase.STAND_TALL) else Tone.GOOD
            self.ring.show_progress(exam.hold_s / goal_s, held, tr("of {n} s").format(n=f"{goal_s:g}"), tone)
        else:
            self.ring.show_progress(math.nan, "", "", Tone.CALM, "hold")

    def write_numbers(self, analysis: Analysis | None) -> None:
        """Write what to do, what to change and how far the exam is."""
        exam = analysis.exam if analysis is not None else None
        self.path.show_steps(path_steps(exam))
        self.contrast.show_separations(exam.separations if exam is not None else ())
        self._show_contrast(exam is not None and exam.finished)
        self.again.setEnabled(exam is not None)
        staggered = exam is not None and exam.phase in _STAGGERED
        self.shift.setVisible(staggered)
        self.shift_title.setVisible(staggered)
        if exam is None:
            self.ring.show_progress(math.nan, "", "", Tone.CALM, "hold")
            self.shift.set_shift(math.nan)
            self.kicker.say(tr("Starting line"))
            self.instruction.say(tr("Start the camera") if analysis is None else tr("One moment"))
            self.picture_words.say(tr("The exam is spoken. Stand side-on, head to feet in the picture."))
            self._write_fix("")
            return
        self._show_ring(exam)
        self.shift.set_shift(exam.weight_shift)
        self.kicker.say(self._kicker(exam))
        self.instruction.say(tr(exam.instruction.shown))
        paused = tr(exam.paused_because)
        self.picture_words.say("" if paused else tr(exam.detail or exam.instruction.image))
        self.fix_mark.set_mark(Mark.PAUSED if paused else Mark.FAILED)
        self._write_fix(paused or tr(exam.fix))

    def _write_fix(self, words: str) -> None:
        self.fix_mark.setVisible(bool(words))
        self.fix.say(words)

    @staticmethod
    def _kicker(exam: ExamReport) -> str:
        if exam.paused_because:
            return tr("Paused")
        if exam.fix:
            return tr("One thing to change")
        if exam.finished:
            return tr("Result")
        return tr("Wrong on purpose") if exam.phase in (ExamPhase.DRIFT, ExamPhase.SQUEEZE) else tr("Now")
