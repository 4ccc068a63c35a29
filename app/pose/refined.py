"""The refinement between the network and the coach: from what a network says to landmarks one can trust.

Each part is a small module of its own, measured on its own (`hingecoach validate`, docs/landmarks.md):

* `mirror` shows the network every runner facing right;
* `still` paints out what stands still and is taken for a leg (console, hand rail), before the network looks;
* `lock` keeps to one person, and gives nobody while somebody else is in front;
* `head` finds the top of the head in the mask, gated by the ear;
* `turn` notices a head that is turned to the camera;
* `legs` sorts the legs by the parity of the steps, and marks the frames in which they cross;
* `bump` notices a camera that was moved.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from app.coach.geometry import body_from_pose
from app.coach.types import BodyPose, Doubt, Facing, Landmark
from app.coach.view import ViewTracker
from app.pose.bump import CameraWatch
from app.pose.estimator import Estimate, Pointable, Tracking
from app.pose.head import HeadFinder
from app.pose.legs import LegSorter
from app.pose.lock import SubjectLock
from app.pose.mirror import OneWayNetwork
from app.pose.still import StillScene
from app.pose.turn import HeadTurn

if TYPE_CHECKING:
    from app.coach.types import Frame
    from app.pose.estimator import BodyMask, Box, PoseEstimator


#: So many moves of the camera within this time, and it is held in the hand: no single move is told any more.
UNSTEADY_MOVES, UNSTEADY_S = 3, 30.0
#: A head that stands on the ear in more than this share of the frames, once there are enough, is told.
BY_EAR_SHARE, BY_EAR_FRAMES = 0.2, 150
UNDECIDED = (
    "tracking: left and right leg look alike to the network: sides may be exchanged "
    "(in the window, key X exchanges them)."
)
BY_EAR = (
    "tracking: the outline of the head was often not to be used: heights are of the ear, good to a centimetre or two."
)


class Part(StrEnum):
    """One refiner; any may be left out, to measure what it buys."""

    MIRROR = "mirror"
    STILL = "still"
    LOCK = "lock"
    HEAD = "head"
    TURN = "turn"
    LEGS = "legs"
    BUMP = "bump"


ALL_PARTS = frozenset(Part)


class RefinedEstimator:
    """A network with every refinement behind it; itself an estimator.

    Args:
        network: the estimator to refine; closed with this one.
        facing: which way the runner faces, if it was told.
        parts: the refiners to use.
    """

    def __init__(
        self,
        network: PoseEstimator,
        facing: Facing = Facing.UNKNOWN,
        parts: frozenset[Part] = ALL_PARTS,
    ) -> None:
        self._network = OneWayNetwork(network) if Part.MIRROR in parts else network
        self._parts = parts
        self._view = ViewTracker(facing)
        self._head, self._turn, self._legs = HeadFinder(), HeadTurn(), LegSorter()
        self._lock, self._still, self._watch = SubjectLock(), StillScene(), CameraWatch()
        self._seen: BodyPose | None = None
        self._paused = False
        self._moves_s: deque[float] = deque(maxlen=UNSTEADY_MOVES)
        self._switches, self._chosen = 0, False
        self._frames = self._head_by_ear_frames = 0

    def estimate(self, frame: Frame) -> Estimate:
        """Return the refined body in ``frame``, and the totals so far.

        Raises:
            ValueError, RuntimeError: as the network.
        """
        estimate = self._network.estimate(self._cleaned(frame))
        pose, mask = estimate.pose, estimate.mask
        self._seen = pose if pose.seen else None
        moved = self._moved(frame, pose)
        pose = self._kept(pose)
        doubts = self._about_camera(frame.t_s, moved)
        if pose.seen:
            pose = self._refined(pose, mask)
            doubts |= self._about_person()
        if doubts:
            pose = replace(pose, doubts=pose.doubts | doubts)
        return Estimate(pose, mask if pose.seen else None, self._tracking())

    def choose(self, point_px: tuple[float, float]) -> None:
        """Follow the person at a point of the picture from now on."""
        self._forget()
        self._chosen = True
        self._lock.choose(point_px)
        self._look_afresh()

    def exchange_sides(self) -> None:
        """The user says that left and right leg are the wrong way round."""
        self._legs.exchange_sides()

    def paint_out(self, box: Box | None) -> None:
        """Hide a box (x, y, width, height) px of the picture from the network; None = none."""
        self._still.set_box(box)

    def restart(self) -> None:
        """Forget the person followed: look afresh in the next frame."""
        self._network.restart()
        self._forget()

    def close(self) -> None:
        """Close the network."""
        self._network.close()

    def __enter__(self) -> RefinedEstimator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _forget(self) -> None:
        """Forget the person followed, and open the whole picture: whoever comes next may be where it is painted."""
        self._seen = None
        self._paused = False
        for part in (self._lock, self._head, self._turn, self._legs, self._still):
            part.reset()

    def _place_again(self) -> None:
        """The picture moved: whoever seems to have leapt is the runner still, and what was painted lies elsewhere."""
        if self._paused:
            self._lock.reset()
            self._paused = False
        self._still.reset()

    def _cleaned(self, frame: Frame) -> Frame:
        """Return the frame as the network is to see it."""
        if Part.STILL not in self._parts or frame.image_bgr is None:
            return frame
        image = self._still.clean(frame.image_bgr, self._seen, hold=self._paused)
        return frame if image is frame.image_bgr else replace(frame, image_bgr=image)

    def _kept(self, pose: BodyPose) -> BodyPose:
        """Return the pose if it is the runner's, else nobody and why."""
        if Part.LOCK not in self._parts:
            return pose
        verdict = self._lock.judge(pose)
        self._paused = not verdict.keep
        if verdict.restart:
            self._look_afresh()
        return pose if verdict.keep else BodyPose.nobody(pose.t_s, pose.image_size_px, verdict.why)

    def _about_camera(self, t_s: float, moved: bool) -> frozenset[Doubt]:
        """Return what there is to doubt about the camera in this frame."""
        if moved:
            self._place_again()
            self._moves_s.append(t_s)
        recent = [at_s for at_s in self._moves_s if t_s - at_s <= UNSTEADY_S]
        if len(recent) >= UNSTEADY_MOVES:
            return frozenset({Doubt.CAMERA_UNSTEADY})
        return frozenset({Doubt.CAMERA_MOVED}) if moved else frozenset()

    def _about_person(self) -> frozenset[Doubt]:
        """Return whether it is another person from this frame on."""
        other = self._chosen or self._lock.switches > self._switches
        self._chosen, self._switches = False, self._lock.switches
        return frozenset({Doubt.SOMEBODY_ELSE}) if other else frozenset()

    def _look_afresh(self) -> None:
        """Have the network look for a person, first where the runner is to be expected."""
        self._network.restart()
        place_px = self._lock.place_px
        if place_px is not None and isinstance(self._network, Pointable):
            self._network.look_at(place_px)

    def _refined(self, pose: BodyPose, mask: BodyMask | None) -> BodyPose:
        body = body_from_pose(pose, self._view.facing)
        self._view.update(pose, body.shoulder_width_px, body.trunk_px)
        facing = self._view.facing
        if isinstance(self._network, OneWayNetwork):
            hip = pose.xy_px[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
            self._network.face(facing, pose.t_s, (float(hip[0]), float(hip[1])))
        if Part.HEAD in self._parts:
            pose = self._head.refine(pose, mask)
            self._frames += 1
            self._head_by_ear_frames += Doubt.HEAD_BY_EAR in pose.doubts
        if Part.TURN in self._parts:
            pose = self._turn.refine(pose, facing)
        return self._legs.refine(pose, facing) if Part.LEGS in self._parts else pose

    def _moved(self, frame: Frame, pose: BodyPose) -> bool:
        if Part.BUMP not in self._parts or frame.image_bgr is None:
            return False
        return self._watch.moved(frame.image_bgr, frame.t_s, pose)

    def _tracking(self) -> Tracking:
        return Tracking(
            leg_swaps_repaired=self._legs.swaps_repaired if Part.LEGS in self._parts else None,
            subject_switches=self._lock.switches if Part.LOCK in self._parts else None,
            hidden=() if self._still.box is None else (self._still.box,),
            notices=self._notices(),
        )

    def _notices(self) -> tuple[str, ...]:
        notices = []
        if Part.LEGS in self._parts and self._legs.near_undecided:
            notices.append(UNDECIDED)
        if self._frames >= BY_EAR_FRAMES and self._head_by_ear_frames > BY_EAR_SHARE * self._frames:
            notices.append(BY_EAR)
        return tuple(notices)
