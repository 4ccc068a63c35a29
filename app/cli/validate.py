"""``hingecoach validate``: how well the whole chain measures, on virtual runners with known truth."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from app.validation.scenes import Scene

_FILE_WIDTH = 130
#: What mask and refinement together may take of bare MediaPipe's time.
_MOST_MORE_PERCENT = 30


def validate(
    json: options.JsonFile = None,
    mocap: Annotated[
        str | None,
        typer.Option(help="Add the motion-capture runner of this folder.", metavar="DIR", show_default=False),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A few short scenes: two minutes instead of a quarter hour.")
    ] = False,
    jobs: Annotated[int, typer.Option(help="Processes that work at once.", min=1)] = 2,
    scene: Annotated[
        list[str] | None,
        typer.Option(help="Only this scene, or those whose names begin so; again for more.", metavar="NAME"),
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="What runs the pose network: mediapipe or litert.", show_default=False)
    ] = None,
    model: options.Model = "full",
) -> None:
    """Measure the accuracy of network, refinement and coach on virtual runners, beside raw MediaPipe."""
    import app as package
    from app.cli import places
    from app.cli.outcome import STDOUT, check_json_place, write_json
    from app.cli.parsing import one_of
    from app.cli.terminal import counting, fetching, notice, shows_progress
    from app.pose.engine import Engine, chosen_engine
    from app.pose.model import ensure_model
    from app.validation.document import document
    from app.validation.mocap import measure_mocap
    from app.validation.pool import run_scenes

    own_model = model if model.endswith(".task") else None
    places.check_places((own_model,), {"--json": json})
    chosen = _scenes(quick, scene)
    runs_on = chosen_engine() if engine is None else one_of(Engine, "--engine", engine)
    check_json_place(json)
    captured = None if mocap is None else measure_mocap(mocap)
    with fetching() as (progress, say):
        found = ensure_model(model, progress=progress, say=say)
    with counting("Scenes", len(chosen)) as tick:

        def done(name: str) -> None:
            tick()
            if not shows_progress():
                notice(f"{name} done")

        results = run_scenes(chosen, found.path, runs_on, jobs, done)
    facts = {"version": package.__version__, "model": found.variant, "model_sha256": found.sha256}
    asked = {"quick": quick, "engine": runs_on.value, "scenes": [s.name for s in chosen]}
    content = document(results, asked, facts, captured)
    if json is not None:
        write_json(json, content)
    if json != STDOUT:
        print_validation(content)


def _scenes(quick: bool, names: "Sequence[str] | None") -> "tuple[Scene, ...]":
    """Return the scenes that were asked for. Raises WorldError for a name that none has."""
    from app.coach.errors import WorldError
    from app.validation.scenes import SCENES, quick_scenes

    scenes = quick_scenes() if quick else SCENES
    for name in names or ():
        if not any(s.name.startswith(name) for s in scenes):
            known = ", ".join(s.name for s in scenes)
            raise WorldError(f"--scene: no scene is called {name!r}; there are {known}.")
    return tuple(s for s in scenes if not names or s.name.startswith(tuple(names)))


def print_validation(content: "Mapping[str, Any]") -> None:
    """Print the tables of a validation's document on stdout."""
    from rich.console import Console

    # A file or a pipe has no width of its own.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
    _print_targets(console, content)
    _print_rise(console, content["rise"])
    _print_parts(console, content["parts"])
    _print_scenes(console, content["scenes"])
    if content["mocap"] is not None:
        _print_mocap(console, content["mocap"])
    times = content["timings"]
    if times["bare_ms"] is not None:
        console.print(
            f"\nMask and refinement take {shown(times['share_of_bare'], '%')} % more time than bare MediaPipe, "
            f"{shown(times['bare_ms'], 'ms')} ms a frame here; refinement alone: "
            f"{shown(times['refinement_ms'], 'ms')} ms (target: <= {_MOST_MORE_PERCENT} % more).",
            soft_wrap=True,
        )


def shown(value: float | None, unit: str) -> str:
    """Return a number of a document as people read it: shares in %, a dash for what was not measured."""
    if value is None:
        return "-"
    if unit == "%":
        return f"{100.0 * value:.1f}"
    return f"{value:.1f}" if unit == "ms" else f"{value:.2f}"


def _table(*columns: str, left: int = 1) -> "Any":
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False)
    for column in table.columns[left:]:
        column.justify = "right"
    return table


def _print(console: "Console", title: str, table: "Any") -> None:
    """Print a table under its title, nothing where it has no rows."""
    if table.row_count:
        console.print(f"\n[bold]{title}[/bold]", soft_wrap=True)
        console.print(table)


def _print_targets(console: "Console", content: "Mapping[str, Any]") -> None:
    table = _table("", "raw", "refined", "target", "met", "worst scene")
    for row in content["targets"]:
        met = {True: "yes", False: "NO", None: "-"}[row["met"]]
        unit = f", {row['unit']}" if row["unit"] else ""
        worst = f"{shown(row['worst'], row['unit'])} {row['worst_scene']}" if row["worst"] is not None else "-"
        values = (shown(row[key], row["unit"]) for key in ("raw", "refined"))
        table.add_row(row["quantity"] + unit, *values, row["limit"], met, worst)
    _print(console, "Against the truth", table)


def _print_rise(console: "Console", rows: "Mapping[str, Any]") -> None:
    table = _table("", "noticed, %", "false in 5 min", "without error, %", "false", "rendered")
    for name, row in rows.items():
        shares = [shown(row["caught_share" + end], "%") for end in ("", "_without_error")]
        calls = [shown(row["false_per_5_min" + end], "") for end in ("", "_without_error")]
        table.add_row(
            name, shares[0], calls[0], shares[1], calls[1], f"{row['rendered_caught']:.0f} of {row['rendered']:.0f}"
        )
    _print(console, "A rise of 25 mm", table)


def _print_parts(console: "Console", rows: "Sequence[Mapping[str, Any]]") -> None:
    table = _table("part", "", "without", "with", "scenes", left=2)
    for row in rows:
        values = (shown(row[key], row["unit"]) for key in ("without", "with"))
        table.add_row(row["part"], f"{row['quantity']}, {row['unit']}", *values, str(row["scenes"]))
    _print(console, "What each part buys", table)


#: Columns of the table of scenes: heading, metric, unit.
_SCENE_COLUMNS = (
    ("lag ms", "head_lag_ms", "ms"),
    ("head SD", "head_sd_mm", "mm"),
    ("peak SD", "head_peak_sd_mm", "mm"),
    ("drop", "head_drop_error_mm", "mm"),
    ("F/R %", "front_rear_wrong_share", "%"),
    ("L/R %", "left_right_wrong_share", "%"),
    ("steps %", "steps_found_share", "%"),
    ("lean", "lean_bias_deg", "deg"),
    ("knee", "knee_bias_deg", "deg"),
    ("other %", "wrong_person_share", "%"),
)


def _print_scenes(console: "Console", scenes: "Sequence[Mapping[str, Any]]") -> None:
    table = _table("scene", *(c[0] for c in _SCENE_COLUMNS), "verdict")
    for scene in scenes:
        scores = scene["refined"]["scores"]
        cells = (shown(scores[m]["value"] if m in scores else None, unit) for _, m, unit in _SCENE_COLUMNS)
        table.add_row(scene["name"], *cells, scene["refined"]["verdict"].replace("_", " "))
    _print(console, "Refined, scene by scene", table)


def _print_mocap(console: "Console", content: "Mapping[str, Any]") -> None:
    table = _table("", *content)
    keys: list[str] = list(dict.fromkeys(key for row in content.values() for key in row))
    for key in keys:
        table.add_row(key.replace("_", " "), *(_plain(row.get(key)) for row in content.values()))
    _print(console, "Motion capture", table)


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
