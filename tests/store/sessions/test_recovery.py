"""What was cut off is closed at the next start by judging it, once, and nothing that was saved is lost."""

import os
import re
import shutil

import pytest

from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.store.analysis_json import to_text
from app.store.session_zip import export_session, import_session
from app.store.sessions import pose_file, recovery
from app.store.sessions.recipe import Recipe

RUN = Recipe(Mode.RUN, RunnerProfile(178.0))


def statuses(store):
    with store.history() as history:
        return {row.id: row.state for row in history.sessions()}


def test_a_cut_off_session_is_closed_by_judging_it(store):
    poses = store.poses("ankle_lean", 480)
    session = store.cut_off(poses, person="Anna")
    assert statuses(store) == {session: "open"}
    whole, document = store.record(poses, person="Anna")
    begun = []
    with store.history() as history:
        (said,) = history.recover(begun.append)
        assert begun == [session]
        assert "had been cut off; 8 s of it were recovered" in said
        assert history.recover() == []
        row, other = history.find(session), history.find(whole)
        assert (row.state, row.steps, row.cues, row.verdict) == ("recovered", other.steps, other.cues, "ankle_lean")
        assert history.get(session).summary == document
        assert history.document(session) == document
        assert history.faults(session) == history.faults(whole)
        assert [cue.id for cue in history.cues(session)] == [cue.id for cue in history.cues(whole)]


def test_a_living_session_is_left_alone(store):
    coach, recorder = store.recorder(RUN)
    for pose in store.poses("good", 60, 0.0):
        coach.update(pose)
    with store.history() as history:
        assert history.recover() == []
        assert history.find("last").state == "open"
    assert recorder.close() is not None
    assert set(statuses(store).values()) == {"closed"}


def test_a_session_without_frames_leaves_nothing(store):
    session = store.cut_off([])
    with store.history() as history:
        assert history.recover() == []
        assert history.sessions() == []
    assert not (store.folder / "sessions" / session).exists()


def test_a_session_that_lost_its_landmarks_is_closed_and_told_of_once(store):
    session = store.cut_off(store.poses("good", 60, 0.0))
    shutil.rmtree(store.folder / "sessions" / session)
    with store.history() as history:
        (said,) = history.recover()
        assert "could not be recovered: its landmarks were moved or deleted" in said
        assert history.recover() == []
        assert "landmarks" in history.find(session).notice


@pytest.mark.parametrize(("share", "frames"), [(0.5, True), (0.0, False)])
def test_landmarks_damaged_in_an_open_session_are_kept_as_they_were(store, tmp_path, share, frames):
    session = store.cut_off(store.poses("good", 480, 0.0), RUN, chunks=4)
    path = store.folder / "sessions" / session / pose_file.NAME
    data = bytearray(path.read_bytes())
    begins = [found.start() for found in re.finditer(b"HCP1", data)]
    data[begins[round(share * 4) + frames] + 50] ^= 0xFF
    path.write_bytes(data)
    with store.history() as history:
        (said,) = history.recover()
        assert path.with_name("poses-damaged.hcp").read_bytes() == data
        row = history.find(session)
        assert "kept as poses-damaged.hcp" in said
        assert "kept as poses-damaged.hcp" in row.notice
        assert history.recover() == []
        if frames:
            assert 0 < row.frames < 480
            assert to_text(history.document(session)) == to_text(history.get(session).summary)
            export_session(history, session, tmp_path / "s.zip")
        history.delete(session)
    assert not path.parent.exists()
    if frames:
        import_session(tmp_path / "other", tmp_path / "s.zip")
        assert (tmp_path / "other" / "sessions" / session / "poses-damaged.hcp").read_bytes() == data


def test_a_fault_of_the_coach_does_not_stop_the_start(store, monkeypatch, caplog):
    session = store.cut_off(store.poses("good", 60, 0.0))
    with store.history() as history:
        with monkeypatch.context() as patch:
            patch.setattr(recovery, "replayed", lambda *_: 1 / 0)
            assert "the log says why" in history.recover()[0]
        assert "ZeroDivisionError" in caplog.text
        assert history.find(session).state == "open"
        assert len(history.recover()) == 1


def test_two_that_start_at_once_recover_a_session_once(store):
    store.cut_off(store.poses("good", 120, 0.0))
    with store.history() as one, store.history() as other:
        at_work = iter(recovery.Recovery(store.folder, one._connection).steps(said := []))
        next(at_work)
        first = other.recover()
        assert list(at_work) == []
    assert [len(first), len(said)] == [1, 0]


def test_who_was_killed_before_the_first_byte_leaves_nothing_and_anything_else_stays(store):
    begun, other = (store.folder / "sessions" / name for name in ("begun", "other"))
    for folder in (begun, other):
        folder.mkdir(parents=True)
        (folder / pose_file.NAME).touch()
        os.utime(folder / pose_file.NAME, (1.0, 1.0))
    (other / "note.txt").write_text("my knee", encoding="utf-8")
    with store.history() as history:
        (said,) = history.recover()
        assert said.startswith("The session other cannot be read: ")
        assert history.sessions() == []
    assert not begun.exists()
    assert (other / "note.txt").exists()


def test_who_was_killed_before_the_pose_file_leaves_nothing_and_no_file_of_others_goes(store):
    begun, stray = (store.folder / "sessions" / name for name in ("begun", "stray"))
    begun.mkdir(parents=True)
    stray.write_text("mine", encoding="utf-8")
    for path in (begun, stray):
        os.utime(path, (1.0, 1.0))
    with store.history() as history:
        assert [line.split(" cannot")[0] for line in history.recover()] == ["The session stray"]
    assert not begun.exists()
    assert stray.read_text(encoding="utf-8") == "mine"


def test_a_start_sweeps_up_what_a_killed_import_left(store):
    old, young = (store.folder / "sessions" / f"{recovery.STAGING}{k}" for k in range(2))
    for left in (old, young):
        left.mkdir(parents=True)
        (left / "poses.hcp").write_bytes(b"x")
    os.utime(old, (1.0, 1.0))
    with store.history() as history:
        assert history.recover() == []
    assert (old.exists(), young.exists()) == (False, True)
