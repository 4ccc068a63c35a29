"""The coach's panel: gauges, reason, strips and counters, fed as the window feeds it."""

from __future__ import annotations

import dataclasses
import itertools
import math
from functools import lru_cache

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from app.coach import policy
from app.coach.dose import Dose
from app.coach.live_values import Live, Place
from app.coach.model import CoachModel
from app.coach.report import ActiveFault, Activity, FaultId
from app.coach.rules import default_rules, parse_rules
from app.coach.types import Frame, RunnerProfile, ViewKind
from app.session import Analysis
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.ui.choice import Choice
from app.ui.panels.run_panel import RunPanel
from app.ui.panels.why import Why, WhyCard, why_of
from app.ui.series import HEAD, TRUNK_LEAN
from app.ui.theme import CAPTION_PX, DARK, LIGHT, Theme, Tone, style_sheet
from app.ui.widgets import COUNTED, Counters

NAN = math.nan
FPS = 30


@pytest.fixture
def panel(put_up) -> RunPanel:
    return put_up(RunPanel(Theme(DARK), Choice()), 380, 800)


@lru_cache(maxsize=8)
def analyses(act: str, seconds: float = 12.0, standing_s: float = 3.0, yaw_deg: float = 0.0, cm: float | None = 178.0):
    """The real coach over exact landmarks of the virtual runner."""
    scene = VirtualScene(RunnerParams(act=Act(act), standing_s=standing_s), Camera.framing(yaw_deg=yaw_deg))
    coach = CoachModel(profile=RunnerProfile(cm), dose=Dose())
    poses = [scene.landmarks_at(index / FPS) for index in range(round(seconds * FPS))]
    return [Analysis(Frame(k, pose.t_s, None), pose, coach.update(pose), {}) for k, pose in enumerate(poses)]


def play(panel: RunPanel, shown: list[Analysis]) -> None:
    for analysis in shown:
        if analysis.report.step is not None:
            panel.add_step(analysis.report.step)
        panel.show_analysis(analysis)
    panel.draw_plots()
    panel.write_numbers(shown[-1])


def places(panel: RunPanel) -> dict[Live, Place]:
    return {live: gauge.shown.place for live, gauge in panel.gauges.gauges.items()}


def notes(panel: RunPanel) -> dict[Live, str]:
    return {live: gauge.shown.note for live, gauge in panel.gauges.gauges.items()}


def test_a_good_runner_is_inside(panel: RunPanel) -> None:
    play(panel, analyses("good"))
    found = places(panel)
    assert found[Live.TRUNK_LEAN] is found[Live.HIP_FLEXION] is found[Live.REACH] is Place.INSIDE
    assert found[Live.CADENCE] is found[Live.HIP_SHARE] is found[Live.OSCILLATION] is Place.PLAIN
    assert Place.OUTSIDE not in found.values()
    lean = panel.gauges.gauges[Live.TRUNK_LEAN].shown
    assert lean.value == pytest.approx(11.0, abs=1.5)
    assert 0.0 < lean.half < 4.0
    assert panel.gauges.gauges[Live.CLEARANCE].shown.number.endswith(" cm")
    assert panel.counters.numbers["hits"].text() == "0"
    assert panel.counters.numbers["inside"].text() == "100%"
    assert panel.why.why.tone is Tone.GOOD


def test_the_gauge_that_decides_the_fault_stands_out(panel: RunPanel) -> None:
    play(panel, analyses("over_lean"))
    lean = panel.gauges.gauges[Live.TRUNK_LEAN].shown
    assert lean.place is Place.OUTSIDE
    assert lean.decides
    assert sum(gauge.shown.decides for gauge in panel.gauges.gauges.values()) == 1
    fault = analyses("over_lean")[-1].report.faults[0]
    assert lean.value == pytest.approx(fault.value, abs=0.5)


def test_the_newest_cue_stands_with_its_evidence(panel: RunPanel) -> None:
    shown = analyses("over_lean")
    said = next(index for index, one in enumerate(shown) if one.report.cue is not None and one.report.cue.because)
    cue = shown[said].report.cue
    assert cue is not None
    play(panel, shown[: said + 10])
    why = panel.why.why
    assert why.title == f"Said: {cue.shown}"
    assert why.tone is Tone.OFF
    assert why.evidence.startswith(f"Trunk lean {cue.value:.1f}°, over 18.5°")
    assert why.evidence.endswith(f"steps {cue.steps[0]} to {cue.steps[-1]}")
    assert why.last == ""  # that it waits after speaking goes without saying
    assert why.spoken in (panel.why.toolTip(), panel.why.accessibleName())


def test_too_few_steps_are_a_ring(panel: RunPanel) -> None:
    shown = analyses("good")
    ends = [index for index, one in enumerate(shown) if one.report.step is not None]
    play(panel, shown[: ends[3] + 1])
    assert places(panel)[Live.TRUNK_LEAN] is Place.EARLY
    assert notes(panel)[Live.TRUNK_LEAN] == "4 of 6 steps"
    assert notes(panel)[Live.CLEARANCE] == "finding your roof"
    assert panel.counters.numbers["inside"].text() == "–"


def test_from_the_front_angles_are_not_made_up(panel: RunPanel) -> None:
    play(panel, analyses("good", yaw_deg=90.0))
    assert panel.strips.series.values.shape[1] > 0
    shown = {live: gauge.shown for live, gauge in panel.gauges.gauges.items()}
    measured = {live for live, one in shown.items() if math.isfinite(one.value)}
    assert measured == {Live.CLEARANCE, Live.OSCILLATION, Live.CADENCE}
    assert {shown[live].note for live in Live if live not in measured} == {"not seen from the front"}
    assert shown[Live.CLEARANCE].place in (Place.INSIDE, Place.UNSURE)  # the roof is judged from there too
    assert panel.why.why.title == "Not judged"
    assert "front" in panel.why.why.evidence


def test_without_standing_nothing_is_held_against_it(panel: RunPanel) -> None:
    play(panel, analyses("good", seconds=7.0, standing_s=0.0, cm=None))
    shown = {live: gauge.shown for live, gauge in panel.gauges.gauges.items()}
    for live in (Live.TRUNK_LEAN, Live.HIP_FLEXION, Live.HIP_SHARE, Live.DROP, Live.CLEARANCE):
        assert math.isnan(shown[live].value)
        assert shown[live].note == "needs you to stand tall first"
    assert shown[Live.REACH].place is Place.EARLY  # measured, but nothing is judged
    assert shown[Live.OSCILLATION].number.endswith("% BH")
    assert panel.strips.strips[TRUNK_LEAN].plot.marks.band is None


def test_after_the_run_the_last_values_stay_unjudged(panel: RunPanel, builders) -> None:
    for index in range(8):
        panel.add_step(builders.step(1.0 + 0.34 * index))
    late = builders.analysis(3.5)
    panel.show_analysis(late)
    panel.write_numbers(late)
    assert places(panel)[Live.TRUNK_LEAN] is Place.INSIDE
    over = builders.analysis(9.0, activity=Activity.STANDING, verdict="not_judged", not_judged_because="standing")
    panel.show_analysis(over)
    panel.write_numbers(over)
    shown = panel.gauges.gauges[Live.TRUNK_LEAN].shown
    assert (shown.place, shown.old, shown.number) == (Place.EARLY, True, "11.0°")


def test_clear_forgets_everything(panel: RunPanel) -> None:
    play(panel, analyses("over_lean"))
    panel.clear()
    assert set(places(panel).values()) == {Place.UNKNOWN}
    assert set(notes(panel).values()) == {"–"}
    assert panel.why.why.title == "Nothing runs"
    assert panel.counters.numbers["hits"].text() == "–"
    panel.draw_plots()
    assert panel.strips.strips[HEAD].plot.drawn.t_s.size == 0
    panel.write_numbers(None)


def test_collapsing_is_counted_apart(panel: RunPanel, builders) -> None:
    tunnel = dataclasses.replace(
        builders.tunnel(hits=4, steps=40),
        floor_below_standing_bh=0.06,
        below_floor_steps=6,
        share_inside=0.75,
    )
    panel.write_numbers(builders.analysis(1.0, tunnel=tunnel))
    texts = {name: label.text() for name, label in panel.counters.numbers.items()}
    assert texts == {"inside": "75%", "hits": "4", "longest": "31", "floor": "6"}
    unknown = dataclasses.replace(tunnel, floor_below_standing_bh=NAN)
    panel.write_numbers(builders.analysis(1.1, tunnel=unknown))
    assert panel.counters.numbers["floor"].text() == "–"  # no floor yet: nothing to sink through


def test_a_coachs_own_rules_reach_gauges_and_strips(panel: RunPanel) -> None:
    panel.set_rules(parse_rules("[green]\ntrunk_lean_deg = [8.0, 15.0]\n", "own", default_rules()))
    assert panel.gauges.gauges[Live.TRUNK_LEAN].shown.band == (8.0, 15.0)
    assert panel.strips.strips[TRUNK_LEAN].plot.marks.band == (8.0, 15.0)


@pytest.mark.parametrize(
    ("size", "scale", "strips", "gauges"),
    [((300, 480), 1.0, 1, 4), ((380, 690), 1.0, 2, 7), ((440, 950), 1.25, 2, 9), ((900, 1980), 2.25, 3, 9)],
)
def test_it_fits(panel: RunPanel, size, scale, strips, gauges) -> None:
    panel.setStyleSheet(style_sheet(Theme(LIGHT, scale)))
    panel.set_theme(Theme(LIGHT, scale))
    panel.resize(*size)
    QApplication.processEvents()  # the layout settles
    assert (panel.width(), panel.height()) == size
    assert sum(strip.isVisible() for strip in panel.strips.strips) == strips
    seen = panel.dials.height() / panel.gauges.height_of() * 9
    assert seen >= gauges
    parts = [panel.why, panel.dials, panel.counters, panel.strips]
    assert all(a.geometry().bottom() < b.geometry().top() for a, b in itertools.pairwise(parts))
    assert panel.strips.geometry().bottom() < size[1]
    # The gauges never need scrolling sideways.
    assert panel.gauges.width() <= panel.scroller.viewport().width()


@pytest.mark.parametrize(("size", "hidden"), [((440, 950), True), ((440, 1400), False)])
def test_the_legend_stands_below_the_gauges_and_costs_no_curve(panel: RunPanel, size, hidden) -> None:
    panel.setStyleSheet(style_sheet(Theme(LIGHT)))
    panel.resize(*size)
    QApplication.processEvents()
    legend, viewport = panel.gauges.legend, panel.scroller.viewport()
    assert legend.y() > max(gauge.y() for gauge in panel.gauges.gauges.values())
    below = legend.mapTo(panel.gauges, legend.rect().bottomLeft()).y() >= viewport.height()
    # Where it is not seen it can be scrolled to.
    assert below == hidden == (panel.scroller.verticalScrollBar().maximum() > 0)


def test_it_makes_do_with_the_smallest_window(panel: RunPanel) -> None:
    assert panel.minimumSizeHint().width() <= 300
    assert panel.minimumSizeHint().height() <= 450


# ---- the words of the reason -------------------------------------------------------------------------------------


def test_a_silent_fault_says_why(builders) -> None:
    fault = ActiveFault(FaultId.PELVIS_DRIFT, 8.4, 2.4, "bh_pct", 5)
    report = builders.report(20.0, faults=(fault,), verdict="pelvis_drift", unsaid=policy.TOO_NEW)
    why = why_of(report, None, NAN)
    assert why.title == "Hips too far forward, for 5 steps"
    assert why.evidence.replace("\u00a0", " ") == "Line offset at push-off 8.4 % BH, over 2.4 % BH"
    assert why.last == "Silent: too new: a fault is spoken of when it has been on for eight steps"
    assert why.tone is Tone.OFF
    assert "15.0 cm, over 4.3 cm" in why_of(report, None, 178.0).evidence.replace("\u00a0", " ")


def test_hits_of_the_roof_are_told_by_the_head(builders) -> None:
    cue = builders.cue(t_s=19.0, value=1.9, threshold=2.8, unit="bh_pct", steps=(41, 44, 45))
    why = why_of(builders.report(20.0), cue, NAN)
    evidence = "Head below standing height 1.9 % BH, under 2.8 % BH · steps 41, 44, 45"
    assert why.evidence.replace("\u00a0", " ") == evidence
    assert why.tone is Tone.HIT


def test_an_old_cue_goes_into_the_last_line(builders) -> None:
    why = why_of(builders.report(31.0), builders.cue(t_s=1.0), NAN)
    assert (why.title, why.last) == ("On target", "30 s ago: DUCK UNDER THE ROOF")
    assert why_of(builders.report(181.0), builders.cue(t_s=1.0), NAN).last == "3 min ago: DUCK UNDER THE ROOF"


def test_news_that_asked_for_nothing_is_not_looked_back_at(builders) -> None:
    news = builders.cue(t_s=1.0, because="", shown="GOT YOUR STANDING")
    assert why_of(builders.report(31.0), news, NAN).last == ""


@pytest.mark.usefixtures("fonts")
def test_what_has_no_room_is_left_out_whole(qtbot) -> None:
    card = WhyCard(Theme(DARK))
    qtbot.addWidget(card)
    card.set_lines(2)
    evidence = "Line offset at push-off 8.4 cm, over 2.4 cm · steps 41, 44, 45, 47, 48, 49"
    card.say(Why("Said: HIPS BACK", evidence, "Silent: too soon"))
    metrics = QFontMetricsF(Theme(DARK).font(CAPTION_PX))
    assert [line for line, _ in card._small_lines(metrics, 1000.0)] == [evidence, "Silent: too soon"]
    assert [line for line, _ in card._small_lines(metrics, 300.0)] == [evidence.split(" · ")[0], "Silent: too soon"]


@pytest.mark.usefixtures("fonts")
def test_captions_of_the_counters_are_never_cut(qtbot, monkeypatch) -> None:
    """Spanish needs a third more."""
    monkeypatch.setitem(COUNTED, "longest", ("bajo techo", "…"))
    counters = Counters(Theme(DARK), ("inside", "hits", "longest", "floor"))
    counters.setStyleSheet(style_sheet(Theme(DARK)))
    qtbot.addWidget(counters)
    for width in (280, 700):
        counters.fit_width(width)
        counters.resize(width, counters.sizeHint().height())
        counters.show()
        QApplication.processEvents()
        for caption in counters._captions.values():
            lines = caption.text().split("\n")
            assert len(lines) <= 2
            assert max(map(caption.fontMetrics().horizontalAdvance, lines)) <= caption.width(), (width, caption.text())
            assert len(lines) * caption.fontMetrics().height() <= caption.height() + 1


def test_the_dose_is_told(builders) -> None:
    quiet = Dose(session=6).quiet_because(60.0)
    why = why_of(builders.report(90.0, unsaid=quiet), None, NAN)
    assert (why.title, why.evidence) == ("On target", f"Silent: {quiet}")


def test_faults_of_the_stance_have_their_own_measures(builders) -> None:
    fault = ActiveFault(FaultId.PELVIS_DRIFT, 5.3, 1.7, "bh_pct", 0)
    report = builders.report(9.0, activity=Activity.STANCE, faults=(fault,), verdict="pelvis_drift")
    why = why_of(report, None, NAN)
    assert (why.title, why.evidence.replace("\u00a0", " ")) == (
        "Hips too far forward",
        "Line offset 5.3 % BH, over 1.7 % BH",
    )


def test_every_reason_of_the_policy_has_words_for_the_catalogue() -> None:
    from app.ui.panels.why import MEASURE_WORDS, STANCE_WORDS, UNSAID_WORDS

    reasons = {value for name, value in vars(policy).items() if name.isupper() and isinstance(value, str)}
    assert reasons <= set(UNSAID_WORDS)
    rules = default_rules()
    for specs, words in ((rules.running, MEASURE_WORDS), (rules.stance, STANCE_WORDS)):
        assert {spec.ways[k][0].measure for spec in specs.values() for k in range(len(spec.ways))} <= set(words)


def test_views_are_told_apart(builders) -> None:
    from app.ui.panels.run_panel import judged_now, measurable

    front = builders.report(verdict="not_judged", view=ViewKind.FRONT)
    assert judged_now(front) == {Live.CLEARANCE}
    assert measurable(None) == judged_now(None) == frozenset()
    assert judged_now(builders.report()) == measurable(builders.report()) == frozenset(Live)
