"""An output never overwrites an input, and no two outputs share a file: told before any work."""

import os

import pytest

from app.cli.places import check_places
from app.coach.errors import WorldError


@pytest.fixture
def no_work(monkeypatch):
    monkeypatch.setattr("app.session.Session.step", lambda _: pytest.fail("the work began"))
    monkeypatch.setattr("app.cli.build.clip_source", lambda *_: pytest.fail("the input was opened"))


@pytest.fixture
def clip(tmp_path, running_trc):
    path = tmp_path / "io.trc"
    path.write_bytes(running_trc.read_bytes())
    return path


@pytest.mark.parametrize("way", ["itself", "by another path", "hard link", "symbolic link"])
def test_an_output_over_the_input_is_refused(cli, clip, tmp_path, no_work, way):
    there = tmp_path / "there"
    if way == "hard link":
        there.hardlink_to(clip)
    elif way == "symbolic link":
        there.symlink_to(clip)
    output = {"itself": clip, "by another path": tmp_path / ".." / tmp_path.name / "io.trc"}.get(way, there)
    before = clip.read_bytes()
    answer = cli("analyze", clip, "--json", output)
    assert answer.code == 2
    assert "--json" in answer.error_line
    assert "would overwrite the input" in answer.error_line
    assert clip.read_bytes() == before


def test_neither_the_video_nor_the_standing_recording_is_overwritten(cli, clip, tmp_path, no_work):
    film, standing, model = (tmp_path / name for name in ("io.mp4", "standing.trc", "own.task"))
    for path in (film, standing, model):
        path.touch()
    for words in (
        ("analyze", film, "--video", film),
        ("analyze", clip, "--standing", standing, "--json", standing),
        ("analyze", clip, "--model", model, "--json", model),
        ("demo", "--model", model, "--json", model),
    ):
        answer = cli(*words)
        assert answer.code == 2
        assert "would overwrite the input" in answer.error_line


def test_two_outputs_in_one_file_are_refused(cli, clip, tmp_path, no_work):
    film = tmp_path / "c.mp4"
    for words in (
        ("analyze", clip, "--json", film, "--video", film),
        ("analyze", clip, "--json", tmp_path / "t" / "steps.csv", "--csv", tmp_path / "t"),
        ("demo", "--oracle", "--json", film, "--render", film),
        ("demo", "--oracle", "--json", film, "--render", tmp_path / "." / "x" / ".." / "c.mp4"),
    ):
        answer = cli(*words)
        assert answer.code == 2
        assert "would both write" in answer.error_line
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["io.trc"]


@pytest.mark.parametrize("option", ["--trc", "--mot", "--report", "--video"])
def test_only_json_goes_to_stdout(cli, clip, tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("app.session.Session.step", lambda _: pytest.fail("the work began"))
    answer = cli("analyze", clip, option, "-")
    assert (answer.code, answer.out) == (2, "")
    assert answer.error_line.startswith(f"hingecoach: {option} -" if option != "--video" else "hingecoach: - is no MP4")
    assert not (tmp_path / "-").exists()


def test_what_cannot_be_written_does_not_take_the_rest_with_it(cli, clip, tmp_path, monkeypatch):
    def fails(*_words):
        raise WorldError("no room")

    monkeypatch.setattr("app.cli.clip_exports.write_trc", fails)
    names = ("o.json", "o.mot", "o.html")
    written = {f"--{name}": tmp_path / file for name, file in zip(("json", "mot", "report"), names, strict=True)}
    options = [word for pair in written.items() for word in pair]
    answer = cli("analyze", clip, "--time-range", 0, 6, "--trc", tmp_path / "o.trc", *options)
    assert (answer.code, answer.error_line) == (2, "hingecoach: no room")
    assert "Verdict" in answer.out
    assert all(path.exists() for path in written.values())


def test_a_table_in_the_folder_may_be_the_input_of_nothing(tmp_path):
    table = tmp_path / "frames.csv"
    table.touch()
    with pytest.raises(WorldError, match=r"--csv .* would overwrite the input"):
        check_places([str(table)], {"--csv (frames.csv)": table})


def test_what_may_be_shared(tmp_path):
    check_places([None, str(tmp_path / "a"), str(tmp_path)], {"--json": "-", "--video": tmp_path / "b"})
    check_places([], {"--json": os.devnull, "--video": os.devnull})
    check_places(["full"], {"--json": None})
