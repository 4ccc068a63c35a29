"""The checks of the set-up as a list: a mark and what it is called; below, what to do where another one failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.coach.setup_checks import CheckState
from app.ui.panels.marks import Mark, MarkView
from app.ui.panels.parts import Section, Words
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.coach.setup import Check, SetupReport
    from app.coach.setup_words import CheckId
    from app.ui.theme import Theme


def mark_of(check: Check) -> Mark:
    """Return the mark of a check: a failure that may stay is a hint."""
    if check.state is CheckState.PASS:
        return Mark.PASSED
    if not check.code:
        return Mark.WAITING
    return Mark.FAILED if check.blocking else Mark.HINT


class CheckRow(QWidget):
    """One check; lies on a raised ground with a bar at its edge while it is the one to put right."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._theme = theme
        self.first = False
        self.mark = MarkView(theme)
        self.title = Words(title, "strong", hides=False)
        self.line = Words("", "caption")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.line)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(words, 1)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.mark.set_theme(theme)
        self._row.setContentsMargins(theme.px(10), theme.px(4), theme.px(10), theme.px(4))
        self._row.setSpacing(theme.px(10))
        self.update()

    def show_check(self, check: Check | None, first: bool) -> None:
        """Show how the check stands; None: nothing is known yet.

        What a passed one measured is in the tooltip; what the first one needs stands above the list, in large words.
        """
        self.mark.set_mark(Mark.WAITING if check is None else mark_of(check))
        line = tr(check.line) if check is not None else ""
        self.line.say("" if first or self.mark.mark is Mark.PASSED else line)
        self.setToolTip(line)
        state = {Mark.PASSED: tr("passed"), Mark.FAILED: tr("to be put right"), Mark.HINT: tr("could be better")}
        self.setAccessibleName(f"{self.title.text()}: {state.get(self.mark.mark, tr('not seen yet'))}. {line}")
        if first != self.first:
            self.first = first
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the raised ground of the first one to put right."""
        if not self.first:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px = self._theme.palette, self._theme.px
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(p.raised))
        painter.drawRoundedRect(QRectF(self.rect()), px(9), px(9))
        painter.setBrush(QColor(p.off if self.mark.mark is Mark.FAILED else p.info))
        painter.drawRoundedRect(QRectF(0, px(7), px(4), self.height() - 2 * px(7)), px(2), px(2))


class Checklist(Section):
    """All checks, in the order in which they are put right."""

    def __init__(self, theme: Theme, titles: Mapping[CheckId, str]) -> None:
        self.rows: dict[CheckId, CheckRow] = {}
        super().__init__(theme)
        self.setAccessibleName(tr("Checks"))
        for check, title in titles.items():
            self.rows[check] = CheckRow(theme, title)
            self.box.addWidget(self.rows[check])
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        edge = theme.px(6)
        self.box.setContentsMargins(edge, edge, edge, edge)
        self.box.setSpacing(0)
        for row in self.rows.values():
            row.set_theme(theme)

    def show_report(self, report: SetupReport | None) -> CheckRow | None:
        """Show all checks; return the row that is to be put right first, if any."""
        known = {check.id: check for check in report.checks} if report is not None else {}
        problem = report.problem if report is not None else None
        for name, row in self.rows.items():
            row.show_check(known.get(name), problem is not None and problem.id is name)
        return self.rows[problem.id] if problem is not None else None
