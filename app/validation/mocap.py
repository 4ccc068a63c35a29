"""The motion-capture runner: the coach's contacts against force plates, at camera rates, clean and under stress.

Under stress the markers come as bad landmarks do: white noise on all of them, more on the far leg, the legs exchanged
in bursts, and a low-pass filter's lag of one frame. The lag shifts initial contact and toe-off alike; from the
landmarks it cannot be told, so it is left in, and taken off only in the rows that say so.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.capture.trc import PX_PER_M, TrcSource
from app.coach.errors import WorldError
from app.coach.geometry import body_from_pose
from app.coach.model import CoachModel
from app.coach.standing import reference_from_recording
from app.coach.types import BodyPose, Facing, FloatArray, Landmark, RunnerProfile
from app.validation import metrics
from app.validation.document import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.coach.summary import CoachSummary

#: The folder's files, by what they hold.
RUN, STANDING, CONTACTS = "runner_a_run.trc", "runner_a_standing.trc", "runner_a_contacts.csv"
HEIGHT_CM = 181.0
RATES_FPS = (60.0, 30.0)
#: The stress: noise per axis, m, its factor on the far leg, the share of frames with exchanged legs, and how likely
#: such a burst ends with the next frame (biomechanics B: mean 3 frames).
NOISE_M, FAR_LEG = 0.010, 1.5
SWAPPED, SWAP_ENDS = 0.20, 1.0 / 3.0
#: The lag: each frame is the mean of the markers and of the frame before, which is one frame late.
LAG_SHARE = 0.5
#: Figures under stress are over these draws.
SEEDS = (1, 2, 3)
_LEFT_LEG = (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL, Landmark.LEFT_TOE)
_RIGHT_LEG = (Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE, Landmark.RIGHT_HEEL, Landmark.RIGHT_TOE)
#: What the rows are called after their rate.
NOISY, LATE, LAG_KNOWN = "noise", "noise, lag", "noise, lag known"


def measure_mocap(folder: str) -> dict[str, dict[str, float | None]]:
    """Return the figures by frame rate and stress, "60 fps", "60 fps, noise", ...: a few per row.

    Contacts found and invented (of several draws the worst), mean absolute error of their times and bias of the
    contact time, ms, and the error of the cadence, steps/min (means over the draws).

    Raises:
        WorldError: a file is missing or is not what it should be.
    """
    place = Path(folder).expanduser()
    for name in (RUN, STANDING, CONTACTS):
        if not (place / name).is_file():
            raise WorldError(f"--mocap: {place} holds no {name}: give the folder of the motion-capture runner.")
    run, standing, true = _poses(place / RUN), _poses(place / STANDING), _contacts(place / CONTACTS)
    rows: dict[str, dict[str, float | None]] = {}
    for fps in RATES_FPS:
        name, clean = f"{fps:.0f} fps", resampled(run, fps)
        rows[name] = _mean([_against(_coached(clean, standing), true)])
        noisy = [_coached(stressed(clean, seed, late=False), standing) for seed in SEEDS]
        late = [_coached(stressed(clean, seed, late=True), standing) for seed in SEEDS]
        rows[f"{name}, {NOISY}"] = _mean([_against(summary, true) for summary in noisy])
        rows[f"{name}, {LATE}"] = _mean([_against(summary, true) for summary in late])
        rows[f"{name}, {LAG_KNOWN}"] = _mean([_against(summary, true, 1.0 / fps) for summary in late])
    return rows


def _poses(path: Path) -> list[BodyPose]:
    source = TrcSource(path)
    source.open()
    poses = []
    while (frame := source.read()) is not None:
        if frame.landmarks is not None:
            poses.append(frame.landmarks)
    source.close()
    return poses


def _contacts(path: Path) -> FloatArray:
    """Return true (initial contact, toe-off) (n, 2), s."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [(float(row["initial_contact_s"]), float(row["toe_off_s"])) for row in csv.DictReader(file)]
    except (OSError, UnicodeError, KeyError, TypeError, ValueError) as error:
        message = "needs rows of initial_contact_s and toe_off_s in seconds"
        raise WorldError(f"--mocap: {path} cannot be read as contacts ({error}): it {message}.") from error
    if len(rows) < 2:
        raise WorldError(f"--mocap: {path} holds fewer than two contacts.")
    return np.array(rows)


def resampled(poses: Sequence[BodyPose], fps: float) -> list[BodyPose]:
    """Return poses at ``fps``, every landmark by linear interpolation between its two neighbours in time."""
    t_s = np.array([pose.t_s for pose in poses])
    xy = np.array([pose.xy_px for pose in poses]).reshape(len(poses), -1)
    wanted_s = np.arange(t_s[0], t_s[-1] + 1e-9, 1.0 / fps)
    columns = [np.interp(wanted_s, t_s, column) for column in xy.T]
    rows = np.stack(columns, axis=1).reshape(len(wanted_s), *poses[0].xy_px.shape)
    return [replace(poses[0], t_s=float(t), xy_px=row) for t, row in zip(wanted_s, rows, strict=True)]


def stressed(poses: Sequence[BodyPose], seed: int, late: bool) -> list[BodyPose]:
    """Return poses of a runner who faces right, of 1 px = 1 / `PX_PER_M` m, as bad landmarks give them.

    Args:
        poses: as measured, at the rate wanted.
        seed: of the noise and of the bursts in which the legs are exchanged.
        late: whether a low-pass filter delays them by a frame.
    """
    rng = np.random.default_rng(seed)
    xy_px = np.array([pose.xy_px for pose in poses])
    if late:
        for k in range(1, len(xy_px)):
            xy_px[k] = (1.0 - LAG_SHARE) * xy_px[k] + LAG_SHARE * xy_px[k - 1]
    noise_px = np.full(xy_px.shape[1], NOISE_M * PX_PER_M)
    noise_px[list(_LEFT_LEG)] *= FAR_LEG
    xy_px += rng.standard_normal(xy_px.shape) * noise_px[None, :, None]
    swapped = False
    begins = SWAPPED * SWAP_ENDS / (1.0 - SWAPPED)
    for frame_px in xy_px:
        swapped = rng.random() >= SWAP_ENDS if swapped else rng.random() < begins
        if swapped:
            frame_px[list(_LEFT_LEG + _RIGHT_LEG)] = frame_px[list(_RIGHT_LEG + _LEFT_LEG)]
    return [replace(pose, xy_px=row) for pose, row in zip(poses, xy_px, strict=True)]


def _coached(run: Sequence[BodyPose], standing: Sequence[BodyPose]) -> CoachSummary:
    """Return what the coach makes of a run."""
    profile = RunnerProfile(HEIGHT_CM)
    reference, _ = reference_from_recording([body_from_pose(pose, Facing.RIGHT) for pose in standing], profile)
    coach = CoachModel(profile=profile, standing=reference)
    for pose in run:
        coach.update(pose)
    coach.finish()
    return coach.summary()


def _against(summary: CoachSummary, true: FloatArray, lag_s: float = 0.0) -> dict[str, float | None]:
    """Return the coach's contacts, ``lag_s`` earlier than it says, against the true ones."""
    found = np.array([(c.initial_contact_s, c.toe_off_s) for c in summary.contacts]).reshape(-1, 2) - lag_s
    hits, invented = metrics.match_contacts(true[:, 0].tolist(), found[:, 0].tolist())
    cadence = summary.measures["cadence_spm"]
    true_spm = 60.0 * (len(true) - 1) / (true[-1, 0] - true[0, 0])
    row: dict[str, float | None] = {
        "contacts": len(true),
        "found": hits,
        "invented": invented,
        "cadence_error_spm": None if cadence is None else cadence.value - true_spm,
    }
    if len(found):
        nearest = found[np.abs(found[None, :, 0] - true[:, None, 0]).argmin(axis=1)]
        error_ms = 1e3 * (nearest - true)
        error_ms = error_ms[np.abs(error_ms[:, 0]) <= 1e3 * metrics.MATCH_S]
        mae_ms = np.nanmean(np.abs(error_ms), axis=0)
        row["initial_contact_mae_ms"], row["toe_off_mae_ms"] = float(mae_ms[0]), float(mae_ms[1])
        row["contact_time_bias_ms"] = float(np.nanmean(error_ms[:, 1] - error_ms[:, 0]))
    return row


def _mean(rows: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return the rows of several draws as one: the worst count, the mean of every error; None where one is missing."""
    worst = {"contacts": max, "found": min, "invented": max}
    one: dict[str, float | None] = {}
    for key in rows[0]:
        values = [value for row in rows if (value := row.get(key)) is not None]
        if len(values) < len(rows):
            one[key] = None
        else:
            one[key] = worst[key](values) if key in worst else number(float(np.mean(values)))
    return one
