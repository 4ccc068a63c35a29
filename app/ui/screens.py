"""The screens of the window: which there are, for whom, what they are called, and how each judges."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.coach.report import Mode
from app.ui.words import mark


class Screen(StrEnum):
    """One screen of the window; the first four show the live picture."""

    SETUP = "setup"
    RUN = "run"
    START_LINE = "start_line"
    DRILLS = "drills"
    REVIEW = "review"
    HISTORY = "history"
    SETTINGS = "settings"
    ABOUT = "about"

    @property
    def live(self) -> bool:
        """Whether the screen shows the live picture."""
        return self in LIVE


LIVE: Final = (Screen.SETUP, Screen.RUN, Screen.START_LINE, Screen.DRILLS)


class SceneDetail(StrEnum):
    """For whom the live screens are.

    RUNNER: what is read from three metres, few and bold shapes, no words. COACH: all that is known, every number.
    """

    RUNNER = "runner"
    COACH = "coach"


#: What each screen is called in the bar, and its tooltip.
SCREEN_WORDS: Final[dict[Screen, tuple[str, str]]] = {
    Screen.SETUP: (mark("Set-up"), mark("Camera, light, place and standing, checked live")),
    Screen.RUN: (mark("Run"), mark("Running, coached")),
    Screen.START_LINE: (mark("Starting line"), mark("The stance exam: both sides, then wrong on purpose")),
    Screen.DRILLS: (mark("Drills"), mark("Hinge, start line, athletic position, tunnel march")),
    Screen.REVIEW: (mark("Review"), mark("What happened in the last set")),
    Screen.HISTORY: (mark("History"), mark("Earlier sessions")),
    Screen.SETTINGS: (mark("Settings"), mark("Runner, sound, camera, keys, language")),
    Screen.ABOUT: (mark("About"), mark("What the cues mean, licences")),
}

#: How a live screen judges. Running is judged beside a stance that somebody takes up: AUTO.
SCREEN_MODES: Final[dict[Screen, Mode]] = {
    Screen.SETUP: Mode.AUTO,
    Screen.RUN: Mode.AUTO,
    Screen.START_LINE: Mode.STANCE,
    Screen.DRILLS: Mode.DRILL,
}
