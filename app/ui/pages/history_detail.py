"""One earlier session in full: verdict, numbers, faults over time, what was said and why, what to know of it."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.coach.report import NOT_JUDGED
from app.store.clock import clock
from app.ui.pages.history_lanes import FaultLanes, MinuteBars, Spell
from app.ui.pages.history_words import kind_of, length_words, person_words, verdict_of, when_words
from app.ui.pages.moment_list import plain_button
from app.ui.pages.review_parts import Picture
from app.ui.pages.review_words import sentence
from app.ui.panels.parts import ButtonRow, Section, Words
from app.ui.theme import Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from app.store.trends import Digest
    from app.ui.pages.history_port import Story
    from app.ui.pages.review_words import Number

#: A figure is not narrower than this, px at scale 1.
FIGURE_PX: Final = 165
MOST_COLUMNS: Final = 4
#: Fewer minutes make no picture.
LEAST_BARS: Final = 2


class NothingYet(QWidget):
    """What is shown where there is no session.

    Attributes:
        run_wanted: the user wants to run.

    """

    run_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.picture = Picture(theme, 76.0)
        self.title, self.detail = Words("", "heading", hides=False), Words("", "body")
        self._box = QVBoxLayout(self)
        self._box.addStretch(3)
        self._box.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (self.title, self.detail):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._box.addWidget(words)
        self.go = QToolButton()
        self.go.setObjectName("start")
        self.go.setText(tr("Go to Run"))
        self.go.setAccessibleName(tr("Go to Run"))
        self.go.clicked.connect(self.run_wanted)
        self._box.addWidget(self.go, 0, Qt.AlignmentFlag.AlignHCenter)
        self._box.addStretch(4)

    def wait(self) -> None:
        """Say that it is being looked."""
        self._say(tr("Reading …"), "", go=False)

    def say(self, problem: str, kept: bool) -> None:
        """Say why there is nothing to see: ``problem``, or that nothing is ``kept`` at all, or nothing yet."""
        if problem:
            self._say(tr("The sessions cannot be read"), problem, go=False)
        elif not kept:
            self._say(tr("No session yet"), tr("Nothing is kept here."), go=True)
        else:
            words = tr("What you run is kept here: numbers, cues, and how they change from time to time.")
            self._say(tr("No session yet"), words, go=True)

    def _say(self, title: str, detail: str, go: bool) -> None:
        self.title.say(title)
        self.detail.say(detail)
        self.go.setVisible(go)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._box.setSpacing(theme.px(10))
        self.picture.set_theme(theme)
        self.picture.show_shape("history", Tone.CALM)


class HeadCard(Section):
    """When, who, what, the verdict; and what can be done with the session.

    Attributes:
        report_wanted, export_wanted, video_wanted: the button was pressed. delete_wanted: pressed, and confirmed.

    """

    report_wanted = Signal()
    video_wanted = Signal()
    export_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.picture = Picture(theme)
        self.title, self.when, self.why = Words("", "heading"), Words("", "caption"), Words("", "body")
        words = QVBoxLayout()
        words.setSpacing(2)
        for line in (self.title, self.when, self.why):
            words.addWidget(line)
        self._row = QHBoxLayout()
        self._row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(words, 1)
        self.box.addLayout(self._row)
        self.report, self.export = plain_button(tr("Open report")), plain_button(tr("Export"))
        self.delete = plain_button(tr("Delete"))
        self.video = plain_button(tr("Play video"))
        self.buttons = ButtonRow(theme, self.report, self.video, self.export, self.delete)
        self.question = Words("", "strong")
        self.really, self.keep = plain_button(tr("Delete for good"), "danger"), plain_button(tr("Keep it"))
        self.answers = ButtonRow(theme, self.really, self.keep)
        for widget in (self.buttons, self.question, self.answers):
            self.box.addWidget(widget)
        self.report.clicked.connect(self.report_wanted)
        self.video.clicked.connect(self.video_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.delete.clicked.connect(self.ask)
        self.keep.clicked.connect(self.unask)
        self.really.clicked.connect(self._confirmed)
        self.unask()
        self.set_theme(theme)

    def show_story(self, story: Story, digest: Digest) -> None:
        """Show another session."""
        row = story.row
        words, shape, tone = verdict_of(row, digest)
        self.picture.show_shape(shape, tone)
        self.title.say(words)
        kind, who = kind_of(row, story.summary), person_words(row.person)
        parts = (when_words(row.started_at, date.today()), who, kind, length_words(row.duration_s))
        self.when.say("  ·  ".join(parts))
        self.when.setToolTip(row.id)
        part = story.summary.get("run") or story.summary.get("stance") or {}
        because = part.get("not_judged_because") or ""
        self.why.say(sentence(tr(because)) if because and digest.mode != "drill" else "")
        for button in (self.report, self.export):
            button.setEnabled(row.state != "open")
        self.video.setVisible(row.video_bytes > 0)
        self.video.setToolTip(tr("{size} MB").format(size=f"{row.video_bytes / 1e6:.0f}"))
        self.buttons.refresh()
        self.unask()

    def ask(self) -> None:
        """Ask whether it is really to be deleted."""
        self.question.say(tr("Delete this session with its poses and pictures? It cannot be brought back."))
        self.answers.setVisible(True)
        self.buttons.setVisible(False)
        self.answers.refresh()
        self.keep.setFocus()

    def unask(self) -> None:
        """Do not delete it."""
        asked = self.answers.isVisible()
        self.question.say("")
        self.answers.setVisible(False)
        self.buttons.setVisible(True)
        if asked:
            self.delete.setFocus()

    def _confirmed(self) -> None:
        self.unask()
        self.delete_wanted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape keeps it."""
        if event.key() == Qt.Key.Key_Escape and self.answers.isVisible():
            self.unask()
        else:
            super().keyPressEvent(event)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        if hasattr(self, "answers"):
            self._row.setSpacing(theme.px(12))
            self.picture.set_theme(theme)
            self.buttons.set_theme(theme)
            self.answers.set_theme(theme)


class Figures(Section):
    """Numbers in as many columns as there is room for."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("Numbers"))
        self._theme = theme
        self._grid = QGridLayout()
        self.box.addLayout(self._grid)
        self.cells: list[tuple[QWidget, QLabel, QLabel, Words]] = []
        self._columns = 0
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        super().set_theme(theme)
        self._theme = theme
        if hasattr(self, "cells"):
            self._grid.setHorizontalSpacing(theme.px(14))
            self._grid.setVerticalSpacing(theme.px(12))
            self._place()

    def show_numbers(self, found: tuple[Number, ...]) -> None:
        """Show other numbers."""
        while len(self.cells) < len(found):
            self._add_cell()
        for (cell, name, value, detail), number in zip(self.cells, found, strict=False):
            name.setText(number.name)
            value.setText(number.value)
            value.setAccessibleName(f"{number.name}: {number.value}, {number.detail}")
            detail.say(number.detail)
            cell.show()
        for cell, *_ in self.cells[len(found) :]:
            cell.hide()
        self.setVisible(bool(found))

    def _add_cell(self) -> None:
        cell = QWidget()
        box = QVBoxLayout(cell)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        name, value, detail = QLabel(), QLabel(), Words("", "caption", hides=False)
        name.setProperty("role", "caption")
        value.setProperty("role", "number")
        for label in (name, value, detail):
            box.addWidget(label)
        box.addStretch(1)
        self.cells.append((cell, name, value, detail))
        self._columns = 0
        self._place()

    def _place(self) -> None:
        """Lay the cells out in the columns there is room for."""
        edge = self.box.contentsMargins().left() * 2
        columns = min(max((self.width() - edge) // self._theme.px(FIGURE_PX), 2), MOST_COLUMNS)
        if columns == self._columns:
            return
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        for number, (cell, *_) in enumerate(self.cells):
            self._grid.removeWidget(cell)
            self._grid.addWidget(cell, number // columns, number % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self._place()


class OverTime(Section):
    """How the session went: good steps in each minute, and when which fault was on."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("Over time"))
        self.minutes_name = Words(tr("Good steps in each minute of running"), "caption")
        self.minutes, self.lanes = MinuteBars(theme), FaultLanes(theme)
        self.calm, self.marked = Words("", "caption"), Words("", "caption")
        for widget in (self.minutes_name, self.minutes, self.lanes, self.calm, self.marked):
            self.box.addWidget(widget)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        if hasattr(self, "calm"):
            self.minutes.set_theme(theme)
            self.lanes.set_theme(theme)

    def show_story(self, story: Story, digest: Digest) -> None:
        """Show another session."""
        enough = len(digest.minutes) >= LEAST_BARS
        for widget in (self.minutes_name, self.minutes):
            widget.setVisible(enough)
        self.minutes.show_minutes(digest.minutes, digest.half_life.minutes if digest.half_life.reached else math.nan)
        first_s = story.first_s
        spells = [Spell(spell.fault, spell.start_s - first_s, spell.end_s - first_s) for spell in story.faults]
        marks_s = [t_s - first_s for t_s in story.marks_s]
        self.lanes.show_spells(spells, [cue.t_s - first_s for cue in story.cues], story.row.duration_s, marks_s)
        happened = bool(spells or story.cues or marks_s)
        self.lanes.setVisible(happened)
        times = ", ".join(map(clock, marks_s))
        self.marked.say(tr("Marked by you (flags): {times}").format(times=times) if times else "")
        judged = digest.mode != "drill" and story.row.verdict != NOT_JUDGED
        self.calm.say(tr("No fault came on.") if judged and not spells else "")
        self.setVisible(digest.mode != "drill" or happened)
