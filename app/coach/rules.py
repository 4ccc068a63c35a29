"""The faults and cues as data: ``rules.toml`` and a coach's own file over it, read into frozen records.

Which rule comes first stays in code (`faults.ORDER`), and what combines in the stance (`stance.judge_stance`); every
word and every number they use is here. What a file may hold is in `rules_check`.
"""

from __future__ import annotations

import pkgutil
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from app.coach.errors import WorldError
from app.coach.exam_words import ExamLine
from app.coach.quantities import RUNNING_MEASURES, STANCE_MEASURES, Quantity
from app.coach.report import FaultId
from app.coach.rules_check import also_parts, merged, own_entries, together
from app.coach.toml_lines import key_lines, line_of

#: Longer than this a text is no file of rules.
MOST_CHARACTERS = 200_000
#: So many problems are named, the others counted.
MOST_NAMED = 10
DEFAULT = "default"


class RulesError(WorldError):
    """A file of rules cannot be used. ``problems``: one line for each wrong entry, with its line number."""

    def __init__(self, name: str, problems: tuple[str, ...]) -> None:
        self.problems = problems
        more = f"; and {len(problems) - MOST_NAMED} more" if len(problems) > MOST_NAMED else ""
        super().__init__(f"{name}, {'; '.join(problems[:MOST_NAMED])}{more}.")


@dataclass(frozen=True, slots=True)
class Band:
    """On and off thresholds of one measure; between the two the former verdict stays."""

    on: float
    off: float

    def above(self, value: float, active: bool) -> bool:
        """Whether ``value`` is too high, with hysteresis."""
        return value > (self.off if active else self.on)

    def below(self, value: float, active: bool) -> bool:
        """Whether ``value`` is too low, with hysteresis."""
        return value < (self.off if active else self.on)


@dataclass(frozen=True, slots=True)
class CueSpec:
    """One cue: id, priority (lower = more urgent), the words for the screen, the wordings for the voice, the picture.

    ``image`` is the mental picture behind the words, one sentence for the page about the cue.
    """

    id: str
    priority: int
    shown: str
    spoken: tuple[str, ...]
    image: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What published work says of a fault: ``says`` is agrees, in part, disagrees or missing (then no ``source``)."""

    says: str
    claim: str
    source: str


@dataclass(frozen=True, slots=True)
class FaultText:
    """What is told of one fault.

    Attributes:
        article: the article's words for it. fix, drill: what to change, and how to practise it.
        article_view: what the article holds of it. evidence: what was published, said apart from that.
    """

    article: str
    fix: str
    drill: str
    article_view: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """One threshold on one measure.

    Attributes:
        measure: field of `faults.StepMedians`. higher: True where it holds above the threshold.
        band: on and off, in the field's own unit. unit, scale: of what is shown, after multiplying.
    """

    measure: str
    higher: bool
    band: Band
    unit: str
    scale: float

    def holds(self, value: float, active: bool) -> bool:
        """Whether ``value`` is past the threshold, with hysteresis; NaN never is."""
        return self.band.above(value, active) if self.higher else self.band.below(value, active)


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """How one fault is found, in running or in the stance.

    Attributes:
        id: the fault. measure: field of `faults.StepMedians` or `report.StanceValues` that decides.
        on, off: thresholds of that field, in ``unit`` after multiplying by ``scale``.
        higher: True where too high is the fault.
        also: the further thresholds of its rule by name (``..._below_<unit>``, ``..._above_<unit>``), in the field's
            own unit, that is, already divided by the scale; on = off where the rule has no hysteresis.
        otherwise: the thresholds of another way to find it, which must hold all together, in the same form.
        ways: what must hold together, for each way in which the fault is found; the first condition decides. The
            first way is the deciding measure and ``also``, the second, where there is one, the table ``or``.
        told_apart: how it is told from its neighbours. measured: where the thresholds come from.
    """

    id: FaultId
    measure: str
    on: float
    off: float
    higher: bool
    unit: str
    scale: float
    also: Mapping[str, Band]
    otherwise: Mapping[str, Band]
    ways: tuple[tuple[Condition, ...], ...]
    told_apart: str
    measured: str

    def past(self, value: float, active: bool) -> bool:
        """Whether ``value`` (in the field's own unit) is past the threshold, with hysteresis; NaN never is."""
        bound = (self.off if active else self.on) / self.scale
        return value > bound if self.higher else value < bound

    def decided_by(self, medians: object, active: bool) -> Condition | None:
        """Return what decides that the fault is on, given its measures as attributes; None where it is not."""
        for way in self.ways:
            if all(condition.holds(getattr(medians, condition.measure), active) for condition in way):
                return way[0]
        return None


@dataclass(frozen=True, slots=True)
class ExamRules:
    """The starting-line exam: seconds to hold a good and a wrong stance, SD that make a fault separable, its lines."""

    hold_s: float
    wrong_hold_s: float
    separable_sd: float
    say: Mapping[ExamLine, CueSpec]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that is judged by and said.

    Attributes:
        name: "default", or that of the coach's own file.
        texts, cues: by fault. running, stance: how faults are found there.
        praise_run, praise_stance, standing_taken: cues without a fault.
        green_lean_deg, green_line_bh: (least, most) of a step that counts for the personal roof.
        exam: the starting-line exam.
        tree: the parsed text, for a file that is laid over this.
    """

    name: str
    texts: Mapping[FaultId, FaultText]
    cues: Mapping[FaultId, CueSpec]
    running: Mapping[FaultId, FaultSpec]
    stance: Mapping[FaultId, FaultSpec]
    praise_run: CueSpec
    praise_stance: CueSpec
    standing_taken: CueSpec
    green_lean_deg: tuple[float, float]
    green_line_bh: tuple[float, float]
    exam: ExamRules
    tree: Mapping[str, Any] = field(repr=False)

    @property
    def all_cues(self) -> tuple[CueSpec, ...]:
        """Every cue there is."""
        others = (self.praise_run, self.praise_stance, self.standing_taken)
        return (*self.cues.values(), *others, *self.exam.say.values())


def default_text() -> str:
    """Return the text of the rules that come with the app."""
    # Not by importlib.resources, whose import takes 20 ms.
    data = pkgutil.get_data("app.coach", "rules.toml")
    assert data is not None, "the package's loader has no data"
    return data.decode()


@cache
def default_rules() -> Rules:
    """Return the rules that come with the app; read once."""
    return parse_rules(default_text(), DEFAULT, None)


def parse_rules(text: str, name: str, base: Rules | None) -> Rules:
    """Return the rules of a text.

    Args:
        text: TOML.
        name: of the file, for messages and the record of what judged.
        base: the rules it is laid over; None where the text must hold everything.

    Raises:
        RulesError: names every wrong entry with its line, what is wrong with it and what is allowed.
    """
    if len(text) > MOST_CHARACTERS:
        raise RulesError(name, (f"line 1: {len(text)} characters are no file of rules (most: {MOST_CHARACTERS})",))
    try:
        tree = tomllib.loads(text)
    except RecursionError:
        raise RulesError(name, ("line 1: brackets in brackets without end are no rules",)) from None
    except ValueError as error:
        raise RulesError(name, (_syntax(text, error),)) from None
    base_tree = base.tree if base is not None else None
    entries, problems = own_entries(tree, base_tree)
    whole = merged(base_tree or {}, entries)
    problems += together(whole, entries, base_tree)
    if problems:
        lines = key_lines(text)
        # What the text does not hold (a missing key) is told last, by the line of its table.
        told = sorted((line_of(lines, problem.path), problem.told) for problem in problems)
        raise RulesError(name, tuple(dict.fromkeys(f"line {line}: {words}" for line, words in told)))
    return _rules(whole, name)


def changes(rules: Rules) -> tuple[str, ...]:
    """Return one line for every entry that differs from the default rules: its name, what it was, what it is."""

    def lines(was: Any, now: Any, name: str) -> Iterator[str]:
        if isinstance(now, dict):
            for key, value in now.items():
                yield from lines(was[key], value, f"{name}.{key}" if name else key)
        elif now != was:
            yield f"{name}: {was} -> {now}" if len(f"{was}{now}") <= 100 else f"{name}: another text"

    return tuple(lines(default_rules().tree, rules.tree, ""))


def _syntax(text: str, error: ValueError) -> str:
    """Return what `tomllib` holds against a text, with the line first."""
    message = str(error)
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if found is None:
        return f"line 1: this is no TOML ({message})"
    line = found[1] or str(text.count("\n") + 1)
    column = f", column {found[2]}" if found[2] else ""
    return f"line {line}: this is no TOML ({message[: found.start()]}{column})"


def _rules(tree: Mapping[str, Any], name: str) -> Rules:
    """Return the records of a tree that was checked."""
    faults, said, green = tree["fault"], tree["said"], tree["green"]

    def specs(where: str, measures: Mapping[str, Quantity]) -> Mapping[FaultId, FaultSpec]:
        return MappingProxyType(
            {fault: _spec(fault, faults[fault][where], measures) for fault in FaultId if where in faults[fault]}
        )

    low_bh, high_bh = (bound / 100.0 for bound in green["line_offset_bh_pct"])
    low_deg, high_deg = green["trunk_lean_deg"]
    return Rules(
        name=name,
        texts=MappingProxyType({fault: _text(faults[fault]) for fault in FaultId}),
        cues=MappingProxyType({fault: _cue(faults[fault]["cue"]) for fault in FaultId}),
        running=specs("running", RUNNING_MEASURES),
        stance=specs("stance", STANCE_MEASURES),
        praise_run=_cue(said["praise_run"]),
        praise_stance=_cue(said["praise_stance"]),
        standing_taken=_cue(said["standing_taken"]),
        green_lean_deg=(float(low_deg), float(high_deg)),
        green_line_bh=(low_bh, high_bh),
        exam=_exam(tree["exam"]),
        tree=tree,
    )


def _text(entry: Mapping[str, Any]) -> FaultText:
    evidence = tuple(Evidence(e["says"], _line(e["claim"]), _line(e.get("source", ""))) for e in entry["evidence"])
    return FaultText(entry["words"], _line(entry["fix"]), entry["drill"], _line(entry["article_view"]), evidence)


def _cue(entry: Mapping[str, Any]) -> CueSpec:
    return CueSpec(entry["id"], entry["priority"], entry["shown"], tuple(entry["spoken"]), _line(entry["image"]))


def _exam(entry: Mapping[str, Any]) -> ExamRules:
    say = MappingProxyType({line: _cue(entry["say"][line]) for line in ExamLine})
    return ExamRules(float(entry["hold_s"]), float(entry["wrong_hold_s"]), float(entry["separable_sd"]), say)


def _spec(fault: FaultId, entry: Mapping[str, Any], measures: Mapping[str, Quantity]) -> FaultSpec:
    quantity = measures[entry["measure"]]
    on, off = float(entry["on"]), float(entry["off"])
    band = Band(on / quantity.scale, off / quantity.scale)
    deciding = Condition(entry["measure"], entry["when"] == "above", band, quantity.unit, quantity.scale)
    also = {name: _condition(name, value, measures) for name, value in entry.get("also", {}).items()}
    ways = [(deciding, *also.values())]
    otherwise = {name: _condition(name, value, measures) for name, value in entry.get("or", {}).items()}
    if otherwise:
        ways.append(tuple(otherwise.values()))
    return FaultSpec(
        id=fault,
        measure=entry["measure"],
        on=on,
        off=off,
        higher=deciding.higher,
        unit=entry["unit"],
        scale=quantity.scale,
        also=MappingProxyType({name: condition.band for name, condition in also.items()}),
        otherwise=MappingProxyType({name: condition.band for name, condition in otherwise.items()}),
        ways=tuple(ways),
        told_apart=_line(entry["told_apart"]),
        measured=_line(entry["measured"]),
    )


def _condition(name: str, value: Any, measures: Mapping[str, Quantity]) -> Condition:
    """Return the condition of a further threshold, by its name."""
    parts = also_parts(name, measures)
    assert parts is not None, name
    quantity, when = parts
    field_name = next(key for key, known in measures.items() if known is quantity)
    on, off = value if isinstance(value, list) else (value, value)
    band = Band(on / quantity.scale, off / quantity.scale)
    return Condition(field_name, when == "above", band, quantity.unit, quantity.scale)


def _line(text: str) -> str:
    """Return a text of several lines as one."""
    return " ".join(text.split())
