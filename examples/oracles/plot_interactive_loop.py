"""
=================================
An interactive loop: query, teach
=================================

When labels come from people, the loop waits for them: the learner names rows, a person
looks at them, and the answers are passed to ``teach`` whenever they arrive, all or some
of them, also skips. Nothing is lost if they stop in between.
"""

# %%
# 1,797 handwritten digits, none of them labeled. The first ten to be labeled are chosen
# by a strategy that needs no labels: one digit from each of ten clusters.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.diversity import KMeansSampling
from skactive.uncertainty import MarginSampling

digits = load_digits()
X = digits.data / 16
truth = digits.target  # known to the person who answers, not to the learner


def show(rows, title):
    """Show the digits in question to the person who answers."""
    fig, axes = plt.subplots(1, len(rows), figsize=(len(rows), 1.4))
    for ax, row in zip(axes, rows, strict=True):
        ax.imshow(digits.images[row], cmap="gray_r")
        ax.set_axis_off()
        ax.set_title(row, fontsize=8)
    fig.suptitle(title, fontsize=9, y=1.1)
    plt.show()


first = KMeansSampling(random_state=0).fit(X).query(10)
show(first, "one from each of ten clusters (numbers are rows)")

# %%
# A missing label is ``NaN``. ``classes`` lists all that may occur, since the
# first ten need not include them all.
y = np.full(len(X), np.nan)
y[first] = truth[first]
learner = ActiveLearner(
    LogisticRegression(), MarginSampling(), classes=range(10), random_state=0
).fit(X, y)
print("ready:", learner.termination_condition_)
print("classes seen at the beginning:", np.unique(truth[first]))

# %%
# Query, look, teach. Here the answers are read from ``truth``; at the terminal,
# ``answers = input(...)`` would do, or :class:`~skactive.oracles.InteractiveOracle`.
for _ in range(12):
    rows = learner.query(5)
    learner.teach(rows, truth[rows])
print("labels:", int(learner.labeled_mask_.sum()))
show(rows, "the last five that were asked for")

# %%
# Not everything has to be answered. ``None`` skips a row: it is not asked for again.
rows = learner.query(5)
answers = [None, *truth[rows[1:]]]
learner.teach(rows, answers)
print("skipped row asked for again:", rows[0] in learner.query(200))

# %%
# What is known so far is an array, which can be saved, corrected, and fitted again.
# ``simulate=False`` says that these are known labels, even when none is missing.
labels = learner.labels_
again = ActiveLearner(
    LogisticRegression(),
    MarginSampling(),
    classes=range(10),
    simulate=False,
    random_state=0,
).fit(X, labels)
print("labels after a restart:", int(again.labeled_mask_.sum()))

# %%
# The rest of the digits tells how good the model has become.
hidden = ~learner.labeled_mask_
history = learner.history_["n_labeled"]
scores = list(learner.staged_score(X[hidden], truth[hidden]))
fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.plot(history, scores, marker="o", markersize=3)
ax.set(xlabel="labels", ylabel="accuracy on the unlabeled digits")
ax.grid(alpha=0.3)
plt.show()
print(f"accuracy {scores[0]:.2f} with {history[0]} labels, ", end="")
print(f"{scores[-1]:.2f} with {history[-1]}")
