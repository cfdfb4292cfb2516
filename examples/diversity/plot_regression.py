"""
====================================
Fewer measurements for a regression
====================================

What grows in a year, measured in diabetes patients, is predicted by a ridge regression.
Which patients should be measured first? Samples that cover the pool are compared with
random ones, in ten paired runs.
"""

# %%
# A strategy scales nothing by itself, so the scaler is given twice: to the model, and
# to :class:`~skactive.diversity.LCMD`, which asks where many samples are far from all
# labels.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.diversity import LCMD, RandomSampling
from skactive.inspection import LearningCurveDisplay
from skactive.metrics import make_aulc_scorer, paired_difference, staged_scores

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
model = make_pipeline(StandardScaler(), Ridge())
strategies = {"random": RandomSampling(), "LCMD": LCMD(StandardScaler())}
learners = {
    name: [
        ActiveLearner(
            model, strategy, n_initial=10, batch_size=10, budget=80, random_state=seed
        ).fit(X_train, y_train)
        for seed in range(10)
    ]
    for name, strategy in strategies.items()
}

# %%
# The score of a regressor, R², has no lower end. With ten labels it may be far below
# 0, and that one round would decide the area under the curve:
lowest = min(staged_scores(one, X_test, y_test)[1].min() for one in learners["random"])
print(f"lowest R² of random sampling: {lowest:.2f}")

# %%
# :func:`~skactive.metrics.bounded_r2_score` lies between 0 and 1, with 1/2 for a model
# that is as good as the mean of all values.
scorer = make_aulc_scorer("bounded_r2")
areas = {
    name: [scorer(one, X_test, y_test) for one in group]
    for name, group in learners.items()
}
difference = paired_difference(areas["LCMD"], areas["random"])
low, high = difference.interval
print(f"area of random sampling: {np.mean(areas['random']):.3f}")
print(f"LCMD: {difference.mean:+.3f} ({low:+.3f} to {high:+.3f})")
print(f"larger in {difference.wins} of {difference.n} seeds")

# %%
# The curves, with a standard error around each. Other tables give other pictures: the
# user guide has six, and a benchmark of your own data says more than all of them.
fig, ax = plt.subplots(figsize=(6, 4))
display = LearningCurveDisplay.from_learner(
    learners, X_test, y_test, scoring="bounded_r2"
)
display.plot(ax=ax, band="sem")
ax.axhline(0.5, color="0.6", linestyle=":")
fig.tight_layout()
plt.show()
