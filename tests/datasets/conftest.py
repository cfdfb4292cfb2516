"""Who is fooled: a strategy and a baseline on the same rows of a trap."""

from types import SimpleNamespace

import numpy as np
import pytest

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.metrics import area_under_learning_curve

LOOP = {"n_initial": 10, "budget": 60, "batch_size": 10}
SEEDS = range(6)


def compare(make, model, strategy, baseline=None, **settings):
    """Return per seed the difference of the areas, and what either asked for.

    The strategies are paired: same rows, same beginning, same seed of the model.
    """
    differences, asked = [], []
    for seed in SEEDS:
        truth = make(random_state=seed, return_X_y=False)
        run = []
        for each in (strategy, baseline or RandomSampling()):
            learner = ActiveLearner(model, each, random_state=seed, **LOOP | settings)
            learner.fit(truth.data, truth.target)
            scores = [
                stage.score(truth.test_data, truth.test_target)
                for stage in learner.stages()
            ]
            area = area_under_learning_curve(learner.history_["n_labeled"], scores)
            run.append((area, learner.queried_indices_))
        differences.append(run[0][0] - run[1][0])
        asked.append((truth, run[0][1], run[1][1]))
    return np.array(differences), asked


def share_in_trap(asked):
    """Return the share of the labels that went into the trap: strategy, baseline."""
    shares = [(t.in_trap[a].mean(), t.in_trap[b].mean()) for t, a, b in asked]
    return np.mean(shares, axis=0)


@pytest.fixture
def fooled():
    """Return the functions by which a trap shows whom it fools."""
    return SimpleNamespace(compare=compare, share_in_trap=share_in_trap)
