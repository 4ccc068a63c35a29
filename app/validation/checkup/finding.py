"""What a check came to, and the system that its remedy is for."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import util
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value = str | int | float | bool | None


class Outcome(StrEnum):
    """What a check came to: fine; worth knowing; something does not work as it should; nobody could tell."""

    OK = "ok"
    NOTE = "note"
    TROUBLE = "trouble"
    NOT_CHECKED = "not_checked"


class Job(StrEnum):
    """What the machine is wanted for.

    LIVE: coaching somebody in front of a camera, with the window. CLIPS: videos, landmark files and the headless demo.
    """

    LIVE = "live"
    CLIPS = "clips"


NO_JOB: Final = frozenset[Job]()
LIVE: Final = frozenset({Job.LIVE})
EVERY_JOB: Final = frozenset(Job)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check.

    Attributes:
        id: part and name, e.g. "camera.rate"; never changes its meaning.
        outcome: see `Outcome`.
        fact: what was measured or found, one line; for NOT_CHECKED: why not.
        remedy: what to do on this system, one line, "" where there is nothing to be done.
        stops: what cannot be done on this machine as it is.
        values: the numbers and names in the fact, for programs.
    """

    id: str
    outcome: Outcome
    fact: str
    remedy: str = ""
    stops: frozenset[Job] = NO_JOB
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


def fine(name: str, fact: str, /, **values: Value) -> Finding:
    """Return a check that is all right."""
    return Finding(name, Outcome.OK, fact, values=values)


def note(name: str, fact: str, remedy: str = "", /, **values: Value) -> Finding:
    """Return something worth knowing."""
    return Finding(name, Outcome.NOTE, fact, remedy, values=values)


def trouble(name: str, fact: str, remedy: str, stops: frozenset[Job] = NO_JOB, /, **values: Value) -> Finding:
    """Return something that does not work as it should; ``stops``: what cannot be done therefore."""
    return Finding(name, Outcome.TROUBLE, fact, remedy, stops, values)


def not_checked(name: str, why: str, remedy: str = "") -> Finding:
    """Return something that could not be told, and why."""
    return Finding(name, Outcome.NOT_CHECKED, why, remedy)


@dataclass(frozen=True, slots=True)
class System:
    """The system that remedies are written for.

    Attributes:
        platform: as `sys.platform` tells it. packages: "apt", "dnf", "pacman", "zypper", "apk" or "" (unknown).
        release: of Windows: "10" or "11"; of macOS: "14.5". wsl: Linux inside Windows.
        sandbox: "flatpak", "snap", "container" or "". bundled: the app came as one program, without pip.
        pip: what changes the packages beside the app, with {} for what pip is told.
    """

    platform: str = "linux"
    packages: str = "apt"
    release: str = ""
    wsl: bool = False
    sandbox: str = ""
    bundled: bool = False
    pip: str = "python -m pip {}"

    @property
    def linux(self) -> bool:
        """Whether it is a Linux."""
        return self.platform.startswith("linux")

    @property
    def mac(self) -> bool:
        """Whether it is macOS."""
        return self.platform == "darwin"

    @property
    def windows(self) -> bool:
        """Whether it is Windows."""
        return self.platform == "win32"


def system_here(root: Path = Path("/"), which: Callable[[str], str | None] = shutil.which) -> System:
    """Return the system of this machine; ``root``: where its files are."""
    here = sys.platform
    kernel = _text(root / "proc/version").casefold()
    return System(
        here,
        _package_manager(root, which) if here.startswith("linux") else "",
        _release(here),
        here.startswith("linux") and "microsoft" in kernel,
        _sandbox(root) if here.startswith("linux") else "",
        bool(getattr(sys, "frozen", False)),
        pip_here(Path(sys.executable), util.find_spec("pip") is not None, which),
    )


def pip_here(python: Path, has_pip: bool, which: Callable[[str], str | None]) -> str:
    """Return `System.pip`: what pipx and ``uv tool`` install into is no environment that is entered, nor has it a pip.

    Args:
        python: of the app.
        has_pip: it has a pip of its own.
        which: finds a command on the PATH, None without.
    """
    quoted = f'"{python}"' if " " in str(python) else str(python)
    if not has_pip:
        if which("uv"):
            return f"uv pip {{}} --python {quoted}"
        return f"pip --python {quoted} {{}}"
    usual = which("python")
    # The folder is compared: the interpreter of an environment is often a link to one that others have, too.
    entered = usual is not None and Path(usual).absolute().parent == python.absolute().parent
    return "python -m pip {}" if entered else f"{quoted} -m pip {{}}"


#: Windows 11 calls itself 10.0, with a build from this one on.
FIRST_BUILD_OF_11: Final = 22000


def _release(here: str) -> str:
    if here == "darwin":
        return platform.mac_ver()[0]
    if here == "win32":
        build = [*platform.version().split("."), "0", "0", "0"][2]
        return "11" if build.isdecimal() and int(build) >= FIRST_BUILD_OF_11 else "10"
    return ""


#: Names in ID and ID_LIKE of os-release, and what installs packages there.
_FAMILIES: Final = {
    "debian": "apt", "ubuntu": "apt", "fedora": "dnf", "rhel": "dnf", "centos": "dnf", "arch": "pacman",
    "manjaro": "pacman", "suse": "zypper", "opensuse": "zypper", "alpine": "apk",
}  # fmt: skip
_MANAGERS: Final = ("apt", "dnf", "pacman", "zypper", "apk")


def _package_manager(root: Path, which: Callable[[str], str | None]) -> str:
    """Return what installs packages here: by the name of the distribution, or by what there is."""
    words = [
        word.strip('"')
        for line in _text(root / "etc/os-release").splitlines()
        if line.startswith(("ID=", "ID_LIKE="))
        for word in line.split("=", 1)[1].split()
    ]
    for word in words:
        for family, manager in _FAMILIES.items():
            if word.strip('"').startswith(family):
                return manager
    return next((name for name in _MANAGERS if which(name)), "")


def _sandbox(root: Path) -> str:
    if os.environ.get("FLATPAK_ID") or (root / ".flatpak-info").exists():
        return "flatpak"
    if os.environ.get("SNAP") and os.environ.get("SNAP_NAME"):
        return "snap"
    inside = (root / ".dockerenv").exists() or (root / "run/.containerenv").exists()
    return "container" if inside or os.environ.get("container") else ""  # noqa: SIM112 - systemd's name


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
