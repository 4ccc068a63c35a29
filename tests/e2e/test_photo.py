"""``analyze`` with a photo of a stance; the poses come from a stand-in that knows each picture by its colour."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from app.capture.opencv import cv2
from app.cli import build
from app.pose.estimator import Estimate
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

GREY = {"standing": 40, "good": 90, "drift": 140}


class _Knowing:
    """An estimator that knows the three pictures."""

    def __init__(self):
        drift = VirtualScene(RunnerParams(Act.STANCE_PELVIS_DRIFT, standing_s=0.0), Camera.framing())
        good = VirtualScene(RunnerParams(Act.STANCE_GOOD, standing_s=0.0), Camera.framing())
        self._poses = {40: good.landmarks_at(-1.0), 90: good.landmarks_at(3.0), 140: drift.landmarks_at(3.0)}

    def estimate(self, frame):
        pose = self._poses[int(frame.image_bgr[0, 0, 0])]
        return Estimate(replace(pose, t_s=frame.t_s, markers=False), None)

    def restart(self):
        pass

    def close(self):
        pass


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "network", lambda *_, **__: build.Estimation(_Knowing))
    for name, grey in GREY.items():
        assert cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((720, 1280, 3), grey, np.uint8))
    return tmp_path


@pytest.mark.parametrize(("name", "verdict"), [("good", "good"), ("drift", "pelvis_drift")])
def test_a_photo_is_judged_against_a_photo_of_standing(cli, photos, name, verdict):
    place = photos / "out.json"
    standing = photos / "standing.png"
    answer = cli("analyze", photos / f"{name}.png", "--mode", "stance", "--standing", standing, "--json", place)
    assert answer.code == 0, answer.err
    content = json.loads(place.read_text(encoding="utf-8"))
    assert content["source"]["kind"] == "photo"
    assert content["stance"]["verdict"] == verdict
    assert any("is a photo" in line for line in content["warnings"])


def test_a_photo_without_standing_is_not_judged_and_says_so(cli, photos):
    place = photos / "out.json"
    answer = cli("analyze", photos / "good.png", "--mode", "stance", "--json", place)
    assert answer.code == 0, answer.err
    content = json.loads(place.read_text(encoding="utf-8"))
    assert content["stance"]["verdict"] == "not_judged"
    assert content["stance"]["not_judged_because"] == "no standing reference"
    assert "stand tall and still" not in answer.out
    assert any("--standing PHOTO" in line for line in content["warnings"])


def test_a_photo_is_of_a_stance_without_being_told(cli, photos):
    place = photos / "out.json"
    answer = cli("analyze", photos / "good.png", "--json", place)
    assert answer.code == 0, answer.err
    assert json.loads(place.read_text(encoding="utf-8"))["mode"] == "stance"
    assert "running" not in answer.out


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--mode", "run"), "no running"), (("--time-range", "0", "1"), "a photo has no time")],
)
def test_what_a_photo_cannot_show_is_one_line(cli, photos, options, words):
    answer = cli("analyze", photos / "good.png", *options)
    assert answer.code == 2
    assert words in answer.error_line


def test_a_clip_of_a_stance_is_an_exam_too(cli, tmp_path, start_line_trc):
    place = tmp_path / "out.json"
    answer = cli("analyze", start_line_trc, "--mode", "stance", "--height-cm", "178", "--json", place)
    assert answer.code == 0, answer.err
    exam = json.loads(place.read_text(encoding="utf-8"))["stance"]["exam"]
    assert [event["foot_behind"] for event in exam["passed"]] == ["right", "left"]
    assert exam["phase"] == "drift"
    assert "Exam: held well with the foot behind: right, left." in answer.out
