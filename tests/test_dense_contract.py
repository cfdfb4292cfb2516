"""The contract checks, where an answer is a mask or the boxes in an image."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from skactive.compose import (
    CostAware,
    DensityWeighted,
    NeighborhoodSampling,
    OutlierFilter,
    OutlierPenalty,
    PartitionedSampling,
    PoolSubsampling,
    StochasticBatch,
    StrategySchedule,
    TopThenDiverse,
)
from skactive.disagreement import BALD, PowerBALD, QueryByCommittee, kl_to_consensus
from skactive.diversity import CoreSet, ForegroundRandomSampling, RandomSampling
from skactive.exceptions import TopBatchWarning
from skactive.testing import (
    _check_answers,
    _check_inputs,
    _check_scores,
    _check_state,
    all_strategies,
    strategy_checks,
)
from skactive.uncertainty import (
    CALD,
    EntropySampling,
    LeastConfidenceSampling,
    LocalizationStability,
    MarginSampling,
)
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers, as_objects
from skactive.utils._models import ClassesOnlyMixin

CHECKS = [_check_answers, _check_inputs, _check_scores, _check_state]

#: These write tables of numbers or names of classes into X or y.
OF_TABLES = {
    "check_one_class",
    "check_string_labels",
    "check_integer_labels",
    "check_data_frame",
    "check_mixed_columns",
    "check_sparse_pool",
    "check_four_axes_are_left_alone",
    "check_list_pool",
    "check_pool_of_other_width_is_refused",
    "check_cold_start",  # of what reads no answer, and so tested without masks
}


class Paints(BaseEstimator):
    """Gives each pixel the class whose mean of all channels is nearest."""

    answers_kind = MaskAnswers

    def fit(self, X, y):
        X, y = np.asarray(X), np.stack(list(y))
        assert X.ndim == 4 and y.shape[1:] == X.shape[2:]
        self.classes_ = np.unique(y)
        colors = np.moveaxis(X, 1, -1)
        self.means_ = np.array([colors[y == c].mean(axis=0) for c in self.classes_])
        return self

    def predict_proba(self, X):
        means = self.means_[None, :, :, None, None]
        far = ((np.asarray(X)[:, None] - means) ** 2).sum(axis=2)
        proba = np.exp(0.2 * (far.min(axis=1, keepdims=True) - far))
        return proba / proba.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def transform(self, X):
        return self.predict_proba(X).mean(axis=(2, 3))


class Finds(BaseEstimator):
    """Finds a box around the brightest pixel of each channel, if it is bright."""

    answers_kind = BoxAnswers

    def fit(self, X, y):
        self.least_ = np.mean([len(boxes["labels"]) for boxes in y])
        return self

    def predict(self, X):
        return as_objects([self._found(image) for image in np.asarray(X)])

    def transform(self, X):
        return np.asarray(X).max(axis=(2, 3)) + self.least_

    def _found(self, image):
        flat = image.reshape(len(image), -1)
        i, j = np.unravel_index(flat.argmax(axis=1), image.shape[1:])
        scores = 1 / (1 + np.exp(self.least_ - flat.max(axis=1).clip(-9, 9)))
        kept = np.flatnonzero(scores >= min(0.5, scores.max()))
        kept = kept[np.argsort(-scores[kept], kind="stable")]
        return {
            "boxes": np.c_[j - 1.0, i - 1.0, j + 2.0, i + 2.0][kept],
            "labels": kept % 2,
            "scores": scores[kept],
            "probas": np.c_[scores * 0.9, 1 - scores][kept],
        }


def dense_problem(kind):
    def problem(n_labeled=18, n_pool=14, n_classes=3, random_state=0):
        rng = np.random.RandomState(random_state)
        n = n_labeled + n_pool
        X = rng.normal(size=(n, 4, 6, 6)) * rng.uniform(0.5, 1.5, (n, 1, 1, 1))
        y = (X[:, 0] > 0).astype(np.uint8) + (X[:, 1] > 0.5)
        if kind == "boxes":
            y = np.empty(n, dtype=object)
            for k in range(n):
                corners = rng.uniform(0, 4, (k % 4, 2))
                boxes = np.c_[corners, corners + 2]
                y[k] = {"boxes": boxes, "labels": np.arange(k % 4) % 2}
        return X[:n_labeled], y[:n_labeled], X[n_labeled:]

    return problem


def made(cls, model):
    """Return a strategy that asks a model, or looks at what it embeds."""
    names = cls().get_params(deep=False)
    if "estimator" in names:
        return cls(estimator=model)
    return cls(embedding=model) if "embedding" in names else cls()


COMPOSED = (
    DensityWeighted,
    NeighborhoodSampling,
    PartitionedSampling,
    TopThenDiverse,
)


def embeds(cls):
    """Tell whether a strategy asks an embedding and nothing else."""
    names = set(cls().get_params(deep=False)) & {"embedding", "estimator"}
    return names == {"embedding"} and not issubclass(cls, (ClassesOnlyMixin, *COMPOSED))


EMBED = [cls for cls in all_strategies() if embeds(cls)]
SAME = [
    ForegroundRandomSampling,
    LeastConfidenceSampling,
    MarginSampling,
    RandomSampling,
    *EMBED,
]
STRATEGIES = {
    "masks": [
        *(made(cls, Paints()) for cls in SAME),
        EntropySampling(Paints()),
        EntropySampling(Paints(), aggregate=0.1, class_weight=None),
        EntropySampling(Paints(), class_weight=[0, 1, 2]),
        BALD(Paints(), n_members=2),
        PowerBALD(Paints(), n_members=2),
        QueryByCommittee(Paints(), n_members=2),
        QueryByCommittee(Paints(), n_members=2, disagreement=kl_to_consensus),
        PoolSubsampling(EntropySampling(Paints())),
        StochasticBatch(BALD(Paints(), n_members=2)),
        CostAware(EntropySampling(Paints())),
        PartitionedSampling(EntropySampling(Paints()), n_parts=2),
        NeighborhoodSampling(EntropySampling(Paints()), embedding=Paints()),
        TopThenDiverse(EntropySampling(Paints()), embedding=Paints()),
        TopThenDiverse(
            EntropySampling(Paints()), embedding=Paints(), picking="k_center"
        ),
        OutlierFilter(EntropySampling(Paints()), share=0.1),
        OutlierPenalty(EntropySampling(Paints()), detector="mahalanobis"),
        DensityWeighted(EntropySampling(Paints()), embedding=Paints()),
        StrategySchedule([("a", CoreSet()), ("b", EntropySampling(Paints()))], at=2),
    ],
    "boxes": [
        *(made(cls, Finds()) for cls in SAME),
        EntropySampling(Finds()),
        EntropySampling(Finds(), aggregate="max"),
        LocalizationStability(Finds()),
        CALD(Finds()),
        PoolSubsampling(EntropySampling(Finds())),
        StochasticBatch(EntropySampling(Finds())),
        CostAware(EntropySampling(Finds())),
        PartitionedSampling(CoreSet(embedding=Finds()), n_parts=2),
        NeighborhoodSampling(EntropySampling(Finds()), embedding=Finds()),
        TopThenDiverse(EntropySampling(Finds()), embedding=Finds()),
        OutlierFilter(EntropySampling(Finds()), embedding=Finds(), share=0.1),
        OutlierPenalty(EntropySampling(Finds())),
        DensityWeighted(EntropySampling(Finds()), embedding=Finds()),
        StrategySchedule([("a", CoreSet()), ("b", EntropySampling(Finds()))], at=2),
    ],
}


def cases():
    for kind, strategies in STRATEGIES.items():
        for strategy in strategies:
            for name, check in strategy_checks(strategy):
                if name not in OF_TABLES:
                    text = " ".join(repr(strategy).split())
                    text = re.sub(r"<function (\w+) at \w+>", r"\1", text)
                    yield pytest.param(kind, strategy, check, id=f"{text}-{name}")


@pytest.mark.parametrize("kind, strategy, check", list(cases()))
def test_contract(kind, strategy, check, monkeypatch):
    for module in CHECKS:
        monkeypatch.setattr(module, "problem", dense_problem(kind))
    check(strategy)


def answers(kind):
    """Return what all strategies ask for, each position of the pool in turn."""
    X, y, X_pool = dense_problem(kind)()
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TopBatchWarning)
        for strategy in STRATEGIES[kind]:
            if "random_state" in strategy.get_params(deep=False):
                strategy = strategy.set_params(random_state=0)
            found.append(strategy.fit(X, y, X_pool).query(14).tolist())
    return found


def test_a_fresh_process_answers_the_same():
    code = (
        "import test_dense_contract as t; print(t.answers('masks'), t.answers('boxes'))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == f"{answers('masks')} {answers('boxes')}"


TAKEN = {
    kind: {type(strategy) for strategy in strategies}
    for kind, strategies in STRATEGIES.items()
}


@pytest.mark.parametrize("kind, model", [("masks", Paints()), ("boxes", Finds())])
@pytest.mark.parametrize("cls", all_strategies(boxes=True), ids=lambda c: c.__name__)
def test_all_others_refuse_in_words(cls, kind, model):
    X, y, X_pool = dense_problem(kind)()
    if cls in TAKEN[kind]:
        return
    if getattr(cls, "needs_boxes", False):
        match = f"{cls.__name__} needs a model that predicts boxes|must hold a dict"
        match += "|PPAL compares what the model sees"  # and Finds() does not say
    else:
        match = f"{cls.__name__} needs (a model that gives each sample )?one class"
    with pytest.raises((TypeError, ValueError), match=match):
        made(cls, model).fit(X, y, X_pool)


def test_the_walk_is_not_shorter_than_it_was():
    assert {cls.__name__ for cls in EMBED} >= {
        *("CoreSet", "DiscriminativeSampling", "KMeansSampling", "LCMD", "MaxHerding"),
        *("ProbCover", "SigmaOpt", "TypiClust", "VOpt"),
    }
    every = {name for name, _ in strategy_checks(EntropySampling())} - OF_TABLES
    assert len(every) >= 29
