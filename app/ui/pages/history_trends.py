"""Trends over the sessions of one person and kind, and two sessions beside one another."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.store.report.words import CAUTION_WORDS, QUANTITY_WORDS
from app.store.trends import QUANTITIES, compare, direction
from app.ui.pages.controls import Picker
from app.ui.pages.history_charts import IntervalBar, Point, TrendChart
from app.ui.pages.history_column import HistoryColumn
from app.ui.pages.history_words import (
    QUANTITY_HELP,
    change_words,
    day_words,
    kind_words,
    person_words,
    told_words,
    value_words,
    when_words,
)
from app.ui.panels.parts import Section, Words
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.coach.types import Measure
    from app.store.sessions.tables import SessionRow
    from app.store.trends import Difference, Digest
    from app.ui.theme import Theme

#: Charts are not narrower than this, px at scale 1.
LEAST_CHART_PX: Final = 280
MOST_COLUMNS: Final = 3
_DIRECTION: Final = {
    "rising": mark("↗ rising over {n} sessions"),
    "falling": mark("↘ falling over {n} sessions"),
    "": mark("no trend that can be told in {n} sessions"),
}


class TrendCard(Section):
    """One quantity: its name, the newest number, which way it goes, the chart."""

    clicked = Signal(str)

    def __init__(self, theme: Theme, key: str, unit: str) -> None:
        super().__init__(theme)
        self.key, self.unit = key, unit
        self._name, self._value, self._way = Words(tr(QUANTITY_WORDS[key]), "name"), QLabel(), Words("", "caption")
        self._value.setProperty("role", "value")
        self.chart = TrendChart(theme)
        self.chart.clicked.connect(self.clicked)
        line = QHBoxLayout()
        line.addWidget(self._name, 1, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._value)
        self.box.addLayout(line)
        self.box.addWidget(self.chart)
        self.box.addWidget(self._way)
        self.setToolTip(tr(QUANTITY_HELP[key]))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self.box.setSpacing(theme.px(4))
        if hasattr(self, "chart"):
            self.chart.set_theme(theme)

    def show_digests(self, digests: Sequence[Digest], chosen: str, today: date) -> None:
        """Show other sessions, the oldest first."""
        points = [
            Point(
                d.session, _known(d.values.get(self.key)), day_words(datetime.fromisoformat(d.started_at).date(), today)
            )
            for d in digests
        ]
        measures = [point.measure for point in points if point.measure is not None]
        self.chart.show_points(points, self.unit, chosen)
        self._value.setText(value_words(measures[-1]) if measures else "")
        way = direction([m.value for m in measures if math.isfinite(m.ci95[1]) or math.isnan(m.ci95[1])])
        told = tr(_DIRECTION[way]).format(n=len(measures)) if len(measures) > 1 else tr("one session only")
        self._way.say(told)
        self.setAccessibleName(f"{self._name.text()}: {self._value.text()}, {told}")
        self.setVisible(bool(measures))


def _known(measure: Measure | None) -> Measure | None:
    return measure if measure is not None and math.isfinite(measure.value) else None


class TrendsView(HistoryColumn):
    """The quantities of one kind of session as small charts.

    Attributes:
        clicked: emits the id of the session that was clicked in a chart.

    """

    clicked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._mode = ""
        self._columns = 0
        self.cards: dict[str, TrendCard] = {}
        self.title, self.told = Words("", "heading"), Words("", "caption")
        self._grid = QGridLayout()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.title)
        box.addWidget(self.told)
        box.addLayout(self._grid)
        box.addStretch(1)
        self._box = box
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self._box.setSpacing(theme.px(8))
        self._grid.setSpacing(theme.px(12))
        for card in self.cards.values():
            card.set_theme(theme)
        self._place()

    def show_digests(self, digests: Sequence[Digest], chosen: str, waiting: int, left_out: int) -> None:
        """Show the sessions of one person and kind.

        Args:
            digests: the oldest first.
            chosen: the id that is ringed.
            waiting: how many are still being read.
            left_out: how many older ones are not shown.

        """
        if not digests:
            self.title.say(tr("Trends"))
            self.told.say(tr("Reading …") if waiting else tr("There is no session to show."))
            for card in self.cards.values():
                card.hide()
            return
        newest = digests[-1]
        self.title.say(f"{person_words(newest.person)}  ·  {kind_words(newest.mode, newest.drill)}")
        lines = [tr("{n} sessions").format(n=len(digests)) if len(digests) > 1 else tr("One session")]
        if left_out:
            lines.append(tr("{n} older ones are not shown").format(n=left_out))
        if waiting:
            lines.append(tr("reading {n} more").format(n=waiting))
        lines.append(tr("dots with their 95 % intervals; a triangle is “at least”"))
        self.told.say("  ·  ".join(lines))
        if newest.mode != self._mode:
            self._build(newest.mode)
        for card in self.cards.values():
            card.show_digests(digests, chosen, date.today())

    def _build(self, mode: str) -> None:
        for card in self.cards.values():
            card.hide()
            card.deleteLater()
        self._mode, self._columns = mode, 0
        self.cards = {key: TrendCard(self._theme, key, q.unit) for key, q in QUANTITIES[mode].items()}
        for card in self.cards.values():
            card.clicked.connect(self.clicked)
        self._place()

    def _place(self) -> None:
        columns = min(max(self.width() // self._theme.px(LEAST_CHART_PX), 1), MOST_COLUMNS)
        if columns == self._columns:
            return
        self._columns = columns
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for number, card in enumerate(self.cards.values()):
            self._grid.removeWidget(card)
            self._grid.addWidget(card, number // columns, number % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self._place()


class DifferenceRow:
    """One quantity: before and after, the change with its interval, and what can be said of it; three cells."""

    def __init__(self, theme: Theme, difference: Difference) -> None:
        before, after = (
            # A number and its unit stay together where the line is broken.
            value_words(measure).replace(" ", "\N{NO-BREAK SPACE}") if measure is not None else "–"
            for measure in (difference.before, difference.after)
        )
        name, values = Words(tr(QUANTITY_WORDS[difference.key]), "strong"), Words(f"{before}  →  {after}", "value")
        self.told = Words(told_words(difference.told), "body")
        self.change = Words(change_words(difference), "caption")
        self.bar = IntervalBar(theme, difference)
        self.cells = (_cell(name, values), _cell(self.told, self.change), self.bar)
        self.cells[0].setToolTip(tr(QUANTITY_HELP[difference.key]))
        spoken = f"{name.text()}: {values.text()}, {self.told.text()}, {self.change.text()}"
        self.cells[0].setAccessibleName(spoken)


def _cell(*widgets: QWidget) -> QWidget:
    cell = QWidget()
    box = QVBoxLayout(cell)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(2)
    for widget in widgets:
        box.addWidget(widget)
    box.addStretch(1)
    return cell


class CompareView(HistoryColumn):
    """Two sessions beside one another.

    Attributes:
        other_picked: emits the id of the session to compare with.

    """

    other_picked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[DifferenceRow] = []
        self.title = Words("", "heading")
        self.with_words, self.other = Words(tr("compared with"), "caption", hides=False), Picker(theme)
        self.other.setAccessibleName(tr("Compare with"))
        self.other.picked.connect(lambda session: self.other_picked.emit(str(session)))
        self.told, self.cautions = Words("", "body"), Words("", "caption")
        self.card = Section(theme)
        self._cells = QGridLayout()
        self._cells.setColumnStretch(0, 5)
        self._cells.setColumnStretch(1, 6)
        self.card.box.addLayout(self._cells)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        for widget in (self.title, self.with_words, self.other, self.told, self.card, self.cautions):
            box.addWidget(widget)
        box.addStretch(1)
        self._box = box
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self._box.setSpacing(theme.px(8))
        self.other.set_theme(theme)
        self.other.setMinimumHeight(theme.px(38))
        self.card.set_theme(theme)
        self._cells.setHorizontalSpacing(theme.px(12))
        self._cells.setVerticalSpacing(theme.px(16))
        for row in self.rows:
            row.bar.set_theme(theme)

    def offer(self, title: str, others: Sequence[tuple[str, str]], other: str) -> None:
        """Offer sessions, (id, words) each, to compare the one of ``title`` with; ``other`` is the one that is."""
        self.title.say(title)
        self.other.fill(others, other)
        for widget in (self.with_words, self.other):
            widget.setVisible(bool(others))

    def show_pair(self, before: Digest | None, after: Digest | None, problem: str = "") -> None:
        """Compare two sessions; None: it is still being read; ``problem``: there is nothing to compare, and why."""
        for cell in [cell for row in self.rows for cell in row.cells]:
            self._cells.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self.rows = []
        self.cautions.say("")
        if problem or before is None or after is None:
            self.told.say(problem or tr("Reading …"))
            self.card.hide()
            return
        found = compare(before, after)
        for difference in found.differences:
            row = DifferenceRow(self._theme, difference)
            for column, cell in enumerate(row.cells):
                self._cells.addWidget(cell, len(self.rows), column)
            self.rows.append(row)
        clear = [d for d in found.differences if d.told in ("more", "less")]
        if not found.differences:
            self.told.say(tr("Different kinds of sessions cannot be compared."))
        elif clear:
            self.told.say(
                tr("{n} of {m} numbers differ by more than chance explains.").format(n=len(clear), m=len(self.rows))
            )
        else:
            self.told.say(tr("No difference that can be told."))
        self.card.setVisible(bool(self.rows))
        if found.cautions:
            words = "; ".join(tr(CAUTION_WORDS[caution]) for caution in found.cautions)
            self.cautions.say(tr("Mind that {reasons}.").format(reasons=words))


def partner_of(session: str, alike: Sequence[SessionRow]) -> str:
    """Return which of the sessions of the same person and kind to compare one with, "" for none.

    ``alike`` is in the order of the list, newest first, with the session itself: the one before it is the natural
    partner; for the very first it is the newest.
    """
    ids = [row.id for row in alike]
    after = ids[ids.index(session) + 1 :] if session in ids else ids
    return next(iter(after), next((one for one in ids if one != session), ""))


def offered(row: SessionRow, others: Iterable[SessionRow | None], today: date) -> tuple[str, list[tuple[str, str]]]:
    """Return the title of a session that is compared, and (id, words) of those that are offered to compare it with."""

    def words(one: SessionRow) -> str:
        return f"{when_words(one.started_at, today)}  ·  {person_words(one.person)}"

    listed = [one for one in others if one is not None and one.id != row.id]
    return words(row), [(one.id, f"{words(one)}  ·  {kind_words(one.mode, one.drill)}") for one in listed]
