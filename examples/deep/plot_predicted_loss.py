"""
=================================
Predicted loss, against true loss
=================================

:class:`~skactive.deep.LL4AL` trains a small module together with a net. It learns which
of two samples has the larger loss, and the samples with the largest predicted loss are
asked for. How good is the prediction? Where all labels are known, as here, one can
check.
"""

# %%
# Digits, 300 of them labeled. One pass over the pool returns probabilities, embedding
# and predicted losses; the true loss needs the label, which the strategy never sees.
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.stats import entropy, rankdata, spearmanr
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from skactive.deep import LL4AL
from skactive.nets import NetClassifier

torch.set_num_threads(1)
X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)


def look(seed, n_labeled=300):
    rows = np.random.RandomState(seed).permutation(len(X))
    known, pool = rows[:n_labeled], rows[n_labeled:]
    strategy = LL4AL(NetClassifier(max_epochs=40), random_state=seed)
    strategy.fit(X[known], y[known], X[pool])
    proba, _, predicted = strategy.predict_all(X[pool])
    losses = -np.log(proba[np.arange(len(pool)), y[pool]])
    mistaken = proba.argmax(axis=1) != y[pool]
    orders = {
        "predicted loss": predicted,
        "entropy": entropy(proba, axis=1),
        "random": np.random.RandomState(seed).uniform(size=len(pool)),
    }
    return orders, losses, mistaken


orders, losses, mistaken = look(0)
print(f"accuracy on the pool {1 - mistaken.mean():.3f}")

# %%
# Predicted losses are a ranking, so the left panel shows ranks. The right panel shows
# what a query would find: the mean true loss of the samples that are asked for first.
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
ranks = rankdata(orders["predicted loss"]), rankdata(losses)
for name, rows, color in (("right", ~mistaken, "0.6"), ("wrong", mistaken, "tab:red")):
    left.scatter(ranks[0][rows], ranks[1][rows], s=6, color=color, label=name)
left.set(xlabel="rank of the predicted loss", ylabel="rank of the true loss")
left.legend(title="the net is", fontsize="small")
n_asked = np.arange(1, len(losses) + 1)
for name, scores in orders.items():
    found = np.cumsum(losses[np.argsort(-scores)]) / n_asked
    right.plot(n_asked, found, label=name)
right.plot(n_asked, np.cumsum(np.sort(losses)[::-1]) / n_asked, "k:", label="true loss")
right.set(xlabel="samples asked for", ylabel="their mean true loss", ylim=(0, None))
right.set_xscale("log")
right.legend(fontsize="small")
plt.show()

# %%
# Five seeds, compared with two other rankings: the entropy of the same net, and
# random numbers. The rank correlation is with the true loss, the AUC that of separating
# the net's errors from its correct predictions.
runs = [look(seed) for seed in range(5)]
print("                correlation       AUC        50 asked for: mean loss")
for name in orders:
    rows = np.array(
        [
            (
                spearmanr(orders[name], losses)[0],
                roc_auc_score(mistaken, orders[name]),
                losses[np.argsort(-orders[name])[:50]].mean(),
            )
            for orders, losses, mistaken in runs
        ]
    )
    cells = [f"{m:.2f} ± {s:.2f}" for m, s in zip(rows.mean(0), rows.std(0))]
    print(f"{name:14}  {cells[0]:>12}  {cells[1]:>12}  {cells[2]:>12}")

# %%
# The prediction works: its ranks agree with those of the true loss, it separates errors
# from correct predictions better than chance, and what it asks for has about three
# times the loss of random samples. But the entropy of the same net, which costs
# nothing, is far better at all three. That the entropy follows the loss so closely is
# no surprise where the net is right, since both are then functions of how sure it is;
# on the errors, which that does not explain, it is ahead as well. Before you choose
# LL4AL for a classifier, compare it with
# :class:`~skactive.uncertainty.EntropySampling`. It is meant for tasks in which a net
# has a loss for each sample, and no probabilities.
