"""A session to take along: its report in the browser, or itself as a zip, made in a thread of its own; its video."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.coach.errors import WorldError
from app.store.history import History
from app.ui.language import installed_language
from app.ui.side_work import SideWork
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

logger = logging.getLogger(__name__)


class HandingOut(QObject):
    """Makes reports and zips.

    Attributes:
        told: emits one line for the user, in the window's thread.

    Args:
        data_folder: of the app.
        open_url: shows a file in the browser, or in the player; False where it cannot.

    """

    told = Signal(str)
    _made = Signal(str, bool)
    _found = Signal(str)

    def __init__(self, data_folder: Path, open_url: Callable[[QUrl], object] = QDesktopServices.openUrl) -> None:
        super().__init__()
        self._folder, self._open_url = data_folder, open_url
        self._work = SideWork("handing out")
        self._made.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._found.connect(self._play, Qt.ConnectionType.QueuedConnection)

    def report(self, session: str) -> None:
        """Make the report of a session and open it in the browser."""
        self._work.submit(self._do, partial(self._write_report, session, installed_language()), True)

    def export(self, session: str, path: Path) -> None:
        """Write a session as a zip."""
        self._work.submit(self._do, lambda: self._write_zip(session, path), False)

    def play(self, session: str) -> None:
        """Have the system's player show the kept video of a session."""
        self._work.submit(self._do, lambda: self._video(session), None)

    def ask_where(self, parent: QWidget, session: str, chosen: Callable[[str], None]) -> QFileDialog:
        """Ask where the zip is to be; returns at once."""
        dialog = QFileDialog(parent, tr("Export the session"), f"hingecoach-{session}.zip", tr("Session (*.zip)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.fileSelected.connect(chosen)
        dialog.open()
        return dialog

    def close(self) -> None:
        """Finish what is under way, unless it takes long: a file is complete or not there at all. Idempotent."""
        self._work.close(drop=True)

    def _write_report(self, session: str, language: str) -> Path:
        from app.store.atomic import write_bytes
        from app.store.report.page import encoded, session_page
        from app.store.report.tongue import tongue_of

        tongue = tongue_of(language)
        with History(self._folder) as history:
            # Beside what was recorded: it is deleted with it.
            path = history.folder(session) / f"hingecoach-{history.find(session).id}.html"
            write_bytes(path, encoded(session_page(history, session, tongue)), private=True)
        return path

    def _write_zip(self, session: str, path: Path) -> Path:
        from app.store.session_zip import export_session

        with History(self._folder) as history:
            export_session(history, session, path)
        return path

    def _video(self, session: str) -> Path:
        from app.store.sessions.video_track import NAME

        with History(self._folder) as history:
            return history.folder(session) / NAME

    def _do(self, make: Callable[[], Path], opened: bool | None) -> None:
        """Run in the thread; ``opened``: None for something that is there already, and is shown."""
        try:
            path = str(make())
            if opened is None:
                self._found.emit(path)
            else:
                self._made.emit(path, opened)
        except WorldError as error:
            self.told.emit(str(error))
        except Exception:
            logger.exception("a report or zip could not be made")
            self.told.emit(tr("Something went wrong inside Hinge Coach. The log file has the details."))

    def _play(self, path: str) -> None:
        if not self._open_url(QUrl.fromLocalFile(path)):
            self.told.emit(tr("No player opens it here. The video is {path}").format(path=path))

    def _take(self, path: str, opened: bool) -> None:
        if opened:
            self._open_url(QUrl.fromLocalFile(path))
        self.told.emit(tr("Written: {path}").format(path=path))
