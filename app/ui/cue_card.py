"""The one large card: what to do now, as a few huge words, a colour and a shape.

`card_for` decides what it says (no Qt state, so it is tested as a table); `CueCard` paints it as large as the
words allow. A spoken cue stays on the card a while after it was spoken; otherwise the card shows the verdict.
What the card says on the other screens is decided in `app.ui.cards`.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.coach.report import GOOD, NOT_JUDGED, Activity, FaultId
from app.coach.rules import default_rules
from app.coach.types import Facing
from app.session.seeing import BLACK, FROZEN, TOLD
from app.store.report.words import TITLES
from app.ui.icons import paint_shape
from app.ui.theme import RADIUS_PX, TITLE_PX, Theme, Tone
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.coach.report import CoachReport, Cue
    from app.coach.rules import Rules

#: How long a cue stays on the card after it was decided (a few steps; less than the pause between two cues).
CUE_SHOWN_S: Final = 6.0

#: Name and shape of a fault. The name says what is wrong, and must not read as something to do; to the runner a fault
#: is shown by the words of its cue: `fix_words`.
FAULT_CARDS: Final[dict[str, tuple[str, str]]] = {
    FaultId.STANDING_UP: (TITLES[FaultId.STANDING_UP], "roof"),
    FaultId.PELVIS_DRIFT: (TITLES[FaultId.PELVIS_DRIFT], "hips"),
    FaultId.HIP_SQUEEZE: (TITLES[FaultId.HIP_SQUEEZE], "hips"),
    FaultId.ANKLE_LEAN: (TITLES[FaultId.ANKLE_LEAN], "hips"),
    FaultId.UPRIGHT: (TITLES[FaultId.UPRIGHT], "lean"),
    FaultId.OVER_LEAN: (TITLES[FaultId.OVER_LEAN], "rise"),
    FaultId.OVERSTRIDE: (TITLES[FaultId.OVERSTRIDE], "feet"),
    FaultId.TALL: (TITLES[FaultId.TALL], "roof"),
    FaultId.NO_STAGGER: (TITLES[FaultId.NO_STAGGER], "hold"),
}

#: Which picture a cue gets where it is not caused by a fault.
CUE_SHAPES: Final[dict[str, str]] = {"tunnel": "roof", "praise": "check", "standing": "stand", "setup": "camera"}
#: From this height on a card has room for a detail of two lines.
TWO_LINES_PX: Final = 180
DETAIL_LINE_EM: Final = 1.25
#: Two lines are never larger than if they were so high, em: without tails and accents they would touch the edges.
TWO_LINES_EM: Final = 1.9
_POINTS_FORWARD: Final = frozenset({"lean", "rise", "hold", "hips"})


@dataclass(frozen=True, slots=True)
class CardContent:
    """What the card says.

    Attributes:
        title: the few huge words. detail: a smaller line ("" = none).
        tone: colour of the card. shape: key of ``icons.SHAPES``. flip: mirror the shape (runner faces left on screen).
        progress: 0..1 of a hold, a countdown or a capture, drawn as a ring around the shape; NaN = none is drawn.
        mark: up to three letters in the place of the shape: seconds left, a count.

    """

    title: str
    detail: str = ""
    tone: Tone = Tone.CALM
    shape: str = "wait"
    flip: bool = False
    progress: float = math.nan
    mark: str = ""

    def says_as(self, other: CardContent) -> bool:
        """Whether both look the same; unlike ``==`` also where no ring is drawn on either."""
        same_ring = self.progress == other.progress or (math.isnan(self.progress) and math.isnan(other.progress))
        return same_ring and replace(self, progress=0.0) == replace(other, progress=0.0)


WELCOME: Final = CardContent(mark("Press Space to start"), "", Tone.CALM, "play")


def fix_words(fault: str, rules: Rules | None = None) -> str:
    """Return what is to be done about a fault, as its cue is shown and spoken; "" where it is none."""
    if fault not in FAULT_CARDS:
        return ""
    return tr((rules or default_rules()).cues[FaultId(fault)].shown)


def card_for(report: CoachReport, cue: Cue | None, mirrored: bool = False, rules: Rules | None = None) -> CardContent:
    """Return the card for a report; ``cue`` is the newest cue decided at all, old or not.

    While a fault is on the card says what to do, in the words of the rules (None: the default ones): what a runner sees
    from 3 m away is what he hears, also when it is not said again.
    """
    flip = (report.facing is Facing.LEFT) != mirrored
    if report.standing.capturing:
        return CardContent(
            tr("Stand tall"), tr(report.standing.message), Tone.INFO, "stand", progress=report.standing.progress
        )
    if cue is not None and -1.0 < report.t_s - cue.t_s < CUE_SHOWN_S:
        tone = cue_tone(cue)
        return CardContent(tr(cue.shown), "", tone, cue_shape(cue), flip and cue_shape(cue) in _POINTS_FORWARD)
    if report.not_judged_because in (BLACK, FROZEN):
        return CardContent(tr("No picture"), tr(TOLD[report.not_judged_because]), Tone.OFF, "warn")
    if report.activity is Activity.NOBODY:
        return CardContent(tr("Step into view"), tr(report.not_judged_because), Tone.CALM, "camera")
    if report.verdict == NOT_JUDGED:
        word = _WAITING.get(report.activity, mark("Not judged yet"))
        return CardContent(tr(word), tr(report.not_judged_because), Tone.CALM, "wait")
    if report.verdict == GOOD:
        title = tr("Hold it") if report.activity is Activity.STANCE else tr("In the tunnel")
        return CardContent(title, "", Tone.GOOD, "check")
    _, shape = FAULT_CARDS.get(report.verdict, ("", "hips"))
    title = fix_words(report.verdict, rules) or tr("Find the hinge")
    return CardContent(title, "", Tone.OFF, shape, flip and shape in _POINTS_FORWARD)


_WAITING: Final = {
    Activity.STANDING: mark("Ready when you are"),
    Activity.WALKING: mark("Walking"),
    Activity.ON_THE_SPOT: mark("On the spot"),
    Activity.RUNNING: mark("Watching"),
    Activity.STANCE: mark("Hold still"),
}


def cue_tone(cue: Cue) -> Tone:
    """Return the tone of a cue: praise is good, a cue for a fault is off, set-up is information."""
    if cue.because == FaultId.STANDING_UP:
        return Tone.HIT
    if cue.because:
        return Tone.OFF
    return Tone.GOOD if cue.id.startswith("praise") else Tone.INFO


def cue_shape(cue: Cue) -> str:
    """Return the shape that goes with a cue."""
    if cue.because in FAULT_CARDS:
        return FAULT_CARDS[cue.because][1]
    return CUE_SHAPES.get(cue.id.split("_")[0], "wait" if not cue.because else "warn")


class CueCard(QWidget):
    """Paints a `CardContent` as large as it fits: readable from 3 m."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content = replace(WELCOME, title=tr(WELCOME.title))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(84)
        self.setAccessibleName(self._content.title)

    @property
    def content(self) -> CardContent:
        """What the card says now."""
        return self._content

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.update()

    def show_content(self, content: CardContent) -> None:
        """Say something else."""
        if content.says_as(self._content):
            return
        self._content = content
        name = f"{content.title}. {content.detail}".strip()
        # A ring moves with every frame: a screen reader hears of the words only.
        if name != self.accessibleName():
            self.setAccessibleName(name)
            self.setToolTip(content.detail)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a fifth of the height of what is above."""
        return QSize(640, self._theme.px(120))

    def _places(self) -> tuple[QRectF, QRectF]:
        """Return where the shape and where all words go."""
        height, width = float(self.height()), float(self.width())
        pad = height * 0.10
        side = min(height - 2 * pad, width * 0.14)
        shape = QRectF(pad * 1.3, (height - side) / 2, side, side)
        left = shape.right() + max(pad, side * 0.2)
        air = height * 0.055
        return shape, QRectF(left, air, width - left - pad, height - 2 * air)

    def boxes(self) -> tuple[QRectF, QRectF, QRectF]:
        """Return where shape, title and detail go (the detail's box is empty without one)."""
        shape, words = self._places()
        if not self._content.detail:
            return shape, words, QRectF()
        detail_px, lines = self._detail_layout()
        detail_height = detail_px * (0.2 + DETAIL_LINE_EM * len(lines))
        detail = QRectF(words.x(), words.bottom() - detail_height, words.width(), detail_height)
        words.setBottom(detail.top())
        return shape, words, detail

    def _detail_layout(self) -> tuple[int, tuple[str, ...]]:
        """Return the size and the lines of the detail.

        A few words are as large as they fit; a sentence goes on two lines where the card is high, and else ends in ….
        """
        height, width = self.height(), self._places()[1].width()
        least = max(min(self._theme.px(TITLE_PX), round(height * 0.15)), round(height * 0.11))
        font = self._theme.font(1, QFont.Weight.Medium)
        font.setPixelSize(least)
        metrics = QFontMetricsF(font)
        words = self._content.detail
        wide = metrics.horizontalAdvance(words)
        if wide <= width:
            return max(least, min(round(height * 0.2), int(0.97 * least * width / max(wide, 1.0)))), (words,)
        two = _breaks(words)[1:] if height >= TWO_LINES_PX else []
        # As much on the first line as it takes; the rest may have to end early.
        lines = [lines for lines in two if metrics.horizontalAdvance(lines[0]) <= width][-1:] or [(words,)]
        *full, last = lines[0]
        return least, (*full, metrics.elidedText(last, Qt.TextElideMode.ElideRight, width))

    def title_layout(self) -> tuple[QFont, tuple[str, ...]]:
        """Return the largest font in which the title fits its box, on one line or two, and the lines."""
        box, alone = self.boxes()[1], not self._content.detail
        font = self._theme.font(1, QFont.Weight.Bold)
        font.setPixelSize(100)
        metrics = QFontMetricsF(font)
        sizes: dict[tuple[str, ...], float] = {}
        for lines in _breaks(self._content.title):
            widest = max(metrics.horizontalAdvance(line) for line in lines)
            high_em = max(_em_high(lines), TWO_LINES_EM if len(lines) > 1 and alone else 0.0)
            size_px = min(100.0 * box.width() / max(widest, 1.0), box.height() / high_em)
            # One line alone never fills the whole card.
            sizes[lines] = min(size_px, box.height() * 0.8)
        one = (self._content.title,)
        # Of breaks that are as large the one whose lines are most alike: "In the / tunnel".
        best = max(sizes, key=lambda lines: (round(sizes[lines], 3), -max(map(len, lines))))
        best = best if sizes[best] > 1.05 * sizes[one] else one
        # Letters grow in whole px and not quite evenly: stay a little below what was measured at 100 px.
        font.setPixelSize(max(8, int(0.985 * sizes[best])))
        return font, best

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint fill, shape and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, content = self._theme.palette, self._content
        radius = self._theme.px(RADIUS_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(p.fill(content.tone))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        shape, title, detail = self.boxes()
        self._paint_shape(painter, shape)
        font, lines = self.title_layout()
        metrics = QFontMetricsF(font)
        painter.setPen(QColor(p.on_fill))
        painter.setFont(font)
        # By the letters themselves, not by the font's line: capitals without a tail leave no room under them.
        block_px = font.pixelSize() * _em_high(lines)
        baseline = title.top() + (title.height() - block_px) / 2 + metrics.capHeight()
        baseline += font.pixelSize() * _crown_em(lines[0])
        for line in lines:
            painter.drawText(QPointF(title.x(), baseline), line)
            baseline += font.pixelSize() * _pitch_em(lines)
        if content.detail:
            small_px, small_lines = self._detail_layout()
            small = self._theme.font(TITLE_PX, QFont.Weight.Medium)
            small.setPixelSize(small_px)
            painter.setFont(small)
            for index, line in enumerate(small_lines):
                row = QRectF(
                    detail.x(), detail.y() + small_px * (0.1 + DETAIL_LINE_EM * index), detail.width(), small_px * 1.25
                )
                painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, line)

    def _paint_shape(self, painter: QPainter, box: QRectF) -> None:
        """Paint shape or mark, and the ring around it where there is progress."""
        content, colour = self._content, QColor(self._theme.palette.on_fill)
        inner = box
        if math.isfinite(content.progress):
            width = box.width() * 0.085
            ring = box.adjusted(width / 2, width / 2, -width / 2, -width / 2)
            faint = QColor(colour)
            faint.setAlphaF(0.28)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(faint, width))
            painter.drawEllipse(ring)
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            share = min(max(content.progress, 0.0), 1.0)
            if share > 0.0:
                painter.drawArc(ring, 90 * 16, -round(share * 360 * 16))
            inset = box.width() * (0.18 if content.mark else 0.23)
            inner = box.adjusted(inset, inset, -inset, -inset)
        if not content.mark:
            paint_shape(painter, content.shape, inner, colour, 2.0, content.flip)
            return
        font = self._theme.font(1, QFont.Weight.Bold)
        font.setPixelSize(100)
        wide = QFontMetricsF(font).horizontalAdvance(content.mark) / 100.0
        font.setPixelSize(max(8, int(min(inner.height() * 0.95, inner.width() / max(wide, 0.6)))))
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, content.mark)


def _breaks(title: str) -> list[tuple[str, ...]]:
    """Return the title on one line and every way to break it into two; a dash that stood at the break is left out."""
    words = title.split()
    two = []
    for cut in range(1, len(words)):
        first = words[: cut - 1] if words[cut - 1] in _DASHES else words[:cut]
        if first and words[cut] not in _DASHES:
            two.append((" ".join(first), " ".join(words[cut:])))
    return [(title,), *two]


_DASHES: Final = ("-", "–", "—")
#: Of a usual interface font, em: capitals, tails below the baseline, accents on capitals, and the air between lines.
CAPITAL_EM: Final = 0.74
TAIL_EM: Final = 0.21
CROWN_EM: Final = 0.2
_AIR_EM: Final = 0.19


def _tailed(line: str) -> bool:
    return any(letter in "gjpqyçQÇ,;()_¿¡" for letter in line)


def _crown_em(line: str) -> float:
    """Return how far the accents of a line's capitals stand above them, em: "ATRÁS"."""
    crowned = any(letter.isupper() and letter not in "ÇĄĘ" and unicodedata.decomposition(letter) for letter in line)
    return CROWN_EM if crowned else 0.0


def _pitch_em(lines: tuple[str, ...]) -> float:
    """Return from baseline to baseline, em."""
    tail = 0.1 if any(_tailed(line) for line in lines[:-1]) else 0.0
    crown = max((_crown_em(line) for line in lines[1:]), default=0.0)
    return CAPITAL_EM + _AIR_EM + tail + 0.6 * crown


def _em_high(lines: tuple[str, ...]) -> float:
    """Return the height of the letters of ``lines`` from the top of the first to the lowest of the last, em."""
    ends = _crown_em(lines[0]) + (TAIL_EM if _tailed(lines[-1]) else 0.0)
    return CAPITAL_EM + ends + _pitch_em(lines) * (len(lines) - 1)
