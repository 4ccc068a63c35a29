"""A short form of `benchmarks.fuzz` for every target, and the cases that it once found."""

from __future__ import annotations

import json
import math
import os
import struct
import sys
import warnings
import zlib
from collections import Counter
from dataclasses import asdict, replace

import pytest

from app.capture.mp4 import mp4_is_whole, mp4_shown_s
from app.capture.photo import PhotoSource
from app.capture.video import VideoSource
from app.cli import parsing
from app.coach.drills import DrillPlan
from app.coach.errors import MOST_CHARACTERS, WorldError
from app.coach.model import CoachModel
from app.coach.report import Cue, Mode
from app.coach.reps import DrillId
from app.coach.rules import parse_rules
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, RunnerProfile
from app.store import calibration_json, csv_export
from app.store.history import History
from app.store.sessions import chunks, recipe, schema, video_track
from app.store.sessions.chunks import KeptEvent
from app.store.sessions.derived import Derived
from app.store.sessions.errors import DamagedError
from app.store.sessions.recipe import Recipe
from app.store.sessions.requests import repeat
from app.store.video_file import require_mp4
from benchmarks import fuzz, fuzz_coach, fuzz_files, fuzz_pages, fuzz_pictures, fuzz_run, fuzz_words

TARGETS = fuzz.targets()
#: So many cases of each here; what starts processes or takes long has its own numbers.
CASES = 12
OWN_CASES = {
    "coach": 3,
    "mirror": 2,
    "drills-counted": 2,
    "exam": 2,
    "reports": 3,
    "kept-poses": 3,
    "trends": 6,
    "zips": 8,
}
NOT_HERE = {"networks"}  # a process with a network for each case


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in NOT_HERE])
def test_made_up_cases_end_well_or_in_one_line(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = fuzz_run.run(TARGETS[name], OWN_CASES.get(name, CASES), 0, derandomize=True)
    assert outcome.cases >= 2
    assert sum(outcome.ends.values()) == outcome.cases


def test_a_target_that_breaks_is_found_and_made_small():
    """The fuzzer itself: of all texts with an "x" the smallest is told; a hang and a message of two lines are finds."""
    from hypothesis import strategies as st

    def run(check, most_s=5.0):
        target = fuzz_run.Target("own", "", lambda: st.text("abx", max_size=20), check, 1, most_s)
        return fuzz_run.run(target, 100, 1)

    def refuses_x(case, folder):
        assert "x" not in case
        return "taken"

    def says_two_lines(case, folder):
        error = WorldError("")
        error.args = ("one\ntwo",)
        raise error

    def hangs(case, folder):
        while True:
            pass

    with pytest.raises(fuzz_run.FoundError, match=r"case='x'"):
        run(refuses_x)
    with pytest.raises(fuzz_run.FoundError, match="no printable line"):
        run(says_two_lines)
    if sys.platform != "win32":
        with pytest.raises(fuzz_run.FoundError, match="HangError"):
            run(hangs, most_s=0.05)
    assert run(lambda case, folder: "taken").ends == {"taken": 100}


# ---------------------------------------------------------------------- cases that were found


def test_a_message_is_one_printable_line_whatever_it_quotes():
    error = WorldError("a\x1b[2Jb\tc\nd\u202ee\ud800f\u00a0g: x")
    assert str(error) == "a?[2Jb c d?e?f g: x"
    assert len(str(WorldError("9" * 10_000))) == MOST_CHARACTERS


@pytest.mark.parametrize("text", [f"{'9' * 309}'9\"", "9" * 5000 + "'", "\t=1+1", "9" * 400])
def test_a_height_of_any_length_is_refused(text):
    with pytest.raises(WorldError, match=r"^--height-cm "):
        parsing.height_cm(text)


def test_a_camera_number_beyond_all_numbers_is_a_name():
    assert parsing.camera("9" * 5000) == "9" * 5000
    assert parsing.camera("12\x1f") == 12


@pytest.mark.parametrize(
    "text", ["[[fault.upright]]\non = 4.0\noff = 5.0\n", "fault = 3\n", "[fault]\nupright = [1]\n"]
)
def test_whole_rules_with_something_else_in_the_place_of_a_table_are_refused(text):
    with pytest.raises(WorldError, match="fault"):
        parse_rules(text, "kept.toml", None)


@pytest.mark.parametrize("xy", [math.inf, -math.inf, 1e300, -2e7])
def test_a_position_in_no_picture_is_missing(xy):
    found = BodyPose(0.0, [[xy, 5.0]] + [[1.0, 2.0]] * (LANDMARK_COUNT - 1), [1.0] * LANDMARK_COUNT, (640, 480))
    assert math.isnan(found.xy_px[0, 0])
    assert math.isnan(found.xy_px[0, 1])
    assert found.xy_px[1].tolist() == [1.0, 2.0]


def test_a_pose_without_a_time_cannot_be_made():
    for t_s in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="time"):
            BodyPose.nobody(t_s, (640, 480))


@pytest.mark.parametrize(
    ("line", "told"), [("", "empty"), ("The clip is a NoneType: choose another one.", "speaks to programmers")]
)
def test_what_is_no_line_for_a_user_is_found(line, told):
    with pytest.raises(AssertionError, match=told):
        fuzz_run.require_line(WorldError(line))


def test_a_line_may_quote_what_was_given():
    fuzz_run.require_line(WorldError("There is no file NoneType: check the path."), "NoneType")


def test_the_first_frames_count_alike_for_both_facings():
    """Until the facing is known it counts as right: what was remembered is turned with it, or the views differ."""
    stretch = (0, 4, "noise", "as it is", "", 0, frozenset())
    fuzz_coach._check_mirror(("good", [stretch], Mode.RUN, RunnerProfile(), False), None)


def test_a_body_squeezed_into_one_column_faces_nowhere_in_a_mirror_either():
    huge = (0, 43, "huge", "as it is", "", 0, frozenset())
    as_it_is = (0, 1, "as it is", "as it is", "", 0, frozenset())
    fuzz_coach._check_mirror(("good", [*[as_it_is] * 3, huge], Mode.RUN, RunnerProfile(), False), None)


def test_a_source_that_ends_at_the_bottom_of_a_repetition_has_a_tempo():
    nothing = frozenset()
    lead = (0, 110, "as it is", "as it is", "", 0, nothing)
    ended = (0, 5, "as it is", "as it is", "finish", 0, nothing)
    plan = DrillPlan(DrillId.HINGE, 1, 1, 0.0)
    assert fuzz_coach._check_drill(("drill_start_line", [lead, ended], plan), None)


@pytest.mark.parametrize("arguments", [None, 3, {"a": 1}, "finish"])
def test_a_request_without_arguments_is_no_request(arguments):
    with pytest.raises(DamagedError, match="no list"):
        repeat(CoachModel(), "calibrate", arguments)


@pytest.mark.parametrize("value", [None, {}, {"id": 1, "spoken": "", "shown": ""}, {"id": "a", "x": 1}])
def test_words_told_that_are_none_are_damage(value):
    with pytest.raises(DamagedError, match="cannot be read"):
        Derived().event(KeptEvent(0, 0.0, "told", "setup", value))


def damaged_chunk(**changes):
    """A chunk of no frames whose head holds something else."""
    text = json.dumps({"frames": 0, "contexts": [], "events": [], "tracking": {}} | changes).encode()
    return zlib.compress(struct.pack("<I", len(text)) + text)


@pytest.mark.parametrize(
    "changes",
    [
        {"frames": math.inf},
        {"tracking": []},
        {"events": [["0", None, "mark", "x", 1]]},
        {"events": [[0, "0", "mark", "x", 1]]},
        {"events": [[0, 0.0, "mark", [], 1]]},
        {"contexts": [["a", "b", True, False, [], ""]]},
        {"contexts": None},
    ],
)
def test_a_chunk_whose_head_makes_no_sense_is_damage(changes):
    assert chunks.unpack(damaged_chunk()).poses == []
    with pytest.raises(DamagedError):
        chunks.unpack(damaged_chunk(**changes))


def test_a_chunk_with_a_time_that_is_none_is_damage():
    pose = BodyPose.nobody(0.0, (640, 480))
    object.__setattr__(pose, "t_s", math.nan)
    with pytest.raises(DamagedError, match="time"):
        chunks.unpack(chunks.pack(chunks.Chunk([pose])))


RECIPE = recipe.to_json(Recipe(Mode.RUN, RunnerProfile(178.0), fuzz_words.a_standing(), Facing.RIGHT))


@pytest.mark.parametrize(
    "changes",
    [
        {"profile": None},
        {"profile": {"height_cm": "tall"}},
        {"profile": {"height_cm": 0.0}},
        {"profile": {"stature": 1}},
        {"dose": {"session": "one"}},
        {"dose": []},
        {"plan": []},
        {"plan": {"drill": "hinge", "target": "x"}},
        {"standing": []},
        {"standing": RECIPE["standing"] | {"body_height_px": 1e-300}},
        {"standing": RECIPE["standing"] | {"leg_length_px": None}},
        {"standing": RECIPE["standing"] | {"ear_y_px": "high"}},
        {"standing": RECIPE["standing"] | {"ear_y_px": 10**400}},
        {"standing": RECIPE["standing"] | {"image_size_px": [1, 2, 3]}},
        {"standing": RECIPE["standing"] | {"quality": {"frames": 1}}},
        {"rules": []},
    ],
)
def test_a_recipe_of_other_kinds_of_values_is_damage(changes):
    assert recipe.from_json(RECIPE).standing.body_height_px == 540.0
    with pytest.raises(DamagedError) as caught:
        recipe.from_json(RECIPE | changes)
    fuzz_run.require_line(caught.value)


def test_a_standing_that_is_nothing_once_it_is_rounded_is_refused():
    tree = calibration_json.to_json(fuzz_words.a_record().calibrations[0])
    with pytest.raises(calibration_json.Damaged, match="scale"):
        calibration_json.from_json(tree | {"ear_height_px": 1e-300})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("started_at", b""),
        ("started_at", "yesterday"),
        ("started_at", "2026-11-22T18:30:00"),
        ("frames", "many"),
        ("duration_s", math.inf),
        ("profile", "[]"),
        ("profile", "{"),
        ("standing", "[1]"),
        ("settings", "3"),
        ("facts", '{"notices": 1}'),
        ("summary", b"no zlib"),
    ],
)
def test_a_value_of_the_database_that_makes_no_sense_is_told(tmp_path, column, value):
    session = fuzz_files.record(tmp_path, 6)
    connection = schema.connect(tmp_path / "history.db")
    connection.execute(f"UPDATE sessions SET {column} = ?", (value,))
    connection.close()
    with History(tmp_path) as history, pytest.raises(DamagedError, match=r"history.db .*move that file away"):
        history.get(session)
    (tmp_path / "history.db").unlink()  # as it says
    os.utime(tmp_path / "sessions" / session / "poses.hcp", (1.0, 1.0))
    with History(tmp_path) as history:
        history.recover()
        assert history.get(session).row.frames == 6


@pytest.mark.parametrize("statement", ["PRAGMA user_version = 0", "DROP TABLE cues"])
def test_a_database_of_other_tables_than_its_version_is_damage(tmp_path, statement):
    session = fuzz_files.record(tmp_path, 6)
    connection = schema.connect(tmp_path / "history.db")
    connection.execute(statement)
    connection.close()
    with History(tmp_path) as history:
        if statement.startswith("DROP"):
            with pytest.raises(DamagedError, match="move that file away"):
                history.cues(session)
        else:
            assert "is kept as history-damaged-" in history.notices[0]


def test_a_table_holds_no_formula_and_no_broken_row(tmp_path):
    words = ("=cmd|'/C calc'!A0", "\r=1", "+1", "@x", "-2", "\ud800", "Hips back", "a,b", "  =1")
    cues = tuple(Cue("x", one, one, 1.0, 2.0, 1, unit=one) for one in words)
    csv_export.write_tables(tmp_path, replace(fuzz_pages.ran(), cues=cues))
    rows = fuzz_pages.rows_of(tmp_path / "cues.csv")
    assert [row[2] for row in rows] == [
        "'=cmd|'/C calc'!A0", "' =1", "'+1", "'@x", "'-2", "?", "Hips back", "a,b", "'  =1",
    ]  # fmt: skip
    assert all(float(row[0]) == 1.0 for row in rows)


def box(kind, content, size=None):
    return (len(content) + 8 if size is None else size).to_bytes(4, "big") + kind + content


@pytest.mark.parametrize("start_s", [math.nan, math.inf])
def test_a_kept_video_of_no_time_is_damage(tmp_path, start_s):
    path = tmp_path / video_track.NAME
    good = fuzz_pictures.kept_videos()[1]
    path.write_bytes(good)
    assert video_track.kept_video(tmp_path).times_s[0] == 5.0
    path.write_bytes(good.replace(struct.pack(">d", 5.0), struct.pack(">d", start_s), 1))
    with pytest.raises(DamagedError, match="times"):
        video_track.kept_video(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
@pytest.mark.parametrize("source", [VideoSource, PhotoSource])
def test_a_name_that_is_no_text_is_refused(tmp_path, source):
    """OpenCV would end the whole process by a segmentation fault."""
    path = tmp_path / os.fsdecode(b"film\xff.mp4")
    path.write_bytes((fuzz_pictures.photos() if source is PhotoSource else fuzz_pictures.clips())[0])
    with pytest.raises(WorldError, match=r"film\?\.mp4 .* give the file another name"):
        source(path).open()
    with pytest.raises(WorldError, match="choose another one"):
        require_mp4(path)


def test_a_box_that_is_shorter_than_its_own_head_ends_the_reading(tmp_path):
    """Its length, taken from the end to the beginning, is negative, and would have read all of the file."""
    path = tmp_path / "a.mp4"
    path.write_bytes(box(b"ftyp", b"isom") + box(b"moov", (8).to_bytes(8, "big"), 1) + bytes(100_000))
    assert mp4_is_whole(path) is False
    assert mp4_shown_s(path) is None


@pytest.mark.gui
@pytest.mark.parametrize(
    "changes",
    [
        {"oracle": 1.2e16},
        {"fps": 10**400},
        {"fps": 0},
        {"size_px": [0, 0]},
        {"size_px": {"a": 1}},
        {"camera": None},
        {"path": 5},
        {"seed": 0.5},
        {"height_cm": 1e9},
        {"mirror": 1},
    ],
)
def test_a_remembered_source_of_other_values_is_forgotten(tmp_path, changes):
    from PySide6.QtCore import QSettings

    from app.ui.choice import Choice, SourceKind
    from app.ui.prefs import Prefs

    prefs = Prefs(QSettings(str(tmp_path / "a.ini"), QSettings.Format.IniFormat))
    usual, kept = Choice(), Choice(kind=SourceKind.VIRTUAL, act="upright", runner="Anna", height_cm=180.0)
    prefs.remember_choice(kept)
    assert prefs.last_choice(usual) == kept
    prefs.set_value("choice", json.dumps(asdict(kept) | changes))
    assert prefs.last_choice(usual) == usual


@pytest.mark.gui
def test_a_volume_of_any_number_is_within_its_bounds():
    from app.ui.sounds import sound_choice_from

    assert sound_choice_from({"volume": 10**400, "rate": -(10**400)}).volume == 1.0
    assert sound_choice_from({"volume": 10**400, "rate": -(10**400)}).rate == -1.0


def test_the_table_tells_what_was_run_and_what_broke():
    ran = fuzz_run.Outcome("options", 1200, 3.2, 0.004, 1.0, Counter(taken=200, refused=1000))
    told = fuzz.page([ran, replace(ran, name="rules", found="a hang")], 7)
    assert "| options | words of the command line | 1,200 | 3 | 4 | 1 | 1,000 refused, 200 taken |" in told
    assert "| **broken** |" in told
    assert "Targets that broke in this run: 1." in told
    assert "--cases 2400 --seed 7" in told
    assert sum(fuzz.shares(1000, list(TARGETS.values())).values()) >= 1000
