"""Earlier sessions on the command line: listed, shown, exported, judged again, deleted for good."""

from __future__ import annotations

import csv
import itertools
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.cli.sessions import _source
from app.coach.report import Mode
from app.coach.rules import default_text
from app.coach.types import RunnerProfile
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.sessions import schema, tables
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart

FPS = 30.0
SECRET = "Zanzibar"


def record(folder, act, seconds, mode=Mode.RUN, **start):
    """Record a virtual runner who stands for two seconds first; return (id, analysis JSON)."""
    scene = VirtualScene(RunnerParams(act=act, standing_s=2.0), Camera.framing())
    recipe = Recipe(mode, RunnerProfile(178.0))
    coach = recipe.make()
    recorder = SessionRecorder(coach, SessionStart(recipe, source_kind="virtual", source=act, **start), folder)
    for k in range(round(seconds * FPS)):
        coach.update(scene.landmarks_at(k / FPS))
    coach.finish()
    document = recorder.close()
    assert recorder.notice == ""
    return recorder.id, document


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Three sessions: Anna's ankle lean, Bo's good form, Anna's stance; (folder, ids, documents)."""
    folder = tmp_path_factory.mktemp("recorded")
    sessions = [
        record(folder, Act.ANKLE_LEAN, 14.0, person=f"Anna {SECRET}"),
        record(folder, Act.GOOD, 8.0, person="Bo"),
        record(folder, Act.STANCE_GOOD, 7.0, Mode.STANCE, person=f"Anna {SECRET}"),
    ]
    return folder, [one[0] for one in sessions], [one[1] for one in sessions]


@pytest.fixture
def sessions(cli, recorded):
    """Call a command of the group on the recorded sessions."""
    return lambda *words: cli("sessions", *words, "--data-dir", recorded[0])


def test_the_list_has_all_and_can_be_narrowed(sessions, recorded):
    ids = recorded[1]
    lines = sessions("list").out.splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(ids)
    ankle = next(line for line in lines if line.startswith(ids[0]))
    assert f"Anna {SECRET}" in ankle
    assert ankle.endswith("run       0:14  ankle lean")
    assert [line.split()[0] for line in sessions("list", "--runner", "bo").out.splitlines()] == [ids[1]]
    assert [line.split()[0] for line in sessions("list", "--mode", "stance").out.splitlines()] == [ids[2]]
    assert sessions("list", "--runner", "nobody").out == "There is no session of nobody.\n"
    wrong = sessions("list", "--mode", "walk")
    assert (wrong.code, wrong.error_line) == (2, "hingecoach: --mode walk is unknown: choose run, stance, drill.")


def test_without_any_session_all_commands_say_so(cli):
    assert cli("sessions", "list").out == "There is no session yet.\n"
    for command in (("show", "last"), ("export", "last", "--json", "-"), ("delete", "last", "--yes"), ("replay", "x")):
        answer = cli("sessions", *command)
        assert answer.code == 2
        assert "There is no session" in answer.error_line


def test_show_has_the_numbers_of_the_document(sessions, recorded):
    _, ids, documents = recorded
    shown = sessions("show", ids[0]).out
    lean = documents[0]["run"]["trunk_lean_deg"]
    low, high = lean["ci95"]
    for words in (f"{lean['value']:.1f} deg  (95 %: {low:.1f} to {high:.1f})", "verdict                    ankle lean"):
        assert words in shown
    assert "hinge half-life            -  (needs five minutes" in shown
    said = documents[0]["cues"][0]["spoken"]
    assert said in shown
    assert "longest good hold" in sessions("show", ids[2]).out


@pytest.mark.parametrize(
    ("kind", "source", "told"),
    [
        ("virtual", "Virtual · Good form", "Virtual · Good form"),
        ("camera", "Camera 0", "Camera 0"),
        ("camera", "C920", "camera C920"),
        ("video", "run.mp4", "video run.mp4"),
        ("virtual", "", "virtual"),
    ],
)
def test_where_a_session_came_from_is_said_once(kind, source, told):
    assert _source(SimpleNamespace(source_kind=kind, source=source)) == told


def test_a_session_is_named_by_its_beginning_or_as_the_last(sessions, recorded):
    newest = sessions("list").out.split()[0]
    assert sessions("show", "last").out.splitlines()[0] == newest
    assert sessions("show", recorded[1][0]).out.splitlines()[0] == recorded[1][0]
    answer = sessions("show", "2")
    assert (answer.code, answer.out) == (2, "")
    assert "3 sessions begin with 2" in answer.error_line
    assert sessions("show", "1999").code == 2


def test_export_writes_what_analyze_writes(sessions, recorded, tmp_path):
    _, ids, documents = recorded
    answer = sessions("export", ids[0], "--json", tmp_path / "one.json", "--csv", tmp_path / "tables")
    assert answer.code == 0
    exported = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert exported["session"]["id"] == ids[0]
    assert {name: part for name, part in exported.items() if name != "session"} == documents[0]
    rows = {
        name: list(csv.DictReader((tmp_path / "tables" / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
        for name in ("frames", "steps", "holds", "cues")
    }
    assert len(rows["frames"]) == documents[0]["source"]["frames"] == 420
    steps_s = [one["t_s"] for one in documents[0]["run"]["steps"]]
    assert [float(row["t_s"]) for row in rows["steps"]] == pytest.approx(steps_s, abs=1e-4)
    assert [row["spoken"] for row in rows["cues"]] == [cue["spoken"] for cue in documents[0]["cues"]]
    assert {row["verdict"] for row in rows["frames"]} >= {"not_judged", "ankle_lean"}
    assert json.loads(sessions("export", ids[0], "--json", "-").out) == exported
    assert "Nothing to write" in sessions("export", ids[0]).error_line


def test_a_session_goes_to_another_machine_as_a_zip(cli, sessions, recorded, tmp_path):
    ids = recorded[1]
    there = tmp_path / "there"
    there.mkdir()
    answer = sessions("export", ids[0], "--zip", tmp_path / "one.zip")
    assert (answer.code, answer.out, answer.err) == (0, "", f"Wrote {tmp_path / 'one.zip'}.\n")
    second = f"Note: {ids[0]} is here already: this is kept as a second one, {ids[0][:15]}"
    for expected, noted in ((ids[0], ""), (ids[0][:15], second)):  # the second time under another id
        answer = cli("sessions", "import", tmp_path / "one.zip", "--data-dir", there)
        assert answer.code == 0
        assert answer.err.startswith(noted)
        assert bool(answer.err) is bool(noted)
        assert answer.out.startswith(f"Imported {expected}")
        assert answer.out.endswith(f"Anna {SECRET}  run       0:14  ankle lean.\n")
    lines = cli("sessions", "list", "--data-dir", there).out.splitlines()
    assert len(lines) == 2
    answer = cli("sessions", "export", ids[0], "--json", "-", "--data-dir", there)
    assert answer.out == sessions("export", ids[0], "--json", "-").out
    assert "identical, to the last bit" in cli("sessions", "replay", ids[0], "--data-dir", there).out


def test_export_writes_landmarks_and_angles(cli, sessions, recorded, tmp_path):
    ids, documents = recorded[1:]
    trc, mot = tmp_path / "one.trc", tmp_path / "one.mot"
    assert sessions("export", ids[0], "--trc", trc, "--mot", mot).err == f"Wrote {trc}.\nWrote {mot}.\n"
    assert trc.read_text(encoding="utf-8").splitlines()[2].split("\t")[2:5] == ["420", "24", "m"]
    assert "nRows=420" in mot.read_text(encoding="utf-8").splitlines()
    assert cli("analyze", trc, "--json", tmp_path / "a.json", "--quiet").code == 0
    again = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert again["run"]["verdict"] == documents[0]["run"]["verdict"] == "ankle_lean"
    assert len(again["run"]["steps"]) == len(documents[0]["run"]["steps"])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("export", "last", "--zip", "-"), "--zip needs a file: only --json can go to stdout."),
        (("export", "last", "--zip", "a", "--trc", "a"), "--zip and --trc would both write a: give them"),
        (("export", "last", "--zip", "no/a.zip"), "no folder"),
        (("export", "last", "--trc", "a.trc", "--height-cm", "9"), "--height-cm 9 is no"),
        (("export", "1999", "--zip", "a.zip"), "There is no session 1999"),
        (("export", "", "--zip", "a.zip"), "No session is named: see 'hingecoach sessions list'"),
        (("import", "none.zip"), "There is no file none.zip: check the path."),
        (("import", "text.zip"), "text.zip is no whole zip of a session"),
        (("import", "."), ". is a folder: give the .zip"),
        (("import", ""), "FILE.zip: a file name is missing."),
    ],
)
def test_what_cannot_be_exported_or_imported_is_told_in_one_line(sessions, tmp_path, monkeypatch, words, expected):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.zip").write_text("no zip", encoding="utf-8")
    answer = sessions(*words)
    assert (answer.code, answer.out) == (2, "")
    assert expected in answer.error_line
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["text.zip"]


def test_an_export_never_lies_over_what_is_kept(cli, recorded, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(recorded[0], folder)
    kept = {path: path.read_bytes() for path in folder.rglob("*.hcp")}
    writes = (
        ("sessions", "export", "last", "--zip"),
        ("sessions", "replay", "last", "--json"),
        ("report", "last", "-o"),
    )
    for path, words in itertools.product((*kept, folder / "history.db"), writes):
        answer = cli(*words, path, "--data-dir", folder)
        assert answer.code == 2
        assert "would overwrite the input" in answer.error_line
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_session_that_could_not_be_recovered_says_why(cli, recorded, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(recorded[0], folder)
    with History(folder) as history, schema.transaction(history._connection):
        key = tables.key_of(history._connection, recorded[1][0])
        tables.update(history._connection, key, {"state": "recovered", "summary": None, "notice": "It has no head."})
    for words in (("export", recorded[1][0], "--json", "-"), ("replay", recorded[1][0])):
        answer = cli("sessions", *words, "--data-dir", folder)
        assert answer.code == 2
        assert answer.error_line.endswith(f"The session {recorded[1][0]} could not be judged: It has no head.")


def test_replay_is_identical_by_the_rules_of_then(sessions, recorded):
    for session in recorded[1]:
        answer = sessions("replay", session)
        assert answer.code == 0
        assert answer.out.startswith(f"{session}: identical, to the last bit")
    assert "identical" in sessions("replay", recorded[1][0], "--rules", "today").out


def test_replay_by_other_rules_says_what_is_no_longer_said(sessions, recorded, tmp_path):
    _, ids, documents = recorded
    rules = tmp_path / "mine.toml"
    assert "No longer than this" not in default_text()
    said = documents[0]["cues"][0]["spoken"]
    rules.write_text(default_text().replace(f'"{said}"', '"No longer than this"'), encoding="utf-8")
    answer = sessions("replay", ids[0], "--rules", rules, "--json", tmp_path / "now.json")
    assert answer.code == 0
    lines = answer.out.splitlines()
    then, now = "the rules that come with the app", "the rules in mine.toml"
    assert lines[0] == f"{ids[0]}: judged again by {now}; then it was by {then}."
    assert any(line.strip().startswith("no longer said:") and said in line for line in lines)
    assert any(line.strip().startswith("said now:") and "No longer than this" in line for line in lines)
    now = json.loads((tmp_path / "now.json").read_text(encoding="utf-8"))
    assert now["run"]["steps"] == documents[0]["run"]["steps"]
    assert sessions("replay", ids[0], "--rules", tmp_path / "none.toml").code == 2


def test_replay_by_lenient_rules_shows_then_and_now_in_a_table(sessions, recorded, tmp_path):
    rules = tmp_path / "lenient.toml"
    rules.write_text("[fault.ankle_lean.running]\non = 69.0\noff = 68.0\n", encoding="utf-8")
    lines = sessions("replay", recorded[1][0], "--rules", rules).out.splitlines()
    table = [re.split(r"  +", line.strip()) for line in lines if "  " in line.strip()]
    assert table[0] == ["then", "now"]
    assert ["verdict", "ankle lean", "good"] in table
    assert ["steps with ankle lean", "100 %", "none"] in table
    assert any(line.strip().startswith("no longer said:") for line in lines)
    assert re.fullmatch(r"  The same as then: \d+ values and \d+ cues?\.", lines[-1])


def test_delete_asks_and_really_deletes(cli, recorded, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    shutil.copytree(recorded[0], folder)
    ids = recorded[1]

    def call(*words):
        return cli("sessions", *words, "--data-dir", folder)

    refused = call("delete", ids[0])
    assert refused.code == 2
    assert "say --yes if you mean it" in refused.error_line
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    assert call("delete", ids[0]).out == "Nothing was deleted.\n"
    assert (folder / "sessions" / ids[0]).is_dir()
    for session in (ids[0], ids[2]):
        assert call("delete", session, "--yes").out.startswith(f"Deleted {session}")
        assert not (folder / "sessions" / session).exists()
    assert [line.split()[0] for line in call("list").out.splitlines()] == [ids[1]]
    assert all(SECRET.encode() not in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert call("delete", ids[0], "--yes").code == 2


def test_a_data_dir_that_is_none_is_refused_and_not_made(cli, tmp_path):
    answer = cli("sessions", "list", "--data-dir", tmp_path / "nowhere")
    assert (answer.code, answer.error_line) == (2, f"hingecoach: --data-dir {tmp_path / 'nowhere'} is no folder.")
    assert not Path(tmp_path / "nowhere").exists()


def test_a_damaged_pose_file_is_told_in_one_line(cli, recorded, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(recorded[0], folder)
    for path in (folder / "sessions" / recorded[1][1]).iterdir():
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    answer = cli("sessions", "replay", recorded[1][1], "--data-dir", folder)
    assert answer.code == 2
    told = re.fullmatch(
        rf"hingecoach: Of the session {recorded[1][1]} only (\d+) of 240 frames can be read\.", answer.error_line
    )
    assert told is not None
    assert int(told[1]) < 240  # how many depends on when the writing thread came by


def test_a_note_is_kept_shown_found_and_exported(cli, tmp_path):
    folder = tmp_path / "data"
    session, _ = record(folder, Act.GOOD, 8.0, person="Bo")

    def call(*words):
        return cli("sessions", *words, "--data-dir", folder)

    assert call("note", "last").out == f"The session {session} has no note.\n"
    assert call("note", session[:8], "Zapatillas nuevas, 12 km/h\n=1+1").code == 0
    assert call("note", "last").out == "Zapatillas nuevas, 12 km/h\n=1+1\n"
    assert "Zapatillas nuevas" in call("show", "last").out
    found = [call("list", "--note", words).out.startswith(session) for words in ("ZAPAT", "km/h nuevas", "rojas")]
    assert found == [True, True, False]
    exported = call(
        "export", "last", "--csv", tmp_path / "t", "--json", tmp_path / "t.json", "--zip", tmp_path / "t.zip"
    )
    assert exported.code == 0
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["session"]["note"].startswith("Zapatillas")
    with (tmp_path / "t" / "session.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["note"].split() == ["Zapatillas", "nuevas,", "12", "km/h", "=1+1"]
    assert (tmp_path / "t" / "marks.csv").read_text(encoding="utf-8") == "mark_number,t_s\n"
    replaced = call("note", "last", "red")
    assert replaced.err.splitlines()[-2:] == ["Before, the note was: Zapatillas nuevas, 12 km/h", "=1+1"]
    assert "at most 8000" in call("note", "last", "x" * 8001).error_line
    assert call("note", "last").out == "red\n"
    other = tmp_path / "other"
    other.mkdir()
    assert cli("sessions", "import", tmp_path / "t.zip", "--data-dir", other).code == 0
    assert cli("sessions", "note", "last", "--data-dir", other).out == "Zapatillas nuevas, 12 km/h\n=1+1\n"
