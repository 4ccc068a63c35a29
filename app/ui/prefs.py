"""What the window remembers from one day to the next: geometry, mute, mirror, theme and the last choice."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QSettings

from app.coach.report import Mode
from app.coach.types import Facing
from app.ui.choice import Choice, SourceKind
from app.ui.theme import ThemeChoice

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QSplitter

logger = logging.getLogger(__name__)


def default_settings() -> QSettings:
    """Return the user's own settings store (an .ini file, so that it can be read and deleted)."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "HingeCoach", "HingeCoach")


class Prefs:
    """Typed access to the settings; a value that cannot be read counts as not there."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a remembered yes or no."""
        return str(self._settings.value(name, default)).lower() in ("true", "1")

    def set_flag(self, name: str, value: bool) -> None:
        """Remember a yes or no."""
        self._settings.setValue(name, value)

    @property
    def theme(self) -> ThemeChoice:
        """The remembered theme choice."""
        value = str(self._settings.value("theme", ThemeChoice.SYSTEM.value))
        return ThemeChoice(value) if value in set(ThemeChoice) else ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._settings.setValue("theme", choice.value)

    def remember_choice(self, choice: Choice) -> None:
        """Remember the last source."""
        self._settings.setValue("choice", json.dumps(asdict(choice)))

    def last_choice(self, default: Choice) -> Choice:
        """Return the last source, ``default`` where there is none or it cannot be read."""
        text = self._settings.value("choice", "")
        try:
            return choice_from(json.loads(str(text)), default) if text else default
        except (ValueError, TypeError, KeyError) as error:
            logger.warning("the remembered source was not understood and is forgotten: %s", error)
            return default

    def remember_window(self, window: QMainWindow, splitter: QSplitter) -> None:
        """Remember size, place and the split."""
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.setValue("split", splitter.saveState())
        self._settings.sync()

    def restore_window(self, window: QMainWindow, splitter: QSplitter) -> bool:
        """Put the window where it was; False where nothing is remembered."""
        split, geometry = self._settings.value("split"), self._settings.value("geometry")
        if isinstance(split, QByteArray):
            splitter.restoreState(split)
        return isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)


def choice_from(stored: Any, default: Choice) -> Choice:
    """Return a choice from its stored fields; unknown fields are ignored, missing ones are the default's.

    Raises ValueError, TypeError or KeyError where a value has the wrong form.
    """
    if not isinstance(stored, dict):
        raise TypeError("not a table of fields")
    known = {field.name for field in fields(Choice)}
    kept = {name: value for name, value in stored.items() if name in known}
    if "kind" in kept:
        kept["kind"] = SourceKind(kept["kind"])
    # A drill is chosen anew each time, and one that was asked for now goes before what is remembered.
    kept.pop("drill", None)
    if "mode" in kept:
        kept["mode"] = Mode(kept["mode"])
        if Mode.DRILL in (kept["mode"], default.mode):
            del kept["mode"]
    if "facing" in kept:
        kept["facing"] = Facing(kept["facing"])
    if "size_px" in kept:
        width, height = kept["size_px"]
        kept["size_px"] = (int(width), int(height))
    return replace(default, **kept)
