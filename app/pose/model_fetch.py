"""The two ways by which model bytes come onto this machine; no other code of the app uses the network.

The network's own modules are imported where they are used: every start of the app would load them, TLS and all.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import http.client

#: Told how far a download is: (bytes done, bytes in all or None, what is being fetched).
Progress = Callable[[int, int | None, str], None]

#: Longest wait for an answer (all of the host's addresses together) and for each further piece of data.
TIMEOUT_S = 10.0
#: Longest time in which nothing of the package index's wheel arrives. However slow a line that moves may be.
WHEEL_STALL_S = 45.0
_CHUNK_BYTES = 1 << 16
_POLL_S = 0.1

_WHEEL_BYTES = 35_622_638
#: One platform and one Python for everybody: the wheel is unzipped, never installed.
_PIP_ARGUMENTS = (
    "download",
    "--no-deps",
    "--only-binary=:all:",
    "--platform=manylinux_2_28_x86_64",
    "--python-version=3.11",
    "--implementation=cp",
    "--abi=cp311",
    "--no-input",
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--progress-bar=off",
    "--quiet",
    "--retries=1",
    f"--timeout={TIMEOUT_S:.0f}",
)
_WHEEL = "mediapipe==0.10.21"


class FetchError(Exception):
    """A route to the model failed; the message says why, in a few words."""


class OpenUrl(Protocol):
    """Opens an address for reading piece by piece; raises `FetchError`, also while the pieces come."""

    def __call__(self, url: str) -> tuple[int | None, Iterator[bytes]]:
        """Return (bytes announced or None, the pieces)."""


class FetchWheel(Protocol):
    """Fetches the older MediaPipe wheel into a directory; raises `FetchError`."""

    def __call__(self, directory: Path, progress: Progress) -> Path:
        """Return the wheel's path inside ``directory``."""


def open_url(url: str) -> tuple[int | None, Iterator[bytes]]:
    """Open ``url`` over HTTPS (proxies as the system says).

    Returns:
        The announced length in bytes (None if not announced) and an iterator over the content.

    Raises:
        FetchError: no connection, an HTTP error, or (while iterating) a broken or stalled one.
    """
    response = _answer(url)
    announced = response.headers.get("Content-Length", "")
    return (int(announced) if announced.isdigit() else None), _pieces(response)


def _answer(url: str) -> http.client.HTTPResponse:
    """Return the open response to ``url``, or raise `FetchError` after `TIMEOUT_S` at the latest.

    The library's own timeout counts for each of the host's addresses anew (a big host has a dozen and more) and
    not for the look-up of its name: behind a firewall that swallows packets it would be minutes. So a thread
    waits, and is left behind if it must.
    """
    import http.client
    import urllib.error
    import urllib.request

    answers: queue.SimpleQueue[http.client.HTTPResponse | Exception] = queue.SimpleQueue()
    given_up = threading.Event()

    def ask() -> None:
        try:
            response = urllib.request.urlopen(url, timeout=TIMEOUT_S)  # the scheme is a constant: https
        except (OSError, http.client.HTTPException) as error:
            answers.put(error)
            return
        answers.put(response)
        if given_up.is_set():
            response.close()

    threading.Thread(target=ask, name="model-address", daemon=True).start()
    try:
        answer = answers.get(timeout=TIMEOUT_S)
    except queue.Empty:
        given_up.set()
        raise FetchError(f"no answer within {TIMEOUT_S:.0f} s") from None
    if isinstance(answer, urllib.error.HTTPError):
        answer.close()
        raise FetchError(f"the server answered {answer.code} {answer.reason}") from answer
    if isinstance(answer, urllib.error.URLError):
        raise FetchError(_reason(answer.reason)) from answer
    if isinstance(answer, Exception):
        raise FetchError(_reason(answer)) from answer
    return answer


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Yield the content of an open response, then close it."""
    import http.client

    with response:
        while True:
            try:
                piece = response.read(_CHUNK_BYTES)
            except (OSError, http.client.HTTPException) as error:
                raise FetchError(f"the download broke off: {_reason(error)}") from error
            if not piece:
                return
            yield piece


def _reason(error: object) -> str:
    """Return one short line for a network error."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def fetch_wheel(directory: Path, progress: Progress) -> Path:
    """Fetch the wheel with pip (`pip_command`), from whatever package index that is set up for.

    pip's temporary files are kept inside ``directory`` too, so that removing it removes everything, and so
    that their growth can be shown.

    Raises:
        FetchError: no pip, no network, no such wheel, or it stalls for `WHEEL_STALL_S`.
    """
    pip_words = pip_command()
    work = directory / "pip"
    wheels = directory / "wheels"
    work.mkdir()
    wheels.mkdir()
    environment = {**os.environ, "TMPDIR": str(work), "TEMP": str(work), "TMP": str(work)}
    command = [*pip_words, *_PIP_ARGUMENTS, f"--dest={wheels}", _WHEEL]
    log = directory / "pip.log"
    with log.open("wb") as output:
        try:
            pip = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
            )
        except OSError as error:
            raise FetchError(f"pip did not start: {_reason(error)}") from error
        try:
            _wait(pip, directory, progress)
        finally:
            if pip.poll() is None:
                pip.kill()
            pip.wait()
    if pip.returncode:
        raise FetchError(_pip_reason(log.read_text("utf-8", "replace")))
    found = sorted(wheels.glob("mediapipe-*.whl"))
    if not found:
        raise FetchError("pip delivered no wheel")
    return found[0]


def pip_command() -> list[str]:
    """Return the words that start pip: this Python's own, else one on the PATH, else uv's.

    What pipx and ``uv tool`` install the app into has no pip of its own.

    Raises:
        FetchError: there is none.
    """
    if sys.executable and util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        if found := shutil.which(name):
            return [found]
    if found := shutil.which("uv"):
        return [found, "tool", "run", "--python", sys.executable, "pip"]  # with this Python, not with one it fetches
    raise FetchError("there is no pip here (install it, e.g. 'python -m ensurepip')")


def _wait(pip: subprocess.Popen[bytes], directory: Path, progress: Progress) -> None:
    """Wait for pip, telling how many bytes have arrived in ``directory``; give up when no more come."""
    arrived = 0
    moved_s = time.monotonic()
    while True:
        try:
            pip.wait(timeout=_POLL_S)
            return
        except subprocess.TimeoutExpired:
            found = _bytes_in(directory)
        if found > arrived:
            arrived, moved_s = found, time.monotonic()
        elif time.monotonic() - moved_s > WHEEL_STALL_S:
            raise FetchError(f"nothing of the wheel arrived in {WHEEL_STALL_S:.0f} s")
        progress(min(found, _WHEEL_BYTES), _WHEEL_BYTES, "older mediapipe wheel")


def _bytes_in(directory: Path) -> int:
    """Return the size of the largest file below ``directory`` (files may vanish meanwhile)."""
    largest = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                largest = max(largest, (Path(folder) / name).stat().st_size)
            except OSError:
                continue
    return largest


def _pip_reason(output: str) -> str:
    """Return the line of pip's output that tells most."""
    if "No module named pip" in output:
        return "this Python has no pip (install it, e.g. 'python -m ensurepip')"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip failed"])[-1].removeprefix("ERROR: ")
