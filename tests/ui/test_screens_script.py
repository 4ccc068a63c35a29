"""The script that photographs every screen: frames only where they are looked at, time by the frames, small files."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from app.ui.screens import LIVE, Screen
from docs.few_colours import FLAT_COLOURS, OTHER_COLOURS, with_few_colours
from docs.make_screens import PLAYS, README, ROOT, Photographer
from docs.screen_plays import FPS, Play, frames_wanted

pytestmark = pytest.mark.gui
MOST_BYTES = 250_000


def test_a_play_is_photographed_at_its_time_and_drawn_there_alone(qapp) -> None:
    play = Play("short", Screen.RUN, shots=((0.2, "first"), (0.4, "second")))
    taken = []
    photographer = Photographer(lambda window, name: taken.append((name, window.video.analysis, window.current)))
    photographer.play(play)
    assert [name for name, _, _ in taken] == ["first", "second"]
    assert [analysis.frame.t_s for _, analysis, _ in taken] == pytest.approx([0.2, 0.4])
    assert all(analysis.frame.image_bgr is not None for _, analysis, _ in taken)
    assert {screen for _, _, screen in taken} == {Screen.RUN}
    assert frames_wanted(play) == {0.2, 0.4}


def test_what_is_looked_back_at_is_drawn_all_along() -> None:
    play = Play("back", Screen.RUN, shots=((1.0, "end"),), review=True)
    assert len(frames_wanted(play)) == round(FPS) + 1


def test_every_live_screen_is_played_and_every_picture_of_the_readme_is_small_and_there() -> None:
    assert {play.screen for play in PLAYS} == set(LIVE)
    names = [name for play in PLAYS for _, name in play.shots]
    assert len(set(names)) == len(names)
    assert set(README) <= set(names)
    for file, _ in README.values():
        assert 10_000 < (ROOT / file).stat().st_size < MOST_BYTES, file


def test_few_colours_stay_close_to_the_many() -> None:
    wide = np.linspace(0, 255, 512).astype(np.uint8)
    image = QImage(512, 4, QImage.Format.Format_RGB888)
    for x, grey in enumerate(wide.tolist()):
        for y in range(4):
            image.setPixelColor(x, y, QColor(grey, grey // 2, 255 - grey))
    few = with_few_colours(image)
    assert few.colorCount() <= FLAT_COLOURS + OTHER_COLOURS == 256
    off = [abs(few.pixelColor(x, 1).red() - image.pixelColor(x, 1).red()) for x in range(512)]
    assert max(off) <= 4
    assert with_few_colours(image) == few  # the same colours every time
