"""The command as a process of its own: its streams, its folder and the signals that end it."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import app as package

pytestmark = pytest.mark.skipif(os.name == "nt", reason="shell, /dev/full and signals as POSIX has them")

DEMO = "demo --headless --oracle --seconds 5 --fps 30 --size 320x240"
AT = Path(package.__file__).parents[1]


def shell(line, **variables):
    """Run ``hingecoach`` + ``line`` in a shell; "{cli}" stands for the command."""
    command = f"{shlex.quote(sys.executable)} -m app"
    environment = {**os.environ, "PYTHONPATH": str(AT), "QT_QPA_PLATFORM": "", **variables}
    environment.pop("DISPLAY", None)
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("{cli}", command)], capture_output=True, check=False, env=environment
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_stream_of_few_characters_is_no_error(encoding):
    done = shell("{cli} " + DEMO, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert b"Verdict" in done.stdout


def test_json_on_stdout_is_utf_8_whatever_the_stream_is():
    done = shell("{cli} " + DEMO + " --json -", PYTHONIOENCODING="utf-16")
    assert json.loads(done.stdout.decode("utf-8"))["schema"] == "hingecoach.analysis/1"


@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["demo", "analyze"])
def test_closed_streams_are_no_error(tmp_path, running_trc, closed, command):
    words = DEMO if command == "demo" else f"analyze {shlex.quote(str(running_trc))}"
    done = shell(f"{{cli}} {words} --json {shlex.quote(str(tmp_path / 'o.json'))} {closed}")
    assert done.returncode == 0, done.stderr
    frames = 150 if command == "demo" else 480
    assert json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["source"]["frames"] == frames


def test_a_closed_stderr_leaves_the_exit_code():
    assert shell("{cli} analyze missing.mp4 2>&-").returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", [DEMO, DEMO + " --json -", "--version", "analyze --help", "model status --model x"])
def test_a_full_disk_behind_stdout_is_one_line(words):
    done = shell("{cli} " + words + " >/dev/full")
    assert done.returncode == 2
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("hingecoach:")]
    assert len(lines) == 1
    assert "No space left" in lines[0]
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_a_folder_that_is_gone_is_one_line(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    done = shell(f"cd {shlex.quote(str(folder))} && rmdir ../gone && {{cli}} analyze x.mp4", HINGECOACH_DATA="data")
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[-1].startswith("hingecoach: the current folder is gone")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("ignored", [False, True])
def test_being_terminated_leaves_no_half_written_file(tmp_path, ignored):
    words = f"demo --headless --oracle --seconds 3600 --size 320x240 --render {shlex.quote(str(tmp_path / 'o.mp4'))}"
    command = [sys.executable, "-m", "app", *shlex.split(words)]
    # A shell has what it puts into the background ignore Ctrl-C; being terminated must work all the same.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if ignored else None
    try:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=AT)
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    assert running.stderr is not None
    running.stderr.readline()  # a second of the scene is drawn
    assert len(list(tmp_path.iterdir())) >= 1
    running.terminate()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Interrupted: the summary is of the first" in err
    assert b"Verdict" in out
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == []
