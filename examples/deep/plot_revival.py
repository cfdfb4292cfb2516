"""
================================
What REVIVAL asks for, and where
================================

:class:`~skactive.deep.REVIVAL` connects labeled samples and pool by a graph, propagates
labels along it, and asks where they are uncertain. As published, it asks among those
that an adversary proposes, who perturbs samples a little. Here are its parts, one after
the other, in the plane, where they can be seen.
"""

# %%
# Three clusters, two of them connected by a thin bridge, and one label in each.
import matplotlib.pyplot as plt
import numpy as np
import torch

from skactive.deep import REVIVAL
from skactive.graph import KNNAffinity

torch.set_num_threads(1)
rng = np.random.RandomState(0)
centers = np.array([[-3.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
clusters = [rng.normal(center, 0.6, (80, 2)) for center in centers]
bridge = np.column_stack([np.linspace(-2, 2, 16), rng.normal(0, 0.15, 16)])
X_pool = np.vstack([*clusters, bridge])
X, y = centers, np.array(["left", "right", "top"])

# %%
# In the plane distances count, not angles: representations are not normalized, and the
# graph connects Euclidean neighbors. ``oversample`` turns the adversary on.
plane = {
    "affinity": KNNAffinity(8, metric="euclidean", affinity="gaussian"),
    "normalize": False,
    "oversample": 10,
    "random_state": 0,
}
strategy = REVIVAL(diversity="none", **plane).fit(X, y, X_pool)

# %%
# Left, the virtual labels, with the entropy of each; middle, how much the adversary can
# change them. Both are large on the bridge. Right, the first ten that are asked for,
# and the first ten by divergence alone, without the entropy.
alone = REVIVAL(limitator=None, diversity="none", **plane).fit(X, y, X_pool)
fig, axes = plt.subplots(1, 3, figsize=(11, 3.8), sharey=True, layout="constrained")
winner = strategy.virtual_labels_.argmax(axis=1)
size = 10 + 60 * strategy.entropy_
axes[0].scatter(*X_pool.T, s=size, c=winner, cmap="viridis", alpha=0.6)
axes[0].set_title("virtual labels, size: entropy")
colors = np.log10(np.maximum(strategy.kl_, 1e-4))
seen = axes[1].scatter(*X_pool.T, s=15, c=colors, cmap="magma_r")
fig.colorbar(seen, ax=axes[1], label="log10 of the divergence")
axes[1].set_title("what the adversary changes")
axes[2].scatter(*X_pool.T, s=8, color="lightgray")
ring = {"facecolor": "none", "linewidth": 1.5}
axes[2].scatter(
    *X_pool[strategy.query(10)].T, s=50, edgecolor="tab:red", label="REVIVAL", **ring
)
axes[2].scatter(
    *X_pool[alone.query(10)].T, s=90, edgecolor="tab:blue", label="no limitator", **ring
)
axes[2].set_title("asked for")
for ax in axes:
    ax.scatter(*X.T, marker="*", s=90, color="black")
axes[2].legend(fontsize=8)
plt.show()

# %%
# The same with a graph convolutional network, as published, and with logistic
# regression on averaged features, each trained on three labels. Their adversary moves
# all samples at once, and neighbors add to each other's effect: divergences are larger,
# and cannot be compared with those above. Both use features too, and so ask a little
# off the bridge.
names = {"lgc": strategy}
for name in ("sgc", "gcn"):
    names[name] = REVIVAL(propagator=name, diversity="none", **plane)
    names[name].fit(X, y, X_pool)
for name, each in names.items():
    asked = each.query(10)
    print(
        f"{name}: {np.mean(asked >= 240):.0%} of ten lie on the bridge; largest "
        f"divergence there {each.kl_[240:].max():.3f}, elsewhere "
        f"{each.kl_[:240].max():.3f}"
    )
