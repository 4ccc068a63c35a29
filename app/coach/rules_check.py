"""What a file of rules may hold, and what is wrong with one that holds something else.

Each entry is checked by itself (`own_entries`), then the whole, laid over the rules beneath it (`together`): thresholds
against each other, units against measures, priorities among the cues.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.coach.exam_words import EXAM_NUMBERS, ExamLine
from app.coach.quantities import RUNNING_MEASURES, STANCE_MEASURES, UNIT_WORDS, Quantity
from app.coach.report import FaultId
from app.coach.toml_lines import Path

Tree = Mapping[str, Any]
#: Returns what is wrong with a value, "" for nothing.
Check = Callable[[Any], str]
Schema = Mapping[str, "Check | Schema"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong entry: where, and one clause that says what is wrong and what is allowed."""

    path: Path
    words: str

    @property
    def told(self) -> str:
        """The dotted name of the entry and what is wrong with it."""
        keys = (key if isinstance(key, str) and _PLAIN_KEY.fullmatch(key) else repr(key) for key in self.path)
        return f"{'.'.join(keys)}: {self.words}"


RUNNING_FAULTS = tuple(f for f in FaultId if f not in (FaultId.TALL, FaultId.NO_STAGGER))
STANCE_FAULTS = tuple(f for f in FaultId if f not in (FaultId.STANDING_UP, FaultId.OVERSTRIDE))
DRILLS = ("drill_hinge", "drill_start_line", "drill_athletic", "drill_tunnel_march")
SAYS = ("agrees", "in part", "disagrees", "missing")
#: Cues without a fault.
SAID = ("praise_run", "praise_stance", "standing_taken")
#: Tables of further thresholds of a rule.
FURTHER = ("also", "or")
#: Set-up (1) goes before every fault, praise (90) after.
LEAST_PRIORITY, MOST_PRIORITY = 1, 90

#: A voice says eight words in about 3 s, eight to nine steps; the card shows twenty characters readably at 3 m.
SPOKEN_WORDS, SPOKEN_CHARACTERS, MOST_WORDINGS = 8, 60, 6
SHOWN_CHARACTERS = 20
MOST_NUMBER = 1e6
#: Beginnings of words that turn a runner's mind to a joint instead of to the world (coaching.md: external wording).
_JOINT_TALK = re.compile(
    r"\b(?:ankle|angle|degree|exten[ds]|femur|femor|flex|glute|hamstring|joint|knee|lumbar|neutral|pelvi|quad|spin[ea]|"
    r"thigh|tibia|torso|trunk|vertebra)\w*",
    re.IGNORECASE,
)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
_ALSO = re.compile(r"(?P<stem>[a-z_]+)_(?P<when>below|above)_(?P<unit>deg|bh_pct|travel_pct)")


def own_entries(tree: Tree, base: Tree | None) -> tuple[dict[str, Any], list[Problem]]:
    """Return the good entries of a parsed file, and what is wrong with the others.

    ``base``: the tree it is laid over, None where it must be whole.
    """
    problems: list[Problem] = []
    entries = _good(tree, _schema(tree, base), (), base is None, problems)
    return entries, problems


def merged(base: Tree, own: Tree) -> dict[str, Any]:
    """Return ``base`` with the entries of ``own`` in place of its own; neither is changed."""
    whole = dict(base)
    for key, value in own.items():
        below = whole.get(key)
        whole[key] = merged(below if isinstance(below, dict) else {}, value) if isinstance(value, dict) else value
    return whole


def together(whole: Tree, own: Tree, base: Tree | None) -> list[Problem]:
    """Return what does not fit together in the merged rules, each named at an entry that ``own`` holds."""
    problems: list[Problem] = []
    for fault, kind, spec in _specs(whole):
        path: Path = ("fault", fault, kind)
        mine = _at(own, path)
        if mine:
            below = _at(base, path) if base is not None else {}
            problems += _spec_problems(path, spec, mine, below, _measures(kind))
    for key in ("trunk_lean_deg", "line_offset_bh_pct"):
        bounds = _at(whole, ("green",)).get(key, (0.0, 1.0))
        if not bounds[0] < bounds[1]:
            problems.append(Problem(("green", key), f"{list(bounds)} is no range: write [least, most]"))
    return problems + _priority_problems(whole, own)


def _spec_problems(path: Path, spec: Tree, mine: Tree, below: Tree, measures: Mapping[str, Quantity]) -> list[Problem]:
    """Return what does not fit together in how one fault is found."""
    problems: list[Problem] = []
    if not {"measure", "unit", "when", "on", "off"} <= spec.keys():
        return problems  # said already: something is missing
    quantity = measures[spec["measure"]]
    if below and spec["measure"] != below["measure"] and not {"unit", "when", "on", "off"} <= mine.keys():
        words = "another measure needs its own unit, when, on and off beside it"
        return [Problem((*path, "measure"), words)]
    if spec["unit"] != quantity.unit:
        key = "unit" if "unit" in mine else "measure"
        problems.append(Problem((*path, key), f"the unit of {spec['measure']} is {quantity.unit}"))
    problems += [
        Problem((*path, key), _out_of_range(spec[key], quantity))
        for key in ("on", "off")
        if key in mine and not quantity.least <= spec[key] <= quantity.most
    ]
    named = next((key for key in ("on", "off", "when") if key in mine), "on")
    problems += _sides((*path, named), spec["on"], spec["off"], spec["when"])
    for key in FURTHER:
        problems += _further_problems((*path, key), _at(mine, (key,)), measures)
    return problems


def _further_problems(path: Path, entries: Tree, measures: Mapping[str, Quantity]) -> list[Problem]:
    """Return what is wrong with the thresholds of one table of further ones."""
    problems: list[Problem] = []
    for name, value in entries.items():
        parts = also_parts(name, measures)
        if parts is None:
            continue
        pair = value if isinstance(value, list) else [value]
        outside = [bound for bound in pair if not parts[0].least <= bound <= parts[0].most]
        problems += [Problem((*path, name), _out_of_range(bound, parts[0])) for bound in outside]
        if len(pair) == 2:
            problems += _sides((*path, name), pair[0], pair[1], parts[1])
    return problems


def _sides(path: Path, on: float, off: float, when: str) -> list[Problem]:
    """Return the problem of thresholds that would make a fault flicker."""
    if on == off:
        return [Problem(path, f"on and off are both {on:g}: the fault would flicker; keep them apart")]
    if (on < off) != (when == "below"):
        lower = "lower" if when == "below" else "higher"
        words = f"on {on:g} and off {off:g} are the wrong way round: it is on {when} a value, so on must be the {lower}"
        return [Problem(path, words)]
    return []


def _out_of_range(value: float, quantity: Quantity) -> str:
    unit = UNIT_WORDS[quantity.unit]
    return f"{value:g} is out of range: {quantity.words} takes {quantity.least:g} to {quantity.most:g} {unit}"


def _priority_problems(whole: Tree, own: Tree) -> list[Problem]:
    """Return a problem for every cue of a fault whose priority another one has."""
    problems: list[Problem] = []
    taken: dict[int, str] = {}
    faults = _at(whole, ("fault",))
    # What the file itself gives comes last, for that is what is to be changed.
    for fault in sorted(faults, key=lambda f: "priority" in _at(own, ("fault", f, "cue"))):
        priority = _at(faults, (fault, "cue")).get("priority")
        if priority is None:
            continue
        if priority in taken:
            words = f"{priority} is the priority of {taken[priority]} already: each fault needs its own"
            problems.append(Problem(("fault", fault, "cue", "priority"), words))
        taken.setdefault(priority, fault)
    return problems


def _specs(whole: Tree) -> Iterator[tuple[str, str, Tree]]:
    for fault, entry in _at(whole, ("fault",)).items():
        for kind in ("running", "stance"):
            if kind in entry:
                yield fault, kind, entry[kind]


def _at(tree: Tree, path: Path) -> dict[str, Any]:
    """Return the table at a path, empty where there is none, or something else."""
    found: Any = tree
    for key in path:
        found = found.get(str(key)) if isinstance(found, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


# ---------------------------------------------------------------- entries by themselves


def _good(tree: Tree, schema: Schema, path: Path, whole: bool, problems: list[Problem]) -> dict[str, Any]:
    """Return the entries of one table that are as the schema has them; append what is wrong with the others."""
    good: dict[str, Any] = {}
    for key, value in tree.items():
        wanted, here = schema.get(key), (*path, key)
        if wanted is None:
            problems.append(Problem(here, _unknown(key, tuple(schema))))
        elif not callable(wanted):
            if isinstance(value, dict):
                good[key] = _good(value, wanted, here, whole, problems)
            else:
                problems.append(Problem(here, f"must be a table, [{'.'.join(map(str, here))}]"))
        elif wrong := wanted(value):
            problems.append(Problem(here, wrong))
        else:
            good[key] = value
    if whole:
        problems += [Problem((*path, key), "is missing") for key in schema if key not in tree and key not in FURTHER]
    return good


def _schema(tree: Tree, base: Tree | None) -> Schema:
    """Return what may stand where; names under ``also`` are those of the base, else any well-formed ones."""

    def fault_schema(fault: FaultId) -> Schema:
        entry: dict[str, Check | Schema] = {
            "words": _text(80),
            "fix": _text(140),
            "drill": _one_of(DRILLS),
            "article_view": _text(1500),
            "evidence": _evidence,
            "cue": cue_schema(("fault", fault, "cue")),
        }
        for kind, faults in (("running", RUNNING_FAULTS), ("stance", STANCE_FAULTS)):
            if fault in faults:
                entry[kind] = spec_schema(("fault", fault, kind), kind)
        return entry

    def cue_schema(path: Path) -> Schema:
        fixed = _at(base, path).get("id") if base is not None else None
        return {
            "id": _identifier if fixed is None else _fixed(fixed),
            "priority": _priority,
            "shown": _text(SHOWN_CHARACTERS, for_runner=True),
            "spoken": _wordings,
            "image": _text(160, for_runner=True),
        }

    def spec_schema(path: Path, kind: str) -> Schema:
        measures = _measures(kind)
        known = _at(base if base is not None else tree, (*path[:2], kind))
        further: dict[str, Check | Schema] = {
            key: {name: _threshold(name, value, measures) for name, value in known.get(key, {}).items()}
            for key in FURTHER
            if key in known or key == "also"
        }
        return {
            "measure": _one_of(tuple(measures)),
            "unit": _one_of(tuple(dict.fromkeys(quantity.unit for quantity in measures.values()))),
            "when": _one_of(("below", "above")),
            "on": _number,
            "off": _number,
            "told_apart": _text(800),
            "measured": _text(1500),
            **further,
        }

    return {
        "fault": {fault.value: fault_schema(fault) for fault in FaultId},
        "said": {name: cue_schema(("said", name)) for name in SAID},
        "green": {"trunk_lean_deg": _pair, "line_offset_bh_pct": _pair},
        "exam": {
            **{name: _within(least, most) for name, (least, most) in EXAM_NUMBERS.items()},
            "say": {line.value: cue_schema(("exam", "say", line)) for line in ExamLine},
        },
    }


def _measures(kind: str) -> Mapping[str, Quantity]:
    return RUNNING_MEASURES if kind == "running" else STANCE_MEASURES


def also_parts(name: str, measures: Mapping[str, Quantity]) -> tuple[Quantity, str] | None:
    """Return (quantity, "below" or "above") of a further threshold's name, None where it is none."""
    found = _ALSO.fullmatch(name)
    if found is None:
        return None
    for field in (f"{found['stem']}_{found['unit']}", f"{found['stem']}_{found['unit'].removesuffix('_pct')}"):
        if field in measures:
            return measures[field], found["when"]
    return None


def _threshold(name: str, like: Any, measures: Mapping[str, Quantity]) -> Check:
    """Return the check of a further threshold: one number or [on, off], as the rules beneath have it."""
    if also_parts(name, measures) is None:
        return lambda _value: f"no name of a threshold: <measure>_below_<unit> of {', '.join(measures)}"
    return _pair if isinstance(like, list) else _number


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"must be a number, not {_kind(value)}"
    # Also false for nan; a whole number in TOML has no end.
    return "" if abs(value) < MOST_NUMBER else "must be a plain number, not nan, inf or beyond a million"


def _within(least: float, most: float) -> Check:
    return lambda value: _number(value) or ("" if least <= value <= most else f"must be from {least:g} to {most:g}")


def _pair(value: Any) -> str:
    if not isinstance(value, list) or len(value) != 2:
        return "must be two numbers, [on, off] or [least, most]"
    return next(filter(None, map(_number, value)), "")


def _priority(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or not LEAST_PRIORITY <= value <= MOST_PRIORITY:
        return f"must be a whole number from {LEAST_PRIORITY} (most urgent) to {MOST_PRIORITY}"
    return ""


def _one_of(allowed: tuple[str, ...]) -> Check:
    return lambda value: "" if value in allowed else f"{_kind(value)} is unknown: use one of {', '.join(allowed)}"


def _unknown(word: str, allowed: tuple[str, ...]) -> str:
    import difflib  # only wrong files pay for it

    near = difflib.get_close_matches(word, allowed, 1)
    return f"unknown: did you mean {near[0]}?" if near else f"unknown: use {', '.join(allowed) or 'nothing'}"


def _fixed(wanted: str) -> Check:
    return lambda value: "" if value == wanted else f"stays {wanted!r}: sounds, pictures and the JSON go by it"


def _identifier(value: Any) -> str:
    good = isinstance(value, str) and re.fullmatch(r"[a-z][a-z_]{1,23}", value)
    return "" if good else "must be a short name of small letters and _"


def _text(most: int, for_runner: bool = False) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            return f"must be text, not {_kind(value)}"
        if not value.strip():
            return "must not be empty"
        if len(value.strip()) > most:
            return f"{len(value.strip())} characters are too long: at most {most}"
        if for_runner:
            return _unfit_for_runner(value)
        odd = next((c for c in value if not (c.isprintable() or c in "\n\r")), "")
        return f"holds the character {odd!r}, which cannot be shown" if odd else ""

    return check


def _unfit_for_runner(value: str) -> str:
    """Return why words are none to run by, "" where they are."""
    odd = next((c for c in value if not c.isprintable()), "")
    if odd:
        return f"holds the character {odd!r}, which can be neither shown nor said"
    if talk := _JOINT_TALK.search(value):
        return f"{talk[0]!r} is joint talk: say what to do to the world (roof, ground, wall), not to a joint"
    return ""


def _wordings(value: Any) -> str:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_WORDINGS:
        return f"must be a list of 1 to {MOST_WORDINGS} wordings"
    for words in value:
        if wrong := _text(SPOKEN_CHARACTERS, for_runner=True)(words):
            return wrong
        if (count := len(words.split())) > SPOKEN_WORDS:
            return f"{words!r} has {count} words: at most {SPOKEN_WORDS}"
    doubled = len({words.strip().lower() for words in value}) < len(value)
    return "the same wording twice is no other wording" if doubled else ""


def _evidence(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return "must be a list of {says, claim, source}"
    for entry in value:
        if not isinstance(entry, dict) or not {"says", "claim"} <= entry.keys() <= {"says", "claim", "source"}:
            return "each must hold says, claim and source, nothing else"
        if wrong := _one_of(SAYS)(entry["says"]):
            return f"says: {wrong}"
        if wrong := _text(600)(entry["claim"]):
            return f"claim: {wrong}"
        if (entry["says"] == "missing") == ("source" in entry):
            return "each needs its source, and only what is 'missing' has none"
        if wrong := _text(300)(entry.get("source", "-")):
            return f"source: {wrong}"
    return ""


def _kind(value: Any) -> str:
    """Return a value as a message may show it: text itself, of anything else its kind."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 36 else f"{value[:32]!r}..."
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")
