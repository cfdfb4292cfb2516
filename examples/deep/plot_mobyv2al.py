"""
=================================================
Features of MoBYv2AL, and what is asked for there
=================================================

:class:`~skactive.deep.MoBYv2AL` trains a net on few labels and on views of the pool at
once, and asks for samples far from all labels among the features that it learns. Here
are the features of the first round and of the last, and where labels were asked for.
"""

# %%
# Digits as images: 40 labels to start with, then twice 20 more. The weak view
# is the image shifted by a pixel; the strong one is cropped, blurred, dimmed.
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skactive import ActiveLearner
from skactive.deep import MoBYv2AL
from skactive.nets import ImageDistortion, ImageShift, NetClassifier

torch.set_num_threads(1)
X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)
X_test, y_test, X, y = X[800:], y[800:], X[:800], y[:800]

with torch.random.fork_rng():
    torch.manual_seed(0)
    few = torch.from_numpy(X[:8])
    views = [view.numpy() for view in (few, ImageShift()(few), ImageDistortion()(few))]
fig, axes = plt.subplots(3, 8, figsize=(6, 2.4), layout="constrained")
for row, name, images in zip(axes, ("sample", "weak", "strong"), views):
    for ax, image in zip(row, images):
        ax.imshow(image[0], cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    row[0].set_ylabel(name)
plt.show()

# %%
# The strategy is a classifier, so it predicts too.
net = NetClassifier(max_epochs=40, batch_size=20, lr=0.01, module__blocks=(1, 1))
learner = ActiveLearner(
    strategy=MoBYv2AL(net, proj_dim=32),
    n_initial=40,
    budget=40,
    batch_size=20,
    random_state=0,
).fit(X, y)
scores = learner.staged_score(X_test, y_test)
for n, score in zip(learner.history_["n_labeled"], scores):
    print(f"{n} labels: accuracy {score:.3f}")

# %%
# Two principal components of the features, before and after. Small dots are the pool in
# the color of their true class, which was not seen; large ones were asked for, in the
# color of their round.
fig, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
moments = {
    "after the first round": learner.estimators_[0],
    "after the last": learner.estimators_[-1],
}
for ax, (name, model) in zip(axes, moments.items()):
    places = PCA(2, random_state=0).fit_transform(model.transform(X))
    ax.scatter(*places.T, s=4, c=y, cmap="tab10", alpha=0.4)
    for k in range(learner.labeled_iter_.max() + 1):
        asked = places[learner.labeled_iter_ == k]
        color = plt.cm.plasma(k / 2.5)
        label = "start" if k == 0 else f"round {k}"
        ax.scatter(*asked.T, s=28, color=color, edgecolor="black", label=label)
    ax.set(title=name, xticks=[], yticks=[])
axes[1].legend(fontsize="small")
plt.show()

# %%
# How far is each sample from the nearest label, in the features in which the last 20
# were chosen? The selection minimizes the largest distance; for comparison, 20 random
# samples in their place. In the features of the next round, which differ, this
# advantage may be gone.
last = learner.labeled_iter_.max()
asked = learner.labeled_iter_ >= 0
before = np.flatnonzero(asked & (learner.labeled_iter_ < last))
others = np.setdiff1d(np.arange(len(X)), before)
drawn = np.random.RandomState(0).choice(others, 20, replace=False)
arms = {"asked for": np.flatnonzero(asked), "at random": np.append(before, drawn)}
for moment, model in (("chosen in", -2), ("next round", -1)):
    Z = learner.estimators_[model].transform(X)
    for name, rows in arms.items():
        distances = np.linalg.norm(Z[:, None] - Z[rows], axis=2).min(axis=1)
        print(f"{moment}, {name}: largest distance {distances.max():.2f}")

# %%
# To separate the effect of the selection from that of the training, compare with
# ``selection="random"``, whose training is the same, on more than one seed.
