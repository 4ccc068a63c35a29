"""`Session`: source -> estimator -> coach, in two threads or stepped by hand, with the same two halves."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.coach.errors import WorldError
from app.pose.estimator import Steerable
from app.session.asking import Asking
from app.session.events import Event, EventChannel, events_between
from app.session.exam_pictures import ExamPicture, ExamPictures
from app.session.judging import Judging, Task
from app.session.mailbox import Mailbox, taken
from app.session.observing import Observers
from app.session.seeing import Seeing
from app.session.status import Analysis, Phase, RateMeter, SessionStatus, StageStats
from app.session.switching import quick_hand_over, usual_hand_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.capture.source import FrameSource
    from app.coach.exam import Exam
    from app.coach.model import CoachModel
    from app.coach.report import CoachReport
    from app.coach.reps import LoggedRep
    from app.coach.setup import SetupGuide
    from app.coach.summary import CoachSummary
    from app.coach.types import Frame
    from app.pose.estimator import PoseEstimator
    from app.session.judging import Others, Records

logger = logging.getLogger(__name__)

#: How long `Session.stop` lets a source end its read by itself before it closes the source under it.
CLOSE_AFTER_S = 0.25
NAN = float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A frame and when it was read: ages are told on one monotonic clock, whatever the source's is."""

    frame: Frame
    read_s: float


class Session(Asking):
    """One run over one source. Start it (`start` ... `stop`) or step it (`step` until None), never both.

    Threads: *capture* opens and reads the source -> one-slot mailbox -> *analysis* makes the estimator,
    estimates, coaches, records -> one-slot mailbox of state (`latest`) and a bounded channel of events
    (`events`). From a live source the newest frame wins; from any other every frame is handed over, none is
    dropped, so that threads and steps give the same reports.

    A fault in either thread ends the run as `Phase.FAULTED` with one line in the status; what was analysed until then
    stays readable. In `step` it is raised to the caller too, after everything is closed.

    Attributes:
        coaches: returns all that judged so far, oldest first; not to be touched while it runs. Holds nothing else.

    Args:
        source: where frames come from; opened and closed here.
        make_estimator: called in the analysing thread (loading a network takes long); what it makes is
            always closed. Talk to it through `choose` and `paint_out`.
        coach: the judge; touched only by the analysing thread, so talk to it through `ask`.
        observers: called with every analysis in the analysing thread (to write CSV, video); must be quick.
        clock: monotonic seconds.
        guide: watches the set-up beside the coach, and has it take a standing; None: nobody does.
        exam: is sat from the first frame; None: none is. `turn_to` changes all three.
        others: counts other people for the guide, None: nobody does; closed at the end.
        records: records every coach that judges, None: nothing is recorded; closed at the end.

    """

    def __init__(
        self,
        source: FrameSource,
        make_estimator: Callable[[], PoseEstimator],
        coach: CoachModel,
        observers: tuple[Callable[[Analysis], None], ...] = (),
        clock: Callable[[], float] = time.perf_counter,
        guide: SetupGuide | None = None,
        exam: Exam | None = None,
        others: Others | None = None,
        records: Records | None = None,
    ) -> None:
        super().__init__()
        self.source = source
        self._make_estimator = make_estimator
        self._judging = Judging(Task(coach, guide, exam), others, records)
        self.coaches = self._judging.all_coaches
        self._exam_pictures = ExamPictures()
        self._observers = Observers((self._exam_pictures, *observers), patient=source.live)
        if records is not None:
            self.observe(records)
        self._clock = clock
        self._lock = threading.Lock()  # phase and error
        self._coach_lock = threading.Lock()
        self._phase = Phase.STOPPED
        self._error, self._error_is_ours = "", False
        self._first_fault: Exception | None = None
        self._stop = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()
        self._seeing: Seeing | None = None
        self._stepped = self._coach_finished = False
        self._inbox: Mailbox[_Read] = Mailbox()
        self._outbox: Mailbox[Analysis] = Mailbox()
        self._last: Analysis | None = None
        self._events = EventChannel(wall_clock_counts=source.live)
        self._in, self._out, self._stages = RateMeter(), RateMeter(), StageStats()
        self._frames = 0
        self._dropped_while_loading = 0

    # ---- life cycle -------------------------------------------------------------------------------

    def start(self) -> None:
        """Run in two threads. Returns at once: the camera is opened and the network loaded over there."""
        with self._lock:  # `stop` finds either no thread or both, running
            if self._stepped or self._threads or self._stop.is_set():
                raise RuntimeError("a session runs once: it was already started, stepped or stopped")
            self._phase = Phase.STARTING
            quick_hand_over()
            self._threads = (
                threading.Thread(target=self._capture_all, name="capture", daemon=True),
                threading.Thread(target=self._analyse_all, name="analysis", daemon=True),
            )
            for thread in self._threads:
                thread.start()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """End the run; idempotent. False: a thread still hangs after ``timeout_s`` and is left behind."""
        with self._lock:
            self._stop.set()
            if self._threads and self._phase in (Phase.STARTING, Phase.RUNNING):
                self._phase = Phase.STOPPING
        if not self._threads:
            self._end_steps()
            return True
        deadline_s = time.monotonic() + timeout_s
        self._inbox.close(discard=True)
        self._threads[0].join(min(CLOSE_AFTER_S, timeout_s))
        if self._threads[0].is_alive():
            # A read that waits for a frame is woken by closing the source; a driver may hang in that too.
            threading.Thread(target=self._close_source, name="close source", daemon=True).start()
        clean = self.wait(max(0.0, deadline_s - time.monotonic()))
        if not clean:
            logger.error("a thread still hangs %.1f s after the session was told to stop", timeout_s)
        return clean

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until both threads have ended (the source ran out, a fault, `stop`); False on timeout."""
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(None if deadline_s is None else max(0.0, deadline_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def step(self) -> Analysis | None:
        """Read and analyse one frame in the caller's thread; None at the end of the source.

        Raises what the source, the estimator or the coach raises, after closing everything.
        """
        if self._threads or self._stop.is_set():
            raise RuntimeError("this session runs in threads or was stopped: it cannot be stepped")
        self._stepped = True
        if self._phase in (Phase.FINISHED, Phase.FAULTED):
            return None
        try:
            if self._seeing is None:
                self._phase = Phase.STARTING
                self.source.open()
                self._seeing = Seeing(self._make_estimator, self.source)
            read = self._read()
            if read is not None:
                return self._analyse(read, self._seeing)
        except Exception as error:
            self._fault(error)
            self._end_steps()
            raise
        self._end_steps()
        if self._first_fault is not None:
            raise self._first_fault
        return None

    # ---- what the outside asks --------------------------------------------------------------------

    def observe(self, observer: Callable[[Analysis], None]) -> None:
        """Have one more observer called with every analysis; before the session runs."""
        self._observers.add(observer)

    def latest(self) -> Analysis | None:
        """Take the newest analysis since the last call, or None."""
        return self._outbox.get(timeout_s=0.0)

    @property
    def last(self) -> Analysis | None:
        """The newest analysis of all, taken or not; it stays after a fault."""
        return self._last

    def events(self) -> list[Event]:
        """Take all events not yet expired, oldest first."""
        last = self._last
        return self._events.drain(last.report.t_s, self._clock()) if last is not None else []

    @property
    def records(self) -> Records | None:
        """What records it, None: nothing does; it can be asked after the end, too."""
        return self._judging.records

    def exam_pictures(self) -> tuple[ExamPicture, ...]:
        """Return the moments in which the poses of the present exam were held, oldest first."""
        return self._exam_pictures.taken

    def drill_log(self) -> tuple[LoggedRep, ...]:
        """Return every attempt of the present drill with its original, () outside of one."""
        with self._coach_lock:
            return self._judging.drill_log()

    def summary(self) -> CoachSummary:
        """Return the result of the whole run so far (complete once the session has ended)."""
        with self._coach_lock:
            return self._judging.summary()

    def status(self) -> SessionStatus:
        """Return a snapshot of phase, counters and timings."""
        now_s = self._clock()
        stages_ms = self._stages.timings()
        live = self.source.live and bool(self._threads)
        age, total = stages_ms["age"], stages_ms["total"]
        with self._lock:
            phase, error, error_is_ours = self._phase, self._error, self._error_is_ours
        return SessionStatus(
            phase=phase,
            fps_in=self._in.rate_hz(now_s),
            fps_out=self._out.rate_hz(now_s),
            frames=self._frames,
            dropped=max(0, self._inbox.dropped - self._dropped_while_loading),
            age_ms_p50=age.p50_ms if live else NAN,
            age_ms_p95=age.p95_ms if live else NAN,
            latency_ms_p50=total.p50_ms if live else NAN,
            latency_ms_p95=total.p95_ms if live else NAN,
            stages_ms=stages_ms,
            error=error,
            error_is_ours=error_is_ours,
            notice=self._notice(),
            expired_events=self._events.expired,
        )

    def _notice(self) -> str:
        """Return what is wrong now, as sentences: one must not hide the other."""
        tellers = (self.source, self._seeing, self._judging.records, self._observers)
        return " ".join(teller.notice for teller in tellers if teller is not None and teller.notice)

    # ---- the two halves ---------------------------------------------------------------------------

    def _read(self) -> _Read | None:
        frame = self.source.read()
        if frame is None:
            return None
        read = _Read(frame, self._clock())
        self._in.tick(read.read_s)
        return read

    def _analyse(self, read: _Read, seeing: Seeing) -> Analysis:
        began_s = self._clock()
        for steer in taken(self._steering):
            if isinstance(seeing.inner, Steerable):
                steer(seeing.inner)
        estimate = seeing.estimate(read.frame)
        estimated_s = self._clock()
        with self._coach_lock:
            for request in taken(self._requests):
                request(self._judging)
            camera_fps = self._in.rate_hz(read.read_s) if self.source.live else NAN
            judged = self._judging.update(read.frame, estimate.pose, camera_fps)
        ready_s = self._clock()
        timings_ms = {
            "age": (began_s - read.read_s) * 1e3,
            "pose": (estimated_s - began_s) * 1e3,
            "coach": (ready_s - estimated_s) * 1e3,
            "total": (ready_s - read.read_s) * 1e3,
        }
        analysis = Analysis(
            read.frame, estimate.pose, judged.report, timings_ms, estimate.tracking, judged.setup, judged.exam
        )
        self._publish(analysis, read.read_s, ready_s)
        return analysis

    def _publish(self, analysis: Analysis, read_s: float, ready_s: float) -> None:
        before: CoachReport | None = self._last.report if self._last is not None else None
        self._stages.add(analysis.timings_ms)
        self._out.tick(ready_s)
        self._frames += 1
        for event in events_between(before, analysis.report, analysis.setup, analysis.exam):
            self._events.put(event, read_s)  # not ready_s: a stalled analysis makes its events old
        self._last = analysis
        self._outbox.put(analysis)
        with self._lock:
            if self._phase is Phase.STARTING:
                self._phase = Phase.RUNNING
        self._observers(analysis)

    # ---- the threads ------------------------------------------------------------------------------

    def _capture_all(self) -> None:
        try:
            with self._telling_faults():
                self.source.open()
                # A closed inbox: the analysis has faulted, perhaps before this source could be closed under its read.
                while not (self._stop.is_set() or self._inbox.closed) and (read := self._read()) is not None:
                    if self.source.live:
                        self._inbox.put(read)
                    elif not self._inbox.hand_over(read):
                        break
        finally:
            self._inbox.close()
            self._close_source()

    def _analyse_all(self) -> None:
        with self._telling_faults():
            seeing = self._seeing = Seeing(self._make_estimator, self.source)
            self._dropped_while_loading = self._inbox.dropped
            while not self._stop.is_set() and (read := self._inbox.get()) is not None:
                self._analyse(read, seeing)
        # First: after a fault here the camera is let go with its next frame, however slow the network or the disk is.
        self._inbox.close(discard=True)
        self._close_seeing()
        self._finish_coach()
        self._close_source()  # the capture thread may still wait for that frame
        usual_hand_over()
        self._settle()

    def _end_steps(self) -> None:
        """Close everything that steps opened; once."""
        self._close_seeing()
        self._finish_coach()
        self._close_source()
        self._settle()

    def _close_seeing(self) -> None:
        """Close the estimator, once, and let go of it; what it raises then does not hide what ended the session."""
        seeing, self._seeing = self._seeing, None
        with self._telling_faults():
            if seeing is not None:
                seeing.close()

    def _settle(self) -> None:
        self._observers.clear()  # they may remember the whole set
        with self._lock:
            if self._phase not in (Phase.FAULTED, Phase.FINISHED):
                self._phase = Phase.STOPPED if self._stop.is_set() else Phase.FINISHED

    def _finish_coach(self) -> None:
        """Have the coach count what is still open; once, and after a fault too: an open hold is a result."""
        with self._telling_faults(), self._coach_lock:
            if self._coach_finished:
                return
            self._coach_finished = True
            self._judging.finish()
        # Not under the lock: a slow disk must not keep the window from the summary.
        with self._telling_faults():
            self._judging.close()

    def _close_source(self) -> None:
        with self._telling_faults():
            self.source.close()

    @contextmanager
    def _telling_faults(self) -> Iterator[None]:
        """Turn an exception of a worker into the FAULTED status."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, it must reach the status, not kill a thread silently
            self._fault(error)

    def _fault(self, error: Exception) -> None:
        """Keep the first fault as one line; that `stop` closed the source under a read is no fault."""
        ours = not isinstance(error, WorldError)
        if self._stop.is_set() and not ours:
            logger.info("while stopping: %s", error)
            return
        logger.error("the session faulted: %s", error, exc_info=error if ours else None)
        first_line = (str(error).splitlines() or [""])[0]
        with self._lock:
            if self._phase is not Phase.FAULTED:
                self._first_fault = None if self._threads else error  # who steps is told; its traceback holds all this
                self._error = f"{type(error).__name__}: {first_line}" if ours else first_line
                self._error_is_ours = ours
            self._phase = Phase.FAULTED
