"""
=================
Class 3: coverage
=================

Fifteen minutes. Another idea asks nothing of the model: label samples so that none of
the pool is far from a label. It finds what uncertainty never looks at, and has a
blindness of its own.
"""

# %%
# A class that the model does not know of
# ---------------------------------------
# Two large classes overlap, and a third of ten samples lies far out on the right. A
# linear model that has not seen it is *sure* there: the farther out, the surer.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from skactive import ActiveLearner
from skactive.datasets import make_diverging_sine, make_isolated_class
from skactive.diversity import CoreSet, RandomSampling
from skactive.metrics import area_under_learning_curve, staged_scores
from skactive.uncertainty import MarginSampling

strategies = {
    "random": RandomSampling(),
    "margin": MarginSampling(),
    "core-set": CoreSet(),
}


def run(make, model, strategy, seed):
    """Return a learner that bought 60 labels, and the data it bought them from."""
    data = make(random_state=seed, return_X_y=False)
    learner = ActiveLearner(model, strategy, n_initial=10, budget=60, random_state=seed)
    return learner.fit(data.data, data.target), data


fig, axes = plt.subplots(3, 1, figsize=(7, 5), sharex=True, layout="constrained")
for ax, (name, strategy) in zip(axes, strategies.items(), strict=True):
    learner, data = run(make_isolated_class, LogisticRegression(), strategy, seed=0)
    asked = learner.labeled_iter_ > 0
    ax.scatter(*data.data.T, c=data.target, cmap="Set2", s=8, alpha=0.5)
    ax.scatter(*data.data[asked].T, marker="x", color="black", s=25)
    found = data.in_trap[learner.labeled_mask_].sum()
    ax.set_title(f"{name}: {found} labels of the small class")
    ax.set(xticks=[], yticks=[])
plt.show()

# %%
# :class:`~skactive.diversity.CoreSet` asks for the sample that is farthest from all
# labels, counts it as labeled, and so on: a far-off group is reached early. In ten
# seeds:


def measure(make, model, strategy):
    """Return ten areas under the curve, and ten shares of labels in the trap."""
    areas, in_trap = [], []
    for seed in range(10):
        learner, data = run(make, model, strategy, seed)
        curve = staged_scores(learner, data.test_data, data.test_target)
        areas.append(area_under_learning_curve(*curve))
        in_trap.append(data.in_trap[learner.labeled_mask_].mean())
    return np.array(areas), np.array(in_trap)


for name, strategy in strategies.items():
    areas, in_trap = measure(make_isolated_class, LogisticRegression(), strategy)
    found = (in_trap > 0).sum()
    print(
        f"{name:9} AULC {areas.mean():.3f}   found the class in {found:>2} of 10 seeds"
    )

# %%
# Its own blindness
# -----------------
# Two classes wind around each other on the left, and part further and further to the
# right. The right half is where the *room* is, and where there is nothing to learn. The
# model is the nearest neighbor.
one_neighbor = KNeighborsClassifier(1)
random, _ = measure(make_diverging_sine, one_neighbor, RandomSampling())
cover, spent = measure(make_diverging_sine, one_neighbor, CoreSet())
print(f"random   AULC {random.mean():.3f}")
print(
    f"core-set AULC {cover.mean():.3f}, behind random in {(cover < random).sum()} of "
    f"10 seeds; {spent.mean():.0%} of its labels lie in the right half"
)

# %%
# Coverage is a question to the *features*, and the features may not know what matters.
# Distances also depend on units: a column in millimeters counts a million times more
# than the same in kilometers. That is why a scaler goes inside,
# ``CoreSet(StandardScaler())``.
#
# Exercise
# --------
# Write one step of core-set: a function that is given the pool and the labeled samples,
# and returns the row of the pool that is farthest from its nearest labeled sample.
answer = None


def check(answer):
    """Compare one pick with that of the library, on five draws."""
    if answer is None:
        return print("No answer yet.")
    for seed in range(5):
        rng = np.random.RandomState(seed)
        X_pool, X_labeled = rng.randn(100, 3), rng.randn(8, 3)
        theirs = CoreSet().fit(X_labeled, np.arange(8) % 2, X_pool).query(1)[0]
        mine = answer(X_pool, X_labeled)
        assert np.ndim(mine) == 0, f"one row, got {mine!r}"
        assert mine == theirs, f"draw {seed}: row {theirs} is farther than row {mine}"
    print("Right: the same pick in five draws.")


check(answer)

# %%
# What to take home
# -----------------
# * Coverage finds what no label has shown yet, and needs no model. It is good to begin
#   with.
# * It spends labels wherever there is room: outliers, and regions that are easy
#   already.
# * The two blindnesses differ. Strategies that ask both questions, such as
#   :class:`~skactive.diversity.BADGE` or
#   :class:`~skactive.diversity.UncertaintyHerding`, are the subject of
#   :doc:`/user_guide/gradients` and :doc:`/user_guide/covering`.
#
# Next: :ref:`sphx_glr_auto_examples_teaching_plot_4_the_batch.py`.

# %%
# Solution
# --------


def answer(X_pool, X_labeled):
    """Return the row of the pool farthest from its nearest labeled sample."""
    distances = np.linalg.norm(X_pool[:, None] - X_labeled[None], axis=2)
    return distances.min(axis=1).argmax()


check(answer)
