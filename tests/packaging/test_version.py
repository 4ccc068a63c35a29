"""The version is written once, in app/__init__.py, and everything that names it agrees."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import app
from app.cli.main import run

ROOT = Path(__file__).parents[2]
HEADING = re.compile(r"^## \[([^]]+)\](?: - (\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)


def test_the_package_takes_its_version_from_the_one_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"] == {"path": "app/__init__.py"}


def test_the_newest_version_of_the_changelog_is_the_apps():
    headings = HEADING.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert headings[0] == ("Unreleased", "")
    newest, day = headings[1]
    assert newest == app.__version__
    assert day
    assert all(day for _, day in headings[1:])


def test_the_changelog_has_no_part_of_its_own_making():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    allowed = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= allowed


def test_the_commands_tell_the_one_version(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(app, "__version__", "9.8.7")
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == "hingecoach 9.8.7\n"
    out = tmp_path / "demo.json"
    demo = "demo --headless --oracle --seconds 0.5 --fps 15 --size 320x240 --json"
    assert run([*demo.split(), str(out)]) == 0
    assert '"version": "9.8.7"' in out.read_text(encoding="utf-8")


def test_the_bundle_reads_the_same_version(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    monkeypatch.delitem(sys.modules, "icons", raising=False)
    import bundle

    assert bundle.version() == app.__version__
