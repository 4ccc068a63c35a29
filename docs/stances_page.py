"""The tables of the starting line in ``validation.md``; see `docs.validation_page`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Document = Mapping[str, Any]
#: Measures that the page shows: name in the document, heading.
SHOWN = (
    ("theta_l_deg", "line, deg"),
    ("theta_t_deg", "trunk, deg"),
    ("d_h_bh_pct", "hip off the line, % BH"),
    ("front_load_deg", "front hip + knee, deg"),
    ("drop_bh_pct", "drop, % BH"),
)


def brief(content: Document) -> dict[str, Any]:
    """Return of a validation's stances what the tables show."""
    stances = content["stances"]
    keys = ("targets", "runs_right", "runs_right_ci95", "confusion", "good", "measures")
    return {key: stances[key] for key in keys} | {"runs": len(stances["runs"]), "app": content["app"]}


def tables(stances: Document, table: Callable[..., str]) -> dict[str, str]:
    """Return the tables by the name of their markers; ``table`` makes one of heads and rows."""
    named = sorted({label for row in stances["confusion"].values() for label in row} | set(stances["confusion"]))
    confusion = [
        (act.replace("_", " "), *(row.get(label, 0) or "." for label in named))
        for act, row in stances["confusion"].items()
    ]
    low, high = stances["runs_right_ci95"]
    head = [
        (one["quantity"], f"{one['value']:.3f}", one["limit"], "yes" if one["met"] else "no")
        for one in stances["targets"]
    ]
    found = f"{stances['runs_right']} of {stances['runs']}"
    head.append(("stances named right", found, f"95 % interval {100 * low:.1f} to {100 * high:.1f} %", ""))
    rows = []
    for act, measures in stances["measures"].items():
        cells = (measures[name] for name, _ in SHOWN)
        ranges = [f"{c['median']:.1f} ({c['least']:.1f} to {c['most']:.1f})" for c in cells]
        rows.append((act.replace("_", " "), *ranges))
    return {
        "stance_targets": table(("starting line", "found", "target", "met"), head),
        "stance_confusion": table(("stood", *(label.replace("_", " ") for label in named)), confusion),
        "stance_measures": table(("stood", *(words for _, words in SHOWN)), rows),
    }
