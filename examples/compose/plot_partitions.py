"""
====================
A pool in four parts
====================

:class:`~skactive.compose.PartitionedSampling` asks a strategy about each part of a
pool, and once more about what the parts have named. For a core-set it says how much
may be lost by that.
"""

# %%
# Three groups in a plane, one label in the middle, and a pool cut into four parts.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_blobs
from sklearn.metrics import pairwise_distances_argmin_min

from skactive.compose import PartitionedSampling
from skactive.diversity import CoreSet

X_pool, _ = make_blobs(800, centers=3, random_state=3)
X = X_pool.mean(axis=0, keepdims=True)
parts = np.array_split(np.arange(800), 4)

# %%
# First round: each part names as many samples as are asked for. They are computed here
# by hand, to be seen.
named = [
    part[CoreSet(random_state=0).fit(X, [0], X_pool[part]).query(8)] for part in parts
]

# %%
# Second round: eight of these are asked for. For comparison, what a core-set of the
# whole pool asks for.
strategy = PartitionedSampling(CoreSet(), n_parts=4, random_state=0).fit(X, [0], X_pool)
asked = strategy.query(8)
print("all of them were named by a part:", set(asked) <= set(np.concatenate(named)))
whole = CoreSet(random_state=0).fit(X, [0], X_pool).query(8)


def radius(rows):
    """Return how far a sample may be from the label and these rows."""
    return pairwise_distances_argmin_min(X_pool, np.concatenate([X, X_pool[rows]]))[
        1
    ].max()


print(
    f"radius of two rounds {radius(asked):.2f}, of the whole pool {radius(whole):.2f}"
)
print(strategy.certificate_)

# %%
# Named, asked for, and asked for without parts.
fig, axes = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained")
colors = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"]
for part, rows, color, marker in zip(parts, named, colors, "os^v", strict=True):
    axes[0].plot(*X_pool[part].T, ".", color=color, markersize=2, alpha=0.6)
    axes[0].plot(*X_pool[rows].T, marker, color=color, markersize=6)
axes[0].set_title("named by four parts")
titles = {"asked for, of these": asked, "asked for, of the whole pool": whole}
for ax, (title, rows) in zip(axes[1:], titles.items(), strict=True):
    ax.plot(*X_pool.T, ".", color="0.8", markersize=2)
    ax.plot(*X_pool[rows].T, "D", color="#d55e00", markersize=6)
    ax.set_title(f"{title}\nradius {radius(rows):.2f}")
for ax in axes:
    ax.plot(*X.T, "x", color="black", markersize=8)
    ax.set(xticks=[], yticks=[], aspect="equal")
plt.show()

# %%
# The cross is the label. On the left each part, in a color and with a marker of its
# own, has named eight samples, and several of them have named the same places. The
# second round takes eight, no two of them alike. Its radius is larger than that of a
# core-set of the whole pool, and within what the certificate allows.
