"""Writes ``faults.md``, the page of faults and cues, from ``app/coach/rules.toml``: ``python -m docs.make_tables``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from app.coach.faults import ORDER
from app.coach.quantities import RUNNING_MEASURES, STANCE_MEASURES, UNIT_WORDS, Quantity
from app.coach.report import FaultId
from app.coach.rules import Band, CueSpec, FaultSpec, Rules, default_rules
from app.coach.rules_check import also_parts
from app.coach.stance import ORDER as STANCE_ORDER

PAGE = Path(__file__).with_name("faults.md")
TITLES = {
    FaultId.STANDING_UP: "Standing up in the stride",
    FaultId.TALL: "Too tall on the starting line",
    FaultId.PELVIS_DRIFT: "Pelvis drifted forward",
    FaultId.HIP_SQUEEZE: "Squeezed hip",
    FaultId.ANKLE_LEAN: "Leaning from the ankles",
    FaultId.UPRIGHT: "Too upright",
    FaultId.OVER_LEAN: "Leaning too far",
    FaultId.OVERSTRIDE: "Overstride",
    FaultId.NO_STAGGER: "Feet side by side on the starting line",
}
DRILLS = {
    "drill_hinge": "hinge (stand, hinge, return)",
    "drill_start_line": "starting line (holds, both sides)",
    "drill_athletic": "athletic stance",
    "drill_tunnel_march": "marching or running on the spot under the roof",
}
SAYS = {
    "agrees": "Agrees",
    "in part": "Agrees in part",
    "disagrees": "Disagrees",
    "missing": "Nothing found",
}
INTRO = """\
# Faults and cues

Made by `python -m docs.make_tables` from `app/coach/rules.toml`, the one place where faults and cues are written; do
not edit here.

**How it is judged.** Every angle is measured against the runner's own relaxed standing. In running the medians of the
newest eight steps decide, on the starting line those of half a second of holding still. A fault comes *on* past its
threshold and goes *off* only when back past a second one, so that it does not flicker. One fault is named at a time,
the one that explains the others: running is looked at in the order of this page's first table. A fault is spoken of
when it has been there for eight steps, the newest steps still show it, and its measure lies clear of the threshold by
its scatter (an interval that holds the true median in 73 of 100 cases).

**Two voices, kept apart.** *The article's view* is what the coach behind this app teaches. *Published evidence* is
what was measured, and says whether it agrees with that view; *nothing found* means that no study was found that
tested it. The app promises neither economy nor fewer injuries, and more lean is not better. Degrees in studies cannot
be set beside those here: they are mostly taken against the vertical, these against the runner's own standing (two
motion-captured runners: 1.4 and 8.6 deg of lean the one way, 11 and 13 the other).

**Your own rules.** `hingecoach rules show > mine.toml`, change what you like, `hingecoach rules check mine.toml`,
then `--rules mine.toml` with `live`, `demo` or `analyze`. A file may hold only what you change.
"""


def page() -> str:
    """Return the page as Markdown."""
    rules = default_rules()
    lines = [INTRO]
    lines += _overview("In running", ORDER, rules.running, RUNNING_MEASURES, rules)
    lines += _overview("On the starting line", STANCE_ORDER, rules.stance, STANCE_MEASURES, rules)
    for fault in TITLES:
        lines += _section(fault, rules)
    lines += ["## Said without a fault", "", "| when | on the card | spoken |", "|---|---|---|"]
    for when, cue in (
        ("back in good running after a cue", rules.praise_run),
        ("a good hold on the starting line", rules.praise_stance),
        ("the standing reference is taken", rules.standing_taken),
    ):
        lines.append(f"| {when} | {cue.shown} | {' / '.join(cue.spoken)} |")
    return "\n".join(lines) + "\n"


def _overview(
    title: str,
    order: tuple[FaultId, ...],
    specs: Mapping[FaultId, FaultSpec],
    measures: Mapping[str, Quantity],
    rules: Rules,
) -> list[str]:
    assert set(order) == set(specs), "the order of looking is not that of the rules"
    lines = [f"## {title}", "", "| | fault | on when | off when back | on the card |", "|---|---|---|---|---|"]
    for number, fault in enumerate(order, 1):
        spec = specs[fault]
        quantity, sign = measures[spec.measure], ">" if spec.higher else "<"
        lines.append(
            f"| {number} | [{TITLES[fault]}](#{_anchor(TITLES[fault])}) | {quantity.words} {sign} "
            f"{spec.on:g} {UNIT_WORDS[spec.unit]} | {spec.off:g} | {rules.cues[fault].shown} |"
        )
    return [*lines, ""]


def _section(fault: FaultId, rules: Rules) -> list[str]:
    text = rules.texts[fault]
    lines = [f"## {TITLES[fault]}", "", f"`{fault}`. The article's words: “{text.article}”.", ""]
    if fault in rules.running:
        lines += _found("In running", rules.running[fault], RUNNING_MEASURES)
    if fault in rules.stance:
        lines += _found("On the starting line", rules.stance[fault], STANCE_MEASURES)
    lines += [_said(rules.cues[fault]), "", f"**What to change.** {text.fix} Drill: {DRILLS[text.drill]}.", ""]
    lines += [f"**The article's view.** {text.article_view}", "", "**Published evidence.**", ""]
    for evidence in text.evidence:
        source = f" {evidence.source}." if evidence.source else ""
        lines.append(f"- *{SAYS[evidence.says]}.* {evidence.claim}{source}")
    return [*lines, ""]


def _found(where: str, spec: FaultSpec, measures: Mapping[str, Quantity]) -> list[str]:
    """Return how a fault is found: measure and thresholds, neighbours, where the thresholds come from."""
    quantity, unit = measures[spec.measure], UNIT_WORDS[spec.unit]
    beyond, back = ("above", "below") if spec.higher else ("below", "above")
    lines = [
        f"**{where}.** {quantity.words[0].upper()}{quantity.words[1:]}: comes on {beyond} {spec.on:g} {unit}, "
        f"goes off {back} {spec.off:g}.",
        "",
    ]
    further = "; ".join(_further(spec.also, measures))
    other_way = "; ".join(_further(spec.otherwise, measures))
    apart = f"*How it is told apart:* {spec.told_apart}{f' Besides: {further}.' if further else ''}"
    apart += f" Or, all together: {other_way}." if other_way else ""
    return [*lines, apart, "", f"*Where the threshold comes from:* {spec.measured}", ""]


def _further(bands: Mapping[str, Band], measures: Mapping[str, Quantity]) -> Iterator[str]:
    for name, band in bands.items():
        parts = also_parts(name, measures)
        assert parts is not None, name
        quantity, when = parts
        on, off = band.on * quantity.scale, band.off * quantity.scale
        until = f" (off {off:g})" if on != off else ""
        yield f"{quantity.words} {when} {on:g} {UNIT_WORDS[quantity.unit]}{until}"


def _said(cue: CueSpec) -> str:
    first, *others = (f"“{words}”" for words in cue.spoken)
    later = f", after three times unheard {' or '.join(others)}" if others else ""
    return f"**Said.** {first}{later}. On the card: {cue.shown}. The picture: {cue.image}"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-").replace(",", "")
