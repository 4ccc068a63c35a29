"""Where the bundled app starts: the ``hingecoach`` command, standing in for its own Python interpreter.

In a bundle `sys.executable` is the app itself, and the app starts it in three ways: as a worker (multiprocessing), with
``-c CODE`` (whether Qt opens the display, `app/cli/display.py`, and whatever else needs a process of its own) and with
``-m pip`` (the second way by which the pose model comes, `app/pose/model_fetch.py`). No command begins like these.
"""

from __future__ import annotations

import multiprocessing
import runpy
import sys


def main() -> None:
    """Do what an interpreter would with this command line, or run the command."""
    multiprocessing.freeze_support()  # a worker process never returns from here
    words = sys.argv[1:]
    if words[:1] == ["-c"] and len(words) > 1:
        sys.argv = ["-c", *words[2:]]
        exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})  # as python -c does
    elif words[:2] == ["-m", "pip"]:
        sys.argv = ["pip", *words[2:]]
        runpy.run_module("pip", run_name="__main__", alter_sys=True)
    else:
        from app.__main__ import main as command

        command()


if __name__ == "__main__":
    main()
