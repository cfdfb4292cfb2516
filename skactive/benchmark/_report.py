"""The report card: what was found, how sure it is, and what the run leaves open."""

import warnings
from collections import Counter
from pathlib import Path

import numpy as np

from skactive.benchmark._costs import any_priced, curve_of, xs_to_show
from skactive.benchmark._files import picture_name
from skactive.benchmark._page import code, escaped, to_html
from skactive.metrics import labels_to_reach
from skactive.metrics._scoring import scoring_name

FEW_SEEDS = 5
OVER = {"cost": "over what the labels cost", "n_labeled": "over the number of labels"}
# Keys of pictures that no data set can have for a name.
PENALTIES, RANKS = ("all", "penalties"), ("all", "ranks")


def write_report(result, folder=None, scoring=None):
    """Return the report in Markdown; with a folder, write it there with pictures."""
    pictures = {}
    if folder is not None:
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        pictures = draw_pictures(result, folder, scoring)
    text = "\n".join(markdown(result, scoring, pictures))
    if folder is not None:
        (folder / "report.md").write_text(text, encoding="utf-8")
        (folder / "report.html").write_text(to_html(text), encoding="utf-8")
    return text


def draw_pictures(result, folder, scoring):
    """Draw curves and matrices; return the file names by what they show."""
    names, taken = {}, {"penalties", "ranks"}

    def save(key, name, display, **options):
        names[key] = name
        figure = display.plot(**options).figure_
        figure.savefig(folder / name, dpi=120, bbox_inches="tight")
        close(figure)  # dozens of data sets are not to stay in memory

    with warnings.catch_warnings():
        # The text has every letter, and says which seeds are shared.
        warnings.filterwarnings("ignore", "Glyph|.*[Nn]o seed is shared")
        for dataset in result.datasets:
            name = picture_name(dataset, taken)
            save(dataset, name, result.curves(dataset, scoring=scoring), band="sem")
            if "cost" in xs_of_dataset(result, dataset):
                name = picture_name(f"{dataset} over cost", taken)
                display = result.curves(dataset, scoring=scoring, x="cost")
                save((dataset, "cost"), name, display, band="sem")
        if enough_seeds(result):
            save(PENALTIES, "penalties.png", result.penalties(scoring=scoring))
        if enough_datasets(result):
            save(RANKS, "ranks.png", result.critical_differences(scoring=scoring))
    return names


def close(figure):
    """Free a figure that was only drawn to be saved."""
    import matplotlib.pyplot as plt

    plt.close(figure)


def markdown(result, scoring, pictures):
    """Yield the lines of the report."""
    if not result.runs:
        yield from ["# Benchmark", "", "No run was finished.", ""]
        yield from failures(result)
        return
    config = result.runs[0].config
    name = escaped(scoring_name(scoring or config["scoring"]))
    yield from ["# Is it better than random?", ""]
    yield (
        f"{len(result.runs)} runs: {len(result.strategies)} strategies, "
        f"{len(result.datasets)} data set(s), {n_seeds(result)} paired seeds; "
        f"{config['n_initial']} labels to begin with, then {spent(config)} in batches "
        f"of {config['batch_size']}. Score: {name}. Differences are areas under the "
        "learning curve minus that of random sampling on the same split, start and "
        "seed, with 95 % bootstrap intervals over seeds."
    )
    if any_priced(result.runs):
        yield ""
        yield (
            "Answers have prices, so that curves end apart. Areas are taken where all "
            "strategies of a seed are, differences where the two of a pair are."
        )
    yield ""
    yield from tables(result, scoring, pictures)
    yield from all_together(result, scoring, pictures)
    yield from failures(result)
    yield from pitfalls(result)
    yield from reproduction(result)


def spent(config):
    """Return what was spent after the beginning, in words."""
    if "cost" in config:
        return f"a budget of {config['budget']:g} in the unit of their costs,"
    return str(config["budget"] + config["n_validation"])


def xs_of_dataset(result, dataset):
    """Return what the curves on a data set can be drawn over."""
    return xs_to_show(run for run in result.runs if run.dataset == dataset)


def tables(result, scoring=None, pictures=None):
    """Yield a table for each data set, and before them one for all."""
    if len(result.datasets) > 1:
        for x in (xs := xs_to_show(result.runs)):
            differences = result.differences(scoring=scoring, x=x)
            yield from summary(result, differences, OVER[x] if len(xs) > 1 else "")
    for dataset in result.datasets:
        yield from [f"## {escaped(dataset)}", ""]
        for x in (xs := xs_of_dataset(result, dataset)):
            if len(xs) > 1:
                yield from [f"### {OVER[x].capitalize()}", ""]
            picture = (pictures or {}).get((dataset, x) if x == "cost" else dataset)
            if picture is not None:
                alt = f"Learning curves on {escaped(dataset)}"
                yield from [f"![{alt}]({picture})", ""]
            yield from dataset_table(result, dataset, scoring, x)
        yield from seeds_used(result, dataset)


def seeds_used(result, dataset):
    """Yield which seeds the areas are of, where strategies have different ones."""
    runs = [list(result.select(dataset, name)) for name in result.strategies]
    shared = result.shared_seeds(dataset)
    if all(seeds == shared for seeds in runs if seeds):
        return
    if shared:
        yield (
            "Not all strategies have the same seeds. Areas and labels are those of the "
            f"seeds that all have: {shared}. Differences are those of the seeds that a "
            "strategy shares with random sampling."
        )
    else:
        yield (
            "No seed is shared by all strategies here: areas and labels are those of "
            "the seeds that each has, and not to be compared with each other."
        )
    yield ""


def summary(result, differences, over=""):
    """Yield one row per strategy, over all data sets."""
    yield from [f"## All data sets{over and f', {over}'}", ""]
    yield "| strategy | better | random within noise | worse | mean difference |"
    yield "|---|---|---|---|---|"
    for strategy in result.strategies:
        own = [d[strategy] for d in differences.values() if strategy in d]
        if own:
            said = Counter(verdict(difference) for difference in own)
            words = ("better than random", "random within noise", "worse than random")
            counts = " | ".join(str(said[word]) for word in words)
            mean = np.mean([difference.mean for difference in own])
            yield f"| {escaped(strategy)} | {counts} | {mean:+.4f} |"
    yield ""


def dataset_table(result, dataset, scoring, x="n_labeled"):
    """Yield one row per strategy."""
    target = final_score_of_chance(result, dataset, scoring)
    shared = result.shared_seeds(dataset)
    differences = result._differences(dataset, result.chance, scoring, "linear", x)
    what, last = ("cost", "cost/label") if x == "cost" else ("labels", "s/query")
    yield (
        f"| strategy | area | difference to random | wins | verdict | {what} to reach "
        f"{target:.3f} | {last} |"
    )
    yield "|---|---|---|---|---|---|---|"
    for strategy, values in result._areas(dataset, scoring, "linear", x).items():
        by_seed = result.select(dataset, strategy)
        if shared:
            values = result._over_shared(dataset, strategy, values)
        runs = [by_seed[seed] for seed in (shared or by_seed)]
        row = [escaped(strategy), f"{values.mean():.4f}"]
        difference = differences.get(strategy)
        row += ["", "", ""] if difference is None else compared(difference)
        row += [to_reach(runs, scoring, target, x)]
        row += [cost_per_label(runs) if x == "cost" else seconds_per_query(runs)]
        yield f"| {' | '.join(row)} |"
    yield ""


def to_reach(runs, scoring, target, x):
    """Return the labels or the cost that it takes to reach a score, in the median."""
    reached = [labels_to_reach(*curve_of(run, scoring, x), target) for run in runs]
    within = [n for n in reached if np.isfinite(n)]
    half = len(within) > len(reached) / 2
    labels = amount(np.median(reached), x) if half else "–"
    if 0 < len(within) < len(reached):
        labels += f" ({len(within)} of {len(reached)})"
    return labels


def amount(value, x="cost"):
    """Return a number of labels, or an amount in a unit that may be large or small."""
    return f"{value:.0f}" if x == "n_labeled" or value >= 100 else f"{value:.3g}"


def cost_per_label(runs):
    """Return what a label cost that was asked for after the beginning."""
    paid = sum(run.cost[-1] - run.cost[0] for run in runs)
    n_asked = sum(run.n_labeled[-1] - run.n_labeled[0] for run in runs)
    return amount(paid / n_asked) if n_asked else "–"


def seconds_per_query(runs):
    """Return the mean time of a query; after the last round nothing is asked."""
    seconds = np.mean(
        [r.query_time[:-1].sum() / max(1, len(r.query_time) - 1) for r in runs]
    )
    return f"{seconds:.4f}" if seconds else "–"  # a replay asks nothing


def compared(difference):
    """Return the cells that compare a strategy with random sampling."""
    low, high = difference.interval
    cells = [
        f"{difference.mean:+.4f} [{low:+.4f}, {high:+.4f}]",
        f"{difference.wins} of {difference.n}",
    ]
    return [*cells, verdict(difference)]


def verdict(difference):
    """Return the verdict in words, as far as the seeds allow one."""
    low, high = difference.interval
    if difference.n < FEW_SEEDS:
        return f"too few seeds ({difference.n}) to say"
    if low > 0:
        return "better than random"
    if high < 0:
        return "worse than random"
    return "random within noise"


def all_together(result, scoring, pictures):
    """Yield what holds over data sets."""
    if PENALTIES in pictures:
        yield from ["## Who beats whom", ""]
        yield (
            "Entry (row, column): in how many rounds, as a share and summed over data "
            "sets, the row beat the column at p < 0.05 in a paired t-test, uncorrected "
            "for the number of tests. Low column means are good."
        )
        yield from ["", f"![Pairwise penalty matrix]({pictures[PENALTIES]})", ""]
    if RANKS in pictures:
        yield from ["## Ranks over data sets", ""]
        yield from [f"![Critical differences]({pictures[RANKS]})", ""]


def failures(result):
    """Yield the runs that failed."""
    if result.failures:
        yield from [f"## {len(result.failures)} run(s) failed", ""]
        for failure in result.failures:
            yield (
                f"* {escaped(failure['dataset'])}, {escaped(failure['strategy'])}, "
                f"seed {failure['seed']}: {code(failure['error'])}"
            )
        yield ""


def pitfalls(result):
    """Yield the pitfalls of Lüth et al. (2023), avoided or not, and a few more."""
    yield from ["## Pitfalls", ""]
    for avoided, text in _checked_pitfalls(result):
        yield f"* {'avoided' if avoided else '**open**'} – {text}"
    yield ""
    yield (
        "All labels of the pool were known: this is a simulation. Parameters chosen by "
        "looking at it are tuned on this data set, and prove nothing about the next."
    )
    yield ""


def _checked_pitfalls(result):
    """Return pairs: was it avoided, and which pitfall."""
    config = result.runs[0].config
    seeds, n_data = n_seeds(result), len(result.datasets)
    validation = "validation: none used, so no labels are spent on it"
    if config["n_validation"]:
        validation = (
            f"validation: {config['n_validation']} labels, paid from the budget"
        )
    training = "joint training: no strategy alters the training"
    if any(run.trained_by != "estimator" for run in result.runs):
        training = "joint training: told apart from selection by clean retraining"
    paid = "labels and costs" if any_priced(result.runs) else "the labels"
    data = f"data distributions: {n_data} data set(s); five or more tell more"
    model = (
        "classifier configuration: one model for all label counts, not tuned here; if "
        "it was tuned before, on what?"
    )
    return [
        (n_data >= 5, data),
        (False, f"starting budgets: one, {config['n_initial']} labels"),
        (False, f"query sizes: one, {config['batch_size']} labels"),
        (False, model),
        (False, "self- and semi-supervised learning: not part of this run"),
        (True, "pairing: same split, start and model seed for every strategy"),
        (seeds >= FEW_SEEDS, f"seeds: {seeds}; no mark of significance below five"),
        (True, "baselines: random sampling is always on, and margin where it can be"),
        (True, f"label counts: areas are taken over {paid} actually paid for"),
        (True, validation),
        (True, "test labels: never seen in selection, training or stopping"),
        (True, training),
    ]


def reproduction(result):
    """Yield what is needed to do it again."""
    run = result.runs[0]
    made = ", ".join(f"{name} {number}" for name, number in run.versions.items())
    seeds = sorted({r.seed for r in result.runs})
    yield from ["## To do it again", ""]
    yield f"* made with {made}"
    yield f"* seeds {seeds}"
    yield f"* estimator {code(plain(run.config['estimator']))}"
    if "cost" in run.config:
        yield f"* cost {code(named(run.config['cost']))}"
    yield ""


def plain(config):
    """Write a described estimator as a call."""
    if isinstance(config, dict) and "class" in config:
        name = config["class"].rsplit(".", 1)[-1]
        params = {k: v for k, v in config.items() if k != "class"}
        if "steps" in params:
            return f"{name}({', '.join(plain(step) for _, step in params['steps'])})"
        return f"{name}(...)" if params else f"{name}()"
    return str(config)


def named(cost):
    """Return the name of a described function."""
    return cost.get("function", cost) if isinstance(cost, dict) else cost


def n_seeds(result):
    """Return how many seeds all strategies share, where they share the fewest."""
    return min(len(result.shared_seeds(dataset)) for dataset in result.datasets)


def enough_seeds(result):
    """Tell whether a penalty matrix may be drawn."""
    shared = [len(result.shared_seeds(d)) for d in result._paired_datasets("penalties")]
    return min(shared, default=0) >= FEW_SEEDS and len(result.strategies) > 1


def enough_datasets(result):
    """Tell whether ranks over data sets may be drawn."""
    return len(result._paired_datasets("ranks")) >= 5 and len(result.strategies) > 2


def final_score_of_chance(result, dataset, scoring):
    """Return the mean score of random sampling at the end: a target for all.

    Where no run of it was finished, that of the first strategy that has runs.
    """
    names = [result.chance, *result.strategies]
    runs = next(found for name in names if (found := result.select(dataset, name)))
    seeds = result.shared_seeds(dataset) or runs
    return float(np.mean([runs[seed].score(scoring)[-1] for seed in seeds]))
