"""What is told, where, and in whose words."""

import json
import os
import re
import sys
from types import SimpleNamespace

import pytest

from app.cli.build import DRILLS_NOT_JUDGED
from app.coach.errors import WorldError
from app.coach.model import CoachModel
from app.session.recordings import Recordings
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.sessions.start import SessionStart

KEY = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def moving(text, speed_m_s):
    """Return a .trc whose every marker moves along X, too."""
    lines = text.split("\n")
    for number, line in enumerate(lines[6:], 6):
        cells = line.split("\t")
        for column in range(2, len(cells), 3):
            cells[column] = f"{float(cells[column]) + speed_m_s * float(cells[1]):.6f}"
        lines[number] = "\t".join(cells)
    return "\n".join(lines)


def analysis(cli, tmp_path, *words):
    path = tmp_path / "o.json"
    answer = cli(*words, "--json", path)
    assert answer.code == 0, answer.err
    return json.loads(path.read_text(encoding="utf-8")), answer


@pytest.mark.parametrize("time_range", [(), ("--time-range", 2, 60)])
def test_a_run_over_a_long_way_has_its_standing_recording_in_its_own_scale(
    cli, running_trc, standing_trc, tmp_path, time_range
):
    far = tmp_path / "far.trc"
    far.write_text(moving(running_trc.read_text(encoding="utf-8"), 3.0), encoding="utf-8")  # over 24 m
    options = ("--standing", standing_trc, "--height-cm", 178, "--mode", "run", "--facing", "right", *time_range)
    near_by, _ = analysis(cli, tmp_path, "analyze", running_trc, *options)
    far_off, _ = analysis(cli, tmp_path, "analyze", far, *options)
    assert far_off["standing"]["px_per_cm"] < 0.3 * near_by["standing"]["px_per_cm"]
    assert not any("another distance" in line for line in far_off["warnings"])
    for name in ("trunk_lean_deg", "hip_flexion_midstance_deg", "line_offset_bh_pct", "vertical_oscillation_cm"):
        assert far_off["run"][name]["value"] == pytest.approx(near_by["run"][name]["value"], abs=0.15)
    tunnels = [result["run"]["tunnel"] for result in (near_by, far_off)]
    assert tunnels[1]["roof_below_standing_cm"] == pytest.approx(tunnels[0]["roof_below_standing_cm"], abs=0.1)
    assert tunnels[1]["peak_below_standing_cm"]["value"] == pytest.approx(
        tunnels[0]["peak_below_standing_cm"]["value"], abs=0.1
    )


@pytest.mark.parametrize(("act", "counted"), [("hinge", 2), ("athletic", 1), ("tunnel_march", 12), ("start_line", 1)])
def test_a_drill_is_counted_and_no_fault_found_in_it(cli, tmp_path, act, counted):
    words = ("demo", "--headless", "--oracle", "--seconds", 10, "--fps", 30, "--size", "320x240")
    result, answer = analysis(cli, tmp_path, *words, "--act", f"drill_{act}")
    part = "run" if act == "tunnel_march" else "stance"
    assert result["mode"] == part, "the contract knows these two; the drill stands beside"
    assert result[part]["verdict"] == "not_judged"
    assert {"run", "stance"} & set(result) == {part}
    assert [cue for cue in result["cues"] if cue["because"]] == []
    assert result["drill"]["name"] == act
    # The march is in the middle of a step when the scene ends.
    assert result["drill"]["counted"] == pytest.approx(counted, abs=1 if act == "tunnel_march" else 0)
    assert all(rep["verdict"] == "good" for rep in result["drill"]["reps"][1:])
    assert DRILLS_NOT_JUDGED not in result["warnings"]
    assert f"Drill: {act.replace('_', ' ')}" in answer.out


def test_a_drill_that_is_not_to_be_counted_says_so(cli, tmp_path):
    words = ("demo", "--headless", "--oracle", "--seconds", 2, "--fps", 30, "--size", "320x240", "--mode", "run")
    result, answer = analysis(cli, tmp_path, *words, "--act", "drill_hinge")
    assert result["mode"] == "run"
    assert DRILLS_NOT_JUDGED in result["warnings"]
    assert (answer.out + answer.err).count(DRILLS_NOT_JUDGED) == 1


def test_what_is_no_drill_is_not_called_one(cli, tmp_path):
    words = ("demo", "--headless", "--oracle", "--seconds", 2, "--fps", 30, "--size", "320x240")
    result, answer = analysis(cli, tmp_path, *words, "--act", "stance_good")
    assert DRILLS_NOT_JUDGED not in result["warnings"]
    assert DRILLS_NOT_JUDGED not in answer.err


def test_the_windows_session_counts_a_drill_unless_told_otherwise():
    from app.cli.build import live_session
    from app.coach.drill_model import DrillModel
    from app.coach.report import Mode
    from app.ui.choice import Choice, SourceKind

    def coach(act, mode):
        return live_session(Choice(kind=SourceKind.VIRTUAL, act=act, mode=mode, oracle=True), "full").coaches()[0]

    for act in ("hinge", "start_line", "athletic", "tunnel_march"):
        counting = coach(f"drill_{act}", Mode.AUTO)
        assert isinstance(counting, DrillModel)
        assert counting.plan.drill.value == act
    for act, mode in (("drill_hinge", Mode.STANCE), ("good", Mode.AUTO)):
        other = coach(act, mode)
        assert not isinstance(other, DrillModel)
        assert other.mode is mode


def test_what_is_wrong_with_the_standing_recording_names_it(cli, running_trc, tmp_path):
    lines = running_trc.read_text(encoding="utf-8").split("\n")
    rows = [line for line in lines[6:] if line and float(line.split("\t")[1]) >= 3.0]
    standing = tmp_path / "standing.trc"
    standing.write_text("\n".join([*lines[:6], *rows, ""]), encoding="utf-8")
    answer = cli("analyze", running_trc, "--standing", standing)
    assert answer.code == 2
    assert answer.error_line.startswith("hingecoach: standing.trc: the standing recording shows no relaxed standing")
    standing.write_text("no landmarks", encoding="utf-8")
    assert cli("analyze", running_trc, "--standing", standing).error_line.count("standing.trc") == 1


@pytest.fixture
def window(monkeypatch):
    """Stand in for Qt: a window that makes one session after the other and is then closed."""

    def opened(*sessions, code=0):
        from app.cli.window import open_window

        left = list(sessions)

        def make(_choice):
            session = left.pop(0)
            if isinstance(session, Exception):
                raise session
            return session

        def run_window(make_session, choice, _seconds, **_):
            while left:
                try:
                    make_session(choice)
                except WorldError:
                    assert isinstance(sessions[-len(left) - 1], WorldError)
            return code

        monkeypatch.setitem(sys.modules, "app.ui.window", SimpleNamespace(run_window=run_window))
        return open_window(make, None)

    return opened


def session(error="", ours=False, records=None):
    return SimpleNamespace(status=lambda: SimpleNamespace(error=error, error_is_ours=ours), records=records)


def test_a_window_closed_on_a_camera_that_failed_is_the_worlds_fault(window, capfd):
    assert window(session("The camera 0 is gone.")) == 2
    assert capfd.readouterr().err == "hingecoach: The camera 0 is gone.\n"
    assert window(session(), WorldError("There is no camera 7.")) == 2
    assert capfd.readouterr().err == "hingecoach: There is no camera 7.\n"
    assert window(session("The camera 0 is gone."), code=2) == 2
    assert capfd.readouterr().err == "hingecoach: The camera 0 is gone.\n"


def test_a_window_that_ends_well_says_nothing(window, capfd):
    assert window(session()) == 0
    assert window(session("The camera 0 is gone."), session()) == 0
    assert window(WorldError("There is no camera 7."), session()) == 0
    assert window(session("KeyError: 'hip'", ours=True), code=1) == 1
    assert window(session("The camera 0 is gone."), code=130) == 130
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("frames", "least", "told"), [(5, 10, True), (5, 1, False), (0, 10, False)])
def test_a_set_too_short_to_keep_is_told_of_at_the_end(window, capfd, tmp_path, frames, least, told):
    scene = VirtualScene(RunnerParams(), Camera.framing())
    many = Recordings(lambda recipe: SessionStart(recipe), tmp_path, worth=lambda summary: summary.frames >= least)
    many.follow(model := CoachModel())
    for k in range(frames):
        model.update(scene.landmarks_at(k / 30.0))
    many.close()
    assert window(session(records=many)) == 0
    line = "Note: the last session is not kept: under 10 steps, no stance held, no repetition.\n"
    assert capfd.readouterr().err == (line if told else "")


def test_only_without_a_screen_is_qt_kept_from_warning(monkeypatch, window):
    monkeypatch.delenv("QT_LOGGING_RULES", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    window(session())
    assert "QT_LOGGING_RULES" not in os.environ
    monkeypatch.setenv("QT_LOGGING_RULES", "qt.*=true")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen:dpi=96")
    window(session())
    assert os.environ["QT_LOGGING_RULES"] == "qt.*=true"
    monkeypatch.delenv("QT_LOGGING_RULES")
    window(session())
    assert os.environ.pop("QT_LOGGING_RULES") == "default.warning=false"


def test_the_tunnel_says_from_when_on_its_hits_count(cli, running_trc, standing_trc, tmp_path):
    # Without a recording the standing comes first and the roof is known late, or from the first step on.
    result, answer = analysis(cli, tmp_path, "analyze", running_trc, "--standing", standing_trc, "--height-cm", 178)
    counted, steps = result["run"]["tunnel"]["steps"], len(result["run"]["steps"])
    said = f"hits are counted once the roof is known ({counted} of {steps} steps)"
    assert (said in answer.out) == (0 < counted < steps)
    assert 0 < counted < steps


def test_the_summary_is_for_people(cli, running_trc, tmp_path):
    result, answer = analysis(cli, tmp_path, "analyze", running_trc, "--time-range", 3, 6)
    assert any("leg swaps" in line for line in result["warnings"])
    assert any("other people are looked for" in line for line in result["warnings"])
    assert any(KEY.search(line) for line in result["warnings"])  # programs find their keys
    assert "note: " in answer.out
    assert "leg swaps" not in answer.out
    assert "other people" not in answer.out
    assert KEY.findall(answer.out) == []


def test_a_video_keeps_the_notes_that_matter_there():
    from app.cli.outcome import notes

    warnings = ["tracking: leg swaps and subject switches are not counted", "run: contact_time_ms needs 50 fps"]
    assert notes({"source": {"kind": "video"}, "warnings": warnings}) == [
        warnings[0],
        "run: ground contact needs 50 fps",
    ]
    assert notes({"source": {"kind": "virtual"}, "warnings": warnings}) == ["run: ground contact needs 50 fps"]


def test_a_note_keeps_the_names_of_files():
    from app.cli.outcome import notes

    warnings = ["runner_a.trc holds 9 frames", "stance: rear_hip_deg: give --height-cm"]
    said = ["runner_a.trc holds 9 frames", "stance: rear hip: give --height-cm"]
    assert notes({"source": {"kind": "trc"}, "warnings": warnings}) == said


def test_one_frame_is_one_frame(cli, running_trc, tmp_path):
    answer = cli("analyze", running_trc, "--time-range", 3, 3.01)
    assert answer.code == 0, answer.err
    assert "1 frame, 0.0 s; seen" in answer.out


@pytest.mark.parametrize(("quiet", "terminal", "lines"), [(False, False, 1), (True, False, 0), (False, True, 0)])
def test_looking_for_other_people_is_told_where_there_is_no_bar(capfd, monkeypatch, quiet, terminal, lines):
    from contextlib import nullcontext

    from app.cli.clip_run import _keeping_to_one

    monkeypatch.setattr("app.cli.terminal.shows_progress", lambda: terminal)
    monkeypatch.setattr("app.cli.people.following_subject", lambda estimation, *_: estimation)
    assert _keeping_to_one("as it is", None, quiet, lambda *_: nullcontext(lambda: None)) == "as it is"
    said = capfd.readouterr().err.splitlines()
    assert len(said) == lines
    assert all("other people" in line for line in said)


@pytest.mark.parametrize(("start_s", "label"), [(0, "Trunk lean   "), (3, "Trunk lean (absolute)")])
def test_a_lean_that_is_not_from_standing_says_so(cli, running_trc, start_s, label):
    answer = cli("analyze", running_trc, "--time-range", start_s, 8)
    assert answer.code == 0, answer.err
    assert label in answer.out


def test_a_damaged_model_is_an_error_of_status(cli, tmp_path):
    damaged = tmp_path / "own.task"
    damaged.write_text("no model", encoding="utf-8")
    for name in (damaged, tmp_path / "missing.task", "nonsense"):
        answer = cli("model", "status", "--model", name)
        assert answer.code == 2
        assert "state   " in answer.out
        assert answer.error_line.removeprefix("hingecoach: ").rstrip(".") in answer.out.replace("\n", " ")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_a_file_whose_name_is_no_text(cli, running_trc, tmp_path):
    clip = tmp_path / os.fsdecode(b"caf\xe9.trc")
    clip.write_text(running_trc.read_text(encoding="utf-8").replace("60\t60\t480\t", "60\t60\t481\t", 1))
    path = tmp_path / "o.json"
    landmarks = tmp_path / os.fsdecode(b"out\xe9\n.trc")
    answer = cli("analyze", clip, "--quiet", "--json", path, "--trc", landmarks)
    assert (answer.code, answer.err) == (0, "")
    assert landmarks.read_text(encoding="utf-8").splitlines()[0].endswith("\tout??.trc")
    assert "caf?.trc holds 480 frames, its header says 481." in json.loads(path.read_text(encoding="utf-8"))["warnings"]
