"""The tables of the starting-line stances that ``hingecoach validate`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.cli.tables import figures_table, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

#: The measures that decide.
_SHOWN = ("theta_l_deg", "theta_t_deg", "d_h_bh_pct", "front_load_deg", "front_knee_deg", "front_shank_deg",
          "drop_bh_pct", "stagger_bh_pct")  # fmt: skip


def print_stances(console: Console, stances: Mapping[str, Any]) -> None:
    """Print the part ``stances`` of a validation's document."""
    _print_targets(console, stances["targets"])
    low, high = stances["runs_right_ci95"]
    table = figures_table("stood", *(verdict.replace("_", " ") for verdict in stances["verdicts"]))
    for label, row in stances["confusion"].items():
        table.add_row(label.replace("_", " "), *(str(row.get(verdict, ".")) for verdict in stances["verdicts"]))
    title = (
        f"Stances by verdict: {stances['runs_right']} of {stances['extent']['runs']} right "
        f"({100.0 * low:.1f} to {100.0 * high:.1f} %)"
    )
    print_table(console, title, table)
    good = stances["good"]
    console.print(
        f"\nGood stances: {good['frames']} frames judged, {good['frames_blamed']} of them called a fault; "
        f"{good['cues']} cues.",
        soft_wrap=True,
    )
    table = figures_table("", *(name.removesuffix("_deg").removesuffix("_bh_pct").replace("_", " ") for name in _SHOWN))
    for label, row in stances["measures"].items():
        table.add_row(label.replace("_", " "), *(_spread(row.get(name)) for name in _SHOWN))
    print_table(console, "Measures, median and range (deg, % of body height)", table)


def _spread(row: Mapping[str, float] | None) -> str:
    return "-" if row is None else f"{row['median']:.1f} ({row['least']:.1f} to {row['most']:.1f})"


def _print_targets(console: Console, rows: list[Mapping[str, Any]]) -> None:
    table = figures_table("", "found", "target", "met")
    for row in rows:
        met = {True: "yes", False: "NO", None: "-"}[row["met"]]
        table.add_row(row["quantity"], "-" if row["value"] is None else f"{row['value']:.3g}", row["limit"], met)
    print_table(console, "The starting-line stances", table)
