"""A session that does as it is told, and reports to show."""

from __future__ import annotations

import dataclasses
import math
import threading

import numpy as np
import pytest

from app.coach.model import CoachModel
from app.coach.report import (
    Activity,
    CoachReport,
    Cue,
    FaultId,
    FormSample,
    StandingStatus,
    Step,
    TrunkLine,
    Tunnel,
)
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Frame, Landmark, RunnerProfile, ViewKind
from app.session import Analysis, Phase, SessionStatus

NAN = math.nan
SIZE_PX = (640, 360)


def make_pose(t_s: float = 0.0, visibility: float = 1.0) -> BodyPose:
    """A body leaning to the right: ear (330, 80), hip (300, 190), rear toe (240, 330)."""
    xy_px = np.full((LANDMARK_COUNT, 2), np.nan)
    for mark, point in {
        Landmark.LEFT_EAR: (330, 80),
        Landmark.RIGHT_EAR: (330, 80),
        Landmark.LEFT_SHOULDER: (318, 115),
        Landmark.RIGHT_SHOULDER: (322, 115),
        Landmark.LEFT_HIP: (298, 190),
        Landmark.RIGHT_HIP: (302, 190),
        Landmark.LEFT_KNEE: (330, 250),
        Landmark.RIGHT_KNEE: (275, 255),
        Landmark.LEFT_ANKLE: (325, 315),
        Landmark.RIGHT_ANKLE: (235, 315),
        Landmark.LEFT_HEEL: (318, 325),
        Landmark.RIGHT_HEEL: (228, 320),
        Landmark.LEFT_TOE: (350, 330),
        Landmark.RIGHT_TOE: (240, 330),
    }.items():
        xy_px[mark] = point
    return BodyPose(t_s, xy_px, np.full(LANDMARK_COUNT, visibility), SIZE_PX)


def make_line(offset_bh: float = 0.0, judged: bool = True) -> TrunkLine:
    return TrunkLine(
        ear_px=np.array([330.0, 80.0]),
        foot_px=np.array([240.0, 330.0]),
        hip_px=np.array([300.0 + 700.0 * offset_bh, 190.0]),
        hip_offset_bh=offset_bh,
        shoulder_offset_bh=0.0,
        angle_deg=20.0,
        judged=judged,
        good=abs(offset_bh) < 0.02,
    )


def make_tunnel(clearance_bh: float = 0.02, hits: int = 2, steps: int = 40) -> Tunnel:
    return Tunnel(
        standing_y_px=50.0, goal_y_px=60.0, roof_y_px=70.0, head_y_px=70.0 + 270 * clearance_bh,
        roof_below_standing_bh=0.028, roof_below_standing_cm=5.0, clearance_bh=clearance_bh,
        steps=steps, hits=hits, hits_of_last_8=min(hits, 8), clean_run=12, longest_clean_run=31, personal=True,
    )  # fmt: skip


def make_cue(**changes: object) -> Cue:
    cue = Cue(
        id="tunnel", spoken="Duck under the roof", shown="DUCK UNDER THE ROOF", t_s=1.0, expires_s=3.0,
        priority=10, because=FaultId.STANDING_UP.value,
    )  # fmt: skip
    return dataclasses.replace(cue, **changes)


def make_step(t_s: float = 1.0, hit: bool = False) -> Step:
    return Step(t_s, t_s + 0.1, NAN, NAN, "near", 0.03, 0.06, 11.0, 35.0, 30.0, 8.0, 0.0, 20.0, 0.2, 0.03, 0.34, hit)


def make_report(t_s: float = 1.0, **changes: object) -> CoachReport:
    report = CoachReport(
        t_s=t_s, activity=Activity.RUNNING, facing=Facing.RIGHT, view=ViewKind.SIDE, yaw_deg=0.0,
        sample=FormSample(t_s, 11.0, 35.0, 30.0, 0.03, 5.3), line=make_line(), tunnel=make_tunnel(),
        standing=StandingStatus("recorded", False, 1.0, ""), step=None, hold=None, faults=(), cue=None,
        verdict="good", not_judged_because="", cadence_spm=172.0,
    )  # fmt: skip
    return dataclasses.replace(report, **changes)


def make_analysis(t_s: float = 1.0, image: bool = True, visibility: float = 1.0, **changes: object) -> Analysis:
    image_bgr = np.full((SIZE_PX[1], SIZE_PX[0], 3), 90, np.uint8) if image else None
    return Analysis(Frame(round(t_s * 60), t_s, image_bgr), make_pose(t_s, visibility), make_report(t_s, **changes), {})


class FakeSession:
    """Same shape as `app.session.Session`; what it answers is set by the test."""

    def __init__(self, choice: object = None) -> None:
        self.choice = choice
        self.phase = Phase.STOPPED
        self.error, self.error_is_ours, self.notice = "", False, ""
        self.analyses: list[Analysis] = []
        self.waiting: list[object] = []
        self.calibrations = self.started = self.marks = 0
        self.may_stop = threading.Event()
        self.may_stop.set()
        self.stopped_in: list[str] = []
        self.observers: list[object] = []
        self.tasks: list[object] = []
        self.asked: list[object] = []
        self.pictures: tuple[object, ...] = ()
        self.log: tuple[object, ...] = ()
        self.records = None

    def start(self) -> None:
        self.started += 1
        self.phase = Phase.RUNNING

    def stop(self, timeout_s: float = 5.0) -> bool:
        self.may_stop.wait(timeout_s)
        self.stopped_in.append(threading.current_thread().name)
        self.phase = Phase.STOPPED
        return True

    def latest(self) -> Analysis | None:
        newest, self.analyses = (self.analyses or [None])[-1], []
        return newest

    def events(self) -> list[object]:
        waiting, self.waiting = self.waiting, []
        return waiting

    def mark(self) -> None:
        self.marks += 1

    def calibrate(self) -> None:
        self.calibrations += 1

    def observe(self, observer: object) -> None:
        self.observers.append(observer)

    def turn_to(self, make: object) -> None:
        self.tasks.append(make(CoachModel()))

    def ask(self, request: object) -> None:
        self.asked.append(request)

    def ask_guide(self, request: object) -> None:
        self.asked.append(request)

    def exchange_sides(self) -> None:
        self.asked.append("sides")

    def restart_exam(self) -> None:
        self.asked.append("exam")

    def exam_pictures(self) -> tuple[object, ...]:
        return self.pictures

    def drill_log(self) -> tuple[object, ...]:
        return self.log

    def summary(self) -> object:
        return CoachModel().summary()

    def coaches(self) -> tuple[object, ...]:
        return ()

    def status(self) -> SessionStatus:
        return SessionStatus(
            phase=self.phase, fps_in=59.6, fps_out=59.0, frames=100, dropped=3, age_ms_p50=4.0, age_ms_p95=9.0,
            latency_ms_p50=23.0, latency_ms_p95=41.0, stages_ms={}, error=self.error,
            error_is_ours=self.error_is_ours, notice=self.notice, expired_events=0,
        )  # fmt: skip


class Maker:
    """A session factory that remembers what it made, and in which thread."""

    def __init__(self) -> None:
        self.made: list[FakeSession] = []
        self.threads: list[str] = []
        self.fails: Exception | None = None
        self.may_make = threading.Event()
        self.may_make.set()

    def __call__(self, choice: object) -> FakeSession:
        self.threads.append(threading.current_thread().name)
        self.may_make.wait(5.0)
        if self.fails is not None:
            raise self.fails
        self.made.append(FakeSession(choice))
        return self.made[-1]


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
def builders():
    """The builders above, for test modules (which import nothing from one another)."""

    class Builders:
        analysis = staticmethod(make_analysis)
        report = staticmethod(make_report)
        pose = staticmethod(make_pose)
        line = staticmethod(make_line)
        tunnel = staticmethod(make_tunnel)
        cue = staticmethod(make_cue)
        step = staticmethod(make_step)
        session = FakeSession

    return Builders


@pytest.fixture
def settings(tmp_path):
    from PySide6.QtCore import QSettings

    return QSettings(str(tmp_path / "habits.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def prefs(settings):
    """Habits of somebody who has none yet."""
    from app.ui.prefs import Prefs

    return Prefs(settings)


@pytest.fixture
def put_up(qtbot):
    """Show a widget that is tested by itself: (widget, width, height) to the widget; it is closed after the test."""

    def put(widget, width_px: int, height_px: int):
        qtbot.addWidget(widget)
        widget.resize(width_px, height_px)
        widget.show()
        return widget

    return put


def virtual_set(act: str, seconds: float):
    """A set of the virtual runner by the real coach, without pictures, and what the coach came to."""
    from app.cli.build import oracle, virtual_source
    from app.session import Session
    from app.session.recall import Recall

    recall, coach = Recall(in_thread=False), CoachModel(profile=RunnerProfile(178.0))
    session = Session(virtual_source(act, seconds=seconds, render=False), oracle().make, coach, observers=(recall,))
    while session.step() is not None:
        pass
    return recall.snapshot(session.summary()), session.summary()


@pytest.fixture(scope="session")
def drifting():
    """A set whose pelvis drifts back."""
    return virtual_set("pelvis_drift", 18.0)


@pytest.fixture(scope="session")
def good():
    """A set without a fault."""
    return virtual_set("good", 12.0)


@pytest.fixture
def fonts(qapp):
    """Skip where the machine has no font at all: every measure of words is nonsense there."""
    from app.ui.fonts import fonts_problem

    if fonts_problem():
        pytest.skip(fonts_problem())


@pytest.fixture
def clipped():
    """What finds labels and buttons of a window that need more room than they have, or stick out of it.

    What lies in something that scrolls is a wheel away: its own test looks for clipping in there.
    """
    from PySide6.QtCore import QPoint, QRect
    from PySide6.QtWidgets import QAbstractButton, QLabel, QScrollArea, QWidget

    def scrolls(widget) -> bool:
        parent = widget.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        return parent is not None

    def find(window) -> list[str]:
        found, inside = [], QRect(QPoint(0, 0), window.size())
        for widget in window.findChildren(QWidget):
            if not widget.isVisible() or not isinstance(widget, QLabel | QAbstractButton) or scrolls(widget):
                continue
            hint = widget.sizeHint()
            if isinstance(widget, QLabel) and widget.wordWrap():
                fits = widget.heightForWidth(widget.width()) <= widget.height()
            else:
                fits = hint.width() <= widget.width() and hint.height() <= widget.height()
            place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
            if not fits or not inside.contains(place):
                found.append(f"{type(widget).__name__} {widget.text()!r} needs {hint}, has {place}")
        return found

    return find


@pytest.fixture
def make_window(qtbot, maker, settings):
    """Build a window on fake sessions; it is closed after the test."""
    from app.ui.choice import Choice, SourceKind
    from app.ui.main_window import MainWindow

    made = []  # pytest-qt keeps weak references only: a collected window would never be closed

    def make(choice: Choice | None = None, size: tuple[int, int] = (1280, 800), **more: object) -> MainWindow:
        chosen = choice if choice is not None else Choice(kind=SourceKind.VIRTUAL)
        window = MainWindow(maker, chosen, settings=settings, **more)
        qtbot.addWidget(window)
        window.resize(*size)
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()
