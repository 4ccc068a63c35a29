"""How costs grow with the number of sessions kept: opening the history, its list, one session, beginning a recording.

One real session is recorded from the virtual runner's landmarks; the others are copies of it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.json_values import number
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart
from app.validation.bench_clip import HEIGHT_CM

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.coach.types import BodyPose

#: The one that is recorded, s: 25 minutes of steps would be ten times as many.
SESSION_S, DRAWN_S, FPS, STANDING_S = 150.0, 16.0, 30.0, 4.0
ROUNDS = 5


def stored_part(counts: Sequence[int], session_s: float = SESSION_S) -> dict[str, Any]:
    """Return what each thing costs with so many sessions in the history, median ms, and its size, MB."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        poses = _poses(session_s)
        _record(folder, poses)
        rows = []
        for count in sorted(counts):
            _copy_until(folder, count)
            rows.append(_costs(folder, count, poses))
    return {"session_s": number(session_s, 1), "stored": rows}


def _poses(seconds: float) -> list[BodyPose]:
    """Return the landmarks of a session: a standing runner, then strides over and over."""
    scene = VirtualScene(
        RunnerParams(act=Act.ANKLE_LEAN, height_cm=HEIGHT_CM, standing_s=STANDING_S), Camera.framing((1280, 720))
    )
    drawn = [scene.landmarks_at(k / FPS) for k in range(round(min(seconds, DRAWN_S) * FPS))]
    standing = round(min(seconds, STANDING_S) * FPS)
    running = drawn[standing:] or drawn
    rest = (running[k % len(running)] for k in range(max(0, round(seconds * FPS) - standing)))
    return [replace(pose, t_s=k / FPS) for k, pose in enumerate([*drawn[:standing], *rest])]


def _record(folder: Path, poses: Sequence[BodyPose]) -> None:
    recipe = Recipe(Mode.RUN, RunnerProfile(HEIGHT_CM))
    coach = recipe.make()
    recorder = SessionRecorder(coach, SessionStart(recipe, source_kind="virtual"), folder)
    for pose in poses:
        coach.update(pose)
    coach.finish()
    recorder.close(coach.summary())


def _copy_until(folder: Path, count: int) -> None:
    """Copy the first session until there are so many: its rows in every table, and its files as further names."""
    with closing(sqlite3.connect(folder / "history.db")) as database, database:
        there = database.execute("SELECT count(*) FROM sessions").fetchone()[0]
        first, name = database.execute("SELECT key, id FROM sessions ORDER BY key LIMIT 1").fetchone()
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        belong = [t for t in tables if "session" in _columns(database, t)]
        for k in range(there, count):
            columns = [column for column in _columns(database, "sessions") if column not in ("key", "id")]
            told = ", ".join(columns)
            copy = f"INSERT INTO sessions (id, {told}) SELECT ?, {told} FROM sessions WHERE key = ?"
            key = database.execute(copy, (f"{name}-{k:05d}", first)).lastrowid
            for table in belong:
                told = ", ".join(column for column in _columns(database, table) if column != "session")
                copy = f"INSERT INTO {table} (session, {told}) SELECT ?, {told} FROM {table} WHERE session = ?"
                database.execute(copy, (key, first))
            place = folder / "sessions" / f"{name}-{k:05d}"
            place.mkdir()
            for file in (folder / "sessions" / name).iterdir():
                os.link(file, place / file.name)


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


def _costs(folder: Path, count: int, poses: Sequence[BodyPose]) -> dict[str, Any]:
    with History(folder) as history:
        newest = history.sessions()[0].id
        listing = _median_ms(history.sessions)
        one = _median_ms(lambda: history.get(newest))
        brief = _median_ms(lambda: (history.get(newest, brief=True), history.short_steps(newest)))
    size = sum(path.stat().st_size for path in folder.glob("history.db*"))
    return {
        "sessions": count,
        "open_ms": _median_ms(lambda: _open(folder)),
        "list_ms": listing,
        "one_ms": one,
        "trend_point_ms": brief,
        "begin_ms": _median_ms(lambda: _begin(folder, poses[0])),
        "database_mb": number(size / 1e6, 1),
    }


def _open(folder: Path) -> None:
    """Open the history as for the first time: what was written to is looked through."""
    os.utime(folder / "history.db")
    History(folder).close()


def _begin(folder: Path, pose: BodyPose) -> None:
    """Record one frame and give it up: what a session that nobody wants to keep costs."""
    recipe = Recipe(Mode.RUN, RunnerProfile(HEIGHT_CM))
    coach = recipe.make()
    recorder = SessionRecorder(coach, SessionStart(recipe, source_kind="virtual"), folder)
    coach.update(pose)
    recorder.flush()
    recorder.discard()


def _median_ms(do: Callable[[], object]) -> float | None:
    """Return the median time of a few rounds after one that does not count."""
    took_ms = []
    for _ in range(ROUNDS + 1):
        began_s = time.perf_counter()
        do()
        took_ms.append((time.perf_counter() - began_s) * 1e3)
    return number(median(took_ms[1:]), 2)
