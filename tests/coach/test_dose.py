"""How much is said: minutes with feedback by session, and the silent minute at the end."""

from __future__ import annotations

import math

import pytest

from app.coach.dose import Dose
from app.coach.errors import WorldError


def minutes_with_feedback(dose: Dose, minutes: int) -> list[int]:
    return [k for k in range(minutes) if not dose.quiet_because(60.0 * k + 30.0)]


@pytest.mark.parametrize(
    ("session", "minutes"),
    [(1, 20), (4, 20), (5, 15), (6, 10), (7, 5), (8, 2), (9, 2), (40, 2)],
)
def test_feedback_fades_from_session_to_session(session, minutes):
    assert len(minutes_with_feedback(Dose(session), 20)) == minutes


def test_minutes_are_spread_evenly_and_begin_with_the_first():
    assert minutes_with_feedback(Dose(8), 31) == [0, 10, 20, 30]
    assert minutes_with_feedback(Dose(6), 6) == [0, 2, 4]
    assert minutes_with_feedback(Dose(5), 8) == [0, 1, 2, 4, 5, 6]


def test_who_wants_it_is_told_in_every_minute():
    assert minutes_with_feedback(Dose(8, fading=False), 20) == list(range(20))


def test_a_minute_without_feedback_says_so():
    assert "session 8" in Dose(8).quiet_because(90.0)
    assert "10%" in Dose(8).quiet_because(90.0)


def test_the_last_minute_of_a_plan_is_silent_in_every_session():
    dose = Dose(session=1, planned_s=600.0)
    assert dose.quiet_because(539.9) == ""
    assert "silent minute" in dose.quiet_because(540.0)
    assert dose.retention(599.9)
    assert not dose.retention(600.0), "who runs on is coached again"
    assert Dose(session=1, planned_s=600.0, fading=False).retention(550.0)


def test_a_short_or_open_plan_has_no_silent_minute():
    assert not any(Dose(planned_s=170.0).retention(t) for t in range(170))
    assert not any(Dose().retention(float(t)) for t in range(0, 7200, 30))


@pytest.mark.parametrize(
    "wrong", [{"session": 0}, {"planned_s": 0.0}, {"planned_s": math.nan}, {"planned_s": math.inf}]
)
def test_no_such_plan(wrong):
    with pytest.raises(WorldError):
        Dose(**wrong)
