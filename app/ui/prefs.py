"""What the window remembers from one day to the next, each with its type: geometry, habits, keys, the last choice.

The file has a version. One without is brought up to date when it is opened; one of a newer app is left alone, and the
window lives with the defaults. A value that cannot be read counts as not there.
"""

from __future__ import annotations

import json
import logging
import math
import os
from dataclasses import asdict, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from PySide6.QtCore import QByteArray, QSettings

from app.capture.clip_facts import LEAST_FACTOR, MOST_FACTOR
from app.coach.report import Mode
from app.coach.types import Facing
from app.store.atomic import keep_private
from app.store.paths import DATA_VARIABLE, data_folder
from app.store.people import LEAST_DROP_CM, LEAST_HEIGHT_CM, MOST_DROP_CM, MOST_HEIGHT_CM, MOST_NAME
from app.ui.choice import Choice, SourceKind
from app.ui.screens import LIVE, SceneDetail, Screen
from app.ui.theme import ThemeChoice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QMainWindow, QSplitter

logger = logging.getLogger(__name__)

#: Of the file's form; `_MIGRATIONS` leads up to it.
VERSION: Final = 2
#: How far behind the delayed mirror may be, and is.
LEAST_DELAY_S, MOST_DELAY_S, USUAL_DELAY_S = 3.0, 10.0, 5.0
#: Languages to choose from; "" = the system's.
LANGUAGES: Final = ("", "en", "es")
USUAL_DROP_CM: Final = 2.54

#: What a value of the file that makes no sense shows as.
_NONSENSE: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Units(StrEnum):
    """In what lengths are shown; both can always be typed."""

    METRIC = "metric"
    IMPERIAL = "imperial"


def default_settings() -> QSettings:
    """Return the user's own settings store: an .ini file, so that it can be read and deleted.

    It is where the platform keeps such files, or in the one folder that `DATA_VARIABLE` names; its owner's alone.
    """
    if os.environ.get(DATA_VARIABLE, ""):
        settings = QSettings(str(data_folder() / "settings.ini"), QSettings.Format.IniFormat)
    else:
        settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "HingeCoach", "HingeCoach")
    keep_private(Path(settings.fileName()))  # Qt leaves a file's owner rights as they are
    return settings


class Kept(Generic[T]):
    """One remembered value of `Prefs`, as an attribute: read when asked for, written when set.

    Args:
        key: in the file. default: what holds where nothing is kept, or nothing that can be read.
        read: makes the value of what is kept; raises ValueError or TypeError for what is none.
        write: makes what is kept of the value.

    """

    def __init__(self, key: str, default: T, read: Callable[[Any], T], write: Callable[[T], object] = str) -> None:
        self.key, self._default, self._read, self._write = key, default, read, write

    def __get__(self, prefs: Prefs, _owner: type[Prefs]) -> T:
        kept = prefs.value(self.key)
        if kept is None:
            return self._default
        try:
            return self._read(kept)
        except _NONSENSE as error:
            logger.warning("the setting %s was not understood and is forgotten: %s", self.key, error)
            return self._default

    def __set__(self, prefs: Prefs, value: T) -> None:
        prefs.set_value(self.key, self._write(value))


def _one_of(kind: type[E]) -> Callable[[Any], E]:
    return lambda kept: kind(str(kept))


def _language(kept: Any) -> str:
    if kept not in LANGUAGES:
        raise ValueError(f"{kept!r} is no language of this app")
    return str(kept)


def _number(least: float, most: float) -> Callable[[Any], float]:
    def read(kept: Any) -> float:
        number = float(kept)
        if not (math.isfinite(number) and least <= number <= most):
            raise ValueError(f"{number:g} is not {least:g} to {most:g}")
        return number

    return read


def _height(kept: Any) -> float | None:
    return None if kept == "" else _number(LEAST_HEIGHT_CM, MOST_HEIGHT_CM)(kept)


def _keep_height(height_cm: float | None) -> object:
    return "" if height_cm is None else height_cm


def _flag(kept: Any) -> bool:
    return str(kept).lower() in ("true", "1")


def _name(kept: Any) -> str:
    if not isinstance(kept, str) or len(kept) > MOST_NAME or not (kept == "" or kept.isprintable()):
        raise ValueError("no name")
    return kept


def _table(kept: Any) -> dict[str, Any]:
    table = json.loads(str(kept))
    if not isinstance(table, dict):
        raise TypeError("not a table of fields")
    return table


def _texts(kept: Any) -> dict[str, str]:
    table = _table(kept)
    if not all(isinstance(text, str) for text in table.values()):
        raise TypeError("not a table of texts")
    return table


class Prefs:
    """Typed access to the settings.

    Attributes:
        newer: the file is of a newer app: nothing of it is read, nothing is written.
        theme, language: as chosen; language "" = the system's.
        sound: fields of the sound choice (`app.ui.audio`), {} = nothing chosen yet.
        keys: key by wish, where it is not the usual one (`app.ui.keys`).
        runner, height_cm, drop_cm: who runs, how tall, how far below standing the roof is; "" and None: not told.
        units: of lengths on the screen.
        delay_s: how far behind the delayed mirror is. layout: of the live screens.
        countdown: whether it counts down before a set.
        keep_video: of each session, off unless it is asked for.

    """

    theme = Kept("theme", ThemeChoice.SYSTEM, _one_of(ThemeChoice))
    language = Kept("language", "", _language)
    sound: Kept[Mapping[str, Any]] = Kept("sound", {}, _table, json.dumps)
    keys: Kept[Mapping[str, str]] = Kept("keys", {}, _texts, json.dumps)
    runner = Kept("runner", "", _name)
    height_cm: Kept[float | None] = Kept("height_cm", None, _height, _keep_height)
    drop_cm = Kept("drop_cm", USUAL_DROP_CM, _number(LEAST_DROP_CM, MOST_DROP_CM), float)
    units = Kept("units", Units.METRIC, _one_of(Units))
    delay_s = Kept("delay_s", USUAL_DELAY_S, _number(LEAST_DELAY_S, MOST_DELAY_S), float)
    layout = Kept("layout", SceneDetail.RUNNER, _one_of(SceneDetail))
    countdown = Kept("countdown", True, _flag, bool)
    mirror = Kept("mirror", False, _flag, bool)
    mute = Kept("mute", False, _flag, bool)
    keep_video = Kept("keep_video", False, _flag, bool)

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings
        self._while_open: dict[str, object] = {}  # instead of the file of a newer app
        version = _version_of(settings)
        self.newer = version > VERSION
        if self.newer:
            logger.warning(
                "the settings in %s are of a newer Hinge Coach: they are left alone, and what you change now lasts "
                "until the window is closed",
                settings.fileName(),
            )
            return
        for step in range(version, VERSION):
            _MIGRATIONS[step](settings)
        if version < VERSION:
            settings.setValue("version", VERSION)

    @property
    def file(self) -> str:
        """Where everything is kept."""
        return self._settings.fileName()

    def value(self, key: str) -> Any:
        """Return what is kept under ``key`` as it was read, None for nothing."""
        return self._while_open.get(key) if self.newer else self._settings.value(key)

    def set_value(self, key: str, value: object) -> None:
        """Keep ``value`` under ``key``."""
        if self.newer:
            self._while_open[key] = value
        else:
            self._settings.setValue(key, value)

    def sync(self) -> None:
        """Write to the file now."""
        if not self.newer:
            self._settings.sync()

    def remember_choice(self, choice: Choice) -> None:
        """Remember the last source."""
        self.set_value("choice", json.dumps(asdict(choice)))

    def last_choice(self, default: Choice) -> Choice:
        """Return the last source, ``default`` where there is none or it cannot be read."""
        text = self.value("choice")
        try:
            return choice_from(json.loads(str(text)), default) if text else default
        except _NONSENSE as error:
            logger.warning("the remembered source was not understood and is forgotten: %s", error)
            return default

    def remember_window(self, window: QMainWindow, splitter: QSplitter | None = None, screen: str = Screen.RUN) -> None:
        """Remember size and place, and the split of a screen."""
        self.set_value("geometry", window.saveGeometry())
        if splitter is not None:
            self.remember_split(splitter, screen)
        self.sync()

    def restore_window(self, window: QMainWindow, splitter: QSplitter | None = None, screen: str = Screen.RUN) -> bool:
        """Put the window where it was; False where nothing is remembered."""
        if splitter is not None:
            self.restore_split(splitter, screen)
        geometry = self.value("geometry")
        return isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)

    def remember_split(self, splitter: QSplitter, screen: str) -> None:
        """Remember how a screen is split."""
        self.set_value(f"split/{screen}", splitter.saveState())

    def restore_split(self, splitter: QSplitter, screen: str) -> bool:
        """Split a screen as it was; False where nothing is remembered."""
        split = self.value(f"split/{screen}")
        return isinstance(split, QByteArray) and splitter.restoreState(split)


def _version_of(settings: QSettings) -> int:
    """Return the version of a file: 1 of one that is older than versions, `VERSION` of an empty one."""
    if not settings.allKeys():
        settings.setValue("version", VERSION)
        return VERSION
    try:
        version = int(str(settings.value("version", 1)))
    except ValueError:
        return 1
    return version if version >= 1 else 1


def _name_the_splits(settings: QSettings) -> None:
    """From 1 to 2: there was one split, of the one screen."""
    split = settings.value("split")
    if split is not None:
        settings.remove("split")  # and with it all that is below
        for screen in LIVE:
            settings.setValue(f"split/{screen}", split)


#: From each version to the next.
_MIGRATIONS: Final[dict[int, Callable[[QSettings], None]]] = {1: _name_the_splits}


def choice_from(stored: Any, default: Choice) -> Choice:
    """Return a choice from its stored fields; unknown fields are ignored, missing ones are the default's.

    Raises ValueError, TypeError, ArithmeticError or LookupError where a value has the wrong form.
    """
    if not isinstance(stored, dict):
        raise TypeError("not a table of fields")
    known = {field.name for field in fields(Choice)}
    kept = {name: value for name, value in stored.items() if name in known}
    # A drill is chosen anew each time, and with it how often and how long it is done; the settings keep the last one.
    for name in ("drill", "reps", "sets", "rest_s", "keep_video"):
        kept.pop(name, None)
    # What was asked for now goes before what is remembered.
    if default.runner:
        kept.pop("runner", None)
    for name, read in _CHOSEN.items():
        if name in kept:
            kept[name] = read(kept[name])
    if Mode.DRILL in (kept.get("mode"), default.mode):
        kept.pop("mode", None)
    return replace(default, **kept)


def _or_none(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda kept: None if kept is None else read(kept)


def _text(kept: Any) -> str:
    if not isinstance(kept, str):
        raise TypeError("no text")
    return kept


def _whole(kept: Any) -> int:
    if type(kept) is not int or not 0 <= kept < _MOST_WHOLE:
        raise TypeError("no whole number")
    return kept


def _yes_or_no(kept: Any) -> bool:
    if not isinstance(kept, bool):
        raise TypeError("neither yes nor no")
    return kept


def _size(kept: Any) -> tuple[int, int]:
    width, height = (_number(*_SIDES_PX)(side) for side in kept)
    return int(width), int(height)


_MOST_WHOLE: Final = 2**31
#: Of a picture, and frames a second, as on the command line.
_SIDES_PX: Final = (16.0, 7680.0)
_RATES: Final = (1.0, 240.0)
#: How each remembered field of a `Choice` is read.
_CHOSEN: Final[Mapping[str, Callable[[Any], object]]] = {
    "kind": _one_of(SourceKind),
    "camera": lambda kept: _text(kept) if isinstance(kept, str) else _whole(kept),
    "size_px": _size,
    "fps": _number(*_RATES),
    "act": _text,
    "path": _text,
    "mode": _one_of(Mode),
    "facing": _one_of(Facing),
    "height_cm": _or_none(_number(LEAST_HEIGHT_CM, MOST_HEIGHT_CM)),
    "mirror": _or_none(_yes_or_no),
    "seed": _whole,
    "oracle": _yes_or_no,
    "slowmo_factor": _or_none(_number(LEAST_FACTOR, MOST_FACTOR)),
    "drop_cm": _or_none(_number(LEAST_DROP_CM, MOST_DROP_CM)),
    "runner": _name,
}
