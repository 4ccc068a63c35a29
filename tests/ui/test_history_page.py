"""The page of earlier sessions: list, one session, trends, comparison, deletion; read without holding up the window."""

from __future__ import annotations

import json
import math
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.coach.errors import WorldError
from app.coach.report import Step
from app.store.history import History
from app.store.session_facts import SessionFacts
from app.store.sessions import schema, start, tables
from app.store.sessions.derived import FaultSpell, ToldCue
from app.store.sessions.pose_file import PoseWriter
from app.ui.pages.history_page import HistoryPage
from app.ui.pages.history_port import StoredHistory
from app.ui.pages.history_words import day_words, number_words
from app.ui.pages.review_words import about_words
from app.ui.theme import DARK, LIGHT, Theme, style_sheet
from app.ui.words import tr

NAN = math.nan
ZONE = timezone(timedelta(hours=1))
NEWEST = datetime(2026, 11, 20, 18, 30, tzinfo=ZONE)
FACTS = SessionFacts("camera", 60.0, 9.0, 0.2, 0.6, "0.1.0", "full", "ab", 0)
#: The year is written where it is not this one.
YEAR = "" if datetime.now().year == NEWEST.year else f" {NEWEST.year}"
PROFILE = json.dumps({"height_cm": 178.0, "tunnel_drop_cm": 2.54})


def measured(value, half, n):
    return {"value": value, "ci95": [round(value - half, 2), round(value + half, 2)], "n": n}


def step(t_s, hit=False, lean_deg=11.0):
    return Step(
        t_s, t_s + 0.1, NAN, NAN, "near", 0.03, 0.06, lean_deg, 35.0, 30.0, 8.0, 0.0, 20.0, 0.2, 0.03, 0.35, hit,
        peak_below_roof_bh=0.01,
    )  # fmt: skip


def run_document(lean_deg, n, inside, minutes=0):
    """The analysis JSON of a run, with what the page reads."""
    tunnel = {
        "roof_below_standing_cm": 2.5, "steps": n, "hits": n - inside, "longest_clean_steps": inside // 2,
        "clean_steps": inside, "below_floor_steps": 0,
    }  # fmt: skip
    run = {
        "running_s": 0.35 * n,
        "cadence_spm": measured(171.4, 1.0, n),
        "trunk_lean_deg": measured(lean_deg, 0.6, n) | {"relative_to_standing": True},
        "line_offset_bh_pct": measured(0.4, 0.5, n),
        "tunnel": tunnel,
        "steps": [],
        "faults": [],
        "retention": {"steps": 160, "good_share": 0.75, "hits": 4} if minutes > 5 else None,
        "verdict": "good",
        "not_judged_because": None,
    }
    return {
        "mode": "run", "view": {"kind": "side", "facing": "right"}, "standing": {"source": "recorded"}, "run": run,
        "warnings": ["app: no network was used."], "cues": [],
    }  # fmt: skip


def stance_document():
    values = {"theta_l_deg": 12.1, "d_h_bh_pct": -0.4}
    holds = [{"start_s": 2.0, "end_s": 2.0 + k, "verdict": "good", "values": values} for k in (4, 8)]
    return {"mode": "stance", "stance": {"holds": holds, "verdict": "good", "not_judged_because": None}}


def drill_document():
    reps = {"name": "hinge", "counted": 10, "good": 8, "reps": []}
    return {"mode": "run", "run": {"verdict": "not_judged"}, "drill": reps}


class Kept:
    """Writes sessions into a data folder as the recorder leaves them, without recording them."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.connection = schema.connect(folder / "history.db")
        self.connection.execute("PRAGMA synchronous = OFF")
        self.count = 0

    def add(self, document, steps=(), *, person="", mode="run", drill="", verdict="good", at=None, duration_s=600.0,
            faults=(), cues=(), state="closed", rules="default"):  # fmt: skip
        """Add a session, a day before the last one; return its id."""
        at = at or NEWEST - timedelta(days=self.count)
        self.count += 1
        values = {
            "id": f"{at:%Y%m%d-%H%M%S}-{self.count:06x}", "started_at": at.isoformat(timespec="seconds"),
            "person": person, "person_key": tables.person_key(person), "mode": mode, "drill": drill,
            "source_kind": "camera", "source": "camera 0", "camera": "camera 0", "app_version": "0.1.0",
            "model": "full", "model_sha256": "ab", "engine": "litert", "rules_name": rules, "rules_hash": "1",
            "settings": "{}", "profile": PROFILE, "standing": None, "state": state, "frames": 60, "verdict": verdict,
            "duration_s": duration_s, "running_s": duration_s, "steps": len(steps), "cues": len(cues),
            "facts": json.dumps(start.facts_json(FACTS)), "summary": tables.pack_document(document),
        }  # fmt: skip
        with schema.transaction(self.connection):
            key = tables.insert(self.connection, values)
            tables.add_steps(self.connection, key, 1, steps)
            tables.add_faults(self.connection, key, 1, faults)
            tables.add_cues(self.connection, key, 1, cues)
        return values["id"]

    def add_run(self, k=0, steps=None, **more):
        """Add a run; the k-th leans a little less."""
        if steps is None:
            steps = [(step(0.35 * i, i % 9 == 0), "good" if i % 7 else "ankle_lean") for i in range(40)]
        return self.add(run_document(11.0 + 0.3 * k, len(steps) or 40, round(0.8 * len(steps))), steps, **more)

    def close(self):
        self.connection.close()


@pytest.fixture
def kept(tmp_path):
    kept = Kept(tmp_path / "data")
    yield kept
    kept.close()


@pytest.fixture
def show(qtbot, kept):
    """Show the page on what was kept, and wait until all is read."""
    pages = []

    def make(theme=None, size=(1150, 780), port=None):
        page = HistoryPage(theme or Theme(DARK), port or StoredHistory(kept.folder))
        page.heard = {name: [] for name in ("report_wanted", "export_wanted", "deleted", "run_wanted")}
        for name, told in page.heard.items():
            getattr(page, name).connect(lambda *values, told=told: told.append(values))
        host = QWidget()
        host.setStyleSheet(style_sheet(theme or Theme(DARK)))
        box = QVBoxLayout(host)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(page)
        qtbot.addWidget(host)
        pages.append((page, host))
        host.resize(*size)
        host.show()
        host.activateWindow()
        page.refresh()
        settle(qtbot, page)
        return page

    yield make
    for page, host in pages:
        page.close()
        host.close()


def settle(qtbot, page):
    """Wait until all answers have come, and nothing is still to be asked for or drawn."""
    qtbot.waitUntil(lambda: not page.reader.busy and not page._wanted and not page._redraw.isActive(), timeout=5000)
    QApplication.processEvents()  # the layout follows


def words_on(widget):
    """All words that are to be seen."""
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())


def test_without_sessions_it_says_so_and_leads_to_the_run(show, qtbot):
    page = show()
    assert page.nothing.isVisible()
    assert "No session yet" in words_on(page)
    click(page.nothing.go)
    assert page.heard["run_wanted"] == [()]
    nowhere = HistoryPage(Theme(DARK), None)
    qtbot.addWidget(nowhere)
    nowhere.refresh()
    assert nowhere.nothing.detail.text() == "Nothing is kept here."


def test_the_list_tells_who_when_how_long_and_what_came_of_it(show, kept):
    kept.add_run(person="Anna", verdict="ankle_lean", duration_s=754.0)
    kept.add(drill_document(), mode="drill", drill="hinge", verdict="not_judged", person="Bo")
    kept.add(stance_document(), mode="stance", duration_s=42.0)
    page = show()
    spoken = [page.list.sessions.index(n).data(Qt.ItemDataRole.AccessibleTextRole) for n in range(3)]
    assert spoken == [
        "20 Nov 2026, 18:30, Anna  ·  Run, 12:34 min, {fault}, 11.0°   80%".format(
            fault=about_words("ankle_lean")[0]
        ).replace(" 2026", YEAR),
        "19 Nov 2026, 18:30, Bo  ·  Hinge, 10:00 min, 8 of 10 repetitions good".replace(" 2026", YEAR),
        "18 Nov 2026, 18:30, Nobody named  ·  Starting line, 42 s, Good form, 12.1°".replace(" 2026", YEAR),
    ]


def test_filters_by_person_and_kind(show, kept):
    anna = [kept.add_run(person="Anna"), kept.add(stance_document(), mode="stance", person="anna")]
    bo = kept.add_run(person="Bo")
    page = show()

    def ids() -> list[str]:
        return [row.id for row in page.list.sessions.rows]

    assert ids() == [*anna, bo]
    pick(page.filters.person, "anna")
    assert ids() == anna
    pick(page.filters.mode, "stance")
    assert ids() == [anna[1]]
    pick(page.filters.person, "bo")
    assert ids() == []
    pick(page.filters.person, None)
    pick(page.filters.mode, None)
    assert ids() == [*anna, bo]


def pick(picker, value):
    """Choose an entry as a person does: it is current, then it is told."""
    picker.show_value(value)
    picker.picked.emit(value)


def test_one_session_in_full(show, kept, qtbot):
    faults = [
        FaultSpell("ankle_lean", 103.0, 110.0, 41.5, 32.5, "deg"),
        FaultSpell("upright", 120.0, 122.0, 1, 2, "deg"),
    ]
    evidence = {"fault": "ankle_lean", "steps": [3, 4], "values": [40.0, 43.0], "value": 41.5, "threshold": 32.5,
                "unit": "deg"}  # fmt: skip
    cues = [ToldCue(0, 101.0, "setup", "setup", "Step back", "STEP BACK"),
            ToldCue(9, 110.0, "coach", "hinge", "Close the door", "CLOSE", evidence)]  # fmt: skip
    steps = [(step(100.0 + 0.35 * k), "good" if k < 700 else "ankle_lean") for k in range(1100)]
    kept.add_run(steps=steps, person="Anna", verdict="ankle_lean", faults=faults, cues=cues)
    page = show()
    told = words_on(page)
    for words in (about_words("ankle_lean")[0], "11.0°", "95 %: 10.4° to 11.6°", "80%", "4 min", "64%"):
        assert words in told, words
    assert page.over_time.lanes.lanes == ["ankle_lean", "upright"]  # the longest first
    assert [button.accessibleName() for button in page.told.buttons] == ["0:01 Step back", "0:10 Close the door"]
    click(page.told.buttons[1])
    assert page.told.opened.accessibleName() == f"{about_words('ankle_lean')[0]}: 42°, where the limit is 32°."
    assert page.told.opened.chart is not None
    click(page.told.buttons[0])
    assert page.told.opened.accessibleName() == "Said by the set-up guide."
    click(page.told.buttons[0])
    assert page.told.opened is None
    assert page.notes.isHidden()  # what is for programs is not told


def test_an_open_session_has_no_numbers_and_no_report(show, kept):
    kept.add({}, state="open", verdict="not_judged")
    page = show()
    assert "Not closed yet" in words_on(page)
    assert page.figures.isHidden()
    assert not page.head.report.isEnabled()


def test_report_and_export_are_asked_for_by_id(show, kept):
    newest, older = kept.add_run(), kept.add_run()
    page = show()
    click(page.head.report)
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    click(page.head.export)
    assert page.heard["report_wanted"] == [(newest,)]
    assert page.heard["export_wanted"] == [(older,)]


def test_delete_asks_in_the_page_and_really_deletes(show, kept, qtbot):
    ids = [kept.add_run() for _ in range(3)]
    page = show()
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    settle(qtbot, page)
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    assert page.head.really.isVisible()
    assert page.head.keep.hasFocus()  # Enter alone deletes nothing
    QTest.keyClick(page.head.keep, Qt.Key.Key_Escape)
    assert not page.head.really.isVisible()
    with History(kept.folder) as history:
        assert len(history.sessions()) == 3
    click(page.head.delete)
    click(page.head.really)
    settle(qtbot, page)
    assert page.heard["deleted"] == [(ids[1],)]
    assert [row.id for row in page.list.sessions.rows] == [ids[0], ids[2]]
    assert page.list.ids() == [ids[2]]  # its neighbour is next
    with History(kept.folder) as history:
        assert [row.id for row in history.sessions()] == [ids[0], ids[2]]
    for _ in range(2):
        page.ask_delete()
        click(page.head.really)
        settle(qtbot, page)
    assert page.nothing.isVisible()


def test_whole_steps_are_never_read_for_the_page(kept, monkeypatch):
    """After an hour they and their document hold the interpreter, and so the window, for a tenth of a second."""
    steps = [(step(0.35 * i, i % 9 == 0), "good") for i in range(40)]
    session = kept.add(run_document(11.0, 40, 32) | {"run": {"steps": [{}] * 40, "verdict": "good"}}, steps)
    monkeypatch.setattr(History, "steps", lambda *_: pytest.fail("whole steps were read"))
    port = StoredHistory(kept.folder)
    story, found = port.story(session), port.digest(session)
    port.close()
    assert story.summary["run"] == {"verdict": "good"}
    assert story.digest == found
    assert found.values["good_share"].value == 1.0


def test_a_session_that_this_window_is_recording_is_kept_and_says_why(show, kept, qtbot):
    session = kept.add({}, state="open")
    writer = PoseWriter.create(kept.folder / "sessions" / session, {"id": session})
    page = show()
    page.ask_delete()
    click(page.head.really)
    settle(qtbot, page)
    assert page.problem.isVisible()
    assert page.problem.text() == f"The session {session} is being recorded in this very window: stop it first."
    assert [row.id for row in page.list.sessions.rows] == [session]
    writer.close()


def test_moving_on_takes_the_question_back(show, kept, qtbot):
    first = kept.add_run()
    kept.add_run()
    page = show()
    page.ask_delete()
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    settle(qtbot, page)
    assert not page.head.really.isVisible()
    assert first in [row.id for row in page.list.sessions.rows]


def test_trends_are_of_one_person_and_kind_the_oldest_first(show, kept, qtbot):
    anna = [kept.add_run(k, person="Anna") for k in range(7)]
    kept.add_run(person="Bo")
    kept.add(stance_document(), mode="stance", person="Anna")
    page = show()
    page.show_view("trends")
    settle(qtbot, page)
    lean = page.trends.cards["trunk_lean_deg"]
    assert [point.session for point in lean.chart._points] == anna[::-1]
    assert [point.measure.value for point in lean.chart._points] == pytest.approx([12.8 - 0.3 * k for k in range(7)])
    assert "↘ falling over 7 sessions" in words_on(lean)
    assert "no trend that can be told in 7 sessions" in words_on(page.trends.cards["inside_share"])
    assert page.trends.cards["half_life_min"].isHidden()
    places = lean.chart.places()
    assert places[0].y() < places[6].y()  # what is more is higher
    QTest.mouseClick(lean.chart, Qt.MouseButton.LeftButton, pos=places[0].toPoint() + QPoint(2, 9))
    settle(qtbot, page)
    assert page.list.ids() == [anna[6]]


def test_two_chosen_sessions_are_compared(show, kept, qtbot):
    ids = [kept.add_run(0, person="Anna"), kept.add_run(8, person="Anna"), kept.add_run(8, person="Bo")]
    page = show()
    QTest.keyClick(page.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    settle(qtbot, page)
    assert page.view_shown == "compare"
    lean = page.compare.rows[0]
    assert (
        lean.cells[0].accessibleName() == "Trunk lean: 13.4°  →  11.0°, Less than before, −2.4°  (95 %: −4.1° to −0.7°)"
    )
    inside = page.compare.rows[2]
    assert inside.told.text() == "No difference that can be told"
    pick(page.compare.other, ids[1])
    assert page.compare.cautions.text() == ""
    page.list.choose(ids[0], ids[2])
    settle(qtbot, page)
    assert page.compare.cautions.text() == "Mind that these are two people."


def test_one_session_is_compared_with_the_one_before(show, kept, qtbot):
    ids = [kept.add_run(k) for k in range(3)]
    page = show()
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    page.show_view("compare")
    settle(qtbot, page)
    assert page.compare.other.currentData() == ids[2]
    page.list.choose(ids[2])
    settle(qtbot, page)
    assert page.compare.other.currentData() == ids[0]  # nothing is before the first
    assert page.compare.rows[0].told.text() == "No difference that can be told"


def test_the_only_session_has_no_partner(show, kept, qtbot):
    kept.add_run()
    page = show()
    page.show_view("compare")
    settle(qtbot, page)
    assert "There is no other session of this person and kind yet." in words_on(page)


class Slow:
    """A port that answers when it may, in whichever thread asks."""

    def __init__(self, port):
        self._port, self.may, self.threads, self.asked, self.error = port, threading.Event(), set(), [], None

    def __getattr__(self, name):
        def call(*words):
            self.threads.add(threading.current_thread().name)
            self.asked.append((name, *words))
            assert self.may.wait(5.0)
            if self.error is not None:
                raise self.error
            return getattr(self._port, name)(*words)

        return call


def test_a_slow_disk_holds_nothing_up_and_old_wishes_are_dropped(qtbot, kept):
    ids = [kept.add_run() for _ in range(4)]
    slow = Slow(StoredHistory(kept.folder))
    page = HistoryPage(Theme(DARK), slow)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    assert "Reading …" in words_on(page)
    for session in ids:
        page.reader.ask_story(session)
    slow.may.set()
    settle(qtbot, page)
    assert slow.threads == {"history"}
    assert next(what for what in slow.asked if what[0] == "story") == ("story", ids[3])
    page.hide()
    settle(qtbot, page)
    assert slow.asked[-1] == ("close",)
    page.close()


def test_what_cannot_be_read_is_told_and_a_later_look_may_succeed(qtbot, kept):
    kept.add_run()
    slow = Slow(StoredHistory(kept.folder))
    slow.may.set()
    slow.error = WorldError("history.db may not be read: check its permissions.")
    page = HistoryPage(Theme(DARK), slow)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    settle(qtbot, page)
    assert "history.db may not be read: check its permissions." in words_on(page)
    slow.error = None
    page.refresh()
    settle(qtbot, page)
    assert len(page.list.sessions.rows) == 1
    slow.error = WorldError("it is gone")
    page.reader.ask_story(page.list.ids()[0])
    settle(qtbot, page)
    assert "it is gone" in words_on(page)
    page.close()


def test_five_hundred_sessions_do_not_hold_the_window_up(show, kept, qtbot, monkeypatch):
    """The list is there at once; only the numbers of those to be seen are read, and of the newest of a trend."""
    monkeypatch.setattr("app.ui.pages.history_page.MOST_IN_TREND", 15)
    for _ in range(500):
        kept.add_run(steps=[])
    page = show()
    assert page.list.sessions.rowCount() == 500
    assert len(page._digests) < 30
    before_s = time.thread_time()
    page._filter()
    page.grab()
    assert time.thread_time() - before_s < 0.25  # work of this thread, 20 ms: no reading of 500 sessions
    page.show_view("trends")
    settle(qtbot, page)
    assert len(page.trends.cards["trunk_lean_deg"].chart._points) == 15
    assert "485 older ones are not shown" in page.trends.told.text()


def cut_words(page):
    """All words that are to be seen and have less room than they need."""
    shown = [label for label in page.findChildren(QLabel) if label.isVisible() and label.text()]
    needs = [(label, label.sizeHint().width(), label.sizeHint().height()) for label in shown if not label.wordWrap()]
    needs += [(label, 0, label.heightForWidth(label.width())) for label in shown if label.wordWrap()]
    return [label.text() for label, wide, high in needs if wide > label.width() + 1 or high > label.height() + 1]


@pytest.mark.parametrize(
    ("size", "palette"),
    [((830, 580), DARK), ((1150, 780), LIGHT), ((1700, 1040), DARK)],
    ids=["small", "usual", "large"],
)
def test_nothing_is_cut_and_all_can_be_hit(show, kept, qtbot, fonts, size, palette):
    for k in range(3):
        kept.add_run(k, person="Anna", cues=[ToldCue(0, 1.0, "coach", "praise", "Well done", "WELL DONE")])
    page = show(Theme(palette), size)
    for view in ("one", "trends", "compare"):
        page.show_view(view)
        settle(qtbot, page)
        qtbot.waitUntil(lambda: not cut_words(page), timeout=2000)  # a layout takes a round or two
        buttons = [*page.findChildren(QPushButton), *page.findChildren(QToolButton)]
        shown = [button for button in buttons if button.isVisible() and button.text()]
        assert shown, view
        for button in shown:
            assert button.height() >= 32, button.text()
            assert button.accessibleName(), button.text()


def test_a_video_can_be_played_where_there_is_one(qtbot, show, kept):
    newest, older = kept.add_run(), kept.add_run()
    video = kept.folder / "sessions" / newest / "video.mp4"
    video.parent.mkdir(parents=True)
    video.write_bytes(bytes(3_000_000))
    page = show()
    played = []
    page.video_wanted.connect(played.append)
    assert page.head.video.isVisible()
    assert "3 MB" in page.head.video.toolTip()
    click(page.head.video)
    assert played == [newest]
    shown = [page.list.sessions.data(page.list.sessions.index(k)) for k in range(2)]
    assert ["with video" in words for words in shown] == [True, False]
    page.list.choose(older)
    settle(qtbot, page)
    assert not page.head.video.isVisible()


def test_all_can_be_reached_by_keyboard(show, kept):
    kept.add_run(cues=[ToldCue(0, 1.0, "coach", "praise", "Well done", "WELL DONE")])
    page = show()
    page.list.setFocus()
    reached = set()
    for _ in range(30):
        focused = page.window().focusWidget()
        reached.add(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    wanted = {page.list, page.filters.mode, page.head.report, page.head.export, page.head.delete, page.told.buttons[0]}
    assert wanted <= reached
    assert reached & set(page.view.buttons.values())


def test_dates_and_numbers():
    today = NEWEST.date()
    assert day_words(today, today) == tr("Today")
    assert day_words(today - timedelta(days=1), today) == tr("Yesterday")
    assert day_words(today - timedelta(days=5), today) == "15 Nov"
    assert day_words(today - timedelta(days=400), today) == "16 Oct 2025"
    assert number_words(-0.04, "deg") == "0.0°"
    assert number_words(-1.26, "deg") == "−1.3°"
    assert number_words(0.874, "share") == "87%"
    assert number_words(0.05, "share", signed=True) == "+5%"
    assert number_words(NAN, "deg") == "–"


def test_the_focus_is_on_the_list_once_there_is_one(show, kept, qtbot):
    page = show()
    page.setFocus()
    assert page.nothing.go.hasFocus()
    session = kept.add_run()
    page.refresh()
    settle(qtbot, page)
    assert page.list.hasFocus()
    assert page.list.ids() == [session]


def test_what_was_open_is_read_anew_when_it_is_closed(show, kept, qtbot):
    session = kept.add({}, state="open", verdict="not_judged")
    page = show()
    document = tables.pack_document(run_document(12.5, 40, 30))
    kept.connection.execute("UPDATE sessions SET state = 'closed', verdict = 'good', summary = ?", (document,))
    page.refresh()
    settle(qtbot, page)
    assert page.list.ids() == [session]
    assert "12.5°" in words_on(page)
    assert page.head.report.isEnabled()


def test_of_many_cues_the_first_are_listed_and_more_when_asked_for(show, kept):
    kept.add_run(cues=[ToldCue(k, float(k), "coach", "praise", f"Word {k}", "WORD") for k in range(40)])
    page = show()
    assert len(page.told.buttons) == 15
    assert page.told.rest.text() == "and 25 more"
    click(page.told.more)
    assert [button.accessibleName() for button in page.told.buttons][-1] == "0:39 Word 39"
    assert not page.told.more.isVisible()
    assert page.told.rest.isHidden()
