"""Runners on disk: everything comes back as it went; nothing is lost, whatever became of a file."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import pytest

from app.coach.errors import WorldError
from app.coach.standing import StandingReference
from app.coach.standing_quality import StandingQuality
from app.coach.stored import STORED
from app.coach.types import Facing
from app.store.calibration_json import VIRTUAL, Calibration
from app.store.people import MOST_CALIBRATIONS, RunnerRecord, RunnerStore

STANDING = StandingReference(
    source="recorded", ear_y_px=-114.5, ear_height_px=483.6, body_height_px=538.25, leg_length_px=262.0,
    leg_reach_px=261.9, trunk_deg=-2.0, line_deg=1.5, hip_offset_px=2.1, shoulder_offset_px=-5.2, knee_deg=0.75,
    still_s=2.4, crown_y_px=math.nan, crown_height_px=math.nan, shank_deg=1.5, facing=Facing.LEFT,
    image_size_px=(1280, 720), floor_y_px=-607.1, quality=StandingQuality(145, 0.001, 0.002, 0.3, 0.9),
)  # fmt: skip
CALIBRATION = Calibration("2026-11-22T19:48:21", "camera 0", STANDING)
ANNA = RunnerRecord("Anna", 168.0, 2.0, 6, "2026-11-20", (CALIBRATION,))


@pytest.fixture
def store(tmp_path):
    return RunnerStore(tmp_path / "data")


def same(one, other):
    """Whether two references are equal, NaN being NaN."""
    return all(
        a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))
        for a, b in ((getattr(one, f.name), getattr(other, f.name)) for f in fields(StandingReference))
    )


def test_what_was_kept_comes_back(store):
    store.add(ANNA)
    back = store.get("Anna")
    assert replace(back, calibrations=()) == replace(ANNA, calibrations=())
    assert same(back.calibrations[0].reference, STANDING)
    assert (back.calibrations[0].camera, back.calibrations[0].taken_at) == ("camera 0", "2026-11-22T19:48:21")
    assert (back.profile.height_cm, back.profile.tunnel_drop_cm, back.next_session) == (168.0, 2.0, 7)
    text = store.path_of("Anna").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert json.loads(text)["schema"] == "hingecoach.runner/1"
    assert [path.name for path in store.folder.iterdir()] == ["runner-anna.json"]


def test_nothing_is_made_by_looking(store):
    assert store.all() == []
    with pytest.raises(
        WorldError, match=r"no runner Anna: add one with 'hingecoach runners add Anna --height-cm H'\.$"
    ):
        store.get("Anna")
    assert not store.folder.parent.exists()


@pytest.mark.parametrize(
    "name", ["bo li", "Müller", "../../etc/passwd", "con", "李小龍", "a/b\\c:d*?", "x" * 40, "🏃" * 40, "."]
)
def test_any_name_is_a_file_in_the_folder_and_found_however_written(store, name):
    store.add(RunnerRecord(name))
    (path,) = store.folder.iterdir()
    assert path.parent == store.folder
    assert len(path.name.encode()) < 200
    assert store.get(f"  {name.upper()} ").name == name
    with pytest.raises(WorldError, match="already"):
        store.add(RunnerRecord(name.upper()))
    store.delete(name)
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x00b", "a\x1b[2J"])
def test_what_is_no_name_is_refused(store, name):
    with pytest.raises(WorldError, match="name has 1 to 40"):
        store.add(RunnerRecord(name))


@pytest.mark.parametrize(
    "wrong", [{"height_cm": 17.8}, {"height_cm": math.nan}, {"tunnel_drop_cm": 0.5}, {"tunnel_drop_cm": 6.0}]
)
def test_numbers_out_of_range_are_refused_before_anything_is_written(store, wrong):
    with pytest.raises(WorldError):
        store.add(replace(ANNA, **wrong))
    assert not store.folder.exists()


def whole(**changes):
    tree = {"schema": "hingecoach.runner/1", "name": "Anna", "height_cm": 168, "tunnel_drop_cm": 2.54, "sessions": 3,
            "last_session": "", "calibrations": []}  # fmt: skip
    return json.dumps({**tree, **changes}).encode()


BROKEN = {
    "empty": b"",
    "cut off": whole()[:60],
    "binary": bytes(range(256)),
    "another file": b'{"schema": "something/1"}',
    "no object": b"[1, 2]",
    "deep": b"[" * 100_000,
    "no name": whole(name=7),
    "no count": whole(sessions=-1),
    "true is no count": whole(sessions=True),
    "no height": whole(height_cm="tall"),
    "infinite": whole(height_cm=168).replace(b"168", b"1e999"),
    "a giant": whole(height_cm=900),
    "no calibrations": whole(calibrations=None),
    "a bad calibration": whole(calibrations=[{"camera": "camera 0"}]),
    "version 0": whole(schema="hingecoach.runner/0"),
    "far too long": whole(name="x" * 1_100_000),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_damaged_file_is_kept_beside_and_told_of(store, data):
    store.add(replace(ANNA, name="Bo"))
    store.path_of("Anna").write_bytes(data)
    with pytest.raises(WorldError, match="damaged") as caught:
        store.get("Anna")
    assert "\n" not in str(caught.value)
    aside = store.folder / "runner-anna.bad"
    assert aside.read_bytes() == data
    assert str(aside) in store.notices[0]
    assert store.names() == ["Bo"]
    # The next damaged one does not take its place.
    store.path_of("Anna").write_bytes(data)
    assert store.names() == ["Bo"]
    assert (store.folder / "runner-anna.2.bad").read_bytes() == aside.read_bytes() == data
    store.add(RunnerRecord("Anna"))
    assert store.names() == ["Anna", "Bo"]


def test_a_newer_version_is_refused_and_left_alone(store):
    store.add(replace(ANNA, name="Bo"))
    path = store.path_of("Anna")
    path.write_bytes(whole(schema="hingecoach.runner/2", sessions="many"))
    for act in (lambda: store.get("Anna"), lambda: store.add(ANNA), lambda: store.delete("Anna")):
        with pytest.raises(WorldError, match=r"newer Hinge Coach: update the app, or move the file away\.$"):
            act()
    assert path.read_bytes() == whole(schema="hingecoach.runner/2", sessions="many")
    assert store.names() == ["Bo"]
    assert "newer" in store.notices[-1]


def test_what_another_version_adds_does_no_harm(store):
    store.add(ANNA)
    store.path_of("Anna").write_bytes(whole(shoes="blue"))
    assert store.get("Anna").sessions == 3


def test_sessions_are_counted_and_standings_kept_by_camera(store):
    store.add(replace(ANNA, calibrations=()))
    assert store.count_session("anna", "2026-11-22").sessions == 7
    for camera in (*"abcdefgh", "b", VIRTUAL):
        store.keep_calibration("anna", Calibration("2026-11-22T10:00:00", camera, STANDING))
    record = store.get("anna")
    assert record.last_session == "2026-11-22"
    assert [one.camera for one in record.calibrations] == [VIRTUAL, *"bhgfedc"]
    assert len(record.calibrations) == MOST_CALIBRATIONS


def test_the_standing_to_begin_with(store):
    virtual = replace(CALIBRATION, camera=VIRTUAL)
    record = replace(ANNA, calibrations=(virtual, CALIBRATION))
    own = record.standing_for("camera 0")
    assert (own.source, own.stale, own.height_cm) == (STORED, "", 168.0)
    other = record.standing_for("camera 1")
    assert (other.source, other.facing) == (STORED, Facing.LEFT)
    assert "another camera" in other.stale
    assert "another camera" in record.standing_for("").stale
    assert record.standing_for("camera 1", others=False) is None
    assert replace(record, calibrations=(virtual,)).standing_for("camera 0") is None  # a figure is no runner
    assert RunnerRecord("Bo").standing_for("camera 0") is None


def test_of_another_stature_only_the_figure_stands_otherwise(store):
    record = replace(ANNA, calibrations=(replace(CALIBRATION, camera=VIRTUAL), CALIBRATION))
    assert record.with_height(168.0) is record
    taller = record.with_height(171.0)
    assert (taller.height_cm, taller.calibrations) == (171.0, (CALIBRATION,))


def test_a_folder_that_cannot_be_used_is_told_in_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorldError, match="cannot be"):
        RunnerStore(tmp_path / "file").add(ANNA)
