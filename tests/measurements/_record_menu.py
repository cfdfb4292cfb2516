"""What the record is about: data sets, and strategies as they are by default."""

import importlib
import inspect
import re

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import compose, disagreement, diversity, lookahead, uncertainty
from skactive.datasets import load_dataset
from skactive.deep import REVIVAL

MOST_ROWS, FEW_ROWS = 2000, 300
IMAGES = "mnist_small", "fashion_mnist_small", "cifar10_small"
TEXTS = "texts of scipy"
NUMBERS = tuple(
    f"tabular_regression/{name}"
    for name in ("abalone", "cal.housing", "cpu.act", "kin8nm", "stock", "casp")
)
#: What the texts are of: the class of a text is the package that its function is in.
PACKAGES = (
    *("interpolate", "linalg", "ndimage", "optimize", "signal"),
    *("sparse", "spatial", "special", "stats"),
)
#: A section that SciPy writes for array libraries, where these are switched on.
OF_ENVIRONMENT = (
    r"(Notes\n-+\s+)?\*\*Array API Standard Support\*\*.*?more information\."
)


SURVEY = "al_survey2021/"
#: Tables of three classes or more; then those of two.
MORE_CLASSES = (
    *(SURVEY + "d31", SURVEY + "glass", SURVEY + "iris", SURVEY + "r15"),
    *(SURVEY + "seeds", SURVEY + "thyroid", SURVEY + "vehicle", SURVEY + "wine"),
)
TWO_CLASSES = (
    *(SURVEY + "appendicitis", SURVEY + "australian", SURVEY + "banana"),
    *(SURVEY + "breast", SURVEY + "checkerboard", SURVEY + "clean1"),
    *(SURVEY + "diabetes", SURVEY + "ex8a", SURVEY + "ex8b", SURVEY + "gcloudb"),
    *(SURVEY + "gcloudub", SURVEY + "german", SURVEY + "haberman", SURVEY + "heart"),
    *(SURVEY + "ionosphere", SURVEY + "mammographic", SURVEY + "parkinsons"),
    *(SURVEY + "phishing", SURVEY + "phoneme", SURVEY + "ringnorm", SURVEY + "sonar"),
    *(SURVEY + "spambase", SURVEY + "splice", SURVEY + "tictactoe"),
    *(SURVEY + "twonorm", SURVEY + "wdbc"),
)


def names_of_sets():
    """Return the names of all data sets, those with classes first."""
    return [*MORE_CLASSES, *TWO_CLASSES, *IMAGES, TEXTS, *NUMBERS]


def texts():
    """Return the words of docstrings of SciPy, in order, and their packages."""
    found = {}
    for package in PACKAGES:
        module = importlib.import_module(f"scipy.{package}")
        for name in sorted(module.__all__):
            part = getattr(module, name)
            said = inspect.getdoc(part) if callable(part) else None
            # What the documentation of an object says of itself would be the answer.
            words = re.sub(rf"scipy|{package}|{name}", " ", said or "")
            # SciPy draws some numbers, and the order of some words, when it is
            # imported, and reads the environment: what is left is always the same.
            words = re.sub(OF_ENVIRONMENT, " ", words, flags=re.DOTALL)
            words = " ".join(sorted(re.findall(r"[^\W\d_]{2,}", words)))
            if len(words) > 200:
                found.setdefault(words, package)
    return list(found), list(found.values())


def _sample(X, y):
    """Return at most so many rows, at random, and columns that are not constant."""
    rows = np.random.RandomState(0).permutation(len(y))[:MOST_ROWS]
    X, y = X[rows], y[rows]
    if sparse.issparse(X):
        return X, y
    X = X[:, X.std(axis=0) > 0]
    return StandardScaler().fit_transform(X), y


def data(name):
    """Return features and answers of a data set: at most 2,000 rows, standardized."""
    if name == TEXTS:
        words, packages = texts()
        X = TfidfVectorizer(min_df=3, sublinear_tf=True).fit_transform(words)
        return _sample(X, np.asarray(packages))
    bunch = load_dataset(name)
    X, y = np.asarray(bunch.data, dtype=float), np.asarray(bunch.target)
    if name in IMAGES:
        rows = np.random.RandomState(0).permutation(len(y))[:MOST_ROWS]
        X, y = X[rows].reshape(len(rows), -1), y[rows]
        X = PCA(50, random_state=0).fit_transform(X / 255)
    return _sample(X, y.astype(float) if name in NUMBERS else y)


def design(name, n_rows):
    """Return how many labels, in which batches, and what is scored."""
    few = n_rows < FEW_ROWS  # at most half of what can be asked for
    sizes = (10, 5, min(n_rows // 4 // 5 * 5 - 10, 40)) if few else (20, 10, 80)
    scoring = "neg_root_mean_squared_error" if name in NUMBERS else "accuracy"
    return {
        **dict(zip(("n_initial", "batch_size", "budget"), sizes)),
        "test_size": 0.5,
        "scoring": scoring,
    }


def model(name):
    """Return what predicts on a data set."""
    if name == TEXTS:
        return LogisticRegression(max_iter=1000)
    last = Ridge() if name in NUMBERS else LogisticRegression(max_iter=1000)
    return make_pipeline(StandardScaler(), last)


def strategies(name):
    """Return strategies for a data set, by name, with their defaults."""
    return _of_numbers() if name in NUMBERS else _of_classes()


def _named(folder, names):
    return {name: getattr(folder, name)() for name in names.split()}


def _of_classes():
    margin = uncertainty.MarginSampling
    return {
        "RandomSampling": diversity.RandomSampling(),
        "MarginSampling": margin(),
        **_named(
            uncertainty,
            "EntropySampling LeastConfidenceSampling ContrastiveAL InformationDensity "
            "QUIRE",
        ),
        **_named(
            diversity,
            "ALFAMix BADGE CLUE ClusterMargin CoreSet DiscriminativeSampling DropQuery "
            "Falcun GradientLCMD KMeansPlusPlusSampling KMeansSampling LCMD MaxHerding "
            "ProbCover RobustCoreSet SigmaOpt TypiClust UncertaintyHerding VOpt",
        ),
        **_named(disagreement, "BALD BatchBALD EPIG PowerBALD QueryByCommittee"),
        **_named(
            lookahead, "ExpectedErrorReduction ExpectedModelChange MCVOpt ModelChange"
        ),
        "REVIVAL": REVIVAL(),
        "DensityWeighted(MarginSampling())": compose.DensityWeighted(margin()),
        "NeighborhoodSampling(MarginSampling())": compose.NeighborhoodSampling(
            margin()
        ),
        "OutlierFilter(MarginSampling())": compose.OutlierFilter(margin()),
        "OutlierPenalty(MarginSampling())": compose.OutlierPenalty(margin()),
        "PartitionedSampling(CoreSet())": compose.PartitionedSampling(
            diversity.CoreSet()
        ),
        "PoolSubsampling(MarginSampling())": compose.PoolSubsampling(margin()),
        "StochasticBatch(MarginSampling())": compose.StochasticBatch(margin()),
        "StochasticBatch(EPIG())": compose.StochasticBatch(disagreement.EPIG()),
        "TopThenDiverse(MarginSampling())": compose.TopThenDiverse(margin()),
        "StrategySchedule()": compose.StrategySchedule(),
    }


def _of_numbers():
    return {
        "RandomSampling": diversity.RandomSampling(),
        **_named(
            diversity,
            "CoreSet DiscriminativeSampling GreedySampling KMeansPlusPlusSampling "
            "KMeansSampling LCMD MaxHerding ProbCover RobustCoreSet SigmaOpt TypiClust "
            "VOpt",
        ),
        **_named(disagreement, "BatchVariance QueryByCommittee"),
        **_named(lookahead, "ExpectedModelChange VarianceReduction"),
    }


#: Strategies of which a run takes more than a second, or five: fewer seeds.
SEEDS = {
    "BatchBALD": 10,
    "DiscriminativeSampling": 10,
    "EPIG": 10,
    "RobustCoreSet": 10,
    "StochasticBatch(EPIG())": 10,
}


def seeds_of(name, strategy, most=20):
    """Return the seeds of a strategy: twenty where a run takes less than a second.

    On the few tables of numbers all have the same, since gains there differ by seed.
    """
    fewer = {} if name in NUMBERS else SEEDS
    return list(range(min(fewer.get(strategy, most), most)))
