"""Build the desktop bundle of this system with one command: ``python packaging/bundle.py``.

In an environment of its own (build/bundle/venv): the locked packages, the app's wheel and PyInstaller. The result is
one folder (on macOS an .app) in dist/ that runs where there is no Python, and an archive of it beside; then it is tried
by smoke.py. The pose model is not inside: it is fetched at the first start, as always. See docs/releasing.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import plistlib
import re
import shutil
import subprocess
import sys
import tarfile
import time
import venv
from pathlib import Path
from typing import Final

from icons import icns, ico, pictures

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
WORK: Final = ROOT / "build" / "bundle"
DIST: Final = ROOT / "dist"
#: Two names, as bundle identifiers have; we own no domain to begin with.
IDENTIFIER: Final = "hingecoach.desktop"
WINDOWS, MACOS = sys.platform == "win32", sys.platform == "darwin"


def version() -> str:
    """Return the app's version, from the one place where it is written."""
    text = (ROOT / "app" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("app/__init__.py names no version.")
    return found[1]


def make_environment(folder: Path, again: bool) -> Path:
    """Make the environment that is bundled, with the app as it is now, and return its Python."""
    python = folder / ("Scripts/python.exe" if WINDOWS else "bin/python")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not (again and python.exists()):
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        _install_locked(python, [*pip, "--require-hashes", "--no-deps", "-r"])
    run([*pip, "--no-deps", "--force-reinstall", str(ROOT)])
    return python


def _install_locked(python: Path, locked: list[str]) -> None:
    run([*locked, str(HERE / "requirements.txt")])
    # The same OpenCV without its windows: 80 MB less, and no second Qt beside ours.
    run([str(python), "-m", "pip", "uninstall", "--quiet", "--yes", "opencv-python"])
    run([*locked, str(HERE / "requirements-bundle.txt")])


def facts(trim: bool) -> dict[str, object]:
    """Write what the spec needs as files, and return what it needs to know."""
    WORK.mkdir(parents=True, exist_ok=True)
    png, icon = pictures(), WORK / ("hingecoach.icns" if MACOS else "hingecoach.ico")
    icon.write_bytes(icns(png) if MACOS else ico(png))
    with (HERE / "macos" / "Info.plist").open("rb") as file:
        info = plistlib.load(file)
    version_file = WORK / "version.txt"
    version_file.write_text(windows_version(version()), encoding="utf-8")
    return {
        "version": version(),
        "identifier": IDENTIFIER,
        "icon": None if sys.platform == "linux" else str(icon),
        "version_file": str(version_file) if WINDOWS else None,
        "info_plist": {**info, "CFBundleShortVersionString": version(), "LSMinimumSystemVersion": oldest_macos()},
        "licenses": str(WORK / "licenses"),
        "trim": trim,
    }


def oldest_macos() -> str:
    """Return the macOS that a bundle needs, "14.0": pip takes wheels for the builder's, which no older one loads."""
    return f"{platform.mac_ver()[0].split('.')[0] or 14}.0"


def windows_version(told: str) -> str:
    """Return the version resource of the Windows programs, as PyInstaller reads it."""
    numbers = tuple([*(int(part) for part in re.findall(r"\d+", told)[:3]), 0, 0, 0][:4])
    words = {
        "ProductName": "Hinge Coach",
        "FileDescription": "Hinge Coach",
        "CompanyName": "The Hinge Coach authors",
        "LegalCopyright": "Copyright The Hinge Coach authors. Apache License 2.0",
        "OriginalFilename": "hingecoach.exe",
        "InternalName": "hingecoach",
        "ProductVersion": told,
        "FileVersion": told,
    }
    strings = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in words.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}), kids=["
        f"StringFileInfo([StringTable('040904B0', [{strings}])]), "
        "VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


def build(python: Path, trim: bool) -> Path:
    """Run PyInstaller and return the folder or .app it made."""
    run([str(python), str(HERE / "licences.py"), str(WORK / "licenses")], stdout=subprocess.DEVNULL)
    environment = {**os.environ, "HINGECOACH_BUNDLE": json.dumps(facts(trim)), "PYTHONHASHSEED": "0"}
    words = ["--noconfirm", "--clean", "--log-level", "WARN", "--distpath", str(DIST), "--workpath", str(WORK / "work")]
    # Not from the checkout: there `app` would be the folder, which has its assets beside it, not the installed wheel.
    run([str(python), "-m", "PyInstaller", *words, str(HERE / "hingecoach.spec")], env=environment, cwd=WORK)
    made = DIST / ("Hinge Coach.app" if MACOS else "hingecoach")
    if sys.platform == "linux":
        _for_linux(made)
    return made


def _for_linux(folder: Path) -> None:
    """Lay the menu entry, the icons and the script that installs them into the bundle."""
    menu = folder / "share" / "applications"
    menu.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "linux" / "hingecoach.desktop", menu / "hingecoach.desktop")
    shutil.copy(HERE / "linux" / "install.sh", folder / "install.sh")
    home = folder / "share" / "icons" / "hicolor"
    for size_px, data in pictures().items():
        place = home / f"{size_px}x{size_px}" / "apps"
        place.mkdir(parents=True, exist_ok=True)
        (place / "hingecoach.png").write_bytes(data)
    (home / "scalable" / "apps").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "assets" / "icons" / "hingecoach.svg", home / "scalable" / "apps" / "hingecoach.svg")


def pack(made: Path) -> Path:
    """Return an archive of the bundle, named for version, system and processor."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    name = f"hingecoach-{version()}-{system}-{platform.machine().lower()}"
    if MACOS:  # keeps links and signatures
        archive = DIST / f"{name}.zip"
        run(["ditto", "-c", "-k", "--keepParent", str(made), str(archive)])
        return archive
    if WINDOWS:
        return Path(shutil.make_archive(str(DIST / name), "zip", DIST, made.name))
    archive = DIST / f"{name}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(made, made.name, filter=_anonymous)
    return archive


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return an entry of an archive without the name of who built it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def size_mb(path: Path) -> float:
    """Return the size of a file, or of all files below a folder, in MB (links count nothing)."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file() and not one.is_symlink()]
    return sum(file.stat().st_size for file in files) / 1e6


def run(command: list[str], **options: object) -> None:
    """Run a step, and end with its exit code where it fails."""
    print("+", " ".join(command), flush=True)
    done = subprocess.run(command, check=False, **options)
    if done.returncode:
        raise SystemExit(done.returncode)


def main() -> None:
    """Build, pack and try the bundle."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--again", action="store_true", help="keep the environment of last time")
    told.add_argument("--untrimmed", action="store_true", help="leave in what the app never loads (to compare sizes)")
    told.add_argument("--no-smoke", action="store_true", help="do not try the bundle afterwards")
    told.add_argument("--version", action="version", version=version())
    words = told.parse_args()
    began_s = time.monotonic()
    python = make_environment(WORK / "venv", words.again)
    made = build(python, trim=not words.untrimmed)
    archive = pack(made)
    print(f"{made}: {size_mb(made):.0f} MB; {archive}: {size_mb(archive):.0f} MB; {time.monotonic() - began_s:.0f} s")
    if not words.no_smoke:
        run([sys.executable, str(HERE / "smoke.py"), str(made)])


if __name__ == "__main__":
    main()
