"""The sounds are what their script makes, nothing clicks, and the noise is pink and has no seam."""

from __future__ import annotations

import importlib.util
import sys
import wave
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from app.store.assets import asset_path
from app.ui.sounds import NOISE, NOISE_S, SHIPPED_VOICE, SOUNDS, SoundChoice, gain_for, sound_choice_from


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_sounds", asset_path("make_sounds.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("sound", [*SOUNDS, NOISE])
def test_the_committed_file_is_what_the_script_makes(script, sound: str) -> None:
    assert asset_path("sounds", f"{sound}.wav").read_bytes() == script.wav_bytes(sound)


def test_every_sound_of_the_script_is_used_and_no_file_is_left_over(script) -> None:
    assert {"bump", *script.TONES} == set(SOUNDS)
    assert {path.stem for path in asset_path("sounds").iterdir()} == {*SOUNDS, NOISE}


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
    assert len(list((tmp_path / "new").glob("*.wav"))) == len(SOUNDS) + 1
    assert not list((tmp_path / "new").glob("*.tmp"))


@pytest.fixture(scope="module")
def noise() -> tuple[np.ndarray, int]:
    """The samples of the committed noise, -1..1, and their rate in Hz."""
    with wave.open(str(asset_path("sounds", f"{NOISE}.wav"))) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0
        return samples, file.getframerate()


def test_the_noise_falls_by_3_db_per_octave(noise) -> None:
    samples, rate_hz = noise
    power = np.abs(np.fft.rfft(samples)) ** 2
    f_hz = np.fft.rfftfreq(samples.size, 1.0 / rate_hz)
    octaves = np.array([100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0, 6400.0])
    density_db = [
        10 * np.log10(power[(f_hz >= low) & (f_hz < high)].mean())
        for low, high in zip(octaves / 2**0.5, octaves * 2**0.5, strict=True)
    ]
    slope_db = np.polyfit(np.log2(octaves), density_db, 1)[0]
    assert slope_db == pytest.approx(-10 * np.log10(2.0), abs=0.1)
    assert np.diff(density_db) == pytest.approx(-3.01, abs=0.5)


def test_the_noise_has_no_seam(noise) -> None:
    samples, rate_hz = noise
    assert samples.size / rate_hz == pytest.approx(NOISE_S, abs=1e-4)
    jumps = np.abs(np.diff(np.concatenate([samples, samples])))
    assert jumps[samples.size - 1] < np.percentile(jumps, 99.9)
    # A seam is a jump, heard in all octaves. Repeated for ever, the noise has next to nothing above its own band; cut
    # short by a seventh of a second it would have.
    assert _above_the_band(samples, rate_hz) < 1e-4
    assert _above_the_band(samples[: -rate_hz // 7], rate_hz) > 1e-4


def _above_the_band(loop: np.ndarray, rate_hz: int) -> float:
    """Mean power above 10.1 kHz of samples repeated for ever, in parts of that from 8 to 10 kHz."""
    power, f_hz = np.abs(np.fft.rfft(loop)) ** 2, np.fft.rfftfreq(loop.size, 1.0 / rate_hz)
    return float(power[f_hz > 10100.0].mean() / power[(f_hz > 8000.0) & (f_hz < 10000.0)].mean())


def test_the_noise_is_even_and_moderate(noise) -> None:
    samples, rate_hz = noise
    count = samples.size // (rate_hz // 4)
    parts = samples[: count * (rate_hz // 4)].reshape(count, -1)
    loud_db = 20 * np.log10(np.sqrt((parts**2).mean(axis=1)))
    assert -20.0 < loud_db.mean() < -16.0
    assert np.ptp(loud_db) < 4.0
    assert abs(samples.mean()) < 1e-3


def test_twice_as_loud_is_ten_decibels() -> None:
    assert gain_for(0.0) == 0.0
    assert gain_for(1.0) == 1.0
    assert 20 * np.log10(gain_for(0.5)) == pytest.approx(-10.0)
    assert 20 * np.log10(gain_for(0.25)) == pytest.approx(-20.0)


@pytest.mark.parametrize(
    ("choice", "silent"),
    [
        (SoundChoice(), False),
        (SoundChoice(voice=False, tones=False, noise=True), False),
        (SoundChoice(voice=False, tones=False, noise=False), True),
        (SoundChoice(volume=0.0), True),
    ],
)
def test_silence_by_choice(choice: SoundChoice, silent: bool) -> None:
    assert choice.silent is silent


@pytest.mark.parametrize("wrong", [{"volume": 1.1}, {"volume": -0.1}, {"rate": 2.0}, {"volume": float("nan")}])
def test_a_choice_outside_its_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SoundChoice(**wrong)


def test_a_choice_survives_being_stored() -> None:
    choice = SoundChoice(False, True, True, 0.35, "headphones", SHIPPED_VOICE, -0.2)
    assert sound_choice_from(asdict(choice)) == choice


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, SoundChoice()),
        ([], SoundChoice()),
        ({"volume": 7, "rate": -3, "noise": True}, SoundChoice(volume=1.0, rate=-1.0, noise=True)),
        ({"volume": "loud", "voice": 1, "device": None, "future": 3}, SoundChoice()),
        ({"volume": float("nan"), "rate": True}, SoundChoice()),
        ({"volume": 1}, SoundChoice(volume=1.0)),
    ],
)
def test_a_stored_choice_that_makes_no_sense_is_the_usual_one(stored: object, expected: SoundChoice) -> None:
    assert sound_choice_from(stored) == expected
