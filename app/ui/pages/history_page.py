"""Earlier sessions: the list, one of them in full, trends over them, two beside one another."""

from __future__ import annotations

import itertools
from datetime import date
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QFocusEvent, QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from app.store.sessions.tables import person_key
from app.ui.pages.controls import Segments
from app.ui.pages.history_column import HistoryColumn, scroller
from app.ui.pages.history_detail import Figures, HeadCard, NothingYet, OverTime
from app.ui.pages.history_filters import Filters
from app.ui.pages.history_list import SessionList
from app.ui.pages.history_reader import HistoryReader
from app.ui.pages.history_told import Notes, ToldList
from app.ui.pages.history_trends import CompareView, TrendsView, offered, partner_of
from app.ui.pages.history_words import numbers
from app.ui.pages.note_card import NoteCard
from app.ui.pages.scrub_keys import PlainScroller
from app.ui.panels.parts import Words
from app.ui.side_work import END_WAIT_S
from app.ui.theme import GAP_PX, Theme, style_sheet
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.store.sessions.tables import SessionRow
    from app.store.trends import Digest
    from app.ui.pages.history_port import HistoryPort, Story

ONE, TRENDS, COMPARE = "one", "trends", "compare"
#: Of more sessions than this the newest are in the charts.
MOST_IN_TREND: Final = 60
#: Charts are drawn anew this often at most while digests come in, ms.
REDRAW_MS: Final = 400
#: Width of the list: a share of the page, at least and at most so much (px at scale 1).
LIST_SHARE, LIST_LEAST_PX, LIST_MOST_PX = 0.32, 290, 420


class HistoryPage(QWidget):
    """Shows what is kept of earlier sessions.

    Up and Down go from session to session, with Shift or Ctrl a second one is added and both are compared; Delete asks
    whether the session is to be deleted.

    Attributes:
        report_wanted: emits the id of a session whose report is to be opened. export_wanted: of one to be exported.
        video_wanted: of one whose video is to be played.
        run_wanted: there is nothing yet: go and run. deleted: the id of a session that is gone now.
        reader: reads in a thread of its own, None where nothing is kept.

    Args:
        theme: colours and sizes.
        history: the kept sessions; None: nothing is kept.

    """

    report_wanted = Signal(str)
    export_wanted = Signal(str)
    video_wanted = Signal(str)
    deleted = Signal(str)
    run_wanted = Signal()

    def __init__(self, theme: Theme, history: HistoryPort | None) -> None:
        super().__init__()
        self._theme = theme
        self._rows: Sequence[SessionRow] = ()
        self._digests: dict[str, Digest] = {}
        self._chosen: list[str] = []
        self._focused, self._other = "", ""
        self._read = False
        self._wanted: dict[str, None] = {}
        self.reader = HistoryReader(history, self) if history is not None else None
        self.setObjectName("history")
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.timeout.connect(self._draw)
        self._build()
        self._connect()
        self.set_theme(theme)
        self.nothing.say("", kept=self.reader is not None)

    # ---- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        self.list = SessionList(theme)
        self.filters = Filters(theme)
        self.problem = Words("", "problem")
        self.view = Segments(theme, [(ONE, tr("Session")), (TRENDS, tr("Trends")), (COMPARE, tr("Compare"))])
        self.view.setAccessibleName(tr("What is shown"))
        self.view.show_value(ONE)
        self.trends, self.compare = TrendsView(theme), CompareView(theme)
        self._views = QStackedWidget()
        self._one = self._detail()
        for widget in (self._one, scroller(self.trends), scroller(self.compare)):
            self._views.addWidget(widget)
        self._side = QWidget()
        self._left, right = QVBoxLayout(self._side), QVBoxLayout()
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.addWidget(self.filters)
        self._left.addWidget(self.list, 1)
        right.addWidget(self.view)
        right.addWidget(self.problem)
        right.addWidget(self._views, 1)
        self._right = right
        content = QWidget()
        self._content = QHBoxLayout(content)
        self._content.setContentsMargins(0, 0, 0, 0)
        self._content.addWidget(self._side)
        self._content.addLayout(right, 1)
        self._pages = QStackedLayout(self)
        self.nothing = NothingYet(theme)
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(content)
        order = (self.filters.person, self.filters.mode, self.list, *self.view.buttons.values(), self.head.report)
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)

    def _detail(self) -> PlainScroller:
        theme = self._theme
        self.head, self.figures, self.over_time = HeadCard(theme), Figures(theme), OverTime(theme)
        self.told, self.notes, self.note = ToldList(theme), Notes(theme), NoteCard(theme)
        self._column = column = HistoryColumn()
        self._sections = QVBoxLayout(column)
        self._sections.setContentsMargins(0, 0, 0, 0)
        for section in (self.head, self.note, self.figures, self.over_time, self.told, self.notes):
            self._sections.addWidget(section)
        self._sections.addStretch(1)
        view = scroller(column)
        column.hide()  # until there is something to show
        return view

    def _connect(self) -> None:
        self.list.chosen.connect(self._choose)
        self.list.delete_wanted.connect(self.ask_delete)
        self.list.sessions.wanted.connect(self._want)
        self.filters.changed.connect(self._filter)
        self.view.picked.connect(self.show_view)
        self.trends.clicked.connect(lambda session: self.list.choose(session))
        self.compare.other_picked.connect(self.compare_with)
        self.nothing.run_wanted.connect(self.run_wanted)
        self.head.report_wanted.connect(lambda: self.report_wanted.emit(self._focused))
        self.head.export_wanted.connect(lambda: self.export_wanted.emit(self._focused))
        self.head.video_wanted.connect(lambda: self.video_wanted.emit(self._focused))
        self.head.delete_wanted.connect(self._delete)
        if self.reader is not None:
            self.reader.rows_read.connect(self._show_rows)
            self.reader.story_read.connect(self._show_story)
            self.reader.digest_read.connect(self._take_digest)
            self.reader.deleted.connect(self._gone)
            self.reader.noted.connect(self._noted)
            self.reader.not_noted.connect(lambda session, line: self.note.show_problem(session, tr(line)))
            self.note.wanted.connect(self.reader.write_note)
            self.reader.failed.connect(self._fail)

    # ---- reading ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read what there is now; called when the page is shown. It comes a moment later."""
        self.problem.say("")
        if self.reader is not None:
            if not self._read:
                self.nothing.wait()
            self.reader.ask_rows()

    def _show_rows(self, rows: Sequence[SessionRow]) -> None:
        self._read, known = True, set(self._rows)
        for row in rows:
            if row not in known:  # what was open is closed now, or recovered: it came to something else
                self._digests.pop(row.id, None)
        self._rows = rows
        self.filters.offer(rows)
        focused = self.hasFocus() or self.nothing.go.hasFocus()
        self._pages.setCurrentIndex(1 if rows else 0)
        if focused:
            self.focusInEvent(QFocusEvent(QEvent.Type.FocusIn))
        self.nothing.say("", kept=self.reader is not None)
        self._filter()

    def _filter(self) -> None:
        """Show the sessions of the chosen person and kind."""
        self.list.show_rows(self.filters.passed(self._rows), self._digests, [self._focused, *self._chosen])

    def _choose(self, chosen: Sequence[str], focused: str) -> None:
        before = self._focused
        self._chosen, self._focused = list(chosen), focused
        if len(chosen) == 2:
            self._other = chosen[1] if focused == chosen[0] else chosen[0]
            self.show_view(COMPARE)
        elif focused != before:
            self._other = ""
        if focused and self.reader is not None:
            self.reader.ask_story(focused)
        self._column.setVisible(self._column.isVisibleTo(self._one) and bool(focused))
        self._draw()

    def _show_story(self, story: Story) -> None:
        if story.row.id != self._focused:
            return
        self.problem.say("")
        found = self._digests[story.row.id] = story.digest
        self._column.show()
        self.head.show_story(story, found)
        self.note.show_note(story.row.id, story.row.note)
        self.figures.show_numbers(numbers(found) if story.row.state != "open" else ())
        self.over_time.show_story(story, found)
        self.told.show_story(story)
        self.notes.show_story(story)
        self.list.sessions.changed(story.row.id)
        self._draw()

    def _want(self, session: str) -> None:
        """Have the digest of a session read, with all that are wanted in this moment."""
        if not self._wanted:
            QTimer.singleShot(0, self, self._ask)
        self._wanted[session] = None

    def _ask(self) -> None:
        wanted, self._wanted = list(self._wanted), {}
        if self.reader is not None:
            self.reader.ask_digests([session for session in wanted if session not in self._digests])

    def _take_digest(self, found: Digest) -> None:
        self._digests[found.session] = found
        self.list.sessions.changed(found.session)
        if self.view_shown != ONE and not self._redraw.isActive():
            self._redraw.start(REDRAW_MS)

    def _fail(self, told: str) -> None:
        line = tr(told)
        self.problem.say(line)
        if not self._rows:
            self.nothing.say(line, kept=True)

    # ---- what is shown ------------------------------------------------------------------------------------------

    @property
    def view_shown(self) -> str:
        """Which of the three views is shown: "one", "trends" or "compare"."""
        return (ONE, TRENDS, COMPARE)[self._views.currentIndex()]

    def show_view(self, view: object) -> None:
        """Show one session, the trends, or the comparison."""
        self.view.show_value(view)
        self._views.setCurrentIndex((ONE, TRENDS, COMPARE).index(str(view)))
        self._draw()

    def compare_with(self, session: str) -> None:
        """Compare the chosen session with another one."""
        self._other = session
        self.show_view(COMPARE)

    def _draw(self) -> None:
        """Draw the view that is shown, where it is made of many sessions."""
        self._redraw.stop()
        if self.view_shown == TRENDS:
            self._draw_trends()
        elif self.view_shown == COMPARE:
            self._draw_comparison()

    def _alike(self) -> list[SessionRow]:
        """Return the sessions of the same person and kind as the chosen one, newest first, it among them."""
        row = self._row(self._focused)
        if row is None:
            return []
        who = person_key(row.person)
        return [
            r
            for r in self._rows
            if r.state != "open" and (person_key(r.person), r.mode, r.drill) == (who, row.mode, row.drill)
        ]

    def _draw_trends(self) -> None:
        alike = self._alike()
        shown = alike[:MOST_IN_TREND]
        missing = [row.id for row in shown if row.id not in self._digests]
        for session in missing:
            self._want(session)
        digests = [self._digests[row.id] for row in reversed(shown) if row.id in self._digests]
        self.trends.show_digests(digests, self._focused, len(missing), len(alike) - len(shown))

    def _draw_comparison(self) -> None:
        row, alike = self._row(self._focused), self._alike()
        if row is None:
            self.compare.offer("", (), "")
            self.compare.show_pair(None, None, tr("There is no session to show."))
            return
        if self._other == row.id or self._row(self._other) is None:
            self._other = partner_of(row.id, alike)
        others = alike if self._other in [r.id for r in alike] else [*alike, self._row(self._other)]
        self.compare.offer(*offered(row, others, date.today()), self._other)
        if not self._other:
            self.compare.show_pair(None, None, tr("There is no other session of this person and kind yet."))
            return
        after, before = (r.id for r in self._rows if r.id in (row.id, self._other))
        for session in (before, after):
            if session not in self._digests:
                self._want(session)
        self.compare.show_pair(self._digests.get(before), self._digests.get(after))

    def _row(self, session: str) -> SessionRow | None:
        return next((row for row in self._rows if row.id == session), None)

    # ---- deleting -----------------------------------------------------------------------------------------------

    def ask_delete(self) -> None:
        """Ask whether the chosen session is to be deleted."""
        if self._focused:
            self.show_view(ONE)
            self._one.ensureVisible(0, 0)
            self.head.ask()

    def _delete(self) -> None:
        if self.reader is not None and self._focused:
            self.reader.delete(self._focused)

    def tell(self, line: str) -> None:
        """Show a line to the user, e.g. where a file was written."""
        self.problem.say(line)

    def _noted(self, session: str, row: SessionRow, typed: str) -> None:
        self.note.show_kept(session, typed)
        self._rows = [row if one.id == session else one for one in self._rows]
        self.list.sessions.replace(row)

    def _gone(self, session: str, notices: Sequence[str]) -> None:
        self._digests.pop(session, None)
        at = next((k for k, row in enumerate(self._rows) if row.id == session), 0)
        rest = [row for row in self._rows if row.id != session]
        if self._focused == session:
            # The neighbour is shown next, not the newest one.
            self._focused = rest[min(at, len(rest) - 1)].id if rest else ""
            self._chosen = [self._focused] if self._focused else []
        self._show_rows(rest)
        self.problem.say(" ".join(notices))
        self.list.setFocus()
        self.deleted.emit(session)

    # ---- the user, and looks ------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the focus on to the list; as its proxy the page would hide from Tab what stands before the list."""
        (self.list if self._rows else self.nothing.go).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the list."""
        if event.key() == Qt.Key.Key_Escape and not self.list.hasFocus():
            self.list.setFocus()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Hold no file open where nobody looks."""
        self._redraw.stop()
        self._wanted.clear()
        if self.reader is not None:
            self.reader.rest()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop reading: the window is closed."""
        self._redraw.stop()
        self.note.keep()
        if self.reader is not None:
            self.reader.close(END_WAIT_S)
        super().closeEvent(event)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        px, gap = theme.px, theme.px(GAP_PX)
        own = f"QToolButton#said {{ text-align: left; padding: 0 {px(10)}px; }}"
        self.setStyleSheet(style_sheet(theme) + own)
        self._content.setSpacing(gap)
        self._sections.setSpacing(gap)
        self._left.setSpacing(px(8))
        self._right.setSpacing(px(8))
        parts = (self.head, self.figures, self.over_time, self.told, self.notes, self.note, self.trends, self.compare)
        for part in (*parts, self.list, self.filters, self.view, self.nothing):
            part.set_theme(theme)
        self._share_room()

    def _share_room(self) -> None:
        px = self._theme.px
        width = min(max(round(LIST_SHARE * self.width()), px(LIST_LEAST_PX)), px(LIST_MOST_PX))
        self._side.setFixedWidth(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the list its share."""
        super().resizeEvent(event)
        self._share_room()
