"""The panel of the set-up: every check with its mark, what to put right first, the standing, what it asks for."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtWidgets import QApplication

from app.cli.build import virtual_source
from app.coach.model import CoachModel
from app.coach.report import StandingStatus
from app.coach.setup import Check, SetupGuide, SetupPhase, SetupReport
from app.coach.setup_checks import CheckState
from app.coach.setup_words import CheckId, setup_words
from app.pose.estimator import OracleEstimator
from app.session import Session
from app.ui.choice import Choice
from app.ui.keys import KeyMap
from app.ui.panels.marks import Mark
from app.ui.panels.setup_panel import SetupPanel
from app.ui.theme import DARK, Theme, style_sheet

NONE = StandingStatus("none", False, 0.0, "No standing reference")
TAKEN = StandingStatus("recorded", False, 1.0, "Standing reference taken")


@pytest.fixture
def panel(put_up):
    return put_up(SetupPanel(Theme(DARK), Choice()), 340, 700)


@pytest.fixture
def seen(builders):
    def make(setup, standing=NONE):
        return dataclasses.replace(builders.analysis(standing=standing), setup=setup)

    return make


def report(phase=SetupPhase.CHECKING, states=None, **more) -> SetupReport:
    """All checks passed but those in ``states``: "fail", "hint" or "unknown" by check."""
    checks = []
    for name, words in setup_words().checks.items():
        how = (states or {}).get(name, "pass")
        if how in ("fail", "hint"):
            checks.append(
                Check(name, words.title, CheckState.FAIL, 1.0, "", "some", f"Fix {name}", "FIX", how == "fail")
            )
        else:
            state = CheckState.PASS if how == "pass" else CheckState.UNKNOWN
            checks.append(
                Check(name, words.title, state, 1.0, "", "", f"{name} is fine" if how == "pass" else "", "", True)
            )
    coded = [check for check in checks if check.code]
    problem = next((check for check in coded if check.blocking), next(iter(coded), None))
    return SetupReport(1.0, phase, tuple(checks), problem, **more)


def test_each_check_has_its_mark_and_its_line(panel, seen) -> None:
    states = {CheckId.SIZE: "fail", CheckId.FRAME: "fail", CheckId.LIGHT: "hint", CheckId.LEVEL: "unknown"}
    panel.write_numbers(seen(report(states=states)))
    rows = panel.checklist.rows
    marks = {"fail": Mark.FAILED, "hint": Mark.HINT, "unknown": Mark.WAITING, "pass": Mark.PASSED}
    for name, row in rows.items():
        assert row.mark.mark is marks[states.get(name, "pass")], name
    # What is put right first is told above the list, what has passed needs no second line.
    assert (rows[CheckId.SIZE].line.text(), rows[CheckId.RATE].line.text()) == ("", "")
    assert rows[CheckId.FRAME].line.text() == "Fix frame"
    assert rows[CheckId.RATE].toolTip() == "rate is fine"
    assert rows[CheckId.SIZE].accessibleName().endswith(": to be put right. Fix size")
    assert panel.kicker.text() == "Put right next"
    # The first that blocks is put right first, not the hint before it.
    assert [name for name, row in rows.items() if row.first] == [CheckId.SIZE]
    assert (panel.step.text(), panel.step_line.text()) == ("Distance", "Fix size")
    # Six passed, one may stay as it is.
    assert (panel.ring.big, panel.ring.small) == ("6", "of 9")


@pytest.mark.parametrize(
    ("phase", "standing", "count", "title", "big", "progress"),
    [
        (SetupPhase.CHECKING, NONE, None, "Hold still", "9", 1.0),
        (SetupPhase.COUNTDOWN, NONE, None, "All set", "9", 1.0),
        (SetupPhase.COUNTDOWN, NONE, 2, "All set", "9", 1.0),
        (
            SetupPhase.CALIBRATING,
            StandingStatus("none", True, 0.5, "Stand tall and still"),
            None,
            "Stand tall",
            "9",
            1.0,
        ),
        (SetupPhase.DONE, TAKEN, None, "Ready to run", "", 1.0),
    ],
)
def test_the_ring_counts_the_checks_and_leaves_the_seconds_to_card_and_picture(
    panel, seen, phase, standing, count, title, big, progress
) -> None:
    newest = seen(report(phase, countdown=count), standing)
    panel.show_analysis(newest)
    assert (panel.ring.big, panel.ring.progress) == (big, progress)
    panel.write_numbers(newest)
    assert panel.step.text() == title


def test_the_standing_is_told_with_where_it_comes_from(panel, seen) -> None:
    panel.write_numbers(seen(report(), NONE))
    assert (panel.source.text(), panel.standing_mark.mark) == ("Standing height: not measured yet", Mark.WAITING)
    panel.write_numbers(seen(report(), StandingStatus("none", True, 0.4, "Feet together, side by side")))
    assert panel.standing_mark.mark is Mark.NOW
    assert panel.standing_line.text() == "40 % · Feet together, side by side"
    panel.write_numbers(seen(report(SetupPhase.DONE), TAKEN))
    assert (panel.source.text(), panel.standing_mark.mark) == ("Standing height: measured", Mark.PASSED)


def test_without_a_session_nothing_can_be_asked_and_nothing_is_claimed(panel, seen) -> None:
    panel.write_numbers(seen(report(states={CheckId.SIZE: "fail"}), TAKEN))
    panel.clear()
    assert {row.mark.mark for row in panel.checklist.rows.values()} == {Mark.WAITING}
    assert not any(row.first for row in panel.checklist.rows.values())
    assert not panel.again.isEnabled()
    assert not panel.over.isEnabled()
    assert panel.offer.isHidden()


def test_tunnel_only_is_offered_from_the_front_alone(panel, seen, qtbot) -> None:
    asked = []
    panel.asked.connect(asked.append)
    panel.write_numbers(seen(report()))
    panel.take_tunnel_only()
    assert panel.offer.isHidden()
    assert asked == []
    panel.write_numbers(seen(report(states={CheckId.SIDE: "fail"}, offer="tunnel only")))
    assert panel.tunnel.isVisible()
    panel.tunnel.click()
    assert len(asked) == 1
    panel.write_numbers(seen(report(tunnel_only=True)))
    assert panel.offer.isVisible()
    assert panel.tunnel.isHidden()


def test_the_buttons_reach_guide_and_coach_of_a_real_session(panel) -> None:
    guide, coach = SetupGuide(), CoachModel()
    source = virtual_source("good", fps=15.0, seconds=9.0, render=False)
    with Session(source, OracleEstimator, coach, guide=guide) as session:
        panel.asked.connect(lambda request: request(session))
        while (newest := session.step()).report.standing.source != "recorded":
            assert newest.report.t_s < 6.0
        panel.show_analysis(newest)
        panel.write_numbers(newest)
        assert panel.checklist.rows[CheckId.PERSON].mark.mark is Mark.PASSED
        panel.again.click()
        capturing = session.step().report.standing.capturing
        assert capturing
        # Before the guide begins anew it knew everybody was in view; right after, it does not yet.
        panel.over.click()
        after = session.step()
        assert after.setup[CheckId.PERSON].state is CheckState.UNKNOWN
        panel.offer.show()
        panel.tunnel.show()
        panel.tunnel.click()
        assert session.step().setup.tunnel_only


def test_the_keys_are_shown_on_the_buttons(panel) -> None:
    wide = panel.again.sizeHint().width()
    panel.show_keys(KeyMap({"calibrate": "Y"}))
    assert panel.again.toolTip() == "Measure your standing height again (Y)"
    assert panel.again.sizeHint().width() > wide
    panel.show_keys(KeyMap({"calibrate": ""}))
    assert panel.again.toolTip() == "Measure your standing height again"
    assert panel.again.sizeHint().width() == wide


def test_what_to_do_comes_first_and_the_number_behind_it() -> None:
    """Where a line is cut at its end, the very thing to do must not be what is cut away."""
    fixes = [way.fix for words in setup_words().checks.values() for way in words.ways.values()]
    measured = [fix for fix in fixes if "{value" in fix]
    assert len(measured) > 5
    assert all(0 < fix.index("(") < fix.index("{value") for fix in measured), measured
    size = setup_words().checks[CheckId.SIZE].ways
    assert {name: way.shown for name, way in size.items()} == {"near": "GO FURTHER AWAY", "far": "COME CLOSER"}
    assert all(way.fix.startswith("Move camera and treadmill {move_exactly}") for way in size.values())


def test_the_standing_height_has_one_name(panel) -> None:
    from app.ui.keys import wish_words
    from app.ui.panels.setup_panel import SOURCES
    from app.ui.toolbar import _TIPS

    told = [*SOURCES.values(), wish_words("calibrate"), *_TIPS["calibrate"], panel.again.text(), panel.again.toolTip()]
    assert all(words.startswith("Standing height: ") for words in SOURCES.values())
    assert not any("reference" in words.lower() or words == "Calibrate" for words in told)
    assert "standing height" in wish_words("calibrate")


def test_where_there_is_little_height_the_list_has_the_rings_room(panel, seen) -> None:
    panel.setStyleSheet(style_sheet(Theme(DARK)))
    panel.write_numbers(seen(report()))
    for height, ring in ((480, False), (700, True)):
        panel.resize(300, height)
        QApplication.processEvents()
        assert panel.ring.isVisible() is ring
    panel.resize(300, 480)
    QApplication.processEvents()
    viewport = panel.scroller.viewport()
    for name, row in panel.checklist.rows.items():
        assert row.mapTo(viewport, row.rect().bottomLeft()).y() < viewport.height(), name
