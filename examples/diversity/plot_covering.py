"""
===========================
Four ways to cover the pool
===========================

With no label yet, only the positions of samples are known. Four strategies choose
eight samples from a pool of four groups, of which one is small, and a few samples far
from everything.
"""

# %%
# The groups have 200, 100, 100 and 30 samples; six more are scattered around.
import matplotlib.pyplot as plt
import numpy as np

from skactive.diversity import CoreSet, MaxHerding, ProbCover, TypiClust

rng = np.random.RandomState(0)
sizes, centers = [200, 100, 100, 30], [[0, 0], [6, 1], [1, 6], [6, 6]]
groups = [rng.normal(c, 0.9, size=(s, 2)) for c, s in zip(centers, sizes, strict=True)]
X_pool = np.vstack([*groups, rng.uniform(-8, 14, size=(6, 2))])
group = np.repeat(np.arange(5), [*sizes, 6])

# %%
# Directions mean nothing in this plane, hence ``normalize=False``. The
# radius of :class:`~skactive.diversity.ProbCover` is found from four clusters; that of
# :class:`~skactive.diversity.MaxHerding` is in the units of the plane.
strategies = {
    "CoreSet": CoreSet(random_state=0),
    "TypiClust": TypiClust(random_state=0),
    "ProbCover": ProbCover(n_classes=4, normalize=False, random_state=0),
    "MaxHerding": MaxHerding(radius=2.0, normalize=False, random_state=0),
}
picks = {name: s.fit(X_pool).query(8) for name, s in strategies.items()}
print(f"radius of the balls: {strategies['ProbCover'].radius_:.2f}")

# %%
# The farthest samples are the outliers, and :class:`~skactive.diversity.CoreSet` asks
# for them. The others ask for typical samples, and differ in what is worth a second
# label: ``TypiClust`` cuts the pool into eight parts, ``ProbCover`` looks for what lies
# outside of all balls, and ``MaxHerding`` weighs how much of the pool is still unlike
# all picks.
for name, positions in picks.items():
    counts = np.bincount(group[positions], minlength=5)
    print(f"{name:10s} per group {counts[:4]}, odd samples {counts[4]}")

# %%
# The order matters, too: labels are paid for one after the other. Numbers show it.
fig, axes = plt.subplots(1, 4, figsize=(12, 3.2), sharex=True, sharey=True)
for ax, (name, positions) in zip(axes, picks.items(), strict=True):
    ax.scatter(*X_pool.T, s=6, color="0.8")
    for order, position in enumerate(positions, start=1):
        ax.annotate(str(order), X_pool[position], color="tab:red", weight="bold")
    ax.set(title=name, xticks=[], yticks=[])
fig.tight_layout()
plt.show()

# %%
# When there are labels and a model, :class:`~skactive.diversity.UncertaintyHerding`
# weights each sample by how uncertain the model is. It begins like ``MaxHerding``, and
# ends like uncertainty sampling.
