"""The second table of the record: where labels or pool are not as they should be.

Digits as images of 8 x 8, MNIST and Fashion-MNIST as 14 x 14; at most 1,200 samples to
label, 597 others to test on. From 100 labels a strategy asks for 50 at once, and what
counts is how a net does that is trained from scratch on all 150: its accuracy on each
class, in the mean. Conditions:

* "as they come": the labels are drawn at random, the pool is as large as it looks;
* "two classes missing": no label is of two classes, which are others in each seed;
* "long tail": the most frequent class has twenty times as many samples as the rarest;
* "copies": 150 samples, each eight times, with noise;
* "wrong answers": each fifth answer is drawn at random from the other classes;
* "own features": 20 labels and 30 more, samples are rows of features that
  ``VAEEmbedding()`` has learned from all of them, without labels;
* "MoBY features": the same with features of ``MoBYEncoder()``.
"""

import json
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import torch
from _record_said import FEWEST, RANDOM, name_of, pairs, sign
from _record_store import Record
from _tables import made_by, with_interval
from joblib import Parallel, delayed
from scipy.stats import t
from sklearn.datasets import load_digits
from sklearn.metrics import balanced_accuracy_score

from skactive import ActiveLearner
from skactive.benchmark._describe import describe
from skactive.datasets import load_dataset
from skactive.deep import (
    DFAL,
    LL4AL,
    REVIVAL,
    SRAAL,
    VAAL,
    CoreGCN,
    MoBYv2AL,
    TaskAwareViT,
)
from skactive.diversity import CoreSet, RandomSampling, UncertaintyHerding, VOpt
from skactive.nets import MoBYEncoder, NetClassifier, VAEEmbedding
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "record_conditions.json"
PLAIN, MISSING, TAIL = "as they come", "two classes missing", "long tail"
COPIES, WRONG, OWN = "copies", "wrong answers", "own features"
MOBY = "MoBY features"
CONDITIONS = MISSING, TAIL, COPIES, OWN, MOBY, WRONG, PLAIN
FIRST = CONDITIONS[:5]
#: What learns features without labels.
LEARNED = {OWN: VAEEmbedding, MOBY: MoBYEncoder}
#: Names of data sets, and how many seeds: on the others a run takes five seconds.
SETS = {"digits": 10, "mnist_small": 5, "fashion_mnist_small": 5}
JOINT = "LL4AL", "TaskAwareViT"
N_POOL, N_TEST, N_LABELED, N_ASKED = 1200, 597, 100, 50
#: Own nets of strategies are compared with the same net on random labels.
BASES = {f"{each} (its own model)": f"{RANDOM} (model of {each})" for each in JOINT}
N_DISTINCT, RAREST, WRONG_SHARE, FEW = 150, 1 / 20, 0.2, (20, 30)
#: A verdict needs so many seeds here, where a run takes longer than in the table.
FEWEST_HERE = 5
VERDICTS = {1: "better", 0: "noise", -1: "worse"}
MARKS = {1: "+", 0: "0", -1: "-"}


def strategies():
    """Return what is compared, by name; all ask with the same net."""
    net, last = NetClassifier(), {"embedding": "estimator"}
    return {
        RANDOM: RandomSampling(),
        "MarginSampling": MarginSampling(),
        "CoreSet": CoreSet(**last),
        "UncertaintyHerding": UncertaintyHerding(**last),
        "VOpt": VOpt(**last),
        "REVIVAL": REVIVAL(**last),
        "CoreGCN": CoreGCN(),
        "DFAL": DFAL(net),
        "LL4AL": LL4AL(net),
        "TaskAwareViT": TaskAwareViT(net),
        "MoBYv2AL": MoBYv2AL(net),
        "VAAL": VAAL(),
        "SRAAL": SRAAL(),
    }


def images(name):
    """Return all samples of a data set as small images, and their classes."""
    if name == "digits":
        X, y = load_digits(return_X_y=True)
        return (X / 16).reshape(-1, 1, 8, 8).astype(np.float32), y
    bunch = load_dataset(name)
    X = np.asarray(bunch.data, dtype=np.float32).reshape(-1, 1, 14, 2, 14, 2)
    return X.mean(axis=(3, 5)) / 255, np.asarray(bunch.target)


def sample(name, condition, seed):
    """Return X, y, which rows are labeled, and X and y to test on."""
    X, y = images(name)
    rng = np.random.RandomState(seed)
    rows = rng.permutation(len(y))
    test, rows = rows[:N_TEST], rows[N_TEST:]
    if condition == TAIL:
        shares = RAREST ** (rng.permutation(10) / 9)
        rows = rows[rng.uniform(size=len(rows)) < shares[y[rows]]]
    rows = rows[: N_DISTINCT if condition == COPIES else N_POOL]
    of_test = X[test], y[test]
    X, y = X[rows], y[rows]
    if condition == COPIES:
        X, y = np.repeat(X, 8, axis=0), np.repeat(y, 8)
        X = np.clip(X + rng.normal(scale=0.05, size=X.shape), 0, 1).astype(np.float32)
    order = rng.permutation(len(y))
    if condition == MISSING:
        order = order[~np.isin(y[order], rng.permutation(10)[:2])]
    labeled = np.zeros(len(y), dtype=bool)
    labeled[order[: FEW[0] if condition in LEARNED else N_LABELED]] = True
    if condition == WRONG:
        wrong = rng.uniform(size=len(y)) < WRONG_SHARE
        y = np.where(wrong, (y + rng.randint(1, 10, size=len(y))) % 10, y)
    if condition in LEARNED:
        learned = LEARNED[condition](random_state=seed).fit(X)
        X, of_test = learned.transform(X), (learned.transform(of_test[0]), of_test[1])
    return X, y, labeled, of_test


def outcome(strategy, seed, condition, X, y, labeled, of_test):
    """Return the accuracy after the labels, what was asked for, and seconds."""
    torch.set_num_threads(1)
    n_asked = FEW[1] if condition in LEARNED else N_ASKED
    learner = ActiveLearner(
        NetClassifier(),
        strategies()[strategy],
        budget=n_asked,
        batch_size=n_asked,
        random_state=seed,
    ).fit(X, y, labeled=labeled)
    X_test, y_test = of_test
    accuracy = balanced_accuracy_score(y_test, learner.predict(X_test))
    queries = learner.history_["query_time"]
    return {
        "area": float(f"{accuracy:.6g}"),
        "seconds": float(f"{sum(queries):.2g}"),
        "took": float(f"{sum(queries) + sum(learner.history_['fit_time']):.3g}"),
        "asked": learner.queried_indices_[-n_asked:].tolist(),
    }


def of_seed(name, condition, seed, names, store):
    """Return the outcomes of some strategies, from the store if they are there."""
    warnings.simplefilter("ignore")
    places = {
        each: store / f"{condition} {name} {each} {seed}.json".replace(" ", "_")
        for each in names
    }
    parts = None
    for each, path in places.items():
        if path.exists():
            continue
        parts = sample(name, condition, seed) if parts is None else parts
        try:
            found = outcome(each, seed, condition, *parts)
        except Exception as error:  # the others go on
            found = {"error": f"{type(error).__name__}: {error}"}
        part = path.with_suffix(".part")
        part.write_text(json.dumps(found), "utf-8")
        part.replace(path)
    return {each: json.loads(path.read_text("utf-8")) for each, path in places.items()}


def key_of(condition, name):
    """Return the name of a condition and a data set in the record."""
    return f"{condition}/{name}"


def _left_out(given, key):
    condition, _, name = key.partition("/")
    return bool(given.sets) and not {name, condition, key} & set(given.sets)


def todo(record, given):
    """Yield condition, data set, seed, and the strategies that have not been run."""
    for first in (True, False):
        for name, condition in product(SETS, CONDITIONS):
            key = key_of(condition, name)
            if (condition in FIRST) is not first or _left_out(given, key):
                continue
            for seed in range(min(SETS[name], given.seeds)):
                names = [
                    each
                    for each in strategies()
                    if seed not in record.seeds(key, each)
                    and (not given.only or each in given.only)
                    and "error" not in record.runs.get(key, {}).get(each, {})
                ]
                if names:
                    yield name, condition, seed, names


def run(given):
    """Run what is not kept yet, and keep it."""
    record = Record(given.conditions)
    record.check()
    for name in given.again:
        record.forget(name)
    menu = {name: describe(one) for name, one in strategies().items()}
    store = Path(given.store) / "conditions"
    store.mkdir(parents=True, exist_ok=True)
    tasks = list(todo(record, given))
    calls = (delayed(of_seed)(*task, store) for task in tasks)
    found = Parallel(given.jobs, return_as="generator")(calls)
    for (name, condition, seed, _), outcomes in zip(tasks, found):
        key = key_of(condition, name)
        record.know(key, {"condition": condition, "net": describe(NetClassifier())})
        for strategy, kept in outcomes.items():
            record.know(strategy, menu[strategy])
            if "error" in kept:
                record.fail(key, strategy, kept["error"])
            else:
                record.add(key, strategy, seed, kept)
        record.write()
        print(f"{key}, seed {seed}", flush=True)


def again(record, name, strategy, seeds):
    """Run a cell once more; return its outcomes by seed."""
    condition, _, data = name.partition("/")
    return {
        seed: outcome(strategy, seed, condition, *sample(data, condition, seed))
        for seed in seeds
    }


def cell(record, key, strategy):
    """Return better, worse or noise, with the mean and its interval over the seeds."""
    row = record.runs.get(key, {}).get(strategy, {})
    pair = pairs(record, key, strategy)
    if "error" in row:
        return row["error"]
    return as_cell(pair) if len(pair) > 1 else "not run yet"


def as_cell(pair):
    """Return the verdict of differences, and how many seeds they are of if few."""
    said, n = with_interval(*with_seeds(pair)), len(pair)
    said = said if n < FEWEST_HERE else f"{VERDICTS[sign(pair, FEWEST_HERE)]} {said}"
    return said if n >= FEWEST else f"{said}, {n} seeds"


def at_a_glance(record):
    """Return the means over the data sets, and the verdict on each, as one table."""
    rows = []
    for strategy in strategies():
        if strategy == RANDOM:
            continue
        rows.append([name_of(strategy)])
        for condition in CONDITIONS:
            found = [pairs(record, key_of(condition, n), strategy) for n in SETS]
            found = [pair for pair in found if len(pair) >= FEWEST_HERE]
            marks = "\N{NO-BREAK SPACE}".join(
                MARKS[sign(pair, FEWEST_HERE)] for pair in found
            )
            mean = np.mean([pair.mean() for pair in found]) if found else np.nan
            rows[-1].append(f"{mean:+.1f} ({marks})" if found else "not run yet")
    return ["strategy", *CONDITIONS], rows


def masks_and_boxes():
    """Return what ``dense.py`` measured, of areas over images, as one table."""
    dense, rows = made_by("dense"), {}
    kept = [dense.read(dense.TABLES[name])[0] for name in ("masks", "boxes")]
    for k, found in enumerate(kept):
        for key, shown in dense.SHOWN.items():
            if key in found and not key.startswith(RANDOM):
                base = BASES.get(key, RANDOM)
                pair = dense.gaps(found, key, base, "area over images")
                cells = rows.setdefault(shown, ["not for these"] * 2)
                cells[k] = as_cell(pair)
    return ["strategy", "masks of CamVid", "boxes of BCCD"], [
        [shown, *cells] for shown, cells in rows.items()
    ]


def tables(path=RESULTS):
    """Return the tables of the user guide, by name."""
    if not path.exists():
        return {}
    record, found = Record(path, decisions=False), {}
    found["masks and boxes"] = masks_and_boxes()
    found["conditions"] = at_a_glance(record)
    for condition in CONDITIONS:
        sets = [name for name in SETS if key_of(condition, name) in record.runs]
        levels = [
            f"{100 * np.mean(record.runs[key_of(condition, name)][RANDOM]['area']):.1f}"
            for name in sets
        ]
        rows = [[name_of(RANDOM), *levels]]
        rows += [
            [name_of(each), *(cell(record, key_of(condition, n), each) for n in sets)]
            for each in strategies()
            if each != RANDOM
        ]
        found[condition] = ["strategy", *sets], rows
    return found


def numbers(path=RESULTS):
    """Return what sentences of the user guide say, by name."""
    if not path.exists():
        return {}
    record = Record(path, decisions=False)
    rows = [row for rows in record.runs.values() for row in rows.values()]
    took = [each for row in rows for each in row.get("took", ())]
    found = {"hours of the conditions": f"{sum(took) / 3600:.1f}"}
    for strategy in strategies():
        better, worse, n = counts(record, strategy)
        said = f"better than random sampling in {better} of {n} cases"
        found[f"{strategy}: conditions"] = f"{said}, and worse in {worse}"
        for key in record.runs:
            pair = pairs(record, key, strategy)
            if len(pair) >= FEWEST_HERE and strategy != RANDOM:
                found[f"{strategy}, {key}"] = with_interval(*with_seeds(pair))
    return found


def with_seeds(pair):
    """Return the mean of differences, and its interval of 95 % over the seeds."""
    half = t.ppf(0.975, len(pair) - 1) * pair.std(ddof=1) / np.sqrt(len(pair))
    return pair.mean(), pair.mean() - half, pair.mean() + half


def counts(record, strategy):
    """Return in how many cells it is better, and worse, and how many there are."""
    found = [pairs(record, key, strategy) for key in record.runs]
    signs = [sign(pair, FEWEST_HERE) for pair in found if len(pair) >= FEWEST_HERE]
    return signs.count(1), signs.count(-1), len(signs)
