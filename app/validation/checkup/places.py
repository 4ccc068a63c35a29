"""Where each system has its settings, as they are called there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.validation.checkup.finding import System


def camera_settings(system: System) -> str:
    """Return where a system lets programs use the camera."""
    if system.mac:
        return "System Settings > Privacy & Security > Camera"
    if system.windows:
        return "Settings > Privacy > Camera" if system.release == "10" else "Settings > Privacy & security > Camera"
    return "the settings of this computer"


def sound_settings(system: System) -> str:
    """Return where a system has its loudspeakers."""
    if system.mac:
        return "System Settings > Sound > Output"
    if system.windows:
        return "Settings > System > Sound > Output" if system.release != "10" else "Settings > System > Sound"
    return "Settings > Sound > Output"


def power_settings(system: System) -> str:
    """Return where a system saves power."""
    if system.mac:
        return "System Settings > Battery > Low Power Mode"
    if system.windows:
        return "Settings > System > Power & battery" if system.release != "10" else "Settings > System > Power & sleep"
    return "Settings > Power > Power Mode"
