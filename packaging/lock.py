"""Renew the lock files: ``python packaging/lock.py [--upgrade]`` (needs the package index).

Exact versions with hashes, for every Python and platform at once: requirements.txt to run the app,
requirements-test.txt to test it, requirements-bundle.txt for what a bundle needs besides. No index is written into
them, so that they work with any. Without ``--upgrade`` a version changes only where pyproject.toml or one of the .in
files asks for it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
OLDEST: Final = "3.11"
COMMON: Final = (
    "--universal", f"--python-version={OLDEST}", "--generate-hashes", "--no-emit-index-url", "--quiet",
    "--no-annotate", "--constraint=packaging/constraints.in", "--custom-compile-command=python packaging/lock.py",
)  # fmt: skip


def uv(folder: Path) -> Path:
    """Return the resolver's command, installed into an environment of its own."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv>=0.5"]
    subprocess.run(pip, check=True)
    return programs / "uv"


def main() -> None:
    """Write the three files."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--upgrade", action="store_true", help="take the newest versions that are allowed")
    more = ["--upgrade"] if told.parse_args().upgrade else []
    with tempfile.TemporaryDirectory() as name:
        program = uv(Path(name) / "venv")

        def compile_to(file: str, *sources: str) -> None:
            words = [str(program), "pip", "compile", *COMMON, *more, "-o", str(HERE / file), *sources]
            subprocess.run(words, check=True, cwd=ROOT)

        compile_to("requirements-test.txt", "pyproject.toml", "--extra", "test")
        # What is run is what was tested; and OpenCV without windows is the OpenCV of the app.
        compile_to("requirements.txt", "pyproject.toml", "--constraint", "packaging/requirements-test.txt")
        locked = (HERE / "requirements.txt").read_text(encoding="utf-8")
        opencv = re.search(r"^opencv-python==(\S+)", locked, re.MULTILINE)
        if opencv is None:
            raise SystemExit("The lock holds no opencv-python.")
        same = Path(name) / "same.txt"
        same.write_text(f"opencv-python-headless=={opencv[1]}\n", encoding="utf-8")
        compile_to(
            "requirements-bundle.txt",
            "packaging/requirements-bundle.in",
            "--constraint", str(same), "--constraint", "packaging/requirements-test.txt",
        )  # fmt: skip


if __name__ == "__main__":
    main()
