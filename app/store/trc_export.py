"""Landmarks as a ``.trc`` file that OpenSim 4, Sports2D, Pose2Sim and our own reader open.

World frame: X = right in the picture, Y up with 0 where the feet come down, Z = 0 (one camera sees no depth), metres.
The picture's plane is the runner's: nothing is corrected for a camera that is not square to it. The Time column holds
the true times, a variable rate included; DataRate is their mean rate where it is steady, else that of the median step.

What a reader insists on, found out with OpenSim 4.6: the eight header keys in this order, ``Frame#`` and ``Time``, X1
Y1 Z1 ... below the names, numbers from 1, and a missing marker as ``nan``: an empty cell at the end of a row makes it
refuse the file ("unexpected number of columns").
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.coach.errors import WorldError
from app.coach.types import LANDMARK_COUNT, FloatArray, Landmark
from app.store.atomic import OutputError, replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from app.coach.types import BodyPose

_L = Landmark
#: Landmark -> marker name of HALPE_26, and ``LEar``/``REar``; HALPE_26's ``Head`` is the top of the head. Both ways:
#: the reader of landmark files takes these names for these landmarks.
MARKERS: dict[Landmark, str] = {
    _L.NOSE: "Nose",
    _L.LEFT_EYE: "LEye",
    _L.RIGHT_EYE: "REye",
    _L.LEFT_EAR: "LEar",
    _L.RIGHT_EAR: "REar",
    _L.LEFT_SHOULDER: "LShoulder",
    _L.RIGHT_SHOULDER: "RShoulder",
    _L.LEFT_ELBOW: "LElbow",
    _L.RIGHT_ELBOW: "RElbow",
    _L.LEFT_WRIST: "LWrist",
    _L.RIGHT_WRIST: "RWrist",
    _L.LEFT_HIP: "LHip",
    _L.RIGHT_HIP: "RHip",
    _L.LEFT_KNEE: "LKnee",
    _L.RIGHT_KNEE: "RKnee",
    _L.LEFT_ANKLE: "LAnkle",
    _L.RIGHT_ANKLE: "RAnkle",
    _L.LEFT_HEEL: "LHeel",
    _L.RIGHT_HEEL: "RHeel",
    _L.LEFT_TOE: "LBigToe",
    _L.RIGHT_TOE: "RBigToe",
    _L.HEAD_TOP: "Head",
}
#: Middles that HALPE_26 has besides, and what they are the middle of.
MIDDLES: dict[str, tuple[Landmark, Landmark]] = {
    "Neck": (_L.LEFT_SHOULDER, _L.RIGHT_SHOULDER),
    "Hip": (_L.LEFT_HIP, _L.RIGHT_HIP),
}
HEADER_KEYS = (
    "DataRate",
    "CameraRate",
    "NumFrames",
    "NumMarkers",
    "Units",
    "OrigDataRate",
    "OrigDataStartFrame",
    "OrigNumFrames",
)
_FEET = (_L.LEFT_ANKLE, _L.RIGHT_ANKLE, _L.LEFT_HEEL, _L.RIGHT_HEEL, _L.LEFT_TOE, _L.RIGHT_TOE)
#: So many percent of the frames have their lowest foot point no lower than the floor; the rest is noise.
_FLOOR_PERCENTILE = 99.0
#: A rate is steady where no step differs from the median one by more than this share of it.
_STEADY = 0.1
NEEDS_HEIGHT = "A .trc file is in metres and nobody said how tall the runner is: give --height-cm."


class NoScaleError(WorldError):
    """How many px are a metre is not known."""


class Track:
    """The landmarks of a whole session, 360 bytes a frame."""

    def __init__(self, poses: Iterable[BodyPose] = ()) -> None:
        self._times_s, self._xy_px, self._sided = array("d"), array("d"), bytearray()
        for pose in poses:
            self.add(pose)

    def __len__(self) -> int:
        return len(self._times_s)

    def add(self, pose: BodyPose) -> None:
        """Keep the landmarks of one frame; one that is not later than the last is left out, as the coach does."""
        if self._times_s and not pose.t_s > self._times_s[-1]:
            return
        self._times_s.append(pose.t_s)
        self._xy_px.frombytes(pose.xy_px.tobytes())
        self._sided.append(pose.markers or pose.sides)

    @property
    def times_s(self) -> FloatArray:
        """(n,) s, increasing."""
        return np.array(self._times_s, dtype=np.float64)

    @property
    def xy_px(self) -> FloatArray:
        """(n, LANDMARK_COUNT, 2) image frame, NaN missing."""
        xy_px: FloatArray = np.array(self._xy_px, dtype=np.float64).reshape(-1, LANDMARK_COUNT, 2)
        return xy_px

    @property
    def sided(self) -> list[bool]:
        """For each frame whether LEFT and RIGHT of the legs are the runner's own."""
        return [bool(known) for known in self._sided]

    @property
    def rate_hz(self) -> float:
        """Frames per second: over the whole where the rate is steady, else by the median step; 1 for a single frame."""
        steps_s = np.diff(self.times_s)
        if not steps_s.size:
            return 1.0
        median_s = float(np.median(steps_s))
        steady = bool((np.abs(steps_s - median_s) <= _STEADY * median_s).all())
        return 1.0 / (float(steps_s.mean()) if steady else median_s)


@dataclass(frozen=True, slots=True)
class Scale:
    """How px become metres.

    Attributes:
        px_per_m: of the runner's plane.
        origin_px: (x, y) of the image that becomes X = 0, Y = 0.
    """

    px_per_m: float
    origin_px: tuple[float, float] = (0.0, 0.0)


def scale_by_height(track: Track, px_per_cm: float, height_cm: float | None) -> Scale:
    """Return the scale that the runner's stature gives, Y = 0 on the floor.

    Args:
        track: of the session.
        px_per_cm: as the coach measured it, NaN where it could not.
        height_cm: what was told, None nothing.

    Raises:
        NoScaleError: nothing was told, or the body was never seen whole.
    """
    if height_cm is None:
        raise NoScaleError(NEEDS_HEIGHT)
    if not (math.isfinite(px_per_cm) and px_per_cm > 0.0):
        raise NoScaleError("A .trc file is in metres and the body was never seen from head to feet: show all of it.")
    lowest_px = track.xy_px[:, _FEET, 1]
    lowest_px = np.where(np.isnan(lowest_px), -np.inf, lowest_px).max(axis=1)
    lowest_px = lowest_px[np.isfinite(lowest_px)]
    floor_px = float(np.percentile(lowest_px, _FLOOR_PERCENTILE)) if lowest_px.size else 0.0
    return Scale(100.0 * px_per_cm, (0.0, floor_px))


def write_trc(path: Path, track: Track, scale: Scale) -> None:
    """Write the landmarks, whole or not at all; markers that were never seen have no columns.

    Raises:
        OutputError: it cannot be written, or nobody is in the session.
    """
    names, xyz_m = _markers_m(track, scale)
    if not names:
        raise OutputError(f"{path} was not written: nobody was seen.")
    # A tab or line end in the file's own name would break its first line; a byte that is no text cannot be written.
    title = "".join(letter if letter.isprintable() else "?" for letter in path.name)
    with replacing(path) as temporary:
        try:
            with temporary.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{line}\n" for line in _lines(title, track, names, xyz_m))
        except OSError as error:
            raise OutputError(f"{path} cannot be written ({error.strerror}): make room there.") from error


def _markers_m(track: Track, scale: Scale) -> tuple[list[str], FloatArray]:
    """Return the names of the markers that were seen, and their (n, markers, 3) positions in m."""
    if not len(track):
        return [], np.empty((0, 0, 3))
    xy_px = track.xy_px
    named = {name: xy_px[:, landmark] for landmark, name in MARKERS.items()}
    named |= {name: (xy_px[:, left] + xy_px[:, right]) / 2.0 for name, (left, right) in MIDDLES.items()}
    seen = {name: at_px for name, at_px in named.items() if np.isfinite(at_px).all(axis=1).any()}
    if not seen:
        return [], np.empty((len(track), 0, 3))
    xyz_m = np.zeros((len(track), len(seen), 3))
    at_px = np.stack(list(seen.values()), axis=1) - np.array(scale.origin_px)
    xyz_m[:, :, :2] = at_px * (np.array([1.0, -1.0]) / scale.px_per_m)
    xyz_m[~np.isfinite(xyz_m).all(axis=2)] = np.nan
    return list(seen), xyz_m


def _lines(name: str, track: Track, names: list[str], xyz_m: FloatArray) -> Iterator[str]:
    rate, frames = f"{track.rate_hz:.5g}", len(track)
    values = (rate, rate, frames, len(names), "m", rate, 1, frames)
    yield f"PathFileType\t4\t(X/Y/Z)\t{'_'.join(name.split())}"
    yield "\t".join(HEADER_KEYS)
    yield "\t".join(str(value) for value in values)
    yield "\t".join(("Frame#", "Time", *(f"{marker}\t\t" for marker in names)))
    yield "\t" + "".join(f"\tX{n}\tY{n}\tZ{n}" for n in range(1, len(names) + 1))
    yield ""
    row = "%d\t%.6f" + "\t%.6f" * (3 * len(names))
    cells = np.round(xyz_m, 6).reshape(frames, -1) + 0.0  # no -0.000000
    for number, (t_s, values_m) in enumerate(zip(track.times_s.tolist(), cells, strict=True), start=1):
        yield row % (number, t_s, *values_m.tolist())
