"""The picture: the only place that knows how image px become widget px (letterbox, mirror, screen density).

The pose is drawn only on its own image: an `Analysis` holds both. A landmark-only analysis gets a neutral canvas
of the same size.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.coach.setup import SetupPhase
from app.coach.standing import STILL_WANTED_S
from app.ui.icons import paint_shape
from app.ui.overlay import OverlayStyle, paint_overlay
from app.ui.scene_bars import SceneBars
from app.ui.screen_picture import ScreenPicture
from app.ui.screens import SceneDetail
from app.ui.steady import Steady, SteadyScene
from app.ui.theme import DARK, RADIUS_PX, TITLE_PX, Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from app.coach.report import Step
    from app.coach.types import ImageArray
    from app.session import Analysis
    from app.ui.ghost import Ghost


#: Most of the UI thread's time that painting pictures may take.
PAINT_SHARE = 0.5
#: Height of the box that says how late the picture is, of the picture (of a 4:3 one where it is narrow).
LATE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """Image px -> widget px: uniform scale, centred, mirrored for display only.

    Attributes:
        image_size_px: (width, height) of the image. rect: where it lies in the widget. mirrored: left is right.

    """

    image_size_px: tuple[int, int]
    rect: QRectF
    mirrored: bool

    @classmethod
    def fit(cls, image_size_px: tuple[int, int], widget: QRectF, mirrored: bool) -> ViewTransform:
        """Return the transform that shows the whole image as large as ``widget`` allows."""
        width_px, height_px = image_size_px
        scale = min(widget.width() / width_px, widget.height() / height_px)
        width, height = width_px * scale, height_px * scale
        left, top = widget.x() + (widget.width() - width) / 2, widget.y() + (widget.height() - height) / 2
        return cls(image_size_px, QRectF(left, top, width, height), mirrored)

    @property
    def scale(self) -> float:
        """Widget px per image px."""
        return self.rect.width() / self.image_size_px[0]

    def point(self, x_px: float, y_px: float) -> QPointF:
        """Return where an image point lies in the widget."""
        x_px = self.image_size_px[0] - x_px if self.mirrored else x_px
        return QPointF(self.rect.x() + x_px * self.scale, self.rect.y() + y_px * self.scale)

    def image_point(self, where: QPointF) -> tuple[float, float]:
        """Return the image point (x, y) px at a place in the widget; outside the picture is possible."""
        x_px, y_px = (where.x() - self.rect.x()) / self.scale, (where.y() - self.rect.y()) / self.scale
        return (self.image_size_px[0] - x_px if self.mirrored else x_px), y_px

    def image_rect(self) -> QRectF:
        """Return where the whole image lies in the widget."""
        return self.rect


def captures(analysis: Analysis) -> bool:
    """Whether standing is taken now and nothing else is asked for: the set-up puts things right first."""
    setup = analysis.setup
    putting_right = setup is not None and setup.phase in (SetupPhase.CHECKING, SetupPhase.COUNTDOWN)
    return analysis.report.standing.capturing and not putting_right


class VideoView(QWidget):
    """Shows the newest analysis, a coloured frame for its tone, and large words where the runner must act.

    Attributes:
        detail_changed: it is drawn for somebody else now.

    """

    detail_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._analysis: Analysis | None = None
        self._mirrored = False
        self._detail = SceneDetail.COACH
        self._ghost: Ghost | None = None
        self._ghost_shown = True
        self._bars = SceneBars()
        self._steadied = SteadyScene()
        self._steady = Steady()
        self._tone = Tone.CALM
        self._hint = ("", "", True)
        self._late = ""
        self._stale = False
        self._pending = False
        self._painted_s = self._paint_took_s = 0.0
        self._picture: tuple[ImageArray, QSize, bool, QImage] | None = None
        self._screen = ScreenPicture()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 180)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # ---- what the window tells it -------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.update()

    def show_analysis(self, analysis: Analysis, tone: Tone) -> None:
        """Show a new frame, framed in ``tone``, at the next `refresh`."""
        self._analysis, self._tone, self._stale = analysis, tone, False
        self._bars.follow(analysis)
        self._steady = self._steadied.follow(analysis)
        self._pending = True

    def show_step(self, step: Step) -> None:
        """Take a finished running step for lean split, weight shift and landing; shown with the next frame."""
        self._bars.show_step(step)

    def refresh(self) -> None:
        """Repaint if there is something new and painting does not take more than its share of the time.

        The analysis shares the processor (and Python's lock) with this thread: a 4K picture must not slow the coach.
        """
        now_s = time.perf_counter()
        if self._pending and now_s - self._painted_s >= self._paint_took_s * (1.0 / PAINT_SHARE - 1.0):
            self._pending = False
            self.update()

    def set_hint(self, title: str, detail: str = "", figure: bool = True) -> None:
        """Show a title and a line over the picture ("" = none); ``figure``: a drawing where there is no picture."""
        if (title, detail, figure) != self._hint:
            self._hint = (title, detail, figure)
            self.update()

    @property
    def late(self) -> str:
        """How late the picture is, in words shown large in it; "" = it is of now."""
        return self._late

    @late.setter
    def late(self, words: str) -> None:
        self._late = words
        self.update()

    def set_stale(self) -> None:
        """Keep the last picture but show that it is not live any more."""
        if not self._stale:
            self._stale, self._tone = True, Tone.CALM
            self.update()

    def clear(self) -> None:
        """Forget the picture."""
        self._analysis, self._picture, self._tone = None, None, Tone.CALM
        self._bars.clear()
        self._steadied.clear()
        self.update()

    @property
    def detail(self) -> SceneDetail:
        """For whom the picture is drawn on: few and bold marks for the runner, everything for the coach."""
        return self._detail

    @detail.setter
    def detail(self, detail: SceneDetail) -> None:
        if detail is not self._detail:
            self._detail = detail
            self.detail_changed.emit()
            self.update()

    @property
    def ghost(self) -> Ghost | None:
        """The stance to step into, None = none."""
        return self._ghost

    @ghost.setter
    def ghost(self, ghost: Ghost | None) -> None:
        self._ghost = ghost
        self.update()

    @property
    def ghost_shown(self) -> bool:
        """Whether the ghost, where there is one, is drawn."""
        return self._ghost_shown

    @ghost_shown.setter
    def ghost_shown(self, shown: bool) -> None:
        self._ghost_shown = shown
        self.update()

    @property
    def mirrored(self) -> bool:
        """Whether the picture is shown mirrored (never the words on it)."""
        return self._mirrored

    @mirrored.setter
    def mirrored(self, mirrored: bool) -> None:
        self._mirrored = mirrored
        self.update()

    @property
    def analysis(self) -> Analysis | None:
        """What is shown."""
        return self._analysis

    def transform(self) -> ViewTransform | None:
        """Return the present image-to-widget transform, None without a picture."""
        if self._analysis is None:
            return None
        size_px = self._analysis.pose.image_size_px
        return ViewTransform.fit(size_px, QRectF(self.rect()), self._mirrored) if min(size_px) > 0 else None

    # ---- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint picture, overlay, frame and words."""
        began_s = time.perf_counter()
        painter = QPainter(self)
        palette = self._theme.palette
        analysis, transform = self._analysis, self.transform()
        painter.fillRect(self.rect(), QColor(palette.ground if transform is not None else palette.surface))
        if analysis is not None and transform is not None:
            self._paint_picture(painter, analysis, transform)
            ghost = self._ghost if self._ghost_shown else None
            style, bars = self._style(analysis), self._bars.values
            paint_overlay(painter, analysis, style, transform, ghost, bars, self._steady)
        if self._stale and analysis is not None:
            veil = QColor(8, 12, 15, 140)
            painter.fillRect(self.shown_rect(), veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if analysis is not None and not self._stale and captures(analysis):
            self._paint_standing(painter, analysis.report.standing.progress)
        elif self._hint[0]:
            self._paint_hint(painter)
        self._paint_frame(painter)
        if self._late and analysis is not None and not self._stale:
            self._paint_late(painter)
        painter.end()
        self._painted_s = time.perf_counter()
        self._paint_took_s = self._painted_s - began_s

    def _style(self, analysis: Analysis) -> OverlayStyle:
        stroke_px = max(2.5, min(self.width(), self.height() * 1.6) / 190)
        return OverlayStyle(self._theme, stroke_px, analysis.frame.image_bgr is not None, self._detail)

    def _paint_picture(self, painter: QPainter, analysis: Analysis, transform: ViewTransform) -> None:
        image = analysis.frame.image_bgr
        if image is None:
            painter.fillRect(transform.rect, QColor(self._theme.palette.canvas))
            return
        ratio = self.devicePixelRatioF()
        size = QSize(round(transform.rect.width() * ratio), round(transform.rect.height() * ratio))
        # The image itself is held, not its id: an id is given anew once its object is gone.
        known = self._picture
        if known is None or known[0] is not image or known[1:3] != (size, self._mirrored):
            known = self._picture = (image, size, self._mirrored, self._screen.image(image, size, self._mirrored))
            known[3].setDevicePixelRatio(ratio)
        # Whole px: a picture at a fractional place would be resampled by the painter.
        painter.drawImage(QPointF(round(transform.rect.x()), round(transform.rect.y())), known[3])

    def shown_rect(self) -> QRectF:
        """Return where the picture is, or the whole widget without one."""
        transform = self.transform()
        return QRectF(self.rect()) if transform is None else transform.rect

    def _paint_frame(self, painter: QPainter) -> None:
        """Round the corners and colour the edge: the one thing that the corner of an eye sees from 3 m."""
        box = self.shown_rect()
        radius, edge = self._theme.px(RADIUS_PX), max(4.0, min(box.width(), box.height()) / 75)
        around = QPainterPath()
        around.addRect(QRectF(self.rect()))
        around.addRoundedRect(box, radius, radius)
        painter.fillPath(around, QColor(self._theme.palette.ground))
        if self._analysis is None or self._tone is Tone.CALM:
            return
        pen = QPen(self._theme.palette.tone(self._tone), edge)
        if self._tone in (Tone.OFF, Tone.HIT):
            pen.setDashPattern([3.0, 1.2])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(
            box.adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2), radius - edge / 4, radius - edge / 4
        )

    def _paint_standing(self, painter: QPainter, progress: float) -> None:
        """Paint the ring and the seconds that are left of the standing reference."""
        progress = min(max(progress, 0.0), 1.0) if math.isfinite(progress) else 0.0
        # Beside the body, which is in the middle: the runner wants to see both.
        shown = self.shown_rect()
        side = min(shown.width() * 0.30, shown.height() * 0.44)
        centre = QPointF(shown.left() + shown.width() * 0.21, shown.top() + shown.height() * 0.46)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(8, 12, 15, 190))
        painter.drawEllipse(centre, side * 0.62, side * 0.62)
        ring = QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(255, 255, 255, 50), side * 0.07))
        painter.drawEllipse(ring)
        pen = QPen(DARK.tone(Tone.INFO), side * 0.07)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(ring, 90 * 16, -round(360 * 16 * progress))
        left_s = max(1, math.ceil(STILL_WANTED_S * (1.0 - progress)))
        painter.setPen(QColor("#ffffff"))
        painter.setFont(self._font(side * 0.30, QFont.Weight.Bold))
        above, seconds = ring.adjusted(0, -side * 0.10, 0, -side * 0.10), tr("{n} s").format(n=left_s)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, seconds)
        painter.setFont(self._font(side * 0.095, QFont.Weight.DemiBold))
        painter.drawText(ring.adjusted(0, side * 0.42, 0, 0), Qt.AlignmentFlag.AlignCenter, tr("Stand tall"))

    def late_box(self) -> QRectF:
        """Return where it is said how late the picture is: in its upper corner, 3 m away still to be read."""
        shown = self.shown_rect()
        height = LATE_SHARE * min(shown.height(), 0.75 * shown.width())
        font = self._font(height * 0.62, QFont.Weight.Bold)
        width = QFontMetricsF(font).horizontalAdvance(self._late) + 1.75 * height
        return QRectF(shown.left() + height * 0.45, shown.top() + height * 0.45, width, height)

    def _paint_late(self, painter: QPainter) -> None:
        """Say in the picture how late it is, with the clock whose hand goes back."""
        box = self.late_box()
        high = box.height()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(DARK.fill(Tone.INFO))
        painter.drawRoundedRect(box, high * 0.28, high * 0.28)
        on_fill = QColor(DARK.on_fill)
        paint_shape(painter, "delay", QRectF(box.left() + 0.3 * high, box.top() + 0.15 * high, 0.7 * high, 0.7 * high),
                    on_fill, 2.4)  # fmt: skip
        painter.setPen(on_fill)
        painter.setFont(self._font(high * 0.62, QFont.Weight.Bold))
        words = box.adjusted(1.25 * high, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._late)

    def _paint_hint(self, painter: QPainter) -> None:
        """Paint title and detail over a dark veil, or with a faint figure where there is no picture."""
        title, detail, with_figure = self._hint
        p = self._theme.palette
        over_picture = self._analysis is not None
        shown = self.shown_rect()
        height = min(shown.height() * 0.12, shown.width() * 0.065)
        if over_picture and not self._stale:
            painter.fillRect(shown, QColor(8, 12, 15, 150))
        elif not over_picture and with_figure:
            side = shown.height() * 0.34
            figure = QRectF(shown.center().x() - side / 2, shown.top() + shown.height() * 0.12, side, side)
            paint_shape(painter, "hold", figure, QColor(p.hairline), 1.6)
        middle = shown.top() + shown.height() * (0.5 if over_picture else 0.64)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        left, width = shown.left() + shown.width() * 0.08, shown.width() * 0.84
        painter.setFont(self._font(height, QFont.Weight.DemiBold))
        painter.setPen(QColor("#ffffff") if over_picture else QColor(p.text))
        upper = QRectF(left, shown.top(), width, middle - shown.top())
        painter.drawText(upper, flags | Qt.AlignmentFlag.AlignBottom, title)
        painter.setPen(QColor("#dfe7ec") if over_picture else QColor(p.muted))
        painter.setFont(self._font(max(height * 0.36, self._theme.px(TITLE_PX)), QFont.Weight.Medium))
        lower = QRectF(left, middle + height * 0.25, width, shown.bottom() - middle - height * 0.25)
        painter.drawText(lower, flags | Qt.AlignmentFlag.AlignTop, detail)

    def _font(self, size_px: float, weight: QFont.Weight) -> QFont:
        return self._theme.font(size_px / self._theme.scale, weight)
