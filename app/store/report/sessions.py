"""A session of the history as the material of a report."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.coach.errors import WorldError
from app.coach.report import FaultId
from app.coach.rules import default_rules
from app.coach.types import Landmark
from app.store.report import words
from app.store.report.findings import main_fault
from app.store.report.material import ROOF, Material, Moment
from app.store.report.moments import at_marks, chosen
from app.store.sessions.errors import HistoryError
from app.store.sessions.tables import OPEN
from app.store.trends import digest, mode_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.coach.report import Step
    from app.coach.rules import Rules
    from app.coach.types import BodyPose
    from app.store.history import History
    from app.store.sessions.tables import SessionRow
    from app.store.trends import Digest

#: What is drawn under the roof, where the head is highest in the step.
_AT_THE_ROOF = (ROOF, FaultId.STANDING_UP.value)
_EARS = [Landmark.LEFT_EAR, Landmark.RIGHT_EAR]
#: A pose that is further from the instant is not of it.
POSE_S = 0.15
#: So much nearer a pose must be to be drawn although a landmark from the ears down is missing: some frames.
LACKING_S, FIRST_DRAWN = 0.07, int(Landmark.LEFT_EAR)


def material_of(history: History, session: str) -> Material:
    """Return what a report of a session tells (see `History.find` for how it is named).

    Raises HistoryError: there is none, it is not closed yet, or it cannot be read.
    """
    details = history.get(session)
    row = details.row
    if details.summary is None or row.state == OPEN:
        raise HistoryError(f"The session {row.id} is not closed yet: stop it, or start the app, which closes it.")
    rules, notice = _rules(history, row)
    steps = history.steps(row.id)
    kind = mode_of(row, details.summary)
    material = Material(
        document=details.summary,
        title=words.KINDS.get(kind, "Session"),
        person=row.person,
        started_at=row.started_at,
        source=row.source,
        note=row.note,
        session=row.id,
        steps=steps,
        cues=history.cues(row.id),
        now=digest(row, details.summary, steps),
        before=last_before(history, row.person, kind, row.drill, row.id),
        rules=rules,
        rules_hash=row.rules_hash,
        notices=tuple(line for line in (notice, row.notice) if line),
    )
    moments = chosen(material, main_fault(material), history.faults(row.id))
    marked = at_marks(material, history.moments_s(row.id))
    try:
        body_px = details.standing.body_height_px if details.standing is not None else math.nan
        steps_of = {m.t_s: steps[m.number - 1].step for m in moments if m.about in _AT_THE_ROOF and m.number}
        moments = tuple(_under_roof(m, steps_of.get(m.t_s), body_px) for m in moments)
        first_s, posed = _with_poses((*moments, *marked), history.frames(row.id), steps_of)
    except HistoryError:  # the rows are enough for a report: it then has no drawings
        first_s, posed = _first_known_s(material), (*moments, *marked)
    return replace(material, first_s=first_s, moments=posed[: len(moments)], marked=posed[len(moments) :])


def _under_roof(moment: Moment, step: Step | None, body_px: float) -> Moment:
    """Return a moment at the roof with the room that its head had under it."""
    return moment if step is None else replace(moment, under_roof_px=step.peak_below_roof_bh * body_px)


def _first_known_s(material: Material) -> float:
    """Return the time of the first thing that the rows tell of."""
    known_s = [judged.step.t_s for judged in material.steps[:1]] + [cue.t_s for cue in material.cues[:1]]
    known_s += [thing["start_s"] for thing in (*material.holds[:1], *material.reps[:1])]
    return min((t_s for t_s in known_s if t_s == t_s), default=0.0)


def last_before(history: History, person: str, kind: str, drill: str, session: str = "") -> Digest | None:
    """Return the last session of the same person and kind; None without one.

    Args:
        history: where it is looked for.
        person: whose, "" nobody named.
        kind: "run", "stance" or "drill".
        drill: which one, "" outside of one.
        session: the id of the one before which it was; "": of now.

    Raises HistoryError.
    """
    rows = history.sessions(person=person)  # newest first, of one second in their order
    own = next((k for k, row in enumerate(rows) if row.id == session), -1)
    for row in rows[own + 1 :]:
        if row.state == OPEN or (kind == "drill" and row.drill != drill):
            continue
        details = history.get(row.id, brief=True)
        if details.summary is not None and mode_of(row, details.summary) == kind:
            found = digest(row, details.summary, history.short_steps(row.id))
            if found.values:
                return found
    return None


def _rules(history: History, row: SessionRow) -> tuple[Rules, str]:
    """Return the rules of then, and a line where they cannot be had."""
    try:
        return history.recipe(row.id).rules_used, ""
    except WorldError as error:
        return default_rules(), f"The rules of then cannot be read, so words and bands are today's: {error}"


def _off_s(pose: BodyPose, t_s: float) -> float:
    """Return how far a pose is from an instant; one that lacks landmarks counts as further off."""
    return abs(pose.t_s - t_s) + LACKING_S * int(np.isnan(pose.xy_px[FIRST_DRAWN:]).any())


def _ear_px(pose: BodyPose) -> float:
    """Return the height of the ears in the image, px up; lower than anything where they are not seen."""
    ears = pose.xy_px[_EARS, 1]
    return -float(np.nanmean(ears)) if np.isfinite(ears).any() else -math.inf


def _with_poses(
    moments: Sequence[Moment], poses: Iterable[BodyPose], at_apex: Mapping[float, Step]
) -> tuple[float, tuple[Moment, ...]]:
    """Return the time of the first frame, and the moments with their poses.

    ``at_apex``: the steps of moments that are drawn where the head is highest.
    """
    wanted_s = sorted(moment.t_s for moment in moments if moment.t_s not in at_apex)
    ends_s = [step.t_s + step.duration_s for step in at_apex.values() if step.duration_s == step.duration_s]
    nearest: dict[float, BodyPose] = {}
    first_s, last_s = 0.0, max((*wanted_s, *ends_s), default=0.0) + POSE_S
    for k, pose in enumerate(poses):
        first_s = pose.t_s if k == 0 else first_s
        if pose.t_s > last_s or not moments:
            break
        if not pose.seen:
            continue
        for t_s, step in at_apex.items():
            inside = step.t_s <= pose.t_s <= step.t_s + step.duration_s
            if inside and (t_s not in nearest or _ear_px(pose) > _ear_px(nearest[t_s])):
                nearest[t_s] = pose
        for t_s in wanted_s[bisect_left(wanted_s, pose.t_s - POSE_S) :]:
            if t_s > pose.t_s + POSE_S:
                break
            known = nearest.get(t_s)
            if known is None or _off_s(pose, t_s) < _off_s(known, t_s):
                nearest[t_s] = pose
    return first_s, tuple(replace(moment, pose=nearest.get(moment.t_s)) for moment in moments)
