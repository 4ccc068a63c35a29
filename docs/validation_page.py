"""Writes the tables of ``validation.md`` between its markers: ``python -m docs.make_tables FILE``.

The text around the tables is written by hand; each table stands between ``<!-- begin NAME -->`` and
``<!-- end NAME -->`` and comes from ``validation.json``, which holds what ``hingecoach validate --json FILE`` found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from docs import stances_page

Document = Mapping[str, Any]

PAGE, DATA = Path(__file__).with_name("validation.md"), Path(__file__).with_name("validation.json")
NOT_RUN = "*Not measured yet: run `hingecoach validate` (see the end of this page).*"
_MARKED = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
#: Words of the measures, and their unit; a share is shown in per cent.
MEASURES: dict[str, tuple[str, str]] = {
    "cadence_spm": ("cadence", "steps/min"),
    "trunk_lean_deg": ("trunk lean", "deg"),
    "line_offset_bh": ("hip ahead of the ear-to-rear-toe line at push-off", "% of body height"),
    "hip_flexion_midstance_deg": ("hip flexion at midstance", "deg"),
    "knee_flexion_midstance_deg": ("knee flexion at midstance", "deg"),
    "shank_midstance_deg": ("shank at midstance", "deg"),
    "reach_ll": ("reach in front of the hip", "% of leg length"),
    "vertical_oscillation_cm": ("bounce of the head", "cm"),
    "vertical_oscillation_bh": ("bounce of the head", "% of body height"),
    "contact_time_ms": ("contact time", "ms"),
    "flight_time_ms": ("flight time", "ms"),
    "peak_below_standing_cm": ("head's peak below standing", "cm"),
    "peak_below_standing_bh": ("head's peak below standing", "% of body height"),
    "peak_below_roof_bh": ("head's peak below the roof", "% of body height"),
    "peak_below_roof_cm": ("head's peak below the roof", "cm"),
    "lean_from_hip_deg": ("lean from the hip", "deg"),
    "lean_from_ankle_deg": ("lean from the ankle", "deg"),
    "hip_share": ("hip's share of the lean", "%"),
    "weight_shift": ("shift of weight", "of the way between the feet"),
}
_UNITS = {
    "_deg": "deg",
    "_cm": "cm",
    "_ms": "ms",
    "_spm": "steps/min",
    "_bh": "% of body height",
    "_ll": "% of leg length",
    "_share": "%",
}
_SHARES = ("% of body height", "% of leg length", "%")
MOCAP: dict[str, str] = {
    "contacts": "true contacts",
    "found": "found",
    "invented": "invented",
    "cadence_error_spm": "cadence, error, steps/min",
    "initial_contact_mae_ms": "initial contact, mean absolute error, ms",
    "toe_off_mae_ms": "toe-off, mean absolute error, ms",
    "contact_time_bias_ms": "contact time, bias, ms",
}


def brief(content: Document, before: Document | None) -> dict[str, Any]:
    """Return of a validation's document what the page shows; what was not run this time stays as ``before``."""
    before = before or {}
    acts, mocap = content.get("acts"), content.get("mocap")
    kept = {} if acts is None else {key: value for key, value in acts.items() if key != "runs"}
    if acts is not None:
        kept["otherwise"] = [row for row in acts["runs"] if _otherwise(row)]
        kept["app"], kept["engine"] = content["app"], content["options"]["engine"]
        kept["kept_poses"] = content["options"].get("kept_poses", False)
    return {
        "schema": content["schema"],
        "acts": before.get("acts") if acts is None else kept,
        "mocap": before.get("mocap") if mocap is None else mocap,
        "stances": before.get("stances") if content.get("stances") is None else stances_page.brief(content),
    }


def _otherwise(row: Document) -> bool:
    """Return whether a run at full size or of good form was named otherwise, or something else was said."""
    if row["purpose"] in ("half", "change"):
        return False
    wrong_steps = any(label not in (row["act"], "not_judged") for label in row["steps"])
    return row["verdict"] != row["act"] or bool(row["wrong_cues"]) or (row["act"] == "good" and wrong_steps)


def page(text: str, content: Document) -> str:
    """Return the page ``text`` with its tables made anew from ``content``, as `brief` returns it.

    Raises:
        KeyError: the page has a marker that no table is made for.
    """
    made = tables(content)
    return _MARKED.sub(lambda found: f"{found[1]}\n{made[found[2]]}\n\n{found[3]}", text)


def tables(content: Document) -> dict[str, str]:
    """Return every table of the page as Markdown, by the name of its markers."""
    acts, mocap = content.get("acts"), content.get("mocap")
    of_acts = {
        "extent": _extent,
        "targets": _targets,
        "confusion": _confusion,
        "acts": _acts,
        "settings": _settings,
        "otherwise": _others,
        "half": _half,
        "good": _good,
        "cues": lambda acts: _cues(acts["cues"]),
        "changes": lambda acts: _cues(acts["changes"]),
        "measures": _measures,
    }
    made = {name: NOT_RUN if acts is None else make(acts) for name, make in of_acts.items()}
    stances = content.get("stances")
    of_stances = dict.fromkeys(("stance_targets", "stance_confusion", "stance_measures"), NOT_RUN)
    if stances is not None:
        of_stances = stances_page.tables(stances, _table)
    return {**made, **of_stances, "mocap": NOT_RUN if mocap is None else _mocap(mocap)}


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100.0 * share:.1f}"


def _plain(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_words(name)} {n}" for name, n in counts.items()) or "none"


def _listed(values: Sequence[object]) -> str:
    return ", ".join(f"{v:g}" if isinstance(v, int | float) else str(v) for v in values)


def _extent(acts: Document) -> str:
    e, app = acts["extent"], acts["app"]
    first, last = e["seeds"]
    kept = "poses kept of an earlier run of the network"
    source = kept if acts["kept_poses"] else f"model {app['model']}, engine {acts['engine']}"
    return (
        f"{e['runs']} runs, {e['simulated_min']:.0f} min, {e['frames']} pictures: {e['runs_full']} of the eight forms "
        f"at full size, {e['runs_half']} of faults at half size, {e['runs_long']} long ones of good form, "
        f"{e['runs_change']} in which good form is lost. "
        f"Speeds {_listed(e['speeds_m_s'])} m/s; statures {_listed(e['statures_cm'])} cm; {_listed(e['fps'])} frames a "
        f"second; facing {_listed(e['facings'])}; body {_listed(e['body_shares'])} of the picture's height; looks "
        f"{_listed(e['looks'])}; seeds {first} to {last}. Run with version {app['version']}, {source}."
    )


def _targets(acts: Document) -> str:
    met = {True: "yes", False: "**no**", None: "-"}
    rows = [
        (row["quantity"], "-" if row["value"] is None else f"{row['value']:.3g}", row["limit"], met[row["met"]])
        for row in acts["targets"]
    ]
    return _table(("quantity", "found", "target", "met"), rows)


def _confusion(acts: Document) -> str:
    full, verdicts = acts["full"], acts["verdicts"]

    def matrix(counts: Mapping[str, Mapping[str, int]], names: Sequence[str]) -> str:
        rows = [
            (f"**{_words(act)}**", *(row.get(name, "") if act != name else f"**{row.get(name, 0)}**" for name in names))
            for act, row in counts.items()
        ]
        return _table(("acted \\ named", *(_words(name) for name in names)), rows)

    low, high = full["right_ci95"]
    return "\n".join(
        (
            f"Whole runs: {full['right']} of {full['runs']} named right (95 % interval {_percent(low)} to "
            f"{_percent(high)} %), macro F1 {_plain(full['macro_f1'], 3)}.",
            "",
            matrix(full["confusion"], verdicts),
            "",
            f"Single steps, {full['steps']} judged, {_percent(full['steps_right_share'])} % named right:",
            "",
            matrix(full["steps_confusion"], verdicts[:-1]),
        )
    )


def _acts(acts: Document) -> str:
    rows = [
        (
            _words(act),
            row["runs"],
            _plain(row["precision"], 3),
            f"{_plain(row['recall'], 3)} ({_plain(row['recall_ci95'][0])} to {_plain(row['recall_ci95'][1])})",
            _plain(row["f1"], 3),
            _percent(row["steps_right_share"]),
            _plain(acts["flicker"][act]["changes_per_min"], 1),
        )
        for act, row in acts["full"]["acts"].items()
    ]
    heads = (
        "form",
        "runs",
        "precision",
        "recall (95 % interval)",
        "F1",
        "steps right, %",
        "label changes a minute of running",
    )
    return _table(heads, rows)


def _settings(acts: Document) -> str:
    rows = [
        (row["setting"], row["value"], row["runs"], row["right"], _percent(row["steps_right_share"]))
        for row in acts["settings"]
    ]
    return _table(("what varies", "value", "runs", "named right", "steps right, %"), rows)


def _others(acts: Document) -> str:
    if not acts["otherwise"]:
        return "None."
    rows = [
        (
            _words(row["act"]),
            f"{row['speed_m_s']:g} m/s, {row['height_cm']:.0f} cm, {row['facing']}, {row['fps']:.0f} fps",
            _words(row["verdict"]) + (f" ({row['not_judged_because']})" if row["not_judged_because"] else ""),
            _counted(row["steps"]),
            ", ".join(map(_words, row["wrong_cues"])) or "none",
        )
        for row in acts["otherwise"]
    ]
    return _table(("acted", "run", "named", "steps", "wrong cues"), rows)


def _half(acts: Document) -> str:
    columns = ("runs", "right", "other_fault", "good", "not_judged", "said_right", "said_wrong")
    heads = (
        "fault, half its size",
        "runs",
        "named right",
        "named another fault",
        "called good",
        "not judged",
        "right cue given",
        "wrong cue given",
    )
    return _table(heads, [(_words(act), *(row[name] for name in columns)) for act, row in acts["half"].items()])


def _good(acts: Document) -> str:
    good = acts["good"]
    rows = [
        ("runs; called good", f"{good['runs']}; {good['runs_named_good']}"),
        ("time running, min", _plain(good["running_min"], 1)),
        ("steps judged", good["steps"]),
        ("steps called a fault", f"{good['fault_steps']} ({_percent(good['fault_steps_share'])} %)"),
        ("stretches of a false fault", f"{good['episodes']} ({_counted(good['episodes_of'])})"),
        ("stretches in 10 min", _plain(good["episodes_per_10_min"])),
        ("cues for a fault", f"{good['cues']} ({_counted(good['cues_of'])}; by the roof {good['cues_of_the_roof']})"),
        ("cues in 10 min", _plain(good["cues_per_10_min"])),
    ]
    return _table(("good form", "found"), rows)


def _cues(cues: Document) -> str:
    def steps(spread: Mapping[str, float | None]) -> str:
        return "-" if spread["median"] is None else f"{spread['median']:.3g} (at most {spread['most']:.3g})"

    rows = [
        (
            _words(act),
            row["runs"],
            row["cued"],
            row["within"],
            steps(row["counted_steps"]),
            steps(row["true_steps"]),
            steps(row["since_s"]),
            _wrong(row),
        )
        for act, row in cues.items()
    ]
    heads = (
        "fault",
        "runs",
        "cued",
        "within 10 steps",
        "steps counted till the cue",
        "contacts till the cue",
        "seconds",
        "wrong cues",
    )
    return _table(heads, rows)


def _wrong(row: Document) -> str:
    if not row["wrong_cues"]:
        return "0"
    return f"{row['wrong_cues']} ({_counted(row['wrong_cues_of'])}; by the roof {row['wrong_cues_of_the_roof']})"


def _measures(acts: Document) -> str:
    def row(name: str, found: Document) -> tuple[object, ...]:
        words, unit = MEASURES.get(name) or _named_by(name)
        scale = 100.0 if unit in _SHARES else 1.0

        def cell(key: str, sign: str = "") -> str:
            return "-" if found[key] is None else f"{scale * found[key]:{sign}.2f}"

        shown = (cell("bias", "+"), cell("sd"), cell("worst", "+"), cell("half_interval"))
        return (f"{words}, {unit}", found["runs"], *shown, _percent(found["interval_holds_true_share"]))

    heads = ("measure", "runs", "bias", "SD", "worst", "half of its 95 % interval", "interval holds the true value, %")
    return _table(heads, [row(name, found) for name, found in acts["measures"].items()])


def _named_by(name: str) -> tuple[str, str]:
    """Return words and unit of a measure that has no row in `MEASURES`, by the suffix of its name."""
    for suffix, unit in _UNITS.items():
        if name.endswith(suffix):
            return _words(name.removesuffix(suffix)), unit
    return _words(name), "1"


def _mocap(mocap: Document) -> str:
    keys = list(dict.fromkeys(key for row in mocap.values() for key in row))

    def cell(value: float | None) -> str:
        return "-" if value is None else f"{value:g}" if value == int(value) else f"{value:.1f}"

    rows = [(name, *(cell(row.get(key)) for key in keys)) for name, row in mocap.items()]
    return _table(("", *(MOCAP.get(key, _words(key)) for key in keys)), rows)
