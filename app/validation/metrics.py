"""What is measured on a chain: each a small function of arrays, its definition and unit in its docstring.

Where a definition follows the landmark study (landmarks.md), the section is named. A frame that was not measured (NaN)
is left out; a figure that rests on nothing is NaN.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from app.coach.filters import peak_near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.coach.types import FloatArray
    from app.validation.series import BoolArray

NAN = float("nan")
#: Legs count as apart from this distance of the ankles on, trunk lengths (landmarks.md, section 3).
APART_TRUNKS = 0.45
#: Fewer frames than this make no regression and no SD.
LEAST_FRAMES = 10
#: A step's highest point: within this of the highest sample a parabola is laid (as the coach does, `steps`).
PEAK_HALF_WINDOW_S = 0.06
#: A contact found within this of a true one is that one; steps are 340 ms apart.
MATCH_S = 0.12
#: A hip further than this from the runner's own is somebody else's, or nobody's, trunk lengths.
OFF_TRUNKS = 0.5
#: Within this of the runner's own, a hip is the runner's, even if somebody stands right behind and is nearer still.
OWN_TRUNKS = 0.25
#: A chain that was right for so long after a crossing has its runner back.
BACK_FOR_S = 0.3


def lag_ms(t_s: FloatArray, estimated: FloatArray, true: FloatArray) -> float:
    """Return how late a signal is, ms: minus the slope of its error on the truth's velocity (landmarks.md, top).

    For a small lag, estimated(t) = true(t - lag) = true(t) - lag * velocity(t). + = late. All arrays (n,).
    """
    velocity = np.gradient(true, t_s)
    error = estimated - true
    known = np.isfinite(error) & np.isfinite(velocity)
    if known.sum() < LEAST_FRAMES or not np.ptp(velocity[known]) > 0.0:
        return NAN
    speed = velocity[known] - velocity[known].mean()
    return float(-1e3 * (speed @ (error[known] - error[known].mean())) / (speed @ speed))


def error_sd(estimated: FloatArray, true: FloatArray) -> float:
    """Return the SD per frame of estimated - true, its mean removed, in their unit."""
    error = (estimated - true)[np.isfinite(estimated - true)]
    return float(error.std()) if len(error) >= LEAST_FRAMES else NAN


def step_peaks(t_s: FloatArray, height: FloatArray, starts_s: Sequence[float]) -> FloatArray:
    """Return the highest point of each step (k - 1,), sub-frame by a parabola; steps lie between ``starts_s`` (k,).

    NaN where fewer than half of a step's frames are known.
    """
    peaks = []
    for start_s, end_s in itertools.pairwise(starts_s):
        inside = (t_s >= start_s) & (t_s < end_s)
        known = inside & np.isfinite(height)
        if not known.any() or known.sum() < 0.5 * inside.sum():
            peaks.append(NAN)
            continue
        top_s = float(t_s[known][np.argmax(height[known])])
        near = np.isfinite(height) & (np.abs(t_s - top_s) <= 3 * PEAK_HALF_WINDOW_S)
        samples = list(zip(t_s[near].tolist(), height[near].tolist(), strict=True))
        peaks.append(peak_near(samples, top_s, 1e-6, PEAK_HALF_WINDOW_S)[1])
    return np.array(peaks)


def scatter(values: FloatArray, of_means_over: int = 1) -> float:
    """Return the SD of ``values`` (k,), or of their means over so many neighbours (running); NaN below four of them."""
    known = values[np.isfinite(values)]
    if len(known) < of_means_over + 3:
        return NAN
    means = np.convolve(known, np.full(of_means_over, 1.0 / of_means_over), mode="valid")
    return float(means.std(ddof=1))


def drop_error(estimated: FloatArray, true: FloatArray, standing: BoolArray, running: BoolArray) -> float:
    """Return the error of the mean fall of a height from standing to running, in its unit; + = fall too large."""

    def fall(height: FloatArray) -> float:
        before, after = height[standing & known], height[running & known]
        return float(before.mean() - after.mean()) if min(len(before), len(after)) >= LEAST_FRAMES else NAN

    known = np.isfinite(estimated) & np.isfinite(true)
    return fall(estimated) - fall(true)


def legs_apart(true_ankles_px: FloatArray, trunk_px: FloatArray) -> BoolArray:
    """Return the frames (n,) in which the true ankles (n, 2, 2) are `APART_TRUNKS` apart along x."""
    return np.asarray(np.abs(true_ankles_px[:, 0, 0] - true_ankles_px[:, 1, 0]) > APART_TRUNKS * trunk_px)


def sides_wrong(ankles_px: FloatArray, true_ankles_px: FloatArray) -> BoolArray:
    """Return the frames (n,) in which the leg in front is named by the other side (landmarks.md, 3: "labels wrong")."""
    split = ankles_px[:, 0, 0] - ankles_px[:, 1, 0]
    return np.asarray(np.sign(split) * np.sign(true_ankles_px[:, 0, 0] - true_ankles_px[:, 1, 0]) < 0)


def front_rear_wrong(ankles_px: FloatArray, true_ankles_px: FloatArray) -> BoolArray:
    """Return the frames (n,) in which the ankle in front is nearer to the true rear one, or the other way round.

    Front and rear go by x in the very image, whatever the labels say: what is left are legs merged into one, and legs
    found elsewhere.
    """
    found, true = _by_x(ankles_px), _by_x(true_ankles_px)
    own = np.linalg.norm(found - true, axis=2)
    other = np.linalg.norm(found - true[:, ::-1], axis=2)
    return np.asarray((other < own).any(axis=1))


def _by_x(ankles_px: FloatArray) -> FloatArray:
    order = np.argsort(ankles_px[:, :, 0], axis=1)
    return np.take_along_axis(ankles_px, order[:, :, None], axis=1)


def share(events: BoolArray, among: BoolArray) -> tuple[float, int]:
    """Return (share of the frames ``among`` that are ``events``, their number); NaN, 0 without any."""
    n = int(among.sum())
    return (float((events & among).sum() / n), n) if n else (NAN, 0)


def match_contacts(true_s: Sequence[float], found_s: Sequence[float]) -> tuple[int, int]:
    """Return (true contacts found, contacts invented): nearest first, each used once, within `MATCH_S`."""
    pairs = sorted((abs(t - f), i, j) for i, t in enumerate(true_s) for j, f in enumerate(found_s))
    used_true: set[int] = set()
    used_found: set[int] = set()
    for gap_s, i, j in pairs:
        if gap_s <= MATCH_S and i not in used_true and j not in used_found:
            used_true.add(i)
            used_found.add(j)
    return len(used_true), len(found_s) - len(used_found)


def ruined_by_handle(ankles_ahead_px: FloatArray, ankles_below_px: FloatArray, trunk_px: FloatArray) -> BoolArray:
    """Return the frames (n,) with a leg no leg can be: a hand rail or console (landmarks.md, section 3).

    An ankle ahead of the hip and less than half a trunk below it, or more than 1.3 trunks ahead. Ankles (n, 2) px
    ahead of and below the mid-hip.
    """
    high = (ankles_ahead_px > 0.0) & (ankles_below_px < 0.5 * trunk_px[:, None])
    far = ankles_ahead_px > 1.3 * trunk_px[:, None]
    return np.asarray((high | far).any(axis=1))


def wrong_person(hip_px: FloatArray, true_hip_px: FloatArray, others_px: FloatArray, trunk_px: FloatArray) -> BoolArray:
    """Return the frames (n,) whose hip (n, 2) is nearer to another's (n, k, 2), or too far off the runner's own.

    See `OWN_TRUNKS` and `OFF_TRUNKS`.
    """
    off_px = np.linalg.norm(hip_px - true_hip_px, axis=1)
    wrong = off_px > OFF_TRUNKS * trunk_px
    if others_px.shape[1]:
        gaps = np.linalg.norm(others_px - hip_px[:, None], axis=2)
        nearer = np.where(np.isfinite(gaps), gaps, np.inf).min(axis=1) < off_px
        wrong |= nearer & (off_px > OWN_TRUNKS * trunk_px)
    return np.asarray(wrong)


def back_after_s(t_s: FloatArray, right: BoolArray, hidden: BoolArray) -> float:
    """Return how long after the last ``hidden`` frame the runner is given again, and for `BACK_FOR_S` on end, s.

    inf where that never happens, NaN where nothing was hidden. ``right``: frames in which the runner is given.
    """
    if not hidden.any():
        return NAN
    clear_s = float(t_s[np.flatnonzero(hidden)[-1]])
    for k in np.flatnonzero(right & (t_s > clear_s)):
        after = (t_s >= t_s[k]) & (t_s <= t_s[k] + BACK_FOR_S)
        if right[after].all() and t_s[-1] >= t_s[k] + BACK_FOR_S:
            return float(t_s[k] - clear_s)
    return float("inf")


def slope(true: Sequence[float], estimated: Sequence[float]) -> float:
    """Return the slope of estimated on true by least squares; NaN below three scenes."""
    x, y = np.array(true), np.array(estimated)
    known = np.isfinite(x) & np.isfinite(y)
    if known.sum() < 3 or not np.ptp(x[known]) > 0.0:
        return NAN
    return float(np.polyfit(x[known], y[known], 1)[0])
