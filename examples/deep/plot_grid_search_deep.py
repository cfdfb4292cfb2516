"""
======================================
Grid search over a strategy with a net
======================================

A deep strategy has the parameters of its method under their own names, and they are
tuned like any others: ``strategy__latent_dim`` is the dimension of the latent of
:class:`~skactive.deep.VAAL`, and ``strategy__autoencoder__lr`` the learning rate of its
autoencoder. The search maximizes the area under the whole learning
curve (:data:`~skactive.metrics.aulc_scorer`).
"""

# %%
# Each candidate is a loop of three rounds, and VAAL trains two nets in each: hence
# small nets and few iterations. Two thirds of the digits 7, 8 and 9 are left out, since
# rare classes are what VAAL could find. Random sampling is among the candidates, as it
# always should be.
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from skactive import ActiveLearner
from skactive.deep import VAAL
from skactive.diversity import RandomSampling
from skactive.metrics import aulc_scorer
from skactive.nets import VAEEmbedding
from skactive.nets.modules import Discriminator

torch.set_num_threads(1)
X, y = load_digits(return_X_y=True)
kept = (y < 7) | (np.arange(len(y)) % 3 == 0)
X, y = X[kept] / 16, y[kept]

small = partial(Discriminator, hidden=(64, 64))
autoencoder = VAEEmbedding(width=8, n_iterations=60, lr=1e-3)
learner = ActiveLearner(
    LogisticRegression(max_iter=500),
    VAAL(autoencoder=autoencoder, discriminator=small),
    n_initial=20,
    budget=60,
    batch_size=20,
    keep_estimators=True,
    random_state=0,
)
grid = [
    {"strategy__latent_dim": [2, 8, 32], "strategy__beta": [0.1, 1.0]},
    {"strategy": [RandomSampling()]},
]
cv = StratifiedKFold(n_splits=3, shuffle=True, random_state=0)
search = GridSearchCV(learner, grid, scoring=aulc_scorer, cv=cv).fit(X, y)

# %%
results = search.cv_results_
folds = np.array([results[f"split{k}_test_score"] for k in range(3)]).T
names = [
    ", ".join(f"{k.rpartition('__')[2]}={v}" for k, v in params.items())
    if "strategy" not in params
    else "random"
    for params in results["params"]
]
gain = folds - folds[names.index("random")]
print(f"{'AULC, mean over 3 folds':28}          less random, same fold")
for name, score, differences in zip(names, folds.mean(axis=1), gain, strict=True):
    print(f"{name:28} {score:.3f}  {differences.mean():+.3f} ± {differences.std():.3f}")

fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
for k, differences in enumerate(gain):
    ax.plot(differences, np.full(3, k), "o", color="tab:blue", alpha=0.5)
    ax.plot(differences.mean(), k, "k|", markersize=16)
ax.axvline(0, color="0.6", linewidth=1)
ax.set_yticks(range(len(names)), names)
ax.set(xlabel="area under the learning curve, minus that of random sampling")
plt.show()

# %%
# A latent of two dimensions is too small. Otherwise the settings differ by less than
# their noise, and on average all of them lose to random sampling. A possible reason:
# the labeled set is random and lacks little that the pool has, and twenty samples that
# resemble one another teach less than twenty at random. Without random sampling, the
# search would have recommended the best of the six.
#
# The result is an estimator like any other, fitted on all of the data:
print(search.best_params_)
