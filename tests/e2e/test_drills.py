"""Drills from the command line: a landmark file counted to its end, and what is wrong with the question."""

from __future__ import annotations

import json

import pytest

from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene


@pytest.fixture
def hinge_trc(tmp_path):
    """The hinge act as a landmark file: 3 s of standing, then one repetition each 3.2 s."""
    from app.capture.virtual import VirtualSource
    from app.coach.types import Landmark

    names = {Landmark.NOSE: "Nose", Landmark.LEFT_EAR: "LEar", Landmark.RIGHT_EAR: "REar"}
    for side in ("LEFT", "RIGHT"):
        for part in ("Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle", "Heel"):
            names[Landmark[f"{side}_{part.upper()}"]] = f"{side[0]}{part}"
        names[Landmark[f"{side}_TOE"]] = f"{side[0]}BigToe"
    scene, camera = VirtualScene(RunnerParams(act=Act.DRILL_HINGE), Camera.framing()), Camera.framing()
    source = VirtualSource(scene, 30.0, 13.0, render=False)
    source.open()
    rows = []
    while (frame := source.read()) is not None:
        xy = frame.landmarks.xy_px * camera.distance_m / camera.focal
        cells = [f"{value:.6f}" for mark in names for value in (xy[mark, 0], 3.0 - xy[mark, 1], 0.0)]
        rows.append("\t".join([str(frame.index + 1), f"{frame.t_s:.6f}", *cells]))
    axes = "\t".join(f"{axis}{n}" for n in range(1, len(names) + 1) for axis in "XYZ")
    head = [
        "PathFileType\t4\t(X/Y/Z)\tdrill.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"30\t30\t{len(rows)}\t{len(names)}\tm\t30\t1\t{len(rows)}",
        "Frame#\tTime\t" + "\t\t\t".join(names.values()) + "\t\t",
        "\t\t" + axes,
        "",
    ]
    path = tmp_path / "drill.trc"
    path.write_text("\n".join([*head, *rows, ""]), encoding="utf-8")
    return path


def test_a_landmark_file_is_counted_to_its_end(cli, tmp_path, hinge_trc):
    out = tmp_path / "out.json"
    answer = cli("analyze", hinge_trc, "--drill", "hinge", "--height-cm", "178", "--json", out)
    assert answer.code == 0, answer.err
    result = json.loads(out.read_text(encoding="utf-8"))
    drill = result["drill"]
    assert result["mode"] == "stance"
    assert (drill["counted"], drill["good"], drill["target"]) == (3, 3, None)
    first = drill["reps"][0]
    assert first["depth"] == pytest.approx(66.0, abs=2.0)
    assert first["tempo"]["down_s"] == pytest.approx(1.0, abs=0.2)
    assert first["counted"]
    assert "3 counted, 3 good" in answer.out


def test_a_drill_needs_its_name(cli, hinge_trc):
    assert "--mode drill needs the drill: --drill hinge" in cli("analyze", hinge_trc, "--mode", "drill").error_line
    assert "use one of hinge" in cli("analyze", hinge_trc, "--drill", "squats").error_line
    assert "not with --mode run" in cli("analyze", hinge_trc, "--drill", "hinge", "--mode", "run").error_line
