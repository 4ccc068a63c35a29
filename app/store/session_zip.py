"""One session as a zip: written for another machine or as a copy, and taken in again from wherever it comes.

    session.json    {"schema": "hingecoach.session/1", "id", "state", "notice", "frames", "facts", "files"}
    analysis.json   the contract's document, for people and programs; not read again
    files/...       the files of the session's folder as they are, their SHA-256 in session.json

What is read may come from anybody. Nothing in it decides where something is written, how much, or what is judged: names
are matched against a pattern, sizes are counted while unpacking, and the poses are judged again here. A session is
either there as a whole or not at all, under its own id or, where that is taken, under a new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import stat
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.coach.rules import RulesError, default_rules
from app.store.analysis_json import analysis_json
from app.store.atomic import OWNER_ONLY, make_private_folder, replacing
from app.store.sessions import note, pose_file, recipe, recording, schema, start, tables, video_track
from app.store.sessions.chunks import Chunk, KeptEvent
from app.store.sessions.errors import DamagedError, HistoryError
from app.store.sessions.recovery import STAGING, forget_imports
from app.store.sessions.replay import Replay, replayed
from app.store.zip_reading import (
    ANALYSIS,
    FILES,
    MANIFEST,
    MOST_BYTES,
    MOST_WORDS,
    NONSENSE,
    PIECE_BYTES,
    SCHEMA,
    VERSION,
    is_name,
    manifest_of,
    reading,
    unpack,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from app.store.history import History
    from app.store.session_facts import SessionFacts

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
#: These are as small as they get.
_PACKED = (".hcp", ".mp4", ".jpg", ".jpeg", ".png", ".webp")
#: A session that was cut off may have pictures of which the landmarks were not written any more: a minute of them.
_MOST_AHEAD = 3600
_TEXTS = ("person", "source_kind", "source", "camera", "app_version", "model", "model_sha256", "engine")


# ---------------------------------------------------------------------- out


def export_session(history: History, session: str, path: Path, with_video: bool = False) -> None:
    """Write a session as a zip, for its owner alone, whole or not at all.

    Args:
        history: where it is.
        session: its id, the beginning of one, or "last".
        path: of the zip.
        with_video: put its video in, too.

    Raises:
        HistoryError: there is none, or it is not closed, or it is too long.
        OutputError: the zip cannot be written.
    """
    row = history.find(session)
    if row.state == tables.OPEN:
        raise HistoryError(f"The session {row.id} is being recorded or was cut off: close it, or start the app once.")
    details, folder = history.get(row.id), history.folder(row.id)
    with pose_file.telling(folder):
        found = _files_in(folder)
        if not with_video:
            found.pop(FILES + video_track.NAME, None)
        if sum(file.stat().st_size for file in found.values()) > MOST_BYTES:
            raise HistoryError(f"The session {row.id} has over {MOST_BYTES / 1e9:.0f} GB: copy its folder {folder}.")
    manifest = {
        "schema": f"{SCHEMA}/{VERSION}",
        "id": row.id,
        "state": row.state,
        "notice": row.notice,
        "frames": row.frames,
        "facts": None if details.facts is None else start.facts_json(details.facts),
    }
    with (
        replacing(path, private=True) as temporary,
        pose_file.telling(path),
        zipfile.ZipFile(temporary, "w") as archive,
    ):
        added = {name: _add_file(archive, name, file) for name, file in found.items()}
        _add_json(archive, MANIFEST, manifest | {"files": added})
        if details.summary is not None:
            _add_json(archive, ANALYSIS, details.summary)


def _files_in(folder: Path) -> dict[str, Path]:
    """Return name in the zip -> file, in order: those of the folder and of folders in it; links and oddities stay."""
    found = {f"{FILES}{file.relative_to(folder).as_posix()}": file for file in sorted(folder.rglob("*"))}
    return {name: file for name, file in found.items() if is_name(name) and file.is_file() and not file.is_symlink()}


def _add_file(archive: zipfile.ZipFile, name: str, file: Path) -> dict[str, Any]:
    """Add a file; return its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as source, archive.open(_entry(name), "w") as target:
        while piece := source.read(PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _add_json(archive: zipfile.ZipFile, name: str, tree: Mapping[str, Any]) -> None:
    text = json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False)
    archive.writestr(_entry(name), text.encode(errors="replace"))


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an entry for the owner alone, of no date: the same session gives the same zip."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFREG | OWNER_ONLY) << 16
    entry.compress_type = zipfile.ZIP_STORED if name.lower().endswith(_PACKED) else zipfile.ZIP_DEFLATED
    return entry


# ---------------------------------------------------------------------- in


def import_session(data_folder: Path, path: Path, notices: list[str] | None = None) -> str:
    """Take in the session of a zip; return the id it has here. An hour of it takes about a minute.

    Args:
        data_folder: of the app.
        path: of the zip.
        notices: gets a line for what was found damaged in the history here, and where the session is here already.

    Raises:
        DamagedError: it is no such zip, or not what it says. NewerError: it is of a newer app.
        HistoryError: it cannot be read, or there is no room for it.
    """
    folder = make_private_folder(data_folder / recording.FOLDER)
    forget_imports(folder)
    staging = folder / f"{STAGING}{secrets.token_hex(6)}"
    try:
        with reading(path) as archive:
            manifest = manifest_of(archive, path)
            unpack(archive, manifest["files"], staging)
        try:
            arrival = _Arrival(staging, manifest)
        except HistoryError as error:
            raise type(error)(f"{path}: {str(error).replace(str(staging), 'what it holds')}") from error
        return arrival.take_in(data_folder, notices if notices is not None else [])
    finally:
        shutil.rmtree(staging, ignore_errors=True)


class _Arrival:
    """An unpacked session, judged again. Raises DamagedError, NewerError where that cannot be."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self._folder, self._manifest = folder, manifest
        try:
            self._head = pose_file.read_head(folder)
            _require_row(self._head)
            self._replay, self._notice = _judged(self._head, _at_most(manifest["frames"], folder))
            video_track.finish(folder)
            video_track.kept_video(folder, manifest["frames"] + _MOST_AHEAD)  # raises where it is none of ours
            self._notice = self._notice or manifest["notice"]
            self._facts = self._facts_of(manifest["facts"])
            analysis_json(self._replay.coach.summary(), self._facts)
        except NONSENSE as error:
            raise DamagedError("The session cannot be judged: what it holds is not what a session holds.") from error
        frames = self._replay.derived.frames
        if frames != manifest["frames"]:
            raise DamagedError(f"The session should have {manifest['frames']} frames, {frames} can be read.")

    def _facts_of(self, tree: Any) -> SessionFacts:
        if tree is not None:
            return start.facts_of(tree)
        made = recipe.from_json(self._head["recipe"], default_rules())
        return start.start_of(self._head, made).facts(self._replay.tracking)

    def take_in(self, data_folder: Path, notices: list[str]) -> str:
        """Give it its place and its rows; return its id. Raises HistoryError, and then nothing of it is there."""
        connection = recording.open_database(data_folder, notices, datetime.now())
        try:
            was = self._manifest["id"]
            session = _free_id(connection, data_folder, was, self._head["started_at"])
            if session != was and _ID.fullmatch(was):
                notices.append(f"{was} is here already: this is kept as a second one, {session}.")
            place = data_folder / recording.FOLDER / session
            with pose_file.telling(place):
                os.utime(self._folder / pose_file.NAME)  # so new that another instance does not recover it meanwhile
                self._folder.rename(place)
            try:
                self._write_rows(connection, data_folder, session, place)
            except BaseException as error:
                with suppress(HistoryError), schema.telling(data_folder), schema.transaction(connection):
                    connection.execute("DELETE FROM sessions WHERE id = ?", (session,))
                shutil.rmtree(place, ignore_errors=True)
                if isinstance(error, (sqlite3.Error, *NONSENSE)):
                    raise DamagedError(
                        "The session cannot be kept: what it holds is not what a session holds."
                    ) from error
                raise
        finally:
            connection.close()
        return session

    def _write_rows(self, connection: sqlite3.Connection, data_folder: Path, session: str, place: Path) -> None:
        replay, database = self._replay, data_folder / recording.DATABASE
        writer = pose_file.PoseWriter.reopen(place)
        if writer is None:
            raise HistoryError(f"Another Hinge Coach has taken {place}: try again.")
        try:
            if not replay.finished:  # as a recovery does it
                end = Chunk([], [KeptEvent(replay.derived.frames, replay.derived.last_s, "request", "finish", [])])
                writer.append(end)
                replay.feed(end)
                replay.end()
            with schema.telling(database), schema.transaction(connection):
                values = start.row_values(self._head) | {"id": session, "note": note.read(place)}
                key = tables.insert(connection, values)
            summary, standing = replay.coach.summary(), replay.coach.standing
            state = self._manifest["state"]
            recording.write_end(
                connection, database, key, replay.derived, summary, self._facts, standing, state, self._notice
            )
        finally:
            writer.close()


def _at_most(frames: int, folder: Path) -> Iterator[Chunk]:
    """Yield the chunks of a session; raise DamagedError at the first frame too many: a few kB can hold a million."""
    found = 0
    for chunk in pose_file.read_chunks(folder):
        found += len(chunk.poses)
        if found > frames:
            raise DamagedError(f"The session should have {frames} frames and has more.")
        yield chunk


def _judged(head: Mapping[str, Any], chunks: Iterator[Chunk]) -> tuple[Replay, str]:
    """Return the session judged by its own rules, or by the app's where this app cannot use them; and a notice."""
    try:
        made, notice = recipe.from_json(head["recipe"]), ""
    except RulesError:
        made = replace(recipe.from_json(head["recipe"], default_rules()), rules=None)
        notice = "judged by the app's rules of now: this app cannot use those it was begun with"
    return replayed(made, chunks), notice


def _require_row(head: Mapping[str, Any]) -> None:
    """Raise ValueError unless a list of sessions can hold what the head says."""
    for name in _TEXTS:
        if not isinstance(head[name], str) or len(head[name]) > MOST_WORDS:
            raise ValueError(f"{name} is no text of a session")
    if not isinstance(head["settings"], dict) or not isinstance(head["recipe"], dict):
        raise TypeError("settings or recipe are missing")
    if datetime.fromisoformat(head["started_at"]).tzinfo is None:
        raise ValueError("its beginning has no time zone")


def _free_id(connection: sqlite3.Connection, data_folder: Path, wanted: str, started_at: str) -> str:
    """Return the id it had, or a new one where that is none or is taken here."""
    folder = data_folder / recording.FOLDER
    session = wanted if _ID.fullmatch(wanted) else ""
    with schema.telling(data_folder / recording.DATABASE):
        while not session or (folder / session).exists() or tables.key_of(connection, session) is not None:
            session = f"{datetime.fromisoformat(started_at):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    return session
