"""A wheel changes only what has the focus: who scrolls a page passes over its numbers and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from typing import TypeVar

    Control = TypeVar("Control", bound=QWidget)


class _Wheel(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to what is around a widget without the focus."""
        if event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget) or watched.hasFocus():
            return False
        event.ignore()
        return True


def not_by_the_way(control: Control) -> Control:
    """Have a wheel change a control only while it has the focus; return it."""
    control.installEventFilter(_Wheel(control))
    return control
