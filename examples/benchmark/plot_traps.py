"""
===========================
Three traps, six strategies
===========================

:mod:`skactive.datasets` makes data sets that fool a strategy. Here six strategies meet
three of them, and :class:`~skactive.inspection.QueryDisplay` shows where they asked.
"""

# %%
# A honeypot is a cluster of pure noise, in which nothing can be learned. An isolated
# class is tiny and far away, on the side of another. The diverging sine is two curves
# that part like a fan, with the border at its handle.
import matplotlib.pyplot as plt
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from skactive import ActiveLearner
from skactive.datasets import load_dataset
from skactive.disagreement import QueryByCommittee
from skactive.diversity import CoreSet, RandomSampling, TypiClust
from skactive.inspection import QueryDisplay
from skactive.uncertainty import EntropySampling, MarginSampling

traps = {
    "honeypot": LogisticRegression(),
    "isolated_class": LogisticRegression(),
    "diverging_sine": KNeighborsClassifier(1),
}
strategies = [
    RandomSampling(),
    MarginSampling(),
    EntropySampling(),
    QueryByCommittee(),
    CoreSet(),
    TypiClust(),
]

# %%
# Each run has 10 labels to begin with, the same for all strategies, and asks for 40
# more in four batches. The title says which share of these lay in the trap, and how
# many samples of the test part the model gets right in the end. Markers are classes,
# hollow ones the beginning, and colors rounds, the first dark and the last yellow.
fig, axes = plt.subplots(6, 3, figsize=(9, 15), layout="constrained")
for column, (name, model) in zip(axes.T, traps.items()):
    trap = load_dataset(name)
    for strategy, ax in zip(strategies, column):
        learner = ActiveLearner(model, strategy, budget=40, random_state=0)
        learner.fit(trap.data, trap.target)
        display = QueryDisplay.from_learner(learner, trap.data, trap.target).plot(ax)
        display.colorbar_.remove()
        ax.get_legend().remove()
        inside = trap.in_trap[learner.labeled_iter_ > 0].mean()
        score = learner.score(trap.test_data, trap.test_target)
        ax.set_title(f"{inside:.0%} in the trap, {score:.0%} right", fontsize="small")
        print(f"{name:15} {type(strategy).__name__:17} {inside:6.1%} {score:6.1%}")
    column[0].set_title(f"{name}\n{column[0].get_title()}", fontsize="small")
for strategy, ax in zip(strategies, axes[:, 0]):
    ax.set_ylabel(type(strategy).__name__)
plt.show()

# %%
# The honeypot is a place to stay away from: half of the pool lies there. The isolated
# class is one to be found, 10 samples of 600; who never asks there does not know that
# it exists. Of the sine, half of the samples are in the wide, easy part of the fan.
#
# One seed shows how a trap works and not how often: :ref:`traps` has 20 seeds each,
# with the trap turned off as well.
