"""The licence texts of everything that a bundle holds, in one folder: ``python licences.py FOLDER``.

Run with the interpreter whose packages are bundled. Each installed package gives the licence files of its own metadata;
Qt for Python brings none, so its texts stand in packaging/licenses.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Final

TEXTS: Final = Path(__file__).resolve().parent / "licenses"
WORDS: Final = ("licen", "copying", "notice")
#: Packages that are in the environment but not in the bundle.
ONLY_BUILD: Final = frozenset({"altgraph", "macholib", "packaging", "pefile", "pywin32-ctypes", "setuptools"})


def collect(folder: Path) -> list[str]:
    """Copy every licence text into ``folder`` and return the packages, as "name version: licence"."""
    folder.mkdir(parents=True, exist_ok=True)
    for text in sorted(TEXTS.iterdir()):
        shutil.copyfile(text, folder / text.name)
    index = [f"Python {sys.version.split()[0]}: Python Software Foundation License 2.0"]
    own = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if own.is_file():
        shutil.copyfile(own, folder / "Python-LICENSE.txt")
    for package in sorted(metadata.distributions(), key=lambda one: one.metadata["Name"].lower()):
        name = package.metadata["Name"]
        if name.lower() in ONLY_BUILD:
            continue
        index.append(f"{name} {package.version}: {_licence_of(package)}")
        for file in package.files or ():
            if ".dist-info" in file.parts[0] and any(word in file.name.lower() for word in WORDS):
                flat = "-".join(part for part in file.parts[1:] if part != "licenses")
                shutil.copyfile(str(file.locate()), folder / f"{name}-{flat}")
    (folder / "index.txt").write_text("\n".join(index) + "\n", encoding="utf-8")
    return index


def _licence_of(package: metadata.Distribution) -> str:
    """Return the licence that a package's metadata names, in a few words."""
    facts = package.metadata
    told = facts.get("License-Expression") or (facts.get("License") or "").strip().split("\n")[0]
    classes = [one.rsplit(" :: ", 1)[-1] for one in facts.get_all("Classifier") or () if one.startswith("License ::")]
    return told or ", ".join(classes) or "see its file here"


if __name__ == "__main__":
    print("\n".join(collect(Path(sys.argv[1]))))
