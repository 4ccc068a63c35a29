"""The words of the set-up guide: data in ``setup.toml``, read once."""

from __future__ import annotations

import pkgutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any


class CheckId(StrEnum):
    """What is checked before anything is measured."""

    RATE = "rate"
    LIGHT = "light"
    STEADY = "steady"
    PERSON = "person"
    SIZE = "size"
    FRAME = "frame"
    COVERED = "covered"
    SIDE = "side"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Words:
    """One thing to say: for the screen, for the voice (the next wording at each repetition), for the list."""

    shown: str
    spoken: tuple[str, ...]
    fix: str = ""


@dataclass(frozen=True, slots=True)
class CheckWords:
    """A check's title, its line when passed, and the words for each way to fail, by code."""

    title: str
    passed: str
    ways: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class SetupWords:
    """All words. ``checks`` is in the order in which things are put right; ``said`` by name."""

    checks: Mapping[CheckId, CheckWords]
    said: Mapping[str, Words]


@cache
def setup_words() -> SetupWords:
    """Return the words that come with the app; read once."""
    # Not by importlib.resources, whose import takes 20 ms.
    data = pkgutil.get_data("app.coach", "setup.toml")
    assert data is not None, "the package's loader has no data"
    return parse_words(data.decode())


def parse_words(text: str) -> SetupWords:
    """Return the words in ``text``. Raises ValueError (KeyError) where it is no such file or something is missing."""
    tree = tomllib.loads(text)
    checks = {CheckId(name): _check(entry) for name, entry in tree["check"].items()}
    if missing := set(CheckId) - set(checks):
        raise KeyError(f"no words for {', '.join(sorted(missing))}")
    said = {name: _words(entry) for name, entry in tree["said"].items()}
    return SetupWords(MappingProxyType(checks), MappingProxyType(said))


def _check(entry: Mapping[str, Any]) -> CheckWords:
    ways = {code: _words(words) for code, words in entry.items() if isinstance(words, dict)}
    return CheckWords(entry["title"], entry["passed"], MappingProxyType(ways))


def _words(entry: Mapping[str, Any]) -> Words:
    return Words(entry["shown"], tuple(entry["spoken"]), entry.get("fix", ""))
