"""How long the coach's curves take: four strips of ten seconds at 60 fps, painted anew after every four frames.

Target: 8 ms of processor time in the median (measured on an idle machine of two cores: 3 to 4).
Run from the checkout: python -m benchmarks.curves
"""

from __future__ import annotations

import math
import os
import statistics
import time

from app.coach.report import FormSample
from benchmarks.common import Row, finish

FPS, REDRAWS, LIMIT_MS = 60.0, 200, 8.0


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.ui.plots import StripColumn
    from app.ui.theme import DARK, Theme

    application = QApplication.instance() or QApplication([])
    column = StripColumn(Theme(DARK))
    column.resize(400, 560)
    column.show()
    t_s, spent_ms = 0.0, []
    for index in range(REDRAWS):
        for _ in range(600 if not index else 4):
            t_s += 1 / FPS
            wave = math.sin(18 * t_s)
            column.series.add(FormSample(t_s, 11 + 4 * wave, 30 + 30 * wave, 40 + 30 * wave, 0.03, 5 + 3 * wave))
        start_s = time.thread_time()
        column.draw(None)
        application.processEvents()
        spent_ms.append(1e3 * (time.thread_time() - start_s))
    finish(
        f"{REDRAWS} redraws of four curves",
        [
            Row("p50", statistics.median(spent_ms[1:]), "ms", LIMIT_MS),
            Row("p95", statistics.quantiles(spent_ms[1:], n=20)[-1], "ms"),
        ],
    )


if __name__ == "__main__":
    main()
