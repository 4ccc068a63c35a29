"""What there is to hear (files made by `assets/make_sounds.py`), and what the runner chose of it.

The runner chooses any of voice, tones and tunnel noise, or none. Music underneath is not fought: the app opens ordinary
shared streams, asks for no exclusive device and turns no other program down, and its loudest sound peaks 5 dB below
full scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Final

#: Sounds and their lengths in s (a test compares them with the files).
SOUNDS: Final[dict[str, float]] = {
    "bump": 0.16,
    "tunnel": 0.42,
    "hips": 0.46,
    "lean": 0.46,
    "praise": 0.60,
    "start": 0.50,
    "stop": 0.50,
    "countdown": 0.14,
}
#: The tunnel noise: its file, and after how many s it repeats without a seam.
NOISE: Final = "noise"
NOISE_S: Final = 6.0

#: `SoundChoice.voice_name` of the phrases that come with the app.
SHIPPED_VOICE: Final = "hingecoach"


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """What the runner wants to hear.

    Attributes:
        voice, tones, noise: the three channels, in any combination; none of them is silence.
        volume: 0..1, as loud as it seems to the ear (see `gain`).
        device: id of the output as `qt_audio.output_devices` tells it, "" = the system's own choice. Tones, noise and
            the shipped voice follow it; a system voice speaks where the system lets it.
        voice_name: of the system, `SHIPPED_VOICE` for the shipped phrases, "" = the best there is.
        rate: of the system's voice, -1 (slow) .. 1 (fast), 0 = its own.

    """

    voice: bool = True
    tones: bool = True
    noise: bool = False
    volume: float = 0.8
    device: str = ""
    voice_name: str = ""
    rate: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.volume <= 1.0:
            raise ValueError(f"volume must be 0 to 1, got {self.volume}")
        if not -1.0 <= self.rate <= 1.0:
            raise ValueError(f"rate must be -1 to 1, got {self.rate}")

    @property
    def silent(self) -> bool:
        """Whether there is nothing to hear by choice."""
        return not (self.voice or self.tones or self.noise) or self.volume == 0.0

    @property
    def gain(self) -> float:
        """The amplitude for ``volume``, 0..1."""
        return gain_for(self.volume)


def gain_for(loudness: float) -> float:
    """Return the amplitude (0..1) that seems ``loudness`` (0..1) times as loud as full amplitude.

    Twice as loud takes 10 dB (Stevens: a sone doubles with 10 phon), so amplitude = loudness ** (10 / 20 / log10(2)).
    """
    return 0.0 if loudness <= 0.0 else min(loudness, 1.0) ** (0.5 / math.log10(2.0))


def sound_choice_from(stored: Any) -> SoundChoice:
    """Return a choice from its stored fields (`dataclasses.asdict`); what makes no sense is the default's."""
    if not isinstance(stored, dict):
        return SoundChoice()
    kept: dict[str, Any] = {}
    for field in fields(SoundChoice):
        value, usual = stored.get(field.name), field.default
        if isinstance(usual, float) and isinstance(value, int | float) and not isinstance(value, bool):
            low = -1.0 if field.name == "rate" else 0.0
            if value == value:  # a number may be infinite, or too long for a float
                kept[field.name] = float(min(max(value, low), 1.0))
        elif type(value) is type(usual):
            kept[field.name] = value
    return SoundChoice(**kept)
