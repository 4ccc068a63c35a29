"""The tables of the acts that ``hingecoach validate`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.cli.tables import figures_table, print_table
from app.coach.report import GOOD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


def print_acts(console: Console, acts: Mapping[str, Any]) -> None:
    """Print the part ``acts`` of a validation's document."""
    _print_targets(console, acts["targets"])
    if acts["full"]["runs"]:
        _print_confusion(console, acts["verdicts"], acts["full"])
        _print_each(console, acts)
    if acts["half"]["all"]["runs"]:
        _print_half(console, acts["half"])
    if acts["changes"]["all"]["runs"]:
        _print_changes(console, acts["changes"])
    good = acts["good"]
    if good["runs"]:
        console.print(
            f"\nGood form, {good['running_min']:.1f} min, {good['steps']} steps judged: {good['fault_steps']} called a "
            f"fault, in {good['episodes']} stretches {_named(good['episodes_of'])}; "
            f"{good['cues']} cues {_named(good['cues_of'])}.",
            soft_wrap=True,
        )
    _print_measures(console, acts["measures"])


def _named(counts: Mapping[str, int]) -> str:
    inside = ", ".join(f"{n} {name}" for name, n in counts.items())
    return f"({inside})" if inside else ""


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100.0 * share:.1f}"


def _plain(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _steps(spread: Mapping[str, float | None]) -> str:
    return f"{_plain(spread['median'], 0)} ({_plain(spread['most'], 0)})"


def _print_targets(console: Console, rows: list[Mapping[str, Any]]) -> None:
    table = figures_table("", "found", "target", "met")
    for row in rows:
        met = {True: "yes", False: "NO", None: "-"}[row["met"]]
        value = "-" if row["value"] is None else f"{row['value']:.3g}"
        table.add_row(row["quantity"], value, row["limit"], met)
    print_table(console, "The eight acts", table)


def _print_confusion(console: Console, verdicts: list[str], full: Mapping[str, Any]) -> None:
    table = figures_table("acted", *(verdict.replace("_", " ") for verdict in verdicts))
    for act, row in full["confusion"].items():
        table.add_row(act.replace("_", " "), *(str(row.get(verdict, ".")) for verdict in verdicts))
    low, high = full["right_ci95"]
    print_table(
        console,
        f"Runs at full size, by verdict: {full['right']} of {full['runs']} right "
        f"({_percent(low)} to {_percent(high)} %); of the judged steps {_percent(full['steps_right_share'])} %",
        table,
    )


def _print_each(console: Console, acts: Mapping[str, Any]) -> None:
    table = figures_table(
        "",
        "precision",
        "recall",
        "F1",
        "steps right, %",
        "label changes/min",
        "first cue, steps (most)",
        "since first contact",
        "wrong cues",
    )
    for act, row in acts["full"]["acts"].items():
        cues = acts["cues"].get(act)
        said = ("-", "-", "-")
        if cues is not None:
            said = (_steps(cues["counted_steps"]), _steps(cues["true_steps"]), str(cues["wrong_cues"]))
        scores = (_plain(row[key]) for key in ("precision", "recall", "f1"))
        flicker = _plain(acts["flicker"][act]["changes_per_min"], 1)
        table.add_row(act.replace("_", " "), *scores, _percent(row["steps_right_share"]), flicker, *said)
    print_table(console, "Act by act", table)


def _print_half(console: Console, half: Mapping[str, Any]) -> None:
    columns = ("runs", "right", "other_fault", GOOD, "not_judged", "said_right", "said_wrong")
    table = figures_table("", *(name.replace("_", " ") for name in columns))
    for act, row in half.items():
        table.add_row(act.replace("_", " "), *(str(row[name]) for name in columns))
    print_table(console, "Faults at half size", table)


def _print_changes(console: Console, changes: Mapping[str, Any]) -> None:
    table = figures_table(
        "", "runs", "cued", "within 10 steps", "steps (most)", "seconds (most)", "wrong cues", "of the roof"
    )
    for act, row in changes.items():
        seconds = f"{_plain(row['since_s']['median'], 1)} ({_plain(row['since_s']['most'], 1)})"
        counts = (str(row[key]) for key in ("runs", "cued", "within"))
        wrong = (str(row["wrong_cues"]), str(row["wrong_cues_of_the_roof"]))
        table.add_row(act.replace("_", " "), *counts, _steps(row["counted_steps"]), seconds, *wrong)
    print_table(console, "Good form that is lost in mid-run", table)


def _print_measures(console: Console, measures: Mapping[str, Any]) -> None:
    table = figures_table("", "runs", "bias", "SD", "worst", "half of its interval")
    for name, row in measures.items():
        values = ("-" if row[key] is None else f"{row[key]:.3g}" for key in ("bias", "sd", "worst", "half_interval"))
        table.add_row(name, str(row["runs"]), *values)
    print_table(console, "Measures, found minus true", table)
