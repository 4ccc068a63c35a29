"""The commands put together, and how every way they can end becomes one line and an exit code."""

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

import app as package
from app.cli import analyze, bench, demo, doctor, live, model, report, rules, runners, sessions, streams, validate
from app.cli.heap import use_one_heap
from app.cli.logs import log_file
from app.coach.errors import WorldError
from app.store.atomic import NO_ROOM

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
    "analyze",
    epilog="Example: hingecoach analyze run.mp4 --height-cm 178 --video out.mp4 --json out.json; "
    "of a folder: hingecoach analyze clips --jobs 2 --json results",
)(analyze.analyze)
commands.command("validate", epilog="Example: hingecoach validate --quick --json validation.json")(validate.validate)
commands.command("bench", epilog="Example: hingecoach bench --json bench.json --markdown bench.md")(bench.bench)
commands.command("doctor", epilog="Example: hingecoach doctor --json doctor.json")(doctor.doctor)
commands.command("report", epilog="Example: hingecoach report last -o run.html --open")(report.report)
commands.add_typer(model.commands, name="model")
commands.add_typer(rules.commands, name="rules")
commands.add_typer(runners.commands, name="runners")
commands.add_typer(sessions.commands, name="sessions")


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
    if gone := _current_folder_problem():
        return _say(gone, WORLDS_FAULT)
    with log_file() as path:
        try:
            code = commands(words, prog_name="hingecoach", standalone_mode=False)
            streams.flush()
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
            streams.forget_stdout()
            return DONE
        except Exception as error:
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                streams.forget_stdout()
                return _say(f"the output cannot be written ({error.strerror}): make room for it.", WORLDS_FAULT)
            if isinstance(error, ImportError) and (remedy := _library_remedy(error)):
                return _say(f"a part of this app cannot be loaded ({error}): {remedy}", WORLDS_FAULT)
            logger.exception("a bug ended the command %s", words)
            where = f"details are in {path}" if path is not None else "no log file could be written"
            return _say(f"internal error ({type(error).__name__}: {error}); {where}", OUR_FAULT)


def _current_folder_problem() -> str:
    """Return a line where this process stands in a folder that is gone, for no path leads on from there; else ""."""
    try:
        Path.cwd()
    except OSError as error:
        return f"the current folder is gone ({error.strerror}): change into another one."
    return ""


def _library_remedy(error: ImportError) -> str:
    """Return what to do where the system lacks a library that a package needs, as bare servers do; else ""."""
    from app.validation.checkup.finding import system_here
    from app.validation.checkup.places import for_import

    return for_import(str(error), system_here())


def _usage(error: Exception, words: list[str]) -> str:
    """Return what is wrong with the arguments, as one line that names the help."""
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    groups = [group.name for group in commands.registered_groups]
    if len(words) == 1 and words[0] in groups:  # the message is the whole help
        message = f"{words[0]} needs a command: {', '.join(error.ctx.command.commands)}"  # type: ignore[attr-defined]
    named = [*(command.name for command in commands.registered_commands), *groups]
    command = f"{words[0]} " if words[0] in named else ""
    return f"{message if message.endswith('?') else message.rstrip('.') + '.'} See: hingecoach {command}--help"


def _say(message: str, code: int) -> int:
    """Print one line on stderr and return the code."""
    with contextlib.suppress(OSError, ValueError):  # nobody can be told where stderr is broken; the code tells
        typer.echo(f"hingecoach: {' '.join(message.split())}", err=True)
    return code


def _as_ctrl_c(_number: int, frame: FrameType | None) -> None:
    """End as on Ctrl-C, whatever that does now (the window closes itself), so that no half-written file stays."""
    at_ctrl_c = signal.getsignal(signal.SIGINT)
    if callable(at_ctrl_c):
        at_ctrl_c(signal.SIGINT, frame)
    else:  # the shell has us ignore Ctrl-C, as it does in the background
        raise KeyboardInterrupt


def main() -> None:
    """Run the command line of this process and exit with its code."""
    use_one_heap()
    streams.prepare()
    for name in ("SIGTERM", "SIGHUP"):
        with contextlib.suppress(ValueError, OSError, AttributeError):  # not everywhere, and not in every thread
            number = getattr(signal, name)
            if name == "SIGTERM" or signal.getsignal(number) is not signal.SIG_IGN:  # nohup means to go on
                signal.signal(number, _as_ctrl_c)
    code = run(sys.argv[1:])
    if threading.active_count() > 1 or "PySide6.QtWidgets" in sys.modules:
        # A thread that was left behind in a driver or the network: Python would wait for it, or fall over it. And to
        # take a window's libraries apart piece by piece takes a second, with nothing left to write.
        logging.shutdown()
        with contextlib.suppress(OSError, ValueError):
            streams.flush()
        os._exit(code)
    sys.exit(code)
