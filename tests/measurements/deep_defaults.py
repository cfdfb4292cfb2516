"""Does a strategy that trains the model cost accuracy? The tables of the user guide.

Digits, once as images of 8 x 8 and once as a table of 64 columns: 597 random digits of
each seed are for testing, 100, 150 or 300 of the others are labeled, and the rest is
the pool. Nets are ``NetClassifier()``. Each strategy is fitted once, as it is by
default and with ``from_preset("paper")``. What is kept of each run:

* "own": accuracy of the strategy's own model, to be held against that of the net alone,
  which begins with the same weights and is trained on the same labels;
* "after": accuracy of a plain net that is trained from scratch on the labels and 50
  samples more, those that the strategy asks for;
* "share": how many of the 50 are of classes without a label, where 150 labels are of
  seven digits only.

With ``--cifar``, only "own", on CIFAR-10 by the protocol of ``cifar10.py``: 2,000
labels, a small ResNet, 20 epochs with crops and mirroring, in bfloat16.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/deep_defaults.py --store deep-defaults-runs --jobs 16
    python tests/measurements/deep_defaults.py --cifar --device cuda --store cifar-runs

Each finished run is kept in the store, so the command can be stopped and given again.
``--table`` prints the tables from the file in ``tests/measurements/results``.
"""

import argparse
import json
import time
from pathlib import Path

import _kept
import numpy as np
import torch
from joblib import Parallel, delayed
from scipy.stats import t
from sklearn.base import clone
from sklearn.datasets import load_digits

from skactive.deep import LL4AL, JointReconstruction, MoBYv2AL, TaskAwareViT
from skactive.diversity import RandomSampling
from skactive.nets import NetClassifier
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "deep_defaults.json"
N_TEST, N_ASKED, N_MISSING = 597, 50, 3
SETTINGS = {"test": N_TEST, "asked": N_ASKED, "classes without a label": N_MISSING}
KINDS = ("images", "table")
#: Labels, and whether classes are missing among them.
STARTS = ((100, False), (150, False), (300, False), (150, True))
ALONE = "margin of the net alone"
OF_CIFAR = "cifar10_small, 2000 labels"
AS_THEY_ARE = "seed_of_net", "device"


def strategies(net):
    """Return what is compared, by name; ``net`` has the settings of all nets."""
    return {
        ALONE: MarginSampling(net),
        "random": RandomSampling(),
        "LL4AL": LL4AL(net),
        "LL4AL (paper)": LL4AL.from_preset("paper", net),
        "TaskAwareViT": TaskAwareViT(net),
        "TaskAwareViT (attention)": TaskAwareViT(net, bottleneck="sample"),
        "TaskAwareViT (paper)": TaskAwareViT.from_preset("paper", net),
        "JointReconstruction": JointReconstruction(net),
        "JointReconstruction (paper)": JointReconstruction.from_preset("paper", net),
        "MoBYv2AL": MoBYv2AL(net),
        "MoBYv2AL (paper)": MoBYv2AL.from_preset("paper", net),
    }


def name_of(kind, n_labeled, missing):
    """Return the name of a start, as in the file of results."""
    return f"{kind}, {n_labeled} labels" + (", classes missing" if missing else "")


def split(kind, n_labeled, missing, seed):
    """Return labeled samples, pool and test samples, each with labels; and the new."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    X = X.reshape(-1, 1, 8, 8) if kind == "images" else X
    rng = np.random.RandomState(seed)
    rows, new = rng.permutation(len(X)), rng.permutation(10)[: N_MISSING * missing]
    test, rows = rows[:N_TEST], rows[N_TEST:]
    labeled = rows[~np.isin(y[rows], new)][:n_labeled]
    pool = rows[~np.isin(rows, labeled)]
    return [(X[part], y[part]) for part in (labeled, pool, test)], new


def measured(kind, n_labeled, missing, seed, name):
    """Return what is kept of one run."""
    ((X, y), (X_pool, y_pool), test), new = split(kind, n_labeled, missing, seed)
    net, began = NetClassifier(), time.process_time()
    strategy = strategies(net)[name].set_params(random_state=seed)
    strategy.fit(X, y, X_pool)
    picks = strategy.query(N_ASKED)
    seconds = time.process_time() - began
    own = getattr(strategy, "estimator_", None)
    again = clone(net).set_params(random_state=seed)
    again.fit(np.concatenate([X, X_pool[picks]]), np.concatenate([y, y_pool[picks]]))
    kept = {"after": again.score(*test), "seconds": seconds}
    if own is not None:
        kept.update(own=own.score(*test), seed_of_net=own.random_state)
    if missing:
        kept["share"] = float(np.isin(y_pool[picks], new).mean())
    return kept


def measured_on_cifar(device, seed, name):
    """Return the accuracy of a strategy's own model."""
    from cifar10 import images, small_resnet

    data, rng = images(), np.random.RandomState(seed)
    X, y = data["data"], np.asarray(data["target"])
    rows = rng.permutation(len(X))
    labeled, pool = rows[:2000], rows[2000:]
    strategy = strategies(small_resnet(device))[name].set_params(random_state=seed)
    began = time.perf_counter()
    strategy.fit(X[labeled], y[labeled], X[pool])
    seconds, own = time.perf_counter() - began, strategy.estimator_
    score = own.score(data["test_data"], np.asarray(data["test_target"]))
    kept = {"own": score, "seed_of_net": own.random_state, "seconds": seconds}
    return {**kept, "device": str(device)}


def kept_or_run(store, function, *what):
    """Return the result of a run, from the store if it is there."""
    torch.set_num_threads(1)
    name = " ".join(str(each).replace(" ", "_") for each in what)
    path = store and Path(store) / f"{function.__name__} {name}.json"
    if path and path.exists():
        return what, json.loads(path.read_text("utf-8"))
    found = function(*what)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(found), "utf-8")
        part.replace(path)
    return what, found


def wanted(given):
    """Return the function that is called, and with what, seed by seed."""
    names = given.only.split(",") if given.only else list(strategies(None))
    seeds = range(given.first, given.seeds)
    if given.cifar:
        names = [name for name in names if name != "random"]
        return measured_on_cifar, [
            (given.device, s, name) for s in seeds for name in names
        ]
    return measured, [
        (kind, *start, seed, name)
        for seed in seeds
        for kind in KINDS
        for start in STARTS
        for name in names
    ]


def run(given):
    """Return the results of all runs, by start and strategy, in the order of seeds."""
    function, calls = wanted(given)
    tasks = (delayed(kept_or_run)(given.store, function, *what) for what in calls)
    found = {}
    for what, kept in Parallel(given.jobs)(tasks):
        start = OF_CIFAR if given.cifar else name_of(*what[:3])
        row = found.setdefault(start, {}).setdefault(what[-1], {})
        for key, value in kept.items():
            value = value if key in AS_THEY_ARE else float(f"{value:.4g}")
            row.setdefault(key, []).append(value)
    return found


def with_earlier(row, earlier, first):
    """Return what is kept of a strategy: later seeds follow the earlier ones."""
    there = {key: len(values) for key, values in earlier.items()}
    if first and set(there.values()) != {first}:
        raise ValueError(f"--first {first} follows as many seeds, found: {there}.")
    return {key: earlier[key] + row[key] for key in row} if first else row


def check_earlier(results, given):
    """Refuse, before anything is run, to follow seeds that are not there."""
    for what in wanted(given)[1]:
        start = OF_CIFAR if given.cifar else name_of(*what[:3])
        with_earlier({}, results.get(start, {}).get(what[-1], {}), given.first)


def read(path=RESULTS):
    """Return the results."""
    return {"settings": SETTINGS, **_kept.read(path)}


def interval(differences):
    """Return the 95 % interval of a mean over seeds, in points."""
    points, n = 100 * np.asarray(differences), len(differences)
    half = t.ppf(0.975, n - 1) * points.std(ddof=1) / np.sqrt(n)
    return points.mean() - half, points.mean() + half


def with_interval(differences):
    """Return a mean in points, with its 95 % interval over seeds."""
    mean = 100 * np.mean(differences)
    if len(differences) < 2:
        return f"{mean:+.1f}"
    if not np.any(differences):
        return "0 in each seed"
    low, high = interval(differences)
    return f"{mean:+.1f} ({low:+.1f} to {high:+.1f})"


def differences(rows, name, key):
    """Return one number per seed: what was gained over the net alone, or over random.

    The net alone begins with the weights with which the net of a strategy begins.
    """
    row, base = rows[name], rows[ALONE if key == "own" else "random"]
    if len(row[key]) != len(base[key]):
        raise ValueError(f"{name!r} has other seeds: run the others with them, too.")
    if key == "own" and row["seed_of_net"] != base["seed_of_net"]:
        raise ValueError(f"Nets of {name!r} and of {ALONE!r} begin with other weights.")
    return np.subtract(row[key], base[key])


def _table(results, kind, key, starts):
    starts = {name_of(kind, *start): f"{start[0]} labels" for start in starts}
    starts = {start: title for start, title in starts.items() if start in results}
    names = dict.fromkeys(name for start in starts for name in results[start])
    left_out = {"random", ALONE} if key == "own" else {"random"}
    rows = [
        [name, *(with_interval(differences(results[s], name, key)) for s in starts)]
        for name in names
        if name not in left_out
    ]
    return ["strategy", *starts.values()], rows


def _of_missing(results):
    header, rows = ["asked by"], {}
    for kind in KINDS:
        start = name_of(kind, 150, True)
        if start not in results:
            continue
        header += [f"{kind}: share", f"{kind}: accuracy beside random"]
        for name, row in results[start].items():
            cells = rows.setdefault(name, [name])
            cells.append(f"{100 * np.mean(row['share']):.0f} %")
            same = name == "random"
            gained = differences(results[start], name, "after")
            cells.append("" if same else with_interval(gained))
    return header, list(rows.values())


def tables(path=RESULTS):
    """Return the tables of the user guide, by name."""
    results, found = read(path), {}
    for kind in KINDS:
        found[f"own, {kind}"] = _table(results, kind, "own", STARTS[:3])
        found[f"asked, {kind}"] = _table(results, kind, "after", STARTS[:3])
    found["missing"] = _of_missing(results)
    of_cifar = results.get(OF_CIFAR, {})
    rows = [
        [
            name,
            f"{100 * np.mean(row['own']):.1f} %",
            "" if name == ALONE else with_interval(differences(of_cifar, name, "own")),
            len(row["own"]),
        ]
        for name, row in of_cifar.items()
    ]
    header = [
        "trained with",
        "accuracy of its own model",
        "minus the net alone",
        "seeds",
    ]
    found["cifar"] = header, rows
    return found


def numbers(path=RESULTS):
    """Return what sentences of the user guide say, by name."""
    results, found = read(path), {}
    for kind in KINDS:
        rows = results[name_of(kind, 150, True)]
        gained = np.subtract(rows["MoBYv2AL"]["after"], rows[ALONE]["after"])
        found[f"MoBYv2AL beside margin, {kind}"] = with_interval(gained)
        for form in ("attention", "paper"):
            pair = (rows[f"TaskAwareViT{more}"]["after"] for more in (f" ({form})", ""))
            gained = with_interval(np.subtract(*pair))
            found[f"TaskAwareViT, {form} beside default, {kind}"] = gained
        for name, row in rows.items():
            found[f"{name}, share, {kind}"] = f"{100 * np.mean(row['share']):.0f} %"
            if name != "random":
                gained = differences(rows, name, "after")
                found[f"{name}, missing, {kind}"] = with_interval(gained)
        rows = results[name_of(kind, 100, False)]
        for name in rows:
            if "own" in rows[name]:
                gained = with_interval(differences(rows, name, "own"))
                found[f"{name}, own with 100, {kind}"] = gained
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cifar", action="store_true")
    parser.add_argument("--device", default="cpu", help="of the nets on CIFAR-10")
    parser.add_argument("--only", default="", help="names of strategies, by commas")
    parser.add_argument("--seeds", type=int, help="default: 10, of CIFAR-10 5")
    parser.add_argument("--first", type=int, default=0, help="seed to go on with")
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", help="folder for finished runs")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    given.seeds = given.seeds or (5 if given.cifar else 10)
    if not given.table:
        results = read(given.results)
        check_earlier(results, given)
        for start, rows in run(given).items():
            known = results.setdefault(start, {})
            for name, row in rows.items():
                known[name] = with_earlier(row, known.get(name, {}), given.first)
        _kept.write(given.results, results)
    for title, (header, rows) in tables(given.results).items():
        print(f"{title}: {', '.join(header[1:])}")
        for key, *cells in rows:
            print(f"  {key:28}", *cells, sep="  ")


if __name__ == "__main__":
    main()
