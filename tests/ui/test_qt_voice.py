"""Who speaks: the system's voice where it knows the language, else the shipped phrases; checked on stand-ins."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from app.store.assets import asset_path
from app.ui.sounds import SHIPPED_VOICE, SoundChoice

pytest.importorskip("PySide6.QtMultimedia", exc_type=ImportError)  # of ours nothing may be missing
pytest.importorskip("PySide6.QtTextToSpeech", exc_type=ImportError)
qt_audio = import_module("app.ui.qt_audio")


class Signal:
    def __init__(self) -> None:
        self.slots: list[object] = []

    def connect(self, slot: object) -> None:
        self.slots.append(slot)

    def emit(self, *values: object) -> None:
        for slot in self.slots:
            slot(*values)


class Speaker:
    """Something that speaks: the system's voice or the phrases."""

    def __init__(self, voices: tuple[str, ...] = ()) -> None:
        self.voices, self.broken = voices, False
        self.said: list[str] = []
        self.used: list[SoundChoice] = []
        self.speaking = False

    def say(self, words: str) -> None:
        self.said.append(words)
        self.speaking = True

    def busy(self) -> bool:
        return self.speaking

    def stop(self) -> None:
        self.speaking = False

    def use(self, choice: SoundChoice) -> None:
        self.used.append(choice)


def test_the_system_s_voice_goes_before_the_phrases() -> None:
    system, phrases = Speaker(("Anna",)), Speaker()
    voice = qt_audio.Voice(system, phrases)
    voice.say("a")
    assert (system.said, phrases.said, voice.shipped, voice.voices) == (["a"], [], False, ("Anna",))
    voice.use(SoundChoice(voice_name=SHIPPED_VOICE))
    assert not system.speaking
    voice.say("b")
    assert (system.said, phrases.said, voice.shipped) == (["a"], ["b"], True)
    assert voice.busy()
    voice.stop()
    assert not voice.busy()


def test_a_voice_that_fails_is_replaced_by_the_phrases() -> None:
    system, phrases = Speaker(), Speaker()
    voice = qt_audio.Voice(system, phrases)
    system.broken = True
    voice.say("a")
    assert phrases.said == ["a"]


def test_without_phrases_the_system_speaks_whatever_was_chosen() -> None:
    system = Speaker()
    voice = qt_audio.Voice(system, None)
    voice.use(SoundChoice(voice_name=SHIPPED_VOICE))
    voice.say("a")
    assert system.said == ["a"]


class Engine:
    """A speech engine that speaks some languages."""

    names: tuple[str, ...] = ("sapi", "mock")
    languages: tuple[QLocale.Language, ...] = (QLocale.Language.German, QLocale.Language.English)
    failed = False
    State = qt_audio.QTextToSpeech.State

    @staticmethod
    def availableEngines() -> list[str]:
        return list(Engine.names)

    def __init__(self, name: str) -> None:
        self.name, self.now = name, QLocale(Engine.languages[0]) if Engine.languages else QLocale.c()
        self.errorOccurred = Signal()
        self.volume, self.rate, self.voice = 1.0, 0.0, ""

    def state(self):
        return Engine.State.Error if Engine.failed else Engine.State.Ready

    def availableLocales(self) -> list[QLocale]:
        return [QLocale(language) for language in Engine.languages]

    def locale(self) -> QLocale:
        return self.now

    def setLocale(self, locale: QLocale) -> None:
        self.now = locale

    def availableVoices(self) -> list[object]:
        class One:
            def __init__(self, name: str) -> None:
                self._name = name

            def name(self) -> str:
                return self._name

        return [One("Anna"), One("Ben")]

    def setVolume(self, volume: float) -> None:
        self.volume = volume

    def setRate(self, rate: float) -> None:
        self.rate = rate

    def setVoice(self, voice) -> None:
        self.voice = voice.name()

    def deleteLater(self) -> None:
        self.name = "deleted"


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> type[Engine]:
    monkeypatch.setattr(qt_audio, "QTextToSpeech", Engine)
    monkeypatch.setattr(Engine, "names", Engine.names)
    return Engine


def test_english_words_are_not_read_by_a_german_voice(engines) -> None:
    speech = qt_audio.qt_speech("en")
    assert speech is not None
    assert speech._engine.now.language() == QLocale.Language.English
    assert speech.voices == ("Anna", "Ben")


def test_spanish_words_are_read_by_a_spanish_voice_or_by_the_phrases_of_spanish(
    qapp, engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr(qt_audio, "installed_language", lambda: "es")
    monkeypatch.setattr(qt_audio, "PhrasePlayer", lambda book: opened.append(book) or Speaker())
    assert qt_audio.open_voice(asset_path).shipped  # German and English voices only
    assert opened[0].pieces("Caderas atrás, a la pared")
    assert not opened[0].pieces("Duck under the roof")
    monkeypatch.setattr(Engine, "languages", (QLocale.Language.English, QLocale.Language.Spanish))
    voice = qt_audio.open_voice(asset_path)
    assert not voice.shipped
    assert qt_audio.qt_speech("es")._engine.now.language() == QLocale.Language.Spanish


def test_without_a_voice_and_phrases_of_the_language_there_are_tones_only(
    qapp, engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qt_audio, "installed_language", lambda: "es")
    assert qt_audio.open_voice(_nothing) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("names", ("mock",)), ("names", ()), ("languages", (QLocale.Language.German,)), ("failed", True)],
)
def test_no_voice_for_these_words(qapp, engines, monkeypatch: pytest.MonkeyPatch, field: str, value: object) -> None:
    monkeypatch.setattr(Engine, field, value)
    assert qt_audio.qt_speech("en") is None
    voice = qt_audio.open_voice(asset_path)
    assert voice is not None
    assert voice.shipped
    assert qt_audio.open_voice(_nothing) is None


def _nothing(name: str) -> Path:
    raise FileNotFoundError(f"no asset {name}")


def test_volume_rate_and_voice_reach_the_engine(engines) -> None:
    speech = qt_audio.qt_speech("en")
    speech.use(SoundChoice(volume=0.4, rate=0.25, voice_name="Ben"))
    engine = speech._engine
    assert (engine.volume, engine.rate, engine.voice) == (0.4, 0.25, "Ben")
    engine.errorOccurred.emit(None, "no daemon")
    assert speech.broken
