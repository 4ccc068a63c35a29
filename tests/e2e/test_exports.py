"""--trc and --mot of analyze: what is written is read again by analyze itself and comes to the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import app as package
from app.capture.virtual import VirtualSource
from app.cli.build import virtual_source
from app.cli.clip_exports import ClipExports
from app.coach.errors import WorldError
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.types import RunnerProfile, ViewKind
from app.session.recorder import SessionRecorder
from app.store import csv_export
from app.store.history import History
from app.store.mot_export import COLUMNS, SPORTS2D_NAMES
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart
from app.store.trc_export import MARKERS, MIDDLES, Track
from app.store.video_file import video_file


def judged(path):
    """Everything the JSON says but how long it took."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content.pop("timings")
    return content


def columns_of(path):
    """Return column -> numbers of a .mot."""
    lines = path.read_text(encoding="utf-8").split("\nendheader\n")[1].splitlines()
    rows = [[float(cell) for cell in line.split("\t")] for line in lines[1:]]
    return dict(zip(lines[0].split("\t"), zip(*rows, strict=True), strict=True))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Half a second of video."""
    path = tmp_path_factory.mktemp("clip") / "run.mp4"
    source: VirtualSource = virtual_source("good", size_px=(320, 240), fps=20.0, seconds=0.5)
    source.open()
    with video_file(path, lambda: 20.0) as film:
        while (frame := source.read()) is not None:
            film.add_frame(frame)
    source.close()
    return path


def test_a_written_landmark_file_is_judged_the_same(cli, running_trc, tmp_path):
    first = cli("analyze", running_trc, "--height-cm", 178, "--trc", tmp_path / "o.trc", "--json", tmp_path / "a.json")
    assert (first.code, first.err) == (0, "")
    again = cli("analyze", tmp_path / "o.trc", "--height-cm", 178, "--trc", tmp_path / "o2.trc", "--json",
                tmp_path / "b.json")  # fmt: skip
    assert again.code == 0
    before, after = judged(tmp_path / "a.json"), judged(tmp_path / "b.json")
    assert before == after
    assert before["run"]["verdict"] == "good"
    assert len(before["run"]["steps"]) >= 10
    assert (tmp_path / "o2.trc").read_text().split("\n")[1:] == (tmp_path / "o.trc").read_text().split("\n")[1:]


def test_the_angles_are_those_of_the_summary(cli, running_trc, tmp_path):
    answer = cli("analyze", running_trc, "--mot", tmp_path / "o.mot", "--json", tmp_path / "a.json", "--quiet")
    assert answer.code == 0
    columns = columns_of(tmp_path / "o.mot")
    assert len(columns["time"]) == 480
    run = judged(tmp_path / "a.json")["run"]
    midstances_s = [step["t_s"] for step in run["steps"]]
    rows = [min(range(480), key=lambda k, t_s=t_s: abs(columns["time"][k] - t_s)) for t_s in midstances_s]
    # At midstance the stance leg is the one whose foot is down; whichever of both that is, its shank is one of the two.
    nearest = [min(abs(columns[f"shank_{leg}"][k] - run["shank_midstance_deg"]["value"]) for leg in ("front", "rear"))
               for k in rows]  # fmt: skip
    assert sorted(nearest)[len(nearest) // 2] < 4.0
    leans = [columns["trunk_lean"][k] for k in range(rows[0], rows[-1])]
    assert sum(leans) / len(leans) == pytest.approx(run["trunk_lean_deg"]["value"], abs=0.5)
    standing = columns["trunk_lean"][:90]
    assert abs(sum(standing) / len(standing)) < 0.5, "relaxed standing is the zero"


def test_a_video_without_a_height_is_refused_before_the_work(cli, clip, tmp_path):
    answer = cli("analyze", clip, "--trc", tmp_path / "o.trc", "--model", tmp_path / "there-is-none.task")
    assert answer.code == 2
    assert "give --height-cm" in answer.error_line
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "data"])


def test_a_landmark_file_brings_its_own_scale(cli, running_trc, tmp_path):
    assert cli("analyze", running_trc, "--trc", tmp_path / "o.trc", "--quiet").code == 0
    read, written = (path.read_text(encoding="utf-8").split("\n") for path in (running_trc, tmp_path / "o.trc"))
    names = [[name for name in lines[3].split("\t") if name][2:] for lines in (read, written)]
    rows = [next(line for line in lines[5:] if line).split("\t") for lines in (read, written)]
    for name in names[0]:
        at = [2 + 3 * those.index(name) for those in names]
        meant, found = ([float(cell) for cell in row[k : k + 2]] for row, k in zip(rows, at, strict=True))
        assert found == pytest.approx(meant, abs=2e-6), name


@pytest.mark.parametrize("option", ["--trc", "--mot"])
def test_outputs_never_meet_an_input_or_each_other(cli, running_trc, tmp_path, option):
    assert "overwrite the input" in cli("analyze", running_trc, option, running_trc).error_line
    same = cli("analyze", running_trc, option, tmp_path / "o", "--json", tmp_path / "o")
    assert "both write" in same.error_line
    gone = cli("analyze", running_trc, option, tmp_path / "no" / "o.x")
    assert (gone.code, "no folder" in gone.error_line) == (2, True)


@pytest.mark.parametrize("told_cm", [178.0, None])
def test_a_session_of_the_history_is_written_too(tmp_path, told_cm):
    source = virtual_source("good", fps=60.0, seconds=8.0, render=False)
    recipe = Recipe(Mode.RUN, RunnerProfile(told_cm))
    coach = recipe.make()
    recorder = SessionRecorder(coach, SessionStart(recipe, source_kind="virtual"), tmp_path / "data")
    source.open()
    poses = [frame.landmarks for frame in iter(source.read, None)]
    source.close()
    for pose in poses:
        coach.update(pose)
    coach.finish()
    recorder.close()
    exports = ClipExports(tmp_path / "o.trc", tmp_path / "o.mot")
    with History(tmp_path / "data") as history:
        if told_cm is None:
            with pytest.raises(WorldError, match="--height-cm"):
                exports.write_session(history, "last")
        exports.write_session(history, "last", 178.0 if told_cm is None else None)
    columns = columns_of(tmp_path / "o.mot")
    assert len(columns["time"]) == len(Track(poses)) == 480
    rows = (tmp_path / "o.trc").read_text(encoding="utf-8").split("\n")
    names = [name for name in rows[3].split("\t") if name][2:]
    first = rows[6].split("\t")
    ear_m = float(first[3 + 3 * names.index("REar")])
    assert ear_m == pytest.approx(1.78 / 1.077, abs=0.06), (
        "the ear stands where a 178 cm runner's does, above the floor"
    )


def test_from_the_front_there_are_no_angles(tmp_path):
    summary = replace(CoachModel().summary(), view=ViewKind.FRONT)
    source = virtual_source("good", seconds=1.0, render=False)
    with pytest.raises(WorldError, match="film from the side"):
        ClipExports(mot=tmp_path / "o.mot").write(Track(), source, summary, None)


def test_the_page_of_formats_names_every_column_and_marker():
    page = (Path(package.__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
    headers = (csv_export.FRAMES_HEADER, csv_export.STEPS_HEADER, csv_export.HOLDS_HEADER, csv_export.CUES_HEADER)
    columns = {name for header in headers for name in header}
    names = columns | {*MARKERS.values(), *MIDDLES, *COLUMNS, *SPORTS2D_NAMES.values()}
    assert {name for name in names if f"`{name}`" not in page} == set()
