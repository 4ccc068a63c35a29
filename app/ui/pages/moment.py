"""One of the best or the worst moments: its picture, cut to the body, as a button that goes there."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton

from app.session.set_record import Best, SetKind
from app.store.clock import clock
from app.ui.icons import paint_shape
from app.ui.overlay import OverlayStyle, paint_overlay
from app.ui.pages.review_words import about_tone, about_words, moment_lines
from app.ui.pages.scrub_keys import passes_on
from app.ui.screen_picture import screen_image
from app.ui.theme import CAPTION_PX, Theme
from app.ui.video_view import ViewTransform
from app.ui.words import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from app.coach.types import BodyPose
    from app.session import Analysis
    from app.session.set_record import Moment, SetRecord

#: Height / width of the picture, and how much of its height the body takes.
SHAPE: Final = 1.28
BODY_SHARE: Final = 0.75
#: Where the line is not to be seen, the pictures around are looked at: so many to each side, so far apart.
LOOKS, LOOK_S = 6, 0.033


class MomentButton(QAbstractButton):
    """Paints the picture of a moment with what the coach saw, and two lines below."""

    def __init__(self, theme: Theme, moment: Moment, record: SetRecord) -> None:
        super().__init__()
        self.moment = moment
        self._theme = theme
        self._analysis = picture_with_line(moment, record)
        self._title, self._detail = moment_lines(moment, record)
        self._time = clock(moment.t_s - record.first_s)
        self._shape = about_words(moment.about, record.drill if moment.number else None)[1]
        self._pixmap: QPixmap | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.fit(theme.px(104))
        sort = tr("One of the best") if moment.best is Best.BEST else tr("One of the worst")
        title = tr(moment.words) if moment.number and moment.words else self._title
        words = ", ".join(part for part in (title, self._detail, self._time) if part)
        self.setAccessibleName(f"{sort}: {words}")
        self.setToolTip(words)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme, self._pixmap = theme, None
        self.fit(self._width)
        self.update()

    def fit(self, width: int) -> None:
        """Be so wide, and as high as goes with it."""
        self._width = max(width, 24)
        rows = sum(len(lines) for lines in self.lines())
        self.setFixedSize(self._width, round(self._width * SHAPE) + self._theme.px(8 + 18 * max(rows, 2)))

    def lines(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return title and detail as they are broken: two lines each where one is too narrow."""
        title, detail = (
            broken(words, QFontMetricsF(self._theme.font(CAPTION_PX, weight)), self._width)
            for words, weight in ((self._title, QFont.Weight.DemiBold), (self._detail, QFont.Weight.Normal))
        )
        return title, detail

    def sizeHint(self) -> QSize:
        """Ask for what it was fitted to."""
        return self.minimumSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the keys of the page to the page."""
        if passes_on(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint picture, badge and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        p, px = self._theme.palette, self._theme.px
        box = QRectF(0, 0, self.width(), round(self.width() * SHAPE)).adjusted(1, 1, -1, -1)
        radius = px(9)
        path = QPainterPath()
        path.addRoundedRect(box, radius, radius)
        painter.save()
        painter.setClipPath(path)
        painter.fillRect(box, QColor(p.canvas))
        if self._analysis is not None:
            painter.drawPixmap(box.topLeft(), self._picture(self._analysis, box.size().toSize()))
        painter.restore()
        self._paint_badge(painter, box)
        colour = QColor(p.info) if self.hasFocus() else QColor(p.text) if self.underMouse() else QColor(p.hairline)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 2.0 if self.hasFocus() or self.underMouse() else 1.0))
        painter.drawRoundedRect(box, radius, radius)
        self._paint_words(painter, box.bottom() + px(5))

    def _paint_badge(self, painter: QPainter, box: QRectF) -> None:
        """Paint the shape of the verdict in its colour at one corner of the picture, its time at the other."""
        p, px = self._theme.palette, self._theme.px
        side = px(24)
        badge = QRectF(box.left() + px(6), box.top() + px(6), side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(p.fill(about_tone(self.moment.about)))
        painter.drawRoundedRect(badge, px(6), px(6))
        paint_shape(painter, self._shape, badge.adjusted(px(4), px(4), -px(4), -px(4)), QColor(p.on_fill), 2.6)

        font = self._theme.font(CAPTION_PX, QFont.Weight.DemiBold)
        width = QFontMetricsF(font).horizontalAdvance(self._time) + px(10)
        chip = QRectF(box.right() - width - px(4), box.bottom() - px(23), width, px(19))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(8, 12, 15, 190))
        painter.drawRoundedRect(chip, px(5), px(5))
        painter.setFont(font)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self._time)

    def _paint_words(self, painter: QPainter, top: float) -> None:
        p, px = self._theme.palette, self._theme.px
        title, detail = self.lines()
        for lines, colour, weight in (
            (title, p.text, QFont.Weight.DemiBold),
            (detail, p.muted, QFont.Weight.Normal),
        ):
            painter.setFont(self._theme.font(CAPTION_PX, weight))
            painter.setPen(QColor(colour))
            for words in lines:
                line = QRectF(0, top, self.width(), px(18))
                painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
                top += px(18)

    def _picture(self, analysis: Analysis, size: QSize) -> QPixmap:
        """Return the picture with its overlay, cut to the body; made once for a size."""
        ratio = self.devicePixelRatioF()
        if self._pixmap is None or self._pixmap.size() != size * ratio:
            self._pixmap = body_pixmap(analysis, size, ratio, self._theme)
        return self._pixmap


def broken(words: str, metrics: QFontMetricsF, width_px: float) -> tuple[str, ...]:
    """Return words on one line, or on two where that is too narrow; what does not fit on those ends in …."""
    if not words or metrics.horizontalAdvance(words) <= width_px:
        return (words,) if words else ()
    parts = words.split()
    fitting = [n for n in range(1, len(parts)) if metrics.horizontalAdvance(" ".join(parts[:n])) <= width_px]
    cut = fitting[-1] if fitting else len(parts)
    lines = (" ".join(parts[:cut]), " ".join(parts[cut:]))
    return tuple(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width_px) for line in lines if line)


def picture_with_line(moment: Moment, record: SetRecord) -> Analysis | None:
    """Return the frame of a moment; of a run the nearest one within the step in which the line is to be seen."""
    shown = record.picture_of(moment)
    if record.kind is not SetKind.RUN or shown is None or _has_line(shown):
        return shown
    others = (record.frame_at(moment.t_s + side * k * LOOK_S) for k in range(1, LOOKS + 1) for side in (-1, 1))
    with_picture = shown.frame.image_bgr is not None
    return next(
        (a for a in others if a is not None and _has_line(a) and (a.frame.image_bgr is not None) >= with_picture), shown
    )


def _has_line(analysis: Analysis) -> bool:
    line = analysis.report.line
    return line is not None and bool(np.isfinite(line.ear_px).all() and np.isfinite(line.foot_px).all())


def body_pixmap(analysis: Analysis, size: QSize, ratio: float, theme: Theme) -> QPixmap:
    """Return a frame with its overlay, cut to the body; ``ratio``: device px per px."""
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(theme.palette.canvas))
    transform = body_transform(analysis.pose, size)
    painter = QPainter(pixmap)
    image, rect = analysis.frame.image_bgr, transform.rect
    if image is not None:
        whole = QSize(round(rect.width() * ratio), round(rect.height() * ratio))
        picture = screen_image(image, whole, mirrored=False)
        picture.setDevicePixelRatio(ratio)
        painter.drawImage(QPointF(rect.x(), rect.y()), picture)
    # Whole body heights fill the small picture: the stroke follows the picture, not the window.
    style = OverlayStyle(theme, max(1.4, size.height() / 75), image is not None)
    paint_overlay(painter, analysis, replace(style, words=False), transform)
    painter.end()
    return pixmap


def body_transform(pose: BodyPose, size: QSize) -> ViewTransform:
    """Return image px -> px of a small picture that shows the body whole and large, in its middle."""
    xy_px = pose.xy_px[np.isfinite(pose.xy_px).all(axis=1)]
    if len(xy_px) < 4:
        return ViewTransform.fit(pose.image_size_px, QRectF(0, 0, size.width(), size.height()), mirrored=False)
    low, high = xy_px.min(axis=0), xy_px.max(axis=0)
    height_px = max(float(high[1] - low[1]), 1.0)
    width_px = max(float(high[0] - low[0]), 1.0)
    scale = min(BODY_SHARE * size.height() / height_px, 0.92 * size.width() / width_px)
    width, height = pose.image_size_px
    middle = (low + high) / 2.0
    # A little above the middle: the time stands below the feet.
    left, top = size.width() / 2 - middle[0] * scale, size.height() * 0.48 - middle[1] * scale
    # No bare ground beside a picture that would fill it.
    left = _held(left, size.width() - width * scale)
    top = _held(top, size.height() - height * scale)
    return ViewTransform(pose.image_size_px, QRectF(left, top, width * scale, height * scale), False)


def _held(at: float, least: float) -> float:
    """Keep a picture that is larger than its frame from leaving an edge bare."""
    return min(max(float(at), float(least)), 0.0) if least < 0.0 and math.isfinite(at) else float(at)
