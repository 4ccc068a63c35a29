"""Whether memory stays flat: many frames through the whole chain as fast as they go, without a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.capture.loop import LoopScene
from app.capture.virtual import VirtualSource
from app.session import Session
from app.store.json_values import number
from app.validation.bench_clip import HOLD_S
from app.validation.bench_memory import resident_mb
from app.validation.bench_parts import coach_of_bench

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.validation.bench_parts import Bench


def memory_part(bench: Bench, measure: Callable[[], float] = resident_mb) -> dict[str, Any]:
    """Return the resident memory after 1000, 2000, 5000 ... and all frames, MB."""
    frames = bench.lengths.frames
    wanted = {n * 10**power for power in range(3, 9) for n in (1, 2, 5)} | {frames}
    clip = bench.clip
    scene = LoopScene(clip.pictures, clip.fps, HOLD_S, loop_from=1)
    held: dict[int, float] = {}
    with Session(VirtualSource(scene, clip.fps), bench.make_estimator, coach_of_bench()) as session:
        for done in range(1, frames + 1):
            session.step()
            session.latest()
            session.events()
            if done in wanted:
                held[done] = measure()
    first = min(held, default=frames)
    return {
        "frames": frames,
        "by_frames_mb": {str(done): number(mb, 1) for done, mb in held.items()},
        "grown_mb": number(held[frames] - held[first], 1) if held else None,
    }
