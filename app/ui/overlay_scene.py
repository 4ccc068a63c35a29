"""What belongs into the picture: tunnel, line, ghost and bars, each only where what is done is about it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.coach.exam_report import ExamPhase
from app.coach.report import Activity
from app.coach.reps import DrillId, DrillPhase
from app.coach.setup import SetupPhase
from app.ui.steady import Steady, drill_roof_px

if TYPE_CHECKING:
    from app.coach.report import TrunkLine, Tunnel
    from app.coach.reps import DrillReport
    from app.session import Analysis

#: Parts of the exam in which the line is what it is about, and the ghost what to step into.
_ON_THE_LINE: Final = (ExamPhase.FIRST_SIDE, ExamPhase.OTHER_SIDE, ExamPhase.GOOD_AGAIN)
#: Parts in which the runner is asked to do it wrong: what he then does is shown, not corrected.
ON_PURPOSE: Final = (ExamPhase.DRIFT, ExamPhase.SQUEEZE)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn of one frame.

    Attributes:
        tunnel, line: None = not drawn. held: the line is that of the push-off before, not of this frame.
        corrects: whether colours and arrows say what to change. ghost: whether there is a stance to step into.
        ghost_legs: whether the legs are held against the ghost's. bars: whether bars are drawn. hinge: the drill whose
            depth is drawn, None for none.

    """

    tunnel: Tunnel | None = None
    line: TrunkLine | None = None
    held: bool = False
    corrects: bool = True
    ghost: bool = True
    ghost_legs: bool = True
    bars: bool = True
    hinge: DrillReport | None = None


def scene_of(analysis: Analysis, steady: Steady | None = None, runner: bool = False) -> Scene:
    """Return what is drawn of a frame.

    Args:
        analysis: the frame.
        steady: what was kept of the frames before, None = nothing.
        runner: whether it is drawn for the runner: he sees the newest judged line until the next one.

    """
    report, exam = analysis.report, analysis.exam
    if analysis.setup is not None and analysis.setup.phase is not SetupPhase.DONE:
        return Scene(ghost=False, bars=False)
    # Whoever merely stands has no line to keep to.
    line = report.line if report.activity is not Activity.STANDING else None
    if exam is not None:
        if exam.phase in ON_PURPOSE:
            return Scene(line=line, corrects=False, ghost=False, bars=False)
        if exam.phase not in _ON_THE_LINE:
            return Scene(ghost=False, bars=False)
        # Another foot is behind than in the ghost: near and far leg are seen from another angle.
        return Scene(line=line, ghost_legs=exam.phase is not ExamPhase.OTHER_SIDE)
    if report.drill is not None:
        return _of_drill(report.drill, analysis, line, steady)
    if runner and steady is not None and steady.line is not None:
        return Scene(tunnel=report.tunnel, line=steady.line, held=True)
    return Scene(tunnel=report.tunnel, line=line)


def _of_drill(drill: DrillReport, analysis: Analysis, line: TrunkLine | None, steady: Steady | None) -> Scene:
    if drill.drill is DrillId.START_LINE:
        return Scene(line=line)
    if drill.drill is DrillId.HINGE:
        return Scene(hinge=drill, bars=False)
    if drill.drill is DrillId.TUNNEL_MARCH:
        return Scene(tunnel=_march_tunnel(drill, analysis, steady), bars=False)
    return Scene(bars=False)


def _march_tunnel(drill: DrillReport, analysis: Analysis, steady: Steady | None) -> Tunnel | None:
    """Return the tunnel of the march: its own roof, by which it is counted, and nothing of the run's."""
    tunnel = analysis.report.tunnel
    roof_y_px = steady.roof_y_px if steady is not None else math.nan
    if not math.isfinite(roof_y_px):
        roof_y_px = drill_roof_px(analysis.report, analysis.pose)
    if tunnel is None or not math.isfinite(roof_y_px):
        return None
    below_bh = drill.head_below_roof_bh
    return replace(
        tunnel,
        roof_y_px=roof_y_px,
        goal_y_px=roof_y_px,
        floor_y_px=math.nan,
        # Before the first step the runner stands, and is taller than the tunnel.
        clearance_bh=below_bh if drill.phase is DrillPhase.MOVING else max(below_bh, 0.0),
        risen=False,
        below_floor=False,
    )
