"""The table of what happens when something goes wrong, as it is written and as it is kept."""

from pathlib import Path

from benchmarks import fault_window, faults
from benchmarks.fault_runs import Outcome

KEPT = Path(__file__).resolve().parents[2] / "docs" / "outcomes.md"


def test_what_is_too_slow_or_wrong_is_no():
    fine = Outcome("a", "b", "c", seconds=1.0, measured="back", limit_s=3.0)
    slow = Outcome("a", "b|\n d", "c", seconds=4.0, measured="back", limit_s=3.0)
    wrong = Outcome("a", "b", "c", wrong="a fault was invented")
    never = Outcome("a", "b", "c", seconds=float("inf"), measured="back", limit_s=3.0)
    assert [one.fine for one in (fine, slow, wrong, never)] == [True, False, False, False]
    assert faults.row_of(fine) == "| a | b | c | nothing | 1.00 s back (limit 3 s) | yes |"
    assert faults.row_of(slow) == "| a | b/ d | c | nothing | 4.00 s back (limit 3 s) | NO: too slow |"
    assert faults.row_of(wrong).endswith("|  | NO: a fault was invented |")
    assert "1 of 2 as they should be" in faults.page({"Camera": [fine, wrong]}, 60.0)


def test_the_kept_page_has_every_chapter_and_nothing_that_went_wrong():
    text = KEPT.read_text(encoding="utf-8")
    chapters = faults.cases(short=False)
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == list(chapters)
    assert "| NO" not in text
    assert "100 times in one session" in text
    for _, words, _ in fault_window.CASES:
        assert f"| window closed: {words} |" in text
