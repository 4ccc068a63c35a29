"""The process of one clip of a folder: it analyzes as alone, tells how far it is, and ends when its parent does.

Processes, not threads: what a damaged clip does to a decoder, or the system to what takes too much memory, is then done
to this clip only. Each clip has one of its own: starting it takes 0.5 s of processor time, of 5.6 s for a clip of 8 s,
and nothing is left over from the clip before.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from types import FrameType

    from app.cli.clip_options import ClipOptions
    from app.cli.clip_standing import ClipStanding

#: Progress is told so often, s.
TOLD_EVERY_S = 0.2
#: Signals that end the process, as far as the system has them.
ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is to do; ``threads`` are the network's, ``chatter`` is where libraries may print to."""

    options: ClipOptions
    standing: ClipStanding | None
    threads: int
    chatter: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the work begins: its name, and how many pieces it has, None unknown."""

    what: str
    total: int | None


@dataclass(frozen=True, slots=True)
class Pieces:
    """So many pieces of this part are done."""

    done: int


@dataclass(frozen=True, slots=True)
class Logged:
    """A line for the log."""

    level: int
    logger: str
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The clip has been analyzed; its JSON document."""

    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """The clip could not be analyzed: one line, and where that is our bug, what the log is to hold."""

    why: str
    bug: str = ""


class _Sender(logging.Handler):
    """Sends news to the parent, from any thread; a parent that is gone is no error."""

    def __init__(self, news: Connection) -> None:
        super().__init__()
        self._news = news
        self._turn = threading.Lock()

    def send(self, item: object) -> None:
        """Send one piece of news."""
        with self._turn, suppress(OSError):
            self._news.send(item)

    def emit(self, record: logging.LogRecord) -> None:
        """Send a line of the log."""
        self.send(Logged(record.levelno, record.name, self.format(record)))

    @contextmanager
    def counting(self, what: str, total: int | None, show: bool = True) -> Iterator[Callable[[], None]]:
        """Give a function to call once per piece of work, as `app.cli.terminal.counting` does."""
        self.send(Stage(what, total))
        done, told_s = 0, time.monotonic()

        def count() -> None:
            nonlocal done, told_s
            done += 1
            if (now_s := time.monotonic()) - told_s >= TOLD_EVERY_S:
                told_s = now_s
                self.send(Pieces(done))

        yield count
        self.send(Pieces(done))


def work(task: Task, news: Connection, life: Connection) -> None:
    """Analyze a clip and tell what it came to: the whole life of the process.

    Args:
        task: what to do.
        news: what is told goes here.
        life: closes when the parent wants no more of this, or is gone.
    """
    _print_to(task.chatter)
    _end_with(life)
    sender = _Sender(news)
    logging.getLogger().addHandler(sender)
    logging.getLogger().setLevel(logging.INFO)
    try:
        sender.send(_outcome(task, sender))
    except KeyboardInterrupt:
        with suppress(OSError):  # the parent does it where there is one; the last to go removes the folder
            Path(task.chatter).unlink()
            Path(task.chatter).parent.rmdir()
        sys.exit(130)


def _outcome(task: Task, sender: _Sender) -> Done | Failed:
    from app.cli.clip_run import analyze_clip
    from app.store.atomic import NO_ROOM

    try:
        return Done(analyze_clip(task.options, task.standing, task.threads, sender.counting))
    except WorldError as error:
        return Failed(" ".join(str(error).split()))
    except MemoryError:
        return Failed("There is not enough memory for it: try --jobs 1, or a part of it with --time-range.")
    except Exception as error:  # noqa: BLE001 - whatever it is, the other clips go on, and the parent logs it
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return Failed(f"The output cannot be written ({error.strerror}): make room for it.")
        return Failed(f"internal error ({type(error).__name__}: {error})", traceback.format_exc())


def _print_to(path: str) -> None:
    """Lead stdout to nowhere and stderr to a file, below Python as well; a crash leaves its traceback there."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        there = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        there = nowhere  # the parent has gone and taken its folder along
    for name, number, onto in (("stdout", 1, nowhere), ("stderr", 2, there)):
        with suppress(OSError, ValueError, AttributeError):
            getattr(sys, name).flush()
        os.dup2(onto, number)
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for good
    faulthandler.enable(there)


def _end_with(life: Connection) -> None:
    """Have KeyboardInterrupt raised once, by whatever wants this process to end, so that no half file stays."""

    def once(number: int, frame: FrameType | None) -> None:
        at_ctrl_c = signal.getsignal(signal.SIGINT)
        if number != signal.SIGINT and callable(at_ctrl_c) and at_ctrl_c is not once:
            at_ctrl_c(signal.SIGINT, frame)  # a library is starting and wants to be interrupted later
            return
        for one in ENDING:  # a second one would end the tidying up
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in ENDING:
        # What the parent ignores, because a shell or nohup has it so, is ignored here as well.
        if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, once)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    threading.Thread(target=_wait_for_end, args=(life, threading.main_thread()), name="life", daemon=True).start()


def _wait_for_end(life: Connection, main: threading.Thread) -> None:
    with suppress(EOFError, OSError):
        life.recv_bytes()  # nothing ever comes but the end
    if hasattr(signal, "pthread_kill") and main.ident is not None:
        signal.pthread_kill(main.ident, signal.SIGTERM)
    else:
        import _thread

        _thread.interrupt_main(signal.SIGTERM)
