"""Angles over time as a ``.mot`` file that OpenSim 4 and Sports2D open: degrees, one row an instant.

Columns, all + when bent or ahead (CONTEXT.md, "Signs"):

==================================== ============================== ==================================================
column                               in Sports2D                    means
==================================== ============================== ==================================================
trunk_lean                           90 - trunk, facing right       hip -> shoulder from the vertical, from standing
hip_flexion_front, _rear             -                              trunk lean + thigh
knee_flexion_front, _rear            -                              thigh + shank, from standing
shank_front, _rear                   90 - shank, facing right       ankle -> knee from the vertical
right_knee, left_knee                right knee, left knee          0 = straight, whatever the runner's standing
right_hip, left_hip                  right hip, left hip            0 = trunk in line with the thigh
==================================== ============================== ==================================================

Front and rear are by the ankles' places in that very image. Left and right are there only where the landmarks know the
runner's own legs; the right leg of a runner who faces image right is the near one. Sports2D's names have blanks;
`SPORTS2D_NAMES` maps them both ways, since OpenSim's older reader takes a blank for the end of a column's name.

What a reader insists on, found out with OpenSim 4.6: ``nColumns`` counts the time, and no cell is missing: the reader
that the OpenSim window uses stops without a word at the first ``nan``. So an instant that lacks an angle has no row;
nothing is filled in.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from app.coach.geometry import NAN, body_from_pose, inclination_deg, midpoint, seen, thigh_deg
from app.coach.types import BodyPose, FloatArray, Landmark
from app.store.atomic import OutputError, replacing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.coach.geometry import Body, Leg, Point
    from app.coach.standing import StandingReference
    from app.coach.types import Facing
    from app.store.trc_export import Track

_L = Landmark
TRUNK = "trunk_lean"
OF_A_LEG = ("hip_flexion", "knee_flexion", "shank")
LEGS = ("front", "rear")
#: Our column -> Sports2D's, where both mean the same.
SPORTS2D_NAMES: dict[str, str] = {
    f"{side}_{joint}": f"{side} {joint}" for joint in ("knee", "hip") for side in ("right", "left")
}
#: The other way round.
FROM_SPORTS2D: dict[str, str] = {theirs: ours for ours, theirs in SPORTS2D_NAMES.items()}
COLUMNS = (TRUNK, *(f"{angle}_{leg}" for leg in LEGS for angle in OF_A_LEG), *SPORTS2D_NAMES)
#: A column that is measured in less than this share of the rows that have a trunk lean is left out, not the rows.
_LEAST_SHARE = 0.5
_JOINTS = {
    "left": (_L.LEFT_HIP, _L.LEFT_KNEE, _L.LEFT_ANKLE),
    "right": (_L.RIGHT_HIP, _L.RIGHT_KNEE, _L.RIGHT_ANKLE),
}


def angles_deg(
    track: Track, facing: Facing, yaw_deg: float = 0.0, standing: StandingReference | None = None
) -> dict[str, FloatArray]:
    """Return every column of `COLUMNS`, (n,) deg, NaN where not measured.

    Args:
        track: the session's landmarks.
        facing: the way the runner faces; unknown counts as right.
        yaw_deg: turn out of the side view, which is undone as the coach does.
        standing: whose trunk and knee angles are the zero; None: the vertical and the straight leg.
    """
    angles = standing is not None and standing.has_angles
    trunk0_deg, knee0_deg = (standing.trunk_deg, standing.knee_deg) if standing is not None and angles else (0.0, 0.0)
    columns = {name: np.full(len(track), np.nan) for name in COLUMNS}
    visible, sided = np.ones(len(_L)), track.sided
    for row, (t_s, xy_px) in enumerate(zip(track.times_s.tolist(), track.xy_px, strict=True)):
        body = body_from_pose(BodyPose(t_s, xy_px, visible, (0, 0)), facing, yaw_deg)
        lean_deg = body.trunk_deg - trunk0_deg
        columns[TRUNK][row] = lean_deg
        for which, leg in zip(LEGS, (body.front_leg, body.rear_leg), strict=True):
            # With one leg only, nobody knows which of both it is.
            if leg is not None and len(body.known_legs) == 2:
                found_deg = _leg_deg(body, leg, lean_deg, knee0_deg)
                for angle, value_deg in zip(OF_A_LEG, found_deg, strict=True):
                    columns[f"{angle}_{which}"][row] = value_deg
        if sided[row]:
            for name, value_deg in _as_sports2d_deg(xy_px, facing.sign * body.stretch).items():
                columns[name][row] = value_deg
    return columns


def _leg_deg(body: Body, leg: Leg, lean_deg: float, knee0_deg: float) -> tuple[float, float, float]:
    """Return hip flexion, knee flexion and shank of a leg, deg."""
    hip_deg = lean_deg + thigh_deg(body.hip, leg.knee)
    return hip_deg, body.knee_deg(leg) - knee0_deg, inclination_deg(leg.ankle, leg.knee)


def _as_sports2d_deg(xy_px: FloatArray, forward: float) -> dict[str, float]:
    """Return the columns of `SPORTS2D_NAMES`, deg: each thigh from its own hip joint, the trunk between the middles.

    Args:
        xy_px: (LANDMARK_COUNT, 2), image frame.
        forward: image x times this is + the way the runner faces, stretched against the yaw.
    """
    at: list[Point] = [(forward * x, -y) for x, y in xy_px.tolist()]
    neck = midpoint(at[_L.LEFT_SHOULDER], at[_L.RIGHT_SHOULDER])
    trunk_deg = inclination_deg(midpoint(at[_L.LEFT_HIP], at[_L.RIGHT_HIP]), neck)
    found = {}
    for side, joints in _JOINTS.items():
        hip, knee, ankle = (at[joint] for joint in joints)
        alpha_deg = thigh_deg(hip, knee) if seen(hip) and seen(knee) else NAN
        found[f"{side}_knee"] = alpha_deg + inclination_deg(ankle, knee)
        found[f"{side}_hip"] = alpha_deg + trunk_deg
    return found


def write_mot(
    path: Path, track: Track, facing: Facing, yaw_deg: float = 0.0, standing: StandingReference | None = None
) -> None:
    """Write the angles, whole or not at all; arguments as of `angles_deg`.

    Instants that lack one of the columns have no row; a column that most instants lack is left out.

    Raises:
        OutputError: it cannot be written, or there is no instant with an angle.
    """
    columns = angles_deg(track, facing, yaw_deg, standing)
    leaning = np.isfinite(columns[TRUNK])
    wanted = _LEAST_SHARE * max(1, int(leaning.sum()))
    kept = {name: deg for name, deg in columns.items() if np.isfinite(deg).sum() >= wanted}
    table_deg = np.stack([track.times_s, *kept.values()], axis=1)
    whole_deg = table_deg[np.isfinite(table_deg).all(axis=1)]
    if not (len(kept) and len(whole_deg)):
        raise OutputError(f"{path} was not written: in no frame the trunk and the legs were seen.")
    relative = standing is not None and standing.has_angles
    with replacing(path) as temporary:
        try:
            with temporary.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{line}\n" for line in _lines(list(kept), whole_deg, len(track), relative))
        except OSError as error:
            raise OutputError(f"{path} cannot be written ({error.strerror}): make room there.") from error


def _lines(names: list[str], table_deg: FloatArray, frames: int, relative: bool) -> Iterator[str]:
    yield "Coordinates"
    yield "version=1"
    yield f"nRows={len(table_deg)}"
    yield f"nColumns={len(names) + 1}"
    yield "inDegrees=yes"
    yield ""
    zero = "the runner's own standing" if relative else "the vertical and the straight leg: no standing was known"
    yield f"Trunk lean, hip and knee flexion of the front and rear leg are measured from {zero}."
    yield f"{len(table_deg)} of {frames} frames: in the others an angle was not measured."
    yield ""
    yield "endheader"
    yield "\t".join(("time", *names))
    row = "%.6f" + "\t%.4f" * len(names)
    cells = np.round(table_deg, 6) + 0.0
    for values in cells.tolist():
        yield row % tuple(value if math.fabs(value) >= 5e-5 else 0.0 for value in values)
