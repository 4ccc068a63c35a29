"""Notes are kept by themselves and never dropped; a marked moment is told at once and found again."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.cli.build import oracle, virtual_source
from app.coach.errors import WorldError
from app.coach.model import CoachModel
from app.coach.types import RunnerProfile
from app.session import Session
from app.session.recall import Recall
from app.ui.pages.history_reader import NOTE_WAIT_S, HistoryReader
from app.ui.pages.note_card import NoteCard
from app.ui.pages.review_page import ReviewPage
from app.ui.theme import DARK, Theme

pytestmark = pytest.mark.gui


@pytest.fixture
def card(qtbot):
    card = NoteCard(Theme(DARK))
    card.asked = []
    card.wanted.connect(lambda *asked: card.asked.append(asked))
    qtbot.addWidget(card)
    card.show_note("one", "old")
    card.show()
    return card


def test_what_is_typed_is_kept_by_itself(qtbot, card):
    card.field.setFocus()
    with qtbot.waitSignal(card.wanted, timeout=5000):
        QTest.keyClicks(card.field, "k1 ")
    assert card.asked == [("one", "k1 old")]
    card.keep()
    assert len(card.asked) == 1, "the same is asked for once"
    card.show_kept("one", "k1 old")
    assert card.state.text() == "Kept"
    assert not card.unkept


def test_another_session_or_a_page_that_is_left_keeps_it_first(card):
    card.field.setPlainText("new")
    card.show_note("two", "")
    card.field.setPlainText("second")
    card.hide()
    assert card.asked == [("one", "new"), ("two", "second")]


def test_words_under_way_are_not_overwritten_by_what_was_read(card):
    card.field.setPlainText("new")
    card.show_note("one", "old")
    assert card.field.toPlainText() == "new"
    card.keep()
    card.show_kept("one", "of another page")
    assert card.unkept
    card.show_kept("one", "new")
    card.field.clearFocus()
    card.show_note("one", "newer, from the history")
    assert card.field.toPlainText() == "newer, from the history"


def test_what_cannot_be_kept_stays_and_is_tried_again(card):
    card.field.setPlainText("new")
    card.keep()
    card.show_problem("one", "the disk is full")
    assert card.state.text() == "Not kept: the disk is full"
    assert card.field.toPlainText() == "new"
    card.keep()
    assert card.asked == [("one", "new"), ("one", "new")]


class SlowPort:
    """Holds the reader up until it is let go, and refuses one session."""

    def __init__(self):
        self.asked, self.free, self.notes = threading.Event(), threading.Event(), []

    def rows(self):
        self.asked.set()
        self.free.wait(5.0)
        return []

    def write_note(self, session, text):
        if session == "refused":
            raise WorldError("the disk is full")
        self.notes.append((session, text))
        return text

    def close(self):
        pass


def test_notes_are_written_though_the_reader_rests_or_ends(qtbot):
    port = SlowPort()
    reader = HistoryReader(port)
    refused = []
    reader.not_noted.connect(lambda *told: refused.append(told))
    reader.ask_rows()
    assert port.asked.wait(5.0)
    for session, text in (("a", "first"), ("b", "x"), ("a", "last"), ("refused", "y")):
        reader.write_note(session, text)
    reader.rest()
    port.free.set()
    assert reader.close()
    assert port.notes == [("a", "last"), ("b", "x")]
    qtbot.waitUntil(lambda: refused == [("refused", "the disk is full")])


@pytest.mark.parametrize("under_way", [False, True])
def test_closing_waits_longer_for_a_note_than_for_what_is_only_read(monkeypatch, under_way):
    port, began, waits = SlowPort(), threading.Event(), []

    def write_slowly(session, text):
        began.set()
        return port.rows()

    port.write_note = write_slowly
    reader = HistoryReader(port)
    monkeypatch.setattr(reader, "wait", waits.append)
    if not under_way:
        reader.ask_rows()
        reader.close(0.3)
        assert waits == [0.3]
    reader.write_note("a", "typed just now")
    assert began.wait(5.0) if under_way else not began.is_set()
    reader.close(0.3)
    assert waits[-1] == NOTE_WAIT_S
    port.free.set()
    HistoryReader.wait(reader)


def test_the_key_marks_the_newest_frame_and_says_so(make_window, maker, builders, qtbot):
    window = make_window()
    qtbot.waitUntil(lambda: window.host.poll() or window.host.session is not None)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    (session,) = maker.made
    QTest.keyClick(window, Qt.Key.Key_K)
    assert session.marks == 0, "there is no frame yet to be marked"
    for t_s in (10.0, 73.4):
        session.observers[0](builders.analysis(t_s))
    QTest.keyClick(window, Qt.Key.Key_K)
    assert session.marks == 1
    assert window.live.flash.isVisible()
    assert window.live.flash.words == "Marked 1:03"
    assert window.running_session.record().marks_s == (73.4,)


@pytest.fixture(scope="module")
def record():
    recall = Recall(in_thread=False)
    coach = CoachModel(profile=RunnerProfile(178.0))
    session = Session(virtual_source("pelvis_drift", seconds=12.0, render=False), oracle().make, coach, (recall,))
    marked = []
    while (analysis := session.step()) is not None:
        if analysis.frame.index in (300, 480):
            marked.append(recall.mark())
    assert marked == pytest.approx([5.0, 8.0], abs=0.02)
    return recall.snapshot(session.summary())


def test_a_set_remembers_what_was_marked_and_forgets_it_with_the_set(record):
    assert record.marks_s == pytest.approx((5.0, 8.0), abs=0.02)
    recall = Recall(in_thread=False)
    assert recall.mark() != recall.mark(), "before the first frame there is no time"
    assert recall.snapshot().marks_s == ()


def test_the_review_goes_to_a_marked_moment(qtbot, record):
    page = ReviewPage(Theme(DARK))
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    page.show_record(record)
    assert page.marked.isVisible()
    assert [button.accessibleName()[:4] for button in page.marked.buttons] == ["0:05", "0:08"]
    # The fault before the number of the step: in a narrow list the end is cut.
    assert page.marked.buttons[1].accessibleName().startswith("0:08 Hips too far forward · Step ")
    page.marked.buttons[1].click()
    assert page.player.t_s == pytest.approx(8.0, abs=0.02)
    line = page.timeline
    flag = QPointF(line.x_of(record.marks_s[0]) + 4, 10)
    assert line.mark_at(flag) == record.marks_s[0]
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=flag.toPoint())
    assert page.player.t_s == pytest.approx(5.0, abs=0.02)
    page.show_record(replace(record, marks_s=()))
    assert not page.marked.isVisible()


def test_a_recording_that_was_not_closed_is_told_of_after_the_stop(make_window, maker, qtbot):
    window = make_window()
    qtbot.waitUntil(lambda: window.host.poll() or window.host.session is not None)
    told = "The disk does not answer, the session could not be closed. What was recorded until then is kept."
    window.running_session._records = SimpleNamespace(session="one", notice="")
    window.write_numbers()
    assert window.page.judge_line.text == ""
    window.stop()
    window.running_session._records.notice = told
    qtbot.waitUntil(lambda: window.page.judge_line.text == told)
