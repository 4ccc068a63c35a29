"""The panel of the drills: which one and how much of it, the count, what the last attempt was, and all attempts."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from app.coach.drill_model import DrillModel
from app.coach.drill_rules import default_drills
from app.coach.reps import BY_HAND, GOOD_REP, HALF_REP, DrillId, DrillPhase
from app.ui.panels.attempts import Attempts, mark_of, measure_words, tempo_words, verdict_words
from app.ui.panels.choices import Choices
from app.ui.panels.marks import MarkView
from app.ui.panels.parts import ColumnPanel, KeyButton, Section, Words, sentence
from app.ui.panels.ring import Ring
from app.ui.panels.stepper import Stepper
from app.ui.tasks import drill_of
from app.ui.theme import Tone
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.coach.model import CoachModel
    from app.coach.reps import DrillReport, LoggedRep, Rep
    from app.session import Analysis, Session
    from app.ui.choice import Choice
    from app.ui.theme import Theme

#: A number that the user is still changing is not taken before this long without a change, ms.
SETTLE_MS: Final = 600
MOST_REPS, MOST_SETS, MOST_REST_S = 500, 20, 600
_PHASES: Final[dict[DrillPhase, str]] = {
    DrillPhase.PAUSED: mark("Not counting"),
    DrillPhase.ARMED: mark("Go"),
    DrillPhase.MOVING: mark("Under way"),
    DrillPhase.HOLDING: mark("Hold"),
    DrillPhase.RESTING: mark("Rest"),
    DrillPhase.DONE: mark("All done"),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a drill: repetitions of a set (0: no end), sets, rest between them."""

    reps: int
    sets: int
    rest_s: float


def amount_of(choice: Choice) -> Amount:
    """Return how much is chosen, the drill's own where nothing else is."""
    spec = default_drills().drills[drill_of(choice)]
    return Amount(
        spec.target if choice.reps is None else choice.reps,
        spec.sets if choice.sets is None else choice.sets,
        spec.rest_s if choice.rest_s is None else choice.rest_s,
    )


def with_amount(choice: Choice, amount: Amount) -> Choice:
    """Return the choice with an amount; what is as the drill has it anyway is left open."""
    spec = default_drills().drills[drill_of(choice)]
    return replace(
        choice,
        drill=drill_of(choice).value,
        reps=None if amount.reps == spec.target else amount.reps,
        sets=None if amount.sets == spec.sets else amount.sets,
        rest_s=None if amount.rest_s == spec.rest_s else amount.rest_s,
    )


def skip_rest(session: Session) -> None:
    """Go on with the next set at once; nothing where no drill rests."""

    def with_coach(coach: CoachModel) -> None:
        if isinstance(coach, DrillModel):
            coach.drill.skip_rest()

    session.ask(with_coach)


class DrillPanel(ColumnPanel):
    """See the module docstring. Wishes for keys: "skip_rest", "add_rep"."""

    def __init__(self, theme: Theme, choice: Choice) -> None:
        super().__init__(theme, choice)
        self._begun = False
        #: Stature, as far as it was told: NaN where not.
        self._height_cm = math.nan
        self._build_chooser(theme)
        self._build_amounts(theme)
        self._build_count(theme)
        self.attempts = Attempts(theme, drill_of(choice))
        self.attempts.asked.connect(self.asked)
        self.add_section(self.attempts)
        self.keyed = {"skip_rest": self.skip, "add_rep": self.attempts.add}
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._take_amounts)
        self.set_theme(theme)
        self.show_choice(choice)
        self.clear()

    # ---- building ----------------------------------------------------------------------------------------------

    def _build_chooser(self, theme: Theme) -> None:
        section = self.add_section(Section(theme))
        section.setAccessibleName(tr("Drill"))
        specs = default_drills().drills.values()
        self.choices = Choices(theme, {spec.id.value: (tr(spec.title), tr(spec.how)) for spec in specs})
        self.choices.picked.connect(lambda name: self.choose_drill(DrillId(name)))
        self.drills = {DrillId(name): button for name, button in self.choices.buttons.items()}
        section.box.addWidget(self.choices)
        self.how = Words("", "body")
        section.box.addWidget(self.how)

    def _build_count(self, theme: Theme) -> None:
        section = self.add_section(Section(theme))
        self.ring = Ring(theme, 108)
        self.set_words = Words("", "name", hides=False)
        self.state = Words("", "heading", hides=False)
        self.state_line = Words("", "body")
        self.skip = KeyButton(theme, tr("Skip rest"), tr("Go on with the next set"))
        self.skip.clicked.connect(self.skip_rest)
        self._head = self.ring.beside(self.set_words, self.state, self.state_line, self.skip)
        section.box.addLayout(self._head)
        self.rep_mark = MarkView(theme)
        self.rep_words, self.rep_change = Words("", "strong"), Words("", "body")
        self.rep_good, self.rep_tempo = Words("", "caption"), Words("", "caption")
        rep = QVBoxLayout()
        rep.setSpacing(1)
        for label in (self.rep_words, self.rep_change, self.rep_good, self.rep_tempo):
            rep.addWidget(label)
        self._rep_row = QHBoxLayout()
        self._rep_row.addWidget(self.rep_mark, 0, Qt.AlignmentFlag.AlignTop)
        self._rep_row.addLayout(rep, 1)
        section.box.addLayout(self._rep_row)

    def _build_amounts(self, theme: Theme) -> None:
        section = self.amounts = self.add_section(Section(theme))
        section.setAccessibleName(tr("How much"))
        #: Whether the user has opened or closed it; None: open until the drill has begun.
        self._opened: bool | None = None
        self.fold = QPushButton()
        self.fold.setObjectName("fold")
        self.fold.clicked.connect(self._turn_fold)
        section.box.addWidget(self.fold)
        self.reps = Stepper(theme, tr("Repetitions"), 0, MOST_REPS, none=tr("no end"))
        self.sets = Stepper(theme, tr("Sets"), 1, MOST_SETS)
        self.rest = Stepper(theme, tr("Rest"), 0, MOST_REST_S, step=5, suffix=tr(" s"))
        for stepper in (self.reps, self.sets, self.rest):
            stepper.changed.connect(lambda _: self._settle.start())
            section.box.addWidget(stepper)
        self.anew = Words(tr("A change begins the drill anew."), "caption")
        section.box.addWidget(self.anew)

    def _turn_fold(self) -> None:
        self._opened = self.reps.isHidden()
        self._show_fold()

    def _show_fold(self) -> None:
        """Show how much is to be done: in full to be set, in one line once the drill has begun."""
        opened = not self._begun if self._opened is None else self._opened
        for part in (self.reps, self.sets, self.rest, self.anew):
            part.setHidden(not opened)
        px = self._theme.px
        self.amounts.box.setContentsMargins(px(14), px(2), px(14), px(12) if opened else px(2))
        amount = amount_of(self.choice)
        reps = tr("no end") if not amount.reps else str(amount.reps)
        line = tr("{sets} × {reps}, {rest} s rest").format(sets=amount.sets, reps=reps, rest=f"{amount.rest_s:.0f}")
        words = ("▾  " if opened else "▸  ") + (tr("How much") if opened else line)
        if words != self.fold.text():
            self.fold.setText(words)
            self.fold.setAccessibleName(tr("How much: {line}").format(line=line))
            self.fold.setAccessibleDescription(tr("Opens or closes repetitions, sets and rest"))

    # ---- what the user wants -----------------------------------------------------------------------------------

    def choose_drill(self, drill: DrillId) -> None:
        """Choose another drill, with its own repetitions, sets and rest."""
        if drill.value != self.choice.drill:
            self._settle.stop()
            self.chosen.emit(replace(self.choice, drill=drill.value, reps=None, sets=None, rest_s=None))

    def _take_amounts(self) -> None:
        wanted = Amount(self.reps.spin.value(), self.sets.spin.value(), float(self.rest.spin.value()))
        if wanted != amount_of(self.choice):
            self.chosen.emit(with_amount(self.choice, wanted))

    def skip_rest(self) -> None:
        """Ask for the next set at once."""
        self.asked.emit(skip_rest)

    # ---- what is shown -----------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self._head.setSpacing(theme.px(16))
        self._rep_row.setSpacing(theme.px(10))
        for part in (self.choices, self.ring, self.rep_mark, self.reps, self.sets, self.rest):
            part.set_theme(theme)
        self._show_fold()

    def show_choice(self, choice: Choice) -> None:
        """Show another drill or amount."""
        super().show_choice(choice)
        drill, amount = drill_of(choice), amount_of(choice)
        self.choices.choose(drill.value)
        self.how.say(tr(default_drills().drills[drill].how))
        if not self._settle.isActive():
            self.reps.show_value(amount.reps)
            self.sets.show_value(amount.sets)
            self.rest.show_value(round(amount.rest_s))
        self._show_fold()

    def clear(self) -> None:
        """A new session begins."""
        self._opened = None
        self._height_cm = math.nan
        self.attempts.show_log((), drill_of(self.choice))
        self.write_numbers(None)

    def show_log(self, entries: tuple[LoggedRep, ...]) -> None:
        """Show all attempts with the user's corrections; four times a second."""
        self.attempts.height_cm = self._height_cm
        self.attempts.show_log(entries, drill_of(self.choice))

    def show_analysis(self, analysis: Analysis) -> None:
        """Move the ring."""
        sample = analysis.report.sample
        if math.isfinite(sample.head_below_standing_cm) and abs(sample.head_below_standing_bh) > 1e-4:
            self._height_cm = sample.head_below_standing_cm / sample.head_below_standing_bh
        if analysis.report.drill is not None:
            self._show_ring(analysis.report.drill)

    def _show_ring(self, drill: DrillReport) -> None:
        of = tr("of {n}").format(n=drill.target) if drill.target else ""
        if drill.phase is DrillPhase.RESTING:
            rest_s = max(amount_of(self.choice).rest_s, drill.rest_left_s, 1.0)
            left = str(math.ceil(drill.rest_left_s))
            self.ring.show_progress(drill.rest_left_s / rest_s, left, tr("s rest"), Tone.INFO)
            return
        tone = {DrillPhase.PAUSED: Tone.CALM}.get(drill.phase, Tone.GOOD)
        self.ring.show_progress(_share(drill), str(drill.reps), of, tone)

    def write_numbers(self, analysis: Analysis | None) -> None:
        """Write where the drill stands and what the last attempt was."""
        drill = analysis.report.drill if analysis is not None else None
        self.attempts.set_now(analysis.report.t_s if analysis is not None and drill is not None else math.nan)
        begun = drill is not None and (drill.phase is not DrillPhase.PAUSED or drill.last_rep is not None)
        self.how.setHidden(begun)
        self._begun = begun
        self._show_fold()
        self.skip.setVisible(drill is not None and drill.phase is DrillPhase.RESTING)
        if drill is None:
            amount = amount_of(self.choice)
            of = tr("of {n}").format(n=amount.reps) if amount.reps else ""
            self.ring.show_progress(math.nan, "0", of, Tone.CALM)
            self.set_words.say(tr("Set {n} of {sets}").format(n=1, sets=amount.sets))
            self.state.say(tr("Start the camera") if analysis is None else tr("One moment"))
            self.state_line.say("")
            self._write_rep(None)
            return
        self._show_ring(drill)
        self.set_words.say(tr("Set {n} of {sets}").format(n=drill.set_number, sets=drill.sets))
        self.state.say(self._state(drill))
        self.state_line.say(self._state_line(drill))
        self._write_rep(drill)

    @staticmethod
    def _state(drill: DrillReport) -> str:
        if drill.phase is DrillPhase.HOLDING:
            wanted_s = default_drills().drills[drill.drill].band.get("hold_s", 0.0)
            if wanted_s and drill.hold_s >= wanted_s:
                return tr("Held {n} s: stand up").format(n=f"{drill.hold_s:.0f}")
            if wanted_s:
                return tr("Hold: {n} of {goal} s").format(n=f"{drill.hold_s:.1f}", goal=f"{wanted_s:g}")
            return tr("Hold: {n} s").format(n=f"{drill.hold_s:.1f}")
        return tr(_PHASES[drill.phase])

    @staticmethod
    def _state_line(drill: DrillReport) -> str:
        if drill.phase is DrillPhase.PAUSED:
            return sentence(tr(drill.paused_because))
        if math.isfinite(drill.cadence_spm):
            return tr("{n} steps/min").format(n=f"{drill.cadence_spm:.0f}")
        return ""

    def _write_rep(self, drill: DrillReport | None) -> None:
        """Write the last attempt: what was good, the one thing to change, its tempo."""
        rep: Rep | None = drill.last_rep if drill is not None else None
        self.rep_mark.setVisible(rep is not None)
        if drill is None or rep is None:
            for label in (self.rep_words, self.rep_change, self.rep_good, self.rep_tempo):
                label.say("")
            return
        self.rep_mark.set_mark(mark_of(rep))
        self.rep_words.say(_last_words(drill.drill, rep, self._height_cm))
        change = "" if rep.verdict == GOOD_REP else tr(rep.change)
        self.rep_change.say(tr("To change: {what}").format(what=change) if change else "")
        praise = default_drills().drills[drill.drill].praise
        good = ", ".join(tr(praise.get(name, name)) for name in rep.good)
        self.rep_good.say(tr("Good: {what}").format(what=good) if good else "")
        self.rep_tempo.say(tempo_words(rep))


def _share(drill: DrillReport) -> float:
    """Return how far the ring is filled: by what was counted, and by the one that is under way. NaN: not at all."""
    if drill.phase is DrillPhase.HOLDING:
        return drill.progress
    if not drill.target:
        return drill.progress if drill.progress > 0.0 else math.nan
    under_way = drill.progress if drill.phase is DrillPhase.MOVING else 0.0
    share = 1.0 if drill.phase is DrillPhase.DONE else min(1.0, (drill.reps + under_way) / drill.target)
    return share if share > 0.0 else math.nan


def _last_words(drill: DrillId, rep: Rep, height_cm: float) -> str:
    """Return how deep the last attempt went and what became of it."""
    told = [measure_words(rep, height_cm)]
    if rep.verdict in (GOOD_REP, HALF_REP, BY_HAND) or not rep.change:
        told.append(verdict_words(drill, rep.verdict))
    if not rep.counted:
        told.append(tr("not counted"))
    return tr("Last one: {what}").format(what=", ".join(words for words in told if words))
