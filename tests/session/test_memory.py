"""Memory is given back to the system."""

from __future__ import annotations

import sys

import pytest

from app.session import memory
from app.validation.bench_memory import resident_mb


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc keeps what is freed")
def test_what_many_small_pictures_held_is_given_back():
    memory.give_back()  # what tests before left behind would hold the pictures without a trace
    before_mb = resident_mb()
    kept = []
    pictures = []
    for k in range(1200):
        pictures.append(bytes([k % 251]) * 50_000)
        kept.append(bytes([k % 7]) * 900)  # something small that lives on between them
    held_mb = resident_mb()
    assert held_mb - before_mb > 50.0
    del pictures
    memory.give_back()
    assert resident_mb() - before_mb < 0.25 * (held_mb - before_mb)
    assert len(kept) == 1200


def test_elsewhere_nothing_is_done(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    asked_for: list[str] = []
    monkeypatch.setattr(memory.ctypes, "CDLL", asked_for.append)
    memory.give_back()
    assert asked_for == []
