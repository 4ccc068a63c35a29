"""A session goes to another machine and is the same there; what is no session, or means harm, leaves nothing."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import struct
import zipfile
import zlib

import pytest

from app.coach.report import Mode
from app.coach.types import BodyPose, RunnerProfile
from app.store import session_zip, zip_reading
from app.store.analysis_json import to_text
from app.store.history import History
from app.store.session_zip import export_session, import_session
from app.store.sessions import chunks, pose_file
from app.store.sessions.chunks import KeptEvent
from app.store.sessions.errors import DamagedError, HistoryError, NewerError
from app.store.sessions.recipe import Recipe

RUN = Recipe(Mode.RUN, RunnerProfile(178.0))
POSES = "files/poses.hcp"
posix = pytest.mark.skipif(os.name == "nt", reason="owners as POSIX has them")


@pytest.fixture(scope="module")
def made():
    """What `zipped` has recorded: once is enough."""
    return {}


@pytest.fixture
def zipped(store, tmp_path, made):
    """A short session as a zip: (id, path)."""
    path = tmp_path / "s.zip"
    if not made:
        session, _ = store.record(store.poses("good", 90, 0.0), RUN, person="Anna", settings={"mirror": True})
        with store.history() as history:
            export_session(history, "last", path)
        files = {file.relative_to(store.folder): file.read_bytes() for file in store.folder.rglob("*.*")
                 if file.is_file()}  # fmt: skip
        made |= {"id": session, "zip": path.read_bytes(), "files": files}
        return session, path
    for name, data in made["files"].items():
        (store.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (store.folder / name).write_bytes(data)
    path.touch(0o600)
    path.write_bytes(made["zip"])
    return made["id"], path


def changed(path, out, change, method=zipfile.ZIP_DEFLATED):
    """Write a zip with the contents of another after ``change(contents)``; return its path."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    change(contents)
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return out


def with_manifest(contents, **values):
    manifest = json.loads(contents["session.json"])
    contents["session.json"] = json.dumps(manifest | values).encode()


def with_file(contents, name, data):
    """Put a file in and name it as an honest export would."""
    contents[name] = data
    files = json.loads(contents["session.json"])["files"]
    files[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    with_manifest(contents, files=files)


def all_of(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# ---------------------------------------------------------------------- there and back


def test_on_another_machine_it_is_the_same_to_the_last_byte(store, tmp_path):
    session, document = store.record(store.poses("ankle_lean", 480), RUN, person="Anna", settings={"mirror": True})
    with store.history() as history:
        export_session(history, session[:15], tmp_path / "s.zip")
        before, steps, cues = history.get(session), history.steps(session), history.cues(session)
        faults, marks = history.faults(session), history.marks(session)
    other = tmp_path / "other"
    assert import_session(other, tmp_path / "s.zip") == session
    with History(other) as history:
        after = history.get(session)
        assert after.row == before.row
        assert after.row.state == "closed"
        assert (after.facts.source_kind, after.profile, after.settings) == ("virtual", before.profile, {"mirror": True})
        assert to_text(after.summary) == to_text(history.document(session)) == to_text(document)
        assert repr(history.steps(session)) == repr(steps), "NaN and all"
        assert steps
        assert (history.cues(session), repr(history.faults(session))) == (cues, repr(faults))
        assert repr(history.marks(session)) == repr(marks)
        assert history.recover() == [], "nothing is left to be recovered"
    poses = f"sessions/{session}/poses.hcp"
    assert (other / poses).read_bytes() == (store.folder / poses).read_bytes()
    export_session(History(other), session, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "s.zip").read_bytes()


def test_a_name_that_is_taken_gets_a_new_one(store, zipped):
    session, path = zipped
    notices: list[str] = []
    copy = import_session(store.folder, path, notices)
    assert notices == [f"{session} is here already: this is kept as a second one, {copy}."]
    third = import_session(store.folder, path)
    assert len({session, copy, third}) == 3
    assert copy[:15] == third[:15]
    with store.history() as history:
        assert [row.id for row in history.sessions(person="anna")] == [third, copy, session]
        assert to_text(history.document(copy)) == to_text(history.document(session))
        history.delete(session)
        assert to_text(history.document(copy)) == to_text(history.get(copy).summary)


def test_whatever_else_lies_in_the_folder_goes_along(store, tmp_path):
    session, _ = store.record(store.poses("good", 90, 0.0), RUN)
    folder = store.folder / "sessions" / session
    (folder / "moments").mkdir()
    (folder / "moments" / "step-3.jpg").write_bytes(b"picture")
    (folder / "link.jpg").symlink_to(tmp_path)
    (folder / ".hidden").write_bytes(b"x")
    with store.history() as history:
        export_session(history, session, tmp_path / "s.zip")
    import_session(tmp_path / "other", tmp_path / "s.zip")
    there = tmp_path / "other" / "sessions" / session
    assert all_of(there) == ["moments", "moments/step-3.jpg", "poses.hcp"]
    assert (there / "moments" / "step-3.jpg").read_bytes() == b"picture"


@posix
def test_zip_and_session_are_for_their_owner_alone(zipped, tmp_path):
    _, path = zipped
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    umask = os.umask(0)
    try:
        import_session(tmp_path / "other", path)
    finally:
        os.umask(umask)
    for made in (tmp_path / "other", *(tmp_path / "other").rglob("*")):
        mode = stat.S_IMODE(made.stat().st_mode)
        assert mode & 0o077 == 0, f"{made} {mode:o}"


def test_an_open_session_is_not_exported(store, tmp_path):
    session = store.cut_off(store.poses("good", 90, 0.0), RUN)
    with store.history() as history, pytest.raises(HistoryError, match="is being recorded or was cut off"):
        export_session(history, session, tmp_path / "s.zip")
    assert not (tmp_path / "s.zip").exists()


def test_a_recovered_session_stays_one(store, tmp_path):
    session = store.cut_off(store.poses("good", 90, 0.0), RUN)
    with store.history() as history:
        assert len(history.recover()) == 1
        export_session(history, session, tmp_path / "s.zip")
    import_session(tmp_path / "other", tmp_path / "s.zip")
    with History(tmp_path / "other") as history:
        assert history.find("last").state == "recovered"
        assert to_text(history.document("last")) == to_text(history.get("last").summary)


# ---------------------------------------------------------------------- what is refused


def refuses(folder, path, match, kind=DamagedError):
    """Import must fail with one line of this kind, and leave nothing."""
    before = all_of(folder / "sessions") if folder.exists() else []
    with pytest.raises(kind, match=match) as told:
        import_session(folder, path)
    assert "\n" not in str(told.value)
    assert all_of(folder / "sessions") == before
    if (folder / "history.db").exists():
        with History(folder) as history:
            assert history.sessions() == []


@pytest.mark.parametrize(
    "name",
    [
        "files/../../escaped.txt", "files/a/../../b", "../escaped", "/etc/escaped", "files//x", "files/a/b/c.txt",
        "files/.hidden", "files/con.txt", "files/a\\..\\b", "files/C:x", "files/ends.", "files/\u202egpj.exe",
    ],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(zipped, tmp_path, name):
    _, path = zipped
    bad = changed(path, tmp_path / "bad.zip", lambda contents: with_file(contents, name, b"owned"))
    refuses(tmp_path / "other", bad, "belongs to no session")
    assert not list(tmp_path.rglob("*escaped*"))


def test_no_link_is_unpacked(zipped, tmp_path):
    _, path = zipped
    bad = changed(path, tmp_path / "bad.zip", lambda contents: with_file(contents, "files/link.jpg", b"/etc/passwd"))
    data = bytearray(bad.read_bytes())
    with zipfile.ZipFile(bad) as archive:
        at = data.index(b"PK\x01\x02", archive.getinfo("files/link.jpg").header_offset)
    while data[at + 46 : at + 46 + 14] != b"files/link.jpg":
        at = data.index(b"PK\x01\x02", at + 1)
    struct.pack_into("<I", data, at + 38, (stat.S_IFLNK | 0o777) << 16)
    bad.write_bytes(data)
    refuses(tmp_path / "other", bad, "no plain file")


def test_a_bomb_is_not_unpacked(zipped, tmp_path, monkeypatch):
    _, path = zipped
    zeros = bytes(5_000_000)
    bomb = changed(path, tmp_path / "bomb.zip", lambda contents: with_file(contents, "files/a.mp4", zeros))
    assert bomb.stat().st_size < 100_000
    refuses(tmp_path / "other", bomb, "far too long")
    monkeypatch.setattr(zip_reading, "MOST_BYTES", 100)
    refuses(tmp_path / "other", path, "far too long")


def test_a_file_that_lies_about_its_size_is_cut_short(zipped, tmp_path):
    _, path = zipped

    def lie(contents):
        files = json.loads(contents["session.json"])["files"]
        files[POSES]["bytes"] = 10
        with_manifest(contents, files=files)

    refuses(tmp_path / "other", changed(path, tmp_path / "a.zip", lie), "not as long as it should be")
    bad = changed(path, tmp_path / "b.zip", lie, zipfile.ZIP_STORED)
    data = bytearray(bad.read_bytes())
    at = data.index(b"PK\x01\x02")
    while data[at + 46 : at + 46 + len(POSES)] != POSES.encode():
        at = data.index(b"PK\x01\x02", at + 1)
    struct.pack_into("<I", data, at + 24, 10)  # its unpacked size in the list of contents
    bad.write_bytes(data)
    refuses(tmp_path / "other", bad, r"no whole zip of a session \(Bad CRC-32")


def test_a_head_that_is_a_bomb_is_not_unpacked(zipped, tmp_path, monkeypatch):
    _, path = zipped
    monkeypatch.setattr(pose_file, "MOST_HEAD_BYTES", 100_000)
    payload = zlib.compress(b'{"version": 1, "x": "' + bytes([97]) * 200_000 + b'"}')
    record = struct.pack("<4scIII", b"HCP1", b"H", 0, len(payload), zlib.crc32(payload)) + payload
    bad = changed(path, tmp_path / "bad.zip", lambda contents: with_file(contents, POSES, record))
    refuses(tmp_path / "other", bad, "head of .* is far too long")


def test_a_list_of_contents_that_is_a_bomb_is_not_read(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(1500):
            archive.writestr(f"files/{number}", b"")
    refuses(tmp_path / "other", tmp_path / "many.zip", "far too many files")
    monkeypatch.setattr(zip_reading, "MOST_DIRECTORY_BYTES", 10_000)
    refuses(tmp_path / "other", tmp_path / "many.zip", "far too much in it")


def test_a_zip_of_the_kind_for_enormous_files_is_none(zipped, tmp_path):
    """Its list of contents has its length elsewhere."""
    _, path = zipped
    whole = path.read_bytes()
    at = whole.rindex(b"PK\x05\x06")
    length, begins = struct.unpack_from("<II", whole, at + 12)
    end = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 3, 3, length, begins)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    bad = tmp_path / "bad.zip"
    bad.write_bytes(whole[:at] + end + locator + whole[at:])
    refuses(tmp_path / "other", bad, "far too much in it")


def test_files_that_are_too_long_together_are_refused(zipped, tmp_path, monkeypatch):
    _, path = zipped
    bad = changed(path, tmp_path / "bad.zip", lambda contents: with_file(contents, "files/more.txt", b"word " * 100))
    with zipfile.ZipFile(bad) as archive:
        sizes = [entry.file_size for entry in archive.infolist() if entry.filename.startswith("files/")]
    assert len(sizes) >= 2
    monkeypatch.setattr(zip_reading, "MOST_BYTES", sum(sizes) - 1)
    refuses(tmp_path / "other", bad, "far too long for a session")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda c: c.pop("session.json"), "no session of Hinge Coach"),
        (lambda c: c.__setitem__("session.json", b"[]"), "cannot be read"),
        (lambda c: c.__setitem__("session.json", b"[" * 100_000), "cannot be read"),
        (lambda c: with_manifest(c, schema="hingecoach.rules/1"), "no session of Hinge Coach"),
        (lambda c: c.pop(POSES), "does not hold the files that it names"),
        (lambda c: c.__setitem__("files/more.jpg", b"x"), "does not hold the files that it names"),
        (lambda c: c.__setitem__(POSES, bytes(len(c[POSES]))), "not what was exported"),
        (lambda c: with_file(c, POSES, c[POSES][:-200]), "should have 90 frames"),
        (lambda c: with_file(c, POSES, c[POSES][:300]), "has no head"),
        (lambda c: with_file(c, POSES, b"no poses"), "has no head"),
        (lambda c: with_manifest(c, frames=91), "should have 91 frames"),
        (lambda c: with_manifest(c, facts={"source_kind": 5}), "cannot be judged"),
    ],
)
def test_what_is_no_session_is_refused(zipped, tmp_path, change, match):
    _, path = zipped
    refuses(tmp_path / "other", changed(path, tmp_path / "bad.zip", change), match)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        *(
            (values, "cannot be judged: what it holds is not what a session holds")
            for values in (
                {"person": ["Anna"]}, {"person": "A" * 5000}, {"started_at": "2026-11-22T10:00:00"},
                {"started_at": "soon"}, {"settings": 3}, {"recipe": None}, {"camera": None},
            )
        ),
        ({"recipe": {"mode": "run"}}, r"what the coach of a session was made of cannot be read \(it lacks 'plan'\)"),
    ],
)  # fmt: skip
def test_a_head_that_no_list_could_show_is_refused(zipped, tmp_path, values, told, store):
    session, path = zipped
    head = pose_file.read_head(store.folder / "sessions" / session) | values

    def change(contents):
        old = contents[POSES]
        length = struct.unpack_from("<4scIII", old)[3]
        payload = zlib.compress(json.dumps(head).encode())
        record = struct.pack("<4scIII", b"HCP1", b"H", 0, len(payload), zlib.crc32(payload)) + payload
        with_file(contents, POSES, record + old[17 + length :])

    refuses(tmp_path / "other", changed(path, tmp_path / "bad.zip", change), told)


def record_of(kind, number, payload):
    return struct.pack("<4scIII", b"HCP1", kind, number, len(payload), zlib.crc32(payload)) + payload


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ({"spoken": {}}, "what was said in the session cannot be read"),
        ({"more": 1}, "what was said in the session cannot be read"),
        ({"frame": 2**70}, r"a part of the poses cannot be read \(an event has no frame or time\)"),
    ],
)
def test_words_that_no_table_can_hold_are_refused(zipped, tmp_path, store, told, match):
    session, path = zipped
    head = zlib.compress(json.dumps(pose_file.read_head(store.folder / "sessions" / session)).encode())
    value = {"id": "tunnel", "spoken": "Duck", "shown": "DUCK", "evidence": None} | told
    frame = value.pop("frame", 0)
    chunk = chunks.pack(chunks.Chunk(store.poses("good", 90, 0.0), [KeptEvent(frame, 0.0, "told", "setup", value)]))
    poses = record_of(b"H", 0, head) + record_of(b"C", 1, chunk)
    bad = changed(path, tmp_path / "bad.zip", lambda contents: with_file(contents, POSES, poses))
    refuses(tmp_path / "other", bad, match)


def test_frames_beyond_those_that_were_told_are_not_judged(zipped, tmp_path, store):
    session, path = zipped
    head = zlib.compress(json.dumps(pose_file.read_head(store.folder / "sessions" / session)).encode())
    pose = BodyPose.nobody(0.0, (640, 480))
    chunk = chunks.pack(chunks.Chunk([pose] * 20_000))
    assert len(chunk) < 20_000
    poses = record_of(b"H", 0, head) + b"".join(record_of(b"C", n, chunk) for n in range(1, 50))
    bad = changed(path, tmp_path / "bad.zip", lambda contents: with_file(contents, POSES, poses))
    refuses(tmp_path / "other", bad, "should have 90 frames and has more")


def test_newer_ones_say_so(zipped, tmp_path):
    _, path = zipped
    newer = changed(path, tmp_path / "new.zip", lambda c: with_manifest(c, schema="hingecoach.session/2"))
    refuses(tmp_path / "other", newer, "newer Hinge Coach: update the app", NewerError)


def test_what_is_no_zip_is_one_line(tmp_path, zipped):
    _, path = zipped
    (tmp_path / "no.zip").write_bytes(b"PK but not really" * 100)
    refuses(tmp_path / "other", tmp_path / "no.zip", "no whole zip of a session")
    (tmp_path / "half.zip").write_bytes(path.read_bytes()[:-200])
    refuses(tmp_path / "other", tmp_path / "half.zip", "no whole zip of a session")
    refuses(tmp_path / "other", tmp_path / "gone.zip", "no file", HistoryError)
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    (tmp_path / "flipped.zip").write_bytes(data)
    refuses(tmp_path / "other", tmp_path / "flipped.zip", r"no whole zip of a session \(Bad CRC-32")


def test_no_room_is_told_before_anything_is_written(zipped, tmp_path, monkeypatch):
    _, path = zipped
    monkeypatch.setattr(zip_reading, "SPARE_BYTES", 1 << 62)
    refuses(tmp_path / "other", path, "free space are needed", HistoryError)


@pytest.mark.parametrize(
    ("error", "told", "kind"),
    [
        (HistoryError("the disk is full"), "the disk is full", HistoryError),
        (sqlite3.DataError("too big"), "cannot be kept: what it holds is not what a session holds", DamagedError),
    ],
)
def test_a_failure_in_the_middle_leaves_nothing(zipped, tmp_path, monkeypatch, error, told, kind):
    _, path = zipped

    def fails(*_, **__):
        raise error

    monkeypatch.setattr(session_zip.recording, "write_end", fails)
    refuses(tmp_path / "other", path, told, kind)


def test_what_a_killed_import_left_is_swept_up(zipped, tmp_path):
    session, path = zipped
    left = tmp_path / "other" / "sessions" / ".import-0"
    left.mkdir(parents=True)
    (left / "poses.hcp").write_bytes(b"x")
    os.utime(left, (1.0, 1.0))
    import_session(tmp_path / "other", path)
    assert [path.name for path in (tmp_path / "other" / "sessions").iterdir()] == [session]
