"""
==================================
Digits that arrive, and are gone
==================================

No pool waits to be chosen from: digits come one after the other, and each is asked for
now or never. One in ten may be asked for. Which ones, and is it better than chance?
"""

# %%
# Two learners see the same stream and differ in their gate alone. The quantile gate
# asks for margins that are among the smallest of the last 200; the random gate looks at
# nothing, and is the baseline.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from skactive.stream import QuantileGate, RandomGate, StreamLearner
from skactive.uncertainty import MarginSampling

X, y = load_digits(return_X_y=True)
order = np.random.RandomState(0).permutation(len(X))
X, y = X[order] / 16, y[order]
X_stream, y_stream, X_test, y_test = X[:1400], y[:1400], X[1400:], y[1400:]

gates = {"quantile": QuantileGate(0.1), "random": RandomGate(0.1)}
learners = {}
for name, gate in gates.items():
    learners[name] = StreamLearner(
        LogisticRegression(), MarginSampling(), gate, refit_every=5, random_state=0
    ).fit(X_stream, y_stream)
    learner = learners[name]
    print(
        f"{name:8}  {learner.asked_.sum()} labels of {learner.n_seen_} arrivals, "
        f"{learner.prequential_score_:.3f} right before it was told, "
        f"{learner.score(X_test, y_test):.3f} on other digits"
    )

# %%
# Above: of the arrivals between two fits, how many were predicted right before their
# labels were known, over a running window. Below: the labels that were asked for. Both
# gates ask for each of the first 20 arrivals, and stay within one label of the budget
# from then on.
fig, (top, low) = plt.subplots(2, sharex=True, figsize=(7, 5), height_ratios=[2, 1])
for name, learner in learners.items():
    seen, correct = (np.array(learner.history_[k]) for k in ("n_seen", "correct"))
    share = (correct[6:] - correct[:-6]) / (seen[6:] - seen[:-6])
    (line,) = top.plot(seen[6:], share, label=f"{name} gate")
    low.plot(np.cumsum(learner.asked_), color=line.get_color())
top.set_ylabel("right of the last 300")
top.legend()
low.set_ylabel("labels")
low.set_xlabel("arrivals")
fig.tight_layout()
plt.show()

# %%
# One stream proves nothing: the table of :ref:`streams` has ten seeds, a stream that
# changes and one with a rare class.
#
# By hand the same learner decides on what comes, and is taught when somebody answers.
learner = StreamLearner(LogisticRegression(), random_state=0)
for start in range(0, 200, 50):
    arrivals = slice(start, start + 50)
    ask = learner.decide(X_stream[arrivals])
    learner.teach(X_stream[arrivals][ask], y_stream[arrivals][ask])
    print(f"{learner.n_seen_} arrivals, {learner.gate_.n_spent_} asked by the gate")
