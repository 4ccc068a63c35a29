"""The list of earlier sessions: when, who, what, how long, the verdict and the numbers that matter most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.ui.icons import paint_shape
from app.ui.pages.history_words import (
    key_numbers,
    kind_words,
    length_words,
    person_words,
    verdict_of,
    when_words,
)
from app.ui.theme import BODY_PX, CAPTION_PX, RADIUS_PX, Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtCore import QItemSelection

    from app.store.sessions.tables import SessionRow
    from app.store.trends import Digest

    Index = QModelIndex | QPersistentModelIndex

ROW_PX: Final = 78
_CARD: Final = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True, slots=True)
class Entry:
    """The words of one session in the list; ``film``: it has a video."""

    when: str
    length: str
    verdict: str
    shape: str
    tone: Tone
    who: str
    figures: str
    film: bool = False

    @property
    def spoken(self) -> str:
        """All of it for a screen reader."""
        film = tr("with video") if self.film else ""
        return ", ".join(part for part in (self.when, self.who, self.length, self.verdict, self.figures, film) if part)


def entry_of(row: SessionRow, digest: Digest | None, today: date) -> Entry:
    """Return what the list shows of a session."""
    verdict, shape, tone = verdict_of(row, digest)
    mode = digest.mode if digest is not None else row.mode
    note = " ".join(row.note.split())
    # The line is narrow: that nobody is named gives way to a note.
    person = row.person if note else person_words(row.person)
    who = "  ·  ".join(part for part in (person, kind_words(mode, row.drill), note) if part)
    figures = key_numbers(digest) if digest is not None else ""
    when = when_words(row.started_at, today)
    return Entry(when, length_words(row.duration_s), verdict, shape, tone, who, figures, row.video_bytes > 0)


class SessionModel(QAbstractListModel):
    """The sessions of the list; a digest that is missing is asked for when its row is looked at.

    Attributes:
        wanted: emits the id of a session whose digest is missing.

    """

    wanted = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[SessionRow] = ()
        self.digests: Mapping[str, Digest] = {}
        self.today = date.today()

    def show_rows(self, rows: Sequence[SessionRow], digests: Mapping[str, Digest]) -> None:
        """Show other sessions."""
        self.beginResetModel()
        self.rows, self.digests, self.today = rows, digests, date.today()
        self.endResetModel()

    def changed(self, session: str) -> None:
        """Show a row anew: its digest has come."""
        for number, row in enumerate(self.rows):
            if row.id == session:
                at = self.index(number)
                self.dataChanged.emit(at, at)
                return

    def replace(self, row: SessionRow) -> None:
        """Show another row in place of the one of the same session."""
        self.rows = [row if one.id == row.id else one for one in self.rows]
        self.changed(row.id)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Return how many there are."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Return an `Entry` for the painter, words for a screen reader and for the search by letters."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == _CARD:
            digest = self.digests.get(row.id)
            if digest is None and row.state != "open":
                self.wanted.emit(row.id)
            return entry_of(row, digest, self.today)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return entry_of(row, self.digests.get(row.id), self.today).spoken
        return None


class SessionPainter(QStyledItemDelegate):
    """Paints a row: verdict as a shape, then date and length, verdict and numbers, who and what."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Ask for three lines."""
        return QSize(self.theme.px(200), self.theme.px(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        entry = index.data(_CARD)
        if not isinstance(entry, Entry):
            return
        p, px = self.theme.palette, self.theme.px
        state = option.state
        box = QRectF(option.rect).adjusted(px(3), px(2), -px(3), -px(2))
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(p.info_fill if chosen else p.raised))
            painter.drawRoundedRect(box, px(9), px(9))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(p.text if chosen else p.info), max(1.0, px(2))))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), px(8), px(8))
        self._paint_verdict(painter, box, entry)
        self._paint_words(painter, box.adjusted(px(58), px(8), -px(10), -px(8)), entry, chosen)
        painter.restore()

    def _paint_verdict(self, painter: QPainter, box: QRectF, entry: Entry) -> None:
        p, px = self.theme.palette, self.theme.px
        chip = QRectF(box.left() + px(10), box.center().y() - px(18), px(36), px(36))
        painter.setPen(QPen(QColor(p.hairline), 1.0))
        painter.setBrush(p.fill(entry.tone))
        painter.drawRoundedRect(chip, px(9), px(9))
        pad = px(8)
        paint_shape(painter, entry.shape, chip.adjusted(pad, pad, -pad, -pad), QColor(p.on_fill), 2.2)

    def _paint_words(self, painter: QPainter, box: QRectF, entry: Entry, chosen: bool) -> None:
        p, theme = self.theme.palette, self.theme
        main, quiet = QColor(p.on_fill if chosen else p.text), QColor(p.on_fill if chosen else p.muted)
        strong, plain = theme.font(BODY_PX, QFont.Weight.DemiBold), theme.font(CAPTION_PX + 1)
        third = box.height() / 3.0
        lines = (
            (entry.when, strong, main, entry.length, plain, quiet),
            (entry.verdict, plain, main, entry.figures, strong, main),
            (entry.who, plain, quiet, "", plain, quiet),
        )
        for number, (left, left_font, left_colour, right, right_font, right_colour) in enumerate(lines):
            line = QRectF(box.left(), box.top() + number * third, box.width(), third)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.setFont(right_font)
            painter.setPen(right_colour)
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, right)
            room = line.width() - (QFontMetricsF(right_font).horizontalAdvance(right) + theme.px(8) if right else 0)
            if entry.film and not right:
                side = float(theme.px(18))
                mark = QRectF(line.right() - side, line.center().y() - side / 2, side, side)
                paint_shape(painter, "film", mark, right_colour)
                room -= side + theme.px(8)
            painter.setFont(left_font)
            painter.setPen(left_colour)
            words = QFontMetricsF(left_font).elidedText(left, Qt.TextElideMode.ElideRight, room)
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, words)


class SessionList(QListView):
    """The list; one session is chosen, or two to compare (Ctrl, or Shift and an arrow).

    Attributes:
        chosen: emits the ids that are chosen, in the order of the list, and which of them has the focus.
        delete_wanted: the Delete key was pressed.

    """

    chosen = Signal(object, str)
    delete_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sessions = SessionModel(self)
        self._painter = SessionPainter(theme, self)
        self.setModel(self.sessions)
        self.setItemDelegate(self._painter)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(tr("Earlier sessions"))
        self.selectionModel().selectionChanged.connect(self._tell)
        self.set_theme(theme)

    def show_rows(self, rows: Sequence[SessionRow], digests: Mapping[str, Digest], chosen: Sequence[str]) -> None:
        """Show other sessions; those of ``chosen`` that are still there stay chosen, else the newest is."""
        selection = self.selectionModel()
        selection.blockSignals(True)
        self.sessions.show_rows(rows, digests)
        numbers = [number for number, row in enumerate(rows) if row.id in chosen] or ([0] if rows else [])
        for number in numbers:
            selection.select(self.sessions.index(number), QItemSelectionModel.SelectionFlag.Select)
        if numbers:
            first = next((n for n in numbers if chosen and rows[n].id == chosen[0]), numbers[0])
            selection.setCurrentIndex(self.sessions.index(first), QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(self.sessions.index(first))
        selection.blockSignals(False)
        self._tell()
        self.viewport().update()

    def choose(self, *sessions: str) -> None:
        """Choose one session, or two."""
        self.show_rows(self.sessions.rows, self.sessions.digests, sessions)

    def ids(self) -> list[str]:
        """Return the chosen sessions, in the order of the list."""
        return [self.sessions.rows[n].id for n in sorted(index.row() for index in self.selectedIndexes())]

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._painter.theme = theme
        p, px = theme.palette, theme.px
        self.setStyleSheet(
            f"QListView {{ background: {p.surface}; border: 2px solid transparent; outline: none;"
            f" border-radius: {px(RADIUS_PX)}px; padding: {px(4)}px; }}"
            f"QListView:focus {{ border-color: {p.info}; }}"
        )
        self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete asks for the deletion; the rest is the list's."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
            return
        super().keyPressEvent(event)

    def _tell(self, *_: QItemSelection) -> None:
        ids = self.ids()
        current = self.currentIndex().row()
        focused = self.sessions.rows[current].id if 0 <= current < len(self.sessions.rows) else ""
        self.chosen.emit(ids, focused if focused in ids else next(iter(ids), ""))
