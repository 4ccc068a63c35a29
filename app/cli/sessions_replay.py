"""Two judgements of one session beside one another: ``hingecoach sessions replay``."""

from __future__ import annotations

import json
from typing import Any, Final

from app.store.clock import clock

#: More rows than this are not listed.
MOST_ROWS: Final = 30
#: End of a value's name -> its unit and its digits.
_UNITS: Final = {
    "_deg": ("°", 1),
    "_bh_pct": (" % height", 1),
    "_ll_pct": (" % leg", 1),
    "_spm": (" steps/min", 0),
    "_ms": (" ms", 0),
    "_cm": (" cm", 1),
    "_s": (" s", 1),
}


def replay_lines(session: str, before: dict[str, Any], now: dict[str, Any], first_s: float) -> list[str]:
    """Return whether two judgements of a session are identical, and where they are not, what each says.

    Args:
        session: its id.
        before: the document of then.
        now: that of now.
        first_s: time of its first frame, on the clock of both.
    """
    if _bytes(before) == _bytes(now):
        return [f"{session}: identical, to the last bit ({_count(len(now['cues']), 'cue')})."]
    then_rules, now_rules = before["app"]["rules"], now["app"]["rules"]
    lines = [f"{session}: judged again by {_rules(now_rules)}; then it was by {_rules(then_rules)}."]
    one, other = _judged(before), _judged(now)
    names = [name for name in dict.fromkeys((*one, *other)) if one.get(name) != other.get(name)]
    then_said, now_said = _said(before, first_s), _said(now, first_s)
    alike = sum(name in other and other[name] == value for name, value in one.items())
    both = f"{_count(alike, 'value')} and {_count(len(set(then_said) & set(now_said)), 'cue')}"
    if not names and then_said == now_said:
        return [*lines, f"  It comes to the same: {both}."]
    rows = [(_words(name), _value(name, one.get(name)), _value(name, other.get(name))) for name in names]
    if rows:
        lines += _table(rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        lines.append(f"  and {len(rows) - MOST_ROWS} more values")
    lines += [f"  no longer said: {line}" for line in then_said if line not in now_said]
    lines += [f"  said now: {line}" for line in now_said if line not in then_said]
    return [*lines, f"  The same as then: {both}."]


def _table(rows: list[tuple[str, str, str]]) -> list[str]:
    wide = [max(len(row[column]) for row in (*rows, ("", "then", "now"))) for column in range(3)]
    titled = [("", "then", "now"), *rows]
    return [f"  {a:<{wide[0]}}  {b:>{wide[1]}}  {c:>{wide[2]}}" for a, b, c in titled]


def _bytes(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _judged(document: dict[str, Any]) -> dict[str, Any]:
    """Return what was found, by name: plain values, measures by their value; the steps themselves are left out."""
    part = document.get("run") or document.get("stance") or {}
    faults = {f"steps with {fault['id']}": fault["share_of_steps"] for fault in part.get("faults", ())}
    limits = {f"limit of {fault['id']}": _limit(fault) for fault in part.get("faults", ())}
    holds = {f"hold {n}": hold["verdict"] for n, hold in enumerate(part.get("holds", ()), start=1)}
    trees = {"tunnel": part.get("tunnel"), "drill": document.get("drill"), "standing": document.get("standing")}
    inside = {f"{name} {key}": value for name, tree in trees.items() for key, value in (tree or {}).items()}
    counts = {"cues": len(document["cues"])}
    found = {**part, **faults, **limits, **holds, **inside, **counts}
    return {
        name: value["value"] if isinstance(value, dict) else value
        for name, value in found.items()
        if not isinstance(value, list) and (not isinstance(value, dict) or "value" in value)
    }


def _limit(fault: dict[str, Any]) -> str | None:
    if fault["threshold"] is None:
        return None
    unit, digits = _UNITS.get(f"_{fault['unit']}", (f" {fault['unit']}", 1))
    return f"{fault['threshold']:.{digits}f}{unit}"


def _value(name: str, value: Any) -> str:
    """Return a value in words, with the unit that its name ends in."""
    if value is None:
        return "none" if name.startswith("steps with") else "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("_", " ")
    if name.startswith("steps with") or name.endswith("share"):
        return f"{100.0 * value:.0f} %"
    unit, digits = next((found for end, found in _UNITS.items() if name.endswith(end)), ("", 3))
    return f"{value:.{digits}f}{unit}" if isinstance(value, float) else f"{value}{unit}"


def _words(name: str) -> str:
    """Return the name of a value without its unit."""
    end = next((end for end in _UNITS if name.endswith(end)), "")
    return name.removesuffix(end).replace("_", " ")


def _said(document: dict[str, Any], first_s: float) -> list[str]:
    """Return what was said, each with its time since the session began."""
    return [f"{clock(cue['t_s'] - first_s)} {cue['spoken']}" for cue in document["cues"]]


def _rules(name: str) -> str:
    return "the rules that come with the app" if name == "default" else f"the rules in {name}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
