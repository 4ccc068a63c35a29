"""The panel of the drills: which one and how much, the count, the last attempt, and what the user puts right."""

from __future__ import annotations

import dataclasses
import itertools
import math
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.cli.build import virtual_source
from app.coach.drill_model import DrillModel
from app.coach.drill_rules import default_drills
from app.coach.drills import DrillPlan
from app.coach.model import CoachModel
from app.coach.reps import BY_HAND, DrillId, DrillLog, DrillPhase, DrillReport, LoggedRep, Rep, Tempo
from app.pose.estimator import OracleEstimator
from app.session import Session
from app.ui.choice import Choice
from app.ui.panels.attempts import correct, entry_words, mark_of
from app.ui.panels.choices import Choices
from app.ui.panels.drill_panel import Amount, DrillPanel, amount_of, skip_rest, with_amount
from app.ui.panels.marks import Mark
from app.ui.theme import DARK, Theme, style_sheet

NAN = math.nan
HINGE = DrillId.HINGE
OWN = default_drills().drills


@pytest.fixture
def make_panel(put_up):
    def make(choice: Choice) -> DrillPanel:
        panel = DrillPanel(Theme(DARK), choice)
        panel.chosen.connect(panel.show_choice)
        return put_up(panel, 340, 700)

    return make


@pytest.fixture
def panel(make_panel):
    return make_panel(Choice(drill="hinge"))


def rep(number, verdict="good", counted=True, change="") -> Rep:
    end_s = 3.0 * number
    return Rep(number, end_s - 2.0, end_s, 34.2, Tempo(1.2, 0.3, 1.0), counted, verdict, ("depth",), change)


def logged(*reps: Rep) -> tuple[LoggedRep, ...]:
    return tuple(LoggedRep(one, one) for one in reps)


def report(phase, reps=4, progress=0.0, hold_s=0.0, last=None, rest_s=0.0, paused="", name=HINGE, **more):
    return DrillReport(name, phase, reps, progress, hold_s, last, False, 1, 2, 8, rest_s, (), paused, **more)


# ---- choosing -------------------------------------------------------------------------------------------------------


def test_choosing_a_drill_takes_its_own_amounts(panel, qtbot) -> None:
    panel.show_choice(Choice(drill="hinge", reps=20, sets=4, rest_s=90.0))
    assert [s.spin.value() for s in (panel.reps, panel.sets, panel.rest)] == [20, 4, 90]
    with qtbot.waitSignal(panel.chosen) as told:
        panel.drills[DrillId.TUNNEL_MARCH].click()
    (choice,) = told.args
    assert (choice.drill, choice.reps, choice.sets, choice.rest_s) == ("tunnel_march", None, None, None)
    march = OWN[DrillId.TUNNEL_MARCH]
    assert [s.spin.value() for s in (panel.reps, panel.sets, panel.rest)] == [march.target, march.sets, march.rest_s]
    assert [drill for drill, button in panel.drills.items() if button.isChecked()] == [DrillId.TUNNEL_MARCH]
    assert panel.how.text() == march.how


def test_the_drill_that_is_on_is_not_begun_anew_by_a_click(panel, qtbot) -> None:
    with qtbot.assertNotEmitted(panel.chosen):
        panel.drills[HINGE].click()


@pytest.mark.parametrize(
    ("title", "columns"), [("Hinge", 2), ("Two lines where needed", 2), ("Namesthatnobodycanbreak", 1)]
)
def test_long_names_stand_below_one_another(qtbot, fonts, title, columns) -> None:
    choices = Choices(Theme(DARK), {name: (f"{title} {name}", "") for name in "abcd"})
    qtbot.addWidget(choices)
    choices.resize(280, 300)
    choices.show()
    qtbot.waitUntil(lambda: len({button.x() for button in choices.buttons.values()}) == columns)
    assert len({button.width() for button in choices.buttons.values()}) == 1
    for button in choices.buttons.values():
        assert max(map(button.fontMetrics().horizontalAdvance, button.text().split("\n"))) < button.width()
        assert button.geometry().bottom() < choices.height()


def test_all_four_drills_are_there_at_every_width(qtbot, make_panel) -> None:
    """Also on the way from one column to two and back: a column without stretch would have no width."""
    panel = make_panel(Choice(drill="hinge"))
    panel.setStyleSheet(style_sheet(Theme(DARK)))
    for width in (280, 700, 300, 420, 280, 340):
        panel.resize(width, 700)
        qtbot.waitUntil(lambda width=width: panel.choices.width() > width - 60)
        found = [button.geometry() for button in panel.drills.values()]
        assert all(box.width() >= 100 and box.height() >= 38 for box in found), (width, found)
        assert all(panel.choices.rect().contains(box) for box in found), (width, found)
        assert not any(a.intersects(b) for a, b in itertools.combinations(found, 2)), (width, found)


def test_an_amount_is_taken_once_after_the_last_click(panel, qtbot) -> None:
    told = []
    panel.chosen.connect(told.append)
    panel._settle.setInterval(5)
    with qtbot.waitSignal(panel.chosen):
        for _ in range(3):
            panel.reps.more.click()
        panel.rest.less.click()
    assert [(choice.reps, choice.sets, choice.rest_s) for choice in told] == [(11, None, 25.0)]


def test_a_wheel_that_scrolls_the_panel_changes_no_amount(panel) -> None:
    spin = panel.rest.spin
    at = QPointF(spin.rect().center())
    wheel = QWheelEvent(
        at, QPointF(spin.mapToGlobal(spin.rect().center())), QPoint(0, 0), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    panel.drills[HINGE].setFocus()
    QApplication.sendEvent(spin, wheel)
    assert spin.value() == 30


def test_amounts_as_the_drill_has_them_are_left_open_and_none_means_no_end() -> None:
    own = Choice(drill="hinge")
    assert amount_of(own) == Amount(8, 2, 30.0)
    assert with_amount(own, Amount(8, 2, 30.0)) == own
    assert with_amount(own, Amount(0, 2, 30.0)).reps == 0
    assert amount_of(Choice(drill="athletic", reps=0)) == Amount(0, 1, 30.0)


def test_no_target_is_written_as_no_end(make_panel) -> None:
    assert make_panel(Choice(drill="hinge", reps=0)).reps.spin.text() == "no end"


# ---- the count ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drill", "big", "small", "progress", "state", "line"),
    [
        (report(DrillPhase.PAUSED, 0, paused="stand tall and still to begin"), "0", "of 8", NAN, "Not counting",
         "Stand tall and still to begin"),
        (report(DrillPhase.ARMED, 4, 0.0), "4", "of 8", 0.5, "Go", ""),
        (report(DrillPhase.MOVING, 4, 0.5), "4", "of 8", 4.5 / 8, "Under way", ""),
        (report(DrillPhase.HOLDING, 1, 0.4, 2.04), "1", "of 8", 0.4, "Hold: 2.0 s", ""),
        (report(DrillPhase.HOLDING, 1, 0.4, 2.04, name=DrillId.ATHLETIC), "1", "of 8", 0.4, "Hold: 2.0 of 5 s", ""),
        (report(DrillPhase.HOLDING, 1, 1.0, 15.6, name=DrillId.ATHLETIC), "1", "of 8", 1.0, "Held 16 s: stand up", ""),
        (report(DrillPhase.RESTING, 8, rest_s=22.2), "23", "s rest", 0.74, "Rest", ""),
        (report(DrillPhase.MOVING, 12, cadence_spm=168.3), "12", "of 8", 1.0, "Under way", "168 steps/min"),
        (report(DrillPhase.DONE, 8), "8", "of 8", 1.0, "All done", ""),
    ],
)  # fmt: skip
def test_the_count_the_ring_and_what_goes_on(panel, builders, drill, big, small, progress, state, line) -> None:
    panel.write_numbers(builders.analysis(drill=drill))
    assert (panel.ring.big, panel.ring.small) == (big, small)
    assert panel.ring.progress == pytest.approx(progress, nan_ok=True, abs=1e-3)
    assert (panel.state.text(), panel.state_line.text()) == (state, line)
    assert panel.set_words.text() == "Set 1 of 2"
    assert panel.skip.isVisible() == (drill.phase is DrillPhase.RESTING)


def test_how_it_goes_is_told_until_it_is_armed(panel, builders) -> None:
    assert panel.how.isVisible()
    panel.write_numbers(builders.analysis(drill=report(DrillPhase.PAUSED, 0, paused="why")))
    assert panel.how.isVisible()
    panel.write_numbers(builders.analysis(drill=report(DrillPhase.ARMED, 0)))
    assert panel.how.isHidden()
    panel.write_numbers(builders.analysis(drill=report(DrillPhase.PAUSED, 1, paused="why", last=rep(1))))
    assert panel.how.isHidden()


def test_the_last_attempt_says_what_was_good_what_to_change_and_its_tempo(panel, builders) -> None:
    last = rep(3, "round_back", True, "Long back, like a table top")
    panel.write_numbers(builders.analysis(drill=report(DrillPhase.ARMED, last=last)))
    assert panel.rep_words.text() == "Last one: 34°"
    assert panel.rep_change.text() == "To change: Long back, like a table top"
    assert panel.rep_good.text() == "Good: far enough"
    assert panel.rep_tempo.text() == "1.2 s down, 0.3 s hold, 1.0 s up"
    assert panel.rep_mark.mark is Mark.HINT
    half = rep(4, "half", False, "Hips further back")
    panel.write_numbers(builders.analysis(drill=report(DrillPhase.ARMED, last=half)))
    assert (panel.rep_words.text(), panel.rep_mark.mark) == ("Last one: 34°, half way, not counted", Mark.FAILED)


# ---- putting right --------------------------------------------------------------------------------------------------


def test_each_attempt_is_listed_newest_first_as_it_is_now(panel) -> None:
    by_hand = Rep(4, 20.0, 20.0, NAN, None, True, BY_HAND, by_user=True)
    log = (*logged(rep(1), rep(2, "half", False)), LoggedRep(rep(3), None), LoggedRep(None, by_hand))
    panel.show_log(log)
    shown = panel.attempts.list
    assert [shown.item(row).text().split()[0] for row in range(4)] == ["4", "3", "2", "1"]
    assert entry_words(HINGE, 1, log[0]) == "1   34°   good"
    assert entry_words(HINGE, 2, log[1]) == "2   34°   half way, not counted"
    assert entry_words(HINGE, 3, log[2]) == "3   34°   deleted"
    assert entry_words(HINGE, 4, log[3]) == "4   added by you"
    assert [mark_of(entry.now) for entry in log] == [Mark.PASSED, Mark.FAILED, Mark.OUT, Mark.PASSED]
    assert [shown.item(row).font().strikeOut() for row in range(4)] == [False, True, False, False]


def test_heights_are_told_in_cm_where_the_stature_is_known() -> None:
    step = dataclasses.replace(rep(1), depth=1.4, unit="bh_pct", tempo=None)
    march = DrillId.TUNNEL_MARCH
    assert entry_words(march, 1, LoggedRep(step, step), 178.0) == "1   2.5 cm under the roof   good"
    assert entry_words(march, 1, LoggedRep(step, step)) == "1   1.4 % of your height under the roof   good"
    high = dataclasses.replace(step, depth=-0.5)
    assert entry_words(march, 1, LoggedRep(high, high), 200.0) == "1   1.0 cm over the roof   good"


def test_how_much_stands_above_the_count_and_folds_when_the_drill_has_begun(panel, builders) -> None:
    assert panel.amounts.y() < panel.ring.mapTo(panel.ring.window(), QPoint(0, 0)).y()
    assert panel.reps.isVisible()
    panel.write_numbers(builders.analysis(drill=report(DrillPhase.ARMED, 0)))
    assert panel.reps.isHidden()
    assert panel.fold.text() == "▸  2 × 8, 30 s rest"
    panel.fold.click()
    panel.write_numbers(builders.analysis(drill=report(DrillPhase.ARMED, 1)))
    assert panel.reps.isVisible()  # who opened it, wants to see it
    panel.clear()
    assert panel.reps.isVisible()


def test_the_focus_stays_with_the_attempts_when_its_button_is_disabled(panel) -> None:
    panel.activateWindow()
    log = logged(rep(1))
    panel.show_log(log)
    panel.attempts.count.setFocus()
    panel.show_log((LoggedRep(log[0].original, None),))
    assert not panel.attempts.count.isEnabled()
    assert QApplication.focusWidget() is panel.attempts.list


def test_who_looks_at_an_attempt_goes_on_looking_at_it(panel) -> None:
    panel.show_log(logged(rep(1), rep(2), rep(3)))
    assert panel.attempts.chosen_number == 3
    panel.show_log(logged(rep(1), rep(2), rep(3), rep(4)))
    assert panel.attempts.chosen_number == 4  # the newest was chosen: it still is
    panel.attempts.list.setCurrentRow(2)
    assert panel.attempts.chosen_number == 2
    panel.show_log(logged(rep(1), rep(2), rep(3), rep(4), rep(5)))
    assert panel.attempts.chosen_number == 2


@pytest.fixture
def counting(make_panel):
    """A real drill with two attempts in its log, and the panel that shows it; stepped by the test."""
    panel = make_panel(Choice(drill="hinge"))
    model = DrillModel(DrillPlan(HINGE, target=0, sets=1))
    source = virtual_source("drill_hinge", fps=15.0, seconds=40.0, render=False)
    with Session(source, OracleEstimator, model) as session:
        panel.asked.connect(lambda request: request(session))

        def go_on() -> None:
            newest = session.step()
            assert newest is not None
            panel.write_numbers(newest)
            panel.show_log(model.drill.log.entries)

        while len(model.drill.log.entries) < 2:
            go_on()
        yield panel, model.drill.log, go_on


def test_attempts_are_taken_out_put_back_counted_or_not_and_added_in_a_real_drill(counting) -> None:
    panel, log, go_on = counting
    attempts = panel.attempts
    attempts.list.setCurrentRow(1)
    assert (attempts.chosen_number, attempts.out.text(), attempts.count.text()) == (1, "Delete", "Don't count")
    attempts.out.click()
    go_on()
    assert (log.entries[0].now, log.count()) == (None, 1)
    assert (attempts.out.text(), attempts.count.isEnabled()) == ("Restore", False)
    attempts.out.click()
    go_on()
    assert log.count() == 2
    attempts.count.click()
    go_on()
    assert [entry.now.counted for entry in log.entries] == [False, True]
    assert attempts.count.text() == "Count it"
    attempts.count.click()
    go_on()
    assert log.count() == 2
    attempts.add.click()
    go_on()
    assert log.count() == 3
    assert log.entries[2].now.verdict == BY_HAND
    assert panel.ring.big == "3"
    # What was put in by hand can be taken out, but there is nothing to put back.
    attempts.list.setCurrentRow(0)
    attempts.out.click()
    go_on()
    assert log.count() == 2
    attempts.list.setCurrentRow(0)
    assert not attempts.out.isEnabled()


class Asked:
    """A session whose coach is called at once."""

    def __init__(self, coach: CoachModel) -> None:
        self.coach = coach

    def ask(self, request) -> None:
        request(self.coach)


def test_a_correction_that_comes_too_late_changes_nothing() -> None:
    earlier, later = DrillLog(), DrillModel(DrillPlan(HINGE))
    earlier.take(rep(1))
    remove = partial(DrillLog.remove, number=1)
    # Another drill runs by now, without and with an attempt of that number; then none at all.
    correct(remove, earlier.entries[0], 1)(Asked(later))
    later.drill.log.take(rep(1))
    correct(remove, earlier.entries[0], 1)(Asked(later))
    assert later.drill.log.count() == 1
    correct(remove, earlier.entries[0], 1)(Asked(CoachModel()))
    # Asked for twice before the list was shown anew: the second finds nothing to do.
    verdict = partial(DrillLog.set_verdict, number=1, verdict="half", counted=True)
    correct(remove, later.drill.log.entries[0], 1)(Asked(later))
    correct(verdict, later.drill.log.entries[0], 1)(Asked(later))
    assert later.drill.log.entries[0].now is None


def test_skipping_the_rest_reaches_the_drill_and_nothing_else(panel, builders) -> None:
    asked = []
    panel.asked.connect(asked.append)
    panel.write_numbers(builders.analysis(drill=report(DrillPhase.RESTING, 8, rest_s=20.0)))
    panel.skip.click()
    assert asked == [skip_rest]
    skip_rest(Asked(CoachModel()))
    model = DrillModel(DrillPlan(HINGE))
    model.drill._last_s, model.drill._rest_until_s = 10.0, 30.0
    skip_rest(Asked(model))
    assert model.drill._rest_until_s == 10.0


def test_an_empty_list_offers_only_to_add(panel, builders) -> None:
    panel.write_numbers(None)
    assert not panel.attempts.add.isEnabled()
    assert not panel.attempts.out.isVisibleTo(panel)
    panel.write_numbers(builders.analysis(drill=report(DrillPhase.ARMED, 0)))
    assert panel.attempts.add.isEnabled()
    assert dataclasses.is_dataclass(panel.choice)
