"""Runners on the command line: added, shown, changed, deleted after asking; used by the commands that judge."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest

from app.capture.virtual import VirtualSource
from app.cli.build import Coaching, camera_name, coach_for, dose_of
from app.cli.live import _maker
from app.cli.runners import LEAST_SESSION_S, Roster, Runner, drop_cm, runner_of, store_of
from app.coach.errors import WorldError
from app.coach.report import Mode
from app.store.people import RunnerRecord
from app.ui.choice import Choice, SourceKind

NOW = datetime(2026, 11, 22, 18, 30)


def test_add_list_show_change(cli):
    assert cli("runners", "list").out.startswith("There is no runner yet: add one with")
    assert cli("runners", "add", "Anna", "--height-cm", "5'6\"", "--drop", "0.5in").out.startswith("Added Anna.")
    assert cli("runners", "add", "bo li").code == 0
    assert [line.split()[0] for line in cli("runners", "list").out.splitlines()] == ["Anna", "bo"]
    shown = cli("runners", "show", "anna").out
    for words in ("Anna", "168 cm", "1.3 cm below", "no session; in the next, feedback in 100%", "none yet"):
        assert words in shown
    assert "roof 2.0 cm" in cli("runners", "change", "anna", "--drop", "2cm").out
    assert "Nothing to change" in cli("runners", "change", "anna").error_line
    assert cli("runners", "add", "ANNA").code == 2


def test_delete_asks_and_does_nothing_where_nobody_answers(cli, monkeypatch):
    cli("runners", "add", "anna", "--height-cm", "168")
    answer = cli("runners", "delete", "anna")
    assert answer.code == 2
    assert "Nothing was deleted" in answer.error_line
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    for yes, there in ((False, True), (True, False)):
        monkeypatch.setattr("typer.confirm", lambda *_, yes=yes, **__: yes)
        assert cli("runners", "delete", "anna").code == 0
        assert (store_of(None).names() == ["anna"]) is there
    cli("runners", "add", "anna")
    assert cli("runners", "delete", "anna", "--yes").out.startswith("Deleted anna")
    assert cli("runners", "delete", "anna", "--yes").code == 2


def test_the_data_folder_may_be_another(cli, tmp_path):
    cli("runners", "add", "anna", "--data-dir", tmp_path / "mine")
    assert (tmp_path / "mine" / "runners" / "runner-anna.json").is_file()
    assert "no runner yet" in cli("runners", "list").out
    assert "anna" in cli("runners", "list", "--data-dir", tmp_path / "mine").out
    assert "--data-dir" in cli("runners", "list", "--data-dir", " ").error_line


@pytest.mark.parametrize("command", ["live", "demo --headless --oracle", "analyze TRC"])
def test_an_unknown_runner_ends_before_any_work_and_says_how_to_add(cli, running_trc, command):
    words = [str(running_trc) if word == "TRC" else word for word in command.split()]
    answer = cli(*words, "--runner", "anna")
    assert answer.code == 2
    assert answer.error_line.endswith("add one with 'hingecoach runners add anna --height-cm H'.")


def test_a_damaged_record_is_kept_and_told(cli):
    cli("runners", "add", "anna")
    path = store_of(None).path_of("anna")
    path.write_text("{", encoding="utf-8")
    answer = cli("runners", "list")
    assert answer.code == 0
    assert "damaged" in answer.error_line
    assert path.with_suffix(".bad").read_text(encoding="utf-8") == "{"


def test_stature_and_standing_come_from_the_record(cli, tmp_path):
    """The first demo leaves its standing, the second begins with it; a height told goes before the one kept."""
    cli("runners", "add", "anna", "--height-cm", "168")
    demo = ("demo", "--headless", "--oracle", "--fps", "30", "--runner", "anna", "--json", tmp_path / "o.json")
    answer = cli(*demo, "--seconds", "10")
    assert "the virtual runner's standing is kept" in answer.err
    assert json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["standing"]["height_cm"] == 168.0
    assert "virtual, 1280x720, facing right" in cli("runners", "show", "anna").out
    answer = cli(*demo, "--seconds", "5", "--height-cm", "180")
    standing = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["standing"]
    assert (standing["source"], standing["height_cm"]) == ("stored", 180.0)
    assert "is kept" not in answer.err
    record = store_of(None).get("anna")
    assert (record.height_cm, record.sessions) == (168.0, 0)
    cli("runners", "change", "anna", "--height-cm", "171")  # the figure of then was smaller: a roof over its head
    assert "none yet" in cli("runners", "show", "anna").out


def test_a_landmark_file_takes_the_stature_and_leaves_nothing(cli, running_trc, tmp_path):
    cli("runners", "add", "anna", "--height-cm", "168")
    before = store_of(None).path_of("anna").read_bytes()
    assert cli("analyze", running_trc, "--runner", "anna", "--json", tmp_path / "o.json").code == 0
    result = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert (result["standing"]["height_cm"], result["standing"]["source"]) == (168.0, "recorded")
    assert store_of(None).path_of("anna").read_bytes() == before


class Ran:
    """A coach that saw so much running."""

    standing = None

    def __init__(self, seconds):
        self.seconds = seconds

    def summary(self):
        return SimpleNamespace(running_s=self.seconds)


@pytest.mark.parametrize(
    ("ran", "counted"),
    [([(200.0, "camera 0")], 1), ([(100.0, "camera 0"), (90.0, "camera 0")], 1), ([(170.0, "camera 0")], 0),
     ([(500.0, "virtual")], 0), ([(500.0, "")], 0)],
)  # fmt: skip
def test_three_minutes_before_a_camera_make_a_session(ran, counted):
    store = store_of(None)
    store.add(RunnerRecord("anna", 168.0, sessions=4))
    runner = runner_of("anna", None)
    assert dose_of(None, None, True, runner).session == 5
    assert dose_of(2, None, True, runner).session == 2
    for seconds, camera in ran:
        runner.follow(lambda seconds=seconds: (Ran(seconds),), camera)
    said = runner.finish(NOW)
    assert store.get("anna").sessions == 4 + counted
    assert len(said) == counted
    assert runner.finish(NOW) == []
    assert dose_of(None, None, True).session == 1


def test_who_was_deleted_in_the_window_costs_nobody_else_the_session(tmp_path, capsys):
    roster = Roster(str(tmp_path), None)
    for name in ("anna", "bo"):
        store_of(str(tmp_path)).add(RunnerRecord(name))
        roster.of(name).follow(lambda: (Ran(LEAST_SESSION_S),), "camera 0")
    store_of(str(tmp_path)).delete("anna")
    with pytest.raises(WorldError, match="anna"):
        roster.finish()
    assert "bo: session 1 is counted" in capsys.readouterr().err


def test_who_is_picked_in_the_window_has_a_dose_and_a_stature_of_his_own(tmp_path):
    """Anna was named on the command line, bo is picked in the window, then nobody."""
    store = store_of(str(tmp_path))
    anna, bo = RunnerRecord("anna", 168.0, sessions=6), RunnerRecord("bo", 190.0, sessions=4)
    for record in (anna, bo):
        store.add(record)
    who = runner_of("anna", str(tmp_path))
    virtual = Choice(SourceKind.VIRTUAL, oracle=True, runner="anna")
    coaching = Coaching(None, dose_of(None, None, True, who), who)
    roster = Roster(str(tmp_path), who)
    make = _maker("full", virtual, coaching, roster, lambda one: dose_of(None, None, True, one), tmp_path)
    found = []
    for name in ("anna", "bo", ""):
        with make(replace(virtual, runner=name)) as session:
            [coach] = session.coaches()
            assert isinstance(session.source, VirtualSource)
            found.append((coach.dose.session, coach.profile.height_cm, session.source._scene.params.height_cm))
    assert found == [(7, 168.0, 168.0), (5, 190.0, 190.0), (1, None, 178.0)]


def test_what_is_changed_in_the_window_holds_from_the_next_start_on(tmp_path):
    store, roster = store_of(str(tmp_path)), Roster(str(tmp_path), None)
    store.add(RunnerRecord("anna", 168.0))
    first = roster.of("anna")
    assert first.profile(None).height_cm == 168.0
    store.save(replace(store.get("anna"), height_cm=170.0, tunnel_drop_cm=2.0))
    assert roster.of("anna") is first
    assert (first.profile(None).height_cm, first.profile(None).tunnel_drop_cm) == (170.0, 2.0)
    assert roster.of("") is None


def test_cameras_by_name_or_number_and_nothing_kept_of_a_clip():
    assert camera_name(Choice(SourceKind.CAMERA, camera=1)) == "camera 1"
    assert camera_name(Choice(SourceKind.CAMERA, camera="Logi")) == "Logi"
    assert camera_name(Choice(SourceKind.FILE)) == ""
    runner = Runner(RunnerRecord("anna", 168.0, 2.0), None)
    coach = coach_for(Choice(SourceKind.FILE, mode=Mode.RUN), Coaching(runner=runner))
    assert (coach.profile.height_cm, coach.profile.tunnel_drop_cm, coach.standing) == (168.0, 2.0, None)
    assert runner.finish(NOW) == []


@pytest.mark.parametrize(("text", "cm"), [("1in", 2.54), ("2.5cm", 2.5), ("2,5", 2.5), ('0.5"', 1.27)])
def test_drops(text, cm):
    assert drop_cm(text) == pytest.approx(cm)


@pytest.mark.parametrize("text", ["", "an inch", "1ft", "-1in"])
def test_what_is_no_drop(text):
    with pytest.raises(WorldError, match="write 1in"):
        drop_cm(text)
