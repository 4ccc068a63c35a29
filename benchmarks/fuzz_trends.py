"""Targets of the fuzzer over a session and many: what is said and when, poses kept, trends and half-lives."""

from __future__ import annotations

import itertools
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from app.coach.policy import CuePolicy, Finding
from app.coach.report import ActiveFault, FaultId, Hold, StanceValues
from app.coach.rules import default_rules
from app.store import trends
from app.store.analysis_json import analysis_json
from app.store.half_life import half_life, minutes_of
from app.store.sessions.chunks import Chunk, pack, unpack
from app.store.sessions.grid import on_grid
from app.store.sessions.tables import SessionRow, ShortStep
from benchmarks.fuzz_coach import ACTS, FACTS, poses_of, stretches
from benchmarks.fuzz_pages import ran
from benchmarks.fuzz_run import Target

# ---------------------------------------------------------------------- policy, poses kept


def _policy_cases() -> SearchStrategy[Any]:
    moments = st.tuples(
        st.floats(0.0, 3.0), st.sampled_from((None, None, *FaultId)), st.integers(0, 12), st.booleans(), st.booleans(),
        st.sampled_from(("", "", "", "quiet")), st.integers(0, 9),
    )  # fmt: skip
    return st.lists(moments, max_size=120)


def _check_policy(case: Any, _folder: Path) -> str:
    policy, t_s, spoken = CuePolicy(), 0.0, []
    known = {one.id for one in default_rules().all_cues}
    nothing = StanceValues(*(math.nan for _ in fields(StanceValues)))
    for step_s, fault, steps, certain, by_roof, quiet, what in case:
        t_s += step_s
        active = None if fault is None else ActiveFault(fault, 1.0, 0.0, "deg", steps)
        if what == 0:
            cue = policy.standing_taken(t_s)
        elif what == 1:
            cue = policy.holding(
                t_s, Hold(max(t_s - 2.0, 0.0), t_s, "good" if active is None else active.id, nothing), active
            )
        else:
            finding = None if active is None else Finding(active, tuple(range(steps)), (), certain)
            roof = finding if by_roof and active is not None and active.id is FaultId.STANDING_UP else None
            cue = policy.running(t_s, None if roof else finding, roof, fault if certain else None, quiet)
            assert (cue is None) == bool(policy.unsaid), "silence without a reason, or words with one"
            assert not (quiet and cue)
        if cue is not None:
            assert cue.id in known
            assert cue.t_s == t_s
            spoken += [(t_s, cue)] if cue.because else []
    for (one_s, _), (other_s, cue) in itertools.pairwise(spoken):
        assert other_s - one_s >= 2.9, f"{cue.id} only {other_s - one_s:.1f} s after the last correction"
    return "spoke" if spoken else "silent"


def _kept_cases() -> SearchStrategy[Any]:
    return st.tuples(st.sampled_from(ACTS), stretches(4))


def _check_kept(case: Any, _folder: Path) -> str:
    poses = [on_grid(pose) for pose, _ in poses_of(*case)]
    found = unpack(pack(Chunk(poses, (), {}))).poses
    assert len(found) == len(poses)
    for one, other in zip(poses, found, strict=True):
        assert one.t_s == other.t_s or one.t_s != one.t_s
        assert np.array_equal(one.xy_px, other.xy_px, equal_nan=True)
        assert np.array_equal(one.visibility, other.visibility)
        assert (one.doubts, one.markers, one.sides) == (other.doubts, other.markers, other.sides)
    return "same"


# ---------------------------------------------------------------------- trends


def _step_of(values: tuple[float, float, str, bool, bool]) -> ShortStep:
    t_s, duration_s, verdict, hit, measured = values
    return ShortStep(verdict, t_s, duration_s, hit, measured)


def _trend_cases() -> SearchStrategy[Any]:
    verdicts = st.sampled_from(("good", "good", "good", "not_judged", "pelvis_drift", "x"))
    stretch = st.tuples(
        st.integers(0, 1500), st.floats(0.2, 0.6), verdicts, st.booleans(), st.booleans(), st.floats(-5.0, 400.0)
    )
    odd = st.tuples(st.floats(), st.floats(0.0, 5.0), verdicts, st.booleans(), st.booleans()).map(_step_of)
    document = analysis_json(ran(), FACTS)
    slim = {key: value for key, value in document.items() if key != "run"}
    run = {key: value for key, value in document["run"].items() if key not in ("steps", "contacts")}
    return st.tuples(
        st.lists(stretch, max_size=6), st.lists(odd, max_size=3), st.sampled_from(("run", "stance", "drill")),
        st.just(slim | {"run": run}), st.integers(2, 9),
    )  # fmt: skip


def _row(mode: str) -> SessionRow:
    values: dict[str, Any] = dict.fromkeys(SessionRow.__slots__, "") | {
        "id": "a", "started_at": "2026-11-22T18:30:00+01:00", "mode": mode, "state": "closed", "frames": 600,
        "duration_s": 600.0, "running_s": 600.0, "steps": 0, "cues": 0,
    }  # fmt: skip
    return SessionRow(**values)


def _check_trends(case: Any, _folder: Path) -> str:
    stretches, odd, mode, summary, sessions = case
    steps, t_s = list(odd), 0.0
    for count, every_s, verdict, hit, measured, gap_s in stretches:
        t_s += gap_s
        for _ in range(count):
            t_s += every_s
            steps.append(ShortStep(verdict, t_s, every_s, hit, measured))
    minutes = minutes_of(steps)
    assert sum(minute.steps for minute in minutes) == sum(step.verdict != "not_judged" for step in steps)
    assert all(not minute.good_share > 1.0 and not minute.good_share < 0.0 for minute in minutes)
    found = half_life(minutes)
    assert math.isnan(found.minutes) or 0.0 < found.minutes <= len(minutes)
    assert math.isnan(found.minutes) == bool(found.because)
    digest = trends.digest(_row(mode), summary, steps)
    for name, measure in digest.values.items():
        low, high = measure.ci95
        assert math.isfinite(measure.value), name
        assert not low > measure.value + 1e-9, name
        assert not high < measure.value - 1e-9, name
        assert trends.QUANTITIES[digest.mode][name].unit != "share" or 0.0 <= measure.value <= 1.0
    same = trends.compare(digest, digest)
    assert not same.cautions
    assert all(one.told in ("same", "unknown") and not one.change for one in same.differences if one.before is not None)
    assert trends.direction([measure.value for measure in digest.values.values()] * sessions) in (
        "",
        "rising",
        "falling",
    )
    return "half-life" if found.reached else found.because or "none in it"


TARGETS = (
    Target("policy", "what is said, and when", _policy_cases, _check_policy, 8),
    Target("kept-poses", "poses packed and unpacked", _kept_cases, _check_kept, 2.5),
    Target("trends", "trends and half-lives", _trend_cases, _check_trends, 3),
)
