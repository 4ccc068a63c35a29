"""How soon an inch of rise is noticed, and how often a rise is called where there is none.

A run of a few seconds cannot show one false call in five minutes. So the peaks of long runs come from the virtual
runner's motion alone (its step-to-step scatter is that of real runners), and each gets the error that the chain made on
some peak of the rendered scenes.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from app.coach.tunnel import (
    LEAST_MARGIN_BH,
    MARGIN_SDS,
    MOST_MARGIN_BH,
    PERSONAL_STEPS,
    RISE_LEAST_BH,
    RISE_MOST_BH,
    RISE_SDS,
    RISE_STEPS,
    upper_scatter,
)
from app.sim.acts import RunnerParams
from app.sim.runner import Runner
from app.validation.scenes import HEIGHT_CM, RISE_M, UNDER_WAY_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.coach.types import FloatArray

#: Peaks that a roof is made of, and what its room above their median is made of: the coach's own, in mm.
ROOF_STEPS = PERSONAL_STEPS
MM_PER_BH = 10.0 * HEIGHT_CM
LEAST_MARGIN_MM, MOST_MARGIN_MM = LEAST_MARGIN_BH * MM_PER_BH, MOST_MARGIN_BH * MM_PER_BH
#: Means of three scatter less, so half an inch is room enough: with less, the roof's own luck (a median of 24 steps)
#: calls a rise every few minutes; with more, a chain whose peaks scatter by 5 mm overlooks one in fifty.
THREE_PEAKS_LEAST_MM, THREE_PEAKS_MOST_MM = RISE_LEAST_BH * MM_PER_BH, RISE_MOST_BH * MM_PER_BH
#: A rise must be noticed within so many steps.
WITHIN_STEPS = 3
#: Long runs: number, length of each, and how often the errors are dealt anew.
RUNS, RUN_S, DEALS = 3, 300.0, 6
#: The crown of a flying body draws a parabola: three instants of the flight give its top.
_OF_FLIGHT = (0.2, 0.5, 0.8)


def one_peak(peaks_mm: FloatArray, reference_mm: FloatArray) -> FloatArray:
    """Return how far each step is above (+) the roof, mm, as the coach's tunnel counts: every peak for itself.

    ``reference_mm``: the peaks (`ROOF_STEPS`,) that the roof is made of: their median and the coach's SDs of them.
    """
    middle, sd = _middle_and_sd(reference_mm)
    return peaks_mm - middle - min(max(MARGIN_SDS * sd, LEAST_MARGIN_MM), MOST_MARGIN_MM)


def three_peaks(peaks_mm: FloatArray, reference_mm: FloatArray) -> FloatArray:
    """Return how far the mean of each step and the two before it is above (+) the roof, mm; NaN for the first two."""
    middle, sd = _middle_and_sd(reference_mm)
    means = np.full(len(peaks_mm), np.nan)
    if len(peaks_mm) >= 3:
        means[2:] = (peaks_mm[2:] + peaks_mm[1:-1] + peaks_mm[:-2]) / 3.0
    margin_mm = min(max(RISE_SDS * sd / np.sqrt(RISE_STEPS), THREE_PEAKS_LEAST_MM), THREE_PEAKS_MOST_MM)
    return np.asarray(means - middle - margin_mm)


#: How a rise is told: the peaks and the reference in, the height above the roof out.
STATISTICS: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "one peak": one_peak,
    "mean of three peaks": three_peaks,
}


def _middle_and_sd(peaks_mm: FloatArray) -> tuple[float, float]:
    return float(np.nanmedian(peaks_mm)), upper_scatter((-peaks_mm[np.isfinite(peaks_mm)]).tolist())


@dataclass(frozen=True, slots=True)
class Noticing:
    """How a statistic does: share of rises noticed within `WITHIN_STEPS`; false calls in five minutes of running."""

    caught_share: float
    rises: int
    false_per_5_min: float


@lru_cache(maxsize=8)
def true_peaks_mm(seed: int, seconds: float = RUN_S) -> FloatArray:
    """Return the crown's highest point of every step of a long run of the virtual runner, mm over the belt."""
    params = RunnerParams(seed=1000 + seed)
    runner = Runner(params)
    contacts = runner.contacts(UNDER_WAY_S, UNDER_WAY_S + seconds)
    peaks = []
    for now, then in itertools.pairwise(contacts):
        flight_s = then.initial_contact_s - now.toe_off_s
        crown = [float(runner.at(now.toe_off_s + u * flight_s).figure.crown[1]) for u in _OF_FLIGHT]
        a, b, c = np.polyfit(_OF_FLIGHT, crown, 2)
        peaks.append(1e3 * params.height_m * float(c - b * b / (4.0 * a)))
    return np.array(peaks)


def noticing(errors_mm: FloatArray, statistic: str, seed: int = 0) -> Noticing:
    """Return how a statistic of `STATISTICS` does on long runs whose peaks carry errors out of ``errors_mm``.

    Every error (k,) mm, of a mean of zero, is as likely at every step. NaN without errors.
    """
    above = STATISTICS[statistic]
    pool = errors_mm[np.isfinite(errors_mm)]
    if len(pool) < ROOF_STEPS:
        return Noticing(float("nan"), 0, float("nan"))
    rng = np.random.default_rng(seed)
    caught = rises = calls = 0
    judged_s = 0.0
    for run in range(RUNS):
        true = true_peaks_mm(run)
        step_s = RUN_S / (len(true) + 1)
        for _ in range(DEALS):
            peaks = true + rng.choice(pool, len(true))
            for start in range(0, len(peaks) - 2 * ROOF_STEPS, ROOF_STEPS):
                reference = peaks[start : start + ROOF_STEPS]
                rest = np.concatenate((peaks[:start], peaks[start + ROOF_STEPS :]))
                calls += _onsets(above(rest, reference) > 0.0)
                judged_s += step_s * len(rest)
                risen = peaks[start + ROOF_STEPS : start + ROOF_STEPS + 2 + WITHIN_STEPS].copy()
                risen[2:] += 1e3 * RISE_M
                caught += bool((above(risen, reference)[2:] > 0.0).any())
                rises += 1
    return Noticing(caught / rises, rises, 300.0 * calls / judged_s)


def _onsets(hits: np.ndarray) -> int:
    """Return how many times ``hits`` begins: steps in a row are one call."""
    return int(hits[:1].sum() + (hits[1:] & ~hits[:-1]).sum())


def rendered_rise(peaks_mm: FloatArray, ends_s: FloatArray, rise_s: float, statistic: str) -> tuple[bool, int] | None:
    """Return (noticed within `WITHIN_STEPS`, false calls before) of a rendered rise; None where there is no roof.

    ``peaks_mm`` (k,) of the steps that end at ``ends_s`` (k,); the rise starts at ``rise_s``.
    """
    before, after = ends_s <= rise_s, ends_s > rise_s
    if np.isfinite(peaks_mm[before]).sum() < ROOF_STEPS or after.sum() < WITHIN_STEPS:
        return None
    reference = peaks_mm[before][:ROOF_STEPS]
    calls = STATISTICS[statistic](peaks_mm, reference) > 0.0
    # The step in which the rise happens may end before it is complete: it is not one of the three.
    full = np.flatnonzero(after)[1 : 1 + WITHIN_STEPS]
    return bool(calls[after][0] or calls[full].any()), _onsets(calls[before][ROOF_STEPS:])
