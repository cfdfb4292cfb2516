"""Which models and strategies serve a stream, and how the one is lent to the other."""

import importlib

from sklearn.base import is_classifier, is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from skactive._gates import QuantileGate, RandomGate
from skactive.base import QueryStrategy
from skactive.learner._lending import check_strategy, hand_over, own_model
from skactive.uncertainty import MarginSampling
from skactive.utils import seeded_clone
from skactive.utils._models import refuse_without_labels

#: Folders of strategies that load no torch.
FOLDERS = "uncertainty", "disagreement", "lookahead", "compose"


def parts(estimator, strategy, gate):
    """Return model, strategy and gate, each by its default where it is None.

    A regressor has no strategy by default, and the gate that needs none.
    """
    model = own_model(strategy) if estimator is None else estimator
    model = LogisticRegression() if model is None else model
    scores = getattr(gate, "needs_scores", True)
    if strategy is None and scores and not is_regressor(model):
        strategy = MarginSampling()
    if gate is None:
        gate = RandomGate() if strategy is None else QuantileGate()
    return model, strategy, gate


def check_parts(learner, X=None):
    """Refuse what cannot serve a stream, before a label is paid for."""
    model, strategy, gate = learner._parts()
    name = type(learner).__name__
    refuse_without_labels(learner, model)
    if not (is_classifier(model) or is_regressor(model)):
        raise ValueError(
            f"{name} needs a classifier or a regressor, and {model!r} is neither."
        )
    if strategy is None:
        if getattr(gate, "needs_scores", True):
            raise ValueError(
                f"{gate!r} decides on scores, and {name} has no strategy that gives "
                f"any: pass one of {scoring_strategies()} that serves {model!r}, or "
                "RandomGate() or PeriodicGate(), which need none."
            )
        return
    if hasattr(strategy, "predict"):
        raise ValueError(
            f"{strategy!r} trains a net of its own on a pool, and a stream has none. "
            f"Take one of {scoring_strategies()}."
        )
    if not hasattr(strategy, "score_samples"):
        raise ValueError(
            f"{type(strategy).__name__} compares the samples of a pool, and has no "
            f"score_samples for one that arrives. Take one of {scoring_strategies()}."
        )
    check_strategy(strategy, model, learner.estimator is None, X)


def scoring_strategies():
    """Return the names of strategies that score each sample by itself, in words."""
    names = set()
    for folder in FOLDERS:
        module = importlib.import_module(f"skactive.{folder}")
        for name in module.__all__:
            cls = getattr(module, name)
            strategy = isinstance(cls, type) and issubclass(cls, QueryStrategy)
            boxes = getattr(cls, "needs_boxes", False)
            if strategy and hasattr(cls, "score_samples") and not boxes:
                names.add(name)
    return ", ".join(sorted(names))


def lent(strategy, model, overwrite, X, y, seed):
    """Return a strategy that asks a fitted model, and has learned from labels."""
    strategy = seeded_clone(strategy, seed)
    hand_over(strategy, FrozenEstimator(model), overwrite=overwrite)
    return strategy.fit(X, y)
