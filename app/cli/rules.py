"""``hingecoach rules``: the faults and cues as a file, to coach by one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.coach.errors import WorldError

if TYPE_CHECKING:
    from app.coach.rules import Rules

#: A larger file is none of rules; it is not read to its end.
MOST_BYTES = 1_000_000

commands = typer.Typer(
    help="The faults and cues as a file: show it, check your own.",
    epilog="Example: hingecoach rules show > mine.toml",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command("show", epilog="Example: hingecoach rules show > mine.toml")
def show() -> None:
    """Print the rules that come with the app. Keep in your own file what you change; the rest stays as it is here."""
    from app.coach.rules import default_text

    typer.echo(default_text().encode(), nl=False)  # UTF-8 whatever the terminal is: a file is to be made of it


@commands.command("check", epilog="Example: hingecoach rules check mine.toml")
def check(file: Annotated[str, typer.Argument(metavar="FILE", help="Your rules.", show_default=False)]) -> None:
    """Say what your rules change, or name every wrong entry with its line (exit code 2)."""
    from app.coach.rules import RulesError, changes

    try:
        changed = changes(read_rules(file))
    except RulesError as error:
        for problem in error.problems:
            typer.echo(problem)
        entries = "entry is" if len(error.problems) == 1 else "entries are"
        raise WorldError(f"{file} cannot be used: {len(error.problems)} {entries} wrong.") from None
    for line in changed:
        typer.echo(line)
    entries = f"{len(changed)} {'entry' if len(changed) == 1 else 'entries'}" if changed else "nothing"
    typer.echo(f"{file} is good: it changes {entries}.")


def rules_of(name: str | None) -> Rules | None:
    """Return the rules that ``--rules`` or ``HINGECOACH_RULES`` names, None where none are named. Raises WorldError."""
    return None if name is None else read_rules(name)


def read_rules(name: str) -> Rules:
    """Return a coach's own rules over the default ones. Raises WorldError: no such file, or one that cannot be used."""
    from app.cli.places import require_name
    from app.coach.rules import DEFAULT, RulesError, default_rules, parse_rules

    require_name("--rules", name)
    path = Path(name).expanduser()
    try:
        if path.is_dir():
            raise WorldError(f"The rules {name} are a folder: name a file.")
        if path.exists() and not path.is_file():
            raise WorldError(f"The rules {name} are no ordinary file: name a file.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise WorldError(f"There is no file {name}: make one with 'hingecoach rules show > mine.toml'.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise WorldError(f"The rules {name} cannot be read ({reason}).") from error
    # "default" in the record of what judged is not to be a file.
    called = path.name if path.name != DEFAULT else f"{DEFAULT} (a file)"
    if len(data) > MOST_BYTES:
        raise RulesError(called, (f"line 1: more than {MOST_BYTES // 1000} kB are no file of rules",))
    try:
        text = data.decode("utf-8-sig")  # with or without the mark that some editors put first
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RulesError(called, (f"line {line}: this is not UTF-8: save the file as UTF-8",)) from None
    return parse_rules(text, called, default_rules())
