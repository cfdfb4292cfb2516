"""
====================================
Outliers, and three ways around them
====================================

A strategy that asks for what is far from all labels asks for outliers first, and a
label of an outlier says nothing of other samples. Three cures: set outliers aside
before anything is asked, leave the farthest samples out while picking, or have a solver
choose all at once, and say that some samples need not be near a label.
"""

# %%
# Two classes in two groups each, and three samples in a hundred that are far from
# everything, as of a broken sensor. One sample of each class is labeled.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from skactive.compose import OutlierFilter
from skactive.diversity import CoreSet, RandomSampling, RobustCoreSet

N_CLEAN, N_ODD = 388, 12


def draw(seed):
    rng = np.random.RandomState(seed)
    group = rng.randint(4, size=N_CLEAN)
    centers = np.array([[0, 0], [4, 4], [4, 0], [0, 4]])
    X = centers[group] + rng.normal(scale=0.8, size=(N_CLEAN, 2))
    X = np.vstack([X, rng.uniform(-30, 30, size=(N_ODD, 2))])
    return X, np.append(group // 2, rng.randint(2, size=N_ODD))


def ask(strategy, X, y, n=12):
    first = np.unique(y, return_index=True)[1]
    rest = np.delete(np.arange(len(X)), first)
    strategy.fit(X[first], y[first], X[rest])
    return first, rest, rest[strategy.query(n)]


# %%
# Each strategy asks for twelve samples more. :class:`~skactive.compose.OutlierFilter`
# measures how far the nearest neighbors of a sample are. ``outlier_share`` of
# :class:`~skactive.diversity.CoreSet` needs no detector: at each pick the 5 % of the
# pool that are farthest are skipped. :class:`~skactive.diversity.RobustCoreSet` solves
# integer programs, which takes half a second here and far longer on large pools.
strategies = {
    "CoreSet": CoreSet(random_state=0),
    "OutlierFilter(CoreSet())": OutlierFilter(CoreSet(), share=0.05, random_state=0),
    "CoreSet(outlier_share=0.05)": CoreSet(outlier_share=0.05, random_state=0),
    "RobustCoreSet(n_outliers=0.05)": RobustCoreSet(n_outliers=0.05, random_state=0),
}
X, y = draw(0)
odd = np.arange(len(X)) >= N_CLEAN
asked = {name: ask(strategy, X, y) for name, strategy in strategies.items()}
for name, (_, _, rows) in asked.items():
    print(f"{name:30} outliers asked for: {odd[rows].sum():2} of 12")

# %%
# The filter says what it set aside, most outlying first. A look at the list before
# labels are paid for is worth it: whatever is rare is set aside, and a class may be
# rare.
rest = asked["OutlierFilter(CoreSet())"][1]
aside = rest[strategies["OutlierFilter(CoreSet())"].outliers_]
print(f"set aside: {len(aside)}, outliers among them: {odd[aside].sum()}")

color = np.where(odd, "0.5", np.where(y > 0, "tab:blue", "tab:green"))
fig, axes = plt.subplots(2, 2, figsize=(8, 8), sharex=True, sharey=True)
for ax, (name, (_, _, rows)) in zip(axes.flat, asked.items(), strict=True):
    ax.scatter(*X.T, c=color, s=5)
    ax.scatter(*X[rows].T, facecolors="none", edgecolors="tab:red", s=60)
    if "Filter" in name:
        ax.scatter(*X[aside].T, marker="x", color="black", s=25)
    ax.set(title=name, xticks=[], yticks=[])
fig.tight_layout()
plt.show()

# %%
# What is it worth? Twenty pools of this kind, a model with products of features that
# learns from the fourteen labels, and its accuracy on new samples without outliers. The
# solver is left out, for the time that twenty pools would take.
model = make_pipeline(PolynomialFeatures(2), StandardScaler(), LogisticRegression())


def accuracy(strategy, seed):
    X, y = draw(seed)
    X_test, y_test = draw(1000 + seed)
    first, _, rows = ask(strategy, X, y)
    labeled = np.append(first, rows)
    model.fit(X[labeled], y[labeled])
    return model.score(X_test[:N_CLEAN], y_test[:N_CLEAN])


del strategies["RobustCoreSet(n_outliers=0.05)"]
strategies["random"] = RandomSampling(random_state=0)
for name, strategy in strategies.items():
    scores = [accuracy(strategy, seed) for seed in range(20)]
    print(f"{name:28} mean accuracy {np.mean(scores):.3f}, lowest {np.min(scores):.3f}")
