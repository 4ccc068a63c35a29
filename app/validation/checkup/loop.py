"""How late a camera is: it looks at the screen, the screen flashes, and the first picture that shows it is waited for.

The delay from painting to arrival holds all there is between glass and program: the display's own, exposure, the cable,
the driver. Each flash says that the delay lies between two bounds: the first picture with it was taken after it, the
one before was not. Flashes fall anywhere between two pictures (`flash_times_s`), so together they leave little room: at
30 pictures a second and 14 flashes some ms.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from app.capture.source import wait_at
from app.coach.errors import WorldError
from app.coach.types import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.coach.types import FloatArray

#: Flashes, and the time from one to the next: far below what harms photosensitive people (three a second, WCAG 2.3.1).
FLASHES: Final = 14
PERIOD_S, LIT_S = 1.0, 0.3
#: Added to the period by turns, spread evenly over any camera's interval (golden ratio).
SPREAD_S, GOLDEN = 0.1, (5**0.5 - 1) / 2
#: A camera that is later than this is not measured: the screen must be dark for a while before the next flash.
LATEST_S: Final = 0.4
#: How long before a flash the picture is looked at for how dark it is, s.
DARK_S: Final = 0.2
#: Rise of the mean brightness that counts as seen: at least so much of 255, and so many times the picture's own noise.
LEAST_RISE, LEAST_NOISES = 4.0, 5.0
#: Fewer flashes seen than this share tell nothing.
LEAST_SHARE: Final = 0.5


class Source(Protocol):
    """The part of a `FrameSource` that is needed here."""

    def open(self) -> None:
        """Open it. Raises CaptureError."""

    def read(self) -> Frame | None:
        """Return the next picture, None at the end. Raises CaptureError."""

    def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What came out.

    Attributes:
        flashes: how many. seen: by the camera. fps: of its pictures.
        delay_ms: from painting to the arrival of a picture taken at that moment. plus_minus_ms: how sure that is.
        seen_ms: until the first picture with the flash, in the mean. problem: why there is no delay, "".
    """

    flashes: int
    seen: int
    fps: float | None
    delay_ms: float | None = None
    plus_minus_ms: float | None = None
    seen_ms: float | None = None
    problem: str = ""


def flash_times_s(count: int = FLASHES, lead_s: float = 0.0) -> list[float]:
    """Return when to flash, s from the beginning, rising; ``lead_s``: time to point the camera first."""
    return [lead_s + PERIOD_S * (k + 1) + SPREAD_S * math.fmod(k * GOLDEN, 1.0) for k in range(count)]


def loop_of(painted: Sequence[tuple[float, bool]], frames: Sequence[tuple[float, float]]) -> Loop:
    """Return the delay of a camera.

    Args:
        painted: (when, lit) of every change of the screen, s.
        frames: (arrival s, mean brightness 0..255) of every picture, rising, on the same clock.
    """
    times_s, light = (np.array(column, dtype=np.float64) for column in zip(*frames, strict=True)) if frames else (
        np.zeros(0), np.zeros(0),
    )  # fmt: skip
    starts_s = [at_s for at_s, lit in painted if lit]
    if times_s.size < 10:
        return Loop(len(starts_s), 0, None, problem="The camera gave too few pictures.")
    interval_s = float(np.median(np.diff(times_s)))
    bounds_s = [found for at_s in starts_s if (found := _bounds_s(at_s, times_s, light)) is not None]
    fps = 1.0 / interval_s if interval_s > 0.0 else None
    if len(bounds_s) < max(3, LEAST_SHARE * len(starts_s)):
        return Loop(
            len(starts_s), len(bounds_s), fps,
            problem="The camera does not see the flashes: point it at the screen, nearer, in a darker room.",
        )  # fmt: skip
    low_s, high_s = most_agreed(bounds_s)
    seen_s = float(np.median([high for _, high in bounds_s]))
    return Loop(len(starts_s), len(bounds_s), fps, 1e3 * (low_s + high_s) / 2, 1e3 * (high_s - low_s) / 2, 1e3 * seen_s)


def _bounds_s(at_s: float, times_s: FloatArray, light: FloatArray) -> tuple[float, float] | None:
    """Return how late the last picture without and the first with the flash of ``at_s`` came; None: none has it."""
    before = light[(times_s >= at_s - DARK_S) & (times_s < at_s)]
    after = (times_s >= at_s) & (times_s <= at_s + LATEST_S + LIT_S)
    if before.size < 2 or not after.any():
        return None
    dark, noise = float(np.median(before)), float(before.std())
    rise = float(light[after].max()) - dark
    if rise < max(LEAST_RISE, LEAST_NOISES * noise):
        return None
    first = int(np.flatnonzero(after & (light > dark + rise / 2))[0])
    if times_s[first] > at_s + LATEST_S + float(np.median(np.diff(times_s))):
        return None
    return float(times_s[first - 1] - at_s), float(times_s[first] - at_s)


def most_agreed(bounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the stretch that most of the intervals hold; pictures that come unevenly leave none that all hold."""
    edges = sorted([(low, 1) for low, _ in bounds] + [(high, -1) for _, high in bounds])
    held, most, best = 0, 0, (edges[0][0], edges[-1][0])
    for place, (edge, change) in enumerate(edges):
        held += change
        if change > 0 and held > most:
            most, best = held, (edge, edges[place + 1][0])
    return best


class Eye:
    """Reads a camera in a thread and keeps when each picture came and how bright it was.

    Args:
        open_source: makes the source; called, opened, read and closed in the thread.
    """

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self.frames: list[tuple[float, float]] = []
        self.error = ""
        self.opened, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=(open_source,), name="doctor's eye", daemon=True)
        self._thread.start()

    def _run(self, open_source: Callable[[], Source]) -> None:
        source: Source | None = None
        try:
            source = open_source()
            source.open()
            self.opened.set()
            while not self._stop.is_set() and (frame := source.read()) is not None:
                if frame.image_bgr is not None:
                    self.frames.append((frame.t_s, float(frame.image_bgr[::8, ::8].mean())))
        except WorldError as error:
            self.error = str(error)
        finally:
            if source is not None:
                source.close()
            self.opened.set()

    def close(self, wait_s: float = 5.0) -> None:
        """Stop, and wait until the camera is free."""
        self._stop.set()
        self._thread.join(wait_s)


class ScreenCamera:
    """A camera that sees the screen as it was a known time ago: proof that the measurement is right.

    Args:
        lit_at: whether the screen was lit at a time (s on the clock), as far as it has been painted.
        delay_s: from the screen to the arrival of its picture.
        fps: pictures per second. clock: monotonic seconds. wait: waits at a held condition.
    """

    SIZE_PX: Final = (64, 48)
    DARK, LIT = 30, 180

    def __init__(
        self,
        lit_at: Callable[[float], bool],
        delay_s: float,
        fps: float,
        clock: Callable[[], float],
        wait: Callable[[threading.Condition, float], None] = wait_at,
    ) -> None:
        self._lit_at, self._delay_s, self._fps = lit_at, delay_s, fps
        self._clock, self._wait = clock, wait
        self._condition = threading.Condition()
        self._index, self._from_s, self._closed = 0, 0.0, False

    def open(self) -> None:
        """Begin."""
        self._from_s = self._clock()

    def read(self) -> Frame | None:
        """Return the next picture when it is due, None once closed."""
        self._index += 1
        due_s = self._from_s + self._index / self._fps
        with self._condition:
            while not self._closed and (left_s := due_s - self._clock()) > 0.0:
                self._wait(self._condition, left_s)
            if self._closed:
                return None
        width, height = self.SIZE_PX
        shade = self.LIT if self._lit_at(due_s - self._delay_s) else self.DARK
        return Frame(self._index, due_s, np.full((height, width, 3), shade, dtype=np.uint8))

    def close(self) -> None:
        """End."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()


def lit_at(painted: Sequence[tuple[float, bool]], t_s: float) -> bool:
    """Return whether the screen was lit at a time, by what was painted when."""
    return next((lit for at_s, lit in reversed(painted) if at_s <= t_s), False)
