"""Rows of the history database, written and read; whoever calls has a transaction and tells of errors."""

from __future__ import annotations

import json
import math
import sqlite3
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from app.coach.report import Step
from app.store.sessions.chunks import KeptEvent, plain
from app.store.sessions.derived import FaultSpell, ToldCue

OPEN, CLOSED, RECOVERED = "open", "closed", "recovered"
STEP_NAMES = tuple(field.name for field in fields(Step))
_FLAGS_AT = tuple(STEP_NAMES.index(name) for name in ("hit", "head_turned"))
#: Of a document's "run": 99 % of it after an hour.
LONG_LISTS = ("contacts", "steps")


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of the history.

    Attributes:
        id: its name, which begins with the local date and time. started_at: local time, ISO 8601 with the zone.
        person: name of the runner, "" nobody known. mode: what was judged: "run", "stance", "drill" (and "auto" while
            it is open). drill: which, "" outside of one.
        source_kind: "camera", "virtual", "video" or "trc". source: act, file or camera. camera: what it is called.
        app_version, model, model_sha256, engine: what found and judged. rules_name, rules_hash: by what.
        state: "open" (being recorded, or cut off and not yet recovered), "closed" or "recovered".
        frames, duration_s, running_s, steps, cues: totals. verdict: of the whole.
        notice: one line on what went wrong with the recording, "" nothing.
        note: what somebody wrote about it, "" nothing.
        video_bytes: how long the video in its folder is, 0 without one; not of the database.
    """

    id: str
    started_at: str
    person: str
    mode: str
    drill: str
    source_kind: str
    source: str
    camera: str
    app_version: str
    model: str
    model_sha256: str
    engine: str
    rules_name: str
    rules_hash: str
    state: str
    frames: int
    duration_s: float
    running_s: float
    steps: int
    cues: int
    verdict: str
    notice: str
    note: str = ""
    video_bytes: int = 0


_COLUMNS = fields(SessionRow)[:-1]
_ROW = tuple(field.name for field in _COLUMNS)
_KINDS = tuple({"str": str, "int": int, "float": float}[str(field.type)] for field in _COLUMNS)


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """A step and what was told when it ended: "good", a fault id or "not_judged"; numbers count from 1."""

    number: int
    verdict: str
    step: Step

    @property
    def t_s(self) -> float:
        """See `ShortStep`."""
        return self.step.t_s

    @property
    def duration_s(self) -> float:
        """See `ShortStep`."""
        return self.step.duration_s if math.isfinite(self.step.duration_s) else 0.0

    @property
    def hit(self) -> bool:
        """See `ShortStep`."""
        return self.step.hit

    @property
    def measured(self) -> bool:
        """See `ShortStep`."""
        return math.isfinite(self.step.peak_below_roof_bh)


class ShortStep(NamedTuple):
    """What of a step is followed over sessions: an hour of them is read in a tenth of the time of whole ones.

    Attributes:
        verdict: what was told when it ended. t_s: of the step. duration_s: 0 unknown.
        hit: whether the head went through the roof. measured: whether the head's height under it was.
    """

    verdict: str
    t_s: float
    duration_s: float
    hit: bool
    measured: bool


def insert(connection: sqlite3.Connection, values: Mapping[str, Any]) -> int:
    """Insert a session; return its key."""
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    done = connection.execute(f"INSERT INTO sessions ({names}) VALUES ({marks})", tuple(values.values()))
    assert done.lastrowid is not None
    return done.lastrowid


def update(connection: sqlite3.Connection, key: int, values: Mapping[str, Any]) -> None:
    """Change values of a session."""
    names = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"UPDATE sessions SET {names} WHERE key = ?", (*values.values(), key))


def forget_derived(connection: sqlite3.Connection, key: int) -> None:
    """Remove all rows of a session but its own: they are going to be written anew."""
    forget_steps(connection, key)
    for table in ("cues", "faults", "marks"):
        connection.execute(f"DELETE FROM {table} WHERE session = ?", (key,))


def forget_steps(connection: sqlite3.Connection, key: int) -> None:
    """Remove the steps of a session."""
    connection.execute("DELETE FROM steps WHERE session = ?", (key,))


def add_steps(connection: sqlite3.Connection, key: int, first: int, steps: Iterable[tuple[Step, str]]) -> None:
    """Add steps with their verdicts, numbered from ``first``."""
    marks = ", ".join("?" * (3 + len(STEP_NAMES)))
    connection.executemany(
        f"INSERT INTO steps (session, number, verdict, {', '.join(STEP_NAMES)}) VALUES ({marks})",
        (
            (key, number, verdict, *(_sql(getattr(step, name)) for name in STEP_NAMES))
            for number, (step, verdict) in enumerate(steps, start=first)
        ),
    )


def add_cues(connection: sqlite3.Connection, key: int, first: int, cues: Iterable[ToldCue]) -> None:
    """Add cues, numbered from ``first``."""
    connection.executemany(
        "INSERT INTO cues VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (key, number, c.frame, c.t_s, c.teller, c.id, c.spoken, c.shown, c.evidence and json.dumps(c.evidence))
            for number, c in enumerate(cues, start=first)
        ),
    )


def add_faults(connection: sqlite3.Connection, key: int, first: int, spells: Iterable[FaultSpell]) -> None:
    """Add spells of faults, numbered from ``first``."""
    connection.executemany(
        "INSERT INTO faults VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (key, number, s.fault, s.start_s, s.end_s, _sql(s.value), _sql(s.threshold), s.unit)
            for number, s in enumerate(spells, start=first)
        ),
    )


def add_marks(connection: sqlite3.Connection, key: int, first: int, marks: Iterable[KeptEvent]) -> None:
    """Add requests and marks, numbered from ``first``."""
    connection.executemany(
        "INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (key, number, m.frame, _sql(m.t_s), m.kind, m.name, json.dumps(m.value, default=plain))
            for number, m in enumerate(marks, start=first)
        ),
    )


def rows(connection: sqlite3.Connection, where: str = "1", values: tuple[Any, ...] = ()) -> list[SessionRow]:
    """Return sessions, newest first."""
    found = connection.execute(f"SELECT {', '.join(_ROW)} FROM sessions WHERE {where} ORDER BY key DESC", values)
    # Not by the text: local times of two zones are not in its order.
    return sorted((_row(values) for values in found), key=_begun, reverse=True)


def _row(values: tuple[Any, ...]) -> SessionRow:
    """Return the row of a session. Raises ValueError for one that was damaged."""
    row = SessionRow(*values)
    if tuple(map(type, values)) != _KINDS or not (math.isfinite(row.duration_s) and math.isfinite(row.running_s)):
        raise ValueError("the row of a session holds a value of another kind")
    return row


def _begun(row: SessionRow) -> datetime:
    begun = datetime.fromisoformat(row.started_at)
    if begun.tzinfo is None:
        raise ValueError("the beginning of a session has no time zone")
    return begun


def key_of(connection: sqlite3.Connection, session: str) -> int | None:
    """Return the key of a session's id, None where there is none."""
    row = connection.execute("SELECT key FROM sessions WHERE id = ?", (session,)).fetchone()
    return None if row is None else int(row[0])


def column(connection: sqlite3.Connection, session: str, name: str) -> Any:
    """Return one value of a session."""
    row = connection.execute(f"SELECT {name} FROM sessions WHERE id = ?", (session,)).fetchone()
    return None if row is None else row[0]


def steps(connection: sqlite3.Connection, key: int) -> Iterator[JudgedStep]:
    """Yield the steps of a session in order."""
    found = connection.execute(
        f"SELECT number, verdict, {', '.join(STEP_NAMES)} FROM steps WHERE session = ? ORDER BY number", (key,)
    )
    for number, verdict, *values in found:
        known: list[Any] = [math.nan if value is None else value for value in values]
        for at in _FLAGS_AT:
            known[at] = bool(known[at])
        yield JudgedStep(number, verdict, Step(*known))


def short_steps(connection: sqlite3.Connection, key: int) -> list[ShortStep]:
    """Return the steps of a session in order, with what `ShortStep` has of them."""
    found = connection.execute(
        "SELECT verdict, t_s, COALESCE(duration_s, 0.0), hit, peak_below_roof_bh IS NOT NULL"
        " FROM steps WHERE session = ? ORDER BY number",
        (key,),
    )
    return list(map(ShortStep._make, found))


def cues(connection: sqlite3.Connection, key: int) -> list[ToldCue]:
    """Return the cues of a session in order."""
    found = connection.execute(
        "SELECT frame, t_s, teller, id, spoken, shown, evidence FROM cues WHERE session = ? ORDER BY number", (key,)
    )
    names = ("frame", "t_s", "teller", "id", "spoken", "shown")
    return [
        ToldCue(**dict(zip(names, told, strict=True)), evidence=None if evidence is None else json.loads(evidence))
        for *told, evidence in found
    ]


def faults(connection: sqlite3.Connection, key: int) -> list[FaultSpell]:
    """Return the spells of faults of a session in order of their ends."""
    found = connection.execute(
        "SELECT fault, start_s, end_s, value, threshold, unit FROM faults WHERE session = ? ORDER BY number", (key,)
    )
    return [
        FaultSpell(fault, start_s, end_s, _number(value), _number(threshold), unit)
        for fault, start_s, end_s, value, threshold, unit in found
    ]


def marks(connection: sqlite3.Connection, key: int) -> list[KeptEvent]:
    """Return requests and marks of a session in order."""
    found = connection.execute(
        "SELECT frame, t_s, kind, name, value FROM marks WHERE session = ? ORDER BY number", (key,)
    )
    return [KeptEvent(frame, _number(t), kind, name, json.loads(value)) for frame, t, kind, name, value in found]


def person_key(name: str) -> str:
    """Return a runner's name as it is compared: case and spaces do not matter."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def holds(note: str, words: str) -> bool:
    """Return whether a note holds all of some words, wherever they stand; capitals do not matter."""
    text = person_key(note)
    return all(word in text for word in person_key(words).split())


def pack_document(document: Mapping[str, Any]) -> bytes:
    """Return a JSON document as it is kept: the contract's text, compressed."""
    return zlib.compress(json.dumps(document, ensure_ascii=False, allow_nan=False).encode(errors="replace"), 6)


def brief(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without what grows with the session's length: steps and contacts, which have their rows."""
    run = document.get("run")
    if not isinstance(run, dict):
        return dict(document)
    short = {key: value for key, value in run.items() if key not in LONG_LISTS}
    return {**document, "run": short}


def unpack_document(data: bytes) -> dict[str, Any]:
    """Return the document of `pack_document`."""
    return dict(json.loads(zlib.decompress(data)))


def to_text(value: Any) -> str:
    """Return plain JSON values as text; a lone surrogate, of a file that is no UTF-8, becomes "?"."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode(errors="replace").decode()


def _sql(value: Any) -> Any:
    """Return a value as SQLite keeps it: NaN as NULL, flags as whole numbers."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:
    """Return a value as it was before `_sql`: NULL stands for NaN."""
    return math.nan if value is None else value
