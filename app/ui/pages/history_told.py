"""What was said in an earlier session with its evidence, and what there is to know of it besides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.ui.pages.history_evidence import told_evidence
from app.ui.pages.moment_list import Line, MomentList
from app.ui.pages.review_words import sentence
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


class ToldList(MomentList):
    """What was said; the one that is chosen opens with its evidence."""

    def __init__(self, theme: Theme) -> None:
        self._story: Story | None = None
        super().__init__(theme, tr("What was said"), tr("See why it was said"), FIRST_CUES)
        self.chosen.connect(self.open)

    def show_story(self, story: Story) -> None:
        """List what was said in another session."""
        self._story = story
        lines = [
            Line(cue.t_s - story.first_s, sentence(tr(cue.spoken or cue.shown), end=""), *_tone_of(cue))
            for cue in story.cues
        ]
        self.show_lines(lines, tr("Nothing was said."))

    def open(self, number: int) -> None:
        """Open the evidence of one cue; the one that is open closes."""
        was_open = self.opened is not None and not self.buttons[number].isChecked()
        self.close_evidence()
        if self._story is not None and not was_open:
            self.open_evidence(number, told_evidence(self._story.cues[number], self._story), self._story.height_cm)


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
