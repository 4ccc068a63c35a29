"""A coach's own rules on the command line: shown, checked, used, recorded; a file that cannot be used is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import app
from app.coach.report import FaultId
from app.coach.rules import default_rules

MINE = '[fault.upright.running]\non = 15.0\noff = 15.5\n[fault.upright.cue]\nspoken = ["Ski jump"]\n'
BAD = "[fault.upright.running]\non = 40.0\n\n[green]\nblue = 1\n"


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8")
    return path


def test_show_prints_the_file_as_it_is(cli):
    answer = cli("rules", "show")
    assert answer.code == 0
    assert answer.out == (Path(app.__file__).parent / "coach" / "rules.toml").read_text(encoding="utf-8")
    assert answer.err == ""


def test_check_says_what_a_good_file_changes(cli, mine):
    answer = cli("rules", "check", mine)
    assert answer.code == 0
    was = default_rules().running[FaultId.UPRIGHT].on
    assert f"fault.upright.running.on: {was} -> 15.0" in answer.out
    assert answer.out.endswith(f"{mine} is good: it changes 3 entries.\n")


def test_check_names_every_wrong_entry(cli, mine):
    mine.write_text(BAD, encoding="utf-8")
    answer = cli("rules", "check", mine)
    assert answer.code == 2
    assert [line.split(": ")[:2] for line in answer.out.splitlines()] == [
        ["line 2", "fault.upright.running.on"],
        ["line 5", "green.blue"],
    ]
    assert answer.error_line == f"hingecoach: {mine} cannot be used: 2 entries are wrong."


def test_an_empty_file_is_good_and_a_mark_at_its_beginning_too(cli, mine):
    mine.write_bytes(b"")
    assert cli("rules", "check", mine).out == f"{mine} is good: it changes nothing.\n"
    mine.write_text(MINE, encoding="utf-8-sig")
    assert "it changes 3 entries" in cli("rules", "check", mine).out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "There is no file"),
        ("folder", "are a folder"),
        (b"[green]\n\xff", "line 2: this is not UTF-8"),
        (b"# " + b"x" * 1_100_000, "are no file of rules"),
        (BAD.encode(), "line 2: fault.upright.running.on: on 40 and off"),
    ],
)
@pytest.mark.parametrize("command", ["demo --headless --oracle --seconds 3", "analyze TRC", "live"])
def test_rules_that_cannot_be_used_end_before_any_work(cli, tmp_path, running_trc, command, content, says):
    path, output = tmp_path / "rules", tmp_path / "o.json"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    words = [str(running_trc) if word == "TRC" else word for word in command.split()]
    answer = cli(*words, "--rules", path, *(() if command == "live" else ("--json", output)))
    assert answer.code == 2
    assert says in answer.error_line
    assert not output.exists()


def test_an_empty_name_and_an_output_over_the_rules_are_refused(cli, mine, running_trc):
    assert "--rules: a file name is missing" in cli("analyze", running_trc, "--rules", "").error_line
    answer = cli("analyze", running_trc, "--rules", mine, "--json", mine)
    assert "would overwrite the input" in answer.error_line
    assert mine.read_text(encoding="utf-8") == MINE


@pytest.mark.parametrize("how", ["option", "environment"])
def test_own_rules_judge_and_are_named_in_the_result(cli, mine, running_trc, tmp_path, monkeypatch, how):
    if how == "environment":
        monkeypatch.setenv("HINGECOACH_RULES", str(mine))
    options = ("--rules", mine) if how == "option" else ()
    answer = cli("analyze", running_trc, *options, "--json", tmp_path / "o.json")
    assert answer.code == 0
    result = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert result["app"]["rules"] == "mine.toml"
    assert "app: judged by the rules in mine.toml, not by those that come with the app." in result["warnings"]
    assert result["run"]["verdict"] == "upright"
    assert result["run"]["faults"][0]["threshold"] == 15.0
    assert "judged by the rules in mine.toml" in answer.out
