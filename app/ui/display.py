"""Can a window be opened here at all? Asked before Qt, which would end the process. No Qt in this module."""

from __future__ import annotations

import ctypes
import os
import sys

#: What Qt's X11 plug-in needs beyond its own wheel, and the Debian/Ubuntu package that has it.
_XCB_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
_GUI_LIBRARIES = {"libEGL.so.1": "libegl1", "libGL.so.1": "libgl1"}


def display_problem() -> str:
    """Return why no window can be opened here, as one line that says what to do; "" where it can."""
    if not sys.platform.startswith("linux"):
        return ""
    missing = _missing(_GUI_LIBRARIES)
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform in ("offscreen", "minimal", "vnc"):
        return _install(missing)
    wayland, x11 = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("DISPLAY")
    if not wayland and not x11:
        return "no display: DISPLAY and WAYLAND_DISPLAY are not set"
    if platform == "xcb" or (not wayland and not platform):
        missing += _missing(_XCB_LIBRARIES)
    return _install(missing)


def _missing(libraries: dict[str, str]) -> list[str]:
    missing = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def _install(packages: list[str]) -> str:
    return f"the window needs: apt install {' '.join(packages)}" if packages else ""
