"""The pages beside the live screens: each is made when it is first shown, or soon after the window is.

Half of the time in which a window is made would go into pages that nobody sees yet. To make them at their first visit
only would hold up a session that runs then; so they are made one by one, when the first picture is likely to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

from app.ui.screens import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.ui.pages.about_page import AboutPage
    from app.ui.pages.history_page import HistoryPage
    from app.ui.pages.review_page import ReviewPage
    from app.ui.pages.settings_page import SettingsPage

    Page = ReviewPage | HistoryPage | SettingsPage | AboutPage

#: From the window to the first turn, and between one and the next, so that the live picture comes in between.
FIRST_MS: Final = 600
TURN_MS: Final = 50
#: What takes longest to be loaded has a turn of its own; the rest comes with the pages.
MODULES: Final = tuple(
    f"app.ui.pages.{name}"
    for name in ("history_list", "history_detail", "history_page", "review_page", "settings_page", "about_page")
)


class LatePages(Mapping[Screen, "Page"]):
    """The pages by their screens; to look one up makes it.

    Args:
        makers: make one each, in the order of the turns. added: told of each that is made.

    """

    def __init__(self, makers: Mapping[Screen, Callable[[], Page]], added: Callable[[Page], object]) -> None:
        self._makers, self._added = makers, added
        self._made: dict[Screen, Page] = {}
        self._modules = list(MODULES)
        self._timer = QTimer(singleShot=True)
        self._timer.timeout.connect(self._next)

    def __getitem__(self, screen: Screen) -> Page:
        """Return a page, made now where it was not there yet."""
        if screen not in self._made:
            page = self._made[screen] = self._makers[screen]()
            self._added(page)
        return self._made[screen]

    def __iter__(self) -> Iterator[Screen]:
        """Go through the screens that have a page."""
        return iter(self._makers)

    def __len__(self) -> int:
        """Return how many pages there are in the end."""
        return len(self._makers)

    def __contains__(self, screen: object) -> bool:
        """Return whether a screen has a page, made or not."""
        return screen in self._makers

    def made(self) -> Mapping[Screen, Page]:
        """Return the pages that are there."""
        return self._made

    def begin(self) -> None:
        """The window is shown: make what is left, a module or a page a turn."""
        self._timer.start(FIRST_MS)

    def stop(self) -> None:
        """Make no more by itself; idempotent."""
        self._timer.stop()

    def _next(self) -> None:
        waiting = [screen for screen in self._makers if screen not in self._made]
        if self._modules:
            import_module(self._modules.pop(0))
        elif waiting:
            self[waiting[0]]
        if self._modules or waiting:
            self._timer.start(TURN_MS)
