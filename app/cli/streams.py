"""Standard streams that never end a command by what they are: closed, of few characters, or full."""

import contextlib
import io
import os
import sys
from pathlib import Path


def prepare() -> None:
    """Make stdout and stderr usable: nowhere where they are closed, ``?`` for a character they do not have."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        _occupy(number)
        stream = getattr(sys, name)
        if stream is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the life of the process
            setattr(sys, name, nowhere)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _occupy(number: int) -> None:
    """Open a closed descriptor on nothing: or else a file we write takes it and gets what libraries print there."""
    try:
        os.fstat(number)
    except OSError:
        with contextlib.suppress(OSError):
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)


def flush() -> None:
    """Send what stdout still holds. Raises OSError where it does not get through."""
    if sys.stdout is not None:
        sys.stdout.flush()


def forget_stdout() -> None:
    """Lead stdout to nowhere: what it still holds would fail once more at the end of the process."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
