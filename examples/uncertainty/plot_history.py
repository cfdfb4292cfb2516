"""
=====================================
The history of easy and hard samples
=====================================

A model learns easy samples first. What it predicted of a sample at several moments of
its training is the history of that sample, and
:class:`~skactive.uncertainty.HistorySampling` asks for samples by it. Here one can look
at some.
"""

# %%
# Digits, 100 of them labeled, and a small multilayer perceptron. The strategy trains it
# in 100 passes over the labels, keeps ten snapshots, and lets a random forest tell
# labeled samples from the pool by what each snapshot predicted.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from skactive.uncertainty import HistorySampling

X, y = load_digits(return_X_y=True)
X = X / 16
order = np.random.RandomState(0).permutation(len(X))
known, pool = order[:100], order[100:]
strategy = HistorySampling(MLPClassifier((32,)), random_state=0)
strategy.fit(X[known], y[known], X[pool])
print(f"labeled or not, by unseen trees: AUC {strategy.oob_auc_:.2f}")
print(f"correlation with the last entropy: {strategy.entropy_correlation_:.2f}")

# %%
# The same training once more, by hand, for the pictures: the highest probability of
# each sample of the pool after each tenth pass.
model, confidence = MLPClassifier((32,), random_state=0), []
for k in range(1, 101):
    model.partial_fit(X[known], y[known], classes=np.unique(y))
    if k % 10 == 0:
        confidence.append(model.predict_proba(X[pool]).max(axis=1))
confidence = np.array(confidence)
wrong = model.predict(X[pool]) != y[pool]
print(f"accuracy on the pool {1 - wrong.mean():.3f}")

# %%
# Left, the mean history of samples that are asked for first and last, and the range of
# the middle half. Right, six of each.
ranked = strategy.query(len(pool))
groups = {"asked for first": ranked[:100], "asked for last": ranked[-100:]}
fig = plt.figure(figsize=(10, 4), layout="constrained")
left, right = fig.subfigures(1, 2)
ax = left.subplots()
passes = np.arange(10, 101, 10)
for (name, rows), color in zip(groups.items(), ("tab:red", "tab:blue")):
    low, high = np.quantile(confidence[:, rows], [0.25, 0.75], axis=1)
    share = f"{name} ({wrong[rows].mean():.0%} wrong)"
    ax.plot(passes, confidence[:, rows].mean(axis=1), color=color, label=share)
    ax.fill_between(passes, low, high, color=color, alpha=0.2, linewidth=0)
ax.set(xlabel="passes over the labels", ylabel="highest probability", ylim=(0, 1))
ax.legend(fontsize="small")
axes = right.subplots(2, 6)
for row, (name, rows) in zip(axes, groups.items()):
    for ax, i in zip(row, rows[:6] if name.endswith("first") else rows[-6:]):
        ax.imshow(X[pool[i]].reshape(8, 8), cmap="gray_r")
        ax.set(xticks=[], yticks=[], xlabel=f"{y[pool[i]]}")
    row[0].set_ylabel(name, fontsize="small")
right.suptitle("and what they are", fontsize="medium")
plt.show()
