"""Every batch strategy against scikit-activeml: time and memory, and how they grow.

    pip install "skactive[peers]"
    python tests/speed/batch_against_peer.py --results batch.jsonl

Each case is a process of its own, on one thread, forked from one that holds the data
and the fitted models, and that has asked every strategy once, so that no import is
timed. A finished case is kept in the file of results and not run again. ``--table``
prints what is in it, in the form of docs/speed.rst, and runs nothing. The times are CPU
seconds, since other processes change them less than the time on the wall, which is
kept beside them. Memory is the peak above what the process held before. Linux only.
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import time
import warnings
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from benchmarks.cases import CASES, N_LABELED, PEERLESS, models, samples

SIZES, WIDTHS, BATCHES = (1_000, 10_000, 50_000), (64, 512), (10, 100, 1_000)
TIME_LIMIT, MEMORY_LIMIT = 120, 8 * 2**30  # CPU seconds, bytes above the parent's


def prepared(strategy, library, n, d, batch):
    """Return a function of nothing that fits, asks, and returns the picks."""
    ours, peers = {**CASES, **PEERLESS}[strategy]
    X, y, X_pool = samples(n, d)
    if library == "skactive":
        asked = ours(*models(d))
        return lambda: asked.fit(X, y, X_pool).query(batch)
    X_all = np.concatenate((X, X_pool))
    y_all = np.concatenate((y, np.full(n, np.nan)))
    query = peers(*models(d), X, y)
    return lambda: np.subtract(query(X_all, y_all, batch_size=batch), N_LABELED)


def held(key):
    """Return a line of the process' status, in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split(f"{key}:")[1].split()[0])


def measure(case, connection):
    """Send what a case took. Runs in a process of its own."""
    warnings.simplefilter("ignore")
    run = prepared(*case)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before = held("VmRSS")
    resource.setrlimit(resource.RLIMIT_AS, 2 * (held("VmSize") + MEMORY_LIMIT,))
    used = int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (used + TIME_LIMIT, used + TIME_LIMIT + 5))
    times, peaks = [], []
    # The clock of the processor may tick in milliseconds: short runs are repeated.
    while not times or (len(times) < 50 and sum(cpu for cpu, _ in times) < 0.5):
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            picks = run()
        except MemoryError:
            return connection.send({"outcome": "memory"})
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
        peaks.append(held("VmHWM") - before)
    cpu, wall = (statistics.mean(column) for column in zip(*times))
    took = {"outcome": "done", "cpu": cpu, "wall": wall, "peak": peaks[0]}
    connection.send({**took, "distinct": len(set(np.asarray(picks).tolist()))})


def outcome_of(case):
    """Run one case in a process of its own and return what it took."""
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    process = fork.Process(target=measure, args=(case, sender))
    process.start()
    sender.close()
    try:
        outcome = receiver.recv()
    except EOFError:  # the process was stopped
        process.join()
        stopped = process.exitcode in (-24, -9)
        outcome = {"outcome": "time" if stopped else "failed"}
    process.join()
    return outcome


class Results:
    """What was measured, a line of JSON for each case."""

    def __init__(self, path):
        self.path = Path(path)
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        self.of = {tuple(line["case"]): line for line in map(json.loads, lines)}

    def add(self, case, outcome):
        self.of[case] = {"case": case, **outcome}
        with self.path.open("a") as file:
            file.write(json.dumps(self.of[case]) + "\n")

    def get(self, *case):
        return self.of.get(case, {"outcome": "not run"})

    def hopeless(self, case):
        """Return why a case can be left out: a smaller one was too much."""
        strategy, library, *size = case
        for (other, where, *smaller), line in self.of.items():
            if (other, where) == (strategy, library) and all(
                a <= b for a, b in zip(smaller, size)
            ):
                if line["outcome"] in ("time", "memory"):
                    return line["outcome"]
        return None


def cell(line):
    """Return a number of seconds as text, or why there is none."""
    if line["outcome"] != "done":
        return {"time": f"> {TIME_LIMIT}", "memory": "memory"}.get(line["outcome"], "")
    cpu = line["cpu"]
    return f"{cpu:.3f}" if cpu < 0.1 else f"{cpu:.2f}" if cpu < 10 else f"{cpu:.0f}"


def ratio(ours, peer):
    """Return how many times faster ours is, as text."""
    if ours["outcome"] != "done" or peer["outcome"] not in ("done", "time"):
        return ""
    if peer["outcome"] == "time":
        return f"> {TIME_LIMIT / ours['cpu']:.0f}"
    times = peer["cpu"] / ours["cpu"]
    return f"{times:.1f}" if times < 10 else f"{times:.0f}"


def megabytes(lines):
    """Return the largest peak of some cases, as text."""
    peaks = [line["peak"] / 1e6 for line in lines if line["outcome"] == "done"]
    return f"{max(peaks):.0f}" if peaks else ""


def growth(results, strategy, small, large):
    """Return the exponent with which the time grows between two sizes, as text."""
    a, b = (results.get(strategy, "skactive", *size) for size in (small, large))
    if {a["outcome"], b["outcome"]} != {"done"}:
        return ""
    factor = max(y / x for x, y in zip(small, large))
    return f"{np.log(b['cpu'] / a['cpu']) / np.log(factor):.2f}"


def text_table(rows):
    """Yield the lines of a simple table of reStructuredText."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    line = "  ".join("=" * width for width in widths)
    texts = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in rows
    ]
    yield from (line, texts[0], line, *texts[1:], line, "")


def heading(text):
    """Yield the lines of a heading."""
    yield from (text, "-" * len(text), "")


def tables(results):
    """Yield the lines of all tables."""
    for n in SIZES:
        for d in WIDTHS:
            yield from heading(f"{n:,} rows of {d} columns")
            header = ["strategy"]
            for batch in BATCHES:
                header += [f"{batch} picks", "peer", "ratio"]
            rows = [header + ["MB", "peer MB"]]
            for strategy in CASES:
                both = [
                    [results.get(strategy, where, n, d, b) for b in BATCHES]
                    for where in ("skactive", "peer")
                ]
                row = [strategy]
                for ours, peer in zip(*both):
                    row += [cell(ours), cell(peer), ratio(ours, peer)]
                rows.append(row + [megabytes(lines) for lines in both])
            yield from text_table(rows)
    n, d, b = SIZES[-1], WIDTHS[-1], BATCHES[1]
    yield from heading("Ours alone, and growth")
    rows = [["strategy", *(f"{b} picks" for b in BATCHES), "MB", "in n", "in picks"]]
    for strategy in (*CASES, *PEERLESS):
        lines = [results.get(strategy, "skactive", n, d, batch) for batch in BATCHES]
        in_n = growth(results, strategy, (SIZES[-2], d, b), (n, d, b))
        in_b = growth(results, strategy, (n, d, b), (n, d, BATCHES[-1]))
        rows.append([strategy, *map(cell, lines), megabytes(lines), in_n, in_b])
    yield from text_table(rows)
    yield from faults(results)


def faults(results):
    """Yield what the tables do not show: duplicates, and where ours is the slower."""
    for case, line in results.of.items():
        if line["outcome"] == "done" and line["distinct"] < case[-1]:
            yield f"{line['distinct']} distinct picks: {case}"
        if case[1] == "peer" and line["outcome"] == "done":
            ours = results.get(case[0], "skactive", *case[2:])
            if ours["outcome"] == "done" and ours["cpu"] > line["cpu"]:
                yield f"slower, {ours['cpu']:.3f} : {line['cpu']:.3f} s, {case}"


def main():
    """Run what is missing, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", default="batch.jsonl")
    parser.add_argument("--strategies", nargs="*", help="default: all")
    parser.add_argument("--libraries", nargs="*", default=["skactive", "peer"])
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--widths", type=int, nargs="*", default=WIDTHS)
    parser.add_argument("--batches", type=int, nargs="*", default=BATCHES)
    parser.add_argument("--again", action="store_true", help="also what is there")
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    results = Results(args.results)
    chosen = args.strategies or [*CASES, *PEERLESS]
    wanted = [
        (strategy, library, n, d, batch)
        for n in args.sizes
        for d in args.widths
        for batch in args.batches
        for strategy in chosen
        for library in args.libraries  # in turns, so that a busy hour slows both
        if library == "skactive" or strategy in CASES
    ]
    warnings.simplefilter("ignore")
    asked = set()
    for case in [] if args.table else wanted:
        if case in results.of and not args.again:
            continue
        why = results.hopeless(case)
        if why is None and case[:2] not in asked:
            prepared(*case[:2], 1_000, 64, 10)()
            asked.add(case[:2])
        outcome = {"outcome": why, "left_out": True} if why else outcome_of(case)
        results.add(case, outcome)
        print(*case, outcome, flush=True)
    print("\n".join(tables(results)))


if __name__ == "__main__":
    main()
