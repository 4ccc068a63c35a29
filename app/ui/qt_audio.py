"""Sound and speech through Qt. Importing it fails where a system library is missing: see `audio.open_audio`."""

from __future__ import annotations

import logging
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLocale, QTimer, QUrl
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QMediaDevices, QSoundEffect
from PySide6.QtTextToSpeech import QTextToSpeech

from app.ui.aside_voice import AsideVoice
from app.ui.language import installed_language
from app.ui.phrases import RATE_HZ, PhraseBook
from app.ui.sounds import NOISE, SHIPPED_VOICE, SOUNDS, SoundChoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

#: The noise goes on for so long after it has become silent: what the system has in its buffers is still loud, and to
#: throw that away would be heard as a click.
NOISE_ENDS_MS: Final = 600


def output_devices() -> tuple[tuple[str, str], ...]:
    """Return (id, name) of every output, for `SoundChoice.device`."""
    return tuple((_device_id(device), device.description()) for device in QMediaDevices.audioOutputs())


def device_for(choice: SoundChoice) -> QAudioDevice:
    """Return the chosen output; the system's own choice where it is not plugged in (any more)."""
    for device in QMediaDevices.audioOutputs():
        if choice.device and _device_id(device) == choice.device:
            return device
    return QMediaDevices.defaultAudioOutput()


def _device_id(device: QAudioDevice) -> str:
    return bytes(device.id().data()).decode("utf-8", "replace")


class QtSounds:
    """Every sound preloaded, so that a bump starts within a few ms, and the noise, which repeats without a seam.

    An output that is plugged in or out is followed, the first one too. Raises nothing: a file that cannot be decoded
    stays silent and is logged by Qt.

    Attributes:
        has_device: whether there is an output now.

    """

    def __init__(self, asset_path: Callable[[str], object]) -> None:
        self.has_device = False
        self._asset_path = asset_path
        self._choice = SoundChoice()
        self._effects: dict[str, QSoundEffect] = {}
        self._end = QTimer(singleShot=True, interval=NOISE_ENDS_MS)
        self._end.timeout.connect(self._end_noise)
        self._closed = False
        self._devices = QMediaDevices()
        self._devices.audioOutputsChanged.connect(self._follow_devices)
        self._follow_devices()

    def use(self, choice: SoundChoice) -> None:
        """Take over volume and output, now."""
        self._choice = choice
        self._set_volume()
        self._follow_devices()

    def _load(self) -> None:
        """Load every sound, once there is an output."""
        for sound in (*SOUNDS, NOISE):
            effect = self._effects[sound] = QSoundEffect()
            effect.setSource(QUrl.fromLocalFile(str(self._asset_path(f"sounds/{sound}.wav"))))
        # PySide6 takes the enumeration here only as its number.
        self._effects[NOISE].setLoopCount(QSoundEffect.Loop.Infinite.value)
        self._effects[NOISE].setVolume(0.0)
        self._set_volume()

    def _set_volume(self) -> None:
        for sound, effect in self._effects.items():
            if sound != NOISE:
                effect.setVolume(self._choice.gain)

    def _follow_devices(self) -> None:
        device = device_for(self._choice)
        self.has_device = not device.isNull()
        if self.has_device and not self._effects and not self._closed:
            self._load()
        for effect in self._effects.values():
            if effect.audioDevice() != device:
                again = effect.loopsRemaining() == QSoundEffect.Loop.Infinite.value and effect.isPlaying()
                effect.setAudioDevice(device)
                if again:
                    effect.play()

    def play(self, sound: str) -> None:
        """Start a sound; returns at once."""
        effect = self._effects.get(sound)
        if effect is not None:
            effect.play()

    def set_noise(self, gain: float) -> None:
        """Play the tunnel noise at this amplitude (0..1); 0 stops it."""
        effect = self._effects.get(NOISE)
        if effect is None:
            return
        effect.setVolume(gain)
        if gain <= 0.0:
            self._end.start()
            return
        self._end.stop()
        if not effect.isPlaying():
            effect.play()

    def _end_noise(self) -> None:
        if NOISE in self._effects:
            self._effects[NOISE].stop()

    def close(self) -> None:
        """Stop and let go of the sound card."""
        self._closed = True
        self._end.stop()
        self._devices.audioOutputsChanged.disconnect(self._follow_devices)
        for effect in self._effects.values():
            effect.stop()
            effect.deleteLater()
        self._effects.clear()


class QtSpeech:
    """The system's own voice.

    Attributes:
        broken: it failed while it was used: somebody else should speak.

    """

    def __init__(self, engine: QTextToSpeech) -> None:
        self.broken = False
        self._engine = engine
        engine.errorOccurred.connect(self._fail)

    def _fail(self, _reason: QTextToSpeech.ErrorReason, words: str) -> None:
        logger.warning("the system's voice failed: %s", words)
        self.broken = True

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the voices of the language that is spoken."""
        return tuple(voice.name() for voice in self._engine.availableVoices())

    def use(self, choice: SoundChoice) -> None:
        """Take over volume, rate and voice."""
        self._engine.setVolume(choice.volume)
        self._engine.setRate(choice.rate)
        for voice in self._engine.availableVoices():
            if voice.name() == choice.voice_name:
                self._engine.setVoice(voice)

    def say(self, words: str) -> None:
        """Start speaking; returns at once."""
        self._engine.say(words)

    def busy(self) -> bool:
        """Whether it still speaks."""
        return self._engine.state() in (QTextToSpeech.State.Speaking, QTextToSpeech.State.Synthesizing)

    def stop(self) -> None:
        """Fall silent now."""
        self._engine.stop()


class PhrasePlayer:
    """Speaks with the phrases that come with the app; what they do not cover is logged and left out."""

    def __init__(self, book: PhraseBook) -> None:
        self._book = book
        self._choice = SoundChoice()
        self._sink: QAudioSink | None = None
        self._device = QAudioDevice()
        self._buffer = QBuffer()

    def use(self, choice: SoundChoice) -> None:
        """Take over volume and output; a phrase under way ends where the output changes."""
        self._choice = choice
        if self._sink is not None:
            self._sink.setVolume(choice.gain)

    def say(self, words: str) -> None:
        """Start speaking; returns at once."""
        try:
            samples = self._book.samples(words)
        except (OSError, ValueError) as error:
            logger.warning("a shipped phrase cannot be read: %s", error)
            return
        if samples is None:
            logger.info("no shipped phrase for: %s", words)
            return
        self.stop()
        sink = self._ready_sink()
        if sink is None:
            return
        self._buffer.close()
        self._buffer.setData(QByteArray(pcm(samples, sink.format())))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        sink.start(self._buffer)

    def _ready_sink(self) -> QAudioSink | None:
        """Return a sink on the output of choice, in a form that it takes; None where there is none."""
        device = device_for(self._choice)
        if device.isNull():
            return None
        if self._sink is None or device != self._device:
            wanted = QAudioFormat()
            wanted.setSampleRate(RATE_HZ)
            wanted.setChannelCount(1)
            wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
            if not device.isFormatSupported(wanted):
                wanted = device.preferredFormat()
            self._device, self._sink = device, QAudioSink(device, wanted)
            self._sink.setVolume(self._choice.gain)
        return self._sink

    def busy(self) -> bool:
        """Whether it still speaks."""
        # By its name: the enumeration moved from one class to another between Qt 6.6 and 6.11.
        return self._sink is not None and self._sink.state().name == "ActiveState"

    def stop(self) -> None:
        """Fall silent now."""
        if self._sink is not None:
            self._sink.reset()

    def give_up(self) -> None:
        """The sink plays for ever, as its output went away: the next words get another one."""
        self.stop()
        self._sink = None


def pcm(samples: NDArray[np.int16], form: QAudioFormat) -> bytes:
    """Return mono samples of `RATE_HZ` (int16 (N,)) as bytes of another rate, channel count and sample format."""
    signal = samples.astype(np.float64) / 32768.0
    if form.sampleRate() != RATE_HZ:
        count = round(samples.size * form.sampleRate() / RATE_HZ)
        signal = np.interp(np.arange(count) * (RATE_HZ / form.sampleRate()), np.arange(samples.size), signal)
    many = np.repeat(signal[:, None], form.channelCount(), axis=1)
    kind = form.sampleFormat()
    if kind == QAudioFormat.SampleFormat.Float:
        return many.astype(np.float32).tobytes()
    if kind == QAudioFormat.SampleFormat.UInt8:
        return np.rint(many * 127.0 + 128.0).astype(np.uint8).tobytes()
    if kind == QAudioFormat.SampleFormat.Int32:
        return np.rint(many * (2.0**31 - 1.0)).astype(np.int32).tobytes()
    return np.rint(many * 32767.0).astype(np.int16).tobytes()


class Voice:
    """Speaks with the system's voice, or with the shipped phrases where there is none, it failed or was not wanted."""

    def __init__(self, system: QtSpeech | AsideVoice | None, phrases: PhrasePlayer | None) -> None:
        self._system, self._phrases = system, phrases
        self._choice = SoundChoice()

    @property
    def shipped(self) -> bool:
        """Whether the shipped phrases speak now."""
        unwanted = self._choice.voice_name == SHIPPED_VOICE and self._phrases is not None
        return self._system is None or self._system.broken or unwanted

    @property
    def voices(self) -> tuple[str, ...]:
        """The system's voices, for `SoundChoice.voice_name`."""
        return () if self._system is None else self._system.voices

    def use(self, choice: SoundChoice) -> None:
        """Take over volume, output, voice and rate, now."""
        speaker, self._choice = self._speaker, choice
        if self._speaker is not speaker and speaker is not None:
            speaker.stop()
        for one in (self._system, self._phrases):
            if one is not None:
                one.use(choice)

    @property
    def _speaker(self) -> QtSpeech | AsideVoice | PhrasePlayer | None:
        return self._phrases if self.shipped else self._system

    def say(self, words: str) -> None:
        """Start speaking; returns at once."""
        if self._speaker is not None:
            self._speaker.say(words)

    def busy(self) -> bool:
        """Whether it still speaks."""
        return self._speaker is not None and self._speaker.busy()

    def give_up(self) -> None:
        """Who speaks hangs: the shipped phrases speak from now on, or on another sink where it was these."""
        if self._system is not None and self._speaker is self._system:
            self._system.broken = True
        elif self._phrases is not None:
            self._phrases.give_up()

    def stop(self) -> None:
        """Fall silent now."""
        for one in (self._system if self._system is None or not self._system.broken else None, self._phrases):
            if one is not None:
                one.stop()


def open_voice(asset_path: Callable[[str], object], system: bool = True) -> Voice | None:
    """Return what can speak the language of the window here, None where nothing can.

    A voice of another language is never taken: it would not be understood. ``system``: look for the system's, too.
    """
    language = installed_language()
    try:
        book = PhraseBook(Path(str(asset_path(f"phrases/{language}"))), language)
    except FileNotFoundError as error:
        logger.warning("no shipped phrases: %s", error)
        book = None
    phrases = PhrasePlayer(book) if book is not None and len(book) else None
    voice = system_voice(language) if system else None
    return None if voice is None and phrases is None else Voice(voice, phrases)


def system_voice(language: str) -> QtSpeech | AsideVoice | None:
    """Return the system's voice: on Linux, where it may hang, in a thread of its own. None where there is none."""
    if not sys.platform.startswith("linux"):
        return qt_speech(language)
    voice = AsideVoice(partial(qt_speech, language))
    return voice if voice.wait_until_ready() else None


def qt_speech(language: str) -> QtSpeech | None:
    """Return the system's voice, None where no engine speaks the language, e.g. "es" (Qt's "mock" only pretends)."""
    wanted = QLocale(language).language()
    engines = [name for name in QTextToSpeech.availableEngines() if name != "mock"]
    if not engines:
        return None
    engine = QTextToSpeech(engines[0])
    locales = [locale for locale in engine.availableLocales() if locale.language() == wanted]
    if engine.state() == QTextToSpeech.State.Error or not locales:
        engine.deleteLater()
        return None
    if engine.locale().language() != wanted:
        engine.setLocale(locales[0])
    return QtSpeech(engine)
