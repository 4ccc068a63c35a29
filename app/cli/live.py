"""``hingecoach live``: the window on the live camera."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import options
from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.cli.build import Coaching
    from app.cli.runners import Roster, Runner
    from app.coach.dose import Dose
    from app.session import Session
    from app.ui.choice import Choice as Chosen


def live(
    camera: Annotated[
        str | None, typer.Option(help="Number or part of the name of the camera (default: as last time, or 0).")
    ] = None,
    size: options.Size = "1280x720",
    fps: options.Fps = 60.0,
    mode: options.ModeName = "auto",
    drill: options.DrillName = None,
    mirror: Annotated[bool | None, typer.Option("--mirror/--no-mirror", help="Show the picture mirrored.")] = None,
    height: options.Height = None,
    facing: options.FacingName = "auto",
    model: options.Model = "full",
    rules: options.RulesFile = None,
    session: options.SessionNumber = None,
    minutes: options.Minutes = None,
    fading: options.Fading = True,
    runner: options.RunnerName = None,
    keep_video: options.KeepVideo = None,
    data_dir: options.DataDir = None,
) -> None:
    """Open the window on the live camera."""
    from app.cli import build, display, parsing, runners
    from app.cli.drills import mode_with_drill, plan_of
    from app.cli.rules import rules_of
    from app.cli.window import open_window
    from app.coach.report import Mode
    from app.ui.choice import Choice, SourceKind

    who = runners.runner_of(runner, data_dir)
    judged, named = mode_with_drill(build.coach_mode(mode), drill)
    if judged is Mode.DRILL:
        plan_of(named)  # what is wrong with it is told before a window is opened
    choice = Choice(
        kind=SourceKind.CAMERA,
        camera=parsing.camera(camera or "0"),
        size_px=parsing.size_px(size),
        fps=parsing.frames_per_s(fps),
        mode=judged,
        drill=named,
        facing=build.facing_of(facing),
        height_cm=None if height is None else parsing.height_cm(height),
        mirror=mirror,
        keep_video=keep_video,
        runner=who.record.name if who is not None else "",
    )
    coaching = build.Coaching(rules_of(rules), build.dose_of(session, minutes, fading, who), who)
    if why := display.why_no_window():
        raise WorldError(f"No window can be opened ({why}): try 'hingecoach demo --headless' or analyze a video.")

    roster = runners.Roster(data_dir, who)
    folder = runners.folder_of(data_dir)
    make = _maker(model, choice, coaching, roster, lambda one: build.dose_of(session, minutes, fading, one), folder)
    try:
        code = open_window(make, choice, restore=camera is None, data_dir=data_dir, guided=judged is Mode.AUTO)
    finally:
        roster.finish()  # what was run counts, however it ended
    if code:
        raise typer.Exit(code)


def _maker(
    model: str,
    told: "Chosen",
    coaching: "Coaching",
    roster: "Roster",
    dose_of: "Callable[[Runner | None], Dose]",
    data_folder: "Path",
) -> "Callable[[Chosen], Session]":
    """Return what makes the window's sessions; ``told``: on the command line, where the window remembers its own."""
    from app.cli import build

    def make(chosen: "Chosen") -> "Session":
        one = roster.of(chosen.runner)
        if one is not None:
            # The window remembers a stature: with a runner it is his, or what is told now.
            chosen = replace(chosen, height_cm=told.height_cm)
        # Whoever is picked in the window has a count of sessions of his own, nobody has none.
        dose = coaching.dose if one is coaching.runner else dose_of(one)
        return build.live_session(chosen, model, None, build.Coaching(coaching.rules, dose, one), data_folder)

    return make
