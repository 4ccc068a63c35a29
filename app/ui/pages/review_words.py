"""The words and numbers of the review: what a moment shows, what to do next time, why a cue came. No widgets."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from app.coach.drill_rules import default_drills
from app.coach.report import GOOD, NOT_JUDGED, FaultId
from app.coach.reps import BY_HAND, GOOD_REP, DrillId, DrillPhase
from app.session.moments import PASSED
from app.session.set_record import ROOF, Best, SetKind
from app.ui.cue_card import FAULT_CARDS, fix_words
from app.ui.theme import Tone
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.coach.rules import FaultText, Rules
    from app.coach.summary import CoachSummary
    from app.coach.types import Measure
    from app.session.set_record import Moment, SetRecord, StepMark

#: Units as they stand behind a number; body height becomes cm where the stature is known.
UNITS: Final = {
    "deg": "°",
    "bh_pct": mark("% of your height"),
    "travel_pct": "%",
    "s": "s",
    "cm": "cm",
    "spm": mark("steps/min"),
}
_OTHER_WORDS: Final = {
    GOOD: (mark("Good form"), "check"),
    ROOF: (mark("Roof hit"), "roof"),
    PASSED: (mark("Side passed"), "check"),
    "half": (mark("Half a repetition"), "warn"),
    BY_HAND: (mark("Put in by hand"), "reps"),
    NOT_JUDGED: (mark("Not judged"), "wait"),
}
#: Measures that are themselves how far the hip lies ahead of a line.
_FROM_THE_LINE: Final = frozenset({"line_offset_bh", "d_h_bh_pct"})
#: Which foot was behind in a passed side.
_REAR_WORDS: Final = {"left": mark("left foot back"), "right": mark("right foot back")}


@dataclass(frozen=True, slots=True)
class Number:
    """One headline number: its name, the value, and its interval or why it was not measured."""

    name: str
    value: str
    detail: str


@dataclass(frozen=True, slots=True)
class NextTime:
    """The one thing for the next time.

    Attributes:
        title: a few words. what: what to do. why: how often it was. shape, tone: of its picture.
        drill: to practise it with, None for none.

    """

    title: str
    what: str
    why: str
    shape: str
    tone: Tone
    drill: DrillId | None = None


def about_words(about: str, drill: DrillId | None = None) -> tuple[str, str]:
    """Return the words and the shape of a fault, of the roof, or of a repetition's verdict."""
    if drill is not None and about in (change := default_drills().drills[drill].change):
        return tr(change[about].spoken), "warn"
    if about in FAULT_CARDS:
        words, shape = FAULT_CARDS[about]
        return tr(words), shape
    words, shape = _OTHER_WORDS.get(about, (about.replace("_", " ").capitalize(), "warn"))
    return tr(words), shape


def rep_title(verdict: str, drill: DrillId | None) -> str:
    """Return the few words of a repetition's verdict, for where there is little room."""
    change = default_drills().drills[drill].change if drill is not None else {}
    if verdict not in change:
        return about_words(verdict)[0]
    return sentence(tr(change[verdict].shown).lower(), end="")


def about_tone(about: str) -> Tone:
    """Return the tone of a verdict."""
    if about in (GOOD, PASSED, GOOD_REP, BY_HAND):
        return Tone.GOOD
    return {ROOF: Tone.HIT, NOT_JUDGED: Tone.CALM}.get(about, Tone.OFF)


def fine_clock(seconds: float) -> str:
    """Return a time of the set as m:ss.t."""
    tenths = max(0, math.floor(10.0 * seconds + 0.5))
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def amount(value: float, unit: str, height_cm: float = math.nan) -> str:
    """Return a number with its unit; fractions of body height in cm where the stature is known."""
    if unit == "bh_pct" and math.isfinite(height_cm):
        value, unit = value * height_cm / 100.0, "cm"
    words = tr(UNITS.get(unit, unit))
    number = f"{value:.0f}" if unit in ("deg", "travel_pct", "spm") and abs(value) >= 1.5 else f"{value:.1f}"
    return f"{number}{words}" if words in ("°", "%") else f"{number} {words}".strip()


def moment_lines(moment: Moment, record: SetRecord) -> tuple[str, str]:
    """Return the two lines under the picture of a moment."""
    title = about_words(moment.about, record.drill if moment.number else None)[0]
    if moment.on_purpose:
        return title, tr("on purpose")
    if moment.number:
        return rep_title(moment.about, record.drill), tr("repetition {n}").format(n=moment.number)
    if moment.about == PASSED:
        return title, tr(_REAR_WORDS[moment.words]) if moment.words in _REAR_WORDS else ""
    if moment.best is Best.BEST:
        held = tr("held {s:.0f} s").format(s=moment.end_s - moment.start_s)
        step = record.step_at(moment.t_s)
        number = tr("step {n}").format(n=step.number) if step is not None else ""
        return title, held if record.kind is SetKind.STANCE else number
    if not math.isfinite(moment.value):
        return title, ""
    return title, _past_words(moment, record.height_cm)


def _past_words(moment: Moment, height_cm: float) -> str:
    """Return how far it was off, and from what: the hip from the line, the head from the roof, else from the limit."""
    if moment.about == ROOF:
        return tr("head {amount} over the roof").format(amount=amount(moment.excess, moment.unit, height_cm))
    if moment.measure in _FROM_THE_LINE and moment.value > 0.0:
        return tr("hip {amount} ahead of the line").format(amount=amount(moment.value, moment.unit, height_cm))
    return tr("{amount} past the limit").format(amount=amount(moment.excess, moment.unit, height_cm))


def next_time(record: SetRecord, summary: CoachSummary | None) -> NextTime:
    """Return the one thing to do next time; where nothing was wrong, what went well."""
    counts = record.fault_counts()
    judged, main = sum(counts.values()), record.main_fault()
    if not judged:
        return _not_judged(record, summary)
    if not main:
        return _went_well(record, summary, judged)
    if record.kind is SetKind.DRILL:
        return _next_rep(record, main, counts)
    fault = FaultId.STANDING_UP if main == ROOF else FaultId(main)
    text: FaultText = record.rules.texts[fault]
    # The heading is what to do, never the fault: by itself that reads as what to do.
    title, (name, shape) = fix_title(fault, record.rules), about_words(main)
    if main == ROOF:
        hits = sum(step.step.hit for step in record.steps)
        why = tr("{n} of {m} steps went through the roof").format(n=hits, m=len(record.steps))
    elif record.kind is SetKind.STANCE:
        why = tr("{fault}: in {n} of {m} stances").format(fault=name, n=counts[main], m=judged)
    else:
        why = tr("{fault}: in {n} of {m} judged steps").format(fault=name, n=counts[main], m=judged)
    return NextTime(title, tr(text.fix), why, shape, about_tone(main), drill_of(text.drill))


def fix_title(fault: str, rules: Rules) -> str:
    """Return what is to be done about a fault, as its cue is shown, in small letters: "Hips back"."""
    return sentence(fix_words(fault, rules).lower(), end="")


def drill_of(act: str) -> DrillId | None:
    """Return the drill that the rules name, None where it is none."""
    name = act.removeprefix("drill_")
    return next((drill for drill in DrillId if drill.value == name), None)


def drill_title(drill: DrillId) -> str:
    """Return what a drill is called."""
    return tr(default_drills().drills[drill].title)


def _next_rep(record: SetRecord, main: str, counts: Counter[str]) -> NextTime:
    title, shape = about_words(main, record.drill)
    why = tr("In {n} of {m} repetitions").format(n=counts[main], m=sum(counts.values()))
    if main in FAULT_CARDS:
        name, shape = about_words(main)
        title = fix_title(main, record.rules)
        why = tr("{fault}: in {n} of {m} repetitions").format(fault=name, n=counts[main], m=sum(counts.values()))
    how = tr(default_drills().drills[record.drill].how) if record.drill is not None else ""
    return NextTime(title, how, why, shape, Tone.OFF, record.drill)


def _not_judged(record: SetRecord, summary: CoachSummary | None) -> NextTime:
    """Say why nothing was judged."""
    why = summary.not_judged_because if summary is not None else ""
    if not why and record.unjudged:
        why = record.unjudged[0][0]
    title = tr("Nothing was judged")
    return NextTime(title, sentence(tr(why)) if why else "", "", "wait", Tone.CALM)


def _went_well(record: SetRecord, summary: CoachSummary | None, judged: int) -> NextTime:
    title = tr("Nothing to change")
    if record.kind is SetKind.DRILL:
        what = _next_reps(record, judged)
    elif record.kind is SetKind.STANCE:
        what = tr("Every stance was on the line. Next time, take it into a run.")
    else:
        what = tr("The line held in all {n} judged steps. Next time the same, for a little longer.").format(n=judged)
    why = ""
    tunnel = summary.tunnel if summary is not None else None
    if tunnel is not None and tunnel.steps and record.kind is SetKind.RUN:
        why = tr("{n} steps in a row inside the tunnel").format(n=tunnel.longest_clean_steps)
    return NextTime(title, what, why, "check", Tone.GOOD)


def _next_reps(record: SetRecord, done: int) -> str:
    """Return what to do after repetitions that were all good: all that were wanted, where it was broken off."""
    drill = record.shots[-1].analysis.report.drill if record.shots else None
    if drill is not None and drill.target and drill.phase is not DrillPhase.DONE:
        wanted = str(drill.target) if drill.sets <= 1 else f"{drill.sets} × {drill.target}"
        return tr("All {n} repetitions were good. Next time, go on to {target}.").format(n=done, target=wanted)
    return tr("All {n} repetitions were good. Next time, do the same again, just as calmly.").format(n=done)


def numbers(record: SetRecord, summary: CoachSummary | None) -> tuple[Number, ...]:
    """Return the few headline numbers of the set, each with its interval or why it is not there."""
    if record.kind is SetKind.DRILL:
        return _rep_numbers(record)
    if record.kind is SetKind.STANCE:
        return _hold_numbers(record)
    return _run_numbers(record, summary)


def _run_numbers(record: SetRecord, summary: CoachSummary | None) -> tuple[Number, ...]:
    measures = summary.measures if summary is not None else {}
    no_steps = tr("no running step was seen") if not record.steps else tr("not seen in enough steps")
    cadence = _measured(tr("Cadence"), measures.get("cadence_spm"), no_steps)
    no_lean = no_steps
    if summary is not None and record.steps and not summary.angles_relative:
        no_lean = tr("needs a standing reference")
    lean = _measured(tr("Trunk lean"), measures.get("trunk_lean_deg"), no_lean)
    tunnel = summary.tunnel if summary is not None else None
    inside, longest = tr("Inside the tunnel"), tr("Longest clean run")
    if tunnel is None or not tunnel.steps:
        why = tr("needs a standing reference") if tunnel is None else tr("the roof needs a few good steps first")
        why = why if record.steps else no_steps
        return cadence, lean, _missing(inside, why), _missing(longest, why)
    # Fewer than were judged: the roof is there after a few good steps only.
    share = tr("{n} of the {m} steps with a roof").format(n=tunnel.clean_steps, m=tunnel.steps)
    return (
        cadence,
        lean,
        Number(inside, f"{100.0 * tunnel.share_inside:.0f}%", share),
        Number(longest, tr("{n} steps").format(n=tunnel.longest_clean_steps), tr("in a row inside the tunnel")),
    )


def _measured(name: str, measure: Measure | None, why_not: str) -> Number:
    if measure is None or not math.isfinite(measure.value):
        return _missing(name, why_not)
    fine = abs(measure.ci95[1] - measure.ci95[0]) < 4.0 and measure.unit == "deg"
    value, low, high = (f"{x:.1f}" if fine else f"{x:.0f}" for x in (measure.value, *measure.ci95))
    unit = tr(UNITS.get(measure.unit, measure.unit))
    unit = unit if unit in ("°", "%") else f" {unit}"
    known = all(map(math.isfinite, measure.ci95))
    return Number(name, f"{value}{unit}", tr("95 %: {low} to {high}").format(low=low, high=high) if known else "")


def _missing(name: str, why: str) -> Number:
    return Number(name, "–", tr("not measured: {why}").format(why=why))


def _rep_numbers(record: SetRecord) -> tuple[Number, ...]:
    counted = [rep for rep in record.reps if rep.counted]
    good = [rep for rep in counted if rep.verdict == GOOD_REP]
    half = [rep for rep in record.reps if not rep.counted]
    sets = len({rep.set_number for rep in counted})
    of_sets = tr("in {n} sets").format(n=sets) if sets > 1 else ""
    found = [
        Number(tr("Repetitions"), str(len(counted)), of_sets),
        Number(tr("Good"), str(len(good)), tr("of {n} counted").format(n=len(counted))),
        Number(tr("Not counted"), str(len(half)), tr("half ones are told, not counted")),
    ]
    depths = [rep.depth for rep in counted if math.isfinite(rep.depth)]
    if not depths:
        return (*found, _missing(tr("Depth"), tr("no repetition was seen")))
    unit = counted[0].unit
    name = tr("Held") if unit == "s" else tr("Depth")
    if max(depths) - min(depths) < 0.5:
        return (*found, Number(name, amount(median(depths), unit, record.height_cm), tr("every time")))
    spread = tr("{low} to {high}").format(
        low=amount(min(depths), unit, record.height_cm), high=amount(max(depths), unit, record.height_cm)
    )
    return (*found, Number(name, amount(median(depths), unit, record.height_cm), spread))


def _hold_numbers(record: SetRecord) -> tuple[Number, ...]:
    holds = [mark.hold for mark in record.holds if not mark.on_purpose]
    good = [hold for hold in holds if hold.verdict == GOOD]
    longest = max(holds, key=lambda hold: hold.end_s - hold.start_s, default=None)
    line = longest.values.theta_l_deg if longest is not None else math.nan
    hip = longest.values.d_h_bh_pct if longest is not None else math.nan
    both = tr("both legs must be in view")
    of_longest = tr("in the longest stance")
    return (
        Number(tr("Stances on the line"), str(len(good)), tr("of {n}").format(n=len(holds))),
        Number(tr("Longest hold"), f"{max((h.end_s - h.start_s for h in good), default=0.0):.0f} s", tr("on the line")),
        Number(tr("Line lean"), amount(line, "deg"), of_longest)
        if math.isfinite(line)
        else _missing(tr("Line lean"), both),
        Number(tr("Hip ahead of the line"), amount(hip, "bh_pct", record.height_cm), of_longest)
        if math.isfinite(hip)
        else _missing(tr("Hip ahead of the line"), both),
    )


# ---- what is at an instant --------------------------------------------------------------------------------------


def here_words(record: SetRecord, t_s: float) -> str:
    """Return in one line what happens at an instant: the step, its value, and why nothing was said."""
    step = record.step_at(t_s)
    if step is not None:
        return step_words(step, record)
    rep = next((rep for rep in record.reps if rep.start_s <= t_s <= rep.end_s), None)
    if rep is not None:
        words = about_words(rep.verdict, record.drill)[0]
        return tr("Repetition {n}: {words}").format(n=rep.number, words=words)
    hold = record.hold_at(t_s)
    if hold is not None:
        held = tr("{s:.1f} s").format(s=hold.end_s - hold.start_s)
        return tr("Stance: {words}, {held}").format(words=about_words(hold.verdict)[0], held=held)
    away_s = next((end_s - start_s for start_s, end_s in record.gaps_s if start_s < t_s < end_s), 0.0)
    return tr("No picture for {s} s").format(s=f"{away_s:.1f}") if away_s else ""


def marked_words(record: SetRecord, t_s: float) -> str:
    """Return in a few words what was at a marked moment, what tells most first: the list of them is narrow."""
    step = record.step_at(t_s)
    if step is None:
        return here_words(record, t_s) or tr("Nothing was judged")
    return "  ·  ".join((about_words(step.verdict)[0], tr("Step {n}").format(n=step.number)))


def step_words(mark: StepMark, record: SetRecord) -> str:
    """Return one step in one line."""
    parts = [tr("Step {n}").format(n=mark.number), about_words(mark.verdict)[0]]
    if math.isfinite(mark.excess) and mark.fault is not None:
        past = tr("{amount} past the limit") if mark.excess >= 0.0 else tr("{amount} inside the limit")
        parts.append(past.format(amount=amount(abs(mark.excess), mark.fault.unit, record.height_cm)))
    if mark.step.hit:
        parts.append(about_words(ROOF)[0])
    elif mark.below_floor:
        parts.append(tr("Sank too low"))
    if mark.unsaid and mark.verdict not in (GOOD, NOT_JUDGED):
        # What is in brackets is told by the list of what was said; here it would be cut.
        parts.append(tr("nothing said: {why}").format(why=tr(mark.unsaid.split(":")[0]).split(" (")[0]))
    return "  ·  ".join(parts)


def sentence(words: str, end: str = ".") -> str:
    """Return words with a capital letter first, and an end."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else end)
