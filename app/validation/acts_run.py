"""One run of an act through the refined network, or through poses that were kept of it, and then the coach.

Kept poses let another coach judge the very same runs without rendering and without the network.
"""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.coach.errors import WorldError
from app.coach.types import BodyPose, Doubt, Frame
from app.store.atomic import write_bytes
from app.validation.acts import ActRun, ActScene, judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.coach.types import FloatArray
    from app.pose.engine import Engine
    from app.sim.scene import VirtualScene


@dataclass(frozen=True, slots=True)
class Network:
    """What looks at the pictures: the engine, and the path of its model."""

    engine: Engine
    model_path: Path


class Filmed(Protocol):
    """A scene to look at, frame by frame; its `repr` tells it from every other."""

    @property
    def name(self) -> str:
        """Unique; names the file of the poses."""

    def times_s(self) -> FloatArray:
        """Return the frames' times (n,)."""

    def virtual(self) -> VirtualScene:
        """Return the scene to render."""


@dataclass(frozen=True, slots=True)
class ActResult:
    """A judged run and the seconds it took."""

    run: ActRun
    elapsed_s: float

    @property
    def scene(self) -> ActScene:
        """The scene that was run."""
        return self.run.scene


def run_act(scene: ActScene, network: Network | None, keep: Path | None = None, kept: Path | None = None) -> ActResult:
    """Return what a run came to.

    Args:
        scene: the run.
        network: looks at the pictures; None where the poses come from ``kept``.
        keep: folder for the poses, None to forget them.
        kept: folder with the poses of an earlier time.

    Raises:
        WorldError: the model cannot be loaded, the engine is not installed, or kept poses are missing or others.
    """
    started_s = time.perf_counter()
    poses = poses_of(scene, network, keep, kept)
    run = judge(scene, poses)
    return ActResult(run, time.perf_counter() - started_s)


def poses_of(scene: Filmed, network: Network | None, keep: Path | None, kept: Path | None) -> list[BodyPose]:
    """Return the poses of a scene, from the network or from the folder ``kept``, and leave them in ``keep``.

    Raises:
        WorldError: as `run_act`.
    """
    if kept is not None:
        poses = load_poses(scene, kept)
    else:
        assert network is not None
        poses = seen_poses(scene, network)
    if keep is not None:
        keep_poses(scene, poses, keep)
    return poses


def seen_poses(scene: Filmed, network: Network) -> list[BodyPose]:
    """Return the poses of the refined network, as the app gets them."""
    from app.pose.refined import RefinedEstimator
    from app.validation.run import network_maker

    virtual = scene.virtual()
    with RefinedEstimator(network_maker(network.model_path, network.engine)()) as estimator:
        return [
            estimator.estimate(Frame(index, float(t), virtual.image_at(float(t), index))).pose
            for index, t in enumerate(scene.times_s())
        ]


def keep_poses(scene: Filmed, poses: Sequence[BodyPose], folder: Path) -> None:
    """Write a run's poses into ``folder``, a file named after the scene. Raises OutputError."""
    doubts = list(Doubt)
    content = io.BytesIO()
    np.savez_compressed(
        content,
        scene=np.array(repr(scene)),
        t_s=np.array([pose.t_s for pose in poses]),
        xy_px=np.array([pose.xy_px for pose in poses]),
        visibility=np.array([pose.visibility for pose in poses]),
        size_px=np.array([pose.image_size_px for pose in poses]),
        markers=np.array([pose.markers for pose in poses]),
        sides=np.array([pose.sides for pose in poses]),
        doubt_names=np.array([doubt.value for doubt in doubts]),
        doubts=np.array([[doubt in pose.doubts for doubt in doubts] for pose in poses]),
        absence=np.array([pose.absence for pose in poses]),
    )
    write_bytes(folder / f"{scene.name}.npz", content.getvalue())


def load_poses(scene: Filmed, folder: Path) -> list[BodyPose]:
    """Return the poses that were kept of a scene.

    Raises:
        WorldError: the file is missing, is no such file, or holds another scene of that name.
    """
    path = folder / f"{scene.name}.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            kept = {name: file[name] for name in file.files}
        same = str(kept["scene"]) == repr(scene)
        doubts = [Doubt(name) for name in kept["doubt_names"].tolist()]
        rows = zip(
            *(kept[key] for key in ("t_s", "xy_px", "visibility", "size_px", "markers", "sides", "doubts", "absence")),
            strict=True,
        )
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise WorldError(f"--from: {path} does not hold the poses of a run: keep them first with --keep.") from error
    if not same:
        raise WorldError(f"--from: {path} holds the poses of another run of that name: keep them anew with --keep.")
    return [
        BodyPose(
            float(t_s),
            xy_px,
            visibility,
            (int(size_px[0]), int(size_px[1])),
            bool(markers),
            bool(sides),
            frozenset(doubt for doubt, is_on in zip(doubts, on, strict=True) if is_on),
            str(absence),
        )
        for t_s, xy_px, visibility, size_px, markers, sides, on, absence in rows
    ]
