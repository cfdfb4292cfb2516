"""
==========================================
More labels for the money, or better ones?
==========================================

Answers differ in price here: a digit with much ink takes longer to look at. Margin
sampling does not look at prices; :class:`~skactive.compose.CostAware` asks for what it
wants most for the money. Which of the two is ahead depends on the axis of the plot.
"""

# %%
# Prices grow with the amount of ink; the mean is about 1. All runs of a seed begin with
# the same 20 labels, and buy more for 60.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.compose import CostAware
from skactive.diversity import RandomSampling
from skactive.metrics import staged_scores
from skactive.uncertainty import MarginSampling

X, y = load_digits(return_X_y=True)
X = X / 16
mean_ink = X.sum(axis=1).mean()


def price(X):
    return (X.sum(axis=1) / mean_ink) ** 4


strategies = {
    "random": RandomSampling(),
    "margin": MarginSampling(),
    "margin for the money": CostAware(MarginSampling(), cost=price),
}

# %%
# Ten seeds. The learner is told the prices too, since it keeps the budget.
settings = {"n_initial": 20, "batch_size": 15, "budget": 60}
curves = {}
for seed in range(10):
    X_pool, X_test, y_pool, y_test = train_test_split(
        X, y, train_size=600, random_state=seed
    )
    for name, strategy in strategies.items():
        model = LogisticRegression(max_iter=60, tol=0.01)
        learner = ActiveLearner(model, strategy, random_state=seed, **settings)
        learner.fit(X_pool, y_pool, cost=price(X_pool))
        for x in ("n_labeled", "cost"):
            curve = staged_scores(learner, X_test, y_test, x=x)
            curves.setdefault((x, name), []).append(curve)

# %%
# Each curve is read where all of its kind have begun and none has ended.
grids = {}
for x in ("n_labeled", "cost"):
    asked = [curve[0] for name in strategies for curve in curves[x, name]]
    grids[x] = np.linspace(max(n[0] for n in asked), min(n[-1] for n in asked), 20)
figure, axes = plt.subplots(1, 2, figsize=(8, 3.5), sharey=True, layout="constrained")
read = {}
for ax, (x, grid) in zip(axes, grids.items()):
    for name in strategies:
        scores = [np.interp(grid, *curve) for curve in curves[x, name]]
        ax.plot(grid, np.mean(scores, axis=0), label=name)
        read[x, name] = np.mean(scores, axis=1)
    ax.set_xlabel({"n_labeled": "number of labels", "cost": "what was paid"}[x])
axes[0].set_ylabel("accuracy, mean of 10 seeds")
axes[1].legend()
plt.show()

# %%
# The difference to margin sampling, seed by seed, as a mean over the curve.
for x in grids:
    ahead = read[x, "margin for the money"] - read[x, "margin"]
    wins = int((ahead > 0).sum())
    print(
        f"over {x:10} {ahead.mean():+.3f} +- {ahead.std():.3f}, ahead in {wins} of 10"
    )

# %%
# Over the number of labels, cheap samples are worth less than those that margin
# sampling asks for. Over the money they are worth more, as there are more of them. Both
# curves belong in a report, since either alone decides the question by its axis.
for name in strategies:
    n = np.mean([curve[0][-1] for curve in curves["n_labeled", name]])
    print(f"{name:21} {n:.0f} labels at the end")
