"""Parts that do not answer, libraries that are missing, and remedies that are true for every way of installing."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from app.cli.doctor_children import OwnProcesses
from app.cli.logs import log_file
from app.cli.main import run
from app.coach.types import Frame
from app.store.history import History
from app.validation.checkup.asking import Answer, run_child
from app.validation.checkup.checks_camera import check_rate
from app.validation.checkup.checks_display import check_libraries, check_sound
from app.validation.checkup.checks_folders import check_history
from app.validation.checkup.checks_software import check_software
from app.validation.checkup.checks_speed import check_network
from app.validation.checkup.facts import LibraryFacts, NetworkFacts, SoftwareFacts
from app.validation.checkup.finding import EVERY_JOB, System, pip_here
from app.validation.checkup.parts import network_facts, rate_facts, sound_facts
from app.validation.checkup.probes_camera import measure
from app.validation.checkup.probes_folders import history_facts

DEBIAN, MAC, WIN11 = System(), System("darwin", "", "14.5"), System("win32", "", "11")


def one(findings, name):
    return next(finding for finding in findings if finding.id == name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a named pipe is what it waits for")
def test_a_server_that_a_child_has_started_is_not_waited_for(tmp_path):
    fifo = tmp_path / "waits"
    os.mkfifo(fifo)
    server = [sys.executable, "-S", "-c", f"open({str(fifo)!r}).read()"]
    code = f"import subprocess; subprocess.Popen({server!r}, stderr=subprocess.DEVNULL); print('{{\"a\": 1}}')"
    try:
        answer = run_child([sys.executable, "-S", "-c", code], os.environ, 20.0)
        assert (answer.code, answer.told, answer.problem) == (0, {"a": 1}, "")
    finally:
        fifo.open("w").close()


FOR_EVER = [sys.executable, "-S", "-c", "import threading; threading.Event().wait()"]


def test_a_child_that_a_driver_holds_is_not_waited_for():
    started = []

    def held(process):
        def wait(limit_s=None):
            assert limit_s is not None
            raise subprocess.TimeoutExpired(process.args, limit_s)

        process.wait = wait
        started.append(process)

    answer = run_child(FOR_EVER, os.environ, 0.0, held)
    assert (answer.code, answer.problem) == (None, "it did not answer in time")
    del started[0].wait
    assert started[0].wait(20.0) != 0  # it was killed


def test_who_is_interrupted_leaves_no_child_behind():
    started = []

    def interrupted(process):
        def wait(limit_s):
            del process.wait
            raise KeyboardInterrupt

        process.wait = wait
        started.append(process)

    try:
        with pytest.raises(KeyboardInterrupt):
            run_child(FOR_EVER, os.environ, 20.0, interrupted)
        assert started[0].poll() is not None
    finally:
        started[0].kill()


def test_when_the_check_up_ends_so_do_its_children():
    with OwnProcesses({}) as children:
        child = subprocess.Popen(FOR_EVER)
        children._started.append(child)
    assert child.wait(20.0) != 0


# ---- sound ----------------------------------------------------------------------------------------------------------

BEGUN = {"language": "en", "phrases": 196}
LISTED = {**BEGUN, "outputs": ["Speakers"], "default": "Speakers"}


@pytest.mark.parametrize(("system", "remedy"), [(DEBIAN, "pipewire"), (MAC, "coreaudiod"), (WIN11, "Audiosrv")])
@pytest.mark.parametrize("answer", [Answer(BEGUN, None), Answer(BEGUN, -11)])
def test_a_sound_server_that_does_not_answer_is_started_anew(answer, system, remedy):
    found = check_sound(sound_facts(answer), system)
    output = one(found, "sound.output")
    assert output.outcome == "trouble"
    assert remedy in output.remedy
    assert "pip install" not in output.remedy
    # Nobody was asked for a voice, so none is missing.
    voice = one(found, "speech.voice")
    assert (voice.outcome, voice.remedy) == ("not_checked", "")
    assert one(found, "sound.plays").outcome == "not_checked"
    assert one(found, "speech.phrases").outcome == "ok"


def test_a_loudspeaker_that_never_starts():
    found = check_sound(sound_facts(Answer(LISTED, None)), DEBIAN)
    assert one(found, "sound.output").outcome == "ok"
    assert one(found, "sound.plays").outcome == "trouble"
    assert one(found, "speech.voice").outcome == "not_checked"


def test_a_speech_server_that_does_not_answer():
    found = check_sound(sound_facts(Answer({**LISTED, "plays": True, "play_error": ""}, None)), DEBIAN)
    assert one(found, "sound.plays").outcome == "ok"
    voice = one(found, "speech.voice")
    assert voice.outcome == "note"
    assert "fails: it did not answer in time" in voice.fact
    assert "espeak" not in voice.remedy  # it is there


def test_no_loudspeaker_is_no_silent_one():
    told = {**BEGUN, "outputs": [], "default": "", "voices": ["Ana"]}
    found = check_sound(sound_facts(Answer(told, None)), DEBIAN)
    assert "No loudspeaker" in one(found, "sound.output").fact
    assert one(found, "sound.plays").fact == "There is no loudspeaker."
    assert one(found, "speech.voice").outcome == "ok"


# ---- network, camera ------------------------------------------------------------------------------------------------


def test_a_network_that_takes_for_ever_is_not_installed_anew():
    finding = one(check_network(network_facts(Answer({"engine": "litert"}, None), "full"), DEBIAN), "speed.network")
    assert "in time" in finding.fact
    assert "Close other programs" in finding.remedy
    broken = one(check_network(NetworkFacts("litert", error="bad file"), DEBIAN), "speed.network")
    assert broken.remedy == "Install Hinge Coach anew."  # it is on no package index


def test_what_a_camera_gave_counts_even_where_its_driver_then_hangs():
    told = {"camera": "0", "error": "", "size_px": [64, 48], "fps": 30.0, "seconds": 3.0, "longest_gap_ms": 40.0}
    facts = rate_facts(Answer(told, None), "0")
    assert (facts.error, facts.fps, facts.size_px) == ("", 30.0, (64, 48))
    assert one(check_rate(facts, DEBIAN), "camera.rate").outcome == "ok"


class Losing:
    """A camera of 25 pictures a second that is lost for 2 s before anybody looks at its pictures."""

    size_px = (64, 48)
    count, late_s = 0, 0.0

    def open(self) -> None:
        """Open it."""

    def close(self) -> None:
        """Let go of it."""

    def read(self) -> Frame:
        self.count += 1
        self.late_s = 2.0 if self.count > 10 else 0.0
        image = np.full((48, 64, 3), 20 + self.count % 200, dtype=np.uint8)
        return Frame(self.count, self.count * 0.04 + self.late_s, image)


def test_a_camera_that_is_lost_while_it_settles_is_told():
    facts = measure(Losing(), (64, 48), 25.0, "0", seconds=2.0, clock=lambda: 0.0)
    assert facts.longest_gap_ms == pytest.approx(2040.0)


# ---- remedies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("python", "has_pip", "on_path", "expected"),
    [
        ("/home/a/.venv/bin/python", True, {"python": "/home/a/.venv/bin/python"}, "python -m pip install x"),
        ("/home/a/.venv/bin/python3", True, {"python": "/home/a/.venv/bin/python"}, "python -m pip install x"),
        ("/home/a/.venv/bin/python", True, {"python": "/usr/bin/python"}, "/home/a/.venv/bin/python -m pip install x"),
        ("/home/a/.venv/bin/python", True, {}, "/home/a/.venv/bin/python -m pip install x"),
        ("/a b/bin/python", True, {}, '"/a b/bin/python" -m pip install x'),
        ("/uv/tools/h/bin/python", False, {"uv": "/bin/uv"}, "uv pip install x --python /uv/tools/h/bin/python"),
        ("/pipx/venvs/h/bin/python", False, {}, "pip --python /pipx/venvs/h/bin/python install x"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="paths as others write them")
def test_pip_is_that_of_the_environment_that_the_app_is_in(python, has_pip, on_path, expected):
    told = pip_here(Path(python), has_pip, on_path.get)
    assert told.replace("{}", "install x") == expected


def test_remedies_can_be_typed_into_the_shell_of_the_system():
    wheels = {"opencv-python": "5.0", "opencv-contrib-python": "4.11", "pyside6-essentials": "6.12.0"}
    facts = SoftwareFacts((3, 11, 7), versions=wheels)
    for system in (DEBIAN, MAC, WIN11):
        remedies = [finding.remedy for finding in check_software(facts, system)]
        # Single quotes are letters to cmd.exe, where < would then read from a file.
        assert not [remedy for remedy in remedies if "pip" in remedy and "'" in remedy]
        assert any("&&" in remedy for remedy in remedies) is not system.windows
    assert one(check_software(facts, System(bundled=True)), "packages.pyside").remedy == "Install Hinge Coach anew."
    bound = System(pip="uv pip {} --python /t/python")
    opencv = one(check_software(facts, bound), "packages.opencv").remedy
    assert opencv.startswith("uv pip uninstall -y opencv-python opencv-contrib-python --python /t/python && uv pip")


# ---- a system without OpenCV's or Qt's libraries --------------------------------------------------------------------

NO_GL = "libGL.so.1: cannot open shared object file: No such file or directory"


def test_opencv_without_its_libraries_stops_everything_and_names_the_package():
    facts = LibraryFacts({"opencv": ("libGL.so.1", "libgthread-2.0.so.0"), "window": (), "sound": (), "voice": ()})
    found = one(check_libraries(facts, DEBIAN), "opencv.libraries")
    assert (found.outcome, found.stops) == ("trouble", EVERY_JOB)
    assert found.remedy == "sudo apt install libgl1 libglib2.0-0"
    unknown = one(check_libraries(LibraryFacts({"window": ()}), DEBIAN), "opencv.libraries")
    assert unknown.outcome == "not_checked"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="libraries are named so on Linux")
def test_the_check_up_begins_where_opencv_does_not_load():
    words = "import sys; sys.modules['cv2'] = None; from app.cli import doctor, doctor_children, outcome, runners; "
    words += "from app.validation.checkup import document, parts, probes_computer, probes_folders, probes_software as s"
    words += "; print(sorted(s.library_facts({}, ldd=lambda *_: ' libGL.so.1 => not found').missing['window']))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "['libGL.so.1']\n", "")


def test_a_package_that_the_system_cannot_load_is_no_bug_of_ours(monkeypatch, capsys):
    def load(*_words, **_more):
        raise ImportError(NO_GL)

    monkeypatch.setattr(sys.modules["app.cli.main"], "commands", load)
    monkeypatch.setattr("app.validation.checkup.finding.system_here", lambda: DEBIAN)
    assert run(["demo"]) == 2
    told = capsys.readouterr().err
    assert told == f"hingecoach: a part of this app cannot be loaded ({NO_GL}): sudo apt install libgl1\n"
    # A child of doctor says it so: what is asked of it is the error alone.
    said = f"import sys; sys.exit({told!r})"
    assert run_child([sys.executable, "-S", "-c", said], os.environ, 20.0).problem == NO_GL

    def forget(*_words, **_more):
        raise ImportError("cannot import name 'x' from 'app.coach'")

    monkeypatch.setattr(sys.modules["app.cli.main"], "commands", forget)
    assert run(["demo"]) == 1


# ---- a full disk ----------------------------------------------------------------------------------------------------


def test_a_history_that_cannot_be_read_now_is_not_called_damaged(tmp_path):
    History(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        facts = history_facts(tmp_path)
    assert "locked" in facts.unread
    found = one(check_history(facts, DEBIAN), "history.whole")
    assert (found.outcome, found.remedy) == ("not_checked", "")  # above all not: set aside the damaged file


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full, as Linux has one to try")
def test_a_log_on_a_full_disk_ends_nothing_and_says_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HINGECOACH_DATA", str(tmp_path))
    with log_file() as path:
        assert path is not None
        handler = logging.getLogger().handlers[-1]
        assert isinstance(handler, logging.FileHandler)
        handler.stream.close()
        handler.stream = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115, PTH123
        logging.getLogger("app.x").warning("no room for this")
    assert capsys.readouterr().err == ""
    assert handler not in logging.getLogger().handlers
