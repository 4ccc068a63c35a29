"""The history: finding, filtering, deleting for good, and what happens when its database is not what it should be."""

import os
import re
import sqlite3
import stat
import tempfile
import time
from collections import namedtuple
from pathlib import Path

import pytest

from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.store.history import History
from app.store.sessions import pose_file, recovery, schema, tables
from app.store.sessions.errors import HistoryError, NewerError
from app.store.sessions.recipe import Recipe
from app.store.trends import digest

RUN = Recipe(Mode.RUN, RunnerProfile(178.0))
STANCE = Recipe(Mode.STANCE, RunnerProfile(178.0))


def age(store, seconds=10.0):
    """Let the files look as if nobody had touched them for a while."""
    for path in store.folder.glob("sessions/*/*"):
        os.utime(path, (time.time() - seconds,) * 2)


# ---------------------------------------------------------------------- what there is


def test_an_empty_history(store):
    with store.history() as history:
        assert history.sessions() == []
        assert history.people() == []
        assert history.recover() == []
        with pytest.raises(HistoryError, match="no session yet"):
            history.find("last")


def test_filters_by_person_and_mode(store):
    run, _ = store.record(store.poses("good", 60, 0.0), RUN, person="Anna  Ríos")
    stance, _ = store.record(store.poses("good", 60, 0.0), STANCE, person="anna ri\u0301os")
    other, _ = store.record(store.poses("good", 60, 0.0), RUN)
    with store.history() as history:
        assert [row.id for row in history.sessions()] == [other, stance, run], "newest first"
        assert {row.id for row in history.sessions(person="ANNA RÍOS")} == {run, stance}
        assert [row.id for row in history.sessions(person="ANNA RÍOS", mode="stance")] == [stance]
        assert [row.id for row in history.sessions(person="")] == [other]
        assert history.people() == ["", "anna ri\u0301os"], "as written last"


def test_sessions_are_found_by_the_beginning_of_their_id(store):
    one, _ = store.record(store.poses("good", 60, 0.0), RUN)
    two, _ = store.record(store.poses("good", 60, 0.0), RUN)
    with store.history() as history:
        assert history.find("last").id == two
        assert history.find(one).id == one
        assert history.find(one[:-1] if not two.startswith(one[:-1]) else one).id == one
        for text, told in (("2", "2 sessions begin with 2"), ("1999", "no session 1999"), ("", "No session is named")):
            with pytest.raises(HistoryError, match=told):
                history.find(text)


def test_details(store):
    session, document = store.record(
        store.poses("ankle_lean", 300), RUN, person="Anna", camera="HD", settings={"mirror": True}, model="full"
    )
    with store.history() as history:
        details = history.get("last")
    assert details.row.id == session
    assert (details.row.camera, details.row.model, details.row.state) == ("HD", "full", "closed")
    assert details.profile == RunnerProfile(178.0)
    assert details.settings == {"mirror": True}
    assert details.standing.source == "recorded"
    assert details.summary == document
    assert details.facts.source_kind == "virtual"


def test_everything_is_the_owners_alone(store):
    store.record(store.poses("good", 60, 0.0), RUN)
    with store.history():  # with its -wal and -shm beside it
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.folder.rglob("*")}
        assert {"history.db", "history.db-wal", "poses.hcp", "sessions"} <= set(modes)
        for path in [store.folder, *store.folder.rglob("*")]:
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


# ---------------------------------------------------------------------- deleted for good


def test_delete_leaves_no_trace(store):
    secret = "Zaphod Beeblebrox"
    gone, _ = store.record(store.poses("ankle_lean", 480), RUN, person=secret, settings={"note": "only a test 4711"})
    stays, _ = store.record(store.poses("good", 60, 0.0), RUN, person="Anna")
    traces = (gone.encode(), secret.encode(), b"only a test 4711", b"FOLD")
    with store.history() as history:
        assert any(trace in store.all_bytes() for trace in traces)
        assert history.delete(gone[:-1] + gone[-1]).person == secret
        left = store.all_bytes()
        assert [trace for trace in traces if trace in left] == []
        assert history.notices == []
        assert [row.id for row in history.sessions()] == [stays]
        for table in ("steps", "cues", "faults", "marks"):
            count = history._connection.execute(f"SELECT count(*) FROM {table} WHERE session = 1").fetchone()
            assert count == (0,), table
    assert [path.name for path in (store.folder / "sessions").iterdir()] == [stays]


def test_a_session_being_recorded_is_not_deleted(store, monkeypatch):
    _, recorder = store.recorder(RUN)
    with store.history() as history:
        with pytest.raises(HistoryError, match="is being recorded in this very window: stop it first"):
            history.delete(recorder.id)
        monkeypatch.setattr(pose_file, "_own", set())  # as in another process
        with pytest.raises(HistoryError, match="is being recorded by another Hinge Coach: stop it there"):
            history.delete(recorder.id)
        recorder.discard()
        assert history.sessions() == []


def test_a_deletion_that_was_cut_off_is_ended(store):
    session, _ = store.record(store.poses("good", 60, 0.0), RUN)
    folder = store.folder / "sessions" / session
    folder.rename(folder.with_name(recovery.DELETED + session))
    with store.history() as history:
        assert history.recover() == []
        assert history.sessions() == []
    assert list((store.folder / "sessions").iterdir()) == []


# ---------------------------------------------------------------------- judged again


def test_a_session_of_which_a_part_is_lost_is_not_replayed_as_if_it_were_whole(store):
    session, _ = store.record(store.poses("good", 240, 0.0), RUN)
    path = store.folder / "sessions" / session / "poses.hcp"
    frames = [len(chunk.poses) for chunk in pose_file.read_chunks(path.parent)]  # as the writing thread came by
    lost = max(k for k, number in enumerate(frames) if number)
    begins = [found.start() for found in re.finditer(b"HCP1", path.read_bytes())][1:]  # the first is the head
    path.write_bytes(path.read_bytes()[: begins[lost] + 100])
    left = sum(frames[:lost])
    with store.history() as history:
        with pytest.raises(HistoryError, match=f" only {left} of 240 frames can be read"):
            history.replay(session)
        assert history.get(session).summary["run"]["verdict"] == history.find(session).verdict


# ---------------------------------------------------------------------- databases


@pytest.mark.parametrize("damage", ["no database", "torn", "turned over"])
def test_a_damaged_database_is_set_aside_and_read_in_again(store, damage):
    session, document = store.record(store.poses("ankle_lean", 300), RUN, person="Anna")
    path = store.folder / "history.db"
    data = path.read_bytes()
    damaged = {
        "no database": b"this is no database at all" * 50,
        "torn": data[: len(data) // 2 + 100],
        "turned over": data[:4096] + bytes(255 - byte for byte in data[4096:12288]) + data[12288:],
    }[damage]
    path.write_bytes(damaged)
    age(store)
    with store.history() as history:
        (notice,) = history.notices
        (aside,) = store.folder.glob(schema.ASIDE)
        assert aside.name in notice
        assert aside.read_bytes()[:2000] == damaged[:2000]
        assert history.sessions() == []
        assert "recovered" in history.recover()[0]
        row = history.find(session)
        assert (row.person, row.state) == ("Anna", "recovered")
        again = history.get(session).summary
        history.delete(session)
        assert f"{aside.name} may still hold traces" in history.notices[-1]
    assert again | {"timings": None} == document | {"timings": None}


def test_a_newer_apps_database_is_refused_and_left_alone(store):
    store.record(store.poses("good", 60, 0.0), RUN)
    path = store.folder / "history.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NewerError, match="newer Hinge Coach: update the app, or move the file away"):
        store.history()
    with pytest.raises(NewerError):
        store.recorder()
    assert path.read_bytes() == before
    assert len(list((store.folder / "sessions").iterdir())) == 1


def test_an_older_database_is_brought_up_to_date_once(store, monkeypatch):
    session, _ = store.record(store.poses("good", 60, 0.0), RUN)
    more = "ALTER TABLE sessions ADD COLUMN weather TEXT NOT NULL DEFAULT 'rain'"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, more))
    for _ in range(2):
        with store.history() as history:
            assert tables.column(history._connection, session, "weather") == "rain"
            assert history._connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)


def test_what_is_followed_over_sessions_is_read_without_the_steps(store):
    """The digest of the short query and the short document is that of the whole ones; a database of before has none."""
    session, document = store.record(store.poses("ankle_lean", 480), RUN)
    with store.history() as history:
        whole, short = history.get(session), history.get(session, brief=True)
        steps = history.steps(session)
        assert len(steps) >= 10
        assert whole.summary == document
        assert short.summary["run"] == {k: v for k, v in document["run"].items() if k not in ("steps", "contacts")}
        assert {**short.summary, "run": 0} == {**document, "run": 0}
        found = digest(whole.row, whole.summary, steps)
        assert digest(short.row, short.summary, history.short_steps(session)) == found
        assert {"good_share", "inside_share", "trunk_lean_deg"} <= set(found.values)
        unmeasured = [s.number for s in steps if not s.measured]
        assert [n for n, s in enumerate(history.short_steps(session), 1) if not s.measured] == unmeasured
        with schema.transaction(history._connection):
            tables.update(history._connection, 1, {"brief": None})
        assert history.get(session, brief=True).summary == short.summary


def test_a_step_that_fails_changes_nothing(store, monkeypatch):
    session, _ = store.record(store.poses("good", 60, 0.0), RUN)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE more (a); NONSENSE"))
        with pytest.raises(sqlite3.OperationalError):
            store.history()
    with store.history() as history:
        assert history.find("last").id == session
        names = {name for (name,) in history._connection.execute("SELECT name FROM sqlite_master")}
    assert "more" not in names


def test_every_value_of_a_step_has_its_column(store):
    with store.history() as history:
        columns = {row[1] for row in history._connection.execute("PRAGMA table_info(steps)")}
    assert columns == {"session", "number", "verdict", *tables.STEP_NAMES}


def test_a_data_folder_that_is_a_file_is_told_of(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError, match="choose another data folder"):
        History(tmp_path / "file" / "data")


@pytest.mark.parametrize(("free", "told"), [(4096, "the disk is full: free some space"), (10**9, "does not answer")])
def test_a_full_disk_is_told_of_though_sqlite_takes_it_for_a_broken_one(store, monkeypatch, free, told):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(schema.shutil, "disk_usage", lambda _: usage(free))
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR | 19 << 8  # of the shared memory's size
    with pytest.raises(HistoryError, match=told), schema.telling(store.folder / "history.db"):
        raise error


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of Windows are others")
def test_a_read_only_folder_is_told_of_in_one_line():
    folder = Path(tempfile.mkdtemp())  # not tmp_path: nobody else may enter that
    folder.chmod(0o555)
    root = os.geteuid() == 0  # who may write everywhere
    try:
        if root:
            os.seteuid(65534)
        with pytest.raises(HistoryError, match=r"Permission denied\): choose another data folder\.$"):
            History(folder)
    finally:
        if root:
            os.seteuid(0)
        folder.rmdir()
