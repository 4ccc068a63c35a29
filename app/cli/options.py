"""Options that several commands share, each with its words in one place."""

from typing import Annotated

import typer

Size = Annotated[str, typer.Option(help="Picture size in px.", metavar="WxH")]
Fps = Annotated[float, typer.Option(help="Frames per second.")]
ModeName = Annotated[str, typer.Option("--mode", help="What is judged: run, stance or auto.", metavar="MODE")]
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
    int,
    typer.Option("--session", help="Which session of yours: from the 5th on less is said.", metavar="N", min=1),
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
