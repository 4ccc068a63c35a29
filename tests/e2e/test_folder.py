"""``analyze FOLDER``: what is a clip, where files go, and that one bad clip does not stop the rest."""

import csv
import io
import json
import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from rich.progress import Progress

from app.capture.mp4 import mp4_is_whole
from app.capture.video import VideoSource
from app.cli import folder, folder_jobs, folder_worker
from app.cli.clip_options import ClipOptions
from app.cli.folder_clips import FoundClip, clips_in, folders_of, jobs_for, natural, stems_of
from app.cli.folder_jobs import run_jobs
from app.cli.folder_show import Bars, Nothing
from app.cli.folder_summary import Row, table_text
from app.cli.folder_worker import Done, Failed
from app.coach.errors import WorldError
from app.store.atomic import remove_leftovers
from app.store.own_video import annotated_file, is_annotated


def files_under(place):
    return sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())


def untimed(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["timings"]
    return content


def film(path, frames=3):
    with annotated_file(path, lambda: 30.0) as video:
        for k in range(frames):
            video.add(k / 30.0, np.full((48, 64, 3), 40 * k, np.uint8))


# What is a clip


def test_numbers_in_names_count_as_numbers():
    names = ["run10.mp4", "Run2.mp4", "b/1.mp4", "run1.trc", "run1.mp4", "run.mp4", "a10/x.mp4", "a9/x.mp4"]
    sorted_names = ["a9/x.mp4", "a10/x.mp4", "b/1.mp4", "run.mp4", "run1.mp4", "run1.trc", "Run2.mp4", "run10.mp4"]
    assert sorted(names, key=natural) == sorted_names


def test_clips_are_what_a_camera_writes_and_nothing_of_ours(tmp_path):
    for name in ("b.MOV", "a.trc", ".hidden.mp4", "notes.txt", "out.json", "stand.jpg", "sub/deep.mkv", ".git/x.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "gone.mp4").symlink_to(tmp_path / "nowhere.mp4")
    (tmp_path / "round.mp4").symlink_to(tmp_path / "round.mp4")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    film(tmp_path / "coached.mp4")
    found = clips_in(tmp_path, recursive=False, photos=False)
    assert [clip.name for clip in found.clips] == ["a.trc", "b.MOV", "gone.mp4", "round.mp4"]
    assert "coached.mp4" in found.notes[0]
    assert "1 photo, judged with --mode stance only" in found.notes[1]
    found = clips_in(tmp_path, recursive=True, photos=True, but_not=[tmp_path / "a.trc"])
    assert [clip.name for clip in found.clips] == ["b.MOV", "gone.mp4", "round.mp4", "stand.jpg", "sub/deep.mkv"]
    assert [clip.name for clip in clips_in(tmp_path, True, False, [tmp_path / "sub"]).clips] == [
        "a.trc",
        "b.MOV",
        "gone.mp4",
        "round.mp4",
    ]


def test_a_folder_without_clips_is_one_line(cli, tmp_path, monkeypatch):
    clips = tmp_path / "clips"
    clips.mkdir()
    assert "There is no clip in" in cli("analyze", clips).error_line
    (clips / "sub").mkdir()
    (clips / "sub" / "a.trc").write_text("x")
    assert "add --recursive" in cli("analyze", clips).error_line
    (clips / "a.jpg").write_text("x")
    assert "--mode stance" in cli("analyze", clips).error_line

    def forbidden(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", forbidden)
    answer = cli("analyze", clips)
    assert (answer.code, answer.out) == (2, "")
    assert "cannot be read (Permission denied)" in answer.error_line


def test_a_sub_folder_that_cannot_be_read_does_not_stop_the_rest(tmp_path, monkeypatch):
    (tmp_path / "a.trc").write_text("x")
    (tmp_path / "locked").mkdir()
    scandir = os.scandir

    def guarded(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    found = clips_in(tmp_path, recursive=True, photos=False).clips
    assert [clip.name for clip in found] == ["a.trc", "locked/"]
    assert "Permission denied" in found[1].error


def test_an_annotated_video_plays_and_is_known_again(tmp_path):
    path = tmp_path / "out.mp4"
    film(path)
    assert is_annotated(path)
    assert mp4_is_whole(path)
    source = VideoSource(path)
    source.open()
    assert len(list(iter(source.read, None))) == 3
    assert source.notice == ""
    source.close()
    path.write_bytes(path.read_bytes()[:-1])
    assert not is_annotated(path)
    assert not is_annotated(tmp_path / "missing.mp4")


# Where files go


def test_every_clip_has_files_of_its_own():
    names = ["a.mp4", "b.mp4", "B.mov", "sub/a.mp4", "summary.mp4", "sub/summary.mp4"]
    assert stems_of(names) == {
        "a.mp4": "a",
        "b.mp4": "b.mp4",
        "B.mov": "B.mov",
        "sub/a.mp4": "sub/a",
        "summary.mp4": "summary.mp4",
        "sub/summary.mp4": "sub/summary",
    }


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--json", "file.txt"), "is a file"),
        (("--csv", "file.txt"), "is a file"),
        (("--trc", "new.trc"), "looks like a file"),
        (("--video", "clips"), "is the folder of the clips"),
        (("--report", "-"), "give a folder"),
        (("--mot", ""), "give a folder"),
        (("--jobs", "0"), "--jobs"),
        (("--trc", "new"), "give --height-cm"),
        (("--json", "file.txt/new"), "cannot be made"),
        (("--mode", "walk"), "use one of"),
        (("--time-range", "5", "2"), "5 to 2 s"),
        (("--video", "films"), "no annotated video of ours"),
        (("--json", "links"), "would overwrite an input"),
    ],
)
def test_what_cannot_be_written_is_told_before_any_work(cli, tmp_path, monkeypatch, given, says):
    monkeypatch.chdir(tmp_path)
    for name in ("clips", "films", "links"):
        (tmp_path / name).mkdir()
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "clips" / "a.mp4").write_bytes(b"the clip")
    (tmp_path / "films" / "a.mp4").write_bytes(b"another clip")
    (tmp_path / "links" / "a.json").symlink_to(tmp_path / "clips" / "a.mp4")
    monkeypatch.setattr("app.cli.folder_jobs.run_jobs", lambda *_: pytest.fail("the work began"))
    monkeypatch.setattr("app.cli.folder._prepare", lambda *_: pytest.fail("a model was fetched"))
    before = files_under(tmp_path)
    answer = cli("analyze", "clips", *given)
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.error_line
    assert [name for name in files_under(tmp_path) if not name.startswith("data/")] == before
    assert (tmp_path / "clips" / "a.mp4").read_bytes() == b"the clip"


def test_two_outputs_never_share_a_file(tmp_path):
    options = ClipOptions(str(tmp_path), json=str(tmp_path / "o"), csv=str(tmp_path / "o"))
    clips = [FoundClip(tmp_path / name, name) for name in ("a.mp4", "a.json.mp4")]
    assert len(jobs_for(clips, options)) == 2  # o/a.json is a file, o/a.json/ would be a folder of tables
    with pytest.raises(WorldError, match="is the folder of the clips"):
        folders_of(ClipOptions(str(tmp_path), csv=str(tmp_path)))


def test_only_what_a_killed_process_left_is_removed(tmp_path):
    ours, old, other, long = (
        tmp_path / f".run-{name}" for name in ("0a1b2c3d.csv", "00000000.csv", "x.csv", "0a1b2c3d0.csv")
    )
    for path in (ours, old, other, long):
        path.touch()
    os.utime(old, (1000.0, 1000.0))
    remove_leftovers(tmp_path / "run.csv", ours.stat().st_mtime)
    assert not ours.exists()
    assert all(path.exists() for path in (old, other, long))


# The whole command


@pytest.fixture
def clips(tmp_path, running_trc):
    """Two clips, and one that is broken."""
    there = tmp_path / "clips"
    there.mkdir()
    for name in ("run10.trc", "run9.trc"):
        shutil.copy(running_trc, there / name)
    (there / "run.trc").write_text("this is no landmark file\n")
    return there


def test_a_folder_comes_to_the_same_as_each_clip_alone(cli, clips, tmp_path):
    out = tmp_path / "out"
    wanted = ("--time-range", 0, 6, "--mode", "run")
    answer = cli("analyze", clips, "--jobs", 2, *wanted, "--json", out, "--csv", out / "tables", "--trc", out)
    assert answer.code == 2
    assert answer.err.splitlines()[-1] == "hingecoach: 1 of 3 clips failed: run.trc"
    assert [line.split()[0] for line in answer.out.splitlines()] == ["clip", "run.trc", "run9.trc", "run10.trc"]
    alone = tmp_path / "alone"
    one = cli("analyze", clips / "run9.trc", *wanted, "--quiet", "--json", tmp_path / "one.json", "--csv", alone)
    assert one.code == 0
    tables = files_under(alone)
    assert files_under(out) == sorted(
        ["summary.json", "tables/summary.csv"]
        + [f"{stem}{suffix}" for stem in ("run9", "run10") for suffix in (".json", ".trc")]
        + [f"tables/{stem}/{name}" for stem in ("run9", "run10") for name in tables]
    )
    assert untimed(out / "run9.json") == untimed(tmp_path / "one.json")
    for name in tables:
        assert (out / "tables" / "run9" / name).read_bytes() == (alone / name).read_bytes()
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (summary["schema"], summary["failed"]) == ("hingecoach.folder/1", 1)
    bad, first = summary["clips"][:2]
    assert (bad["clip"], bad["state"], bad["output"], bad["verdict"]) == ("run.trc", "failed", None, None)
    assert "run.trc" in bad["error"]
    run = untimed(out / "run9.json")["run"]
    found = (first["clip"], first["state"], first["output"], first["error"], first["verdict"], first["steps"])
    assert found == ("run9.trc", "done", "run9", None, run["verdict"], len(run["steps"]))
    assert first["trunk_lean_deg"] == run["trunk_lean_deg"]["value"]
    with (out / "tables" / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["failed", "done", "done"]


# Processes


class Deadly(Nothing):
    """Ends the process of job k by the k-th signal as soon as it begins; the others live."""

    def __init__(self, jobs, signals):
        super().__init__(jobs)
        self.signals = signals

    def began(self, number, place):
        if number < len(self.signals):
            (process,) = multiprocessing.active_children()
            os.kill(process.pid, self.signals[number])


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
def test_a_process_that_dies_is_told_and_the_others_go_on(tmp_path, running_trc, caplog):
    clip = FoundClip(running_trc, "run.trc")
    own = ClipOptions(str(running_trc), time_range=(3.0, 3.5), quiet=True)
    (job,) = jobs_for([clip], own)
    outcomes = {}
    jobs = [job] * 3
    run_jobs(jobs, 1, 1, None, Deadly(jobs, (signal.SIGKILL, signal.SIGSEGV)), outcomes)
    assert "perhaps for want of memory" in outcomes[0].why
    assert outcomes[0].bug == ""
    assert "SIGSEGV" in outcomes[1].why
    assert outcomes[1].bug
    assert "a bug ended the analysis of run.trc" in caplog.text
    assert isinstance(outcomes[2], Done)
    assert outcomes[2].document["source"]["frames"] == 30
    assert multiprocessing.active_children() == []


class Impatient(Nothing):
    """Presses Ctrl-C when a clip is at work and its first file is half written."""

    def __init__(self, jobs, out):
        super().__init__(jobs)
        self.out = out
        self.half = []

    def got_on(self, number, place, what, done, total):
        self.half = files_under(self.out)
        raise KeyboardInterrupt


class Murderous(Impatient):
    """Kills the process of a clip when its first file is half written: it cannot tidy up itself."""

    def got_on(self, number, place, what, done, total):
        if not self.half:
            self.half = files_under(self.out)
            (process,) = multiprocessing.active_children()
            process.kill()


def test_a_process_that_is_killed_leaves_no_half_file(tmp_path, running_trc):
    out = tmp_path / "out"
    (job,) = jobs_for([FoundClip(running_trc, "run.trc")], ClipOptions("clips", csv=str(out)))
    watcher, outcomes = Murderous([job], out), {}
    run_jobs([job], 1, 1, None, watcher, outcomes)
    assert [name[:12] for name in watcher.half] == ["run/.frames-"]
    assert isinstance(outcomes[0], Failed)
    assert files_under(out) == []


def test_ctrl_c_leaves_no_process_and_no_half_file(tmp_path, running_trc, monkeypatch):
    monkeypatch.setattr(
        multiprocessing.get_context("spawn").Process, "kill", lambda _: pytest.fail("it had to be killed")
    )
    out = tmp_path / "out"
    (job,) = jobs_for([FoundClip(running_trc, "run.trc")], ClipOptions("clips", csv=str(out)))
    watcher, outcomes = Impatient([job], out), {}
    with pytest.raises(KeyboardInterrupt):
        run_jobs([job], 1, 1, None, watcher, outcomes)
    assert [name[:12] for name in watcher.half] == ["run/.frames-"]
    assert list(out.iterdir()) == []
    assert multiprocessing.active_children() == []
    assert outcomes == {}


def test_ctrl_c_while_a_process_starts_ends_that_process_too(tmp_path, running_trc, monkeypatch):
    start = folder_jobs._start

    def interrupted(*words):
        one = start(*words)
        signal.raise_signal(signal.SIGINT)
        assert one.process.is_alive()  # it waits until the process is known
        return one

    monkeypatch.setattr(folder_jobs, "_start", interrupted)
    (job,) = jobs_for([FoundClip(running_trc, "run.trc")], ClipOptions("clips"))
    # A shell has what it puts into the background ignore Ctrl-C, these tests too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_jobs([job], 1, 1, None, Nothing([job]), {})
        assert multiprocessing.active_children() == []
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_summary_notes_what_is_told_of_the_file_itself():
    warnings = ["run.mp4 ends early: 3 of 9 s were read", "stand still for two seconds first"]
    document = {"mode": "run", "warnings": warnings, "source": {"duration_s": 3.0}, "cues": []}
    (job,) = jobs_for([FoundClip(Path("run.mp4"), "a/run.mp4")], ClipOptions("a"))
    row = Row.of(job, Done(document))
    assert (row.note, row.warnings) == (warnings[0], 2)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (MemoryError(), "There is not enough memory for it: try --jobs 1, or a part of it with --time-range."),
        (OSError(28, "No space left"), "The output cannot be written (No space left): make room for it."),
        (WorldError("It is\n cut off."), "It is cut off."),
    ],
)
def test_what_the_world_does_to_a_clip_is_one_line_and_no_bug(monkeypatch, error, why):
    def fails(*_words):
        raise error

    monkeypatch.setattr("app.cli.clip_run.analyze_clip", fails)
    task = folder_worker.Task(ClipOptions("run.mp4"), None, 1, "")
    assert folder_worker._outcome(task, folder_worker._Sender(None)) == Failed(why)


def test_a_spreadsheet_takes_no_name_of_a_clip_for_a_formula():
    rows = [
        Row('=HYPERLINK("a").mp4', "done", note="a\nb", trunk_lean_deg=-1.23456789, steps=0),
        Row("b.mp4", "failed"),
    ]
    first, second = csv.DictReader(io.StringIO(table_text(rows)))
    assert (first["clip"], first["note"]) == ('\'=HYPERLINK("a").mp4', "a b")
    assert (first["trunk_lean_deg"], first["steps"], second["steps"]) == ("-1.23457", "0", "")


def test_an_interrupted_folder_shows_what_there_is(cli, clips, tmp_path, monkeypatch):
    def interrupted(*words):
        words[-1][1] = Failed("too long")
        raise KeyboardInterrupt

    monkeypatch.setattr("app.cli.folder_jobs.run_jobs", interrupted)
    monkeypatch.setattr("app.cli.folder._prepare", lambda *_: None)
    answer = cli("analyze", clips, "--json", tmp_path / "new" / "out", "--csv", tmp_path / "new")
    assert answer.code == 130
    assert "too long" in answer.out
    assert "Interrupted: 0 of 3 clips were analyzed" in answer.err
    assert not (tmp_path / "new").exists()


def test_our_bug_in_one_clip_is_exit_code_1_after_the_rest(cli, clips, tmp_path, monkeypatch):
    def results(*words):
        words[-1].update(
            {k: Failed("no clip") for k in range(2)} | {2: Failed("internal error (KeyError: x)", "trace")}
        )

    monkeypatch.setattr("app.cli.folder_jobs.run_jobs", results)
    monkeypatch.setattr("app.cli.folder._prepare", lambda *_: None)
    answer = cli("analyze", clips, "--json", tmp_path / "out", "--quiet")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.splitlines()[:2] == ["run.trc: no clip", "run9.trc: no clip"]
    assert "3 of 3 clips failed: run.trc, run9.trc, run10.trc)" in answer.err
    assert "hingecoach.log" in answer.err.splitlines()[-1]
    assert files_under(tmp_path / "out") == ["summary.json"]


@pytest.mark.parametrize(("cores", "jobs", "threads"), [(1, 1, 1), (2, 1, 2), (8, 4, 2)])
def test_jobs_and_threads_go_by_the_cores(monkeypatch, cores, jobs, threads):
    monkeypatch.setattr(folder, "cores", lambda: cores)
    assert folder.default_jobs() == jobs
    assert folder.threads_each(jobs) == threads
    assert folder.threads_each(2 * cores) == 1


def test_the_bar_of_all_moves_with_every_clip(tmp_path):
    clips = [FoundClip(tmp_path / name, name, size) for name, size in (("a.trc", 300), ("b.trc", 100))]
    jobs = jobs_for(clips, ClipOptions(str(tmp_path)))
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a stream, no path
        progress = Progress(console=Console(file=nowhere), auto_refresh=False)
        bars = Bars(jobs, 2, progress)
        overall = progress.tasks[-1]
        bars.began(0, 0)
        bars.got_on(0, 0, "Analyzing", 50, 100)
        assert (overall.completed, overall.total) == (150, 400)
        assert (progress.tasks[0].completed, progress.tasks[0].total, progress.tasks[0].visible) == (50, 100, True)
        bars.got_on(0, 0, "Looking who is there", 7, None)
        assert progress.tasks[0].total is None
        bars.got_on(0, 0, "Analyzing", 0, 100)  # a second attempt begins anew
        bars.got_on(0, 0, "Analyzing", 25, 100)
        assert overall.completed == 150
        bars.ended(0, 0, Failed("broken"))
        assert overall.completed == 300
        assert overall.description == "1 of 2 clips"
        assert not progress.tasks[0].visible
        bars.ended(1, 1, Failed("broken"))
        assert overall.finished
