"""
====================================
A strategy as the last pipeline step
====================================

A strategy is an estimator, so it can stand at the end of a ``Pipeline``. One thing
needs care: a pipeline transforms ``X``, but passes on other arguments of ``fit``
unchanged. The pool has to go through the same steps as the labeled samples, and
``transform_input=["X_pool"]`` together with metadata routing does that.
"""

# %%
# A square full of samples, of which one corner is labeled. The second feature has
# other units: numbers a thousand times as large, but no more informative.
import matplotlib.pyplot as plt
import numpy as np
import sklearn
from sklearn.metrics import pairwise_distances_argmin_min
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skactive.diversity import CoreSet

X = np.random.RandomState(0).uniform(size=(500, 2)) * [1.0, 1000.0]
corner = (X < [0.2, 200.0]).all(axis=1)
X_labeled, X_pool = X[corner], X[~corner]
y_labeled = np.arange(len(X_labeled)) % 2


def covering_radius(positions):
    """Return how far a sample may be from all known ones, in units of the square."""
    known = np.concatenate([X_labeled, X_pool[positions]]) / [1.0, 1000.0]
    return pairwise_distances_argmin_min(X / [1.0, 1000.0], known)[1].max()


# %%
# The right way. The strategy asks for metadata named ``X_pool`` by itself, and the
# pipeline transforms it on the way.
steps = [("scale", StandardScaler()), ("core_set", CoreSet())]
with sklearn.config_context(enable_metadata_routing=True):
    pipe = Pipeline(steps, transform_input=["X_pool"])
    pipe.fit(X_labeled, y_labeled, X_pool=X_pool)

# %%
# A pipeline has no ``query``; its last step has, and it holds the scaled pool.
# Positions in the scaled pool are positions in the pool.
scaled = pipe[-1].query(12)
print(f"scaled pool:   covering radius {covering_radius(scaled):.2f}")

# %%
# The silent mistake: with routing off, ``core_set__X_pool`` reaches the strategy
# unchanged. Labeled samples are scaled, the pool is not, and there is no error.
wrong = Pipeline(steps).fit(X_labeled, y_labeled, core_set__X_pool=X_pool)
unscaled = wrong[-1].query(12)
print(f"raw pool:      covering radius {covering_radius(unscaled):.2f}")

# %%
# The way that cannot go wrong needs neither routing nor ``transform_input``: the
# preprocessing goes inside, as the embedding of the strategy. This scaler learns from
# all samples, since it needs no labels; the one above saw the labeled ones.
inside = CoreSet(StandardScaler()).fit(X_labeled, y_labeled, X_pool)
print(f"scaler inside: covering radius {covering_radius(inside.query(12)):.2f}")

# %%
# On the right the picks follow the feature with the large numbers, and their values of
# the other are left to chance, so parts of the square stay empty.
fig, axes = plt.subplots(1, 2, figsize=(8, 4), sharey=True, layout="constrained")
titles = ["pool scaled with the pipeline", "raw pool, by mistake"]
for ax, picks, title in zip(axes, [scaled, unscaled], titles, strict=True):
    ax.scatter(*X_pool.T, s=8, color="0.8", label="pool")
    ax.scatter(*X_labeled.T, marker="x", color="black", label="labeled")
    ax.scatter(*X_pool[picks].T, s=50, color="tab:red", label="asked for")
    ax.set(title=title, xlabel="first feature")
axes[0].set_ylabel("second feature")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()
