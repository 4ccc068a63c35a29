"""Writes the page of the app's speed: ``python -m docs.make_performance FILE``.

``FILE`` is what ``hingecoach bench --json FILE`` wrote on a quiet machine; it is kept as ``performance.json``, and the
page is made of that. Without a file the page is made anew from what was kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.validation.bench_document import SCHEMA, markdown

PAGE, DATA = Path(__file__).with_name("performance.md"), Path(__file__).with_name("performance.json")

HEAD = """# How fast it is

Made by `hingecoach bench --json FILE` and `python -m docs.make_performance FILE`; do not edit. Everything stands beside
a bare MediaPipe loop (convert the colours, detect; no mask, no coach) in the same run, right before and right after.

"""

FOOT = """
## What else made it faster

Code that is gone cannot be measured again; these are the figures of its day.

| | before | after |
| --- | --: | --: |
| four curves painted by hand instead of by pyqtgraph, ms a repaint (ADR 11) | 19 to 21 | 3 to 4 |
| newest frame instead of a queue: its age at 60 fps and 40 ms of inference, ms (ADR 3) | 1170, rising | 8 |
| hidden pages leave the window while the theme changes: longest stall, ms | 140 to 450 | 50 to 131 |
| start: hidden pages after the window, modules no garbage: processor time to its painting, ms | 798 | 630 |
| the tests on both cores: whole suite, min | 4:20 for 2030 | 3:22 for 3233 |

An hour of the whole chain with its window is in [soak.md](soak.md).

## How it is measured

- The camera is a loop of whole strides of the virtual runner, drawn beforehand and handed out at the camera's rate;
  the newest frame wins. The bare loop gets the same pictures one after another, as fast as it can; the ratio is to the
  bare loop or the camera's rate, whichever is slower.
- *Captured* is when the frame was due, *painted* when Qt's paint event for its picture has returned. The window is the
  app's own, 1280 x 800, drawn into memory: what a screen and its driver add is not in it.
- The event loop has a heartbeat of 5 ms; a stall is what a beat comes late. The tour goes through every screen, both
  layouts and both themes, one after another, in the last third of every minute.
- The sound is asked for at a port that only notes when: what the sound card adds is not in it.
- With the slow network every frame takes at least 100 ms. Its age must not grow: no queue is in front of the network.
- The cost by size is that of the same pictures made smaller or larger, the chain and the bare loop in turns.
- Each change is undone and redone in turns within the run; the window's rows are one run of each.
- The history's sessions are copies of one of 150 s; opening it for the first time in a process looks through the whole
  database where it is small.
- Starting is a process of its own, from before Python begins; the model is on the disk, and what Python compiled, too.
"""


def page(content: Mapping[str, Any]) -> str:
    """Return the whole page for a document of the bench."""
    return HEAD + markdown(content) + FOOT


def main(arguments: list[str]) -> None:
    """Keep a new document where one is named, and write the page."""
    if arguments:
        content = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        if content.get("schema") != SCHEMA:
            sys.exit(f"{arguments[0]} is no bench: make it with hingecoach bench --json FILE")
        DATA.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    content = json.loads(DATA.read_text(encoding="utf-8"))
    PAGE.write_text(page(content), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
