"""Is it better than random, and can it be reproduced?"""

from skactive.benchmark._benchmark import benchmark_strategies
from skactive.benchmark._comparison import Comparison
from skactive.benchmark._record import RunRecord
from skactive.benchmark._result import BenchmarkResult

__all__ = ["BenchmarkResult", "Comparison", "RunRecord", "benchmark_strategies"]
