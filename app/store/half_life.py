"""Form over the minutes of a session, and how long it holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from app.coach.report import GOOD, NOT_JUDGED

if TYPE_CHECKING:
    from app.store.sessions.tables import JudgedStep, ShortStep

#: Fewer judged steps than this make no minute: a third of what a runner takes in one.
LEAST_MINUTE_STEPS = 50
#: A longer interval between steps is a pause: its time is nobody's running.
PAUSE_S = 2.0
#: Minutes of judged running without which nothing is said of a half-life; those of them that are the start.
LEAST_MINUTES, START_MINUTES = 5, 2
#: Form that is good in fewer than half of the steps at the start has nothing to decay from.
LEAST_START_SHARE = 0.5
#: So many minutes in a row below half of the start are a decay; fewer are a lapse.
DECAYED_MINUTES = 2


@dataclass(frozen=True, slots=True)
class Minute:
    """A minute of running (pauses left out): judged steps, and the share of good ones, NaN for too few."""

    steps: int
    good_share: float


@dataclass(frozen=True, slots=True)
class HalfLife:
    """Minutes of running until the form decays; see `half_life`.

    Attributes:
        minutes: until then or, where it never came to that, of running in all; NaN: cannot be told.
        reached: whether it came to that.
        because: why it cannot be told: "short" (too little judged running), "start" (not good to begin with), "".
    """

    minutes: float
    reached: bool
    because: str = ""


NO_HALF_LIFE = HalfLife(math.nan, reached=False, because="short")


def minutes_of(steps: Sequence[JudgedStep | ShortStep]) -> tuple[Minute, ...]:
    """Return the minutes of running, from the first judged step on; the last one as far as it goes."""
    minutes: list[list[bool]] = []
    clock_s, last_s = 0.0, math.nan
    for judged in steps:
        passed_s = judged.t_s - last_s
        last_s = judged.t_s
        if minutes:
            # After a pause the step itself is all that was run.
            clock_s += passed_s if 0.0 <= passed_s <= PAUSE_S else min(judged.duration_s, PAUSE_S)
        if judged.verdict == NOT_JUDGED:
            continue
        while len(minutes) <= int(clock_s // 60.0):
            minutes.append([])
        minutes[-1].append(judged.verdict == GOOD)
    return tuple(
        Minute(len(good), sum(good) / len(good) if len(good) >= LEAST_MINUTE_STEPS else math.nan) for good in minutes
    )


def half_life(minutes: Sequence[Minute]) -> HalfLife:
    """Return how many minutes of running it takes until the form decays.

    Form is the share of good ones among the judged steps of each minute. The start is the mean of the first
    START_MINUTES, which must be at least LEAST_START_SHARE. The half-life is the number of minutes before the first of
    DECAYED_MINUTES in a row whose running median over three minutes is below half of the start. "Half" is of the start
    itself: no floor is known below which form could not fall.

    Limits: it is as fine as a minute. It says what the runner did with the cues that were given, not what he would have
    done without, so only sessions with as much feedback compare. Fatigue, boredom and a camera that was knocked look
    alike. What comes back after the decay does not count. No half-life within the session is no proof of a long one:
    then the session's length is a lower bound.
    """
    known = [minute.good_share for minute in minutes if math.isfinite(minute.good_share)]
    if len(known) < LEAST_MINUTES:
        return NO_HALF_LIFE
    start = sum(known[:START_MINUTES]) / START_MINUTES
    if start < LEAST_START_SHARE:
        return HalfLife(math.nan, reached=False, because="start")
    # Numbers of the minutes that are known: one with too few judged steps is passed over, its time is not.
    numbers = [k for k, minute in enumerate(minutes) if math.isfinite(minute.good_share)]
    low = [median(known[max(k - 1, 0) : k + 2]) < start / 2.0 for k in range(len(known))]
    for k in range(START_MINUTES, len(known) - DECAYED_MINUTES + 1):
        if all(low[k : k + DECAYED_MINUTES]):
            return HalfLife(float(numbers[k]), reached=True)
    return HalfLife(float(numbers[-1] + 1), reached=False)
