"""The window of the bench: the app's own, without a screen, in this process, with everything in it timed.

Imports Qt: only for who runs it. The platform must have been chosen before (`cli/bench`).
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QSettings,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from app.cli.bench_watch import replaced
from app.session import Session
from app.store.json_values import number
from app.ui import video_view
from app.ui.audio import CueAudio, sound_for
from app.ui.choice import Choice, SourceKind
from app.ui.language import install_language
from app.ui.live_session import LiveSession, Pulled
from app.ui.main_window import MainWindow
from app.ui.outfit import Outfit
from app.ui.overlay import paint_overlay
from app.ui.screens import Screen
from app.ui.theme import ThemeChoice
from app.ui.video_view import VideoView
from app.ui.wishes import change_layout
from app.validation.bench_clip import HEIGHT_CM
from app.validation.bench_marks import (
    LiveMarks,
    Span,
    percentiles,
    rate_hz,
    sound_delays,
    stage_figures,
    stall_figures,
    within,
)
from app.validation.bench_parts import LOADING_S, WARM_UP_S, Bench, beside_bare, coach_of_bench, fault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from PySide6.QtCore import QMessageLogContext

    from app.session import Analysis
    from app.session.judging import Others, Records

#: The heart beats so often; what it is late, the window could not have answered a key.
BEAT_MS = 5
#: The director looks so often whether it is time for the next thing.
LOOK_MS = 20
#: A round of the show: most of it the run screen, the rest a tour of the other screens, themes and layouts.
ROUND_S, STEADY_SHARE = 60.0, 2 / 3
#: After a change of screen it is not the steady run yet, s.
SETTLE_S = 0.5
WINDOW_PX = (1280, 800)
#: What the platform without a screen says of itself; no fault of the window.
PLATFORMS_OWN = ("propagateSizeHints",)
MOST_WARNINGS_TOLD = 20

Doing = tuple[float, str, "Callable[[], object]"]


class Extras(Protocol):
    """What a session of the app's window has besides source, estimator and coach."""

    def others(self) -> Others | None:
        """Return what counts other people for the set-up screen."""

    def records(self, choice: Choice, data_folder: Path) -> Records | None:
        """Return what records the session."""


def window_part(bench: Bench, extras: Extras | None = None) -> dict[str, Any]:
    """Return rates, latencies, stalls and Qt's warnings of a live run in the window.

    Args:
        bench: what all parts work with.
        extras: of the session, as in the app; None: it has none.
    """
    with beside_bare(bench) as beside, QtWarnings() as warnings, TemporaryDirectory() as folder:
        show = Show(bench, Path(folder), extras)
        show.run()
        beside.fps = rate_hz(show.marks.frames.column("ready_s"), show.steady)
    return {**beside.figures(), **show.figures(), "qt_warnings": warnings.figures()}


class Show:
    """One life of the window: opened, run, led through its screens, closed."""

    def __init__(self, bench: Bench, folder: Path, extras: Extras | None) -> None:
        self._bench, self._folder, self._extras = bench, folder, extras
        self.marks = LiveMarks(sounds_of)
        self.steady: list[Span] = []
        self.tour: list[Span] = []
        self.done: list[tuple[float, str]] = []
        self._shown_s = self._first_s = self._ended_s = self._close_ms = float("nan")
        self._session: Session | None = None
        self._errors: list[BaseException] = []

    def run(self) -> None:
        """Run from opening to closing. Raises what failed in a slot or in the session."""
        application = _application()
        self._loop = QEventLoop()
        with ExitStack() as stack:
            stack.enter_context(timed(self.marks))
            stack.enter_context(_errors_to(self._failed))
            window = self._open(application)
            beats, director = QTimer(), QTimer()
            beats.setTimerType(Qt.TimerType.PreciseTimer)
            beats.timeout.connect(lambda: self.marks.beats.add(time.perf_counter()))
            self._script: list[Doing] | None = None
            director.timeout.connect(partial(self._direct, window))
            try:
                self._shown_s = time.perf_counter()
                beats.start(BEAT_MS)
                director.start(LOOK_MS)
                window.show()
                window.outfit.begin()
                window.start()
                self._loop.exec()
                self._ended_s = time.perf_counter()
            finally:
                beats.stop()
                director.stop()
                closing_s = time.perf_counter()
                window.close()
                self._close_ms = (time.perf_counter() - closing_s) * 1e3
                window.deleteLater()
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if self._errors:
            raise self._errors[0]

    def figures(self) -> dict[str, Any]:
        """Return what came out, the rates beside the bare loop apart."""
        marks, beats_s = self.marks, self.marks.beats.column("at_s")
        delays = sound_delays(marks.decided, marks.played)
        start = [(self._shown_s, self._first_s + WARM_UP_S)]
        live = [(self._first_s + WARM_UP_S, self._ended_s)]
        stages = stage_figures(marks, self.steady, self._bench.network)
        pose, painted = stages["pose"]["p50"], stages.get("captured_to_painted", {}).get("p95")
        beyond = number(painted - pose, 2) if pose is not None and painted is not None else None
        stalls = {
            name: stall_figures(beats_s, BEAT_MS / 1e3, spans, self.done)
            for name, spans in {"all": live, "steady": self.steady, "tour": self.tour, "start": start}.items()
        }
        return {
            "seconds": number(live[0][1] - live[0][0], 1),
            "painted_fps": number(rate_hz(marks.painted.column("at_s"), self.steady), 2),
            "stages_ms": stages,
            "painted_beyond_pose_ms": beyond,
            "sound_ms": percentiles(1e3 * delays[within(delays[:, 0], self.steady), 1]),
            "sound_in_all_ms": percentiles(1e3 * delays[:, 1]),
            "sounds_unheard": len(marks.decided) - len(delays),
            "stalls": stalls,
            "changes": len(self.done),
            "close_ms": number(self._close_ms, 1),
        }

    def _open(self, application: QCoreApplication) -> MainWindow:
        settings = QSettings(str(self._folder / "bench.ini"), QSettings.Format.IniFormat)
        install_language(application, "en")
        clip = self._bench.clip
        choice = Choice(SourceKind.VIRTUAL, size_px=clip.size_px, fps=clip.fps, height_cm=HEIGHT_CM)
        audio = CueAudio(ListeningPort(self.marks), None, time.monotonic)
        window = MainWindow(
            self._make, choice, settings=settings, audio=audio, autostart=False, outfit=Outfit(self._folder)
        )
        window.resize(*WINDOW_PX)
        window.use_theme(ThemeChoice.DARK)
        return window

    def _make(self, choice: Choice) -> Session:
        bench, extras = self._bench, self._extras
        self._session = Session(
            bench.clip.camera(),
            bench.make_live,
            coach_of_bench(),
            (self.marks, bench.memory),
            others=None if extras is None else extras.others(),
            records=None if extras is None else extras.records(choice, self._folder),
        )
        return self._session

    def _failed(self, error: BaseException) -> None:
        self._errors.append(error)
        self._loop.quit()

    def _direct(self, window: MainWindow) -> None:
        """Do what is due."""
        now_s = time.perf_counter()
        if self._session is not None and (fault := fault_of(self._session)) is not None:
            raise fault
        if window.host.error:
            raise RuntimeError(window.host.error)
        if self._script is None:
            if self.marks.first.is_set():
                self._first_s = now_s
                self._write_script(window, now_s + WARM_UP_S)
            elif now_s - self._shown_s > LOADING_S:
                raise RuntimeError(f"no frame was coached within {LOADING_S:.0f} s")
            return
        if not window.is_running:
            raise RuntimeError(f"the window ended the session by itself, after {self.done[-1:]}")
        if self._script and now_s >= self._script[0][0]:
            _, what, do = self._script.pop(0)
            self.done.append((now_s, what))
            do()
        if not self._script and now_s >= self.steady[-1][1]:
            self._loop.quit()

    def _write_script(self, window: MainWindow, from_s: float) -> None:
        self._script, self.steady, self.tour = script(tour_of(window), from_s, self._bench.lengths.live_s)


def script(
    stops: Sequence[tuple[str, Callable[[], object]]], from_s: float, seconds: float
) -> tuple[list[Doing], list[Span], list[Span]]:
    """Return what is done when, and the spans of steady running and of the tour: rounds of the same kind.

    Every round is steady first, goes through all ``stops`` and comes to rest again in the end.
    """
    rounds = max(1, round(seconds / ROUND_S))
    length_s = seconds / rounds
    doings: list[Doing] = []
    steady, tour = [], []
    for k in range(rounds):
        start_s = from_s + k * length_s
        tour_s, end_s = start_s + STEADY_SHARE * length_s, start_s + length_s
        rest_s = min(SETTLE_S, 0.1 * length_s)
        apart_s = (end_s - rest_s - tour_s) / len(stops)
        doings += [(tour_s + n * apart_s, what, do) for n, (what, do) in enumerate(stops)]
        steady.append((start_s, tour_s))
        tour.append((tour_s, end_s))
    return doings, steady, [*tour[:-1], (tour[-1][0], from_s + seconds)]


def tour_of(window: MainWindow) -> list[tuple[str, Callable[[], object]]]:
    """Return the stops of the tour: every screen there is, both layouts and themes, mirrored; it ends as it began."""
    there = [screen for screen in Screen if screen.live or screen in window.page_of]
    screens = [(f"screen {screen}", partial(window.go_to, screen)) for screen in there if screen is not Screen.RUN]
    run = ("screen run", partial(window.go_to, Screen.RUN))
    dark, light = (
        (f"theme {theme}", partial(window.use_theme, theme)) for theme in (ThemeChoice.DARK, ThemeChoice.LIGHT)
    )
    layout = ("other layout", partial(change_layout, window))
    mirror = ("mirror", window.bar.mirror.toggle)
    half = len(screens) // 2
    return [light, mirror, *screens[:half], run, layout, dark, mirror, *screens[half:], run, layout]


def sounds_of(analysis: Analysis) -> tuple[str, ...]:
    """Return the sounds that are due now that this analysis is there."""
    report = analysis.report
    cue = () if report.cue is None else (sound_for(report.cue),)
    return (*cue, "bump") if report.roof_hit else cue


class ListeningPort:
    """A sound card that only writes down what it is asked to play and when."""

    def __init__(self, marks: LiveMarks) -> None:
        self._marks = marks

    def play(self, sound: str) -> None:
        """Note the sound."""
        self._marks.played.append((time.perf_counter(), sound))

    def close(self) -> None:
        """Hold nothing."""


@dataclass
class QtWarnings:
    """Counts what Qt warns of while it is entered."""

    count: int = 0
    texts: list[str] = field(default_factory=list)

    def __enter__(self) -> QtWarnings:
        self._before = qInstallMessageHandler(self._take)
        return self

    def __exit__(self, *_: object) -> None:
        qInstallMessageHandler(self._before)

    def figures(self) -> dict[str, Any]:
        """Return how many there were, and the first ones."""
        return {"count": self.count, "texts": self.texts}

    def _take(self, kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
        if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) or any(own in (text or "") for own in PLATFORMS_OWN):
            return
        self.count += 1
        if len(self.texts) < MOST_WARNINGS_TOLD and text not in self.texts:
            self.texts.append(text or "")


@contextmanager
def timed(marks: LiveMarks) -> Iterator[None]:
    """Have every window made inside write down when it takes, draws over and paints an analysis."""
    paint, pull = VideoView.paintEvent, LiveSession.pull

    def timed_overlay(*args: Any, **named: Any) -> None:
        began_s = time.perf_counter()
        paint_overlay(*args, **named)
        ended_s = time.perf_counter()
        marks.overlay.add(ended_s, (ended_s - began_s) * 1e3)

    def timed_paint(view: VideoView, event: Any) -> None:
        began_s = time.perf_counter()
        paint(view, event)
        ended_s = time.perf_counter()
        if view.analysis is not None:
            marks.painted.add(view.analysis.frame.index, ended_s, (ended_s - began_s) * 1e3)

    def timed_pull(lively: LiveSession) -> Pulled:
        pulled = pull(lively)
        if pulled.analysis is not None:
            marks.taken.add(pulled.analysis.frame.index, time.perf_counter())
        return pulled

    with ExitStack() as stack:
        for place, name, ours in (
            (video_view, "paint_overlay", timed_overlay),
            (VideoView, "paintEvent", timed_paint),
            (LiveSession, "pull", timed_pull),
        ):
            stack.enter_context(replaced(place, name, ours))
        yield


def _application() -> QCoreApplication:
    application = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(application, QApplication):
        application.setStyle("Fusion")
    return application


@contextmanager
def _errors_to(failed: Callable[[BaseException], None]) -> Iterator[None]:
    """Pass on what leaves a slot (Ctrl-C too), which Qt would only print."""

    def take(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        failed(error)

    before, sys.excepthook = sys.excepthook, take
    try:
        yield
    finally:
        sys.excepthook = before
