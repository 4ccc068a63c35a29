"""What the session's summary concludes, on lists made by hand."""

from __future__ import annotations

from app.coach.summary import Contact, with_sides


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
