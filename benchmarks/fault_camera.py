"""The faults of a camera, one function each: what it does to a live session, measured."""

from __future__ import annotations

import math
import random
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from app.capture.camera_reader import MOST_HANGING, hanging
from app.capture.webcam import GIVE_UP_S, SILENT_S
from app.coach.report import Activity
from app.session import Phase
from app.session.seeing import BLACK, FROZEN
from benchmarks.fault_runs import Outcome, Run, handles, running, threads
from benchmarks.faulty import FaultySource, Spell, Trouble, UsbCamera, later

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.coach.types import Frame

#: The camera is back within this after it was plugged in again, s.
BACK_S = 3.0


def wrong_of(run: Run, *more: tuple[bool, str], lost: bool = True) -> str:
    """Return what is not as it should be; ``more``: (whether it is so, what to say)."""
    found = [words for so, words in more if so]
    if run.phase not in (Phase.RUNNING, Phase.STOPPED):
        found.append(f"the session is {run.phase}: {run.session.status().error}")
    if lost and run.coach.standing is None:
        found.append("the standing was lost")
    found.append(run.invented())
    return "; ".join(words for words in found if words)


def unplugged(times: int = 100, longest_away_s: float = 2.5, seed: int = 4) -> Outcome:
    """The camera is unplugged and plugged in again, many times in one session."""
    chance, camera, back_s = random.Random(seed), UsbCamera(), []
    with running(camera) as run:
        run.until_running()
        standing, before = run.coach.standing, (threads(), handles())
        for _ in range(times):
            camera.plug(False)
            run.pass_by(chance.uniform(0.1, longest_away_s))
            camera.plug(True)
            back_s.append(run.until_new())
            run.pass_by(chance.uniform(0.3, 1.2))
        run.pass_by(1.0)
        grown = threads() - before[0], handles() - before[1]
        same = run.coach.standing is standing
        judged_s = run.until_running()
        gaps = run.gaps_s()
        run.session.stop()
        lost, marks = run.lost_frames(), run.marks()
        wrong = wrong_of(
            run,
            (len(gaps) != times or len(marks) != len(gaps), f"{len(gaps)} gaps, {len(marks)} marked"),
            (not same, "another standing reference"),
            (max(grown) > 0, f"{grown[0]} threads and {grown[1]} files more"),
            (lost != 0, f"{lost} judged frames not recorded"),
            (judged_s > 10.0, "not judged again"),
        )
    return Outcome(
        f"camera unplugged and back, {times} times in one session",
        "opens it again every second; the same session and recording go on, each gap is marked, "
        "the standing is kept, steps are counted anew",
        f"“{_first(run)}”; the card says “No picture”; tones at loss and return",
        f"{lost} frames",
        max(back_s),
        f"back after the plug, most of {times} (mean {sum(back_s) / len(back_s):.1f} s); no thread or file more",
        BACK_S,
        wrong,
    )


def _first(run: Run) -> str:
    return run.notices[0] if run.notices else ""


def unplugged_for_ever() -> Outcome:
    """The camera is unplugged and stays away."""
    camera = UsbCamera()
    with running(camera) as run:
        run.until_running()
        camera.plug(False)
        took_s = run.until(lambda: run.phase is Phase.FAULTED, GIVE_UP_S + 20.0)
        run.session.stop()
        status, lost = run.session.status(), run.lost_frames()
    return Outcome(
        "camera unplugged for ever",
        f"tries for {GIVE_UP_S:.0f} s, then ends the session; what was recorded is closed as usual",
        f"“{_first(run)}”, at the end “{status.error}”",
        f"{lost} frames",
        took_s,
        "until it is given up",
        GIVE_UP_S + 3.0,
        f"{lost} frames lost" if lost else run.invented(),
    )


def stopped_while_away() -> Outcome:
    """Stop, while the camera is away."""
    camera = UsbCamera()
    with running(camera) as run:
        run.until(lambda: len(run.reports) > 30)
        camera.plug(False)
        run.pass_by(3.0)
        began_s = time.monotonic()
        clean = run.session.stop()
        took_s = time.monotonic() - began_s
        lost = run.lost_frames()
    return Outcome(
        "Stop, while the camera is away", "stops at once", f"“{_first(run)}”, then the review", f"{lost} frames",
        took_s, "stopping", 2.0, "" if clean and not lost else f"clean {clean}, {lost} frames lost",
    )  # fmt: skip


def hung_for_ever(times: int = 7) -> Outcome:
    """Again and again a read never returns: the threads in it cannot be ended."""
    camera, most, held = UsbCamera(), 0, 0
    with running(camera) as run:
        run.until(lambda: len(run.reports) > 30)
        for _ in range(times):
            camera.have(Trouble.HANG)
            run.until(partial(_more_hanging, camera, held), 8.0)
            held = camera.hanging
            camera.have(Trouble.NONE)
            run.until_new(6.0)
            most = max(most, hanging.of(0))
        notice = run.session.status().notice
        began_s = time.monotonic()
        run.session.stop()
        took_s = time.monotonic() - began_s
        lost = run.lost_frames()
    return Outcome(
        f"read() blocks for ever, {times} times",
        f"leaves the thread in the driver and opens the camera anew; {most} threads are left there at most "
        f"(limit {MOST_HANGING}), then it waits for one to come back and gives up after {GIVE_UP_S:.0f} s",
        f"“{notice}”, at the end “Camera 0 does not open: its driver does not answer. Unplug it …”",
        f"{lost} frames",
        took_s,
        "stopping then",
        3.0,
        f"{most} threads left" if most > MOST_HANGING else f"{lost} frames lost" if lost else "",
    )


def _more_hanging(camera: UsbCamera, than: int) -> bool:
    return camera.hanging > than


def stalled(seconds: float) -> Outcome:
    """The camera gives nothing for a while, and then goes on."""
    camera = UsbCamera()
    with running(camera) as run:
        run.until_running()
        camera.have(Trouble.STALL)
        run.pass_by(seconds)
        camera.have(Trouble.NONE)
        back_s = run.until_new()
        run.until_running()
        run.session.stop()
        marks, gaps, lost = run.marks(), run.gaps_s(), run.lost_frames()
        wrong = wrong_of(run, (len(marks) != len(gaps), "gap not marked"), (lost != 0, "frames lost"))
    does = "waits" if seconds < 2.0 else "leaves the stuck read after 2 s and opens the camera anew"
    return Outcome(
        f"camera stalls for {seconds:g} s",
        f"{does}; the session goes on, the gap is marked" if gaps else f"{does}; nothing is broken off",
        f"“{_first(run)}” after {SILENT_S:.0f} s" if run.notices else "nothing",
        f"{lost} frames",
        back_s,
        "first picture judged after the stall",
        BACK_S,
        wrong,
    )


def odd(trouble: Trouble, seconds: float, sees: str, does: str) -> Outcome:
    """The camera gives odd pictures for a while, and then good ones again."""
    camera = UsbCamera()
    with running(camera) as run:
        run.until_running()
        camera.have(trouble)
        run.pass_by(seconds)
        camera.have(Trouble.NONE)
        back_s = run.until_new()
        judged_s = run.until_running()
        run.session.stop()
        lost = run.lost_frames()
        told = " / ".join(dict.fromkeys(run.notices))
        told_it = sees in told if sees else not told
        wrong = wrong_of(
            run,
            (math.isinf(judged_s), "not judged again"),
            (lost != 0, "frames lost"),
            (not told_it, f"told {told!r}"),
        )
    return Outcome(
        f"{trouble.value} for {seconds:g} s", does, f"“{told}”" if told else "nothing", f"{lost} frames",
        back_s, "first picture judged after it", BACK_S, wrong,
    )  # fmt: skip


def frozen() -> Outcome:
    """A stuck camera: a running runner's picture stands still."""
    camera = UsbCamera()
    with running(camera, standing_s=60.0) as run:  # he stands: a stuck picture must not become his standing
        run.until(lambda: len(run.reports) > 20)
        camera.have(Trouble.FROZEN)
        noticed_s = run.until(lambda: run.reports[-1].not_judged_because == FROZEN, 10.0)
        run.pass_by(6.0)
        taken = run.coach.standing is not None
        camera.have(Trouble.NONE)
        back_s = run.until_new()
        notice = _first(run)
        wrong = wrong_of(run, (taken, "a standing was taken of it"), (back_s > BACK_S, "not back"), lost=False)
    return Outcome(
        "frozen: the same picture again and again",
        "takes nobody for seen from then on: no standing and no stance is made of it",
        f"“{notice}”; the card says “No picture”",
        "nothing", noticed_s, "until it is noticed", 3.0, wrong,
    )  # fmt: skip


def black() -> Outcome:
    """The cover is put on the lens."""
    camera = UsbCamera()
    with running(camera) as run:
        run.until_running()
        camera.have(Trouble.BLACK)
        noticed_s = run.until(lambda: run.reports[-1].not_judged_because == BLACK, 10.0)
        run.pass_by(2.0)
        camera.have(Trouble.NONE)
        back_s = run.until_running()
        wrong = wrong_of(run, (math.isinf(back_s), "not judged again"))
    return Outcome(
        "black pictures (cover on the lens)", "judges nothing; goes on as soon as there is light",
        f"“{_first(run)}”; the card says “No picture”", "nothing", noticed_s, "until it is noticed", 1.0, wrong,
    )  # fmt: skip


def corrupt() -> Outcome:
    """Single pictures of chance."""
    camera = UsbCamera()
    with running(camera) as run:
        run.until_running()
        count = len(run.reports)
        for _ in range(5):
            camera.have(Trouble.CORRUPT)
            run.pass_by(0.04)
            camera.have(Trouble.NONE)
            run.pass_by(0.8)
        broken = sum(report.verdict != "good" for report in run.reports[count:])
        wrong = wrong_of(run, (broken > 0, f"{broken} frames not judged"))
    return Outcome(
        "one corrupted picture, now and then", "the frame counts as overlooked; the step goes on", "nothing",
        wrong=wrong,
    )  # fmt: skip


def slow(fps: float, seconds: float = 12.0) -> Outcome:
    """A camera of too few pictures."""
    with running(UsbCamera(fps), fps=fps, standing_s=4.5) as run:
        run.pass_by(seconds)
        told = run.session.status().notice
        whys = {report.not_judged_because for report in run.reports if report.activity is Activity.RUNNING}
        judged = sum(report.verdict != "not_judged" for report in run.reports)
        few = fps < 15.0
        wrong = wrong_of(run, (few and judged > 0, f"{judged} frames judged"), (few and "only" not in told, "not told"),
                       (not few and judged == 0, "not judged"), lost=False)  # fmt: skip
    why = f"; “Not judged: {max(whys)}”" if few and whys else ""
    return Outcome(
        f"camera of {fps:g} fps",
        "judges nothing, shows everything" if few else f"judges; {run.session.status().dropped} frames dropped",
        f"“{told}”{why}" if told else "nothing", wrong=wrong,
    )  # fmt: skip


def clock(name: str, does: Callable[[Frame], Frame], seconds: float, words: str) -> Outcome:
    """The frames' times are wrong for a while."""

    def faulty(source):  # type: ignore[no-untyped-def]  # a frame source
        return FaultySource(source, [Spell(9.0, 9.0 + seconds, does)])

    with running(around=faulty) as run:
        run.until_running()
        run.pass_by(max(0.0, 9.5 - 8.0) + min(seconds, 5.0) + 1.0)
        judged_s = run.until_running()
        summary = run.session.summary()
        run.session.stop()
        lost = run.lost_frames()
        active_s = sum(summary.activity_s.values())
        wrong = wrong_of(
            run, (math.isinf(judged_s), "not judged again"), (active_s > 60.0, f"{active_s:.0f} s counted")
        )
    return Outcome(name, words, "nothing", f"{lost} frames", judged_s, "until it judges (again)", 20.0, wrong)


def clocks() -> list[Outcome]:
    """All faults of the frames' times."""
    ahead = later(3600.0)
    first: list[float] = []

    def same(frame: Frame) -> Frame:
        first.append(frame.t_s)
        return replace(frame, t_s=first[0])

    return [
        clock("times go back by 3 s, and stay there", later(-3.0), 1e9, "frames not later than the newest are passed "
              "over: 3 s without, then it goes on"),
        clock("times stand still for 2 s", same, 2.0, "such frames are passed over; then it goes on"),
        clock("times jump ahead by an hour (suspended and resumed)", ahead, 1e9, "a gap: marked, nobody's time, "
              "steps are counted anew; the standing is kept"),
    ]  # fmt: skip


def wall_clock() -> Outcome:
    """The system's clock is set, forth and back by a day, in mid-session."""
    real = time.time
    with running() as run:
        run.until_running()
        judged_s = 0.0
        try:
            for days in (1, -1):
                time.time = lambda days=days: real() + 86_400.0 * days  # type: ignore[misc]  # bound at once
                run.pass_by(1.5)
                judged_s = max(judged_s, run.until_running())
        finally:
            time.time = real
        run.session.stop()
        lost = run.lost_frames()
        wrong = wrong_of(run, (bool(run.gaps_s()), "a gap"), (lost != 0, "frames lost"))
    return Outcome(
        "the system's clock is set by a day, forth and back",
        "nothing: a session uses the monotonic clock alone",
        "nothing",
        f"{lost} frames",
        wrong=wrong,
    )
