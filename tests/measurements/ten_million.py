"""Ask for 1,000 of 10^7 samples on disk, and say what it took.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/ten_million.py FILE [million rows]

FILE is written if it is not there: 64 columns of float32, 2.56 GB for 10^7 rows. Each
strategy is fitted and asked in a process of its own, after the pages of the file were
given back. Printed are seconds of the clock and of the processor, the peak of anonymous
memory above what the process had before, and what was read from the disk.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import _kept
import numpy as np

RESULTS = Path(__file__).parent / "results" / "ten_million.json"
D, BATCH, N_LABELED, SLICE = 64, 1000, 1000, 65_536


def write(path, n):
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(50, D)).astype(np.float32)
    X = np.lib.format.open_memmap(path, "w+", np.float32, (n, D))
    for start in range(0, n, SLICE):
        part = X[start : start + SLICE]
        part[:] = rng.standard_normal(part.shape, dtype=np.float32)
        part += centers[rng.integers(50, size=len(part))]
    X.flush()


def strategies():
    from skactive.compose import PartitionedSampling
    from skactive.diversity import CoreSet
    from skactive.uncertainty import MarginSampling

    return {
        "margin": MarginSampling(),
        "core-set in 16 parts": PartitionedSampling(CoreSet(), n_parts=16),
        "core-set": CoreSet(),
    }


def measure(path, name):
    sys.path.insert(0, str(Path(__file__).parents[1] / "speed"))
    from large_pools import Peak

    X = np.load(path, mmap_mode="r")
    rows = np.random.default_rng(1).choice(len(X), N_LABELED, replace=False)
    X_labeled = X[np.sort(rows)]
    y = (X_labeled[:, :4] > 0) @ [1, 2, 4, 8]
    strategy = strategies()[name].set_params(random_state=0)
    strategy.fit(X_labeled, y, X[:5000]).query(10)  # what is loaded once
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    before, clock, cpu = bytes_read(), time.perf_counter(), time.process_time()
    with Peak() as peak:
        picks = strategy.fit(X_labeled, y, X).query(BATCH)
    result = {
        "rows": len(X),
        "seconds": round(time.perf_counter() - clock, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_mb": round(peak.megabytes),
        "read_gb": round((bytes_read() - before) / 1e9, 2),
        "first": picks[:3].tolist(),
    }
    if name.endswith("parts"):
        result["radius_bound"] = round(float(strategy.certificate_.radius_bound), 2)
        result["optimum_bound"] = round(float(strategy.certificate_.optimum_bound), 2)
    print(json.dumps(result))


def bytes_read():
    told = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in told)["read_bytes"])


def kept():
    """Return what was measured, by strategy."""
    return _kept.read(RESULTS)


#: What the page calls the strategies.
SHOWN = {
    "margin": "``MarginSampling()``",
    "core-set in 16 parts": "core-set, in 16 parts",
    "core-set": "``CoreSet()``",
}


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    header = ["strategy", "CPU seconds", "peak memory beside the file"]
    found = kept()
    rows = [
        [shown, f"{found[name]['cpu_seconds']:.0f}", f"{found[name]['peak_mb']} MB"]
        for name, shown in SHOWN.items()
    ]
    return {"samples": (header, rows)}


def numbers():
    """Return what the user guide says in sentences, by name."""
    found = kept()
    parts = found["core-set in 16 parts"]
    if found["core-set"]["first"] != parts["first"]:
        raise ValueError("The first picks differ: the page says that they do not.")
    read = [row["read_gb"] for row in found.values()]
    return {
        "radius": f"{parts['radius_bound']:.1f}",
        "least radius": f"{parts['optimum_bound']:.1f}",
        "read": f"{np.mean(read):.1f} GB",
        "size": f"{found['margin']['rows'] * D * 4 / 1e9:.2f} GB",
    }


def main(path, millions="10"):
    path, n = Path(path), int(float(millions) * 1e6)
    if not path.exists():
        write(path, n)
    results = {}
    for name in strategies():
        call = [sys.executable, __file__, "--one", str(path), name]
        done = subprocess.run(call, check=True, capture_output=True, text=True)
        results[name] = json.loads(done.stdout)
        print(name, results[name], flush=True)
    if n == 10_000_000:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
