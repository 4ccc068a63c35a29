"""A camera of known delay that sees the screen gives that delay; one that sees nothing gives none, and says why."""

from __future__ import annotations

import itertools
import random

import pytest

from app.capture.source import CaptureError
from app.validation.checkup.latency import chain_of, judged_models, latency_lines, recommended, rest_ms
from app.validation.checkup.loop import (
    DARK_S,
    LATEST_S,
    LIT_S,
    Eye,
    ScreenCamera,
    flash_times_s,
    lit_at,
    loop_of,
    most_agreed,
)


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def wait(self, _condition, seconds: float) -> None:
        self.now_s += seconds


def screen() -> list[tuple[float, bool]]:
    """What was painted when: dark, then the flashes."""
    painted = [(0.0, False)]
    for at_s in flash_times_s():
        painted += [(at_s, True), (at_s + LIT_S, False)]
    return painted


def seen(delay_s: float, fps: float, painted: list[tuple[float, bool]]) -> list[tuple[float, float]]:
    clock = Clock()
    camera = ScreenCamera(lambda t_s: lit_at(painted, t_s), delay_s, fps, clock, clock.wait)
    camera.open()
    frames = []
    while clock.now_s < painted[-1][0] + 1.0:
        frame = camera.read()
        frames.append((frame.t_s, float(frame.image_bgr.mean())))
    return frames


@pytest.mark.parametrize("fps", [15.0, 24.0, 29.97, 30.0, 60.0, 120.0])
@pytest.mark.parametrize("delay_ms", [0.0, 35.0, 87.0, 250.0])
def test_a_known_delay_comes_out(delay_ms, fps):
    found = loop_of(screen(), seen(delay_ms / 1e3, fps, screen()))
    assert (found.problem, found.seen, found.flashes) == ("", 14, 14)
    assert found.delay_ms == pytest.approx(delay_ms, abs=3.0)
    assert found.fps == pytest.approx(fps, rel=1e-6)
    assert abs(found.delay_ms - delay_ms) <= found.plus_minus_ms + 1e-6
    assert delay_ms <= found.seen_ms <= delay_ms + 1000.0 / fps


def test_noise_auto_exposure_and_hiccups_do_not_change_it():
    chance = random.Random(3)
    frames = seen(0.08, 30.0, screen())
    # The lamp of the room flickers, the picture gets darker by itself, two pictures came late.
    rough = [(at_s, 0.4 * light + 20.0 + chance.gauss(0.0, 1.5) - 0.3 * at_s) for at_s, light in frames]
    rough[40] = (rough[40][0] + 0.02, rough[40][1])
    found = loop_of(screen(), rough)
    assert found.delay_ms == pytest.approx(80.0, abs=4.0)


def test_a_camera_that_looks_elsewhere_gives_no_delay():
    chance = random.Random(4)
    dull = [(k / 30.0, 90.0 + chance.gauss(0.0, 2.0)) for k in range(450)]
    found = loop_of(screen(), dull)
    assert found.delay_ms is None
    assert "point it at the screen" in found.problem
    assert loop_of(screen(), []).problem == "The camera gave too few pictures."


def test_a_camera_that_is_later_than_cameras_are_gives_no_delay():
    found = loop_of(screen(), seen(LATEST_S + 0.1, 60.0, screen()))
    assert (found.seen, found.delay_ms) == (0, None)
    assert "point it at the screen" in found.problem


def test_flashes_are_slow_enough_for_everybody():
    times_s = flash_times_s()
    apart_s = [later - earlier for earlier, later in itertools.pairwise(times_s)]
    assert min(apart_s) > 0.7  # WCAG 2.3.1: three a second at most
    assert min(apart_s) >= LIT_S + LATEST_S + DARK_S  # dark again when the next one comes


def test_bounds_that_do_not_all_agree():
    assert most_agreed([(0.0, 3.0), (1.0, 4.0), (2.0, 5.0)]) == (2.0, 3.0)
    assert most_agreed([(0.0, 3.0), (1.0, 4.0), (9.0, 12.0)]) == (1.0, 3.0)


def test_the_eye_lets_go_of_the_camera():
    clock = Clock()
    camera = ScreenCamera(lambda _: True, 0.0, 30.0, clock, clock.wait)
    eye = Eye(lambda: camera)
    assert eye.opened.wait(10.0)
    eye.close()
    assert camera.read() is None
    assert eye.error == ""


def test_a_camera_that_does_not_open_is_told_and_not_waited_for():
    class Barred(ScreenCamera):
        def open(self) -> None:
            raise CaptureError("Camera 0 does not open: close other programs.")

    camera = Barred(lambda _: True, 0.0, 30.0, Clock())
    eye = Eye(lambda: camera)
    assert eye.opened.wait(10.0)
    assert eye.error == "Camera 0 does not open: close other programs."
    assert camera.read() is None  # it is let go of


BENCH = {
    "parts": {
        "window": {
            "stages_ms": {
                "pose": {"p50": 20.0, "p95": 25.0, "n": 99}, "captured_to_ready": {"p50": 26.0, "p95": 30.0, "n": 99},
                "captured_to_painted": {"p50": 40.0, "p95": 50.0, "n": 99},
            },
            "sound_in_all_ms": {"p50": 2.0, "p95": 3.0, "n": 4},
        }
    }
}  # fmt: skip


def test_the_largest_model_within_the_budget_is_recommended():
    chain = chain_of(BENCH)
    assert rest_ms(chain) == 6.0
    took_ms = {"heavy": 80.0, "lite": 8.0, "full": 20.0}
    models = judged_models(took_ms, chain, 30.0, 100.0)
    assert [(one["model"], one["latency_ms"], one["fits"]) for one in models] == [
        ("lite", 44.0, True), ("full", 56.0, True), ("heavy", 116.0, False),
    ]  # fmt: skip
    assert recommended(models) == "full"
    # Fast enough for the budget, too slow for 24 pictures a second.
    assert recommended(judged_models({"heavy": 45.0}, chain, 0.0, 100.0)) is None
    assert chain_of({"parts": {}}) is None


def test_why_a_model_does_not_fit_is_said():
    slow = {"model": "full", "p50_ms": 47.0, "latency_ms": 65.0, "fps": 19.0, "fits": False}
    told = "\n".join(latency_lines({"budget_ms": 150.0, "models": [slow], "load": 3.0}))
    assert "within 150 ms; TOO SLOW, 24 a second are needed" in told
    assert "NOT within" not in told
    assert "measure again" in told
    assert "fetch" not in told  # nothing is sure yet
    idle = "\n".join(latency_lines({"budget_ms": 150.0, "models": [slow], "load": 0.1}))
    assert "hingecoach model fetch --model lite" in idle
    lite = "\n".join(latency_lines({"budget_ms": 150.0, "models": [{**slow, "model": "lite"}, slow], "load": 0.1}))
    assert "No model is fast enough here" in lite
    assert "fetch" not in lite  # it is here


def test_what_was_not_measured_is_said():
    told = "\n".join(latency_lines({"chain": None, "chain_why": "no model", "loop": None, "loop_why": "no camera"}))
    assert "no model" in told
    assert "no camera" in told
    assert "microphone" in told
