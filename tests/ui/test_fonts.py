"""A machine without any font is told what to install."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
from PySide6.QtGui import QGuiApplication
from app.ui.fonts import fonts_problem
app = QGuiApplication([])
print(fonts_problem())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux finds its fonts through fontconfig")
def test_no_font_at_all(tmp_path: Path) -> None:
    nothing = tmp_path / "fonts.conf"
    nothing.write_text(
        f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{tmp_path}</dir>'
        f"<cachedir>{tmp_path}</cachedir></fontconfig>"
    )
    environment = {**os.environ, "FONTCONFIG_FILE": str(nothing), "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )  # fmt: skip
    assert "apt install fonts-dejavu-core" in run.stdout, run.stderr
