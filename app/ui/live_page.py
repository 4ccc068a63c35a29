"""The page of the live screens: bar above, picture and panel, and below one line on how it goes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.session import Phase
from app.ui import wording
from app.ui.camera_help import CameraHelpCard, camera_help
from app.ui.choice import SourceKind, source_label
from app.ui.cue_card import CardContent
from app.ui.live_view import LiveView
from app.ui.screens import SceneDetail, Screen
from app.ui.theme import GAP_PX, Tone
from app.ui.toolbar import Toolbar
from app.ui.widgets import Banner, ElidedLine
from app.ui.words import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from app.session import SessionStatus
    from app.ui.choice import Choice
    from app.ui.live_session import LiveSession
    from app.ui.theme import Theme


class LivePage(QWidget):
    """Shows how the session stands; holds nothing of it.

    Args:
        theme: of the window. choice: what is looked at. notice: a few words for the status line.

    """

    def __init__(self, theme: Theme, choice: Choice, notice: str) -> None:
        super().__init__()
        self._notice = notice
        self.hints = wording.Hints()
        self.bar = Toolbar(theme, choice)
        self.live = LiveView(theme, choice)
        self.banner = Banner(theme, self.live.video)
        self.help = CameraHelpCard(theme, self.live.stage)
        self.help.hide()
        self.state_line = ElidedLine(theme)
        self.judge_line = ElidedLine(theme, Qt.AlignmentFlag.AlignRight)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.state_line)
        self._foot.addStretch(1)
        self._foot.addWidget(self.judge_line)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self.bar)
        self._box.addWidget(self.live, 1)
        self._box.addLayout(self._foot)

    @property
    def parts(self) -> tuple[QWidget, ...]:
        """What is dressed by itself: see `app.ui.restyling`."""
        return (self.bar, *self.live.parts, self.state_line, self.judge_line)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes; the parts get them by themselves."""
        self._box.setSpacing(theme.px(10))
        self._foot.setSpacing(theme.px(GAP_PX))
        for part in (self.live, self.banner, self.help):
            part.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the help where the picture is."""
        super().resizeEvent(event)
        self.help.setGeometry(self.live.stage.rect())

    def tell(self, line: str) -> None:
        """Tell something once, below at the left; "" nothing."""
        if line:
            self._notice = line

    def show_full(self, full: bool) -> None:
        """In full screen nothing but picture, card and panel."""
        for part in (self.bar, self.state_line, self.judge_line):
            part.setVisible(not full)

    def write_numbers(self, choice: Choice, lively: LiveSession, status: SessionStatus | None) -> None:
        """Write numbers, status and what to do where nothing runs (4 Hz)."""
        host, video = lively.host, self.live.video
        phase = status.phase if status is not None else Phase.STOPPED
        running = phase in (Phase.STARTING, Phase.RUNNING) or (host.session is None and host.starting)
        self.bar.show_running(running)
        self.bar.calibrate.setEnabled(phase is Phase.RUNNING)
        error = self.error(lively, status)
        self.banner.show_error("" if self._show_help(error, choice) else tr(error))
        analysis = video.analysis
        if lively.picture_away(phase is Phase.RUNNING):
            self._show_away(tr(status.notice) if status is not None else "")
        elif analysis is not None and phase is Phase.RUNNING:
            self.live.write_numbers(analysis, lively)
            video.set_hint("")
        else:
            self.live.panel.write_numbers(None)
            self._show_idle(choice, lively, status, phase)
        notice = "  ·  ".join(filter(None, (self._notice, tr(lively.hearing.audio.missing))))
        line = wording.state_words(status, host.starting, notice, self.live.detail is SceneDetail.COACH)
        self.state_line.set_text(line.text, line.tone)
        kept = lively.keeping.problem
        # The other screens say themselves what they wait for.
        judged = analysis.report if analysis is not None and self.live.current is Screen.RUN else None
        words = wording.judge_words(status, judged)
        if status is None:  # stopped: whether all of it was kept is known only now
            words = tr(lively.recording_notice)
        self.judge_line.set_text(tr(kept) or words or tr(lively.hearing.audio.problem))

    def _show_help(self, error: str, choice: Choice) -> bool:
        """Help with the camera in place of the picture; False where the error is another one, or none."""
        words = camera_help(error, sys.platform) if error and choice.kind is SourceKind.CAMERA else None
        if words is not None:
            self.help.show_help(words)
            self.help.setGeometry(self.live.stage.rect())
            self.help.raise_()
        self.help.setVisible(words is not None)
        for part in (self.live.video, self.live.card):
            part.setHidden(words is not None)
        return words is not None

    @staticmethod
    def error(lively: LiveSession, status: SessionStatus | None) -> str:
        """Return the banner's line, "" where all is well."""
        return lively.host.error or wording.error_words(status)

    @staticmethod
    def failure(lively: LiveSession, status: SessionStatus | None) -> bool | None:
        """Return whether what failed is a bug of ours; None where nothing has failed."""
        if lively.host.error:
            return lively.host.error_is_ours
        return status.error_is_ours if status is not None and status.phase is Phase.FAULTED else None

    def _show_away(self, why: str) -> None:
        """Say that the picture is not of now: the camera is away, or the network hangs."""
        self.live.card.show_content(CardContent(tr("No picture"), why, Tone.OFF, "warn"))
        self.live.video.set_stale()
        self.live.video.set_hint(tr("No picture"), why, figure=False)

    def _show_idle(self, choice: Choice, lively: LiveSession, status: SessionStatus | None, phase: Phase) -> None:
        """Say what goes on where no new pictures come."""
        host, video = lively.host, self.live.video
        failed, picture = bool(self.error(lively, status)), video.analysis is not None
        opening = host.busy or phase in (Phase.STARTING, Phase.RUNNING, Phase.STOPPING)
        words = wording.idle_words(
            failed,
            opening,
            host.starting,
            phase,
            tr(source_label(choice, self.bar.cameras)),
            self.hints,
            lively.has_set,
        )
        self.live.card.show_content(words.card)
        if failed or not opening:
            video.set_stale()
        # A stopped or failed source leaves its last picture: nothing is written over that.
        silent = picture and (failed or not opening)
        video.set_hint("" if silent else words.title, words.detail, figure=not failed)
