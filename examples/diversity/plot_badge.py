"""
=================================================
Batches by gradients: BADGE in a pool with copies
=================================================

Margins ask for what the model is least sure of. In a pool of near-duplicates, such as
frames of one video, a batch by margins is one uncertain sample
and its copies. :class:`~skactive.diversity.BADGE` draws from the gradients of the last
layer, where copies are close to each other, and takes one of them.
"""

# %%
# Digits, each five times, with a little noise.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.diversity import BADGE, RandomSampling
from skactive.uncertainty import MarginSampling

X, y = load_digits(return_X_y=True)
X = X / 16
X_once, X_test, y_once, y_test = train_test_split(
    X, y, train_size=400, stratify=y, random_state=0
)
rng = np.random.RandomState(0)
X_train = np.repeat(X_once, 5, axis=0)
X_train += 0.01 * rng.standard_normal(X_train.shape)
y_train = np.repeat(y_once, 5)
original = np.repeat(np.arange(len(X_once)), 5)

# %%
# How many different digits are in the batches that each strategy asks for, and how good
# is the model that learns from them? Starts and seeds are the same for all, so the
# curves are paired.
strategies = {
    "BADGE": BADGE(),
    "margins": MarginSampling(),
    "random": RandomSampling(),
}
seeds = range(4)
different, curves = {}, {}
for name, strategy in strategies.items():
    runs, counts = [], []
    for seed in seeds:
        learner = ActiveLearner(
            LogisticRegression(max_iter=500),
            strategy,
            n_initial=20,
            budget=100,
            batch_size=20,
            random_state=seed,
        ).fit(X_train, y_train)
        runs.append(list(learner.staged_score(X_test, y_test)))
        counts += [len(set(original[learner.labeled_iter_ == k])) for k in range(1, 6)]
    different[name], curves[name] = np.mean(counts), np.array(runs)

for name in strategies:
    print(
        f"{name:8} {different[name]:4.1f} different digits in a batch of 20, accuracy "
        f"{curves[name][:, -1].mean():.3f} after 120 labels"
    )

# %%
# The band is the range of the runs.
labels = 20 * np.arange(1, 7)
fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for name, runs in curves.items():
    ax.plot(labels, runs.mean(axis=0), marker="o", label=name)
    ax.fill_between(labels, runs.min(axis=0), runs.max(axis=0), alpha=0.15)
ax.set(xlabel="labels", ylabel="accuracy", title="Digits, each five times")
ax.legend()
plt.show()
