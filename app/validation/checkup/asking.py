"""Asking the machine without being held up by it: small files, commands with a time limit, children that may crash."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import app as package

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

COMMAND_S = 4.0
#: How long is waited for the rest of what an ended child printed, and for one that was killed to be gone, s.
REST_S = 1.0
#: On Windows a console would come up for each command that a window starts.
NO_CONSOLE: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
#: Mean number of programs that want to run, for each processor, from which on measurements suffer.
BUSY = 0.8


def load() -> float | None:
    """Return how many programs want a processor, for each there is (mean of the last minute); None unknown."""
    return os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child came to.

    Attributes:
        told: what it told, piece by piece put together. code: its exit code, None where it had to be ended.
        last: its last line on stderr, "" without any.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    code: int | None = 0
    last: str = ""

    @property
    def problem(self) -> str:
        """Why it did not get to its end, "" where it did."""
        if self.code == 0:
            return ""
        if self.code is None:
            return "it did not answer in time"
        return self.last or f"it ended with {self.code}"


class Children(Protocol):
    """Starts a process of its own that looks at one thing: "window", "sound", "network", "camera"."""

    def __call__(self, name: str, limit_s: float, /, **asked: Any) -> Answer:
        """Return what it told within ``limit_s`` seconds."""


def own_command() -> list[str]:
    """Return the command that starts this very app in a process of its own; its arguments follow.

    Its modules are found where ours are: not in the current folder (-P), and without a PYTHONPATH, which would be told.
    """
    if getattr(sys, "frozen", False):
        # The program without a console, which Windows has beside it, could print nothing.
        program = Path(sys.executable)
        command = program.with_name(f"hingecoach{program.suffix if program.suffix == '.exe' else ''}")
        return [str(command if command.is_file() else program)]
    home = str(Path(package.__file__).parent.parent)
    code = f"import sys; sys.path.insert(0, {home!r}); from app.cli import main; main()"
    return [sys.executable, "-P", "-c", code]


def run_child(
    command: Sequence[str],
    environment: Mapping[str, str],
    limit_s: float,
    started: Callable[[subprocess.Popen[bytes]], object] = lambda _: None,
) -> Answer:
    """Run a child that prints one JSON object a line; what it told before it crashed or hung is kept.

    ``started`` is given the process, so that somebody else can end it.
    """
    try:
        process = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            creationflags=NO_CONSOLE,
        )  # fmt: skip
    except OSError as error:
        return Answer(code=-1, last=f"it could not be started ({error.strerror})")
    started(process)
    pipes = [_Pipe(stream) for stream in (process.stdout, process.stderr) if stream is not None]
    code: int | None = None
    try:
        code = process.wait(limit_s)
    except subprocess.TimeoutExpired:
        _end(process)
    except BaseException:  # Ctrl-C: nothing stays behind, least of all with the camera
        _end(process)
        raise
    out, err = (pipe.text() for pipe in pipes)
    return Answer(_objects(out), code, _last_line(err))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a child; one that a driver holds is not waited for."""
    process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(REST_S)


class _Pipe:
    """Reads what a child prints in a thread of its own.

    The end of a pipe cannot be waited for: what the child has started (a speech or sound server) may hold it open.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: list[bytes] = []
        self._thread = threading.Thread(target=self._read, name="child's words", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                self._lines.append(line)

    def text(self) -> str:
        """Return what has come, `REST_S` after the child's end at the latest."""
        self._thread.join(REST_S)
        return b"".join(tuple(self._lines)).decode("utf-8", "replace")


def _objects(text: str) -> dict[str, Any]:
    """Return all JSON objects that stand on a line of their own, put together."""
    told: dict[str, Any] = {}
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                told.update(json.loads(line))
            except ValueError:
                continue
    return told


def _last_line(text: str) -> str:
    """Return the line that tells most: the first that names a missing library or a reason, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("is needed", "cannot open shared", "could not"))]
    line = (telling or lines or [""])[0 if telling else -1]
    ours = re.search(r"(?:internal error|cannot be loaded) \((.*)\)[;:] ", line)  # as app/cli/main.py puts it
    return (ours[1] if ours else line)[:300]


def output_of(*command: str, limit_s: float = COMMAND_S) -> str:
    """Return what a command prints, "" where it is missing, fails or does not end."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=limit_s,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
            creationflags=NO_CONSOLE,
        )
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def text_of(path: Path) -> str:
    """Return the stripped text of a small system file, "" where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except (OSError, ValueError):
        return ""


def number_of(path: Path) -> float | None:
    """Return the number in a small system file, None where there is none."""
    try:
        return float(text_of(path))
    except ValueError:
        return None
