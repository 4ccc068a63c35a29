"""What the panels are built of: a scrolling column of sections over a foot of buttons, words, buttons with keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.panels.panel import Panel
from app.ui.theme import CAPTION_PX, GAP_PX, SCROLL_PX

if TYPE_CHECKING:
    from app.ui.choice import Choice
    from app.ui.keys import KeyMap
    from app.ui.theme import Theme

__all__ = ["ButtonRow", "ColumnPanel", "KeyButton", "Section", "Words", "sentence"]


def sentence(words: str) -> str:
    """Return words that the coach gives as the end of a line with a capital at their beginning."""
    return words[:1].upper() + words[1:]


class Words(QLabel):
    """A label that wraps; ``role`` as in the style sheets. It hides itself while it has nothing to say."""

    def __init__(self, words: str = "", role: str = "body", hides: bool = True) -> None:
        super().__init__(words)
        self.setProperty("role", role)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(40)
        self._hides = hides
        # Hidden, never shown: without a parent yet, a label that is shown would be a window of its own.
        if hides and not words:
            self.hide()

    def say(self, words: str) -> None:
        """Show other words; "" hides the label."""
        if words != self.text():
            self.setText(words)
            self.setAccessibleName(words)
        if self._hides:
            self.setHidden(not words)


class Section(QWidget):
    """A card of the panel: rounded ground, an optional small title, a column of contents."""

    def __init__(self, theme: Theme, title: str = "") -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.box = QVBoxLayout(self)
        if title:
            self.box.addWidget(Words(title, "name"))
            self.setAccessibleName(title)
        # Not Maximum: that is the height at another width, and would cut what wraps.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        edge = theme.px(14)
        self.box.setContentsMargins(edge, theme.px(12), edge, theme.px(12))
        self.box.setSpacing(theme.px(8))


class KeyButton(QPushButton):
    """A button with its key as a small cap at its right end."""

    def __init__(self, theme: Theme, words: str, tip: str = "") -> None:
        super().__init__(words)
        self._theme, self._key, self._tip = theme, "", tip
        self.setToolTip(tip)
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self._make_room()

    def set_key(self, key: str) -> None:
        """Show a key as Qt writes it ("C", "Ctrl+B"); "" shows none. The window binds it."""
        self._key = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) if key else ""
        self.setToolTip(f"{self._tip} ({self._key})" if self._key and self._tip else self._tip or self._key)
        self._make_room()

    def _cap(self) -> tuple[QFont, int]:
        font = self._theme.font(CAPTION_PX, QFont.Weight.DemiBold)
        width = QFontMetrics(font).horizontalAdvance(self._key) + self._theme.px(12) if self._key else 0
        return font, max(width, self._theme.px(22)) if self._key else 0

    def _make_room(self) -> None:
        """Keep the words off the cap."""
        px = self._theme.px
        room = f"QPushButton {{ padding-right: {self._cap()[1] + px(14)}px; }}" if self._key else ""
        if room != self.styleSheet():
            self.setStyleSheet(room)
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Ask for all of it: words are never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button and the cap."""
        super().paintEvent(event)
        if not self._key:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px = self._theme.palette, self._theme.px
        font, width = self._cap()
        cap = QRectF(self.width() - width - px(8), (self.height() - px(20)) / 2, width, px(20))
        painter.setPen(QColor(p.muted))
        painter.setBrush(QColor(p.surface))
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), px(5), px(5))
        painter.setFont(font)
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)


class ButtonRow(QWidget):
    """Buttons beside one another where there is room, else below one another."""

    def __init__(self, theme: Theme, *buttons: QPushButton) -> None:
        super().__init__()
        self._buttons = buttons
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        for button in buttons:
            self._box.addWidget(button)
        # Narrower than side by side is allowed: then they stand below one another.
        self._box.setSizeConstraint(QBoxLayout.SizeConstraint.SetNoConstraint)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        self._box.setSpacing(theme.px(8))
        for button in self._buttons:
            if isinstance(button, KeyButton):
                button.set_theme(theme)
        self._turn(self.width())

    def refresh(self) -> None:
        """Lay out again after a button was shown, hidden or renamed."""
        self._turn(self.width())

    def _shown(self) -> list[QPushButton]:
        return [button for button in self._buttons if not button.isHidden()]

    def _turn(self, width: int) -> None:
        shown = self._shown()
        wanted = sum(button.sizeHint().width() for button in shown) + self._box.spacing() * max(0, len(shown) - 1)
        narrow = wanted > width
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)
        heights = [button.sizeHint().height() for button in shown]
        high = sum(heights) + self._box.spacing() * max(0, len(heights) - 1) if narrow else max(heights, default=0)
        self.setFixedHeight(high)

    def minimumSizeHint(self) -> QSize:
        """Make do with the widest button."""
        return QSize(max((button.sizeHint().width() for button in self._shown()), default=0), self.height())

    def sizeHint(self) -> QSize:
        """Ask for all beside one another."""
        shown = self._shown()
        return QSize(sum(button.sizeHint().width() + self._box.spacing() for button in shown), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn where the room changed."""
        super().resizeEvent(event)
        self._turn(event.size().width())


class _OverBar(QScrollBar):
    """A thin scroll bar at the right edge, in a gutter that is there only as long as the bar is (`needed`)."""

    needed = Signal(bool)

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(Qt.Orientation.Vertical, area)
        self._area, self._width = area, 10
        inner = area.verticalScrollBar()
        inner.rangeChanged.connect(self._follow)
        inner.valueChanged.connect(self.setValue)
        self.valueChanged.connect(inner.setValue)
        area.installEventFilter(self)
        self._follow(inner.minimum(), inner.maximum())

    def set_width(self, width_px: int) -> None:
        """Be so wide."""
        self._width = width_px
        self._place()

    def _follow(self, least: int, most: int) -> None:
        inner = self._area.verticalScrollBar()
        self.setRange(least, most)
        self.setPageStep(inner.pageStep())
        self.setSingleStep(inner.singleStep())
        # Made in a constructor: shown only below a parent.
        self.setHidden(most <= least)
        self.needed.emit(most > least)
        self._place()

    def _place(self) -> None:
        self.setGeometry(self._area.width() - self._width, 0, self._width, self._area.height())
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the edge when the area changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False


class _Column(QWidget):
    """What scrolls: as high as its words need at its width, not as they would need at their narrowest."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("column")

    def minimumSizeHint(self) -> QSize:
        """Leave the height to the width."""
        return QSize(super().minimumSizeHint().width(), 0)


class ColumnPanel(Panel):
    """A panel whose sections scroll, over a foot that stays.

    Attributes:
        keyed: buttons by the wish (of `app.ui.keys`) that a key is bound to; `show_keys` shows which.

    """

    def __init__(self, theme: Theme, choice: Choice) -> None:
        super().__init__(theme, choice)
        self.keyed: dict[str, KeyButton] = {}
        self._themed: list[Section | ButtonRow] = []
        self._column = _Column()
        self._sections = QVBoxLayout(self._column)
        self._sections.setContentsMargins(0, 0, 0, 0)
        self._sections.addStretch(1)
        self.scroller = QScrollArea()
        self.scroller.setWidgetResizable(True)
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroller.setWidget(self._column)
        self._page = QVBoxLayout(self)
        self._page.setContentsMargins(0, 0, 0, 0)
        self._page.addWidget(self.scroller, 1)
        self._bar = _OverBar(self.scroller)
        self._bar.needed.connect(self._keep_gutter)
        self.setMinimumWidth(280)

    def _keep_gutter(self, needed: bool) -> None:
        """Keep the sections off the scroll bar."""
        gutter = self._theme.px(SCROLL_PX + 4) if needed else 0
        if self._sections.contentsMargins().right() != gutter:
            self._sections.setContentsMargins(0, 0, gutter, 0)

    def add_section(self, section: Section) -> Section:
        """Put a section below the others; return it."""
        self._sections.insertWidget(self._sections.count() - 1, section)
        self._themed.append(section)
        return section

    def put_below(self, upper: Section, lower: Section) -> None:
        """Move a section to directly below another."""
        self._sections.removeWidget(lower)
        self._sections.insertWidget(self._sections.indexOf(upper) + 1, lower)

    def add_foot(self, row: ButtonRow) -> None:
        """Put buttons below the column, where they do not scroll away."""
        self._page.addWidget(row)
        self._themed.append(row)

    def show_keys(self, keymap: KeyMap) -> None:
        """Show on the buttons which key is bound to their wish."""
        for wish, button in self.keyed.items():
            button.set_key(next(iter(keymap.keys_of(wish)), ""))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self._bar.set_width(theme.px(SCROLL_PX))
        gap = theme.px(GAP_PX)
        self._sections.setSpacing(gap)
        self._page.setSpacing(gap)
        for part in self._themed:
            part.set_theme(theme)
        for button in self.keyed.values():
            button.set_theme(theme)
