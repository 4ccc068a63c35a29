"""``hingecoach validate``: how well the whole chain measures, on virtual runners with known truth."""

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import options
from app.cli.tables import figures_table, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from app.pose.engine import Engine
    from app.validation.acts import ActScene
    from app.validation.scenes import Scene
    from app.validation.stances import StanceScene

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
        bool, typer.Option("--quick", help="A few short scenes: four minutes instead of three quarters of an hour.")
    ] = False,
    part: Annotated[
        str, typer.Option(help="What is validated: landmarks, acts (the eight forms), stances or all.", metavar="PART")
    ] = "all",
    jobs: Annotated[int, typer.Option(help="Processes that work at once.", min=1)] = 2,
    scene: Annotated[
        list[str] | None,
        typer.Option(help="Only this scene, or those whose names begin so; again for more.", metavar="NAME"),
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="What runs the pose network: mediapipe or litert.", show_default=False)
    ] = None,
    model: options.Model = "full",
    keep: Annotated[
        str | None, typer.Option(help="Keep the acts' and stances' poses in this folder.", hidden=True)
    ] = None,
    kept: Annotated[str | None, typer.Option("--from", help="Judge kept poses.", hidden=True)] = None,
) -> None:
    """Measure the accuracy of network, refinement and coach on virtual runners, beside raw MediaPipe."""
    from app.cli import places
    from app.cli.outcome import STDOUT, check_json_place, write_json
    from app.cli.parsing import one_of
    from app.pose.engine import Engine, chosen_engine
    from app.validation.mocap import measure_mocap

    own_model = model if model.endswith(".task") else None
    places.check_places((own_model,), {"--json": json})
    chosen = _chosen(one_of(Part, "--part", part), quick, scene, keep, kept)
    runs_on = chosen_engine() if engine is None else one_of(Engine, "--engine", engine)
    check_json_place(json)
    captured = None if mocap is None else measure_mocap(mocap)
    content = _run(chosen, runs_on, model, jobs, captured)
    if json is not None:
        write_json(json, content)
    if json != STDOUT:
        print_validation(content)


class Part(StrEnum):
    """What is validated."""

    LANDMARKS = "landmarks"
    ACTS = "acts"
    STANCES = "stances"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is run, and where the poses of acts and stances go to or come from."""

    part: Part
    quick: bool
    scenes: "tuple[Scene, ...]"
    acts: "tuple[ActScene, ...]"
    stances: "tuple[StanceScene, ...]"
    keep: Path | None
    kept: Path | None


def _chosen(part: Part, quick: bool, names: "Sequence[str] | None", keep: str | None, kept: str | None) -> _Chosen:
    """Return what was asked for. Raises WorldError for a name that no scene has, and folders that cannot be."""
    from app.coach.errors import WorldError
    from app.store.atomic import make_folder
    from app.validation.acts import ACT_SCENES, quick_act_scenes
    from app.validation.scenes import SCENES, quick_scenes
    from app.validation.stances import STANCE_SCENES, quick_stance_scenes

    if kept is not None:
        # No poses are kept of the scenes for the landmarks.
        if part is Part.LANDMARKS:
            raise WorldError("--from holds poses of the acts or stances: it needs --part acts or stances.")
        if not Path(kept).expanduser().is_dir():
            raise WorldError(f"--from {kept}: there is no such folder.")
        part = Part.STANCES if part is Part.STANCES else Part.ACTS
    scenes = () if part not in (Part.LANDMARKS, Part.ALL) else quick_scenes() if quick else SCENES
    acts = () if part not in (Part.ACTS, Part.ALL) else quick_act_scenes() if quick else ACT_SCENES
    stances = () if part not in (Part.STANCES, Part.ALL) else quick_stance_scenes() if quick else STANCE_SCENES
    all_names = [*(s.name for s in scenes), *(s.name for s in acts), *(s.name for s in stances)]
    for name in names or ():
        if not any(other.startswith(name) for other in all_names):
            raise WorldError(f"--scene: no scene is called {name!r}; there are {', '.join(all_names)}.")
    begins = tuple(names or ("",))
    return _Chosen(
        part,
        quick,
        tuple(s for s in scenes if s.name.startswith(begins)),
        tuple(s for s in acts if s.name.startswith(begins)),
        tuple(s for s in stances if s.name.startswith(begins)),
        None if keep is None else make_folder(Path(keep)),
        None if kept is None else Path(kept).expanduser(),
    )


def _run(
    chosen: _Chosen, engine: "Engine", model: str, jobs: int, captured: "Mapping[str, Any] | None"
) -> dict[str, Any]:
    """Return the document of what was chosen."""
    import app as package
    from app.cli.terminal import counting, fetching, notice, shows_progress
    from app.pose.model import ensure_model
    from app.validation.acts_report import acts_document
    from app.validation.acts_run import Network
    from app.validation.document import document
    from app.validation.pool import run_acts, run_scenes, run_stances
    from app.validation.stances_report import stances_document

    found = None
    if chosen.kept is None:
        with fetching() as (progress, say):
            found = ensure_model(model, progress=progress, say=say)
    with counting("Scenes", len(chosen.scenes) + len(chosen.acts) + len(chosen.stances)) as tick:

        def done(name: str) -> None:
            tick()
            if not shows_progress():
                notice(f"{name} done")

        results = [] if found is None else run_scenes(chosen.scenes, found.path, engine, jobs, done)
        network = None if found is None else Network(engine, found.path)
        acts = run_acts(chosen.acts, network, jobs, done, chosen.keep, chosen.kept)
        stances = run_stances(chosen.stances, network, jobs, done, chosen.keep, chosen.kept)
    facts = {"version": package.__version__}
    if found is not None:
        facts |= {"model": found.variant, "model_sha256": found.sha256}
    asked = {
        "quick": chosen.quick,
        "part": chosen.part.value,
        "engine": engine.value,
        "scenes": [s.name for s in chosen.scenes],
        "acts": [s.name for s in chosen.acts],
        "stances": [s.name for s in chosen.stances],
        "kept_poses": chosen.kept is not None,
    }
    by_act, by_stance = acts_document([a.run for a in acts]), stances_document(stances)
    content = document(results, asked, facts, captured, by_act, by_stance)
    took_s = [(a.scene.name, a.elapsed_s) for a in acts] + [(r.scene.name, r.elapsed_s) for r in stances]
    content["timings"]["acts_s"] = {name: round(elapsed_s, 1) for name, elapsed_s in took_s}
    return content


def print_validation(content: "Mapping[str, Any]") -> None:
    """Print the tables of a validation's document on stdout."""
    from rich.console import Console

    from app.cli.acts_tables import print_acts
    from app.cli.stances_tables import print_stances

    # A file or a pipe has no width of its own.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
    _print_targets(console, content)
    _print_rise(console, content["rise"])
    _print_parts(console, content["parts"])
    _print_scenes(console, content["scenes"])
    if content["acts"] is not None:
        print_acts(console, content["acts"])
    if content["stances"] is not None:
        print_stances(console, content["stances"])
    if content["mocap"] is not None:
        _print_mocap(console, content["mocap"])
    times = content["timings"]
    if times["bare_ms"] is not None:
        more = times["share_of_bare"]
        compared = f"{shown(more, '%')} % more" if more is None or more >= 0.0 else f"{shown(-more, '%')} % less"
        console.print(
            f"\nMask and refinement take {compared} time than bare MediaPipe, "
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


def _print_targets(console: "Console", content: "Mapping[str, Any]") -> None:
    table = figures_table("", "raw", "refined", "target", "met", "worst scene")
    for row in content["targets"]:
        met = {True: "yes", False: "NO", None: "-"}[row["met"]]
        unit = f", {row['unit']}" if row["unit"] else ""
        worst = f"{shown(row['worst'], row['unit'])} {row['worst_scene']}" if row["worst"] is not None else "-"
        values = (shown(row[key], row["unit"]) for key in ("raw", "refined"))
        table.add_row(row["quantity"] + unit, *values, row["limit"], met, worst)
    print_table(console, "Against the truth", table)


def _print_rise(console: "Console", rows: "Mapping[str, Any]") -> None:
    table = figures_table("", "noticed, %", "false in 5 min", "without error, %", "false", "rendered")
    for name, row in rows.items():
        shares = [shown(row["caught_share" + end], "%") for end in ("", "_without_error")]
        calls = [shown(row["false_per_5_min" + end], "") for end in ("", "_without_error")]
        table.add_row(
            name, shares[0], calls[0], shares[1], calls[1], f"{row['rendered_caught']:.0f} of {row['rendered']:.0f}"
        )
    print_table(console, "A rise of 25 mm", table)


def _print_parts(console: "Console", rows: "Sequence[Mapping[str, Any]]") -> None:
    table = figures_table("part", "", "without", "with", "scenes", left=2)
    for row in rows:
        values = (shown(row[key], row["unit"]) for key in ("without", "with"))
        table.add_row(row["part"], f"{row['quantity']}, {row['unit']}", *values, str(row["scenes"]))
    print_table(console, "What each part buys", table)


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
    table = figures_table("scene", *(c[0] for c in _SCENE_COLUMNS), "verdict")
    for scene in scenes:
        scores = scene["refined"]["scores"]
        cells = (shown(scores[m]["value"] if m in scores else None, unit) for _, m, unit in _SCENE_COLUMNS)
        table.add_row(scene["name"], *cells, scene["refined"]["verdict"].replace("_", " "))
    print_table(console, "Refined, scene by scene", table)


def _print_mocap(console: "Console", content: "Mapping[str, Any]") -> None:
    keys: list[str] = list(dict.fromkeys(key for row in content.values() for key in row))
    table = figures_table("", *(key.replace("_", " ") for key in keys))
    for name, row in content.items():
        table.add_row(name, *(_plain(row.get(key)) for key in keys))
    print_table(console, "Motion capture", table)


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:g}" if value == int(value) else f"{value:.1f}"
