"""Where Qt does not import, the window's tests are skipped with the reason and all others run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_machine_without_egl_skips_the_window_and_runs_the_rest(tmp_path: Path) -> None:
    broken = tmp_path / "PySide6"
    broken.mkdir()
    (broken / "__init__.py").write_text(
        "raise ImportError('libEGL.so.1: cannot open shared object file: No such file or directory')\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:pytest-qt", "-p", "no:cacheprovider",
         "tests/ui/test_theme.py", "tests/ui/test_window.py", "tests/ui/test_sounds.py"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Qt does not import here: libEGL.so.1" in run.stdout
    assert "2 skipped" in run.stdout
    assert "passed" in run.stdout
