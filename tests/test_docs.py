"""Documents that are made from code are fresh, and the README's commands exist."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

from app.coach.rules import default_rules

ROOT = Path(__file__).parents[1]


def test_the_page_of_faults_is_fresh():
    made = runpy.run_path(str(ROOT / "docs" / "faults_page.py"))["page"]()
    stale = "docs/faults.md is stale: run python -m docs.make_tables"
    assert (ROOT / "docs" / "faults.md").read_text(encoding="utf-8") == made, stale


def test_the_page_of_keys_is_fresh():
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    made = runpy.run_path(str(ROOT / "docs" / "keys_page.py"))["page"]()
    stale = "docs/keys.md is stale: run python -m docs.make_tables"
    assert (ROOT / "docs" / "keys.md").read_text(encoding="utf-8") == made, stale


def test_the_page_of_faults_says_everything_of_every_fault():
    rules, page = default_rules(), (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    for fault, text in rules.texts.items():
        section = next(part for part in page.split("\n## ") if f"`{fault}`" in part)
        told = [text.article, text.fix, text.article_view, rules.cues[fault].image, *rules.cues[fault].spoken]
        told += [claim for entry in text.evidence for claim in (entry.claim, entry.source)]
        told += [spec.measured for found in (rules.running, rules.stance) if (spec := found.get(fault))]
        assert [words for words in told if words not in section] == []


def test_tables_of_the_validation_are_fresh_and_each_has_its_place():
    made = runpy.run_path(str(ROOT / "docs" / "validation_page.py"))
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    content = json.loads((ROOT / "docs" / "validation.json").read_text(encoding="utf-8"))
    assert made["page"](text, content) == text
    places = re.findall(r"<!-- begin (\w+) -->", text)
    assert sorted(places) == sorted(made["tables"](content))
    assert places == re.findall(r"<!-- end (\w+) -->", text)


def test_the_validation_says_what_it_cannot_judge():
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    for words in ("It **can**", "It **cannot**", "What is simulated", "What is real", "## What is not validated"):
        assert words in text


def test_the_readme_has_the_two_commands_and_a_picture_that_is_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "pip install . && hingecoach demo --seconds 10" in readme
    assert "pip install '.[test]' && pytest" in readme
    assert "](assets/screenshot.png)" in readme
    assert (ROOT / "assets" / "screenshot.png").is_file()
