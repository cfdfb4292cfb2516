"""
===========================================
What would a label do to the other samples?
===========================================

A margin looks at one sample. It ignores whether there are similar ones, which the same
label would decide as well, and so it also asks for isolated samples
between two classes. :class:`~skactive.lookahead.ExpectedErrorReduction` tries each
label for each sample, and computes the error that the model then expects on the pool.
"""

# %%
# Two classes of 150 samples, and 20 samples that lie alone, each as near to one class
# as to the other.
import matplotlib.pyplot as plt
import numpy as np

from skactive.lookahead import ExpectedErrorReduction
from skactive.uncertainty import QUIRE, MarginSampling

rng = np.random.RandomState(0)
alone = np.r_[np.arange(4, 14), -np.arange(4, 14)]
groups = [
    rng.normal([-1.2, 0], 0.9, (150, 2)),
    rng.normal([1.2, 0], 0.9, (150, 2)),
    np.column_stack([rng.normal(0, 0.05, 20), alone]),
]
X_pool = np.concatenate(groups)
X, y = np.array([[-2.0, 0], [2.0, 0]]), ["left", "right"]

# %%
# One batch of ten from each. :class:`~skactive.uncertainty.QUIRE` asks for samples far
# from all labels, hence also for isolated ones.
strategies = {
    "margins": MarginSampling(random_state=0),
    "QUIRE": QUIRE(random_state=0),
    "error reduction": ExpectedErrorReduction(random_state=0),
}
fig, axes = plt.subplots(1, 3, figsize=(7, 6), layout="constrained", sharey=True)
for ax, (name, strategy) in zip(axes, strategies.items(), strict=True):
    asked = strategy.fit(X, y, X_pool).query(10)
    print(f"{name:16}{np.sum(asked >= 300)} of 10 lie alone")
    ax.scatter(*X_pool.T, s=8, color="0.7")
    ax.scatter(*X.T, marker="s", color="black", label="labeled")
    ax.scatter(*X_pool[asked].T, color="tab:red", label="asked for")
    ax.set(title=name, aspect="equal")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
plt.show()

# %%
# This pool is made for it. Its model is a kernel on the features, and its batch holds
# the ten best samples by themselves, regardless of one another: on digits it loses to
# random sampling, see :ref:`lookahead`.
