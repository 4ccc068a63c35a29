"""A virtual runner who runs well and then loses the form: when is it noticed?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.sim.acts import Act, RunnerParams
from app.sim.body import blend_angles, pose_figure, smoothstep
from app.sim.gait import Gait
from app.sim.runner import Instant, Runner
from app.sim.truth import Contact

if TYPE_CHECKING:
    from app.sim.gait import Step

#: The fault is complete this long after its start: one step.
COMES_IN_S = 0.35


class ChangingRunner(Runner):
    """A runner of good form who has the fault of ``params`` from a contact on.

    Args:
        params: the performance after the change; before it, the same runner in good form.
        change_s: the first contact after this time is the fault's start, ``fault_s``.
    """

    def __init__(self, params: RunnerParams, change_s: float) -> None:
        good = replace(params, act=Act.GOOD)
        super().__init__(good)
        self._after = Runner(params)
        before = next(s for s in self._steps(good, change_s) if s.initial_contact_s + params.standing_s >= change_s)
        #: Start of the fault, s.
        self.fault_s = before.initial_contact_s + params.standing_s
        # The faulty run goes on with the same step of the same leg, which there may begin at another time.
        same = next(s for s in self._steps(params, 2.0 * change_s) if s.index == before.index)
        self._ahead_s = same.initial_contact_s - before.initial_contact_s

    @staticmethod
    def _steps(params: RunnerParams, until_s: float) -> list[Step]:
        return Gait(params).steps_until(until_s)

    def at(self, t_s: float) -> Instant:
        """Return the figure at a time; while the fault comes in, the blend of both runs, which are in step."""
        since_s = t_s - self.fault_s
        if since_s <= 0.0:
            return super().at(t_s)
        after = self._after.at(t_s + self._ahead_s)
        if since_s >= COMES_IN_S:
            return after
        before, w = super().at(t_s), smoothstep(since_s / COMES_IN_S)
        angles = blend_angles(before.figure.angles, after.figure.angles, w)
        hip = before.figure.hip * (1.0 - w) + after.figure.hip * w
        return replace(after, figure=pose_figure(angles, hip))

    def contacts(self, start_s: float, end_s: float) -> tuple[Contact, ...]:
        """Return the contacts whose initial contact lies in [start_s, end_s)."""
        good = super().contacts(start_s, min(end_s, self.fault_s - 1e-6))
        ahead_s = self._ahead_s
        faulty = self._after.contacts(max(start_s, self.fault_s - 1e-6) + ahead_s, end_s + ahead_s)
        return (*good, *(Contact(c.side, c.initial_contact_s - ahead_s, c.toe_off_s - ahead_s) for c in faulty))
