"""Choosing what runs the pose network."""

from __future__ import annotations

import pytest

from app.coach.errors import WorldError
from app.pose import engine, litert_net
from app.pose.engine import VARIABLE, Engine, chosen_engine, default_engine, engine_for_many, make_network


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, " MediaPipe ")
    assert chosen_engine() is Engine.MEDIAPIPE
    monkeypatch.setenv(VARIABLE, "litert")
    assert chosen_engine() is Engine.LITERT


def test_an_engine_that_does_not_exist_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "torch")
    with pytest.raises(WorldError, match="mediapipe or litert") as refused:
        chosen_engine()
    assert "\n" not in str(refused.value)


def test_without_litert_it_is_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(litert_net, "available", lambda: False)
    assert default_engine() is chosen_engine() is Engine.MEDIAPIPE


@pytest.mark.parametrize(("litert", "says"), [(True, "use the engine LiteRT"), (False, "only landmark files")])
def test_without_mediapipe_it_is_litert_or_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path, litert, says) -> None:
    monkeypatch.setattr(engine.util, "find_spec", lambda name: None)
    monkeypatch.setattr(litert_net, "available", lambda: litert)
    assert engine_for_many() is Engine.LITERT
    with pytest.raises(WorldError, match=says) as refused:
        make_network(Engine.MEDIAPIPE, tmp_path / "model.task")
    assert "\n" not in str(refused.value)
