"""Ask for a clip without stopping anything: the picture goes on behind the dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

_KINDS = "Clips and landmarks (*.mp4 *.mov *.avi *.mkv *.webm *.m4v *.trc);;All files (*)"


def ask_for_clip(parent: QWidget, start: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Open the dialog at ``start`` and call ``chosen`` with the path, if one is chosen; returns at once."""
    dialog = QFileDialog(parent, "Open a clip", start, _KINDS)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(chosen)
    dialog.open()
    return dialog
