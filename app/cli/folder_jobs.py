"""Runs the clips of a folder, several at once, each in a process of its own that may fail without the others."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import tempfile
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.folder_worker import ENDING, Done, Failed, Logged, Pieces, Stage, Task, work
from app.store.atomic import remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnContext, SpawnProcess
    from types import FrameType
    from typing import Any, Protocol

    from app.cli.clip_standing import ClipStanding
    from app.cli.folder_clips import Job

    Handler = Callable[[int, FrameType | None], Any] | int | None

    class Watcher(Protocol):
        """Who is told how the jobs get on; ``number``: of the job, from 0; ``place``: 0 to jobs - 1, its line."""

        def began(self, number: int, place: int) -> None:
            """A job has begun."""

        def got_on(self, number: int, place: int, what: str, done: int, total: int | None) -> None:
            """So many pieces of a part of it are done."""

        def ended(self, number: int, place: int, outcome: Done | Failed) -> None:
            """It is over."""


#: A process that is to end gets so long to remove its half-written files, s; then they are removed for it.
GRACE_S = 5.0
#: How much of what a crashed process printed goes to the log, bytes.
MOST_CHATTER = 20_000

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Running:
    """A job that is being done."""

    number: int
    place: int
    process: SpawnProcess
    news: Connection
    life: Connection
    chatter: Path
    began_s: float
    stage: Stage = field(default_factory=lambda: Stage("", None))
    outcome: Done | Failed | None = None


def run_jobs(
    jobs: Sequence[Job],
    at_once: int,
    threads: int,
    standing: ClipStanding | None,
    watcher: Watcher,
    outcomes: dict[int, Done | Failed],
) -> None:
    """Do all jobs.

    Args:
        jobs: what to do.
        at_once: how many at a time.
        threads: workers of the network in each.
        standing: what the standing recording of all of them came to.
        watcher: is told how they get on, in this thread.
        outcomes: gets what each came to, by its number, as soon as it is over.

    Raises:
        KeyboardInterrupt: by the user; then nothing is running any more, and no half-written file is left.
    """
    waiting, places = deque(range(len(jobs))), list(range(at_once))
    running: dict[Connection, _Running] = {}
    context = multiprocessing.get_context("spawn")
    _start_tracker()
    with tempfile.TemporaryDirectory(prefix="hingecoach-") as scratch:
        try:
            while waiting or running:
                while waiting and places:
                    number, place = waiting.popleft(), places.pop(0)
                    task = Task(jobs[number].options, standing, threads, str(Path(scratch) / f"{number}.txt"))
                    if (failed := _begin(context, task, number, place, running)) is None:
                        watcher.began(number, place)
                    else:
                        places.append(place)
                        outcomes[number] = failed
                        watcher.ended(number, place, failed)
                for ready in wait(list(running)) if running else ():
                    one = next(r for r in running.values() if r.news is ready)
                    if _hear(one, jobs[one.number].clip.name, watcher):
                        continue
                    with _held():
                        outcomes[one.number] = _finish(one, jobs[one.number])
                        del running[one.news]
                    places.append(one.place)
                    places.sort()
                    watcher.ended(one.number, one.place, outcomes[one.number])
        finally:
            _stop(list(running.values()), jobs)


def _start_tracker() -> None:
    """Start multiprocessing's own helper now: starting it later would let the signals through that `_held` holds."""
    with suppress(ImportError):
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()


@contextmanager
def _held() -> Iterator[None]:
    """Let what would end this process wait for the end of the block: a half-started process could not be stopped.

    A process that is started meanwhile begins with these signals blocked, for it has no answer to them yet. Blocking
    them is not enough here: the system would hand them to a thread of some library, and Python to this one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in ENDING}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, lambda number, _frame: came.append(number))
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING) if hasattr(signal, "pthread_sigmask") else None
    try:
        yield
    finally:
        if blocked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        _restore(before)
        for number in came[:1]:
            signal.raise_signal(number)


def _restore(handlers: Mapping[int, Handler]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _begin(
    context: SpawnContext, task: Task, number: int, place: int, running: dict[Connection, _Running]
) -> Failed | None:
    """Start the process of a task and add it to those that are running; return why that could not be."""
    try:
        with _held():
            one = _start(context, task, number, place)
            running[one.news] = one
    except OSError as error:
        return Failed(f"no process could be started for it ({error.strerror}): try --jobs 1.")
    return None


def _start(context: SpawnContext, task: Task, number: int, place: int) -> _Running:
    """Start the process of a task. Raises OSError."""
    news, tells = context.Pipe(duplex=False)
    lives, life = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(task, tells, lives), name=f"clip {number + 1}", daemon=True)
    began_s = time.time()
    try:
        process.start()
    except BaseException:
        news.close()
        life.close()
        raise
    finally:
        tells.close()  # the process has its own: when it ends, `news` ends
        lives.close()
    return _Running(number, place, process, news, life, Path(task.chatter), began_s)


def _hear(one: _Running, name: str, watcher: Watcher) -> bool:
    """Take one piece of news; False where there will be no more."""
    try:
        item = one.news.recv()
    except (EOFError, OSError):
        return False
    except Exception:  # noqa: BLE001 - a process that was killed while it was telling: pickle raises what it likes
        _log.warning("what %s told was cut off", name)
        return False
    if isinstance(item, Logged):
        logging.getLogger(item.logger).log(item.level, "[%s] %s", name, item.text)
    elif isinstance(item, Done | Failed):
        one.outcome = item
    else:
        done = item.done if isinstance(item, Pieces) else 0
        one.stage = item if isinstance(item, Stage) else one.stage
        watcher.got_on(one.number, one.place, one.stage.what, done, one.stage.total)
    return True


def _finish(one: _Running, job: Job) -> Done | Failed:
    """Return what a process that has ended, or is about to, came to; tidy up behind one that crashed."""
    name = job.clip.name
    one.process.join(GRACE_S)
    if one.process.exitcode is None:
        one.process.kill()
        one.process.join()
    code = one.process.exitcode
    _close(one)
    outcome = one.outcome
    if outcome is None:
        _tidy(one, job)
        outcome = _crash(code, _printed(one.chatter))
    with suppress(OSError):
        one.chatter.unlink(missing_ok=True)
    if isinstance(outcome, Failed) and outcome.bug:
        _log.error("a bug ended the analysis of %s: %s\n%s", name, outcome.why, outcome.bug)
    return outcome


def _crash(code: int | None, printed: str) -> Failed:
    """Return why a process ended without a word; negative codes are signals."""
    if code is not None and code == -getattr(signal, "SIGKILL", 9):
        return Failed("The system ended its process, perhaps for want of memory: try --jobs 1, or a part of it.")
    if code in (130, *(-number for number in ENDING)):
        return Failed("Its process was ended by somebody: analyze it again.")
    how = f"exit code {code}"
    if code is not None and code < 0:
        with suppress(ValueError):
            how = signal.Signals(-code).name
    return Failed(f"internal error (its process crashed: {how})", printed or "it printed nothing")


def _printed(path: Path) -> str:
    """Return the end of what a process printed."""
    try:
        return path.read_bytes()[-MOST_CHATTER:].decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _stop(running: Sequence[_Running], jobs: Sequence[Job]) -> None:
    """End every process, as gently as it lets us, and leave nothing of what it was writing."""
    if not running:
        return
    with _ignored():
        for one in running:
            one.life.close()
        until_s = time.monotonic() + GRACE_S
        for one in running:
            while one.process.is_alive() and time.monotonic() < until_s:
                # It may be telling something: nobody would end who waits for somebody to listen.
                with suppress(EOFError, OSError):
                    if one.news.poll(0.05):
                        one.news.recv_bytes()
                one.process.join(0.02)
            if one.process.is_alive():
                one.process.kill()
                one.process.join()
            _tidy(one, jobs[one.number])
            _close(one)


@contextmanager
def _ignored() -> Iterator[None]:
    """Ignore further signals to end while everything is being ended; only the main thread ever gets any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING}
    try:
        yield
    finally:
        _restore(before)


def _tidy(one: _Running, job: Job) -> None:
    for path in job.written:
        remove_leftovers(path, one.began_s)


def _close(one: _Running) -> None:
    one.news.close()
    one.life.close()
    one.process.close()
