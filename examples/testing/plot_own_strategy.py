"""
======================
A strategy of your own
======================

A strategy is a class with one hook. This one is told what errors cost and asks for
the samples whose best decision is still expected to be expensive. The base class fits
the model, seeds it, ranks the scores and checks the query.
"""

# %%
# Calling a benign tumor malignant costs 1, calling a malignant one benign costs 10.
# ``score_samples`` returns one number per sample, and higher means "label this one".
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.base import ScoreStrategy
from skactive.diversity import RandomSampling
from skactive.inspection import LearningCurveDisplay
from skactive.testing import check_strategy
from skactive.uncertainty import LeastConfidenceSampling


class ExpectedCostSampling(ScoreStrategy):
    """Ask for samples whose best decision is expected to cost most.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``.
    cost : array-like of shape (n_classes, n_classes), default=None
        What it costs to predict j for a sample of class i. None: 1 for every error,
        which makes it least confidence.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator and the order of ties.

    Notes
    -----
    It loses to random sampling when the probabilities are unreliable: with the first
    few labels, or with an overconfident model.
    """

    response_method = "predict_proba"

    def __init__(self, estimator=None, *, cost=None, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.cost = cost

    def score_samples(self, X):
        """Return the expected cost of the cheapest decision."""
        proba = self._predict_proba(X)
        cost = 1 - np.eye(proba.shape[1]) if self.cost is None else self.cost
        return (proba @ np.asarray(cost)).min(axis=1)


# %%
# Does it satisfy the contract? ``check_strategy`` raises at the first failure.
results = check_strategy(ExpectedCostSampling())
print(len(results), "checks,", {result["status"] for result in results})

# %%
# Does it help? The strategies differ in what they ask for; all are evaluated by the
# cost of the same model's decisions on the same test half. (Class 0 is malignant.)
cost = np.array([[0, 10], [1, 0]])


def minus_cost(learner, X, y):
    decisions = (learner.predict_proba(X) @ cost).argmin(axis=1)
    return -cost[y, decisions].mean()


X, y = load_breast_cancer(return_X_y=True)
X_pool, X_test, y_pool, y_test = train_test_split(
    X, y, test_size=0.5, stratify=y, random_state=0
)
strategies = {
    "random": RandomSampling(),
    "least confidence": LeastConfidenceSampling(),
    "expected cost": ExpectedCostSampling(cost=cost),
}
learners = {
    name: [
        ActiveLearner(
            make_pipeline(StandardScaler(), LogisticRegression(C=0.1)),
            strategy,
            n_initial=10,
            budget=60,
            batch_size=5,
            random_state=seed,
        ).fit(X_pool, y_pool)
        for seed in range(20)
    ]
    for name, strategy in strategies.items()
}

for name, runs in learners.items():
    curves = [
        [-minus_cost(stage, X_test, y_test) for stage in r.stages()] for r in runs
    ]
    mean = np.mean(curves, axis=0)
    way, end = mean.mean(), mean[-1]
    print(f"{name:16} cost per patient {way:.3f} on the way, {end:.3f} at last")

# %%
# The mean of twenty seeds and one standard deviation around it. The gain depends on
# reliable probabilities: with ``LogisticRegression(C=1)``, which is far more
# confident after a few labels, least confidence has the lower mean cost over the curve,
# 0.156 against 0.184.
display = LearningCurveDisplay.from_learner(
    learners, X_test, y_test, scoring=minus_cost
).plot()
display.ax_.set(title="Breast cancer, 20 seeds", ylabel="- cost per patient")
plt.show()
