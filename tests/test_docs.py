"""Documents that are made from code are fresh, and the README's commands exist."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_table_of_faults_and_cues_is_fresh():
    made = runpy.run_path(str(ROOT / "docs" / "make_tables.py"))["faults_and_cues"]()
    assert (ROOT / "docs" / "faults-and-cues.md").read_text(encoding="utf-8") == made


def test_the_readme_has_the_two_commands_and_a_picture_that_is_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "pip install . && hingecoach demo --seconds 10" in readme
    assert "pip install '.[test]' && pytest" in readme
    assert "](assets/screenshot.png)" in readme
    assert (ROOT / "assets" / "screenshot.png").is_file()
