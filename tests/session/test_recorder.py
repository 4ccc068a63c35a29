"""Recording beside a running session: cheap, harmless when it fails, and never losing more than a second."""

import gc
import random
import shutil
import sqlite3
import threading
import time
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from app.capture.virtual import VirtualSource
from app.coach.drill_model import DrillModel
from app.coach.drills import DrillPlan
from app.coach.report import Cue, Mode
from app.coach.reps import DrillId
from app.coach.setup import SetupGuide
from app.coach.types import RunnerProfile
from app.pose.estimator import OracleEstimator, Tracking
from app.session import Session
from app.session import recorder as recorders
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.session_facts import SessionFacts
from app.store.sessions import pose_file
from app.store.sessions.errors import HistoryError
from app.store.sessions.grid import on_grid
from app.store.sessions.recipe import Recipe
from app.store.sessions.recording import Recording
from app.store.sessions.start import SessionStart
from benchmarks import crashes

FPS = 60.0
RECIPE = Recipe(Mode.AUTO, RunnerProfile(178.0))
START = SessionStart(RECIPE, person="Anna", source_kind="virtual", source="ankle_lean")
FACTS = SessionFacts("virtual", 61.5, 0.01, 0.2, 0.5, "0.1.0", notices=("low light",))
WAIT_S = 10.0  # never reached by code that works
SCENE = VirtualScene(
    RunnerParams(act=Act.ANKLE_LEAN, standing_s=2.0), Camera.framing((1280, 720)), noise=Noise(0.8, 0.01, seed=2)
)


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def no_clock(monkeypatch):
    """Let the writer write when told (`flush`), not by the clock."""
    monkeypatch.setattr(recorders, "WRITE_EVERY_S", 60.0)


def recording(data, start=START):
    coach = start.recipe.make()
    return coach, SessionRecorder(coach, start, data)


def feed(coach, first, count):
    for k in range(first, first + count):
        coach.update(SCENE.landmarks_at(k / FPS))


# ---------------------------------------------------------------------- with a real session


def test_a_session_in_threads_is_kept_and_agrees_with_its_replay(data):
    coach, recorder = recording(data)
    source = VirtualSource(SCENE, FPS, 8.0, realtime=False, render=False)
    with Session(source, OracleEstimator, coach, observers=(recorder,)) as session:
        session.ask(lambda coach: coach.set_mode(Mode.RUN))
        session.start()
        assert session.wait(WAIT_S)
    document = recorder.close(session.summary(), FACTS)
    assert recorder.notice == ""
    with History(data) as history:
        row = history.find(recorder.id)
        assert (row.state, row.person, row.frames, row.verdict) == ("closed", "Anna", 480, "ankle_lean")
        assert history.document("last") == document == history.get("last").summary
        assert history.get("last").facts == FACTS
        assert [mark.name for mark in history.marks("last")] == ["set_mode", "finish"]


def test_what_the_set_up_guide_asks_is_repeated(data):
    runner = VirtualScene(RunnerParams(act=Act.STANCE_GOOD, standing_s=10.0), Camera.framing((1280, 720)))
    coach, recorder = recording(data)
    source = VirtualSource(runner, FPS, 12.0, realtime=False, render=False)
    session = Session(source, OracleEstimator, coach, observers=(recorder,), guide=SetupGuide(coach.profile))
    asked = [k for k, analysis in enumerate(iter(session.step, None)) if analysis.setup.calibrate]
    document = recorder.close(session.summary())
    with History(data) as history:
        assert history.document("last") == document
        marks = [(mark.name, mark.frame) for mark in history.marks("last")]
        assert {"setup", "coach"} == {cue.teller for cue in history.cues("last")}
    assert asked
    # Asked for when that frame had been judged: it counts from the next one on.
    assert marks == [*(("calibrate", k + 1) for k in asked), ("finish", 720)]


def test_what_others_say_and_the_users_marks_are_kept(data):
    cue = Cue("step_back", "Step back", "STEP BACK", 0.1, 2.1, 1)
    coach, recorder = recording(data)
    feed(coach, 0, 7)
    tracking = Tracking(leg_swaps_repaired=3, notices=("dim",))
    recorder(SimpleNamespace(tracking=tracking, setup=SimpleNamespace(say=cue), exam=None))
    recorder.mark("felt good", {"minute": 1})
    feed(coach, 7, 3)
    document = recorder.close()
    assert document["tracking"]["leg_swaps_repaired"] == 3
    assert "dim" in document["warnings"]
    with History(data) as history:
        (told,) = history.cues("last")
        assert (told.teller, told.id, told.frame, told.t_s, told.spoken) == ("setup", "step_back", 6, 0.1, "Step back")
        (mark,) = history.marks("last")
        assert (mark.kind, mark.name, mark.frame, mark.value) == ("mark", "felt good", 7, {"minute": 1})


def test_while_an_exam_is_sat_the_coach_has_no_voice(data):
    def observed(exam):
        recorder(SimpleNamespace(tracking=Tracking(), setup=None, exam=exam))

    coach, recorder = recording(data)
    said = []
    for k in range(480):
        said.append(coach.update(SCENE.landmarks_at(k / FPS)).cue)
        observed(SimpleNamespace(say=None) if k < 300 else None)
    recorder.close()
    early, late = ([cue.id for cue in part if cue] for part in (said[:300], said[300:]))
    assert early
    assert late
    with History(data) as history:
        assert [cue.id for cue in history.cues("last")] == late
        marks = [(mark.frame, mark.name, mark.value) for mark in history.marks("last")]
    assert marks == [(1, "exam", True), (301, "exam", False)]


def test_the_coach_is_held_up_by_less_than_a_tenth_of_a_millisecond(data, no_clock):
    coach, recorder = recording(data)
    poses = [on_grid(SCENE.landmarks_at(k / FPS)) for k in range(300)]
    report, took_ms = coach.update(poses[0]), []
    for pose in poses:
        began_s = time.perf_counter()
        recorder._took(on_grid(pose), report)
        took_ms.append(1e3 * (time.perf_counter() - began_s))
    assert np.median(took_ms) < 0.1
    recorder.discard()


# ---------------------------------------------------------------------- what may go wrong


def test_what_waits_is_on_the_disk_after_each_turn(data, no_clock):
    coach, recorder = recording(data)
    for turn in range(1, 4):
        feed(coach, 60 * (turn - 1), 60)
        assert recorder.flush(WAIT_S)
        with History(data) as history:
            assert len(list(history.frames(recorder.id))) == 60 * turn == history.find(recorder.id).frames
    recorder.close()


def test_a_full_disk_ends_the_recording_not_the_session(data, no_clock, monkeypatch):
    coach, recorder = recording(data)
    feed(coach, 0, 180)
    assert recorder.flush(WAIT_S)

    def full(_file, _data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pose_file, "write_all", full)
        feed(coach, 180, 60)
        assert not recorder.flush(WAIT_S)
    assert recorder.notice.startswith("Recording stopped: ")
    assert "No space left on device" in recorder.notice
    assert recorder.notice.endswith("What was recorded until then is kept.")
    feed(coach, 240, 60)  # goes on
    assert recorder.close() is None
    with History(data) as history:
        assert "3 s of it were recovered" in history.recover()[0]
        assert (history.find("last").state, history.find("last").frames) == ("recovered", 180)


def test_who_waits_for_a_disk_that_fails_waits_no_longer_and_nothing_is_held(data, no_clock):
    coach, recorder = recording(data)

    def fails(_chunk):
        feed(coach, 10, 5)  # these come meanwhile
        raise HistoryError("the disk is gone")

    recorder._recording.append = fails
    feed(coach, 0, 10)
    waiting = threading.Thread(target=recorder.flush, args=(threading.TIMEOUT_MAX,), daemon=True)
    waiting.start()
    waiting.join(WAIT_S)
    assert not waiting.is_alive()
    recorder._thread.join(WAIT_S)
    assert recorder.notice.startswith("Recording stopped: the disk is gone")
    assert len(recorder._queue) == 0
    assert recorder.close() is None


def test_at_the_end_of_the_process_a_session_that_runs_is_written(data, no_clock):
    coach, recorder = recording(data)
    feed(coach, 0, 30)
    assert recorders.settle(WAIT_S)
    with History(data) as history:
        assert len(list(history.frames(recorder.id))) == 30
    recorder.discard()


def test_a_full_disk_at_the_beginning_leaves_nothing(data, monkeypatch):
    def full(_file, _data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pose_file, "write_all", full)
    with pytest.raises(HistoryError, match=r"No space left on device\): check space and permissions\.$"):
        recording(data)
    assert list((data / "sessions").iterdir()) == []


def test_a_full_database_ends_nothing(data, no_clock, caplog):
    coach, recorder = recording(data)
    pages = recorder._recording._connection.execute("PRAGMA page_count").fetchone()[0]
    recorder._recording._connection.execute(f"PRAGMA max_page_count = {pages}")
    for k in range(10):
        recorder.mark("x" * 2000)
        feed(coach, 20 * k, 20)
        assert recorder.flush(WAIT_S)
    assert "the disk is full: free some space" in caplog.text
    assert recorder.close() is None
    assert "The session could not be closed" in recorder.notice
    with History(data) as history:
        assert "3 s of it were recovered" in history.recover()[0]
        assert len(history.marks("last")) == 11


def test_another_instance_that_writes_is_waited_for(data, no_clock, caplog):
    coach, recorder = recording(data)
    other = sqlite3.connect(data / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    feed(coach, 0, 60)
    assert recorder.flush(WAIT_S)
    assert "another Hinge Coach is writing" in caplog.text
    other.execute("ROLLBACK")
    other.close()
    with History(data) as history:
        assert history.find(recorder.id).frames == 0
        assert len(list(history.frames(recorder.id))) == 60, "poses do not wait"
        feed(coach, 60, 60)
        assert recorder.flush(WAIT_S)
        assert history.find(recorder.id).frames == 120
    assert recorder.close() is not None
    assert recorder.notice == ""


def test_a_disk_that_takes_nothing_does_not_eat_the_memory(data, no_clock, monkeypatch):
    monkeypatch.setattr(recorders, "MOST_WAITING", 50)
    coach, recorder = recording(data)
    feed(coach, 0, 80)
    assert len(recorder._queue) == 50
    assert recorder.notice.startswith("The disk is too slow, recording stopped.")
    assert recorder.close() is None
    assert len(recorder._queue) == 0


def test_a_fault_of_the_recorder_is_no_fault_of_the_session(data, no_clock, caplog):
    coach, recorder = recording(data)
    recorder._recording.append = lambda _chunk: 1 / 0
    feed(coach, 0, 10)
    assert recorder.close() is None
    assert "by a fault of the program" in recorder.notice
    assert "ZeroDivisionError" in caplog.text
    feed(coach, 10, 10)


def test_a_fault_at_the_end_is_a_notice(data, monkeypatch, caplog):
    coach, recorder = recording(data)
    feed(coach, 0, 100)
    monkeypatch.setattr(coach, "summary", lambda: 1 / 0)
    assert recorder.close() is None
    assert "could not be closed by a fault of the program" in recorder.notice
    assert "ZeroDivisionError" in caplog.text
    with History(data) as history:
        assert "recovered" in history.recover()[0]


def test_two_recorders_write_into_one_history(data):
    both = [recording(data, SessionStart(RECIPE, person=name)) for name in ("Anna", "Ben")]
    for first in range(0, 240, 60):
        for coach, _ in both:
            feed(coach, first, 60)
    assert all(recorder.close() is not None for _, recorder in both)
    with History(data) as history:
        assert sorted((row.person, row.frames, row.state) for row in history.sessions()) == [
            ("Anna", 240, "closed"),
            ("Ben", 240, "closed"),
        ]


def test_a_coach_that_has_begun_is_refused(data):
    coach = RECIPE.make()
    feed(coach, 0, 1)
    with pytest.raises(ValueError, match="first frame"):
        SessionRecorder(coach, START, data)
    assert not data.exists()


def test_after_the_end_nothing_is_kept(data):
    coach, recorder = recording(data)
    feed(coach, 0, 60)
    document = recorder.close()
    recorder.discard()
    assert recorder.close() is document is not None
    feed(coach, 60, 60)
    assert len(recorder._queue) == 0
    with History(data) as history:
        assert len(list(history.frames("last"))) == 60


def test_what_is_not_worth_keeping_leaves_nothing(data):
    coach = RECIPE.make()
    recorder = SessionRecorder(coach, START, data, worth=lambda summary: summary.running_s > 60.0)
    feed(coach, 0, 100)
    assert recorder.close() is None
    assert recorder.notice == ""
    with History(data) as history:
        assert history.sessions() == []


@pytest.mark.parametrize("kept_for", ["its note", "a marked moment"])
def test_what_somebody_wrote_about_or_marked_is_worth_keeping(data, kept_for):
    coach = RECIPE.make()
    recorder = SessionRecorder(coach, START, data, worth=lambda _: False)
    feed(coach, 0, 60)
    if kept_for == "its note":
        with History(data) as history:
            history.write_note(recorder.id, "the knee hurts")
    else:
        recorder.mark("moment")
    assert recorder.close() is not None
    with History(data) as history:
        assert history.find("last").state == "closed"
        assert history.find("last").note == ("the knee hurts" if kept_for == "its note" else "")


def test_a_coach_that_is_left_is_closed_without_waiting(data):
    coach, recorder = recording(data)
    feed(coach, 0, 100)
    coach.finish()
    recorder.leave()
    feed(coach, 100, 10)
    document = recorder.close()
    with History(data) as history:
        assert history.get("last").summary == document
        assert (history.find("last").state, history.find("last").frames) == ("closed", 100)


@pytest.fixture
def hanging_disk(data, no_clock, monkeypatch):
    """Return a coach, its recorder, which hangs in a write, and what has the disk answer."""
    write_all, writing, answers = pose_file.write_all, threading.Event(), threading.Event()

    def slow(file, data):
        writing.set()
        assert answers.wait(WAIT_S)
        write_all(file, data)

    coach, recorder = recording(data)
    feed(coach, 0, 100)
    monkeypatch.setattr(pose_file, "write_all", slow)
    monkeypatch.setattr(recorders, "CLOSE_WAIT_S", 0.01)
    assert not recorder.flush(0.0)
    assert writing.wait(WAIT_S)
    feed(coach, 100, 50)
    yield SimpleNamespace(coach=coach, recorder=recorder, answers=answers)
    answers.set()
    assert recorders.settle(WAIT_S)


def test_a_disk_that_answers_too_late_gets_all_of_it_all_the_same(data, hanging_disk):
    recorder = hanging_disk.recorder
    assert recorder.close() is None
    assert recorder.notice == "The disk does not answer, the session could not be closed."
    hanging_disk.answers.set()
    assert recorder.closing_ends(WAIT_S)
    assert recorder.notice == ""
    with pytest.raises(sqlite3.ProgrammingError):  # nothing is held open
        recorder._recording._connection.execute("select 1")
    with History(data) as history:
        assert (history.find("last").state, history.find("last").frames) == ("closed", 150)
        assert history.get("last").summary == recorder.close()


def test_what_is_discarded_before_the_disk_answers_is_not_kept(data, hanging_disk):
    recorder = hanging_disk.recorder
    recorder.discard()
    hanging_disk.answers.set()
    assert recorder.closing_ends(WAIT_S)
    with History(data) as history:
        assert history.sessions() == []
    assert list((data / "sessions").iterdir()) == []


@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.DRILL])
def test_a_closed_recording_holds_no_coach_and_no_coach_holds_it(data, mode):
    coach = DrillModel(DrillPlan(DrillId.HINGE)) if mode is Mode.DRILL else RECIPE.make()
    recorder = SessionRecorder(coach, SessionStart(Recipe.of(coach, *coach.given)), data)
    feed(coach, 0, 60)
    coach.finish()
    recorder.close()
    if mode is Mode.DRILL:
        coach.drill.log.add(0.5)  # the user corrects it in the review, and nobody hears of it
    gone = [weakref.ref(recorder), weakref.ref(coach)]
    gc.disable()
    try:
        del recorder, coach
        assert [one() for one in gone] == [None, None]
    finally:
        gc.enable()


def test_nothing_judged_leaves_nothing(data):
    _, recorder = recording(data)
    assert recorder.close() is None
    assert recorder.notice == ""
    with History(data) as history:
        assert history.sessions() == []
    assert list((data / "sessions").iterdir()) == []


def test_a_discarded_session_leaves_nothing(data):
    coach, recorder = recording(data)
    feed(coach, 0, 100)
    recorder.discard()
    with History(data) as history:
        assert history.sessions() == []
    assert list((data / "sessions").iterdir()) == []


def test_a_damaged_history_is_told_of_and_recorded_anew(data):
    data.mkdir()
    (data / "history.db").write_bytes(b"no database" * 100)
    coach, recorder = recording(data)
    assert "is damaged" in recorder.notice
    feed(coach, 0, 60)
    assert recorder.close() is not None
    with History(data) as history:
        assert history.find("last").frames == 60


# ---------------------------------------------------------------------- kill -9


def test_killed_at_any_moment_a_session_loses_less_than_a_second(data):
    rng = random.Random(11)
    moments_s = [rng.uniform(0.0, 1.1) for _ in range(5)]
    killed = crashes.crash(data, moments_s)
    assert max(one.lost_s for one in killed) < 1.0
    assert all(one.same for one in killed)
    assert sum(one.kept for one in killed) >= 30, "the machine was too slow for this test to say anything"


def test_a_removed_folder_is_noticed(data, no_clock, monkeypatch):
    monkeypatch.setattr(recorders, "SYNC_EVERY_S", 0.0)
    coach, recorder = recording(data)
    feed(coach, 0, 60)
    assert recorder.flush(WAIT_S)
    shutil.rmtree(data / "sessions")
    feed(coach, 60, 60)
    recorder.flush(WAIT_S)
    assert recorder.close() is None
    assert recorder.notice.startswith("Recording stopped: ")
    assert recorder.notice.endswith("poses.hcp is not there: the session's landmarks were moved or deleted.")


def test_whatever_is_wrong_with_the_database_poses_are_written_on(data, no_clock, caplog):
    coach, recorder = recording(data)
    feed(coach, 0, 60)
    assert recorder.flush(WAIT_S)
    recorder._recording._connection.execute("ALTER TABLE steps RENAME TO lost")
    feed(coach, 60, 180)
    assert recorder.flush(WAIT_S)
    assert "no such table" in caplog.text
    with History(data) as history:
        assert len(list(history.frames(recorder.id))) == 240
    recorder._recording._connection.execute("ALTER TABLE lost RENAME TO steps")
    assert recorder.close() is not None
    with History(data) as history:
        assert history.find(recorder.id).frames == 240


def test_file_and_database_can_be_opened_by_the_writing_thread(data, no_clock, monkeypatch):
    may_open, opened_in = threading.Event(), []
    begin = Recording.open

    def slow(self):
        assert may_open.wait(WAIT_S)
        opened_in.append(threading.current_thread().name)
        begin(self)

    monkeypatch.setattr(Recording, "open", slow)
    coach = START.recipe.make()
    recorder = SessionRecorder(coach, START, data, at_once=False)
    feed(coach, 0, 60)  # nobody waits for the disk
    assert not data.exists()
    assert not recorder.flush(0.01)
    may_open.set()
    assert recorder.flush(WAIT_S)
    assert recorders.settle(WAIT_S)
    with History(data) as history:
        assert len(list(history.frames(recorder.id))) == 60
    assert recorder.close() is not None
    assert opened_in == ["recorder"]
