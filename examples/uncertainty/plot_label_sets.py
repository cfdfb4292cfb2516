"""
====================================
What is doubtful in a set of labels?
====================================

A picture may show several things, and an answer says of each whether it is there. Here
pictures hold one digit or two, side by side, and an answer is a set of digits. Four
strategies look at the same model and ask for different pictures.
"""

# %%
# Pictures are made of the digits of scikit-learn. One in three has an empty right half.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from skactive.lookahead import MaximumLossReduction
from skactive.uncertainty import CVIRS, BinMin, LabelCardinalityInconsistency

rng = np.random.RandomState(0)
digits, classes = load_digits(return_X_y=True)
left, right = rng.randint(len(digits), size=(2, 600))
two = rng.uniform(size=600) < 2 / 3
halves = [digits[left] / 16, digits[right] / 16 * two[:, None]]
X = np.concatenate([half.reshape(-1, 8, 8) for half in halves], axis=2)
X = X.reshape(len(X), -1)
y = np.zeros((600, 10), dtype=int)
y[np.arange(600), classes[left]] = 1
y[np.flatnonzero(two), classes[right][two]] = 1
print(f"{y.sum(axis=1).mean():.2f} labels in a picture on average")

# %%
# One logistic regression for each digit, which learns from 60 pictures. ``y`` has one
# column for each label.
model = OneVsRestClassifier(LogisticRegression())
X_pool, y_pool = X[60:], y[60:]
strategies = {
    "BinMin": BinMin(model, random_state=0),
    "LCI": LabelCardinalityInconsistency(model, random_state=0),
    "CVIRS": CVIRS(model, random_state=0),
    "MMC": MaximumLossReduction(model, random_state=0),
}
asked = {k: s.fit(X[:60], y[:60], X_pool).query(40) for k, s in strategies.items()}
proba = model.fit(X[:60], y[:60]).predict_proba(X_pool)
found = proba > 0.5
for name, rows in {"pool": slice(None), **asked}.items():
    wrong = (found[rows] != y_pool[rows]).sum(axis=1).mean()
    n_found = found[rows].sum(axis=1).mean()
    print(f"{name:6}: {wrong:.2f} labels wrong, {n_found:.2f} predicted")

# %%
# The first six of each, with the set that the model predicts: after 60 pictures, often
# none. BinMin asks where one digit is as probable as not, LCI where too few digits are
# predicted or too many, CVIRS where all digits are doubtful and the set is unlike those
# that were seen, and MMC where what is probable contradicts the model.
fig, axes = plt.subplots(4, 6, figsize=(10, 5), layout="constrained")
for row, (name, rows) in zip(axes, asked.items()):
    for ax, i in zip(row, rows[:6]):
        ax.imshow(X_pool[i].reshape(8, 16), cmap="gray_r")
        names = ", ".join(map(str, np.flatnonzero(found[i])))
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(f"predicted: {names or 'none'}", fontsize="small")
    row[0].set_ylabel(name)
plt.show()
