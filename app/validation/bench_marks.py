"""When things happened in a live run, and the figures of it: percentiles, ages, delays, gaps.

Every list has one writer, the thread in which the thing happens; they are read when the run is over. All times are
seconds of one monotonic clock, on which the frames' own times are, too.
"""

from __future__ import annotations

import threading
import time
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

from app.store.json_values import number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.coach.types import FloatArray
    from app.session import Analysis

#: Stalls of the window that are counted, ms; from `LEAST_TOLD_MS` on they are told one by one, the longest only.
STALLS_MS, LEAST_TOLD_MS, MOST_TOLD = (50.0, 100.0), 20.0, 10
#: A sound that comes later than this after a decision belongs to another one, s.
LATEST_SOUND_S = 2.5
#: The analysing thread may be held up so long between handing over an analysis and writing down when, s.
EARLY_S = 0.02

Span = tuple[float, float]


class Rows:
    """A growing table of numbers with fixed columns; small, as runs may last."""

    def __init__(self, *columns: str) -> None:
        self._columns = columns
        self._values = array("d")

    def add(self, *values: float) -> None:
        """Add one row."""
        if len(values) != len(self._columns):
            raise ValueError(f"expected {len(self._columns)} values, got {len(values)}")
        self._values.extend(values)

    def __len__(self) -> int:
        return len(self._values) // len(self._columns)

    def column(self, name: str) -> FloatArray:
        """Return one column as it is now, a copy (n,)."""
        values = np.array(self._values, dtype=np.float64)
        whole = len(values) - len(values) % len(self._columns)
        return values[:whole].reshape(-1, len(self._columns))[:, self._columns.index(name)]


class LiveMarks:
    """What happened when; an observer of the session, and for the window to write into.

    Args:
        sound_of: what is to be heard of a report's cue (its id and what it is because of) and of a roof hit.
        clock: monotonic seconds.

    Attributes:
        frames: analysed. taken: by the window. painted: for the first time, and how long painting took.
        overlay: how long drawing over the picture took. beats: of the window's heart.
        decided, played: (when, which sound). first: set with the first analysis.
    """

    def __init__(
        self,
        sound_of: Callable[[Analysis], Sequence[str]] = lambda _: (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._sound_of, self._clock = sound_of, clock
        self.frames = Rows("index", "captured_s", "ready_s", "age", "pose", "coach", "total")
        self.taken = Rows("index", "at_s")
        self.painted = Rows("index", "at_s", "took_ms")
        self.overlay = Rows("at_s", "took_ms")
        self.beats = Rows("at_s")
        self.decided: list[tuple[float, str]] = []
        self.played: list[tuple[float, str]] = []
        self.first = threading.Event()

    def __call__(self, analysis: Analysis) -> None:
        """Take an analysis that has just got ready."""
        now_s, took_ms = self._clock(), analysis.timings_ms
        frame = analysis.frame
        self.frames.add(frame.index, frame.t_s, now_s, *(took_ms[key] for key in ("age", "pose", "coach", "total")))
        self.decided.extend((now_s, sound) for sound in self._sound_of(analysis))
        self.first.set()


def percentiles(values: FloatArray, digits: int = 2) -> dict[str, Any]:
    """Return median, tail, largest and number of some values; None for what is not there."""
    if not values.size:
        return {"p50": None, "p95": None, "p99": None, "max": None, "n": 0}
    p50, p95, p99, largest = (float(v) for v in np.percentile(values, (50, 95, 99, 100)))
    rounded = {"p50": p50, "p95": p95, "p99": p99, "max": largest}
    return {**{key: number(value, digits) for key, value in rounded.items()}, "n": int(values.size)}


def rate_hz(times_s: FloatArray, spans: Sequence[Span]) -> float:
    """Return events per second within some spans of time: intervals over their durations; NaN without any."""
    count, duration_s = 0, 0.0
    for start_s, end_s in spans:
        inside = times_s[(times_s >= start_s) & (times_s <= end_s)]
        if inside.size > 1:
            count += inside.size - 1
            duration_s += float(inside[-1] - inside[0])
    return count / duration_s if duration_s > 0.0 else float("nan")


def within(times_s: FloatArray, spans: Sequence[Span]) -> Any:
    """Return a mask of the times that lie in any of the spans."""
    mask = np.zeros(times_s.shape, dtype=bool)
    for start_s, end_s in spans:
        mask |= (times_s >= start_s) & (times_s <= end_s)
    return mask


def stage_figures(marks: LiveMarks, spans: Sequence[Span], network: Rows | None = None) -> dict[str, Any]:
    """Return the percentiles of every stage of the frames that got ready within some spans, ms.

    ``network``: when the network alone was done (``at_s``) and how long it took (``took_ms``), where that was watched.
    """
    frames, ready_s = marks.frames, marks.frames.column("ready_s")
    inside = within(ready_s, spans)
    index, captured_s = frames.column("index")[inside], frames.column("captured_s")[inside]
    figures = {key: percentiles(frames.column(key)[inside]) for key in ("age", "pose", "coach", "total")}
    figures["captured_to_ready"] = percentiles((ready_s[inside] - captured_s) * 1e3)
    read_ms = (ready_s[inside] - captured_s) * 1e3 - frames.column("total")[inside]
    figures["captured_to_read"] = percentiles(np.maximum(read_ms, 0.0))
    if network is not None and len(network):
        figures |= _network_alone(network, ready_s[inside], frames.column("pose")[inside])
    taken_s = _first_time(marks.taken, index)
    if len(marks.taken):
        figures["ready_to_taken"] = _latencies(taken_s, ready_s[inside])
    if len(marks.painted):
        painted_s = _first_time(marks.painted, index)
        figures["captured_to_painted"] = _latencies(painted_s, captured_s)
        if len(marks.taken):
            figures["taken_to_painted"] = _latencies(painted_s, taken_s)
        figures["paint"] = percentiles(marks.painted.column("took_ms")[within(marks.painted.column("at_s"), spans)])
    if len(marks.overlay):
        figures["overlay"] = percentiles(marks.overlay.column("took_ms")[within(marks.overlay.column("at_s"), spans)])
    return figures


def _network_alone(network: Rows, ready_s: FloatArray, pose_ms: FloatArray) -> dict[str, Any]:
    """Return the network's part of the pose and what refinement adds; a frame's network is the last before it."""
    at_s, took_ms = network.column("at_s"), network.column("took_ms")
    newest = np.searchsorted(at_s, ready_s) - 1
    known = newest >= 0
    alone_ms = took_ms[newest[known]]
    return {"network": percentiles(alone_ms), "refine": percentiles(np.maximum(pose_ms[known] - alone_ms, 0.0))}


def _first_time(rows: Rows, wanted: FloatArray) -> FloatArray:
    """Return for each wanted frame when it first occurs in the rows, NaN where it does not."""
    first: dict[float, float] = {}
    for index, at_s in zip(rows.column("index").tolist(), rows.column("at_s").tolist(), strict=True):
        first.setdefault(index, at_s)
    return np.array([first.get(index, np.nan) for index in wanted.tolist()], dtype=np.float64)


def _latencies(later_s: FloatArray, earlier_s: FloatArray) -> dict[str, Any]:
    """Return the percentiles of the differences that there are, ms; a thread may be told a moment late: never < 0."""
    passed_ms = (later_s - earlier_s) * 1e3
    return percentiles(np.maximum(passed_ms[np.isfinite(passed_ms)], 0.0))


def sound_delays(decided: Sequence[tuple[float, str]], played: Sequence[tuple[float, str]]) -> FloatArray:
    """Return (when decided, how long until its sound was asked for), s, of every decision that was heard: (n, 2).

    Each call of a sound answers one decision: the oldest of that sound that is still open.
    """
    delays: list[tuple[float, float]] = []
    calls = sorted(played)
    for at_s, sound in sorted(decided):
        # The window may have been told a moment before the observer wrote down when.
        heard = next((c for c in calls if c[1] == sound and -EARLY_S <= c[0] - at_s <= LATEST_SOUND_S), None)
        if heard is not None:
            calls.remove(heard)
            delays.append((at_s, max(0.0, heard[0] - at_s)))
    return np.array(delays, dtype=np.float64).reshape(-1, 2)


def stall_figures(
    beats_s: FloatArray, period_s: float, spans: Sequence[Span], doings: Sequence[tuple[float, str]] = ()
) -> dict[str, Any]:
    """Return how long the window's heart stood still within some spans.

    A stall is what a beat comes late: the gap before it less the usual period.

    Args:
        beats_s: when the heart beat, rising.
        period_s: how often it is meant to.
        spans: what is looked at.
        doings: (when, what) was done in the window, to name what a stall came with.
    """
    late_ms = (np.diff(beats_s) - period_s) * 1e3
    inside = within(beats_s[1:], spans) if beats_s.size > 1 else np.zeros(0, dtype=bool)
    late_ms, began_s, ended_s = late_ms[inside], beats_s[:-1][inside], beats_s[1:][inside]
    seconds = sum(end_s - start_s for start_s, end_s in spans)
    figures: dict[str, Any] = {"seconds": number(seconds, 1), "late_ms": percentiles(late_ms)}
    figures |= {f"over_{limit:.0f}_ms": int(np.count_nonzero(late_ms > limit)) for limit in STALLS_MS}
    from_s = spans[0][0] if spans else 0.0
    told = [
        {
            "at_s": number(float(began_s[k]) - from_s, 2),
            "late_ms": number(float(late_ms[k]), 1),
            "doing": _doing(doings, float(began_s[k]), float(ended_s[k])),
        }
        for k in np.argsort(-late_ms).tolist()
        if late_ms[k] > LEAST_TOLD_MS
    ]
    return {**figures, "longest": told[:MOST_TOLD], "by_doing": _by_doing(told)}


def _by_doing(stalls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the stalls put together by what was done, the worst first; ``stalls``: the longest first."""
    kinds: dict[str, dict[str, Any]] = {}
    for stall in stalls:
        kind = kinds.setdefault(stall["doing"], {"doing": stall["doing"], "longest_ms": stall["late_ms"]})
        for limit in STALLS_MS:
            key = f"over_{limit:.0f}_ms"
            kind[key] = kind.get(key, 0) + (stall["late_ms"] > limit)
    return list(kinds.values())


def _doing(doings: Sequence[tuple[float, str]], began_s: float, ended_s: float) -> str:
    """Return what was done just before or in a stall, "" for nothing."""
    return next((what for at_s, what in reversed(doings) if began_s - 0.5 <= at_s <= ended_s), "")
