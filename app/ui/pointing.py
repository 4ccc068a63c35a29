"""The mouse on the picture: a click follows that person, a dragged box hides what the network takes for a leg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QRubberBand

from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.session import Session
    from app.ui.video_view import VideoView

#: A mouse that moved less than this between press and release has clicked, widget px.
CLICK_PX = 8
TIP = mark(
    "Click a person to follow them. Drag a box over a console or rail that is taken for a leg; "
    "right-click takes the box away."
)


class Pointing(QObject):
    """Turns clicks and drags on the picture into what the session is asked for.

    Args:
        video: the picture; this object lives as long as it.
        session: the session that runs now, None where none does.
    """

    def __init__(self, video: VideoView, session: Callable[[], Session | None]) -> None:
        super().__init__(video)
        self._video, self._session = video, session
        self._start: QPoint | None = None
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, video)
        video.setToolTip(tr(TIP))
        video.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the picture's mouse; everything else passes."""
        if watched is not self._video or not isinstance(event, QMouseEvent):
            return False
        where = event.position().toPoint()
        kind, left = event.type(), event.button() is Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseButtonPress and left:
            self._start = where
        elif kind == QEvent.Type.MouseMove and self._start is not None:
            self._drag(self._start, where)
        elif kind == QEvent.Type.MouseButtonRelease and left and self._start is not None:
            start, self._start = self._start, None
            self._band.hide()
            self._release(start, where)
        elif kind == QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.RightButton:
            self._ask_box(None)
        else:
            return False
        return True

    def exchange_sides(self) -> None:
        """Have left and right leg exchanged."""
        session = self._session()
        if session is not None:
            session.exchange_sides()

    def _drag(self, start: QPoint, now: QPoint) -> None:
        if (now - start).manhattanLength() >= CLICK_PX:
            self._band.setGeometry(QRect(start, now).normalized())
            self._band.show()

    def _release(self, start: QPoint, end: QPoint) -> None:
        transform, session = self._video.transform(), self._session()
        if transform is None or session is None:
            return
        x0, y0 = transform.image_point(QPointF(start))
        x1, y1 = transform.image_point(QPointF(end))
        width_px, height_px = transform.image_size_px
        if (end - start).manhattanLength() < CLICK_PX:
            if 0.0 <= x1 < width_px and 0.0 <= y1 < height_px:
                session.choose((x1, y1))
            return
        left, right = (min(max(round(x), 0), width_px) for x in sorted((x0, x1)))
        top, bottom = (min(max(round(y), 0), height_px) for y in sorted((y0, y1)))
        if right > left and bottom > top:
            self._ask_box((left, top, right - left, bottom - top))

    def _ask_box(self, box: tuple[int, int, int, int] | None) -> None:
        session = self._session()
        if session is not None:
            session.paint_out(box)
