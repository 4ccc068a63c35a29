"""The runners who use the app: stature, tunnel drop, sessions counted, and the standing taken with each camera.

One JSON file a person in ``runners`` under the data folder, written whole or not at all. A file that cannot be read as
what it should be is never overwritten or deleted: it is kept beside as ``.bad`` and told of. One of a newer app is left
as it is and refused. All of it is readable by its owner alone.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.coach.errors import WorldError
from app.coach.stored import ANOTHER_CAMERA, STORED
from app.coach.types import RunnerProfile
from app.store import calibration_json
from app.store.atomic import make_private_folder, write_text
from app.store.calibration_json import Calibration, Damaged, number

if TYPE_CHECKING:
    from pathlib import Path

    from app.coach.standing import StandingReference

SCHEMA, VERSION = "hingecoach.runner", 1
FOLDER = "runners"
MOST_NAME = 40
#: Of so many cameras the standing is kept, the newest.
MOST_CALIBRATIONS = 8
MOST_BYTES = 1_000_000
LEAST_HEIGHT_CM, MOST_HEIGHT_CM = 100.0, 230.0
#: Half an inch to two inches (coaching.md, "The tunnel").
LEAST_DROP_CM, MOST_DROP_CM = 1.27, 5.08
#: A file name may have 255 bytes.
_MOST_QUOTED = 150


@dataclass(frozen=True, slots=True)
class RunnerRecord:
    """What is kept of one runner.

    Attributes:
        name: as it was given. height_cm: stature, None not told. tunnel_drop_cm: how far below standing the roof is.
        sessions: how many were counted. last_session: date of the newest, ISO 8601, "" none.
        calibrations: the standings taken, one for each camera, newest first.
    """

    name: str
    height_cm: float | None = None
    tunnel_drop_cm: float = 2.54
    sessions: int = 0
    last_session: str = ""
    calibrations: tuple[Calibration, ...] = ()

    @property
    def profile(self) -> RunnerProfile:
        """What the coach is told of the runner."""
        return RunnerProfile(self.height_cm, self.tunnel_drop_cm)

    @property
    def next_session(self) -> int:
        """Number of the session that begins now, from 1."""
        return self.sessions + 1

    def standing_for(self, camera: str, others: bool = True) -> StandingReference | None:
        """Return the stored standing to begin with before ``camera``, None without one.

        Args:
            camera: what it is called; "" for a picture of which the camera is not known.
            others: take the newest of another camera where this one has none: marked stale, so that its angles and its
                scale are used but not its heights.
        """
        own = next((one for one in self.calibrations if one.camera == camera and camera), None)
        chosen = own or next((one for one in self.calibrations if others and not one.of_figure), None)
        if chosen is None:
            return None
        return replace(chosen.reference, source=STORED, stale="" if own else ANOTHER_CAMERA, height_cm=self.height_cm)

    def with_height(self, height_cm: float | None) -> RunnerRecord:
        """Return the record with another stature; the virtual runner grows with it, so its standing is gone."""
        if height_cm == self.height_cm:
            return self
        kept = tuple(one for one in self.calibrations if not one.of_figure)
        return replace(self, height_cm=height_cm, calibrations=kept)

    def with_calibration(self, new: Calibration) -> RunnerRecord:
        """Return the record with a further standing, in place of the one of the same camera."""
        kept = [one for one in self.calibrations if one.camera != new.camera]
        return replace(self, calibrations=(new, *kept)[:MOST_CALIBRATIONS])


class RunnerStore:
    """The runners' files.

    Args:
        data_folder: of the app (`app.store.paths.data_folder`); made when something is to be written.
    """

    def __init__(self, data_folder: Path) -> None:
        self.folder = data_folder / FOLDER
        #: One line for every file that was damaged or left alone; whoever reads them shows them.
        self.notices: list[str] = []

    def path_of(self, name: str) -> Path:
        """Return where a runner is kept. Raises WorldError for what is no name."""
        return self.folder / f"runner-{file_word(name)}.json"

    def names(self) -> list[str]:
        """Return the names of all runners who can be read, in alphabetical order."""
        return [record.name for record in self.all()]

    def all(self) -> list[RunnerRecord]:
        """Return all runners who can be read, by name. Raises WorldError where the folder cannot be read."""
        try:
            paths = sorted(self.folder.glob("runner-*.json"))
        except OSError as error:
            raise WorldError(f"{self.folder} cannot be read ({error.strerror}): check its permissions.") from error
        records = []
        for path in paths:
            try:
                record = self._read(path)
            except _NewerError as error:
                self.notices.append(str(error))
                continue
            except WorldError as error:
                self.notices.append(str(error))
                continue
            if record is not None:
                records.append(record)
        return sorted(records, key=lambda record: record.name.casefold())

    def get(self, name: str) -> RunnerRecord:
        """Return a runner. Raises WorldError: there is none of that name, or he cannot be read."""
        path = self.path_of(name)
        before = len(self.notices)
        record = self._read(path)
        if record is not None:
            return record
        if len(self.notices) > before:
            raise WorldError(f"{self.notices[-1]} Add the runner again: hingecoach runners add {_shell(name)}")
        known = self.names()
        others = f" There is {', '.join(known)}." if known else ""
        raise WorldError(
            f"There is no runner {name}: add one with 'hingecoach runners add {_shell(name)} --height-cm H'.{others}"
        )

    def add(self, record: RunnerRecord) -> None:
        """Keep a new runner. Raises WorldError: the name is taken, a number is out of range, nothing can be written."""
        path = self.path_of(record.name)
        if self._read(path) is not None:
            raise WorldError(f"There is a runner {record.name} already: see 'hingecoach runners show'.")
        self.save(record)

    def save(self, record: RunnerRecord) -> None:
        """Write a runner's file. Raises WorldError."""
        checked = _checked(record)
        make_private_folder(self.folder)
        text = json.dumps(_to_json(checked), indent=1, ensure_ascii=False, allow_nan=False)
        path = self.path_of(record.name)
        try:
            _from_bytes(text.encode(), path)  # what could not be read again would cost the whole record
        except Damaged as error:
            raise WorldError(f"{record.name} cannot be kept: {error}.") from error
        write_text(path, f"{text}\n", private=True)

    def delete(self, name: str) -> RunnerRecord:
        """Remove a runner and return what was kept of him. Raises WorldError."""
        record = self.get(name)
        try:
            self.path_of(name).unlink()
        except OSError as error:
            raise WorldError(f"{self.path_of(name)} cannot be deleted ({error.strerror}).") from error
        return record

    def count_session(self, name: str, on: str) -> RunnerRecord:
        """Count a session of ISO date ``on``; return the record as it is now. Raises WorldError."""
        record = self.get(name)
        record = replace(record, sessions=record.sessions + 1, last_session=on)
        self.save(record)
        return record

    def keep_calibration(self, name: str, calibration: Calibration) -> RunnerRecord:
        """Keep a standing; return the record as it is now. Raises WorldError."""
        record = self.get(name).with_calibration(calibration)
        self.save(record)
        return record

    def _read(self, path: Path) -> RunnerRecord | None:
        """Return what a file holds, None where there is none or it is damaged. Raises WorldError."""
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise WorldError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
        try:
            record = _from_bytes(data, path)
            if self.path_of(record.name) != path:
                raise Damaged(f"it is named for another runner than {record.name}, who is in it")
            return record
        except Damaged as error:
            self._set_aside(path, str(error))
            return None

    def _set_aside(self, path: Path, why: str) -> None:
        """Move a damaged file out of the way, over nothing. Raises WorldError where it cannot be moved."""
        number_of, aside = 1, path.with_suffix(".bad")
        while aside.exists():
            number_of += 1
            aside = path.with_suffix(f".{number_of}.bad")
        try:
            path.rename(aside)
        except OSError as error:
            raise WorldError(f"{path} is damaged ({why}) and cannot be moved ({error.strerror}).") from error
        self.notices.append(f"A runner's file was damaged ({why}); it is kept as {aside}.")


class _NewerError(WorldError):
    """A file of a newer app."""


def file_word(name: str) -> str:
    """Return a runner's name as a part of a file's name, another one for each runner. Raises WorldError: no name."""
    key = _key(name)
    quoted = quote(key, safe="")
    return quoted if len(quoted) <= _MOST_QUOTED else hashlib.sha256(key.encode()).hexdigest()


def _key(name: str) -> str:
    """Return a name as it is compared. Raises WorldError for what is no name."""
    words = unicodedata.normalize("NFC", " ".join(name.split()))
    if not words or len(words) > MOST_NAME or not words.isprintable():
        raise WorldError(f"A runner's name has 1 to {MOST_NAME} letters, {name.strip()[:60]!r} is none.")
    return words.casefold()


def _shell(name: str) -> str:
    return f'"{name}"' if " " in name else name


def _checked(record: RunnerRecord) -> RunnerRecord:
    """Return the record with its name tidied. Raises WorldError for a number out of range."""
    _key(record.name)
    height, drop = record.height_cm, record.tunnel_drop_cm
    if height is not None and not LEAST_HEIGHT_CM <= height <= MOST_HEIGHT_CM:
        raise WorldError(f"A runner is {LEAST_HEIGHT_CM:.0f} to {MOST_HEIGHT_CM:.0f} cm tall, not {height:g}.")
    if not LEAST_DROP_CM <= drop <= MOST_DROP_CM:
        raise WorldError(
            f"The roof is {LEAST_DROP_CM} to {MOST_DROP_CM} cm (half an inch to two) below standing, not {drop:g}."
        )
    return replace(record, name=unicodedata.normalize("NFC", " ".join(record.name.split())))


def _to_json(record: RunnerRecord) -> dict[str, Any]:
    return {
        "schema": f"{SCHEMA}/{VERSION}",
        "name": record.name,
        "height_cm": None if record.height_cm is None else round(record.height_cm, 2),
        "tunnel_drop_cm": round(record.tunnel_drop_cm, 2),
        "sessions": record.sessions,
        "last_session": record.last_session,
        "calibrations": [calibration_json.to_json(one) for one in record.calibrations],
    }


def _from_bytes(data: bytes, path: Path) -> RunnerRecord:
    """Return what the file holds. Raises Damaged; _NewerError."""
    if len(data) > MOST_BYTES:
        raise Damaged("it is far too long")
    try:
        tree = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Damaged("it is no JSON" if data.strip() else "it is empty") from None
    if not isinstance(tree, dict):
        raise Damaged("it holds no runner")
    _require_version(tree.get("schema"), path)
    name, sessions, last = tree.get("name"), tree.get("sessions"), tree.get("last_session", "")
    if not isinstance(name, str) or not isinstance(last, str):
        raise Damaged("name or date is missing")
    if not isinstance(sessions, int) or isinstance(sessions, bool) or sessions < 0:
        raise Damaged("the count of sessions is none")
    calibrations = tree.get("calibrations")
    if not isinstance(calibrations, list):
        raise Damaged("the calibrations are missing")
    height = number(tree, "height_cm")
    record = RunnerRecord(
        name=name,
        height_cm=None if math.isnan(height) else height,
        tunnel_drop_cm=number(tree, "tunnel_drop_cm"),
        sessions=sessions,
        last_session=last,
        calibrations=tuple(calibration_json.from_json(one) for one in calibrations),
    )
    try:
        return _checked(record)
    except WorldError as error:
        raise Damaged(str(error).rstrip(".")) from None


def _require_version(schema: object, path: Path) -> None:
    """Raise Damaged for what is no runner's file, _NewerError for one of a newer app."""
    kind, _, version = schema.rpartition("/") if isinstance(schema, str) else ("", "", "")
    if kind != SCHEMA or not version.isdecimal() or len(version) > 5 or int(version) < 1:
        raise Damaged("it is no file of a runner")
    if int(version) > VERSION:
        raise _NewerError(f"{path} was written by a newer Hinge Coach: update the app, or move the file away.")
