"""Ask for a clip without stopping anything: the picture goes on behind the dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

_CLIPS = "*.mp4 *.mov *.avi *.mkv *.webm *.m4v *.trc"


def ask_for_clip(parent: QWidget, start: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Open the dialog at ``start`` and call ``chosen`` with the path, if one is chosen; returns at once."""
    kinds = f"{tr('Clips and landmarks')} ({_CLIPS});;{tr('All files')} (*)"
    dialog = QFileDialog(parent, tr("Open a clip"), start, kinds)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(chosen)
    dialog.open()
    return dialog
