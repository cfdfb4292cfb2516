"""
===========================
Where a committee disagrees
===========================

Seven models, each fitted on its own sample of the same ten labels, draw seven borders.
:class:`~skactive.disagreement.QueryByCommittee` asks where they contradict each other;
three measures say how much that is.
"""

# %%
# Two moons, and a logistic regression on features of a radial kernel.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skactive.disagreement import (
    QueryByCommittee,
    consensus_entropy,
    kl_to_consensus,
    vote_entropy,
)

X, y = make_moons(200, noise=0.2, random_state=1)
kernel = RBFSampler(gamma=0.5, n_components=100, random_state=0)
model = make_pipeline(kernel, LogisticRegression(C=10))
strategy = QueryByCommittee(model, n_members=7, random_state=0)
strategy.fit(X[:10], y[:10], X[10:])

# %%
# What each member says of each place in the plane, and of that the measures. They are
# functions of an array of members, samples and classes. Bright is much disagreement,
# lines are the borders of the members, and the diamond is asked for first.
grid = np.stack(np.meshgrid(np.linspace(-1.8, 2.8, 90), np.linspace(-1.3, 1.8, 60)))
flat = grid.reshape(2, -1).T
proba = np.stack([member.predict_proba(flat) for member in strategy.members_])
measures = {
    "vote_entropy": vote_entropy,
    "kl_to_consensus": kl_to_consensus,
    "consensus_entropy": consensus_entropy,
}
fig, axes = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
for ax, (name, measure) in zip(axes, measures.items(), strict=True):
    scores = measure(proba).reshape(grid.shape[1:])
    ax.contourf(*grid, scores, levels=12, cmap="cividis")
    for one in proba[:, :, 1]:
        shape = grid.shape[1:]
        ax.contour(*grid, one.reshape(shape), levels=[0.5], colors="white", alpha=0.6)
    for label, marker in enumerate("os"):
        shown = X[:10][y[:10] == label]
        ax.plot(*shown.T, marker, color="white", markeredgecolor="black", markersize=7)
    strategy.set_params(disagreement=measure)
    asked = X[10:][strategy.query(1)]
    ax.plot(*asked.T, "D", color="#d55e00", markeredgecolor="black", markersize=9)
    ax.set(title=name, xticks=[], yticks=[])
plt.show()

# %%
# Votes take few values: all that lies between the same borders ties. The
# Kullback-Leibler divergence is high where members are sure of different things, the
# entropy of their mean also where all of them say one half.
