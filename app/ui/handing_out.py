"""A session to take along: its report in the browser, or itself as a zip; made in a thread of its own."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.coach.errors import WorldError
from app.store.history import History
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
        open_url: shows a file in the browser.

    """

    told = Signal(str)
    _made = Signal(str, bool)

    def __init__(self, data_folder: Path, open_url: Callable[[QUrl], object] = QDesktopServices.openUrl) -> None:
        super().__init__()
        self._folder, self._open_url = data_folder, open_url
        self._work = ThreadPoolExecutor(1, thread_name_prefix="handing out")
        self._made.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def report(self, session: str) -> None:
        """Make the report of a session and open it in the browser."""
        self._work.submit(self._do, lambda: self._write_report(session), True)

    def export(self, session: str, path: Path) -> None:
        """Write a session as a zip."""
        self._work.submit(self._do, lambda: self._write_zip(session, path), False)

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
        """Finish what is under way; idempotent."""
        self._work.shutdown(wait=True, cancel_futures=True)

    def _write_report(self, session: str) -> Path:
        from app.store.atomic import write_bytes
        from app.store.report.page import encoded, session_page

        with History(self._folder) as history:
            # Beside what was recorded: it is deleted with it.
            path = history.folder(session) / f"hingecoach-{history.find(session).id}.html"
            write_bytes(path, encoded(session_page(history, session)), private=True)
        return path

    def _write_zip(self, session: str, path: Path) -> Path:
        from app.store.session_zip import export_session

        with History(self._folder) as history:
            export_session(history, session, path)
        return path

    def _do(self, make: Callable[[], Path], opened: bool) -> None:
        """Run in the thread."""
        try:
            self._made.emit(str(make()), opened)
        except WorldError as error:
            self.told.emit(str(error))
        except Exception:
            logger.exception("a report or zip could not be made")
            self.told.emit(tr("Something went wrong inside Hinge Coach. The log file has the details."))

    def _take(self, path: str, opened: bool) -> None:
        if opened:
            self._open_url(QUrl.fromLocalFile(path))
        self.told.emit(tr("Written: {path}").format(path=path))
