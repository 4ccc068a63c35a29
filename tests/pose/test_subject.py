"""The runner among several people: known people walk through a synthetic clip."""

from __future__ import annotations

import numpy as np
import pytest

from app.coach.types import LANDMARK_COUNT, BodyPose, Frame, Landmark
from app.pose.subject import FollowingEstimator, choose_subject, find_subject, sightings_of, tracks_of

SIZE = (1280, 720)


def person(t_s: float, x_px: float, *, size_px: float = 400.0, frontal: bool = False) -> BodyPose:
    """A standing body with its hip at ``x_px``; shoulders wide apart when it faces the camera."""
    xy = np.full((LANDMARK_COUNT, 2), np.nan)
    half_px = 0.1 * size_px if frontal else 0.01 * size_px
    for name, height in (("EAR", 0.93), ("SHOULDER", 0.82), ("HIP", 0.53), ("KNEE", 0.28), ("ANKLE", 0.05)):
        for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
            xy[Landmark[f"{side}_{name}"]] = (x_px + sign * half_px, 600.0 - height * size_px)
    return BodyPose(t_s, xy, np.ones(LANDMARK_COUNT), SIZE)


def scene(t_s: float) -> tuple[BodyPose, ...]:
    """Someone facing the camera all along, and a walker who crosses the picture from 1 s to 5 s."""
    people = [person(t_s, 1150.0, frontal=True)]
    if 1.0 <= t_s <= 5.0:
        people.insert(0, person(t_s, 100.0 + 200.0 * (t_s - 1.0)))
    return tuple(people)


TIMES_S = [k / 5 for k in range(30)]


def test_the_one_seen_side_on_is_chosen_though_the_other_is_there_longer():
    subject = choose_subject(sightings_of(scene(t)) for t in TIMES_S)
    assert subject is not None
    assert subject.others == 1
    assert subject.track.sightings[0].t_s == pytest.approx(1.0)
    assert subject.track.sightings[-1].t_s == pytest.approx(5.0)
    assert subject.note.startswith("2 people")


def test_crossing_tracks_stay_with_their_people():
    """Two walkers pass one another; each track keeps its direction."""
    seen = [sightings_of((person(t, 200 + 150 * t), person(t, 1000 - 150 * t, size_px=300))) for t in TIMES_S]
    long = [track for track in tracks_of(seen) if track.duration_s > 2.0]
    first = max(long, key=lambda track: track.sightings[0].size_px)
    assert {round(s.size_px) for s in first.sightings[:10]} == {round(0.88 * 400)}


def test_one_body_found_twice_is_one():
    assert len(sightings_of((person(0.0, 500.0), person(0.0, 505.0, size_px=380.0)))) == 1


def test_a_clip_of_one_is_not_skimmed():
    def skim():
        raise AssertionError("nothing to skim")

    look = [Frame(k, t) for k, t in enumerate(TIMES_S[:5])]
    assert find_subject(look, skim, lambda frame: (person(frame.t_s, 300.0),)) is None


def test_following_answers_the_subject_and_nobody_without_it():
    frames = [Frame(k, t) for k, t in enumerate(TIMES_S)]
    subject = find_subject(frames[10:13], lambda: frames, lambda frame: scene(frame.t_s))
    assert subject is not None
    closed = []
    # The order of the bodies changes from frame to frame, as the network's does.
    estimator = FollowingEstimator(
        lambda f: scene(f.t_s)[:: 1 if f.index % 2 else -1], lambda: closed.append(1), subject
    )
    for k in range(60):
        t_s = k / 10
        pose = estimator.estimate(Frame(k, t_s)).pose
        if 1.0 <= t_s <= 5.0:
            assert pose[Landmark.LEFT_HIP][0] == pytest.approx(100.0 + 200.0 * (t_s - 1.0) + 4.0)
        elif not 0.6 < t_s < 5.4:
            assert not pose.seen
    estimator.close()
    assert closed == [1]
