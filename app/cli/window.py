"""Opening the window with everything it is given: sessions for choices, the list of cameras."""

from __future__ import annotations

from typing import TYPE_CHECKING

import app as package

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.session import Session
    from app.ui.choice import Choice


def open_window(
    make_session: Callable[[Choice], Session], choice: Choice, seconds: float | None = None, restore: bool = False
) -> int:
    """Show the window until it is closed or for ``seconds``; return the exit code.

    Ask `app.cli.display.why_no_window` first. ``restore``: begin with the source of last time.
    """
    package.keep_opencv_out_of_qt()
    from app.ui.window import run_window

    return run_window(make_session, choice, seconds, list_cameras=_cameras, restore=restore)


def _cameras() -> list[tuple[int | str, str]]:
    from app.capture.cameras import list_cameras

    return [(camera.index, camera.name or f"Camera {camera.index}") for camera in list_cameras()]
