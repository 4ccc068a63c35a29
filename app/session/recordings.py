"""The recordings of one session: one for each coach that judges in it, as one task follows another."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from app.coach.errors import WorldError
from app.session.recorder import SessionRecorder
from app.store.sessions.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.coach.model import CoachModel
    from app.coach.summary import CoachSummary
    from app.session.status import Analysis
    from app.store.session_facts import SessionFacts
    from app.store.sessions.start import SessionStart

logger = logging.getLogger(__name__)


class Recordings:
    """Begins a recording for every coach that it is shown, and ends the one before. An observer of the session.

    Where one cannot be begun, `notice` says why and the session goes on.

    Args:
        start: returns what is known of a session of this recipe.
        data_folder: of the app; None: `paths.data_folder`.
        worth: whether what a coach came to is to be kept.
        video: keep the pictures of each, too.

    """

    def __init__(
        self,
        start: Callable[[Recipe], SessionStart],
        data_folder: Path | None = None,
        worth: Callable[[CoachSummary], bool] = lambda _: True,
        video: bool = False,
    ) -> None:
        self._start, self._folder, self._worth, self._video = start, data_folder, worth, video
        self._coach: CoachModel | None = None
        self._now: SessionRecorder | None = None
        self._left: list[SessionRecorder] = []
        self._notice = ""
        self._kept: list[str] | None = None

    def follow(self, coach: CoachModel) -> None:
        """Record this coach from its first frame on, in the thread that will call it; nothing where it is recorded."""
        if coach is self._coach:
            return
        if self._now is not None:
            self._now.leave()
            self._left.append(self._now)
        self._coach, self._now = coach, None
        try:
            recipe = Recipe.of(coach, *coach.given)
            # The one who calls is the coach's thread, or the window's: neither waits for the disk.
            self._now = SessionRecorder(
                coach, self._start(recipe), self._folder, self._worth, self._video, at_once=False
            )
        except WorldError as error:
            logger.warning("not recorded: %s", error)
            self._notice = f"This session is not recorded: {error}"
        except Exception:  # whatever it is, the session goes on
            logger.exception("not recorded")
            self._notice = "This session is not recorded, by a fault of the program; the log says which."

    def __call__(self, analysis: Analysis) -> None:
        """Keep what the coach does not see."""
        if self._now is not None:
            self._now(analysis)

    def mark(self, name: str, value: Any = None) -> None:
        """Mark this moment; from any thread. ``value``: plain JSON."""
        now = self._now
        if now is not None:
            now.mark(name, value)

    @property
    def session(self) -> str:
        """Id of the newest recording, "" where there is none or, after the end, where it was not kept."""
        if self._kept is not None:
            return self._kept[-1] if self._kept else ""
        return self._now.id if self._now is not None else ""

    @property
    def notice(self) -> str:
        """One line on the newest thing that is wrong, "" while all is well."""
        recorders = (*self._left, *((self._now,) if self._now is not None else ()))
        return next((one.notice for one in reversed(recorders) if one.notice), self._notice)

    @property
    def unkept(self) -> bool:
        """Whether, after the end, nothing was kept because too little was done."""
        return self._kept == [] and self._now is not None and self._now.unkept

    def close(self, summary: CoachSummary | None = None, facts: SessionFacts | None = None) -> list[str]:
        """End all of them, once the session has ended; return the ids of those that were kept, oldest first.

        ``summary``, ``facts``: of the last coach, None: as in `SessionRecorder.close`.
        """
        kept = [one.id for one in self._left if one.close() is not None]
        if self._now is not None and self._now.close(summary, facts) is not None:
            kept.append(self._now.id)
        self._kept = kept
        return kept
