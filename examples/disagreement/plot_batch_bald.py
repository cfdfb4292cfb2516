"""
======================================================
Batches that say more: BALD, PowerBALD and BatchBALD
======================================================

A committee scores digits that are in the pool several times.
:class:`~skactive.disagreement.BALD` scores each sample by itself, and takes a digit and
its copies. :class:`~skactive.disagreement.BatchBALD` scores what the labels of a batch
say jointly; :class:`~skactive.disagreement.PowerBALD` draws at random by the scores.
"""

# %%
# Digits, each five times, with a little noise; thirty different ones are labeled.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier

from skactive.disagreement import BALD, BatchBALD, PowerBALD

X, y = load_digits(return_X_y=True)
rng = np.random.RandomState(0)
X_labeled, y_labeled = X[:30], y[:30]
X_pool = np.repeat(X[30:330], 5, axis=0)
X_pool += 0.1 * rng.standard_normal(X_pool.shape)
original = np.repeat(np.arange(300), 5)

# %%
# The committee: a hundred shallow trees. Each strategy is asked for a batch of ten. How
# many different digits does it hold, and what do its labels tell about which trees are
# right? ``information`` returns that for the first pick, the first two, and so on.
# (Asked for a batch, BALD warns that it will look like this.)
forest = RandomForestClassifier(100, max_depth=4, min_samples_leaf=2)
strategies = {
    "BatchBALD": BatchBALD(forest, random_state=0),
    "BALD": BALD(forest, random_state=0),
    "PowerBALD": PowerBALD(forest, random_state=0),
}
batches = {}
for name, strategy in strategies.items():
    batches[name] = strategy.fit(X_labeled, y_labeled, X_pool).query(10)
    different = len(set(original[batches[name]]))
    print(f"{name}: {different} different digits in a batch of 10")

# %%
# The information is bounded by the logarithm of the number of members: at most, it
# tells which of the hundred trees is right.
judge = strategies["BatchBALD"]
fig, ax = plt.subplots()
for name, picks in batches.items():
    ax.plot(range(1, 11), judge.information(picks), "o-", label=name)
ax.axhline(np.log(100), color="gray", linestyle=":", label="log(members)")
ax.set(xlabel="samples of the batch", ylabel="information (nats)", ylim=(0, None))
ax.legend()
plt.show()

# %%
# The batches themselves.
fig, axes = plt.subplots(3, 10, figsize=(8, 3), layout="constrained")
for row, (name, picks) in zip(axes, batches.items(), strict=True):
    row[0].set_title(name, loc="left", fontsize=9)
    for ax, pick in zip(row, picks, strict=True):
        ax.imshow(X_pool[pick].reshape(8, 8), cmap="gray_r")
        ax.set(xticks=[], yticks=[])
plt.show()
