"""What the column of the review is made of: the next time, numbers, moments, and what was said with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.session.set_record import Best
from app.ui.icons import icon, paint_shape
from app.ui.pages.moment import MomentButton
from app.ui.pages.moment_list import Line, MomentList
from app.ui.pages.review_words import drill_title, marked_words, sentence
from app.ui.pages.scrub_keys import PlainButton
from app.ui.pages.timeline_paint import cue_tone
from app.ui.panels.parts import Section, Words
from app.ui.theme import Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from app.coach.reps import DrillId
    from app.session.set_record import SetRecord
    from app.ui.pages.review_words import NextTime, Number


class Picture(QWidget):
    """A shape on its tone's fill; ``side_px`` at scale 1."""

    def __init__(self, theme: Theme, side_px: float = 44.0) -> None:
        super().__init__()
        self._theme, self._shape, self._tone = theme, "check", Tone.GOOD
        self._side_px = side_px
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.setFixedSize(theme.px(self._side_px), theme.px(self._side_px))

    def show_shape(self, shape: str, tone: Tone) -> None:
        """Show another shape."""
        self._shape, self._tone = shape, tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px = self._theme.palette, self._theme.px
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(p.fill(self._tone))
        painter.drawRoundedRect(QRectF(self.rect()), px(10), px(10))
        pad = px(0.2 * self._side_px)
        paint_shape(painter, self._shape, QRectF(self.rect()).adjusted(pad, pad, -pad, -pad), QColor(p.on_fill), 2.0)


class NextCard(Section):
    """The one thing for the next time, and the drill for it."""

    practise = Signal(object)  # DrillId

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("Next time"))
        self._theme = theme
        self.picture = Picture(theme)
        self.title, self.why, self.what = Words("", "heading"), Words("", "caption"), Words("", "body")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.why)
        self._row = QHBoxLayout()
        self._row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(words, 1)
        self.box.addLayout(self._row)
        self.box.addWidget(self.what)
        self.button = PlainButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(lambda: self.practise.emit(self._drill))
        self.box.addWidget(self.button)
        self._drill: DrillId | None = None
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self._theme = theme
        if hasattr(self, "button"):
            self._row.setSpacing(theme.px(12))
            self.picture.set_theme(theme)
            self.button.setIcon(icon("reps", theme.palette.text, theme.px(18)))
            self.button.setIconSize(QSize(theme.px(18), theme.px(18)))

    def show_next(self, what: NextTime) -> None:
        """Show another thing."""
        self._drill = what.drill
        self.picture.show_shape(what.shape, what.tone)
        self.title.say(what.title)
        self.why.say(what.why)
        self.what.say(what.what)
        self.button.setVisible(what.drill is not None)
        if what.drill is not None:
            self.button.setText(" " + tr("Practise: {drill}").format(drill=drill_title(what.drill)))
            self.button.setAccessibleName(self.button.text().strip())


class NumberGrid(Section):
    """The headline numbers, two beside one another, each with its interval or why it is not there."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("This set"))
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self.box.addLayout(self._grid)
        self.cells: list[tuple[QWidget, Words, Words, Words]] = []
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        super().set_theme(theme)
        if hasattr(self, "_grid"):
            self._grid.setHorizontalSpacing(theme.px(14))
            self._grid.setVerticalSpacing(theme.px(10))

    def show_numbers(self, numbers: tuple[Number, ...]) -> None:
        """Show other numbers."""
        while len(self.cells) < len(numbers):
            self._add_cell()
        for k, (cell, name, value, detail) in enumerate(self.cells):
            shown = k < len(numbers)
            cell.setVisible(shown)
            if shown:
                number = numbers[k]
                name.setText(number.name)
                value.setText(number.value)
                value.setAccessibleName(f"{number.name}: {number.value}, {number.detail}")
                detail.say(number.detail)

    def _add_cell(self) -> None:
        cell = QWidget()
        box = QVBoxLayout(cell)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        # All of them wrap: a number with its unit is wider in other languages than the column is.
        name, value, detail = (Words("", role, hides=False) for role in ("caption", "number", "caption"))
        for label in (name, value, detail):
            box.addWidget(label)
        box.addStretch(1)
        at = len(self.cells)
        self._grid.addWidget(cell, at // 2, at % 2)
        self.cells.append((cell, name, value, detail))


class MomentRows(Section):
    """The worst and the best moments as pictures; emits the one that is clicked."""

    chosen = Signal(object)  # Moment

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        # The pictures follow the width of the column, never the other way round.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        self._rows: dict[Best, tuple[Words, QHBoxLayout]] = {}
        for best, words in ((Best.WORST, tr("What to look at")), (Best.BEST, tr("Your best"))):
            title, row = Words(words, "name"), QHBoxLayout()
            self.box.addWidget(title)
            self.box.addLayout(row)
            self._rows[best] = title, row
        self.buttons: list[MomentButton] = []
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self._theme = theme
        for _, row in getattr(self, "_rows", {}).values():
            row.setSpacing(theme.px(10))
        for button in getattr(self, "buttons", ()):
            button.set_theme(theme)

    def show_moments(self, record: SetRecord) -> None:
        """Show those of another set."""
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        for best, (title, row) in self._rows.items():
            while row.count():
                row.takeAt(0)
            moments = record.moments_of(best)
            title.setVisible(bool(moments))
            for moment in moments:
                button = MomentButton(self._theme, moment, record)
                button.clicked.connect(lambda _=False, moment=moment: self.chosen.emit(moment))
                row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
                self.buttons.append(button)
            row.addStretch(1)
        self.setVisible(bool(self.buttons))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the shape of the pictures."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Give the pictures a third of the width each, and the height that goes with it."""
        margins, gap = self.box.contentsMargins(), self._theme.px(10)
        inner = self.width() - margins.left() - margins.right()
        for button in self.buttons:
            button.fit((inner - 2 * gap) // 3)


class SaidList(MomentList):
    """The cues of the set as a list; the chosen one opens with its evidence. Below: why nothing else was said."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("What was said"), tr("Go there, and see why it was said"))
        self.silence = Words("", "caption")
        self.box.addWidget(self.silence)

    def show_record(self, record: SetRecord, silence: tuple[str, ...]) -> None:
        """List the cues of another set."""
        shapes = {Tone.GOOD: "check", Tone.INFO: "about"}
        cues = [mark.cue for mark in record.cues]
        tones = [cue_tone(cue) for cue in cues]
        self.show_lines(
            [
                Line(cue.t_s - record.first_s, sentence(tr(cue.spoken), end=""), tone, shapes.get(tone, "warn"))
                for cue, tone in zip(cues, tones, strict=True)
            ]
        )
        heading = tr("Nothing else was said:") if cues else tr("Nothing was said:")
        lines = silence or ((tr("there was no reason to."),) if not cues else ())
        self.silence.say("\n".join((heading, *lines)) if lines else "")


class MarkedList(MomentList):
    """The moments that somebody marked; a click goes there."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("Marked moments"), tr("Go there"))

    def show_record(self, record: SetRecord) -> None:
        """List those of another set, each with what happened then."""
        self.show_lines(
            [Line(t_s - record.first_s, marked_words(record, t_s), Tone.INFO, "flag") for t_s in record.marks_s]
        )
        self.setVisible(bool(record.marks_s))
