"""The good stance and the two wrong ones side by side, and whether they can be told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.coach.report import GOOD, FaultId
from app.coach.types import Landmark
from app.ui.panels.marks import Mark, MarkView, paint_mark
from app.ui.panels.parts import Section, Words
from app.ui.theme import CAPTION_PX, DARK, Tone
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.coach.separation import Separation
    from app.coach.types import BodyPose
    from app.ui.theme import Theme

#: Width over height of one picture.
ASPECT: Final = 0.56
#: What a pose of the exam is called under its picture.
POSE_WORDS: Final[dict[str, str]] = {
    GOOD: mark("Good"),
    FaultId.PELVIS_DRIFT: mark("Hips forward"),
    FaultId.HIP_SQUEEZE: mark("Squeezed"),
}
#: Short words for what decides between two poses (`app.coach.report.StanceValues`).
MEASURE_WORDS: Final[dict[str, str]] = {
    "theta_l_deg": mark("line lean"),
    "theta_t_deg": mark("trunk lean"),
    "d_h_bh_pct": mark("hip offset"),
    "front_load_deg": mark("front hip and knee bend"),
    "front_knee_deg": mark("front knee bend"),
    "rear_knee_deg": mark("rear knee bend"),
    "front_shank_deg": mark("front shank tilt"),
    "drop_bh_pct": mark("head height"),
    "weight_shift": mark("weight shift"),
    "stagger_bh_pct": mark("step length"),
}
_EARS = (Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
_HIPS = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
_LEGS = ((Landmark.LEFT_ANKLE, Landmark.LEFT_TOE), (Landmark.RIGHT_ANKLE, Landmark.RIGHT_TOE))


@dataclass(frozen=True, slots=True, eq=False)
class ExamPicture:
    """One pose of the exam as it was held.

    Attributes:
        title_id: "good", "pelvis_drift" or "hip_squeeze". image: of that moment, of any size.
        pose: in the px of its own `image_size_px`, None where it is not known.

    """

    title_id: str
    image: QImage
    pose: BodyPose | None = None


def line_of(pose: BodyPose) -> tuple[QPointF, QPointF, QPointF] | None:
    """Return (ear, hip, rear ankle), px of the pose's image; None where they are not all known."""
    points = pose.xy_px

    def middle(pair: tuple[Landmark, ...]) -> QPointF | None:
        known = [points[one] for one in pair if np.isfinite(points[one]).all()]
        return QPointF(*np.mean(known, axis=0).tolist()) if known else None

    ear, hip = middle(_EARS), middle(_HIPS)
    feet = [(points[ankle], points[toe] - points[ankle]) for ankle, toe in _LEGS if np.isfinite(points[ankle]).all()]
    ways = [float(way[0]) for _, way in feet if math.isfinite(float(way[0]))]
    if ear is None or hip is None or not feet or not ways:
        return None
    sign = 1.0 if sum(ways) >= 0.0 else -1.0
    rear = min((ankle for ankle, _ in feet), key=lambda ankle: sign * float(ankle[0]))
    return ear, hip, QPointF(*rear.tolist())


def crop_of(pose: BodyPose | None, size: tuple[int, int], aspect: float = ASPECT) -> QRectF:
    """Return the part of a picture (width, height) around the body with a little room, as wide as ``aspect`` asks."""
    width, height = float(size[0]), float(size[1])
    known = pose.xy_px[np.isfinite(pose.xy_px).all(axis=1)] if pose is not None else np.empty((0, 2))
    if pose is None or not len(known):
        wide = min(width, height * aspect)
        return QRectF((width - wide) / 2, 0.0, wide, min(height, wide / aspect))
    scale = width / pose.image_size_px[0]
    (left, top), (right, bottom) = (known.min(axis=0) * scale).tolist(), (known.max(axis=0) * scale).tolist()
    high = max((bottom - top) * 1.22, (right - left) * 1.12 / aspect)
    high = min(high, height, width / aspect)
    wide = high * aspect
    x = min(max((left + right - wide) / 2, 0.0), width - wide)
    y = min(max((top + bottom - high) / 2 - 0.02 * high, 0.0), height - high)
    return QRectF(x, y, wide, high)


class PoseTile(QWidget):
    """One picture with its line from ear to rear foot and the hip, and its name above."""

    def __init__(self, theme: Theme, title_id: str) -> None:
        super().__init__()
        self._theme, self.title_id = theme, title_id
        self.picture: ExamPicture | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr(POSE_WORDS[title_id]))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def show_picture(self, picture: ExamPicture | None) -> None:
        """Show another picture; None: not taken yet."""
        if picture is not self.picture:
            self.picture = picture
            self.update()

    def hasHeightForWidth(self) -> bool:
        """Whether the height follows the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of picture and name."""
        return round(width / ASPECT) + self._theme.px(24)

    def sizeHint(self) -> QSize:
        """Ask for a third of a usual panel."""
        width = self._theme.px(92)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Make do with less."""
        return QSize(self._theme.px(60), self._theme.px(80))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint picture, line and name."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        p, px = self._theme.palette, self._theme.px
        # The name stands above, where it is seen first when one scrolls to it.
        box = QRectF(0, px(24), self.width(), self.height() - px(24))
        clip = QPainterPath()
        clip.addRoundedRect(box, px(8), px(8))
        painter.fillPath(clip, QColor(p.canvas))
        if self.picture is not None and not self.picture.image.isNull():
            painter.setClipPath(clip)
            self._paint_picture(painter, self.picture, box)
            painter.setClipping(False)
        else:
            self._paint_to_come(painter, box)
        font = self._theme.font(CAPTION_PX, QFont.Weight.DemiBold)
        words = tr(POSE_WORDS[self.title_id])
        wide = QFontMetricsF(font).horizontalAdvance(words) / max(1.0, self.width() - px(2))
        if wide > 1.0:
            font.setPixelSize(max(8, int(font.pixelSize() / wide)))
        painter.setFont(font)
        painter.setPen(p.tone(Tone.GOOD if self.title_id == GOOD else Tone.OFF))
        above = QRectF(0, 0, self.width(), px(24))
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_to_come(self, painter: QPainter, box: QRectF) -> None:
        p, px = self._theme.palette, self._theme.px
        middle = box.center()
        paint_mark(painter, Mark.TO_COME, QRectF(middle.x() - px(11), middle.y() - px(34), px(22), px(22)), p)
        painter.setFont(self._theme.font(CAPTION_PX))
        painter.setPen(QColor(p.muted))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        words = QRectF(box.left() + px(4), middle.y() - px(4), box.width() - px(8), box.height() / 2)
        painter.drawText(words, int(flags), tr("not taken yet"))

    def _paint_picture(self, painter: QPainter, picture: ExamPicture, box: QRectF) -> None:
        image, pose = picture.image, picture.pose
        aspect = box.width() / max(1.0, box.height())
        source = crop_of(pose, (image.width(), image.height()), aspect)
        painter.drawImage(box, image, source)
        line = line_of(pose) if pose is not None else None
        if pose is None or line is None:
            return
        shown = image.width() / pose.image_size_px[0] * box.width() / source.width()
        at = box.width() / source.width()
        ear, hip, foot = (
            QPointF(box.x() + point.x() * shown - source.x() * at, box.y() + point.y() * shown - source.y() * at)
            for point in line
        )
        # On pictures the bright tones, whatever the theme is.
        p, px = DARK, self._theme.px
        good = picture.title_id == GOOD
        # A dark seam keeps the line apart from any clothes.
        for colour, width in ((QColor(0, 0, 0, 150), px(4)), (p.tone(Tone.GOOD if good else Tone.OFF), px(2))):
            style = Qt.PenStyle.SolidLine if good else Qt.PenStyle.DashLine
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine if width == px(4) else style))
            painter.drawLine(ear, foot)
        painter.setPen(QPen(QColor(0, 0, 0, 170), px(1.5)))
        painter.setBrush(QColor("#ffffff"))
        painter.drawEllipse(hip, px(4.5), px(4.5))


def separation_words(separation: Separation) -> str:
    """Return whether a fault is seen, and by what; honest where it is not. Scatter: 1 SD."""
    measure = tr(MEASURE_WORDS.get(separation.measure, separation.measure))
    if separation.separable:
        told = tr("Clearly seen ({measure}: {n} times its scatter)")
        return told.format(n=_times(separation.distance_sd), measure=measure)
    words = tr("Not seen clearly enough on you by this camera: it will not be said")
    if not math.isfinite(separation.distance_sd):
        return words
    near = tr(POSE_WORDS.get(separation.from_what, separation.from_what.replace("_", " ")))
    why = tr("too like {pose} — {measure}: {n} times its scatter")
    return f"{words} ({why.format(pose=near, n=_times(separation.distance_sd), measure=measure)})"


def _times(distance_sd: float) -> str:
    return f"{distance_sd:.0f}" if distance_sd >= 10.0 else f"{distance_sd:.1f}"


class Contrast(Section):
    """The three pictures and, at the end, what can be told apart."""

    def __init__(self, theme: Theme) -> None:
        self.tiles = {name: PoseTile(theme, name) for name in POSE_WORDS}
        self.lines: dict[str, tuple[QWidget, MarkView, Words]] = {}
        super().__init__(theme, tr("Feel the difference"))
        self.box.addWidget(Words(tr("Your own three stances, side by side, taken as you hold them."), "caption"))
        self._pictures = QHBoxLayout()
        for tile in self.tiles.values():
            self._pictures.addWidget(tile)
        self.box.addLayout(self._pictures)
        self._rows: list[QHBoxLayout] = []
        for name in POSE_WORDS:
            if name != GOOD:
                self._add_line(theme, name)
        self.set_theme(theme)

    def _add_line(self, theme: Theme, name: str) -> None:
        view, words = MarkView(theme), Words("", "body")
        title = Words(tr(POSE_WORDS[name]), "strong", hides=False)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(words)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(view, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        holder.hide()
        self._rows.append(row)
        self.lines[name] = (holder, view, words)
        self.box.addWidget(holder)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        for tile in self.tiles.values():
            tile.set_theme(theme)
        for _, view, _ in self.lines.values():
            view.set_theme(theme)
        if self.lines:
            self._pictures.setSpacing(theme.px(8))
            for row in self._rows:
                row.setSpacing(theme.px(10))

    @property
    def taken(self) -> int:
        """How many of the three pictures there are."""
        return sum(tile.picture is not None and not tile.picture.image.isNull() for tile in self.tiles.values())

    def set_pictures(self, pictures: Sequence[ExamPicture]) -> None:
        """Show pictures; of two of the same pose the later one counts."""
        newest = {picture.title_id: picture for picture in pictures}
        for name, tile in self.tiles.items():
            tile.show_picture(newest.get(name))
        # A source without pictures has none to show; what can be told apart is said all the same.
        for tile in self.tiles.values():
            tile.setVisible(self.taken > 0)

    def show_separations(self, separations: Sequence[Separation]) -> None:
        """Say what can be told apart; nothing while that is not known."""
        known = {separation.fault.value: separation for separation in separations}
        for name, (holder, view, words) in self.lines.items():
            separation = known.get(name)
            holder.setVisible(separation is not None)
            if separation is not None:
                view.set_mark(Mark.PASSED if separation.separable else Mark.FAILED)
                words.say(separation_words(separation))
                holder.setAccessibleName(f"{tr(POSE_WORDS[name])}: {words.text()}")
