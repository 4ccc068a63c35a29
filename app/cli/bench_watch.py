"""Watching a function of the app from outside: the app itself carries no clockwork for the bench."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replaced(place: object, name: str, ours: object) -> Iterator[None]:
    """Have ``place.name`` (of a module or class) be ``ours`` inside the block; objects made before may keep theirs."""
    before = getattr(place, name)
    setattr(place, name, ours)
    try:
        yield
    finally:
        setattr(place, name, before)
