"""Which of several people in a clip is the runner: found in a quick look beforehand, then followed.

A single-person network keeps whoever it saw first. In a file there is time to look first: a few frames tell
whether there is more than one person; if so, the clip is skimmed, the sightings are joined to tracks, and the
track that is seen side-on, long and large is the subject. Live choice and locking are another matter.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.coach.types import BodyPose, FloatArray, Frame, Landmark
from app.pose.estimator import Estimate

#: Places of the first look, and sightings per second when skimming.
FIRST_LOOK_PLACES = 5
SKIM_HZ = 5.0
#: A sighting continues a track when the mid-hip is within so many trunk lengths (plus so many per second of gap) of
#: where its last motion leads: a walker covers 3 trunk lengths a second, steadily.
SAME_TRUNKS = 0.5
SAME_TRUNKS_PER_S = 2.0
#: ... and is about as large as it was. The trunk is this share of the seen body (its own length is noisy).
SAME_SIZE = 1.35
TRUNK_PER_SIZE = 0.33
#: A track ends after this long without a sighting.
LOST_S = 1.0
#: Fewer sightings than this are no person to choose (a second's worth; chance detections come and go).
LASTING_SIGHTINGS = 5
#: Shoulder width over trunk length: at most this is side-on (biomechanics D1, "not side-on": 35 %, with room
#: for the network's noise and for arm swing).
SIDE_ON_WIDTH = 0.45
#: How much less a person counts who faces the camera.
FRONTAL_WEIGHT = 0.3

#: Two bodies whose hips are nearer than this share of the body's height are one, found twice.
SAME_BODY = 0.15

FindAll = Callable[[Frame], tuple[BodyPose, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One person at one instant: mid-hip px (2,), trunk and body size px, shoulder width over trunk length."""

    t_s: float
    hip_px: FloatArray
    trunk_px: float
    size_px: float
    width_per_trunk: float


@dataclass(slots=True)
class Track:
    """Sightings of what seems one person, in time order."""

    sightings: list[Sighting] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        """From the first to the last sighting."""
        return self.sightings[-1].t_s - self.sightings[0].t_s

    def score(self) -> float:
        """Return how likely this is the runner: body size times time seen, facing the camera counting less."""
        size_px = float(np.median([s.size_px for s in self.sightings]))
        side_on = sum(s.width_per_trunk <= SIDE_ON_WIDTH for s in self.sightings)
        return size_px * (side_on + FRONTAL_WEIGHT * (len(self.sightings) - side_on))

    def continues(self, sighting: Sighting) -> float:
        """Return how far a sighting is from the end of the track, in allowed distances; inf when it is over."""
        last = self.sightings[-1]
        gap_s = sighting.t_s - last.t_s
        if not 0.0 < gap_s <= LOST_S:
            return math.inf
        size_px = float(np.median([s.size_px for s in self.sightings[-5:]]))
        if not size_px / SAME_SIZE <= sighting.size_px <= size_px * SAME_SIZE:
            return math.inf  # two people merged into one body, or half of one
        expected, before = last.hip_px, self.sightings[-4:][0]
        if before is not last:
            expected = expected + (last.hip_px - before.hip_px) * gap_s / (last.t_s - before.t_s)
        allowed_px = (SAME_TRUNKS + SAME_TRUNKS_PER_S * gap_s) * TRUNK_PER_SIZE * size_px
        return float(np.hypot(*(sighting.hip_px - expected))) / allowed_px

    def near(self, t_s: float) -> tuple[FloatArray, float] | None:
        """Return the (interpolated hip px, body size px) at a time; None more than a skim step outside the track."""
        times = [s.t_s for s in self.sightings]
        margin_s = 1.5 / SKIM_HZ
        if not times[0] - margin_s <= t_s <= times[-1] + margin_s:
            return None
        hip = np.array([np.interp(t_s, times, [s.hip_px[i] for s in self.sightings]) for i in (0, 1)])
        return hip, float(np.interp(t_s, times, [s.size_px for s in self.sightings]))


def sighting_of(pose: BodyPose) -> Sighting:
    """Return where and how large a body is, and how much it faces the camera."""
    xy = pose.xy_px
    hip = (xy[Landmark.LEFT_HIP] + xy[Landmark.RIGHT_HIP]) / 2.0
    shoulder = (xy[Landmark.LEFT_SHOULDER] + xy[Landmark.RIGHT_SHOULDER]) / 2.0
    trunk_px = max(float(np.hypot(*(shoulder - hip))), 1.0)
    size_px = float(np.nanmax(xy[:, 1]) - np.nanmin(xy[:, 1]))
    width_px = abs(float(xy[Landmark.LEFT_SHOULDER, 0] - xy[Landmark.RIGHT_SHOULDER, 0]))
    return Sighting(pose.t_s, hip, trunk_px, size_px, width_px / trunk_px)


def sightings_of(poses: Iterable[BodyPose]) -> tuple[Sighting, ...]:
    """Return the people of one frame; a body that the network found twice counts once."""
    seen: list[Sighting] = []
    for one in map(sighting_of, poses):
        if all(np.hypot(*(one.hip_px - other.hip_px)) > SAME_BODY * other.size_px for other in seen):
            seen.append(one)
    return tuple(seen)


def tracks_of(sightings: Iterable[Sequence[Sighting]]) -> list[Track]:
    """Join sightings, given instant by instant, to tracks: nearest pairs first."""
    tracks: list[Track] = []
    for seen in sightings:
        both = itertools.product(enumerate(tracks), enumerate(seen))
        pairs = sorted((track.continues(one), i, j) for (i, track), (j, one) in both)
        used_tracks: set[int] = set()
        used_seen: set[int] = set()
        for distance, i, j in pairs:
            if distance <= 1.0 and i not in used_tracks and j not in used_seen:
                tracks[i].sightings.append(seen[j])
                used_tracks.add(i)
                used_seen.add(j)
        tracks += [Track([one]) for j, one in enumerate(seen) if j not in used_seen]
    return tracks


@dataclass(frozen=True, slots=True)
class Subject:
    """The chosen track, and how many other people were there were in the clip for a second or longer."""

    track: Track
    others: int

    @property
    def note(self) -> str:
        """One line for the runner."""
        first, last = self.track.sightings[0].t_s, self.track.sightings[-1].t_s
        return (
            f"{self.others + 1} people in the clip: judged the one seen side-on from {first:.1f} s to {last:.1f} s; "
            "cut the clip to the runner if that is the wrong one"
        )


def find_subject(first_look: Iterable[Frame], skim: Callable[[], Iterable[Frame]], find_all: FindAll) -> Subject | None:
    """Return the subject of a clip with several people, None for a clip of one.

    Args:
        first_look: a few frames from all over the clip.
        skim: gives the clip's frames in order, about SKIM_HZ a second; asked for only if the first look saw
            more than one person in some frame.
        find_all: everyone in a frame.
    """
    if all(len(sightings_of(find_all(frame))) < 2 for frame in first_look):
        return None
    return choose_subject(sightings_of(find_all(frame)) for frame in skim())


def choose_subject(sightings: Iterable[Sequence[Sighting]]) -> Subject | None:
    """Return the subject among several people, or None where there are not several."""
    lasting = [track for track in tracks_of(sightings) if len(track.sightings) >= LASTING_SIGHTINGS]
    if len(lasting) < 2:
        return None
    best = max(lasting, key=Track.score)
    return Subject(best, max(max(_at_once(track, lasting) for track in lasting) - 1, 1))


def _at_once(track: Track, others: Sequence[Track]) -> int:
    """Return how many tracks were on when ``track`` began."""
    start_s = track.sightings[0].t_s
    return sum(other.sightings[0].t_s <= start_s <= other.sightings[-1].t_s for other in others)


class FollowingEstimator:
    """Finds everyone in each frame and answers the one who follows the subject's track.

    Args:
        find_all: everyone in a frame. close: frees the network behind it.
        subject: whom to follow.
    """

    def __init__(self, find_all: FindAll, close: Callable[[], None], subject: Subject) -> None:
        self._find_all = find_all
        self._close = close
        self._track = subject.track

    def estimate(self, frame: Frame) -> Estimate:
        """Return the subject's body; nobody where the subject is not in the picture."""
        height, width = (0, 0) if frame.image_bgr is None else frame.image_bgr.shape[:2]
        nobody = Estimate(BodyPose.nobody(frame.t_s, (width, height)))
        expected = self._track.near(frame.t_s)
        poses = self._find_all(frame)
        if expected is None or not poses:
            return nobody
        hip_px, size_px = expected
        nearest = min(poses, key=lambda pose: float(np.hypot(*(sighting_of(pose).hip_px - hip_px))))
        # A third of the body's height: the stride moves the hip by less, another person stands further away.
        if float(np.hypot(*(sighting_of(nearest).hip_px - hip_px))) > size_px / 3.0:
            return nobody
        return Estimate(nearest)

    def restart(self) -> None:
        """Whom to follow was settled beforehand: nothing to forget."""

    def close(self) -> None:
        """Free the network; harmless when called again."""
        self._close()
