"""The one large card: what to do now, as a few huge words, a colour and a shape.

`card_for` decides what it says (no Qt state, so it is tested as a table); `CueCard` paints it as large as the
words allow. A spoken cue stays on the card a while after it was spoken; otherwise the card shows the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.coach.report import GOOD, NOT_JUDGED, Activity, FaultId
from app.coach.types import Facing
from app.ui.icons import paint_shape
from app.ui.theme import RADIUS_PX, TITLE_PX, Theme, Tone

if TYPE_CHECKING:
    from app.coach.report import CoachReport, Cue

#: How long a cue stays on the card after it was decided (a few steps; less than the pause between two cues).
CUE_SHOWN_S: Final = 6.0

#: Words and shape of a fault that is on while no cue is shown.
FAULT_CARDS: Final[dict[str, tuple[str, str]]] = {
    FaultId.STANDING_UP: ("Too tall", "roof"),
    FaultId.PELVIS_DRIFT: ("Hips forward", "hips"),
    FaultId.HIP_SQUEEZE: ("Hips squeezed", "hips"),
    FaultId.ANKLE_LEAN: ("Ankle lean", "hips"),
    FaultId.UPRIGHT: ("Upright", "lean"),
    FaultId.OVER_LEAN: ("Too much lean", "rise"),
    FaultId.OVERSTRIDE: ("Long step", "feet"),
    FaultId.TALL: ("Too tall", "roof"),
    FaultId.NO_STAGGER: ("One foot back", "hold"),
}

#: Which picture a cue gets where it is not caused by a fault.
CUE_SHAPES: Final[dict[str, str]] = {"tunnel": "roof", "praise": "check", "standing": "stand", "setup": "camera"}
_POINTS_FORWARD: Final = frozenset({"lean", "rise", "hold", "hips"})


@dataclass(frozen=True, slots=True)
class CardContent:
    """What the card says.

    Attributes:
        title: the few huge words. detail: a smaller line ("" = none).
        tone: colour of the card. shape: key of ``icons.SHAPES``. flip: mirror the shape (runner faces left on screen).

    """

    title: str
    detail: str = ""
    tone: Tone = Tone.CALM
    shape: str = "wait"
    flip: bool = False


WELCOME: Final = CardContent("Press Space to start", "", Tone.CALM, "play")


def card_for(report: CoachReport, cue: Cue | None, mirrored: bool = False) -> CardContent:
    """Return the card for a report; ``cue`` is the newest cue decided at all, old or not."""
    flip = (report.facing is Facing.LEFT) != mirrored
    if report.standing.capturing:
        return CardContent("Stand tall", report.standing.message, Tone.INFO, "stand")
    if cue is not None and -1.0 < report.t_s - cue.t_s < CUE_SHOWN_S:
        tone = cue_tone(cue)
        return CardContent(cue.shown, "", tone, cue_shape(cue), flip and cue_shape(cue) in _POINTS_FORWARD)
    if report.activity is Activity.NOBODY:
        return CardContent("Step into view", report.not_judged_because, Tone.CALM, "camera")
    if report.verdict == NOT_JUDGED:
        word = _WAITING.get(report.activity, "Not judged yet")
        return CardContent(word, report.not_judged_because, Tone.CALM, "wait")
    if report.verdict == GOOD:
        title = "Hold it" if report.activity is Activity.STANCE else "In the tunnel"
        return CardContent(title, "", Tone.GOOD, "check")
    title, shape = FAULT_CARDS.get(report.verdict, ("Find the hinge", "hips"))
    return CardContent(title, "", Tone.OFF, shape, flip and shape in _POINTS_FORWARD)


_WAITING: Final = {
    Activity.STANDING: "Ready when you are",
    Activity.WALKING: "Walking",
    Activity.ON_THE_SPOT: "On the spot",
    Activity.RUNNING: "Watching",
    Activity.STANCE: "Hold still",
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
        self._content = WELCOME
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(84)
        self.setAccessibleName(WELCOME.title)

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
        if content != self._content:
            self._content = content
            self.setAccessibleName(f"{content.title}. {content.detail}".strip())
            self.setToolTip(content.detail)
            self.update()

    def sizeHint(self) -> QSize:
        """Ask for a fifth of the height of what is above."""
        return QSize(640, self._theme.px(120))

    def boxes(self) -> tuple[QRectF, QRectF, QRectF]:
        """Return where shape, title and detail go (the detail's box is empty without one)."""
        height, width = float(self.height()), float(self.width())
        pad = height * 0.14
        side = min(height - 2 * pad, width * 0.16)
        shape = QRectF(pad * 1.5, (height - side) / 2, side, side)
        left = shape.right() + max(pad, side * 0.28)
        words = QRectF(left, pad * 0.5, width - left - pad, height - pad)
        if not self._content.detail:
            return shape, words, QRectF()
        title_height = words.height() * 0.70
        detail = QRectF(left, words.top() + title_height, words.width(), words.height() - title_height)
        words.setHeight(title_height)
        return shape, words, detail

    def title_layout(self) -> tuple[QFont, tuple[str, ...]]:
        """Return the largest font in which the title fits its box, on one line or two, and the lines."""
        box = self.boxes()[1]
        font = self._theme.font(1, QFont.Weight.Bold)
        font.setPixelSize(100)
        metrics = QFontMetricsF(font)
        best: tuple[float, tuple[str, ...]] = (0.0, (self._content.title,))
        for lines in _breaks(self._content.title):
            widest = max(metrics.horizontalAdvance(line) for line in lines)
            # Capitals and a little air: 1.05 em a line, and one line alone never fills the whole card.
            size_px = min(100.0 * box.width() / max(widest, 1.0), box.height() / (1.16 * len(lines)))
            size_px = min(size_px, box.height() * 0.62)
            if size_px > best[0] * 1.12:
                best = (size_px, lines)
        # Letters grow in whole px and not quite evenly: stay a little below what was measured at 100 px.
        font.setPixelSize(max(8, int(0.97 * best[0])))
        return font, best[1]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint fill, shape and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, content = self._theme.palette, self._content
        radius = self._theme.px(RADIUS_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(p.fill(content.tone))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        on_fill = QColor(p.on_fill)
        shape, title, detail = self.boxes()
        paint_shape(painter, content.shape, shape, on_fill, 2.0, content.flip)
        font, lines = self.title_layout()
        painter.setPen(on_fill)
        painter.setFont(font)
        small = self._theme.font(TITLE_PX, QFont.Weight.Medium)
        small.setPixelSize(
            min(max(small.pixelSize(), round(self.height() * 0.13)), max(8, round(detail.height() * 0.8)))
        )
        line_px = font.pixelSize() * 1.12
        detail_px = small.pixelSize() * 1.5 if content.detail else 0.0
        top = (self.height() - line_px * len(lines) - detail_px) / 2
        for index, line in enumerate(lines):
            row = QRectF(title.x(), top + index * line_px, title.width(), line_px)
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, line)
        if content.detail:
            row = QRectF(title.x(), top + line_px * len(lines), title.width(), detail_px)
            painter.setFont(small)
            words = QFontMetricsF(small).elidedText(content.detail, Qt.TextElideMode.ElideRight, row.width())
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, words)


def _breaks(title: str) -> list[tuple[str, ...]]:
    """Return the title on one line and every way to break it into two."""
    words = title.split()
    two = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return [(title,), *two]
