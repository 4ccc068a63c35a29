"""What the page About says: each entry as a title, a group and HTML made of plain texts. No widgets.

The article's view of a fault and what was published on it are kept apart, in two boxes with two headings. All texts
of the rules go through `tr` as they are, so a catalogue that holds them translates them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final

from app.coach.report import FaultId
from app.coach.rules import Rules, default_rules
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.coach.rules import CueSpec, Evidence

#: What the faults are called in a list, in the order of the list.
FAULT_TITLES: Final[dict[FaultId, str]] = {
    FaultId.STANDING_UP: mark("Standing up in the stride"),
    FaultId.TALL: mark("Too tall on the starting line"),
    FaultId.PELVIS_DRIFT: mark("Pelvis drifted forward"),
    FaultId.HIP_SQUEEZE: mark("Squeezed hip"),
    FaultId.ANKLE_LEAN: mark("Leaning from the ankles"),
    FaultId.UPRIGHT: mark("Too upright"),
    FaultId.OVER_LEAN: mark("Leaning too far"),
    FaultId.OVERSTRIDE: mark("Overstride"),
    FaultId.NO_STAGGER: mark("Feet side by side on the starting line"),
}
#: What a piece of evidence says of the article's view: a sign and words, so that it is not told by colour alone.
SAYS: Final[dict[str, tuple[str, str]]] = {
    "agrees": ("✓", mark("Agrees")),
    "in part": ("±", mark("Agrees in part")),
    "disagrees": ("✕", mark("Disagrees")),
    "missing": ("–", mark("Nothing found")),
}
DRILL_WORDS: Final[dict[str, str]] = {
    "drill_hinge": mark("hinge: stand, hinge, return"),
    "drill_start_line": mark("starting line: holds, both sides"),
    "drill_athletic": mark("athletic position"),
    "drill_tunnel_march": mark("marching or running on the spot under the roof"),
}
APP_GROUP, FAULT_GROUP, SAID_GROUP = mark("Hinge Coach"), mark("About the faults and cues"), mark("Said besides")


@dataclass(frozen=True, slots=True)
class AboutFacts:
    """What only the window knows: version, pose model and its hash, where things are kept, licences, rules in use."""

    version: str
    model: str = ""
    model_hash: str = ""
    data_folder: str = ""
    notice: str = ""
    rules: Rules = field(default_factory=default_rules)
    settings_file: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the list: id, title, group, the page as HTML, and all its words for the search."""

    id: str
    title: str
    group: str
    html: str

    @property
    def words(self) -> str:
        """Title and text without mark-up, in small letters."""
        return f"{self.title} {re.sub(r'<[^>]*>', ' ', self.html)}".casefold()


def entries(facts: AboutFacts, opened: frozenset[int] = frozenset()) -> tuple[Entry, ...]:
    """Return all entries in the order of the list; ``opened``: which parts of the licences are unfolded."""
    rules = facts.rules
    return (
        Entry("app", tr("This app"), tr(APP_GROUP), _app(facts)),
        Entry("privacy", tr("Privacy"), tr(APP_GROUP), _privacy(facts)),
        Entry("licences", tr("Licences"), tr(APP_GROUP), _licences(facts.notice, opened)),
        Entry("judging", tr("How it judges"), tr(APP_GROUP), _judging()),
        *(Entry(fault, tr(title), tr(FAULT_GROUP), fault_html(fault, rules)) for fault, title in FAULT_TITLES.items()),
        Entry("praise", tr("Praise and standing height"), tr(SAID_GROUP), _praise(rules)),
        Entry("exam", tr("In the starting-line exam"), tr(SAID_GROUP), _exam(rules)),
    )


def _p(words: str, role: str = "") -> str:
    return f'<p class="{role}">{escape(words)}</p>' if role else f"<p>{escape(words)}</p>"


def _h1(words: str) -> str:
    return f"<h1>{escape(words)}</h1>"


def _h2(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td class="muted">{escape(name)}&nbsp;&nbsp;</td><td>{escape(value)}</td></tr>' for name, value in rows
    )
    return f'<table cellpadding="4">{cells}</table>'


def _app(facts: AboutFacts) -> str:
    rows = [(tr("Version"), facts.version), (tr("Pose model"), facts.model or tr("none loaded yet"))]
    if facts.model_hash:
        rows.append((tr("Its SHA-256"), facts.model_hash))
    rows.append((tr("Rules"), tr("as they come with the app") if facts.rules.name == "default" else facts.rules.name))
    return (
        _h1("Hinge Coach")
        + _p(tr("A coach beside the treadmill: it sees you from the side, and tells you when you lose the hip hinge."))
        + _table(rows)
        + _h2(tr("What it is"))
        + _list(
            (
                tr("A training aid for one idea: run and stand with a hinged hip, as one coach's article teaches it."),
                tr("A measuring tool that says how sure it is, and stays silent where it cannot tell."),
            )
        )
        + _h2(tr("What it is not"))
        + _list(
            (
                tr("Not medical: it finds no injury and no illness, and it treats none. With pain, see a doctor."),
                tr("No promise: neither of less effort nor of fewer injuries. More lean is not better."),
                tr("No judge of a whole runner: it sees one side, with one camera."),
            )
        )
    )  # fmt: skip


def _privacy(facts: AboutFacts) -> str:
    lines = [
        tr("Nothing leaves this computer: no account, no upload, no statistics."),
        tr("The network is used once, to fetch the pose model; its hash is checked. After that the app needs none."),
        tr("Pictures are judged and forgotten, but for those of what you passed on the starting line."),
        tr("Of a session its numbers are kept: your joints, steps and cues. A video only if you ask for it."),
    ]
    if facts.data_folder:
        line = tr("Runners and sessions are kept here, and can be deleted: {folder}")
        lines.append(line.format(folder=facts.data_folder))
    if facts.settings_file:
        lines.append(tr("The settings are kept in {file}").format(file=facts.settings_file))
    return _h1(tr("Privacy")) + _list(lines)


def _judging() -> str:
    lines = [
        tr("Every angle is measured against your own relaxed standing, not against the vertical."),
        tr("In running the medians of the newest eight steps decide, in the stance half a second of holding still."),
        tr("One fault is named at a time, the one that explains the others."),
        tr(
            "It is spoken of only when it has lasted, the newest steps still show it, and it lies clear of the scatter."
        ),
    ]
    apart = [
        tr("The article's view is what the coach behind this app teaches."),
        tr("Published evidence is what was measured, and says whether it agrees with that view."),
        tr("Nothing found means that no study was found that tested it."),
    ]
    return _h1(tr("How it judges")) + _list(lines) + _h2(tr("Two voices, kept apart")) + _list(apart)


def fault_html(fault: FaultId, rules: Rules) -> str:
    """Return the page of one fault: what is said and done, then the article's view and the evidence, apart."""
    text, cue = rules.texts[fault], rules.cues[fault]
    drill = tr(DRILL_WORDS.get(text.drill, text.drill))
    return (
        _h1(tr(FAULT_TITLES[fault]))
        + _p(tr("In the article's words: “{words}”").format(words=tr(text.article)), "muted")
        + _h2(tr("What you hear"))
        + _cue(cue)
        + _h2(tr("What to change"))
        + _p(tr(text.fix))
        + _p(tr("Drill: {drill}.").format(drill=drill))
        + _box("article", tr("The article's view"), _p(tr(text.article_view)))
        + _box("evidence", tr("Published evidence"), "".join(_evidence(one) for one in text.evidence))
    )


def _evidence(evidence: Evidence) -> str:
    sign, words = SAYS[evidence.says]
    source = f'<br><span class="muted">{escape(tr(evidence.source))}</span>' if evidence.source else ""
    kind = evidence.says.replace(" ", "_")
    return f'<p><b class="{kind}">{sign} {escape(tr(words))}.</b> {escape(tr(evidence.claim))}{source}</p>'


def _box(kind: str, title: str, inside: str) -> str:
    """Return a box with a coloured edge; its kind is told by its heading too."""
    content = f'<table width="100%" cellpadding="12"><tr><td><h3>{escape(title)}</h3>{inside}</td></tr></table>'
    return (
        f'<p></p><table width="100%" cellspacing="0" cellpadding="0"><tr><td class="edge_{kind}" width="5"></td>'
        f'<td class="box">{content}</td></tr></table>'
    )


def _cue(cue: CueSpec) -> str:
    spoken = " / ".join(f"“{tr(words)}”" for words in cue.spoken)
    rows = [(tr("spoken"), spoken), (tr("on the card"), tr(cue.shown)), (tr("the picture"), tr(cue.image))]
    return _table(rows)


def _praise(rules: Rules) -> str:
    return (
        _h1(tr("Praise and standing height"))
        + _h2(tr("Back in good running after a cue"))
        + _cue(rules.praise_run)
        + _h2(tr("A good hold on the starting line"))
        + _cue(rules.praise_stance)
        + _h2(tr("Your standing height is measured"))
        + _cue(rules.standing_taken)
    )


def _exam(rules: Rules) -> str:
    return _h1(tr("In the starting-line exam")) + "".join(f"{_cue(cue)}<hr>" for cue in rules.exam.say.values())


def licence_parts(notice: str) -> list[tuple[str, str]]:
    """Return the parts of a NOTICE: a name and what is indented below it; ("", text) for other paragraphs."""
    parts = []
    for block in re.split(r"\n\s*\n", notice.strip()):
        first, _, rest = block.partition("\n")
        named = rest.startswith("  ")
        parts.append((first.strip(), " ".join(rest.split())) if named else ("", " ".join(block.split())))
    return parts


def _licences(notice: str, opened: frozenset[int]) -> str:
    if not notice:
        return _h1(tr("Licences")) + _p(tr("The file NOTICE was not found: it comes with the source of the app."))
    html = [_h1(tr("Licences"))]
    for number, (title, text) in enumerate(licence_parts(notice)):
        if not title:
            html.append(_p(text))
            continue
        sign = "▾" if number in opened else "▸"
        html.append(f'<p><a href="#{number}">{sign}&nbsp;{escape(title)}</a></p>')
        if number in opened:
            html.append(f"<blockquote>{escape(text)}</blockquote>")
    return "".join(html)
