"""Slow motion in ``analyze``: told by the file, noticed by the motion, asked for where somebody is there."""

from __future__ import annotations

import json
import struct
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from app.capture.opencv import cv2
from app.cli import slowmo
from app.cli.build import Estimation
from app.coach.types import BodyPose
from app.pose.estimator import Estimate
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

LIFE_FPS, FRAMES = 60.0, 240
CADENCE_SPM = 168.0


@lru_cache
def runner() -> tuple[BodyPose, ...]:
    """Four seconds of good running, 60 poses a second of life."""
    params = RunnerParams(standing_s=0.0)
    scene = VirtualScene(params, Camera.framing((64, 48), stature_m=params.height_m))
    return tuple(scene.landmarks_at(k / LIFE_FPS) for k in range(FRAMES))


class Scripted:
    """An estimator that knows the runner of every frame."""

    def estimate(self, frame):
        pose = runner()[frame.index]
        return Estimate(BodyPose(frame.t_s, pose.xy_px, pose.visibility, pose.image_size_px), None)

    def close(self):
        pass


@pytest.fixture
def slow_clip(tmp_path, monkeypatch):
    """A clip of the runner that plays twice slower than life: 60 frames a second of life stored at 30."""
    monkeypatch.setattr("app.cli.build.network", lambda *_, **__: Estimation(Scripted))
    path = tmp_path / "run.mp4"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (64, 48))
    for _ in range(FRAMES):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    return path


def filmed_at(path: Path, fps: float, kind: int = 23) -> None:
    """Write into a clip what an Android phone writes: the rate it was filmed at, as float32 (23) or text (1)."""

    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", len(content) + 8, name) + content

    value = struct.pack(">f", fps) if kind == 23 else f"{fps:g}".encode()
    meta = box(
        b"meta",
        box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
        + box(b"keys", bytes(4) + struct.pack(">I", 1) + box(b"mdta", b"com.android.capture.fps"))
        + box(b"ilst", box(struct.pack(">I", 1), box(b"data", struct.pack(">II", kind, 0) + value))),
    )
    data = path.read_bytes()
    at = data.index(b"moov") - 4
    length = int.from_bytes(data[at : at + 4], "big")
    assert at + length == len(data)  # the index is at the end: nothing behind it moves
    path.write_bytes(data[:at] + struct.pack(">I", length + len(meta)) + data[at + 4 :] + meta)


def test_what_looks_slowed_is_told_in_one_line_that_says_what_to_do(cli, slow_clip, tmp_path):
    answer = cli("analyze", slow_clip, "--json", tmp_path / "run.json")
    line = "run.mp4 seems to play about 2 times slower than life (86 steps a minute): give --slowmo-factor 2."
    content = json.loads((tmp_path / "run.json").read_text())
    assert answer.code == 0
    assert answer.error_line == line
    assert line in content["warnings"]
    assert "tracking: other people are looked for only in whole clips at their true speed." in content["warnings"]
    assert not content["run"]["steps"]


def test_on_a_terminal_it_is_asked_once_and_enter_takes_the_suggestion(cli, slow_clip, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(slowmo, "asks", lambda: True)
    monkeypatch.setattr(
        slowmo.typer, "prompt", lambda text, default, value_proc, err: value_proc(asked.append(text) or default)
    )
    answer = cli("analyze", slow_clip, "--json", tmp_path / "run.json")
    content = json.loads((tmp_path / "run.json").read_text())
    assert (answer.code, len(asked)) == (0, 1)
    assert content["run"]["cadence_spm"]["value"] == pytest.approx(CADENCE_SPM, rel=0.05)
    assert content["source"]["duration_s"] == pytest.approx(FRAMES / LIFE_FPS, abs=0.05)
    assert any("factor of 2" in line for line in content["warnings"])


def test_who_says_that_it_is_not_slowed_is_believed(cli, slow_clip, monkeypatch):
    monkeypatch.setattr(slowmo, "asks", lambda: True)
    monkeypatch.setattr(slowmo, "ask_factor", lambda _suggested: 1.0)
    answer = cli("analyze", slow_clip)
    assert answer.code == 0
    assert "240 frames, 8.0 s at 30.0 fps" in answer.out


@pytest.mark.parametrize("kind", [23, 1])
def test_what_the_file_is_certain_of_is_taken_and_said(cli, slow_clip, tmp_path, kind):
    filmed_at(slow_clip, 240.0, kind)
    answer = cli("analyze", slow_clip, "--json", tmp_path / "run.json", "--time-range", 0, 0.5)
    content = json.loads((tmp_path / "run.json").read_text())
    assert answer.err.startswith("run.mp4 was filmed at 240 frames a second and plays at 30: taken as slowed 8 times.")
    assert content["source"]["fps_measured"] == pytest.approx(240.0)


def test_the_told_factor_goes_before_the_file_and_a_wrong_one_is_told(cli, slow_clip):
    filmed_at(slow_clip, 240.0)
    fitting = cli("analyze", slow_clip, "--slowmo-factor", 2)
    assert fitting.code == 0
    assert "slow" not in fitting.err
    wrong = cli("analyze", slow_clip, "--slowmo-factor", 8)
    assert "factor of 8 the runner of run.mp4 makes 686 steps a minute: give --slowmo-factor 2." in wrong.err


def test_a_low_ratio_in_the_file_is_not_trusted_alone(cli, slow_clip):
    filmed_at(slow_clip, 60.0)
    assert "seems to play about 2 times slower" in cli("analyze", slow_clip).err


@pytest.mark.parametrize("factor", ["0", "-2", "nan", "inf", "1000"])
def test_a_factor_without_sense_is_refused(cli, slow_clip, factor):
    answer = cli("analyze", slow_clip, "--slowmo-factor", factor)
    assert answer.code == 2
    assert "slow-motion factor must be a number above 0" in answer.error_line


@pytest.mark.parametrize(("typed", "factor"), [("8", 8.0), (" 2,5 ", 2.5), ("1", 1.0)])
def test_an_answer_may_be_any_factor(typed, factor):
    assert slowmo._factor(typed) == factor


@pytest.mark.parametrize("typed", ["", "eight", "0", "-1", "nan"])
def test_an_answer_that_is_no_factor_is_asked_again(typed):
    with pytest.raises(slowmo.typer.BadParameter):
        slowmo._factor(typed)
