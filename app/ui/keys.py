"""The keys of the window: one table of wishes for the shortcuts, the editor and the page that lists them.

A wish is what a key asks for. `KeyMap` lays the user's own keys over the usual ones and refuses two wishes on one key
in the same place; `bind_keys` makes them work in a window, and what it returns binds them anew while it is open.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication

from app.coach.errors import WorldError
from app.ui.screens import LIVE, SCREEN_WORDS, Screen
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from PySide6.QtWidgets import QWidget

logger = logging.getLogger(__name__)

EVERYWHERE: Final = tuple(Screen)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that a key asks for.

    Attributes:
        id: its name in the program and in the settings.
        keys: the usual keys, as Qt writes them. words: what it does, to be translated when shown.
        where: on which screens. own: the page does it itself, and its keys stay as they are.
        repeats: whether a key that is held down asks again and again.

    """

    id: str
    keys: tuple[str, ...]
    words: str
    where: tuple[Screen, ...] = EVERYWHERE
    own: bool = False
    repeats: bool = False


_SETUP: Final = (Screen.SETUP,)
_GUIDED: Final = (Screen.SETUP, Screen.START_LINE, Screen.DRILLS)
_DRILLS: Final = (Screen.DRILLS,)
_REVIEW: Final = (Screen.REVIEW,)

WISHES: Final = (
    Wish("start_or_stop", ("Space",), mark("Start or stop"), LIVE),
    Wish("calibrate", ("C",), mark("Measure your standing height again"), LIVE),
    Wish("again", ("A",), mark("Begin the set-up, exam or drill again"), _GUIDED),
    Wish("mark", ("K",), mark("Mark this moment, to find it again"), LIVE),
    Wish("exchange_sides", ("X",), mark("Left and right leg are the wrong way round: exchange them"), LIVE),
    Wish("layout", ("L",), mark("Runner's or coach's layout"), LIVE),
    Wish("tunnel_only", ("U",), mark("Stay facing the camera: go on with the tunnel alone"), _SETUP),
    Wish("ghost", ("G",), mark("Your best stance as an outline"), LIVE),
    Wish("delay", ("D",), mark("Delayed mirror on and off"), LIVE),
    Wish("delay_more", ("]",), mark("Delayed mirror: longer"), LIVE, repeats=True),
    Wish("delay_less", ("[",), mark("Delayed mirror: shorter"), LIVE, repeats=True),
    Wish("next_drill", ("J",), mark("Next drill"), _DRILLS),
    Wish("skip_rest", ("N",), mark("End the rest now"), _DRILLS),
    Wish("add_rep", ("I",), mark("Count one repetition more"), _DRILLS),
    Wish("remove_rep", ("Backspace",), mark("Take the last repetition back"), _DRILLS),
    Wish("review_play", ("Space",), mark("Play or pause"), _REVIEW, own=True),
    Wish("review_back", ("Left",), mark("One picture back"), _REVIEW, own=True),
    Wish("review_on", ("Right",), mark("One picture on"), _REVIEW, own=True),
    Wish("review_step_back", ("PgUp",), mark("One step back"), _REVIEW, own=True),
    Wish("review_step_on", ("PgDown",), mark("One step on"), _REVIEW, own=True),
    Wish("review_first", ("Home",), mark("To the beginning"), _REVIEW, own=True),
    Wish("review_last", ("End",), mark("To the end"), _REVIEW, own=True),
    Wish("review_faster", ("Up",), mark("Play faster"), _REVIEW, own=True),
    Wish("review_slower", ("Down",), mark("Play slower"), _REVIEW, own=True),
    Wish("mute", ("M",), mark("Sound off and on")),
    Wish("louder", ("+", "="), mark("Louder"), repeats=True),
    Wish("softer", ("-",), mark("Softer"), repeats=True),
    Wish("mirror", ("R",), mark("Mirror the picture, not the words")),
    Wish("theme", ("T",), mark("Dark, light or as the system")),
    Wish("full_screen", ("F11", "F"), mark("Full screen")),
    Wish("leave_full_screen", ("Esc",), mark("Leave full screen")),
    *(
        Wish(f"screen_{screen}", (str(number),), SCREEN_WORDS[screen][0])
        for number, screen in enumerate((*LIVE, Screen.REVIEW, Screen.HISTORY, Screen.SETTINGS, Screen.ABOUT), 1)
    ),
    Wish("keys_help", ("?", "F1"), mark("Show the keys")),
)

BY_ID: Final[Mapping[str, Wish]] = MappingProxyType({wish.id: wish for wish in WISHES})

#: Keys that move between the controls or press one: no wish may have them.
_NOT_FREE: Final = ("Tab", "Shift+Tab", "Return", "Enter")
_MODIFIERS: Final = ("Shift", "Control", "Meta", "Alt", "AltGr", "CapsLock", "NumLock", "ScrollLock")


def wish_words(wish: str) -> str:
    """Return what a wish is, in the present language. Raises KeyError for what is no wish."""
    words = tr(BY_ID[wish].words)
    return tr("Go to “{screen}”").format(screen=words) if wish.startswith("screen_") else words


class KeyTakenError(WorldError):
    """A key cannot be given to a wish; the message says why."""


def tidy_key(key: str) -> str:
    """Return one key as Qt writes it, "" for what is none (or more than one after the other)."""
    sequence = QKeySequence(key, QKeySequence.SequenceFormat.PortableText)
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    return "" if sequence.count() != 1 or text in _MODIFIERS else text


def key_label(key: str) -> str:
    """Return what a key is called on this machine."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


class KeyMap:
    """Which key asks for what. Never changed: `with_key` and `without` return another one.

    Args:
        overrides: key by wish, where it is not the usual one; "" = the wish has no key. What is no wish, no key or
            would put two wishes on one key is left out, and told in ``problems``.

    Attributes:
        overrides: those that hold. problems: one line for each that does not.

    """

    def __init__(self, overrides: Mapping[str, str] | None = None) -> None:
        self.overrides: dict[str, str] = {}
        problems: list[str] = []
        for wish, key in (overrides or {}).items():
            tidy = tidy_key(key)
            if wish not in BY_ID or BY_ID[wish].own or (key and not tidy) or tidy in _NOT_FREE:
                problems.append(f"{wish}: {key!r}")
            else:
                self.overrides[wish] = tidy
        # All at once, so that two wishes may have exchanged their keys.
        problems += self._without_conflicts()
        self.problems = tuple(problems)
        for problem in problems:
            logger.warning("a key of the settings cannot be used and is left out: %s", problem)

    def keys_of(self, wish: str) -> tuple[str, ...]:
        """Return the keys that ask for a wish. Raises KeyError for what is no wish."""
        usual = BY_ID[wish].keys
        if wish not in self.overrides:
            return usual
        key = self.overrides[wish]
        return (key,) if key else ()

    def hint(self, wish: str) -> str:
        """Return the keys of a wish for a tooltip or a list, as they are called on this machine; "" for none."""
        return tr(" or ").join(key_label(key) for key in self.keys_of(wish))

    def refusal(self, wish: str, key: str) -> str:
        """Return why ``wish`` cannot have ``key``, in one line to show; "" where it can."""
        tidy = tidy_key(key)
        if not tidy:
            return tr("This is not one key.")
        if BY_ID[wish].own:
            return tr("This key belongs to the page and stays as it is.")
        if tidy in _NOT_FREE:
            return tr("{key} moves between the controls or presses one: choose another key.").format(
                key=key_label(tidy)
            )
        other = self._taken_by(BY_ID[wish], tidy)
        if other is not None:
            line = tr("{key} is taken: “{words}”. Choose another key, or give that one another key first.")
            return line.format(key=key_label(tidy), words=wish_words(other.id))
        return ""

    def with_key(self, wish: str, key: str) -> KeyMap:
        """Return the map with ``key`` in place of those of ``wish``. Raises KeyTakenError, KeyError."""
        refusal = self.refusal(wish, key)
        if refusal:
            raise KeyTakenError(refusal)
        overrides = {name: other for name, other in self.overrides.items() if name != wish}
        tidy = tidy_key(key)
        return KeyMap(overrides if BY_ID[wish].keys == (tidy,) else {**overrides, wish: tidy})

    def without(self, wish: str) -> KeyMap:
        """Return the map with the usual keys of ``wish``. Raises KeyTakenError where another has one now."""
        for key in BY_ID[wish].keys:
            refusal = self.refusal(wish, key)
            if refusal:
                raise KeyTakenError(refusal)
        return KeyMap({name: key for name, key in self.overrides.items() if name != wish})

    def _without_conflicts(self) -> list[str]:
        """Take away overrides until no two wishes have one key, the newest first; return those as lines."""
        taken: list[str] = []
        while clash := next(filter(self._clashes, reversed(list(self.overrides))), ""):
            taken.append(f"{clash}: {self.overrides.pop(clash)!r}")
        return taken

    def _clashes(self, wish: str) -> bool:
        return any(self._taken_by(BY_ID[wish], key) for key in self.keys_of(wish))

    def _taken_by(self, wish: Wish, key: str) -> Wish | None:
        """Return another wish that has ``key`` on a screen where ``wish`` can be asked for."""
        for other in WISHES:
            if other.id != wish.id and key in self.keys_of(other.id) and set(other.where) & set(wish.where):
                return other
        return None


class Shortcuts:
    """The keys as they work in one window; made by `bind_keys`.

    Attributes:
        keymap: what they are bound by.

    """

    def __init__(self, window: QWidget, wishes: Mapping[str, Callable[[], object]], keymap: KeyMap) -> None:
        self._window, self._wishes = window, dict(wishes)
        self._screen: Screen | None = None
        self._by_wish: dict[str, list[QShortcut]] = {}
        self.rebind(keymap)

    def rebind(self, keymap: KeyMap) -> None:
        """Use other keys from now on."""
        self.keymap = keymap
        for shortcut in self.all():
            # Disabled first: it is deleted only when Qt comes round to it.
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._by_wish = {wish: [self._bound(BY_ID[wish], key) for key in keymap.keys_of(wish)] for wish in self._wishes}
        self.show_screen(self._screen)

    def show_screen(self, screen: Screen | None) -> None:
        """Let only those keys work that have a meaning on ``screen``; None: all of them."""
        self._screen = screen
        for wish, shortcuts in self._by_wish.items():
            for shortcut in shortcuts:
                shortcut.setEnabled(screen is None or screen in BY_ID[wish].where)

    def all(self) -> Iterable[QShortcut]:
        """Return every shortcut there is now."""
        return [shortcut for shortcuts in self._by_wish.values() for shortcut in shortcuts]

    def of(self, wish: str) -> list[QShortcut]:
        """Return the shortcuts of one wish."""
        return self._by_wish.get(wish, [])

    def _bound(self, wish: Wish, key: str) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self._window)
        shortcut.setAutoRepeat(wish.repeats)
        shortcut.activated.connect(partial(self._asked, wish.id, key))
        return shortcut

    def _asked(self, wish: str, key: str) -> None:
        button = _button_in_hand() if key == "Space" else None
        if button is not None:
            button.click()
        else:
            self._wishes[wish]()


def _button_in_hand() -> QAbstractButton | None:
    """Return the button that was reached with Tab: Space presses that one, as it does in every program.

    After a click with the mouse the button has the focus too, but then Space is meant for the window.
    """
    widget = QApplication.focusWidget()
    if not isinstance(widget, QAbstractButton) or not widget.isEnabled():
        return None
    by_keyboard = widget.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    return widget if by_keyboard else None


def bind_keys(window: QWidget, wishes: Mapping[str, Callable[[], object]], keymap: KeyMap | None = None) -> Shortcuts:
    """Make the keys work in ``window``; `Shortcuts.rebind` changes them, `Shortcuts.show_screen` follows the screen.

    Args:
        window: where they work.
        wishes: a function for each wish that the window can fulfil.
        keymap: the keys; the usual ones if None.

    Raises:
        KeyError: there is no such wish.
        ValueError: a page fulfils the wish itself.

    """
    own = [wish for wish in wishes if BY_ID[wish].own]
    if own:
        raise ValueError(f"the page itself fulfils {', '.join(own)}")
    return Shortcuts(window, wishes, keymap if keymap is not None else KeyMap())
