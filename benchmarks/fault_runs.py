"""What the fault benchmark is made of: one session on the faulty camera, and what is found out about it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.capture.webcam import Webcam
from app.coach.model import CoachModel
from app.coach.report import Activity, Mode
from app.coach.types import RunnerProfile
from app.session import Phase, Session
from app.session.recordings import Recordings
from app.store.history import History
from app.store.sessions.start import SessionStart
from benchmarks.faulty import HEIGHT_CM, SIZE_PX, PictureOracle, UsbCamera, scene_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.capture.source import FrameSource
    from app.coach.report import CoachReport
    from app.session import Analysis

#: A longer time between two analysed frames is a gap, s.
GAP_S = 0.5
#: Whoever waits for something that never comes is told after this, s.
LONGEST_S = 60.0


@dataclass(frozen=True)
class Outcome:
    """One row of the table.

    Attributes:
        happens, does, sees: what happens, what the app does, what the runner sees or hears (the very words).
        lost: of what was recorded. seconds: what was measured, in the words of ``measured``. limit_s: of it.
        wrong: what is not as it should be, "" where all is well.
    """

    happens: str
    does: str
    sees: str
    lost: str = "nothing"
    seconds: float = float("nan")
    measured: str = ""
    limit_s: float = float("inf")
    wrong: str = ""

    @property
    def fine(self) -> bool:
        """Whether it went as it should."""
        return not self.wrong and not self.seconds > self.limit_s


def handles() -> int:
    """Return how many files this process has open (Linux; elsewhere 0)."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


@dataclass(eq=False)
class Run:
    """A session under way and what was seen of it.

    Attributes:
        reports, arrived_s: of every analysed frame. notices: all that were told, in order.
    """

    camera: UsbCamera
    session: Session
    coach: CoachModel
    folder: Path
    records: Recordings
    oracle: list[PictureOracle]
    reports: list[CoachReport] = field(default_factory=list)
    arrived_s: list[float] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _new: threading.Condition = field(default_factory=threading.Condition)

    def take(self, analysis: Analysis) -> None:
        """Observe the session."""
        with self._new:
            self.reports.append(analysis.report)
            self.arrived_s.append(time.monotonic())
            self._new.notify_all()

    def look(self) -> None:
        """Note what the status line says now."""
        notice = self.session.status().notice
        if notice and (not self.notices or self.notices[-1] != notice):
            self.notices.append(notice)

    def until(self, what: Callable[[], bool], longest_s: float = LONGEST_S) -> float:
        """Wait until something is so, and return how long that took, s; infinite where it never was."""
        began_s = time.monotonic()
        while not what():
            self.look()
            passed_s = time.monotonic() - began_s
            if passed_s > longest_s:
                return float("inf")
            with self._new:
                self._new.wait(0.02)
        self.look()
        return time.monotonic() - began_s

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        end_s = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end_s)

    def until_new(self, longest_s: float = LONGEST_S) -> float:
        """Wait for the next analysed frame with somebody in it."""
        count = len(self.reports)
        return self.until(lambda: any(r.activity is not Activity.NOBODY for r in self.reports[count:]), longest_s)

    def until_running(self) -> float:
        """Wait until the runner is judged."""
        return self.until(lambda: bool(self.reports) and self.reports[-1].verdict == "good")

    @property
    def phase(self) -> Phase:
        """Of the session."""
        return self.session.status().phase

    def gaps_s(self) -> list[float]:
        """Return the gaps between analysed frames."""
        return [b.t_s - a.t_s for a, b in pairwise(self.reports) if b.t_s - a.t_s > GAP_S]

    def invented(self) -> str:
        """Return what was held against a runner who does nothing wrong, "" for nothing."""
        faults = {fault.id.value for report in self.reports for fault in report.faults}
        cues = {report.cue.id for report in self.reports if report.cue is not None and report.cue.because}
        return f"invented {sorted(faults | cues)}" if faults | cues else ""

    def lost_frames(self) -> int:
        """Return how many judged frames are not in the recording (recovered first where it was not closed)."""
        with History(self.folder) as history:
            history.recover()
            rows = history.sessions()
            return len(self.reports) - sum(row.frames for row in rows)

    def marks(self) -> list[float]:
        """Return the lengths of the gaps that the recording has marked, s."""
        with History(self.folder) as history:
            return [mark.value["seconds"] for mark in history.marks("last") if mark.name == "gap"]


@contextmanager
def running(
    camera: UsbCamera | None = None,
    *,
    fps: float = 60.0,
    before: Callable[[int], None] = lambda _turn: None,
    around: Callable[[FrameSource], FrameSource] = lambda source: source,
    observer: Callable[[Analysis], None] | None = None,
    standing_s: float = 4.5,
    stop_s: float = 20.0,
) -> Iterator[Run]:
    """Run a session on a faulty camera, recorded; at the end it is stopped and everything let go."""
    camera = camera or UsbCamera(fps)
    scene, oracles = scene_of(standing_s=standing_s), []

    def make() -> PictureOracle:
        oracles.append(PictureOracle(scene, camera.began_s, before))
        return oracles[-1]

    with TemporaryDirectory() as name:
        folder = Path(name, "data")
        coach = CoachModel(Mode.RUN, RunnerProfile(HEIGHT_CM))
        records = Recordings(lambda recipe: SessionStart(recipe, source_kind="camera"), folder)
        source = around(Webcam(0, SIZE_PX, fps, port=camera.port()))
        session = Session(source, make, coach, clock=time.monotonic, records=records)
        run = Run(camera, session, coach, folder, records, oracles)
        session.observe(run.take)
        if observer is not None:
            session.observe(observer)
        session.start()
        try:
            yield run
        finally:
            camera.end()
            session.stop(stop_s)


def threads() -> int:
    """Return how many threads there are."""
    return threading.active_count()
