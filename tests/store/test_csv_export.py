"""The tables: a unit in every name, a row for every frame, no formula for a spreadsheet."""

import csv
import math
import re
from dataclasses import replace

import pytest

from app.coach.errors import WorldError
from app.store.csv_export import CUES_HEADER, FRAMES_HEADER, HOLDS_HEADER, STEPS_HEADER, frames_csv, write_tables

UNITLESS = {
    "frame_index",
    "step_number",
    "activity",
    "verdict",
    "side",
    "hit",
    "head_turned",
    "id",
    "spoken",
    "because",
    "steps",
}
UNITLESS |= {"value", "threshold", "unit"}  # of a cue: each row has its own unit
UNITS = re.compile(r".*_(s|ms|deg|bh|ll|cm|spm|pct)$|(weight_shift|reach_of_travel|hip_share)$")


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_number_carries_its_unit_in_its_name():
    for name in (*FRAMES_HEADER, *STEPS_HEADER, *HOLDS_HEADER, *CUES_HEADER):
        assert name in UNITLESS or UNITS.match(name), name


def test_a_row_per_frame(known, tmp_path):
    with frames_csv(tmp_path / "new" / "csv") as add:
        add(0, known.report(t_s=0.0))
        add(2, replace(known.report(t_s=1 / 30), tunnel=None, cadence_spm=math.nan))
        assert not (tmp_path / "new" / "csv" / "frames.csv").exists()
    rows = read(tmp_path / "new" / "csv" / "frames.csv")
    assert [row["frame_index"] for row in rows] == ["0", "2"]
    assert rows[0]["roof_clearance_bh"] == "0.01"
    assert rows[1]["t_s"] == "0.03333"
    assert (rows[1]["roof_clearance_bh"], rows[1]["cadence_spm"]) == ("", "")
    assert rows[1]["activity"] == "running"


def test_tables_of_steps_holds_and_cues(known, tmp_path):
    write_tables(tmp_path, known.summary)
    step, hold, cue = (read(tmp_path / f"{name}.csv")[0] for name in ("steps", "holds", "cues"))
    assert (step["step_number"], step["hit"], step["toe_off_s"]) == ("1", "1", "")
    assert float(step["peak_below_standing_bh"]) == 0.03
    assert (hold["verdict"], float(hold["theta_l_deg"])) == ("good", 12.1)
    assert (cue["because"], cue["steps"], cue["value"]) == ("standing_up", "3 4 6", "24.5")


def test_a_failed_run_leaves_neither_file_nor_folder(known, tmp_path):
    with pytest.raises(KeyError), frames_csv(tmp_path / "csv") as add:  # noqa: PT012 - it fails inside
        add(0, known.report())
        raise KeyError("bug")
    assert list(tmp_path.iterdir()) == []

    kept = tmp_path / "kept"
    kept.mkdir()
    with pytest.raises(KeyError), frames_csv(kept):
        raise KeyError("bug")
    assert list(kept.iterdir()) == []


def test_only_what_the_table_itself_meets_is_blamed_on_it(known, tmp_path):
    with pytest.raises(OSError, match="camera") as caught, frames_csv(tmp_path / "csv"):
        raise OSError("camera unplugged")
    assert not isinstance(caught.value, WorldError)

    class Unwritable:
        t_s = 0.0

        @property
        def tunnel(self):
            raise OSError(28, "No space left on device")

    with pytest.raises(WorldError, match=r"frames.csv cannot be written \(No space left"), frames_csv(tmp_path) as add:
        add(0, Unwritable())
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorldError, match="cannot be made"), frames_csv(tmp_path / "file"):
        pass
