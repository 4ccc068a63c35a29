"""Every colour, text size and distance of the window, in a dark and a light palette.

Sizes are px at scale 1 (a 1280x800 window) and grow in steps with the window, because the reader may be
3 m away. Colours are chosen so that text reaches the contrast of WCAG 2.2 AA (4.5:1; a test computes it) and
so that the tones stay apart for colour-blind eyes too (a test sees them as those do); shape always repeats them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette


class ThemeChoice(StrEnum):
    """What the user wants: the system's colour scheme, or one of the two."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class Tone(StrEnum):
    """The mood of a card, a frame or a mark; each has a colour *and* a shape."""

    GOOD = "good"
    OFF = "off"
    HIT = "hit"
    INFO = "info"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #rrggbb.

    Attributes:
        dark: whether this is the dark palette.
        ground: behind everything. surface: cards and strips. raised: buttons, hover. hairline: thin separators.
        text, muted: main and secondary words.
        good, off, hit, info, calm: the tones as marks on ground or surface.
        good_fill, off_fill, hit_fill, info_fill, calm_fill: the same tones as the fill of the large card.
        on_fill: words and shapes on the five fills.
        canvas: behind a skeleton that has no picture. curve_a .. curve_d: the four strips.

    """

    dark: bool
    ground: str
    surface: str
    raised: str
    hairline: str
    text: str
    muted: str
    good: str
    off: str
    hit: str
    info: str
    calm: str
    good_fill: str
    off_fill: str
    hit_fill: str
    info_fill: str
    calm_fill: str
    on_fill: str
    canvas: str
    curve_a: str
    curve_b: str
    curve_c: str
    curve_d: str

    def tone(self, tone: Tone) -> QColor:
        """Return the mark colour of a tone."""
        return QColor(str(getattr(self, tone.value)))

    def fill(self, tone: Tone) -> QColor:
        """Return the card fill of a tone."""
        return QColor(str(getattr(self, f"{tone.value}_fill")))


DARK: Final = Palette(
    dark=True,
    ground="#0e1317",
    surface="#161d23",
    raised="#222c34",
    hairline="#2a353e",
    text="#eef3f6",
    muted="#9aabb8",
    good="#3fd6a6",
    off="#ffae4a",
    hit="#ff7468",
    info="#5a9bf5",
    calm="#9aabb8",
    good_fill="#0c6a52",
    off_fill="#a35400",
    hit_fill="#8f1f2c",
    info_fill="#123f78",
    calm_fill="#222c34",
    on_fill="#ffffff",
    canvas="#1a232a",
    curve_a="#6cb6ff",
    curve_b="#c4a5ff",
    curve_c="#f2a7d0",
    curve_d="#8fd3e8",
)

LIGHT: Final = Palette(
    dark=False,
    ground="#eef2f4",
    surface="#ffffff",
    raised="#e3e9ed",
    hairline="#d3dce2",
    text="#13212b",
    muted="#55666f",
    good="#087a5b",
    off="#b25600",
    hit="#a0142b",
    info="#134a93",
    calm="#5d6f7a",
    good_fill="#0a7f60",
    off_fill="#b25600",
    hit_fill="#a0142b",
    info_fill="#134a93",
    calm_fill="#5d6f7a",
    on_fill="#ffffff",
    canvas="#dde5ea",
    curve_a="#1765b3",
    curve_b="#6a45b8",
    curve_c="#ad3a7c",
    curve_d="#0f7590",
)

#: First family that the machine has is used; the last ones are there on a bare Linux.
FAMILIES: Final = (
    "Inter",
    "Segoe UI Variable Text",
    "Segoe UI",
    "SF Pro Text",
    "Helvetica Neue",
    "Cantarell",
    "Ubuntu",
    "Noto Sans",
    "DejaVu Sans",
)

CAPTION_PX: Final = 12
BODY_PX: Final = 14
TITLE_PX: Final = 16
NUMBER_PX: Final = 22
#: The large words of a section.
HEADING_PX: Final = 20
GAP_PX: Final = 12
SCROLL_PX: Final = 10
RADIUS_PX: Final = 12
BUTTON_PX: Final = 38

#: (window width, height) from which a scale holds; a 4K screen without display scaling gets 2.25.
_STEPS: Final = ((3400, 1900, 2.25), (2400, 1350, 1.6), (1800, 1000, 1.25), (0, 0, 1.0))


def scale_for(size: QSize) -> float:
    """Return the text scale for a window of ``size`` (device-independent px)."""
    return next(scale for width, height, scale in _STEPS if size.width() >= width and size.height() >= height)


@dataclass(frozen=True, slots=True)
class Theme:
    """A palette at a scale."""

    palette: Palette
    scale: float = 1.0

    def px(self, size_px: float) -> int:
        """Return a size given at scale 1 in px of this theme."""
        return round(size_px * self.scale)

    def font(self, size_px: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the interface font at ``size_px`` (scale 1); digits keep one width where the font can."""
        font = QFont()
        font.setFamilies(list(FAMILIES))
        font.setPixelSize(max(1, self.px(size_px)))
        font.setWeight(weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font


def system_prefers_dark() -> bool:
    """Return the system's wish; a system that says nothing gets dark, which is easier on the eye across a room."""
    return QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light


def palette_for(choice: ThemeChoice) -> Palette:
    """Return the palette for the user's choice."""
    if choice is ThemeChoice.SYSTEM:
        return DARK if system_prefers_dark() else LIGHT
    return DARK if choice is ThemeChoice.DARK else LIGHT


def qt_palette(palette: Palette) -> QPalette:
    """Return the Qt palette for what the style sheet does not reach: dialogs, menus, selections."""
    role = QPalette.ColorRole
    qt = QPalette()
    for roles, colour in (
        ((role.Window, role.Button), palette.surface),
        ((role.Base, role.AlternateBase), palette.ground),
        ((role.WindowText, role.Text, role.ButtonText), palette.text),
        ((role.ToolTipText, role.BrightText), palette.text),
        ((role.ToolTipBase,), palette.raised),
        ((role.PlaceholderText,), palette.muted),
        ((role.Highlight, role.Link), palette.info),
        ((role.HighlightedText,), palette.ground),
    ):
        for one in roles:
            qt.setColor(one, QColor(colour))
    for one in (role.WindowText, role.Text, role.ButtonText):
        qt.setColor(QPalette.ColorGroup.Disabled, one, QColor(palette.muted))
    return qt


def style_sheet(theme: Theme) -> str:
    """Return the one style sheet of every part of the window."""
    p, px = theme.palette, theme.px
    families = ", ".join(f'"{family}"' for family in FAMILIES)
    return f"""
    QDialog {{ background: {p.ground}; }}
    QLabel, QAbstractButton, QLineEdit, QAbstractSpinBox, QComboBox, QAbstractItemView, QTextEdit, QPlainTextEdit,
    QMenu, QToolTip {{
        color: {p.text}; font-family: {families}; font-size: {px(BODY_PX)}px;
    }}
    QWidget#surface {{ background: {p.surface}; border-radius: {px(RADIUS_PX)}px; }}
    QLabel {{ background: transparent; }}
    QLabel[role="name"] {{ color: {p.muted}; font-size: {px(CAPTION_PX)}px; font-weight: 600; }}
    QLabel[role="caption"] {{ color: {p.muted}; font-size: {px(CAPTION_PX)}px; }}
    QLabel[role="value"] {{ font-size: {px(TITLE_PX)}px; font-weight: 600; }}
    QLabel[role="number"] {{ font-size: {px(NUMBER_PX)}px; font-weight: 600; }}
    QLabel[role="error"] {{ color: {p.on_fill}; font-size: {px(TITLE_PX)}px; font-weight: 600; }}
    QToolButton, QPushButton {{
        background: {p.raised}; border: 1px solid transparent; border-radius: {px(9)}px;
        min-height: {px(BUTTON_PX) - 2}px; padding: 0 {px(14)}px; font-weight: 500;
    }}
    QToolButton:hover, QPushButton:hover {{ border-color: {p.muted}; }}
    QToolButton:pressed, QPushButton:pressed {{ background: {p.hairline}; }}
    QToolButton:focus, QPushButton:focus {{ border: 1px solid {p.info}; }}
    QToolButton:disabled, QPushButton:disabled {{ color: {p.muted}; }}
    QToolButton[icon_only="true"] {{ padding: 0; min-width: {px(BUTTON_PX) - 2}px; }}
    QToolButton[icon_only="true"]:checked {{ background: {p.info_fill}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QToolButton#start {{ background: {p.good_fill}; color: {p.on_fill}; font-weight: 600; }}
    QToolButton#start[running="true"] {{ background: {p.raised}; color: {p.text}; }}
    QWidget#segments {{ background: {p.raised}; border-radius: {px(9)}px; }}
    QWidget#segments QToolButton {{
        background: transparent; min-height: {px(BUTTON_PX) - 2 - 2 * px(3)}px; border-radius: {px(7)}px;
    }}
    QWidget#segments QToolButton:checked {{ background: {p.info_fill}; color: {p.on_fill}; font-weight: 600; }}
    QWidget#rail {{ background: {p.surface}; border-radius: {px(RADIUS_PX)}px; }}
    QWidget#rail QToolButton {{
        background: transparent; padding: {px(2)}px 0; min-height: {px(44)}px; font-size: {px(CAPTION_PX)}px;
        font-weight: 600; border-radius: {px(9)}px;
    }}
    QWidget#rail QToolButton:hover {{ border-color: {p.hairline}; }}
    QWidget#rail QToolButton:checked {{ background: {p.info_fill}; color: {p.on_fill}; }}
    QWidget#banner {{ background: {p.hit_fill}; border-radius: {px(RADIUS_PX)}px; }}
    QWidget#banner QPushButton {{ background: {p.on_fill}; color: #7c1f19; font-weight: 600; }}
    QMenu {{ background: {p.surface}; border: 1px solid {p.hairline}; border-radius: {px(9)}px; padding: {px(6)}px; }}
    QMenu::item {{ padding: {px(7)}px {px(24)}px {px(7)}px {px(24)}px; border-radius: {px(6)}px; }}
    QMenu::item:selected {{ background: {p.raised}; }}
    QMenu::item:disabled {{ color: {p.muted}; }}
    QMenu::separator {{ height: 1px; background: {p.hairline}; margin: {px(5)}px {px(8)}px; }}
    QToolTip {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.hairline}; padding: {px(5)}px; }}
    {control_style(theme)}
    {panel_style(theme)}
    """


def scroll_bar_style(theme: Theme) -> str:
    """Return the one look of every scroll bar."""
    p, px = theme.palette, theme.px
    muted = QColor(p.muted)
    handle = f"rgba({muted.red()}, {muted.green()}, {muted.blue()}, 60%)"
    return f"""
    QScrollBar:vertical {{ background: transparent; width: {px(SCROLL_PX)}px; margin: 0; }}
    QScrollBar::handle:vertical {{
        background: {handle}; border-radius: {px(3)}px; min-height: {px(36)}px; margin: 0 {px(2)}px;
    }}
    QScrollBar::handle:vertical:hover {{ background: {p.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """


def panel_style(theme: Theme) -> str:
    """Return what the panels beside the picture need; it is part of `style_sheet`."""
    p, px = theme.palette, theme.px
    return f"""
    QScrollArea, QScrollArea > QWidget, QWidget#column {{ background: transparent; }}
    QLabel[role="heading"] {{ font-size: {px(HEADING_PX)}px; font-weight: 700; }}
    QLabel[role="strong"] {{ font-size: {px(BODY_PX)}px; font-weight: 600; }}
    QLabel[role="body"] {{ font-size: {px(BODY_PX)}px; }}
    {scroll_bar_style(theme)}
    QSpinBox {{
        background: {p.raised}; border: 1px solid transparent; border-radius: {px(9)}px; padding: 0 {px(2)}px;
        min-height: {px(BUTTON_PX) - 2}px; font-size: {px(16)}px; font-weight: 600;
    }}
    QSpinBox::up-button, QSpinBox::down-button {{ width: 0; height: 0; border: none; }}
    QSpinBox:focus {{ border-color: {p.info}; }}
    QListWidget#attempts {{ background: transparent; border: none; outline: none; padding: 0; }}
    QListWidget#attempts::item {{ min-height: {px(34)}px; border-radius: {px(7)}px; padding: 0 {px(6)}px; }}
    QListWidget#attempts::item:selected {{ background: {p.raised}; color: {p.text}; }}
    QPushButton#choice {{ padding: 0 {px(3)}px; min-height: {px(44) - 2}px; }}
    QPushButton#step {{ padding: 0; }}
    QPushButton#choice:checked {{ background: {p.info_fill}; color: {p.on_fill}; font-weight: 600; }}
    QPushButton#fold {{ background: transparent; text-align: left; padding: 0; font-weight: 600; }}
    """


def control_style(theme: Theme) -> str:
    """Return what the controls of the pages need (`app.ui.pages.controls`); it is part of `style_sheet`."""
    p, px = theme.palette, theme.px
    return f"""
    QLabel[role="heading"] {{ font-size: {px(22)}px; font-weight: 600; }}
    QLabel[role="title"] {{ font-size: {px(16)}px; font-weight: 600; }}
    QLabel[role="label"] {{ font-weight: 500; }}
    QLabel[role="help"] {{ color: {p.muted}; font-size: {px(CAPTION_PX + 1)}px; }}
    QLabel[role="problem"] {{ color: {p.hit}; font-weight: 600; }}
    QLabel[role="done"] {{ color: {p.good}; font-weight: 600; }}
    QScrollArea, QScrollArea > QWidget > QWidget#column {{ background: transparent; border: none; }}
    QLineEdit, QComboBox, QDoubleSpinBox {{
        background: {p.ground}; border: 1px solid {p.muted}; border-radius: {px(9)}px;
        min-height: {px(BUTTON_PX) - 2}px; padding: 0 {px(12)}px;
        selection-background-color: {p.info_fill}; selection-color: {p.on_fill};
    }}
    QComboBox {{ padding-right: {px(32)}px; }}
    QComboBox::drop-down {{ border: none; width: {px(28)}px; }}
    QComboBox::down-arrow {{ image: none; }}
    QComboBox QAbstractItemView {{
        background: {p.surface}; border: 1px solid {p.hairline}; padding: {px(4)}px; outline: none;
        selection-background-color: {p.info_fill}; selection-color: {p.on_fill};
    }}
    QComboBox QAbstractItemView::item {{ min-height: {px(BUTTON_PX - 4)}px; padding: 0 {px(8)}px; }}
    QLineEdit:focus, QComboBox:focus, QDoubleSpinBox:focus {{ border: 2px solid {p.info}; }}
    QLineEdit:disabled, QComboBox:disabled, QDoubleSpinBox:disabled {{ color: {p.muted}; border-color: {p.hairline}; }}
    QLineEdit {{ placeholder-text-color: {p.muted}; }}
    QDoubleSpinBox QLineEdit, QDoubleSpinBox QLineEdit:focus {{
        background: transparent; border: none; min-height: 0; padding: 0;
    }}
    QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0; height: 0; border: none; }}
    QSlider::groove:horizontal {{ background: {p.raised}; height: {px(6)}px; border-radius: {px(3)}px; }}
    QSlider::sub-page:horizontal {{ background: {p.info}; border-radius: {px(3)}px; }}
    QSlider::handle:horizontal {{
        background: {p.text}; width: {px(22)}px; margin: -{px(8)}px 0; border-radius: {px(11)}px;
        border: {px(2)}px solid {p.surface};
    }}
    QSlider::handle:horizontal:focus {{ border-color: {p.info}; }}
    QSlider {{ min-height: {px(BUTTON_PX)}px; }}
    QListWidget {{
        background: {p.surface}; border: 1px solid transparent; border-radius: {px(RADIUS_PX)}px;
        padding: {px(6)}px; outline: none;
    }}
    QListWidget::item:focus {{ border: 1px solid {p.info}; }}
    QListWidget::item {{ min-height: {px(BUTTON_PX)}px; padding: 0 {px(10)}px; border-radius: {px(8)}px; }}
    QListWidget::item:hover {{ background: {p.raised}; }}
    QListWidget::item:selected {{ background: {p.info_fill}; color: {p.on_fill}; }}
    QListWidget::item:disabled {{ color: {p.muted}; background: transparent; font-size: {px(CAPTION_PX)}px; }}
    QPushButton#primary {{ background: {p.good_fill}; color: {p.on_fill}; font-weight: 600; }}
    QPushButton#primary:disabled {{ background: {p.raised}; color: {p.muted}; }}
    QPushButton#danger {{ background: {p.hit_fill}; color: {p.on_fill}; font-weight: 600; }}
    Column QToolButton:focus, Column QPushButton:focus {{ border: 2px solid {p.info}; }}
    QTextBrowser#entry {{
        background: {p.surface}; border: 1px solid transparent; border-radius: {px(RADIUS_PX)}px;
        padding: {px(14)}px {px(22)}px;
    }}
    QTextBrowser#entry:focus {{ border-color: {p.info}; }}
    {scroll_bar_style(theme)}
    """
