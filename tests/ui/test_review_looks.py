"""What is to be read and seen in the review: edges that align, names of the marks, pictures that have their line."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QMainWindow

from app.session.set_record import Best, SetKind
from app.ui.pages.moment import MomentButton, broken, picture_with_line
from app.ui.pages.review_page import ReviewPage
from app.ui.pages.timeline_paint import legend_of
from app.ui.theme import CAPTION_PX, DARK, Theme, Tone, style_sheet

pytestmark = pytest.mark.gui


_WINDOWS: list[QMainWindow] = []


def shown(qtbot, drifting, size: tuple[int, int]) -> ReviewPage:
    window = QMainWindow()
    _WINDOWS[:] = [window]  # it owns the page
    qtbot.addWidget(window)
    window.setStyleSheet(style_sheet(Theme(DARK)))
    page = ReviewPage(Theme(DARK))
    window.setCentralWidget(page)
    window.resize(*size)
    window.show()
    page.show_record(*drifting)
    for _ in range(3):
        QApplication.processEvents()
    return page


@pytest.mark.parametrize("size", [(820, 576), (1140, 776), (1780, 1056)])
def test_picture_and_column_begin_at_one_edge(qtbot, fonts, drifting, size) -> None:
    page = shown(qtbot, drifting, size)
    assert page.video.y() == page.scroller.y() == 0
    # No bare ground above it: the picture fills its place to a px or two.
    assert page.video.shown_rect().top() <= 2.0
    if size[0] > 1000:
        assert page.video.shown_rect().left() <= 2.0


def test_the_zoom_and_the_marks_of_the_timeline_have_names(qtbot, fonts, drifting) -> None:
    page = shown(qtbot, drifting, (1140, 776))
    assert page.transport.zoom_name.isVisible()
    strip = page.timeline.strip()
    assert strip is not None
    assert strip.has_legend
    # The line below the axis has its own room, and the axis is where it was.
    cues, steps, axis = strip.lanes()
    assert cues.bottom() <= steps.top() < steps.bottom() <= axis.top() + 2
    assert axis.bottom() <= strip.height - 18
    words = [legend_of(kind) for kind in (SetKind.RUN, SetKind.DRILL, SetKind.STANCE)]
    assert len(set(words)) == 3
    metrics = QFontMetricsF(Theme(DARK).font(CAPTION_PX))
    assert max(metrics.horizontalAdvance(line) for line in words) < strip.width - 32


def test_a_small_window_has_neither_and_loses_nothing(qtbot, fonts, drifting) -> None:
    page = shown(qtbot, drifting, (820, 480))
    assert not page.transport.zoom_name.isVisible()
    strip = page.timeline.strip()
    assert strip is not None
    low = replace(strip, height=100)
    assert not low.has_legend
    assert low.lanes()[2].bottom() == 100


def test_a_picture_of_a_run_has_the_line(drifting) -> None:
    """A moment may lie between two push-offs: the picture next to it that has a line is shown."""
    record = drifting[0]
    frames = [record.frame_at(12.0 + k / 60) for k in range(60)]
    without = next(a.frame.t_s for a in frames if a.report.line is None)
    moment = replace(record.moments_of(Best.WORST)[0], t_s=without, shot=None)
    assert record.picture_of(moment).report.line is None
    there = picture_with_line(moment, record)
    assert there.report.line is not None
    assert 0.0 < abs(there.frame.t_s - without) <= 0.2
    # One that has it already stays.
    itself = replace(moment, t_s=there.frame.t_s)
    assert picture_with_line(itself, record).frame.t_s == there.frame.t_s


def test_long_words_under_a_picture_go_on_two_lines(qtbot, fonts, drifting) -> None:
    record = drifting[0]
    button = MomentButton(Theme(DARK), record.moments_of(Best.WORST)[0], record)
    qtbot.addWidget(button)
    button.fit(104)
    title, detail = button.lines()
    assert " ".join(title) == "Hips too far forward"
    assert " ".join(detail).startswith("hip ")
    assert "…" not in "".join((*title, *detail))
    # Picture, then every line in its own room.
    assert button.height() >= 104 * 1.28 + 18 * (len(title) + len(detail))
    metrics = QFontMetricsF(Theme(DARK).font(CAPTION_PX))
    assert broken("", metrics, 50.0) == ()
    assert broken("one", metrics, 500.0) == ("one",)
    for width in (40.0, 60.0, 90.0):
        lines = broken("a word and others", metrics, width)
        assert len(lines) <= 2
        assert all(metrics.horizontalAdvance(line) <= width + 1 for line in lines)
    assert all(a != b for a, b in itertools.pairwise(broken("a word and others", metrics, 60.0)))


def test_a_hit_does_not_blink_over_another_fault(qtbot, drifting, monkeypatch) -> None:
    page = shown(qtbot, drifting, (1140, 776))
    record, tones = drifting[0], []
    real = page.video.show_analysis
    monkeypatch.setattr(page.video, "show_analysis", lambda a, tone: (tones.append((a, tone)), real(a, tone)))
    through = []
    for k in range(90):
        page.scrub(record.last_s - 3.0 + k / 30)
        analysis, tone = tones[-1]
        through.append(analysis.report.tunnel is not None and analysis.report.tunnel.clearance_bh < 0.0)
        assert tone is Tone.OFF
    assert any(through)
    assert not all(through)
