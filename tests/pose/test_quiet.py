"""C++ chatter is held back, everything else on file descriptor 2 arrives."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from app.pose.quiet import interruption_later, quiet_stderr

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

CHATTER = (
    b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"W0000 00:00:1795350847.635546    5500 inference_feedback_manager.cc:114] Feedback manager requires\n"
)
CHATTER += b"ERROR: The model is not a valid Flatbuffer buffer\n"
OURS = (
    b'ERROR: The model is not here\nTraceback (most recent call last):\n  File "x.py", line 1\nWarning: mind the gap\n'
)


def test_only_chatter_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_stderr():
        os.write(2, CHATTER + OURS + CHATTER)
    os.write(2, b"after\n")

    assert capfd.readouterr().err.encode() == OURS + b"after\n"


def test_what_python_printed_before_is_not_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    sys.stderr.write("before ")
    with quiet_stderr():
        sys.stderr.write("inside ")
    sys.stderr.write("after")

    assert capfd.readouterr().err == "before inside after"


def test_an_error_inside_comes_out_and_the_descriptor_is_back(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with quiet_stderr():
            os.write(2, OURS)
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    os.write(2, CHATTER)

    assert capfd.readouterr().err.encode() == OURS + CHATTER


def test_blocks_of_two_threads_overlap(capfd: pytest.CaptureFixture[str]) -> None:
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with quiet_stderr():
            entered.set()
            assert leave.wait(10)
            os.write(2, CHATTER + b"other\n")

    thread = threading.Thread(target=other)
    with quiet_stderr():
        thread.start()
        assert entered.wait(10)
    os.write(2, CHATTER)
    leave.set()
    thread.join(10)
    os.write(2, b"free\n")

    assert capfd.readouterr().err == "other\nfree\n"


def test_a_process_without_descriptor_2_is_left_alone(
    run_python: Callable[..., CompletedProcess[str]],
) -> None:
    script = (
        "import os\nos.close(2)\n"
        "from app.pose.quiet import quiet_stderr\n"
        "with quiet_stderr():\n    print('inside')\n"
        "print('done')\n"
    )

    done = run_python(script)

    assert done.stdout == "inside\ndone\n"


def test_an_interruption_waits_for_the_end_of_the_block() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []
    with pytest.raises(KeyboardInterrupt), interruption_later() as interrupted:  # noqa: PT012 - raised at its end
        seen.append(interrupted())
        signal.raise_signal(signal.SIGINT)
        seen.append(interrupted())
    assert seen == [False, True]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_thread_that_is_never_interrupted_leaves_the_signal_alone() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def run() -> None:
        with interruption_later() as interrupted:
            seen.extend((signal.getsignal(signal.SIGINT) is before, interrupted()))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10.0)
    assert seen == [True, False]
