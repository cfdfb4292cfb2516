"""
======================================================
What unbalanced labels do to propagation, and the cure
======================================================

Active learning does not give each class the same number of labels. Plain propagation
treats that as evidence: with ``alpha`` near 1, the class with more labels wins almost
everywhere. :class:`~skactive.graph.SparseLabelSpreading` divides the seeds of a class
by their total weight, so that labels may be unbalanced.
"""

# %%
# Digits. Five of the ten classes have ten labels each, the others have one.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skactive.graph import KNNAffinity, SparseLabelSpreading

X, digit = load_digits(return_X_y=True)
W = KNNAffinity().fit_transform(X)


def draw(many, few, seed):
    """Return labels, many of classes 0 to 4 and few of the others."""
    rng = np.random.RandomState(seed)
    y = np.full(len(X), -1)
    for c in range(10):
        rows = np.flatnonzero(digit == c)
        y[rng.choice(rows, many if c < 5 else few, replace=False)] = c
    return y


# %%
# The graph does not depend on labels, so it is built once and passed as
# ``"precomputed"``.
def accuracy(balance, alpha, many=10, few=1):
    """Return the mean accuracy on unlabeled rows over ten draws of labels."""
    right = []
    for seed in range(10):
        y = draw(many, few, seed)
        model = SparseLabelSpreading("precomputed", alpha=alpha, seed_balance=balance)
        model.fit(W, y)
        right.append((model.transduction_ == digit)[y == -1].mean())
    return np.mean(right)


alphas = [0.5, 0.9, 0.99, 0.999]
fig, ax = plt.subplots(figsize=(6, 4))
for balance in ("none", "count", "degree"):
    scores = [accuracy(balance, alpha) for alpha in alphas]
    ax.plot(range(4), scores, "o-", label=f'seed_balance="{balance}"')
    print(balance, " ".join(f"{score:.1%}" for score in scores))
ax.set_xticks(range(4), alphas)
ax.set(xlabel="alpha", ylabel="accuracy", title="Ten labels for some, one for others")
ax.legend()
fig.tight_layout()

# %%
# How many rows are assigned to each class at ``alpha=0.99``. The dashed line
# is how many there are.
y = draw(10, 1, seed=0)
fig, ax = plt.subplots(figsize=(7, 3.5))
for shift, balance in ((-0.2, "none"), (0.2, "degree")):
    model = SparseLabelSpreading("precomputed", seed_balance=balance).fit(W, y)
    counts = np.bincount(model.transduction_, minlength=10)
    ax.bar(np.arange(10) + shift, counts, 0.4, label=f'seed_balance="{balance}"')
ax.axhline(len(X) / 10, ls="--", c="k", lw=1)
ax.set(
    xlabel="digit (0 to 4 have ten labels, 5 to 9 one)", ylabel="rows", xticks=range(10)
)
ax.legend()
fig.tight_layout()
plt.show()

# %%
# Balancing ignores how many rows a class has. Where labels are a random sample of
# unequal classes, ``class_prior="labeled"`` scales the classes back to their shares.
