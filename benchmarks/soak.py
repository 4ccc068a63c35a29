"""An hour of virtual running through the whole live chain and the window: does anything grow, come late or get lost?

Camera (pictures drawn beforehand, in real time) -> pose network -> coach -> recorder -> window without a screen ->
sounds. A long set for half of the time, shorter ones before and after; the runner walks off at the end of each, and
every few minutes the window is led through all its screens, layouts and themes.

Targets: memory drift <= 50 MB, no more threads or open files, no late cue, no stall of a second, database intact.
Run from the checkout (Linux): python -m benchmarks.soak [--minutes 60] [--markdown FILE]; a short form is a test.
"""

from __future__ import annotations

import argparse
import gc
import os
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from app.cli import build
from app.cli.heap import use_one_heap
from app.coach.types import LANDMARK_COUNT, BodyPose
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.atomic import write_text
from app.store.history import History
from app.validation.bench_clip import HEIGHT_CM, RUNNING_FROM_S, STANDING_S, stride_s
from app.validation.bench_marks import sound_delays
from app.validation.bench_memory import resident_mb
from benchmarks.common import Row, finish, markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.capture.loop import Picture
    from app.coach.types import ImageArray
    from app.session import Analysis, Session

FPS, SIZE_PX = 30.0, (1280, 720)
#: What the runner does in turns, and for how long each, s.
ACTS = (Act.GOOD, Act.STANDING_UP, Act.GOOD, Act.PELVIS_DRIFT, Act.ANKLE_LEAN)
ACT_S, STAND_S, GONE_S = 45.0, 4.0, 12.0
BEAT_MS, LOOK_MS = 20, 50
#: Caches, fonts and the ring of pictures are full after this share of the time.
SETTLED = 1 / 6
#: A sound that starts this long after the decision is late: less than a step at 180 spm, s.
LATE_S = 0.25


@dataclass(frozen=True, eq=False)
class Pictures:
    """What was drawn: the runner standing, one stride of every act, and nobody; ``acts``: in which order."""

    acts: tuple[Act, ...]
    standing: Picture
    strides: dict[Act, tuple[Picture, ...]]
    nobody: Picture


def draw(size_px: tuple[int, int] = SIZE_PX, fps: float = FPS, acts: Sequence[Act] = ACTS) -> Pictures:
    """Draw one stride of every act."""
    strides: dict[Act, tuple[Picture, ...]] = {}
    for act in dict.fromkeys(acts):
        params = RunnerParams(act=act, height_cm=HEIGHT_CM, standing_s=STANDING_S, variation=0.0)
        scene = VirtualScene(params, Camera.framing(size_px, stature_m=params.height_m))
        period_s = stride_s(scene)
        count = round(period_s * fps)
        times_s = [RUNNING_FROM_S + period_s * k / count for k in range(count)]
        strides[act] = tuple((scene.image_at(t_s), replace(scene.landmarks_at(t_s), t_s=0.0)) for t_s in times_s)
        standing = (scene.image_at(STANDING_S / 2), replace(scene.landmarks_at(STANDING_S / 2), t_s=0.0))
    room = scene._stage_at(0.0)._room.picture(0.0)  # noqa: SLF001 - the one picture without a runner
    missing = BodyPose(0.0, np.full((LANDMARK_COUNT, 2), np.nan), np.zeros(LANDMARK_COUNT), size_px)
    return Pictures(tuple(acts), standing, strides, (room, missing))


class Sets:
    """The scene of one set: stands, runs act after act, is gone after ``seconds``. Indexed by frame."""

    def __init__(self, pictures: Pictures, fps: float, seconds: float) -> None:
        self._pictures, self._fps, self._seconds = pictures, fps, seconds

    def picture(self, index: int) -> Picture:
        """Return what frame ``index`` shows."""
        t_s = index / self._fps
        if t_s < STAND_S:
            return self._pictures.standing
        if t_s >= self._seconds:
            return self._pictures.nobody
        acts = self._pictures.acts
        strides = self._pictures.strides[acts[int((t_s - STAND_S) // ACT_S) % len(acts)]]
        return strides[index % len(strides)]

    def image_at(self, t_s: float, index: int = 0) -> ImageArray:
        """Return the picture of a frame number, in memory of its own as a camera's is."""
        return self.picture(index)[0].copy()

    def landmarks_at(self, t_s: float) -> BodyPose:
        """Return the landmarks of a scene time."""
        return self.picture(round(t_s * self._fps))[1]


@dataclass(frozen=True)
class Plan:
    """How long everything takes, s.

    Attributes:
        sets: of the runner, each ending with `GONE_S` of nobody in the picture; the last is cut off by the end.
        tour_every: from one tour of the window to the next. stop: of the tour. sample_every: of memory and handles.
        gone: how long nobody is there at the end of a set. enough_steps: ends early after so many; 0: never.
    """

    sets: tuple[float, ...]
    tour_every: float
    stop: float
    sample_every: float
    gone: float = GONE_S
    enough_steps: int = 0

    @property
    def seconds(self) -> float:
        """In all."""
        return sum(self.sets)


def long_plan(seconds: float) -> Plan:
    """Return a short set, in which everything happens once, then one for half of the time, then five short ones."""
    return Plan((seconds / 12, seconds / 2, *[seconds / 12] * 5), max(60.0, seconds / 15), 1.5, max(1.0, seconds / 720))


@dataclass
class Watch:
    """What was seen while it ran."""

    at_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    frames: int = 0
    steps: int = 0
    dropped: int = 0
    expired: int = 0
    decided: list[tuple[float, str]] = field(default_factory=list)
    played: list[tuple[float, str]] = field(default_factory=list)
    longest_stall_ms: float = 0.0
    stalls: int = 0
    warnings: int = 0
    sets: int = 0
    close_ms: float = float("nan")
    said: Counter[str] = field(default_factory=Counter)

    def sample(self, at_s: float) -> None:
        """Take a sample of this process."""
        self.at_s.append(at_s)
        self.memory_mb.append(resident_mb())
        self.threads.append(len(list(Path("/proc/self/task").iterdir())))
        self.files.append(len(list(Path("/proc/self/fd").iterdir())))

    def __call__(self, analysis: Analysis) -> None:
        """Observe an analysis, in the analysing thread."""
        from app.cli.bench_window import sounds_of

        self.frames += 1
        self.steps += analysis.report.step is not None
        self.decided.extend((time.perf_counter(), sound) for sound in sounds_of(analysis))
        if analysis.report.cue is not None:
            self.said[analysis.report.cue.id] += 1


class Soak:
    """The window's life: sets one after another, tours in between.

    Args:
        plan: what is done when. pictures, fps: of the camera. found_by: what finds poses. folder: for all that is kept.
    """

    def __init__(self, plan: Plan, pictures: Pictures, fps: float, found_by: build.Estimation, folder: Path) -> None:
        self._plan, self._pictures, self._fps = plan, pictures, fps
        self._found_by, self._folder = found_by, folder
        self.watch = Watch()
        self._begun = 0
        self._session: Session | None = None
        self._tour: list[Callable[[], object]] = []
        self._next_stop_s = self._next_tour_s = 0.0

    def run(self) -> None:
        """Run it all. Raises what failed in the window or in a session."""
        from PySide6.QtCore import QEventLoop, QTimer

        from app.cli.bench_window import QtWarnings, _application, _errors_to

        use_one_heap()  # as the command line does
        application = _application()
        loop, errors = QEventLoop(), []

        def failed(error: BaseException) -> None:
            errors.append(error)
            loop.quit()

        with QtWarnings() as warnings, _errors_to(failed):
            window = self._open(application)
            self._began_s = self._beat_s = time.perf_counter()
            self._next_tour_s, self._next_sample_s = self._plan.tour_every * 0.6, 0.0
            timers = [QTimer() for _ in range(2)]
            for timer, every_ms, slot in zip(timers, (BEAT_MS, LOOK_MS), (self._beat, self._direct), strict=True):
                timer.timeout.connect(lambda slot=slot: slot(window, loop))
                timer.start(every_ms)
            window.show()
            window.outfit.begin()
            window.start()
            loop.exec()
            for timer in timers:
                timer.stop()
            self._close(window)
        self.watch.warnings = warnings.count
        if errors:
            raise errors[0]

    def _open(self, application: object) -> object:
        from PySide6.QtCore import QSettings

        from app.cli.bench_window import WINDOW_PX, ListeningPort
        from app.ui.audio import CueAudio
        from app.ui.choice import Choice, SourceKind
        from app.ui.language import install_language
        from app.ui.main_window import MainWindow
        from app.ui.outfit import Outfit

        install_language(application, "en")
        settings = QSettings(str(self._folder / "soak.ini"), QSettings.Format.IniFormat)
        # A camera: for the virtual runner the window would have another act shown on every screen.
        choice = Choice(SourceKind.CAMERA, size_px=SIZE_PX, fps=self._fps, height_cm=HEIGHT_CM)
        audio = CueAudio(ListeningPort(self.watch), None, time.monotonic)
        window = MainWindow(
            self._make, choice, settings=settings, audio=audio, autostart=False, outfit=Outfit(self._folder)
        )
        window.resize(*WINDOW_PX)
        return window

    def _make(self, choice: object) -> Session:
        """Return the session of the next set; in the host's worker."""
        from app.capture.virtual import VirtualSource
        from app.cli.bench import _Extras
        from app.session import Session
        from app.validation.bench_parts import coach_of_bench

        extras = _Extras(self._found_by)
        plan = self._plan
        set_s = plan.sets[min(self._begun, len(plan.sets) - 1)]
        scene = Sets(self._pictures, self._fps, set_s - plan.gone)
        self._begun += 1
        source = VirtualSource(scene, self._fps, None, realtime=True, clock=time.perf_counter)
        session = Session(
            source,
            self._found_by.make,
            coach_of_bench(),
            (self.watch,),
            others=extras.others(),
            records=extras.records(choice, self._folder),
        )
        self._session = session
        return session

    def _beat(self, _window: object, _loop: object) -> None:
        now_s = time.perf_counter()
        late_ms = (now_s - self._beat_s) * 1e3 - BEAT_MS
        self._beat_s = now_s
        self.watch.stalls += late_ms > 100.0
        self.watch.longest_stall_ms = max(self.watch.longest_stall_ms, late_ms)

    def _direct(self, window, loop) -> None:
        """Do what is due: a sample, a stop of the tour, the next set, the end."""
        from app.cli.bench_window import tour_of
        from app.session import Phase
        from app.ui.screens import Screen

        since_s = time.perf_counter() - self._began_s
        if window.host.error:
            raise RuntimeError(window.host.error)
        if self._session is not None and self._session.status().phase is Phase.FAULTED:
            raise RuntimeError(self._session.status().error)
        if since_s >= self._next_sample_s:
            self.watch.sample(since_s)
            self._next_sample_s += self._plan.sample_every
        enough = 0 < self._plan.enough_steps <= self.watch.steps
        if since_s >= self._plan.seconds or (enough and not self._tour):
            loop.quit()
        elif self._tour and since_s >= self._next_stop_s:
            self._tour.pop(0)()
            self._next_stop_s = since_s + self._plan.stop
        elif not self._tour and not window.host.busy and (window.current is Screen.REVIEW or not window.is_running):
            self._next_set(window)  # the runner walked off, and the window ended the set, or let the camera go
        elif not self._tour and since_s >= self._next_tour_s and window.is_running:
            self._next_tour_s = since_s + self._plan.tour_every
            self._tour = [do for _, do in tour_of(window)]

    def _next_set(self, window) -> None:
        self._count(window)
        window.stop()
        window.start()

    def _count(self, _window: object) -> None:
        assert self._session is not None
        status = self._session.status()
        self.watch.sets += 1
        self.watch.dropped += status.dropped
        self.watch.expired += status.expired_events

    def _close(self, window) -> None:
        from PySide6.QtCore import QCoreApplication, QEvent

        self._count(window)
        from_s = time.perf_counter()
        window.close()
        self.watch.close_ms = (time.perf_counter() - from_s) * 1e3
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def rows_of(watch: Watch, folder: Path, settled_share: float = SETTLED) -> list[Row]:
    """Return the figures with their targets, the database read; nothing may grow after ``settled_share``."""
    at_s = np.array(watch.at_s)
    settled = at_s >= settled_share * at_s[-1]
    memory_mb = np.array(watch.memory_mb)
    late = max(1, int(np.count_nonzero(settled)) // 5)
    early_mb, late_mb = np.median(memory_mb[settled][:late]), np.median(memory_mb[-late:])
    threads, files = np.array(watch.threads)[settled], np.array(watch.files)[settled]
    delays_s = sound_delays(watch.decided, watch.played)[:, 1]
    with closing(sqlite3.connect(folder / "history.db")) as database:
        whole = database.execute("pragma integrity_check").fetchone()[0] == "ok"
    with History(folder) as history:
        kept = history.sessions()
        steps = sum(row.steps for row in kept)
        kept_frames = sum(sum(1 for _ in history.frames(row.id)) for row in kept)
        unsound = sum(row.state != "closed" or row.frames == 0 for row in kept)
    return [
        Row("sets", watch.sets, ""),
        Row("frames analysed", watch.frames, ""),
        Row("frames dropped", 100.0 * watch.dropped / max(1, watch.frames + watch.dropped), "%"),
        Row("memory, settled", early_mb, "MB"),
        Row("memory, at the end", late_mb, "MB"),
        Row("memory drift", late_mb - early_mb, "MB", 50.0),
        Row("most memory", memory_mb.max(), "MB"),
        Row("threads, settled", np.median(threads[:late]), ""),
        Row("threads more at the end", np.median(threads[-late:]) - np.median(threads[:late]), "", 0.0),
        Row("open files, settled", np.median(files[:late]), ""),
        Row("open files more at the end", np.median(files[-late:]) - np.median(files[:late]), "", 0.0),
        Row("sounds decided", len(watch.decided), "", 1.0, at_least=True),
        Row("sounds not heard", len(watch.decided) - delays_s.size, "", 0.0),
        Row("decision to sound, longest", 1e3 * delays_s.max(initial=0.0), "ms", 1e3 * LATE_S),
        Row("events expired", watch.expired, "", 0.0),
        Row("window: stalls over 100 ms", watch.stalls, ""),
        Row("window: longest stall", watch.longest_stall_ms, "ms", 1000.0),
        Row("warnings of Qt", watch.warnings, "", 0.0),
        Row("closing the window", watch.close_ms, "ms", 2000.0),
        Row("sessions kept", len(kept), "", 1.0, at_least=True),
        Row("sessions kept that are not whole", unsound, "", 0.0),
        Row("frames kept", kept_frames, ""),
        Row("steps kept", steps, "", 1.0, at_least=True),
        Row("database not intact", float(not whole), "", 0.0),
    ]


HEAD = """# An hour of it

Made by `python -m benchmarks.soak --markdown docs/soak.md`; do not edit. The whole live chain with its window: a camera
that shows the virtual runner in real time (good form and three faults in turns), the pose network, the coach, the
recorder, the app's own window drawn into memory, and a port that notes when a sound is asked for. One long set, six
shorter ones; the runner walks off after each, and every four minutes the window is led through all its screens, layouts
and themes. *Settled* is the time after the first sixth, in which everything has happened once; drift is from there to
the end (medians of a fifth of the samples each).

"""


def main() -> None:
    """Soak for as long as asked."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--minutes", type=float, default=60.0)
    asked.add_argument("--fps", type=float, default=FPS)
    asked.add_argument("--oracle", action="store_true", help="without the network")
    asked.add_argument("--markdown", help="write the table here, too", metavar="FILE")
    asked.add_argument("--note", default="", help="a line below that table: what else the machine did", metavar="TEXT")
    asked.add_argument("--samples", help="write memory, threads and files over time here", metavar="FILE")
    options = asked.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    found_by = build.oracle() if options.oracle else build.network("full", live=True)
    with TemporaryDirectory() as folder:
        soak = Soak(long_plan(60.0 * options.minutes), draw(fps=options.fps), options.fps, found_by, Path(folder))
        soak.run()
        gc.collect()
        rows = rows_of(soak.watch, Path(folder))
    watch = soak.watch
    if options.samples:
        lines = zip(watch.at_s, watch.memory_mb, watch.threads, watch.files, strict=True)
        write_text(Path(options.samples), "".join(f"{s:.0f},{mb:.1f},{t},{f}\n" for s, mb, t, f in lines))
    title = f"{options.minutes:g} minutes at {options.fps:g} fps, {SIZE_PX[0]} x {SIZE_PX[1]}, {found_by.engine}"
    if options.markdown:
        note = f"\n{options.note}\n" if options.note else ""
        write_text(Path(options.markdown), HEAD + markdown(title, rows) + note)
    finish(title, rows)


if __name__ == "__main__":
    main()
