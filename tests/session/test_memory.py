"""Memory is given back to the system."""

from __future__ import annotations

import re
import subprocess
import sys
from types import SimpleNamespace

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


def test_it_is_given_back_once_a_minute_of_the_frames_time(monkeypatch):
    given: list[float] = []
    now_s = [0.0]
    monkeypatch.setattr(memory, "give_back", lambda: given.append(now_s[0]))
    observe = memory.GivesBack()
    for t_s in (1000.0, 1030.0, 1059.9, 1060.0, 1061.0, 1119.9, 1120.5, 40.0, 99.0, 100.0):  # a camera back: time anew
        now_s[0] = t_s
        observe(SimpleNamespace(frame=SimpleNamespace(t_s=t_s)))
    assert given == [1060.0, 1120.5, 40.0, 100.0]


#: Five threads hold something at the same time; printed is how many heaps glibc has then.
HEAPS = """
import ctypes, sys, tempfile, threading
from app.cli.heap import use_one_heap
if sys.argv[1] == "one":
    use_one_heap()
together, held = threading.Barrier(5), []
def hold():
    together.wait()
    held.append([bytes(5000 + k) for k in range(100)])
    together.wait()
threads = [threading.Thread(target=hold) for _ in range(5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL("libc.so.6")
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(file.read().decode())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc has several heaps")
def test_all_threads_share_one_heap():
    def heaps(how: str) -> int:
        words = [sys.executable, "-c", HEAPS, how]
        told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        return len(re.findall(r"<heap nr=", told))

    assert heaps("one") == 1
    assert heaps("as it comes") > 1
