"""Gauges: numbers, units, bands, and a marker whose shape tells."""

from __future__ import annotations

import dataclasses
import itertools
import math

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from app.coach.live_values import Edge, Limits, Live, LiveValue, Place, limits_of, place_of
from app.coach.types import Measure
from app.ui.panels.gauge_words import GAUGES, LEGEND, Shown, help_words, shown_of
from app.ui.panels.gauges import Gauge, GaugeColumn, GaugeLegend, paint_marker
from app.ui.theme import DARK, LIGHT, Theme

NAN = math.nan
SPECS = {spec.live: spec for spec in GAUGES}


def live(which: Live, value: float, half: float, n: int = 8, decides: bool = False) -> LiveValue:
    measure = Measure(value, (value - half, value + half), n, "")
    limits = limits_of(which)
    return LiveValue(measure, place_of(measure, limits), limits, decides)


def test_every_value_has_a_gauge_with_its_band_on_the_scale() -> None:
    assert [spec.live for spec in GAUGES] == [*dict.fromkeys(spec.live for spec in GAUGES)]
    assert set(SPECS) == set(Live)
    for which, spec in SPECS.items():
        limits = limits_of(which)
        for edge in (limits.low, limits.high):
            if edge is not None:
                assert spec.low < edge.inside < spec.high, which


def test_degrees_with_their_interval() -> None:
    shown = shown_of(SPECS[Live.TRUNK_LEAN], live(Live.TRUNK_LEAN, 11.23, 1.36), NAN)
    assert (shown.number, shown.interval, shown.note) == ("11.2°", "± 1.4", "")
    assert shown.place is Place.INSIDE
    assert shown.band == (6.0, 18.0)


def test_lengths_are_in_cm_where_the_stature_is_known() -> None:
    value = live(Live.CLEARANCE, -0.01, 0.005)
    by_height = shown_of(SPECS[Live.CLEARANCE], value, 180.0)
    assert (by_height.number, by_height.interval) == ("−1.8 cm", "± 0.9")
    assert by_height.band == (0.0, math.inf)
    assert by_height.low == pytest.approx(-5.4)
    without = shown_of(SPECS[Live.CLEARANCE], value, NAN)
    assert (without.number, without.interval) == ("−1.0 % BH", "± 0.5")
    assert without.place is by_height.place is Place.OUTSIDE


def test_shares_and_cadence() -> None:
    assert shown_of(SPECS[Live.HIP_SHARE], live(Live.HIP_SHARE, 0.52, 0.04), NAN).number == "52 %"
    assert shown_of(SPECS[Live.REACH], live(Live.REACH, 0.317, 0.02), NAN).number == "32 %"
    assert shown_of(SPECS[Live.CADENCE], live(Live.CADENCE, 171.6, 4.0), NAN).number == "172 /min"
    assert shown_of(SPECS[Live.LINE_OFFSET], live(Live.LINE_OFFSET, -0.0002, 0.0), NAN).number == "0.0 % BH"


def test_too_few_steps_say_how_many() -> None:
    shown = shown_of(SPECS[Live.TRUNK_LEAN], live(Live.TRUNK_LEAN, 25.0, 0.5, n=3), NAN)
    assert shown.place is Place.EARLY
    assert (shown.number, shown.interval, shown.note) == ("25.0°", "", "3 of 6 steps")


def test_what_is_not_measured_has_no_number_but_a_reason() -> None:
    nothing = LiveValue(None, Place.UNKNOWN, Limits(Edge(6.0, 6.0)))
    shown = shown_of(SPECS[Live.TRUNK_LEAN], nothing, NAN, "not seen from the front")
    assert (shown.number, shown.interval, shown.note) == ("", "", "not seen from the front")
    assert math.isnan(shown.value)
    assert shown.band == (6.0, math.inf)
    assert shown_of(SPECS[Live.TRUNK_LEAN], None, NAN).note == "not measured"


def test_of_a_run_that_ended_nothing_is_judged_any_more() -> None:
    shown = shown_of(SPECS[Live.TRUNK_LEAN], live(Live.TRUNK_LEAN, 25.0, 0.5, decides=True), NAN, old=True)
    assert shown.place is Place.EARLY
    assert not shown.decides
    assert shown.number == "25.0°"
    assert shown_of(SPECS[Live.CADENCE], live(Live.CADENCE, 170.0, 1.0), NAN, old=True).place is Place.PLAIN


@pytest.fixture
def gauge(qtbot) -> Gauge:
    gauge = Gauge(SPECS[Live.TRUNK_LEAN], Theme(DARK))
    qtbot.addWidget(gauge)
    gauge.resize(300, gauge.sizeHint().height())
    return gauge


def test_the_marker_stands_at_its_value_and_never_leaves_the_scale(gauge: Gauge) -> None:
    gauge.show_value(shown_of(gauge.spec, live(Live.TRUNK_LEAN, 14.0, 1.0), NAN))
    scale = gauge.scale()
    assert gauge.x_of(-2.0) == scale.left()
    assert gauge.x_of(14.0) == pytest.approx(scale.center().x())  # half way from -2 to 30
    assert gauge.x_of(80.0) == scale.right()
    image = gauge.grab().toImage()
    assert image.pixelColor(round(gauge.x_of(14.0)), round(scale.center().y())).name() == DARK.good


def test_a_screen_reader_hears_all_of_it(gauge: Gauge) -> None:
    gauge.show_value(shown_of(gauge.spec, live(Live.TRUNK_LEAN, 25.0, 1.0, decides=True), NAN))
    said = "Trunk lean, 25.0° ± 1.0, outside the target band, this decides the fault"
    assert gauge.accessibleName() == said
    gauge.show_value(Shown(note="not seen from the front"))
    assert gauge.accessibleName() == "Trunk lean, not seen from the front"


def marker(place: Place, value: float = 0.0) -> bytes:
    """The marker's outline alone: colour must not be what tells."""
    image = QImage(41, 41, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    shown = Shown(place=place, value=value, band=(6.0, 18.0), high=30.0)
    paint_marker(painter, Theme(DARK, 2.0), shown, QPointF(20.0, 20.0))
    painter.end()
    return bytes(image.pixelColor(x, y).lightness() > 60 for y in range(41) for x in range(41))


def test_every_place_has_a_shape_of_its_own() -> None:
    below, above = marker(Place.OUTSIDE, 2.0), marker(Place.OUTSIDE, 25.0)
    others = [marker(place) for place in (Place.INSIDE, Place.UNSURE, Place.EARLY, Place.PLAIN)]
    assert len({below, above, *others}) == 6


def test_outside_points_the_way_back() -> None:
    def rightmost(image: bytes) -> int:
        return max(index % 41 for index, lit in enumerate(image) if lit)

    assert rightmost(marker(Place.OUTSIDE, 2.0)) > rightmost(marker(Place.OUTSIDE, 25.0))


def test_two_columns_where_there_is_room(qtbot) -> None:
    column = GaugeColumn(Theme(DARK))
    qtbot.addWidget(column)
    one = column.height_of()
    column.fit_width(700)
    assert column.height_of() < 0.65 * one
    column.fit_width(380)
    assert column.height_of() == one
    column.resize(380, one)
    column.show()
    places = [gauge.geometry() for gauge in column.gauges.values()]
    assert [place.x() for place in places] == [14] * 9
    assert all(a.bottom() < b.top() for a, b in itertools.pairwise(places))
    assert places[-1].bottom() < one
    # No sliver of a row.
    assert column.whole_rows(column.height_of(5) + 6) <= column.height_of(5)


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_what_nobody_can_say_is_not_in_the_colour_of_what_is_off(palette) -> None:
    image = QImage(41, 41, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_marker(painter, Theme(palette, 2.0), Shown(place=Place.UNSURE), QPointF(20.0, 20.0))
    painter.end()
    seen = {image.pixelColor(x, 20).name() for x in range(41)}
    assert palette.info in seen
    assert palette.off not in seen


def test_every_gauge_says_how_it_is_read(qtbot) -> None:
    for live, spec in SPECS.items():
        words = help_words(spec)
        assert ("No target" in words) == (not limits_of(live).known), live
        assert "95 %" in words
    assert "Violet" in help_words(SPECS[Live.HIP_SHARE])


@pytest.mark.usefixtures("fonts")
def test_the_legend_leaves_out_whole_what_does_not_fit(qtbot) -> None:
    legend = GaugeLegend(Theme(DARK))
    qtbot.addWidget(legend)
    legend.resize(900, 26)
    assert legend.fitting() == tuple(LEGEND)
    legend.resize(200, 26)
    assert legend.fitting() == tuple(LEGEND)[: len(legend.fitting())]
    assert 1 <= len(legend.fitting()) < len(LEGEND)


@pytest.mark.usefixtures("fonts")
def test_the_name_is_whole_where_the_number_is_long(gauge: Gauge, qtbot) -> None:
    """The number and its interval leave a long name too little room: the interval's words go, its line stays."""
    long = Gauge(dataclasses.replace(SPECS[Live.LINE_OFFSET], name="Separación de la línea en el impulso"), Theme(DARK))
    qtbot.addWidget(long)
    long.resize(280, 38)
    long.show_value(shown_of(long.spec, live(Live.LINE_OFFSET, 0.05, 0.01), 178.0))
    assert not long._leaves_room(long._beside())
    room = 280 - QFontMetricsF(long._number_font).horizontalAdvance(long.shown.number) - 11
    assert QFontMetricsF(long.name_font(room)).horizontalAdvance(long.spec.name) <= room
    gauge.show_value(shown_of(gauge.spec, live(Live.TRUNK_LEAN, 14.0, 1.0), NAN))
    assert gauge._leaves_room(gauge._beside())
