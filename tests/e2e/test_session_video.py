"""The video of a session on the command line: told of, written with the line in it, taken along, deleted for good."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from app.cli.recording import records_of
from app.cli.sessions_replay import replay_lines
from app.coach.report import Mode
from app.coach.types import Frame, RunnerProfile
from app.pose.estimator import NO_TRACKING
from app.session import filming
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.sessions.derived import MOMENT
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart
from app.ui.choice import Choice, SourceKind

FPS, SIZE_PX, FRAMES = 30.0, (320, 180), 120
BOOTED_S = 900.0
SECONDS = FRAMES / FPS
#: The frame of a marked moment, 3.7 s after the first.
MARKED = 110


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A session with a video, of which every tenth picture was left out, and one without: (folder, ids)."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filming, "MOST_WAITING", FRAMES)
        return folder, [record(folder, video) for video in (True, False)]


def record(folder, video, landmarks=FRAMES, booted_s=BOOTED_S):
    """Record a session; ``landmarks``: as if it had been killed after so many of them were written."""
    scene = VirtualScene(RunnerParams(act=Act.GOOD, standing_s=2.0), Camera.framing(SIZE_PX))
    recipe = Recipe(Mode.RUN, RunnerProfile(178.0))
    coach = recipe.make()
    recorder = SessionRecorder(coach, SessionStart(recipe, source_kind="virtual"), folder, video=video)
    grey = np.full((SIZE_PX[1], SIZE_PX[0], 3), 90, np.uint8)
    for k in range(FRAMES):
        pose = scene.landmarks_at(k / FPS)
        if k < landmarks:
            coach.update(type(pose)(booted_s + k / FPS, pose.xy_px, pose.visibility, pose.image_size_px, markers=True))
        if k == MARKED:
            recorder.mark(MOMENT)
        if k % 10 != 5:
            frame = Frame(k, booted_s + k / FPS, grey)
            recorder(SimpleNamespace(frame=frame, tracking=NO_TRACKING, setup=None, exam=None))
    if landmarks < FRAMES:
        recorder._stop()
        recorder.film.close()
        recorder._recording.close()
        return recorder.id
    coach.finish()
    assert recorder.close() is not None
    assert recorder.notice == ""
    return recorder.id


@pytest.fixture
def sessions(cli, recorded):
    """Call a command of the group on the recorded sessions."""
    return lambda *words: cli("sessions", *words, "--data-dir", recorded[0])


def pictures(path):
    """Return (seconds, pictures) of a video."""
    film, found = cv2.VideoCapture(str(path)), []
    seconds = film.get(cv2.CAP_PROP_FRAME_COUNT) / film.get(cv2.CAP_PROP_FPS)
    while (got := film.read())[0]:
        found.append(got[1])
    film.release()
    return seconds, found


def test_list_and_show_tell_of_it(sessions, recorded):
    (with_video, without), lines = recorded[1], sessions("list").out.splitlines()
    assert ["with video (0." in line for line in lines if line.startswith(with_video)] == [True]
    assert ["video" in line for line in lines if line.startswith(without)] == [False]
    assert "320x180, 108 pictures (12 left out)\n" in sessions("show", with_video).out
    assert "video" not in sessions("show", without).out


@pytest.mark.parametrize("booted_s", [0.0, 2.0, 900.0])
def test_times_are_told_from_the_sessions_beginning_however_long_the_machine_is_on(cli, tmp_path, booted_s):
    session = record(tmp_path, False, booted_s=booted_s)
    shown = cli("sessions", "show", session, "--data-dir", tmp_path).out
    assert "Marked\n  0:03\n" in shown
    assert "0:02  Got it. That is your standing height" in shown
    assert cli("report", session, "-o", tmp_path / "page.html", "--data-dir", tmp_path).code == 0
    assert "Marked while it ran, at: 0:03." in (tmp_path / "page.html").read_text(encoding="utf-8")
    with History(tmp_path) as history:
        before, first_s = history.get(session).summary, history.first_s(session)
    now = {**before, "cues": []}
    (line,) = (line for line in replay_lines(session, before, now, first_s) if "no longer said" in line)
    assert line == "  no longer said: 0:02 Got it. That is your standing height"


def test_the_annotated_one_plays_at_the_speed_of_life_with_the_runner_in_it(sessions, recorded, tmp_path):
    answer = sessions("export", recorded[1][0], "--video", tmp_path / "line.mp4")
    assert (answer.code, answer.error_line) == (0, f"Wrote {tmp_path / 'line.mp4'}.")
    seconds, shown = pictures(tmp_path / "line.mp4")
    assert seconds == pytest.approx(SECONDS, abs=0.15)
    # Pictures that were left out are filled with the one before.
    assert len(shown) == pytest.approx(SECONDS * 27, abs=4)
    assert all((abs(picture.astype(int) - 90) > 60).mean() > 0.02 for picture in shown)
    assert not np.array_equal(shown[-1], shown[-4])


def test_without_a_video_it_is_said_before_anything_is_written(sessions, recorded, tmp_path):
    for words in (("--video", tmp_path / "line.mp4"), ("--zip", tmp_path / "s.zip", "--with-video")):
        answer = sessions("export", recorded[1][1], *words, "--json", tmp_path / "s.json")
        assert answer.code == 2
        assert f"The session {recorded[1][1]} has no video: none was asked for then." in answer.error_line
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
    assert "goes with --zip" in sessions("export", "last", "--with-video", "--json", "-").error_line
    assert "no MP4 name" in sessions("export", "last", "--video", tmp_path / "line.avi").error_line
    assert "--video needs a file" in sessions("export", "last", "--video", "-").error_line


def test_it_goes_into_the_zip_only_where_it_is_asked_for(cli, sessions, recorded, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    for words, expected in (((), False), (("--with-video",), True)):
        assert sessions("export", recorded[1][0], "--zip", tmp_path / "s.zip", *words).code == 0
        with zipfile.ZipFile(tmp_path / "s.zip") as archive:
            assert ("files/video.mp4" in archive.namelist()) is expected
        imported = cli("sessions", "import", tmp_path / "s.zip", "--data-dir", there)
        assert imported.code == 0
        assert ("with video" in imported.out) is expected
        assert ("108 pictures" in cli("sessions", "show", "last", "--data-dir", there).out) is expected
        assert cli("sessions", "delete", "last", "--yes", "--data-dir", there).code == 0
        assert not list(there.rglob("*.mp4"))


def test_pictures_that_were_written_before_their_landmarks_come_along_too(cli, tmp_path, monkeypatch):
    monkeypatch.setattr(filming, "MOST_WAITING", FRAMES)
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    record(here, True, landmarks=FRAMES - 20)
    with History(here) as history:
        history.recover()
        row = history.find("last")
        assert (row.frames, len(history.video("last").times_s)) == (FRAMES - 20, 108)
    assert cli("sessions", "export", "last", "--zip", tmp_path / "s.zip", "--with-video", "--data-dir", here).code == 0
    assert cli("sessions", "import", tmp_path / "s.zip", "--data-dir", there).code == 0
    assert "108 pictures" in cli("sessions", "show", "last", "--data-dir", there).out


@pytest.mark.parametrize("foreign", [b"\0\0\0\x18ftypisom" + bytes(5000), b"", b"MZ" + bytes(3000)])
def test_a_video_that_is_none_of_ours_is_not_taken_in(cli, sessions, recorded, tmp_path, foreign):
    assert sessions("export", recorded[1][0], "--zip", tmp_path / "s.zip", "--with-video").code == 0
    there = tmp_path / "there"
    there.mkdir()
    with zipfile.ZipFile(tmp_path / "s.zip") as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents["files/video.mp4"] = foreign
    manifest = json.loads(contents["session.json"])
    manifest["files"]["files/video.mp4"] = {"bytes": len(foreign), "sha256": hashlib.sha256(foreign).hexdigest()}
    contents["session.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    answer = cli("sessions", "import", tmp_path / "evil.zip", "--data-dir", there)
    if foreign:
        assert answer.code == 2
        assert "no video of Hinge Coach" in answer.error_line
    assert not list(there.rglob("*.mp4"))


def test_a_damaged_video_is_told_of_in_one_line_and_can_be_deleted(cli, recorded, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(recorded[0], folder)
    path = folder / "sessions" / recorded[1][0] / "video.mp4"
    path.write_bytes(b"no longer a video" * 500)
    shown = cli("sessions", "show", recorded[1][0], "--data-dir", folder)
    assert (shown.code, "cannot be read" in shown.out) == (0, True)
    answer = cli("sessions", "export", recorded[1][0], "--video", tmp_path / "x.mp4", "--data-dir", folder)
    assert (answer.code, "no video of Hinge Coach" in answer.error_line) == (2, True)
    assert cli("sessions", "delete", recorded[1][0], "--yes", "--data-dir", folder).code == 0
    assert not path.exists()


def test_a_kept_video_damaged_later_is_no_clip_from_a_phone(cli, recorded, tmp_path):
    folder, session = tmp_path / "data", recorded[1][0]
    shutil.copytree(recorded[0], folder)
    path, needless = folder / "sessions" / session / "video.mp4", "The session does not need it"
    whole, out = path.read_bytes(), tmp_path / "x.mp4"
    index = whole.rindex(b"moov")
    for data in (whole[: len(whole) // 2], whole[:-300], whole[: index + 200] + bytes(len(whole) - index - 200)):
        path.write_bytes(data)
        for answer in (
            cli("sessions", "export", session, "--video", out, "--data-dir", folder),
            cli("analyze", path, "--quiet"),
        ):
            assert answer.code == 2
            assert answer.error_line.startswith("hingecoach: video.mp4 was kept of a session and is damaged since")
            assert needless in answer.error_line
        assert not out.exists()
    path.write_bytes(whole[:-300])
    shown = cli("sessions", "show", session, "--data-dir", folder).out
    assert f"320x180, 108 pictures; damaged since it was recorded. {needless}" in shown
    fragments = [found.start() for found in re.finditer(b"moof", whole)]
    path.write_bytes(whole[: fragments[3]] + b"MOOF" + whole[fragments[3] + 4 :])
    answer = cli("sessions", "export", session, "--video", out, "--data-dir", folder)
    assert answer.code == 0
    assert f"pictures are missing. {needless}" in answer.err
    assert len(pictures(out)[1]) > 20


def test_it_is_kept_only_where_it_is_asked_for_and_never_of_a_clip(tmp_path):
    kept = {
        (kind, asked): records_of(Choice(kind=kind, keep_video=asked), kind.value, "", tmp_path, lambda: None)._video
        for kind in SourceKind
        for asked in (None, False, True)
    }
    assert {key for key, video in kept.items() if video} == {(SourceKind.CAMERA, True), (SourceKind.VIRTUAL, True)}


def test_without_a_window_nothing_is_recorded_and_that_is_said(cli):
    answer = cli("demo", "--headless", "--oracle", "--keep-video", "--seconds", "1")
    assert answer.code == 2
    assert answer.error_line.startswith("hingecoach: --keep-video needs the window")
