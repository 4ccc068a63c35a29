"""The runners as the settings show them: `RunnerStore` and what is kept of the starting line, behind one small port."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.coach.errors import WorldError
from app.store.forgetting import forget
from app.store.history import History
from app.store.people import RunnerRecord
from app.ui.pages.runner_section import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.store.keepsakes import Keepsakes
    from app.store.people import RunnerStore


class StoredPeople:
    """The runners in the store. Every method raises `WorldError` with one line to show."""

    def __init__(self, store: RunnerStore, keepsakes: Keepsakes) -> None:
        self._store, self._keepsakes = store, keepsakes

    def list(self) -> Sequence[Person]:
        """Return all runners, by name."""
        return [_person(record) for record in self._store.all()]

    def add(self, name: str, height_cm: float | None, drop_cm: float) -> None:
        """Keep a new runner."""
        self._store.add(RunnerRecord(" ".join(name.split()), height_cm, drop_cm))

    def change(self, name: str, new_name: str, height_cm: float | None, drop_cm: float) -> None:
        """Rename a runner or change what is known; what else is kept of the runner stays."""
        record = replace(self._store.get(name).with_height(height_cm), tunnel_drop_cm=drop_cm)
        if self._store.path_of(new_name) == self._store.path_of(name):
            self._store.save(replace(record, name=" ".join(new_name.split())))
            return
        # The new file first: whatever goes wrong, the runner is there at least once.
        self._store.add(replace(record, name=" ".join(new_name.split())))
        self._keepsakes.rename(name, new_name)
        with History(self._store.folder.parent) as history:
            history.rename(name, new_name)
        self._store.delete(name)

    def delete(self, name: str) -> None:
        """Forget a runner and everything kept of the runner."""
        forget(self._store.folder.parent, name)


class NobodyKnown:
    """Where there is no data folder."""

    def list(self) -> Sequence[Person]:
        """Return nobody."""
        return []

    def add(self, name: str, height_cm: float | None, drop_cm: float) -> None:
        """Refuse."""
        raise WorldError("Nothing can be kept here: there is no data folder.")

    def change(self, name: str, new_name: str, height_cm: float | None, drop_cm: float) -> None:
        """Refuse."""
        raise WorldError("Nothing can be kept here: there is no data folder.")

    def delete(self, name: str) -> None:
        """Refuse."""
        raise WorldError("Nothing can be kept here: there is no data folder.")


def _person(record: RunnerRecord) -> Person:
    return Person(record.name, record.height_cm, record.tunnel_drop_cm, record.sessions)
