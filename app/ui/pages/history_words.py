"""The words of the page of earlier sessions: dates, kinds, numbers with intervals, what changed. No widgets."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.store.report.words import QUANTITY_WORDS
from app.store.trends import QUANTITIES, mode_of
from app.ui.pages.review_words import Number, about_tone, about_words, drill_of, drill_title
from app.ui.theme import Tone
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.coach.types import Measure
    from app.store.sessions.tables import SessionRow
    from app.store.trends import Difference, Digest

_MONTHS: Final = (
    mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun"),
    mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec"),
)  # fmt: skip
MODE_WORDS: Final = {
    "run": mark("Run"),
    "stance": mark("Starting line"),
    "drill": mark("Drill"),
    "auto": mark("Run"),
}
#: What a quantity is, for its tooltip.
QUANTITY_HELP: Final = {
    "trunk_lean_deg": mark("How far the trunk leans forward against your own standing, median of the steps"),
    "line_offset_bh_pct": mark("How far the hip is ahead of the line from ear to rear toe at push-off"),
    "inside_share": mark("Share of the counted steps under the roof and over the floor"),
    "longest_clean_steps": mark("Most steps in a row inside the tunnel"),
    "half_life_min": mark("Minutes of running until the share of good steps has fallen below half of its start"),
    "retention_share": mark("Share of good steps in the last minute, in which nothing is said"),
    "good_share": mark("Share of the judged steps that were good"),
    "cadence_spm": mark("Steps per minute, both feet"),
    "line_lean_deg": mark("How far the line from ear to rear ankle leans, median of the good stances"),
    "hip_off_line_bh_pct": mark("How far the hip is ahead of the line from ear to rear ankle"),
    "longest_hold_s": mark("The longest good stance"),
    "good_reps_share": mark("Share of the counted repetitions that were good"),
    "reps": mark("Repetitions that counted"),
}
_MISSING: Final = {
    "trunk_lean_deg": mark("needs a standing reference"),
    "line_offset_bh_pct": mark("not seen in enough steps"),
    "inside_share": mark("the roof needs a few good steps first"),
    "longest_clean_steps": mark("the roof needs a few good steps first"),
    "retention_share": mark("no silent minute was planned"),
    "good_share": mark("no step was judged"),
    "cadence_spm": mark("not seen in enough steps"),
}
_NO_HALF_LIFE: Final = {
    "short": mark("needs five minutes of judged running"),
    "start": mark("fewer than half of the first steps were good"),
}
#: A share without its sign of per cent.
_BARE: Final = {"share": "share_bare"}
_TOLD: Final = {
    "more": mark("More than before"),
    "less": mark("Less than before"),
    "same": mark("No difference that can be told"),
    "unknown": mark("Cannot be compared"),
}


def day_words(day: date, today: date) -> str:
    """Return a date: today and yesterday by name, this year without the year."""
    if day == today:
        return tr("Today")
    if day == today - timedelta(days=1):
        return tr("Yesterday")
    month = tr(_MONTHS[day.month - 1])
    if day.year == today.year:
        return tr("{day} {month}").format(day=day.day, month=month)
    return tr("{day} {month} {year}").format(day=day.day, month=month, year=day.year)


def when_words(started_at: str, today: date) -> str:
    """Return when a session began, as the clock on the wall said."""
    at = datetime.fromisoformat(started_at)
    return tr("{day}, {time}").format(day=day_words(at.date(), today), time=f"{at:%H:%M}")


def length_words(seconds: float) -> str:
    """Return how long something took: seconds below a minute, minutes and seconds below an hour."""
    whole = round(max(seconds, 0.0))
    if whole < 60:
        return tr("{n} s").format(n=whole)
    if whole < 3600:
        return tr("{time} min").format(time=f"{whole // 60}:{whole % 60:02d}")
    return tr("{time} h").format(time=f"{whole // 3600}:{whole % 3600 // 60:02d}")


def person_words(person: str) -> str:
    """Return a runner's name; words for nobody."""
    return person or tr("Nobody named")


def kind_words(mode: str, drill: str) -> str:
    """Return what kind of session it was."""
    if drill and mode == "drill":
        known = drill_of(drill)
        return drill_title(known) if known is not None else drill
    return tr(MODE_WORDS.get(mode, mode))


def verdict_of(row: SessionRow, digest: Digest | None) -> tuple[str, str, Tone]:
    """Return words, shape and tone of what a session came to; of a drill: how many repetitions were good."""
    if row.state == "open":
        return tr("Not closed yet"), "wait", Tone.CALM
    if row.mode != "drill":
        return *about_words(row.verdict), about_tone(row.verdict)
    reps = digest.values.get("good_reps_share") if digest is not None else None
    if reps is None:
        return (tr("No repetition counted") if digest is not None else ""), "reps", Tone.CALM
    good = round(reps.value * reps.n)
    words = tr("{n} of {m} repetitions good").format(n=good, m=reps.n)
    return words, "check" if 2 * good >= reps.n else "reps", Tone.GOOD if 2 * good >= reps.n else Tone.OFF


def value_words(measure: Measure) -> str:
    """Return a number with its unit; "over 12 min" where it is a lower bound."""
    value, unit = measure.value, measure.unit
    number = number_words(value, unit)
    if unit in ("deg", "share", "bh_pct"):
        return number
    words = {
        "steps": tr("1 step") if number == "1" else tr("{n} steps"),
        "min": tr("over {n} min") if math.isinf(measure.ci95[1]) else tr("{n} min"),
        "spm": tr("{n} steps/min"),
        "s": tr("{n} s"),
        "reps": "{n}",
    }.get(unit, "{n}")
    return words.format(n=number)


def number_words(value: float, unit: str, signed: bool = False) -> str:
    """Return a number as it is written in its unit: shares in per cent; "signed": with its sign, for a change."""
    if not math.isfinite(value):
        return "–"
    if unit in ("share", "share_bare"):
        value *= 100.0
    digits = 1 if unit in ("deg", "bh_pct") else 0
    written = f"{abs(value):.{digits}f}"
    zero = float(written) == 0.0
    sign = "" if zero or (value > 0 and not signed) else "+" if value > 0 else "−"
    return f"{sign}{written}{ {'deg': '°', 'share': '%', 'bh_pct': '%'}.get(unit, '') }"


def interval_words(measure: Measure) -> str:
    """Return the interval of a number, "" where none is known."""
    low, high = measure.ci95
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    low_words, high_words = number_words(low, measure.unit), number_words(high, measure.unit)
    return tr("95 %: {low} to {high}").format(low=low_words, high=high_words)


def numbers(digest: Digest) -> tuple[Number, ...]:
    """Return the numbers of one session, each with its interval or why it is not there."""
    found = []
    for key in QUANTITIES[digest.mode]:
        name, measure = tr(QUANTITY_WORDS[key]), digest.values.get(key)
        if measure is not None:
            found.append(Number(name, value_words(measure), _detail(key, measure)))
        elif key == "half_life_min":
            found.append(Number(name, "–", tr(_NO_HALF_LIFE.get(digest.half_life.because, _NO_HALF_LIFE["short"]))))
        elif key in _MISSING:
            found.append(Number(name, "–", tr(_MISSING[key])))
    return tuple(found)


def _detail(key: str, measure: Measure) -> str:
    if key == "half_life_min" and math.isinf(measure.ci95[1]):
        return tr("it held to the end")
    if key == "half_life_min":
        return tr("to a minute or two")
    if key == "longest_clean_steps":
        return tr("of {n} steps").format(n=measure.n)
    interval = interval_words(measure)
    if key == "line_offset_bh_pct" or key == "hip_off_line_bh_pct":
        return "  ·  ".join(part for part in (tr("of your height"), interval) if part)
    return interval


def key_numbers(digest: Digest) -> str:
    """Return the one or two numbers that stand in the list; of a drill the verdict says it."""
    chosen = {"run": ("trunk_lean_deg", "inside_share"), "stance": ("line_lean_deg",)}
    found = [digest.values[key] for key in chosen.get(digest.mode, ()) if key in digest.values]
    return "   ".join(number_words(measure.value, measure.unit) for measure in found)


def change_words(difference: Difference) -> str:
    """Return how much changed and what can be told of it, in one line."""
    if difference.before is None or difference.after is None:
        return tr("Not measured both times")
    if difference.told == "unknown":
        return tr("A single figure each: no interval is known")
    low, high = (_change(end, difference.unit) for end in difference.ci95)
    if not math.isfinite(difference.ci95[1]):
        return tr("at least {low}").format(low=low)
    if not math.isfinite(difference.ci95[0]):
        return tr("at most {high}").format(high=high)
    change = _change(difference.change, difference.unit)
    if difference.key == "half_life_min":
        return change
    low, high = (number_words(end, _BARE.get(difference.unit, difference.unit), True) for end in difference.ci95)
    return tr("{change}  (95 %: {low} to {high})").format(change=change, low=low, high=high)


def _change(value: float, unit: str) -> str:
    """Return a change with its unit: that of a share is so many of a hundred, not per cent of what it was."""
    words = {"share": tr("{n} of 100"), "min": tr("{n} min"), "spm": tr("{n} steps/min"), "s": tr("{n} s")}
    return words.get(unit, "{n}").format(n=number_words(value, _BARE.get(unit, unit), signed=True))


def told_words(told: str) -> str:
    """Return what can be said of a difference."""
    return tr(_TOLD[told])


def kind_of(row: SessionRow, summary: Mapping[str, Any]) -> str:
    """Return the kind of a session in words."""
    return kind_words(mode_of(row, summary), row.drill)
