"""A voice in a thread of its own: it speaks as any other, and one that hangs holds up nobody."""

from __future__ import annotations

import threading

import pytest

from app.ui import aside_voice
from app.ui.aside_voice import AsideVoice
from app.ui.sounds import SoundChoice

WAIT_S = 10.0  # never reached by code that works


class Engine:
    """Speaks until told otherwise; hangs where it is told to."""

    broken = False
    voices = ("Anna",)

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.speaking = False
        self.heard = threading.Semaphore(0)
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.thread = threading.current_thread()

    def _take(self, what: object) -> None:
        self.asked.append(what)
        self.heard.release()
        assert self.may_go_on.wait(WAIT_S)

    def say(self, words: str) -> None:
        self.speaking = True
        self._take(words)

    def use(self, choice: SoundChoice) -> None:
        self._take(choice)

    def stop(self) -> None:
        self.speaking = False
        self._take("stop")

    def busy(self) -> bool:
        return self.speaking


@pytest.fixture
def made(qapp, monkeypatch):
    """Make a voice around an engine; at the end its thread ends."""
    monkeypatch.setattr(aside_voice, "LOOK_S", 0.005)
    engines: list[Engine] = []
    voices: list[AsideVoice] = []

    def make(prepare=lambda _engine: None):
        def engine() -> Engine:
            engines.append(Engine())
            prepare(engines[-1])
            return engines[-1]

        voices.append(AsideVoice(engine))
        assert voices[-1].wait_until_ready(WAIT_S)
        return voices[-1], engines[-1]

    yield make
    for voice, engine in zip(voices, engines, strict=True):
        engine.may_go_on.set()
        voice.broken = True
        voice.stop()
        voice._thread.join(WAIT_S)
        assert not voice._thread.is_alive()


def until_quiet(voice: AsideVoice) -> None:
    for _ in range(1000):
        if not voice.busy():
            return
        voice._ready.clear()
        voice._ready.wait(0.01)
    raise AssertionError("it speaks for ever")


def test_what_is_asked_is_done_in_order_in_its_own_thread(made) -> None:
    voice, engine = made()
    voice.use(SoundChoice())
    voice.say("Hips back")
    assert voice.busy()  # at once, before the engine has heard of it
    assert engine.heard.acquire(timeout=WAIT_S)
    assert engine.heard.acquire(timeout=WAIT_S)
    engine.speaking = False
    until_quiet(voice)
    voice.say("Duck")
    voice.stop()
    until_quiet(voice)
    assert engine.asked == [SoundChoice(), "Hips back", "Duck", "stop"]
    assert voice.voices == ("Anna",)
    assert engine.thread is voice._thread
    assert engine.thread.daemon


def test_an_engine_that_hangs_holds_up_nobody_and_is_broken(made, monkeypatch) -> None:
    voice, engine = made()
    engine.may_go_on.clear()
    voice.say("Hips back")
    assert engine.heard.acquire(timeout=WAIT_S)
    assert not voice.broken
    monkeypatch.setattr(aside_voice, "HANGS_S", 0.0)
    assert voice.broken
    assert not voice.busy()
    voice.say("Duck")  # returns, and is not asked for
    assert engine.asked == ["Hips back"]
    monkeypatch.setattr(aside_voice, "HANGS_S", 60.0)
    assert voice.broken  # for good
    engine.may_go_on.set()
    voice._thread.join(WAIT_S)
    assert not voice._thread.is_alive()


def test_an_engine_that_calls_itself_broken_is_not_asked_again(made) -> None:
    voice, engine = made()
    engine.broken = True
    voice.use(SoundChoice())
    voice._thread.join(WAIT_S)
    assert not voice._thread.is_alive()
    assert voice.broken
    voice.say("Duck")
    assert engine.asked == [SoundChoice(), "stop"]


def test_an_engine_that_does_not_come_up_is_not_used(qapp) -> None:
    may_come = threading.Event()
    voice = AsideVoice(lambda: may_come.wait(WAIT_S) and None)
    assert voice.wait_until_ready(0.01) is False
    assert voice.broken
    may_come.set()
    voice._thread.join(WAIT_S)


def test_an_engine_that_fails_is_broken_at_once_and_its_thread_ends_in_peace(made, caplog) -> None:
    def prepare(engine: Engine) -> None:
        engine.use = lambda _choice: 1 / 0

    voice, _ = made(prepare)
    voice.use(SoundChoice())
    voice._thread.join(WAIT_S)
    assert not voice._thread.is_alive()
    assert voice.broken
    assert not voice.busy()
    assert "ZeroDivisionError" in caplog.text


def test_an_engine_that_fails_to_come_up_is_not_waited_for(qapp, caplog) -> None:
    voice = AsideVoice(lambda: 1 / 0)
    assert voice.wait_until_ready(WAIT_S) is False
    voice._thread.join(WAIT_S)
    assert "ZeroDivisionError" in caplog.text


def test_words_that_the_engine_hears_of_too_late_are_not_said(made, monkeypatch) -> None:
    voice, engine = made()
    engine.may_go_on.clear()
    voice.use(SoundChoice())
    assert engine.heard.acquire(timeout=WAIT_S)  # and it hangs for a while
    monkeypatch.setattr(aside_voice, "LATE_S", -1.0)
    voice.say("Hips back")
    monkeypatch.setattr(aside_voice, "LATE_S", 60.0)
    voice.say("Duck")
    engine.may_go_on.set()
    assert engine.heard.acquire(timeout=WAIT_S)
    engine.speaking = False
    until_quiet(voice)
    assert engine.asked == [SoundChoice(), "Duck"]


def test_an_engine_that_was_given_up_in_mid_sentence_falls_silent(made) -> None:
    voice, engine = made()
    engine.may_go_on.clear()
    voice.say("Hips back")
    assert engine.heard.acquire(timeout=WAIT_S)
    voice.broken = True  # somebody else speaks from now on
    engine.may_go_on.set()
    voice._thread.join(WAIT_S)
    assert engine.asked == ["Hips back", "stop"]
    assert not engine.speaking


def test_without_an_engine_there_is_no_voice(qapp) -> None:
    voice = AsideVoice(lambda: None)
    assert voice.wait_until_ready(WAIT_S) is False
