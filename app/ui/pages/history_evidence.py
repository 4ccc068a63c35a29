"""Why a cue of an earlier session was given, from what was kept of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from app.coach.quantities import RUNNING_MEASURES, STANCE_MEASURES
from app.coach.report import FaultId
from app.coach.rules import DEFAULT, default_rules
from app.store.clock import clock
from app.ui.pages.evidence import SAYS, CueEvidence
from app.ui.pages.review_words import about_words, amount, sentence
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.store.sessions.derived import ToldCue
    from app.ui.pages.history_port import Story

_TELLERS: Final = {
    "setup": mark("Said by the set-up guide."),
    "exam": mark("Said by the starting-line exam."),
}


def told_evidence(cue: ToldCue, story: Story) -> CueEvidence:
    """Return why a cue was given: its steps and values as they were kept, and what the rules of the app say of it."""
    said = tr("{time}, said: “{words}”").format(
        time=clock(cue.t_s - story.first_s), words=sentence(tr(cue.spoken), end="")
    )
    kept = cue.evidence
    if not kept or kept.get("fault") not in [fault.value for fault in FaultId]:
        return CueEvidence(said, _without_fault(cue))
    fault = FaultId(kept["fault"])
    unit = str(kept.get("unit") or "")
    value, threshold = (_number(kept.get(name)) for name in ("value", "threshold"))
    measure, higher = _deciding(fault, unit, threshold)
    because = tr("{fault}: {value}, where the limit is {threshold}.").format(
        fault=about_words(fault.value)[0],
        value=amount(value, unit, story.height_cm),
        threshold=amount(threshold, unit, story.height_cm),
    )
    values = tuple(_number(value) for value in kept.get("values") or ())
    if story.row.rules_name != DEFAULT:
        # A coach's own rules are not here to be quoted.
        return CueEvidence(said, because, measure, values, threshold, unit, higher)
    text = default_rules().texts[fault]
    published = tuple(
        f"{tr(SAYS.get(e.says, SAYS['missing']))} {tr(e.claim)}" + (f" ({e.source})" if e.source else "")
        for e in text.evidence
    )
    return CueEvidence(said, because, measure, values, threshold, unit, higher, tr(text.article_view), published)


def _without_fault(cue: ToldCue) -> str:
    """Return why something was said that no fault was behind."""
    if cue.teller in _TELLERS:
        return tr(_TELLERS[cue.teller])
    if cue.id.startswith("praise"):
        return tr("You came back to good form: this is said once.")
    return tr("No fault was behind it.")


def _deciding(fault: FaultId, unit: str, threshold: float) -> tuple[str, bool]:
    """Return the words of the measure that decided, and whether too high is the fault; by the app's rules."""
    rules = default_rules()
    spec, stance = rules.running.get(fault), rules.stance.get(fault)
    for way in spec.ways if spec is not None else ():
        if way[0].unit == unit and abs(way[0].band.on * way[0].scale - threshold) < 1e-9:
            return tr(RUNNING_MEASURES[way[0].measure].words), way[0].higher
    if stance is not None and stance.unit == unit and abs(stance.on - threshold) < 1e-9:
        return tr(STANCE_MEASURES[stance.measure].words), stance.higher
    return "", True


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
