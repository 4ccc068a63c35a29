"""Whether memory stays flat over a long session through the real network.

Target: no more than 20 MB between frame 1000 and the last of 5000.
Run from the checkout (Linux): python -m benchmarks.memory
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from app.capture.virtual import VirtualSource
from app.coach.model import CoachModel
from app.session import Session
from benchmarks.common import DrawnScene, Row, chain, finish, model_path

FRAMES, SETTLED_AT, FPS = 5000, 1000, 60.0


def resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    if not sys.platform.startswith("linux"):
        sys.exit("this benchmark reads /proc: run it on Linux")
    model = model_path()
    source = VirtualSource(DrawnScene(FPS, 2.0, (640, 360)), FPS, FRAMES / FPS)
    sizes_mb = []
    with Session(source, lambda: chain(model), CoachModel()) as session:
        for k in range(FRAMES):
            session.step()
            session.latest()
            session.events()
            if k + 1 in (SETTLED_AT, FRAMES) or (k + 1) % SETTLED_AT == 0:
                sizes_mb.append(resident_mb())
    rows = [Row(f"resident after {(n + 1) * SETTLED_AT} frames", size, "MB") for n, size in enumerate(sizes_mb)]
    grown = sizes_mb[-1] - sizes_mb[0]
    finish(f"memory over {FRAMES} frames of 640x360", [*rows, Row(f"grown since {SETTLED_AT}", grown, "MB", 20.0)])


if __name__ == "__main__":
    main()
