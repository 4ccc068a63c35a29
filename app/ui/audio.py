"""What the runner hears: short sounds and speech for cues, a bump for every roof hit.

`CueAudio` decides *when* (one cue at a time, the most urgent first, nothing stale, nothing while muted) and knows
no sound card; `open_audio` finds what can make noise on this machine and says in one line what is missing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from app.coach.report import Cue, FaultId
from app.coach.standing import STILL_WANTED_S
from app.session import RoofHit
from app.ui.sounds import SOUNDS

if TYPE_CHECKING:
    from app.coach.report import StandingStatus
    from app.session import Event

logger = logging.getLogger(__name__)

#: A bump belongs to its own apex: later than this after the hit was known it is not played.
BUMP_LATEST_S: Final = 0.12
#: A cue is never spoken later than this after it was decided (coaching.md, "Cues and their dose").
CUE_LATEST_S: Final = 2.0
#: The voice starts when the tone has made the ear ready.
VOICE_AFTER_S: Final = 0.25
#: A speech engine says only after a moment that it speaks.
SPEECH_STARTS_S: Final = 0.5

_FAMILY_OF_FAULT: Final[dict[str, str]] = {
    FaultId.STANDING_UP: "tunnel",
    FaultId.TALL: "tunnel",
    FaultId.PELVIS_DRIFT: "hips",
    FaultId.HIP_SQUEEZE: "hips",
    FaultId.ANKLE_LEAN: "hips",
    FaultId.NO_STAGGER: "hips",
    FaultId.UPRIGHT: "lean",
    FaultId.OVER_LEAN: "lean",
    FaultId.OVERSTRIDE: "lean",
}


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


def sound_for(cue: Cue) -> str:
    """Return the sound family of a cue."""
    if cue.because in _FAMILY_OF_FAULT:
        return _FAMILY_OF_FAULT[cue.because]
    if cue.id in SOUNDS:
        return cue.id
    return "praise" if cue.id.startswith("praise") else "start"


@dataclass(slots=True)
class _Waiting:
    cue: Cue
    deadline_s: float


class CueAudio:
    """Plays cues and bumps.

    Args:
        sounds, speech: where the noise goes; None = there is none of it here.
        clock: monotonic seconds of the caller.

    """

    def __init__(self, sounds: SoundPort | None, speech: SpeechPort | None, clock: Callable[[], float]) -> None:
        self._sounds, self._speech, self._clock = sounds, speech, clock
        self._waiting: list[_Waiting] = []
        self._busy_until_s = -math.inf
        self._to_say: tuple[float, str] | None = None
        self._muted = False
        self.dropped = 0

    @property
    def muted(self) -> bool:
        """Whether all sound is off."""
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._muted = muted
        if muted:
            self.hush()

    @property
    def audible(self) -> bool:
        """Whether there is anything to hear at all on this machine."""
        return self._sounds is not None or self._speech is not None

    def take(self, event: Event, stream_now_s: float) -> None:
        """Take a cue or roof-hit event; ``stream_now_s`` is the time of the newest frame, on the event's axis."""
        age_s = max(0.0, stream_now_s - event.t_s) if math.isfinite(stream_now_s) else 0.0
        payload = event.payload
        if isinstance(payload, RoofHit):
            if age_s <= BUMP_LATEST_S and not self._muted:
                self._play("bump")
            return
        if not isinstance(payload, Cue):
            return
        life_s = min(payload.expires_s - payload.t_s, CUE_LATEST_S) - age_s
        if self._muted or life_s <= 0.0:
            self.dropped += 1
            return
        self._waiting.append(_Waiting(payload, self._clock() + life_s))
        self.tick()

    def signal(self, sound: str) -> None:
        """Play a set-up sound now (start, stop, countdown)."""
        if not self._muted:
            self._play(sound)

    def say(self, words: str) -> None:
        """Speak a set-up line now, unless a cue is being spoken."""
        if not self._muted and not self._busy():
            self._speak(words)

    def tick(self) -> None:
        """Go on: speak what is due, start the next cue. Call it at the refresh rate."""
        now_s = self._clock()
        if self._to_say is not None and now_s >= self._to_say[0]:
            words, self._to_say = self._to_say[1], None
            self._speak(words)
        fresh = [waiting for waiting in self._waiting if waiting.deadline_s >= now_s]
        self.dropped += len(self._waiting) - len(fresh)
        self._waiting = fresh
        if self._waiting and not self._busy():
            chosen = min(self._waiting, key=lambda waiting: (waiting.cue.priority, waiting.deadline_s))
            self._waiting.remove(chosen)
            self._start(chosen.cue, now_s)

    def hush(self) -> None:
        """Drop everything that waits and stop speaking."""
        self._waiting.clear()
        self._to_say = None
        if self._speech is not None:
            self._speech.stop()

    def close(self) -> None:
        """Fall silent for good; idempotent."""
        self.hush()
        sounds, self._sounds, self._speech = self._sounds, None, None
        if sounds is not None:
            sounds.close()

    def _start(self, cue: Cue, now_s: float) -> None:
        sound = sound_for(cue)
        self._play(sound)
        self._busy_until_s = now_s + SOUNDS[sound]
        if self._speech is not None and cue.spoken:
            self._to_say = (now_s + VOICE_AFTER_S, cue.spoken)

    def _speak(self, words: str) -> None:
        if self._speech is not None:
            self._speech.say(words)
            self._busy_until_s = self._clock() + SPEECH_STARTS_S

    def _busy(self) -> bool:
        if self._to_say is not None or self._clock() < self._busy_until_s:
            return True
        return self._speech is not None and self._speech.busy()

    def _play(self, sound: str) -> None:
        if self._sounds is not None:
            self._sounds.play(sound)


class StandingSounds:
    """Ticks once a second while the standing reference is taken, and sounds when it is."""

    def __init__(self, audio: CueAudio) -> None:
        self._audio = audio
        self._left_s = 0
        self._capturing = False

    def follow(self, standing: StandingStatus) -> None:
        """Take the standing status of a new frame."""
        if standing.capturing:
            left_s = math.ceil(STILL_WANTED_S * (1.0 - standing.progress)) if standing.progress > 0.0 else 0
            if left_s and left_s != self._left_s:
                self._audio.signal("countdown")
            self._left_s = left_s
        elif self._capturing and standing.source == "recorded":
            self._audio.signal("start")
        self._capturing = standing.capturing


def open_audio(asset_path: Callable[[str], object]) -> tuple[SoundPort | None, SpeechPort | None, str]:
    """Return what this machine can sound and speak with, and one line on what is missing ("" = nothing).

    Args:
        asset_path: where an asset of this name ("sounds/bump.wav") lies on disk.

    """
    try:
        from app.ui.qt_audio import QtSounds, qt_speech
    except ImportError as error:
        # QtMultimedia links libpulse, which a bare Linux lacks: the coach goes on in silence.
        logger.warning("no sound: %s", error)
        missing = "libpulse0" if "libpulse" in str(error) else str(error).split(":")[0]
        return None, None, f"no sound: install {missing}"
    sounds = QtSounds(asset_path)
    speech = qt_speech()
    if not sounds.has_device:
        return None, None, "no sound: no loudspeaker found"
    return sounds, speech, "" if speech is not None else "tones only: no voice installed"
