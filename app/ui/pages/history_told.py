"""What was said in an earlier session with its evidence, and what there is to know of it besides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from app.ui.icons import icon
from app.ui.pages.evidence import EvidenceBox
from app.ui.pages.history_evidence import told_evidence
from app.ui.pages.review_parts import MOST_CUES, SaidButton
from app.ui.pages.review_words import clock, sentence
from app.ui.panels.parts import Section, Words
from app.ui.theme import Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from app.store.sessions.derived import ToldCue
    from app.ui.pages.history_port import Story

#: So many cues are listed at once, the others when they are asked for.
FIRST_CUES: Final = 15
#: More lines of what to know are not shown.
MOST_NOTES: Final = 12
#: A warning that speaks in keys of the JSON is for whoever reads that.
_FOR_PROGRAMS: Final = re.compile(r"^(app|tracking|source|timings):|\b[a-z]+(?:_[a-z]+)+\b")


def plain_button(words: str, name: str = "") -> QPushButton:
    """Return a button that a screen reader names by its words; ``name`` is for the style sheet."""
    button = QPushButton(words)
    button.setObjectName(name)
    button.setAccessibleName(words)
    return button


class ToldList(Section):
    """What was said; the one that is chosen opens with its evidence."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("What was said"))
        self._theme = theme
        self._story: Story | None = None
        self._list = QVBoxLayout()
        self.box.addLayout(self._list)
        self.rest, self.more = Words("", "caption"), plain_button(tr("Show more"))
        self.more.clicked.connect(self.show_all)
        self.box.addWidget(self.rest)
        self.box.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.buttons: list[SaidButton] = []
        self.opened: EvidenceBox | None = None
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self._theme = theme
        if hasattr(self, "opened"):
            self._list.setSpacing(theme.px(6))
            self._dress()
            if self.opened is not None:
                self.opened.set_theme(theme)

    def show_story(self, story: Story) -> None:
        """List what was said in another session."""
        self._close()
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons, self._story = [], story
        self._add(FIRST_CUES)

    def show_all(self) -> None:
        """List what was said later, too."""
        self._add(MOST_CUES)

    def _add(self, until: int) -> None:
        """List the cues up to a number; each button takes a millisecond."""
        assert self._story is not None
        cues = self._story.cues
        for number in range(len(self.buttons), min(until, len(cues))):
            words = sentence(tr(cues[number].spoken or cues[number].shown), end="")
            button = SaidButton(f"  {clock(cues[number].t_s - self._story.first_s)}   {words}")
            button.setToolTip(tr("See why it was said"))
            button.clicked.connect(lambda _=False, number=number: self.open(number))
            self._list.addWidget(button)
            self.buttons.append(button)
        self._dress()
        more = len(cues) - len(self.buttons)
        self.more.setVisible(more > 0 and until < MOST_CUES)
        self.rest.say(tr("and {n} more").format(n=more) if more > 0 else "" if cues else tr("Nothing was said."))

    def open(self, number: int) -> None:
        """Open the evidence of one cue; the one that is open closes."""
        was_open = self.opened is not None and not self.buttons[number].isChecked()
        self._close()
        if self._story is None or was_open:
            return
        self.buttons[number].setChecked(True)
        evidence = told_evidence(self._story.cues[number], self._story)
        self.opened = EvidenceBox(self._theme, evidence, self._story.height_cm)
        self._list.insertWidget(self._list.indexOf(self.buttons[number]) + 1, self.opened)
        self.opened.show()

    def _close(self) -> None:
        if self.opened is not None:
            self.opened.hide()
            self._list.removeWidget(self.opened)
            self.opened.deleteLater()
            self.opened = None
        for button in self.buttons:
            button.setChecked(False)

    def _dress(self) -> None:
        side = self._theme.px(18)
        cues = self._story.cues if self._story is not None else ()
        for button, cue in zip(self.buttons, cues, strict=False):
            tone, shape = _tone_of(cue)
            button.setIcon(icon(shape, self._theme.palette.tone(tone).name(), side))
            button.setIconSize(QSize(side, side))


def _tone_of(cue: ToldCue) -> tuple[Tone, str]:
    if cue.evidence:
        return (Tone.HIT if cue.evidence.get("fault") == "standing_up" else Tone.OFF), "warn"
    return (Tone.GOOD, "check") if cue.id.startswith("praise") else (Tone.INFO, "about")


class Notes(Section):
    """What there is to know of the session besides: what went wrong with it, what could not be measured."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("Good to know"))
        self.lines = Words("", "caption")
        self.box.addWidget(self.lines)

    def show_story(self, story: Story) -> None:
        """Show those of another session."""
        row = story.row
        lines = [row.notice] if row.notice else []
        if row.state == "recovered":
            lines.append(tr("The session was cut off; what was kept of it was judged again."))
        if row.rules_name and row.rules_name != "default":
            lines.append(tr("Judged by the rules in {name}.").format(name=row.rules_name))
        warnings = [line for line in story.summary.get("warnings", ()) if not _FOR_PROGRAMS.search(line)]
        lines += [sentence(tr(line)) for line in warnings[:MOST_NOTES]]
        self.lines.say("\n".join(lines))
        self.setVisible(bool(lines))
