"""The record: it can be killed, is not mixed with others, and can be done again."""

import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_1samp
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skactive import QueryStrategy
from skactive.diversity import KMeansSampling, RandomSampling
from skactive.uncertainty import EntropySampling, MarginSampling

HERE = Path(__file__).parent / "measurements"
pytestmark = pytest.mark.deep  # its second part trains nets


class Broken(QueryStrategy):
    """Ask for nothing: an error in place of an answer."""

    def _fit(self, X, y, X_pool):
        pass

    def _query(self, n):
        raise ZeroDivisionError("no reason")


MENU = {
    "RandomSampling": RandomSampling(),
    "MarginSampling": MarginSampling(),
    "EntropySampling": EntropySampling(),
    "KMeansSampling": KMeansSampling(),
    "Broken": Broken(),
}


@pytest.fixture
def record(monkeypatch):
    """Return the script, with two small data sets and four strategies."""
    monkeypatch.syspath_prepend(HERE)
    import record

    X, y = load_iris(return_X_y=True)
    sets = {"flowers": (X, y), "half": (X[::2], y[::2])}
    sizes = {"n_initial": 6, "batch_size": 3, "budget": 6, "test_size": 0.5}
    monkeypatch.setattr(record, "strategies", lambda name: dict(MENU))
    monkeypatch.setattr(record, "data", sets.__getitem__)
    monkeypatch.setattr(record, "names_of_sets", lambda: list(sets))
    monkeypatch.setattr(record, "model", lambda name: LogisticRegression(C=0.1))
    scored = {**sizes, "scoring": "accuracy"}
    monkeypatch.setattr(record, "design", lambda name, n_rows: scored)
    monkeypatch.setattr(record, "OF_MEMORY", ("flowers",))
    return record


@pytest.fixture
def run(record, tmp_path):
    """Return a function that does what the command does, and returns the record."""

    def run(path="record.json", **given):
        settings = {"only": [], "sets": [], "again": [], "seeds": 3, "jobs": None}
        settings["store"] = str(tmp_path / "store")
        found = record.Record(tmp_path / path)
        record.run(Namespace(**{**settings, **given}), found)
        return record.Record(tmp_path / path)

    return run


def content(found):
    """Return areas and decisions, without seconds."""
    return {
        (name, strategy, seed): (area, rows.tolist())
        for name, each in found.runs.items()
        for strategy, row in each.items()
        for seed, area, rows in zip(
            row["seeds"], row.get("area", ()), row.get("asked", ())
        )
    }


def test_a_run_that_was_killed_is_gone_on_with(record, run, monkeypatch):
    whole = content(run("whole.json"))
    assert len(whole) == 2 * 4 * 3
    calls, compared = [], record.compared

    def killed(one, *rest, **more):
        calls.append(one.name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return compared(one, *rest, **more)

    monkeypatch.setattr(record, "compared", killed)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert set(calls) == {"flowers", "half"}
    assert {name for name, *_ in content(run(sets=["flowers"]))} == {"flowers"}
    assert len(calls) == 2  # what is kept is not run once more
    assert content(run()) == whole


def test_seeds_and_strategies_are_added_to_what_is_there(run):
    first = content(run(only=["EntropySampling"], seeds=2))
    assert {strategy for _, strategy, _ in first} == {*list(MENU)[:3]}
    more = content(run())
    assert more.items() >= first.items()
    assert more == content(run("at_once.json"))


def test_other_defaults_are_refused_by_name(record, run, monkeypatch):
    run(seeds=1)
    other = {**MENU, "KMeansSampling": KMeansSampling(StandardScaler())}
    monkeypatch.setattr(record, "strategies", lambda name: dict(other))
    with pytest.raises(ValueError, match="KMeansSampling is not .* record.json.*embed"):
        run(seeds=2)
    again = run(seeds=2, again=["KMeansSampling"])
    assert again.runs["flowers"]["KMeansSampling"]["seeds"] == [0, 1]


def test_other_data_are_refused_by_name(record, run, monkeypatch):
    run(seeds=1)
    X, y = load_iris(return_X_y=True)
    monkeypatch.setattr(record, "data", lambda name: (X[:100] + 1, y[:100]))
    with pytest.raises(ValueError, match="flowers is not what is in record.json.*rows"):
        run(seeds=2)


def test_another_version_is_refused_by_name(run, monkeypatch):
    found = run(seeds=1)
    found.versions["skactive"] = "0.0.1"
    found.write()
    with pytest.raises(ValueError, match="skactive 0.0.1, here is .*--res"):
        run(seeds=2)


def test_decisions_that_are_others_are_refused(run):
    found = run(seeds=1)
    rows = found.runs["half"]["RandomSampling"]["asked"]
    rows[0] = rows[0][::-1].copy()
    found.runs["half"].pop("KMeansSampling")
    found.write()
    with pytest.raises(ValueError, match="RandomSampling on half with seed 0 asks for"):
        run(seeds=1)


def test_a_strategy_that_fails_has_its_error_in_its_cell(record, run):
    found = run()
    error = "ZeroDivisionError: no reason"
    assert found.runs["flowers"]["Broken"] == {"seeds": [], "error": error, "asked": []}
    rows = record.said.tables(found)["failed"][1]
    assert rows == [[name, "``Broken``", error] for name in ("flowers", "half")]


def test_a_data_set_that_is_not_at_hand_does_not_stop_the_others(
    record, run, monkeypatch, capsys
):
    there = record.data

    def data(name):
        if name == "flowers":
            raise FileNotFoundError("set the folder")
        return there(name)

    monkeypatch.setattr(record, "data", data)
    found = run(seeds=1)
    assert "flowers is left out: set the folder" in capsys.readouterr().err
    assert found.sets["flowers"] == {"missing": "set the folder"}
    assert list(found.runs) == ["half"]
    monkeypatch.setattr(record, "data", there)
    found = run(seeds=1)
    assert "missing" not in found.sets["flowers"] and len(found.runs) == 2


def test_cells_that_are_run_again_are_equal_to_the_bit(record, run, capsys):
    found = run(seeds=2)
    assert record.check(found, 4, draw=0) == []
    assert capsys.readouterr().out.count(": equal") == 4
    row = found.runs["half"]["EntropySampling"]
    row["area"][1] += 1e-6
    other = record.check(found, 99, draw=0)
    assert other == [("half", "EntropySampling")]


def test_decisions_are_replayed_with_another_model_and_metric(record, run):
    found = run(seeds=2)
    result = record.replayed(
        found, "flowers", "KMeansSampling", LogisticRegression(C=0.1)
    )
    areas = [record.area_of(each) for each in result.runs]
    assert areas == found.runs["flowers"]["KMeansSampling"]["area"]
    other = record.replayed(
        found,
        "flowers",
        "KMeansSampling",
        LogisticRegression(C=1.0),
        scoring="neg_log_loss",
    )
    assert (other.areas()["flowers"]["KMeansSampling"] < 0).all()
    assert other.runs[0].queried.tolist() == result.runs[0].queried.tolist()


def test_runs_that_begin_later_are_kept_and_replayed(record, run, monkeypatch):
    """A learner labels until there are two classes, and then asks for fewer."""
    X, y = load_iris(return_X_y=True)
    y = np.where(np.random.RandomState(0).uniform(size=150) < 0.75, 0, y + 1)
    monkeypatch.setattr(record, "data", lambda name: (X, y))
    found = run(seeds=16, only=["KMeansSampling"], sets=["flowers"])
    lengths = {len(each) for each in found.starts["flowers"].values()}
    assert len(lengths) > 1
    rows = found.runs["flowers"]["KMeansSampling"]
    starts = found.starts["flowers"]
    for seed, asked in zip(rows["seeds"], rows["asked"]):
        assert len(starts[seed]) + len(asked) == 12
    result = record.replayed(
        found, "flowers", "KMeansSampling", LogisticRegression(C=0.1)
    )
    assert [record.area_of(each) for each in result.runs] == rows["area"]


def test_areas_are_those_of_the_curve_by_hand(record, run):
    found = run(seeds=1, sets=["flowers"])
    X, y = load_iris(return_X_y=True)
    row = found.runs["flowers"]["MarginSampling"]
    queried = np.r_[found.starts["flowers"][0], row["asked"][0]]
    one = record.as_data((X, y), "flowers")
    from skactive.benchmark._run import split

    parts = split(one, LogisticRegression(), 0, {"test_size": 0.5, "n_validation": 0})
    scores = []
    for n in (6, 9, 12):
        rows = np.sort(queried[:n])
        model = LogisticRegression(C=0.1).fit(X[rows], y[rows])
        scores.append(model.score(parts.X_test, parts.y_test))
    by_hand = (scores[0] / 2 + scores[1] + scores[2] / 2) / 2
    assert row["area"][0] == pytest.approx(by_hand, abs=1e-6)
    assert not np.intersect1d(queried, parts.test).size


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "SCIPY_ARRAY_API": "1"}],
)
def test_texts_are_the_same_in_each_process(monkeypatch, environment):
    """SciPy writes numbers that it has just drawn into its documentation."""
    monkeypatch.syspath_prepend(HERE)
    from _record_menu import texts

    found = "from _record_menu import texts; import json; print(json.dumps(texts()))"
    said = subprocess.run(
        [sys.executable, "-c", found],
        cwd=HERE,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert json.loads(said) == [*map(list, texts())]


# ------------------------------------------------------------------- what it says


class Runs:
    """Areas of made-up runs, as a record has them."""

    strategies, sets = {}, {}

    def __init__(self, runs):
        self.runs = {
            name: {
                key: {"seeds": list(range(len(areas))), "area": list(areas)}
                for key, areas in rows.items()
            }
            for name, rows in runs.items()
        }


def test_a_verdict_needs_ten_seeds_and_a_paired_test(record):
    rng = np.random.RandomState(0)
    base = rng.uniform(0.5, 0.9, size=10)
    ahead = base + rng.uniform(0.01, 0.03, size=10)
    of = {"RandomSampling": base, "a": ahead, "b": base[:9] + 0.1, "c": base[::-1]}
    found = Runs({"iris": of})
    assert record.said.verdict(found, "iris", "a") == 1
    assert record.said.verdict(found, "iris", "b") == 0
    expected = ttest_1samp(100 * (base[::-1] - base), 0)[1] < 0.05
    assert bool(record.said.verdict(found, "iris", "c")) == expected
    assert record.said.pairs(found, "iris", "a") == pytest.approx(100 * (ahead - base))


def test_errors_of_numbers_are_compared_as_ratios(record):
    name = record.said.NUMBERS[0]
    assert record.said.difference(name, -90.0, -100.0) == pytest.approx(
        100 * np.log(100 / 90)
    )
    assert record.said.difference("iris", 0.9, 0.8) == pytest.approx(10)


def test_the_interval_draws_sets_before_seeds(record):
    """Sets that differ make it wide, however many seeds there are."""
    sets = [np.full(20, 1.0), np.full(20, -1.0), np.full(10, 3.0)]
    mean, low, high = record.said.over_sets(sets)
    assert mean == pytest.approx(1)
    assert (low, high) == (-1, 3)  # each of these is 1 of 27 draws of three sets
    mean, low, high = record.said.over_sets([np.arange(20.0)])
    assert low == pytest.approx(9.5 - 1.96 * np.std(np.arange(20)) / 20**0.5, abs=0.3)


def test_ranks_are_of_sets_on_which_all_have_run(record):
    first = {"RandomSampling": [0.5], "a": [0.7], "b": [0.6]}
    second = {"RandomSampling": [0.5], "a": [0.4], "b": [0.6]}
    third = {"RandomSampling": [0.5], "a": [0.9]}
    found = Runs({"x": first, "y": second, "z": third})
    names = ["RandomSampling", "a", "b"]
    means, n = record.said.ranks(found, names, ["x", "y", "z"])
    assert (means, n) == ({"RandomSampling": 2.5, "a": 2.0, "b": 1.5}, 2)


# ------------------------------------------------------------------- conditions


@pytest.fixture
def conditions(record):
    return sys.modules["_record_conditions"]


@pytest.mark.parametrize("seed", [0, 1])
def test_conditions_are_what_they_are_called(conditions, seed):
    def sample(condition):
        return conditions.sample("digits", condition, seed)

    X, y, labeled, (X_test, y_test) = sample(conditions.PLAIN)
    assert X.shape == (1200, 1, 8, 8) and labeled.sum() == 100
    assert len(np.unique(y[labeled])) == 10 and len(y_test) == 597
    assert not (X[:, None] == X_test[None]).all(axis=(2, 3, 4)).any()

    _, y, labeled, _ = sample(conditions.MISSING)
    assert len(np.unique(y[labeled])) == 8 and len(np.unique(y)) == 10

    _, y, _, (_, y_test) = sample(conditions.TAIL)
    counts = np.sort(np.bincount(y, minlength=10))
    assert counts[0] < 20 and counts[-1] > 90
    assert np.bincount(y_test).min() > 30  # that one is as it was

    X, y, _, _ = sample(conditions.COPIES)
    y, X = y.reshape(150, 8), X.reshape(150, 8, 64)
    assert (y == y[:, :1]).all()
    assert 0 < np.abs(X - X.mean(axis=1, keepdims=True)).mean() < 0.05
    assert len(np.unique(X.reshape(1200, 64), axis=0)) == 1200

    clean, wrong = sample(conditions.PLAIN), sample(conditions.WRONG)
    assert np.array_equal(clean[0], wrong[0]) and np.array_equal(clean[2], wrong[2])
    assert 0.15 < (clean[1] != wrong[1]).mean() < 0.25
    assert np.array_equal(clean[3][1], wrong[3][1])


def test_a_cell_says_better_worse_or_noise(conditions):
    rng = np.random.RandomState(0)
    base = rng.uniform(0.5, 0.9, size=10)
    noise = base + rng.normal(scale=0.01, size=10)
    rows = {"RandomSampling": base, "a": base + 0.02 + (noise - base), "b": noise}
    rows |= {"c": 2 * base - rows["a"], "d": (base + 0.1 * noise)[:5]}
    rows["e"] = rows["d"][:4]
    found = Runs({"copies/digits": rows})
    said = {key: conditions.cell(found, "copies/digits", key) for key in "abcdef"}
    words = {key: text.partition(" ")[0] for key, text in said.items()}
    assert [words[key] for key in "abcd"] == ["better", "noise", "worse", "better"]
    assert said["d"].endswith(", 5 seeds") and said["f"] == "not run yet"
    assert said["e"].startswith("+") and said["e"].endswith(", 4 seeds")
    assert conditions.counts(found, "d") == (1, 0, 1)
    assert conditions.counts(found, "e") == (0, 0, 0)
    low, _, high = said["a"].rpartition("(")[2].rstrip(")").split()
    assert ttest_1samp(100 * (rows["a"] - base), 0).confidence_interval() == (
        pytest.approx((float(low), float(high)), abs=0.051)
    )


def test_conditions_at_a_glance_are_means_and_verdicts(conditions):
    base = np.array([0.5, 0.6, 0.55, 0.7, 0.65])
    other = base + np.array([0.01, 0.02, 0.015, 0.02, 0.01])
    sets = {"digits": other, "mnist_small": base - (other - base)}
    sets["fashion_mnist_small"] = base + np.array([0.1, -0.1, 0.1, -0.1, 0])
    found = Runs(
        {
            f"copies/{name}": {"RandomSampling": base, "VOpt": areas}
            for name, areas in sets.items()
        }
    )
    header, rows = conditions.at_a_glance(found)
    cells = dict(zip(header, next(row for row in rows if row[0] == "``VOpt``")))
    assert cells["copies"].replace("\N{NO-BREAK SPACE}", " ") == "+0.0 (+ - 0)"
    assert cells["long tail"] == "not run yet"


def test_a_cell_of_the_conditions_is_done_again(conditions, tmp_path):
    given = Namespace(
        conditions=tmp_path / "record_conditions.json",
        store=str(tmp_path / "store"),
        sets=[f"{conditions.PLAIN}/digits"],
        only=["RandomSampling", "CoreGCN"],
        again=[],
        seeds=1,
        jobs=1,
    )
    conditions.run(given)
    found = conditions.Record(given.conditions)
    key = conditions.key_of(conditions.PLAIN, "digits")
    assert set(found.runs[key]) == set(given.only)
    row = found.runs[key]["CoreGCN"]
    again = conditions.again(found, key, "CoreGCN", [0])[0]
    assert again["area"] == row["area"][0]
    assert again["asked"] == row["asked"][0].tolist()
    before = json.loads(given.conditions.read_text("utf-8"))
    conditions.run(given)  # nothing is left to do
    assert json.loads(given.conditions.read_text("utf-8")) == before


# ------------------------------------------------------------------- what pages say

ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def known():
    """Return the record as it is, and what makes tables of it."""
    sys.path.insert(0, str(HERE))
    try:
        import _record_said as said
        import record as script

        return script.Record(script.TABLE, decisions=False), said
    finally:
        sys.path.remove(str(HERE))


def beside_random(known, strategy, names=None):
    found, said = known
    names = said.OF_CLASSES if names is None else names
    return said.over_sets(list(said.of_sets(found, strategy, names).values()))


def test_the_record_is_of_this_version_and_has_enough(known):
    found, said = known
    found.check()
    from _record_menu import seeds_of

    assert len(said.OF_CLASSES) == 38 and len(said.NUMBERS) == 6
    for name in (*said.OF_CLASSES, *said.NUMBERS):
        for strategy, row in found.runs[name].items():
            assert "error" in row or row["seeds"] == seeds_of(name, strategy), (
                name,
                strategy,
            )
    size = sum((HERE / "results" / f"record.{end}").stat().st_size for end in ("npz",))
    assert size < 5e6


def test_strategies_are_kept_as_their_defaults_are_now(known):
    """A default that has changed since makes the record one of other strategies."""
    from skactive.benchmark._describe import describe

    found, said = known
    from _record_menu import strategies

    for name in (said.OF_CLASSES[0], said.NUMBERS[0]):
        for strategy, one in strategies(name).items():
            settings = dict(found.strategies[strategy]["settings"])
            assert settings == json.loads(json.dumps(describe(one))), strategy


def test_the_decision_picture_agrees_with_the_record(known):
    pytest.importorskip("sphinx")
    sys.path.insert(0, str(ROOT / "docs" / "_ext"))
    try:
        from decision import QUESTIONS
    finally:
        sys.path.pop(0)
    named = {
        question: [n.partition(".")[2] for n in names]
        for question, names, *_ in QUESTIONS
    }
    found, said = known
    for strategy in named["None of these"]:
        assert beside_random(known, strategy)[1] > 0, strategy
    for question in ("One label at a time?", "Is the model a net?"):
        for strategy in named[question]:
            assert beside_random(known, strategy)[1] > 0, strategy
    thinned = "TopThenDiverse(MarginSampling())"
    assert named["More than 50 labels in a batch?"] == ["TopThenDiverse"]
    assert beside_random(known, thinned)[1] > 0
    for strategy in named["Is an answer a number?"]:
        assert beside_random(known, strategy, said.NUMBERS)[2] > 0, strategy
    for names in named.values():  # none that is plainly behind random sampling
        for strategy in set(names) & set(found.runs["mnist_small"]) - {said.RANDOM}:
            assert beside_random(known, strategy)[2] > 0, strategy


def test_the_class_agrees_with_the_record(known):
    """What its six parts show on digits and planes holds on the 38 data sets."""
    found, said = known
    assert beside_random(known, "MarginSampling")[1] > 0  # parts 1, 5 and 6
    names = said.OF_CLASSES
    thinned = said.of_sets(
        found, "TopThenDiverse(MarginSampling())", names, said.MARGIN
    )
    assert said.over_sets(list(thinned.values()))[2] > 0  # part 4: not behind margins
    assert beside_random(known, "CoreSet")[1] < 0  # part 3: coverage may lose


@pytest.mark.parametrize(
    "strategy",
    ["BALD", "QUIRE", "ExpectedErrorReduction", "InformationDensity", "ContrastiveAL"],
)
def test_who_is_said_to_lose_is_not_ahead(known, strategy):
    mean, low, _ = beside_random(known, strategy)
    assert mean < 0 and low < 0


def test_the_page_on_conditions_agrees_with_the_record(known, monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    import _record_conditions as script

    _, said = known
    found = script.Record(script.RESULTS, decisions=False)
    found.check()

    def signs(condition, than):
        key = script.key_of(condition, "digits")
        pairs = {
            each: said.pairs(found, key, each, than) for each in script.strategies()
        }
        return {each: said.sign(pair) for each, pair in pairs.items() if len(pair) > 9}

    tail = signs(script.TAIL, said.RANDOM)
    assert tail[said.MARGIN] == 1 and sum(tail.values()) >= 10
    assert max(signs(script.TAIL, said.MARGIN).values()) == 0
    missing = signs(script.MISSING, said.MARGIN)
    assert [each for each, sign in missing.items() if sign == 1] == ["VOpt"]
    for behind in ("VAAL", "SRAAL", "LL4AL", "TaskAwareViT"):
        assert missing[behind] == -1
    covering = {"UncertaintyHerding", "VOpt", "MoBYv2AL"}
    for learned in script.LEARNED:
        own = signs(learned, said.RANDOM)
        assert all(own[each] == 1 for each in covering)
        assert all(own[each] == -1 for each in ("LL4AL", "TaskAwareViT", "VAAL"))
    assert signs(script.OWN, said.RANDOM)[said.MARGIN] == 0
    assert signs(script.COPIES, said.RANDOM)[said.MARGIN] == 0
    of_both = (signs(script.COPIES, than) for than in (said.RANDOM, said.MARGIN))
    ahead = [{each for each, sign in of.items() if sign == 1} for of in of_both]
    assert ahead[0] == covering | {"CoreSet", "CoreGCN"} and ahead[0] < ahead[1]
    plain = signs(script.PLAIN, said.RANDOM)
    assert {each for each, sign in plain.items() if sign != 1} == {said.RANDOM, "VAAL"}
    assert signs(script.WRONG, said.RANDOM)[said.MARGIN] == 1
    for condition in (script.PLAIN, script.WRONG):
        assert max(signs(condition, said.MARGIN).values()) == 0


def test_what_is_said_of_other_images_agrees_with_the_record(conditions):
    from _record_said import MARGIN, sign
    from _record_said import RANDOM as BASE

    found = conditions.Record(conditions.RESULTS, decisions=False)
    others = list(conditions.SETS)[1:]

    def verdicts(strategy, these, names=others):
        keys = [conditions.key_of(each, name) for each in these for name in names]
        pairs = [conditions.pairs(found, key, strategy) for key in keys]
        assert min(map(len, pairs)) >= 5
        return [sign(pair, 5) for pair in pairs]

    copies, learned = [conditions.COPIES], list(conditions.LEARNED)
    for strategy in ("UncertaintyHerding", "MoBYv2AL"):
        assert verdicts(strategy, copies, conditions.SETS) == [1, 1, 1]
    assert sorted(verdicts("VOpt", learned, conditions.SETS)) == [0, 1, 1, 1, 1, 1]
    margins = verdicts(MARGIN, copies + learned, conditions.SETS)
    assert sorted(margins) == [0] * 8 + [1]
    assert verdicts("LL4AL", copies) == [-1, -1]
    assert verdicts("LL4AL", learned).count(-1) == 3
    for strategy in ("LL4AL", "TaskAwareViT", "VAAL", "SRAAL"):
        assert max(verdicts(strategy, copies + learned)) < 1
    plain = {
        each: verdicts(each, [conditions.PLAIN], others[1:])[0]
        for each in conditions.strategies()
        if each != BASE
    }
    assert [each for each, said in plain.items() if said == 1] == ["CoreSet"]
    assert {each for each, said in plain.items() if said == -1} == {"LL4AL", "CoreGCN"}
    never = [each for each in plain if not conditions.counts(found, each)[1]]
    assert {"UncertaintyHerding", "VOpt", MARGIN} <= set(never)


def test_what_the_readme_says_of_the_record(known):
    found, said = known
    import survey

    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    means = {
        strategy: beside_random(known, strategy)[0]
        for strategy in said.strategies_on(found, said.OF_CLASSES)
        if strategy != said.RANDOM
    }
    margin, most = means["MarginSampling"], max(means.values())
    sets = f"over {len(said.OF_CLASSES)} sets with classes, 20 + 80 labels"
    ahead = (
        f"margin sampling is ahead of random sampling by {margin:.1f} points of area"
    )
    assert f"{sets}, {ahead}, and no strategy by more than {most:.1f}" in text
    _, better, worse, noise, *_ = next(
        row for row in survey.tables()["tables"][1] if row[0] == "MarginSampling"
    )
    old = (
        f"better than random on {better}, worse on {worse}, and within noise on {noise}"
    )
    assert old in text
