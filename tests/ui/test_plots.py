"""The strips show the series: curve, gaps, step marks, roof, shared time axis."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from app.coach.report import FormSample
from app.coach.rules import default_rules, parse_rules
from app.ui.plots import StripColumn
from app.ui.series import HEAD, HIP_FLEXION, KNEE_FLEXION, TRUNK_LEAN, WINDOW_S
from app.ui.strip_plot import Marks, tick_words
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
    assert column.strips[0].plot.drawn.end_s == WINDOW_S
    assert column.strips[0].plot.drawn.t_s[0] == 0.0
    feed(column, 16.0, start_s=1004.0)
    column.draw(None)
    now_s = column.series.now_s - 1000.0
    for strip in column.strips:  # one axis for all
        assert strip.plot.drawn.end_s == pytest.approx(now_s, abs=1e-6)
        assert strip.plot.drawn.t_s[0] >= now_s - WINDOW_S


def test_a_gap_stays_a_gap(column: StripColumn) -> None:
    feed(column, 5.0)
    column.draw(None)
    plot = column.strips[TRUNK_LEAN].plot
    assert np.isnan(plot.drawn.values).sum() == 10
    image, area = plot.grab().toImage(), plot.area()
    # 11 deg, before the gap, in it (samples 100 to 109 of 30 a second) and after it.
    row = round(area.bottom() - area.height() * (11.0 + 8.0) / 38.0)
    colours = []
    for t_s in (3.0, 3.48, 4.2):
        x = round(area.left() + area.width() * t_s / WINDOW_S)
        near = [image.pixelColor(x, row + dy).blue() for dy in (-1, 0, 1)]
        colours.append(max(near) > 150)  # the curve is blue, the band behind it a dark green
    assert colours == [True, False, True]


def test_the_green_band_of_the_lean(column: StripColumn) -> None:
    assert column.strips[TRUNK_LEAN].plot.marks.band == default_rules().green_lean_deg == (6.0, 18.0)
    assert column.strips[HIP_FLEXION].plot.marks.band == (25.0, 80.0)
    assert column.strips[HEAD].plot.marks.band is None


def test_a_coachs_own_rules_move_the_bands(column: StripColumn) -> None:
    own = parse_rules("[green]\ntrunk_lean_deg = [8.0, 15.0]\n", "own", default_rules())
    column.set_rules(own)
    assert column.strips[TRUNK_LEAN].plot.marks.band == (8.0, 15.0)


def test_steps_are_ticks_and_hits_are_bursts_in_the_head_strip(column: StripColumn, builders) -> None:
    feed(column, 6.0)
    for t_s, hit in ((1001.0, False), (1002.0, True), (1003.0, False)):
        column.series.add_step(builders.step(t_s, hit))
    column.draw(builders.tunnel())
    lean, hip, _, head = (strip.plot.drawn for strip in column.strips)
    assert lean.steps_s.tolist() == head.steps_s.tolist() == [1.0, 2.0, 3.0]
    assert head.hits_s.tolist() == [2.0]
    assert lean.hits_s.size == 0
    # The values that are judged: the lean in the middle of its step, the hip at midstance.
    assert lean.dots[0].tolist() == pytest.approx([1.17, 2.17, 3.17])
    assert lean.dots[1].tolist() == [11.0] * 3
    assert hip.dots[0].tolist() == [1.0, 2.0, 3.0]
    assert hip.dots[1].tolist() == [35.0] * 3
    assert head.dots[0].size == 0


def test_roof_goal_and_standing_in_the_unit_of_the_curve(column: StripColumn, builders) -> None:
    feed(column, 2.0)
    tunnel = dataclasses.replace(builders.tunnel(), floor_below_standing_bh=0.056)
    column.draw(tunnel)  # roof 5 cm below standing; rows 50, 60, 70: the goal is half way
    head = column.strips[HEAD].plot
    assert head.marks == Marks(standing=0.0, goal=-2.5, roof=-5.0, floor=-10.0)
    column.clear()
    assert head.marks == Marks()
    feed(column, 2.0, cm=math.nan)
    column.draw(builders.tunnel())
    assert head.marks.roof == pytest.approx(-2.8)  # % of body height
    assert head.marks.floor is None


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
    feed(column, 4.0)
    column.set_theme(Theme(LIGHT))
    column.draw(None)
    plot = column.strips[TRUNK_LEAN].plot
    image = plot.grab().toImage()
    names = {image.pixelColor(x, y).name() for x in range(40, 100) for y in range(image.height())}
    assert LIGHT.curve_a in names
    assert DARK.curve_a not in names


def test_strips_are_dropped_the_knee_first_and_the_head_never(qtbot) -> None:
    column = StripColumn(Theme(DARK), drop=True)
    qtbot.addWidget(column)
    column.show()
    seen = []
    for strips in (4, 3, 2, 1):
        column.resize(340, column.height_of(strips))
        seen.append([strip.spec.row for strip in column.strips if strip.isVisible()])
    assert seen == [
        [TRUNK_LEAN, HIP_FLEXION, KNEE_FLEXION, HEAD],
        [TRUNK_LEAN, HIP_FLEXION, HEAD],
        [TRUNK_LEAN, HEAD],
        [HEAD],
    ]
    column.resize(340, column.height_of(4))
    assert all(strip.isVisible() for strip in column.strips)


@pytest.mark.parametrize(("t_s", "words"), [(0.0, "0 s"), (58.0, "58 s"), (60.0, "1:00"), (1804.0, "30:04")])
def test_times_of_long_runs_are_minutes(t_s: float, words: str) -> None:
    assert tick_words(t_s) == words
