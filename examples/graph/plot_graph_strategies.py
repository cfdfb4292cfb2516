"""
=================================
What a label would say on a graph
=================================

Samples are connected to their nearest neighbors, and neighbors tend to have the same
label. How much a label would tell about all other samples can then be computed before
it is asked for. Four strategies do so; here is what each of them asks for.
"""

# %%
# Two moons, close together, and a small group far away. Two samples are labeled, one
# in each moon. Neighbors are found by Euclidean distance, since directions from the
# origin mean nothing here.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

from skactive.diversity import SigmaOpt, VOpt
from skactive.graph import KNNAffinity
from skactive.lookahead import MCVOpt, ModelChange

moons, y = make_moons(300, noise=0.08, random_state=0)
rng = np.random.RandomState(0)
far = [2.6, 1.3] + 0.1 * rng.standard_normal((15, 2))
X = np.vstack([moons, far])
y = np.r_[y, np.ones(15, dtype=int)]
labeled = np.array([np.argmin(moons[:, 0]), np.argmax(moons[:, 0])])
pool = np.setdiff1d(np.arange(len(X)), labeled)
graph = KNNAffinity(10, metric="euclidean", affinity="gaussian")


# %%
# Scores before anything is asked for, and the first five samples, in order. Nothing is
# reserved for parts of the graph without a label (``component_fraction=0``), so only
# the score matters here. ``VOpt`` and ``SigmaOpt`` do not use labels, only their
# positions; the other two also look for the boundary between the classes.
def asked_by(strategy):
    """Fit a strategy and return its scores and five positions."""
    strategy.set_params(affinity=graph, component_fraction=0.0, random_state=0)
    strategy.fit(X[labeled], y[labeled], X[pool])
    return strategy.scores_, strategy.query(5)


fig, axes = plt.subplots(2, 2, figsize=(9, 6), sharex=True, sharey=True)
strategies = [VOpt(), SigmaOpt(), ModelChange(), MCVOpt()]
for ax, strategy in zip(axes.flat, strategies, strict=True):
    scores, asked = asked_by(strategy)
    # Ranks, since one part without a label outweighs all differences in the others.
    rank = scores.argsort().argsort()
    ax.scatter(*X[pool].T, c=rank, s=14, cmap="viridis")
    ax.scatter(*X[labeled].T, marker="x", s=60, color="black", label="labeled")
    for k, (a, b) in enumerate(X[pool[asked]], start=1):
        ax.text(
            a,
            b,
            str(k),
            ha="center",
            va="center",
            color="white",
            size=8,
            bbox={"boxstyle": "circle,pad=0.25", "color": "tab:red"},
        )
    ax.set_title(type(strategy).__name__)
axes[0, 0].legend(loc="lower left")
fig.tight_layout()
plt.show()

# %%
# No label reaches the group far away. The strategies say so, and where to ask:
strategy = SigmaOpt(affinity=graph, random_state=0)
strategy.fit(X[labeled], y[labeled], X[pool])
for size, position in strategy.unreached_components_:
    print(f"{size} samples without a label; ask for position {position} of the pool")

# %%
# A fifth of each query is reserved for such parts, unless told otherwise. Of five
# samples that is one, and it comes first.
print(strategy.query(5)[0] == strategy.unreached_components_[0, 1])

# %%
# The other way to choose several at once is to compute scores only once and to ask for
# their local maxima: samples whose score no neighbor exceeds.
hills = MCVOpt(affinity=graph, batch="local_max", random_state=0)
hills.fit(X[labeled], y[labeled], X[pool])
tops = hills.query(5)
among = hills.affinity_[len(labeled) + tops][:, len(labeled) + tops]
print("edges between the samples asked for:", among.nnz)
