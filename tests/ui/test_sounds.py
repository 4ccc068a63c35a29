"""The sounds are what their script makes, and nothing clicks."""

from __future__ import annotations

import importlib.util
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from app.store.assets import asset_path
from app.ui.sounds import SOUNDS


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_sounds", asset_path("make_sounds.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("sound", SOUNDS)
def test_the_committed_file_is_what_the_script_makes(script, sound: str) -> None:
    assert asset_path("sounds", f"{sound}.wav").read_bytes() == script.wav_bytes(sound)


def test_every_sound_of_the_script_is_used_and_no_file_is_left_over(script) -> None:
    assert {"bump", *script.TONES} == set(SOUNDS)
    assert {path.stem for path in asset_path("sounds").iterdir()} == set(SOUNDS)


@pytest.mark.parametrize("sound", SOUNDS)
def test_format_length_and_silence_at_both_ends(sound: str) -> None:
    with wave.open(str(asset_path("sounds", f"{sound}.wav"))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 44100)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert samples.size / 44100 == pytest.approx(SOUNDS[sound], abs=1e-4)
    assert abs(int(samples[0])) < 40
    assert abs(int(samples[-1])) < 40
    assert 0.5 < np.abs(samples).max() / 32767 < 0.6


def test_the_script_writes_into_a_folder_of_its_own_choice(script, tmp_path: Path) -> None:
    script.main(tmp_path / "new")
    assert len(list((tmp_path / "new").glob("*.wav"))) == len(SOUNDS)
    assert not list((tmp_path / "new").glob("*.tmp"))
