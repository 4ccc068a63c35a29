"""The strips show the series: curve, gaps, step marks, roof, shared time axis."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.coach.report import FormSample
from app.ui.plots import LEAN_BAND_DEG, StripColumn
from app.ui.series import HEAD, TRUNK_LEAN, WINDOW_S
from app.ui.theme import DARK, LIGHT, Theme


@pytest.fixture
def column(qtbot) -> StripColumn:
    column = StripColumn(Theme(DARK))
    qtbot.addWidget(column)
    column.resize(340, 560)
    column.show()
    return column


def feed(column: StripColumn, seconds_s: float, start_s: float = 1000.0, cm: float = 4.0) -> None:
    for index in range(round(seconds_s * 30)):
        t_s = start_s + index / 30
        lean_deg = math.nan if 100 <= index < 110 else 11.0
        column.series.add(FormSample(t_s, lean_deg, 30.0, 20.0, 0.02, cm))


def test_time_runs_from_the_start_and_then_moves(column: StripColumn) -> None:
    feed(column, 4.0)
    column.draw(None)
    assert column.strips[0].plot.viewRange()[0] == pytest.approx([0.0, WINDOW_S])
    feed(column, 16.0, start_s=1004.0)
    column.draw(None)
    now_s = column.series.now_s - 1000.0
    for strip in column.strips:  # one axis for all
        assert strip.plot.viewRange()[0] == pytest.approx([now_s - WINDOW_S, now_s], abs=1e-6)


def test_a_gap_stays_a_gap(column: StripColumn) -> None:
    feed(column, 5.0)
    column.draw(None)
    _, lean_deg = column.strips[TRUNK_LEAN].curve.getData()
    assert np.isnan(lean_deg).sum() == 10
    assert column.strips[TRUNK_LEAN].curve.opts["connect"] == "finite"


def test_the_green_band_of_the_lean(column: StripColumn) -> None:
    assert LEAN_BAND_DEG == (6.0, 18.0)
    assert column.strips[TRUNK_LEAN].band.isVisible()
    assert tuple(column.strips[TRUNK_LEAN].band.getRegion()) == LEAN_BAND_DEG
    assert not column.strips[HEAD].band.isVisible()


def test_steps_are_ticks_and_hits_are_bursts_in_the_head_strip(column: StripColumn, builders) -> None:
    feed(column, 6.0)
    for t_s, hit in ((1001.0, False), (1002.0, True), (1003.0, False)):
        column.series.add_step(builders.step(t_s, hit))
    column.draw(builders.tunnel())
    x, _ = column.strips[0].ticks.getData()
    assert x.tolist() == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]
    assert column.strips[HEAD].hits.getData()[0].tolist() == [2.0]
    assert len(column.strips[0].hits.getData()[0]) == 0


def test_roof_goal_and_standing_in_the_unit_of_the_curve(column: StripColumn, builders) -> None:
    feed(column, 2.0)
    column.draw(builders.tunnel())  # roof 5 cm below standing; rows 50, 60, 70: the goal is half way
    rows = column.strips[HEAD].rows
    assert rows["standing"].value() == 0.0
    assert rows["roof"].value() == pytest.approx(-5.0)
    assert rows["goal"].value() == pytest.approx(-2.5)
    column.clear()
    assert not rows["roof"].isVisible()
    feed(column, 2.0, cm=math.nan)
    column.draw(builders.tunnel())
    assert rows["roof"].value() == pytest.approx(-2.8)  # % of body height


def test_numbers(column: StripColumn) -> None:
    column.draw_numbers()
    assert [strip.value.text() for strip in column.strips] == ["–"] * 4
    feed(column, 2.0)
    column.draw_numbers()
    assert [strip.value.text() for strip in column.strips] == ["11°", "30°", "20°", "−4.0 cm"]
    column.clear()
    feed(column, 2.0, cm=math.nan)
    column.draw_numbers()
    assert column.strips[HEAD].value.text() == "−2.0 % height"


def test_nothing_new_is_not_drawn_again(column: StripColumn, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(column, 1.0)
    column.draw(None)
    drawn: list[object] = []
    monkeypatch.setattr(column.strips[0], "draw", drawn.append)
    column.draw(None)
    assert drawn == []
    feed(column, 1.1)
    column.draw(None)
    assert len(drawn) == 1


def test_the_light_theme_reaches_the_curves(column: StripColumn) -> None:
    column.set_theme(Theme(LIGHT))
    assert column.strips[0].curve.opts["pen"].color().name() == LIGHT.curve_a
