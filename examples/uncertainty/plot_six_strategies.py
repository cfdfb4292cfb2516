"""
===========================================
Six strategies on one plane, round by round
===========================================

The same samples, the same ten labels to begin with, the same model: what differs is
where a strategy asks. :class:`~skactive.inspection.UtilityDisplay` draws one round of a
learner.
"""

# %%
# Three strategies that score each sample, and three that choose without scores. The
# model is a logistic regression on features of a radial kernel.
import matplotlib.pyplot as plt
from sklearn.datasets import make_moons
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skactive import ActiveLearner
from skactive.disagreement import QueryByCommittee
from skactive.diversity import BADGE, CoreSet, RandomSampling
from skactive.inspection import QueryDisplay, UtilityDisplay
from skactive.uncertainty import InformationDensity, MarginSampling

X, y = make_moons(250, noise=0.25, random_state=0)
kernel = RBFSampler(gamma=0.5, n_components=100, random_state=0)
model = make_pipeline(kernel, LogisticRegression(C=10))
strategies = [
    MarginSampling(),
    QueryByCommittee(),
    InformationDensity(),
    BADGE(),
    CoreSet(),
    RandomSampling(),
]
learners = [
    ActiveLearner(model, strategy, budget=15, batch_size=5, random_state=0).fit(X, y)
    for strategy in strategies
]

# %%
# A row for each strategy, a column for each round. Colors are the scores (bright:
# wanted) and the line the border of the model of then. Labels are white, and red rings
# are asked for. Where a strategy has no scores, the rings are all there is to see: a
# batch of BADGE or CoreSet is not made of the highest of anything.
fig, axes = plt.subplots(6, 3, figsize=(9, 15), layout="constrained")
for row, learner in zip(axes, learners):
    for k, ax in enumerate(row, start=1):
        UtilityDisplay.from_learner(learner, X, y, round=k, grid_resolution=50).plot(ax)
        ax.set(xlabel="", ylabel="", title=f"round {k}")
    row[0].set_ylabel(type(learner.strategy).__name__)
plt.show()

# %%
# Margin follows the border, and a committee is at odds where its members, fitted on
# resampled labels, leave room for several borders. Information density weighs by the
# cosine of angles seen from the origin: here it makes a wedge, in which the rings lie
# on each other. BADGE keeps its batch apart, mostly where the model is unsure; CoreSet
# looks for the edge of the cloud, whatever the labels say.
#
# One strategy, with all that it was told until each round:
QueryDisplay.from_learner(learners[0], X, y).plot_rounds()
plt.show()

# %%
# The same as a film, which a page can show: ``display.animate("rounds.gif")`` saves it.
#
# Who is best cannot be read off pictures of one seed:
# :ref:`sphx_glr_auto_examples_benchmark_plot_benchmark.py` measures it.
