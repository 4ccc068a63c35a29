"""The words of the window in the user's language: `tr` when they are shown, `mark` where they are only kept."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

#: The one context of the catalogue.
CONTEXT = "hingecoach"


def tr(words: str, sense: str = "") -> str:
    """Return ``words`` in the language that is installed; unchanged where it has none.

    ``sense`` tells apart what English calls by one word: the catalogue then holds "words [sense]".
    """
    return QCoreApplication.translate(CONTEXT, words, sense)


def mark(words: str) -> str:
    """Return ``words`` as they are: they are for the catalogue, and translated where they are shown."""
    return words
