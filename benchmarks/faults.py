"""Everything that can go wrong beside a running session, brought about on purpose: what the app does, measured.

Through the real live session: camera (at the level of ``cv2.VideoCapture``), its threads, coach, recorder, and the
window without a screen where it matters. Run from the checkout:

    python -m benchmarks.faults [--short] [--only WORD] [--markdown docs/outcomes.md]

The exit code is 1 where anything was not as it should be. All of it takes about twenty minutes.
"""

from __future__ import annotations

import argparse
import logging
import math
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import app
from app.store.atomic import write_text
from benchmarks import fault_camera, fault_inside, fault_window
from benchmarks.faulty import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.fault_runs import Outcome

ODD = "passes such pictures over; after 2 s it opens the camera anew, in the size asked for; the session goes on"
TOLD_ODD = "another size or form"
CONVERTED = "converts it; nothing is broken off"


def cases(short: bool) -> dict[str, list[tuple[str, Callable[[], list[Outcome]]]]]:
    """Return everything, by chapter: (word to choose it by, what to run)."""
    odd = fault_camera.odd
    times = 10 if short else 100

    def one(does: Callable[[], Outcome]) -> Callable[[], list[Outcome]]:
        return lambda: [does()]

    camera: list[tuple[str, Callable[[], list[Outcome]]]] = [
        ("unplugged", one(lambda: fault_camera.unplugged(times))),
        ("for ever", one(fault_camera.unplugged_for_ever)),
        ("stop", one(fault_camera.stopped_while_away)),
        ("hung", one(fault_camera.hung_for_ever)),
        ("stall", lambda: [fault_camera.stalled(seconds) for seconds in (0.4, 2.0, 10.0)]),
        ("size", one(lambda: odd(Trouble.OTHER_SIZE, 3.0, TOLD_ODD, ODD))),
        ("float", one(lambda: odd(Trouble.FLOAT, 3.0, TOLD_ODD, ODD))),
        ("grey", one(lambda: odd(Trouble.GREY, 1.0, "", CONVERTED))),
        ("alpha", one(lambda: odd(Trouble.BGRA, 1.0, "", CONVERTED))),
        ("strided", one(lambda: odd(Trouble.STRIDED, 1.0, "", CONVERTED))),
        ("frozen", one(fault_camera.frozen)),
        ("black", one(fault_camera.black)),
        ("corrupt", one(fault_camera.corrupt)),
        ("rate", lambda: [fault_camera.slow(fps) for fps in (1.0, 5.0, 240.0)]),
        ("clock", fault_camera.clocks),
        ("wall clock", one(fault_camera.wall_clock)),
    ]
    inside: list[tuple[str, Callable[[], list[Outcome]]]] = [
        ("once", one(lambda: fault_inside.network_raises("once", lambda turn: turn == 150))),
        ("tenth", one(lambda: fault_inside.network_raises("at every tenth picture", lambda turn: turn % 10 == 9))),
        ("always", one(fault_inside.network_raises_always)),
        ("network hangs", one(lambda: fault_inside.network_hangs(10.0))),
        ("observer", one(fault_inside.observer_raises)),
        ("coach", one(fault_inside.coach_raises)),
        ("sound", fault_inside.sounds),
    ]
    disk: list[tuple[str, Callable[[], list[Outcome]]]] = [
        ("slow disk", one(fault_inside.slow_disk)),
        ("full disk", one(fault_inside.full_disk)),
        ("read-only", one(fault_inside.read_only)),
        ("database", one(fault_inside.database_gone)),
        ("removed", one(fault_inside.folder_removed)),
    ]
    window: list[tuple[str, Callable[[], list[Outcome]]]] = [
        (f"window {name}", lambda name=name: fault_window.outcomes(name))  # type: ignore[misc]  # bound at once
        for name, _, _ in fault_window.CASES
    ]
    return {"Camera": camera, "Network, coach, sound": inside, "Disk": disk, "The window is closed": window}


def row_of(outcome: Outcome) -> str:
    """Return an outcome as a row of Markdown."""
    measured = "" if math.isnan(outcome.seconds) else f"{outcome.seconds:.2f} s {outcome.measured}"
    limit = "" if math.isinf(outcome.limit_s) or not measured else f" (limit {outcome.limit_s:g} s)"
    verdict = "yes" if outcome.fine else f"NO: {outcome.wrong or 'too slow'}"
    cells = (outcome.happens, outcome.does, outcome.sees, outcome.lost, measured + limit, verdict)
    return "| " + " | ".join(" ".join(cell.replace("|", "/").split()) for cell in cells) + " |"


def page(chapters: dict[str, list[Outcome]], took_s: float) -> str:
    """Return the whole page."""
    count = sum(len(found) for found in chapters.values())
    fine = sum(outcome.fine for found in chapters.values() for outcome in found)
    lines = [
        "# What happens when something goes wrong",
        "",
        "Made by `python -m benchmarks.faults --markdown docs/outcomes.md`; do not edit.",
        "",
        "Every fault is brought about in a real live session: threads, recorder, and (without a screen) the window.",
        "The camera fails at the level of OpenCV's `VideoCapture`. Before it is a runner who does nothing wrong:",
        "whatever is held against him is invented, and makes the row a NO.",
        "",
        f"Hinge Coach {app.__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}; "
        f"{fine} of {count} as they should be; {took_s / 60.0:.0f} minutes.",
    ]
    for chapter, found in chapters.items():
        lines += ["", f"## {chapter}", ""]
        lines += ["| what happens | what the app does | what the runner sees or hears | lost | measured | fine |"]
        lines += ["| --- | --- | --- | --- | --- | --- |", *(row_of(outcome) for outcome in found)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run all of it, or what was asked for."""
    parser = argparse.ArgumentParser(description="Faults on purpose, and what becomes of them.")
    parser.add_argument("--short", action="store_true", help="10 unpluggings instead of 100, none for ever")
    parser.add_argument("--only", default="", help="only the faults whose word has this in it")
    parser.add_argument("--markdown", type=Path, default=None, help="where to write the page")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what is logged here is meant to be
    began_s, chapters = time.monotonic(), {}
    for chapter, known in cases(asked.short).items():
        found: list[Outcome] = []
        for word, run in known:
            if asked.only not in word or (asked.short and word == "for ever"):
                continue
            for outcome in run():
                print(row_of(outcome), flush=True)
                found.append(outcome)
        if found:
            chapters[chapter] = found
    if asked.markdown is not None:
        write_text(asked.markdown, page(chapters, time.monotonic() - began_s))
    sys.exit(not all(outcome.fine for found in chapters.values() for outcome in found))


if __name__ == "__main__":
    main()
