"""
===================================================
A graph that knows which samples have been labeled
===================================================

:class:`~skactive.deep.UncertainGCN` and :class:`~skactive.deep.CoreGCN` connect samples
that are similar and train a graph convolutional net to tell which of them are labeled.
Here half of the ten digits are missing from the labels, and one can see where the net
puts them without having read a label.
"""

# %%
# Ninety-six labeled images of the digits 0 to 4. In the pool, about half are the digits
# 5 to 9. The features of the nodes are those of a net that was trained on the labels.
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score

from skactive.deep import CoreGCN, UncertainGCN
from skactive.diversity import CoreSet
from skactive.graph import KNNAffinity
from skactive.nets import NetClassifier

torch.set_num_threads(1)
X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)


def problem(seed):
    rng = np.random.RandomState(seed)
    known = rng.permutation(np.flatnonzero(y < 5))[:96]
    pool = rng.permutation(np.setdiff1d(np.arange(len(y)), known))[:1201]
    net = NetClassifier(max_epochs=40, random_state=seed).fit(X[known], y[known])
    return FrozenEstimator(net), known, pool


net, known, pool = problem(0)
new = y[pool] > 4
graphs = {"all pairs": None, "nearest neighbors": KNNAffinity()}
fitted = {
    name: UncertainGCN(net, affinity=graph, random_state=0).fit(
        X[known], y[known], X[pool]
    )
    for name, graph in graphs.items()
}

# %%
# All samples of the pool are unlabeled, so a perfect net would predict 0 for each of
# them. It cannot: features of a sample are mixed with those of its neighbors, and
# neighbors of labeled samples look labeled. The graph of all pairs, as published,
# smooths a lot; ten nearest neighbors keep the two halves further apart.
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
for ax, (name, strategy) in zip(axes, fitted.items(), strict=True):
    halves = [strategy.proba_[~new], strategy.proba_[new]]
    ax.hist(halves, bins=25, stacked=True, color=["tab:blue", "tab:orange"])
    auc = roc_auc_score(new, -strategy.proba_)
    ax.set(title=f"{name}, AUC {auc:.2f}", xlabel="probability of being labeled")
axes[0].set_ylabel("samples of the pool")
axes[0].legend(["digits 0-4, some labeled", "digits 5-9, none labeled"], fontsize=8)
plt.show()

# %%
# UncertainGCN asks for probabilities near ``margin=0.1``, in practice the lowest.
# CoreGCN spreads over the space of the graph's net instead: each pick is far from
# all labels and from the picks before. The pictures show two principal components of
# the input features of the nodes.
core = CoreGCN(net, random_state=0).fit(X[known], y[known], X[pool])
picks = {"UncertainGCN": fitted["all pairs"].query(48), "CoreGCN": core.query(48)}
flat = PCA(2).fit(net.transform(X))
where, labeled = (flat.transform(net.transform(X[rows])) for rows in (pool, known))

fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True, layout="constrained")
for ax, (name, asked) in zip(axes, picks.items(), strict=True):
    ax.scatter(*where[~new].T, s=5, color="tab:blue", alpha=0.4, label="0-4")
    ax.scatter(*where[new].T, s=5, color="tab:orange", alpha=0.4, label="5-9")
    ax.scatter(*labeled.T, s=8, color="black", label="labeled")
    ring = {"facecolor": "none", "edgecolor": "tab:red", "label": "asked for"}
    ax.scatter(*where[asked].T, s=40, **ring)
    share = new[asked].mean()
    ax.set(title=f"{name}: {share:.0%} of 48 are new", xlabel="1st component")
axes[0].set_ylabel("2nd component")
axes[0].legend(fontsize=8)
plt.show()

# %%
# One draw proves little. Five draws, and for comparison
# :class:`~skactive.diversity.CoreSet`, which picks by distances in the same embedding
# without a graph:
strategies = {
    "UncertainGCN": UncertainGCN,
    "CoreGCN": CoreGCN,
    "CoreSet": CoreSet,
}
shares = {name: [] for name in ("pool", *strategies)}
for seed in range(5):
    net, known, pool = problem(seed)
    new = y[pool] > 4
    shares["pool"].append(new.mean())
    for name, cls in strategies.items():
        strategy = cls(net, random_state=seed).fit(X[known], y[known], X[pool])
        shares[name].append(new[strategy.query(48)].mean())
for name, values in shares.items():
    print(
        f"{name:13} share of new digits {np.mean(values):.2f} (least {min(values):.2f})"
    )

# %%
# UncertainGCN finds almost only new digits, all in one corner: it picks samples
# one by one. CoreGCN spreads, and finds fewer of them than plain CoreSet does in the
# same embedding. Here distances alone would have been enough.
