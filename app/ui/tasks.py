"""What each live screen has judged: from the screen and the choice to the session's task, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.coach.drill_model import DrillModel
from app.coach.drills import DrillPlan
from app.coach.exam import Exam
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.reps import DrillId
from app.coach.setup import SetupGuide
from app.session import Task
from app.ui.choice import DRILL_ACT, EXAM_ACT, GOOD_ACT, STANCE_ACT, Choice, SourceKind
from app.ui.screens import SCREEN_MODES, Screen

if TYPE_CHECKING:
    from collections.abc import Callable


def screen_for(choice: Choice) -> Screen:
    """Return the screen that a choice asks for."""
    sits_the_exam = choice.kind is SourceKind.VIRTUAL and choice.mode is Mode.AUTO and choice.act == EXAM_ACT
    if choice.mode is Mode.STANCE or sits_the_exam:
        return Screen.START_LINE
    acts_a_drill = choice.kind is SourceKind.VIRTUAL and choice.act.startswith(DRILL_ACT)
    if choice.mode is Mode.DRILL or (choice.mode is Mode.AUTO and acts_a_drill):
        return Screen.DRILLS
    return Screen.RUN


def choice_for(screen: Screen, choice: Choice) -> Choice:
    """Return the choice as a live screen needs it: its mode, which drill, and a virtual runner who does the same."""
    if screen is Screen.DRILLS:
        drill = drill_of(choice).value
        return _acting(f"{DRILL_ACT}{drill}", replace(choice, mode=Mode.DRILL, drill=drill))
    mode = SCREEN_MODES.get(screen, choice.mode)
    # Whoever asked for running alone gets running alone.
    if mode is Mode.AUTO and choice.mode is Mode.RUN:
        mode = Mode.RUN
    choice = replace(choice, mode=mode)
    if screen is Screen.START_LINE:
        return choice if choice.act.startswith(STANCE_ACT) else _acting(EXAM_ACT, choice)
    acts_elsewhere = choice.act == EXAM_ACT or choice.act.startswith(DRILL_ACT)
    return _acting(GOOD_ACT, choice) if screen.live and acts_elsewhere else choice


def _acting(act: str, choice: Choice) -> Choice:
    return replace(choice, act=act) if choice.kind is SourceKind.VIRTUAL else choice


def chosen_anew(before: Choice, choice: Choice) -> Choice:
    """Return a choice made in the menu of sources: a virtual runner's drill is then the drill that is counted."""
    act = choice.act if choice.kind is SourceKind.VIRTUAL and choice.act != before.act else ""
    return replace(choice, drill=act.removeprefix(DRILL_ACT)) if act.startswith(DRILL_ACT) else choice


def drill_of(choice: Choice) -> DrillId:
    """Return the drill of a choice: the one named, else the one that the virtual runner acts, else the hinge."""
    named = choice.drill or (choice.act.removeprefix(DRILL_ACT) if choice.kind is SourceKind.VIRTUAL else "")
    return DrillId(named) if named in set(DrillId) else DrillId.HINGE


def task_for(screen: Screen, choice: Choice) -> Callable[[CoachModel], Task]:
    """Return what makes the task of a live screen out of the coach there is; its standing is kept."""
    if screen is Screen.DRILLS:
        return lambda coach: Task(_drill_coach(coach, choice))

    def make(coach: CoachModel) -> Task:
        mode = choice_for(screen, choice).mode
        if isinstance(coach, DrillModel):
            # The drill is over, and is a session of its own: what was counted in it is kept.
            standing = coach.standing if coach.standing_holds else None
            coach = CoachModel(mode, coach.profile, standing, choice.facing, coach.rules, coach.dose)
        elif coach.mode is not mode:
            coach.set_mode(mode)
        if screen is Screen.SETUP:
            return Task(coach, guide=SetupGuide(coach.profile, choice.facing))
        if screen is Screen.START_LINE:
            return Task(coach, exam=Exam(coach.rules))
        return Task(coach)

    return make


def _drill_coach(coach: CoachModel, choice: Choice) -> CoachModel:
    """Return the coach of the chosen drill: the present one where it has just been made for it."""
    plan = DrillPlan(drill_of(choice), choice.reps, choice.sets, choice.rest_s)
    if isinstance(coach, DrillModel) and coach.plan == plan and coach.mode is Mode.DRILL and not coach.begun:
        return coach
    standing = coach.standing if coach.standing_holds else None
    return DrillModel(plan, coach.profile, standing, choice.facing, coach.rules, dose=coach.dose)
