"""Both palettes can be read; sizes grow with the window."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Final

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.ui.pages.settings_page import SECTIONS
from app.ui.screens import Screen
from app.ui.theme import DARK, LIGHT, Palette, Theme, ThemeChoice, Tone, palette_for, scale_for, style_sheet

#: Machado, Oliveira and Fernandes 2009 (IEEE TVCG 15:1291), severity 1.0; on linear RGB.
EYES: Final = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
#: Linear sRGB to XYZ, white D65 (IEC 61966-2-1).
TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
#: Two patches side by side differ plainly from about 2 (CIE 1976); a mark and a card seen one at a time need far more.
LEAST_DELTA_E, LEAST_DELTA_L = 20.0, 10.0

PALETTES = pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])


def linear_rgb(colour: str) -> np.ndarray:
    parts = np.array([QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* of linear RGB."""
    xyz = TO_XYZ @ np.clip(rgb, 0.0, 1.0) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    return float(linear_rgb(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_itself() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@PALETTES
def test_words_have_the_contrast_of_wcag_aa(palette: Palette) -> None:
    for words in (palette.text, palette.muted):
        for behind in (palette.ground, palette.surface, palette.raised):
            assert contrast(words, behind) >= 4.5, (words, behind)


@PALETTES
@pytest.mark.parametrize("tone", list(Tone))
def test_words_on_the_card_and_marks_on_the_ground(palette: Palette, tone: Tone) -> None:
    assert contrast(palette.on_fill, palette.fill(tone).name()) >= 4.5
    assert contrast(palette.tone(tone).name(), palette.surface) >= 3.0


@pytest.mark.parametrize("eyes", list(EYES))
@pytest.mark.parametrize("suffix", ["", "_fill"], ids=["marks", "fills"])
@PALETTES
def test_the_tones_stay_apart_for_every_kind_of_eyes(palette: Palette, suffix: str, eyes: str) -> None:
    for one, other in itertools.combinations(("good", "off", "hit", "info"), 2):
        colours = [lab(EYES[eyes] @ linear_rgb(getattr(palette, tone + suffix))) for tone in (one, other)]
        difference, lightness = np.linalg.norm(colours[0] - colours[1]), abs(colours[0][0] - colours[1][0])
        assert difference >= LEAST_DELTA_E or lightness >= LEAST_DELTA_L, (one, other, difference, lightness)


def test_the_colour_blind_measure_itself() -> None:
    assert lab(linear_rgb("#ffffff")) == pytest.approx([100.0, 0.0, 0.0], abs=0.02)
    assert lab(linear_rgb("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    for eyes in EYES.values():  # grey stays grey
        assert eyes @ linear_rgb("#808080") == pytest.approx(linear_rgb("#808080"), abs=1e-5)
    # Red and green of one lightness: plain to normal eyes, all but one colour without the red-green axis.
    red, green = linear_rgb("#b5554d"), linear_rgb("#68774a")
    assert np.linalg.norm(lab(red) - lab(green)) > 50.0
    assert np.linalg.norm(lab(EYES["deuteranopia"] @ red) - lab(EYES["deuteranopia"] @ green)) < 20.0


@PALETTES
def test_every_colour_is_a_colour(palette: Palette) -> None:
    for field in dataclasses.fields(palette):
        if field.name != "dark":
            assert QColor(getattr(palette, field.name)).isValid(), field.name


def test_scale_grows_with_the_window() -> None:
    sizes = [(1024, 640), (1280, 800), (1920, 1080), (2560, 1440), (3840, 2160)]
    scales = [scale_for(QSize(*size)) for size in sizes]
    assert scales == sorted(scales)
    assert scales[0] == 1.0
    assert scales[-1] >= 2.0


def test_a_tall_narrow_window_does_not_grow() -> None:
    assert scale_for(QSize(1024, 2160)) == 1.0


def test_choices(qapp) -> None:
    assert palette_for(ThemeChoice.DARK) is DARK
    assert palette_for(ThemeChoice.LIGHT) is LIGHT
    assert palette_for(ThemeChoice.SYSTEM) in (DARK, LIGHT)


@PALETTES
def test_the_style_sheet_is_filled_in(palette: Palette) -> None:
    sheet = style_sheet(Theme(palette, 1.25))
    assert sheet.count("{") == sheet.count("}")
    assert palette.surface in sheet


@pytest.mark.gui
def test_one_style_sheet_dresses_the_live_screens_settings_and_about(make_window) -> None:
    """Each further one costs a theme switch several milliseconds; so does every section that is not looked at."""
    window = make_window(autostart=False)
    for screen in Screen:
        window.go_to(screen)
    settings, about = window.outfit.settings, window.outfit.about
    window.go_to(Screen.SETTINGS)
    for section, _ in SECTIONS:
        settings.show_section(section)
    dressed = [*window.live.panels.values(), settings, about, *settings.sections]
    sheet = style_sheet(window.theme)
    assert not window.styleSheet()
    assert {widget.styleSheet() for widget in dressed if widget not in settings.sections} == {sheet}
    own = [widget for parent in dressed for widget in parent.findChildren(QWidget) if widget.styleSheet()]
    # The buttons with a key keep their words off its cap; that changes with the size alone.
    assert {type(widget).__name__ for widget in own} <= {"KeyButton"}
    assert [settings.isAncestorOf(section) for section in settings.sections] == [False] * (len(SECTIONS) - 1) + [True]
    window.go_to(Screen.RUN)
    assert not any(settings.isAncestorOf(section) for section in settings.sections)


@pytest.mark.gui
def test_a_section_that_was_put_aside_comes_back_in_the_colours_of_now(make_window) -> None:
    window = make_window(autostart=False)
    window.go_to(Screen.SETTINGS)
    settings = window.outfit.settings
    heading = settings.runner.findChild(QLabel)
    for choice, palette in ((ThemeChoice.LIGHT, LIGHT), (ThemeChoice.DARK, DARK)):
        settings.show_section("language")
        window.use_theme(choice)
        settings.show_section("runner")
        QApplication.processEvents()
        assert heading.isVisible()
        assert heading.palette().windowText().color().name() == palette.text
        assert settings.runner.units._row.contentsMargins().left() == 3
