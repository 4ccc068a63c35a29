"""A time within a session, as it is read everywhere."""

import pytest

from app.store.clock import clock


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0:00"), (59.99, "0:59"), (60.0, "1:00"), (903.0 - 900.0, "0:03"), (2.9999999, "0:03"), (3605.0, "60:05"),
     (-1.0, "0:00")],
)  # fmt: skip
def test_full_seconds_count_and_what_rounding_took_is_no_second_less(seconds, words):
    assert clock(seconds) == words
