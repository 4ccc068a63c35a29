"""What the window offers to its keys and pages; they know this, not the window itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.session import Session
    from app.ui.audio import CueAudio
    from app.ui.choice import Choice
    from app.ui.host import SessionHost
    from app.ui.keys import Shortcuts
    from app.ui.live_session import LiveSession
    from app.ui.live_view import LiveView
    from app.ui.pointing import Pointing
    from app.ui.prefs import Prefs
    from app.ui.screens import SceneDetail, Screen
    from app.ui.theme import Theme, ThemeChoice
    from app.ui.toolbar import Toolbar
    from app.ui.video_view import VideoView


class Shell(Protocol):
    """The window as its parts see it.

    Attributes:
        current: the screen that is shown. choice: what is looked at, and how.
        delay_s: how late the picture is shown, None: it is not.

    """

    prefs: Prefs
    theme: Theme
    audio: CueAudio
    choice: Choice
    current: Screen
    delay_s: float | None
    host: SessionHost
    running_session: LiveSession
    live: LiveView
    video: VideoView
    bar: Toolbar
    pointing: Pointing
    shortcuts: Shortcuts

    @property
    def is_running(self) -> bool:
        """Whether a session runs or is about to."""

    @property
    def detail(self) -> SceneDetail:
        """How much the live screens show."""

    def go_to(self, screen: Screen) -> None:
        """Show another screen."""

    def start_or_stop(self) -> None:
        """Start where nothing runs, else stop."""

    def ask(self, request: Callable[[Session], object]) -> None:
        """Ask the running session for something; nothing where none runs."""

    def calibrate(self) -> None:
        """Take a new standing reference."""

    def choose(self, choice: Choice) -> None:
        """Take another source or drill, and start."""

    def reconsider(self, choice: Choice) -> None:
        """Take another choice: at once where a session runs, else with the next start."""

    def write_words(self) -> None:
        """Write what depends on the keys."""

    def use_theme(self, choice: ThemeChoice) -> None:
        """Use another theme and remember it."""

    def toggle_full_screen(self) -> None:
        """Enter or leave full screen."""

    def leave_full_screen(self) -> None:
        """Leave full screen."""
