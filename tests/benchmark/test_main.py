"""The command: runs, reports, and errors without a traceback."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.linear_model import Ridge
from sklearn.utils import Bunch

import skactive.benchmark.__main__ as command
from skactive.benchmark import benchmark_strategies


def test_the_command(tmp_path):
    python = [sys.executable, "-m", "skactive.benchmark"]
    options = "--dataset iris --strategies random CoreSet --seeds 5 --n-initial 6"
    options += f" --budget 12 --batch-size 6 --store {tmp_path}"
    done = subprocess.run(
        [*python, *options.split()], capture_output=True, text=True, check=True
    )
    assert "[15/15]" in done.stderr
    assert "| CoreSet |" in done.stdout
    again = subprocess.run(
        [*python, "report", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "| CoreSet |" in again.stdout
    assert Path(tmp_path / "report" / "report.html").exists()
    wrong = subprocess.run(
        [*python, "--dataset", "iriss"], capture_output=True, text=True
    )
    assert wrong.returncode == 2 and "iris" in wrong.stderr
    assert "Traceback" not in wrong.stderr


# ------------------------------------------------------------ in this process


class Found(Bunch):
    """A result that writes one line."""

    def report(self, folder, *, scoring=None):
        return f"report to {folder} by {scoring}"


@pytest.fixture
def asked(monkeypatch):
    """Record what the benchmark is asked for; its result has a failure if told so."""
    calls = Bunch(failures=[])

    def benchmark(strategies, datasets, estimator, **options):
        calls.update(strategies=strategies, datasets=datasets, estimator=estimator)
        calls.options = options
        return Found(failures=calls.failures)

    monkeypatch.setattr(command, "benchmark_strategies", benchmark)
    return calls


def test_what_is_not_said_is_the_default_of_the_function(asked, capsys):
    assert command.main(["--dataset", "iris", "wine"]) == 0
    assert asked.datasets == ["iris", "wine"]
    assert asked.strategies == ["random", "margin"]
    assert asked.estimator is None
    own = inspect.signature(benchmark_strategies).parameters
    for name, value in asked.options.items():
        assert name == "verbose" or value == own[name].default, name
    assert asked.options["verbose"] is True
    assert capsys.readouterr().out == "report to None by None\n"


def test_every_option_arrives(asked, tmp_path, capsys):
    line = "--dataset iris --strategies CoreSet --estimator GaussianNB --n-initial 5"
    line += " --batch-size 4 --budget 12 --seeds 3 --validation 2 --scoring f1_macro"
    line += f" --n-jobs 2 --max-rows 500 --store {tmp_path} --quiet"
    assert command.main(line.split()) == 0
    assert asked.strategies == ["CoreSet"]
    assert type(asked.estimator).__name__ == "GaussianNB"
    assert asked.options == {
        "n_initial": 5,
        "batch_size": 4,
        "budget": 12,
        "seeds": 3,
        "max_rows": 500,
        "validation": 2,
        "scoring": "f1_macro",
        "n_jobs": 2,
        "store": tmp_path,
        "verbose": False,
    }
    said = capsys.readouterr().out
    assert f"report to {tmp_path / 'report'}" in said and "report.html" in said


def test_a_failed_run_is_told_by_the_exit_status(asked):
    asked.failures.append({"error": "no luck"})
    assert command.main(["--dataset", "iris"]) == 1


@pytest.mark.parametrize(
    "argv, message",
    [
        (["--dataset", "iris", "--estimator", "GausianNB"], "Similar: GaussianNB"),
        (["report", "no/such/store"], "There is no store at 'no/such/store'"),
        (["--dataset", "irs"], "no data set 'irs'"),
    ],
)
def test_an_error_is_one_line_and_status_two(argv, message, capsys):
    assert command.main(argv) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("error: ")
    assert message in said.err and said.err.count("\n") == 1


def test_a_line_that_cannot_be_read_shows_how_it_is_used(capsys):
    with pytest.raises(SystemExit) as caught:
        command.main(["--strategies", "margin"])
    assert caught.value.code == 2
    assert "--dataset" in capsys.readouterr().err


def test_a_report_is_read_from_a_store_with_the_measure_that_is_named(
    toy, tmp_path, capsys
):
    small = {**toy.settings, "seeds": 1, "budget": 8}
    benchmark_strategies([], toy.data, store=tmp_path, **small)
    assert command.main(["report", str(tmp_path), "--scoring", "f1_macro"]) == 0
    said = capsys.readouterr().out
    assert "Score: f1_macro." in said
    written = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert said.startswith(written)


def test_an_estimator_is_found_by_its_class_name():
    assert command.estimator_named("Ridge").get_params() == Ridge().get_params()
    with pytest.raises(ValueError, match="no estimator called 'PCA'"):
        command.estimator_named("PCA")  # a transformer predicts nothing
