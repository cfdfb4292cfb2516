"""How long the strategies that look at positions take, from fit to answer."""

import numpy as np

from skactive.diversity import (
    CoreSet,
    KMeansSampling,
    MaxHerding,
    ProbCover,
    RandomSampling,
    TypiClust,
)


class Diversity:
    """100 samples of a pool of 10**4 or 10**5."""

    strategies = {
        "CoreSet": CoreSet(random_state=0),
        "KMeansSampling": KMeansSampling(random_state=0),
        "MaxHerding": MaxHerding(random_state=0),
        "ProbCover": ProbCover(random_state=0),
        "RandomSampling": RandomSampling(random_state=0),
        "TypiClust": TypiClust(random_state=0),
    }
    params = (list(strategies), [10_000, 100_000])
    param_names = ("strategy", "n_pool")

    def setup(self, strategy, n_pool):
        rng = np.random.RandomState(0)
        self.X_pool = rng.standard_normal((n_pool, 64)).astype(np.float32)
        self.X, self.y = self.X_pool[:10] + 1, np.arange(10) % 2

    def time_fit_and_query(self, strategy, n_pool):
        self.strategies[strategy].fit(self.X, self.y, self.X_pool).query(100)
