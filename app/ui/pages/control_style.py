"""The part of the style sheet that the controls of the pages need (`app.ui.pages.controls`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.theme import BUTTON_PX, CAPTION_PX, RADIUS_PX

if TYPE_CHECKING:
    from app.ui.theme import Theme


def control_style(theme: Theme) -> str:
    """Return the style sheet of the controls, for a page inside the window."""
    p, px = theme.palette, theme.px
    return f"""
    QLabel[role="heading"] {{ font-size: {px(22)}px; font-weight: 600; }}
    QLabel[role="title"] {{ font-size: {px(16)}px; font-weight: 600; }}
    QLabel[role="label"] {{ font-weight: 500; }}
    QLabel[role="help"] {{ color: {p.muted}; font-size: {px(CAPTION_PX + 1)}px; }}
    QLabel[role="problem"] {{ color: {p.hit}; font-weight: 600; }}
    QLabel[role="done"] {{ color: {p.good}; font-weight: 600; }}
    QFrame#hairline {{ background: {p.hairline}; max-height: 1px; min-height: 1px; border: none; }}
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
    QListWidget:focus {{ border-color: {p.info}; }}
    QListWidget::item {{ min-height: {px(BUTTON_PX)}px; padding: 0 {px(10)}px; border-radius: {px(8)}px; }}
    QListWidget::item:hover {{ background: {p.raised}; }}
    QListWidget::item:selected {{ background: {p.info_fill}; color: {p.on_fill}; }}
    QListWidget::item:disabled {{ color: {p.muted}; background: transparent; font-size: {px(CAPTION_PX)}px; }}
    QPushButton#primary {{ background: {p.good_fill}; color: {p.on_fill}; font-weight: 600; }}
    QPushButton#primary:disabled {{ background: {p.raised}; color: {p.muted}; }}
    QPushButton#danger {{ background: {p.hit_fill}; color: {p.on_fill}; font-weight: 600; }}
    QToolButton:focus, QPushButton:focus {{ border: 2px solid {p.info}; }}
    QScrollBar:vertical {{ background: transparent; width: {px(12)}px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {p.muted}; border-radius: {px(4)}px; margin: {px(2)}px; }}
    QScrollBar::handle:vertical {{ min-height: {px(40)}px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """
