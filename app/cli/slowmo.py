"""Slow motion: by what factor a clip is taken, from what was told, from the file, from the runner's motion."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.capture.clip_facts import require_factor, slowdown_of
from app.capture.source import one_line
from app.cli.terminal import notice, shows_progress
from app.coach.errors import WorldError

if TYPE_CHECKING:
    from app.coach.slowmo import SlowMotion, SlowMotionWatch


class Slowing:
    """How many times slower than life a clip is taken to play; found out once, asked for once.

    Attributes:
        factor: to read the clip with.
        doubted: whether the motion speaks against that factor and it was kept nevertheless.
        lines: for the warnings: what was noticed and what was made of it.

    Args:
        clip: a video.
        told: the factor given on the command line, None = none.
        quiet: ask nothing, print nothing.

    Raises:
        WorldError: the factor that was told makes no sense.
    """

    def __init__(self, clip: str, told: float | None, quiet: bool = False) -> None:
        self._name, self._told, self._quiet = one_line(Path(clip).name), told, quiet
        self._settled = self.doubted = False
        self.lines: tuple[str, ...] = ()
        self.factor = 1.0 if told is None else require_factor(told)
        self._by_file = slowdown_of(clip)
        if told is None and self._by_file is not None and self._by_file.certain:
            self.factor = self._by_file.factor
            self._say(
                f"{self._name} {self._by_file.why}: taken as slowed {self.factor:g} times. "
                "Give --slowmo-factor 1 if it is not."
            )

    def another(self, watch: SlowMotionWatch, no_step: bool) -> bool:
        """Whether to go through the clip again, with a new `factor`; the first time only.

        Args:
            watch: has seen the poses, in seconds of life by the present factor.
            no_step: whether no running step was seen.
        """
        if self._settled:
            return False
        self._settled, seen = True, watch.slow_motion()
        if seen is None:
            if no_step and self._told is None and self._by_file is not None and not self._by_file.certain:
                by_file = self._by_file
                self._say(f"{self._name} {by_file.why}: if it is slowed, give --slowmo-factor {by_file.factor:g}.")
            return False
        factor = self.factor * seen.factor
        if self._told is None and not self._quiet and asks():
            return self._asked(seen, factor)
        self.doubted = True
        self._say(f"{self._what(seen)}: give --slowmo-factor {factor:g}.")
        return False

    def _what(self, seen: SlowMotion) -> str:
        """Return what was noticed, without what to do."""
        steps = f"{seen.cadence_spm:.0f} steps a minute"
        if self.factor != 1.0:
            return f"With a slow-motion factor of {self.factor:g} the runner of {self._name} makes {steps}"
        how = f"about {seen.factor:g} times slower" if seen.factor > 1.0 else f"about {1 / seen.factor:g} times faster"
        return f"{self._name} seems to play {how} than life ({steps})"

    def _asked(self, seen: SlowMotion, suggested: float) -> bool:
        """Ask for the factor; whether it is another one than the present."""
        notice(f"{self._what(seen)}.")
        chosen = ask_factor(suggested)
        changed = not math.isclose(chosen, self.factor)
        self.doubted = not changed
        self.factor = chosen
        self.lines = (*self.lines, f"{self._what_chosen(chosen)}.")
        return changed

    def _what_chosen(self, chosen: float) -> str:
        return f"{self._name}: a slow-motion factor of {chosen:g} was answered to the question"

    def _say(self, line: str) -> None:
        """Keep a line for the warnings; it is shown at once as well, unless all is quiet."""
        self.lines = (*self.lines, line)
        if not self._quiet:
            notice(line)


def asks() -> bool:
    """Return whether somebody is there to answer a question."""
    return shows_progress() and sys.stdin is not None and sys.stdin.isatty()


def ask_factor(suggested: float) -> float:
    """Ask on the terminal for the factor until it makes sense; Enter takes the suggestion, Ctrl-C ends it all."""
    question = "How many times slower than life does it play (2, 4, 8; 1: it does not)"
    try:
        answer: float = typer.prompt(question, default=f"{suggested:g}", value_proc=_factor, err=True)
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    return answer


def _factor(text: str) -> float:
    try:
        return require_factor(float(text.strip().replace(",", ".")))
    except ValueError as error:
        raise typer.BadParameter(f"{one_line(text)} is no number.") from error
    except WorldError as error:
        raise typer.BadParameter(str(error)) from error
