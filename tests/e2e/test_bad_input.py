"""Whatever is wrong outside ends with exit code 2, one line on stderr, and nothing written."""

import os

import pytest


def files_under(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def bad(tmp_path):
    """A folder with every kind of bad input."""
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "empty.mp4").touch()
    (folder / "empty.trc").touch()
    (folder / "text.mp4").write_text("this is no video\n" * 50)
    (folder / "noise.mp4").write_bytes(bytes(range(256)) * 40)
    (folder / "text.trc").write_text("this is no landmark file\n")
    (folder / "header.trc").write_text("PathFileType\t4\t(X/Y/Z)\tx.trc\nDataRate\tUnits\n60\tm\n")
    (folder / "file").write_text("a file, no folder")
    return folder


@pytest.mark.parametrize(
    "name",
    ["missing.mp4", "missing.trc", "empty.mp4", "empty.trc", "text.mp4", "noise.mp4", "text.trc", "header.trc", ""],
)
def test_an_input_that_cannot_be_read(cli, bad, tmp_path, name):
    before = files_under(bad)
    outputs = ("--json", tmp_path / "o.json", "--csv", tmp_path / "csv", "--video", tmp_path / "o.mp4")
    answer = cli("analyze", bad / name, *outputs)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.error_line.startswith("hingecoach: ")
    assert "Traceback" not in answer.err
    assert files_under(bad) == before
    assert sorted(path.name for path in tmp_path.iterdir()) in (["bad", "data"], ["bad"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--height-cm", "0"], "between 100 and 230 cm"),
        (["--height-cm", "-5"], "between 100 and 230 cm"),
        (["--height-cm", "999"], "between 100 and 230 cm"),
        (["--height-cm", "nan"], "is no height"),
        (["--height-cm", "tall"], "is no height"),
        (["--height-cm", "1.78"], "taken as cm would be 1.78 cm: write 178 or 1.78m"),
        (["--time-range", "5", "2"], "5 to 2 s"),
        (["--time-range", "-1", "2"], "-1 to 2 s"),
        (["--time-range", "90", "95"], "90"),
        (["--mode", "walk"], "use one of run, stance, auto"),
        (["--facing", "up"], "use one of left, right, auto"),
        (["--slowmo-factor", "4"], "videos only"),
        (["--standing", "missing.trc"], "missing.trc"),
        (["--video", "film.avi"], ".mp4"),
        (["--report-of-today"], "No such option"),
        (["--time-range", "5"], "'--time-range'"),
        (["--time-range", "1"], "See: hingecoach analyze --help"),
        (["--csv", "-"], "a folder is needed"),
        (["--csv", ""], "a folder is needed"),
        (["--json", ""], "--json: a file name is missing"),
        (["--video", ""], "--video: a file name is missing"),
        (["--standing", ""], "--standing: a file name is missing"),
        (["--height-cm", "5'13\""], "inches run from 0 to 11"),
        (["--jobs", "2"], "--jobs is for a folder of clips: leave it out, or give the folder."),
        (["--recursive"], "--recursive is for a folder of clips: leave it out, or give the folder."),
    ],
)
def test_an_option_that_makes_no_sense(cli, running_trc, tmp_path, options, says):
    answer = cli("analyze", running_trc, "--json", tmp_path / "o.json", *options)
    assert answer.code == 2
    assert says in answer.error_line
    assert not (tmp_path / "o.json").exists()


def test_landmarks_without_an_ear_are_refused_with_the_missing_markers(cli, running_trc, tmp_path):
    clip = tmp_path / "earless.trc"
    clip.write_text(running_trc.read_text(encoding="utf-8").replace("REar", "a").replace("LEar", "b"))
    answer = cli("analyze", clip, "--json", tmp_path / "o.json")
    assert answer.code == 2
    assert "lacks the markers REar or LEar" in answer.error_line


@pytest.mark.parametrize("option", ["--json", "--csv", "--video"])
def test_an_output_that_cannot_be_written_is_told_before_the_work(cli, running_trc, bad, option, monkeypatch):
    monkeypatch.setattr("app.session.Session.step", lambda _: pytest.fail("the work began"))
    answer = cli("analyze", running_trc, option, bad / "file" / "o.mp4")
    assert answer.code == 2
    assert str(bad / "file") in answer.error_line


def test_a_folder_that_does_not_exist_is_named(cli, tmp_path):
    answer = cli("demo", "--oracle", "--seconds", "2", "--json", tmp_path / "missing" / "o.json")
    assert answer.code == 2
    assert f"there is no folder {tmp_path / 'missing'}" in answer.error_line


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_without_permission(cli, running_trc, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    answer = cli("analyze", running_trc, "--json", locked / "o.json")
    assert answer.code == 2
    assert "Permission denied" in answer.error_line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["demo", "--act", "moonwalk"], "use one of good, upright"),
        (["demo", "--seconds", "0"], "--seconds 0"),
        (["demo", "--seconds", "nan"], "--seconds nan"),
        (["demo", "--seconds", "1e9"], "at most 86400"),
        (["demo", "--json", ""], "--json: a file name is missing"),
        (["analyze", ""], "INPUT: a file name is missing"),
        (["demo", "--fps", "0"], "--fps 0"),
        (["demo", "--size", "big"], "1280x720"),
        (["demo", "--size", "10x10"], "out of range"),
        (["demo", "--mode", "drill"], "--mode drill needs the drill"),
        (["demo", "--drill", "squats"], "use one of hinge, start_line"),
        (["demo", "--mode", "run", "--drill", "hinge"], "goes with --mode drill"),
        (["demo", "--render", "film.txt"], ".mp4"),
        (["demo", "--seed", "-1"], "--seed"),
        (["model", "status", "--what"], "No such option"),
        (["dance"], "No such command 'dance'"),
        (["analize"], "No such command 'analize'. Did you mean 'analyze'? See: hingecoach --help"),
        (["rules"], "hingecoach: rules needs a command: show, check. See: hingecoach rules --help"),
        (["live", "--fps", "1000"], "--fps 1000"),
        (["live"], "No window can be opened"),
        ([], "No window can be opened"),
    ],
)
def test_a_command_that_makes_no_sense_here(cli, arguments, says):
    answer = cli(*arguments)
    assert answer.code == 2
    assert says in answer.error_line


@pytest.mark.model
def test_a_clip_without_a_person_leaves_nothing(cli, tmp_path):
    import cv2
    import numpy as np

    clip = tmp_path / "wall.mp4"
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (320, 240))
    for _ in range(20):
        writer.write(np.full((240, 320, 3), 170, np.uint8))
    writer.release()
    outputs = ("--json", tmp_path / "o.json", "--csv", tmp_path / "csv", "--video", tmp_path / "o.mp4")
    answer = cli("analyze", clip, *outputs)
    assert answer.code == 2
    assert "Nobody was found" in answer.err.splitlines()[-1]
    assert files_under(tmp_path) in (["wall.mp4"], ["data/logs/hingecoach.log", "wall.mp4"])
    assert not (tmp_path / "csv").exists()
