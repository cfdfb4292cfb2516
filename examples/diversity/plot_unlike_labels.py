"""
========================================
What is unlike all labels, in three ways
========================================

:class:`~skactive.diversity.DiscriminativeSampling` trains a classifier to tell labeled
samples from the pool, and asks for what it most surely takes for the pool. What that is
depends on the classifier, and on how often it is trained while a batch is chosen.
"""

# %%
# Labels lie in the middle; the pool has as many samples there, and a ring around them.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skactive.diversity import DiscriminativeSampling

rng = np.random.RandomState(0)
angle = rng.uniform(0, 2 * np.pi, 100)
ring = (4 + 0.3 * rng.standard_normal(100)) * np.array([np.cos(angle), np.sin(angle)])
X = 0.5 * rng.standard_normal((20, 2))
X_pool = np.concatenate([0.5 * rng.standard_normal((100, 2)), ring.T])

# %%
# The default trains ten times in a batch: what was picked counts as labeled from then
# on. A linear classifier has one direction only.
linear = LogisticRegression(class_weight="balanced")
strategies = {
    "trained ten times": DiscriminativeSampling(random_state=0),
    "trained once": DiscriminativeSampling(n_mini_queries=1, random_state=0),
    "linear, trained once": DiscriminativeSampling(
        discriminator=linear, n_mini_queries=1, random_state=0
    ),
}
fig, axes = plt.subplots(1, 3, figsize=(10, 3.7), layout="constrained")
for ax, (name, strategy) in zip(axes, strategies.items(), strict=True):
    asked = X_pool[strategy.fit(X, [0] * 20, X_pool).query(12)]
    ax.plot(*X_pool.T, "o", color="0.75", markersize=4, label="pool")
    ax.plot(*X.T, "x", color="black", markersize=5, label="labeled")
    ax.plot(*asked.T, "s", color="#d55e00", markersize=7, label="asked for")
    gaps = np.diff(np.sort(np.arctan2(*asked.T)), append=np.arctan2(*asked.T).min())
    widest = np.degrees(np.mod(gaps, 2 * np.pi)).max()
    ax.set_title(f"{name}\nwidest gap {widest:.0f}°")
    ax.set(xticks=[], yticks=[], aspect="equal")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()

# %%
# All three leave the middle alone. Trained once, the classifier is surest at one side
# of the ring, and the batch crowds there; trained again on what was picked, it goes
# around. The linear one sees one side only.
