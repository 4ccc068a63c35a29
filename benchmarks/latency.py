"""How old a frame is when its inference starts, with a live source and the real network.

Target: the 95th percentile stays within one camera interval, at 30 and at 60 fps.
Run from the checkout: python -m benchmarks.latency
"""

from __future__ import annotations

from app.capture.virtual import VirtualSource
from app.coach.model import CoachModel
from app.session import Session
from benchmarks.common import DrawnScene, Row, chain, finish, model_path

SECONDS = 12.0


def rows_at(fps: float) -> list[Row]:
    model = model_path()
    source = VirtualSource(DrawnScene(fps, 1.0), fps, SECONDS, realtime=True)
    session = Session(source, lambda: chain(model), CoachModel())
    session.start()
    session.wait(SECONDS + 60.0)
    session.stop()
    status = session.status()
    interval_ms = 1e3 / fps
    return [
        Row(f"{fps:.0f} fps: frames analysed", status.frames, ""),
        Row(f"{fps:.0f} fps: frames dropped", status.dropped, ""),
        Row(f"{fps:.0f} fps: age at start of inference, p50", status.age_ms_p50, "ms", interval_ms),
        Row(f"{fps:.0f} fps: age at start of inference, p95", status.age_ms_p95, "ms", interval_ms),
        Row(f"{fps:.0f} fps: inference, p50", status.stages_ms["pose"].p50_ms, "ms"),
        Row(f"{fps:.0f} fps: read to report, p50", status.latency_ms_p50, "ms"),
        Row(f"{fps:.0f} fps: read to report, p95", status.latency_ms_p95, "ms"),
    ]


def main() -> None:
    finish(f"latency of a live session, {SECONDS:.0f} s at each rate, 1280x720", [*rows_at(30.0), *rows_at(60.0)])


if __name__ == "__main__":
    main()
