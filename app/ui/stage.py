"""Picture above, cue card below: the picture takes its own shape, the card gets all the height that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.ui.screens import SceneDetail
from app.ui.theme import GAP_PX

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from app.ui.cue_card import CueCard
    from app.ui.theme import Theme
    from app.ui.video_view import VideoView

#: Share of the height that the card gets at least and at most. For a runner 3 m away two lines of capitals must each
#: be 8 % of the window high.
CARD_LEAST, CARD_MOST = 0.18, 0.36
RUNNER_CARD_LEAST, RUNNER_CARD_MOST = 0.28, 0.44
#: Height / width of a picture until the first one came.
USUAL_ASPECT = 9 / 16


class Stage(QWidget):
    """Lays out video and card by hand: no layout of Qt's gives one widget its aspect and the other the rest."""

    def __init__(self, video: VideoView, card: CueCard) -> None:
        super().__init__()
        self._video, self._card = video, card
        self._gap_px = GAP_PX
        self._aspect = USUAL_ASPECT
        video.setParent(self)
        card.setParent(self)
        video.detail_changed.connect(self._place)
        self.setMinimumSize(420, 320)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._gap_px = theme.px(GAP_PX)
        self._video.set_theme(theme)
        self._card.set_theme(theme)
        self._place()

    def set_picture_size(self, size_px: tuple[int, int]) -> None:
        """Fit the picture's shape (width, height)."""
        width_px, height_px = size_px
        aspect = height_px / width_px if min(size_px) > 0 else USUAL_ASPECT
        if abs(aspect - self._aspect) > 1e-3:
            self._aspect = aspect
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out again."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        width, height = self.width(), self.height()
        left_over = height - self._gap_px - round(width * self._aspect)
        runner = self._video.detail is SceneDetail.RUNNER
        least, most = (RUNNER_CARD_LEAST, RUNNER_CARD_MOST) if runner else (CARD_LEAST, CARD_MOST)
        card = min(max(left_over, round(least * height)), round(most * height))
        self._video.setGeometry(0, 0, width, height - card - self._gap_px)
        self._card.setGeometry(0, height - card, width, card)
