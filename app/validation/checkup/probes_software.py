"""Facts about Python, its packages, and the shared libraries that Qt's parts need."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import struct
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import app as package
from app.validation.checkup.asking import output_of
from app.validation.checkup.checks_software import OPENCVS, OTHER_BINDINGS
from app.validation.checkup.facts import LibraryFacts, SoftwareFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: Distributions that are told of.
NAMES: Final = frozenset(
    {"mediapipe", "ai-edge-litert", "numpy", "pyside6", "pyside6-essentials", "pyside6-addons", "hingecoach",
     *OPENCVS, *OTHER_BINDINGS}
)  # fmt: skip
#: Variables that lead Qt to plug-ins or fonts of somebody else.
QT_VARIABLES: Final = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_PLUGIN_PATH", "QT_QPA_FONTDIR")
#: What of PySide6 is looked through, by what it is for; names below its folder, * any version.
QT_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "window": ("QtGui*.so", "QtWidgets*.so"),
    "sound": ("QtMultimedia.*.so", "Qt/plugins/multimedia/lib*.so"),
    "voice": ("QtTextToSpeech*.so", "Qt/plugins/texttospeech/libqtexttospeech_speechd.so"),
}
PLATFORM_PARTS: Final = {"x11": "Qt/plugins/platforms/libqxcb.so", "wayland": "Qt/plugins/platforms/libqwayland*.so"}
_MISSING: Final = re.compile(r"^\s*(\S+) => not found", re.M)


def software_facts(environment: Mapping[str, str]) -> SoftwareFacts:
    """Return what Python is and has; ``environment``: as it was before OpenCV was imported."""
    folder = Path(package.__file__).parent
    return SoftwareFacts(
        (sys.version_info.major, sys.version_info.minor, sys.version_info.micro),
        platform.python_implementation(),
        struct.calcsize("P") * 8,
        platform.machine(),
        _translated(),
        bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        {} if getattr(sys, "frozen", False) else versions(metadata.distributions()),
        shadows(sys.path, folder),
        environment.get("PYTHONPATH", ""),
        leading_elsewhere(environment, _folder_of("PySide6")),
        _folder_of("cv2"),
    )


def leading_elsewhere(environment: Mapping[str, str], own: str) -> dict[str, str]:
    """Return the variables that lead Qt to plug-ins outside of its folder ``own``; a bundle sets some to there."""
    told = {name: environment[name] for name in QT_VARIABLES if environment.get(name)}
    return {name: value for name, value in told.items() if not (own and value.startswith(own))}


def versions(distributions: Iterable[metadata.Distribution]) -> dict[str, str]:
    """Return the versions of the distributions that matter; of one that is there twice, of the first found."""
    found: dict[str, str] = {}
    for one in distributions:
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"] or "").lower()
        if name in NAMES:
            found.setdefault(name, one.version)
    return found


def shadows(paths: Sequence[str], own: Path) -> tuple[str, ...]:
    """Return other modules named app in the folders where Python looks."""
    found = []
    for folder in paths:
        for name in ("app/__init__.py", "app.py"):
            there = Path(folder or ".") / name
            try:
                if there.is_file() and there.resolve().parent != own.resolve():
                    found.append(str(there))
            except OSError:
                continue
    return tuple(dict.fromkeys(found))


def _translated() -> bool:
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        return output_of("sysctl", "-n", "sysctl.proc_translated").strip() == "1"
    if sys.platform == "win32":
        real = os.environ.get("PROCESSOR_ARCHITEW6432", "") or os.environ.get("PROCESSOR_IDENTIFIER", "")
        return "ARM" in real.upper() and platform.machine().upper() == "AMD64"
    return False


def _folder_of(module: str) -> str:
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return ""
    if found is None:
        return ""
    # OpenCV's package puts its library in its own place while it is imported, as another part may do just now.
    inside = list(found.submodule_search_locations or ()) or ([str(Path(found.origin).parent)] if found.origin else [])
    return inside[0] if inside else ""


def library_facts(environment: Mapping[str, str], ldd: Callable[..., str] = output_of) -> LibraryFacts:
    """Return the shared libraries that OpenCV and Qt's parts lack: `ldd` of them. Linux alone has that trouble."""
    if not sys.platform.startswith("linux"):
        return LibraryFacts({})
    kind = "wayland" if environment.get("WAYLAND_DISPLAY") else "x11"
    parts = {**QT_PARTS, "window": (*QT_PARTS["window"], PLATFORM_PARTS[kind]), "opencv": ("cv2*.so",)}
    missing: dict[str, tuple[str, ...]] = {}
    for name, patterns in parts.items():
        folder = _folder_of("cv2" if name == "opencv" else "PySide6")
        files = [str(path) for pattern in patterns for path in sorted(Path(folder).glob(pattern)) if folder]
        if not files:
            continue
        told = ldd("ldd", *files)
        if not told:
            return LibraryFacts(None, "The command ldd is missing or does not answer.")
        missing[name] = lacking(told)
    return LibraryFacts(missing)


def lacking(told: str) -> tuple[str, ...]:
    """Return the libraries that `ldd` did not find, each once, in the order of its output."""
    return tuple(dict.fromkeys(_MISSING.findall(told)))
