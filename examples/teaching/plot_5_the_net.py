"""
================
Class 5: the net
================

Fifteen minutes. A net has probabilities, too, and a strategy can ask it as it asks any
model. What is new: the net is another one in each training, and how sure it says it is
depends on how long it was trained.
"""

# %%
# The same labels, ten nets
# -------------------------
# 60 labeled digits and a net with one hidden layer. Ten nets differ in their seed
# alone: in the weights they begin with, and in the order of the samples.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.nets import NetClassifier
from skactive.uncertainty import MarginSampling

X, y = load_digits(return_X_y=True)
X_pool, X_test, y_pool, y_test = train_test_split(
    X / 16, y, test_size=0.5, stratify=y, random_state=0
)
known = np.random.RandomState(0).permutation(len(X_pool))[:60]
net = NetClassifier(module__hidden=(64,), lr=0.01)


def probabilities(epochs):
    """Return what each of ten nets says of the test samples."""
    return np.array(
        [
            clone(net)
            .set_params(max_epochs=epochs, random_state=seed)
            .fit(X_pool[known], y_pool[known])
            .predict_proba(X_test)
            for seed in range(10)
        ]
    )  # shape (10 nets, samples, classes)


epochs = [10, 20, 40]
P = {n: probabilities(n) for n in epochs}
accuracy = {n: (P[n].argmax(axis=2) == y_test).mean(axis=1) for n in epochs}
confidence = {n: P[n].max(axis=2).mean(axis=1) for n in epochs}
print("passes   accuracy (least to most)   confidence")
for n in epochs:
    low, high = accuracy[n].min(), accuracy[n].max()
    mean, sure = accuracy[n].mean(), confidence[n].mean()
    print(f"{n:>6}   {mean:.3f} ({low:.3f} to {high:.3f})     {sure:.3f}")

# %%
# Is a net as good as it is sure?
# -------------------------------
# *Confidence* is the highest probability, and a net that knew itself would be right as
# often as it is sure. The labels are the same all along; only the training goes on.
fig, ax = plt.subplots(layout="constrained")
for found, label, marker in (
    (accuracy, "accuracy", "o"),
    (confidence, "confidence", "s"),
):
    values = np.array([found[n] for n in epochs])
    ax.plot(
        epochs, values.mean(axis=1), marker=marker, label=f"{label}, mean of ten nets"
    )
    ax.fill_between(epochs, values.min(axis=1), values.max(axis=1), alpha=0.2)
ax.set(xlabel="passes over the 60 labels", ylabel="on the test half", ylim=(0, 1))
ax.set_title("The same labels, ten nets: how right, and how sure")
ax.legend(loc="lower right")
plt.show()

# %%
# After ten passes these nets are right about twice as often as they are sure, after
# forty they are surer than they are right. So the number that a net calls a probability
# depends on how it was trained. Most strategies need less: only the *order* of the
# samples counts.
#
# The loop with a net
# -------------------
# Nothing changes but the model. Unless told otherwise it is trained again in each
# round, from new weights, and that is what the loop costs now: here short trainings, in
# practice hours. Ten seeds:
learner = ActiveLearner(
    clone(net).set_params(max_epochs=20), n_initial=40, budget=40, batch_size=40
)


def final_scores(strategy):
    """Return the accuracy with 80 labels, of ten learners."""
    learner.set_params(strategy=strategy)
    return np.array(
        [
            learner.set_params(random_state=seed)
            .fit(X_pool, y_pool)
            .score(X_test, y_test)
            for seed in range(10)
        ]
    )


random, margin = final_scores(RandomSampling()), final_scores(MarginSampling())
print(f"random {random.mean():.3f}   margin {margin.mean():.3f}")
print(f"margin is ahead in {(margin > random).sum()} of 10 seeds")

# %%
# Is that enough to call margin sampling better? The next part says how to find out.
#
# Exercise
# --------
# ``votes`` holds what each of the ten nets says (20 passes): a row for each net, a
# column for each sample of the test half. Of which share of the samples do **not all
# ten** say the same? Put that number, between 0 and 1, in place of ``None``.
votes = P[20].argmax(axis=2)
answer = None


def check(answer):
    """Say whether a share is that of the samples the nets disagree on."""
    if answer is None:
        return print("No answer yet.")
    assert 0 <= answer <= 1, "a share is between 0 and 1"
    agreed = sum(len(set(column)) == 1 for column in votes.T) / votes.shape[1]
    assert abs(answer - agreed) > 1e-3, "that is where they all agree"
    assert abs(answer - (1 - agreed)) < 1e-3, (
        "not quite; compare each row with the first"
    )
    print(f"Right: {answer:.3f}.")


check(answer)

# %%
# What to take home
# -----------------
# * A net trained twice is two nets. Two curves that differ may differ by that alone.
# * How sure a net is depends on how it was trained. Take its order, not its numbers.
# * Where several nets disagree is a question worth asking: that is
#   :class:`~skactive.disagreement.QueryByCommittee`, and
#   :doc:`/user_guide/disagreement`.
# * Strategies that train a net *in order to ask* are in :doc:`/user_guide/deep`.
#
# Next: :ref:`sphx_glr_auto_examples_teaching_plot_6_is_it_better_than_random.py`.

# %%
# Solution
# --------
disagree = (votes != votes[0]).any(axis=0)
answer = disagree.mean()
check(answer)

# %%
# And this is what it is good for: a net is right far more often where all ten agree.
right = (votes == y_test).mean(axis=0)
print(f"all agree: {right[~disagree].mean():.3f} right")
print(f"they do not: {right[disagree].mean():.3f} right")
assert right[~disagree].mean() > right[disagree].mean()
