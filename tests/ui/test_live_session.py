"""The session as the window has it, where screens change while something else is under way."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from types import SimpleNamespace

import pytest

from app.capture.virtual import VirtualSource
from app.coach.drill_model import DrillModel
from app.coach.errors import WorldError
from app.coach.model import CoachModel
from app.coach.report import Activity, Mode
from app.coach.reps import DrillId
from app.session import Session
from app.ui import live_session
from app.ui.audio import CueAudio
from app.ui.choice import Choice
from app.ui.host import no_cameras
from app.ui.keeping import Keeping
from app.ui.live_session import LiveSession
from app.ui.screens import Screen


@pytest.fixture
def lively(maker, qapp):
    """Build a session without a window."""
    lively = LiveSession(maker, no_cameras, CueAudio(None, None, lambda: 0.0), Keeping(None))
    yield lively
    maker.may_make.set()
    lively.close()


def settle(lively: LiveSession) -> None:
    lively.host._change.exception(5.0)
    assert lively.host.poll()


def test_the_frame_under_way_when_the_screen_changes_is_kept_once(lively, builders) -> None:
    lively.run(Choice(), Screen.START_LINE)
    settle(lively)
    kept = []
    lively.keeping.take = kept.append
    session = lively.session
    exam = SimpleNamespace(kept=(), say=None)
    analysis = dataclasses.replace(builders.analysis(image=False), exam=exam)
    first, second = object(), object()
    for pictures in ((first,), (first, second)):
        session.pictures, session.analyses = pictures, [analysis]
        lively.pull()
    lively.turn_to(Screen.RUN, Choice())
    session.analyses = [analysis]  # still of the exam
    lively.pull()
    assert kept == [first, second]
    session.pictures, session.analyses = (third := object(),), [analysis]
    lively.pull()
    assert kept == [first, second, third]


def test_memory_is_given_back_when_nobody_holds_the_session_before_any_more(maker, qapp, monkeypatch) -> None:
    held: list[Session] = []  # the newest, as the command line does to tell at the end how it fared
    there: list[weakref.ref[Session]] = []
    alive: list[list[bool]] = []
    monkeypatch.setattr(live_session, "give_back", lambda: alive.append([one() is not None for one in there]))

    def make(_choice: Choice) -> Session:
        held.clear()
        session = Session(VirtualSource(None), lambda: None, CoachModel())
        session.start = lambda: None
        there.append(weakref.ref(session))
        held.append(session)
        return session

    lively = LiveSession(make, no_cameras, CueAudio(None, None, lambda: 0.0), Keeping(None))
    gc.disable()
    try:
        for _ in range(3):
            lively.run(Choice(), Screen.RUN)
            settle(lively)
    finally:
        gc.enable()
    assert alive == [[True], [False, True], [False, False, True]]
    lively.close()


def test_another_set_begins_where_the_task_does(lively, builders) -> None:
    lively.run(Choice(), Screen.START_LINE)
    settle(lively)
    recall = lively.session.observers[0]
    recall(builders.analysis(1.0, image=False))
    made = []
    lively.session.turn_to = made.append
    lively.turn_to(Screen.RUN, Choice())
    recall(builders.analysis(1.1, image=False))  # the frame under way
    assert recall.last_s == 1.1
    made[0](SimpleNamespace(mode=Mode.AUTO))
    assert recall.last_s != recall.last_s


def test_a_new_session_lets_go_of_what_was_remembered_and_recorded_of_the_one_before(lively, maker, builders) -> None:
    def make(choice):
        session = maker(choice)
        session.records = SimpleNamespace(session="one", notice="The disk is full.")
        return session

    lively._make_session = make
    lively.run(Choice(), Screen.RUN)
    settle(lively)
    assert (lively.recorded, lively.recording_notice) == ("one", "The disk is full.")
    lively.session.observers[0](builders.analysis(1.0))
    packing = lively.session.observers[0].shots._thread
    maker.fails = WorldError("no camera")
    lively.run(Choice(), Screen.RUN)
    settle(lively)
    assert (lively.recorded, lively.recording_notice) == ("", "")
    assert lively.record() is None
    packing.join(5.0)
    assert not packing.is_alive()


def test_what_a_set_came_to_is_known_after_the_halt(lively) -> None:
    assert lively.summary is None
    lively.run(Choice(), Screen.RUN)
    settle(lively)
    came_to = CoachModel().summary()
    lively.session.summary = lambda: came_to
    lively.halt()
    settle(lively)
    assert lively.session is None
    assert lively.summary is came_to


def test_who_goes_away_to_move_the_camera_is_not_sent_to_an_empty_review(lively, builders) -> None:
    lively.run(Choice(), Screen.RUN)
    settle(lively)
    session = lively.session

    def pulled(times_s, **changes):
        for t_s in times_s:
            session.analyses = [builders.analysis(t_s, image=False, **changes)]
            yield lively.pull().turn

    list(pulled([0.1 * k for k in range(120)]))
    assert lively.has_set
    lively.turn_to(Screen.SETUP, Choice())
    assert not lively.has_set
    assert set(pulled([12.0 + k for k in range(30)], activity=Activity.NOBODY)) == {None}


def test_what_is_turned_to_while_the_camera_opens_is_what_is_judged(lively, maker) -> None:
    maker.may_make.clear()
    lively.run(Choice(), Screen.RUN)
    lively.turn_to(Screen.DRILLS, Choice(mode=Mode.DRILL, drill=DrillId.ATHLETIC.value))
    maker.may_make.set()
    settle(lively)
    lively.pull()
    coach = lively.session.tasks[-1].coach
    assert isinstance(coach, DrillModel)
    assert coach.plan.drill is DrillId.ATHLETIC
    turns = len(lively.session.tasks)
    lively.pull()
    assert len(lively.session.tasks) == turns


def test_a_picture_that_stays_away_is_told_and_heard_once_and_its_return_too(lively, builders, monkeypatch) -> None:
    now_s, heard = [100.0], []
    monkeypatch.setattr("app.ui.live_session.time.monotonic", lambda: now_s[0])
    lively.hearing.audio.signal = heard.append
    lively.run(Choice(), Screen.RUN)
    settle(lively)
    now_s[0] += 60.0
    assert not lively.picture_away(running=True)  # none has come yet: it is being opened
    for away_s, away in ((1.4, False), (0.2, True), (30.0, True)):
        if away_s == 1.4:
            lively.session.analyses = [builders.analysis(image=False)]
            lively.pull()
        now_s[0] += away_s
        assert lively.picture_away(running=True) is away
    assert heard == ["stop"]
    lively.session.analyses = [builders.analysis(2.0, image=False)]
    lively.pull()
    assert not lively.picture_away(running=True)
    assert heard == ["stop", "start"]
    now_s[0] += 9.0
    assert not lively.picture_away(running=False)
    assert heard == ["stop", "start"]
