"""The review page on sets of the virtual runner whose faults are known, used as a person would: keys and mouse."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow

from app.coach.reps import DrillId
from app.session.set_record import Best, SetKind
from app.ui.pages.moment import body_transform
from app.ui.pages.player import Player
from app.ui.pages.review_page import ReviewPage
from app.ui.pages.review_words import fine_clock
from app.ui.pages.timeline import Timeline
from app.ui.pages.timeline_paint import blocks_of
from app.ui.theme import DARK, LIGHT, Theme, Tone, style_sheet

pytestmark = pytest.mark.gui
KEY = Qt.Key


@pytest.fixture
def page(qtbot, drifting):
    """The page in a window of 1280 x 800 with the drifting runner's set."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setStyleSheet(style_sheet(Theme(DARK)))
    made = ReviewPage(Theme(DARK))
    window.setCentralWidget(made)
    window.resize(1160, 776)
    window.show()
    made.show_record(*drifting)
    made.setFocus()
    yield made
    window.close()


def shown_s(page):
    return page.video.analysis.frame.t_s


# ---- without a set ------------------------------------------------------------------------------------------------


def test_without_a_set_it_says_so_and_leads_on(qtbot):
    page = ReviewPage(Theme(DARK))
    qtbot.addWidget(page)
    page.resize(900, 560)
    page.show()
    assert page.go.isVisible()
    assert not page.timeline.isVisible()
    assert page.nothing_title.text() == "Nothing to review yet"
    with qtbot.waitSignal(page.run_wanted):
        page.go.click()
    for key in (KEY.Key_Space, KEY.Key_Left, KEY.Key_End):
        qtbot.keyClick(page, key)
    assert not page.player.playing


def test_a_set_that_is_too_short_is_named_so(qtbot, drifting):
    record = replace(
        drifting[0], last_s=drifting[0].first_s + 1.2, kind=SetKind.NOTHING, steps=(), holds=(), moments=()
    )
    page = ReviewPage(Theme(LIGHT))
    qtbot.addWidget(page)
    page.show_record(record)
    assert page.record is None
    assert page.nothing_title.text() == "Too short to review"
    assert "1.2 s" in page.nothing_detail.text()


# ---- keys ---------------------------------------------------------------------------------------------------------


def test_it_begins_at_the_worst_moment(page, drifting):
    worst = drifting[0].moments_of(Best.WORST)[0]
    assert page.player.t_s == worst.t_s
    assert shown_s(page) == pytest.approx(worst.t_s)
    assert page.here.text.startswith(f"Step {drifting[0].step_at(worst.t_s).number}  ·  Hips too far forward")


def test_keys_go_by_frames_steps_tenths_and_to_the_ends(qtbot, page, drifting):
    record = drifting[0]
    focus = page.focusWidget() or page.timeline
    qtbot.keyClick(focus, KEY.Key_Home)
    assert shown_s(page) == record.first_s
    qtbot.keyClick(focus, KEY.Key_Right)
    after = shown_s(page)
    assert after == record.next_s(record.first_s)
    qtbot.keyClick(focus, KEY.Key_Left)
    assert shown_s(page) == record.first_s
    for number in (1, 2):
        qtbot.keyClick(focus, KEY.Key_PageDown)
        assert page.player.t_s == pytest.approx(record.steps[number - 1].step.t_s)
    qtbot.keyClick(focus, KEY.Key_PageUp)
    assert page.player.t_s == pytest.approx(record.steps[0].step.t_s)
    before_s = page.player.t_s
    qtbot.keyClick(focus, KEY.Key_PageDown, Qt.KeyboardModifier.ShiftModifier)
    assert page.player.t_s - before_s == pytest.approx(0.1 * record.duration_s)
    qtbot.keyClick(focus, KEY.Key_End)
    assert page.player.t_s == record.last_s


def test_up_and_down_change_the_speed(qtbot, page):
    for key, speed in ((KEY.Key_Down, 0.5), (KEY.Key_Down, 0.25), (KEY.Key_Down, 0.125), (KEY.Key_Down, 0.125)):
        qtbot.keyClick(page.timeline, key)
        assert page.player.speed == speed
        assert page.transport.speeds[speed].isChecked()
    qtbot.keyClick(page.timeline, KEY.Key_Up)
    assert page.player.speed == 0.25


def test_space_plays_and_any_scrub_stops(qtbot, page):
    qtbot.keyClick(page.timeline, KEY.Key_Space)
    assert page.player.playing
    assert page.transport.play.accessibleName() == "Pause"
    qtbot.keyClick(page.timeline, KEY.Key_Left)
    assert not page.player.playing
    assert page.transport.play.accessibleName() == "Play"


def test_the_scrubbing_keys_work_whatever_has_the_focus(qtbot, page, drifting):
    buttons = [button for button in page.findChildren(QAbstractButton) if button.isVisible()]
    assert page.transport.play in buttons
    for button in buttons:
        page.scrub(drifting[0].first_s + 10.0)
        before_s = page.player.t_s
        qtbot.keyClick(button, KEY.Key_Right)
        assert page.player.t_s > before_s, button.accessibleName()


def test_nothing_plays_where_nobody_looks(qtbot, page):
    page.player.play()
    page.hide()
    assert not page.player.playing


def test_playing_follows_the_clock_at_its_speed_and_ends_at_the_end(qtbot):
    now = [100.0]
    player = Player(clock=lambda: now[0])
    player.load(5.0, 9.0, 5.0)
    player.play()
    now[0] += 1.0
    player.tick()
    assert player.t_s == 6.0
    player.set_speed(0.125)
    now[0] += 8.0
    player.tick()
    assert player.t_s == 7.0
    now[0] += 100.0
    player.tick()
    assert player.t_s == 9.0
    assert not player.playing
    player.play()
    assert player.t_s == 5.0
    player.pause()


# ---- moments and cues ---------------------------------------------------------------------------------------------


def test_a_click_on_a_moment_goes_there(qtbot, page, drifting):
    button = page.moments.buttons[1]
    page.scrub(drifting[0].first_s)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown_s(page) == pytest.approx(button.moment.t_s)


def test_a_cue_clicked_in_the_timeline_opens_with_its_evidence(qtbot, page, drifting):
    record = drifting[0]
    number = next(k for k, mark in enumerate(record.cues) if mark.cue.because)
    mark = record.cues[number]
    where = QPoint(round(page.timeline.x_of(mark.cue.t_s)), 12)
    qtbot.mouseClick(page.timeline, Qt.MouseButton.LeftButton, pos=where)
    assert page.player.t_s == mark.cue.t_s
    assert page.said.buttons[number].isChecked()
    assert page.said.opened.chart is not None
    assert page.said.opened.isVisible()
    qtbot.mouseClick(page.said.buttons[number], Qt.MouseButton.LeftButton)
    assert page.said.opened is None
    assert not page.said.buttons[number].isChecked()
    page.said.buttons[0].click()
    assert page.said.opened is not None


# ---- timeline -----------------------------------------------------------------------------------------------------


def test_places_and_instants_are_each_others_inverse(qtbot, drifting):
    timeline = Timeline(Theme(DARK))
    qtbot.addWidget(timeline)
    timeline.resize(800, 120)
    timeline.show_record(drifting[0])
    for t_s in np.linspace(drifting[0].first_s, drifting[0].last_s, 7).tolist():
        assert timeline.time_at(timeline.x_of(t_s)) == pytest.approx(t_s)
    assert timeline.time_at(-50.0) == drifting[0].first_s
    assert timeline.time_at(5000.0) == drifting[0].last_s


def test_dragging_scrubs(qtbot, page):
    timeline = page.timeline
    lane_y = timeline.height() / 2
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=QPoint(round(timeline.x_of(8.0)), round(lane_y)))
    assert page.player.t_s == pytest.approx(8.0, abs=0.05)
    where, held = QPointF(timeline.x_of(12.0), lane_y), Qt.MouseButton.LeftButton
    global_pos = timeline.mapToGlobal(where)
    for button, at_s in ((held, 12.0), (Qt.MouseButton.NoButton, 12.0)):
        drag = QMouseEvent(QEvent.Type.MouseMove, where, global_pos, button, button, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(timeline, drag)
        assert page.player.t_s == pytest.approx(at_s)
        where = QPointF(timeline.x_of(16.0), lane_y)
    assert shown_s(page) == pytest.approx(12.0, abs=0.02)


def test_zoom_keeps_the_instant_under_the_pointer_and_the_mark_in_sight(qtbot, page, drifting):
    timeline, record = page.timeline, drifting[0]
    x = timeline.x_of(12.0)
    timeline.zoom(0.5, 12.0)
    assert timeline.x_of(12.0) == pytest.approx(x)
    start_s, end_s = timeline.shown_s
    assert end_s - start_s == pytest.approx(record.duration_s / 2.0)
    page.scrub(record.last_s)
    assert timeline.shown_s[0] <= record.last_s <= timeline.shown_s[1] + 1e-9
    for _ in range(9):
        timeline.zoom(2.0)
    assert timeline.shown_s == (record.first_s, record.last_s)


def test_blocks_are_the_steps_in_a_row_with_one_verdict(drifting):
    record = drifting[0]
    blocks = blocks_of(record)
    assert [block.about for block in blocks] == ["pelvis_drift"]
    judged = [mark for mark in record.steps if mark.verdict == "pelvis_drift"]
    assert blocks[0].start_s == judged[0].step.t_s
    assert blocks[0].end_s == judged[-1].end_s
    assert (blocks[0].words, blocks[0].tone) == ("Hips too far forward", Tone.OFF)


def test_the_timeline_says_where_we_are(page, drifting):
    worst = drifting[0].moments[0]
    said = page.timeline.accessibleDescription()
    assert fine_clock(worst.t_s - drifting[0].first_s) in said
    assert "Hips too far forward" in said


def test_the_drill_for_it_is_one_click_away(qtbot, page):
    with qtbot.waitSignal(page.practise) as emitted:
        page.next.button.click()
    assert emitted.args == [DrillId.START_LINE]


# ---- looks --------------------------------------------------------------------------------------------------------


def test_a_small_picture_holds_the_whole_body(drifting):
    record = drifting[0]
    for size in (QSize(90, 115), QSize(160, 120)):
        pose = record.picture_of(record.moments[0]).pose
        transform = body_transform(pose, size)
        seen = pose.xy_px[np.isfinite(pose.xy_px).all(axis=1)]
        for x_px, y_px in seen.tolist():
            at = transform.point(x_px, y_px)
            assert 0.0 <= at.x() <= size.width()
            assert 0.0 <= at.y() <= size.height()


@pytest.mark.parametrize(("size", "scale"), [((820, 576), 1.0), ((1160, 776), 1.0), ((1770, 1050), 1.25)])
@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_it_fits_and_nothing_lies_outside(qtbot, fonts, drifting, size, scale, palette):
    theme = Theme(palette, scale)
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setStyleSheet(style_sheet(theme))
    page = ReviewPage(theme)
    window.setCentralWidget(page)
    window.resize(*size)
    window.show()
    page.show_record(*drifting)
    page.show_cue(1)
    for _ in range(3):  # layouts within layouts settle one after the other
        QApplication.processEvents()
    assert page.minimumSizeHint().width() <= size[0]
    assert page.minimumSizeHint().height() <= size[1]
    assert page.scroller.widget().width() == page.scroller.viewport().width()
    for part in (page.video, page.transport, page.here, page.timeline, page.scroller):
        assert page.rect().contains(part.geometry())
    for button in page.moments.buttons:
        assert page.moments.rect().contains(button.geometry())
    assert not page.grab().isNull()


def test_every_control_has_a_name_and_can_be_hit(page):
    for button in page.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName(), button
            assert button.height() >= 32
    assert page.timeline.accessibleName()


def test_a_tooltip_tells_the_cue_and_the_step(page, drifting):
    record = drifting[0]
    cue = record.cues[1].cue
    words = page.timeline._words_at(QPointF(page.timeline.x_of(cue.t_s), 10.0))
    assert words == cue.spoken
    words = page.timeline._words_at(QPointF(page.timeline.x_of(12.0), page.timeline.height() / 2))
    assert words.startswith("0:12")
    assert "Hips too far forward" in words


def test_the_timeline_holds_no_set_that_it_does_not_show(page, good):
    timeline = page.timeline
    timeline.grab()
    assert any(held is page.record for held in timeline._kept[0])
    timeline.show_record(good[0])
    assert timeline._kept is None  # though nobody has looked at it since
    timeline.grab()
    assert any(held is good[0] for held in timeline._kept[0])


def test_another_set_replaces_the_first(page, good):
    page.show_record(*good)
    assert page.next.title.text() == "Nothing to change"
    assert [button.moment.best for button in page.moments.buttons] == [Best.BEST] * 3
    assert not page.next.button.isVisible()
    page.show_record(None)
    assert page.record is None
    assert math.isnan(page.timeline.x_of(1.0))
