"""
================================
Labels that flow along two moons
================================

Two labels, and 400 samples without one. A classifier that sees only the labels draws a
straight line between them. A graph of neighbors knows the shape of the data: labels
flow along it, one neighbor further with each step.
"""

# %%
# One label in each moon, at its middle.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

from skactive.graph import (
    KNNAffinity,
    SparseLabelSpreading,
    normalize_affinity,
    solve_spreading,
)

X, moon = make_moons(400, noise=0.07, random_state=0)
y = np.full(400, -1)
for c, middle in enumerate([[0.0, 1.0], [1.0, -0.5]]):
    y[np.argmin(((X - middle) ** 2).sum(axis=1))] = c

# %%
# The graph: ten neighbors of each sample, nearer ones with larger weights.
graph = KNNAffinity(10, metric="euclidean", affinity="gaussian").fit(X)
print(f"{graph.affinity_.nnz} entries, {graph.n_components_} component")

# %%
# Labels on their way. ``rtol=0`` asks for an exact number of steps of the fixed
# iteration; a sample that no label has reached is gray.
S = normalize_affinity(graph.affinity_)
seeds = (y[:, None] == [0, 1]).astype(float)
fig, axes = plt.subplots(2, 2, figsize=(9, 6), sharex=True, sharey=True)
for ax, steps in zip(axes.flat, [1, 4, 12, 60]):
    Z, _ = solve_spreading(S, seeds, rtol=0, max_iter=steps, solver="power")
    reached = Z.any(axis=1)
    share = Z[reached, 1] / Z[reached].sum(axis=1)
    ax.scatter(*X[~reached].T, c="lightgray", s=10)
    ax.scatter(*X[reached].T, c=share, cmap="coolwarm", vmin=0, vmax=1, s=10)
    ax.scatter(*X[y >= 0].T, c=y[y >= 0], cmap="coolwarm", s=150, marker="*", ec="k")
    ax.set_title(f"{steps} steps" if steps > 1 else "1 step")
fig.tight_layout()

# %%
# The classifier does not take these steps: it solves for their limit.
model = SparseLabelSpreading(graph).fit(X, y)
print(f"{(model.transduction_ == moon).mean():.1%} right with two labels")
print(f"{model.n_iter_} iterations of conjugate gradients")

# %%
# Where the two flows meet, the entropy is highest. There a label would be most
# informative, and there :class:`~skactive.uncertainty.EntropySampling` asks.
fig, ax = plt.subplots(figsize=(6, 4))
points = ax.scatter(*X.T, c=model.entropy_, cmap="viridis", s=12)
ax.scatter(*X[y >= 0].T, c="red", s=150, marker="*", ec="k")
fig.colorbar(points, label="entropy")
ax.set_title("Where labels would tell most")
fig.tight_layout()
plt.show()
