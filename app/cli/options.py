"""Options that several commands share, each with its words in one place."""

from typing import Annotated

import typer

Size = Annotated[str, typer.Option(help="Picture size in px.", metavar="WxH")]
Fps = Annotated[float, typer.Option(help="Frames per second.")]
ModeName = Annotated[str, typer.Option("--mode", help="What is judged: run, stance, auto or drill.", metavar="MODE")]
DrillName = Annotated[
    str | None,
    typer.Option(
        "--drill",
        help="The drill to count: hinge, start_line, athletic or tunnel_march.",
        metavar="NAME",
        show_default=False,
    ),
]
Height = Annotated[
    str | None,
    typer.Option("--height-cm", help="Your height: 178, 1.78m or 5'10\". Without it nothing is in cm.", metavar="H"),
]
FacingName = Annotated[str, typer.Option("--facing", help="Where the runner faces: auto, left or right.", metavar="F")]
Model = Annotated[str, typer.Option("--model", help="Pose model: full, lite, heavy, or the path of a .task file.")]
RulesFile = Annotated[
    str | None,
    typer.Option(
        "--rules",
        help="Your own faults and cues (see: hingecoach rules).",
        metavar="FILE",
        envvar="HINGECOACH_RULES",
        show_default=False,
    ),
]
SessionNumber = Annotated[
    int | None,
    typer.Option(
        "--session",
        help="Which session of yours: from the 5th on less is said (default: 1, or as counted for --runner).",
        metavar="N",
        min=1,
        show_default=False,
    ),
]
RunnerName = Annotated[
    str | None,
    typer.Option("--runner", help="Who runs (see: hingecoach runners).", metavar="NAME", show_default=False),
]
DataDir = Annotated[
    str | None,
    typer.Option(
        "--data-dir",
        help="Where the app keeps its data (default: HINGECOACH_DATA, or the user data folder).",
        metavar="DIR",
        show_default=False,
    ),
]
KeepVideo = Annotated[
    bool | None,
    typer.Option(
        "--keep-video/--no-keep-video",
        help="Keep the video of each session, without sound (default: as in the settings, where it is off).",
        show_default=False,
    ),
]
Minutes = Annotated[
    float | None,
    typer.Option(
        "--minutes", help="How long you mean to run: the last minute is silent and scored.", show_default=False
    ),
]
Fading = Annotated[bool, typer.Option("--fading/--no-fading", help="Say less from session to session.")]
JsonFile = Annotated[
    str | None,
    typer.Option("--json", help="Write the result as JSON (- is stdout).", metavar="FILE", show_default=False),
]
ReportFile = Annotated[
    str | None,
    typer.Option("--report", help="Write one page to read and print.", metavar="FILE.html", show_default=False),
]
TrcFile = Annotated[
    str | None,
    typer.Option(
        "--trc", help="Write the landmarks in metres, for OpenSim or Sports2D.", metavar="FILE", show_default=False
    ),
]
MotFile = Annotated[
    str | None,
    typer.Option(
        "--mot", help="Write the angles in degrees, for OpenSim or Sports2D.", metavar="FILE", show_default=False
    ),
]
Input = Annotated[
    str,
    typer.Argument(
        metavar="INPUT",
        help="A video, a photo of a stance, landmarks as .trc, or a folder of such clips.",
        show_default=False,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        help="Of a folder: how many clips at once (default: one for every two cores).",
        metavar="N",
        min=1,
        max=64,
        show_default=False,
    ),
]
Recursive = Annotated[bool, typer.Option("--recursive", help="Of a folder: its sub-folders, too.")]
SlowmoFactor = Annotated[
    float | None,
    typer.Option(
        metavar="N",
        help="How many times slower than life the clip plays (default: as it says, or asked for where it looks so).",
        show_default=False,
    ),
]
StandingFile = Annotated[
    str | None,
    typer.Option(
        "--standing", help="A recording of the same person standing relaxed, of the same kind.", metavar="FILE"
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
SceneSeconds = Annotated[
    float | None,
    typer.Option("--seconds", help="Length of the scene (headless: 10; window: until closed).", show_default=False),
]
RenderFile = Annotated[
    str | None,
    typer.Option(
        "--render", help="Write the plain clip of the runner, to analyze later; headless.", metavar="FILE.mp4"
    ),
]
