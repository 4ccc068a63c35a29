"""Where each system has its settings, as they are called there, and what helps on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.validation.checkup.remedies import libraries, library_in

if TYPE_CHECKING:
    from app.validation.checkup.finding import System


def camera_settings(system: System) -> str:
    """Return where a system lets programs use the camera."""
    if system.mac:
        return "System Settings > Privacy & Security > Camera"
    if system.windows:
        return "Settings > Privacy > Camera" if system.release == "10" else "Settings > Privacy & security > Camera"
    return "the settings of this computer"


def camera_switch(name: str, system: System) -> str:
    """Return what Windows calls one of its switches for cameras: "device", "apps" or "desktop"."""
    old, new = {
        "device": ("Camera access for this device", "Camera access"),
        "apps": ("Allow apps to access your camera", "Let apps access your camera"),
    }.get(name, ("Allow desktop apps to access your camera", "Let desktop apps access your camera"))
    return old if system.release == "10" else new


def sound_settings(system: System) -> str:
    """Return where a system has its loudspeakers."""
    if system.mac:
        return "System Settings > Sound > Output"
    if system.windows:
        return "Settings > System > Sound > Output" if system.release != "10" else "Settings > System > Sound"
    return "Settings > Sound > Output"


def sound_anew(system: System) -> str:
    """Return how a system's sound is started anew."""
    if system.mac:
        return "Start the sound anew: sudo killall coreaudiod"
    if system.windows:
        return "Restart the service Windows Audio: Restart-Service Audiosrv -Force (PowerShell as administrator)"
    return "Restart the sound server: systemctl --user restart pipewire pipewire-pulse (or: pulseaudio -k)"


def power_settings(system: System) -> str:
    """Return where a system saves power."""
    if system.mac:
        return "System Settings > Battery > Low Power Mode"
    if system.windows:
        return "Settings > System > Power & battery" if system.release != "10" else "Settings > System > Power & sleep"
    return "Settings > Power > Power Mode"


def for_import(error: str, system: System) -> str:
    """Return what to do about a library of the system that an import lacks, "" where that is not what it says."""
    if system.linux and (lacking := library_in(error)):
        return libraries([lacking], system)
    if system.windows and "DLL" in error:
        return "Install the Microsoft Visual C++ Redistributable (x64)."
    return ""
