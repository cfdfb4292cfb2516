"""
==================
When is it enough?
==================

Labels that tell whether a model is good enough cost as much as those it learns from.
:class:`~skactive.stopping.StablePredictions` needs none: it stops when successive
models agree. Stable is not the same as good, so here is what the other digits say.
"""

# %%
# A run with all the labels it can pay for, and the round in which it would have
# stopped. A criterion is asked once per round, so it can be asked here as well.
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.stopping import StablePredictions

X, X_test, y, y_test = train_test_split(
    *load_digits(return_X_y=True), test_size=0.5, random_state=0
)
X, X_test = X / 16, X_test / 16
settings = {"batch_size": 20, "budget": 400, "random_state": 0}
stopped = ActiveLearner(stopping=StablePredictions(statistic="kappa"), **settings)
n_stopped = stopped.fit(X, y).history_["n_labeled"][-1]
learner = ActiveLearner(keep_estimators=True, **settings).fit(X, y)
n_labeled = np.array(learner.history_["n_labeled"])
print(f"stopped with {n_stopped} labels")

# %%
# What the criterion sees, and what it does not.
predicted = [model.predict(X) for model in learner.estimators_]
kappa = [cohen_kappa_score(*pair) for pair in pairwise(predicted)]
scores = list(learner.staged_score(X_test, y_test))
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.plot(
    n_labeled[1:], kappa, "s-", color="#e69f00", label="agreement with the model before"
)
ax.plot(n_labeled, scores, "o-", color="#0072b2", label="accuracy on other digits")
ax.axvline(
    n_stopped, color="black", linestyle="--", label=f"stopped: {n_stopped} labels"
)
ax.set(xlabel="labels", ylim=(0, 1.02), title="Digits, margin sampling, one run")
ax.legend(loc="lower right")
plt.show()

# %%
# Agreement reaches its level, and so has accuracy here. That is one run on an easy set:
# the page :ref:`stopping` says which models agree and are not good.
