"""What a session sounds like: its events, and the ticks while a standing reference is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.coach.report import StandingStatus
from app.ui.audio import StandingSounds

if TYPE_CHECKING:
    from app.session import Analysis, Event
    from app.ui.audio import CueAudio


class Hearing:
    """Passes on to `CueAudio` what is to be heard."""

    def __init__(self, audio: CueAudio) -> None:
        self.audio = audio
        self.begin()

    def begin(self) -> None:
        """A new session begins: nothing of the old one is heard any more."""
        self._standing = StandingSounds(self.audio)
        self._now_s = float("nan")
        self._guided = False
        self.audio.hush()

    def follow(self, analysis: Analysis) -> None:
        """Take the newest analysis."""
        self._now_s = analysis.report.t_s
        # Guide and exam say themselves what there is to say about the standing.
        self._guided = analysis.exam is not None or analysis.setup is not None
        self._standing.follow(analysis.report.standing)
        self.audio.feedback = not analysis.report.silent

    def take(self, event: Event) -> None:
        """Take one event."""
        payload = event.payload
        if isinstance(payload, StandingStatus) and payload.message and not self._guided:
            self.audio.say(payload.message)
        self.audio.take(event, self._now_s)

    def end(self) -> None:
        """The session has ended."""
        self.audio.hush()
        self.audio.signal("stop")
