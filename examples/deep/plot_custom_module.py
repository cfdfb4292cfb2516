"""
===========================
A torch module of your own
===========================

:class:`~skactive.deep.LL4AL` takes any torch module that returns one column per class;
``taps`` names the layers that the loss is predicted from. That is all.
"""

# %%
# The module, in ten lines. ``n_classes`` is filled in from the labels.
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from skactive import ActiveLearner
from skactive.deep import LL4AL
from skactive.diversity import RandomSampling
from skactive.nets import NetClassifier


class TwoConvolutions(nn.Module):
    def __init__(self, n_classes, width=16):
        super().__init__()
        self.edges = nn.Sequential(nn.Conv2d(1, width, 3, padding=1), nn.ReLU())
        self.parts = nn.Sequential(nn.Conv2d(width, 32, 3, stride=2), nn.ReLU())
        self.head = nn.Linear(32 * 3 * 3, n_classes)

    def forward(self, X):
        return self.head(self.parts(self.edges(X)).flatten(1))


# %%
# Images have shape (n, channels, height, width). The error for a wrong name of a layer
# lists the valid ones.
torch.set_num_threads(1)
digits = load_digits()
images = (digits.images[:, None] / 16).astype(np.float32)
X, X_test, y, y_test = train_test_split(
    images, digits.target, test_size=0.4, stratify=digits.target, random_state=0
)
net = NetClassifier(TwoConvolutions, max_epochs=30)
strategy = LL4AL(net, taps=["edges", "parts"])

# %%
# The strategy trains this net together with the module that predicts its loss. To
# compare queries and not training, the net alone predicts in both learners.
# For a GPU, pass the device: ``NetClassifier(TwoConvolutions, device="cuda")``.
arms = {"LL4AL": strategy, "random": RandomSampling()}
curves = {name: [] for name in arms}
for name, arm in arms.items():
    for seed in range(3):
        learner = ActiveLearner(
            net,
            arm,
            n_initial=30,
            budget=120,
            batch_size=30,
            keep_estimators=True,
            random_state=seed,
        ).fit(X, y)
        curves[name].append(list(learner.staged_score(X_test, y_test)))
n_labeled = learner.history_["n_labeled"]

fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for name, curve in curves.items():
    ax.plot(n_labeled, np.mean(curve, axis=0), "o-", label=name)
    for one in curve:
        ax.plot(n_labeled, one, color=ax.lines[-1].get_color(), alpha=0.3, linewidth=1)
ax.set(xlabel="labels", ylabel="accuracy on the test set")
ax.legend()
plt.show()

# %%
for name, curve in curves.items():
    print(f"{name:7}", " ".join(f"{v:.3f}" for v in np.mean(curve, axis=0)))

# %%
# Both start with the same labels. From then on LL4AL is behind random sampling at every
# size, in the mean of three seeds; thirty labels are too few to learn which samples
# are hard. The page :ref:`deep` says when to expect otherwise.
