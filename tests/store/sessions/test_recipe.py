"""A coach can be made again from what was kept of it."""

import json
import math
from dataclasses import replace

import pytest

from app.coach.dose import Dose
from app.coach.drill_model import DrillModel
from app.coach.drills import DrillPlan
from app.coach.report import Mode
from app.coach.reps import DrillId
from app.coach.rules import RulesError, default_rules, parse_rules
from app.coach.standing import StandingReference
from app.coach.standing_quality import StandingQuality
from app.coach.types import Facing, RunnerProfile
from app.store.sessions.errors import DamagedError
from app.store.sessions.recipe import Recipe, from_json, rules_of, to_json

NAN = math.nan
STANDING = StandingReference(
    "stored", 612.1234567890123, 401.0, 433.3, 199 + 1 / 3, 200.5, 2.25, NAN, -1.5, 0.1, 3.0, 3.01, 178.0,
    facing=Facing.LEFT, image_size_px=(1280, 720), quality=StandingQuality(90, 0.001, 0.002, 0.3, NAN), stale="why",
)  # fmt: skip
OWN = parse_rules(
    '[fault.upright.running]\non = 3.5\n[fault.tall.cue]\nshown = "SINK \\" \\\\ ü\\u007f"'.replace("\\u007f", ""),
    "mine.toml",
    default_rules(),
)
RECIPES = [
    Recipe(),
    Recipe(Mode.RUN, RunnerProfile(171.7, 1.27), STANDING, Facing.RIGHT, OWN, Dose(7, 1800.0, False)),
    Recipe(Mode.DRILL, plan=DrillPlan(DrillId.ATHLETIC, 5, 2, 12.5)),
    Recipe(Mode.RUN, plan=DrillPlan(DrillId.HINGE), dose=Dose(2)),
    Recipe(Mode.STANCE, standing=replace(STANDING, height_cm=None, quality=None)),
]


def through_json(recipe):
    return from_json(json.loads(json.dumps(to_json(recipe), allow_nan=False)))


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_comes_back_to_the_last_bit(recipe):
    back = through_json(recipe)
    assert repr(back.standing) == repr(recipe.standing)
    assert replace(back, standing=None, rules=None) == replace(recipe, standing=None, rules=None)
    assert back.rules_used == recipe.rules_used
    assert back.rules_used.name == recipe.rules_used.name
    assert back.rules_hash == recipe.rules_hash


def test_the_hash_is_of_the_rules_not_of_their_name():
    assert Recipe(rules=replace(OWN, name="other")).rules_hash == Recipe(rules=OWN).rules_hash != Recipe().rules_hash


def test_it_makes_the_coach_it_was_of():
    run, drill = through_json(RECIPES[1]).make(), through_json(RECIPES[2]).make()
    assert (run.mode, run.profile, run.rules) == (Mode.RUN, RunnerProfile(171.7, 1.27), OWN)
    assert isinstance(drill, DrillModel)
    assert drill.plan == RECIPES[2].plan
    assert Recipe.of(run, STANDING, Facing.RIGHT) == RECIPES[1]
    assert Recipe.of(RECIPES[3].make()) == replace(RECIPES[3], rules=default_rules())
    assert through_json(RECIPES[1]).make(default_rules()).rules is default_rules()


def test_rules_that_this_app_cannot_use_are_told_of():
    kept = to_json(Recipe())["rules"]
    with pytest.raises(RulesError, match="default"):
        rules_of(kept | {"tree": {**kept["tree"], "of_another_version": {"a": 1}}})


@pytest.mark.parametrize("change", [{"mode": "hop"}, {"profile": 3}, {"standing": {"ear": 1}}, {"dose": {"x": 1}}])
def test_what_is_no_recipe_is_told_of(change):
    with pytest.raises(DamagedError, match="coach"):
        from_json(to_json(Recipe()) | change)
