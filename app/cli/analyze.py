"""``hingecoach analyze``: a video or a landmark file from beginning to end, or every one of a folder."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli import options


def analyze(
    clip: options.Input,
    mode: options.ModeName = "auto",
    drill: options.DrillName = None,
    height: options.Height = None,
    standing: options.StandingFile = None,
    slowmo_factor: options.SlowmoFactor = None,
    time_range: Annotated[
        tuple[float, float] | None, typer.Option(help="Only from A to B, seconds of the clip.", metavar="A B")
    ] = None,
    facing: options.FacingName = "auto",
    model: options.Model = "full",
    rules: options.RulesFile = None,
    json: options.JsonFile = None,
    csv: Annotated[str | None, typer.Option(help="Write tables of frames, steps, holds, cues.", metavar="DIR")] = None,
    trc: options.TrcFile = None,
    mot: options.MotFile = None,
    report: options.ReportFile = None,
    video: Annotated[str | None, typer.Option(help="Write the annotated video.", metavar="FILE.mp4")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No summary, no progress.")] = False,
    runner: options.RunnerName = None,
    data_dir: options.DataDir = None,
    jobs: options.Jobs = None,
    recursive: options.Recursive = False,
) -> None:
    """Analyze a video, a photo of a stance, a landmark file, or a folder of them (outputs are folders, too)."""
    from app.cli.clip_options import ClipOptions

    wanted = ClipOptions(
        clip=clip, mode=mode, drill=drill, height=height, standing=standing, slowmo_factor=slowmo_factor,
        time_range=time_range, facing=facing, model=model, rules=rules, json=json, csv=csv, trc=trc, mot=mot,
        report=report, video=video, quiet=quiet, runner=runner, data_dir=data_dir,
    )  # fmt: skip
    if clip.strip() and _is_folder(clip):
        from app.cli.folder import analyze_folder

        analyze_folder(wanted, jobs, recursive)
    else:
        from app.cli.clip_run import analyze_clip

        analyze_clip(wanted)


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False  # told by whoever reads it
