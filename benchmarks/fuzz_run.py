"""One target of the fuzzer: how its cases are made, what must hold for each, and how it is run.

A case may end in two ways only: with what is right for it, or with one `WorldError` in one printable line. Whatever
else happens (another exception, more than `Target.most_s` seconds, memory beyond the limit) is found and made small.
"""

from __future__ import annotations

import contextlib
import json
import math
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from app.coach.errors import WorldError

#: More memory than the process had at its beginning, MB; a case that wants more than this ends it.
MOST_MORE_MB = 1500
#: Words that every program's own faults show and no message to a user should.
_TRACES = ("Traceback", "<class ", "object at 0x", "NoneType", "__init__", "argument must be")


#: Waiting may take so many times as long as working.
WAITS = 20.0
#: Cases that one run of hypothesis makes.
BATCH = 1000


class HangError(Exception):
    """A case took longer than it may."""


class FoundError(Exception):
    """A target broke; the message is the case, made small, and what happened."""


@dataclass(frozen=True)
class Target:
    """Something that takes what may come from anybody.

    Attributes:
        name: on the command line. what: in the table.
        cases: makes the strategy of the cases; called once for a run.
        check: takes a case and a folder of its own for this run (empty at its beginning); raises where something does
            not hold, returns a word for how it ended ("refused" where it raised WorldError).
        share: of the cases of a whole run, in parts.
        most_s: for one case. native: code that is not Python sees the case, so a crash is possible.
    """

    name: str
    what: str
    cases: Callable[[], SearchStrategy[Any]]
    check: Callable[[Any, Path], str]
    share: float
    most_s: float = 5.0
    native: bool = False


@dataclass
class Outcome:
    """What a run of a target came to: CPU seconds in all and of the slowest case, memory, how its cases ended."""

    name: str
    cases: int = 0
    seconds: float = 0.0
    worst_s: float = 0.0
    grown_mb: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    found: str = ""

    def as_json(self) -> str:
        """Return it for the parent process, in one line."""
        return json.dumps(self.__dict__)


def require_line(error: WorldError, case: object = "") -> None:
    """Raise AssertionError unless a message is one line fit for a terminal; it may quote the ``case``."""
    line = str(error)
    assert line.strip(), "the message is empty"
    assert line.isprintable(), f"the message is no printable line: {line!r}"
    quoted = repr(case)
    told = [word for word in _TRACES if word in line and word not in quoted]
    assert not told, f"the message speaks to programmers: {line}"


def require_finite(tree: object) -> None:
    """Raise AssertionError unless a tree is plain JSON without NaN and can be read again as the same."""
    text = json.dumps(tree, allow_nan=False)
    assert json.loads(text) == json.loads(json.dumps(json.loads(text)))


@contextlib.contextmanager
def hurrying(most_s: float) -> Iterator[None]:
    """Raise HangError in the block after so many seconds of work, or many times that of waiting.

    Only in the main thread; on Windows never. A machine that is busy with something else is no hang.
    """
    if sys.platform == "win32":
        yield
        return

    def late(_signal: int, _frame: object) -> None:
        raise HangError(f"more than {most_s:g} s")

    alarms = ((signal.SIGPROF, signal.ITIMER_PROF, most_s), (signal.SIGALRM, signal.ITIMER_REAL, WAITS * most_s))
    before = [signal.signal(alarm, late) for alarm, _, _ in alarms]
    for _, timer, limit_s in alarms:
        signal.setitimer(timer, limit_s)
    try:
        yield
    finally:
        for (alarm, timer, _), handler in zip(alarms, before, strict=True):
            signal.setitimer(timer, 0.0)
            signal.signal(alarm, handler)


def limit_memory() -> None:
    """Have this process end with MemoryError where it grows by more than `MOST_MORE_MB`."""
    import resource  # not on Windows

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_MORE_MB * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def resident_mb() -> float:
    """Return the most memory this process has had, MB; NaN on Windows."""
    if sys.platform == "win32":
        return math.nan
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000.0


def judge(target: Target, case: Any, folder: Path) -> str:
    """Return how one case ended; raises whatever must not happen."""
    with hurrying(target.most_s):
        try:
            return target.check(case, folder)
        except WorldError as error:
            require_line(error, case)
            return "refused"


def run(target: Target, cases: int, number: int, seconds: float = math.inf, derandomize: bool = False) -> Outcome:
    """Run a target on so many cases, or until the time is up.

    Args:
        target: what to run.
        cases: how many.
        number: seed of the cases.
        seconds: stop after so long.
        derandomize: the same cases every time, whatever ``number`` is.

    Raises:
        FoundError: the smallest case that breaks it.
    """
    outcome, began_s, before_mb = Outcome(target.name), time.monotonic(), resident_mb()
    worked_s = time.process_time()
    folder = Path(tempfile.mkdtemp(prefix="hingecoach-fuzz-"))
    state = random.getstate()
    try:
        while outcome.cases < cases and time.monotonic() - began_s < seconds:
            before = outcome.cases
            # In batches: hypothesis remembers what it has tried, which grows and takes longer and longer.
            _batch(
                target,
                min(cases - before, BATCH),
                f"{number}-{before}",
                derandomize,
                outcome,
                folder,
                began_s + seconds,
            )
            if outcome.cases == before:
                break
    except Exception as error:
        notes = "\n".join(getattr(error, "__notes__", ()))
        raise FoundError(f"{target.name}: {type(error).__name__}: {error}\n{notes}"[:6000]) from error
    finally:
        random.setstate(state)
        shutil.rmtree(folder, ignore_errors=True)
        outcome.seconds = time.process_time() - worked_s
        outcome.grown_mb = resident_mb() - before_mb
    return outcome


def _batch(
    target: Target, cases: int, number: str, derandomize: bool, outcome: Outcome, folder: Path, until_s: float
) -> None:
    """Run so many cases and add them to the outcome; raises what the smallest that breaks raises."""

    @settings(
        max_examples=cases,
        derandomize=derandomize,
        database=None,
        deadline=None,
        phases=(Phase.generate,) if target.native else (Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(target.cases())
    def one(case: Any) -> None:
        if time.monotonic() > until_s:
            return
        started_s = time.process_time()
        if target.native:  # a crash leaves nothing else behind
            last_case(target.name).write_text(repr(case), encoding="utf-8", errors="replace")
        end = judge(target, case, folder)
        outcome.cases += 1
        outcome.ends[end] += 1
        outcome.worst_s = max(outcome.worst_s, time.process_time() - started_s)

    (one if derandomize else seed(number)(one))()


def last_case(name: str) -> Path:
    """Return where the newest case of a native target is written, for a process that did not come back."""
    return Path(tempfile.gettempdir(), f"hingecoach-fuzz-last-{name}.txt")


def forget(folder: Path) -> None:
    """Empty a folder."""
    for one in folder.iterdir():
        shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink()
