"""``hingecoach report`` and ``analyze --report``: where the page goes, what can be wrong, and a real browser's view."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli.clip_report import ReportMaker, ReportWish
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.types import Frame, RunnerProfile
from app.session.recorder import SessionRecorder
from app.session.status import Analysis
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.analysis_json import analysis_json
from app.store.session_facts import SessionFacts
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart

FPS = 30.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def poses(act, seconds):
    scene = VirtualScene(RunnerParams(act=Act(act), standing_s=2.0), Camera.framing((1280, 720)))
    return [scene.landmarks_at(k / FPS) for k in range(round(seconds * FPS))]


def record(folder, act="pelvis_drift", seconds=9.0, person="Anna"):
    recipe = Recipe(Mode.RUN, RunnerProfile(178.0))
    coach = recipe.make()
    recorder = SessionRecorder(coach, SessionStart(recipe, person=person, source_kind="virtual"), folder)
    for pose in poses(act, seconds):
        coach.update(pose)
    coach.finish()
    recorder.close()
    return recorder.id


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A data folder with one session, and its id."""
    folder = tmp_path_factory.mktemp("recorded") / "data"
    return folder, record(folder)


@pytest.fixture
def session(recorded):
    """The id of a session in the data folder that every test has."""
    folder, name = recorded
    shutil.copytree(folder, os.environ["HINGECOACH_DATA"], dirs_exist_ok=True)
    return name


def files(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_page_goes_where_it_is_asked_for(cli, session, tmp_path, monkeypatch):
    place = tmp_path / "out"
    place.mkdir()
    monkeypatch.chdir(place)
    answer = cli("report", "last", "-o", "run.html")
    assert (answer.code, answer.out, answer.error_line) == (0, "", "Written: run.html")
    page = (place / "run.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "Run of Anna" in page
    assert "Hips too far forward" in page
    assert cli("report", session[:12], "-o", "-").out == page, "the same session gives the same page"
    assert cli("report", "last").error_line == f"Written: hingecoach-{session}.html"
    assert files(place) == [f"hingecoach-{session}.html", "run.html"], "nothing half-written stays"


def test_the_page_is_opened_where_a_browser_is(cli, session, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda place: opened.append(place) or len(opened) == 1)
    place = tmp_path / "a b.html"
    assert cli("report", "last", "-o", place, "--open").code == 0
    assert opened == [place.as_uri()]
    answer = cli("report", "last", "-o", place, "--open")
    assert (answer.code, "No browser could be opened" in answer.err) == (2, True)


def test_what_is_wrong_is_one_line(cli, session, tmp_path):
    for arguments, said in (
        (("nothing",), "There is no session nothing"),
        (("last", "-o", tmp_path / "no" / "x.html"), "there is no folder"),
        (("last", "-o", tmp_path), "is a folder"),
        (("last", "-o", "-", "--open"), "--open needs a file"),
        (("last", "-o", ""), "-o: a file name is missing"),
        (("last", "--language", "tlh"), "There is no language tlh: choose en, es"),
        ((), "See: hingecoach report --help"),
    ):
        answer = cli("report", *arguments)
        assert answer.code == 2
        assert said in answer.error_line
        assert answer.out == ""
    place = tmp_path / "kept.html"
    place.write_text("mine")
    assert cli("report", "nothing", "-o", place).code == 2
    assert place.read_text() == "mine"


def test_a_landmark_file_has_its_report(cli, running_trc, tmp_path):
    place = tmp_path / "run.html"
    assert cli("analyze", running_trc, "--height-cm", "178", "--quiet", "--report", place).code == 0
    page = place.read_text(encoding="utf-8")
    assert "running.trc" in page
    assert "Nothing to change" in page
    assert page.count('<svg viewBox="0 0 240 300" class="body"') in (2, 3), "the best ones, drawn from landmarks"
    assert "Nobody was named for this clip" in page
    assert cli("analyze", running_trc, "--quiet", "--report", "-").code == 2
    same = cli("analyze", running_trc, "--quiet", "--report", running_trc)
    assert "would overwrite the input" in same.error_line


def clip(act, seconds=8.0):
    """Material of a clip of an act with pictures: a maker that saw it, and what the coach came to."""
    scene = VirtualScene(RunnerParams(act=Act(act), standing_s=2.0), Camera.framing((640, 360)))
    coach = CoachModel(Mode.RUN, RunnerProfile(178.0))
    maker = ReportMaker(coach)
    image = scene.image_at(4.0)
    for k in range(round(seconds * FPS)):
        pose = scene.landmarks_at(k / FPS)
        maker(Analysis(Frame(k, pose.t_s, image), pose, coach.update(pose), {}))
    coach.finish()
    return maker, coach.summary()


def test_a_video_has_pictures_of_its_worst_moments_and_the_last_session_beside_it(session, tmp_path):
    from app.cli.runners import Runner
    from app.store.people import RunnerRecord

    maker, summary = clip("pelvis_drift")
    facts = SessionFacts("video", 60.0, 10.0, 0.2, 0.5, "0.1.0")
    runner = Runner(RunnerRecord("Anna", 178.0), None)
    wish = ReportWish(tmp_path / "clip.html", Path(os.environ["HINGECOACH_DATA"]), runner)
    document = analysis_json(summary, facts)
    material = maker.material(wish, document, summary, "films/<b>clip.mp4")
    assert 1 <= len(material.moments) <= 3
    for moment in material.moments:
        assert (moment.best, moment.about, moment.unit, moment.threshold) == (False, "pelvis_drift", "bh_pct", 2.4)
        shown = cv2.imdecode(np.frombuffer(moment.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert (shown.shape[1], shown.shape[0]) == moment.size_px
        assert len(moment.jpeg) < 90_000
    assert material.before.session == session
    maker.write(wish, document, summary, "films/<b>clip.mp4")
    page = wish.path.read_text(encoding="utf-8")
    assert page.count('<img src="data:image/jpeg;base64,') == len(material.moments)
    assert "&lt;b&gt;clip.mp4" in page
    assert "different kinds of sources" in page
    nobody = maker.material(replace(wish, runner=None), document, summary, "x.mp4")
    assert nobody.before is None


def browser():
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser is here: none of {', '.join(BROWSERS)}")
    return found


class Served:
    """The page on a port of this machine, and what was asked for there."""

    def __init__(self, page):
        self.asked = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                served.asked.append(self.path)
                self.send_response(200 if self.path == "/run.html" else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page if self.path == "/run.html" else b"")

            def log_message(self, *_):
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def test_a_real_browser_shows_it_prints_it_and_asks_for_nothing(cli, session, tmp_path):
    program = browser()
    printed, log = tmp_path / "run.pdf", tmp_path / "net.json"
    with Served(cli("report", "last", "-o", "-").out.encode()) as served:
        done = subprocess.run(
            [
                program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--v=0",
                f"--log-net-log={log}", "--no-pdf-header-footer", f"--print-to-pdf={printed}",
                f"{served.origin}/run.html",
            ],
            env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    if not printed.exists():
        pytest.skip(f"the browser does not start here: {done.stderr.strip().splitlines()[-1:]}")
    data = printed.read_bytes()
    assert data.startswith(b"%PDF")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 7
    assert "CONSOLE" not in done.stderr, "no script, no error, nothing refused"
    assert served.asked == ["/run.html"], "not even an icon"
    # What the browser asks for by itself has no page behind it; what the page asked for, of whomever, would have it.
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    starts = [event["params"] for event in events if "initiator" in (event.get("params") or {})]
    assert any(str(start["url"]).startswith(served.origin) for start in starts), "the log has what was asked for"
    assert [start["url"] for start in starts if start["initiator"] == served.origin] == []
