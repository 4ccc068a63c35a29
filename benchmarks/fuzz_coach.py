"""Targets of the fuzzer behind the parsers: the coach and what sits beside it, on poses that no body takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from app.coach.dose import Dose
from app.coach.drill_model import DrillModel
from app.coach.drills import DrillPlan
from app.coach.exam import Exam
from app.coach.model import CoachModel
from app.coach.report import CoachReport, FaultId, Mode
from app.coach.reps import DrillId
from app.coach.setup import SetupGuide
from app.coach.types import LANDMARK_COUNT, BodyPose, Doubt, Facing, FloatArray, Landmark, RunnerProfile
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.analysis_json import analysis_json
from app.store.session_facts import SessionFacts
from app.store.sessions.chunks import Chunk, KeptEvent
from app.store.sessions.grid import on_grid
from app.store.sessions.recipe import Recipe
from benchmarks.fuzz_cases import odd_value
from benchmarks.fuzz_run import Target, require_finite

SIZE_PX, FPS, SHORT_S = (1280, 720), 30.0, 8.0
FACTS = SessionFacts("video", 30.0, 10.0, 0.2, 0.4, "0")
ACTS = ("good", "pelvis_drift", "stance_good", "stance_over_lean", "drill_hinge", "drill_tunnel_march", "standing_up")
#: What is done to a stretch of frames.
KINDS = (
    "as it is", "nobody", "nan", "part", "one landmark", "one point", "swapped sides", "upside down", "turned round",
    "noise", "huge", "tiny", "infinite", "frozen", "jump", "subnormal", "negative", "dropped", "still",
)  # fmt: skip
#: What is done to the time of a stretch.
TIMES = ("as it is", "again", "back", "jump", "equal", "fast", "slow", "nan", "infinite", "large", "minus")
#: What is asked of the coach at the beginning of a stretch.
ASKED = ("", "", "", "calibrate", "mode", "never", "finish", "summary", "tunnel only", "again", "skip")

Stretch = tuple[int, int, str, str, str, int, frozenset[Doubt]]


def stretches(most: int = 8) -> SearchStrategy[list[Stretch]]:
    """Return stretches of frames, each with what is done to it and asked at its beginning."""
    doubts = st.frozensets(st.sampled_from(list(Doubt)), max_size=2)
    nothing = frozenset[Doubt]()
    # Some begin as they should, so that a standing is taken and something goes on before it is spoilt.
    leads = st.sampled_from(
        ([], [(0, 110, KINDS[0], TIMES[0], "", 0, nothing)], [(0, 230, KINDS[0], TIMES[0], "", 0, nothing)])
    )
    spoilt = st.lists(
        st.tuples(
            st.integers(0, int(SHORT_S * FPS) - 1),
            st.integers(1, 60),
            st.sampled_from(KINDS),
            st.sampled_from(TIMES + ("as it is",) * 12),
            st.sampled_from(ASKED),
            st.integers(0, 2**16),
            st.one_of(st.just(nothing), doubts),
        ),
        min_size=1,
        max_size=most,
    )
    return st.builds(lambda lead, rest: lead + rest, leads, spoilt)


@cache
def _play(act: str) -> tuple[FloatArray, ...]:
    scene = VirtualScene(RunnerParams(act=Act(act), standing_s=3.0), Camera.framing(SIZE_PX))
    return tuple(scene.landmarks_at(k / FPS).xy_px for k in range(int(SHORT_S * FPS)))


def some_poses(n: int = 12, act: str = "good") -> list[BodyPose]:
    """Return the first poses of a runner who stands."""
    return [BodyPose(k / FPS, xy, np.ones(LANDMARK_COUNT), SIZE_PX) for k, xy in enumerate(_play(act)[:n])]


def _spoilt(xy: FloatArray, kind: str, rng: np.random.Generator) -> FloatArray:
    """Return the landmarks of a frame, spoilt."""
    spoil = _SPOILT.get(kind)
    return np.array(xy) if spoil is None else np.array(spoil(np.array(xy), rng))


def _without(xy: FloatArray, rows: NDArray[np.bool_]) -> FloatArray:
    return np.where(rows[:, np.newaxis], np.nan, xy)


def _exchanged(xy: FloatArray, _rng: np.random.Generator) -> FloatArray:
    return xy[_OTHER_SIDE]


def _infinite(xy: FloatArray, rng: np.random.Generator) -> FloatArray:
    return np.where(rng.random(xy.shape) < 0.1, rng.choice([np.inf, -np.inf, np.nan]), xy)


def _middle(xy: FloatArray) -> FloatArray:
    return np.asarray(np.nanmean(xy, axis=0))


#: Row of the same landmark of the other side.
_OTHER_SIDE = [
    Landmark[one.name.replace("LEFT", "*").replace("RIGHT", "LEFT").replace("*", "RIGHT")] for one in Landmark
]
_SPOILT: Mapping[str, Callable[[FloatArray, np.random.Generator], FloatArray]] = {
    "nobody": lambda xy, _: np.full_like(xy, np.nan),
    "nan": lambda xy, _: np.full_like(xy, np.nan),
    "part": lambda xy, rng: _without(xy, rng.random(LANDMARK_COUNT) < 0.4),
    "one landmark": lambda xy, rng: _without(xy, np.arange(LANDMARK_COUNT) != rng.integers(LANDMARK_COUNT)),
    "one point": lambda xy, _: np.broadcast_to(_middle(xy), xy.shape),
    "swapped sides": _exchanged,
    "upside down": lambda xy, _: 2.0 * _middle(xy) * [0.0, 1.0] + xy * [1.0, -1.0],
    "turned round": lambda xy, _: [SIZE_PX[0], 0.0] + xy * [-1.0, 1.0],
    "noise": lambda xy, rng: xy + rng.normal(0.0, 80.0, xy.shape),
    "huge": lambda xy, rng: xy * 10.0 ** rng.integers(3, 300),
    "tiny": lambda xy, rng: _middle(xy) + (xy - _middle(xy)) * 10.0 ** -rng.integers(1, 300),
    "infinite": _infinite,
    "jump": lambda xy, rng: xy + rng.normal(0.0, 2000.0, 2),
    "subnormal": lambda xy, rng: 5e-324 * rng.integers(0, 3, xy.shape),
    "negative": lambda xy, _: -xy,
}


def _time(at_s: float, how: str, k: int) -> float:
    """Return a frame's time."""
    return {
        "again": at_s - 0.5 * k / FPS,
        "back": at_s - 3.0,
        "jump": at_s + (3600.0 if k == 0 else 0.0),
        "equal": at_s - k / FPS,
        "fast": at_s + 1e-9 * k,
        "slow": at_s + 0.5 * k,
        "nan": math.nan,
        "infinite": math.inf,
        "large": at_s + 1e15,
        "minus": -at_s,
    }.get(how, at_s)


def poses_of(act: str, stretches: list[Stretch]) -> list[tuple[BodyPose, str]]:
    """Return the poses of a case, and what is asked of the coach before each."""
    made, at_s = [], 0.0
    for first, frames, kind, time, asked, number, doubts in stretches:
        rng, play = np.random.default_rng(number), _play(act)
        for k in range(frames):
            at_s += 1.0 / FPS
            row = 10 if kind == "still" else min(first + (0 if kind == "frozen" else k), len(play) - 1)
            if kind == "dropped" and rng.random() < 0.6:
                continue
            visible = rng.uniform(-0.5, 1.5, LANDMARK_COUNT) if kind == "noise" else np.ones(LANDMARK_COUNT)
            xy = _spoilt(play[row], kind, rng)
            size = (int(rng.integers(1, 5000)), 1) if kind == "jump" else SIZE_PX
            t_s = _time(at_s, time, k)
            if not math.isfinite(t_s):
                _require_refused(t_s, xy, visible)
                continue
            pose = BodyPose(t_s, xy, visible, size, bool(number & 1), bool(number & 2), doubts)
            made.append((pose, asked if k == 0 else ""))
    return made


def _require_refused(t_s: float, xy: FloatArray, visible: FloatArray) -> None:
    """Raise AssertionError where a pose of no time can be made: a coach would wait for ever for a later one."""
    try:
        BodyPose(t_s, xy, visible, SIZE_PX)
    except ValueError:
        return
    raise AssertionError(f"a pose of the time {t_s}")


# ---------------------------------------------------------------------- what must hold


def require_report(report: CoachReport, before: CoachReport | None) -> None:
    """Raise AssertionError unless a report makes sense."""
    assert before is None or report.t_s >= before.t_s or before.t_s != before.t_s, "the time went back"
    assert report.verdict in ("good", "not_judged", *FaultId), report.verdict
    assert (report.verdict == "not_judged") == bool(report.not_judged_because), report.not_judged_because
    assert report.verdict in ("good", "not_judged") or report.faults
    assert report.not_judged_because.isprintable()
    assert 0.0 <= report.standing.progress <= 1.0
    _require_no_infinity(report)
    if report.cue is not None:
        assert report.cue.spoken.strip()
        assert report.cue.t_s == report.t_s
        assert report.cue.expires_s >= report.t_s


def _require_no_infinity(value: Any, where: str = "report") -> None:
    """Raise AssertionError where a number anywhere in a record is infinite."""
    if isinstance(value, float):
        assert not math.isinf(value), where
    elif isinstance(value, np.ndarray):
        assert not np.isinf(value).any(), where
    elif is_dataclass(value):
        for field in fields(value):
            _require_no_infinity(getattr(value, field.name), f"{where}.{field.name}")
    elif isinstance(value, tuple | list) and not isinstance(value, Enum):
        for one in value:
            _require_no_infinity(one, where)


def _require_summary(coach: CoachModel, frames: int) -> None:
    summary = coach.summary()
    document = analysis_json(summary, FACTS)
    require_finite(document)
    assert summary.frames <= frames
    assert 0.0 <= summary.coverage <= 1.0
    assert summary.duration_s >= 0.0
    times = [step.t_s for step in summary.steps]
    assert times == sorted(times)
    assert all(hold.end_s >= hold.start_s for hold in summary.holds)
    assert all(0.0 <= fault.share_of_steps <= 1.0 for fault in summary.faults)


# ---------------------------------------------------------------------- the coach


def _coach_cases() -> SearchStrategy[Any]:
    profiles = st.sampled_from((RunnerProfile(), RunnerProfile(178.0), RunnerProfile(100.0, 5.08)))
    return st.tuples(st.sampled_from(ACTS), stretches(), st.sampled_from(list(Mode)), profiles, st.booleans())


def _ask(coach: CoachModel, what: str, number: int) -> None:
    if what == "calibrate":
        coach.start_calibration()
    elif what == "mode":
        coach.set_mode(list(Mode)[number % len(Mode)])
    elif what == "never":
        coach.never_cue(frozenset(list(FaultId)[: number % 4]))
    elif what == "finish":
        coach.finish()
    elif what == "summary":
        coach.summary()
    elif what == "skip" and isinstance(coach, DrillModel):
        coach.drill.skip_rest()


def _check_coach(case: Any, _folder: Path) -> str:
    act, stretches, mode, profile, kept = case
    coach = CoachModel(mode, profile, dose=Dose(9, 1.0) if kept else None)
    poses = poses_of(act, stretches)
    before: CoachReport | None = None
    for k, (pose, asked) in enumerate(poses):
        _ask(coach, asked, k)
        report = coach.update(on_grid(pose) if kept else pose)
        require_report(report, before)
        before = report
    coach.finish()
    _require_summary(coach, len(poses))
    return before.activity.value if before is not None else "no frame"


def _mirrored(pose: BodyPose) -> BodyPose:
    """Return a pose as a mirror shows it: sides exchanged, x from the other edge."""
    xy = pose.xy_px[_OTHER_SIDE] * [-1.0, 1.0]  # about the edge, exact: rounding must not tell the two apart
    return replace(pose, xy_px=xy, visibility=pose.visibility[_OTHER_SIDE])


def _check_mirror(case: Any, _folder: Path) -> str:
    act, stretches, mode, profile, _ = case
    one, other, here = CoachModel(mode, profile), CoachModel(mode, profile), None
    for pose, _ in poses_of(act, stretches):
        pose = on_grid(pose)
        here, there = one.update(pose), other.update(_mirrored(pose))
        assert (here.activity, here.view, here.not_judged_because) == (
            there.activity,
            there.view,
            there.not_judged_because,
        )
        turned = {Facing.LEFT: Facing.RIGHT, Facing.RIGHT: Facing.LEFT}
        assert there.facing is turned.get(here.facing, here.facing)
        if here.facing is Facing.UNKNOWN:
            continue
        assert here.verdict == there.verdict
        assert (here.cue is None) == (there.cue is None)
        for field in fields(here.sample):
            a, b = getattr(here.sample, field.name), getattr(there.sample, field.name)
            assert a == b or (a != a and b != b) or abs(a - b) <= 1e-6 * max(1.0, abs(a)), (field.name, a, b)
    return here.activity.value if here is not None else "no frame"


def _drill_cases() -> SearchStrategy[Any]:
    plan = st.builds(
        DrillPlan,
        st.sampled_from(list(DrillId)),
        st.sampled_from((1, 3, 10)),
        st.sampled_from((1, 3)),
        st.floats(0.0, 60.0),
    )
    return st.tuples(st.sampled_from(("drill_hinge", "drill_start_line", "drill_athletic", "drill_tunnel_march")),
                     stretches(), plan)  # fmt: skip


def _check_drill(case: Any, _folder: Path) -> str:
    act, stretches, plan = case
    coach = DrillModel(plan, RunnerProfile(178.0))
    before, poses, count = None, poses_of(act, stretches), 0
    for k, (pose, asked) in enumerate(poses):
        _ask(coach, asked, k)
        report = coach.update(pose)
        assert before is None or report.t_s >= before.t_s or before.t_s != before.t_s
        _require_no_infinity(report)
        count = coach.drill.log.count()
        assert count >= 0
        before = report
    coach.finish()
    _require_summary(coach, len(poses))
    return "counted" if count else "none counted"


def _exam_cases() -> SearchStrategy[Any]:
    return st.tuples(st.sampled_from(("stance_good", "stance_over_lean", "good")), stretches(), st.booleans())


def _check_exam(case: Any, _folder: Path) -> str:
    act, stretches, fresh = case
    coach, exam = CoachModel(Mode.STANCE, RunnerProfile(178.0)), Exam(fresh=fresh)
    guide, told = SetupGuide(RunnerProfile(178.0)), None
    for k, (pose, asked) in enumerate(poses_of(act, stretches)):
        if asked == "tunnel only":
            guide.accept_tunnel_only()
        elif asked == "again":
            guide.restart()
        else:
            _ask(coach, asked, k)
        report = coach.update(pose)
        told = exam.sit(coach, pose, report)
        watched = guide.update(pose, others=k % 3 or None, standing=report.standing)
        assert told.instruction.shown.strip()
        _require_no_infinity(replace(told, separations=()))
        assert watched.say is None or watched.say.spoken.strip()
    return told.phase.value if told is not None else "no frame"


# ---------------------------------------------------------------------- requests


def _event_cases() -> SearchStrategy[Any]:
    names = st.sampled_from(
        ("calibrate", "set_mode", "never_cue", "finish", "skip_rest", "remove", "add", "x", "set_verdict")
    )
    value = st.one_of(
        odd_value(), st.lists(st.sampled_from(("run", "drill", "upright", 1, 0)), max_size=2), st.just([])
    )
    return st.lists(
        st.tuples(st.integers(-3, 20), st.sampled_from(("request", "told", "mark", "y")), names, value), max_size=5
    )


def _check_events(case: Any, _folder: Path) -> str:
    from app.store.sessions.replay import replayed

    events = [KeptEvent(frame, 0.0, kind, name, value) for frame, kind, name, value in case]
    chunk = Chunk(some_poses(), events)
    replay = replayed(Recipe(Mode.RUN, RunnerProfile(178.0)), [chunk, replace(chunk, events=())])
    replay.coach.summary()
    return "replayed"


TARGETS = (
    Target("coach", "the coach, any poses at any times", _coach_cases, _check_coach, 1.5, most_s=20.0),
    Target("mirror", "the coach and the coach in a mirror", _coach_cases, _check_mirror, 0.8, most_s=20.0),
    Target("drills-counted", "the counting of drills", _drill_cases, _check_drill, 0.8, most_s=20.0),
    Target("exam", "exam and set-up guide", _exam_cases, _check_exam, 0.8, most_s=20.0),
    Target("requests", "what was asked of a coach, replayed", _event_cases, _check_events, 3),
)
