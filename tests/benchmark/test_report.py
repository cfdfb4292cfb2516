"""The report card: what it says, and how it is written."""

from skactive.benchmark import benchmark_strategies


def test_the_report_says_what_was_found(result, tmp_path, toy):
    text = result.report(tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert (tmp_path / "report.md").read_text() == text
    assert (tmp_path / "toy.png").stat().st_size > 10_000
    assert (tmp_path / "penalties.png").exists()
    for name in result.strategies:
        assert name in text and f"<td>{name}</td>" in page
    assert "<table>" in page and "| area |" in text
    assert "one, 9 labels" in text
    few = benchmark_strategies([], toy.data, **{**toy.settings, "seeds": 3})
    assert "too few seeds (3) to say" in few.report()
