"""Gates on three streams, and the budget managers of scikit-activeml on the same.

Each run is one stream, one gate and one seed: 20 labels to begin with and 1,380
arrivals with a budget of a tenth, 138 labels. A logistic regression, fitted again after
5 labels, is asked for margins, and all gates are given scores in the same way. A run is
written down as it ends, so the command can be stopped and given again::

    nice -n 10 python tests/measurements/streams.py

* ``digits``: the digits in random order, and 397 others for the test at the end.
* ``drift``: four round groups on a circle in the plane, which turn by half a circle
  until the end; the model is fitted on the last 40 labels, and tested on 2,000 samples
  of the end.
* ``rare``: two classes, one in twenty samples of the second, in ten columns; tested on
  2,000 samples by balanced accuracy.

``spent`` has, for 5,000 scores that no model made, how many labels each gate bought of
500. scikit-activeml is asked one arrival at a time, as its budget managers answer
otherwise in chunks. ``--table`` prints the tables from the file in
``tests/measurements/results`` and runs nothing.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.stats import ttest_1samp
from sklearn.base import BaseEstimator
from sklearn.datasets import load_digits, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from skactive.stream import (
    FixedGate,
    PeriodicGate,
    QuantileGate,
    RandomGate,
    SplitGate,
    StreamLearner,
    VariableGate,
)
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "streams.json"
ASKED = RESULTS.with_name("streams_asked.json")
PEER = "BalancedIncrementalQuantileFilter"
N_SCORES = 5000
BUDGET, N_INITIAL, N_ARRIVALS, SEEDS = 0.1, 20, 1400, range(10)


def digits(seed):
    """Return stream, test set, and more parameters of the learner."""
    X, y = load_digits(return_X_y=True)
    order = np.random.RandomState(seed).permutation(len(X))
    X, y = X[order] / 16, y[order]
    cut = N_ARRIVALS
    return X[:cut], y[:cut], X[cut:], y[cut:], {}


def drift(seed):
    """Return groups that turn, and the last of it as the test set."""
    rng = np.random.RandomState(seed)
    time = np.r_[np.linspace(0, 1, N_ARRIVALS), np.ones(2000)]
    y = rng.randint(4, size=len(time))
    angle = np.pi * (y / 2 + time)
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    X += 0.4 * rng.standard_normal(X.shape)
    cut = N_ARRIVALS
    return X[:cut], y[:cut], X[cut:], y[cut:], {"max_labeled": 40}


def rare(seed):
    """Return two classes, one of them rare."""
    X, y = make_classification(
        N_ARRIVALS + 2000,
        10,
        n_informative=5,
        weights=[0.95],
        flip_y=0,
        random_state=seed,
    )
    cut = N_ARRIVALS
    return X[:cut], y[:cut], X[cut:], y[cut:], {}


#: Of these it is only said what they spend: a fixed threshold buys little of a sure
#: model, noise of 1 is chance, and a split is nearly what it splits.
SPENT_ALONE = {
    "FixedGate",
    "FixedUncertaintyBudgetManager",
    "RandomVariableUncertaintyBudgetManager",
    "SplitBudgetManager",
}
STREAMS = {"digits": digits, "drift": drift, "rare": rare}


class Peer(BaseEstimator):
    """A budget manager of scikit-activeml as a gate, one arrival at a time."""

    def __init__(self, name="RandomBudgetManager", n_classes=2, random_state=0):
        self.name = name
        self.n_classes = n_classes
        self.random_state = random_state

    def reset(self):
        import skactiveml.stream.budgetmanager as managers

        settings = {"budget": BUDGET}
        if self.name.startswith("Fixed"):
            settings["classes"] = list(range(self.n_classes))
        if self.name.startswith(("Random", "Split")):
            settings["random_state"] = self.random_state
        self.manager_ = getattr(managers, self.name)(**settings)
        return self

    def decide(self, score=None):
        # A model that is not there yet is sure of nothing.
        scores = np.array([1.0 if score is None else score])
        asked = self.manager_.query_by_utility(scores)
        more = {"utilities": scores} if "Quantile" in self.name else {}
        self.manager_.update([[0]], asked, **more)
        return bool(len(asked))


def gates(n_classes, seed):
    """Return {name: gate}."""
    ours = {
        "RandomGate": RandomGate(BUDGET, random_state=seed),
        "PeriodicGate": PeriodicGate(BUDGET),
        "FixedGate": FixedGate(BUDGET, n_classes=n_classes),
        "VariableGate": VariableGate(BUDGET, random_state=seed),
        "SplitGate": SplitGate(BUDGET, random_state=seed),
        "QuantileGate": QuantileGate(BUDGET, random_state=seed),
    }
    peers = [
        "RandomBudgetManager",
        "FixedUncertaintyBudgetManager",
        "VariableUncertaintyBudgetManager",
        "RandomVariableUncertaintyBudgetManager",
        "SplitBudgetManager",
        "BalancedIncrementalQuantileFilter",
    ]
    return ours | {name: Peer(name, n_classes, seed) for name in peers}


def run(stream, gate, seed):
    """Return what one gate reaches on one stream."""
    X, y, X_test, y_test, more = STREAMS[stream](seed)
    learner = StreamLearner(
        LogisticRegression(max_iter=1000),
        MarginSampling(),
        gates(len(np.unique(y)), seed)[gate],
        n_initial=N_INITIAL,
        refit_every=5,
        **more,
    ).fit(X, y)
    measure = balanced_accuracy_score if stream == "rare" else accuracy_score
    return {
        "stream": stream,
        "gate": gate,
        "seed": seed,
        "prequential": round(learner.prequential_score_, 4),
        "end": round(float(measure(y_test, learner.predict(X_test))), 4),
        "labels": int(learner.asked_.sum()) - N_INITIAL,
    }


def score_streams(seed, n=N_SCORES):
    """Return {name: scores that no model made}."""
    rng = np.random.RandomState(seed)
    return {
        "uniform": rng.uniform(0, 1, n),
        "constant": np.full(n, 0.4),
        "certain": np.full(n, 0.01),
        "two values": rng.choice([0.0, 0.5], n, p=[0.97, 0.03]),
        "falling": np.linspace(1, 0, n),
    }


def spending():
    """Return {gate: {scores: labels bought}}, of one seed."""
    bought = {}
    for name, gate in gates(2, 0).items():
        bought[name] = {}
        for kind, scores in score_streams(0).items():
            gate.reset()
            bought[name][kind] = sum(gate.decide(float(score)) for score in scores)
    return bought


def asked():
    """Return {gate: mean score asked for} of uniform scores, of one seed."""
    scores, found = score_streams(0)["uniform"], {}
    for name in ("VariableGate", "QuantileGate"):
        gate = gates(2, 0)[name]
        taken = [score for score in scores if gate.decide(float(score))]
        found[name] = round(float(np.mean(taken)), 4)
    return found


def lines_of_runs(found, stream):
    """Return the rows of one table of the user guide."""
    runs = [run for run in found["runs"] if run["stream"] == stream]
    chance = {r["seed"]: r["end"] for r in runs if r["gate"] == "RandomGate"}
    lines = []
    for gate in [g for g in gates(2, 0) if g not in SPENT_ALONE]:
        mine = [run for run in runs if run["gate"] == gate]
        before, end = (np.mean([r[k] for r in mine]) for k in ("prequential", "end"))
        labels = [r["labels"] for r in mine]
        wins = sum(r["end"] > chance[r["seed"]] for r in mine)
        wins = "" if gate == "RandomGate" else f"{wins} of {len(mine)}"
        counts = f"{min(labels)} to {max(labels)}"
        lines.append([name_of(gate), f"{before:.3f}", f"{end:.3f}", counts, wins])
    return lines


def lines_of_spending(found):
    """Return the rows of the table of what is spent."""
    return [
        [name_of(gate), *map(str, bought.values())]
        for gate, bought in found["spent"].items()
    ]


def name_of(gate):
    """Return a gate as the page has it."""
    ours = gate.endswith("Gate")
    return f":class:`{gate}`" if ours else f"ska ``{gate}``"


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    found = json.loads(RESULTS.read_text("utf-8"))
    header = ["gate", "before", "end", "labels", "above"]
    shown = {stream: (header, lines_of_runs(found, stream)) for stream in STREAMS}
    kinds = next(iter(found["spent"].values()))
    return {**shown, "spent": (["gate", *kinds], lines_of_spending(found))}


def numbers():
    """Return what sentences of the user guide say, by name."""
    found = json.loads(RESULTS.read_text("utf-8"))
    said = {}
    for stream in STREAMS:
        by_gate = {}
        for one in found["runs"]:
            if one["stream"] == stream:
                by_gate.setdefault(one["gate"], {})[one["seed"]] = one["end"]
        chance, ours, peer = (
            np.array([by_gate[gate][seed] for seed in SEEDS])
            for gate in ("RandomGate", "QuantileGate", PEER)
        )
        mean, p = (ours - chance).mean(), ttest_1samp(ours - chance, 0).pvalue
        said[f"gain on {stream}"] = f"{mean:.3f}".lstrip("0")
        said[f"p on {stream}"] = f"{p:.2f}".lstrip("0")
        said[f"above chance on {stream}"] = f"{np.sum(ours > chance)} of {len(SEEDS)}"
        said[f"above the peer on {stream}"] = f"{np.sum(ours > peer)} of {len(SEEDS)}"
    estimated = found["spent"]["VariableUncertaintyBudgetManager"]["uniform"]
    said["spent by an estimate"] = f"{100 * estimated / N_SCORES:.1f} %"
    for gate, score in json.loads(ASKED.read_text("utf-8")).items():
        said[f"mean score asked by {gate}"] = f"{score:.2f}".lstrip("0")
    return said


def table():
    """Print the rows of all tables, and the numbers."""
    for name, (header, rows) in tables().items():
        print(f"\n{name}")
        for row in [header, *rows]:
            print(f"  {row[0]:48}" + "".join(f"{cell:14}" for cell in row[1:]).rstrip())
    print(*numbers().items(), sep="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    found = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"runs": []}
    done = {(run["stream"], run["gate"], run["seed"]) for run in found["runs"]}
    names = [name for name in gates(2, 0) if name not in SPENT_ALONE]
    wanted = [(s, g, k) for k in SEEDS for s in STREAMS for g in names]
    if not given.table and "spent" not in found:
        found["spent"] = spending()
    for one in [] if given.table else wanted:
        if one not in done:
            found["runs"].append(run(*one))
            lines = ",\n  ".join(map(json.dumps, found["runs"]))
            spent = json.dumps(found["spent"])
            RESULTS.write_text(
                f'{{"spent": {spent},\n "runs": [\n  {lines}]}}\n', "utf-8"
            )
    if not given.table:
        ASKED.write_text(json.dumps(asked()) + "\n", "utf-8")
    table()


if __name__ == "__main__":
    main()
