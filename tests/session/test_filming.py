"""The video of a session: asked for, kept beside the poses, in nobody's way, and judged again like the session."""

from __future__ import annotations

import itertools
import threading
from collections import namedtuple
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from app.capture.video import VideoSource
from app.coach.report import Mode
from app.coach.types import Frame, RunnerProfile
from app.pose.estimator import NO_TRACKING, Estimate, OracleEstimator
from app.session import Session, filming
from app.session.recorder import SessionRecorder
from app.session.recordings import Recordings
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.sessions import video_track
from app.store.sessions.errors import HistoryError
from app.store.sessions.recipe import Recipe
from app.store.sessions.recording import Recording
from app.store.sessions.start import SessionStart

RECIPE = Recipe(Mode.RUN, RunnerProfile(178.0))
START = SessionStart(RECIPE, source_kind="camera")
SCENE = VirtualScene(RunnerParams(act=Act.ANKLE_LEAN, standing_s=2.0), Camera.framing((1280, 720)))
BOOTED_S = 7000.5  # the camera's clock began long ago
#: Of a camera of 25 to 50 frames a second that leaves out some.
TIMES_S = np.cumsum(np.random.default_rng(1).choice([0.02, 0.025, 0.04], 400))
WAIT_S = 10.0  # never reached by code that works


def picture(k=0):
    return np.full((48, 64, 3), 40 + k % 150, np.uint8)


class UnevenCamera:
    """The virtual runner, in front of a camera of uneven rate."""

    kind, live, size_px, fps, frame_count, notice = "camera", False, (64, 48), 30.0, None, ""

    def open(self):
        self._k = 0

    def read(self):
        if self._k == len(TIMES_S):
            return None
        k, self._k = self._k, self._k + 1
        t_s = TIMES_S[k]
        return Frame(k, BOOTED_S + t_s, picture(k), pose_at(t_s, BOOTED_S))

    def close(self):
        pass


def pose_at(t_s, later_s=0.0):
    return replace(SCENE.landmarks_at(t_s), t_s=t_s + later_s)


class ByTime:
    """Finds the pose of a picture by its time alone; ``first_s``: of the first picture on the scene's clock."""

    def __init__(self, first_s):
        self._first_s = first_s

    def estimate(self, frame):
        return Estimate(replace(SCENE.landmarks_at(self._first_s + frame.t_s), t_s=frame.t_s))

    def close(self):
        pass


@pytest.fixture
def patient(monkeypatch):
    """Leave out no picture, however slow this machine is."""
    monkeypatch.setattr(filming, "MOST_WAITING", 10_000)


def recorded(folder, frames, **more):
    coach = RECIPE.make()
    recorder = SessionRecorder(coach, START, folder, video=True, **more)
    for k in range(frames):
        coach.update(pose_at(k / 30.0))
        recorder(observed(Frame(k, k / 30.0, picture(k))))
    return recorder


def observed(frame):
    return SimpleNamespace(frame=frame, tracking=NO_TRACKING, setup=None, exam=None)


def test_the_kept_video_is_judged_like_the_session_itself(tmp_path, patient):
    records = Recordings(lambda recipe: SessionStart(recipe, source_kind="camera"), tmp_path, video=True)
    with Session(UnevenCamera(), OracleEstimator, RECIPE.make(), records=records) as live:
        while live.step() is not None:
            pass
    assert records.notice == ""
    with History(tmp_path) as history:
        video = history.video("last")
        poses_s = [pose.t_s for pose in history.frames("last")]
    assert video.times_s == pytest.approx(poses_s, abs=1e-5)
    make = lambda: ByTime(video.times_s[0] - BOOTED_S)  # noqa: E731
    with Session(VideoSource(video.path), make, RECIPE.make()) as again:
        while again.step() is not None:
            pass
    one, other = live.summary(), again.summary()
    assert one.verdict == other.verdict == "ankle_lean"
    assert len(one.steps) == len(other.steps) > 10
    assert [fault.id for fault in one.faults] == [fault.id for fault in other.faults]
    for name in ("cadence_spm", "trunk_lean_deg", "line_offset_bh"):
        assert one.measures[name].value == pytest.approx(other.measures[name].value, rel=0.001)


def test_every_recording_of_a_sitting_has_a_video_of_its_own(tmp_path, patient):
    records = Recordings(lambda recipe: SessionStart(recipe, source_kind="camera"), tmp_path, video=True)
    for first in (0, 40):
        coach = RECIPE.make()
        records.follow(coach)
        for k in range(first, first + 40):
            coach.update(pose_at(k / 30.0))
            records(observed(Frame(k, k / 30.0, picture(k))))
    kept = records.close()
    with History(tmp_path) as history:
        for session, first in zip(kept, (0, 40), strict=True):
            times_s = [k / 30.0 for k in range(first, first + 40)]
            assert history.video(session).times_s == pytest.approx(times_s, abs=1e-5)
            assert history.video(session).finished


def test_a_slow_encoder_costs_pictures_and_nothing_else(tmp_path, monkeypatch):
    gate, began = threading.Event(), threading.Event()
    add = video_track.VideoWriter.add

    def slow(self, t_s, image):
        began.set()
        assert gate.wait(WAIT_S)
        add(self, t_s, image)

    monkeypatch.setattr(video_track.VideoWriter, "add", slow)
    film = filming.Filming(tmp_path)
    film.add(Frame(0, 0.0, picture()))
    assert began.wait(WAIT_S)
    for k in range(1, 101):
        film.add(Frame(k, k / 30.0, picture(k)))
    assert film.dropped == 100 - filming.MOST_WAITING
    gate.set()
    assert film.close()
    assert film.frames == len(video_track.kept_video(tmp_path).times_s) == 1 + filming.MOST_WAITING
    assert film.notice == ""
    film.add(Frame(200, 9.0, picture()))
    assert film.frames == 1 + filming.MOST_WAITING


def test_an_encoder_that_hangs_is_told_and_not_waited_for(tmp_path, monkeypatch):
    gate, began = threading.Event(), threading.Event()

    def hangs(self, t_s, image):
        began.set()
        assert gate.wait(WAIT_S)

    monkeypatch.setattr(video_track.VideoWriter, "add", hangs)
    monkeypatch.setattr(filming, "CLOSE_WAIT_S", 0.01)
    film = filming.Filming(tmp_path)
    film.add(Frame(0, 0.0, picture()))
    assert began.wait(WAIT_S)
    assert film.close() is False
    assert film.notice == "The disk does not answer: the end of the video may be missing."
    gate.set()
    film._thread.join(WAIT_S)
    assert film.close()


def test_large_pictures_that_wait_take_no_more_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(filming, "MOST_BYTES", 6 * picture().nbytes)
    film = filming.Filming(tmp_path, there=False)  # whose folder is not there yet: all of them wait
    for k in range(20):
        film.add(Frame(k, k / 30.0, picture(k)))
    assert film.dropped == 14
    film.begin()
    assert film.close()
    assert film.frames == 6


def test_pictures_that_wait_for_a_recording_that_never_begins_are_let_go(tmp_path, monkeypatch):
    there = threading.Event()

    def refused(self):
        assert there.wait(WAIT_S)
        raise HistoryError("no room")

    monkeypatch.setattr(Recording, "open", refused)
    recorder = SessionRecorder(RECIPE.make(), START, tmp_path, video=True, at_once=False)
    for k in range(20):
        recorder.film.add(Frame(k, k / 30.0, picture(k)))
    assert len(recorder.film._queue) == 20
    there.set()
    recorder._thread.join(WAIT_S)
    recorder.film._thread.join(WAIT_S)
    assert recorder.notice == "This session is not recorded: no room"
    assert len(recorder.film._queue) == 0
    assert not recorder.film._thread.is_alive()
    assert recorder.close() is None


def test_too_little_room_ends_the_video_not_the_session(tmp_path, monkeypatch, patient):
    looks, usage = itertools.count(), namedtuple("usage", "free")
    # It is looked at the beginning, and before every fragment of 24 frames.
    monkeypatch.setattr(video_track.shutil, "disk_usage", lambda _: usage(1.5e9 if next(looks) < 3 else 0.4e9))
    recorder = recorded(tmp_path, 150)
    assert recorder.close() is not None
    assert recorder.notice == (
        "No more video is kept (only 0.4 GB of the disk are free: make room for it); the session itself is."
    )
    with History(tmp_path) as history:
        assert (history.find("last").state, history.find("last").frames) == ("closed", 150)
        assert history.video("last").finished
        assert len(history.video("last").times_s) == 48


def test_a_fault_in_the_video_ends_no_session(tmp_path, monkeypatch):
    def broken(self, t_s, image):
        raise RuntimeError("no such thing")

    monkeypatch.setattr(video_track.VideoWriter, "add", broken)
    film = filming.Filming(tmp_path, there=False)
    for k in range(20):
        film.add(Frame(k, k / 30.0, picture(k)))
    film.begin()
    film._thread.join(WAIT_S)
    assert not film._thread.is_alive()
    assert len(film._queue) == 0  # nothing of the others is held
    recorder = recorded(tmp_path, 40)
    assert recorder.close() is not None
    assert recorder.notice.startswith("No more video is kept (a fault of the program")
    with History(tmp_path) as history:
        assert history.find("last").frames == 40
        assert history.video("last") is None


def test_who_did_nothing_leaves_no_video(tmp_path, patient):
    recorder = recorded(tmp_path, 70, worth=lambda _: False)
    assert recorder.close() is None
    assert not any(path.is_file() for path in (tmp_path / "sessions").rglob("*"))
    other = recorded(tmp_path, 70)
    other.discard()
    assert not other.film._thread.is_alive()
    assert not any(path.is_file() for path in (tmp_path / "sessions").rglob("*"))


def test_without_pictures_or_unasked_there_is_none(tmp_path):
    for video, image in ((True, None), (False, picture())):
        coach = RECIPE.make()
        recorder = SessionRecorder(coach, START, tmp_path, video=video)
        for k in range(40):
            coach.update(pose_at(k / 30.0))
            recorder(observed(Frame(k, k / 30.0, image)))
        assert recorder.close() is not None
        assert recorder.notice == ""
    with History(tmp_path) as history:
        assert [history.video(row.id) for row in history.sessions()] == [None, None]


def test_a_session_that_was_cut_off_is_recovered_with_its_video(tmp_path, patient):
    recorder = recorded(tmp_path, 100)
    folder = recorder._recording.folder
    recorder._stop()
    assert recorder.film.close()
    recorder._recording.close()
    path = folder / video_track.NAME
    found = video_track._found(path)
    # As it lay there when the process was killed: no index yet, and half a fragment.
    with path.open("r+b") as file:
        file.truncate(found.end - 10)
        file.seek(found.place)
        file.write(b"\0\0\0\x10free" + bytes(8))
    (folder / ".video-part.avi").write_bytes(b"torn")
    assert not video_track.kept_video(folder).finished
    with History(tmp_path) as history:
        (line,) = history.recover()
        assert "recovered" in line
        video = history.video("last")
        assert video.finished
        assert video.times_s == pytest.approx([k / 30.0 for k in range(96)], abs=1e-5)
        assert not (folder / ".video-part.avi").exists()
        history.delete("last")
    assert not folder.exists()
