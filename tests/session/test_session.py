"""The running session with scripted rooms below it: threads, drops, life cycle, counters, requests."""

import math
import sys
import threading
from contextlib import nullcontext
from dataclasses import replace

import pytest

from app.coach.errors import WorldError
from app.coach.report import Mode
from app.pose.estimator import Tracking
from app.session import EventKind, Phase, Session
from app.session.switching import QUICK_S


def reports_by_stepping(fakes, count):
    session = Session(fakes.Source(count), fakes.Estimator, fakes.Coach(cue_at=4))
    reports = []
    while (analysis := session.step()) is not None:
        reports.append(repr(analysis.report))
    assert session.status().phase is Phase.FINISHED
    return reports


def test_threads_on_a_source_that_is_not_live_give_the_reports_of_steps(fakes):
    seen = []
    coach = fakes.Coach(cue_at=4)
    observers = (lambda analysis: seen.append(analysis),)
    session = Session(fakes.Source(200), fakes.Estimator, coach, observers)
    session.start()
    assert session.wait(fakes.wait_s)
    assert session.stop()
    assert [repr(analysis.report) for analysis in seen] == reports_by_stepping(fakes, 200)
    assert all(analysis.frame.index == analysis.pose.xy_px[0, 0] for analysis in seen)
    status = session.status()
    assert (status.phase, status.frames, status.dropped, status.error) == (Phase.FINISHED, 200, 0, "")
    assert coach.finished == 1
    assert session.last is seen[-1]


def test_a_live_source_gives_the_newest_frame_and_counts_what_it_dropped(fakes):
    source = fakes.Source(live=True, endless=True)
    gate = threading.Semaphore(0)
    estimator = fakes.Estimator(gate)
    session = Session(source, lambda: estimator, fakes.Coach())
    session.start()
    source.let(1)
    assert estimator.entered.acquire(timeout=fakes.wait_s)  # frame 0 is being estimated
    source.let(4)
    for _ in range(6):  # asked for frame 0, 1, 2, 3, 4 and now for 5: frames 1-4 were put
        assert source.handed_out.acquire(timeout=fakes.wait_s)
    gate.release()
    assert estimator.entered.acquire(timeout=fakes.wait_s)
    gate.release()
    source.let(1)
    assert estimator.entered.acquire(timeout=fakes.wait_s)
    gate.release()
    assert estimator.seen == [0, 4, 5]
    assert session.status().dropped == 3
    assert session.stop()


def test_each_room_is_used_in_the_thread_it_belongs_to_and_closed(fakes):
    source, made = fakes.Source(3), []

    def make():
        made.append(fakes.Estimator())
        return made[0]

    session = Session(source, make, fakes.Coach())
    session.start()
    assert session.wait(fakes.wait_s)
    assert (source.opened_in, source.read_in) == ("capture", "capture")
    assert (made[0].made_in, made[0].closed_in) == ("analysis", "analysis")
    assert source.closed.is_set()


def test_requests_are_carried_out_before_the_next_update_in_order(fakes):
    coach = fakes.Coach()
    session = Session(fakes.Source(4), fakes.Estimator, coach)
    session.step()
    session.calibrate()
    session.set_mode(Mode.STANCE)
    session.step()
    assert coach.calls == ["update 0", "calibrate", "mode stance", "update 1"]
    assert session.latest().report.verdict == "stance"
    assert session.summary() == coach.calls


def test_latest_gives_each_analysis_once(fakes):
    session = Session(fakes.Source(3), fakes.Estimator, fakes.Coach())
    assert session.latest() is None
    session.step()
    second = session.step()
    assert session.latest() is second
    assert session.latest() is None
    assert session.last is second


def test_events_are_drained_and_expired_ones_counted(fakes):
    session = Session(fakes.Source(40), fakes.Estimator, fakes.Coach(cue_at=1))
    session.step(), session.step()
    kinds = [event.kind for event in session.events()]
    assert kinds == [EventKind.ACTIVITY, EventKind.STANDING, EventKind.CUE]
    assert session.events() == []
    for _ in range(38):
        session.step()
    steps = [event.t_s for event in session.events()]
    assert steps == pytest.approx([2.9, 3.2, 3.5, 3.8])  # a step's life is 1 s and the newest frame is at 3.9
    assert session.status().expired_events == 9


def test_a_cue_that_was_late_out_of_a_stalled_analysis_is_not_played(fakes):
    for stall_s, kinds in ((0.05, [EventKind.CUE]), (2.5, [])):  # a cue lives for 2 s
        now_s = [100.0]

        class Stalls(fakes.Estimator):
            def estimate(self, frame):
                now_s[0] += stall_s if frame.index == 1 else 0.0  # noqa: B023 - used in this turn of the loop only
                return super().estimate(frame)

        source = fakes.Source(live=True, count=2)
        session = Session(source, Stalls, fakes.Coach(cue_at=1), clock=lambda: now_s[0])  # noqa: B023
        source.let(2)
        session.step(), session.step()
        assert [e.kind for e in session.events() if e.kind is EventKind.CUE] == kinds
        session.stop()


@pytest.mark.parametrize("error", [WorldError("gone"), ValueError("bug")])
@pytest.mark.parametrize("where", ["source", "estimator", "observer", "nowhere"])
def test_the_coach_is_finished_exactly_once_after_any_fault(fakes, error, where):
    def observe(analysis):
        if where == "observer" and analysis.frame.index == 2:
            raise error

    def make():
        coach = fakes.Coach()
        source = fakes.Source(5, fail_at=2 if where == "source" else None, error=error)
        estimator = fakes.Estimator(fail_at=2 if where == "estimator" else None, error=error)
        return Session(source, lambda: estimator, coach, (observe,)), coach

    threaded, coach = make()
    threaded.start()
    assert threaded.wait(fakes.wait_s)
    assert threaded.stop()
    assert coach.finished == 1

    stepped, coach = make()
    with pytest.raises(type(error)) if where != "nowhere" else nullcontext():
        while stepped.step() is not None:
            pass
    stepped.stop()
    assert coach.finished == 1
    assert stepped.status().phase is threaded.status().phase
    assert stepped.status().error == threaded.status().error


def test_a_coach_that_fails_to_finish_is_told(fakes):
    class Broken(fakes.Coach):
        def finish(self):
            raise KeyError("hold")

    threaded = Session(fakes.Source(2), fakes.Estimator, Broken())
    threaded.start()
    assert threaded.wait(fakes.wait_s)
    assert threaded.status().error.startswith("KeyError")
    stepped = Session(fakes.Source(2), fakes.Estimator, Broken())
    stepped.step(), stepped.step()
    with pytest.raises(KeyError, match="hold"):
        stepped.step()
    assert stepped.status().phase is threaded.status().phase is Phase.FAULTED
    assert stepped.step() is None


def faulted(fakes, **broken):
    source = broken.pop("source", None) or fakes.Source(5)
    session = Session(source, broken.pop("make", fakes.Estimator), fakes.Coach(), **broken)
    session.start()
    assert session.wait(fakes.wait_s)
    assert session.stop()
    assert source.closed.is_set()
    status = session.status()
    assert status.phase is Phase.FAULTED
    return session, status


def test_a_camera_that_cannot_be_opened_is_the_worlds_fault_in_one_line(fakes):
    _, status = faulted(fakes, source=fakes.Source(open_error=WorldError("Camera 3 is busy: close Zoom.")))
    assert (status.error, status.error_is_ours) == ("Camera 3 is busy: close Zoom.", False)


def test_a_source_that_breaks_leaves_the_last_good_analysis(fakes):
    session, status = faulted(fakes, source=fakes.Source(5, fail_at=3, error=WorldError("The camera is gone.")))
    assert (status.error, status.error_is_ours, status.frames) == ("The camera is gone.", False, 3)
    assert session.last.frame.index == session.latest().frame.index == 2


def test_a_bug_in_the_estimator_is_told_as_ours_and_the_estimator_closed(fakes):
    estimator = fakes.Estimator(fail_at=2, error=KeyError("hip\nand more"))
    session, status = faulted(fakes, source=fakes.Source(endless=True), make=lambda: estimator)
    assert status.error.startswith("KeyError: ")
    assert "\n" not in status.error
    assert status.error_is_ours
    assert estimator.closed_in == "analysis"
    assert session.last.frame.index == 1


def test_a_model_that_cannot_be_loaded_ends_an_endless_capture(fakes):
    def make():
        raise WorldError("The pose model is missing: run 'hingecoach model fetch'.")

    _, status = faulted(fakes, source=fakes.Source(endless=True), make=make)
    assert status.error.startswith("The pose model is missing")
    live = fakes.Source(live=True, endless=True)  # its read waits for a frame until it is closed
    _, status = faulted(fakes, source=live, make=make)
    assert not status.error_is_ours


def test_an_observer_that_fails_faults_the_session(fakes):
    def full_disk(_):
        raise WorldError("The disk is full.")

    _, status = faulted(fakes, observers=(full_disk,))
    assert status.error == "The disk is full."


def test_stop_ends_a_waiting_capture_and_a_blocked_hand_over(fakes):
    waiting = Session(fakes.Source(live=True, endless=True), fakes.Estimator, fakes.Coach())
    waiting.start()
    assert waiting.stop(fakes.wait_s)
    assert waiting.status().phase is Phase.STOPPED

    gate = threading.Semaphore(0)
    estimator = fakes.Estimator(gate)
    blocked = Session(fakes.Source(endless=True), lambda: estimator, fakes.Coach())
    blocked.start()
    assert estimator.entered.acquire(timeout=fakes.wait_s)
    threading.Timer(0.05, gate.release).start()
    assert blocked.stop(fakes.wait_s)
    assert blocked.status().phase is Phase.STOPPED
    assert blocked.stop()  # again, harmless


def test_stop_does_not_wait_for_a_thread_that_hangs(fakes):
    gate = threading.Semaphore(0)
    estimator = fakes.Estimator(gate)
    session = Session(fakes.Source(endless=True), lambda: estimator, fakes.Coach())
    session.start()
    assert estimator.entered.acquire(timeout=fakes.wait_s)
    assert session.stop(timeout_s=0.05) is False
    assert session.status().phase is Phase.STOPPING
    gate.release()
    assert session.wait(fakes.wait_s)
    assert session.status().phase is Phase.STOPPED


def test_steps_and_threads_do_not_mix(fakes):
    stepped = Session(fakes.Source(), fakes.Estimator, fakes.Coach())
    stepped.step()
    with pytest.raises(RuntimeError, match="runs once"):
        stepped.start()
    started = Session(fakes.Source(), fakes.Estimator, fakes.Coach())
    started.start()
    with pytest.raises(RuntimeError, match="cannot be stepped"):
        started.step()
    with pytest.raises(RuntimeError, match="runs once"):
        started.start()
    assert started.stop()
    stepped.stop()
    with pytest.raises(RuntimeError, match="cannot be stepped"):
        stepped.step()


def test_a_step_raises_after_everything_is_closed(fakes):
    source, estimator = fakes.Source(5, fail_at=2, error=WorldError("cut short")), fakes.Estimator()
    session = Session(source, lambda: estimator, fakes.Coach())
    session.step(), session.step()
    with pytest.raises(WorldError, match="cut short"):
        session.step()
    assert source.closed.is_set()
    assert estimator.closed_in is not None
    assert session.status().phase is Phase.FAULTED
    assert session.step() is None


def test_leaving_the_with_block_closes_what_steps_opened(fakes):
    source, coach = fakes.Source(5), fakes.Coach()
    with Session(source, fakes.Estimator, coach) as session:
        session.step()
    assert source.closed.is_set()
    assert coach.finished == 1
    assert session.status().phase is Phase.STOPPED


def test_the_switch_interval_is_quick_while_threads_run_and_then_restored(fakes):
    before_s = sys.getswitchinterval()
    seen_s = []
    one, two = (
        Session(
            fakes.Source(1),
            fakes.Estimator,
            fakes.Coach(),
            (lambda _: seen_s.append(sys.getswitchinterval()),),
        )
        for _ in range(2)
    )
    one.start(), two.start()
    assert one.wait(fakes.wait_s)
    assert two.wait(fakes.wait_s)
    assert seen_s == pytest.approx([QUICK_S, QUICK_S])
    assert sys.getswitchinterval() == before_s


def test_rates_ages_and_latencies_come_from_the_clock(fakes):
    now_s = [100.0]

    class SlowEstimator(fakes.Estimator):
        def estimate(self, frame):
            now_s[0] += 0.040
            return super().estimate(frame)

    session = Session(fakes.Source(101), SlowEstimator, fakes.Coach(), clock=lambda: now_s[0])
    while session.step() is not None:
        pass
    status = session.status()
    assert status.fps_in == pytest.approx(25.0, rel=1e-6)
    assert status.fps_out == pytest.approx(25.0, rel=1e-6)
    assert status.stages_ms["pose"].p50_ms == pytest.approx(40.0)
    assert status.stages_ms["coach"].p99_ms == pytest.approx(0.0, abs=1e-6)
    assert math.isnan(status.latency_ms_p50)  # of a file nobody waits for
    assert status.notice == "low light"
    now_s[0] += 10.0
    assert session.status().fps_out == 0.0


def test_latency_of_a_live_source_is_from_read_to_report(fakes):
    source = fakes.Source(live=True, count=3)
    session = Session(source, fakes.Estimator, fakes.Coach())
    session.start()
    source.let(4)
    assert session.wait(fakes.wait_s)
    status = session.status()
    assert 0.0 <= status.age_ms_p50 <= status.latency_ms_p50 <= status.latency_ms_p95 < fakes.wait_s * 1e3


class Steered:
    """An estimator that can be told where to look, and notes it."""

    def __init__(self, inner):
        self.inner = inner
        self.asked = []

    def estimate(self, frame):
        self.asked.append(("frame", frame.index))
        return replace(self.inner.estimate(frame), tracking=Tracking(subject_switches=frame.index))

    def restart(self):
        self.asked.append("restart")

    def close(self):
        self.inner.close()

    def choose(self, point_px):
        self.asked.append(("choose", point_px))

    def exchange_sides(self):
        self.asked.append("exchange")

    def paint_out(self, box):
        self.asked.append(("hide", box))


def test_who_to_follow_and_what_to_hide_reach_the_estimator_before_the_next_frame(fakes):
    estimator = Steered(fakes.Estimator())
    session = Session(fakes.Source(3), lambda: estimator, fakes.Coach())
    session.step()
    session.choose((10.0, 20.0))
    session.paint_out((1, 2, 3, 4))
    session.step()
    session.exchange_sides()
    session.paint_out(None)
    analysis = session.step()
    assert estimator.asked == [
        ("frame", 0), ("choose", (10.0, 20.0)), ("hide", (1, 2, 3, 4)), ("frame", 1), "exchange",
        ("hide", None), ("frame", 2),
    ]  # fmt: skip
    assert analysis.tracking.subject_switches == 2
    session.stop()


def test_an_estimator_that_cannot_be_steered_is_left_alone(fakes):
    session = Session(fakes.Source(2), fakes.Estimator, fakes.Coach())
    session.choose((1.0, 1.0))
    assert session.step() is not None
    session.stop()
