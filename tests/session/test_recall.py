"""The memory of a set: what comes back is what was put in, the worst is the worst, and it stays small."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from app.cli.build import oracle, virtual_source
from app.coach.exam import Exam
from app.coach.model import CoachModel
from app.coach.report import ActiveFault, FaultId, FormSample, Hold, Mode, StanceValues, TrunkLine
from app.coach.reps import DrillId, DrillPhase, DrillReport, Rep
from app.coach.types import LANDMARK_COUNT, BodyPose, Frame, Landmark, RunnerProfile
from app.session import Analysis, Session, delay, frame_log
from app.session.frame_log import ROW, FrameLog
from app.session.judging import Task
from app.session.recall import Recall
from app.session.set_record import ROOF, Best, SetKind

NAN = float("nan")
SIZE_PX = (64, 48)


def picture(level):
    return np.full((SIZE_PX[1], SIZE_PX[0], 3), level, np.uint8)


def at(report, t_s, image=None, **changes):
    """One analysed frame; its nose is at (t, 2 t) px so that poses can be told apart."""
    xy_px = np.full((LANDMARK_COUNT, 2), NAN)
    xy_px[Landmark.NOSE] = (t_s % 60.0, 2.0 * t_s % 48.0)
    sample = changes.pop("sample", FormSample(t_s, 9.0, 30.0, 42.0, 0.03, 5.34))
    said = replace(report, t_s=t_s, sample=sample, **changes)
    pose = BodyPose(t_s, xy_px, np.ones(LANDMARK_COUNT), SIZE_PX)
    return Analysis(Frame(round(60 * t_s), t_s, image), pose, said, {})


@pytest.fixture
def recall():
    made = Recall(in_thread=False)
    yield made
    made.close()


@pytest.fixture(scope="module")
def drifting():
    """A set of the virtual runner with his pelvis ahead, remembered, and what the coach came to."""
    recall = Recall(in_thread=False)
    source = virtual_source("pelvis_drift", seconds=18.0, render=False)
    session = Session(source, oracle().make, CoachModel(profile=RunnerProfile(178.0)), observers=(recall,))
    while session.step() is not None:
        pass
    return recall.snapshot(session.summary()), session.summary()


# ---- the delayed mirror -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [3.0, 10.0])
def test_the_mirror_shows_the_frame_of_so_many_seconds_ago_with_its_own_picture_and_pose(recall, fakes, seconds):
    for k in range(900):
        recall(at(fakes.report, k / 60.0, picture(k % 250)))
    shown = recall.delayed(seconds)
    assert abs((899 / 60.0 - shown.frame.t_s) - seconds) <= 1 / 60.0 + 1e-9
    assert shown.pose.t_s == shown.frame.t_s
    assert abs(int(shown.frame.image_bgr.mean()) - shown.frame.index % 250) <= 2
    assert shown.frame.image_bgr.flags.writeable is False


@pytest.mark.parametrize(("fps", "least_hz"), [(60.0, 15.0), (30.0, 15.0), (25.0, 20.0), (50.0, 20.0)])
def test_the_mirror_is_smooth(recall, fakes, fps, least_hz):
    for k in range(int(6 * fps)):
        recall(at(fakes.report, k / fps, picture(90)))
    shots_s = [shot.t_s for shot in recall.shots.newest()]
    assert least_hz - 0.3 <= 1.0 / np.mean(np.diff(shots_s)) <= 26.0
    assert np.ptp(np.diff(shots_s)) < 1e-9


def test_before_the_set_has_lasted_that_long_there_is_nothing_to_show(recall, fakes):
    assert recall.delayed(3.0) is None
    for k in range(120):
        recall(at(fakes.report, k / 60.0, picture(90)))
    assert recall.delayed(3.0) is None
    assert recall.delayed(1.0) is not None


def test_landmarks_alone_are_mirrored_too(recall, fakes):
    for k in range(300):
        recall(at(fakes.report, k / 60.0))
    assert recall.delayed(3.0).frame.image_bgr is None


# ---- the packing thread -------------------------------------------------------------------------------------------


def test_pictures_are_packed_beside_the_analysis_and_the_thread_ends(fakes):
    recall = Recall()
    recall(at(fakes.report, 0.0, picture(77)))
    assert recall.shots.settle()
    assert [thread.name for thread in threading.enumerate()].count("recall") == 1
    recall.close()
    recall.close()
    assert "recall" not in [thread.name for thread in threading.enumerate()]
    assert abs(int(recall.delayed(0.0).frame.image_bgr.mean()) - 77) <= 2
    recall(at(fakes.report, 1.0, picture(77)))  # after the end: no picture, and no new thread
    assert "recall" not in [thread.name for thread in threading.enumerate()]


def test_a_busy_packer_is_never_waited_for(fakes, monkeypatch):
    may_pack = threading.Event()

    def slow(image, width_px):
        assert may_pack.wait(10.0)
        return b"\xff"

    monkeypatch.setattr(delay, "pack", slow)
    recall = Recall()
    for k in range(60):
        recall(at(fakes.report, k / 20.0, picture(90)))
    assert recall.shots.left_out >= 60 - delay.MOST_WAITING - 1
    assert recall.delayed(1.0) is None
    may_pack.set()
    recall.close()


def test_a_wide_picture_is_made_small_and_a_small_one_left():
    for width, kept in ((1280, 640), (320, 320)):
        shot = delay.Shot(at_image(np.full((width // 2, width, 3), 128, np.uint8)))
        shot.jpeg = delay.pack(shot_image := np.full((width // 2, width, 3), 128, np.uint8))
        assert shot.shown().frame.image_bgr.shape == (kept // 2, kept, 3)
        assert len(shot.jpeg) < shot_image.nbytes / 20


def at_image(image):
    pose = BodyPose.nobody(0.0, SIZE_PX)
    return Analysis(Frame(0, 0.0, image), pose, None, {})


# ---- memory -------------------------------------------------------------------------------------------------------


def test_an_hour_stays_within_its_memory(fakes):
    by_time, by_bytes = Recall(in_thread=False), Recall(width_px=64, most_bytes=10_000, in_thread=False)
    worst = 0
    for k in range(3600):
        frame = at(fakes.report, float(k), picture(90), step=replace(fakes.step, t_s=float(k)))
        by_bytes(frame)
        worst = max(worst, by_bytes.shots.bytes)
        if k > 3500:
            by_time(frame)
    size = len(by_bytes.shots.newest()[-1].jpeg)
    assert worst <= 10_000 + size
    assert len(by_bytes.shots.newest()) == 10_000 // size
    assert by_bytes.shots.bytes == sum(len(shot.jpeg) for shot in by_bytes.shots.newest())
    assert [shot.t_s for shot in by_time.shots.newest()] == [float(k) for k in range(3539, 3600)]
    assert len(by_bytes.snapshot().steps) == 3600
    assert ROW.itemsize * 60 * 3600 <= 60e6


def test_what_is_too_long_is_kept_more_thinly(fakes, monkeypatch):
    monkeypatch.setattr(frame_log, "BLOCK_FRAMES", 8)
    monkeypatch.setattr(frame_log, "MOST_BLOCKS", 4)
    log = FrameLog()
    for k in range(1000):
        log.add(at(fakes.report, k / 60.0))
    frames = log.frames()
    assert len(frames) <= 8 * 5
    assert np.all(np.diff(frames.times_s) > 0.0)
    assert frames.times_s[0] <= 1 / 60.0
    assert frames.times_s[-1] > 900 / 60.0
    assert ROW.itemsize * frame_log.BLOCK_FRAMES * frame_log.MOST_BLOCKS < 60e6


def test_a_snapshot_does_not_change_when_the_set_goes_on(recall, fakes):
    for k in range(100):
        recall(at(fakes.report, k / 60.0, picture(90)))
    record = recall.snapshot()
    for k in range(100, 200):
        recall(at(fakes.report, k / 60.0, picture(90)))
    assert record.duration_s == pytest.approx(99 / 60.0)
    assert len(record.frames) == 100
    recall.clear()
    assert len(recall.snapshot().frames) == 0
    assert len(record.frames) == 100


# ---- frames -------------------------------------------------------------------------------------------------------


def test_a_frame_comes_back_as_it_was(fakes):
    line = TrunkLine(np.array((31.0, 4.0)), np.array((20.0, 40.0)), np.array((NAN, NAN)), 0.021, NAN, 11.5, True, False)
    fault = ActiveFault(FaultId.PELVIS_DRIFT, 4.25, 2.4, "bh_pct", 9)
    log = FrameLog()
    was = at(fakes.report, 2.0, line=line, faults=(fault,), verdict="pelvis_drift", cadence_spm=171.0)
    log.add(was)
    log.add(replace(at(fakes.report, 3.0), pose=BodyPose.nobody(3.0, SIZE_PX)))
    now = log.frames().at(2.1)
    assert (now.frame.index, now.frame.t_s, now.report.verdict) == (120, 2.0, "pelvis_drift")
    np.testing.assert_allclose(now.pose.xy_px, was.pose.xy_px, atol=0.003)
    np.testing.assert_allclose(now.report.line.foot_px, line.foot_px, atol=0.003)
    assert np.isnan(now.report.line.hip_px).all()
    assert now.report.line.judged
    assert not now.report.line.good
    assert now.report.line.hip_offset_bh == pytest.approx(0.021, rel=1e-3)
    assert now.report.faults[0].id is FaultId.PELVIS_DRIFT
    assert now.report.sample.knee_flexion_deg == 42.0
    assert now.report.tunnel is None
    assert not log.frames().at(9.0).pose.seen


def test_where_there_are_pictures_one_steps_by_pictures_else_by_frames(fakes):
    recall = Recall(in_thread=False, kept_s=1.0)
    for k in range(240):
        recall(at(fakes.report, k / 60.0, picture(90)))
    record = recall.snapshot()
    early, late = 1.0, record.shots[-1].t_s
    assert record.frame_at(early).frame.image_bgr is None
    assert record.frame_at(late).frame.image_bgr is not None
    assert record.next_s(early) == pytest.approx(early + 1 / 60.0)
    assert record.next_s(early, -1) == pytest.approx(early - 1 / 60.0)
    assert record.next_s(late, -1) == pytest.approx(record.shots[-2].t_s)
    assert record.next_s(late) == late
    assert record.next_s(record.first_s, -5) == record.first_s


# ---- steps, moments and cues of a real coach ----------------------------------------------------------------------


def test_the_worst_moment_is_the_step_furthest_past_the_threshold(drifting):
    record, _ = drifting
    worst = record.moments_of(Best.WORST)[0]
    excesses = {mark.number: mark.excess for mark in record.steps if mark.verdict == "pelvis_drift"}
    furthest = record.steps[max(excesses, key=excesses.__getitem__) - 1]
    assert record.main_fault() == worst.about == "pelvis_drift"
    assert worst.excess == pytest.approx(furthest.excess)
    assert furthest.step.t_s <= worst.t_s <= furthest.end_s
    assert worst.value - worst.threshold == pytest.approx(worst.excess)
    assert abs(worst.t_s - furthest.step.push_off_s) < 0.05
    assert record.picture_of(worst).frame.t_s == worst.t_s


def test_the_worst_moments_are_of_each_fault_in_turn_and_apart(drifting):
    record, _ = drifting
    worst = record.moments_of(Best.WORST)
    assert [moment.about for moment in worst] == ["pelvis_drift", ROOF, "pelvis_drift"]
    times_s = sorted(moment.t_s for moment in worst)
    assert min(np.diff(times_s)) >= 1.0


def test_the_steps_are_those_of_the_coach(drifting):
    record, summary = drifting
    assert [mark.step.t_s for mark in record.steps] == [step.t_s for step in summary.steps]
    assert [mark.number for mark in record.steps] == list(range(1, len(summary.steps) + 1))
    fault = summary.faults[0]
    assert record.fault_counts()[fault.id.value] == fault.n_steps


def test_a_cue_knows_its_steps(drifting):
    record, _ = drifting
    mark = next(mark for mark in record.cues if mark.cue.because == "pelvis_drift")
    numbers = tuple(step.number for step in record.steps if step.step.t_s in mark.steps_s)
    assert numbers == mark.cue.steps
    assert mark.values == mark.cue.values


def test_every_step_without_a_cue_says_why(drifting):
    record, _ = drifting
    silent = [mark for mark in record.steps if mark.verdict == "pelvis_drift" and mark.unsaid]
    assert any("too soon after the last words" in mark.unsaid for mark in silent)


def test_good_running_has_its_best_and_nothing_worse():
    recall = Recall(in_thread=False)
    session = Session(
        virtual_source("good", seconds=12.0, render=False), oracle().make, CoachModel(), observers=(recall,)
    )
    while session.step() is not None:
        pass
    record = recall.snapshot(session.summary())
    assert record.main_fault() == ""
    assert not record.moments_of(Best.WORST)
    best = record.moments_of(Best.BEST)
    assert len(best) == 3
    assert best[0].excess >= best[1].excess >= best[2].excess > 0.0
    assert np.isnan(record.height_cm)


# ---- stances, drills ----------------------------------------------------------------------------------------------


def test_holds_are_kept_as_they_ended_and_the_worst_is_the_furthest_off(recall, fakes):
    values = StanceValues(11.0, 12.0, 0.0, 40.0, 20.0, 5.0, 10.0, 3.0, 0.5, 25.0)
    wants = ((1.0, "good", 0.0), (5.0, "pelvis_drift", 3.5), (9.0, "pelvis_drift", 6.0), (13.0, "good", 0.0))
    for k in range(16 * 20):
        t_s = 0.05 * k
        hold = next(
            (
                Hold(start_s, t_s, verdict, replace(values, d_h_bh_pct=d_h))
                for start_s, verdict, d_h in wants
                if start_s <= t_s < start_s + 2.5
            ),
            None,
        )
        recall(at(fakes.report, t_s, hold=hold))
    record = recall.snapshot()
    assert record.kind is SetKind.STANCE
    assert [mark.hold.verdict for mark in record.holds] == [verdict for _, verdict, _ in wants]
    assert [moment.value for moment in record.moments_of(Best.WORST)] == [6.0, 3.5]
    assert len(record.moments_of(Best.BEST)) == 2
    assert record.frame_at(9.5).report.hold is not None


def test_repetitions_are_kept_and_half_ones_are_the_worst(recall, fakes):
    reps = (
        Rep(1, 1.0, 2.0, 50.0, None, True, "good", ("depth", "sit")),
        Rep(2, 3.0, 4.0, 12.0, None, False, "half", (), "Hips further back"),
        Rep(3, 5.0, 6.0, 48.0, None, True, "sit", ("depth",), "Hips back, don't sit down"),
    )
    for k in range(140):
        t_s = 0.05 * k
        new = next((rep for rep in reps if abs(rep.end_s - t_s) < 0.01), None)
        phase = DrillPhase.ARMED
        drill = DrillReport(DrillId.HINGE, phase, 0, 0.0, 0.0, new, new is not None, 1, 1, 8, 0.0, (), "")
        recall(at(fakes.report, t_s, drill=drill))
    record = recall.snapshot()
    assert (record.kind, record.drill) == (SetKind.DRILL, DrillId.HINGE)
    assert [rep.number for rep in record.reps] == [1, 2, 3]
    assert [(moment.number, moment.words) for moment in record.moments_of(Best.WORST)] == [
        (2, "Hips further back"),
        (3, "Hips back, don't sit down"),
    ]
    assert [moment.number for moment in record.moments_of(Best.BEST)] == [1]


def test_a_set_of_a_moment_is_too_short(recall, fakes):
    assert recall.snapshot().too_short
    for k in range(60):
        recall(at(fakes.report, k / 60.0))
    assert recall.snapshot().too_short
    for k in range(60, 240):
        recall(at(fakes.report, k / 60.0))
    record = recall.snapshot()
    assert not record.too_short
    assert record.kind is SetKind.NOTHING
    assert record.unjudged[0][0] == "too few steps"


def test_a_long_step_is_shown_where_the_foot_is_furthest_ahead():
    recall = Recall(in_thread=False)
    session = Session(
        virtual_source("overstride", seconds=14.0, render=False), oracle().make, CoachModel(), observers=(recall,)
    )
    while session.step() is not None:
        pass
    record = recall.snapshot(session.summary())
    worst = record.moments_of(Best.WORST)[0]
    assert worst.about == "overstride"

    def reach_px(t_s):
        pose = record.frames.at(t_s).pose
        ankles = max(pose[Landmark.LEFT_ANKLE][0], pose[Landmark.RIGHT_ANKLE][0])
        return ankles - (pose[Landmark.LEFT_HIP][0] + pose[Landmark.RIGHT_HIP][0]) / 2.0

    furthest = max(reach_px(t_s) for t_s in np.arange(worst.start_s, worst.end_s, 1 / 60.0))
    assert reach_px(worst.t_s) > 0.97 * furthest


def test_what_was_wrong_on_purpose_in_the_exam_is_told_so():
    recall = Recall(in_thread=False)
    coach = CoachModel(Mode.STANCE, RunnerProfile(178.0))
    source = virtual_source("exam", seconds=46.0, fps=20.0, render=False)
    session = Session(source, oracle().make, coach, observers=(recall,))
    session.turn_to(lambda present: Task(present, exam=Exam(present.rules)))
    while session.step() is not None:
        pass
    record = recall.snapshot(session.summary())
    assert [(mark.hold.verdict, mark.on_purpose) for mark in record.holds] == [
        ("good", False),
        ("good", False),
        ("pelvis_drift", True),
        ("good", False),
        ("hip_squeeze", True),
    ]
    assert record.main_fault() == ""
    assert [moment.about for moment in record.moments_of(Best.BEST)] == ["passed", "passed", "good"]
    assert all(moment.on_purpose for moment in record.moments_of(Best.WORST))
    assert any(mark.cue.id == "exam_hold" for mark in record.cues)


def test_steps_of_a_stretch(drifting):
    record, _ = drifting
    ends_s = [mark.end_s for mark in record.steps]
    assert record.steps_between(ends_s[3], ends_s[6]) == record.steps[4:7]
    assert record.steps_between(ends_s[-1], 1e9) == ()
