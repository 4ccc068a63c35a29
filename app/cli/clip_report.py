"""``--report`` of ``analyze``: what a report of a clip tells, collected while it runs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.coach.errors import WorldError
from app.session.delay import Shots
from app.session.moments import Moments
from app.session.set_record import Best
from app.store.report.material import ROOF, Material, Moment
from app.store.sessions.derived import Derived, judged_steps
from app.store.sessions.tables import CLOSED, JudgedStep, SessionRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from app.cli.runners import Runner
    from app.coach.model import CoachModel
    from app.coach.report import CoachReport, Hold, Step
    from app.coach.summary import CoachSummary
    from app.session import Analysis, set_record
    from app.store.trends import Digest

#: Width at which pictures wait, px, and for how long: until the step or the stance they are of has been judged.
WIDTH_PX, KEPT_S = 960, 30.0
#: A step follows another if it begins at the other's end to within this.
SAME_INSTANT_S = 0.05


@dataclass(frozen=True, slots=True)
class ReportWish:
    """Where the report of a clip goes, and whose earlier sessions it is compared with.

    Attributes:
        path: of the page. data_folder: with the earlier sessions. runner: None for nobody named.
    """

    path: Path
    data_folder: Path
    runner: Runner | None = None

    def check(self) -> None:
        """Raise WorldError unless the page can be written, before the long work."""
        from app.store.atomic import require_writable

        if str(self.path) == "-":
            raise WorldError("--report -: give the path of a file.")
        require_writable(self.path)


class ReportMaker:
    """Collects steps, cues and the pictures of the best and the worst moments: an observer of the session."""

    def __init__(self, coach: CoachModel) -> None:
        self._rules = coach.rules
        self._shots = Shots(WIDTH_PX, KEPT_S, in_thread=False)
        self._moments = Moments(coach.rules, self._shots)
        self._derived = Derived()
        self._before: Step | None = None
        self._hold: Hold | None = None
        self._first_s = math.nan

    def __call__(self, analysis: Analysis) -> None:
        """Take one frame."""
        report, t_s = analysis.report, analysis.frame.t_s
        self._first_s = t_s if math.isnan(self._first_s) else self._first_s
        self._shots.add(analysis)
        self._derived.frame(report, t_s)
        if report.step is not None:
            self._take_step(report.step, report)
        hold = report.hold
        if self._hold is not None and (hold is None or hold.start_s != self._hold.start_s):
            self._moments.add_hold(self._hold, on_purpose=False)
        self._hold = hold
        if report.drill is not None and report.drill.new_rep and report.drill.last_rep is not None:
            self._moments.add_rep(report.drill.last_rep)

    def _take_step(self, step: Step, report: CoachReport) -> None:
        before = self._before
        if before is not None and abs(step.t_s - before.t_s - before.duration_s) > SAME_INSTANT_S:
            before = None
        below_floor = report.tunnel is not None and report.tunnel.below_floor
        fault = report.faults[0] if report.faults else None
        inside = not (step.hit or below_floor)
        self._moments.add_step(step, before, fault, report.verdict != "not_judged", inside)
        self._before = step

    def write(self, wish: ReportWish, document: Mapping[str, Any], summary: CoachSummary, clip: str) -> None:
        """Write the page of a clip that has been judged. Raises WorldError where it cannot be written."""
        from app.store.report.page import page, write

        write(wish.path, page(self.material(wish, document, summary, clip)))

    def material(self, wish: ReportWish, document: Mapping[str, Any], summary: CoachSummary, clip: str) -> Material:
        """Return what the report tells."""
        from pathlib import Path

        from app.store.report.findings import main_fault
        from app.store.report.words import KINDS
        from app.store.sessions.recipe import hash_of
        from app.store.trends import digest

        self._derived.finish()
        steps = [
            JudgedStep(number, verdict, step)
            for number, (step, verdict) in enumerate(judged_steps(summary, self._derived.verdicts), start=1)
        ]
        name = Path(clip).name
        person = wish.runner.record.name if wish.runner is not None else ""
        rules_hash = hash_of(self._rules.tree)
        row = _row(document, summary, name, person, rules_hash)
        material = Material(
            document=document,
            title=name,
            person=person,
            steps=steps,
            cues=self._derived.cues,
            first_s=self._first_s,
            now=digest(row, document, steps),
            rules=self._rules,
            rules_hash=rules_hash,
        )
        main = main_fault(material)
        own = self._moments.chosen([main] if main else [], self._hold)
        # The pictures are of the one thing to work on; the next one has its turn when this is mended.
        moments = tuple(_moment(m, summary) for m in own if m.best is Best.BEST or m.about == main)
        before, notices = _last(wish, material, row)
        kind = KINDS[material.kind]
        return replace(material, moments=moments, before=before, notices=notices, title=kind, source=name)


def _moment(moment: set_record.Moment, summary: CoachSummary) -> Moment:
    """Return a moment with everything drawn on its picture, or its pose where there is none."""
    shown = moment.shot.shown() if moment.shot is not None else None
    step = next((k for k, s in enumerate(summary.steps, start=1) if s.t_s == moment.start_s), 0)
    held = not moment.number and not step
    at_push_off = bool(step) and moment.measure in ("", "line_offset_bh", "trunk_lean_deg")
    line = "toe" if at_push_off and moment.about != ROOF else "ankle" if held else ""
    jpeg, size_px = _picture(shown, line, moment.best is Best.BEST) if shown is not None else (b"", (0, 0))
    return Moment(
        best=moment.best is Best.BEST,
        t_s=moment.t_s,
        about=moment.about,
        value=moment.value if not held or moment.excess > 0.0 else math.nan,
        threshold=moment.threshold,
        unit=moment.unit,
        held_s=moment.end_s - moment.start_s if held else math.nan,
        number=moment.number or step,
        at_push_off=at_push_off,
        jpeg=jpeg,
        size_px=size_px,
        pose=shown.pose if shown is not None else None,
    )


def _picture(shown: Analysis, line: str, good: bool) -> tuple[bytes, tuple[int, int]]:
    """Return the frame of a moment as a JPEG with line, tunnel and body drawn on it, and its size."""
    from app.store.report.pictures import evidence

    image, report = shown.frame.image_bgr, shown.report
    # The roof is for who runs or marches; a stance and a hinge have none.
    report = report if report.activity.going else replace(report, tunnel=None)
    return evidence(image, shown.pose, report, line, good) if image is not None else (b"", (0, 0))


def _last(wish: ReportWish, material: Material, row: SessionRow) -> tuple[Digest | None, tuple[str, ...]]:
    """Return the last session of the runner, and a line where the history cannot be read."""
    from app.store.history import History
    from app.store.report.sessions import last_before
    from app.store.sessions.recording import DATABASE

    if wish.runner is None or not (wish.data_folder / DATABASE).exists():
        return None, ()
    try:
        with History(wish.data_folder) as history:
            return last_before(history, row.person, material.kind, row.drill), ()
    except WorldError as error:
        return None, (f"Earlier sessions could not be read: {error}",)


def _row(document: Mapping[str, Any], summary: CoachSummary, name: str, person: str, rules_hash: str) -> SessionRow:
    """Return the row that the clip would have in the history."""
    app = document["app"]
    return SessionRow(
        id="",
        started_at="",
        person=person,
        mode=summary.mode.value,
        drill=(document.get("drill") or {}).get("name", ""),
        source_kind=document["source"]["kind"],
        source=name,
        camera="",
        app_version=app["version"],
        model=app["model"],
        model_sha256=app["model_sha256"] or "",
        engine=app["engine"],
        rules_name=app["rules"],
        rules_hash=rules_hash,
        state=CLOSED,
        frames=summary.frames,
        duration_s=summary.duration_s,
        running_s=summary.running_s,
        steps=len(summary.steps),
        cues=len(summary.cues),
        verdict=summary.verdict,
        notice="",
    )
