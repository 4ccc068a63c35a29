"""Records made of plain values that were read from a file: every value must be of the kind its field says."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def made_of(kind: type[T], values: object) -> T:
    """Return a record of ``values``, by the names of its fields.

    Args:
        kind: a dataclass of numbers, texts, flags, enumerations and tuples of these; each may be None if it says so.
        values: the table that was read, lists already as tuples.

    Raises:
        ValueError: it is no table, a name is missing or unknown, or a value is of another kind.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"the {kind.__name__} is no table")
    hints = get_type_hints(kind)
    for name, value in values.items():
        if name not in hints:
            raise ValueError(f"{str(name)[:40]!r} is no part of a {kind.__name__}")
        if not _is(value, hints[name]):
            raise ValueError(f"{name} is {str(value)[:40]!r}")
    try:
        return kind(**values)
    except TypeError:
        raise ValueError(f"of a {kind.__name__} something is missing") from None


def _is(value: object, hint: Any) -> bool:
    """Return whether a value is of the kind of an annotation; a whole number is a number, a flag is none."""
    if get_origin(hint) in (Union, types.UnionType):
        return any(_is(value, one) for one in get_args(hint))
    if get_origin(hint) is tuple:
        kinds = get_args(hint)
        if not isinstance(value, tuple):
            return False
        if kinds[1:] == (Ellipsis,):
            return all(_is(one, kinds[0]) for one in value)
        return len(value) == len(kinds) and all(_is(one, one_kind) for one, one_kind in zip(value, kinds, strict=True))
    if hint in (int, float):
        allowed = int if hint is int else int | float
        return isinstance(value, allowed) and not isinstance(value, bool) and not abs(value) >= _MOST
    return isinstance(value, get_origin(hint) or hint)


#: No number of ours is larger, and every whole number below it is a float and fits a database.
_MOST = 2**53
