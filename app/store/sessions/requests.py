"""What is asked of a coach while it judges: noted when it is asked, repeated at the same frame in a replay.

Whoever asks (the window, the set-up guide, the exam) calls methods of the coach itself; so `listen` takes the place of
these methods on the one object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.coach.drill_model import DrillModel
from app.coach.model import CoachModel
from app.coach.report import CoachReport, FaultId, Mode
from app.coach.reps import DrillLog, Rep
from app.coach.types import BodyPose
from app.store.sessions.errors import DamagedError
from app.store.sessions.grid import on_grid

#: Called with the name of a request and its arguments as plain JSON, after it was carried out.
Note = Callable[[str, list[Any]], None]
Took = Callable[[BodyPose, CoachReport], None]


def listen(coach: CoachModel, took: Took, note: Note) -> Callable[[], None]:
    """Have every frame that ``coach`` takes told to ``took``, and all that is asked of it to ``note``.

    From now on it judges poses as they are kept (`grid`), so that a replay is the same to the last bit. Call it before
    the first frame. Both are called in the thread that calls the coach.

    Returns what ends it, once the coach takes no more frames: until then coach and listener hold one another, and only
    the garbage collector would find that out, much later. Idempotent.
    """
    update, calibrate, set_mode = coach.update, coach.start_calibration, coach.set_mode
    never_cue, finish = coach.never_cue, coach.finish

    def heard_update(pose: BodyPose) -> CoachReport:
        pose = on_grid(pose)
        report = update(pose)
        took(pose, report)
        return report

    def heard_calibration() -> None:
        calibrate()
        note("calibrate", [])

    def heard_mode(mode: Mode) -> None:
        set_mode(mode)
        note("set_mode", [mode.value])

    def heard_never(faults: frozenset[FaultId]) -> None:
        never_cue(faults)
        note("never_cue", sorted(fault.value for fault in faults))

    def heard_finish() -> None:
        finish()
        note("finish", [])

    heard: dict[str, Callable[..., Any]] = {
        "update": heard_update,
        "start_calibration": heard_calibration,
        "set_mode": heard_mode,
        "never_cue": heard_never,
        "finish": heard_finish,
    }
    for name, method in heard.items():
        setattr(coach, name, method)
    log = _listen_to_drill(coach, note) if isinstance(coach, DrillModel) else None

    def end() -> None:
        while heard:
            vars(coach).pop(heard.popitem()[0], None)
        if isinstance(coach, DrillModel) and log is not None:
            vars(coach.drill).pop("skip_rest", None)
            log.note = None

    return end


def _listen_to_drill(coach: DrillModel, note: Note) -> _HeardLog:
    skip_rest = coach.drill.skip_rest

    def heard_skip() -> None:
        skip_rest()
        note("skip_rest", [])

    setattr(coach.drill, "skip_rest", heard_skip)  # noqa: B010 - mypy refuses the plain assignment
    log = coach.drill.log = _HeardLog(note)
    return log


class _HeardLog(DrillLog):
    """A drill's log that tells of the user's corrections; to ``note``, None: to nobody any more."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.note: Note | None = note

    def _note(self, name: str, arguments: list[Any]) -> None:
        if self.note is not None:
            self.note(name, arguments)

    def remove(self, number: int) -> None:
        """Take an attempt out."""
        super().remove(number)
        self._note("remove", [number])

    def restore(self, number: int) -> None:
        """Undo what the user did to an attempt."""
        super().restore(number)
        self._note("restore", [number])

    def add(self, t_s: float, set_number: int | None = None) -> Rep:
        """Put a repetition in by hand."""
        rep = super().add(t_s, set_number)
        self._note("add", [t_s, set_number])
        return rep

    def set_verdict(self, number: int, verdict: str, counted: bool | None = None) -> Rep:
        """Change a verdict."""
        rep = super().set_verdict(number, verdict, counted)
        self._note("set_verdict", [number, verdict, counted])
        return rep


def repeat(coach: CoachModel, name: str, arguments: object) -> None:
    """Ask the same of a coach again. Raises DamagedError for what is no request."""
    if not isinstance(arguments, list):
        raise DamagedError(f"the request {name} cannot be repeated (it has no list of arguments)")
    asked: dict[str, Callable[..., Any]] = {
        "calibrate": coach.start_calibration,
        "set_mode": lambda mode: coach.set_mode(Mode(mode)),
        "never_cue": lambda *faults: coach.never_cue(frozenset(FaultId(fault) for fault in faults)),
        "finish": coach.finish,
    }
    if isinstance(coach, DrillModel):
        log = coach.drill.log
        asked |= {
            "skip_rest": coach.drill.skip_rest,
            "remove": log.remove,
            "restore": log.restore,
            "add": log.add,
            "set_verdict": log.set_verdict,
        }
    try:
        asked[name](*arguments)
    except (KeyError, TypeError, ValueError) as error:
        why = "unknown" if isinstance(error, KeyError) else "its arguments are none of it"
        raise DamagedError(f"the request {name}{tuple(arguments)} cannot be repeated ({why})") from error
