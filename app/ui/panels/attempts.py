"""The list of a drill's attempts, and what the user may put right in it."""

from __future__ import annotations

import logging
import math
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListWidget, QListWidgetItem, QSizePolicy

from app.coach.drill_model import DrillModel
from app.coach.drill_rules import default_drills
from app.coach.reps import BY_HAND, GOOD_REP, HALF_REP
from app.ui.cue_card import FAULT_CARDS
from app.ui.panels.marks import Mark, mark_icon
from app.ui.panels.parts import ButtonRow, KeyButton, Section, Words
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.coach.model import CoachModel
    from app.coach.reps import DrillId, DrillLog, LoggedRep, Rep
    from app.session import Session
    from app.ui.theme import Theme

logger = logging.getLogger(__name__)

ROWS_SHOWN: Final = 5
_NUMBER: Final = Qt.ItemDataRole.UserRole
_VERDICTS: Final = {GOOD_REP: mark("good"), HALF_REP: mark("half way"), BY_HAND: mark("added by you")}


def correct(
    change: Callable[[DrillLog], object], entry: LoggedRep | None = None, number: int = 0
) -> Callable[[Session], None]:
    """Return a request to a running session that changes the log of its drill.

    Nothing happens where no drill runs any more, or ``entry`` is no longer the attempt ``number`` of its log: the user
    saw an earlier drill's list.
    """

    def with_coach(coach: CoachModel) -> None:
        if not isinstance(coach, DrillModel):
            return
        log = coach.drill.log
        if entry is not None and not (
            number <= len(log.entries) and log.entries[number - 1].original is entry.original
        ):
            logger.info("attempt %d is of another drill: it is left as it is", number)
            return
        try:
            change(log)
        except KeyError as error:
            logger.info("the list of attempts is left as it is: %s", error)

    return lambda session: session.ask(with_coach)


def measure_words(rep: Rep, height_cm: float = math.nan) -> str:
    """Return how deep or long an attempt was: "34°", "3.2 s", "2.5 cm under the roof"; "" where that is not known.

    ``height_cm`` is the stature; where it is not told (NaN) a length is a share of it.
    """
    if not math.isfinite(rep.depth):
        return ""
    if rep.unit == "deg":
        return tr("{n}°").format(n=f"{rep.depth:.0f}")
    if rep.unit == "s":
        return tr("{n} s").format(n=f"{rep.depth:.1f}")
    told = tr("{n} cm {way}") if math.isfinite(height_cm) else tr("{n} % of your height {way}")
    share = height_cm / 100.0 if math.isfinite(height_cm) else 1.0
    way = tr("under the roof") if rep.depth >= 0.0 else tr("over the roof")
    return told.format(n=f"{abs(rep.depth) * share:.1f}", way=way)


def tempo_words(rep: Rep) -> str:
    """Return the tempo: seconds down, at the bottom and up; "" where there is none."""
    if rep.tempo is None:
        return ""
    down, pause, up = (f"{seconds:.1f}" for seconds in (rep.tempo.down_s, rep.tempo.pause_s, rep.tempo.up_s))
    return tr("{down} s down, {pause} s hold, {up} s up").format(down=down, pause=pause, up=up)


def verdict_words(drill: DrillId, verdict: str) -> str:
    """Return a verdict in a few words."""
    if verdict in _VERDICTS:
        return tr(_VERDICTS[verdict])
    change = default_drills().drills[drill].change.get(verdict)
    fault = FAULT_CARDS.get(verdict)
    what = tr(change.shown) if change is not None else tr(fault[0]) if fault is not None else verdict.replace("_", " ")
    return tr("change: {what}").format(what=what.lower())


def mark_of(rep: Rep | None) -> Mark:
    """Return the mark of an attempt as it is now; None: it was taken out."""
    if rep is None:
        return Mark.OUT
    if not rep.counted:
        return Mark.FAILED
    return Mark.PASSED if rep.verdict in (GOOD_REP, BY_HAND) else Mark.HINT


def entry_words(drill: DrillId, number: int, entry: LoggedRep, height_cm: float = math.nan) -> str:
    """Return the line of an attempt."""
    rep = entry.now or entry.original
    if rep is None:
        return tr("{n}  deleted").format(n=number)
    if entry.now is None:
        verdict = tr("deleted")
    else:
        verdict = verdict_words(drill, rep.verdict)
        if not rep.counted:
            verdict = tr("{verdict}, not counted").format(verdict=verdict)
    measure = measure_words(rep, height_cm)
    return f"{number}   {measure}   {verdict}" if measure else f"{number}   {verdict}"


class Attempts(Section):
    """The attempts, newest first, with buttons to delete one, restore it, count it or not, and add one.

    ``asked`` emits a request to the running session, as a panel's.
    """

    asked = Signal(object)

    def __init__(self, theme: Theme, drill: DrillId) -> None:
        self._theme, self._drill = theme, drill
        self._entries: tuple[LoggedRep, ...] = ()
        #: When one is put in by hand: the newest frame's time, NaN while nothing runs.
        self.now_s = math.nan
        #: Stature, NaN where not told: heights are in cm where it is.
        self.height_cm = math.nan
        self.list = QListWidget()
        self.list.setObjectName("attempts")
        self._row: ButtonRow | None = None
        super().__init__(theme)
        self.setAccessibleName(tr("Attempts"))
        self.empty = Words(
            tr("None yet. Each one is listed here; what was counted wrongly can be put right."), "caption"
        )
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(tr("Attempts, newest first"))
        self.list.currentItemChanged.connect(self._name_buttons)
        self.out = KeyButton(theme, tr("Delete"), tr("This was no attempt: delete it from the list"))
        self.count = KeyButton(theme, tr("Count it"), tr("Leave it in the list, but count it or not"))
        self.add = KeyButton(theme, tr("Add one"), tr("Put in a repetition that was not seen"))
        self.out.clicked.connect(self.take_out_or_back)
        self.count.clicked.connect(self.count_or_not)
        self.add.clicked.connect(self.add_one)
        self.add.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._row = ButtonRow(theme, self.out, self.count)
        head = QHBoxLayout()
        head.addWidget(Words(tr("Attempts"), "name"), 1)
        head.addWidget(self.add)
        self.box.addLayout(head)
        self.box.addWidget(self.empty)
        self.box.addWidget(self.list)
        self.box.addWidget(self._row)
        self.set_theme(theme)
        self.show_log((), drill)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self._theme = theme
        side = theme.px(18)
        self.list.setIconSize(QSize(side, side))
        if self._row is not None:
            self._row.set_theme(theme)
            self.add.set_theme(theme)
            self._fill()

    # ---- what is shown -----------------------------------------------------------------------------------------

    def show_log(self, entries: tuple[LoggedRep, ...], drill: DrillId) -> None:
        """Show other attempts; cheap where nothing changed."""
        if drill is self._drill and entries == self._entries and self.list.count() == len(entries):
            return
        self._entries, self._drill = entries, drill
        self._fill()

    def _fill(self) -> None:
        chosen = self.chosen_number
        newest_chosen = chosen == self.list.count()
        self.list.blockSignals(True)
        self.list.clear()
        for number in range(len(self._entries), 0, -1):
            entry = self._entries[number - 1]
            item = QListWidgetItem(mark_icon(mark_of(entry.now), self._theme.palette, self._theme.px(18)), "")
            item.setText(entry_words(self._drill, number, entry, self.height_cm))
            item.setData(_NUMBER, number)
            font = item.font()
            font.setStrikeOut(entry.now is None)
            item.setFont(font)
            self.list.addItem(item)
            if number == chosen and not newest_chosen:
                self.list.setCurrentItem(item)
        # Who looks at the newest goes on looking at the newest.
        if self.list.currentItem() is None and self._entries:
            self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self.empty.setHidden(bool(self._entries))
        self.list.setVisible(bool(self._entries))
        if self._row is not None:
            self._row.setVisible(bool(self._entries))
        row_px = max(self.list.sizeHintForRow(0), self._theme.px(34))
        self.list.setFixedHeight(row_px * min(max(len(self._entries), 1), ROWS_SHOWN) + 2)
        self._name_buttons()

    @property
    def chosen_number(self) -> int:
        """The number of the chosen attempt, 0 where none is."""
        item = self.list.currentItem()
        return int(item.data(_NUMBER)) if item is not None else 0

    @property
    def _chosen(self) -> LoggedRep | None:
        number = self.chosen_number
        return self._entries[number - 1] if 1 <= number <= len(self._entries) else None

    def _name_buttons(self, *_: object) -> None:
        """Let the buttons say what they do to the chosen attempt."""
        entry = self._chosen
        gone = entry is not None and entry.now is None
        had_focus = self.out.hasFocus() or self.count.hasFocus()
        self.out.setText(tr("Restore") if gone else tr("Delete"))
        self.out.setAccessibleName(self.out.text())
        self.out.setEnabled(entry is not None and (not gone or entry.original is not None))
        counted = entry is not None and entry.now is not None and entry.now.counted
        self.count.setText(tr("Don't count") if counted else tr("Count it"))
        self.count.setAccessibleName(self.count.text())
        self.count.setEnabled(entry is not None and not gone)
        if had_focus and not (self.out.hasFocus() or self.count.hasFocus()):
            # Qt hands the focus of a disabled button on, to one that changes something else.
            self.list.setFocus()
        self.add.setEnabled(math.isfinite(self.now_s))
        if self._row is not None:
            self._row.refresh()

    def set_now(self, t_s: float) -> None:
        """Take the newest frame's time, NaN where nothing runs."""
        self.now_s = t_s
        self.add.setEnabled(math.isfinite(t_s))

    # ---- what the user wants -----------------------------------------------------------------------------------

    def take_out_or_back(self) -> None:
        """Take the chosen attempt out, or put it back."""
        entry, number = self._chosen, self.chosen_number
        if entry is None or not self.out.isEnabled():
            return
        back = entry.now is None
        self.asked.emit(correct(lambda log: (log.restore if back else log.remove)(number), entry, number))

    def count_or_not(self) -> None:
        """Let the chosen attempt count, or not."""
        entry, number = self._chosen, self.chosen_number
        if entry is None or entry.now is None:
            return
        verdict, counted = entry.now.verdict, not entry.now.counted
        self.asked.emit(correct(lambda log: log.set_verdict(number, verdict, counted), entry, number))

    def add_one(self) -> None:
        """Put in a repetition that was not seen."""
        if math.isfinite(self.now_s):
            self.asked.emit(correct(partial(_add, self.now_s)))


def _add(t_s: float, log: DrillLog) -> None:
    log.add(t_s)
