"""The window: its screens, the keys, and the timers that pull the session.

The window never sits between the camera and the coach. It *pulls*: every 16 ms the newest analysis and the waiting
events, at 15 Hz the curves, at 4 Hz the numbers and the session's status. Whatever may take time (opening,
stopping, looking for cameras) happens in `SessionHost`'s worker threads.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QWidget

from app.ui.attendance import Turn
from app.ui.audio import CueAudio
from app.ui.choice import Choice, SourceKind
from app.ui.clip_dialog import offer_clips
from app.ui.host import no_cameras
from app.ui.keeping import Keeping
from app.ui.keys import KeyMap, bind_keys
from app.ui.live_page import LivePage
from app.ui.live_session import LiveSession
from app.ui.nav import NavRail
from app.ui.outfit import Outfit
from app.ui.pointing import Pointing
from app.ui.prefs import Prefs, default_settings
from app.ui.restyling import Ground, Restyling
from app.ui.screens import SceneDetail, Screen
from app.ui.sounds import sound_choice_from
from app.ui.tasks import choice_for, chosen_anew, screen_for
from app.ui.theme import GAP_PX, Theme, ThemeChoice, palette_for, scale_for
from app.ui.wishes import change_layout, next_theme, toggle_delay, wishes_of
from app.ui.wording import Hints

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.session import Session, SessionStatus

REFRESH_MS = 16
PLOTS_MS = 66
NUMBERS_MS = 250
LEAST_WIDTH, LEAST_HEIGHT = 960, 500


class MainWindow(QMainWindow):
    """The whole window.

    Args:
        make_session: builds (does not start) the session for a choice; called in a worker thread.
        choice: what to look at first.
        settings: where geometry and habits are remembered; None = the user's own.
        list_cameras: (index or name, words) of the cameras; called in a worker thread when the picker opens.
        audio: what is heard; None = silence. notice: one line for the status bar (sound missing, model name).
        autostart: start at once. screen: to begin with; None: the one that the choice asks for.
        outfit: people, files and facts about the app; None: nobody is known and nothing is kept.

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
        screen: Screen | None = None,
        outfit: Outfit | None = None,
    ) -> None:
        super().__init__()
        self.prefs = Prefs(settings if settings is not None else default_settings())
        self.outfit = outfit or Outfit()
        self.current = screen or screen_for(choice)
        self.choice = choice_for(self.current, self.outfit.choice_with_habits(choice, self.prefs))
        self.audio = audio if audio is not None else CueAudio(None, None, time.monotonic)
        self.audio.use(sound_choice_from(dict(self.prefs.sound)))
        self.running_session = LiveSession(make_session, list_cameras, self.audio, Keeping(self.outfit.keepsakes))
        self.host = self.running_session.host
        self._notice = notice
        self._theme_choice = self.prefs.theme
        self.theme = Theme(palette_for(self._theme_choice), 1.0)
        self.delay_s: float | None = None
        self._status: SessionStatus | None = None
        self._asleep = self._shut = False
        #: After closing: whether the source had failed through a bug of ours; None where it had not failed.
        self.failed_by_us: bool | None = None
        self._build()
        self._connect()
        self._apply_theme()
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        if not self.prefs.restore_window(self, self.live.splitter, self.current):
            self.resize(1280, 800)
        mirror = choice.mirror if choice.mirror is not None else self.prefs.mirror
        self.bar.mirror.setChecked(mirror)
        self.bar.mute.setChecked(self.prefs.mute)
        self._show_screen()
        beats = ((REFRESH_MS, self.refresh), (PLOTS_MS, self.draw_plots), (NUMBERS_MS, self.write_numbers))
        self._timers = [self._timer(period_ms, slot) for period_ms, slot in beats]
        if autostart:
            self.start()
        self.write_numbers()

    # ---- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle("Hinge Coach")
        self.rail = NavRail(self.theme)
        self.page = LivePage(self.theme, self.choice, self._notice)
        self.bar, self.live, self.banner = self.page.bar, self.page.live, self.page.banner
        self.video, self.card = self.live.video, self.live.card
        self.pages = QStackedWidget()
        self.pages.addWidget(self.page)
        self._restyling = Restyling(self, (self.rail, *self.page.parts))
        self.page_of = self.outfit.pages(self, self._add_page)
        self._ground = Ground()
        self._box = QHBoxLayout(self._ground)
        self._box.addWidget(self.rail)
        self._box.addWidget(self.pages, 1)
        self.setCentralWidget(self._ground)
        self.video.setFocus()

    def _connect(self) -> None:
        bar, self.pointing = self.bar, Pointing(self.video, lambda: self.host.session)
        bar.chosen.connect(self.choose)
        bar.cameras_wanted.connect(self.host.look_for_cameras)
        offer_clips(self, bar.clip_wanted, self.page.help.clip)
        bar.start.clicked.connect(self.start_or_stop)
        bar.calibrate.clicked.connect(self.calibrate)
        bar.mute.toggled.connect(self._set_muted)
        bar.mirror.toggled.connect(self._set_mirrored)
        bar.look.clicked.connect(lambda: next_theme(self))
        bar.full.clicked.connect(self.toggle_full_screen)
        bar.layout_button.clicked.connect(lambda: change_layout(self))
        bar.delay.clicked.connect(lambda: toggle_delay(self))
        self.banner.retry.connect(self.start)
        self.page.help.retry.connect(self.start)
        self.page.help.demo.connect(lambda: self.choose(replace(self.choice, kind=SourceKind.VIRTUAL)))
        self.rail.wanted.connect(self.go_to)
        for panel in self.live.panels.values():
            panel.chosen.connect(self.choose)
            panel.asked.connect(self.ask)
        self.running_session.wake.ready.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        self.shortcuts = bind_keys(self, wishes_of(self, self.outfit), KeyMap(self.prefs.keys))
        self.write_words()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_theme_changed)

    def write_words(self) -> None:
        """Write what depends on the keys."""
        keymap = self.shortcuts.keymap
        self.rail.write_words({screen: keymap.hint(f"screen_{screen}") for screen in Screen})
        self.bar.write_tips(keymap)
        self.live.show_keys(keymap)
        self.page.hints = Hints(keymap.hint("start_or_stop"), keymap.hint("screen_review"))

    def _add_page(self, page: QWidget) -> None:
        self.pages.addWidget(page)
        self._restyling.add(page)

    def _timer(self, period_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(slot)
        timer.start(period_ms)
        return timer

    # ---- screens --------------------------------------------------------------------------------------------------

    @property
    def detail(self) -> SceneDetail:
        """How much the live screens show."""
        return self.prefs.layout

    def go_to(self, screen: Screen) -> None:
        """Show another screen; the session goes on, for that screen where it is a live one."""
        if screen is self.current:
            self.rail.show_screen(screen)
            return
        if self.current.live:
            self.prefs.remember_split(self.live.splitter, self.current)
        left, self.current = self.current, screen
        if screen.live:
            self.prefs.restore_split(self.live.splitter, screen)
            before, self.choice = self.choice, choice_for(screen, self.choice)
            self._show_screen()
            if self.is_running and before.source_alone() == self.choice.source_alone():
                self.running_session.turn_to(screen, self.choice)
            elif self.is_running:
                self._run()  # the virtual runner does something else there
        else:
            self._show_screen()
        self.outfit.close_page(left)
        self.write_numbers()

    def _show_screen(self) -> None:
        screen = self.current
        self.rail.show_screen(screen)
        self.shortcuts.show_screen(screen)
        self._show_full()
        if screen.live:
            self.live.show_screen(screen, self.detail)
            self.live.show_choice(self.choice)
            self.bar.show_choice(self.choice)
            self.pages.setCurrentWidget(self.page)
            self.video.setFocus()
        else:
            page = self.page_of[screen]
            self.outfit.open_page(self, screen)
            self.pages.setCurrentWidget(page)
            page.setFocus()

    # ---- what the user wants --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start a new session on the chosen source (a running one is stopped first)."""
        if not self.current.live:
            self.go_to(Screen.RUN)
        self._run()

    def _run(self) -> None:
        self._status = None
        self.live.clear()
        self.running_session.run(self.choice, self.live.current)
        self.prefs.remember_choice(replace(self.choice, mirror=None))
        self.write_numbers()

    def stop(self) -> None:
        """Stop; the last picture stays, dimmed."""
        self.running_session.halt()
        self._status = None
        self.write_numbers()

    def start_or_stop(self) -> None:
        """Start where nothing runs, else stop."""
        (self.stop if self.is_running else self.start)()

    @property
    def is_running(self) -> bool:  # noqa: D102 - see `Shell`
        return self.running_session.running

    def ask(self, request: Callable[[Session], object]) -> None:
        """Ask the running session for something; nothing where none runs."""
        if self.host.session is not None:
            request(self.host.session)

    def calibrate(self) -> None:
        """Take a new standing reference."""
        self.ask(lambda session: session.calibrate())

    def choose(self, choice: Choice) -> None:
        """Take another source (a new session), or another drill (the running session goes on)."""
        before, self.choice = self.choice, choice_for(self.current, chosen_anew(self.choice, choice))
        self.bar.show_choice(self.choice)
        self.live.show_choice(self.choice)
        if before.source_alone() == self.choice.source_alone() and self.is_running:
            if before != self.choice:
                self.running_session.turn_to(self.current, self.choice, anew=True)
            return
        if before != self.choice:
            self.video.clear()
        self.start()

    def reconsider(self, choice: Choice) -> None:
        """Take another choice on whichever screen: at once where a session runs, else with the next start."""
        before, self.choice = self.choice, choice_for(self.live.current, choice)
        self.bar.show_choice(self.choice)
        self.live.show_choice(self.choice)
        if self.is_running and before != self.choice:
            self._run()

    def toggle_full_screen(self) -> None:
        """Enter or leave full screen."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def leave_full_screen(self) -> None:
        """Leave full screen."""
        if self.isFullScreen():
            self.toggle_full_screen()

    def _set_muted(self, muted: bool) -> None:
        self.audio.muted = muted
        self.prefs.mute = muted

    def _set_mirrored(self, mirrored: bool) -> None:
        self.video.mirrored = mirrored
        self.prefs.mirror = mirrored

    # ---- the refresh ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Pull the newest analysis and the events (60 Hz)."""
        if self.host.poll():
            self.write_numbers()
        pulled = self.running_session.pull()
        for step in pulled.steps:
            self.live.add_step(step)
        if pulled.analysis is not None:
            lively, late_s = self.running_session, self.delay_s
            late = lively.late(late_s) if late_s is not None else None
            self.live.take(pulled.analysis, lively.cue, lively.hit, late)
        self.video.refresh()
        cameras = self.host.cameras()
        if cameras is not None:
            self.bar.show_cameras(cameras)
        self.audio.tick()
        if pulled.turn is not None:
            self._by_itself(pulled.turn)

    def _by_itself(self, turn: Turn) -> None:
        """Hands-free: on to the run, or let the camera go and look back at what there is."""
        if turn is Turn.SETUP_DONE:
            if self.current is Screen.SETUP:
                self.go_to(Screen.RUN)
        elif self.is_running:
            self.stop()
            if turn is Turn.SET_OVER and self.current.live:
                self.go_to(Screen.REVIEW)

    def draw_plots(self) -> None:
        """Redraw the curves (15 Hz)."""
        if self.current is Screen.RUN:
            self.live.run_panel.draw_plots()

    def write_numbers(self) -> None:
        """Write numbers, status and what to do where nothing runs (4 Hz)."""
        session = self.host.session
        self._status = session.status() if session is not None else None
        self.page.tell(self.outfit.notice())
        self.page.write_numbers(self.choice, self.running_session, self._status)
        self.outfit.armed(self.is_running)
        self.running_session.keeping.poll()

    # ---- looks ----------------------------------------------------------------------------------------------------

    def use_theme(self, choice: ThemeChoice) -> None:
        """Use another theme and remember it."""
        self.prefs.theme = self._theme_choice = choice
        self._system_theme_changed()

    def _system_theme_changed(self) -> None:
        self.theme = replace(self.theme, palette=palette_for(self._theme_choice))
        self._apply_theme()

    def _apply_theme(self) -> None:
        theme = self.theme
        self._restyling.use(theme)
        gap = theme.px(GAP_PX)
        self._box.setContentsMargins(gap, gap, gap, theme.px(8))
        self._box.setSpacing(gap)
        self._ground.set_theme(theme)
        self.page.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Grow the type with the window."""
        super().resizeEvent(event)
        scale = scale_for(self.size())
        if scale != self.theme.scale:
            self.theme = replace(self.theme, scale=scale)
            self._apply_theme()
        self.banner.place()

    def _show_full(self) -> None:
        """In full screen nothing but the live view; a page keeps the rail, the way out of it."""
        self.rail.setHidden(self.isFullScreen() and self.current.live)
        self.page.show_full(self.isFullScreen())

    def changeEvent(self, event: QEvent) -> None:
        """Let the camera go while the window is minimised; hide everything but the picture in full screen."""
        super().changeEvent(event)
        if event.type() != QEvent.Type.WindowStateChange or self._shut:
            return
        self._show_full()
        if self.isMinimized() and self.is_running and self.choice.kind is SourceKind.CAMERA:
            self._asleep = True
            self.stop()
        elif self._asleep and not self.isMinimized():
            self._asleep = False
            self._run()  # on whichever page the window was left

    # ---- the end --------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember, vanish, stop everything. Closing twice is fine."""
        if not self._shut:
            self._shut = True
            for timer in self._timers:
                timer.stop()
            self._restyling.stop()
            self.prefs.remember_window(self, self.live.splitter, self.current if self.current.live else Screen.RUN)
            self.hide()
            self.audio.close()
            self.failed_by_us = self.page.failure(self.running_session, self._status)
            self.running_session.close()
            self.outfit.close()
        event.accept()
