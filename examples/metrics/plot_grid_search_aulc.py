"""
========================================
Grid search over a strategy's parameters
========================================

A good strategy has a good learning curve, not only a good last point.
:data:`~skactive.metrics.aulc_scorer` reduces that curve to one number, the area under
it, so ``GridSearchCV`` tunes the parameters of a strategy, the size of the batches, or
the choice of the strategy itself, like any other parameter.

Each fold is a simulation: the learner may look at the labels it pays for, and the
curve is scored on the held-out part of the data.
"""

# %%
# The digits, with a scaler before the learner. That is no leak, since the scaler does
# not use labels: the features of a pool are known from the start.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.diversity import CoreSet, RandomSampling
from skactive.metrics import aulc_scorer
from skactive.uncertainty import MarginSampling

X, y = load_digits(return_X_y=True)
learner = ActiveLearner(
    LogisticRegression(), n_initial=20, budget=100, keep_estimators=True, random_state=0
)
pipe = make_pipeline(StandardScaler(), learner)

# %%
# One grid for the parameters of :class:`~skactive.diversity.CoreSet`, one for
# strategies without any, both for two sizes of the batch. Random sampling is always
# among the candidates.
batch_sizes = [10, 50]
grid = [
    {
        "activelearner__strategy": [CoreSet()],
        "activelearner__strategy__outlier_share": [0.0, 0.05, 0.2],
        "activelearner__strategy__metric": ["euclidean", "cosine"],
        "activelearner__batch_size": batch_sizes,
    },
    {
        "activelearner__strategy": [RandomSampling(), MarginSampling()],
        "activelearner__batch_size": batch_sizes,
    },
]
cv = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
search = GridSearchCV(pipe, grid, scoring=aulc_scorer, cv=cv).fit(X, y)

# %%
results = search.cv_results_


def describe(params):
    strategy = params["activelearner__strategy"]
    own = [
        f"{name.rpartition('__')[2]}={value}"
        for name, value in sorted(params.items())
        if name.startswith("activelearner__strategy__")
    ]
    return " ".join([type(strategy).__name__, *own])


rows = list(dict.fromkeys(describe(params) for params in results["params"]))
mean, spread = np.empty((2, len(rows), len(batch_sizes)))
for k, params in enumerate(results["params"]):
    at = (
        rows.index(describe(params)),
        batch_sizes.index(params["activelearner__batch_size"]),
    )
    mean[at] = results["mean_test_score"][k]
    spread[at] = results["std_test_score"][k]

print(
    f"{'AULC, mean ± std over 5 folds':46}" + "".join(f"{b:>15}" for b in batch_sizes)
)
for row, means, spreads in zip(rows, mean, spread, strict=True):
    cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(means, spreads, strict=True)]
    print(f"{row:46}" + "".join(f"{cell:>15}" for cell in cells))

# %%
# The folds are shared, so the spread of a *difference* is smaller than the two spreads
# suggest. Still: settings that differ by less than their noise are not different, and
# the score of the best of sixteen is biased upwards. Areas of different batch sizes
# must be compared with care, too: with larger batches the curve has fewer points, and
# the straight lines between them cut off its bend. A core-set without outliers asks for
# the same rows in batches of 10 or 50, and the difference in its first row is just
# that.
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
image = ax.imshow(mean, cmap="viridis", aspect="auto")
ax.set_xticks(range(len(batch_sizes)), batch_sizes)
ax.set_yticks(range(len(rows)), rows)
ax.set(xlabel="batch size", title="Area under the learning curve, 120 labels")
middle = (mean.min() + mean.max()) / 2
for at, value in np.ndenumerate(mean):
    color = "white" if value < middle else "black"
    ax.text(*at[::-1], f"{value:.3f}", ha="center", va="center", color=color)
fig.colorbar(image, ax=ax, label="AULC")
plt.show()

# %%
# The best pipeline was fitted again on all of the data, within the same budget:
best = search.best_estimator_[-1]
print(describe(search.best_params_), "- batch size", best.batch_size)
print("labels used:", int(best.labeled_mask_.sum()), "of", len(y))
