"""How long each strategy takes from fit to answer, and how much memory."""

from .cases import CASES, PEERLESS, models, samples


class Strategies:
    """100 samples of a pool of 10**4 or 5 * 10**4 rows of 512 columns."""

    cases = {**CASES, **PEERLESS}
    params = (list(cases), [10_000, 50_000])
    param_names = ("strategy", "n_pool")

    def setup(self, strategy, n_pool):
        self.data = samples(n_pool, 512)
        self.strategy = self.cases[strategy][0](*models(512))

    def time_fit_and_query(self, strategy, n_pool):
        self.strategy.fit(*self.data).query(100)

    def peakmem_fit_and_query(self, strategy, n_pool):
        self.strategy.fit(*self.data).query(100)
