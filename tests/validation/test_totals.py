"""Scenes put together: pooling, targets, the document and the pages made of it."""

from __future__ import annotations

import json
import math
import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.validate import print_validation
from app.coach.types import Facing
from app.validation import totals
from app.validation.document import SCHEMA, document
from app.validation.run import Costs, SceneResult
from app.validation.scenes import Group, Scene
from app.validation.score import Outcome, Score
from app.validation.totals import Pool, Scope

DOCS = Path(__file__).parents[2] / "docs"
PLAIN = Scene("plain", Group.PLAIN)
COSTS = Costs(10.0, 12.0, 1.0, {"head": 0.25})


def made(**scores):
    return Outcome({name: Score(value, 100) for name, value in scores.items()}, "good", (1.0, -1.0) * 30)


def result(refined, raw=None, scene=PLAIN, **without):
    return SceneResult(scene, raw or refined, refined, without, COSTS, 1.5)


def figure(results, metric):
    return next(f for f in totals.figures(results) if f.target.metric == metric)


def test_pooling():
    outcomes = [made(x=3.0), made(x=-4.0), made(), made(x=math.nan)]
    assert totals.pooled(outcomes, "x", Pool.MEAN_ABS) == pytest.approx(3.5)
    assert totals.pooled(outcomes, "x", Pool.RMS) == pytest.approx(math.sqrt(12.5))
    assert totals.pooled(outcomes, "x", Pool.MAX) == pytest.approx(3.0)
    assert math.isnan(totals.pooled(outcomes, "y", Pool.RMS))
    weighted = [Outcome({"x": Score(1.0, 1)}, "good", ()), Outcome({"x": Score(0.0, 3)}, "good", ())]
    assert totals.pooled(weighted, "x", Pool.SHARE) == pytest.approx(0.25)


def test_a_target_is_met_at_its_limit_and_not_beyond_or_unmeasured():
    met = [figure([result(made(head_lag_ms=lag))], "head_lag_ms").met for lag in (4.0, 4.1, -4.1)]
    assert met == [True, False, False]
    assert figure([result(made())], "head_lag_ms").met is None
    informative = figure([result(made(legs_apart_unmeasured_share=0.3))], "legs_apart_unmeasured_share")
    assert (informative.met, informative.target.limit) == (None, "-")


def test_scenes_outside_the_table_do_not_count():
    small = result(made(head_lag_ms=50.0), scene=replace(PLAIN, name="small", body=0.35))
    other = result(made(head_lag_ms=50.0), scene=replace(PLAIN, name="480p", size_px=(640, 480)))
    core = figure([small, other, result(made(head_lag_ms=1.0))], "head_lag_ms")
    assert (core.refined, core.scenes, core.worst_scene) == (1.0, 1, "plain")
    assert not Scope.TREADMILL.holds(PLAIN)
    assert Scope.PLAIN.holds(PLAIN)


def test_a_runner_who_never_comes_back_fails():
    people = replace(PLAIN, name="front", group=Group.PEOPLE)
    row = figure([result(made(back_after_s=math.inf), scene=people)], "back_after_s")
    assert row.met is False


def test_slope_is_that_of_the_worse_facing():
    results = [
        result(
            made(lean_true_deg=true, lean_found_deg=gain * true),
            scene=Scene(f"{facing}{true}", Group.LEAN, facing),
        )
        for facing, gain in ((Facing.RIGHT, 1.02), (Facing.LEFT, 0.9))
        for true in (0.0, 10.0, 20.0)
    ]
    row = figure(results, "lean_slope")
    assert (row.refined, row.worst_scene, row.met) == (pytest.approx(0.9), "facing left", False)


def test_what_a_part_buys():
    rows = totals.bought([result(made(head_sd_mm=1.0), head=made(head_sd_mm=5.0)), result(made(head_sd_mm=9.0))])
    row = next(row for row in rows if row.quantity == "head height, SD per frame")
    assert (row.part, row.without_part, row.with_part, row.scenes) == ("head", 5.0, 1.0, 1)


@pytest.fixture(scope="module")
def content():
    results = [result(made(head_lag_ms=1.0, back_after_s=math.inf), head=made(head_lag_ms=2.0))]
    return document(results, {"quick": True}, {"version": "0"}, {"60 fps": {"found": 29}})


def test_the_document_is_plain_json_with_everything_in_it(content):
    assert content["schema"] == SCHEMA
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    row = next(row for row in content["targets"] if row["metric"] == "head_lag_ms")
    assert (row["raw"], row["refined"], row["limit"], row["met"]) == (1.0, 1.0, "<= 4", True)
    assert content["scenes"][0]["refined"]["scores"]["back_after_s"]["value"] is None
    assert content["timings"]["share_of_bare"] == pytest.approx(0.3)


def test_the_document_is_the_same_but_for_its_timings():
    def of(elapsed_s):
        results = [replace(result(made(head_lag_ms=1.0)), elapsed_s=elapsed_s)]
        return {k: v for k, v in document(results, {}, {}, None).items() if k != "timings"}

    assert of(1.0) == of(2.0)


def test_it_can_be_printed(content, capsys):
    print_validation(content)
    printed = capsys.readouterr().out
    assert "lag of the head, ms" in printed
    assert "30.0 % more time" in printed
    assert "Motion capture" in printed


def test_a_chain_that_is_faster_than_the_bare_network_takes_less_time(content, capsys):
    faster = {**content, "timings": {**content["timings"], "share_of_bare": -0.038}}
    print_validation(faster)
    assert "3.8 % less time than bare MediaPipe" in capsys.readouterr().out.replace("\n", " ")
    tables = runpy.run_path(str(DOCS / "make_tables.py"))
    assert "with mask and all parts 3.8 % less." in tables["landmarks"](tables["brief"](faster))


def test_pages_are_made_of_the_document_and_fresh(content):
    tables = runpy.run_path(str(DOCS / "make_tables.py"))
    page = tables["landmarks"](tables["brief"](content))
    assert "| lag of the head, ms | 720p, body >= 60 % of the frame | 1.0 | 1.0 | <= 4 | yes | 1.0 plain |" in page
    kept = json.loads((DOCS / "landmarks.json").read_text(encoding="utf-8"))
    assert (DOCS / "landmarks.md").read_text(encoding="utf-8") == tables["landmarks"](kept)
    assert set(tables["PARTS"]) == {row["part"] for row in kept["parts"]} | set(tables["PARTS"])
