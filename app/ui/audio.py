"""What the runner hears: short sounds and speech for cues, a bump for every roof hit, noise outside the tunnel.

`CueAudio` decides *when* (one cue at a time, the most urgent first, nothing stale, nothing while muted, nothing that
was not chosen) and knows no sound card; `open_audio` finds what can make noise on this machine and says in one line
what is missing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from app.coach.report import Activity, Cue, FaultId, Step
from app.coach.standing import STILL_WANTED_S
from app.session import RoofHit
from app.ui.audio_ports import ManyVoices, NoisePort, Plugged, Replaceable, SoundPort, SpeechPort, Tunable
from app.ui.sounds import SOUNDS, SoundChoice
from app.ui.tunnel_noise import STOPPED_S, Ramp, TunnelNoise, level_gain
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.coach.report import StandingStatus
    from app.session import Event

logger = logging.getLogger(__name__)

__all__ = ["CueAudio", "SoundPort", "SpeechPort", "StandingSounds", "open_audio", "sound_for"]

#: A bump belongs to its own apex: later than this after the hit was known it is not played.
BUMP_LATEST_S: Final = 0.12
#: A cue is never spoken later than this after it was decided (coaching.md, "Cues and their dose").
CUE_LATEST_S: Final = 2.0
#: The voice starts when the tone has made the ear ready.
VOICE_AFTER_S: Final = 0.25
#: A speech engine says only after a moment that it speaks.
SPEECH_STARTS_S: Final = 0.5
#: No words take longer: a voice that still says that it speaks hangs.
WORDS_LONGEST_S: Final = 12.0
#: To start speaking takes less than this; a voice that kept its caller waiting for longer is not asked again.
SPEECH_SLOW_S: Final = 1.0
SOUND_FAILED: Final = mark("The sound failed: choose another output in the settings. The log says why.")
NO_OUTPUT: Final = mark("no sound: no loudspeaker found")
#: The noise steps back to this part of its amplitude (-10 dB: half as loud) while words are spoken.
NOISE_UNDER_WORDS: Final = 0.32

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
    """Plays cues, bumps and the tunnel noise.

    Attributes:
        dropped: cues that were too late, or not wanted, to be heard. problem: why the last sound failed, "" did not.
        feedback: whether this is a time for feedback; False (a silent minute, see `dose`) silences the noise. Cues and
            bumps are left out by the coach itself.

    Args:
        sounds, speech, noise: where it is heard; None = there is none of it here. ``sounds`` makes the noise too where
            it can.
        clock: monotonic seconds of the caller.

    """

    def __init__(
        self,
        sounds: SoundPort | None,
        speech: SpeechPort | None,
        clock: Callable[[], float],
        noise: NoisePort | None = None,
    ) -> None:
        self._sounds, self._speech, self._clock = sounds, speech, clock
        self._noise = sounds if noise is None and isinstance(sounds, NoisePort) else noise
        self._waiting: list[_Waiting] = []
        self._busy_until_s = -math.inf
        self._to_say: tuple[float, float, str] | None = None  # from when, until when, what
        self._muted = False
        self._choice = SoundChoice()
        self._tunnel, self._ramp = TunnelNoise(), Ramp()
        self._step_heard_s = -math.inf
        self._speaks_since_s = math.inf
        self.dropped = 0
        self.problem = ""
        self.feedback = True

    @property
    def missing(self) -> str:
        """What is to be plugged in before anything is heard, in English, "" where nothing is."""
        sounds: object = self._sounds
        return NO_OUTPUT if isinstance(sounds, Plugged) and not sounds.has_device else ""

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
    def choice(self) -> SoundChoice:
        """What the runner chose to hear."""
        return self._choice

    def use(self, choice: SoundChoice) -> None:
        """Change channels, volume, device and voice now, in the middle of a run too."""
        before, self._choice = self._choice, choice
        # One object may be several ports.
        ports: dict[int, object] = {id(port): port for port in (self._sounds, self._speech, self._noise)}
        for port in ports.values():
            if isinstance(port, Tunable):
                self._safely(partial(port.use, choice))
        if before.voice and not choice.voice:
            self._to_say = None
            self._stop_words()
        if choice.silent:
            self.hush()

    @property
    def voices(self) -> tuple[str, ...]:
        """The system's voices that can be chosen, by name."""
        return self._speech.voices if isinstance(self._speech, ManyVoices) else ()

    def take(self, event: Event, stream_now_s: float) -> None:
        """Take an event; ``stream_now_s`` is the time of the newest frame, on the event's axis.

        Cues, roof hits, finished steps and the end of running concern the ear, the rest is passed over.
        """
        age_s = max(0.0, stream_now_s - event.t_s) if math.isfinite(stream_now_s) else 0.0
        payload = event.payload
        if isinstance(payload, RoofHit):
            if age_s <= BUMP_LATEST_S and self._plays_tones:
                self._play("bump")
        elif isinstance(payload, Step):
            self._tunnel.take(payload)
            self._step_heard_s = self._clock()
        elif isinstance(payload, Activity):
            if payload is not Activity.RUNNING:
                self._tunnel.stop()
        elif isinstance(payload, Cue):
            self._take_cue(payload, age_s)

    def _take_cue(self, cue: Cue, age_s: float) -> None:
        life_s = min(cue.expires_s - cue.t_s, CUE_LATEST_S) - age_s
        if not (self._plays_tones or self._speaks) or life_s <= 0.0:
            self.dropped += 1
            return
        self._waiting.append(_Waiting(cue, self._clock() + life_s))
        self.tick()

    def signal(self, sound: str) -> None:
        """Play a set-up sound now (start, stop, countdown)."""
        if self._plays_tones:
            self._play(sound)

    def say(self, words: str) -> None:
        """Speak a set-up line now, unless a cue is being spoken."""
        if self._speaks and not self._busy():
            self._speak(words)

    def tick(self) -> None:
        """Go on: speak what is due, start the next cue, move the noise. Call it at the refresh rate."""
        now_s = self._clock()
        if self._to_say is not None and now_s >= self._to_say[0]:
            (_, latest_s, words), self._to_say = self._to_say, None
            if now_s <= latest_s:
                self._speak(words)
            else:  # the window stood still
                self.dropped += 1
        fresh = [waiting for waiting in self._waiting if waiting.deadline_s >= now_s]
        self.dropped += len(self._waiting) - len(fresh)
        self._waiting = fresh
        if self._waiting and not self._busy():
            chosen = min(self._waiting, key=lambda waiting: (waiting.cue.priority, waiting.deadline_s))
            self._waiting.remove(chosen)
            self._start(chosen, now_s)
        self._move_noise(now_s)

    def hush(self) -> None:
        """Drop everything that waits, stop speaking, and let the noise fade."""
        self._waiting.clear()
        self._to_say = None
        self._tunnel.stop()
        self._stop_words()

    def close(self) -> None:
        """Fall silent for good; idempotent."""
        self.hush()
        if self._noise is not None:
            self._safely(partial(self._noise.set_noise, 0.0))
        sounds, self._sounds, self._speech, self._noise = self._sounds, None, None, None
        if sounds is not None:
            self._safely(sounds.close)

    @property
    def _speaks(self) -> bool:
        return self._choice.voice and not self._muted and not self._choice.silent

    @property
    def _plays_tones(self) -> bool:
        """Whether tones are heard: chosen, or all that is left of a voice that this machine does not have."""
        wanted = self._choice.tones or (self._choice.voice and self._speech is None)
        return wanted and not self._muted and not self._choice.silent

    def _start(self, chosen: _Waiting, now_s: float) -> None:
        cue, said_s = chosen.cue, now_s
        if self._plays_tones:
            sound = sound_for(cue)
            self._play(sound)
            self._busy_until_s = now_s + SOUNDS[sound]
            said_s += VOICE_AFTER_S
        if self._speech is None or not self._speaks or not cue.spoken:
            return
        if said_s > now_s:
            self._to_say = (said_s, max(chosen.deadline_s, said_s + VOICE_AFTER_S), cue.spoken)
        else:
            self._speak(cue.spoken)

    def _speak(self, words: str) -> None:
        if self._speech is not None:
            began_s = self._clock()
            # The one place where spoken words change into the language that the voice was chosen for.
            self._safely(partial(self._speech.say, tr(words)))
            now_s = self._clock()
            self._busy_until_s = now_s + SPEECH_STARTS_S
            if now_s - began_s > SPEECH_SLOW_S:
                self._give_up_voice(f"kept the window waiting for {now_s - began_s:.1f} s")

    def _busy(self) -> bool:
        now_s = self._clock()
        if self._to_say is not None or now_s < self._busy_until_s:
            return True
        speaks = self._speech is not None and self._speech.busy()
        self._speaks_since_s = min(self._speaks_since_s, now_s) if speaks else math.inf
        if now_s - self._speaks_since_s > WORDS_LONGEST_S:
            self._give_up_voice(f"has been speaking for {now_s - self._speaks_since_s:.0f} s")
            return False
        return speaks

    def _give_up_voice(self, why: str) -> None:
        """Let somebody else speak, or nobody: a voice that hangs would keep every later cue from being heard."""
        logger.warning("the voice %s and is given up", why)
        self._speaks_since_s = math.inf
        voice: object = self._speech
        if isinstance(voice, Replaceable):
            voice.give_up()
        else:
            self._speech = None

    def _stop_words(self) -> None:
        if self._speech is not None:
            self._safely(self._speech.stop)

    def _safely(self, do: Callable[[], object], quiet: bool = False) -> None:
        """Have a port do something; what fails is logged (``quiet``: it was), and the session goes on in silence."""
        try:
            do()
        except Exception:
            if not (self.problem or quiet):
                logger.exception("a sound failed")
            self.problem = SOUND_FAILED

    def _play(self, sound: str) -> None:
        if self._sounds is not None:
            before, self.problem = self.problem, ""
            self._safely(partial(self._sounds.play, sound), quiet=bool(before))

    def _move_noise(self, now_s: float) -> None:
        """Bring the noise towards its level: the port hears of every change, so the ramp is as fine as the refresh."""
        if self._noise is None:
            return
        if now_s - self._step_heard_s > STOPPED_S:
            self._tunnel.stop()
        wanted = self._choice.noise and self.feedback and not self._muted
        target = level_gain(self._tunnel.level) * self._choice.gain if wanted else 0.0
        if target > 0.0 and self._busy():
            target *= NOISE_UNDER_WORDS
        before = self._ramp.gain
        if self._ramp.toward(target, now_s) != before:
            self._safely(partial(self._noise.set_noise, self._ramp.gain))


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
    """Return what this machine can sound and speak with, and one line on what will be missing ("" = nothing).

    Args:
        asset_path: where an asset of this name ("sounds/bump.wav", "phrases/en") lies on disk.

    """
    try:
        from app.ui.qt_audio import QtSounds, open_voice
    except ImportError as error:
        # QtMultimedia links libpulse, which a bare Linux lacks: the coach goes on in silence.
        logger.warning("no sound: %s", error)
        missing = "libpulse0" if "libpulse" in str(error) else str(error).split(":")[0]
        return None, None, tr("no sound: install {package}").format(package=missing)
    sounds = QtSounds(asset_path)
    if not sounds.has_device:
        # One may be plugged in. Then the shipped voice speaks: to look for the system's may take seconds.
        return sounds, open_voice(asset_path, system=False), ""  # `CueAudio.missing` says so as long as it lasts
    voice = open_voice(asset_path)
    if voice is None:
        return sounds, None, tr("tones only: no voice installed")
    return sounds, voice, tr("built-in voice: no voice installed") if voice.shipped else ""
