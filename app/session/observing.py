"""Who is shown every analysis, and what becomes of one that fails at it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.session.status import Analysis

logger = logging.getLogger(__name__)

#: In a live session an observer that fails so many times in a row is shown nothing more.
MOST_FAILURES: Final = 10
SWITCHED_OFF: Final = "A part of Hinge Coach failed and was switched off; the coach goes on. The log says which."


class Observers:
    """Calls the observers of one session, in the analysing thread.

    In a live session none of them may end the coaching: a failure is logged, and who fails again and again is left out.
    Elsewhere, where an observer writes what was asked for, its failure is raised.

    Attributes:
        patient: whether failures are borne: of each observer the first is logged.
        notice: one line once somebody was left out, else "".

    """

    def __init__(self, observers: tuple[Callable[[Analysis], None], ...], patient: bool) -> None:
        self.patient = patient
        self.notice = ""
        self._all = observers
        self._failures: dict[int, int] = {}  # in a row, 0 after it went well again

    def add(self, observer: Callable[[Analysis], None]) -> None:
        """Call one more."""
        self._all = (*self._all, observer)

    def clear(self) -> None:
        """Call nobody any more, and hold nothing."""
        self._all = ()

    def __call__(self, analysis: Analysis) -> None:
        """Show an analysis to all. Raises what they raise, where that is not borne."""
        for observe in self._all:
            try:
                observe(analysis)
            except Exception:
                if not self.patient:
                    raise
                self._failed(observe)
            else:
                if id(observe) in self._failures:
                    self._failures[id(observe)] = 0

    def _failed(self, observe: Callable[[Analysis], None]) -> None:
        if id(observe) not in self._failures:
            logger.exception("an observer failed: %r", observe)
        count = self._failures[id(observe)] = self._failures.get(id(observe), 0) + 1
        if count >= MOST_FAILURES:
            logger.error("an observer failed %d times in a row and is left out: %r", count, observe)
            self._all = tuple(one for one in self._all if one is not observe)
            self.notice = SWITCHED_OFF
