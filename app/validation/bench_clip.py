"""What the bench shows to everybody it measures: a standing runner, then whole strides of a run, drawn beforehand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.capture.loop import LoopScene, LoopSource, Picture
from app.coach.errors import WorldError
from app.coach.types import BodyPose, Frame, ImageArray
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

if TYPE_CHECKING:
    from collections.abc import Callable

#: The runner: a fault that has cues and roof hits, every stride like the other, so that the loop has no seam.
ACT, HEIGHT_CM, STANDING_S = Act.PELVIS_DRIFT, 178.0, 1.0
#: When the run is at its best pace, s after the start of the scene.
RUNNING_FROM_S = 4.0
#: How long the runner stands: a standing reference takes 3 s.
HOLD_S = 4.0
#: So much memory the pictures may take, and so many strides are the most: more bring nothing.
MOST_BYTES, MOST_STRIDES = 400_000_000, 4


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Pictures with their landmarks: first the standing runner, then the strides. ``fps`` of the camera."""

    pictures: tuple[Picture, ...]
    fps: float
    strides: int

    @property
    def running(self) -> tuple[Picture, ...]:
        """The strides alone."""
        return self.pictures[1:]

    @property
    def bytes(self) -> int:
        """Memory of the pictures."""
        return sum(image.nbytes for image, _ in self.pictures)

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height)."""
        return self.pictures[0][1].image_size_px

    def camera(self, hold_s: float = HOLD_S) -> LoopSource:
        """Return a live camera on it; the runner stands for ``hold_s`` first."""
        return LoopSource(LoopScene(self.pictures, self.fps, hold_s, loop_from=1), self.fps)


def scene_for(size_px: tuple[int, int]) -> VirtualScene:
    """Return the scene that is drawn."""
    params = RunnerParams(act=ACT, height_cm=HEIGHT_CM, standing_s=STANDING_S, variation=0.0)
    return VirtualScene(params, Camera.framing(size_px, stature_m=params.height_m))


def stride_s(scene: VirtualScene) -> float:
    """Return the time of one stride: two steps, from contact to contact of the same foot."""
    contacts = scene.contacts(RUNNING_FROM_S, RUNNING_FROM_S + 3.0)
    return contacts[2].initial_contact_s - contacts[0].initial_contact_s


def strides_that_fit(period_s: float, fps: float, size_px: tuple[int, int], most: int = MOST_STRIDES) -> int:
    """Return the number of strides whose length is nearest to whole frames, within the memory.

    Raises:
        WorldError: not even one stride has room.
    """
    frame_bytes = 3 * size_px[0] * size_px[1]
    room = [n for n in range(1, most + 1) if (n * period_s * fps + 1) * frame_bytes <= MOST_BYTES]
    if not room:
        raise WorldError(
            f"--size {size_px[0]}x{size_px[1]} at {fps:g} fps: one stride would take more than "
            f"{MOST_BYTES / 1e6:.0f} MB of pictures: choose a smaller size or rate."
        )

    def seam_frames(strides: int) -> float:
        frames = strides * period_s * fps
        return round(abs(frames - round(frames)), 3)

    # A seam of the same length comes less often in a longer loop.
    return min(room, key=lambda n: (seam_frames(n) / n, -n))


def draw_clip(
    size_px: tuple[int, int],
    fps: float,
    most_strides: int = MOST_STRIDES,
    drawn: Callable[[], None] = lambda: None,
) -> Clip:
    """Draw the clip; ``drawn`` is called for every picture. Raises WorldError where it would be too large."""
    scene = scene_for(size_px)
    period_s = stride_s(scene)
    strides = strides_that_fit(period_s, fps, size_px, most_strides)
    count = round(strides * period_s * fps)
    # Spread over the whole strides exactly: the loop then closes, and a frame is off by less than its rounding.
    times_s = [STANDING_S / 2, *(RUNNING_FROM_S + strides * period_s * k / count for k in range(count))]
    pictures = []
    for index, t_s in enumerate(times_s):
        image: ImageArray = scene.image_at(t_s, index)
        pose: BodyPose = replace(scene.landmarks_at(t_s), t_s=0.0)
        pictures.append((image, pose))
        drawn()
    return Clip(tuple(pictures), fps, strides)


def frames_of(clip: Clip, count: int) -> list[Frame]:
    """Return the first ``count`` frames of the running loop, as a clip of its own would have them."""
    running = clip.running
    return [Frame(k, k / clip.fps, running[k % len(running)][0]) for k in range(count)]
