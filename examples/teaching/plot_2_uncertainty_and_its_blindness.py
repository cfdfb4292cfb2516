"""
=========================================
Class 2: uncertainty, and its blindness
=========================================

Fifteen minutes. The oldest idea of active learning is to ask where the model is unsure.
We see what it means, and a pool in which it pays for noise.
"""

# %%
# Unsure of what?
# ---------------
# A classifier gives each sample a probability for each class. Three samples and three
# classes:
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.datasets import make_honeypot
from skactive.diversity import RandomSampling
from skactive.metrics import area_under_learning_curve, staged_scores
from skactive.uncertainty import EntropySampling, MarginSampling, entropy, margin

probabilities = np.array([[0.98, 0.01, 0.01], [0.49, 0.48, 0.03], [0.4, 0.3, 0.3]])

# %%
# *Margin*: how near are the two most probable classes? *Entropy*: how spread out are
# all of them? Both are scores, and the highest score is asked for first. They do not
# agree: the second sample has the nearest rivals, the third is spread out most.
for name, measure in (("margin", margin), ("entropy", entropy)):
    scores = measure(probabilities)
    print(f"{name:8} {scores.round(2)}  asks for sample {scores.argmax()}")

# %%
# A pool with a honeypot
# ----------------------
# Four classes on a ring, easy to tell apart. In the middle lies a cluster whose labels
# are pure noise: half of the pool, and nothing to learn. Where is a model unsure?
strategies = {
    "random": RandomSampling(),
    "margin": MarginSampling(),
    "entropy": EntropySampling(),
}


def run(strategy, seed, share=0.5):
    """Return a learner that bought 60 labels, and the data it bought them from."""
    data = make_honeypot(honeypot_share=share, random_state=seed, return_X_y=False)
    learner = ActiveLearner(
        LogisticRegression(), strategy, n_initial=10, budget=60, random_state=seed
    )
    return learner.fit(data.data, data.target), data


fig, axes = plt.subplots(1, 3, figsize=(10, 3.6), sharey=True, layout="constrained")
for ax, (name, strategy) in zip(axes, strategies.items(), strict=True):
    learner, data = run(strategy, seed=0)
    asked = learner.labeled_iter_ > 0
    ax.scatter(*data.data.T, c=data.target, cmap="Set2", s=8, alpha=0.5)
    ax.scatter(*data.data[asked].T, marker="x", color="black", s=25)
    ax.set_title(f"{name}: {data.in_trap[asked].mean():.0%} in the honeypot")
    ax.set(xticks=[], yticks=[], aspect="equal")
plt.show()

# %%
# One picture is one run. Ten seeds, with the area under the learning curve (AULC, the
# mean accuracy over the budget), and the same with the trap turned off:


def measure(strategy, share):
    """Return ten areas, and the mean share of labels that went into the honeypot."""
    areas, wasted = [], []
    for seed in range(10):
        learner, data = run(strategy, seed, share)
        curve = staged_scores(learner, data.test_data, data.test_target)
        areas.append(area_under_learning_curve(*curve))
        wasted.append(data.in_trap[learner.labeled_iter_ > 0].mean())
    return np.array(areas), np.mean(wasted)


for share in (0.5, 0.0):
    print(f"\nhoneypot: {share:.0%} of the pool")
    for name, strategy in strategies.items():
        areas, wasted = measure(strategy, share)
        if name == "random":
            baseline = areas
        behind = f"{(areas < baseline).sum():>2} of 10" if name != "random" else ""
        print(
            f"{name:8} AULC {areas.mean():.3f}   asked for in the trap {wasted:4.0%}   "
            f"behind random {behind}"
        )

# %%
# Both measures spend most of their labels on noise, since a model stays unsure there
# whatever it is told. Entropy is worse than random in every seed. Without the trap, the
# same code and the same seeds show next to no difference.
#
# So uncertainty is blind in one way: it cannot tell *not yet learned* from *not to be
# learned*. The next part shows another.
#
# Exercise
# --------
# Write the margin yourself: a function of a matrix of probabilities, a row for each
# sample, that returns one number for each row. The nearer the two most probable
# classes, the higher it must be.
answer = None


def check(answer):
    """Compare the order of 200 samples with that of the library's margin."""
    if answer is None:
        return print("No answer yet.")
    P = np.random.RandomState(0).dirichlet(np.ones(4), size=200)
    mine, theirs = np.asarray(answer(P)), margin(P)
    assert mine.shape == (200,), f"one number for each row, got shape {mine.shape}"
    assert mine.argmax() != theirs.argmin(), (
        "the surest sample comes first: turn it round"
    )
    assert (np.argsort(mine) == np.argsort(theirs)).all(), (
        "another order than the margin"
    )
    print("Right: the same order for 200 samples.")


check(answer)

# %%
# What to take home
# -----------------
# * Uncertainty is a question to the *model*, and the model may be unsure for good
#   reason.
# * Look at what was asked for, not only at the score.
# * A strategy that loses here is not bad: on digits, margin sampling :ref:`saves labels
#   <sphx_glr_auto_examples_plot_quickstart.py>`. Ask which of the two your data
#   resemble.
#
# Next: :ref:`sphx_glr_auto_examples_teaching_plot_3_coverage.py`.

# %%
# Solution
# --------


def answer(P):
    """Return minus the distance between the two largest probabilities of each row."""
    ordered = np.sort(P, axis=1)
    return ordered[:, -2] - ordered[:, -1]


check(answer)
