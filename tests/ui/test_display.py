"""Whether a window can open is found out before Qt would end the process."""

from __future__ import annotations

import ctypes
import sys

import pytest

from app.ui.display import display_problem

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lacks displays this way")


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Libraries that are 'missing'; all others load."""
    missing: set[str] = set()

    def load(name: str) -> None:
        if name in missing:
            raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", load)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return missing


def test_no_display(libraries: set[str]) -> None:
    assert "DISPLAY" in display_problem()


def test_x11_with_all_libraries(libraries: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert display_problem() == ""


def test_x11_without_the_cursor_library(libraries: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    libraries.add("libxcb-cursor.so.0")
    assert display_problem() == "the window needs: apt install libxcb-cursor0"


def test_wayland_needs_no_x11_libraries(libraries: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    libraries.add("libxcb-cursor.so.0")
    assert display_problem() == ""


def test_offscreen_needs_no_display_but_egl(libraries: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display_problem() == ""
    libraries.add("libEGL.so.1")
    assert "libegl1" in display_problem()
