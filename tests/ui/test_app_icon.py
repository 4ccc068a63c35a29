"""The window's icon: there in every size, and the one that the script draws."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from app.ui.app_icon import app_icon

ROOT = Path(__file__).parents[2]


def pixels(image: QImage) -> np.ndarray:
    """Return (H, W, 4) RGBA."""
    straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(straight.constBits(), np.uint8).reshape(straight.height(), straight.width(), 4).astype(int)


def test_each_size_is_a_picture_of_its_own(qapp):
    sizes = {size.width() for size in app_icon().availableSizes()}
    assert {16, 24, 32, 48, 64, 128, 256} <= sizes
    shown = app_icon().pixmap(QSize(16, 16), 1.0).toImage()
    drawn = QImage(str(ROOT / "assets" / "icons" / "hingecoach_16.png"))
    assert np.abs(pixels(shown) - pixels(drawn)).mean() < 1.0


def test_the_icons_are_those_that_the_script_draws(qapp):
    script = runpy.run_path(str(ROOT / "assets" / "make_icon.py"), run_name="make_icon")
    folder = ROOT / "assets" / "icons"
    for size_px in script["SIZES_PX"][:-2]:  # the largest two take longer than all the others
        kept = pixels(QImage(str(folder / f"hingecoach_{size_px}.png")))
        # Another Qt may round an edge otherwise.
        assert np.abs(kept - pixels(script["draw"](size_px))).mean() < 1.0, "run python -m assets.make_icon"
    assert (folder / "hingecoach.svg").read_text(encoding="utf-8") == script["svg"]()


def test_the_mark_is_seen_at_every_size(qapp):
    """Roof, line and head each keep pixels of their own colour, well apart from the ground."""
    script = runpy.run_path(str(ROOT / "assets" / "make_icon.py"), run_name="make_icon")
    for size_px in (16, 32, 256):
        picture = pixels(script["draw"](size_px))
        red, green, blue, alpha = (picture[..., index] for index in range(4))
        mint = (alpha > 200) & (green > 150) & (green - red > 80)
        white = (alpha > 200) & (red > 200) & (blue > 200)
        assert mint[: size_px * 3 // 10].sum() > 0.03 * size_px**2, "roof"
        assert mint[size_px // 2 :].sum() > 0.015 * size_px**2, "rear leg"
        assert white[size_px // 4 : size_px // 2].sum() > 0.015 * size_px**2, "head"
        assert alpha[0, 0] < 60
