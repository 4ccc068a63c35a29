"""The part of the style sheet that the controls of the pages need, under the name by which the pages know it."""

from __future__ import annotations

from app.ui.theme import control_style

__all__ = ["control_style"]
