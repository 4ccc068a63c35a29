"""All steps of a session in little memory: an hour of running is ten thousand of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import fields
from typing import overload

from app.coach.report import Step

_NAMES = tuple(field.name for field in fields(Step))
_SIDE = _NAMES.index("side")
_FLAGS = frozenset(_NAMES.index(name) for name in ("hit", "head_turned"))


class StepLog:
    """A sequence of steps that only grows; 0.25 kB a step, a quarter of what the objects take."""

    def __init__(self) -> None:
        self._numbers = array("d")
        self._sides: list[str] = []

    def append(self, step: Step) -> None:
        """Keep a step."""
        values = [getattr(step, name) for name in _NAMES]
        self._sides.append(values.pop(_SIDE))
        self._numbers.extend(values)

    def __len__(self) -> int:
        return len(self._sides)

    def __iter__(self) -> Iterator[Step]:
        return (self._at(index) for index in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Step: ...

    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...

    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self._at(k) for k in range(*index.indices(len(self)))]
        return self._at(range(len(self))[index])

    def _at(self, index: int) -> Step:
        width = len(_NAMES) - 1
        values: list[float | str | bool] = list(self._numbers[index * width : (index + 1) * width])
        values.insert(_SIDE, self._sides[index])
        for flag in _FLAGS:
            values[flag] = bool(values[flag])
        return Step(*values)  # type: ignore[arg-type]  # in the order of the fields
