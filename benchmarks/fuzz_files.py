"""Targets of the fuzzer that read files of sessions: zips from anybody, pose files, the history, landmarks."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
import shutil
import sqlite3
import stat
import struct
import tempfile
import zipfile
import zlib
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from app.capture.trc import TrcSource
from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.session.recorder import SessionRecorder
from app.store import session_zip, trc_export
from app.store.history import History
from app.store.sessions import chunks, pose_file
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart
from benchmarks.fuzz_cases import damaged, damaged_text, damaged_tree, hostile_text, odd_value
from benchmarks.fuzz_coach import some_poses
from benchmarks.fuzz_run import Target, forget, require_finite

#: What a target may leave behind while it unpacks something, bytes; a bomb writes more.
MOST_WRITTEN = 30_000_000


def record(folder: Path, frames: int = 24) -> str:
    """Record a short session of the virtual runner, of three chunks and more; return its id."""
    recipe = Recipe(Mode.RUN, RunnerProfile(178.0))
    coach = recipe.make()
    recorder = SessionRecorder(coach, SessionStart(recipe, person="Anna", source_kind="virtual", source="good"), folder)
    for k, pose in enumerate(some_poses(frames)):
        coach.update(pose)
        if k % (frames // 3) == 0:
            recorder.flush()
    coach.finish()
    recorder.close()
    return recorder.id


@cache
def _kept() -> tuple[bytes, bytes, bytes]:
    """Return (zip, pose file, database) of a short session."""
    folder = Path(tempfile.mkdtemp(prefix="hingecoach-fuzz-seed-"))
    try:
        session = record(folder)
        with History(folder) as history:
            session_zip.export_session(history, session, folder / "s.zip")
            poses = (history.folder(session) / pose_file.NAME).read_bytes()
        return (folder / "s.zip").read_bytes(), poses, (folder / "history.db").read_bytes()
    finally:
        shutil.rmtree(folder)


# ---------------------------------------------------------------------- zips


def _zip_members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(_kept()[0])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


_ODD_NAMES = (
    "files/../../escaped", "../escaped", "/escaped", "files//poses.hcp", "files/./x", "C:\\escaped", "files/C:x",
    "files\\..\\..\\escaped", "files/con", "files/a/b/c", "files/POSES.HCP", "files/x.", "files/ x", "files/\u202ex",
    "files/" + "n" * 300, "files/a\0b", "files/..", "files/x/", "session.json", "analysis.json", "files/poses.hcp", "",
)  # fmt: skip


def _zip_cases() -> SearchStrategy[Any]:
    """Return (kind, what): bytes damaged, or a zip made anew with odd members and a manifest that is right or wrong."""
    member = st.tuples(
        st.one_of(st.sampled_from(_ODD_NAMES), hostile_text(12).map(lambda text: f"files/{text}")),
        st.sampled_from(("small", "bomb", "link", "folder", "device", "encrypted", "lzma", "listed")),
    )
    made = st.tuples(
        st.lists(member, max_size=4),
        damaged_tree([json.loads(_zip_members()["session.json"])], 3),
        st.booleans(),
        st.sampled_from(("", "", "doubled", "many", "nested", "comment", "overlap")),
    )
    words = [b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06", b"\xff\xff\xff\xff"]
    return st.one_of(st.tuples(st.just("bytes"), damaged([_kept()[0]], words)), st.tuples(st.just("made"), made))


def _made_zip(members: list[tuple[str, str]], manifest: Any, right: bool, trick: str) -> bytes:
    """Return a zip; ``right``: with the manifest that fits, and the odd members in it where they are "listed"."""
    known = _zip_members()
    tree = json.loads(known["session.json"]) if right else manifest
    extra: dict[str, bytes] = {}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, kind in members:
            entry = zipfile.ZipInfo(name.encode(errors="replace").decode() or "x")
            modes = {"link": stat.S_IFLNK, "folder": stat.S_IFDIR, "device": stat.S_IFCHR}
            entry.external_attr = (modes.get(kind, stat.S_IFREG) | 0o777) << 16
            entry.compress_type = zipfile.ZIP_LZMA if kind == "lzma" else zipfile.ZIP_DEFLATED
            data = bytes(3_000_000) if kind == "bomb" else b"../../escaped" if kind == "link" else b"x"
            entry.flag_bits |= 1 if kind == "encrypted" else 0
            archive.writestr(entry, data)
            if kind in ("listed", "bomb", "link") and right:
                extra[entry.filename] = data
        if isinstance(tree, dict) and isinstance(tree.get("files"), dict) and right:
            tree["files"] |= {n: {"bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in extra.items()}
        if trick == "many":
            for k in range(1100):
                archive.writestr(f"files/f{k}", b"")
        if trick == "nested":
            archive.writestr("files/s.zip", _kept()[0])
        archive.writestr("session.json", json.dumps(tree).encode(errors="replace"))
        for name, data in known.items():
            if name != "session.json":
                archive.writestr(name, data)
        if trick == "doubled":
            archive.writestr("files/poses.hcp", known["files/poses.hcp"])
        archive.comment = b"PK\x05\x06" * 10 if trick == "comment" else b""
    found = bytearray(made.getvalue())
    if trick == "overlap":  # the last entry of the directory points to where the first one does
        at = found.rfind(b"PK\x01\x02")
        found[at + 42 : at + 46] = struct.pack("<I", 0)
    return bytes(found)


def _check_zip(case: Any, folder: Path) -> str:
    kind, what = case
    forget(folder)
    data, outer = folder / "app" / "data", folder / "app"
    data.mkdir(parents=True)
    path = folder / "s.zip"
    path.write_bytes(what if kind == "bytes" else _made_zip(*what))
    notices: list[str] = []
    try:
        session = session_zip.import_session(data, path, notices)
        with History(data) as history:
            summary = history.get(session).summary
            assert summary is not None
            require_finite(summary)
            assert history.get(session).row.frames == len(list(history.frames(session)))
            again = json.dumps(history.document(session).get("run", {}))
            assert again == json.dumps(summary.get("run", {}))
    finally:
        assert {one.name for one in folder.iterdir()} == {"app", "s.zip"}, "written outside of the data folder"
        assert {one.name for one in outer.iterdir()} == {"data"}, "written outside of the data folder"
        _require_tidy(data)
    return "taken in"


def _require_tidy(data: Path) -> None:
    for one in data.rglob("*"):
        assert not one.is_symlink(), one
        assert not one.name.startswith(".import-"), "an import that failed left its folder"
        assert one.is_dir() or one.stat().st_size <= MOST_WRITTEN
        assert one.is_dir() or not one.stat().st_mode & 0o077, f"{one} is for everybody"
    allowed = {"history.db", "history.db-wal", "history.db-shm", "sessions"}
    assert {one.name for one in data.iterdir()} <= allowed


# ---------------------------------------------------------------------- pose files


def _pose_cases() -> SearchStrategy[Any]:
    words = [b"HCP1", b"HCP1H", b"HCP1C", b"\0\0\0\0", b"\xff\xff\xff\x7f"]
    whole = _kept()[1]
    chunks_at = whole.index(b"HCP1C")
    events = st.lists(st.tuples(st.integers(-5, 40), hostile_text(8), odd_value()), max_size=4)
    return st.one_of(
        st.tuples(st.just("bytes"), damaged([whole], words)),
        # The head is most of it: damage among the chunks alone, too.
        st.tuples(st.just("bytes"), damaged([whole[chunks_at:]], words).map(whole[:chunks_at].__add__)),
        st.tuples(st.just("chunk"), st.tuples(damaged_tree([_head()], 3), st.binary(max_size=40), events)),
        st.tuples(st.just("head"), damaged_tree([_slim_head()], 3)),
    )


@cache
def _kept_head() -> Any:
    data = _kept()[1]
    (length,) = struct.unpack_from("<I", data, 9)
    return json.loads(zlib.decompress(data[17 : 17 + length]))


def _slim_head() -> Any:
    """Return the head without its rules: they are put back before it is written, unless something else is there."""
    head = _kept_head()
    return head | {"recipe": head["recipe"] | {"rules": "as they were"}}


def _record(kind: bytes, number: int, payload: bytes) -> bytes:
    return struct.pack("<4scIII", b"HCP1", kind, number, len(payload), zlib.crc32(payload)) + payload


def _pose_head(tree: Any) -> bytes:
    """Return the pose file with another head, sound in all sums."""
    if (
        isinstance(tree, dict)
        and isinstance(tree.get("recipe"), dict)
        and tree["recipe"].get("rules") == "as they were"
    ):
        tree["recipe"]["rules"] = _kept_head()["recipe"]["rules"]
    data = _kept()[1]
    (length,) = struct.unpack_from("<I", data, 9)
    return _record(b"H", 0, zlib.compress(json.dumps(tree).encode())) + data[17 + length :]


def _head() -> Any:
    return {"frames": 2, "contexts": [[1280, 720, True, False, [], ""]], "events": [], "tracking": {}}


def _pose_chunk(head: Any, tail: bytes, events: Any) -> bytes:
    """Return a pose file whose one chunk has this head, sound in all sums."""
    if isinstance(head, dict) and events and isinstance(head.get("events"), list):
        head["events"] += [[frame, None, name, name, value] for frame, name, value in events]
    text = json.dumps(head).encode()
    n = head.get("frames") if isinstance(head, dict) else 0
    n = n if isinstance(n, int) and 0 <= n < 1000 else 2
    size = 8 * n + 2 * n + -(-n * 44 // 8) + 4 * n * 44 + n * 22
    body = (tail * (size // max(len(tail), 1) + 1))[:size] if tail else bytes(size)
    payload = zlib.compress(struct.pack("<I", len(text)) + text + body)
    first = _kept()[1]
    (length,) = struct.unpack_from("<I", first, 9)
    head_record = first[: 17 + length]
    return head_record + _record(b"C", 1, payload)


def _check_poses(case: Any, folder: Path) -> str:
    kind, what = case
    forget(folder)
    data = what if kind == "bytes" else _pose_head(what) if kind == "head" else _pose_chunk(*what)
    place = folder / "sessions" / "20260101-000000-aaaaaa"
    place.mkdir(parents=True)
    path = place / pose_file.NAME
    path.write_bytes(data)
    if kind == "bytes":
        _require_whole_chunks(data, place)
    os.utime(path, (1.0, 1.0))
    with History(folder) as history:
        said = history.recover()
        assert all(line.isprintable() and len(line) < 2000 for line in said), said
        assert not any("the log says why" in line for line in said), said
        _require_kept(data, place)
        rows = history.sessions()
        for row in rows:
            assert row.frames >= 0
            summary = history.get(row.id).summary
            if summary is not None:
                require_finite(summary)
            history.steps(row.id), history.cues(row.id), history.marks(row.id), history.faults(row.id)
    return f"{len(rows)} session"


def _require_kept(data: bytes, place: Path) -> None:
    """Raise AssertionError unless every whole chunk that was there, wherever, is there after a recovery."""
    kept = b"".join(path.read_bytes() for path in place.rglob("*.hcp"))
    for at in (found.start() for found in re.finditer(b"HCP1C", data)):
        record = data[at : at + 17 + int.from_bytes(data[at + 9 : at + 13], "little")]
        if pose_file._is_whole(data, at):  # noqa: SLF001 - as the recovery tells it
            assert record in kept or not chunks.unpack(record[17:]).poses, "a whole chunk was lost"


def _require_whole_chunks(data: bytes, place: Path) -> None:
    """Raise AssertionError unless the chunks before the first damage are read, as they were written."""
    whole = _kept()[1]
    same = next((k for k, (a, b) in enumerate(zip(data, whole, strict=False)) if a != b), min(len(data), len(whole)))
    at, expected = 0, 0
    while at + 17 <= len(whole):
        (length,) = struct.unpack_from("<I", whole, at + 9)
        at += 17 + length
        expected += at <= same
    found = sum(1 for _ in pose_file._records(place / pose_file.NAME))  # noqa: SLF001 - what is whole, not what it says
    assert found >= expected, f"only {found} of {expected} whole records are read"


# ---------------------------------------------------------------------- database


def _db_cases() -> SearchStrategy[Any]:
    words = [b"SQLite format 3\0", b"CREATE TABLE", b"\0\0\0\2", b"\xff" * 8, b"open", b"closed", b"NULL"]
    cell = st.tuples(
        st.sampled_from(("started_at", "person", "mode", "settings", "profile", "standing", "facts", "summary", "brief",
                         "frames", "duration_s", "verdict", "notice", "steps", "rules_hash", "drill", "state")),
        st.one_of(st.none(), st.binary(max_size=8), hostile_text(12), st.integers(-(2**63), 2**63 - 1), st.floats()),
    )  # fmt: skip
    return st.one_of(
        st.tuples(st.just("bytes"), damaged([_kept()[2]], words)),
        st.tuples(st.just("cells"), st.lists(cell, min_size=1, max_size=3)),
    )


def _check_db(case: Any, folder: Path) -> str:
    kind, what = case
    forget(folder)
    path = folder / "history.db"
    path.write_bytes(what if kind == "bytes" else _kept()[2])
    if kind == "cells":
        with closing(sqlite3.connect(path)) as connection, connection:
            for name, value in what:
                if isinstance(value, str):
                    value = value.encode(errors="replace").decode()
                with np.testing.suppress_warnings():
                    try:
                        connection.execute(f"UPDATE sessions SET {name} = ?", (value,))
                    except sqlite3.IntegrityError:
                        return "refused by the database"
    with History(folder) as history:
        for row in history.sessions():
            history.people()
            details = history.get(row.id)
            history.get(row.id, brief=True)
            if details.summary is not None:
                from app.store import trends

                trends.digest(row, details.summary, history.short_steps(row.id))
            for read in (history.steps, history.cues, history.marks, history.faults):
                read(row.id)
        return "set aside" if history.notices else "opened"


# ---------------------------------------------------------------------- landmarks


@cache
def _trc() -> str:
    folder = Path(tempfile.mkdtemp(prefix="hingecoach-fuzz-seed-"))
    try:
        track = trc_export.Track(iter(some_poses(40)[::4]))
        trc_export.write_trc(folder / "a.trc", track, trc_export.scale_by_height(track, 3.0, 178.0))
        return (folder / "a.trc").read_text(encoding="utf-8")
    finally:
        shutil.rmtree(folder)


def _trc_cases() -> SearchStrategy[Any]:
    text = _trc()
    cut = "\n".join(text.split("\n")[:7]) + "\n"
    words = ("Units", "mm", "m", "in", "NumFrames", "REar", "LEar", "Head", "Hip", "Neck", "\t\t\t", "nan", "inf", "-0",
             "1e308", "1_000", "\u0661", "PathFileType", "1e-320", "0x10", "\r", "\f", "\x0b", "\u2028")  # fmt: skip
    return st.one_of(
        damaged_text([text, cut, cut], words, 8).map(lambda one: one.encode(errors="surrogatepass")),
        damaged([text.encode(), cut.encode()], [b"\t", b"\n", b"\xff", b"\0", b"nan", b"1e308"]),
    )


def _check_trc(case: bytes, folder: Path) -> str:
    path = folder / "a.trc"
    path.write_bytes(case)
    source = TrcSource(path)
    source.open()
    assert source.notice.isprintable()
    assert 0 < source.size_px[0] <= 4097
    assert 0 < source.size_px[1] <= 4097
    last_s, frames = -math.inf, 0
    while (frame := source.read()) is not None:
        assert frame.t_s > last_s, "time does not increase"
        assert math.isfinite(frame.t_s)
        assert frame.landmarks is not None
        xy = frame.landmarks.xy_px
        assert not np.isinf(xy).any()
        assert not (np.abs(xy) > 1e6).any()
        last_s, frames = frame.t_s, frames + 1
    assert frames == source.frame_count
    source.close()
    return "read"


TARGETS = (
    Target("trc", "landmark files", _trc_cases, _check_trc, 12),
    Target("zips", "sessions from anybody (`sessions import`)", _zip_cases, _check_zip, 2.5, most_s=10.0),
    Target("pose-files", "pose files, and their recovery", _pose_cases, _check_poses, 3, most_s=10.0),
    Target("history", "the history's database", _db_cases, _check_db, 2.5, most_s=10.0),
)
