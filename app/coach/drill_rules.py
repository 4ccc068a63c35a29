"""The drills as data: ``drills.toml``, and own ones laid over it: those that a session was judged by.

An own file may hold any part of what the default holds, nothing else, each entry of the same kind; every wrong entry
is named by its line.
"""

from __future__ import annotations

import math
import pkgutil
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from app.coach.reps import DrillId
from app.coach.rules import DEFAULT, RulesError
from app.coach.rules_check import merged
from app.coach.toml_lines import Path, key_lines, line_of

#: What may be filled into what is said.
SLOTS = frozenset(("n", "set", "sets", "target", "rest", "change", "reps"))
SPOKEN_WORDS, SHOWN_CHARACTERS, TEXT_CHARACTERS = 10, 24, 200
MOST_NUMBER = 3600.0
MOST_CHARACTERS = 50_000


@dataclass(frozen=True, slots=True)
class Words:
    """What is spoken and what is shown; may hold slots in braces."""

    spoken: str
    shown: str


@dataclass(frozen=True, slots=True)
class DrillSpec:
    """One drill.

    Attributes:
        title, how: its name and what to do. target, sets, rest_s: as it is unless the runner chooses otherwise.
        say_every: which counts are spoken. least_fps: below this rate nothing is counted.
        band: its numbers by name, with their units. change: what to say about each fault, most important first.
        praise: what was good, by id.
    """

    id: DrillId
    title: str
    how: str
    target: int
    sets: int
    rest_s: float
    say_every: int
    least_fps: float
    band: Mapping[str, float]
    change: Mapping[str, Words]
    praise: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DrillRules:
    """All drills and what is said in them.

    ``name``: "default" or that of the coach's own file. ``tree``: all of it as plain values.
    """

    name: str
    said: Mapping[str, Words]
    drills: Mapping[DrillId, DrillSpec]
    tree: Mapping[str, Any]


@cache
def default_drills() -> DrillRules:
    """Return the drills that come with the app; read once."""
    return _drills(_default_tree(), DEFAULT)


def parse_drills(text: str, name: str) -> DrillRules:
    """Return the default drills with a coach's own TOML text laid over them.

    Raises:
        RulesError: names every wrong entry with its line and what is allowed.
    """
    if len(text) > MOST_CHARACTERS:
        raise RulesError(name, (f"line 1: {len(text)} characters are no file of drills (most: {MOST_CHARACTERS})",))
    try:
        tree = tomllib.loads(text)
    except RecursionError:
        raise RulesError(name, ("line 1: brackets in brackets without end are no drills",)) from None
    except ValueError as error:
        raise RulesError(name, (f"this is no TOML: {error}",)) from None
    problems = list(_problems(tree, _default_tree(), ()))
    if not problems:
        whole = merged(_default_tree(), tree)
        problems = list(_together(whole))
    if problems:
        lines = key_lines(text)
        told = sorted((line_of(lines, path), f"{'.'.join(map(str, path))}: {words}") for path, words in problems)
        raise RulesError(name, tuple(f"line {line}: {words}" for line, words in told))
    return _drills(whole, name)


@cache
def _default_tree() -> Mapping[str, Any]:
    data = pkgutil.get_data("app.coach", "drills.toml")
    assert data is not None, "the package's loader has no data"
    return tomllib.loads(data.decode())


def _problems(own: Mapping[str, Any], like: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with entries, each measured by the one of the same name in the default."""
    for key, value in own.items():
        at: Path = (*path, key)
        if key not in like:
            yield at, f"unknown: use {', '.join(like)}"
        elif isinstance(like[key], dict):
            if isinstance(value, dict):
                yield from _problems(value, like[key], at)
            else:
                yield at, "must be a table"
        elif wrong := _wrong(key, value, like[key]):
            yield at, wrong


def _wrong(key: str, value: Any, like: Any) -> str:
    """Return what is wrong with one value, "" for nothing."""
    if isinstance(like, str):
        return _wrong_text(key, value)
    whole = isinstance(like, int)
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return "must be a whole number" if whole else "must be a number"
    if not (math.isfinite(value) and 0 <= value <= MOST_NUMBER):
        return f"must be from 0 to {MOST_NUMBER:.0f}"
    return "must be 1 or more" if whole and value < 1 else ""


def _wrong_text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        return "must be text"
    if not value.isprintable():
        return "holds a character that can be neither shown nor said"
    try:
        slots = {slot for _, slot, _, _ in string.Formatter().parse(value) if slot is not None}
    except ValueError:
        return "has a brace without its other half"
    if key in ("spoken", "shown") and not slots <= SLOTS:
        return f"has an unknown slot: use {', '.join(sorted(SLOTS))}"
    if key == "spoken" and len(value.split()) > SPOKEN_WORDS:
        return f"has {len(value.split())} words: at most {SPOKEN_WORDS}"
    most = SHOWN_CHARACTERS if key == "shown" else TEXT_CHARACTERS
    return f"{len(value)} characters are too long: at most {most}" if len(value) > most else ""


def _together(tree: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield what does not fit together: bounds the wrong way round."""
    for drill, entry in tree["drill"].items():
        band = entry["band"]
        for low, high in (
            ("start_deg", "half_depth_deg"),
            ("half_depth_deg", "least_depth_deg"),
            ("end_deg", "start_deg"),
            ("least_lean_deg", "most_lean_deg"),
            ("least_knee_deg", "most_knee_deg"),
            ("most_knee_deg", "squat_knee_deg"),
            ("together_bh_pct", "apart_bh_pct"),
            ("fastest_step_s", "slowest_step_s"),
        ):
            if low in band and high in band and not band[low] < band[high]:
                yield ("drill", drill, "band", high), f"must be above {low} ({band[low]:g})"


def _drills(tree: Mapping[str, Any], name: str) -> DrillRules:
    """Return the records of a tree that was checked."""

    def words(entry: Mapping[str, str]) -> Words:
        return Words(entry["spoken"], entry["shown"])

    def spec(drill: DrillId) -> DrillSpec:
        entry = tree["drill"][drill.value]
        return DrillSpec(
            id=drill,
            title=entry["title"],
            how=entry["how"],
            target=entry["target"],
            sets=entry["sets"],
            rest_s=float(entry["rest_s"]),
            say_every=entry["say_every"],
            least_fps=float(entry["least_fps"]),
            band=MappingProxyType({key: float(value) for key, value in entry["band"].items()}),
            change=MappingProxyType({key: words(value) for key, value in entry["change"].items()}),
            praise=MappingProxyType(dict(entry["praise"])),
        )

    return DrillRules(
        name=name,
        said=MappingProxyType({key: words(entry) for key, entry in tree["said"].items()}),
        drills=MappingProxyType({drill: spec(drill) for drill in DrillId}),
        tree=tree,
    )
