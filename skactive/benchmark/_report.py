"""The report card: what was found, how sure it is, and what the run leaves open."""

import warnings
from pathlib import Path

from skactive.benchmark._costs import any_priced
from skactive.benchmark._files import picture_name
from skactive.benchmark._page import code, escaped, to_html
from skactive.benchmark._tables import failures, tables, xs_of_dataset
from skactive.benchmark._verdict import MIN_SEEDS
from skactive.metrics._scoring import scoring_name

#: Seeds from which on paired tests of rounds are made, as those of the matrix.
FEW_SEEDS = 5
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
    if most := max((run.config.get("max_rows", 0) for run in result.runs), default=0):
        yield ""
        yield (
            f"Of larger data sets at most {most} rows were used, and of their own test "
            "parts; they were drawn once, at random, each class in proportion."
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
        (seeds >= MIN_SEEDS, f"seeds: {seeds}; no verdict below ten"),
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
