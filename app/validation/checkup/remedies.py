"""Commands that differ between systems: what installs a library or a package. No words for a translator in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.validation.checkup.finding import System

#: Shared library -> its package for apt, dnf, pacman and zypper. A name that ends in * stands for all that begin so.
_PACKAGES: Final[dict[str, tuple[str, str, str, str]]] = {
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor", "libxcb-cursor0"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm", "libxcb-icccm4"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms", "libxcb-keysyms1"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image", "xcb-util-image", "libxcb-image0"),
    "libxcb-render-util.so.0": (
        "libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil", "libxcb-render-util0",
    ),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util", "xcb-util", "libxcb-util1"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb", "libxcb-shape0"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb", "libxcb", "libxcb-randr0"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb", "libxcb", "libxcb-xkb1"),
    "libxcb-xinerama.so.0": ("libxcb-xinerama0", "libxcb", "libxcb", "libxcb-xinerama0"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb", "libxcb", "libxcb-sync1"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb", "libxcb", "libxcb-xfixes0"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb", "libxcb", "libxcb-shm0"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb", "libxcb", "libxcb-render0"),
    "libxcb-glx.so.0": ("libxcb-glx0", "libxcb", "libxcb", "libxcb-glx0"),
    "libxcb.so.1": ("libxcb1", "libxcb", "libxcb", "libxcb1"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb", "libx11", "libX11-xcb1"),
    "libX11.so.6": ("libx11-6", "libX11", "libx11", "libX11-6"),
    "libXext.so.6": ("libxext6", "libXext", "libxext", "libXext6"),
    "libXrandr.so.2": ("libxrandr2", "libXrandr", "libxrandr", "libXrandr2"),
    "libxkbcommon-x11.so.0": (
        "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11", "libxkbcommon-x11-0",
    ),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon", "libxkbcommon", "libxkbcommon0"),
    "libEGL.so.1": ("libegl1", "libglvnd-egl", "libglvnd", "libglvnd"),
    "libGL.so.1": ("libgl1", "libglvnd-glx", "libglvnd", "libglvnd"),
    "libOpenGL.so.0": ("libopengl0", "libglvnd-opengl", "libglvnd", "libglvnd"),
    "libGLX.so.0": ("libglx0", "libglvnd-glx", "libglvnd", "libglvnd"),
    "libpulse.so.0": ("libpulse0", "pulseaudio-libs", "libpulse", "libpulse0"),
    "libpulse-mainloop-glib.so.0": (
        "libpulse-mainloop-glib0", "pulseaudio-libs-glib2", "libpulse", "libpulse-mainloop-glib0",
    ),
    "libasound.so.2": ("libasound2", "alsa-lib", "alsa-lib", "libasound2"),
    "libspeechd.so.2": ("libspeechd2", "speech-dispatcher-libs", "speech-dispatcher", "libspeechd2"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2", "libglib-2_0-0"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2", "glib2", "libgthread-2_0-0"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus", "libdbus-1-3"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig", "libfontconfig1"),
    "libfreetype.so.6": ("libfreetype6", "freetype", "freetype2", "libfreetype6"),
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client", "wayland", "libwayland-client0"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor", "wayland", "libwayland-cursor0"),
    "libwayland-egl.so.1": ("libwayland-egl1", "libwayland-egl", "wayland", "libwayland-egl1"),
    "libdrm.so.2": ("libdrm2", "libdrm", "libdrm", "libdrm2"),
    "libva.so.2": ("libva2", "libva", "libva", "libva2"),
    "libva-drm.so.2": ("libva-drm2", "libva", "libva", "libva-drm2"),
    "libva-x11.so.2": ("libva-x11-2", "libva", "libva", "libva-x11-2"),
    "libstdc++.so.6": ("libstdc++6", "libstdc++", "gcc-libs", "libstdc++6"),
}  # fmt: skip
_COLUMNS: Final = {"apt": 0, "dnf": 1, "pacman": 2, "zypper": 3}
_INSTALL: Final = {
    "apt": "sudo apt install", "dnf": "sudo dnf install", "pacman": "sudo pacman -S", "zypper": "sudo zypper install",
    "apk": "sudo apk add",
}  # fmt: skip
_WHO_HAS: Final = {
    "apt": "apt-file search {}", "dnf": "dnf provides '*/{}'", "pacman": "pacman -F {}",
    "zypper": "zypper search --provides {}", "apk": "apk search so:{}",
}  # fmt: skip


def libraries(missing: Iterable[str], system: System) -> str:
    """Return the command that installs shared libraries ("libpulse.so.0"), or that finds out what has them."""
    names = sorted(set(missing))
    column = _COLUMNS.get(system.packages)
    known = [name for name in names if name in _PACKAGES and column is not None]
    unknown = [name for name in names if name not in known]
    parts = []
    if known and column is not None:
        wanted = sorted({_PACKAGES[name][column] for name in known})
        parts.append(f"{_INSTALL[system.packages]} {' '.join(wanted)}")
    if unknown and system.packages:
        parts.append(f"{_WHO_HAS[system.packages].format(unknown[0])}")
    return "; ".join(parts) or f"Install the package that has {', '.join(names)}"


def library_in(error: str) -> str:
    """Return the shared library that an error of the loader begins with, "" where it names none."""
    word = next((part for part in error.replace(":", " ").split() if ".so" in part), "")
    return word.rsplit("/", 1)[-1]


def voices(system: System) -> str:
    """Return the command that installs voices on a Linux."""
    wanted = "speech-dispatcher-espeak-ng" if system.packages == "dnf" else "speech-dispatcher espeak-ng"
    return f"{_INSTALL.get(system.packages, 'Install')} {wanted}"


def pip(system: System, *words: str) -> str:
    """Return a command of pip, for the Python in use; a bundle is changed as a whole."""
    if system.bundled:
        return "Install Hinge Coach anew."
    return system.pip.replace("{}", " ".join(words))


def instead(system: System, unwanted: Iterable[str], wanted: str) -> str:
    """Return the commands that put one package in the place of others."""
    then = ", then: " if system.windows else " && "  # which its PowerShell does not know
    return f"{pip(system, 'uninstall', '-y', *unwanted)}{then}{pip(system, 'install', wanted)}"
