"""A note is never lost, and a marked moment is found again: after a crash, a lost database, on another machine."""

from __future__ import annotations

import itertools
import os
import shutil

import pytest

from app.store.atomic import OutputError
from app.store.sessions import note, schema
from app.store.sessions.errors import HistoryError

SECRET = "Zanzibar"


def test_what_is_written_is_read(store):
    session, _ = store.record(store.poses(frames=200), person="Anna")
    with store.history() as history:
        assert history.find(session).note == ""
        row = history.write_note(session, "\r\n new\tshoes \x07\r12 km/h\u202e 👨\u200d👧  \n")
        assert row.note == history.find(session).note == "new shoes\n12 km/h 👨\u200d👧"
        assert (history.folder(session) / note.NAME).stat().st_mode & 0o777 == 0o600
        assert [r.id for r in history.sessions(noted="KM/H  new")] == [session]
        assert history.sessions(noted="old") == []
        history.write_note(session, " \n")
        assert history.find(session).note == ""
        assert not (history.folder(session) / note.NAME).exists()


def test_what_cannot_be_kept_leaves_the_note_before(store, monkeypatch):
    session, _ = store.record(store.poses(frames=200))
    with store.history() as history:
        history.write_note(session, "kept")
        with pytest.raises(HistoryError, match="at most 8000"):
            history.write_note(session, "x" * 8001)
        monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OutputError, match="No space"):
            history.write_note(session, "other")
        monkeypatch.undo()
        assert history.find(session).note == note.read(history.folder(session)) == "kept"


def test_a_lost_database_gets_the_notes_back(store):
    session, _ = store.record(store.poses(frames=200))
    with store.history() as history:
        history.write_note(session, "from the folder")
    for path in store.folder.glob("history.db*"):
        path.unlink()
    os.utime(store.folder / "sessions" / session / "poses.hcp", (1, 1))
    with store.history() as history:
        history.recover()
        assert history.find(session).note == "from the folder"


def test_a_note_that_was_cut_off_between_file_and_database_is_mended(store):
    session, _ = store.record(store.poses(frames=200))
    with store.history() as history:
        history.write_note(session, "old")
        note.write(history.folder(session), "newer")
        history.recover()
        assert history.find(session).note == "newer"
        (history.folder(session) / note.NAME).unlink()
        history.recover()
        assert history.find(session).note == note.read(history.folder(session)) == "newer"


def test_a_note_that_is_taken_away_while_the_start_mends_notes_stays_away(store, monkeypatch):
    session, _ = store.record(store.poses(frames=200))
    read, taken = note.read, []

    def read_later(folder):
        if not taken:
            taken.append(folder)
            with store.history() as window:
                window.write_note(session, "")
        return read(folder)

    with store.history() as history:
        history.write_note(session, "old")
        monkeypatch.setattr(note, "read", read_later)
        history.recover()
        assert (taken, history.find(session).note) == ([history.folder(session)], "")
        assert not (taken[0] / note.NAME).exists()


def test_a_folder_that_holds_a_note_is_not_swept_up_with_its_empty_landmarks(store):
    session, _ = store.record(store.poses(frames=200))
    folder = store.folder / "sessions" / session
    note.write(folder, "kept")
    (folder / "poses.hcp").write_bytes(b"")
    os.utime(folder / "poses.hcp", (1, 1))
    for path in store.folder.glob("history.db*"):
        path.unlink()
    with store.history() as history:
        assert "cannot be read" in "".join(history.recover())
        assert note.read(folder) == "kept"
        (folder / note.NAME).unlink()
        assert history.recover() == []
        assert not folder.exists()


def test_deleted_means_gone(store):
    session, _ = store.record(store.poses(frames=200))
    with store.history() as history:
        history.write_note(session, SECRET)
        assert SECRET.encode() in store.all_bytes()
        history.delete(session)
    assert SECRET.encode() not in store.all_bytes()


def test_an_older_database_has_no_notes_and_takes_them(store, monkeypatch):
    monkeypatch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:2])
    with store.history() as history:
        history._connection.close()
    monkeypatch.undo()
    with store.history() as history:
        names = [row[1] for row in history._connection.execute("PRAGMA table_info(sessions)")]
        assert names[-1] == "note"
    session, _ = store.record(store.poses(frames=200))
    with store.history() as history:
        assert history.write_note(session, "a").note == "a"


def test_marked_moments_are_kept_and_repeated(store):
    coach, recorder = store.recorder()
    for k, pose in enumerate(store.poses(frames=240)):
        coach.update(pose)
        if k in (60, 180):
            recorder.mark("moment")
    coach.finish()
    document = recorder.close()
    with store.history() as history:
        assert history.moments_s(recorder.id) == pytest.approx((1.0, 3.0), abs=1e-6)
        assert history.document(recorder.id) == document


@pytest.mark.parametrize("how", ["marked", "noted", "neither"])
def test_what_somebody_marked_or_noted_is_worth_keeping(store, how):
    coach, recorder = store.recorder()
    recorder._worth = lambda _: False
    for pose in itertools.islice(store.poses(), 60):
        coach.update(pose)
    if how == "marked":
        recorder.mark("moment")
    elif how == "noted":
        with store.history() as history:
            history.write_note(recorder.id, "a test of the light")
    coach.finish()
    recorder.close()
    with store.history() as history:
        assert len(history.sessions()) == (how != "neither")


def test_a_session_that_lost_its_folder_can_still_be_noted(store):
    session, _ = store.record(store.poses(frames=200))
    with store.history() as history:
        shutil.rmtree(history.folder(session))
        history.write_note(session, "lost on the way")
        history.recover()
        assert history.find(session).note == "lost on the way"


def test_a_session_that_was_cut_off_keeps_its_marks_and_its_note(store):
    coach, recorder = store.recorder()
    for k, pose in enumerate(store.poses(frames=240)):
        coach.update(pose)
        if k == 120:
            recorder.mark("moment")
    with store.history() as history:
        history.write_note(recorder.id, "written while it ran")
    recorder._stop()
    recorder._recording.close()  # as a killed process leaves it
    with store.history() as history:
        assert len(history.recover()) == 1
        assert history.moments_s(recorder.id) == pytest.approx((2.0,), abs=1e-6)
        assert history.find(recorder.id).note == "written while it ran"
