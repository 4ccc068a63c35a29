"""What the benchmarks share: a scene drawn beforehand, the model, and a table that ends in a verdict."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.pose.model import ensure_model
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

if TYPE_CHECKING:
    from app.coach.types import BodyPose, ImageArray

STANDING_S = 1.5


def model_path() -> Path:
    """Return the pose model, fetched if need be."""
    return ensure_model("full", say=lambda line: print(line, file=sys.stderr)).path


def scene(size_px: tuple[int, int] = (1280, 720)) -> VirtualScene:
    """Return a runner who stands for `STANDING_S` and then runs."""
    return VirtualScene(RunnerParams(standing_s=STANDING_S), Camera.framing(size_px))


class DrawnScene:
    """A scene whose pictures are drawn once, so that drawing does not compete with what is measured.

    Plays forwards and backwards over and over, so that there is no jump.
    """

    def __init__(self, fps: float, seconds: float, size_px: tuple[int, int] = (1280, 720)) -> None:
        self._scene = scene(size_px)
        self._fps = fps
        times = [STANDING_S + 2.0 + k / fps for k in range(round(seconds * fps))]
        self.pictures = [self._scene.image_at(t_s, k) for k, t_s in enumerate(times)]
        self._times = times

    def _place(self, index: int) -> int:
        index %= 2 * len(self.pictures)
        return min(index, 2 * len(self.pictures) - 1 - index)

    def image_at(self, t_s: float, index: int = 0) -> ImageArray:
        """Return the picture of a frame number; a copy, as every source owes."""
        return self.pictures[self._place(index)].copy()

    def landmarks_at(self, t_s: float) -> BodyPose:
        """Return the true landmarks of that picture."""
        return self._scene.landmarks_at(self._times[self._place(round(t_s * self._fps))])


@dataclass(frozen=True)
class Row:
    """One measured figure; ``limit`` None = told only. ``at_least``: the limit is a lower one."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False

    @property
    def missed(self) -> bool:
        """Whether the figure is on the wrong side of its limit (NaN is)."""
        if self.limit is None:
            return False
        return not (self.value >= self.limit if self.at_least else self.value <= self.limit)


def finish(title: str, rows: list[Row]) -> None:
    """Print the table and exit, with 1 where a target is missed."""
    print(title)
    for row in rows:
        limit = "" if row.limit is None else f"  target {_limit(row)}"
        print(f"  {row.name:<44}{row.value:10.2f} {row.unit:<6}{limit}{'  MISSED' if row.missed else ''}")
    sys.exit(any(row.missed for row in rows))


def markdown(title: str, rows: list[Row]) -> str:
    """Return the same table as Markdown."""
    lines = [f"**{title}**", "", "| | | target |", "|---|--:|---|"]
    for row in rows:
        limit = "" if row.limit is None else _limit(row) + (", **missed**" if row.missed else "")
        lines.append(f"| {row.name} | {row.value:,.{0 if row.value == int(row.value) else 1}f} {row.unit} | {limit} |")
    return "\n".join(lines) + "\n"


def _limit(row: Row) -> str:
    return f"{'>=' if row.at_least else '<='} {row.limit:g}"
