"""The live screens: at the left the picture with its card, at the right what belongs to the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QSplitterHandle, QStackedWidget, QVBoxLayout, QWidget

from app.ui.cards import card_of
from app.ui.cue_card import CueCard
from app.ui.marking import MarkFlash
from app.ui.panels.contrast import ExamPicture
from app.ui.panels.drill_panel import DrillPanel
from app.ui.panels.exam_panel import ExamPanel
from app.ui.panels.run_panel import RunPanel
from app.ui.panels.setup_panel import SetupPanel
from app.ui.screen_picture import screen_image
from app.ui.screens import LIVE, SceneDetail, Screen
from app.ui.stage import Stage
from app.ui.theme import GAP_PX, Tone
from app.ui.video_view import VideoView
from app.ui.words import tr

if TYPE_CHECKING:
    from app.coach.report import Cue, Step
    from app.coach.rules import Rules
    from app.session import Analysis, Session
    from app.session import ExamPicture as Taken
    from app.ui.choice import Choice
    from app.ui.keys import KeyMap
    from app.ui.live_session import LiveSession
    from app.ui.panels.panel import Panel
    from app.ui.theme import Theme

#: Shares of picture and panel in a new window.
SPLIT_PX = (860, 380)
#: Width of the exam's pictures: three stand side by side, on a large screen too.
PICTURE_PX = 480


class LiveView(QWidget):
    """Picture, card and panel; told what is new, it asks for nothing itself (its panels do)."""

    def __init__(self, theme: Theme, choice: Choice) -> None:
        super().__init__()
        self.current = Screen.RUN
        self.detail = SceneDetail.RUNNER
        self._taken: tuple[Taken, ...] = ()
        self._rules: Rules | None = None
        self._late = ""
        self.video, self.card = VideoView(theme), CueCard(theme)
        self.stage = Stage(self.video, self.card)
        self.flash = MarkFlash(theme, self.video)
        self.run_panel, self.exam_panel = RunPanel(theme, choice), ExamPanel(theme, choice)
        self.setup_panel, self.drill_panel = SetupPanel(theme, choice), DrillPanel(theme, choice)
        self.panels: dict[Screen, Panel] = {
            Screen.SETUP: self.setup_panel,
            Screen.RUN: self.run_panel,
            Screen.START_LINE: self.exam_panel,
            Screen.DRILLS: self.drill_panel,
        }
        self._side = QStackedWidget()
        for screen in LIVE:
            self._side.addWidget(self.panels[screen])
        right = QWidget()
        self._right = QVBoxLayout(right)
        self._right.setContentsMargins(0, 0, 0, 0)
        self._right.addWidget(self._side)
        self.right = right
        self.splitter = _Splitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.stage)
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(0, 5)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setSizes(list(SPLIT_PX))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.splitter)
        # Not the first button: Space must start and stop, not open the source menu.
        self.video.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def parts(self) -> tuple[QWidget, ...]:
        """What is dressed by itself: see `app.ui.restyling`."""
        return (self.stage, *self.panels.values())

    @property
    def panel(self) -> Panel:
        """The panel of the present screen."""
        return self.panels[self.current]

    def show_screen(self, screen: Screen, detail: SceneDetail) -> None:
        """Show a live screen; on the run screen a runner needs no panel, a coach does."""
        self.current, self.detail = screen, detail
        self._side.setCurrentWidget(self.panels[screen])
        self.right.setVisible(screen is not Screen.RUN or detail is SceneDetail.COACH)
        self.video.detail = detail
        self.video.ghost_shown = screen is Screen.START_LINE

    def show_choice(self, choice: Choice) -> None:
        """Show another choice."""
        for panel in self.panels.values():
            panel.show_choice(choice)

    def take(self, analysis: Analysis, cue: Cue | None, hit: bool, late: Analysis | None = None) -> None:
        """Take the newest analysis.

        Args:
            analysis: the newest one.
            cue: the newest one decided, old or not.
            hit: whether the head has just gone through the roof.
            late: what the picture shows instead: the delayed mirror.

        """
        card = card_of(self.current, analysis, cue, self.video.mirrored, self._rules)
        self.card.show_content(card)
        shown = late or analysis
        self.stage.set_picture_size(shown.pose.image_size_px)
        # Until so much has been seen the picture is of now.
        words = self._late if late is not None else ""
        if words != self.video.late:
            self.video.late = words
        # One thing at a time: while a fault is told its colour stays, and the run's roof is that of the run only.
        hits = hit and self.current is Screen.RUN and card.tone is not Tone.OFF
        self.video.show_analysis(shown, Tone.CALM if late is not None else Tone.HIT if hits else card.tone)
        if cue is not None:
            self.run_panel.show_cue(cue)
        for panel in {self.run_panel, self.panel}:
            panel.show_analysis(analysis)

    def show_keys(self, keymap: KeyMap) -> None:
        """Show on the panels' buttons which key does the same."""
        for panel in (self.setup_panel, self.exam_panel, self.drill_panel):
            panel.show_keys(keymap)

    def add_step(self, step: Step) -> None:
        """Take a finished step."""
        self.run_panel.add_step(step)
        self.video.show_step(step)

    def write_numbers(self, analysis: Analysis, lively: LiveSession) -> None:
        """Write what is read as text (4 Hz)."""
        self.panel.write_numbers(analysis)
        session = lively.session
        if session is None:
            return
        self._show_rules(session)
        if self.current is Screen.START_LINE:
            self._show_taken(session.exam_pictures())
            self.video.ghost = lively.keeping.ghost
        elif self.current is Screen.DRILLS:
            self.drill_panel.show_log(session.drill_log())

    def _show_rules(self, session: Session) -> None:
        """Show the bands of the rules that are judged by."""
        coaches = session.coaches()
        if coaches and coaches[-1].rules is not self._rules:
            self._rules = coaches[-1].rules
            self.run_panel.set_rules(self._rules)

    def _show_taken(self, taken: tuple[Taken, ...]) -> None:
        """Show the pictures of the exam side by side, made small once."""
        if taken == self._taken:
            return
        self._taken = taken
        self.exam_panel.set_pictures([_small(one) for one in taken])

    def show_late(self, seconds: float | None) -> None:
        """Say over the picture how late it is; None: it is not."""
        self._late = tr("{n} s ago").format(n=f"{seconds:g}") if seconds is not None else ""
        self.video.late = self._late

    def clear(self) -> None:
        """A new session begins."""
        for panel in self.panels.values():
            panel.clear()
        self.video.set_stale()

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes; the parts get them by themselves."""
        self.splitter.setHandleWidth(theme.px(GAP_PX))
        self.flash.set_theme(theme)


class _Splitter(QSplitter):
    """A splitter whose handle is nothing but room."""

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)


class _Handle(QSplitterHandle):
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint nothing."""


def _small(taken: Taken) -> ExamPicture:
    """Return a picture of the exam as the panel shows it."""
    image_bgr, pose = taken.analysis.frame.image_bgr, taken.analysis.pose
    if image_bgr is None:
        return ExamPicture(taken.name, QImage(), pose)
    height_px, width_px = image_bgr.shape[:2]
    size = QSize(PICTURE_PX, round(PICTURE_PX * height_px / width_px))
    return ExamPicture(taken.name, screen_image(image_bgr, size, mirrored=False), pose)
