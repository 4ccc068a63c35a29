"""The app's own icon, for the window and the task bar; drawn by `assets/make_icon.py`."""

from __future__ import annotations

from PySide6.QtGui import QIcon

from app.store.assets import asset_path


def app_icon() -> QIcon:
    """Return the icon in every size there is, so that the small ones are the ones drawn for it.

    Raises:
        FileNotFoundError: the assets are missing; says what to do.

    """
    icon = QIcon()
    for path in sorted(asset_path("icons").glob("*.png")):
        icon.addFile(str(path))
    return icon
