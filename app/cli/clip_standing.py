"""``--standing``: the reference that a recording of the same person standing gives."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.capture.source import FrameSource
    from app.cli.build import Estimation
    from app.coach.standing import StandingReference
    from app.coach.types import BodyPose, Facing, RunnerProfile


@dataclass(frozen=True, slots=True, eq=False)
class ClipStanding:
    """What a standing recording came to.

    Attributes:
        clip: its path as given. kind: of its source. reference: in its own px.
        px_per_m: scale of a landmark file, NaN of any other. notes: lines for the warnings.
    """

    clip: str
    kind: str
    reference: StandingReference
    px_per_m: float
    notes: tuple[str, ...] = ()

    def for_run(self, run: FrameSource) -> StandingReference:
        """Return the reference in the px of a run, whose source has been opened. Raises WorldError: another kind."""
        from app.cli.clip import px_per_m

        require_same_kind(self.clip, self.kind, run.kind)
        # A landmark file that spans more than the largest picture is drawn smaller: the same metre, fewer px.
        ratio = px_per_m(run) / self.px_per_m
        return self.reference.rescaled(ratio) if math.isfinite(ratio) and ratio != 1.0 else self.reference


def require_same_kind(clip: str, kind: str, run_kind: str) -> None:
    """Raise WorldError where one of the recordings is a landmark file and the other is not."""
    if (kind == "trc") != (run_kind == "trc"):
        raise WorldError(f"--standing {clip} must be of the same kind as the input: both videos, or both .trc files.")


def measured(
    clip: str, estimation: Callable[[str], Estimation], profile: RunnerProfile, facing: Facing, run_kind: str = ""
) -> ClipStanding:
    """Go through a standing recording.

    Args:
        clip: its path.
        estimation: how poses are found in a source of a kind.
        profile: of who stands there.
        facing: as told, UNKNOWN: by what is seen.
        run_kind: kind of the run it is for, "" for runs of several kinds.

    Raises:
        WorldError: it names the recording.
    """
    from app.cli import build
    from app.cli.clip import px_per_m
    from app.coach.geometry import body_from_pose
    from app.coach.standing import reference_from_recording
    from app.coach.types import Facing
    from app.coach.view import facing_evidence

    source = build.clip_source(clip)
    if run_kind:
        require_same_kind(clip, source.kind, run_kind)
    with _naming(clip):
        poses = _poses_of(source, estimation(source.kind))
    if facing is Facing.UNKNOWN:
        facing = Facing.RIGHT if sum(facing_evidence(pose) for pose in poses) >= 0 else Facing.LEFT
    bodies = [body for body in (body_from_pose(pose, facing) for pose in poses) if body.trunk_seen]
    with _naming(clip):
        reference, warning = reference_from_recording(bodies, profile)
    notes = tuple(f"standing: {line}" for line in (warning, source.notice) if line)
    return ClipStanding(clip, source.kind, reference, px_per_m(source), notes)


def _poses_of(source: FrameSource, estimation: Estimation) -> list[BodyPose]:
    """Return the poses of a whole source in which somebody is seen. Raises WorldError."""
    poses = []
    source.open()
    try:
        estimator = estimation.make()
        try:
            while (frame := source.read()) is not None:
                pose = estimator.estimate(frame).pose
                if pose.seen:
                    poses.append(pose)
        finally:
            estimator.close()
    finally:
        source.close()
    return poses


@contextmanager
def _naming(clip: str) -> Iterator[None]:
    """Put the recording's name before what is wrong with it, for there are two recordings; not a second time."""
    try:
        yield
    except WorldError as error:
        name = Path(clip).name
        if name in str(error):
            raise
        raise WorldError(f"{name}: {error}") from error
