"""The panel of the set-up: what to put right next, all checks live, and whether the standing height is measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from app.coach.setup import SetupPhase
from app.coach.setup_words import setup_words
from app.ui.cards import passed_of
from app.ui.panels.checklist import Checklist, CheckRow
from app.ui.panels.marks import Mark, MarkView
from app.ui.panels.parts import ButtonRow, ColumnPanel, KeyButton, Section, Words
from app.ui.panels.ring import Ring
from app.ui.theme import Tone
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from app.coach.report import StandingStatus
    from app.coach.setup import SetupReport
    from app.session import Analysis, Session
    from app.ui.choice import Choice
    from app.ui.theme import Theme

#: From this height on there is a ring.
RING_FROM_PX: Final = 560
#: What a standing reference comes from.
SOURCES: Final[dict[str, str]] = {
    "none": mark("Standing height: not measured yet"),
    "height": mark("Standing height: guessed from how tall you are"),
    "recorded": mark("Standing height: measured"),
    "stored": mark("Standing height: of an earlier session"),
    "file": mark("Standing height: from a recording"),
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done next: the large words, the line below and the word above them, and the ring beside."""

    title: str
    line: str
    progress: float
    big: str
    small: str
    tone: Tone
    shape: str = ""
    kicker: str = ""


def next_step(setup: SetupReport | None, standing: StandingStatus | None) -> NextStep:
    """Return what the runner is to do now."""
    if setup is None and standing is not None:
        return NextStep(tr("One moment"), "", math.nan, "–", "", Tone.CALM)
    if setup is None or standing is None:
        return NextStep(tr("Start the camera"), tr("Nothing is looked at yet."), math.nan, "–", "", Tone.CALM)
    passed, of = passed_of(setup), tr("of {n}").format(n=len(setup.checks))
    share = passed / len(setup.checks) if setup.checks else math.nan
    now = tr("Now")
    # While it is measured the seconds run on the card and over the picture; a third ring would tell nothing new.
    if setup.phase is SetupPhase.COUNTDOWN:
        return NextStep(
            tr("All set"), tr("Stand tall, arms down, and hold still."), share, str(passed), of, Tone.GOOD, kicker=now
        )
    if setup.phase is SetupPhase.CALIBRATING:
        return NextStep(tr("Stand tall"), tr(standing.message), share, str(passed), of, Tone.GOOD, kicker=now)
    problem = setup.problem
    if problem is not None and (problem.blocking or setup.phase is not SetupPhase.DONE):
        tone = Tone.OFF if problem.blocking else Tone.INFO
        return NextStep(tr(problem.title), tr(problem.line), share, str(passed), of, tone, kicker=tr("Put right next"))
    if setup.phase is SetupPhase.DONE:
        line = tr("Everything is set up. Choose Run.")
        return NextStep(tr("Ready to run"), line, 1.0, "", "", Tone.GOOD, "check", kicker=tr("Done"))
    line = tr("The rest is being looked at.")
    return NextStep(tr("Hold still"), line, share, str(passed), of, Tone.INFO, kicker=now)


def accept_tunnel_only(session: Session) -> None:
    """Have the set-up guide take the front view for the tunnel alone."""
    session.ask_guide(lambda guide: guide.accept_tunnel_only())


def start_over(session: Session) -> None:
    """Have the set-up guide begin anew."""
    session.ask_guide(lambda guide: guide.restart())


class SetupPanel(ColumnPanel):
    """See the module docstring. Wishes for keys: "calibrate", "again", "tunnel_only"."""

    def __init__(self, theme: Theme, choice: Choice) -> None:
        super().__init__(theme, choice)
        self._shown_first: CheckRow | None = None
        self._build_head(theme)
        self._build_offer(theme)
        titles = {check: tr(words.title) for check, words in setup_words().checks.items()}
        self.checklist = Checklist(theme, titles)
        self.add_section(self.checklist)
        self._build_standing(theme)
        self.again = KeyButton(theme, tr("Measure again"), tr("Measure your standing height again"))
        self.over = KeyButton(theme, tr("Start over"), tr("Look at everything anew: another place, person or camera"))
        self.again.clicked.connect(self.take_standing)
        self.over.clicked.connect(self.start_over)
        self.add_foot(ButtonRow(theme, self.again, self.over))
        self.keyed = {"calibrate": self.again, "again": self.over, "tunnel_only": self.tunnel}
        self.set_theme(theme)
        self.clear()

    def _build_head(self, theme: Theme) -> None:
        head = self.add_section(Section(theme))
        self.ring = Ring(theme, 104)
        self.kicker = Words("", "name")
        self.step = Words("", "heading", hides=False)
        self.step_line = Words("", "body")
        self._head = self.ring.beside(self.kicker, self.step, self.step_line)
        head.box.addLayout(self._head)

    def _build_offer(self, theme: Theme) -> None:
        self.offer = self.add_section(Section(theme, tr("Seen from the front")))
        self.offer_line = Words("", "body")
        self.tunnel = KeyButton(theme, tr("Tunnel only"), tr("Stay facing the camera: only the head is watched"))
        self.tunnel.clicked.connect(self.take_tunnel_only)
        self.offer.box.addWidget(self.offer_line)
        self.offer.box.addWidget(self.tunnel)

    def _build_standing(self, theme: Theme) -> None:
        section = self.add_section(Section(theme))
        section.setAccessibleName(tr("Standing height"))
        self.standing_mark = MarkView(theme)
        self.source = Words("", "strong", hides=False)
        self.standing_line = Words("", "caption")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.source)
        words.addWidget(self.standing_line)
        self._standing_row = QHBoxLayout()
        self._standing_row.addWidget(self.standing_mark, 0, Qt.AlignmentFlag.AlignTop)
        self._standing_row.addLayout(words, 1)
        section.box.addLayout(self._standing_row)

    # ---- what the user wants -----------------------------------------------------------------------------------

    def take_standing(self) -> None:
        """Ask for a new standing reference."""
        self.asked.emit(lambda session: session.calibrate())

    def start_over(self) -> None:
        """Ask for the checks to begin anew."""
        self.asked.emit(start_over)

    def take_tunnel_only(self) -> None:
        """Take the front view for the tunnel alone; nothing where it is not offered."""
        if not self.tunnel.isHidden() and not self.offer.isHidden():
            self.asked.emit(accept_tunnel_only)

    # ---- what is shown -----------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self._head.setSpacing(theme.px(16))
        self._standing_row.setSpacing(theme.px(10))
        self.ring.set_theme(theme)
        self.standing_mark.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the list the ring's room where there is little: the marks can be counted."""
        super().resizeEvent(event)
        self.ring.setHidden(self.height() < self._theme.px(RING_FROM_PX))

    def clear(self) -> None:
        """A new session begins."""
        self.write_numbers(None)

    def show_analysis(self, analysis: Analysis) -> None:
        """Move the ring."""
        self._show_ring(next_step(analysis.setup, analysis.report.standing))

    def _show_ring(self, step: NextStep) -> None:
        self.ring.show_progress(step.progress, step.big, step.small, step.tone, step.shape)

    def write_numbers(self, analysis: Analysis | None) -> None:
        """Write the checks, what is next and how the standing stands."""
        setup = analysis.setup if analysis is not None else None
        standing = analysis.report.standing if analysis is not None else None
        step = next_step(setup, standing)
        self._show_ring(step)
        self.kicker.say(step.kicker)
        self.step.say(step.title)
        self.step_line.say(step.line)
        first = self.checklist.show_report(setup)
        if first is not self._shown_first:
            self._shown_first = first
            if first is not None:
                self.scroller.ensureWidgetVisible(first, 0, self._theme.px(24))
        self._write_offer(setup)
        self._write_standing(standing)
        self.again.setEnabled(analysis is not None)
        self.over.setEnabled(setup is not None)

    def _write_offer(self, setup: SetupReport | None) -> None:
        accepted = setup is not None and setup.tunnel_only
        offered = setup is not None and bool(setup.offer) and not accepted
        self.offer.setVisible(accepted or offered)
        self.tunnel.setVisible(offered)
        if accepted:
            self.offer_line.say(tr("Only the tunnel is watched: the height of your head, bounce and cadence."))
        else:
            self.offer_line.say(
                tr("From here only the height of your head can be watched, not the hinge. Turn side-on, or stay:")
            )

    def _write_standing(self, standing: StandingStatus | None) -> None:
        source = standing.source if standing is not None else "none"
        self.source.say(tr(SOURCES.get(source, source)))
        if standing is None:
            self.standing_mark.set_mark(Mark.WAITING)
            self.standing_line.say("")
            return
        good = source in ("recorded", "stored", "file")
        self.standing_mark.set_mark(Mark.NOW if standing.capturing else Mark.PASSED if good else Mark.WAITING)
        # Otherwise it says what the line above says already.
        told = standing.capturing or source == "stored"
        share = tr("{n} % · ").format(n=round(100 * standing.progress)) if standing.capturing else ""
        self.standing_line.say(share + tr(standing.message) if told else "")
