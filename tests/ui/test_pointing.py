"""Clicks and drags on the picture, down to what the session is asked for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.ui.pointing import Pointing
from app.ui.theme import DARK, Theme, Tone
from app.ui.video_view import VideoView


class Asked:
    """A session that notes what it is asked for."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self.boxes: list[object] = []

    def choose(self, point_px: tuple[float, float]) -> None:
        self.points.append(point_px)

    def paint_out(self, box: object) -> None:
        self.boxes.append(box)

    def exchange_sides(self) -> None:
        self.exchanged = True


@pytest.fixture
def shown(qtbot, builders):
    """A picture of 640 x 360 px in a widget of 1280 x 720, the session behind it, and what points."""
    video = VideoView(Theme(DARK))
    qtbot.addWidget(video)
    video.resize(1280, 720)
    video.show_analysis(builders.analysis(), Tone.CALM)
    session = Asked()
    return video, session, Pointing(video, lambda: session)


def drag(video: VideoView, start: tuple[int, int], end: tuple[int, int]) -> None:
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(video, left, pos=QPoint(*start))
    QTest.mouseMove(video, QPoint(*end))
    QTest.mouseRelease(video, left, pos=QPoint(*end))


def test_a_click_asks_for_the_person_there(shown) -> None:
    video, session, _ = shown

    QTest.mouseClick(video, Qt.MouseButton.LeftButton, pos=QPoint(600, 380))

    assert session.points == [pytest.approx((300, 190))]
    assert session.boxes == []


def test_in_the_mirror_a_click_means_the_person_who_is_seen_there(shown) -> None:
    video, session, _ = shown
    video.mirrored = True

    QTest.mouseClick(video, Qt.MouseButton.LeftButton, pos=QPoint(600, 380))

    assert session.points == [pytest.approx((340, 190))]


@pytest.mark.parametrize(("start", "end"), [((200, 100), (400, 300)), ((400, 300), (200, 100))])
def test_a_dragged_box_is_hidden_whichever_way_it_was_dragged(shown, start, end) -> None:
    video, session, _ = shown

    drag(video, start, end)

    assert session.boxes == [(100, 50, 100, 100)]
    assert session.points == []


def test_a_box_ends_at_the_edge_of_the_picture(shown) -> None:
    video, session, _ = shown

    drag(video, (1200, 600), (1400, 900))

    assert session.boxes == [(600, 300, 40, 60)]


def test_the_right_button_takes_the_box_away(shown) -> None:
    video, session, _ = shown

    QTest.mouseClick(video, Qt.MouseButton.RightButton, pos=QPoint(10, 10))

    assert session.boxes == [None]


def test_without_a_session_nothing_is_asked_and_nothing_fails(qtbot, builders) -> None:
    video, looked_for = VideoView(Theme(DARK)), []
    qtbot.addWidget(video)
    pointing = Pointing(video, lambda: looked_for.append("session"))

    QTest.mouseClick(video, Qt.MouseButton.LeftButton)
    QTest.mouseClick(video, Qt.MouseButton.RightButton)
    video.show_analysis(builders.analysis(), Tone.CALM)
    QTest.mouseClick(video, Qt.MouseButton.LeftButton)
    pointing.exchange_sides()

    assert looked_for == ["session"] * 4


def test_a_click_beside_the_picture_means_nobody(shown) -> None:
    video, session, _ = shown
    video.resize(1280, 1000)  # bars above and below the picture

    QTest.mouseClick(video, Qt.MouseButton.LeftButton, pos=QPoint(600, 20))

    assert session.points == []


def test_left_and_right_are_exchanged_where_there_is_a_session(shown) -> None:
    _, session, pointing = shown

    pointing.exchange_sides()

    assert session.exchanged
