"""The commands from end to end: what they write, print and return."""

import csv
import json
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import cv2
import pytest

import app as package
from app.capture.virtual import VirtualSource
from app.coach.errors import WorldError
from app.coach.model import CoachModel
from app.coach.report import Activity
from app.coach.types import RunnerProfile
from app.pose.estimator import OracleEstimator
from app.session import Session
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

MEASURE_KEYS = {"value", "ci95", "n"}
RUN_MEASURES = [
    "cadence_spm",
    "trunk_lean_deg",
    "line_offset_bh_pct",
    "hip_flexion_midstance_deg",
    "knee_flexion_midstance_deg",
    "shank_midstance_deg",
    "reach_ll_pct",
    "vertical_oscillation_cm",
    "vertical_oscillation_bh_pct",
    "contact_time_ms",
    "flight_time_ms",
]
TOP = ["schema", "source", "mode", "view", "tracking", "standing", "run", "cues", "timings", "warnings", "app"]


def demo_json(cli, tmp_path, *options, seconds=8):
    path = tmp_path / "demo.json"
    answer = cli("demo", "--headless", "--oracle", "--seconds", seconds, "--json", path, *options)
    assert answer.code == 0, answer.err
    return json.loads(path.read_text(encoding="utf-8")), answer


def test_the_demo_writes_the_contracts_json(cli, tmp_path):
    result, _ = demo_json(cli, tmp_path)
    assert list(result) == TOP
    assert result["schema"] == "hingecoach.analysis/1"
    assert result["source"] == {"kind": "virtual", "frames": 480, "duration_s": 8.0, "fps_measured": 60.0}
    assert (result["mode"], result["view"]["kind"], result["view"]["facing"]) == ("run", "side", "right")
    assert result["tracking"]["coverage"] == 1.0
    assert result["standing"]["source"] == "recorded"
    assert result["standing"]["height_cm"] == 178.0
    run = result["run"]
    assert set(RUN_MEASURES) < set(run)
    assert all(set(run[name]) >= MEASURE_KEYS for name in RUN_MEASURES)
    assert run["trunk_lean_deg"]["relative_to_standing"] is True
    assert run["verdict"] == "good"
    assert run["not_judged_because"] is None
    assert 160.0 < run["cadence_spm"]["value"] < 185.0
    tunnel = {"roof_below_standing_cm", "peak_below_standing_cm", "steps", "hits", "longest_clean_steps"}
    more = {"clean_steps", "below_floor_steps", "peak_below_standing_bh_pct"}
    more |= {"peak_below_roof_cm", "peak_below_roof_bh_pct"}
    assert set(run["tunnel"]) == tunnel | more
    assert {"side", "initial_contact_s", "toe_off_s"} == set(run["contacts"][0])
    assert {"t_s", "peak_below_standing_cm", "trunk_lean_deg"} <= set(run["steps"][0])
    assert {"frames_per_s", "pose_ms_p50", "coach_ms_p50", "coach_ms_p99"} == set(result["timings"])
    assert result["app"] == {
        "version": package.__version__,
        "model": "none",
        "model_sha256": None,
        "engine": "none",
        "rules": "default",
    }


def test_the_same_options_give_the_same_bytes_but_for_the_timings(cli, tmp_path):
    def text():
        demo_json(cli, tmp_path, "--seed", 5)
        return re.sub(r'"timings": \{[^}]*\}', "", (tmp_path / "demo.json").read_text(encoding="utf-8"))

    assert text() == text()


def test_the_demo_talks_on_stderr_and_sums_up_on_stdout(cli, tmp_path):
    _, answer = demo_json(cli, tmp_path)
    seconds = [line for line in answer.err.splitlines() if " lean " in line]
    assert len(seconds) == 7
    assert "running" in seconds[-1]
    assert "cadence" in seconds[-1]
    assert "standing" in seconds[0]
    assert "roof" not in seconds[0]  # who stands is above it, and does nothing wrong
    assert re.search(r"head +\d+\.\d cm below standing, \d+\.\d cm (under|through) the roof", seconds[-1])
    assert "Verdict: good" in answer.out
    assert "Trunk lean" in answer.out


def test_a_line_says_on_which_side_of_the_roof_the_head_is():
    from app.cli.demo import live_line

    body = RunnerParams(act=Act.STANDING_UP, standing_s=2.0)
    source = VirtualSource(VirtualScene(body, Camera.framing()), 30.0, 9.0, render=False)
    session = Session(source, OracleEstimator, CoachModel(profile=RunnerProfile(178.0)))
    said = {}
    while (analysis := session.step()) is not None:
        report = analysis.report
        line = live_line(report, 178.0)
        assert ("roof" in line) == (report.activity is Activity.RUNNING)
        if "roof" in line:
            said[round(report.tunnel.clearance_bh * 178.0, 1)] = line
    assert f", {max(said):.1f} cm under the roof" in said[max(said)]
    assert min(said) < -1.0
    assert f", {-min(said):.1f} cm through the roof" in said[min(said)]


@pytest.mark.parametrize(("first", "last", "model"), [(True, False, "full"), (False, True, "none")])
def test_the_windows_json_names_the_model_of_its_last_session(cli, tmp_path, monkeypatch, first, last, model):
    def window(make, choice, _seconds, **_more):
        assert choice.oracle is first
        make(choice)
        make(replace(choice, oracle=last))
        return 0

    monkeypatch.setattr("app.cli.display.why_no_window", lambda: "")
    monkeypatch.setattr("app.cli.window.open_window", window)
    answer = cli("demo", *(["--oracle"] if first else []), "--json", tmp_path / "o.json")
    assert answer.code == 0, answer.err
    assert json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["app"]["model"] == model


@pytest.mark.parametrize("error", [WorldError("nobody"), KeyboardInterrupt(), None])
def test_only_the_attempt_that_counts_leaves_its_files(tmp_path, error):
    from app.cli.clip_run import _one_or_two
    from app.store.csv_export import frames_csv

    tried = []

    def attempt(by, files):
        files.enter_context(frames_csv(tmp_path / "csv"))
        tried.append(by)
        if error is not None and len(tried) == 2:
            raise error
        return SimpleNamespace(judged_nothing=True, watch=None)

    several, slowing = SimpleNamespace(other_people=2), SimpleNamespace(doubted=False)
    with pytest.raises(type(error)) if error is not None else nullcontext():
        _one_or_two(attempt, "network", lambda _: several, slowing)
    assert tried == ["network", several]
    assert (tmp_path / "csv" / "frames.csv").exists() == (error is None)
    assert (tmp_path / "csv").exists() == (error is None)


def test_without_a_display_the_demo_says_so_and_runs(cli, tmp_path):
    answer = cli("demo", "--oracle", "--seconds", "2")
    assert answer.code == 0
    first = answer.err.splitlines()[0]
    assert "No window (no display" in first
    assert "headless" in first


def test_json_to_stdout_is_nothing_but_json(cli, running_trc):
    answer = cli("demo", "--headless", "--oracle", "--seconds", "2", "--json", "-")
    assert json.loads(answer.out)["schema"] == "hingecoach.analysis/1"
    answer = cli("analyze", running_trc, "--json", "-")
    assert json.loads(answer.out)["source"]["kind"] == "trc"
    assert answer.err == ""


@pytest.mark.parametrize("act", ["ankle_lean", "standing_up"])
def test_a_fault_acted_is_the_verdict_and_cued(cli, tmp_path, act):
    result, answer = demo_json(cli, tmp_path, "--act", act, "--facing", "left", seconds=14)
    assert result["view"]["facing"] == "left"
    assert result["run"]["verdict"] == act
    fault = result["run"]["faults"][0]
    assert fault["id"] == act
    assert fault["share_of_steps"] > 0.5
    cued = [cue for cue in result["cues"] if cue["because"]]
    assert cued[0]["because"]["fault"] in (act, "tunnel")
    assert cued[0]["spoken"] in answer.err


def test_a_stance_is_judged_as_one(cli, tmp_path):
    result, answer = demo_json(cli, tmp_path, "--act", "stance_good")
    assert result["mode"] == "stance"
    assert "run" not in result
    assert result["stance"]["verdict"] == "good"
    hold = result["stance"]["holds"][0]
    assert {"start_s", "end_s", "verdict", "values"} == set(hold)
    expected = "theta_l_deg theta_t_deg d_h_bh_pct front_load_deg front_knee_deg rear_knee_deg drop_bh_pct weight_shift"
    assert set(expected.split()) <= set(hold["values"])
    assert "Verdict: good" in answer.out


def test_without_a_stature_nothing_is_in_cm_and_a_warning_says_so(cli, running_trc, tmp_path):
    cli("analyze", running_trc, "--json", tmp_path / "o.json", "--quiet")
    result = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert result["run"]["vertical_oscillation_cm"] is None
    assert result["run"]["vertical_oscillation_bh_pct"]["value"] == pytest.approx(4.3, abs=1.0)
    assert any("--height-cm" in line for line in result["warnings"])


def test_analyze_writes_every_output(cli, running_trc, standing_trc, tmp_path):
    answer = cli(
        "analyze", running_trc, "--standing", standing_trc, "--height-cm", "5'10\"", "--facing", "right",
        "--time-range", 2.5, 6.0,
        "--json", tmp_path / "o.json", "--csv", tmp_path / "new" / "csv", "--video", tmp_path / "o.mp4",
    )  # fmt: skip
    assert (answer.code, answer.err) == (0, "")
    result = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert result["standing"]["source"] == "file"
    assert result["standing"]["height_cm"] == 177.8
    assert result["source"]["frames"] == 210
    assert "Verdict: good" in answer.out

    tables = {}
    for name in ("frames", "steps", "holds", "cues"):
        with (tmp_path / "new" / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    assert len(tables["frames"]) == 210
    assert float(tables["frames"][0]["t_s"]) == pytest.approx(2.5, abs=1e-3)
    assert len(tables["steps"]) == len(result["run"]["steps"])
    assert float(tables["steps"][3]["trunk_lean_deg"]) == pytest.approx(
        result["run"]["steps"][3]["trunk_lean_deg"], abs=0.006
    )

    film = cv2.VideoCapture(str(tmp_path / "o.mp4"))
    assert film.get(cv2.CAP_PROP_FPS) == pytest.approx(60.0, abs=0.1)
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == 210
    film.release()


def test_what_is_odd_about_the_standing_recording_is_a_warning(cli, running_trc, standing_trc, tmp_path):
    odd = tmp_path / "odd.trc"
    odd.write_text(standing_trc.read_text(encoding="utf-8").replace("60\t60\t120\t", "60\t60\t121\t", 1))
    cli("analyze", running_trc, "--standing", odd, "--json", tmp_path / "o.json", "--quiet")
    warnings = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["warnings"]
    assert "standing: odd.trc holds 120 frames, its header says 121." in warnings


def test_quiet_says_nothing(cli, running_trc):
    answer = cli("analyze", running_trc, "--quiet")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_a_real_runner_beside_force_plates(cli, shared, tmp_path):
    mocap = shared / "data" / "mocap"
    standing = ("--standing", mocap / "runner_a_standing.trc", "--height-cm", "1.81m")
    answer = cli("analyze", mocap / "runner_a_run.trc", *standing, "--json", tmp_path / "o.json")
    result = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert answer.code == 0
    assert result["run"]["verdict"] == "good"
    assert result["run"]["cadence_spm"]["value"] == pytest.approx(174.5, abs=1.0)
    assert any(line.startswith("standing: the standing recording leans") for line in result["warnings"])


def test_an_interruption_prints_what_there_is_and_leaves_no_file(cli, running_trc, tmp_path, monkeypatch):
    from app.pose.estimator import OracleEstimator

    whole = OracleEstimator.estimate

    def until_ctrl_c(self, frame):
        if frame.index == 240:
            raise KeyboardInterrupt
        return whole(self, frame)

    monkeypatch.setattr(OracleEstimator, "estimate", until_ctrl_c)
    outputs = ("--json", tmp_path / "o.json", "--csv", tmp_path / "csv", "--video", tmp_path / "o.mp4")
    answer = cli("analyze", running_trc, *outputs)
    assert answer.code == 130
    assert "first 4.0 s" in answer.err
    assert "Cadence" in answer.out
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == []


def test_a_bug_is_one_line_and_a_traceback_in_the_log(cli, tmp_path, monkeypatch):
    def broken(*_):
        raise KeyError("hip")

    monkeypatch.setattr("app.coach.model.CoachModel.update", broken)
    answer = cli("demo", "--headless", "--oracle", "--seconds", "2")
    assert answer.code == 1
    line = answer.error_line
    assert "internal error (KeyError" in line
    log = tmp_path / "data" / "logs" / "hingecoach.log"
    assert str(log) in line
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "[MainThread]" in text


@pytest.mark.parametrize(
    "words", [[], ["live"], ["demo"], ["analyze"], ["model"], ["model", "status"], ["model", "fetch"]]
)
def test_every_help_shows_an_example(cli, words):
    answer = cli(*words, "--help")
    assert answer.code == 0
    assert "Example: hingecoach " in answer.out


def test_the_model_is_told_without_fetching(cli, tmp_path, monkeypatch):
    monkeypatch.setenv("HINGECOACH_CACHE", str(tmp_path / "empty"))
    answer = cli("model", "status", "--model", "lite")
    assert answer.code == 2
    assert "pose_landmarker_lite.task" in answer.out
    assert "not on this machine" in answer.out
    assert "not on this machine" in answer.error_line
    assert answer.error_line.endswith("Run 'hingecoach model fetch --model lite'.")
    assert not (tmp_path / "empty").exists()


def test_as_a_process_of_its_own():
    done = subprocess.run(
        [sys.executable, "-m", "app", "--version"], capture_output=True, text=True, check=False, env=os.environ.copy()
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"hingecoach {package.__version__}\n", "")


@pytest.mark.model
def test_the_rendered_runner_through_the_network_and_back(cli, tmp_path):
    clip = tmp_path / "runner.mp4"
    common = ("--height-cm", "178")
    drawn = cli("demo", "--act", "ankle_lean", "--seconds", 6, "--fps", 30, "--size", "640x480", "--render", clip,
                "--oracle", "--json", tmp_path / "true.json", *common)  # fmt: skip
    assert drawn.code == 0, drawn.err
    seen = cli("analyze", clip, "--json", tmp_path / "seen.json", "--video", tmp_path / "seen.mp4", *common)
    assert seen.code == 0, seen.err
    true, found = (json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in ("true.json", "seen.json"))
    assert found["source"]["frames"] == true["source"]["frames"] == 180
    assert found["source"]["fps_measured"] == pytest.approx(30.0, abs=0.1)
    assert found["tracking"]["coverage"] > 0.97
    assert found["app"]["model"] == "full"
    assert len(found["app"]["model_sha256"]) == 64
    assert found["run"]["cadence_spm"]["value"] == pytest.approx(true["run"]["cadence_spm"]["value"], abs=4.0)
    assert found["run"]["trunk_lean_deg"]["value"] == pytest.approx(true["run"]["trunk_lean_deg"]["value"], abs=2.5)


@pytest.mark.model
def test_several_people_in_a_clip_are_noticed_and_told(shared):
    from app.cli import build
    from app.cli.people import Clip, following_subject

    path = str(shared / "data" / "video" / "walk_and_bystander.mp4")
    clip = Clip(lambda part: build.clip_source(path, part), None, 1.0)
    estimation = following_subject(build.network("full"), clip)
    assert estimation.other_people >= 1
    assert "people in the clip" in estimation.notices[-1]
    assert following_subject(build.oracle(), clip).other_people is None
