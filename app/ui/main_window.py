"""The window: assembles the widgets, pulls the session with timers, turns keys into wishes.

The window never sits between the camera and the coach. It *pulls*: every 16 ms the newest analysis and the waiting
events, at 15 Hz the curves, at 4 Hz the numbers and the session's status. Whatever may take time (opening,
stopping, looking for cameras) happens in `SessionHost`'s worker threads.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSplitter, QVBoxLayout, QWidget

from app.coach.report import Cue, StandingStatus, Step
from app.session import Phase, RoofHit
from app.ui import wording
from app.ui.audio import CueAudio, StandingSounds
from app.ui.choice import Choice, SourceKind, source_label
from app.ui.clip_dialog import ask_for_clip
from app.ui.cue_card import CueCard, card_for
from app.ui.host import SessionHost, no_cameras
from app.ui.keys import bind_keys
from app.ui.plots import StripColumn
from app.ui.pointing import Pointing
from app.ui.prefs import Prefs, default_settings
from app.ui.stage import Stage
from app.ui.theme import GAP_PX, Theme, ThemeChoice, Tone, palette_for, qt_palette, scale_for, style_sheet
from app.ui.toolbar import Toolbar
from app.ui.video_view import VideoView
from app.ui.widgets import Banner, Counters, ElidedLine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.session import Analysis, Event, Session, SessionStatus

logger = logging.getLogger(__name__)

REFRESH_MS = 16
PLOTS_MS = 66
NUMBERS_MS = 250
#: How long the edge of the picture shows a roof hit.
HIT_SHOWN_S = 0.35
LEAST_WIDTH, LEAST_HEIGHT = 960, 600


class MainWindow(QMainWindow):
    """The whole window.

    Args:
        make_session: builds (does not start) the session for a choice; called in a worker thread.
        choice: what to look at first. autostart: start it at once.
        settings: where geometry and habits are remembered; None = the user's own.
        list_cameras: (index or name, words) of the cameras; called in a worker thread when the picker opens.
        audio: what is heard; None = silence. notice: one line for the status bar (sound missing, model name).

    """

    def __init__(
        self,
        make_session: Callable[[Choice], Session],
        choice: Choice,
        *,
        settings: QSettings | None = None,
        list_cameras: Callable[[], Sequence[tuple[int | str, str]]] = no_cameras,
        audio: CueAudio | None = None,
        notice: str = "",
        autostart: bool = True,
    ) -> None:
        super().__init__()
        self.prefs = Prefs(settings if settings is not None else default_settings())
        self.choice = choice
        self.host = SessionHost(make_session, list_cameras)
        self.audio = audio if audio is not None else CueAudio(None, None, time.monotonic)
        self._notice = notice
        self._theme_choice = self.prefs.theme
        self.theme = Theme(palette_for(self._theme_choice), 1.0)
        self._cue: Cue | None = None
        self._hit_until_s = -math.inf
        self._standing = StandingSounds(self.audio)
        self._status: SessionStatus | None = None
        self._shut = False
        #: After closing: whether the source had failed through a bug of ours; None where it had not failed.
        self.failed_by_us: bool | None = None
        self._build()
        self._connect()
        self._apply_theme()
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        if not self.prefs.restore_window(self, self.splitter):
            self.resize(1280, 800)
        mirror = choice.mirror if choice.mirror is not None else self.prefs.flag("mirror")
        self.bar.mirror.setChecked(mirror)
        self.bar.mute.setChecked(self.prefs.flag("mute"))
        self._timers = [
            self._timer(REFRESH_MS, self.refresh, precise=True),
            self._timer(PLOTS_MS, self.draw_plots),
            self._timer(NUMBERS_MS, self.write_numbers),
        ]
        if autostart:
            self.start()
        self.write_numbers()

    # ---- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle("Hinge Coach")
        self.bar = Toolbar(self.theme, self.choice)
        self.video = VideoView(self.theme)
        self.card = CueCard(self.theme)
        self.strips = StripColumn(self.theme)
        self.counters = Counters(self.theme)
        self.banner = Banner(self.theme, self.video)
        self.state_line = ElidedLine(self.theme)
        self.judge_line = ElidedLine(self.theme, Qt.AlignmentFlag.AlignRight)
        self.stage = Stage(self.video, self.card)
        right = QWidget()
        self._right = QVBoxLayout(right)
        self._right.addWidget(self.strips, 1)
        self._right.addWidget(self.counters, 0)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.stage)
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(0, 5)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setSizes([900, 340])
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.state_line)
        self._foot.addStretch(1)
        self._foot.addWidget(self.judge_line)
        central = QWidget()
        self._page = QVBoxLayout(central)
        self._page.addWidget(self.bar)
        self._page.addWidget(self.splitter, 1)
        self._page.addLayout(self._foot)
        self._right.setContentsMargins(0, 0, 0, 0)
        self.setCentralWidget(central)
        # Not the first button: Space must start and stop, not open the source menu.
        self.video.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.video.setFocus()

    def _connect(self) -> None:
        bar, self.pointing = self.bar, Pointing(self.video, lambda: self.host.session)
        bar.chosen.connect(self.choose)
        bar.cameras_wanted.connect(self.host.look_for_cameras)
        bar.clip_wanted.connect(self.open_clip)
        bar.start.clicked.connect(self.start_or_stop)
        bar.calibrate.clicked.connect(self.calibrate)
        bar.mute.toggled.connect(self._set_muted)
        bar.mirror.toggled.connect(self._set_mirrored)
        bar.look.clicked.connect(self.next_theme)
        bar.full.clicked.connect(self.toggle_full_screen)
        self.banner.retry.connect(self.start)
        wishes = {
            "start_or_stop": self.start_or_stop,
            "calibrate": self.calibrate,
            "mute": bar.mute.toggle,
            "mirror": bar.mirror.toggle,
            "exchange_sides": self.pointing.exchange_sides,
            "theme": self.next_theme,
            "full_screen": self.toggle_full_screen,
            "leave_full_screen": self.leave_full_screen,
        }
        bind_keys(self, wishes)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_theme_changed)

    def _timer(self, period_ms: int, slot: Callable[[], None], precise: bool = False) -> QTimer:
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer if precise else Qt.TimerType.CoarseTimer)
        timer.timeout.connect(slot)
        timer.start(period_ms)
        return timer

    # ---- what the user wants --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start a new session on the chosen source (a running one is stopped first)."""
        self._forget_session()
        self.host.run(self.choice)
        self.prefs.remember_choice(replace(self.choice, mirror=None))
        self.write_numbers()

    def stop(self) -> None:
        """Stop; the last picture stays, dimmed."""
        self.host.halt()
        self.audio.hush()
        self.audio.signal("stop")
        self._status = None
        self.write_numbers()

    def start_or_stop(self) -> None:
        """Start where nothing runs, else stop."""
        if self.is_running:
            self.stop()
        else:
            self.start()

    @property
    def is_running(self) -> bool:
        """Whether a session runs or is about to."""
        if self.host.session is None:
            return self.host.busy and self.host.starting
        return self.host.session.status().phase in (Phase.STARTING, Phase.RUNNING)

    def calibrate(self) -> None:
        """Take a new standing reference."""
        if self.host.session is not None:
            self.host.session.calibrate()

    def choose(self, choice: Choice) -> None:
        """Take another source (a new session) or mode (the running session goes on)."""
        before, self.choice = self.choice, choice
        self.bar.show_choice(choice)
        if before == choice and self.is_running:
            return
        if before.mode is not choice.mode and not self.host.busy:
            if self.host.session is not None:
                self.host.session.set_mode(choice.mode)
            self.prefs.remember_choice(replace(choice, mirror=None))
            return
        if before != choice:
            self.video.clear()
        self.start()

    def open_clip(self) -> None:
        """Ask for a clip."""
        of_path = partial(replace, self.choice, kind=SourceKind.FILE)
        ask_for_clip(self, self.choice.path, lambda path: self.choose(of_path(path=path)))

    def toggle_full_screen(self) -> None:
        """Enter or leave full screen."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def leave_full_screen(self) -> None:
        """Leave full screen."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)

    def _set_muted(self, muted: bool) -> None:
        self.audio.muted = muted
        self.prefs.set_flag("mute", muted)

    def _set_mirrored(self, mirrored: bool) -> None:
        self.video.mirrored = mirrored
        self.prefs.set_flag("mirror", mirrored)

    # ---- the refresh ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Pull the newest analysis and the events (60 Hz)."""
        if self.host.poll():
            self.write_numbers()
        session = self.host.session
        if session is not None:
            analysis = session.latest()
            if analysis is not None:
                self._take(analysis)
            for event in session.events():
                self._hear(event)
        self.video.refresh()
        cameras = self.host.cameras()
        if cameras is not None:
            self.bar.show_cameras(cameras)
        self.audio.tick()

    def draw_plots(self) -> None:
        """Redraw the curves (15 Hz)."""
        analysis = self.video.analysis
        self.strips.draw(analysis.report.tunnel if analysis is not None else None)

    def write_numbers(self) -> None:
        """Write numbers, status and what to do where nothing runs (4 Hz)."""
        session = self.host.session
        self._status = status = session.status() if session is not None else None
        phase = status.phase if status is not None else Phase.STOPPED
        running = phase in (Phase.STARTING, Phase.RUNNING) or (session is None and self.host.starting)
        self.bar.show_running(running)
        self.bar.calibrate.setEnabled(phase is Phase.RUNNING)
        self.banner.show_error(self._error())
        analysis = self.video.analysis
        if analysis is not None and phase is Phase.RUNNING:
            self.strips.draw_numbers()
            self.counters.show_report(analysis.report)
            self.video.set_hint("")
        else:
            self._show_idle(phase)
        line = wording.state_words(status, self.host.starting, self._notice)
        self.state_line.set_text(line.text, line.tone)
        self.judge_line.set_text(wording.judge_words(status, analysis.report if analysis is not None else None))

    def _take(self, analysis: Analysis) -> None:
        report = analysis.report
        self.strips.series.add(report.sample)
        if report.cue is not None:
            self._cue = report.cue
        self._standing.follow(report.standing)
        card = card_for(report, self._cue, self.video.mirrored)
        self.card.show_content(card)
        self.stage.set_picture_size(analysis.pose.image_size_px)
        self.video.show_analysis(analysis, Tone.HIT if time.monotonic() < self._hit_until_s else card.tone)

    def _hear(self, event: Event) -> None:
        payload = event.payload
        if isinstance(payload, Step):
            self.strips.series.add_step(payload)
        elif isinstance(payload, RoofHit):
            self._hit_until_s = time.monotonic() + HIT_SHOWN_S
        elif isinstance(payload, Cue):
            self._cue = payload
        elif isinstance(payload, StandingStatus) and payload.message:
            self.audio.say(payload.message)
        self.audio.take(event, self.strips.series.now_s)

    def _forget_session(self) -> None:
        """Start with empty curves and no old cue."""
        self._cue, self._status, self._standing = None, None, StandingSounds(self.audio)
        self.audio.hush()
        self.strips.clear()
        self.counters.clear()
        self.video.set_stale()

    def _failure(self) -> bool | None:
        if self.host.error:
            return self.host.error_is_ours
        status = self._status
        return status.error_is_ours if status is not None and status.phase is Phase.FAULTED else None

    def _error(self) -> str:
        return self.host.error or wording.error_words(self._status)

    def _show_idle(self, phase: Phase) -> None:
        """Say what goes on where no new pictures come."""
        failed, picture = bool(self._error()), self.video.analysis is not None
        opening = self.host.busy or phase in (Phase.STARTING, Phase.RUNNING, Phase.STOPPING)
        source = source_label(self.choice, self.bar.cameras)
        words = wording.idle_words(failed, opening, self.host.starting, phase, source)
        self.card.show_content(words.card)
        if failed or not opening:
            self.video.set_stale()
        # A stopped or failed source leaves its last picture: nothing is written over that.
        silent = picture and (failed or not opening)
        self.video.set_hint("" if silent else words.title, words.detail, figure=not failed)

    # ---- looks ----------------------------------------------------------------------------------------------------

    def next_theme(self) -> None:
        """Go on from system to dark to light."""
        order = list(ThemeChoice)
        self.prefs.theme = self._theme_choice = order[(order.index(self._theme_choice) + 1) % len(order)]
        self.bar.look.setToolTip(f"Theme: {self._theme_choice.value} (T changes it)")
        self._system_theme_changed()

    def _system_theme_changed(self) -> None:
        self.theme = replace(self.theme, palette=palette_for(self._theme_choice))
        self._apply_theme()

    def _apply_theme(self) -> None:
        theme = self.theme
        self.setPalette(qt_palette(theme.palette))
        self.setStyleSheet(style_sheet(theme))
        gap = theme.px(GAP_PX)
        self._page.setContentsMargins(gap, gap, gap, theme.px(8))
        self._page.setSpacing(theme.px(10))
        self.stage.set_gap(gap)
        self._right.setSpacing(gap)
        self._foot.setSpacing(gap)
        self.splitter.setHandleWidth(gap)
        parts = (self.bar, self.video, self.card, self.strips, self.counters, self.banner)
        for part in (*parts, self.state_line, self.judge_line):
            part.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Grow the type with the window."""
        super().resizeEvent(event)
        scale = scale_for(self.size())
        if scale != self.theme.scale:
            self.theme = replace(self.theme, scale=scale)
            self._apply_theme()
        self.banner.place()

    # ---- the end --------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember, vanish, stop everything. Closing twice is fine."""
        if not self._shut:
            self._shut = True
            for timer in self._timers:
                timer.stop()
            self.prefs.remember_window(self, self.splitter)
            self.hide()
            self.audio.close()
            self.failed_by_us = self._failure()
            self.host.close()
        event.accept()
