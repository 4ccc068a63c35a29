"""Reports and zips from the window: written in a thread, told in a line, and no trouble stops anything."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart
from app.ui.handing_out import HandingOut
from app.ui.language import install_language

pytestmark = pytest.mark.gui


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder with one short session."""
    folder = tmp_path_factory.mktemp("data")
    coach = CoachModel(Mode.AUTO, RunnerProfile(178.0))
    recorder = SessionRecorder(coach, SessionStart(Recipe.of(coach, *coach.given)), folder)
    scene = VirtualScene(RunnerParams(Act.GOOD))
    for k in range(180):
        coach.update(scene.landmarks_at(k / 30.0))
    coach.finish()
    assert recorder.close() is not None
    return folder


@pytest.fixture
def out(qapp, folder):
    opened: list[str] = []
    handing = HandingOut(folder, lambda url: opened.append(url.toLocalFile()))
    handing.opened = opened
    yield handing
    handing.close()


def test_a_report_is_written_for_the_owner_and_opened(out, folder, qtbot):
    with qtbot.waitSignal(out.told, timeout=20_000) as told:
        out.report("last")
    [path] = folder.rglob("*.html")
    assert out.opened == [str(path)]
    assert str(path) in told.args[0]
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert "<html" in path.read_text(encoding="utf-8")


def test_a_report_is_in_the_language_of_the_window(out, qapp, qtbot):
    install_language(qapp, "es")
    try:
        with qtbot.waitSignal(out.told, timeout=20_000):
            out.report("last")
    finally:
        install_language(qapp, "en")
    page = Path(out.opened[-1]).read_text(encoding="utf-8")
    assert '<html lang="es">' in page
    assert "Lo que fue bien" in page


def test_a_report_is_deleted_with_its_session(out, folder, tmp_path, qtbot):
    shutil.copytree(folder, tmp_path / "copy")
    other = HandingOut(tmp_path / "copy", lambda _: None)
    with qtbot.waitSignal(other.told, timeout=20_000):
        other.report("last")
    other.close()
    with History(tmp_path / "copy") as history:
        history.delete("last")
    assert list((tmp_path / "copy").rglob("*.html")) == []


def test_a_session_is_taken_along_as_a_zip(out, tmp_path, qtbot):
    with qtbot.waitSignal(out.told, timeout=20_000):
        out.export("last", tmp_path / "one.zip")
    assert zipfile.is_zipfile(tmp_path / "one.zip")
    assert out.opened == []


def test_a_video_is_shown_by_the_systems_player(out, folder, qtbot):
    out.play("last")
    qtbot.waitUntil(lambda: bool(out.opened), timeout=20_000)
    with History(folder) as history:
        assert out.opened == [str(history.folder("last") / "video.mp4")]


def test_without_a_player_it_is_said_where_the_video_is(qapp, folder, qtbot):
    other = HandingOut(folder, lambda _: False)
    with qtbot.waitSignal(other.told, timeout=20_000) as told:
        other.play("last")
    other.close()
    assert told.args[0].startswith("No player opens it here. The video is ")
    assert told.args[0].endswith("video.mp4")


def test_what_cannot_be_done_is_told(out, tmp_path, qtbot):
    with qtbot.waitSignal(out.told, timeout=20_000) as told:
        out.export("no-such-session", tmp_path / "one.zip")
    assert "no-such-session" in told.args[0]
    assert not (tmp_path / "one.zip").exists()
