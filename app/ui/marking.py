"""The moment that somebody marks while it runs: a few words in the corner of the picture say that it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui.icons import paint_shape
from app.ui.theme import DARK, Tone

if TYPE_CHECKING:
    from app.ui.theme import Theme
    from app.ui.video_view import VideoView

#: How long the words stand, ms.
SHOWN_MS: Final = 1600
#: Height of the words' box as a share of the picture's, as of the delayed mirror's.
SHARE: Final = 0.1


class MarkFlash(QWidget):
    """Lies over the picture, at its upper right; lets every click through.

    Args:
        theme: for its font. video: over which it lies.

    """

    def __init__(self, theme: Theme, video: VideoView) -> None:
        super().__init__(video)
        self._theme, self._video, self.words = theme, video, ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = QTimer(self, singleShot=True)
        self._over.timeout.connect(self.hide)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        self._theme = theme

    def show_words(self, words: str) -> None:
        """Show words for a moment."""
        self.words = words
        self.setAccessibleName(words)
        shown = self._video.shown_rect()
        high = SHARE * min(shown.height(), 0.75 * shown.width())
        width = QFontMetricsF(self._font(high)).horizontalAdvance(words) + 1.75 * high
        box = QRectF(shown.right() - 0.45 * high - width, shown.top() + 0.45 * high, width, high)
        self.setGeometry(box.toAlignedRect())
        self.raise_()
        self.show()
        self._over.start(SHOWN_MS)

    def _font(self, high_px: float) -> QFont:
        return self._theme.font(0.62 * high_px / self._theme.scale, QFont.Weight.Bold)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a flag and the words on a dark ground, whatever the theme: below is the picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = float(self.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(DARK.fill(Tone.INFO))
        painter.drawRoundedRect(QRectF(self.rect()), 0.28 * high, 0.28 * high)
        colour = QColor(DARK.on_fill)
        paint_shape(painter, "flag", QRectF(0.3 * high, 0.15 * high, 0.7 * high, 0.7 * high), colour, 2.4)
        painter.setPen(colour)
        painter.setFont(self._font(high))
        words = QRectF(self.rect()).adjusted(1.25 * high, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.words)
