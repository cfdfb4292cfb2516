"""
===================================
Uncertain, and not all in one place
===================================

The samples with the smallest margins lie where the border runs through most of the
pool. Five strategies ask the same model for as many samples, and take them from more
places.
"""

# %%
# Four groups on a square, of which two neighbors overlap, and a model that is fitted on
# three labels of each.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_blobs
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances
from sklearn.pipeline import make_pipeline

from skactive.compose import TopThenDiverse
from skactive.diversity import BADGE, CLUE, DropQuery, Falcun
from skactive.uncertainty import MarginSampling

centers = [[0, 0], [1.6, 0], [0, 4], [4, 4]]
X, y = make_blobs([400, 400, 150, 150], centers=centers, random_state=0)
known = np.concatenate([np.flatnonzero(y == label)[:3] for label in range(4)])
X_pool = np.delete(X, known, axis=0)
kernel = RBFSampler(gamma=0.1, n_components=50, random_state=0)
model = make_pipeline(kernel, LogisticRegression(C=10))

# %%
# A batch of 15. What the last layer sees are the features of the kernel.
strategies = {
    "margins": MarginSampling(model),
    "the top, thinned out": TopThenDiverse(MarginSampling(model)),
    "CLUE": CLUE(model),
    "DropQuery": DropQuery(model),
    "Falcun": Falcun(model),
    "BADGE": BADGE(model),
}
fig, axes = plt.subplots(2, 3, figsize=(10, 6.4), layout="constrained")
for ax, (name, strategy) in zip(axes.flat, strategies.items(), strict=True):
    strategy.set_params(random_state=0).fit(X[known], y[known], X_pool)
    asked = X_pool[strategy.query(15)]
    for label, marker in enumerate("os^v"):
        ax.plot(*X[y == label].T, marker, color="0.8", markersize=3)
    ax.plot(*X[known].T, "x", color="black", markersize=6)
    ax.plot(*asked.T, "D", color="#d55e00", markersize=6)
    apart = pairwise_distances(asked)[np.triu_indices(15, k=1)].mean()
    ax.set_title(f"{name}: {apart:.1f} apart")
    ax.set(xticks=[], yticks=[])
plt.show()

# %%
# Crosses are labels, diamonds are asked for; the title has the mean distance between
# two of these. One draw of one pool shows what a batch looks like, and not who learns
# most from it: :ref:`clusters` has accuracies.
