"""A catalogue of plain English to plain other words: for the window, and for pages that are made without one.

A catalogue is a JSON file ``assets/i18n/CODE.json``: {English: translation}, as `docs/make_words.py` writes it. What it
does not hold stays English. Words that come from the coach are put together already when they are shown or spoken:

- an entry with ``{name}`` in it also translates words that were filled in: their values are taken out, translated
  themselves if they are words, and put in;
- what begins with a capital letter is also looked for without it ("One step" in a sentence that begins with it);
- several sentences are looked for one by one where the whole is not known ("3. Hips further back").
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Final

from app.store.assets import asset_path

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The language in which the program is written, and those it has a catalogue of.
OWN: Final = "en"
OTHERS: Final = ("es",)
FOLDER: Final = "i18n"
#: A text with fewer letters of its own than this around its slots would fit almost anything.
_LEAST_LETTERS: Final = 4
#: No text of ours is longer when it is filled in. What came from elsewhere may be, and would take seconds.
_LONGEST: Final = 500
_REMEMBERED: Final = 2000
_BETWEEN_SENTENCES: Final = re.compile(r"(?<=[.!?]) +")


class Catalogue:
    """Translations of one language.

    Args:
        entries: English to translation; an empty translation counts as none.

    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = {english: other for english, other in entries.items() if other}
        patterns = [_pattern(english) for english in self._entries if "{" in english]
        # The more of its own words a text has, the surer it is the one.
        self._patterns = sorted((one for one in patterns if one[0] >= _LEAST_LETTERS), key=lambda one: -one[0])
        self._remembered = lru_cache(_REMEMBERED)(self._look_up)

    def translated(self, english: str) -> str | None:
        """Return the translation, None where there is none."""
        return self._remembered(english)

    def _look_up(self, english: str) -> str | None:
        found = self._whole(english)
        if found is None and english[:1].isupper():
            found = self._whole(english[0].lower() + english[1:])
            found = None if found is None else found[:1].upper() + found[1:]
        if found is None:
            found = self._of_a_path(english)
        return self._by_sentence(english) if found is None else found

    def _of_a_path(self, english: str) -> str | None:
        """Return what is told of a path ("/data/history.db: the disk is full."), None where it is nothing like that."""
        path, colon, told = english.partition(": ")
        if not colon or not ("/" in path or "\\" in path):
            return None
        end = "." if told.endswith(".") else ""
        other = self.translated(told) or self.translated(told.removesuffix(end))
        return None if other is None else f"{path}: {other.removesuffix(end)}{end}"

    def _by_sentence(self, english: str) -> str | None:
        """Return the text with those of its sentences translated that are known; None: none is, or it is only one."""
        parts = _BETWEEN_SENTENCES.split(english)
        found = [self.translated(part) for part in parts] if len(parts) > 1 else []
        if not any(found):
            return None
        return " ".join(other or part for other, part in zip(found, parts, strict=True))

    def _value(self, value: str) -> str:
        """Return what was filled in, translated as far as it is known: all of it, or each part of a list."""
        found = self.translated(value)
        if found is None and ", " in value:
            found = ", ".join(self.translated(part) or part for part in value.split(", "))
        return value if found is None else found

    def _whole(self, english: str) -> str | None:
        exact = self._entries.get(english)
        if exact is not None:
            return exact
        for _, pattern, names, key in self._patterns if len(english) <= _LONGEST else ():
            match = pattern.fullmatch(english)
            if match is not None:
                values = {name: self._value(value) for name, value in zip(names, match.groups(), strict=True)}
                return _filled(self._entries[key], values)
        return None


def _pattern(english: str) -> tuple[int, re.Pattern[str], tuple[str, ...], str]:
    """Return how many letters a text with slots has of its own, what it looks like filled in, its slots, the text."""
    letters, parts, names = 0, [], []
    for literal, name, _, _ in Formatter().parse(english):
        letters += sum(sign.isalpha() for sign in literal)
        parts.append(re.escape(literal))
        if name is not None:
            parts.append("(.+?)")
            names.append(name)
    return letters, re.compile("".join(parts), re.DOTALL), tuple(names), english


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with its slots filled; how a number is to be written was settled before."""
    parts = []
    for literal, name, _, _ in Formatter().parse(text):
        parts.append(literal)
        if name is not None:
            parts.append(values.get(name, ""))
    return "".join(parts)


def load_catalogue(language: str) -> dict[str, str]:
    """Return the entries of a language.

    Raises:
        FileNotFoundError: there is no such catalogue.
        ValueError: it cannot be read as one.

    """
    tree = json.loads(asset_path(FOLDER, f"{language}.json").read_text(encoding="utf-8"))
    if not isinstance(tree, dict) or not all(isinstance(words, str) for words in tree.values()):
        raise ValueError("a catalogue is a table of texts")
    return tree
