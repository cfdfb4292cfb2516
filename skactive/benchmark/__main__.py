"""The command ``python -m skactive.benchmark``."""

import argparse
import sys
from pathlib import Path

from sklearn.utils import all_estimators

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._menu import near_names

EXAMPLES = """examples:
  python -m skactive.benchmark --dataset digits \\
      --strategies random margin CoreSet --seeds 10 --store runs/
  python -m skactive.benchmark report runs/
"""


def main(argv=None):
    """Run the command; return its exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        return report(argv[1:]) if argv[:1] == ["report"] else run(argv)
    except (ValueError, TypeError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def run(argv):
    """Run a benchmark and print its report."""
    parser = argparse.ArgumentParser(
        "python -m skactive.benchmark",
        description="Compare strategies with random sampling, in pairs.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dataset", nargs="+", required=True, metavar="NAME")
    parser.add_argument("--strategies", nargs="+", default=["random", "margin"])
    parser.add_argument("--estimator", help="class name of a scikit-learn classifier")
    parser.add_argument("--n-initial", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=10)
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--max-rows", type=int, metavar="ROWS")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--validation", type=int, metavar="LABELS")
    parser.add_argument("--scoring")
    parser.add_argument("--n-jobs", type=int)
    parser.add_argument("--store", type=Path, help="folder to write runs and report to")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args(argv)
    result = benchmark_strategies(
        options.strategies,
        options.dataset,
        None if options.estimator is None else estimator_named(options.estimator),
        n_initial=options.n_initial,
        batch_size=options.batch_size,
        budget=options.budget,
        seeds=options.seeds,
        max_rows=options.max_rows,
        validation=options.validation,
        scoring=options.scoring,
        n_jobs=options.n_jobs,
        store=options.store,
        verbose=not options.quiet,
    )
    show(result, options.store)
    return 1 if result.failures else 0


def report(argv):
    """Print the report of a store."""
    parser = argparse.ArgumentParser("python -m skactive.benchmark report")
    parser.add_argument("store", type=Path)
    parser.add_argument("--scoring")
    options = parser.parse_args(argv)
    show(BenchmarkResult.load(options.store), options.store, options.scoring)
    return 0


def show(result, store, scoring=None):
    """Print the report; write it beside the runs if they are stored."""
    folder = None if store is None else Path(store) / "report"
    print(result.report(folder, scoring=scoring))
    if folder is not None:
        print(f"Written to {folder / 'report.html'} and {folder / 'report.md'}.")


def estimator_named(name):
    """Return a scikit-learn classifier or regressor by its class name."""
    menu = dict(all_estimators(["classifier", "regressor"]))
    if name not in menu:
        raise ValueError(
            f"There is no estimator called {name!r}. Similar: {near_names(name, menu)}."
        )
    return menu[name]()


if __name__ == "__main__":
    sys.exit(main())
