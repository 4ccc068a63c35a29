"""Another theme without a stall: what is seen changes at once, the hidden pages one after the other.

Qt works through every widget of a window when its style sheet changes, some 650 here: 130 ms in which nothing moves. So
hidden pages leave the window first, and come back, dressed anew, in a turn of the event loop each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from app.ui.theme import qt_palette, style_sheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from PySide6.QtWidgets import QStackedWidget, QWidget

    from app.ui.theme import Theme


class Restyling:
    """Dresses a window and the pages of its stack.

    Args:
        window: that has the style sheet.
        pages: the stack in it.
        dress: gives one page a theme.

    """

    def __init__(self, window: QWidget, pages: QStackedWidget, dress: Callable[[Any, Theme], None]) -> None:
        self._window, self._pages, self._dress = window, pages, dress
        self._theme: Theme | None = None
        self._out: list[QWidget] = []
        self._timer = QTimer(window, singleShot=True, interval=0)
        self._timer.timeout.connect(self._next)

    def use(self, theme: Theme) -> None:
        """Use a theme from now on."""
        self._theme, current = theme, self._pages.currentWidget()
        for page in [self._pages.widget(k) for k in range(self._pages.count())]:
            if page is not None and page is not current:
                self._pages.removeWidget(page)
                page.setParent(None)
                self._out.append(page)
        self._window.setPalette(qt_palette(theme.palette))
        self._window.setStyleSheet(style_sheet(theme))
        if current is not None:
            self._dress(current, theme)
        self._timer.start()

    def ready(self, page: QWidget) -> QWidget:
        """Return a page that is to be shown now, dressed."""
        if page in self._out:
            self._bring_back(page)
        return page

    def finish(self) -> None:
        """Bring back all; idempotent."""
        self._timer.stop()
        while self._out:
            self._bring_back(self._out[0])

    def _next(self) -> None:
        if self._out:
            self._bring_back(self._out[0])
            self._timer.start()

    def _bring_back(self, page: QWidget) -> None:
        self._out.remove(page)
        self._pages.addWidget(page)
        if self._theme is not None:
            self._dress(page, self._theme)
