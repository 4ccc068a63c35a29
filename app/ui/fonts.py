"""Whether there is any font: a bare container has none, Qt brings none, and words would be empty boxes."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase

#: What Qt answers without any font: names of families, not fonts.
_ALIASES = frozenset({"Monospace", "Sans Serif", "Serif", "Sans"})


def fonts_problem() -> str:
    """Return what to do where no font is installed, "" otherwise; needs a QGuiApplication."""
    if set(QFontDatabase.families()) <= _ALIASES:
        return "no font is installed, words are drawn as boxes: apt install fonts-dejavu-core"
    return ""
