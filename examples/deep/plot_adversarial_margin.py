"""
=================================
The shortest way to another class
=================================

How near is a sample to the boundary of its class? A net has no formula for it; but
a small perturbation that crosses it can be found, and its length stands in for the
distance.
:class:`~skactive.deep.DFAL` asks for the samples with the smallest ones.
"""

# %%
# In the plane
# ------------
# A net has learned two moons from forty labels. Arrows show the shortest way found from
# each sample of the pool to the other class; those asked for are drawn in red.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits, make_moons

from skactive.deep import DFAL
from skactive.nets import NetClassifier

X, y = make_moons(140, noise=0.12, random_state=0)
net = NetClassifier(max_epochs=400, random_state=0)
strategy = DFAL(net, random_state=0).fit(X[:40], y[:40], X_pool=X[40:])
X_pool = X[40:]
picks = strategy.query(10)
found = strategy.perturbations(X_pool)

# ``augment_with_adversarial`` returns the samples and, after them, their adversaries.
both, _, parents = strategy.augment_with_adversarial(X_pool, y[40:])
adversaries, parents = both[len(X_pool) :], parents[len(X_pool) :]

grid = np.stack(np.meshgrid(np.linspace(-1.6, 2.6, 200), np.linspace(-1.1, 1.6, 150)))
proba = strategy.estimator_.predict_proba(grid.reshape(2, -1).T)[:, 1]
fig, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
ax.contourf(*grid, proba.reshape(grid.shape[1:]), levels=20, cmap="coolwarm", alpha=0.4)
ax.contour(*grid, proba.reshape(grid.shape[1:]), levels=[0.5], colors="black")
for parent, end in zip(parents, adversaries):
    asked = parent in picks
    ax.annotate(
        "",
        end,
        X_pool[parent],
        arrowprops={
            "arrowstyle": "->",
            "shrinkB": 0,
            "color": "red" if asked else "gray",
            "lw": 1.8 if asked else 0.8,
        },
    )
ax.plot(*X_pool.T, "o", color="white", markeredgecolor="black", markersize=4)
ax.plot(*X_pool[picks].T, "o", color="red", markersize=6, label="asked for")
ax.legend(loc="upper right")
ax.set(title="Smallest perturbations to the boundary", aspect="equal")
print(
    f"{np.mean(found.status == 'flipped'):.0%} flipped, in {found.n_iter.mean():.1f} "
    f"steps; lengths from {found.radius.min():.3f} to {found.radius.max():.2f}"
)

# %%
# Steps go two percent beyond the boundary. Not every way is the shortest possible, nor
# does each arrow end right behind the line: DeepFool linearizes the logits, and where
# they are curved, a step goes too far, or to a farther piece of the boundary.

# %%
# On digits
# ---------
# The same on images: the three digits with the smallest perturbation and the three with
# the largest. In the latter, the change is visible.
X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
strategy = DFAL(NetClassifier(max_epochs=30), random_state=0)
strategy.fit(X[:100], y[:100], X_pool=X[100:700])
order = strategy.query(600)
rows = 100 + np.concatenate([order[:3], order[-3:]])

found = strategy.perturbations(X[rows])
both, _, parents = strategy.augment_with_adversarial(X[rows], y[rows])
adversary = dict(zip(parents[len(rows) :], both[len(rows) :]))
predicted = strategy.estimator_.predict(X[rows])

fig, axes = plt.subplots(3, 6, figsize=(9, 5.5), layout="constrained")
for i, column in enumerate(axes.T):
    sample = X[rows[i]]
    changed = adversary.get(i, sample)
    for ax, image in zip(column, (sample, changed - sample, changed)):
        difference = image.min() < 0 and ax is column[1]
        ax.imshow(
            image.reshape(8, 8),
            cmap="coolwarm" if difference else "gray_r",
            vmin=-0.5 if difference else 0,
            vmax=0.5 if difference else 1,
        )
        ax.set(xticks=[], yticks=[])
    column[0].set_title(f"predicted {predicted[i]}\ntrue {y[rows[i]]}")
    column[2].set_title(f"now {found.target[i]}\nlength {found.radius[i]:.3f}")
for ax, text in zip(axes[:, 0], ("sample", "perturbation", "adversary")):
    ax.set_ylabel(text)

# %%
# The samples asked for are those that the net gets wrong most often: where the boundary
# is near, the prediction is a guess.
wrong = strategy.estimator_.predict(X[100:700])[order] != y[100:700][order]
for name, part in {"first": wrong[:100], "last": wrong[-100:]}.items():
    print(f"errors among the {name} 100 asked for: {part.mean():.0%}")
plt.show()
