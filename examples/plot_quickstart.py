"""
====================================
Quickstart: fewer labels, same score
====================================

Two learners with the same model spend the same budget on handwritten digits. One
draws its labels at random, the other asks for the digits whose two most probable
classes are hardest for its model to decide between (margin sampling). Both start with
the same 20 labels; the comparison uses five seeds, since one run proves nothing.
"""

# %%
# The data: 1,797 digits of 8 x 8 pixels, half of them held out for testing. The
# labels of the other half are hidden from the learners until they pay for them.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.inspection import LearningCurveDisplay
from skactive.metrics import area_under_learning_curve, labels_to_reach
from skactive.uncertainty import MarginSampling

X, y = load_digits(return_X_y=True)
X_pool, X_test, y_pool, y_test = train_test_split(
    X / 16, y, test_size=0.5, stratify=y, random_state=0
)

# %%
# ``y_pool`` is complete, so ``fit`` is a simulation: it looks at the labels it pays
# for, 20 + 180 of them, and at no others.
strategies = {"random": RandomSampling(), "margin": MarginSampling()}
seeds = range(5)
learners = {
    name: [
        ActiveLearner(
            LogisticRegression(),
            strategy,
            n_initial=20,
            budget=180,
            batch_size=10,
            random_state=seed,
        ).fit(X_pool, y_pool)
        for seed in seeds
    ]
    for name, strategy in strategies.items()
}

# %%
# Accuracy on the test half after every round, and the area under these curves (AULC:
# the mean accuracy over the budget).
n_labeled = np.array(learners["random"][0].history_["n_labeled"])
scores = {
    name: np.array([list(run.staged_score(X_test, y_test)) for run in runs])
    for name, runs in learners.items()
}
aulc = {
    name: np.array([area_under_learning_curve(n_labeled, curve) for curve in curves])
    for name, curves in scores.items()
}

print(f"{'labels':>6}  {'random':^13}  {'margin':^13}")
for k in range(0, len(n_labeled), 2):
    cells = [
        f"{scores[name][:, k].mean():.3f} ± {scores[name][:, k].std(ddof=1):.3f}"
        for name in strategies
    ]
    print(f"{n_labeled[k]:>6}  {cells[0]}  {cells[1]}")
cells = [
    f"{aulc[name].mean():.3f} ± {aulc[name].std(ddof=1):.3f}" for name in strategies
]
print(f"{'AULC':>6}  {cells[0]}  {cells[1]}")

wins = int((aulc["margin"] > aulc["random"]).sum())
print(f"margin has the larger AULC in {wins} of {len(seeds)} seeds")

goal = scores["random"].mean(axis=0)[-1]
needed = labels_to_reach(n_labeled, scores["margin"].mean(axis=0), goal)
print(f"random ends at {goal:.3f}; margin is there after {needed:.0f} labels")

# %%
# The same as a picture: the mean over the seeds, and one standard deviation around it.
display = LearningCurveDisplay.from_learner(learners, X_test, y_test).plot()
display.ax_.set_title("Digits, logistic regression, 5 seeds")
display.figure_.savefig("quickstart.png", dpi=150, bbox_inches="tight")
print("The picture is in quickstart.png")
plt.show()
