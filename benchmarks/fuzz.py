"""The fuzzer: cases by the thousand on everything that reads what others wrote, and on the coach itself.

Run from the checkout:

    python -m benchmarks.fuzz --cases 100000 [--only TARGET] [--seed N] [--seconds S] [--markdown FILE]
        [--results FILE]

With ``--results`` targets can be run one after the other: the table then is of all that the file holds.
Each target runs in a process of its own, with its memory limited; a crash of native code is told like any other find.
Exits with 1 where something was found; the smallest case is printed, to be put among the tests.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path

from benchmarks.fuzz_run import FoundError, Outcome, Target, last_case, limit_memory, run

DONE = "outcome "
#: After this long a child is given up as hanging, besides the time it was given.
LEAST_CHILD_S = 3600.0


def targets() -> dict[str, Target]:
    """Return all targets by name, in the order of the table."""
    from benchmarks import fuzz_coach, fuzz_files, fuzz_pages, fuzz_pictures, fuzz_settings, fuzz_trends, fuzz_words

    rooms = (fuzz_words, fuzz_settings, fuzz_files, fuzz_pictures, fuzz_coach, fuzz_trends, fuzz_pages)
    return {target.name: target for room in rooms for target in room.TARGETS}


def shares(cases: int, chosen: list[Target]) -> dict[str, int]:
    """Return how many cases each target gets, together at least ``cases``."""
    parts = sum(target.share for target in chosen)
    return {target.name: math.ceil(cases * target.share / parts) for target in chosen}


def child(name: str, cases: int, number: int, seconds: float) -> None:
    """Run one target in this process and print its outcome as one line."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    target = targets()[name]
    if not target.native:
        limit_memory()
    try:
        outcome = run(target, cases, number, seconds)
    except FoundError as error:
        outcome = Outcome(name, found=str(error))
    print(f"{DONE}{outcome.as_json()}", flush=True)


def run_child(name: str, cases: int, number: int, seconds: float) -> Outcome:
    """Run one target in a process of its own and return its outcome."""
    command = [sys.executable, "-m", "benchmarks.fuzz", "--child", name, "--cases", str(cases), "--seed", str(number)]
    if math.isfinite(seconds):
        command += ["--seconds", str(seconds)]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LEAST_CHILD_S,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(name, found="the process hangs")
    lines = [line for line in done.stdout.splitlines() if line.startswith(DONE)]
    if not lines:
        where = f"its last case is in {last_case(name)}" if targets()[name].native else ""
        return Outcome(name, found=f"the process ended with {done.returncode}: {where} {done.stderr[-2000:]}")
    told = json.loads(lines[-1].removeprefix(DONE))
    return Outcome(**(told | {"ends": Counter(told["ends"])}))


def table(outcomes: list[Outcome]) -> str:
    """Return the outcomes as a table in Markdown."""
    known = targets()
    lines = [
        "| target | what | cases | CPU s | slowest case, ms | memory grown, MB | how they ended |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for one in outcomes:
        ends = ", ".join(f"{count:,} {end}" for end, count in sorted(one.ends.items(), key=lambda pair: -pair[1])[:5])
        ends += ", others" if len(one.ends) > 5 else ""
        lines.append(
            f"| {one.name} | {known[one.name].what} | {one.cases:,} | {one.seconds:.0f} | {1000 * one.worst_s:.0f} "
            f"| {one.grown_mb:.0f} | {'**broken**' if one.found else ends} |"
        )
    whole, seconds = sum(one.cases for one in outcomes), sum(one.seconds for one in outcomes)
    lines.append(f"| **all** | | **{whole:,}** | **{seconds:.0f}** | | | |")
    return "\n".join(lines)


def main() -> None:
    """Run the targets, print a line for each and the table; see the module."""
    parser = argparse.ArgumentParser(description="Fuzz the coach and everything that reads files.")
    parser.add_argument(
        "--cases", type=int, default=100_000, help="in all (default: 100000); 0: only make the table of --results"
    )
    parser.add_argument("--only", action="append", help="one target (may be given again)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=math.inf, help="for each target at most")
    parser.add_argument("--markdown", type=Path, help="write the table there")
    parser.add_argument(
        "--results", type=Path, help="take the other targets' outcomes from this JSON file, and keep all there"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.cases, given.seed, given.seconds)
        return
    known = targets()
    unknown = set(given.only or ()) - set(known)
    if unknown:
        sys.exit(f"There is no target {', '.join(sorted(unknown))}: use {', '.join(known)}.")
    chosen = [known[name] for name in given.only or known]
    found = 0
    outcomes = kept(given.results)
    for name, cases in shares(given.cases, chosen).items() if given.cases > 0 else ():
        one = outcomes[name] = run_child(name, cases, given.seed, given.seconds)
        print(f"{name:<16}{one.cases:>8} cases {one.seconds:7.1f} s  {dict(one.ends)}", flush=True)
        if one.found:
            found += 1
            print(f"FOUND in {name}:\n{one.found}\n", flush=True)
        if given.results is not None:
            given.results.write_text(
                json.dumps([outcomes[name].__dict__ for name in outcomes], indent=1), encoding="utf-8"
            )
    ran = [outcomes[name] for name in known if name in outcomes]
    print(table(ran))
    if given.markdown is not None:
        given.markdown.write_text(page(ran, given.seed), encoding="utf-8")
    sys.exit(found > 0)


def kept(path: Path | None) -> dict[str, Outcome]:
    """Return the outcomes that a file holds, by target; none where there is no file."""
    if path is None or not path.exists():
        return {}
    told = json.loads(path.read_text(encoding="utf-8"))
    return {one["name"]: Outcome(**(one | {"ends": Counter(one["ends"])})) for one in told}


def page(outcomes: list[Outcome], number: int) -> str:
    """Return the page with the table."""
    cases = sum(one.cases for one in outcomes)
    command = f"python -m benchmarks.fuzz --cases {cases} --seed {number} --markdown docs/fuzz.md"
    broken = sum(bool(one.found) for one in outcomes)
    return f"""# Fuzzing

Everything that reads what others wrote, and the coach itself, on made-up cases. A case may end in what is right for it
or in one `WorldError` of one printable line; any other exception, more than some seconds (see `Target.most_s`), more
than 1.5 GB of memory, or a value that makes no sense is a find. Each target checks what it knows of a right answer:
finite JSON, values in their ranges, times in order, the mirrored answer for the mirrored pose, nothing written outside
of the folder.

Targets that broke in this run: {broken}.

{table(outcomes)}

Times are CPU times of one process; "memory grown" is that of the process over all its cases, much of it hypothesis'.

To repeat it: `{command}` (or target by target: `--only`, `--results`).
A short form of every target runs with the tests (`tests/e2e/test_fuzz.py`), with the cases that were once found.
"""


if __name__ == "__main__":
    main()
