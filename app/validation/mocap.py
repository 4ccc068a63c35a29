"""The motion-capture runner: the coach's contacts on clean markers against force plates, at camera rates."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.capture.trc import TrcSource
from app.coach.errors import WorldError
from app.coach.geometry import body_from_pose
from app.coach.model import CoachModel
from app.coach.standing import reference_from_recording
from app.coach.types import BodyPose, Facing, FloatArray, RunnerProfile
from app.validation import metrics
from app.validation.document import number

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The folder's files, by what they hold.
RUN, STANDING, CONTACTS = "runner_a_run.trc", "runner_a_standing.trc", "runner_a_contacts.csv"
HEIGHT_CM = 181.0
RATES_FPS = (60.0, 30.0)


def measure_mocap(folder: str) -> dict[str, dict[str, float | None]]:
    """Return the figures by frame rate ("60 fps"): contacts found and invented, errors of their times and of cadence.

    Raises:
        WorldError: a file is missing or is not what it should be.
    """
    place = Path(folder).expanduser()
    for name in (RUN, STANDING, CONTACTS):
        if not (place / name).is_file():
            raise WorldError(f"--mocap: {place} holds no {name}: give the folder of the motion-capture runner.")
    run, standing, true = _poses(place / RUN), _poses(place / STANDING), _contacts(place / CONTACTS)
    return {f"{fps:.0f} fps": _at_rate(run, standing, true, fps) for fps in RATES_FPS}


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


def _at_rate(
    run: Sequence[BodyPose], standing: Sequence[BodyPose], true: FloatArray, fps: float
) -> dict[str, float | None]:
    """Return the coach's contacts against the true ones."""
    profile = RunnerProfile(HEIGHT_CM)
    reference, _ = reference_from_recording([body_from_pose(pose, Facing.RIGHT) for pose in standing], profile)
    coach = CoachModel(profile=profile, standing=reference)
    for pose in resampled(run, fps):
        coach.update(pose)
    coach.finish()
    summary = coach.summary()
    found = np.array([(c.initial_contact_s, c.toe_off_s) for c in summary.contacts]).reshape(-1, 2)
    hits, invented = metrics.match_contacts(true[:, 0].tolist(), found[:, 0].tolist())
    cadence = summary.measures["cadence_spm"]
    true_spm = 60.0 * (len(true) - 1) / (true[-1, 0] - true[0, 0])
    row: dict[str, float | None] = {
        "contacts": len(true),
        "found": hits,
        "invented": invented,
        "cadence_error_spm": None if cadence is None else number(cadence.value - true_spm),
    }
    if len(found):
        nearest = found[np.abs(found[None, :, 0] - true[:, None, 0]).argmin(axis=1)]
        error_ms = 1e3 * (nearest - true)
        error_ms = error_ms[np.abs(error_ms[:, 0]) <= 1e3 * metrics.MATCH_S]
        mae_ms = np.nanmean(np.abs(error_ms), axis=0)
        row["initial_contact_mae_ms"], row["toe_off_mae_ms"] = number(float(mae_ms[0])), number(float(mae_ms[1]))
        row["contact_time_bias_ms"] = number(float(np.nanmean(error_ms[:, 1] - error_ms[:, 0])))
    return row
