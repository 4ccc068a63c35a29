"""The page: facts in, one HTML text out, which asks for nothing from anywhere."""

from __future__ import annotations

import math
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import jinja2

from app.coach.drill_rules import default_drills
from app.coach.report import GOOD, NOT_JUDGED
from app.coach.reps import GOOD_REP, DrillId
from app.coach.types import Facing
from app.store import atomic
from app.store.clock import clock
from app.store.report import charts, figures, findings, numbers, words
from app.store.report.material import PASSED, Material
from app.store.report.sessions import material_of
from app.store.report.tongue import ENGLISH, Tongue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from markupsafe import Markup

    from app.store.history import History
    from app.store.report.material import Moment


#: No page may hold these, in no way of writing them (HTML 13.2.3.5): control characters, but those that are blanks.
_CONTROL = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]")
#: So many of the marked moments are drawn; of the others the time is told.
MOST_MARKED = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture with its two lines; ``tone``: "good", "off" or "not" (not judged)."""

    picture: Markup
    title: str
    detail: str
    tone: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one line at the top: "good", "off" or "not", and its words."""

    tone: str
    words: str


def page(material: Material, tongue: Tongue = ENGLISH) -> str:
    """Return the whole page, in a language."""
    main = findings.main_fault(material)
    focus = findings.focus(material, main)
    drawn, marked = (
        _figures(material.moments, material, tongue),
        _figures(material.marked[:MOST_MARKED], material, tongue),
    )
    html = _template(tongue).render(
        language=tongue.code,
        title=_title(material),
        when=words.when(material.started_at, tongue) if material.started_at else "",
        person=material.person,
        length="" if material.is_photo else _length(material),
        source=material.source,
        verdict=_verdict(material, focus),
        went_well=findings.went_well(material),
        focus=focus,
        says=words.SAYS,
        worst=[figure for figure in drawn if figure.tone != "good"],
        best=[figure for figure in drawn if figure.tone == "good"],
        note=material.note,
        marked=marked,
        marked_at=", ".join(clock(moment.t_s - material.first_s) for moment in material.marked),
        rows=numbers.rows(material),
        against_standing=material.against_standing,
        charts=charts.charts(material, tongue),
        not_judged=findings.not_judged(material),
        compared=numbers.compared(material, tongue),
        measured=findings.how_measured(material),
    )
    return _CONTROL.sub("\ufffd", html)


def session_page(history: History, session: str, tongue: Tongue = ENGLISH) -> str:
    """Return the page of a session of the history (see `History.find`), in a language. Raises HistoryError."""
    return page(material_of(history, session), tongue)


def encoded(html: str) -> bytes:
    """Return a page as UTF-8."""
    # A name may hold a lone surrogate, of a file that is no UTF-8.
    return html.encode(errors="replace")


def write(path: Path, html: str) -> None:
    """Write a page, whole or not at all. Raises OutputError."""
    atomic.write_bytes(path, encoded(html))


@cache
def _template(tongue: Tongue) -> jinja2.Template:
    data = pkgutil.get_data("app.store.report", "template.html.j2")
    assert data is not None, "the package's loader has no data"
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["t"] = tongue
    environment.filters["sense"] = lambda word: tongue.look_up(word) or word.split(" [")[0]
    environment.filters["titled"] = lambda word: tongue.look_up(f"{word} [title]") or tongue(word)
    environment.filters["capital"] = lambda words: words[:1].upper() + words[1:]
    return environment.from_string(data.decode())


def _length(material: Material) -> str:
    return words.length(material.document["source"]["duration_s"] or 0.0)


def _title(material: Material) -> str:
    """Return what was done; of a drill, which."""
    name = (material.document.get("drill") or {}).get("name")
    return default_drills().drills[DrillId(name)].title if name is not None else material.title


def _verdict(material: Material, focus: findings.Focus) -> Verdict:
    if focus.about == NOT_JUDGED:
        return Verdict("not", "Nothing was judged")
    if focus.about == GOOD:
        return Verdict("good", "Good form throughout" if material.kind == "run" else "All good")
    share = numbers.good_share(material.now)
    if material.kind == "stance":
        good, judged = numbers.good_holds(material)
        on_line = f"{good} of {words.counted(judged, 'stance')} on the line"
        return Verdict("good" if 2 * good >= judged else "off", on_line)
    if share is None:
        return Verdict("off", focus.title)
    thing = "step" if material.kind == "run" else "repetition"
    judged_words = f"{round(share.value * share.n)} of {words.counted(share.n, thing)} good"
    return Verdict("good" if share.value >= findings.MOSTLY else "off", judged_words)


def _figures(moments: Iterable[Moment], material: Material, tongue: Tongue) -> list[Figure]:
    found = (_figure(moment, material, tongue) for moment in moments)
    return [figure for figure in found if figure is not None]


def _figure(moment: Moment, material: Material, tongue: Tongue) -> Figure | None:
    """Return the picture of a moment; None where there is nothing to show."""
    title, detail = _lines(moment, material)
    at = clock(moment.t_s - material.first_s)
    said = ", ".join(tongue(part) for part in (title, detail, at) if part)
    if moment.jpeg:
        picture = figures.photograph(moment.jpeg, moment.size_px, said)
    elif moment.pose is not None:
        line = "" if material.kind == "drill" else "toe" if moment.at_push_off else "ankle"
        if material.kind == "run" and not moment.at_push_off:
            line = ""  # at midstance nobody is on the line
        facing = Facing(material.document["view"]["facing"])
        roof = moment.under_roof_px
        line = "" if math.isfinite(roof) else line
        picture = figures.body(moment.pose, facing, line, moment.best, said, roof, tongue("roof"))
    else:
        return None
    if not picture:
        return None
    tone = "good" if moment.best else "not" if moment.about == NOT_JUDGED else "off"
    return Figure(picture, title, " · ".join(part for part in (detail, at) if part), tone)


def _lines(moment: Moment, material: Material) -> tuple[str, str]:
    """Return what a moment shows, and its number."""
    drill = material.document["drill"]["name"] if material.kind == "drill" else ""
    title = words.title_of(moment.about, drill)
    if moment.on_purpose:
        return title, "on purpose"
    if material.kind == "drill":
        depth = words.amount(moment.value, moment.unit, material.height_cm) if moment.value == moment.value else ""
        number = f"repetition {moment.number}" if moment.number else ""
        title = "Good" if moment.about == GOOD_REP else title
        return title, " · ".join(part for part in (number, depth) if part)
    if moment.about == PASSED or moment.held_s == moment.held_s:
        lasted = moment.held_s == moment.held_s and not material.is_photo
        held = f"held {moment.held_s:.1f} s" if lasted else ""
        return title, _past(moment, material) or held
    return title, _past(moment, material) or (f"step {moment.number}" if moment.number else "")


def _past(moment: Moment, material: Material) -> str:
    """Return a value beside its limit, "" where there is none."""
    if moment.value != moment.value or moment.threshold != moment.threshold:
        return ""
    value = words.amount(moment.value, moment.unit, material.height_cm)
    if moment.about == "roof":
        return f"{value} through it"
    return f"{value}, limit {words.amount(moment.threshold, moment.unit, material.height_cm)}"
