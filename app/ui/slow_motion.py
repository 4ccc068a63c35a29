"""Slow motion in the window: noticed from the runner's motion while a clip plays, and asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout

from app.capture.clip_facts import slowdown_of
from app.coach.slowmo import SlowMotionWatch
from app.ui.choice import SourceKind
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from app.session import Analysis
    from app.ui.choice import Choice

#: How often the motion is looked at, s of the clip: a look takes some tenths of a second.
LOOK_EVERY_S = 3.0
#: What can be chosen besides the suggestion.
OFFERED = (1.0, 2.0, 4.0, 8.0, 16.0)


class SlowMotionNotice(QObject):
    """An observer of the sessions: tells once for each clip that it seems to play slower than life.

    `noticed` carries (path, suggested factor, steps a minute as the clip plays).
    """

    noticed = Signal(str, float, float)

    def __init__(self) -> None:
        super().__init__()
        self._asked_for = ""
        self._begin("")

    def _begin(self, path: str, factor: float = 1.0) -> None:
        self._path, self._factor = path, factor
        self._watch, self._looked_s = SlowMotionWatch(), float("-inf")

    def follow(self, choice: Choice) -> Callable[[Analysis], None] | None:
        """Return what is to observe a session of this choice; None where there is nothing to notice.

        Nothing is where the user has told how slow a clip plays, and where it was asked for before.
        """
        self._begin("")
        if choice.kind is not SourceKind.FILE or choice.slowmo_factor is not None or choice.path == self._asked_for:
            return None
        told = slowdown_of(choice.path)
        self._begin(choice.path, told.factor if told is not None and told.certain else 1.0)
        return self._take

    def _take(self, analysis: Analysis) -> None:
        """Run in the analysing thread."""
        if self._path == self._asked_for:
            return
        self._watch.add(analysis.pose)
        t_s = analysis.pose.t_s
        if t_s - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = t_s
        seen = self._watch.slow_motion()
        if seen is not None:
            self._asked_for = self._path
            self.noticed.emit(self._path, self._factor * seen.factor, seen.cadence_spm)


def noticed_words(cadence_spm: float) -> str:
    """Return what was noticed, for the question."""
    return tr("This clip does not seem to play at the speed of life: {steps} steps a minute.").format(
        steps=f"{cadence_spm:.0f}"
    )


def ask_slowness(parent: QWidget, why: str, suggested: float, chosen: Callable[[float], None]) -> QDialog:
    """Ask how many times slower than life a clip plays and call ``chosen`` with the answer; returns at once.

    Args:
        parent: above what it opens, with the look that it has.
        why: what was noticed, one line.
        suggested: factor that is preset.
        chosen: called where the question is answered and not closed.
    """
    dialog = QDialog(parent)
    dialog.setObjectName("slow-motion")
    dialog.setWindowTitle(tr("Slow motion?"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box = QComboBox()
    for factor in sorted({*OFFERED, suggested}):
        slower = tr("{factor} times slower").format(factor=f"{factor:g}")
        box.addItem(tr("at the speed of life") if factor == 1.0 else slower, factor)
    box.setCurrentIndex(box.findData(suggested))
    label = QLabel(why)
    label.setWordWrap(True)
    buttons = QDialogButtonBox()
    buttons.addButton(tr("Take it so"), QDialogButtonBox.ButtonRole.AcceptRole)
    buttons.addButton(tr("Leave it"), QDialogButtonBox.ButtonRole.RejectRole)
    form = QFormLayout()
    form.addRow(tr("The clip plays"), box)
    layout = QVBoxLayout(dialog)
    layout.addWidget(label)
    layout.addLayout(form)
    layout.addWidget(buttons)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    dialog.accepted.connect(lambda: chosen(float(box.currentData())))
    dialog.open()
    return dialog
