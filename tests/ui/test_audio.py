"""When something is heard: one cue at a time, the most urgent first, nothing stale, nothing while muted."""

from __future__ import annotations

import math
import sys

import pytest

from app.coach.report import FaultId, StandingStatus
from app.session import Event, EventKind, RoofHit
from app.ui.audio import CueAudio, StandingSounds, open_audio, sound_for
from app.ui.sounds import SOUNDS


def roof_hit(t_s: float) -> Event:
    return Event(EventKind.ROOF_HIT, t_s, t_s + 0.15, RoofHit(t_s))


class Ear:
    """Hears sounds and words; speaks as long as it is told to."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.speaking = False
        self.closed = 0

    def play(self, sound: str) -> None:
        assert sound in SOUNDS
        self.heard.append(sound)

    def close(self) -> None:
        self.closed += 1

    def say(self, words: str) -> None:
        self.heard.append(f"'{words}'")

    def busy(self) -> bool:
        return self.speaking

    def stop(self) -> None:
        self.speaking = False


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def audio(ear: Ear, clock: Clock) -> CueAudio:
    return CueAudio(ear, ear, clock)


@pytest.fixture
def cue_event(builders):
    def make(**changes: object) -> Event:
        cue = builders.cue(**changes)
        return Event(EventKind.CUE, cue.t_s, cue.expires_s, cue)

    return make


def test_a_cue_is_a_tone_and_then_its_words(audio: CueAudio, ear: Ear, clock: Clock, cue_event) -> None:
    audio.take(cue_event(), stream_now_s=1.0)
    assert ear.heard == ["tunnel"]
    clock.now_s += 0.3
    audio.tick()
    assert ear.heard == ["tunnel", "'Duck under the roof'"]


def test_a_stale_cue_is_dropped_at_once(audio: CueAudio, ear: Ear, cue_event) -> None:
    audio.take(cue_event(t_s=1.0, expires_s=3.0), stream_now_s=3.1)
    audio.tick()
    assert ear.heard == []
    assert audio.dropped == 1


def test_a_cue_never_waits_longer_than_two_seconds_whatever_it_says(
    audio: CueAudio, ear: Ear, clock: Clock, cue_event
) -> None:
    ear.speaking = True
    audio.take(cue_event(t_s=1.0, expires_s=60.0), stream_now_s=1.5)  # half a second of its two is gone
    clock.now_s += 1.4
    audio.tick()
    ear.speaking = False
    assert ear.heard == []
    clock.now_s += 0.2
    audio.tick()
    assert ear.heard == []
    assert audio.dropped == 1


def test_the_more_urgent_one_is_next_but_interrupts_nothing(audio: CueAudio, ear: Ear, clock: Clock, cue_event) -> None:
    audio.take(cue_event(because=FaultId.UPRIGHT.value, priority=50, spoken="a"), 1.0)
    audio.take(cue_event(because="", id="praise", priority=90, spoken="b"), 1.0)
    audio.take(cue_event(because=FaultId.STANDING_UP.value, priority=10, spoken="c"), 1.0)
    assert ear.heard == ["lean"]
    clock.now_s += 0.5
    audio.tick()  # the words of the first; still speaking for a moment
    ear.speaking = True
    audio.tick()
    assert ear.heard == ["lean", "'a'"]
    ear.speaking = False
    audio.tick()
    assert ear.heard == ["lean", "'a'"]  # the engine has not even begun to speak
    clock.now_s += 0.6
    audio.tick()
    assert ear.heard == ["lean", "'a'", "tunnel"]


def test_mute_silences_now_and_forgets_what_waits(audio: CueAudio, ear: Ear, clock: Clock, cue_event, builders) -> None:
    audio.take(cue_event(), 1.0)
    audio.muted = True
    clock.now_s += 1.0
    audio.tick()
    audio.take(cue_event(), 1.0)
    audio.take(roof_hit(1.0), 1.0)
    audio.signal("start")
    audio.say("Stand tall")
    audio.muted = False
    audio.tick()
    assert ear.heard == ["tunnel"]


@pytest.mark.parametrize(("age_s", "heard"), [(0.0, 1), (0.11, 1), (0.13, 0)])
def test_a_bump_is_heard_with_its_own_apex_or_not_at_all(audio: CueAudio, ear: Ear, age_s: float, heard: int) -> None:
    audio.take(roof_hit(5.0), stream_now_s=5.0 + age_s)
    assert ear.heard == ["bump"] * heard


def test_a_finished_step_makes_no_second_bump(audio: CueAudio, ear: Ear, builders) -> None:
    audio.take(Event(EventKind.STEP, 5.0, 6.0, builders.step(4.8, hit=True)), stream_now_s=5.0)
    assert ear.heard == []


def test_a_bump_sounds_even_while_a_cue_is_spoken(audio: CueAudio, ear: Ear, cue_event, builders) -> None:
    audio.take(cue_event(), 1.0)
    audio.take(roof_hit(1.0), 1.0)
    assert ear.heard == ["tunnel", "bump"]


@pytest.mark.parametrize("fault", list(FaultId))
def test_every_fault_has_a_sound_family(builders, fault: FaultId) -> None:
    assert sound_for(builders.cue(because=fault.value)) in {"tunnel", "hips", "lean"}


def test_cues_without_a_fault_have_sounds_too(builders) -> None:
    assert sound_for(builders.cue(id="praise", because="")) == "praise"
    assert sound_for(builders.cue(id="standing", because="")) == "start"


def test_without_any_sound_everything_still_works(clock: Clock, cue_event, builders) -> None:
    audio = CueAudio(None, None, clock)
    audio.take(cue_event(), 1.0)
    audio.take(roof_hit(1.0), math.nan)
    audio.say("x")
    audio.tick()
    assert not audio.audible
    audio.close()


def test_closing_twice_lets_go_of_the_card_once(audio: CueAudio, ear: Ear) -> None:
    audio.close()
    audio.close()
    assert ear.closed == 1


def test_a_missing_pulse_library_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "app.ui.qt_audio":
                raise ImportError("libpulse.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.delitem(sys.modules, "app.ui.qt_audio", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    assert open_audio(lambda name: name) == (None, None, "no sound: install libpulse0")


def test_the_countdown_ticks_once_a_second_and_ends_with_a_sound(audio: CueAudio, ear: Ear) -> None:
    standing = StandingSounds(audio)
    for thirtieth in range(91):
        standing.follow(StandingStatus("none", True, thirtieth / 90, "Stand tall"))
    assert ear.heard == ["countdown"] * 3
    standing.follow(StandingStatus("recorded", False, 1.0, "Taken"))
    standing.follow(StandingStatus("recorded", False, 1.0, "Taken"))
    assert ear.heard[3:] == ["start"]
