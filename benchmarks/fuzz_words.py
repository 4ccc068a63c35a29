"""Targets of the fuzzer that read words and trees: options, rules, drills, runners, settings, catalogues, recipes."""

from __future__ import annotations

import io
import json
import math
import warnings
from contextlib import redirect_stderr, suppress
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from app.coach import rules as rules_room
from app.coach.drill_rules import DrillRules, parse_drills
from app.coach.errors import WorldError
from app.coach.report import Mode
from app.coach.rules import Rules, default_rules, default_text, parse_rules
from app.coach.setup_words import SetupWords, parse_words
from app.coach.standing import StandingReference
from app.coach.standing_quality import StandingQuality
from app.coach.types import Facing, RunnerProfile
from app.store import calibration_json
from app.store.calibration_json import Calibration, Damaged
from app.store.people import RunnerRecord, RunnerStore, file_word
from app.store.sessions import recipe
from app.store.sessions.recipe import Recipe
from benchmarks.fuzz_cases import damaged_text, damaged_tree, hostile_text, json_bytes, odd_number
from benchmarks.fuzz_run import Target, require_finite

# ---------------------------------------------------------------------- options


def _option_cases() -> SearchStrategy[Any]:
    from app.cli import parsing

    words = st.one_of(
        st.sampled_from(("178", "178cm", "1.78m", "5'10\"", "5ft10", "6'", "1280x720", "64×64", "1,78 m", "5'12\"")),
        st.from_regex(r"\d{0,4}[.,']?\d{0,5}\s?(cm|m|ft|in|x|\")?\d{0,4}", fullmatch=True),
        st.integers(0, 400).map(lambda digits: f"{'9' * digits}'9\""),
        hostile_text(30),
        odd_number().map(repr),
    )
    texts = st.tuples(st.sampled_from((parsing.height_cm, parsing.size_px, parsing.camera, _facing, _mode)), words)
    numbers = st.tuples(st.sampled_from((parsing.frames_per_s, parsing.seconds)), st.floats())
    return st.one_of(texts, texts, texts, numbers)


def _facing(text: str) -> Facing:
    from app.cli.build import facing_of

    return facing_of(text)


def _mode(text: str) -> Mode:
    from app.cli.build import coach_mode

    return coach_mode(text)


def _check_option(case: Any, _folder: Path) -> str:
    parse, given = case
    found = parse(given)
    name = parse.__name__
    if name == "height_cm":
        assert 100.0 <= found <= 230.0
    elif name == "size_px":
        assert 64 <= found[0] <= 7680
        assert 64 <= found[1] <= 4320
    elif name == "camera":
        assert found == given or (isinstance(found, int) and found >= 0)
    elif name == "frames_per_s":
        assert 1.0 <= found <= 240.0
    elif name == "seconds":
        assert 0.0 < found <= 86_400.0
    return "taken"


# ---------------------------------------------------------------------- TOML

_TOML_WORDS = (
    "[fault.upright]", "[[fault.upright.evidence]]", "[said.praise_run]", "-1", "on", "off", "= nan", "= inf",
    "1e400", "true", '""', '"x"', "''", "{", "}", "[", "]", "=", "#", '"""', "0x10", "1_000",
    "a.b.c = 1", "2026-11-22",
    "[" * 1000, "{a=" * 300, "9" * 5000, "above", "below", "priority = 1", "spoken = []", 'spoken = ["=1"]', "\\u0000",
)  # fmt: skip


def _rules_cases() -> SearchStrategy[Any]:
    small = [
        "[fault.upright.running]\non = 4.0\noff = 5.0\n",
        '[fault.pelvis_drift.cue]\nshown = "Hips back"\nspoken = ["Hips back", "Sit back"]\n',
        "[green]\ntrunk_lean_deg = [5, 20]\n",
        "fault.over_lean.running.on = 30.0\n[exam]\nhold_s = 3\n",
    ]
    texts = damaged_text([default_text(), *small, *small, *small], _TOML_WORDS)
    return st.tuples(texts, st.booleans())


def _check_rules(case: Any, folder: Path) -> str:
    text, over = case
    rules = parse_rules(text, "my.toml", default_rules() if over else None)
    _require_rules(rules)
    again = recipe.rules_of(json.loads(json.dumps({"name": "my.toml", "tree": rules.tree})))
    assert again.tree == rules.tree, "the rules cannot be kept with a session"
    rules_room.changes(rules)
    return "taken"


def _require_rules(rules: Rules) -> None:
    for cue in rules.all_cues:
        assert cue.id
        assert cue.spoken
        assert cue.shown.isprintable()
        assert all(one.strip() and one.isprintable() for one in cue.spoken)
    for spec in (*rules.running.values(), *rules.stance.values()):
        assert math.isfinite(spec.on)
        assert math.isfinite(spec.off)
        assert spec.off <= spec.on if spec.higher else spec.off >= spec.on
        assert not spec.past(math.nan, active=True)
    assert rules.green_lean_deg[0] < rules.green_lean_deg[1]
    require_finite(rules.tree)


def _toml_cases() -> SearchStrategy[Any]:
    import app.coach

    folder = Path(app.coach.__file__).parent
    drills = (folder / "drills.toml").read_text(encoding="utf-8")
    setup = (folder / "setup.toml").read_text(encoding="utf-8")
    own = "[drill.hinge]\nsets = 3\nrest_s = 20\n[drill.hinge.band]\nstart_deg = 10\n"
    return st.one_of(
        st.tuples(st.just("drills"), damaged_text([drills, own, own], _TOML_WORDS)),
        st.tuples(st.just("setup"), damaged_text([setup], _TOML_WORDS)),
    )


def _check_toml(case: Any, _folder: Path) -> str:
    kind, text = case
    if kind == "setup":  # the app's own file alone; what is wrong with it is an error of ours, but one with a name
        try:
            words: SetupWords = parse_words(text)
        except (ValueError, KeyError):
            return "refused"
        assert all(check.title for check in words.checks.values())
        return "taken"
    drills: DrillRules = parse_drills(text, "drills.toml")
    for spec in drills.drills.values():
        assert spec.sets >= 1
        assert all(math.isfinite(value) and value >= 0.0 for value in spec.band.values())
    return "taken"


# ---------------------------------------------------------------------- runners

_QUALITY = StandingQuality(90, 0.002, 0.002, 0.4, 0.9)


@cache
def a_standing() -> StandingReference:
    """Return the standing of somebody 540 px tall."""
    return StandingReference(
        "recorded", -200.0, 501.0, 540.0, 262.0, 260.0, 1.5, 2.0, 3.0, 4.0, 5.0, 3.0, 178.0, -160.0, 540.0, 1.0,
        facing=Facing.RIGHT, image_size_px=(1280, 720), floor_y_px=-700.0, quality=_QUALITY,
    )  # fmt: skip


def a_record(name: str = "Anna") -> RunnerRecord:
    """Return a runner with two standings."""
    kept = tuple(Calibration("2026-11-22T18:30:00", camera, a_standing()) for camera in ("Webcam", "virtual"))
    return RunnerRecord(name, 178.0, 2.54, 3, "2026-11-22", kept)


def _people_tree(name: str) -> Any:
    from app.store import people

    return people._to_json(a_record(name))  # noqa: SLF001 - the very form of the file


def _people_cases() -> SearchStrategy[Any]:
    return json_bytes([_people_tree("Anna")])


def _check_people(case: bytes, folder: Path) -> str:
    store = RunnerStore(folder)
    path = store.path_of("Anna")
    path.parent.mkdir(exist_ok=True)
    for old in path.parent.iterdir():
        old.unlink()
    path.write_bytes(case)
    records = store.all()
    if not records:
        kept = [one.read_bytes() for one in path.parent.iterdir()]
        assert kept == [case], "a damaged file was changed or lost"
        assert len(store.notices) == 1
        assert store.notices[0].isprintable()
        return "set aside"
    (record,) = records
    assert record.name.casefold() == "anna"
    assert record.height_cm is None or 100.0 <= record.height_cm <= 230.0
    standing = record.standing_for("Webcam")
    if standing is not None:
        assert standing.body_height_px > 0.0
        assert not math.isinf(standing.roll_deg)
    store.save(record)
    assert repr(store.get("Anna")) == repr(store.get("anna"))
    store.count_session("Anna", "2026-11-23")
    return "taken"


def _calibration_cases() -> SearchStrategy[Any]:
    return damaged_tree([calibration_json.to_json(a_record().calibrations[0])])


def _check_calibration(case: Any, _folder: Path) -> str:
    try:
        calibration = calibration_json.from_json(case)
    except Damaged as error:
        raise WorldError(str(error)) from error
    reference = calibration.reference
    assert 0.0 < reference.body_height_px < 100_000.0
    assert 0.0 < reference.leg_length_px < 100_000.0
    tree = calibration_json.to_json(calibration)
    if len(json.dumps(tree)) < 100_000:
        require_finite(tree)
        assert repr(calibration_json.from_json(tree).reference) == repr(
            calibration_json.from_json(json.loads(json.dumps(tree))).reference
        )
    return "taken"


def _name_cases() -> SearchStrategy[Any]:
    reserved = st.sampled_from(
        ("con", "PRN", "aux.json", "NUL", "com1", "LPT9", ".", "..", "~", "-", "%2e%2e", "=", "*")
    )
    return st.one_of(hostile_text(80), hostile_text(80), reserved, st.text(min_size=1, max_size=40))


def _check_name(case: str, folder: Path) -> str:
    store = RunnerStore(folder)
    path = store.path_of(case)  # WorldError: no name
    assert path.parent == folder / "runners"
    assert len(path.name.encode()) <= 200
    assert path.name.isascii()
    assert not set(path.name) & set('<>:"/\\|?* ')
    # Two names that a file system takes for one must be one to us too.
    assert path.name == file_word_of(case.upper()) or case.upper().casefold() != case.casefold()
    record = RunnerRecord(case, 180.0)
    store.save(record)
    assert [one for one in folder.iterdir() if one.name != "runners"] == []
    assert file_word(store.get(case).name) == file_word(case)
    store.delete(case)
    return "taken"


def file_word_of(name: str) -> str:
    """Return the name of a runner's file, "" for what is no name."""
    with suppress(WorldError):
        return f"runner-{file_word(name)}.json"
    return ""


# ---------------------------------------------------------------------- recipes


def _recipe_cases() -> SearchStrategy[Any]:
    trees = [recipe.to_json(Recipe(Mode.RUN, RunnerProfile(178.0), a_standing(), Facing.RIGHT))]
    slim = {key: value for key, value in trees[0].items() if key != "rules"} | {"rules": None}
    return st.tuples(damaged_tree([slim, slim, *trees]), st.booleans())


def _check_recipe(case: Any, _folder: Path) -> str:
    tree, own = case
    tree = json.loads(json.dumps(tree))
    made = recipe.from_json(tree, None if own and isinstance(tree, dict) and tree.get("rules") else default_rules())
    coach = made.make()
    from benchmarks.fuzz_coach import some_poses

    for pose in some_poses():
        coach.update(pose)
    coach.finish()
    coach.summary()
    json.dumps(recipe.to_json(made))
    return "taken"


def _toml_quiet(case: Any, folder: Path) -> str:
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
        return _check_toml(case, folder)


TARGETS = (
    Target("options", "words of the command line", _option_cases, _check_option, 16),
    Target("rules", "a coach's own rules (`--rules`)", _rules_cases, _check_rules, 6),
    Target("drills", "drills and set-up words (TOML)", _toml_cases, _toml_quiet, 4),
    Target("runners", "runners' files", _people_cases, _check_people, 5),
    Target("calibrations", "stored standings", _calibration_cases, _check_calibration, 9),
    Target("names", "names of runners, and their files", _name_cases, _check_name, 10),
    Target("recipes", "what a session's coach was made of", _recipe_cases, _check_recipe, 5),
)
