"""Writes the pages of faults and keys and the tables of the validation: ``python -m docs.make_tables``.

The pages come from the rules and from the table of keys (see `docs.faults_page`, `docs.keys_page`), the tables of the
landmarks' accuracy and of ``validation.md`` (see `docs.validation_page`) from ``landmarks.json`` and
``validation.json``, which ``python -m docs.make_tables FILE`` takes from what ``hingecoach validate --json FILE``
wrote. Tests check that all are fresh.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]

LANDMARKS, LANDMARKS_DATA = Path(__file__).with_name("landmarks.md"), Path(__file__).with_name("landmarks.json")
#: What each part of the refinement is, by its module in ``app/pose``.
PARTS = {
    "mirror": "shows the network every runner facing right",
    "still": "paints out what stands still and is taken for a leg",
    "lock": "keeps to one person",
    "head": "top of the head from the mask, gated by the ear",
    "turn": "notices a head turned to the camera",
    "legs": "sorts the legs by the parity of the steps, marks their crossing",
    "bump": "notices a camera that was moved",
}
#: Columns of the table of scenes: heading, metric, unit.
SCENE_COLUMNS = (
    ("head lag, ms", "head_lag_ms", "ms"),
    ("head SD a frame, mm", "head_sd_mm", "mm"),
    ("peak SD, mm", "head_peak_sd_mm", "mm"),
    ("drop error, mm", "head_drop_error_mm", "mm"),
    ("front/rear wrong, %", "front_rear_wrong_share", "%"),
    ("left/right wrong, %", "left_right_wrong_share", "%"),
    ("lean bias, deg", "lean_bias_deg", "deg"),
    ("somebody else, %", "wrong_person_share", "%"),
)


def brief(content: Document) -> dict[str, Any]:
    """Return of a validation's document what the tables show; raw MediaPipe and the chain, scene by scene."""
    metrics = [metric for _, metric, _ in SCENE_COLUMNS]

    def scene(row: Document) -> dict[str, Any]:
        chains = {
            chain: {m: row[chain]["scores"][m]["value"] for m in metrics if m in row[chain]["scores"]}
            for chain in ("raw", "refined")
        }
        kept = {key: row[key] for key in ("name", "facing", "fps", "size_px", "body_px", "look")}
        return {**kept, **chains, "verdict": row["refined"]["verdict"]}

    keys = ("schema", "app", "targets", "rise", "parts", "mocap")
    times = {key: value for key, value in content["timings"].items() if key != "scenes_s"}
    return {**{k: content[k] for k in keys}, "scenes": [scene(row) for row in content["scenes"]], "timings": times}


def landmarks(content: Document) -> str:
    """Return the tables of a validation as Markdown; ``content`` as `brief` returns it."""
    lines = [
        "# How good the landmarks are",
        "",
        "Made by `hingecoach validate --json FILE` and `python -m docs.make_tables FILE`; do not edit. Virtual runners",
        f"of known truth, {len(content['scenes'])} scenes; *raw* is MediaPipe as it comes (its own smoothing, ear and",
        "labels) on the same frames. What is rendered tells lag, noise and kinds of failure; people have other biases.",
        "",
        "## Against the targets",
        "",
        "| quantity | over | raw | refined | target | met | worst scene |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in content["targets"]:
        unit = row["unit"]
        met = {True: "yes", False: "**no**", None: "-"}[row["met"]]
        name = f"{row['quantity']}, {unit}" if unit else row["quantity"]
        values = f"{_shown(row['raw'], unit)} | {_shown(row['refined'], unit)} | {row['limit']} | {met}"
        lines.append(f"| {name} | {row['over']} | {values} | {_shown(row['worst'], unit)} {row['worst_scene']} |")
    return "\n".join([*lines, *_rise_lines(content), *_part_lines(content), *_scene_lines(content)]) + "\n"


def _rise_lines(content: Document) -> list[str]:
    lines = [
        "",
        "## A rise of 25 mm",
        "",
        "Noticed within 3 steps, and false calls in 5 min of running, for two statistics of the head's step peaks.",
        "",
        "| statistic | noticed, % | false calls | with perfect peaks, % | false calls | rendered rises noticed |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in content["rise"].items():
        found = f"{_shown(row['caught_share'], '%')} | {_shown(row['false_per_5_min'], '')}"
        best = f"{_shown(row['caught_share_without_error'], '%')} | {_shown(row['false_per_5_min_without_error'], '')}"
        lines.append(f"| {name} | {found} | {best} | {row['rendered_caught']:.0f} of {row['rendered']:.0f} |")
    return lines


def _part_lines(content: Document) -> list[str]:
    times = content["timings"]
    more = times["share_of_bare"]
    compared = f"{_shown(more, '%')} % more" if more is None or more >= 0.0 else f"{_shown(-more, '%')} % less"
    lines = [
        "",
        "## What each part buys, and costs",
        "",
        f"Bare MediaPipe took {_shown(times['bare_ms'], 'ms')} ms a frame in that run; with mask and all parts "
        f"{compared}.",
        "",
        "| part | what it does | quantity | without | with | costs, ms a frame | % of bare MediaPipe |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in content["parts"]:
        part, unit = row["part"], row["unit"]
        values = f"{_shown(row['without'], unit)} | {_shown(row['with'], unit)}"
        cost = f"{_shown(times['parts_ms'].get(part), '')} | {_shown(times['parts_share_of_bare'].get(part), '%')}"
        lines.append(f"| `{part}` | {PARTS[part]} | {row['quantity']}, {unit} | {values} | {cost} |")
    return lines


def _scene_lines(content: Document) -> list[str]:
    heads = " | ".join(head for head, _, _ in SCENE_COLUMNS)
    lines = ["", "## Scene by scene, raw / refined", "", f"| scene | {heads} | verdict |"]
    lines.append("|---|" + "---|" * (len(SCENE_COLUMNS) + 1))
    for row in content["scenes"]:
        cells = (
            f"{_shown(row['raw'].get(m), unit)} / {_shown(row['refined'].get(m), unit)}" for _, m, unit in SCENE_COLUMNS
        )
        lines.append(f"| {row['name']} | {' | '.join(cells)} | {row['verdict'].replace('_', ' ')} |")
    return lines


def _shown(value: float | None, unit: str) -> str:
    """Return a number of the document; a dash for None, shares in %."""
    if value is None:
        return "-"
    if unit == "%":
        return f"{100.0 * value:.1f}"
    return f"{value:.1f}" if unit in ("ms", "mm") else f"{value:.2f}"


def _keep_validation(content: Document) -> None:
    """Keep of a validation what its page shows; parts that were not run this time stay."""
    from docs import validation_page as made

    before = json.loads(made.DATA.read_text(encoding="utf-8")) if made.DATA.is_file() else None
    made.DATA.write_text(json.dumps(made.brief(content, before), indent=1) + "\n", encoding="utf-8")


def _write_validation() -> None:
    """Make the tables of ``validation.md`` anew; the text around them stays."""
    from docs import validation_page as made

    content = json.loads(made.DATA.read_text(encoding="utf-8"))
    made.PAGE.write_text(made.page(made.PAGE.read_text(encoding="utf-8"), content), encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Write the tables; a file named in ``arguments`` replaces the landmarks' data first."""
    from docs import faults_page, keys_page

    faults_page.PAGE.write_text(faults_page.page(), encoding="utf-8")
    keys_page.PAGE.write_text(keys_page.page(), encoding="utf-8")
    if arguments:
        content = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        if content["scenes"]:
            LANDMARKS_DATA.write_text(json.dumps(brief(content), indent=1) + "\n", encoding="utf-8")
        _keep_validation(content)
    _write_validation()
    LANDMARKS.write_text(landmarks(json.loads(LANDMARKS_DATA.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
