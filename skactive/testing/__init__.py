"""Find every strategy and check that it keeps the contract."""

from skactive.testing._discovery import all_strategies
from skactive.testing._mock import MockClassifier
from skactive.testing._run import (
    check_strategy,
    parametrize_with_checks,
    strategy_checks,
)

__all__ = [
    "MockClassifier",
    "all_strategies",
    "check_strategy",
    "parametrize_with_checks",
    "strategy_checks",
]
