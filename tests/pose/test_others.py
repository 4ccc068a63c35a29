"""How many others are in the picture: bodies of known size and place, from a network that is told what to find."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.coach.types import LANDMARK_COUNT, BodyPose, Frame, Landmark
from app.pose.others import OthersCounter

SIZE = (1280, 720)
FRAME = Frame(0, 0.0)


def person(x_px: float, size_px: float = 400.0) -> BodyPose:
    """A standing body ``size_px`` high with its hip at ``x_px``, its feet in one row with the others'."""
    xy = np.full((LANDMARK_COUNT, 2), np.nan)
    for name, height in (("EAR", 1.0), ("SHOULDER", 0.82), ("HIP", 0.53), ("KNEE", 0.28), ("ANKLE", 0.0)):
        for side in ("LEFT", "RIGHT"):
            xy[Landmark[f"{side}_{name}"]] = (x_px, 600.0 - height * size_px)
    return BodyPose(0.0, xy, np.ones(LANDMARK_COUNT), SIZE)


NOBODY = BodyPose.nobody(0.0, SIZE)


class Finds:
    """A network that finds these people; an error instead of them is raised."""

    def __init__(self, found: tuple[BodyPose, ...] | Exception) -> None:
        self.found, self.looks, self.closed = found, 0, 0

    def find_all(self, _frame: Frame) -> tuple[BodyPose, ...]:
        self.looks += 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def close(self) -> None:
        self.closed += 1


def counter(network: Finds) -> OthersCounter:
    return OthersCounter(lambda: Path("a.task"), lambda _path: network)  # type: ignore[arg-type, return-value]  # a fake


@pytest.mark.parametrize(
    ("runner", "found", "others"),
    [
        (person(640.0), (), 0),
        (person(640.0), (person(640.0),), 0),
        (person(640.0), (person(650.0), person(200.0)), 1),
        (person(640.0), (person(640.0), person(200.0), person(1000.0, 300.0)), 2),
        # The runner was overlooked: who is found is another one all the same.
        (person(640.0), (person(200.0),), 1),
        # 35 % of the runner's height is the least that counts.
        (person(640.0), (person(640.0), person(200.0, 145.0)), 1),
        (person(640.0), (person(640.0), person(200.0, 135.0)), 0),
        # Nobody is followed yet: the largest one is taken for the runner.
        (NOBODY, (person(200.0, 300.0), person(640.0)), 1),
        (NOBODY, (person(640.0),), 0),
    ],
)
def test_everybody_but_the_runner_is_counted(runner: BodyPose, found: tuple[BodyPose, ...], others: int) -> None:
    assert counter(Finds(found)).count(FRAME, runner) == others


def test_a_look_that_fails_counts_as_none_is_told_and_is_the_last(caplog: pytest.LogCaptureFixture) -> None:
    network = Finds(RuntimeError("graph has errors"))
    others = counter(network)

    assert [others.count(FRAME, person(640.0)) for _ in range(3)] == [0, 0, 0]

    assert (network.looks, network.closed) == (1, 1)
    assert "graph has errors" in caplog.text


def test_the_network_is_made_with_the_first_look_and_closed_once() -> None:
    made: list[Finds] = []

    def make(path: Path) -> Finds:
        assert path == Path("a.task")
        made.append(Finds((person(640.0), person(200.0))))
        return made[-1]

    others = OthersCounter(lambda: Path("a.task"), make)  # type: ignore[arg-type]  # a fake network
    assert made == []
    assert [others.count(FRAME, person(640.0)) for _ in range(2)] == [1, 1]
    others.close()
    others.close()

    assert (len(made), made[0].looks, made[0].closed) == (1, 2, 1)
    assert others.count(FRAME, person(640.0)) == 0
    assert len(made) == 1


def test_resting_lets_the_network_go_until_it_is_needed_again() -> None:
    made: list[Finds] = []

    def make(_path: Path) -> Finds:
        made.append(Finds((person(640.0), person(200.0))))
        return made[-1]

    others = OthersCounter(lambda: Path("a.task"), make)  # type: ignore[arg-type]  # a fake network
    others.rest()
    assert others.count(FRAME, person(640.0)) == 1
    others.rest()
    others.rest()
    assert [one.closed for one in made] == [1]
    assert others.count(FRAME, person(640.0)) == 1
    assert [one.closed for one in made] == [1, 0]
