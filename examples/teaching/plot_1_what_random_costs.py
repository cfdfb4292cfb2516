"""
============================
Class 1: what random costs
============================

Ten minutes. Before anything clever is tried, we ask what labels drawn at random buy,
and how much of that is luck. Every later part is compared with this one.
"""

# %%
# A pool, and a price
# -------------------
# 1,797 handwritten digits of 8 x 8 pixels. Half of them are the **pool**: samples
# without labels, each of which somebody would have to look at. The other half is for
# testing only.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.diversity import RandomSampling

X, y = load_digits(return_X_y=True)
X_pool, X_test, y_pool, y_test = train_test_split(
    X / 16, y, test_size=0.5, stratify=y, random_state=0
)
everything = LogisticRegression().fit(X_pool, y_pool).score(X_test, y_test)
print(f"all {len(y_pool)} labels of the pool: accuracy {everything:.3f}")

# %%
# Now labels cost money, and a learner buys them: 20 to begin with, then 20 at a time,
# drawn at random. ``fit`` is given all labels here and looks only at those it pays for;
# that is a *simulation*. Ten seeds are ten learners who drew differently.
runs = [
    ActiveLearner(
        LogisticRegression(),
        RandomSampling(),
        n_initial=20,
        budget=180,
        batch_size=20,
        random_state=seed,
    ).fit(X_pool, y_pool)
    for seed in range(10)
]
n_labeled = np.array(runs[0].history_["n_labeled"])
scores = np.array([list(run.staged_score(X_test, y_test)) for run in runs])

# %%
# What they cost, and what luck does
# ----------------------------------
# Each line is one learner: the same model, the same price, other labels.
fig, ax = plt.subplots(layout="constrained")
ax.plot(n_labeled, scores.T, color="0.7", linewidth=1)
ax.plot(
    n_labeled, scores.mean(axis=0), color="tab:blue", marker="o", label="mean of ten"
)
ax.axhline(everything, color="black", linestyle="--", label="the whole pool labeled")
ax.set(xlabel="labels paid for", ylabel="accuracy on the test half")
ax.set_title("Ten learners who drew at random")
ax.legend(loc="lower right")
plt.show()

# %%
# Two things to see. The curve flattens: the first labels buy much, the last ones
# little. And the lines are far apart on the left: with 20 labels, the luckiest and the
# unluckiest learner differ by more than the next forty labels bring on average.
print("labels   mean   worst   best")
for n, column in zip(n_labeled, scores.T, strict=True):
    print(f"{n:>6}   {column.mean():.3f}  {column.min():.3f}   {column.max():.3f}")
at = dict(zip(n_labeled, scores.T, strict=True))
assert np.ptp(at[20]) > at[60].mean() - at[20].mean()

# %%
# Exercise
# --------
# You promise a customer an accuracy of 0.85, and will draw at random. The *mean* curve
# is there with 80 labels. After how many labels were **all ten** learners there? Put
# your number in place of ``None``; ``scores`` has a row for each learner and a column
# for each entry of ``n_labeled``.
answer = None


def check(answer):
    """Say whether a number of labels is the right one."""
    if answer is None:
        return print("No answer yet.")
    reached = at.get(answer)
    assert reached is not None, f"the learners were never asked at {answer} labels"
    assert reached.min() >= 0.85, f"one of them has {reached.min():.3f} there"
    fewer = [n for n in n_labeled if n < answer and at[n].min() >= 0.85]
    assert not fewer, f"they were there with {fewer} labels already"
    print(f"Right: {answer} labels.")


check(answer)

# %%
# What to take home
# -----------------
# * Random sampling is not free and not bad: it is the price that a strategy has to
#   beat.
# * One run says little, above all with few labels. Show several seeds, always.
# * A promise is about the unlucky run, a mean is not.
#
# Next: :ref:`sphx_glr_auto_examples_teaching_plot_2_uncertainty_and_its_blindness.py`.

# %%
# Solution
# --------
answer = int(n_labeled[(scores.min(axis=0) >= 0.85).argmax()])
check(answer)
