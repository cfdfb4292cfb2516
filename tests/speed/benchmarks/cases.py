"""Strategies, what scikit-activeml has for the same, and what both are asked about.

Each case takes the fitted classifier and the fitted committee. Models are frozen, so
that it is the strategies that are timed, not twice the same training.
"""

import warnings
from functools import cache

import numpy as np
from sklearn.ensemble import BaggingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from skactive import disagreement, diversity, lookahead, uncertainty

SEED = {"random_state": 0}
N_LABELED, N_CLASSES, N_BLOBS = 500, 10, 50
TELLS_APART = LogisticRegression(class_weight="balanced", max_iter=1000)


@cache
def samples(n, d):
    """Return labeled rows, their labels, and a pool: blobs behind a ReLU."""
    rng = np.random.RandomState(0)
    centers = rng.uniform(-1, 1, (N_BLOBS, d)).astype(np.float32)
    X, blob = _rows(centers, N_LABELED, rng)  # the same beside every pool
    return X, blob % N_CLASSES, _rows(centers, n, rng)[0]


def _rows(centers, n, rng):
    blob = rng.randint(len(centers), size=n)
    Z = rng.standard_normal((n, centers.shape[1])).astype(np.float32)
    Z += centers[blob]
    return np.maximum(Z, 0, out=Z), blob


@cache
def models(d):
    """Return the classifier and the committee that both libraries ask."""
    X, y, _ = samples(1, d)
    model = LogisticRegression(max_iter=50)
    committee = BaggingClassifier(model, 10, max_samples=100, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 50 iterations are not meant to converge
        return model.fit(X, y), committee.fit(X, y)


def asks_model(strategy, **settings):
    """Return a case of a strategy of ours that asks the classifier."""
    return lambda model, committee: strategy(FrozenEstimator(model), **settings, **SEED)


def asks_committee(strategy, **settings):
    """Return a case of a strategy of ours that asks the committee."""
    return lambda model, committee: strategy(
        FrozenEstimator(committee), **settings, **SEED
    )


def asks_nobody(strategy, **settings):
    """Return a case of a strategy of ours that looks at positions only."""
    return lambda model, committee: strategy(**settings, **SEED)


def peer(name, model=None, *, needs_classes=False, **settings):
    """Return a case of the peer: `model` is the name of its argument for one."""

    def case(classifier, committee, X, y):
        from skactiveml import pool
        from skactiveml.classifier import SklearnClassifier

        classes, asked = np.unique(y), {}
        if model == "discriminator":
            asked = {model: SklearnClassifier(TELLS_APART)}
        elif model is not None:
            parts = committee.estimators_ if model == "ensemble" else [classifier]
            frozen = [
                SklearnClassifier(FrozenEstimator(part), classes=classes)
                for part in parts
            ]
            for part in frozen:
                part.fit(X, y)  # takes note of the classes: what is inside is fitted
            frozen = frozen if model == "ensemble" else frozen[0]
            asked = {model: frozen, f"fit_{model}": False}

        def query(*data, batch_size):
            # A new one each time: ProbCover keeps what it found out for the last data.
            wanted = {"classes": classes} if needs_classes else {}
            strategy = getattr(pool, name)(**settings, **wanted, **SEED)
            return strategy.query(*data, batch_size=batch_size, **asked)

        return query

    return case


# Name of the case: ours, the peer's.
CASES = {
    "EntropySampling": (
        asks_model(uncertainty.EntropySampling),
        peer("UncertaintySampling", "clf", method="entropy"),
    ),
    "QueryByCommittee": (
        asks_committee(
            disagreement.QueryByCommittee, disagreement=disagreement.kl_to_consensus
        ),
        peer("QueryByCommittee", "ensemble"),
    ),
    "BALD": (asks_committee(disagreement.BALD), peer("GreedyBALD", "ensemble")),
    "BatchBALD": (
        asks_committee(disagreement.BatchBALD),
        peer("BatchBALD", "ensemble"),
    ),
    "CoreSet": (asks_nobody(diversity.CoreSet), peer("CoreSet")),
    "TypiClust": (asks_nobody(diversity.TypiClust), peer("TypiClust")),
    "ProbCover": (asks_nobody(diversity.ProbCover), peer("ProbCover")),
    # Ours is trained ten times, the peer's once per pick.
    "DiscriminativeSampling": (
        asks_nobody(diversity.DiscriminativeSampling, discriminator=TELLS_APART),
        peer("DiscriminativeAL", "discriminator"),
    ),
    "MaxHerding": (asks_nobody(diversity.MaxHerding), peer("MaxHerding")),
    "BADGE": (asks_model(diversity.BADGE), peer("Badge", "clf")),
    "CLUE": (asks_model(diversity.CLUE), peer("Clue", "estimator")),
    "DropQuery": (
        asks_model(diversity.DropQuery, n_passes=5),
        peer("DropQuery", "clf"),
    ),
    "Falcun": (asks_model(diversity.Falcun), peer("Falcun", "clf")),
    "ContrastiveAL": (
        asks_model(uncertainty.ContrastiveAL, n_neighbors=10),
        peer("ContrastiveAL", "clf"),
    ),
    "QUIRE": (asks_nobody(uncertainty.QUIRE), peer("Quire", needs_classes=True)),
}

# What the peer has not.
PEERLESS = {
    "UncertaintyHerding": (
        asks_model(diversity.UncertaintyHerding, temperature="auto", radius="auto"),
        None,
    ),
    "LCMD": (asks_nobody(diversity.LCMD), None),
    "GradientLCMD": (asks_model(diversity.GradientLCMD), None),
    "ALFAMix": (asks_model(diversity.ALFAMix), None),
    "ClusterMargin": (asks_model(diversity.ClusterMargin), None),
    "KMeansSampling": (asks_nobody(diversity.KMeansSampling), None),
    "PowerBALD": (asks_committee(disagreement.PowerBALD), None),
    "EPIG": (asks_committee(disagreement.EPIG), None),
    "ExpectedModelChange": (asks_model(lookahead.ExpectedModelChange), None),
    "ExpectedErrorReduction": (asks_nobody(lookahead.ExpectedErrorReduction), None),
}
