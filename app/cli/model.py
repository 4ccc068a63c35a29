"""``hingecoach model``: where the pose model is, and fetching it."""

from typing import Annotated

import typer

from app.coach.errors import WorldError

commands = typer.Typer(
    help="The pose model: where it is, its hash, fetch it.",
    epilog="Example: hingecoach model fetch",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_Wanted = Annotated[str, typer.Option("--model", help="full, lite, heavy, or a .task file.", metavar="NAME")]


@commands.command("status", epilog="Example: hingecoach model status --model lite")
def status(wanted: _Wanted = "full") -> None:
    """Show where the model is or would be, and whether it is sound (else exit code 2); nothing is fetched."""
    from app.pose.model import model_status

    found = model_status(wanted)
    typer.echo(f"model   {found.variant or wanted}")
    typer.echo(f"path    {found.path}")
    typer.echo(f"sha256  {found.sha256 or '-'}")
    typer.echo(f"origin  {found.origin or '-'}")
    typer.echo(f"state   {'ready' if found.valid else found.problem}")
    if found.notice:
        typer.echo(f"note    {found.notice}")
    if not found.valid:
        fetched = "" if found.variant == "own" else f" Run 'hingecoach model fetch --model {found.variant}'."
        raise WorldError(f"{found.problem}{fetched}")


@commands.command("fetch", epilog="Example: hingecoach model fetch --model full")
def fetch(wanted: _Wanted = "full") -> None:
    """Fetch the model into the user's cache, verified by its hash; does nothing where it is there already."""
    from app.cli.terminal import fetching
    from app.pose.model import ensure_model

    with fetching() as (progress, say):
        model = ensure_model(wanted, progress=progress, say=say)
    typer.echo(f"{model.path}  {model.sha256}")
