"""Both palettes can be read; sizes grow with the window."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from app.ui.theme import DARK, LIGHT, Palette, Theme, ThemeChoice, Tone, palette_for, scale_for, style_sheet

PALETTES = pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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


@PALETTES
def test_good_and_off_differ_in_blue_against_red_for_colour_blind_eyes(palette: Palette) -> None:
    good, off = QColor(palette.good), QColor(palette.off)
    # Red-green blindness keeps the blue-yellow axis: blue minus the mean of red and green.
    axis = [colour.blue() - (colour.red() + colour.green()) / 2 for colour in (good, off)]
    assert axis[0] - axis[1] > 50


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
