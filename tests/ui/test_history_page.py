"""The page of earlier sessions: list, one session, trends, comparison, deletion; read without holding up the window."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone

import pytest

from app.coach.report import Step
from app.store.session_facts import SessionFacts
from app.store.sessions import schema, start, tables

NAN = math.nan
ZONE = timezone(timedelta(hours=1))
NEWEST = datetime(2026, 11, 20, 18, 30, tzinfo=ZONE)
FACTS = SessionFacts("camera", 60.0, 9.0, 0.2, 0.6, "0.1.0", "full", "ab", 0)
PROFILE = json.dumps({"height_cm": 178.0, "tunnel_drop_cm": 2.54})


def measured(value, half, n):
    return {"value": value, "ci95": [round(value - half, 2), round(value + half, 2)], "n": n}


def step(t_s, hit=False, lean_deg=11.0):
    return Step(
        t_s, t_s + 0.1, NAN, NAN, "near", 0.03, 0.06, lean_deg, 35.0, 30.0, 8.0, 0.0, 20.0, 0.2, 0.03, 0.35, hit,
        peak_below_roof_bh=0.01,
    )  # fmt: skip


def run_document(lean_deg, n, inside, minutes=0):
    """The analysis JSON of a run, with what the page reads."""
    tunnel = {
        "roof_below_standing_cm": 2.5, "steps": n, "hits": n - inside, "longest_clean_steps": inside // 2,
        "clean_steps": inside, "below_floor_steps": 0,
    }  # fmt: skip
    run = {
        "running_s": 0.35 * n,
        "cadence_spm": measured(171.4, 1.0, n),
        "trunk_lean_deg": measured(lean_deg, 0.6, n) | {"relative_to_standing": True},
        "line_offset_bh_pct": measured(0.4, 0.5, n),
        "tunnel": tunnel,
        "steps": [],
        "faults": [],
        "retention": {"steps": 160, "good_share": 0.75, "hits": 4} if minutes > 5 else None,
        "verdict": "good",
        "not_judged_because": None,
    }
    return {
        "mode": "run", "view": {"kind": "side", "facing": "right"}, "standing": {"source": "recorded"}, "run": run,
        "warnings": ["app: no network was used."], "cues": [],
    }  # fmt: skip


def stance_document():
    values = {"theta_l_deg": 12.1, "d_h_bh_pct": -0.4}
    holds = [{"start_s": 2.0, "end_s": 2.0 + k, "verdict": "good", "values": values} for k in (4, 8)]
    return {"mode": "stance", "stance": {"holds": holds, "verdict": "good", "not_judged_because": None}}


def drill_document():
    reps = {"name": "hinge", "counted": 10, "good": 8, "reps": []}
    return {"mode": "run", "run": {"verdict": "not_judged"}, "drill": reps}


class Kept:
    """Writes sessions into a data folder as the recorder leaves them, without recording them."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.connection = schema.connect(folder / "history.db")
        self.count = 0

    def add(self, document, steps=(), *, person="", mode="run", drill="", verdict="good", at=None, duration_s=600.0,
            faults=(), cues=(), state="closed", rules="default"):  # fmt: skip
        """Add a session, a day before the last one; return its id."""
        at = at or NEWEST - timedelta(days=self.count)
        self.count += 1
        values = {
            "id": f"{at:%Y%m%d-%H%M%S}-{self.count:06x}", "started_at": at.isoformat(timespec="seconds"),
            "person": person, "person_key": tables.person_key(person), "mode": mode, "drill": drill,
            "source_kind": "camera", "source": "camera 0", "camera": "camera 0", "app_version": "0.1.0",
            "model": "full", "model_sha256": "ab", "engine": "litert", "rules_name": rules, "rules_hash": "1",
            "settings": "{}", "profile": PROFILE, "standing": None, "state": state, "frames": 60, "verdict": verdict,
            "duration_s": duration_s, "running_s": duration_s, "steps": len(steps), "cues": len(cues),
            "facts": json.dumps(start.facts_json(FACTS)), "summary": tables.pack_document(document),
        }  # fmt: skip
        with schema.transaction(self.connection):
            key = tables.insert(self.connection, values)
            tables.add_steps(self.connection, key, 1, steps)
            tables.add_faults(self.connection, key, 1, faults)
            tables.add_cues(self.connection, key, 1, cues)
        return values["id"]

    def add_run(self, k=0, steps=None, **more):
        """Add a run; the k-th leans a little less."""
        steps = [(step(0.35 * i, i % 9 == 0), "good" if i % 7 else "ankle_lean") for i in range(40)] if steps is None else steps  # noqa: E501
        return self.add(run_document(11.0 + 0.3 * k, len(steps) or 40, round(0.8 * len(steps))), steps, **more)

    def close(self):
        self.connection.close()


@pytest.fixture
def kept(tmp_path):
    kept = Kept(tmp_path / "data")
    yield kept
    kept.close()
