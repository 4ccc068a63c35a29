"""A report in another language than the one it is written in: nothing of it stays behind."""

from __future__ import annotations

import html
import re

import pytest

from app.coach.drills import DrillPlan
from app.coach.errors import WorldError
from app.coach.report import Mode
from app.coach.reps import DrillId
from app.coach.types import RunnerProfile
from app.store.report.page import session_page
from app.store.report.tongue import tongue_of
from app.store.sessions.recipe import Recipe

#: Words that no Spanish line has.
ENGLISH = re.compile(r"\b(the|of|and|was|were|is|not|steps?|with|your|at|from|side|good|this|then)\b", re.IGNORECASE)
PROFILE = RunnerProfile(178.0)
NOTE = "<b>zapatillas</b> & calor"


def lines_of(page: str) -> list[str]:
    """Everything that is read or heard of a page, but for what was published and where."""
    body = re.sub(r"<cite>.*?</cite>", "", page[page.index("<body>") :], flags=re.S)
    heard = re.findall(r'(?:aria-label|alt|data-name)="([^"]*)"', body)
    return [
        html.unescape(line).strip() for line in (*heard, *re.sub(r"<[^>]+>", "\n", body).splitlines()) if line.strip()
    ]


@pytest.mark.parametrize(
    ("act", "recipe", "frames"),
    [
        ("pelvis_drift", Recipe(Mode.RUN, PROFILE), 480),
        ("standing_up", Recipe(Mode.RUN), 480),
        ("stance_good", Recipe(Mode.STANCE, PROFILE), 480),
        ("drill_hinge", Recipe(Mode.DRILL, PROFILE, plan=DrillPlan(DrillId.HINGE, 3)), 700),
    ],
)
def test_nothing_stays_english(store, act, recipe, frames):
    coach, recorder = store.recorder(recipe, person="Ana")
    for k, pose in enumerate(store.poses(act, frames, 0.0)):
        coach.update(pose)
        if k == frames - 60:
            recorder.mark("moment")
    coach.finish()
    recorder.close()
    with store.history() as history:
        history.write_note(recorder.id, NOTE)
        page = session_page(history, recorder.id, tongue_of("es"))
        english = session_page(history, recorder.id)
    assert '<html lang="es">' in page
    assert "&lt;b&gt;zapatillas&lt;/b&gt; &amp; calor" in page
    assert "Momentos marcados" in page
    left = [line for line in lines_of(page) if ENGLISH.search(line)]
    assert left == []
    assert '<html lang="en">' in english
    assert "Marked moments" in english


def test_a_language_that_there_is_not_is_told_of():
    with pytest.raises(WorldError, match="choose en, es"):
        tongue_of("tlh")
