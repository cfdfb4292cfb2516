"""What the labels of a batch say together about a committee: tables.

Pools are 1,000 rows of 64 columns, 50 Gaussians behind a ReLU, of ten classes; the
committee has 20 logistic regressions, each of a bootstrap sample of 200 labels. With
``C=1`` its members are sure of themselves, with ``C=0.01`` they are soft. Each strategy
is asked for 20 samples of the same pool with the same members. Their information is
estimated from 20,000 labelings, drawn from the members. It takes some minutes, and
needs scikit-activeml (``pip install "skactive[peers]"``)::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/batch_information.py

``--table`` prints the tables from the file in ``tests/measurements/results``.
"""

import argparse
import warnings
from pathlib import Path

import _kept
import numpy as np
from digits import FIRST_SEED
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from skactive.disagreement import BALD, BatchBALD, PowerBALD
from skactive.diversity import RandomSampling
from skactive.exceptions import UnsuitedWarning
from skactive.metrics import paired_difference

RESULTS = Path(__file__).parent / "results" / "batch_information.json"
N_POOL, N_LABELED, N_COLUMNS, N_CLUSTERS, N_CLASSES = 1000, 200, 64, 50, 10
N_MEMBERS, N_LABELINGS = 20, 20_000
AT = 2, 5, 10, 20
KINDS = {"sure members": 1.0, "soft members": 0.01}
OURS = {
    "BatchBALD": BatchBALD(),
    "PowerBALD": PowerBALD(),
    "BALD": BALD(),
    "random": RandomSampling(),
}
PEER = "BatchBALD of scikit-activeml"


def problem(seed, C):
    """Return labeled samples and their labels, a pool, and a fitted committee."""
    rng = np.random.RandomState(seed)
    cluster = rng.randint(N_CLUSTERS, size=N_LABELED + N_POOL)
    X = rng.standard_normal((N_CLUSTERS, N_COLUMNS))[cluster]
    X = np.maximum(X + rng.standard_normal(X.shape), 0).astype(np.float32)
    X, X_pool = X[:N_LABELED], X[N_LABELED:]
    y = cluster[:N_LABELED] % N_CLASSES
    members = []
    while len(members) < N_MEMBERS:
        rows = rng.randint(len(y), size=len(y))
        if len(set(y[rows])) == N_CLASSES:
            members.append(LogisticRegression(C=C, max_iter=500).fit(X[rows], y[rows]))
    return X, y, X_pool, members


def asked_of_peer(X, y, X_pool, members, n):
    """Return what scikit-activeml asks for, as positions in the pool."""
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import BatchBALD as Peer

    wrapped = [
        SklearnClassifier(FrozenEstimator(member), classes=np.unique(y)).fit(X, y)
        for member in members
    ]
    X_all = np.concatenate([X, X_pool])
    y_all = np.concatenate([y, np.full(len(X_pool), np.nan)])
    picks = Peer(random_state=0).query(
        X_all, y_all, ensemble=wrapped, fit_ensemble=False, batch_size=n
    )
    return np.asarray(picks) - len(X)


def information(proba, picks, rng):
    """Return what the labels of the first picks say about the members, in nats.

    Members and the labels that they would give are drawn. Each labeling says the
    logarithm of its probability for the drawn member over its mean for all members.
    """
    drawn = rng.randint(len(proba), size=N_LABELINGS)
    at, log_p, found = np.arange(N_LABELINGS), np.zeros((N_LABELINGS, len(proba))), []
    for pick in picks:
        p = np.maximum(proba[:, pick].astype(float), 1e-12)
        p /= p.sum(axis=1, keepdims=True)
        below = p.cumsum(axis=1)[drawn] < rng.uniform(size=(N_LABELINGS, 1))
        label = np.minimum(below.sum(axis=1), p.shape[1] - 1)
        log_p += np.log(p[:, label].T)
        mean = np.logaddexp.reduce(log_p, axis=1) - np.log(len(proba))
        found.append(float((log_p[at, drawn] - mean).mean()))
    return found


def measured(C, seed):
    """Return the information of what is asked for by each, and how sure members are."""
    X, y, X_pool, members = problem(seed, C)
    proba = np.stack([member.predict_proba(X_pool) for member in members])
    voting = VotingClassifier(
        [(str(k), FrozenEstimator(member)) for k, member in enumerate(members)],
        voting="soft",
    )
    picks = {
        name: strategy.set_params(random_state=seed, **of(strategy, voting))
        .fit(X, y, X_pool)
        .query(max(AT))
        for name, strategy in OURS.items()
    }
    picks[PEER] = asked_of_peer(X, y, X_pool, members, max(AT))
    said = {
        name: information(proba, asked, np.random.RandomState(seed))
        for name, asked in picks.items()
    }
    return said, float(proba.max(axis=-1).mean())


def of(strategy, voting):
    """Return the model as a parameter, if a strategy has one."""
    return {"estimator": voting} if "estimator" in strategy.get_params() else {}


def kept():
    """Return information by kind and strategy, after some picks, for each seed."""
    return _kept.read(RESULTS)


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    header = [
        "asked by",
        *(f"{n} picks" for n in AT),
        f"minus BatchBALD, {AT[-1]} picks",
    ]
    shown = {}
    for kind, found in kept().items():
        rows = []
        for name, of_seeds in found.items():
            if name == "best class":
                continue
            runs = np.array(of_seeds)
            cells = [f"{mean:.3f}" for mean in runs.mean(axis=0)]
            against = ""
            if name != "BatchBALD":
                best = np.array(found["BatchBALD"])
                gap = paired_difference(runs[:, -1], best[:, -1])
                low, high = gap.interval
                against = f"{gap.mean:+.3f} ({low:+.3f} to {high:+.3f})"
            rows.append([name, *cells, against])
        shown[kind] = header, rows
    return shown


def numbers():
    """Return how sure members are of their best class, by kind."""
    return {
        f"best class, {kind}": f"{np.mean(found['best class']):.2f}"
        for kind, found in kept().items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore", UnsuitedWarning)  # BALD in batches is measured
    found = {}
    for kind, C in {} if given.table else KINDS.items():
        found[kind] = {name: [] for name in (*OURS, PEER, "best class")}
        for seed in range(FIRST_SEED, FIRST_SEED + given.seeds):
            said, best = measured(C, seed)
            for name, each in said.items():
                at = [each[n - 1] for n in AT]
                found[kind][name].append(np.round(at, 4).tolist())
            found[kind]["best class"].append(round(best, 4))
            print(kind, seed, {name: runs[-1] for name, runs in found[kind].items()})
    if found:
        _kept.write(RESULTS, found)
    for kind, (header, rows) in tables().items():
        print(f"\n{kind}: {', '.join(header)}")
        for cells in rows:
            print("  " + "".join(f"{cell:28}" for cell in cells).rstrip())
    print(numbers())


if __name__ == "__main__":
    main()
