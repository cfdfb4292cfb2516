"""The table of votes, and the votes as numbers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.oracles._votes import Book, Votes, coded, draws, seed_of, table_of

pd = pytest.importorskip("pandas")


def votes(*said):
    """Return a table of (row, who, answer)."""
    rows, who, answers = zip(*said, strict=True)
    return table_of(rows, who, answers, np.ones(len(rows)))


SAID = votes((4, "Ben", "x"), (2, "Ada", "y"), (4, "Ada", None), (9, "Ada", "x"))


@pytest.mark.parametrize(
    "form",
    [
        lambda table: table,
        Votes,
        pd.DataFrame,
        lambda table: {name: table[name].tolist() for name in table.dtype.names},
    ],
    ids=["structured", "Votes", "frame", "dict"],
)
def test_votes_in_any_table_become_the_same_numbers(form):
    found = coded(form(SAID), ["x", "y", "z"])
    assert found.rows.tolist() == [2, 4, 9] and found.names == ["Ben", "Ada"]
    # who abstained did not vote
    assert [found.rows[k] for k in found.item] == [4, 2, 9]
    assert [found.names[k] for k in found.person] == ["Ben", "Ada", "Ada"]
    assert found.classes[found.code].tolist() == ["x", "y", "x"]
    assert found.counts.tolist() == [[0, 1, 0], [1, 0, 0], [1, 0, 0]]


def test_of_two_votes_of_one_person_the_later_counts():
    found = coded(votes((1, "Ada", 3), (1, "Ben", 3), (1, "Ada", 5), (1, "Ada", None)))
    assert sorted(found.classes[found.code].tolist()) == [3, 5]


def test_shared_rows_are_those_of_two_people():
    found = coded(
        votes((1, "A", 0), (1, "B", 1), (2, "A", 0), (3, "B", 0), (3, "A", 0))
    )
    shared = found.shared()
    assert shared.rows.tolist() == [1, 3] and len(shared.item) == 4
    assert shared.names == found.names and shared.item.tolist() == [0, 0, 1, 1]


def test_classes_keep_their_dtype_and_no_votes_are_no_rows():
    assert coded(votes((1, "A", 2), (2, "A", 4))).classes.dtype.kind == "i"
    assert coded(votes((1, "A", 2.0), (2, "A", 4.0))).classes.tolist() == [2, 4]
    none = coded(table_of([], [], [], []), ["x", "y"])
    assert none.counts.shape == (0, 2) and none.shared().rows.size == 0


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (1.5, "is a number. For numbers pass aggregate=average"),
        (float("inf"), "is a number"),
        (np.zeros(2), "no class"),
        ({"boxes": []}, "no class"),
    ],
    ids=["number", "infinite", "array", "dict"],
)
def test_what_is_no_class_is_refused(answer, match):
    with pytest.raises(ValueError, match=match):
        coded(table_of([1], ["Ada"], [answer], [1]))


@pytest.mark.parametrize("answer", ["zebra", "aardvark", "m"])
def test_a_class_that_was_not_named_is_refused(answer):
    with pytest.raises(ValueError, match=f"{answer}.*is not among classes"):
        coded(votes((1, "Ada", answer)), ["cat", "dog"])
    with pytest.raises(ValueError, match="is not among classes"):
        coded(votes((1, "Ada", answer)), [])


def test_columns_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="lengths 2, 1 and 2"):
        coded({"row": [1, 2], "who": ["A"], "answer": [0, 1]})


def test_numbers_that_decide_go_by_row_seed_and_purpose():
    one = draws(3, [5, 9, 7])
    assert_array_equal(draws(3, [7, 5]), one[[2, 0]])
    assert not np.isin(draws(4, [5, 9, 7]), one).any()
    assert not np.isin(draws(3, [5, 9, 7], 1), one).any()
    many = draws(0, range(2000))
    assert abs(many.mean() - 0.5) < 4 / np.sqrt(12 * 2000)


def test_a_seed_is_drawn_once_and_again_for_another_random_state():
    class Owner:
        random_state = None

    owner = Owner()
    seed = seed_of(owner)
    assert seed_of(owner) == seed and isinstance(seed, int)
    assert seed_of(Owner()) != seed
    owner.random_state = np.random.RandomState(0)
    first = seed_of(owner)
    assert first == seed_of(owner) == np.random.RandomState(0).randint(2**31 - 1)
    owner.random_state = np.int64(7)
    assert seed_of(owner) == 7


def test_a_book_keeps_all_votes_and_knows_which_stand():
    book = Book()
    book.open([1, 2])
    book.add([1, 2], "Ada", ["x", None], 2.0)
    book.open([1])  # what was not handed over counts on
    assert book.heard(1) == {"Ada"} and book.paid == 4
    book.hand_over([1, 2])
    book.open([2])
    assert book.heard(2) == set() and book.heard(1) == {"Ada"}
    book.add([2], "Ben", ["y"], None, own=3.0)
    assert book.table()["row"].tolist() == [1, 2, 2]
    assert book.table(standing=True)["who"].tolist() == ["Ada", "Ben"]
    assert book.table()["cost"].tolist() == [2, 2, 3]
    assert len(book.table(answered=True)) == 2
