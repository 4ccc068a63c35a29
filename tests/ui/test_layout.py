"""From 1024 x 640 to 4K nothing overlaps, nothing is clipped, in every state."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget

from app.coach.report import Hold, StanceValues, StandingStatus
from app.session import Phase
from app.ui.choice import Choice, SourceKind
from app.ui.main_window import MainWindow
from app.ui.prefs import Prefs
from app.ui.screens import SceneDetail, Screen
from app.ui.video_view import VideoView

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("fonts")]
SIZES = [(1024, 640), (1100, 900), (1280, 800), (1920, 1080), (2560, 1080), (2560, 1440), (3840, 2160)]


def visible_children(parent: QWidget) -> list[QWidget]:
    children = [child for child in parent.children() if isinstance(child, QWidget)]
    return [child for child in children if child.isVisible() and not child.isWindow()]


def overlaps(parent: QWidget) -> list[str]:
    """Pairs of visible siblings that share pixels, at any depth. Over the video lies what is meant to."""
    found = []
    children = visible_children(parent)
    if not isinstance(parent, VideoView):
        for a, b in itertools.combinations(children, 2):
            if isinstance(a, QScrollBar) or isinstance(b, QScrollBar):
                continue  # a panel's thin bar lies over its edge
            if a.geometry().intersects(b.geometry()):
                found.append(f"{type(a).__name__} {a.geometry()} over {type(b).__name__} {b.geometry()}")
    for child in children:
        found += overlaps(child)
    return found


STATES = ("running", "stance", "calibrating", "stopped", "faulted")


def enter(window: MainWindow, state: str, builders) -> None:
    """Bring the window into a state, with the widest numbers there are."""
    changes: dict[str, object] = {"cadence_spm": 188.0, "tunnel": builders.tunnel(hits=188, steps=1888)}
    if state == "calibrating":
        changes["standing"] = StandingStatus("none", True, 0.4, "Feet together, arms down, look ahead")
    if state == "stance":
        values = StanceValues(12.0, 12.0, -0.4, 46.0, 17.0, 11.0, 8.0, 1.9, 0.64, 30.0)
        changes["hold"] = Hold(4.0, 29.0, "good", values)
    session = window.host.session
    for index in range(4):
        session.analyses = [builders.analysis(1.0 + STATES.index(state) + index / 30, **changes)]
        window.refresh()
    if state == "stopped":
        session.phase = Phase.STOPPED
    if state == "faulted":
        session.phase = Phase.FAULTED
        session.error = "Camera 0 does not answer: close other programs that use it, or choose another one."
    window.draw_plots()
    window.write_numbers()
    QApplication.processEvents()  # layouts settle


@pytest.mark.parametrize(
    ("size", "layout"),
    [*((size, SceneDetail.COACH) for size in SIZES), *((size, SceneDetail.RUNNER) for size in SIZES[::3])],
    ids=lambda value: value if isinstance(value, SceneDetail) else f"{value[0]}x{value[1]}",
)
def test_nothing_overlaps_and_nothing_is_clipped(make_window, qtbot, builders, settings, size, layout, clipped) -> None:
    Prefs(settings).layout = layout
    window = make_window(size=size, notice="BlazePose full  ·  no sound: install libpulse0")
    qtbot.waitUntil(lambda: window.host.session is not None)
    for state in STATES:
        enter(window, state, builders)
        assert (window.width(), window.height()) == size
        assert overlaps(window.centralWidget()) == [], state
        assert clipped(window) == [], state
        assert window.live.right.isVisible() is (layout is SceneDetail.COACH)
        assert window.card.height() >= 0.12 * size[1]
        assert window.video.height() >= 0.4 * size[1]
    assert window.banner.isVisible()


@pytest.mark.parametrize("size", [(960, 500), *SIZES[::2]], ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_screen_fits(make_window, qtbot, builders, size, clipped) -> None:
    # A camera: the virtual runner would begin anew on each screen.
    window = make_window(Choice(kind=SourceKind.CAMERA), size=size)
    qtbot.waitUntil(lambda: window.host.session is not None)
    assert window.theme.scale > 1.0 or window.minimumSizeHint().width() <= 960
    for screen in Screen:
        window.go_to(screen)
        enter(window, "running", builders)
        assert overlaps(window.centralWidget()) == [], screen
        assert clipped(window) == [], screen


def test_the_smallest_size_is_small_enough(make_window) -> None:
    window = make_window()
    assert window.minimumSizeHint().width() <= 1024
    assert window.minimumSizeHint().height() <= 640
