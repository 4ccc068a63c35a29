"""Drills on the command line: which one, how much of it, and what it came to as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.coach.errors import WorldError
from app.coach.report import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from app.coach.drills import DrillPlan
    from app.coach.model import CoachModel
    from app.coach.reps import DrillId
    from app.coach.rules import Rules
    from app.coach.standing import StandingReference
    from app.coach.types import Facing, RunnerProfile

    MakeCoach = Callable[[RunnerProfile, StandingReference | None, Facing, Rules | None], CoachModel]

#: A clip is counted to its end, without sets and rest.
NO_TARGET = 0
DRILL_ACT = "drill_"


def mode_with_drill(mode: Mode, drill: str | None) -> tuple[Mode, str]:
    """Return the mode, and the drill by its name, "" for none, that ``--mode`` and ``--drill`` ask for together.

    Raises:
        WorldError: the one does not go with the other, or there is no such drill.
    """
    if drill is None:
        return mode, ""
    name = drill_of(drill).value
    if mode not in (Mode.AUTO, Mode.DRILL):
        raise WorldError(f"--drill {name} goes with --mode drill, not with --mode {mode.value}.")
    return Mode.DRILL, name


def drill_of(name: str) -> DrillId:
    """Return a drill by its name; ``drill_`` may stand before it. Raises WorldError."""
    from app.cli.parsing import one_of
    from app.coach.reps import DrillId

    return one_of(DrillId, "--drill", name.strip().lower().removeprefix(DRILL_ACT))


def plan_of(name: str, act: str = "", to_the_end: bool = False) -> DrillPlan:
    """Return the plan of the drill by its name, or else of the one that the virtual runner acts.

    Args:
        name: of the drill, "" where none was named.
        act: of the virtual runner, "" without one.
        to_the_end: count to the end, without target, sets and rest.

    Raises:
        WorldError: no drill is named.
    """
    from app.coach.drills import DrillPlan
    from app.coach.reps import DrillId

    if not name and act.startswith(DRILL_ACT):
        name = act
    if not name:
        raise WorldError(f"--mode drill needs the drill: --drill {', '.join(d.value for d in DrillId)}.")
    return DrillPlan(drill_of(name), NO_TARGET, 1, 0.0) if to_the_end else DrillPlan(drill_of(name))


def clip_coach(mode: Mode, drill: str) -> MakeCoach:
    """Return what makes the coach of a clip: a drill is counted to the clip's end. Raises WorldError."""
    from app.coach.model import CoachModel

    if mode is not Mode.DRILL:
        return lambda profile, standing, facing, rules: CoachModel(mode, profile, standing, facing, rules)
    from app.coach.drill_model import DrillModel

    plan = plan_of(drill, to_the_end=True)
    return lambda profile, standing, facing, rules: DrillModel(plan, profile, standing, facing, rules)


def print_drill(console: Console, drill: dict[str, Any]) -> None:
    """Print what a drill came to, from its part of the JSON document."""
    target = f" of {drill['target']}" if drill["target"] else ""
    console.print(f"Drill: {drill['name'].replace('_', ' ')}; {drill['counted']}{target} counted, {drill['good']} good")
    for rep in drill["reps"] if drill["name"] != "tunnel_march" else ():
        words = rep["verdict"].replace("_", " ") + (f": {rep['change']}" if rep["change"] else "")
        depth = "-" if rep["depth"] is None else f"{rep['depth']:.0f} {rep['unit']}"
        counted = "counted" if rep["counted"] else "not counted"
        span = f"{rep['start_s']:.1f} to {rep['end_s']:.1f} s"
        console.print(f"  {rep['number']:3d}. {span}: {depth}, {counted}; {words}", soft_wrap=True)
    if drill["name"] == "tunnel_march" and drill["counted"]:
        hits = sum(rep["verdict"] == "roof" for rep in drill["reps"])
        cadence = drill["cadence_spm"] or "-"
        console.print(f"  {hits} of {drill['counted']} steps hit the roof; cadence {cadence} a minute")
    reasons: dict[str, float] = {}
    for pause in drill["pauses"]:
        reasons[pause["because"]] = reasons.get(pause["because"], 0.0) + pause["end_s"] - pause["start_s"]
    for because, seconds in reasons.items():
        if seconds >= 1.0:
            console.print(f"  paused for {seconds:.1f} s: {because}", soft_wrap=True)
