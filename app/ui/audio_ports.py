"""What sounds and speaks, as `app.ui.audio.CueAudio` knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from app.ui.sounds import SoundChoice


class SoundPort(Protocol):
    """Something that plays the files of `SOUNDS`."""

    def play(self, sound: str) -> None:
        """Start a sound; returns at once."""

    def close(self) -> None:
        """Let go of the sound card."""


class SpeechPort(Protocol):
    """Something that speaks."""

    def say(self, words: str) -> None:
        """Start speaking; returns at once."""

    def busy(self) -> bool:
        """Whether it still speaks."""

    def stop(self) -> None:
        """Fall silent now."""


@runtime_checkable
class NoisePort(Protocol):
    """Something that plays the tunnel noise without end."""

    def set_noise(self, gain: float) -> None:
        """Play it at this amplitude (0..1) from now on; 0 stops it."""


@runtime_checkable
class Tunable(Protocol):
    """A port that follows what the runner chose: volume, device, voice."""

    def use(self, choice: SoundChoice) -> None:
        """Take over what concerns this port, now."""


@runtime_checkable
class Plugged(Protocol):
    """A port on an output that can be plugged in and out.

    Attributes:
        has_device: whether there is one now.

    """

    has_device: bool


@runtime_checkable
class ManyVoices(Protocol):
    """A speech port with voices to choose from."""

    @property
    def voices(self) -> tuple[str, ...]:
        """Their names."""


@runtime_checkable
class Replaceable(Protocol):
    """A speech port that has somebody else to speak in its place."""

    def give_up(self) -> None:
        """Have somebody else speak from now on."""
