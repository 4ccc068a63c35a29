"""The commands put together, and how every way they can end becomes one line and an exit code."""

import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import app as package
from app.cli import analyze, demo, live, model
from app.cli.logs import log_file
from app.coach.errors import WorldError

DONE, OUR_FAULT, WORLDS_FAULT, INTERRUPTED = 0, 1, 2, 130

#: The common parent of everything typer says about arguments; it has no public name of its own.
_ArgumentError: type[Exception] = typer.BadParameter.__mro__[2]

logger = logging.getLogger(__name__)

commands = typer.Typer(
    name="hingecoach",
    help="A live running-form coach: it sees you from the side and speaks when you lose the hip hinge.",
    epilog="Example: hingecoach demo --seconds 10",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
commands.command("live", epilog="Example: hingecoach live --camera 1 --height-cm 178")(live.live)
commands.command("demo", epilog="Example: hingecoach demo --act ankle_lean --headless --seconds 10 --json demo.json")(
    demo.demo
)
commands.command(
    "analyze", epilog="Example: hingecoach analyze run.mp4 --height-cm 178 --video out.mp4 --json out.json"
)(analyze.analyze)
commands.add_typer(model.commands, name="model")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hingecoach {package.__version__}")
        raise typer.Exit


@commands.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code; nothing but KeyboardInterrupt's cause is lost."""
    words = list(arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("--help", "-h", "--version")):
        words.insert(0, "live")
    with log_file() as path:
        try:
            code = commands(words, prog_name="hingecoach", standalone_mode=False)
            if code == INTERRUPTED:  # what typer makes of Ctrl-C
                return _say("interrupted", INTERRUPTED)
            return code if isinstance(code, int) else DONE
        except WorldError as error:
            return _say(str(error), WORLDS_FAULT)
        except _ArgumentError as error:
            return _say(_usage(error, words), WORLDS_FAULT)
        except (KeyboardInterrupt, typer.Abort):
            return _say("interrupted", INTERRUPTED)
        except (BrokenPipeError, SystemExit):
            # The reader of our output has gone, as in `hingecoach analyze x | head`; rich makes a SystemExit of it.
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE
        except Exception as error:
            logger.exception("a bug ended the command %s", words)
            where = f"details are in {path}" if path is not None else "no log file could be written"
            return _say(f"internal error ({type(error).__name__}: {error}); {where}", OUR_FAULT)


def _usage(error: Exception, words: list[str]) -> str:
    """Return what is wrong with the arguments, as one line that names the help."""
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    command = words[0] if not words[0].startswith("-") and hasattr(error, "ctx") and error.ctx is not None else ""
    known = command in ("live", "demo", "analyze", "model")
    return f"{message.rstrip('.')}. See: hingecoach {command + ' ' if known else ''}--help"


def _say(message: str, code: int) -> int:
    """Print one line on stderr and return the code."""
    typer.echo(f"hingecoach: {' '.join(message.split())}", err=True)
    return code


def main() -> None:
    """Run the command line of this process and exit with its code."""
    sys.exit(run(sys.argv[1:]))
