"""`hingecoach doctor` from end to end, with children that answer at once: lines, JSON, exit codes, bad options."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.cli import doctor_children, doctor_latency
from app.pose import model
from app.validation.checkup import probes_camera
from app.validation.checkup.asking import Answer
from app.validation.checkup.facts import CameraFacts, CameraNode

TOLD = {
    "window": {"platform": "xcb", "screen_px": [1920, 1080], "refresh_hz": 60.0, "scale": 1.0, "leaks": ""},
    "sound": {"language": "en", "phrases": 196, "outputs": ["Speakers"], "default": "Speakers", "plays": True,
              "buffer_ms": 40.0, "voices": ["Ana"], "awake": "org.freedesktop.ScreenSaver"},
    "network": {"engine": "litert", "model": "full", "p50_ms": 11.0, "p95_ms": 13.0, "load_s": 0.4},
    "camera": {"camera": "0", "error": "", "open_s": 0.9, "asked_px": [1280, 720], "asked_fps": 60.0,
               "size_px": [1280, 720], "seconds": 3.0, "frames": 46, "fps": 15.1, "longest_gap_ms": 70.0,
               "brightness": 41.0, "low": 10.0, "high": 80.0, "same": 0.0},
}  # fmt: skip


@pytest.fixture
def children(monkeypatch, tmp_path):
    """Machines whose children tell `TOLD`; gives what was asked of them, and takes other answers."""
    asked, answers = {}, {name: Answer(told) for name, told in TOLD.items()}

    def answer(_self, name, _limit_s, /, **more):
        asked[name] = more
        return answers[name]

    monkeypatch.setattr(doctor_children.OwnProcesses, "__call__", answer)
    node = CameraNode(0, "HD Webcam", "/dev/video0")
    monkeypatch.setattr(probes_camera, "camera_facts", lambda: CameraFacts((node,)))
    monkeypatch.setenv("HINGECOACH_CACHE", str(tmp_path / "cache"))
    return asked, answers


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a display as Linux has it")
def test_a_machine_in_a_dim_room(cli, children, monkeypatch, tmp_path):
    monkeypatch.setenv("DISPLAY", ":0")
    found = cli("doctor", "--json", tmp_path / "d.json")
    assert "Opening camera 0 HD Webcam" in found.err
    assert "Traceback" not in found.err
    document = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    checks = {check["id"]: check for check in document["checks"]}
    assert checks["camera.rate"]["outcome"] == "trouble"
    assert checks["camera.rate"]["values"] == {"fps": 15.1, "asked_fps": 60.0, "seconds": 3.0}
    assert checks["camera.rate"]["remedy"].startswith("Add light")
    assert checks["speed.network"]["values"]["p50_ms"] == 11.0
    assert checks["model.file"]["outcome"] == "note"
    assert "TROUBLE camera.rate           15.1 pictures a second" in found.out
    # A dim room is no reason not to begin; whatever else this machine lacks may be one.
    assert "camera.rate" not in document["jobs"]["live"]["stopped_by"]
    assert found.code == (2 if document["jobs"]["live"]["stopped_by"] else 0)
    assert children[0]["camera"] == {"camera": "0", "size_px": [1280, 720], "fps": 60.0}


def test_no_camera_is_opened_where_none_is_to_be(cli, children):
    found = cli("doctor", "--no-camera", "--json", "-", "--for", "clips")
    assert found.code == 0
    assert found.err == ""
    checks = {check["id"]: check for check in json.loads(found.out)["checks"]}
    assert checks["camera.rate"]["outcome"] == "not_checked"
    assert "camera" not in children[0]


def test_children_that_all_die_are_told_in_lines(cli, children):
    _asked, answers = children
    answers.update(dict.fromkeys(TOLD, Answer({}, -6, "Aborted (core dumped)")))
    found = cli("doctor")
    assert found.code == 2
    assert "Qt opens no window: Aborted" in found.out
    assert "The pose network ends its process (exit code -6)." in found.out
    assert "Live coaching: not yet, because of " in found.out
    assert "Traceback" not in found.out + found.err


def test_latency_is_put_together_from_its_parts(cli, children, monkeypatch, tmp_path):
    stages = {"pose": {"p50": 20.0, "p95": 25.0, "n": 99}, "captured_to_ready": {"p50": 26.0, "p95": 30.0, "n": 99}}
    chain = {"parts": {"window": {"stages_ms": stages, "sound_in_all_ms": {"p50": 1.0, "p95": 2.0, "n": 3}}}}

    def bench(_self, words, _limit_s, no_screen=False):
        assert no_screen
        Path(words[words.index("--json") + 1]).write_text(json.dumps(chain), encoding="utf-8")
        return Answer()

    def is_here(name):
        return SimpleNamespace(valid=name == "full", variant=name)

    asked, answers = children
    answers["flash"] = Answer(
        {"flashes": 14, "seen": 14, "fps": 30.0, "delay_ms": 60.0, "plus_minus_ms": 1.0, "seen_ms": 77.0, "problem": ""}
    )
    monkeypatch.setattr(doctor_children.OwnProcesses, "run", bench)
    monkeypatch.setattr(model, "model_status", is_here)
    found = cli("doctor", "--latency", "--for", "clips", "--json", tmp_path / "l.json", "--budget-ms", "100")
    latency = json.loads((tmp_path / "l.json").read_text(encoding="utf-8"))["latency"]
    # Seen after 77 ms, decided 26 later, asked for 1 later, 40 in front of the loudspeaker.
    assert latency["movement_to_sound_ms"] == 144.0
    assert latency["models"] == [{"model": "full", "p50_ms": 11.0, "latency_ms": 57.0, "fps": 81.8, "fits": True}]
    assert latency["recommended"] == "full"
    assert asked["flash"]["delay_ms"] is None
    assert found.err.count("Opening camera 0") == 2
    assert "Recommended: --model full" in found.out


def test_a_camera_of_known_delay_says_nothing_of_this_machines_own():
    whole = {"loop": {"delay_ms": 60.0, "seen_ms": 77.0}, "chain": {"captured_to_decided": {"p50": 26.0}},
             "sound_buffer_ms": None, "virtual_ms": None}  # fmt: skip
    assert doctor_latency._all_in_all(whole) == 103.0
    assert doctor_latency._all_in_all(whole | {"virtual_ms": 60.0}) is None


def test_without_a_camera_nothing_flashes(children, monkeypatch):
    asked, _ = children
    monkeypatch.setattr(probes_camera, "camera_facts", lambda: CameraFacts(()))
    found = doctor_latency._loop(SimpleNamespace(camera="0"), doctor_children.OwnProcesses({}), None)
    assert found == (None, "There is no camera.")
    assert asked == {}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--for", "money"], "--for"),
        (["--camera", "1", "--no-camera"], "--no-camera"),
        (["--camera", ""], "--camera"),
        (["--size", "huge"], "--size"),
        (["--fps", "0"], "--fps"),
        (["--virtual", "80"], "--latency"),
        (["--budget-ms", "100"], "--latency"),
        (["--latency", "--budget-ms", "1"], "--budget-ms"),
        (["--latency", "--virtual", "-4"], "--virtual"),
        (["--json", "/nowhere/at/all.json"], "/nowhere/at"),
        (["--child", "unheard-of"], "--child"),
        (["--child", "network", "--asked", "{"], "--child"),
        (["--nonsense"], "doctor --help"),
    ],
)
def test_bad_options(cli, children, arguments, word):
    found = cli("doctor", *arguments)
    assert found.code == 2
    assert word in found.error_line
