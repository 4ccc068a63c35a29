"""What the session's summary concludes, on lists made by hand."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest

from app.coach.report import NOT_JUDGED, ActiveFault, Activity, FaultId, Step
from app.coach.summary import MOST_YAWS, Contact, SummaryBuilder, with_sides
from app.coach.types import Facing, ViewKind

STEP = Step(1.0, 1.1, 0.9, 1.2, "left", 0.03, 0.07, 11.0, 30.0, 45.0, 29.0, -0.01, 12.0, 0.3, 0.04, 0.35, hit=False)
FAULT = ActiveFault(FaultId.UPRIGHT, 4.0, 6.0, "deg", 8)


def sides(*seen: tuple[str, float]) -> list[str]:
    return [c.side for c in with_sides([Contact(side, at_s, at_s + 0.25) for side, at_s in seen])]


def test_contacts_before_the_legs_were_told_apart_get_the_side_they_must_have_had() -> None:
    assert sides(("unknown", 3.0), ("unknown", 3.35), ("unknown", 3.7), ("left", 4.05), ("right", 4.4)) == [
        "right",
        "left",
        "right",
        "left",
        "right",
    ]


def test_across_a_gap_or_from_nothing_no_side_is_concluded() -> None:
    assert sides(("unknown", 1.0), ("left", 3.0)) == ["unknown", "left"]
    assert sides(("unknown", 1.0), ("unknown", 1.35)) == ["unknown", "unknown"]
    assert sides() == []


def test_after_a_second_standing_it_is_told_what_is_of_which_steps() -> None:
    builder = SummaryBuilder()
    builder.new_reference(None)
    for lean_deg in (5.0, 5.0, 5.0):
        builder.add_step(replace(STEP, trunk_lean_deg=lean_deg), judged=True, active=None)
    builder.warn("the sun was low")
    builder.new_reference(None)
    # Without a step since, the measures are still of those before.
    assert builder.told() == ("the sun was low",)

    builder.add_step(replace(STEP, trunk_lean_deg=12.0), judged=True, active=None)

    kept, line = builder.told()
    assert kept == "the sun was low"
    assert line.startswith("a new standing reference was taken after 3 of 4 steps")
    measured = builder.run_measures(178.0)["trunk_lean_deg"]
    assert measured is not None
    assert measured.value == 12.0


def test_the_yaws_of_a_long_session_are_thinned_evenly() -> None:
    builder = SummaryBuilder()
    for builder.frames in range(400_000):
        builder.add_view(ViewKind.SIDE, Facing.RIGHT, builder.frames * 1e-4)

    assert MOST_YAWS / 2 <= len(builder.yaws_deg) <= MOST_YAWS
    assert median(builder.yaws_deg) == pytest.approx(20.0, abs=0.1)


def test_labels_of_steps_without_a_fault_are_one_object_and_count_as_before() -> None:
    builder = SummaryBuilder()
    for judged, active in ((False, None), (False, FAULT), (True, None), (True, FAULT), (True, None)):
        builder.add_step(STEP, judged, active)

    assert builder.labels[2] is builder.labels[4]
    assert builder.labels[0] is builder.labels[1]
    (fault,) = builder.fault_results()
    assert (fault.id, fault.n_steps, fault.share_of_steps) == (FaultId.UPRIGHT, 1, pytest.approx(1 / 3))


def test_a_standing_that_came_late_is_no_reason_any_more() -> None:
    builder = SummaryBuilder()
    for k in range(5):
        builder.add_frame(k / 10, True, Activity.STANDING, "no standing reference yet")
    before, after = "no standing reference: stand tall and still for 3 s first", "no still starting-line position seen"
    assert builder.stance_verdict() == (NOT_JUDGED, before)
    builder.new_reference(None)
    builder.add_frame(0.5, True, Activity.STANDING, "standing")
    assert builder.stance_verdict() == (NOT_JUDGED, after)
