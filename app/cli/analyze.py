"""``hingecoach analyze``: a video or a landmark file from beginning to end, or every one of a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from app.cli import options
from app.coach.errors import WorldError


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
    if clip.strip() and _is(Path.is_dir, clip):
        from app.cli.folder import analyze_folder

        analyze_folder(wanted, jobs, recursive)
    else:
        from app.cli.clip_run import analyze_clip

        for option, given in (("--jobs", jobs is not None), ("--recursive", recursive)):
            if given and _is(Path.exists, clip):
                raise WorldError(f"{option} is for a folder of clips: leave it out, or give the folder.")
        analyze_clip(wanted)


def _is(what: Callable[[Path], bool], name: str) -> bool:
    """Return whether a name is that of a file or folder of some kind."""
    try:
        return what(Path(name))
    except (OSError, ValueError):
        return False  # told by whoever reads it
