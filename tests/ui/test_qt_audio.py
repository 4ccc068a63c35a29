"""What is told to Qt: volume and output; checked on stand-ins, as a test machine has no sound card."""

from __future__ import annotations

import logging
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from app.store.assets import asset_path
from app.ui.audio import NO_OUTPUT, CueAudio, open_audio
from app.ui.phrases import RATE_HZ, PhraseBook
from app.ui.sounds import NOISE, SOUNDS, SoundChoice, gain_for

pytest.importorskip("PySide6.QtMultimedia", exc_type=ImportError)  # of ours nothing may be missing
pytest.importorskip("PySide6.QtTextToSpeech", exc_type=ImportError)
qt_audio = import_module("app.ui.qt_audio")
Format = qt_audio.QAudioFormat


class Device:
    """An output."""

    def __init__(self, name: str = "", supports: bool = True) -> None:
        self.name, self.supports = name, supports

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def id(self):
        class Bytes:
            def __init__(self, data: bytes) -> None:
                self._data = data

            def data(self) -> bytes:
                return self._data

        return Bytes(self.name.encode())

    def description(self) -> str:
        return f"The {self.name}"

    def isNull(self) -> bool:
        return not self.name

    def isFormatSupported(self, form: object) -> bool:
        return self.supports

    def preferredFormat(self):
        return audio_format(48000, 2, Format.SampleFormat.Float)


def audio_format(rate_hz: int, channels: int, kind: object):
    form = Format()
    form.setSampleRate(rate_hz)
    form.setChannelCount(channels)
    form.setSampleFormat(kind)
    return form


class Signal:
    def __init__(self) -> None:
        self.slots: list[object] = []

    def connect(self, slot: object) -> None:
        self.slots.append(slot)

    def disconnect(self, slot: object) -> None:
        self.slots.remove(slot)

    def emit(self, *values: object) -> None:
        for slot in list(self.slots):
            slot(*values)


class Devices:
    """The outputs of a machine."""

    there: tuple[Device, ...] = ()
    made: list[Devices]

    def __init__(self) -> None:
        self.audioOutputsChanged = Signal()
        Devices.made.append(self)

    @staticmethod
    def audioOutputs() -> list[Device]:
        return list(Devices.there)

    @staticmethod
    def defaultAudioOutput() -> Device:
        return Devices.there[0] if Devices.there else Device()


class Effect:
    """A sound effect that plays when told."""

    Loop = qt_audio.QSoundEffect.Loop

    def __init__(self) -> None:
        self.source, self.volume, self.loops, self.playing = "", 1.0, 1, False
        self.device = Devices.defaultAudioOutput()
        self.starts = 0

    def setSource(self, url) -> None:
        self.source = url.toLocalFile()

    def setVolume(self, volume: float) -> None:
        self.volume = volume

    def setLoopCount(self, loops: int) -> None:
        self.loops = loops

    def loopsRemaining(self) -> int:
        return self.loops if self.playing else 0

    def setAudioDevice(self, device: Device) -> None:
        self.device, self.playing = device, False

    def audioDevice(self) -> Device:
        return self.device

    def isPlaying(self) -> bool:
        return self.playing

    def play(self) -> None:
        self.playing = True
        self.starts += 1

    def stop(self) -> None:
        self.playing = False

    def deleteLater(self) -> None:
        self.playing = False


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, qapp) -> None:
    """A machine with a loudspeaker and headphones."""
    Devices.there, Devices.made = (Device("speaker"), Device("phones")), []
    monkeypatch.setattr(qt_audio, "QMediaDevices", Devices)
    monkeypatch.setattr(qt_audio, "QSoundEffect", Effect)


@pytest.fixture
def sounds():
    sounds = qt_audio.QtSounds(asset_path)
    yield sounds
    sounds.close()


def test_every_sound_is_loaded_from_its_file_and_only_the_noise_repeats(sounds) -> None:
    effects = sounds._effects
    assert set(effects) == {*SOUNDS, NOISE}
    assert all(Path(effect.source).is_file() for effect in effects.values())
    assert {name for name, effect in effects.items() if effect.loops != 1} == {NOISE}
    assert effects[NOISE].loops == -2


def test_the_volume_is_that_of_the_choice(sounds) -> None:
    sounds.use(SoundChoice(volume=0.5))
    assert sounds._effects["bump"].volume == pytest.approx(gain_for(0.5))
    assert sounds._effects[NOISE].volume == 0.0


def test_the_outputs_have_names() -> None:
    assert qt_audio.output_devices() == (("speaker", "The speaker"), ("phones", "The phones"))


def test_the_chosen_output_is_used_and_the_system_s_own_while_it_is_away(sounds) -> None:
    sounds.use(SoundChoice(device="phones"))
    assert {effect.device.name for effect in sounds._effects.values()} == {"phones"}
    Devices.there = (Device("speaker"),)
    Devices.made[0].audioOutputsChanged.emit()
    assert {effect.device.name for effect in sounds._effects.values()} == {"speaker"}
    Devices.there = (Device("speaker"), Device("phones"))
    Devices.made[0].audioOutputsChanged.emit()
    assert {effect.device.name for effect in sounds._effects.values()} == {"phones"}


def test_the_noise_goes_on_when_the_output_changes(sounds) -> None:
    sounds.set_noise(0.4)
    sounds.play("bump")
    sounds.use(SoundChoice(device="phones"))
    assert sounds._effects[NOISE].playing
    assert not sounds._effects["bump"].playing


def test_the_noise_starts_once_and_ends_after_its_last_sound(sounds) -> None:
    noise = sounds._effects[NOISE]
    for gain in (0.1, 0.2, 0.3, 0.0):
        sounds.set_noise(gain)
        assert noise.volume == gain
    assert noise.starts == 1
    assert noise.playing, "what is in the system's buffers is still loud"
    sounds._end.timeout.emit()
    assert not noise.playing


def test_a_noise_that_comes_back_is_not_ended(sounds) -> None:
    sounds.set_noise(0.1)
    sounds.set_noise(0.0)
    assert sounds._end.isActive()
    sounds.set_noise(0.2)
    assert not sounds._end.isActive()
    assert sounds._effects[NOISE].starts == 1


def test_closed_sounds_stay_silent(sounds) -> None:
    noise = sounds._effects[NOISE]
    sounds.set_noise(0.1)
    closing = qt_audio.QtSounds(asset_path)
    closing.set_noise(0.1)
    closing.close()
    closing.play("bump")
    closing.set_noise(0.2)
    assert closing._effects == {}
    assert not closing._end.isActive()
    assert noise.playing


def test_a_machine_without_outputs_loads_nothing_until_there_is_one() -> None:
    there, Devices.there = Devices.there, ()
    silent = qt_audio.QtSounds(asset_path)
    assert not silent.has_device
    silent.use(SoundChoice(volume=0.5))
    silent.play("bump")
    silent.set_noise(0.5)
    assert silent._effects == {}
    Devices.there = there
    Devices.made[-1].audioOutputsChanged.emit()
    assert silent.has_device
    silent.play("bump")
    silent.set_noise(0.25)
    assert silent._effects["bump"].playing
    assert silent._effects["bump"].volume == pytest.approx(gain_for(0.5))
    assert (silent._effects[NOISE].playing, silent._effects[NOISE].volume) == (True, 0.25)
    Devices.there = ()
    Devices.made[-1].audioOutputsChanged.emit()
    assert not silent.has_device
    Devices.there = there
    silent.close()
    silent.use(SoundChoice())
    assert silent._effects == {}


def test_where_there_is_no_output_the_sounds_wait_for_one_and_no_system_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there, Devices.there = Devices.there, ()
    monkeypatch.setattr(qt_audio, "system_voice", lambda _language: 1 / 0)
    sounds, voice, silent = open_audio(asset_path)
    audio = CueAudio(sounds, voice, lambda: 0.0)
    assert (silent, audio.missing) == ("", NO_OUTPUT)
    audio.say("Duck under the roof")  # into nothing
    Devices.there = there
    Devices.made[-1].audioOutputsChanged.emit()
    assert audio.missing == ""
    audio.signal("start")
    assert sounds._effects["start"].playing
    audio.close()


class Sink:
    """What Qt plays samples with."""

    made: list[Sink]

    def __init__(self, device: Device, form) -> None:
        self.device, self.form, self.volume, self.playing, self.data = device, form, 1.0, False, b""
        Sink.made.append(self)

    def format(self):
        return self.form

    def setVolume(self, volume: float) -> None:
        self.volume = volume

    def start(self, buffer) -> None:
        self.data, self.playing = bytes(buffer.data().data()), True

    def reset(self) -> None:
        self.playing = False

    def state(self):
        class State:
            name = "ActiveState" if self.playing else "IdleState"

        return State()


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch):
    Sink.made = []
    monkeypatch.setattr(qt_audio, "QAudioSink", Sink)
    return qt_audio.PhrasePlayer(PhraseBook(asset_path("phrases", "en")))


def test_a_phrase_is_played_as_it_is_where_the_output_takes_it(player) -> None:
    player.use(SoundChoice(volume=0.5))
    assert not player.busy()
    player.say("Duck under the roof")
    assert player.busy()
    sink = Sink.made[-1]
    expected = PhraseBook(asset_path("phrases", "en")).samples("Duck under the roof")
    assert np.frombuffer(sink.data, np.int16) == pytest.approx(expected, abs=1)
    assert sink.volume == pytest.approx(gain_for(0.5))
    player.use(SoundChoice(volume=1.0))
    assert sink.volume == 1.0
    player.stop()
    assert not player.busy()


def test_words_wait_for_no_output(player) -> None:
    there, Devices.there = Devices.there, ()
    player.say("1")
    assert not player.busy()
    Devices.there = there
    player.say("2")
    assert player.busy()


def test_a_sink_that_plays_for_ever_is_replaced(player) -> None:
    now_s = [0.0]
    audio = CueAudio(None, qt_audio.Voice(None, player), lambda: now_s[0])
    audio.say("1")  # and then its output is gone, and the sink never ends
    Sink.made[0].reset = lambda: None
    for _ in range(15):
        now_s[0] += 1.0
        audio.say("2")
    assert len(Sink.made) == 2
    assert Sink.made[1].playing


def test_another_output_gets_a_sink_of_its_own_in_the_form_it_takes(player) -> None:
    player.say("1")
    player.say("2")
    assert [sink.device.name for sink in Sink.made] == ["speaker"]
    Devices.there = (Device("speaker"), Device("phones", supports=False))
    player.use(SoundChoice(device="phones"))
    player.say("3")
    assert [sink.device.name for sink in Sink.made] == ["speaker", "phones"]
    assert (Sink.made[1].form.sampleRate(), Sink.made[1].form.channelCount()) == (48000, 2)


def test_what_is_not_covered_is_logged_and_not_said(player, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        player.say("Elbows in")
    assert not player.busy()
    assert "Elbows in" in caplog.text


def test_a_broken_phrase_does_not_stop_the_coach(player, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "one.wav").write_bytes(b"RIFF")
    qt_audio.PhrasePlayer(PhraseBook(tmp_path)).say("One")
    assert "one.wav" in caplog.text


@pytest.mark.parametrize(
    ("kind", "dtype", "full"),
    [
        (Format.SampleFormat.Int16, np.int16, 32767.0),
        (Format.SampleFormat.Int32, np.int32, 2.0**31 - 1.0),
        (Format.SampleFormat.Float, np.float32, 1.0),
    ],
)
def test_samples_in_the_form_of_the_output(kind: object, dtype: type, full: float) -> None:
    tone = np.rint(16384 * np.sin(2 * np.pi * 200 * np.arange(RATE_HZ) / RATE_HZ)).astype(np.int16)
    data = np.frombuffer(qt_audio.pcm(tone, audio_format(48000, 2, kind)), dtype).reshape(-1, 2) / full
    assert len(data) == 48000
    assert (data[:, 0] == data[:, 1]).all()
    assert np.abs(data).max() == pytest.approx(0.5, abs=0.01)
    assert np.argmax(np.abs(np.fft.rfft(data[:, 0]))) == 200


def test_samples_of_eight_bits() -> None:
    data = qt_audio.pcm(np.array([0, 32767, -32768], np.int16), audio_format(RATE_HZ, 1, Format.SampleFormat.UInt8))
    assert list(data) == [128, 255, 1]
