"""Pictures that show nothing are not judged, and one that the network fails at is not worth the session."""

from dataclasses import replace

import numpy as np
import pytest

from app.coach.types import Frame
from app.session import Phase, Session
from app.session import seeing as rules
from app.session.observing import MOST_FAILURES, SWITCHED_OFF, Observers
from app.session.seeing import BLACK, FROZEN, PictureWatch, Seeing

FPS = 30.0


def noisy(seed, low=40, high=200, size_px=(320, 180)):
    return np.random.default_rng(seed).integers(low, high, (size_px[1], size_px[0], 3), np.uint8)


def test_a_covered_lens_is_black_at_once_a_dark_room_is_not():
    covered = noisy(1, 0, 15)
    covered[8, 8] = 255  # a hot pixel
    assert PictureWatch().why_not(covered, 0.0) == BLACK
    dark = noisy(2, 0, 15)
    dark[60:100, 100:140] = 90  # the runner, by a lamp
    assert PictureWatch().why_not(dark, 0.0) == ""


def test_the_same_picture_is_frozen_after_a_second_and_not_when_it_moves_again():
    watch, picture = PictureWatch(), noisy(3)
    said = [watch.why_not(picture.copy(), k / FPS) for k in range(60)]
    assert said == [""] * 30 + [FROZEN] * 30
    assert watch.why_not(noisy(4), 2.0) == ""
    assert watch.why_not(picture, 2.1) == ""


def test_a_camera_that_writes_every_picture_into_the_same_memory_is_not_frozen():
    watch, picture = PictureWatch(), noisy(3)
    for k in range(60):
        picture[:] = noisy(k)
        assert watch.why_not(picture, k / FPS) == ""


def test_a_picture_that_differs_in_noise_alone_is_not_frozen():
    watch, still = PictureWatch(), noisy(5, 60, 200).astype(int)
    for k in range(90):
        noise = np.random.default_rng(k).integers(-1, 2, still.shape)
        assert watch.why_not((still + noise).astype(np.uint8), k / FPS) == ""


class Camera:
    """A live camera of given pictures."""

    kind, live, size_px, fps, frame_count, notice = "camera", True, (320, 180), FPS, None, ""

    def __init__(self, pictures):
        self.pictures, self.next = list(pictures), 0

    def open(self):
        pass

    def read(self):
        if self.next == len(self.pictures):
            return None
        self.next += 1
        return Frame(self.next - 1, (self.next - 1) / FPS, self.pictures[self.next - 1])

    def close(self):
        pass


def test_a_stuck_or_covered_camera_gives_nobody_with_the_reason_and_the_network_rests(fakes):
    pictures = [noisy(0)] * 45 + [noisy(k, 0, 14) for k in range(5)] + [noisy(k) for k in range(5)]
    estimator = fakes.Estimator()
    seeing = Seeing(lambda: estimator, Camera(pictures))
    told = []
    for frame in iter(seeing.inner and Camera(pictures).read, None):
        estimate = seeing.estimate(frame)
        told.append((estimate.pose.absence, seeing.notice))
        if len(told) == len(pictures):
            break
    assert [why for why, _ in told] == [""] * 30 + [FROZEN] * 15 + [BLACK] * 5 + [""] * 5
    assert [notice for _, notice in told[40:]] == [rules.TOLD[FROZEN]] * 5 + [rules.TOLD[BLACK]] * 5 + [""] * 5
    assert estimator.seen == [*range(30), *range(50, 55)]


def test_the_virtual_runner_may_stand_as_still_as_he_likes(fakes):
    source = Camera([noisy(0)] * 60)
    source.kind = "virtual"
    seeing = Seeing(fakes.Estimator, source)
    assert {seeing.estimate(frame).pose.absence for frame in iter(source.read, None)} == {""}


class Failing:
    """A network that fails at some frames."""

    def __init__(self, fakes, at):
        self.inner, self.at, self.closed = fakes.Estimator(), at, False

    def estimate(self, frame):
        if self.at(frame.index):
            raise ValueError("graph")
        return self.inner.estimate(frame)

    def close(self):
        self.closed = True


def session_of(fakes, make, count=100):
    class Coach(fakes.Coach):
        def update(self, pose):
            return replace(fakes.report, t_s=pose.t_s)

    return Session(Camera(noisy(k, size_px=(32, 18)) for k in range(count)), make, Coach())


def test_a_network_that_fails_now_and_then_costs_those_pictures_only(fakes):
    session = session_of(fakes, lambda: Failing(fakes, lambda k: k % 10 == 9))
    poses = [analysis.pose for analysis in iter(session.step, None)]
    assert [pose.absence == rules.FAILED for pose in poses] == [k % 10 == 9 for k in range(100)]
    assert session.status().phase is Phase.FINISHED


def test_a_network_that_fails_in_a_row_is_made_anew(fakes):
    made = []

    def make():
        made.append(Failing(fakes, (lambda k: k >= 20) if not made else lambda _: False))
        return made[-1]

    session = session_of(fakes, make)
    seen = [analysis.pose.seen for analysis in iter(session.step, None)]
    assert seen == [True] * 20 + [False] * rules.ANEW_AFTER + [True] * (80 - rules.ANEW_AFTER)
    assert [network.closed for network in made] == [True, True]


def test_a_network_that_fails_always_ends_the_session_in_one_line(fakes):
    session = session_of(fakes, lambda: Failing(fakes, lambda _: True))
    with pytest.raises(ValueError, match="graph"):
        list(iter(session.step, None))
    status = session.status()
    assert (status.phase, status.frames) == (Phase.FAULTED, rules.GIVE_UP_AFTER - 1)
    assert (status.error, status.error_is_ours) == ("ValueError: graph", True)


def test_an_observer_that_fails_is_left_out_and_the_others_are_not(fakes):
    seen = []

    def fails(_analysis):
        raise ValueError("observer")

    session = Session(Camera(noisy(k) for k in range(30)), fakes.Estimator, fakes.Coach(), (fails, seen.append))
    while session.step() is not None:
        pass
    assert len(seen) == 30
    assert session.status().notice == SWITCHED_OFF


def test_one_failure_now_and_then_leaves_nobody_out(caplog):
    calls = []

    def sometimes(analysis):
        calls.append(analysis)
        if len(calls) % 2:
            raise ValueError("once")

    observers = Observers((sometimes,), patient=True)
    for number in range(4 * MOST_FAILURES):
        observers(number)
    assert calls == list(range(4 * MOST_FAILURES))
    assert observers.notice == ""
