"""Make every sound of the coach: `python assets/make_sounds.py [FOLDER]`.

Deterministic: the same bytes on every machine (a test compares them with the committed files). 44.1 kHz (the noise
22.05), mono, 16 bit. The partials are soft (few harmonics, exponential decay, raised-cosine fades), because they are
heard a hundred times in a run; families differ in rhythm and direction, not only in pitch: tunnel falls (duck), hips is
two equal low knocks (back), lean rises (tip), praise is a rising fifth, the bump is a padded thud. The tunnel noise is
pink and loops.
"""

from __future__ import annotations

import io
import sys
import wave
from pathlib import Path

import numpy as np

RATE_HZ = 44100
PEAK = 0.55

#: Notes of equal temperament, Hz.
D4, G4, A4, C5, D5, E5, G5 = 293.66, 392.0, 440.0, 523.25, 587.33, 659.26, 783.99

#: sound -> (length in s, notes as (start s, length s, Hz, loudness 0..1)).
TONES: dict[str, tuple[float, tuple[tuple[float, float, float, float], ...]]] = {
    "tunnel": (0.42, ((0.0, 0.20, E5, 1.0), (0.16, 0.26, A4, 1.0))),
    "hips": (0.46, ((0.0, 0.20, D4, 1.0), (0.20, 0.26, D4, 1.0))),
    "lean": (0.46, ((0.0, 0.18, G4, 0.9), (0.13, 0.18, A4, 0.9), (0.26, 0.20, D5, 1.0))),
    "praise": (0.60, ((0.0, 0.30, C5, 0.8), (0.14, 0.46, G5, 0.9))),
    "start": (0.50, ((0.0, 0.20, C5, 0.9), (0.12, 0.20, E5, 0.9), (0.24, 0.26, G5, 1.0))),
    "stop": (0.50, ((0.0, 0.20, G5, 0.9), (0.12, 0.20, E5, 0.9), (0.24, 0.26, C5, 1.0))),
    "countdown": (0.14, ((0.0, 0.14, A4, 0.9),)),
}
#: Partials of a note: multiple of the pitch, loudness, decay time in parts of the note's length.
PARTIALS = ((1.0, 1.0, 0.40), (2.0, 0.28, 0.25), (3.0, 0.08, 0.15))
FADE_S = 0.006
BUMP_S = 0.16

#: Tunnel noise. Half the rate: nothing above 10 kHz is needed, and it is the longest file. Below 60 Hz a laptop gives
#: nothing, but what is there would cost loudness.
NOISE_RATE_HZ = 22050
NOISE_S = 6.0
NOISE_FROM_HZ, NOISE_TO_HZ = 60.0, 10000.0
NOISE_SEED = 6


def note(length_s: float, pitch_hz: float) -> np.ndarray:
    """Return one soft struck note, float64 (N,), peak about 1."""
    t_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    tone = sum(
        loud * np.exp(-t_s / (decay * length_s)) * np.sin(2 * np.pi * multiple * pitch_hz * t_s)
        for multiple, loud, decay in PARTIALS
    )
    return faded(np.asarray(tone))


def bump() -> np.ndarray:
    """Return a padded thud: a low tone that sinks from 170 to 85 Hz, with a little knock at its start."""
    t_s = np.arange(round(BUMP_S * RATE_HZ)) / RATE_HZ
    pitch_hz = 85.0 + 85.0 * np.exp(-t_s / 0.03)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    body = np.exp(-t_s / 0.055) * (np.sin(phase) + 0.35 * np.sin(2 * phase))
    knock = 0.4 * np.exp(-t_s / 0.006) * np.sin(2 * np.pi * 640.0 * t_s)
    return faded(body + knock)


def faded(samples: np.ndarray) -> np.ndarray:
    """Return the samples with raised-cosine fades at both ends: no click."""
    count = round(FADE_S * RATE_HZ)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)
    out = samples.copy()
    out[:count] *= ramp
    out[-count:] *= ramp[::-1]
    return out


def samples_of(sound: str) -> np.ndarray:
    """Return the samples of a sound, float64 (N,), peak `PEAK`."""
    if sound == "bump":
        mixed = bump()
    else:
        length_s, notes = TONES[sound]
        mixed = np.zeros(round(length_s * RATE_HZ))
        for start_s, note_s, pitch_hz, loud in notes:
            one = loud * note(note_s, pitch_hz)
            first = round(start_s * RATE_HZ)
            one = one[: mixed.size - first]
            mixed[first : first + one.size] += one
    return PEAK * mixed / np.max(np.abs(mixed))


def pink_noise() -> np.ndarray:
    """Return pink noise, float64 (N,), peak `PEAK`, that can be repeated without a seam.

    It is summed up from the harmonics of its own length, each with an amplitude of 1 / sqrt(f) (power falls by 3 dB per
    octave) and a phase by chance: so it is periodic, and the last sample runs into the first.
    """
    count = round(NOISE_S * NOISE_RATE_HZ)
    f_hz = np.fft.rfftfreq(count, 1.0 / NOISE_RATE_HZ)
    heard = (f_hz >= NOISE_FROM_HZ) & (f_hz <= NOISE_TO_HZ)
    spectrum = np.zeros(f_hz.size, dtype=complex)
    phase = np.random.default_rng(NOISE_SEED).uniform(0.0, 2.0 * np.pi, f_hz.size)
    spectrum[heard] = np.exp(1j * phase[heard]) / np.sqrt(f_hz[heard])
    samples = np.fft.irfft(spectrum, count)
    return PEAK * samples / np.max(np.abs(samples))


def wav_bytes(sound: str) -> bytes:
    """Return the whole file of a sound. Rounded to 1/2 step first: the last bit of a sine differs between machines."""
    samples, rate_hz = (pink_noise(), NOISE_RATE_HZ) if sound == "noise" else (samples_of(sound), RATE_HZ)
    steps = np.rint(np.round(samples * 32767.0, 3)).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(steps.tobytes())
    return buffer.getvalue()


def main(folder: Path) -> None:
    """Write every sound into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for sound in ("bump", *TONES, "noise"):
        part = folder / f"{sound}.wav.tmp"
        part.write_bytes(wav_bytes(sound))
        part.replace(folder / f"{sound}.wav")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "sounds")
