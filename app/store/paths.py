"""Where things are kept on this machine: the platform's user folders; nothing lives beside the code."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

#: Environment variable that puts everything the app keeps (data and logs) into one folder.
DATA_VARIABLE = "HINGECOACH_DATA"
APP_NAME = "hingecoach"


def data_folder() -> Path:
    """Return the folder of sessions and settings (not made here): `DATA_VARIABLE` or the user data folder."""
    chosen = os.environ.get(DATA_VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_data_path(APP_NAME, appauthor=False)


def log_folder() -> Path:
    """Return the folder of log files (not made here): under `DATA_VARIABLE`, or the user log folder."""
    if os.environ.get(DATA_VARIABLE, ""):
        return data_folder() / "logs"
    return platformdirs.user_log_path(APP_NAME, appauthor=False)
