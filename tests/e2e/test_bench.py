"""The bench: its figures from events of known times, its parts on a tiny loop without a network, its command."""

from __future__ import annotations

import json
import runpy
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from app.cli import bench as bench_command
from app.cli.bench_watch import watched_network
from app.coach.errors import WorldError
from app.coach.types import Frame
from app.pose.estimator import OracleEstimator
from app.session import switching
from app.store.history import History
from app.validation import (
    bench_changes,
    bench_clip,
    bench_document,
    bench_long,
    bench_marks,
    bench_memory,
    bench_parts,
    bench_sizes,
    bench_stored,
)
from app.validation.bench_bare import NoNetwork, loop_fps

ROOT = Path(__file__).parents[2]
SIZE_PX, FPS = (192, 108), 30.0


@pytest.fixture(scope="module")
def clip():
    return bench_clip.draw_clip(SIZE_PX, FPS, most_strides=1)


@pytest.fixture
def bench(clip, monkeypatch):
    """A bench whose parts take a fraction of a second."""
    monkeypatch.setattr(bench_parts, "WARM_UP_S", 0.1)
    lengths = bench_parts.Lengths(live_s=0.4, bare_s=0.02, clip_s=0.5, rounds=1, starts=1)
    return bench_parts.Bench(
        clip, lengths, OracleEstimator, OracleEstimator, NoNetwork, bench_memory.MemoryLog(every=10)
    )


# ---- figures --------------------------------------------------------------------------------------------------------


def analysis(index, captured_s, **took_ms):
    return SimpleNamespace(frame=SimpleNamespace(index=index, t_s=captured_s), timings_ms=took_ms)


def test_stages_of_frames_whose_times_are_known():
    now_s = [0.0]
    marks = bench_marks.LiveMarks(clock=lambda: now_s[0])
    for k in range(10):  # every 20 ms; ready after 30 ms, taken 5 ms and painted 12 ms later, every other one
        now_s[0] = 0.02 * k + 0.03
        marks(analysis(k, 0.02 * k, age=4.0, pose=24.0, coach=1.0, total=29.0))
        if k % 2 == 0:
            marks.taken.add(k, now_s[0] + 0.005)
            marks.painted.add(k, now_s[0] + 0.012, 6.0)
            marks.painted.add(k, now_s[0] + 0.9, 6.0)  # again, for another reason
    network = bench_marks.Rows("at_s", "took_ms")
    for k in range(10):  # done 3 ms before the report
        network.add(0.02 * k + 0.027, 18.0)
    found = bench_marks.stage_figures(marks, [(0.0, 0.15)], network)
    assert marks.first.is_set()
    assert (found["network"]["p50"], found["network"]["n"]) == (18.0, 7)
    assert found["refine"]["p95"] == 6.0
    assert found["captured_to_read"]["p50"] == 1.0
    assert found["pose"] == {"p50": 24.0, "p95": 24.0, "p99": 24.0, "max": 24.0, "n": 7}
    assert (found["captured_to_ready"]["p50"], found["captured_to_ready"]["max"]) == (30.0, 30.0)
    assert found["ready_to_taken"]["p95"] == 5.0
    assert (found["captured_to_painted"]["p50"], found["captured_to_painted"]["n"]) == (42.0, 4)
    assert (found["taken_to_painted"]["max"], found["paint"]["p50"]) == (7.0, 6.0)
    assert "overlay" not in found


def test_rates_count_only_what_lies_in_the_spans():
    times_s = np.concatenate([np.arange(0.0, 1.001, 0.05), np.arange(2.0, 3.001, 0.1), [9.0, 9.001]])
    assert bench_marks.rate_hz(times_s, [(0.0, 1.01)]) == pytest.approx(20.0)
    assert bench_marks.rate_hz(times_s, [(0.0, 1.01), (1.99, 3.01)]) == pytest.approx(15.0)
    assert np.isnan(bench_marks.rate_hz(times_s, [(5.0, 6.0)]))


def test_each_sound_answers_the_oldest_decision_of_its_kind():
    decided = [(1.0, "bump"), (1.3, "bump"), (1.4, "hips"), (5.0, "hips")]
    played = [(1.31, "bump"), (1.05, "bump"), (1.1, "countdown"), (1.418, "hips"), (9.0, "hips")]
    delays = bench_marks.sound_delays(decided, played)
    assert delays[:, 0].tolist() == [1.0, 1.3, 1.4]
    assert delays[:, 1] == pytest.approx([0.05, 0.01, 0.018])
    assert bench_marks.sound_delays([], played).shape == (0, 2)


def test_a_stall_is_what_a_beat_comes_late_and_tells_what_was_done():
    gaps_s = [0.005] * 100 + [0.125] + [0.005] * 100 + [0.065] + [0.005] * 100
    beats_s = 50.0 + np.concatenate([[0.0], np.cumsum(gaps_s)])
    doings = [(50.49, "theme light"), (60.0, "later")]
    found = bench_marks.stall_figures(beats_s, 0.005, [(50.0, 53.0)], doings)
    assert (found["over_50_ms"], found["over_100_ms"]) == (2, 1)
    assert found["late_ms"]["max"] == pytest.approx(120.0)
    assert found["late_ms"]["p50"] == pytest.approx(0.0)
    longest, second = found["longest"][:2]
    assert (longest["late_ms"], longest["at_s"], longest["doing"]) == (120.0, 0.5, "theme light")
    assert (second["late_ms"], second["doing"]) == (60.0, "")
    assert found["by_doing"] == [
        {"doing": "theme light", "longest_ms": 120.0, "over_50_ms": 1, "over_100_ms": 1},
        {"doing": "", "longest_ms": 60.0, "over_50_ms": 1, "over_100_ms": 0},
    ]
    quiet = bench_marks.stall_figures(beats_s, 0.005, [(50.702, 51.004)])
    assert (quiet["over_50_ms"], quiet["late_ms"]["n"]) == (0, 60)
    assert bench_marks.stall_figures(np.zeros(0), 0.005, [(0.0, 1.0)])["late_ms"]["max"] is None


def test_memory_is_told_by_frames():
    sizes_mb = iter([100.0, 150.0, 160.0, 120.0])
    log = bench_memory.MemoryLog(lambda: next(sizes_mb), every=2)
    for _ in range(5):
        log(None)
    assert log.figures(40_000_000) == {
        "clip_mb": 40.0, "at_start_mb": 100.0, "by_frames_mb": {"2": 150.0, "4": 160.0},
        "after_1000_frames_mb": 150.0, "grown_since_mb": 10.0, "frames": 5, "at_end_mb": 120.0,
    }  # fmt: skip
    if sys.platform.startswith("linux"):
        assert bench_memory.resident_mb() > 20.0


# ---- the clip and what looks at it ----------------------------------------------------------------------------------


def test_the_strides_close_without_a_seam(clip):
    """The step over the seam is as long as the steps around it: the runner is in the same phase again."""
    xy_px = np.array([pose.xy_px for _, pose in clip.running])
    steps_px = np.abs(np.diff(np.concatenate([xy_px, xy_px[:1]]), axis=0)).mean(axis=(1, 2))
    usual_px = np.median(steps_px)
    assert steps_px[-1] == pytest.approx((steps_px[-2] + steps_px[0]) / 2, rel=0.2)
    assert usual_px > 0.5
    assert clip.strides == 1
    assert clip.size_px == SIZE_PX
    assert len(clip.pictures) == 1 + len(clip.running)
    assert clip.bytes == len(clip.pictures) * 3 * SIZE_PX[0] * SIZE_PX[1]


def test_strides_are_whole_frames_as_far_as_the_memory_goes():
    assert bench_clip.strides_that_fit(0.7, 60.0, (1280, 720)) == 3  # 42 frames each: four would be 467 MB
    assert bench_clip.strides_that_fit(0.7, 60.0, (640, 360)) == 4
    assert bench_clip.strides_that_fit(0.675, 60.0, (640, 360)) == 4  # 40.5 frames: an even number
    with pytest.raises(WorldError, match=r"--size 3840x2160 at 60 fps: .* choose a smaller size"):
        bench_clip.strides_that_fit(0.7, 60.0, (3840, 2160))


def test_the_bare_loop_copies_every_picture_and_leaves_out_the_first():
    seen, now_s = [], [0.0]

    def detect(image):
        seen.append(image)
        now_s[0] += 5.0 if len(seen) == 1 else 0.1

    images = [np.full((16, 16, 3), n, np.uint8) for n in range(3)]
    fps = loop_fps(SimpleNamespace(detect=detect), images, 0.95, lambda: now_s[0])
    assert fps == pytest.approx(10.0)
    assert [int(image[0, 0, 0]) for image in seen] == [0, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    assert not any(np.shares_memory(image, other) for image in seen for other in images)


def test_a_slowed_network_takes_its_time_and_no_more():
    now_s, waited_s = [0.0], []

    def work(_frame):
        now_s[0] += took_s
        return "found"

    slow = bench_parts.Slowed(SimpleNamespace(estimate=work), 100.0, lambda: now_s[0], waited_s.append)
    took_s = 0.03
    assert slow.estimate(None) == "found"
    took_s = 0.14
    slow.estimate(None)
    assert waited_s == pytest.approx([0.07])


# ---- parts ----------------------------------------------------------------------------------------------------------


def test_analyze_and_live_without_a_window_stand_beside_their_bare_loops(bench):
    analyzed, live = bench_parts.analyze_part(bench), bench_parts.headless_part(bench)
    assert analyzed["frames"] == 15
    assert analyzed["ratio"] == pytest.approx(analyzed["fps"] / analyzed["bare_fps"], rel=0.01)
    # The oracle keeps up with the camera, and no bare loop can be faster than that.
    assert live["fps"] == pytest.approx(FPS, rel=0.2)
    assert live["ratio"] == pytest.approx(live["fps"] / FPS, abs=0.002)
    assert live["bare_fps"] > FPS
    assert live["stages_ms"]["total"]["n"] >= 6
    assert bench.memory.frames >= 15 + 6


def test_under_overload_frames_wait_for_less_than_a_frame_and_do_not_grow_old(bench, monkeypatch):
    monkeypatch.setattr(bench_parts, "OVERLOAD_MS", 60.0)
    found = bench_parts.overload_part(bench)
    assert found["stages_ms"]["pose"]["p50"] >= 60.0
    assert found["fps"] < 17.0
    # A queue of 30 frames a second would have grown by some ten frames in this time.
    assert found["waits_frames"] < 2.0
    assert abs(found["grown_frames"]) < 2.0


def test_every_size_is_seen_by_both_and_keeps_the_shape(bench):
    seen = {"ours": [], "bare": []}

    class Looks(OracleEstimator):
        def estimate(self, frame):
            seen["ours"].append(frame.image_bgr.shape)
            return None

    class Bare(NoNetwork):
        def detect(self, image_bgr):
            seen["bare"].append(image_bgr.shape)

    watched = bench_parts.Bench(bench.clip, bench.lengths, Looks, Looks, Bare, bench.memory)
    found = bench_sizes.sizes_part(watched, (54, 216))["sizes"]
    assert [row["size_px"] for row in found] == [[96, 54], [384, 216]]
    rounds = 2 * bench_sizes.FRAMES_A_ROUND  # one warms up
    assert seen["ours"] == seen["bare"] == [(54, 96, 3)] * rounds + [(216, 384, 3)] * rounds
    assert all(0.0 <= row["pose_ms"] < 100.0 for row in found)


def test_a_fault_of_the_session_ends_the_part(bench):
    def broken():
        raise WorldError("the model is gone: fetch it.")

    broken_bench = bench_parts.Bench(bench.clip, bench.lengths, broken, broken, NoNetwork, bench.memory)
    with pytest.raises(WorldError, match="the model is gone"):
        bench_parts.headless_part(broken_bench)


@pytest.mark.gui
def test_the_window_is_led_through_its_screens_without_a_warning(bench, qapp, monkeypatch):
    window = import_module("app.cli.bench_window")
    monkeypatch.setattr(window, "WARM_UP_S", 0.1)
    all_stops, led = window.tour_of, []

    def few(shown):
        stops = all_stops(shown)
        led.extend(name for name, _ in stops)
        return [stop for stop in stops if stop[0] in ("screen settings", "screen run", "mirror")]

    monkeypatch.setattr(window, "tour_of", few)
    recorded = []
    extras = SimpleNamespace(others=lambda: None, records=lambda choice, folder: recorded.append((choice, folder)))
    found = window.window_part(bench, extras)
    assert [(choice.kind, folder.exists()) for choice, folder in recorded] == [("virtual", False)]  # all is tidied up
    assert found["qt_warnings"] == {"count": 0, "texts": []}
    assert {"screen setup", "screen review", "screen about", "theme light", "theme dark", "other layout"} <= set(led)
    assert led.count("mirror") == led.count("other layout") == 2  # it ends as it began
    assert found["changes"] == 5
    assert found["seconds"] >= 0.35
    assert found["stages_ms"]["ready_to_taken"]["n"] >= 1
    assert found["stages_ms"]["captured_to_painted"]["p50"] > found["stages_ms"]["paint"]["p50"] > 0.0
    assert found["painted_beyond_pose_ms"] > 0.0
    beats = {name: stalls["late_ms"]["n"] for name, stalls in found["stalls"].items()}
    assert set(beats) == {"all", "steady", "tour", "start"}
    # A busy machine leaves no beat in a third of a second.
    assert beats["all"] >= max(beats["steady"] + beats["tour"], 1)


@pytest.mark.gui
def test_what_leaves_a_slot_and_what_qt_warns_of_is_told(qapp):
    window = import_module("app.cli.bench_window")
    from PySide6.QtCore import QEventLoop, QTimer, qWarning

    loop, failed = QEventLoop(), []

    def broken():
        qWarning("first")
        qWarning("This plugin does not support propagateSizeHints()")
        qWarning("first")
        raise ValueError("a slot broke")

    def take(error):
        failed.append(error)
        loop.quit()

    QTimer.singleShot(0, broken)
    with window.QtWarnings() as warnings, window._errors_to(take):
        loop.exec()
    assert [str(error) for error in failed] == ["a slot broke"]
    assert warnings.figures() == {"count": 2, "texts": ["first"]}


@pytest.mark.gui
def test_every_round_is_steady_first_and_then_goes_through_all_stops(qapp):
    window = import_module("app.cli.bench_window")
    doings, steady, tour = window.script([("one", None), ("two", None)], 100.0, 120.0)
    assert [(at_s, what) for at_s, what, _ in doings] == [
        (140.0, "one"), (149.75, "two"), (200.0, "one"), (209.75, "two"),
    ]  # fmt: skip
    assert steady == [(100.0, 140.0), (160.0, 200.0)]
    assert tour == [(140.0, 160.0), (200.0, 220.0)]


# ---- document and command -------------------------------------------------------------------------------------------


def test_targets_are_judged_and_what_was_not_run_is_left_out():
    stages = {"overlay": {"p50": 1.0, "p95": 4.5}}
    parts = {
        "analyze": {"fps": 50.0, "bare_fps": 40.0, "ratio": 1.25},
        "window": {
            "fps": 30.0, "bare_fps": 40.0, "ratio": 0.75, "stages_ms": stages, "painted_beyond_pose_ms": 40.0,
            "painted_fps": 29.0, "sound_ms": {"p50": None, "p95": None, "max": None, "n": 0}, "stalls": {},
            "qt_warnings": {"count": 0},
        },
    }  # fmt: skip
    memory = bench_memory.MemoryLog(lambda: 1.0).figures(0)
    asked = {"quick": False, "oracle": False, "live_s": 20.0}
    clip = {"size_px": [1280, 720], "fps": 60.0, "pictures": 127, "strides": 3}
    content = bench_document.document(
        asked, {"version": "1", "model": "full", "engine": "litert"}, clip, parts, memory
    )  # fmt: skip
    judged = {row["quantity"].split(",")[0]: row["met"] for row in content["targets"]}
    assert judged == {
        "analyze": True, "live in the window": False, "drawing over the picture": False, "captured to painted": True,
        "a cue or roof hit decided to its sound asked for": None, "stalls of the window over 100 ms": None,
        "warnings of Qt": True,
    }  # fmt: skip
    text = bench_document.markdown(content)
    assert "| live in the window, of the bare loop | 0.75 | >= 0.9 | NO |" in text
    assert "| a clip analyzed | 50.0 | 40.0 | 1.250 |" in text
    page = runpy.run_path(str(ROOT / "docs" / "make_performance.py"))
    assert text in page["page"](content)


def test_the_page_of_performance_is_fresh():
    data, text = ROOT / "docs" / "performance.json", ROOT / "docs" / "performance.md"
    if not data.exists():
        pytest.skip("docs/performance.json is not there: no bench was published yet")
    made = runpy.run_path(str(ROOT / "docs" / "make_performance.py"))["page"]
    stale = "docs/performance.md is stale: run python -m docs.make_performance"
    assert made(json.loads(data.read_text(encoding="utf-8"))) == text.read_text(encoding="utf-8"), stale


def test_the_command_writes_json_and_markdown_and_starts_the_app(cli, tmp_path):
    to = {"--json": tmp_path / "bench.json", "--markdown": tmp_path / "bench.md"}
    options = [word for pair in to.items() for word in pair]
    answer = cli("bench", "--quick", "--oracle", "--size", "192x108", "--fps", "30", "--only", "start", *options)
    assert answer.code == 0, answer.err
    content = json.loads(to["--json"].read_text())
    assert content["schema"] == "hingecoach.bench/1"
    assert list(content["parts"]) == ["start"]
    start = content["parts"]["start"]
    assert 0.1 < start["window_s"] < start["first_frame_s"] < 60.0
    assert content["clip"]["pictures"] == pytest.approx(22, abs=1)
    assert "| process begun to window painted |" in to["--markdown"].read_text()
    assert "process begun to window painted" in answer.out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["--only", "speed"],
            "no part is called 'speed'; there are analyze, headless, window, overload, sizes, ",
        ),
        (["--seconds", "0"], "--seconds 0 is no length"),
        (["--oracle", "--size", "3840x2160"], "choose a smaller size or rate"),
        (["--markdown", "same", "--json", "same"], "would both write same"),
        (["--markdown", "no/such/folder/x.md"], "no/such/folder"),
    ],
)
def test_what_cannot_be_is_one_line(cli, words, line):
    answer = cli("bench", *words)
    assert answer.code == 2
    assert line in answer.err.splitlines()[-1]
    assert "Traceback" not in answer.err


def test_costs_of_the_history_are_told_for_each_number_of_sessions():
    found = bench_stored.stored_part((1, 3), session_s=8.0)["stored"]
    assert [row["sessions"] for row in found] == [1, 3]
    for row in found:
        assert all(row[key] > 0.0 for key in ("open_ms", "list_ms", "one_ms", "trend_point_ms", "begin_ms"))


def test_copies_of_a_session_are_sessions(tmp_path):
    poses = bench_stored._poses(8.0)
    bench_stored._record(tmp_path, poses)
    bench_stored._copy_until(tmp_path, 3)
    with History(tmp_path) as history:
        rows = history.sessions()
        assert len({row.id for row in rows}) == 3
        assert len({(row.steps, row.frames) for row in rows}) == 1
        assert rows[0].steps >= 5
        assert [len(history.steps(row.id)) for row in rows] == [rows[0].steps] * 3
        assert [sum(1 for _ in history.frames(row.id)) for row in rows] == [len(poses)] * 3


def test_memory_is_told_for_rising_numbers_of_frames(bench):
    held_mb = iter([500.0, 530.0])
    counted = replace(bench, lengths=replace(bench.lengths, frames=1100))
    found = bench_long.memory_part(counted, lambda: next(held_mb))
    assert found == {"frames": 1100, "by_frames_mb": {"1000": 500.0, "1100": 530.0}, "grown_mb": 30.0}


def test_the_long_part_is_only_run_when_it_is_named():
    assert bench_command._parts(["memory"]) == ("memory",)
    assert "memory" not in bench_command._parts(None)
    assert "stored" in bench_command._parts(None)


def test_a_change_is_measured_both_ways_in_turns():
    order = []
    values = {"before": iter([10.0, 30.0, 20.0]), "after": iter([1.0, 2.0, 9.0])}

    def measure(which):
        order.append(which)
        return next(values[which])

    found = bench_changes.change("x", "ms", lambda: measure("before"), lambda: measure("after"), 3)
    assert order == ["before", "after"] * 3
    assert found == {"what": "x", "unit": "ms", "before": 20.0, "after": 2.0}


def test_changes_that_need_no_network(bench):
    found = bench_changes.changes_part(bench, None, lambda _: pytest.fail("no window without a network"))
    assert [row["unit"] for row in found["changes"]] == ["frames/s", "frames/s", "ms"]
    assert all(row["before"] > 0.0 and row["after"] > 0.0 for row in found["changes"])
    assert switching.QUICK_S == 0.0002


def test_the_window_is_measured_with_all_workers_and_with_those_it_gets(bench):
    asked = []

    def window_of(one):
        asked.append(one.make_live)
        return {"fps": 10.0 * len(asked), "stages_ms": {"overlay": {"p95": 1.0}, "captured_to_painted": {}}}

    apart = replace(bench, make_estimator=lambda: "all", make_live=lambda: "one")
    rows = bench_changes._workers(apart, window_of)
    assert [make() for make in asked] == ["all", "one"]
    assert (rows[0]["before"], rows[0]["after"]) == (10.0, 20.0)
    assert rows[2]["after"] is None


def test_a_watched_network_tells_when_it_was_done_and_finds_the_same(clip):
    rows = bench_marks.Rows("at_s", "took_ms")
    frame = Frame(0, 0.0, *clip.pictures[1])
    with watched_network(OracleEstimator, rows):
        assert OracleEstimator().estimate(frame).pose is clip.pictures[1][1]
    OracleEstimator().estimate(frame)
    assert len(rows) == 1
    assert 0.0 <= rows.column("took_ms")[0] < 1e3
