"""What scrolls on the page of earlier sessions: as high as its words need at its width."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from app.ui.pages.scrub_keys import PlainScroller

#: The scroll bar at the largest scale.
BAR_PX: Final = 28


class HistoryColumn(QWidget):
    """A column of words that wrap; its height follows its width, not what it would need at its narrowest."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("column")

    def minimumSizeHint(self) -> QSize:
        """Leave the height to the width."""
        return QSize(super().minimumSizeHint().width(), 0)

    def heightForWidth(self, width: int) -> int:
        """Return the height that is needed with the scroll bar, too: it comes after the scroller has asked."""
        layout = self.layout()
        if layout is None or not layout.hasHeightForWidth():
            return super().heightForWidth(width)
        return max(layout.totalHeightForWidth(width), layout.totalHeightForWidth(max(width - BAR_PX, 1)))


def scroller(column: HistoryColumn) -> PlainScroller:
    """Return a view of a column that scrolls."""
    return PlainScroller(column)
