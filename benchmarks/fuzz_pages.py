"""Targets of the fuzzer that write what others open: reports and tables, with words and numbers of jokers."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from app.coach.model import CoachModel
from app.coach.report import Cue, Mode
from app.coach.summary import CoachSummary
from app.coach.types import RunnerProfile
from app.store import csv_export
from app.store.analysis_json import analysis_json
from app.store.report.material import Material
from app.store.report.page import encoded, page
from app.store.sessions.derived import ToldCue
from app.store.sessions.tables import JudgedStep
from benchmarks.fuzz_cases import damaged_tree, hostile_text
from benchmarks.fuzz_coach import FACTS, poses_of
from benchmarks.fuzz_run import Target

#: What a spreadsheet takes for a formula when a cell begins with it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
#: What a page must not hold (HTML 13.2.3.5, "Preprocessing the input stream"): control characters but blanks.
_CONTROL = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_VOID = {"meta", "link", "img", "br"}


@cache
def ran() -> CoachSummary:
    """Return what eight seconds of a runner come to."""
    coach = CoachModel(Mode.RUN, RunnerProfile(178.0))
    for pose, _ in poses_of("pelvis_drift", [(0, 240, "as it is", "as it is", "", 0, frozenset())]):
        coach.update(pose)
    coach.finish()
    return coach.summary()


# ---------------------------------------------------------------------- reports


class Page(HTMLParser):
    """Reads a page as a browser would; raises AssertionError for anything that runs or is fetched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"{self._open} never end"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check one tag."""
        assert tag not in ("script", "iframe", "object", "embed", "form", "base", "audio", "video", "foreignobject"), (
            tag
        )
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
                assert (value or "").startswith(("data:", "#")), (tag, name, value)
            assert not (tag == "img" and name == "src" and value == "x")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check a tag without content."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Check that it ends what is open."""
        assert self._open, tag
        assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if not self._open or self._open[-1] != "style":
            self.words.append(data)


def _page_cases() -> SearchStrategy[Any]:
    document = analysis_json(ran(), FACTS)
    trees = damaged_tree([document["warnings"]], 2)
    when = st.one_of(st.just("2026-11-22T18:30:00+01:00"), st.just(""))
    return st.tuples(
        hostile_text(),
        hostile_text(),
        hostile_text(),
        hostile_text(),
        when,
        trees,
        st.lists(hostile_text(30), max_size=3),
    )


def _check_page(case: Any, folder: Path) -> str:
    person, title, source, cue, when, warnings, notices = case
    document = analysis_json(ran(), FACTS)
    if isinstance(warnings, list):
        document["warnings"] = [one for one in warnings if isinstance(one, str)]
    steps = [JudgedStep(k + 1, "good" if k % 2 else "pelvis_drift", step) for k, step in enumerate(ran().steps)]
    told = (ToldCue(30, 1.0, "coach", "hips_back", cue, cue, None),)
    material = Material(
        document, title, person, when, source, steps=steps, cues=told, notices=tuple(notices), rules_hash=cue
    )
    data = encoded(page(material))
    html = data.decode("utf-8")
    found = Page(html)
    assert not _CONTROL.search(html), "a control character is in the page"
    shown = " ".join("".join(found.words).split())
    for text in (person, source):
        wanted = " ".join(_CONTROL.sub("\ufffd", text.encode(errors="replace").decode()).split())
        assert wanted in shown, f"{text!r} is not shown as it is"
    assert "<script" not in html.lower()
    assert "url(" not in re.sub(r"data:[^\"')]*", "", html)
    (folder / "a.html").write_bytes(data)
    return "written"


# ---------------------------------------------------------------------- tables


def _csv_cases() -> SearchStrategy[Any]:
    numbers = st.lists(st.floats(), min_size=6, max_size=6)
    return st.lists(st.tuples(hostile_text(), hostile_text(), hostile_text(8), numbers), max_size=4)


def _check_csv(case: Any, folder: Path) -> str:
    place = folder / "tables"
    cues = tuple(
        Cue(name, spoken, spoken, n[0], n[1], 1, because=spoken, steps=(1, 2), value=n[2], threshold=n[3], unit=unit)
        for name, spoken, unit, n in case
    )
    steps = tuple(
        replace(step, trunk_lean_deg=n[4], side=unit) for step, (_, _, unit, n) in zip(ran().steps, case, strict=False)
    )
    place.mkdir(exist_ok=True)
    csv_export.write_tables(place, replace(ran(), cues=cues, steps=steps))
    for name, header in (
        ("cues", csv_export.CUES_HEADER),
        ("steps", csv_export.STEPS_HEADER),
        ("holds", csv_export.HOLDS_HEADER),
    ):
        with (place / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
        assert tuple(rows[0]) == header
        assert len(rows) - 1 == len({"cues": cues, "steps": steps, "holds": ran().holds}[name])
        for row in rows[1:]:
            assert len(row) == len(header)
            for cell in row:
                assert not cell.startswith(FORMULA) or _NUMBER.fullmatch(cell), f"a spreadsheet runs {cell!r}"
                assert cell not in ("nan", "inf", "-inf")
    for (_, spoken, _, _), row in zip(case, rows_of(place / "cues.csv"), strict=True):
        said = " ".join(spoken.encode(errors="replace").decode().replace("\0", " ").split())
        told = " ".join(row[2].split())
        assert told.removeprefix("'").strip() == said.removeprefix("'").strip(), "other words were said"
    return "written"


def rows_of(path: Path) -> list[list[str]]:
    """Return the rows of a table below its header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


TARGETS = (
    Target("reports", "report pages of hostile words", _page_cases, _check_page, 1, most_s=10.0),
    Target("tables", "CSV tables of hostile words", _csv_cases, _check_csv, 4),
)
