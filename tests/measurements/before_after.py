"""What strategies, nets and learners answer, before and after a change of the code.

A change that is to leave all answers alone is shown to do so, to the last bit: a fixed
list of small settings is run with the code of before and with that of after, and what
they answered is compared. Each setting has seeds of its own and is short of epochs, so
its answers are good for nothing else. It takes about a minute and a half on one core::

    python tests/measurements/before_after.py record before.npz
    python tests/measurements/before_after.py record after.npz
    python tests/measurements/before_after.py compare before.npz after.npz

``compare`` prints a line for each setting that differs: in what, in how many numbers,
and by how much at most. It exits with 1 if there is one. ``--only PATTERN`` takes a
regular expression and leaves out the settings whose name it does not occur in. A
setting that fails is recorded by the text of its error. The file holds arrays of
numbers and of strings, no times and no pickles.

Both files must be made on the same machine, with the same versions of the libraries:
other processors add in another order. Nothing private is imported, so that files and
private names may move freely. Where a parameter got another name, `RENAMED`, `PARTS`,
`WORDS` and `PRESETS` say which, and the names of settings and answers stay as they
were.
"""

import argparse
import importlib
import inspect
import re
import sys
import warnings
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import scipy
import sklearn
import skorch
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags
from skorch import NeuralNetClassifier
from skorch.callbacks import GradientNormClipping, LRScheduler
from threadpoolctl import threadpool_limits
from torch import nn
from torch.optim.lr_scheduler import StepLR

import skactive
from skactive import ActiveLearner, metrics, selection
from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.compose import PoolSubsampling, StochasticBatch
from skactive.datasets import list_datasets, load_dataset
from skactive.deep import (
    DFAL,
    LL4AL,
    REVIVAL,
    SRAAL,
    VAAL,
    CoreGCN,
    MoBYv2AL,
    TaskAwareViT,
    UncertainGCN,
    uncertainty_indicator,
)
from skactive.disagreement import (
    BALD,
    EPIG,
    BatchBALD,
    QueryByCommittee,
    consensus_entropy,
    kl_to_consensus,
)
from skactive.diversity import (
    BADGE,
    CLUE,
    ALFAMix,
    ClusterMargin,
    CoreSet,
    DiscriminativeSampling,
    DropQuery,
    Falcun,
    GradientLCMD,
    KMeansSampling,
    MaxHerding,
    ProbCover,
    RandomSampling,
    TypiClust,
    UncertaintyHerding,
    VOpt,
)
from skactive.exceptions import StopAsking
from skactive.graph import (
    KNNAffinity,
    SparseLabelPropagation,
    SparseLabelSpreading,
    affinity_from_neighbors,
    nearest_neighbors,
    normalize_affinity,
    solve_spreading,
)
from skactive.lookahead import ExpectedErrorReduction, ExpectedModelChange, ModelChange
from skactive.metrics import aulc_scorer
from skactive.nets import (
    ColumnNoise,
    ColumnSwap,
    DropoutCommittee,
    ImageDistortion,
    ImageShift,
    MoBYEncoder,
    NetClassifier,
    VAEEmbedding,
    VATLoss,
    as_net_classifier,
    deep_fool,
    virtual_adversarial,
)
from skactive.nets.modules import (
    MLP,
    MLPVAE,
    VAE,
    VGG,
    Discriminator,
    ResNet,
    ViTBottleneck,
)
from skactive.oracles import InteractiveOracle, NoisyOracle, SimulatedOracle
from skactive.selection import power_sample, softmax_sample
from skactive.stopping import Budget, StablePredictions, TargetScore
from skactive.testing import all_strategies
from skactive.uncertainty import (
    QUIRE,
    ContrastiveAL,
    EntropySampling,
    InformationDensity,
    MarginSampling,
    entropy,
    margin,
)

# ------------------------------------------------------- names that were not always so

# {class: {name in this file: name today}}, looked at where the class has no parameter
# of the first name any more. "part__name" is a setting of a part of the object; None
# is a setting that is gone, because what it said here goes without saying.
TO_AUTOENCODER = {
    name: f"autoencoder__{name}"
    for name in (
        *("max_epochs", "n_iterations", "batch_size", "lr", "width", "vae", "augment"),
        *("precision", "channels_last", "device", "recon_reduction", "kl_reduction"),
    )
}
TO_PROPAGATOR = {
    name: f"propagator__{name}"
    for name in ("sharpness", "hidden", "max_epochs", "xi", "n_power", "device")
}
RENAMED = {
    "VAAL": TO_AUTOENCODER,
    "SRAAL": TO_AUTOENCODER,
    "REVIVAL": TO_PROPAGATOR,
}

# {(class, parameter): where the class of the part is found, such as
# "skactive.nets.VAEEmbedding"}, for an object that holds None, or a word, by itself.
PARTS = {
    ("VAAL", "autoencoder"): "skactive.nets.VAEEmbedding",
    ("SRAAL", "autoencoder"): "skactive.nets.VAEEmbedding",
}

# {(class, parameter, word): where the class is found of which an object stands there
# today}. As long as there is no such class, the word is passed.
WORDS = {
    ("REVIVAL", "propagator", "lgc"): "skactive.deep.LGCPropagator",
    ("REVIVAL", "propagator", "gcn"): "skactive.deep.GCNPropagator",
    ("REVIVAL", "propagator", "sgc"): "skactive.deep.SGCPropagator",
}

# {(class, name of a preset in this file): its name today}, where presets are no
# parameter any more.
PRESETS = {
    ("VAAL", "elbo"): "default",
    ("VAAL", "official"): "released",
    ("SRAAL", "elbo"): "default",
    ("SRAAL", "official"): "released",
}


def make(cls, *args, **settings):
    """Return an object by the names that its settings have in this file.

    `preset` is a parameter, or the first argument of ``from_preset``.
    """
    name, known = cls.__name__, inspect.signature(cls).parameters
    anything = any(each.kind is each.VAR_KEYWORD for each in known.values())
    here, inside = {}, {}
    for old, value in settings.items():
        stays = old in known or (anything and "__" in old)
        new = old if stays else RENAMED.get(name, {}).get(old, old)
        if new is None:
            continue
        part, _, inner = new.partition("__")
        if inner and part in known and not stays:
            inside.setdefault(part, {})[inner] = value
        else:
            here[new] = _in_place_of(name, new, value)
    preset = here.pop("preset", None) if "preset" not in known else None
    if preset is None:
        made = cls(*args, **here)
    else:
        preset = PRESETS.get((name, preset), preset)
        made = cls.from_preset(preset, *args, **here)
    for part, inner in inside.items():
        held = getattr(made, part)
        if not hasattr(held, "set_params"):
            held = _found(WORDS.get((name, part, held)) or PARTS[name, part])()
        made.set_params(**{part: clone(held).set_params(**inner)})
    return made


def _in_place_of(name, parameter, word):
    if not isinstance(word, str) or (name, parameter, word) not in WORDS:
        return word
    cls = _found(WORDS[name, parameter, word])
    return word if cls is None else cls()


def _found(path):
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


# --------------------------------------------------------------------------- the data

N_LABELED, N_TEST = 40, 30
NAMES = np.array(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
)


def parts(data):
    """Return the first rows and their labels, the pool, and the last rows."""
    X, y = data()
    ends = N_LABELED, len(y) - N_TEST
    return X[: ends[0]], y[: ends[0]], X[ends[0] : ends[1]], X[ends[1] :]


def pool_and_test(data):
    """Return what a learner learns from, with all labels, and the last rows."""
    X, y = data()
    end = len(y) - N_TEST
    return X[:end], y[:end], X[end:], y[end:]


def numbers():
    """Return rows of 64 numbers, labels as integers.

    All ten are among the first rows, and among the last.
    """
    X, y = load_digits(return_X_y=True)
    rows = np.random.RandomState(3).permutation(len(X))[:160]
    return X[rows] / 16, y[rows]


def table():
    """Return the same rows, labels as strings."""
    X, y = numbers()
    return X, NAMES[y]


def two_classes():
    """Return the same rows, even or odd."""
    X, y = numbers()
    return X, y % 2


def csr():
    """Return the same rows as a sparse matrix."""
    X, y = table()
    return sparse.csr_array(X), y


def images():
    """Return the same rows as gray images of 8 x 8 pixels."""
    X, y = table()
    return X.astype(np.float32).reshape(-1, 1, 8, 8), y


def pixels():
    """Return them as images of three channels in bytes, labels as integers."""
    X, y = numbers()
    X = np.round(255 * X).astype(np.uint8).reshape(-1, 1, 8, 8)
    return np.concatenate([X, 255 - X, X // 2], axis=1), y


def iris():
    """Return rows of 4 numbers of three classes, labels as strings."""
    X, y = load_iris(return_X_y=True)
    rows = np.random.RandomState(1).permutation(len(X))
    return X[rows], np.array(["ant", "bee", "cicada"])[y[rows]]


def frames():
    """Return the same rows as a data frame, in an index of their own."""
    import pandas as pd

    X, y = iris()
    index = np.arange(len(y))[::-1] + 100
    return pd.DataFrame(X, index, columns=["a", "b", "c", "d"]), pd.Series(y, index)


def many():
    """Return some 6,000 rows of 8 numbers, of five classes that overlap."""
    rng = np.random.RandomState(0)
    centers, y = rng.normal(0, 1.2, (5, 8)), rng.randint(5, size=6100)
    return centers[y] + rng.normal(size=(len(y), 8)), y


def diabetes():
    """Return rows of 10 numbers and a target that is a number."""
    X, y = load_diabetes(return_X_y=True)
    return X[:150], y[:150]


# ---------------------------------------------------------- what an object has to say

METHODS = {
    "score_samples": "scores",
    "predict_loss": "scores",
    "contrastive_losses": "scores",
    "decision_function": "scores",
    "predict": "predictions",
    "predict_proba": "probabilities",
    "predict_labeled": "probabilities",
    "predict_proba_members": "probabilities",
    "transform": "embeddings",
}
PLAIN = (bool, int, float, str, np.generic)
SECONDS = re.compile("fit_time|query_time")


def said(fitted, X):
    """Return all that a fitted object says of samples, and its attributes."""
    answers = {
        f"{kind}: {name}": getattr(fitted, name)(X)
        for name, kind in METHODS.items()
        if hasattr(fitted, name)
    }
    for name in dir(fitted):
        if name.endswith("_") and not name.startswith("_"):
            answers[f"attributes: {name}"] = getattr(fitted, name, None)
    return answers


def asked(new, data=table, n=8, again=False):
    """Fit a strategy and ask it twice; `again`: fit it and ask it once more."""
    X, y, X_pool, X_test = parts(data)
    strategy = seeded(new())
    strategy.fit(X, y, X_pool)
    answers = {"queries: first": strategy.query(n), "queries: asked twice": None}
    answers |= said(strategy, X_test)
    if hasattr(strategy, "score_samples"):
        answers["scores: pool"] = strategy.score_samples(X_pool)
    answers["queries: asked twice"] = strategy.query(n)
    if again:
        answers["queries: fitted twice"] = strategy.fit(X, y, X_pool).query(n)
        answers |= {
            f"{key} (fitted twice)": v for key, v in said(strategy, X_test).items()
        }
    return answers


def cold(new, data=table):
    """Ask a strategy before anything is labeled."""
    _, _, X_pool, _ = parts(data)
    strategy = seeded(new()).fit(X_pool)
    return {
        "queries: first": strategy.query(5),
        "queries: asked twice": strategy.query(5),
    }


def fitted(new, data=table, again=False):
    """Fit a classifier or a transformer."""
    X, y, _, X_test = parts(data)
    model = seeded(new()).fit(X, y)
    answers = said(model, X_test)
    if again:
        answers |= {
            f"{key} (fitted twice)": v
            for key, v in said(model.fit(X, y), X_test).items()
        }
    return answers


def without_pool(new, data=table):
    """Fit a strategy on labeled samples alone."""
    X, y, _, X_test = parts(data)
    return said(seeded(new()).fit(X, y), X_test)


def stored(new, data=table):
    """Write nets to a file and read them into a new object."""
    X, y, X_pool, X_test = parts(data)
    model = seeded(new())
    model.fit(*((X, y, X_pool) if hasattr(model, "query") else (X, y)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "nets.pt"
        model.save_params(path)
        return said(seeded(new()).load_params(path), X_test)


def seeded(model):
    """Return an object with the seed 0, unless it has one."""
    params = model.get_params(deep=False)
    if "random_state" in params and params["random_state"] is None:
        model.set_params(random_state=0)
    return model


def asked_as_it_is(new, data=table):
    """Ask a strategy whose seeds are those of its parts."""
    X, y, X_pool, X_test = parts(data)
    return said(new().fit(X, y, X_pool), X_test)


# ------------------------------------------------------------- strategies without nets

FEW = {"QueryByCommittee": {"n_members": 4}, "BatchBALD": {"n_members": 8}}


def shallow():
    """Yield all strategies that do without torch, and settings of some."""
    for cls in all_strategies():
        new = partial(make, cls, **FEW.get(cls.__name__, {}))
        yield f"{cls.__name__} on a table", partial(asked, new, again=True)
        yield f"{cls.__name__} on iris", partial(asked, new, iris)
        yield f"{cls.__name__} on two classes", partial(asked, new, two_classes)
        yield f"{cls.__name__} on many rows", partial(asked, new, many, 20)
        if not get_tags(cls()).target_tags.required:
            yield f"{cls.__name__} cold", partial(cold, new)
    tree = DecisionTreeClassifier(max_depth=4)
    on_table = {
        "InformationDensity, margin": lambda: InformationDensity(
            uncertainty=margin, beta=2.0
        ),
        "InformationDensity, paper": lambda: InformationDensity(uncertainty=entropy),
        "ContrastiveAL, paper": lambda: ContrastiveAL(n_neighbors=10),
        "UncertaintyHerding, paper": lambda: UncertaintyHerding(
            temperature="auto", radius="auto"
        ),
        "ContrastiveAL, embedding": lambda: ContrastiveAL(embedding=PCA(5)),
        "QueryByCommittee, forest": lambda: QueryByCommittee(
            _forest(), disagreement=consensus_entropy
        ),
        "QueryByCommittee, trees": lambda: QueryByCommittee(
            tree, n_members=5, disagreement=kl_to_consensus
        ),
        "BALD, forest": lambda: BALD(_forest()),
        "BatchBALD, drawn": lambda: BatchBALD(_forest(), n_configurations=200),
        "EPIG, targets": lambda: EPIG(_forest(), X_target=parts(table)[3]),
        "CoreSet, cosine, outliers": lambda: CoreSet(
            metric="cosine", outlier_share=0.1
        ),
        "CoreSet, PCA": lambda: CoreSet(PCA(5)),
        "MaxHerding, laplace": lambda: MaxHerding(kernel="laplace", n_reference=30),
        "MaxHerding, cauchy": lambda: MaxHerding(kernel="cauchy", normalize=False),
        "MaxHerding, top hat": lambda: MaxHerding(kernel="top_hat", radius=0.5),
        "UncertaintyHerding, fixed": lambda: UncertaintyHerding(
            GaussianNB(), temperature=1.5, radius=0.5
        ),
        "ProbCover, fixed": lambda: ProbCover(radius=0.4, n_classes=5),
        "ProbCover, no memory": lambda: ProbCover(memory_budget=1),
        "TypiClust, few clusters": lambda: TypiClust(n_neighbors=5, max_clusters=12),
        "DiscriminativeSampling, drawn": lambda: DiscriminativeSampling(
            beta=100.0, negatives=None
        ),
        "BADGE, bias": lambda: BADGE(bias=True),
        "ClusterMargin, few clusters": lambda: ClusterMargin(
            oversampling=4.0, n_clusters=9
        ),
        "VOpt, graph": lambda: VOpt(affinity=KNNAffinity(2), component_fraction=0.5),
        "VOpt, local maxima": lambda: VOpt(
            batch="local_max", rank=30, tau=0.2, gamma=0.3
        ),
        "ModelChange, local maxima": lambda: ModelChange(batch="local_max"),
        "ExpectedErrorReduction, zero-one": lambda: ExpectedErrorReduction(
            loss="zero_one", n_references=40
        ),
        "ExpectedModelChange, squared": lambda: ExpectedModelChange(
            squared=True, normalize=True
        ),
        "StochasticBatch, softmax": lambda: StochasticBatch(
            MarginSampling(_forest()), sample=softmax_sample, beta=4.0
        ),
        "StochasticBatch, power": lambda: StochasticBatch(
            EntropySampling(), sample=power_sample
        ),
        "PoolSubsampling, margin": lambda: PoolSubsampling(
            MarginSampling(), max_pool=30
        ),
        "EntropySampling, pipeline": lambda: EntropySampling(_scaled()),
    }
    for name, new in on_table.items():
        yield name, partial(asked, new)
    elsewhere = {
        "MarginSampling, sparse": (MarginSampling, csr),
        "MarginSampling, data frames": (MarginSampling, frames),
        "KMeansSampling, sparse": (KMeansSampling, csr),
        "QUIRE, alpha": (lambda: QUIRE(alpha=0.5), two_classes),
        "CoreSet, images": (CoreSet, images),
    }
    for name, (new, data) in elsewhere.items():
        yield name, partial(asked, new, data)
    yield "EntropySampling, frozen", partial(asked, _frozen, numbers)
    yield "BatchBALD, information", _information


def _information():
    X, y, X_pool, _ = parts(table)
    strategy = seeded(BatchBALD(_forest())).fit(X, y, X_pool)
    return {"scores: information": strategy.information(strategy.query(6))}


def _scaled():
    return make_pipeline(StandardScaler(), LogisticRegression())


def _forest():
    return RandomForestClassifier(8, max_depth=6)


def _frozen():
    X, y, _, _ = parts(numbers)
    return EntropySampling(FrozenEstimator(LogisticRegression(C=0.1).fit(X, y)))


# ---------------------------------------------------------------- strategies with nets

GAME = {"latent_dim": 6, "width": 4, "n_iterations": 8}


def net(*args, **settings):
    """Return a net that learns a little, unseeded."""
    return make(NetClassifier, *args, **{"max_epochs": 4, "batch_size": 16, **settings})


def dropout_net(**settings):
    """Return a net with dropout layers."""
    return net(module__dropout=0.3, module__hidden=(32, 16), **settings)


def piped(*args, **settings):
    """Return a net behind a scaler."""
    return make_pipeline(StandardScaler(), net(*args, **settings))


def skorch_net():
    """Return a plain net of skorch."""
    return NeuralNetClassifier(
        MLP,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        lr=0.05,
        max_epochs=4,
        batch_size=16,
        module__hidden=(24,),
        module__n_features=64,
        module__n_classes=10,
    )


def ll4al():
    """Return settings of LL4AL."""
    return {
        "": {},
        "taps": {"taps": ["hidden.0"]},
        "margin and weight": {"margin": 0.3, "weight": 2.5},
        "never detached": {"detach_epoch": None},
        "detached at once": {"detach_epoch": 0},
        "detached at epoch 2": {"detach_epoch": 2},
        "logistic pairs": {"pair_loss": "bce"},
        "regressed": {"pair_loss": "mse"},
        "ties as published": {"ties": "paper"},
        "weight 0": {"weight": 0.0},
        "subset": {"subset": 30},
        "warm start": {"warm_start": True},
        "pipeline": {"estimator": piped()},
        "skorch": {"estimator": skorch_net()},
        "bf16": {"estimator": net(precision="bf16")},
        "dropout": {"estimator": dropout_net()},
    }


def task_aware_vit():
    """Return settings of TaskAwareViT."""
    return {
        "": {},
        "channel": {"bottleneck": "channel"},
        "no bottleneck": {"bottleneck": "none"},
        "heads and depth": {"n_heads": 2, "depth": 2},
        "channel, heads": {"bottleneck": "channel", "n_heads": 4},
        "scale": {"scale": 1.0},
        "sampler": {"sampler_hidden": (), "sampler_weight": 2.0},
        "margin": {"s_margin": 0.1},
        "no milestones": {"milestones": ()},
        "milestones": {"milestones": (0.5, 3)},
        "as published": {
            "bottleneck": "channel",
            "scale": 1.0,
            "sampler_hidden": (512, 512),
            "s_margin": 0.1,
        },
        "schedule": {
            "milestones": (),
            "estimator": net(
                callbacks=[("schedule", LRScheduler(StepLR, step_size=2, gamma=0.5))]
            ),
        },
        "pipeline": {"estimator": piped()},
        "skorch": {"estimator": skorch_net()},
        "bf16": {"estimator": net(precision="bf16")},
        "dropout": {"estimator": dropout_net()},
    }


def mobyv2al():
    """Return settings of MoBYv2AL."""
    return {
        "": {},
        "entropy": {"selection": "entropy"},
        "contrastive": {"selection": "contrastive"},
        "random": {"selection": "random"},
        "weights": {"contrastive_weight": 2.0, "temperature": 0.5},
        "momentum and queue": {"key_momentum": 0.9, "queue_size": 20},
        "heads": {"proj_dim": 16, "head_layers": 2},
        "views": {"weak": ColumnNoise(0.2), "strong": ColumnSwap(0.5)},
        "fused": {"fused": True},
        "not fused": {"fused": False},
        "subset": {"subset": 30},
        "augment": {"estimator": net(augment=ColumnNoise(0.3))},
        "pipeline": {"estimator": piped()},
        "skorch": {"estimator": skorch_net()},
        "bf16": {"estimator": net(precision="bf16")},
        "dropout": {"estimator": dropout_net()},
    }


def vaal():
    """Return settings of VAAL."""
    return {
        "": {},
        "official": {"preset": "official"},
        "elbo": {"preset": "elbo"},
        "official, fused": {"preset": "official", "fused": True},
        "elbo, not fused": {"fused": False},
        "means": {"recon_reduction": "mean", "kl_reduction": "mean"},
        "weights": {"beta": 0.2, "adversary_weight": 3.0},
        "steps": {"n_vae_steps": 1, "n_discriminator_steps": 3},
        "epochs": {"n_iterations": None, "max_epochs": 2},
        "batches and lr": {"batch_size": 16, "lr": 3e-3},
        "width": {"width": 2, "latent_dim": 3},
        "bf16": {"precision": "bf16"},
        "augment": {"augment": ColumnNoise(0.2)},
        "own autoencoder": {"vae": _own_vae},
        "own discriminator": {"discriminator": _own_discriminator},
        "embedding": {"embedding": PCA(10)},
        "warm start": {"warm_start": True},
    }


def sraal():
    """Return settings of SRAAL."""
    return {
        "": {},
        "official": {"preset": "official"},
        "elbo": {"preset": "elbo"},
        "official, fused": {"preset": "official", "fused": True},
        "net": {"estimator": net()},
        "skorch": {"estimator": skorch_net()},
        "no target learner": {"stl_weight": 0.0},
        "weights": {"stl_weight": 1.0, "recon_weight": 2.0, "beta": 0.3},
        "one latent": {"split_latent": False},
        "indicator": {"indicator": _indicator},
        "ddof": {"indicator_ddof": 1},
        "relabeled": {"indicator_update": 1, "n_iterations": None, "max_epochs": 3},
        "official target": {"official_adv_target": True},
        "steps": {"n_vae_steps": 1, "n_discriminator_steps": 2},
        "batches and lr": {"batch_size": 16, "lr": 3e-3},
        "bf16": {"precision": "bf16"},
        "augment": {"augment": ColumnNoise(0.2)},
        "own target learner": {"target_learner": _own_learner},
        "own autoencoder": {"vae": _own_halved_vae},
        "own discriminator": {"discriminator": _own_discriminator},
        "embedding": {"embedding": PCA(10)},
        "warm start": {"warm_start": True},
    }


def _own_vae(shape, latent_dim):
    return MLPVAE(shape[0], latent_dim, hidden=(20,))


def _own_halved_vae(shape, latent_dim):
    return MLPVAE(shape[0], latent_dim, hidden=(20,), decoded_dim=latent_dim // 3)


def _own_discriminator(latent_dim):
    return Discriminator(latent_dim, hidden=(16,))


def _own_learner(n_inputs, n_classes):
    return MLP(n_inputs, n_classes, hidden=(12,))


def _indicator(estimator, X):
    return 1 - estimator.predict_proba(X).max(axis=1)


def revival():
    """Return settings of REVIVAL."""
    euclidean = {
        "normalize": False,
        "affinity": KNNAffinity(7, metric="euclidean", affinity="gaussian"),
    }
    return {
        "": {},
        "lgc": {"propagator": "lgc"},
        "gcn": {"propagator": "gcn", "max_epochs": 20},
        "sgc": {"propagator": "sgc"},
        "lgc, blunt": {"sharpness": 1.0},
        "gcn, narrow": {"propagator": "gcn", "hidden": 8, "max_epochs": 15},
        "gcn, steps": {
            "propagator": "gcn",
            "max_epochs": 15,
            "eps": 0.1,
            "xi": 1e-2,
            "n_power": 2,
            "oversample": 10,
        },
        "sgc, steps": {
            "propagator": "sgc",
            "eps": 0.1,
            "xi": 1e-3,
            "n_power": 3,
            "oversample": 10,
        },
        "sgc, one-sided": {
            "propagator": "sgc",
            "symmetrize": False,
            "oversample": 10,
        },
        "lgc, eps, one-sided": {"eps": 0.3, "symmetrize": False, "oversample": 10},
        "euclidean": euclidean,
        "gcn, euclidean": {"propagator": "gcn", "max_epochs": 15, **euclidean},
        "adversary": {"oversample": 10},
        "gcn, adversary": {"propagator": "gcn", "max_epochs": 15, "oversample": 10},
        "oversample": {"oversample": 2.5},
        "no limitator": {"limitator": None},
        "cut": {"limitator": "cut"},
        "density": {"limitator": "density"},
        "neighbors": {"diversity": "none"},
        "all components": {"component_fraction": 1.0, "affinity": KNNAffinity(3)},
        "no components": {"component_fraction": 0.0},
        "subset": {"subset_size": 40},
        "PCA": {"embedding": PCA(8)},
        "linear model": {"estimator": LogisticRegression(), "virtual_weight": 0.5},
        "labels alone": {"estimator": LogisticRegression(), "virtual_weight": 0.0},
        "net": {"estimator": net()},
        "net, its embedding": {"estimator": net(), "embedding": "estimator"},
        "gcn, net": {"propagator": "gcn", "max_epochs": 15, "estimator": net()},
        "sgc, forest": {"propagator": "sgc", "estimator": _forest()},
        "pipeline": {"estimator": piped(), "embedding": "estimator"},
        "skorch": {"estimator": skorch_net()},
        "preset default": {"preset": "default"},
        "preset figure": {"preset": "figure"},
        "preset paper": {"preset": "paper", "max_epochs": 20},
        "preset boostmis": {"preset": "boostmis", "max_epochs": 20},
    }


def convolutions():
    """Return settings of UncertainGCN and CoreGCN."""
    settings = {
        "": {},
        "graph": {"affinity": KNNAffinity(6)},
        "net": {"embedding": net()},
        "wide, no dropout": {"hidden": 200, "dropout": 0.0},
        "weights": {"unlabeled_weight": 2.0, "lr": 1e-2, "weight_decay": 0.0},
        "subset": {"subset_size": 40},
    }
    return {words: {"max_epochs": 15, **given} for words, given in settings.items()}


def dfal():
    """Return settings of DFAL."""
    return {
        "": {},
        "linear model": {"estimator": LogisticRegression()},
        "linear model, clip": {"estimator": LogisticRegression(), "clip": (0, 1)},
        "l1": {"norm": 1},
        "largest": {"norm": np.inf},
        "largest, linear model": {
            "norm": np.inf,
            "estimator": LogisticRegression(),
        },
        "sign steps": {"sign_step": 0.05, "norm": np.inf},
        "clip": {"clip": (0, 1)},
        "three classes": {"n_classes": 3},
        "features": {"space": "features"},
        "one step": {"max_iter": 1, "overshoot": 0.0},
        "one step, inf": {"max_iter": 1, "overshoot": 0.0, "unflipped": "inf"},
        "one step, keep": {"max_iter": 1, "overshoot": 0.0, "unflipped": "keep"},
        "subset": {"subset": 30, "batch_size": 7},
        "as published": {"overshoot": 0.0, "subset": 60, "unflipped": "inf"},
        "pipeline": {"estimator": piped()},
        "skorch": {"estimator": skorch_net()},
    }


FAMILIES = {
    LL4AL: ll4al,
    TaskAwareViT: task_aware_vit,
    MoBYv2AL: mobyv2al,
    VAAL: vaal,
    SRAAL: sraal,
    REVIVAL: revival,
    UncertainGCN: convolutions,
    CoreGCN: convolutions,
    DFAL: dfal,
}
OF_NETS = (LL4AL, TaskAwareViT, MoBYv2AL, DFAL)


def usual(cls, *args, **settings):
    """Return a strategy with the net or the game that it has here if nothing else."""
    given = {"max_epochs": 15} if cls in (UncertainGCN, CoreGCN) else {}
    if cls in (VAAL, SRAAL):
        given = dict(GAME)
    if not args and (cls in OF_NETS or cls is SRAAL):
        given["estimator"] = LogisticRegression() if cls is SRAAL else net()
    return make(cls, *args, **{**given, **settings})


def deep():
    """Yield all strategies that train nets, on tables and images."""
    for cls, settings_of in FAMILIES.items():
        name = cls.__name__
        for words, given in settings_of().items():
            again = given.get("warm_start", False)
            label = f"{name}, {words}" if words else f"{name} on a table"
            yield label, partial(asked, partial(usual, cls, **given), again=again)
        yield f"{name} on many rows", partial(asked, partial(usual, cls), many, 20)
        new = partial(usual, cls, **{"estimator": net()} if cls is SRAAL else {})
        yield f"{name} on images", partial(asked, new, images)
        yield f"{name} on pixels", partial(asked, new, pixels)
        yield f"{name}, no pool", partial(without_pool, partial(usual, cls))
    yield (
        "UncertainGCN, margin",
        partial(asked, partial(usual, UncertainGCN, margin=0.5)),
    )
    shifts = {"weak": ImageShift(1), "strong": ImageDistortion((0.8, 1.0))}
    embedded = {"estimator": net(), "embedding": "estimator"}
    on_images = (
        ("channel", TaskAwareViT, {"bottleneck": "channel"}),
        ("views", MoBYv2AL, shifts),
        ("contrastive", MoBYv2AL, {"selection": "contrastive"}),
        ("official", VAAL, {"preset": "official"}),
        ("shifted", VAAL, {"augment": ImageShift(1)}),
        ("rows", VAAL, {"channels_last": False}),
        ("bf16", VAAL, {"precision": "bf16"}),
        ("official", SRAAL, {"preset": "official", "estimator": net()}),
        ("rows", SRAAL, {"channels_last": False, "estimator": net()}),
        ("net", REVIVAL, embedded),
        ("gcn", REVIVAL, {"propagator": "gcn", "max_epochs": 15}),
        ("net", CoreGCN, {"embedding": net()}),
        ("features", DFAL, {"space": "features"}),
    )
    for words, given in (
        ("linear model", {"estimator": LogisticRegression()}),
        ("linear model, l1", {"estimator": LogisticRegression(), "norm": 1}),
        ("net", {}),
        ("features, largest", {"space": "features", "norm": np.inf}),
    ):
        new = partial(usual, DFAL, **given)
        yield f"DFAL, {words}, two classes", partial(asked, new, two_classes)
    for words, cls, given in on_images:
        new = partial(usual, cls, **given)
        yield f"{cls.__name__}, {words}, on images", partial(asked, new, images)
    for cls in (LL4AL, VAAL, SRAAL):
        new = partial(usual, cls)
        yield f"{cls.__name__}, stored", partial(stored, new)
        if cls is not SRAAL:  # its linear model takes no images
            yield f"{cls.__name__}, stored, pixels", partial(stored, new, pixels)
    for cls in (LL4AL, MoBYv2AL, VAAL):
        new = partial(_on_part, cls)
        yield f"PoolSubsampling of {cls.__name__}", partial(asked, new)
    for cls in OF_NETS:
        new = partial(usual, cls, net(random_state=3))
        yield f"{cls.__name__}, seeded net", partial(asked_as_it_is, new)
    yield "LL4AL, regression", _regression
    yield "LL4AL, all at once", _all_at_once
    yield "TaskAwareViT, attention", _attention
    yield "DFAL, adversaries", _adversaries
    yield "uncertainty_indicator", _indicators


def _on_part(cls):
    return PoolSubsampling(usual(cls), max_pool=30)


def _regression():
    X, _, X_pool, X_test = parts(table)
    new = partial(make, LL4AL, net(), loss=lambda output, y: (output[:, 0] - y).abs())
    strategy = seeded(new()).fit(X, X[:, 20] * 2.5, X_pool)
    return {"queries: first": strategy.query(8), **said(strategy, X_test)}


def _all_at_once():
    X, y, X_pool, X_test = parts(table)
    strategy = seeded(make(LL4AL, net())).fit(X, y, X_pool)
    names = ("probabilities: all", "embeddings: all", "scores: all")
    return dict(zip(names, strategy.predict_all(X_test)))


def _attention():
    X, y, X_pool, X_test = parts(table)
    answers = {}
    for mode, n in (("sample", 20), ("channel", 32)):
        strategy = seeded(make(TaskAwareViT, net(), bottleneck=mode))
        strategy.fit(X, y, X_pool)
        answers[f"probabilities: {mode}"] = strategy.attention(X_pool[:n])
        names = ("probabilities: all", "embeddings: all", "probabilities: labeled")
        found = dict(zip(names, strategy.predict_all(X_test)))
        answers |= {f"{key}, {mode}": value for key, value in found.items()}
    return answers


def _adversaries():
    X, y, X_pool, _ = parts(numbers)
    answers = {}
    for name, model in (("net", piped()), ("linear", LogisticRegression())):
        strategy = seeded(make(DFAL, model)).fit(X, y, X_pool)
        both = strategy.augment_with_adversarial(X, y, max_ratio=3.0)
        for part, values in zip(("X", "y", "parents"), both):
            answers[f"scores: {part}, {name}"] = values
        found = strategy.perturbations(X_pool)
        for part in ("radius", "target", "n_iter", "status"):
            answers[f"scores: {part}, {name}"] = found[part]
    return answers


def _indicators():
    proba = np.random.RandomState(0).dirichlet(np.ones(5), 50)
    return {
        f"scores: ddof {ddof}": uncertainty_indicator(proba, ddof=ddof)
        for ddof in (0, 1)
    }


# --------------------------------------------------------------------- nets and graphs


def nets():
    """Yield classifiers and encoders made of nets, and the functions beside them."""
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(64, 20), nn.ReLU(), nn.Linear(20, 10))
    softmax = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=1))
    step = [("schedule", LRScheduler(StepLR, step_size=2, gamma=0.5))]
    clipped = [*step, ("clip", GradientNormClipping(0.5))]
    sgd = {"optimizer": torch.optim.SGD, "optimizer__momentum": 0.9, "lr": 0.05}
    names = [*NAMES.tolist(), "ten"]
    classifiers = {
        "table": ({}, table),
        "integers": ({}, numbers),
        "two classes": ({}, two_classes),
        "images": ({}, images),
        "pixels": ({}, pixels),
        "images, rows": ({"channels_last": False}, images),
        "pixels, rows": ({"channels_last": False}, pixels),
        "bf16": ({"precision": "bf16"}, table),
        "bf16, images": ({"precision": "bf16"}, images),
        "callbacks": ({"callbacks": clipped, **sgd}, table),
        "SGD": (sgd, table),
        "augment": ({"augment": ColumnNoise(0.2)}, table),
        "augment, images": ({"augment": ImageShift(1)}, images),
        "augment, pixels": ({"augment": ImageDistortion()}, pixels),
        "smoothed": ({"criterion__label_smoothing": 0.1}, table),
        "own criterion": ({"criterion": nn.MultiMarginLoss}, table),
        "probabilities": ({"module": softmax, "criterion": nn.NLLLoss}, table),
        "instance": ({"module": plain}, table),
        "wide": ({"module__hidden": (40, 20), "module__dropout": 0.2}, table),
        "ResNet": ({"module": ResNet, "module__width": 8}, images),
        "more classes": ({"classes": names}, table),
        "batch left over": ({"batch_size": 13}, table),
        "warm start": ({"warm_start": True}, table),
        "warm start, images": ({"warm_start": True}, images),
        "data frames": ({}, frames),
    }
    for name, (settings, data) in classifiers.items():
        again = settings.get("warm_start", False)
        new = partial(net, **settings)
        yield f"NetClassifier, {name}", partial(fitted, new, data, again=again)
    yield "NetClassifier, pipeline", partial(fitted, piped)
    yield "NetClassifier, stored", partial(stored, net)
    yield "NetClassifier, stored, images", partial(stored, net, images)
    yield "NetClassifier, stored, pixels", partial(stored, net, pixels)
    yield "as_net_classifier", partial(fitted, lambda: as_net_classifier(skorch_net()))

    def committee():
        return make(DropoutCommittee, dropout_net(), n_members=5)

    yield "DropoutCommittee", partial(fitted, committee)
    for cls in (BALD, BatchBALD, EPIG):
        new = partial(_with, cls, committee)
        yield f"{cls.__name__} of a DropoutCommittee", partial(asked, new)
    for cls in (ALFAMix, BADGE, CLUE, ClusterMargin, CoreSet, DropQuery, Falcun):
        yield f"{cls.__name__} of a net", partial(asked, partial(_with, cls, net))
    for cls in (ExpectedModelChange, GradientLCMD, MarginSampling):
        yield f"{cls.__name__} of a net", partial(asked, partial(_with, cls, net))
    yield "BADGE of a net, images", partial(asked, partial(_with, BADGE, net), images)

    encoders = {
        "table": ({}, table),
        "images": ({}, images),
        "pixels": ({}, pixels),
        "pipeline": ({"estimator": piped()}, table),
        "momentum, queue": ({"key_momentum": 0.9, "queue_size": 16}, table),
        "heads": ({"temperature": 0.4, "head_layers": 2, "proj_dim": 8}, table),
        "fused": ({"fused": True}, table),
        "views": ({"weak": ColumnNoise(), "strong": ColumnNoise(0.4)}, table),
    }
    for name, (settings, data) in encoders.items():
        new = partial(make, MoBYEncoder, **{"estimator": net(), **settings})
        yield f"MoBYEncoder, {name}", partial(fitted, new, data)
    autoencoders = {
        "table": ({}, table),
        "images": ({}, images),
        "pixels": ({}, pixels),
        "images, rows": ({"channels_last": False}, images),
        "bf16": ({"precision": "bf16"}, images),
        "reductions": ({"recon_reduction": "mean", "kl_reduction": "sum"}, table),
        "beta, lr, batches": ({"beta": 4.0, "lr": 3e-3, "batch_size": 10}, table),
        "epochs": ({"n_iterations": None, "max_epochs": 3}, table),
        "augment": ({"augment": ImageShift(1)}, images),
        "own": ({"vae": _own_vae}, table),
    }
    for name, (settings, data) in autoencoders.items():
        new = partial(make, VAEEmbedding, **{**GAME, **settings})
        yield f"VAEEmbedding, {name}", partial(fitted, new, data)

    def core_set():
        return CoreSet(make(VAEEmbedding, **GAME))

    yield "CoreSet of a VAEEmbedding", partial(asked, core_set)
    yield "CoreSet of a VAEEmbedding, cold", partial(cold, core_set, images)
    yield (
        "CoreSet of a MoBYEncoder, cold",
        partial(cold, lambda: CoreSet(make(MoBYEncoder, net()))),
    )
    yield "deep_fool", _deep_fool
    yield "virtual_adversarial", _virtual_adversarial
    yield "VATLoss", _vat_loss
    yield "views", _views
    yield "modules", _modules


def _with(cls, new):
    return cls(new())


def _module_and_batch():
    torch.manual_seed(0)
    return MLP(64, 10), torch.from_numpy(parts(table)[2]).float()


def _deep_fool():
    module, X = _module_and_batch()
    settings = {
        "l2": {},
        "l1": {"norm": 1},
        "largest": {"norm": np.inf, "clip": (0, 1)},
        "signs": {"sign_step": 0.1, "norm": np.inf},
    }
    return {
        f"scores: {name}, {key}": value
        for name, given in settings.items()
        for key, value in deep_fool(module, X, **given).items()
    }


def _virtual_adversarial():
    module, X = _module_and_batch()
    settings = {
        "power": {"n_power": 2},
        "exact": {"method": "exact"},
        "one-sided": {"symmetrize": False, "xi": 1e-2},
    }
    return {
        f"scores: {name}, {key}": value
        for name, given in settings.items()
        for key, value in virtual_adversarial(module, X, 0.3, **given).items()
    }


def _vat_loss():
    module, X = _module_and_batch()
    loss = VATLoss(eps=0.5, n_power=2)(module, X)
    loss.backward()
    gradients = {
        f"scores: gradient of {k}": p.grad for k, p in module.named_parameters()
    }
    return {"scores: loss": loss.detach(), **gradients}


def _views():
    rows = torch.from_numpy(parts(table)[2]).float()
    gray = torch.from_numpy(parts(images)[2])
    color = torch.from_numpy(parts(pixels)[2]).float() / 255
    given = {
        "noise": (ColumnNoise(), rows),
        "swap": (ColumnSwap(), rows),
        "shift": (ImageShift(), gray),
        "shift of color": (ImageShift(2), color),
        "distortion": (ImageDistortion(), gray),
        "distortion of color": (ImageDistortion((0.2, 1.0)), color),
    }
    return {f"scores: {name}": view(X) for name, (view, X) in given.items()}


def _modules():
    gray = torch.from_numpy(parts(images)[2][:12])
    rows = gray.flatten(1)
    answers = {}
    with torch.no_grad():
        for name, new, X in (
            ("MLP", lambda: MLP(64, 5, dropout=0.1), rows),
            ("ResNet", lambda: ResNet(1, 5), gray),
            ("Discriminator", lambda: Discriminator(64), rows),
            ("ViTBottleneck", lambda: ViTBottleneck(64, n_heads=4, depth=2), rows),
            ("MLPVAE", lambda: MLPVAE(64), rows),
            ("VAE", lambda: VAE(1, 8, width=8), gray),
            ("VGG", lambda: VGG(1, 5, width=4, blocks=(1, 2), grid=1, hidden=9), gray),
        ):
            torch.manual_seed(1)
            module = new()
            found = module(X)
            for i, part in enumerate(found if isinstance(found, tuple) else [found]):
                answers[f"scores: {name}, {i}"] = part
            for key, weights in module.state_dict().items():
                answers[f"attributes: {name}, {key}"] = weights
    return answers


def graphs():
    """Yield classifiers on graphs, and the graphs."""
    gaussian = KNNAffinity(8, metric="euclidean", affinity="gaussian")
    spreading = {
        "": {},
        "alpha": {"alpha": 0.5},
        "chebyshev": {"solver": "chebyshev"},
        "power": {"solver": "power", "alpha": 0.8},
        "by count": {"seed_balance": "count"},
        "unbalanced": {"seed_balance": "none"},
        "prior": {"class_prior": "labeled", "unreached": "prior"},
        "average": {"inductive": "average"},
        "gaussian": {"affinity": gaussian},
        "few neighbors": {"affinity": KNNAffinity(2)},
        "little memory": {"memory_budget": 20_000},
    }
    propagation = {
        "laplace": {},
        "poisson": {"method": "poisson"},
        "poisson, unbalanced": {"method": "poisson", "seed_balance": "none"},
        "laplace, prior": {"class_prior": np.full(10, 0.1), "affinity": gaussian},
        "laplace, few neighbors": {"affinity": KNNAffinity(2), "unreached": "prior"},
    }
    for cls, settings in (
        (SparseLabelSpreading, spreading),
        (SparseLabelPropagation, propagation),
    ):
        for name, given in settings.items():
            new = partial(make, cls, **given)
            yield f"{cls.__name__}, {name}".rstrip(", "), partial(_on_graph, new)
    new = partial(make, SparseLabelSpreading, "precomputed")
    yield "SparseLabelSpreading, precomputed", partial(_on_given_graph, new)
    new = partial(make, SparseLabelPropagation, "precomputed", method="poisson")
    yield "SparseLabelPropagation, precomputed", partial(_on_given_graph, new)
    yield (
        "EntropySampling of SparseLabelSpreading",
        partial(asked, lambda: EntropySampling(make(SparseLabelSpreading)), numbers),
    )
    for cls in (SparseLabelSpreading, SparseLabelPropagation):
        yield f"{cls.__name__}, labels of other kinds", partial(_other_labels, cls)
    yield "neighbors", _neighbors
    for affinity in ("cosine", "gaussian", "self_tuning", "rbf", "binary"):
        yield f"KNNAffinity, {affinity}", partial(_affinity, affinity)


def _on_graph(new):
    X, y, X_pool, X_test = parts(numbers)
    in_pool = said(new().fit(X, y, X_pool), X_test)
    marked = np.r_[y, np.full(len(X_pool), -1)]
    in_one = said(new().fit(np.concatenate([X, X_pool]), marked), X_test)
    return in_pool | {f"{key} (marked)": value for key, value in in_one.items()}


def _on_given_graph(new):
    X, y, X_pool, _ = parts(numbers)
    W = KNNAffinity(8).fit_transform(np.concatenate([X, X_pool]))
    model = new().fit(W, np.r_[y, np.full(len(X_pool), -1)])
    return {
        "predictions: nodes": model.transduction_,
        "probabilities: nodes": model.label_distributions_,
    }


def _other_labels(cls):
    X, y, X_pool, X_test = parts(table)
    answers, weights = {}, np.random.RandomState(0).uniform(0.1, 2, len(y))
    model = make(cls, missing_label=None).fit(X[:20], y[:20], X_pool)
    more = model.add_labels([22, 25], y[:2])
    answers["probabilities: added labels"] = more.label_distributions_
    if cls is SparseLabelSpreading:
        model = make(cls).fit(X, y, X_pool, sample_weight=weights)
        answers["probabilities: weights"] = model.predict_proba(X_test)
    soft = np.random.RandomState(0).dirichlet(np.ones(3), len(y))
    answers["probabilities: soft"] = (
        make(cls).fit(X, soft, X_pool).predict_proba(X_test)
    )
    return answers


def _neighbors():
    X, _ = many()
    indices, distances = nearest_neighbors(X[:500], 9, metric="cosine")
    twice = np.repeat(X[:30], 12, axis=0)
    return {
        "scores: indices": indices,
        "scores: distances": distances,
        "scores: affinity": affinity_from_neighbors(indices, distances),
        "scores: repeated rows": KNNAffinity(4).fit_transform(twice),
        "scores: sparse": KNNAffinity(4).fit_transform(csr()[0]),
        "scores: median": KNNAffinity(affinity="rbf", gamma="median").fit_transform(X),
        "scores: little memory": KNNAffinity(memory_budget=2**16).fit_transform(X),
        "scores: float32": KNNAffinity(dtype="float32").fit_transform(X),
    }


def _affinity(affinity):
    X, _, X_pool, _ = parts(table)
    answers = {}
    for symmetrize in ("sum", "max", "mutual", "mutual+nn"):
        model = make(KNNAffinity, 6, affinity=affinity, symmetrize=symmetrize)
        W = model.fit_transform(X_pool)
        answers |= {
            f"scores: graph, {symmetrize}": W,
            f"scores: edges, {symmetrize}": model.transform(X),
            f"scores: normalized, {symmetrize}": normalize_affinity(W, "kipf"),
        }
    return answers


def functions():
    """Yield functions of arrays, traps and oracles."""
    yield "selection", _selections
    yield "solve_spreading", _spreadings
    yield "metrics", _metrics
    yield "oracles", _oracles
    traps = [name for name, origin in list_datasets().items() if origin == "generated"]
    for name in sorted(traps):
        yield f"trap {name}", partial(_trap, name)


def _selections():
    (X, _), rng = many(), np.random.RandomState(0)
    X, few, scores = X[:400], X[400:410], rng.uniform(0.1, 1, 400)
    W = KNNAffinity(6).fit_transform(X)
    given = {"random_state": 0}
    labeled = {"Z_labeled": few, **given}
    answers = {
        "k_center_greedy": selection.k_center_greedy(X, 9, metric="cosine", **labeled),
        "outliers": selection.k_center_greedy(X, 9, n_outliers=5, **labeled),
        "kmeans_plusplus": selection.kmeans_plusplus(X, 9, **labeled),
        "kmeans_representatives": selection.kmeans_representatives(X, 9, **given),
        "largest_cluster": selection.largest_cluster(X, 9, **labeled),
        "local_max": selection.local_max(scores, W, 9, **given),
        "max_coverage": selection.max_coverage(W, 9, **given),
        "max_herding": selection.max_herding(X, 9, weights=scores, **labeled),
        "power_sample": selection.power_sample(scores, 9, beta=2.0, **given),
        "softmax_sample": selection.softmax_sample(scores, 9, beta=2.0, **given),
        "softrank_sample": selection.softrank_sample(scores, 9, beta=2.0, **given),
        "top_n": selection.top_n(scores.round(1), 30, **given),
    }
    return {f"queries: {name}": value for name, value in answers.items()}


def _spreadings():
    X, _ = many()
    S = normalize_affinity(KNNAffinity(6).fit_transform(X[:600]))
    B = np.eye(600)[:, :5]
    return {
        f"scores: {solver}, {alpha}": solve_spreading(S, B, alpha, solver=solver)[0]
        for solver in ("cg", "chebyshev", "power")
        for alpha in (0.5, 0.95)
    }


def _metrics():
    rng, n = np.random.RandomState(0), np.array([10, 20, 40, 60, 100])
    scores = np.sort(rng.uniform(0.3, 1, (4, 6, 5)), axis=2)  # strategy, seed, round
    first, second = scores[0].mean(axis=1), scores[1].mean(axis=1)
    areas = rng.uniform(size=(7, 4))
    return {
        "scores: area": metrics.area_under_learning_curve(n, scores[0, 0]),
        "scores: log area": metrics.area_under_learning_curve(
            n, scores[0, 0], scale="log"
        ),
        "scores: labels": metrics.labels_to_reach(n, scores[0, 0], 0.7),
        "scores: efficiency": metrics.label_efficiency(
            n, scores[0, 0], n, scores[1, 0]
        ),
        "scores: paired": vars(metrics.paired_difference(first, second)),
        "scores: penalties": metrics.pairwise_penalty_matrix(scores),
        "scores: penalties, Holm": metrics.pairwise_penalty_matrix(
            scores, correction="holm"
        ),
        "scores: checkpoints": metrics.penalty_checkpoints(n, scores[0]),
        "scores: ranks": vars(metrics.critical_difference_ranks(areas)),
        "scores: ranks, Nemenyi": vars(
            metrics.critical_difference_ranks(areas, method="nemenyi")
        ),
    }


def _oracles():
    y, rows = np.arange(60) % 3, np.arange(0, 60, 2)
    confusion = [[0.8, 0.1, 0.1], [0.3, 0.7, 0.0], [0.0, 0.5, 0.5]]
    settings = {"persistent": False, "abstain": 0.2, "random_state": 0}
    crowd = NoisyOracle(y, confusion=confusion, **settings)
    typed, shown = iter(["dgo", "dog", "s", "cat"]), []
    person = InteractiveOracle(
        ["cat", "dog"], input_fn=lambda prompt: next(typed), output_fn=shown.append
    )
    return {
        "predictions: first": crowd(rows),
        "predictions: second": crowd(rows),
        "predictions: typed": person([7, 4, 1], [[0.5, 1.0], [0.25, 0.0], [1.0, 0.0]]),
        "predictions: shown": shown,
    }


def _trap(name):
    data = load_dataset(name)
    return {
        f"scores: {part}": data[part]
        for part in ("data", "target", "test_data", "test_target")
    }


# ---------------------------------------------------------------- learners, benchmarks

SHORT = {"n_initial": 14, "budget": 16, "batch_size": 8, "random_state": 0}


def told(learner, X_test, y_test):
    """Return what a learner asked for and says."""
    answers = said(learner, X_test)
    for name in ("queried_indices_", "labeled_iter_"):
        answers[f"queries: {name}"] = answers.pop(f"attributes: {name}")
    answers["scores: score"] = learner.score(X_test, y_test)
    if learner.keep_estimators:
        answers["scores: staged"] = list(learner.staged_score(X_test, y_test))
        answers["predictions: staged"] = list(learner.staged_predict(X_test))
    return answers


def learner(**settings):
    """Return a learner of a few short rounds; parts may be functions that make them."""
    settings = {
        name: value() if isinstance(value, partial) else value
        for name, value in settings.items()
    }
    return make(ActiveLearner, **{**SHORT, **settings})


def simulated(settings, data=table, weights=False, start=False, validation=0):
    """Run a learner that finds all labels in y."""
    X, y, X_test, y_test = pool_and_test(data)
    X_val, y_val, X, y = X[:validation], y[:validation], X[validation:], y[validation:]
    given = {"X_val": X_val, "y_val": y_val} if validation else {}
    if weights:
        given["sample_weight"] = np.random.RandomState(0).uniform(0.1, 2, len(X))
    if start:
        given["labeled"] = np.arange(len(X)) % 7 == 0
    return told(learner(**settings).fit(X, y, **given), X_test, y_test)


def learners():
    """Yield learners: simulated, by hand, with an oracle."""
    stopped = {
        "labels": Budget(20),
        "stable predictions": StablePredictions(0.6, rounds=1, statistic="kappa"),
        "either": Budget(26) | Budget(40),
        "both": StablePredictions(0.5, rounds=1) & Budget(22),
    }
    for name, stopping in stopped.items():
        yield f"learner, stopped by {name}", partial(simulated, {"stopping": stopping})
    margins, entropies = MarginSampling(), EntropySampling()
    committee = QueryByCommittee(n_members=4)
    by_settings = {
        "default": {},
        "models not kept": {"keep_estimators": False},
        "pipeline": {"estimator": _scaled(), "strategy": entropies},
        "forest, committee": {"estimator": _forest(), "strategy": committee},
        "naive Bayes, committee": {"estimator": GaussianNB(), "strategy": committee},
        "random": {"strategy": RandomSampling()},
        "model of the strategy": {"strategy": EntropySampling(_forest())},
        "classes": {"classes": [*NAMES.tolist(), "ten"]},
        "start by k-means": {"initial_strategy": KMeansSampling()},
        "drawn by score": {"strategy": StochasticBatch(margins)},
        "part of the pool": {"strategy": PoolSubsampling(margins, max_pool=20)},
    }
    for name, given in by_settings.items():
        yield f"learner, {name}", partial(simulated, given)
    elsewhere = {
        "integers": ({}, numbers),
        "iris, one by one": ({"batch_size": 1, "budget": 5}, iris),
        "iris, all labels": ({"batch_size": 40, "budget": 1000}, iris),
        "iris, start of one class": ({"n_initial": 1, "batch_size": 4}, iris),
        "iris, start by TypiClust": ({"initial_strategy": TypiClust()}, iris),
        "Ridge": ({"estimator": Ridge()}, diabetes),
        "Ridge, CoreSet": ({"estimator": Ridge(), "strategy": CoreSet()}, diabetes),
        "graph": ({"estimator": SparseLabelSpreading()}, numbers),
    }
    for name, (given, data) in elsewhere.items():
        yield f"learner, {name}", partial(simulated, given, data)
    yield "learner, weights", partial(simulated, {}, weights=True)
    yield "learner, given start", partial(simulated, {}, start=True)
    yield "learner, validation", partial(simulated, {}, validation=30)
    stopping = {"stopping": TargetScore(0.6) | Budget(26)}
    yield "learner, a score", partial(simulated, stopping, validation=30)
    yield "learner, sparse", _sparse_learner
    yield "learner, grid search", _grid_search
    for name, given in _deep_learners().items():
        yield f"learner, {name}", partial(simulated, given)
    for name in ("net", "net, its embedding", "LL4AL", "VAAL, net", "MoBYv2AL"):
        given = _deep_learners()[name]
        yield f"learner, {name}, images", partial(simulated, given, images)
    for name in ("net", "LL4AL", "TaskAwareViT", "REVIVAL"):
        given = _deep_learners()[name]
        yield f"learner, by hand, {name}", partial(_by_hand, given)
    yield "learner, by hand", partial(_by_hand, {})
    yield "learner, by hand, -1 is missing", _by_hand_with_numbers
    yield "learner, oracle", _oracle
    yield "learner, oracle that abstains", _abstaining_oracle
    yield "learner, oracle that gives up", _tired_oracle


def _deep_learners():
    """Return settings of learners with nets; strategies are made when they run."""

    def strategy(cls, *args, **settings):
        return {"strategy": partial(make, cls, *args, **settings)}

    linear, quick = {"estimator": LogisticRegression()}, {"max_epochs": 10}
    of_net = {"estimator": net()}
    dropout = partial(make, DropoutCommittee, dropout_net(), n_members=4)
    autoencoder = partial(make, VAEEmbedding, **GAME)
    return {
        "net": of_net,
        "net, its embedding": {**of_net, "strategy": CoreSet("estimator")},
        "net, BADGE": {**of_net, "strategy": BADGE()},
        "DropoutCommittee, BALD": {"estimator": dropout, "strategy": BALD()},
        "start by an autoencoder": {
            "initial_strategy": partial(_with, CoreSet, autoencoder)
        },
        "LL4AL": strategy(LL4AL, net()),
        "LL4AL, another model": {
            "estimator": GaussianNB(),
            **strategy(LL4AL, net()),
        },
        "LL4AL, warm start": strategy(LL4AL, net(), warm_start=True),
        "LL4AL of a part of the pool": {"strategy": partial(_on_part, LL4AL)},
        "TaskAwareViT": strategy(TaskAwareViT, net()),
        "MoBYv2AL": strategy(MoBYv2AL, net()),
        "REVIVAL": strategy(REVIVAL),
        "REVIVAL, gcn": strategy(REVIVAL, propagator="gcn", **quick),
        "REVIVAL, net": strategy(REVIVAL, net(), embedding="estimator"),
        "VAAL": strategy(VAAL, **GAME),
        "VAAL, net": {**of_net, **strategy(VAAL, **GAME)},
        "SRAAL": strategy(SRAAL, LogisticRegression(), **GAME),
        "SRAAL, net": {**of_net, **strategy(SRAAL, **GAME)},
        "SRAAL, linear model": {**linear, **strategy(SRAAL, **GAME)},
        "UncertainGCN": {**of_net, **strategy(UncertainGCN, "estimator", **quick)},
        "CoreGCN": {**of_net, **strategy(CoreGCN, "estimator", **quick)},
        "DFAL": strategy(DFAL, net()),
        "DFAL, linear model": {**linear, **strategy(DFAL)},
    }


def _sparse_learner():
    X, y, X_test, y_test = pool_and_test(table)
    given = learner().fit(sparse.csr_array(X), y)
    return told(given, sparse.csr_array(X_test), y_test)


def _grid_search():
    X, y, X_test, y_test = pool_and_test(table)
    grid = {"batch_size": [4, 8], "strategy": [MarginSampling(), RandomSampling()]}
    search = GridSearchCV(learner(), grid, scoring=aulc_scorer, cv=3).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    return {"scores: areas": scores, **told(search.best_estimator_, X_test, y_test)}


def _by_hand(settings):
    X, y, X_test, y_test = pool_and_test(table)
    known = y.astype(object)
    known[25:] = None
    taught = learner(**settings).fit(X, known)
    first = taught.query(6)
    taught.teach(first, y[first])
    second = taught.query()
    taught.teach(second, [None, None, *y[second[2:]]])
    answers = {"queries: first": first, "queries: second": second}
    answers |= {"queries: third": taught.query(7), **told(taught, X_test, y_test)}
    taught.teach([int(second[0])], y[second[:1]])
    return {**answers, "predictions: taught a skipped one": taught.predict(X_test)}


def _by_hand_with_numbers():
    X, y, X_test, y_test = pool_and_test(numbers)
    known = np.where(np.arange(len(y)) < 25, y, -1)
    taught = learner(missing_label=-1).fit(X, known)
    rows = taught.query(6)
    taught.teach(rows, np.where(np.arange(6) == 1, -1, y[rows]))
    return {"queries: next": taught.query(6), **told(taught, X_test, y_test)}


def _oracle():
    X, y, X_test, y_test = pool_and_test(table)
    asking = learner(oracle=SimulatedOracle(y)).fit(X)
    answers = told(asking, X_test, y_test)
    resumed = told(asking.set_params(budget=24).resume(), X_test, y_test)
    return answers | {f"{key} (resumed)": value for key, value in resumed.items()}


def _abstaining_oracle():
    X, y, X_test, y_test = pool_and_test(table)
    oracle = NoisyOracle(y, noise=0.1, abstain=0.3, random_state=0)
    asking = learner(oracle=oracle, classes=NAMES.tolist(), budget=30)
    known = y.astype(object)
    known[12:] = None
    return told(asking.fit(X, known), X_test, y_test)


def _tired_oracle():
    X, y, X_test, y_test = pool_and_test(table)
    calls = []

    def answer(rows, X_rows):
        calls.append(len(rows))
        if len(calls) == 2:
            raise StopAsking("enough", answers=y[rows[:3]])
        return y[rows]

    asking = learner(oracle=answer).fit(X)
    answers = told(asking, X_test, y_test)
    resumed = told(asking.resume(), X_test, y_test)
    return answers | {f"{key} (resumed)": value for key, value in resumed.items()}


def benchmarks():
    """Yield benchmarks, written to a store and read again."""
    shallow = ["margin", "CoreSet", "BADGE"]
    yield "benchmark", partial(_benchmark, lambda: shallow, validation=6, seeds=5)
    yield (
        "benchmark of a joint sampler",
        partial(_benchmark, lambda: {"LL4AL": make(LL4AL, net())}, net, seeds=1),
    )
    yield "benchmark of a regressor", _regression_benchmark


def _benchmark(strategies, estimator=lambda: None, data="iris", **settings):
    design = {"n_initial": 9, "batch_size": 6, "budget": 18, **settings}
    with TemporaryDirectory() as store:
        result = benchmark_strategies(
            strategies(), data, estimator(), store=store, **design
        )
        read = BenchmarkResult.load(store, data if isinstance(data, dict) else None)
        again = benchmark_strategies(
            strategies(), data, estimator(), store=store, **design
        )
    answers = {"attributes: failures": [str(f["error"]) for f in result.failures]}
    for name, each in (("made", result), ("read", read), ("made again", again)):
        for run in each.runs:
            of = f"{run.dataset}, {run.strategy}, {run.seed}, {name}"
            answers |= {
                f"queries: {of}": run.queried,
                f"predictions: {of}": run.predictions,
                f"probabilities: {of}": run.probabilities,
                f"scores: {of}": run.scores,
                f"scores: validation, {of}": run.validation_scores,
                f"attributes: n_labeled, {of}": run.n_labeled,
            }
        for dataset, areas in each.areas().items():
            for strategy, values in areas.items():
                answers[f"scores: areas, {dataset}, {strategy}, {name}"] = values
        if settings["seeds"] > 1:
            answers[f"scores: penalties, {name}"] = each.penalty_matrix()
            for strategy, gap in each.differences()["iris"].items():
                answers[f"scores: gap of {strategy}, {name}"] = vars(gap)
    if settings["seeds"] > 1:
        rescored = result.rescore(GaussianNB())
        for run in rescored.runs:
            of = f"{run.dataset}, {run.strategy}, {run.seed}"
            answers[f"predictions: rescored, {of}"] = run.predictions
    return answers


def _regression_benchmark():
    data = {"diabetes": diabetes()}
    return _benchmark(lambda: ["CoreSet"], Ridge, data, seeds=1)


# ----------------------------------------------------------------------------- the list


def public_names():
    """Yield what each public folder exports."""
    for folder in sorted(dir(skactive)):
        if inspect.ismodule(getattr(skactive, folder)):
            yield f"names of skactive.{folder}", partial(_exported, folder)
    yield "names of skactive.nets.modules", partial(_exported, "nets.modules")
    yield "names of the strategies", _names_of_strategies


def _exported(folder):
    return {"names: __all__": importlib.import_module(f"skactive.{folder}").__all__}


def _names_of_strategies():
    return {"names: all": [cls.__name__ for cls in all_strategies(deep=True)]}


GROUPS = (public_names, shallow, deep, nets, graphs, functions, learners, benchmarks)


def settings_named(pattern=""):
    """Return the settings whose name a regular expression occurs in."""
    found = [pair for group in GROUPS for pair in _listed(group)]
    names = [name for name, _ in found]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"two settings have the same name: {sorted(twice)}"
    return {name: run for name, run in found if re.search(pattern, name)}


def _listed(group):
    """Yield the settings of a group; one that cannot be listed stands for the rest."""
    try:
        yield from group()
    except Exception as error:
        yield f"the list of {group.__name__}", partial(_failed, error)


def _failed(error):
    raise error


# ------------------------------------------------------------------- record and compare


def arrays_of(name, value):
    """Yield a name and an array for everything in a value that can be compared."""
    if SECONDS.search(name):
        return
    if isinstance(value, dict):
        for key, part in value.items():
            yield from arrays_of(f"{name}[{key}]", part)
    elif sparse.issparse(value):
        matrix = sparse.csr_array(value)
        matrix.sort_indices()
        for part in ("data", "indices", "indptr"):
            yield f"{name}.{part}", getattr(matrix, part)
    elif isinstance(value, torch.Tensor):
        yield name, value.detach().cpu().numpy()
    elif hasattr(value, "to_numpy"):
        yield from arrays_of(name, value.to_numpy())
    elif isinstance(value, (*PLAIN, np.ndarray)) or _is_plain(value):
        array = np.asarray(value)
        if array.dtype.kind not in "biufUS":  # labels, some of them missing
            array = np.array([str(each) for each in array.ravel()]).reshape(array.shape)
        yield name, array


def _is_plain(value):
    """Tell whether a list, or a list of lists, holds numbers and words only."""
    if not isinstance(value, (list, tuple)):
        return False
    kinds = (*PLAIN, np.ndarray, type(None))
    return all(isinstance(each, kinds) or _is_plain(each) for each in value)


def answered(run):
    """Run a setting; return its arrays, or one that holds the text of its error."""
    np.random.seed(0)
    torch.manual_seed(0)
    try:
        found = run()
        return {
            k: v for name, value in found.items() for k, v in arrays_of(name, value)
        }
    except Exception as error:  # of any kind: a setting that fails is an answer too
        text = re.sub("0x[0-9a-f]+", "0x", f"{type(error).__name__}: {error}")
        return {"error: text": np.array(text)}


def versions():
    """Return the versions of what the bits depend on."""
    return [
        f"{m.__name__} {m.__version__}" for m in (np, scipy, sklearn, torch, skorch)
    ]


def record(path, pattern):
    """Run the settings and write down what they answered."""
    settings = settings_named(pattern)
    arrays, failed = {"": np.array(versions())}, []
    for name, run in settings.items():
        found = answered(run)
        if "error: text" in found:
            failed.append(name)
            print(f"{name} failed: {found['error: text']}")
        arrays |= {f"{name}|{what}": array for what, array in found.items()}
    with open(path, "wb") as file:
        np.savez_compressed(file, **arrays)
    print(f"{len(settings)} settings recorded, {len(failed)} of them by their error")


def read(path, pattern=""):
    """Return the settings in a file, and the versions that it was made with."""
    found = {}
    with np.load(path, allow_pickle=False) as file:
        made_with = file[""].tolist()
        for key in file.files:
            name, _, what = key.rpartition("|")
            if key and re.search(pattern, name):
                found.setdefault(name, {})[what] = file[key]
    return found, made_with


def differences(old, new):
    """Return in words what differs between two answers of a setting, by its kind."""
    found = {}
    for what in [*old, *(key for key in new if key not in old)]:
        kind, _, detail = what.partition(": ")
        if what not in old or what not in new:
            words, gap = f"only {'after' if what not in old else 'before'}", None
        else:
            words, gap = _difference(old[what], new[what])
        if words:
            found.setdefault(kind, []).append((f"{detail} {words}", gap))
    return [_summary(kind, unlike) for kind, unlike in found.items()]


def _difference(was, now):
    """Return in words how two arrays differ, None if not, and the largest distance."""
    if was.dtype.kind == now.dtype.kind == "U":  # their length is that of the longest
        was, now = was.astype(object), now.astype(object)
    if was.dtype != now.dtype:
        return f"is {now.dtype}, was {was.dtype}", None
    if was.shape != now.shape:
        return f"has shape {now.shape}, had {was.shape}{_came_and_went(was, now)}", None
    if was.dtype.kind == "O":
        first = np.flatnonzero(np.ravel(was != now))
        if len(first) == 0:
            return None, None
        pair = was.ravel()[first[0]], now.ravel()[first[0]]
        return f"{len(first)} of {was.size}, such as {pair[0]!r}, now {pair[1]!r}", None
    if was.tobytes() == now.tobytes():
        return None, None
    unlike = (was != now) & ~((was != was) & (now != now))
    with np.errstate(invalid="ignore"):
        gap = np.abs(was.astype(np.float64) - now.astype(np.float64))[unlike]
    # Without a distance it is the sign of a zero, or the bits of a NaN.
    return f"{len(gap)} of {was.size}", gap.max(initial=0.0)


def _came_and_went(was, now):
    if was.dtype.kind != "O":
        return ""
    was, now = set(was.ravel().tolist()), set(now.ravel().tolist())
    gone = f", gone {sorted(was - now)}" if was - now else ""
    return gone + (f", new {sorted(now - was)}" if now - was else "")


def _summary(kind, unlike, shown=3):
    words = ", ".join(words for words, _ in unlike[:shown])
    more = f", and {len(unlike) - shown} more" if len(unlike) > shown else ""
    gaps = [gap for _, gap in unlike if gap is not None]
    largest = f"; at most by {np.max(gaps):.3g}" if gaps else ""
    return f"{kind} ({words}{more}{largest})"


def compare(old_path, new_path, pattern):
    """Print what differs between two files; return whether anything does."""
    (old, old_versions), (new, new_versions) = (
        read(path, pattern) for path in (old_path, new_path)
    )
    if old_versions != new_versions:
        print(f"made with {old_versions} and with {new_versions}")
    n_alike = n_unlike = 0
    for name in [*old, *(key for key in new if key not in old)]:
        if name not in old or name not in new:
            found = [f"only in {new_path if name not in old else old_path}"]
        else:
            found = differences(old[name], new[name])
        if found:
            print(f"{name}: {'; '.join(found)}")
        n_unlike, n_alike = n_unlike + bool(found), n_alike + (not found)
    print(f"{n_alike} settings alike, {n_unlike} differ")
    return n_unlike > 0


def main():
    """Record or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    of_record = verbs.add_parser("record", help="run the settings, write their answers")
    of_record.add_argument("file")
    of_compare = verbs.add_parser("compare", help="print what differs in two files")
    of_compare.add_argument("old")
    of_compare.add_argument("new")
    for each in (of_record, of_compare):
        each.add_argument("--only", default="", metavar="PATTERN")
    args = parser.parse_args()
    if args.verb == "compare":
        sys.exit(compare(args.old, args.new, args.only))
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    with threadpool_limits(1):  # sums depend on how many share them
        record(args.file, args.only)


if __name__ == "__main__":
    main()
