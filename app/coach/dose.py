"""How much is said: all of it at first, less from session to session, and a silent minute at the end that is scored.

Sessions 1 to 4 have feedback in all minutes, sessions 5 to 8 in 75, 50, 25 and 10 % of them (coaching.md, "Cues and
their dose"; faded designs: Noehren 2011, Willy 2012, Roper 2016, reviewed in PMC7083994). What a runner keeps without
being told is what he has learnt: the last minute is silent and its steps are scored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.coach.errors import WorldError

#: Share of the minutes with feedback, by session from the fifth on; the last holds for all that follow.
FADED_SHARES = (0.75, 0.50, 0.25, 0.10)
FULL_SESSIONS = 4
#: The silent minute, and the shortest plan that has one: in less there is nothing to keep.
RETENTION_S = 60.0
LEAST_PLAN_S = 180.0
MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Dose:
    """The plan of one session's feedback, over the seconds of *running* (breaks do not count).

    Attributes:
        session: which session of this runner's it is, from 1.
        planned_s: how long he means to run, s; None: open end, and so no retention minute.
        fading: False where the runner wants feedback in all minutes of every session.

    Raises:
        WorldError: a session below 1, or a plan that is no time.
    """

    session: int = 1
    planned_s: float | None = None
    fading: bool = True

    def __post_init__(self) -> None:
        if self.session < 1:
            raise WorldError(f"sessions count from 1, got {self.session}")
        if self.planned_s is not None and not 0.0 < self.planned_s < math.inf:
            raise WorldError(f"the planned running time must be above 0 s, got {self.planned_s:g}")

    @property
    def share(self) -> float:
        """Share of the minutes with feedback, 0..1."""
        if not self.fading or self.session <= FULL_SESSIONS:
            return 1.0
        return FADED_SHARES[min(self.session - FULL_SESSIONS, len(FADED_SHARES)) - 1]

    @property
    def has_retention(self) -> bool:
        """Whether the plan ends with a silent minute."""
        return self.planned_s is not None and self.planned_s >= LEAST_PLAN_S

    def retention(self, running_s: float) -> bool:
        """Whether this is the silent minute at the end of the plan."""
        if self.planned_s is None or not self.has_retention:
            return False
        return self.planned_s - RETENTION_S <= running_s < self.planned_s

    def quiet_because(self, running_s: float) -> str:
        """Return why nothing is said after ``running_s`` seconds of running, one line; "" where feedback is given.

        The minutes with feedback are spread evenly and begin with the first.
        """
        if self.retention(running_s):
            return "the silent minute at the end: keep what you have"
        minute = int(running_s // MINUTE_S)
        # Rounded, as 0.1 * 30 is a little more than 3.
        before, after = (math.ceil(round(k * self.share, 9)) for k in (minute, minute + 1))
        return "" if after > before else f"a minute without feedback (session {self.session}: {self.share:.0%} of them)"
