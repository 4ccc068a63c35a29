"""Python and its packages: versions that do not work together, wheels that overwrite each other, paths led astray."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from app.validation.checkup.finding import EVERY_JOB, LIVE, fine, not_checked, note, trouble
from app.validation.checkup.remedies import instead, pip

if TYPE_CHECKING:
    from app.validation.checkup.facts import SoftwareFacts
    from app.validation.checkup.finding import Finding, System

#: As in pyproject.toml: the first version that works, and the first that was not tried.
PYTHONS: Final = ((3, 11), (3, 15))
#: Later ones contact a host on the network (docs/adr/0001).
MEDIAPIPE: Final = "0.10.31"
#: From this one on the library asks for a host about a minute after its start.
PHONES_HOME: Final = (0, 10, 35)
OPENCVS: Final = (
    "opencv-python", "opencv-contrib-python", "opencv-python-headless", "opencv-contrib-python-headless",
)  # fmt: skip
OTHER_BINDINGS: Final = ("pyqt5", "pyqt6", "pyside2")
#: From here on a reference to None is lost with every call, before Python 3.12.
LEAKING_PYSIDE: Final = (6, 12)
LEAST_NUMPY: Final = (1, 26)


def check_software(facts: SoftwareFacts, system: System) -> list[Finding]:
    """Judge Python and what is installed in it."""
    return [
        _version(facts, system),
        _architecture(facts, system),
        _build(facts),
        _path(facts),
        *_packages(facts, system),
        _qt_variables(facts, system),
    ]


def _version(facts: SoftwareFacts, system: System) -> Finding:
    version, name = ".".join(str(part) for part in facts.python), facts.implementation
    if name != "CPython":
        return trouble(
            "python.version", f"{name} {version}: the pose network is made for CPython.",
            "Install Python 3.12 or newer, and Hinge Coach in it.", EVERY_JOB, version=version,
        )  # fmt: skip
    if facts.python[:2] < PYTHONS[0]:
        return trouble(
            "python.version", f"Python {version} is too old.", "Install Python 3.12 or newer, and Hinge Coach in it.",
            EVERY_JOB, version=version,
        )  # fmt: skip
    if facts.python[:2] >= PYTHONS[1]:
        return note(
            "python.version", f"Python {version} is newer than those that were tried.",
            "Where something fails, use Python 3.12 to 3.14.", version=version,
        )  # fmt: skip
    return fine("python.version", f"Python {version}", version=version)


def _architecture(facts: SoftwareFacts, system: System) -> Finding:
    bits, machine = facts.bits, facts.machine
    if bits < 64:
        return trouble(
            "python.architecture", f"Python runs with {bits} bits: there is no pose network for it.",
            "Install the 64-bit Python, and Hinge Coach in it.", EVERY_JOB, bits=bits, machine=machine,
        )  # fmt: skip
    if facts.translated:
        translator = "Rosetta" if system.mac else "emulation"
        return note(
            "python.architecture", f"Python for {machine} runs by {translator}: several times slower.",
            "Install the Python for ARM (arm64), and Hinge Coach in it.", bits=bits, machine=machine,
        )  # fmt: skip
    return fine("python.architecture", f"{bits} bits on {machine}", bits=bits, machine=machine)


def _build(facts: SoftwareFacts) -> Finding:
    if facts.free_threaded:
        return note(
            "python.build", "This Python is the free-threaded build, which was not tried.",
            "Where something fails, use the usual build of Python.", free_threaded=True,
        )  # fmt: skip
    return fine("python.build", "The usual build of Python", free_threaded=False)


def _path(facts: SoftwareFacts) -> Finding:
    if facts.shadows:
        other = facts.shadows[0]
        return note(
            "python.path", f"Another module called app is at {other}.",
            "Start with 'hingecoach' instead of 'python -m app', or from another folder.", other=other,
        )  # fmt: skip
    if facts.python_path:
        path = facts.python_path
        return note(
            "python.path", f"PYTHONPATH is set: {path}", "Where something fails, start without PYTHONPATH.", path=path
        )
    return fine("python.path", "Nothing stands in front of the app's modules")


def _packages(facts: SoftwareFacts, system: System) -> list[Finding]:
    names = ("packages.mediapipe", "packages.litert", "packages.pyside", "packages.numpy", "packages.opencv",
             "packages.bindings")  # fmt: skip
    if not facts.versions:
        why = "The bundle brings its own packages." if system.bundled else "Python does not tell what is installed."
        return [not_checked(name, why) for name in names]
    judges = (_mediapipe, _litert, _pyside, _numpy, _opencv)
    return [*(judge(facts, system) for judge in judges), _bindings(facts)]


def _mediapipe(facts: SoftwareFacts, system: System) -> Finding:
    version = facts.versions.get("mediapipe", "")
    remedy = pip(system, "install", f"mediapipe=={MEDIAPIPE}")
    if not version:
        if facts.versions.get("ai-edge-litert"):
            return note("packages.mediapipe", "MediaPipe is not installed; LiteRT does its work.", remedy)
        return trouble("packages.mediapipe", "MediaPipe is not installed.", remedy, EVERY_JOB)
    if numbers(version) >= PHONES_HOME:
        return trouble(
            "packages.mediapipe", f"MediaPipe {version} contacts a host on the network while it runs.", remedy,
            version=version,
        )  # fmt: skip
    if version != MEDIAPIPE:
        return note(
            "packages.mediapipe", f"MediaPipe {version}: the app was tried with {MEDIAPIPE}.", remedy, version=version
        )
    return fine("packages.mediapipe", f"MediaPipe {version}", version=version)


def _litert(facts: SoftwareFacts, system: System) -> Finding:
    version = facts.versions.get("ai-edge-litert", "")
    if version:
        return fine("packages.litert", f"LiteRT {version} runs the pose network.", version=version)
    return note(
        "packages.litert", "LiteRT is not installed: MediaPipe runs the pose network, more slowly.",
        pip(system, "install", '"ai-edge-litert>=2.1,<3"'),
    )  # fmt: skip


def _pyside(facts: SoftwareFacts, system: System) -> Finding:
    essentials, addons = (facts.versions.get(name, "") for name in ("pyside6-essentials", "pyside6-addons"))
    if not essentials:
        return trouble(
            "packages.pyside", "PySide6 is not installed: there is no window.",
            pip(system, "install", "PySide6-Essentials", "PySide6-Addons"), LIVE,
        )  # fmt: skip
    if numbers(essentials) >= LEAKING_PYSIDE and facts.python[:2] < (3, 12):
        python = ".".join(str(part) for part in facts.python[:2])
        return trouble(
            "packages.pyside", f"PySide6 {essentials} ends the app after some seconds on Python {python}.",
            pip(system, "install", '"PySide6-Essentials<6.12"', '"PySide6-Addons<6.12"'), LIVE, version=essentials,
        )  # fmt: skip
    if not addons:
        return trouble(
            "packages.pyside", "PySide6-Addons is not installed: there is no sound.",
            pip(system, "install", f"PySide6-Addons=={essentials}"), version=essentials,
        )  # fmt: skip
    if addons != essentials:
        return trouble(
            "packages.pyside", f"PySide6-Essentials {essentials} and PySide6-Addons {addons} do not fit together.",
            pip(system, "install", f"PySide6-Addons=={essentials}"), version=essentials,
        )  # fmt: skip
    return fine("packages.pyside", f"PySide6 {essentials}", version=essentials)


def _numpy(facts: SoftwareFacts, system: System) -> Finding:
    version = facts.versions.get("numpy", "")
    if numbers(version) < LEAST_NUMPY:
        return trouble(
            "packages.numpy", f"NumPy {version or 'is missing'}: 1.26 or newer is needed.",
            pip(system, "install", '"numpy>=1.26"'), EVERY_JOB, version=version,
        )  # fmt: skip
    return fine("packages.numpy", f"NumPy {version}", version=version)


def _opencv(facts: SoftwareFacts, system: System) -> Finding:
    there = [name for name in OPENCVS if name in facts.versions]
    if len(there) > 1:
        wheels = ", ".join(there)
        return trouble(
            "packages.opencv", f"Several wheels of OpenCV overwrite each other: {wheels}",
            instead(system, there, "opencv-python"),
            wheels=wheels,
        )  # fmt: skip
    if not there:
        return trouble(
            "packages.opencv", "OpenCV is not installed.", pip(system, "install", "opencv-python"), EVERY_JOB, wheels=""
        )
    version = facts.versions[there[0]]
    if there[0] != OPENCVS[0]:
        name = there[0]
        return note(
            "packages.opencv", f"{name} {version}: the app was tried with opencv-python.",
            instead(system, [name], "opencv-python"), wheels=name, version=version,
        )  # fmt: skip
    return fine("packages.opencv", f"OpenCV {version}, one wheel of it", wheels=there[0], version=version)


def _bindings(facts: SoftwareFacts) -> Finding:
    there = [name for name in OTHER_BINDINGS if name in facts.versions]
    if there:
        names = ", ".join(there)
        return note(
            "packages.bindings", f"Other Qt bindings are installed beside PySide6: {names}",
            "Where the window fails, install Hinge Coach in an environment of its own.", names=names,
        )  # fmt: skip
    return fine("packages.bindings", "No other Qt beside PySide6")


def _qt_variables(facts: SoftwareFacts, system: System) -> Finding:
    """Look at what leads Qt to other plug-ins; OpenCV's own are taken back by the app, see `app/__init__.py`."""
    foreign = {name: value for name, value in facts.qt_variables.items() if not _of_opencv(value, facts.cv2_folder)}
    if not facts.qt_variables:
        return fine("qt.variables", "No variable leads Qt to other plug-ins")
    if not foreign:
        name = next(iter(facts.qt_variables))
        return note("qt.variables", f"{name} points into OpenCV; the app takes it back.", name=name)
    name, value = next(iter(foreign.items()))
    unset = f"set {name}=" if system.windows else f"unset {name}"
    return trouble(
        "qt.variables", f"{name} leads Qt to other plug-ins: {value}", f"Take it back: {unset}", name=name, value=value
    )


def _of_opencv(value: str, folder: str) -> bool:
    return bool(folder) and value.startswith(folder.rstrip(os.sep))


def numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: (0, 10, 31); () for none."""
    found = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        found.append(int(part))
    return tuple(found)
