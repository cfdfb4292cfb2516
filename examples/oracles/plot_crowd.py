"""
================================
Several people, who err and cost
================================

Three people label digits. One is right on 95 % of them, two on 60 %, and no one knows
who is who. Is it better to ask all three, one by chance, or to find the good one first?
Money is on the x axis: all three for one row cost as much as three rows by one person.

This is one run of each; the page :ref:`crowds` has ten seeds, and other prices.
"""

# %%
# A vote costs 1, whoever gives it.
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.inspection import LearningCurveDisplay
from skactive.oracles import (
    BestValue,
    CommitteeOracle,
    NoisyOracle,
    everybody,
    one_at_random,
)
from skactive.uncertainty import MarginSampling

X, X_test, y, y_test = train_test_split(
    *load_digits(return_X_y=True), test_size=0.5, random_state=0
)
X, X_test = X / 16, X_test / 16
right = {"Ada": 0.6, "Ben": 0.6, "Cy": 0.95}


def ask(policy, budget=240):
    """Spend a budget on what a committee says."""
    people = {
        name: NoisyOracle(y, noise=1 - share, random_state=k)
        for k, (name, share) in enumerate(right.items())
    }
    oracle = CommitteeOracle(people, ask=policy, cost=1, random_state=0)
    learner = ActiveLearner(
        LogisticRegression(max_iter=200),
        MarginSampling(),
        oracle=oracle,
        budget=budget,
        classes=range(10),
        random_state=0,
    )
    return learner.fit(X)


learners = {
    "all three": ask(everybody),
    "one by chance": ask(one_at_random),
    "15 rows by all, then the best": ask(BestValue(15)),
}

# %%
# Who is who, as the committee sees it, and who answered how often. Where no row was
# answered by two, nothing is known of anyone, and reliability is 1/2.
for name, learner in learners.items():
    oracle = learner.oracle
    votes = oracle.votes_["who"].tolist()
    print(f"{name}: {learner.labeled_mask_.sum()} rows for {oracle.cost_:g}")
    for who, share in oracle.reliability_.items():
        print(f"  {who}: {votes.count(who)} votes, reliability {share:.2f}")

# %%
# Accuracy over money.
LearningCurveDisplay.from_learner(learners, X_test, y_test, x="cost").plot()
plt.show()
