"""Whether a window can be opened here, found out without risking this process: Qt aborts where it cannot."""

import importlib.util
import subprocess
import sys

from app.ui.display import display_problem

_TRIAL = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
_TRIAL_TIMEOUT_S = 20.0


def why_no_window() -> str:
    """Return why no window can be opened, as one line; "" where one can.

    What is known beforehand is said in its own words (`display_problem`, `binding_problem`); what only shows when it
    is tried, such as a display that does not answer, comes out in a process of its own.
    """
    if importlib.util.find_spec("PySide6") is None:
        return "PySide6 is not installed: pip install PySide6-Essentials PySide6-Addons"
    problem = display_problem()
    if not problem and sys.platform.startswith("linux"):
        problem = _trial()
    if problem:
        return problem
    from app.ui.window import binding_problem

    return binding_problem()


def _trial() -> str:
    """Return why Qt cannot start here; "" where it can."""
    command = [sys.executable, "-c", _TRIAL]
    try:
        trial = subprocess.run(command, capture_output=True, timeout=_TRIAL_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return "the display does not answer"
    return "" if trial.returncode == 0 else "the display refuses a window: DISPLAY or WAYLAND_DISPLAY may be stale"
