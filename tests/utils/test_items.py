"""What a data set of torch gives."""

from collections import namedtuple

import numpy as np
import pytest
from numpy.testing import assert_array_equal

torch = pytest.importorskip("torch", reason="torch is not installed")
data = pytest.importorskip("torch.utils.data", reason="torch is not installed")

from skactive.utils._items import (  # noqa: E402
    gives_items,
    in_memory,
    read_items,
    refuse_pairs,
    sample_of,
    shown,
    without_labels,
)

IMAGE = torch.arange(12.0).reshape(3, 2, 2)
Pair = namedtuple("Pair", "image label")


class Given(data.Dataset):
    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


@pytest.mark.parametrize(
    "item",
    [IMAGE, (IMAGE, 1), (IMAGE,), [IMAGE, 1], Pair(IMAGE, 1), (IMAGE, {"boxes": []})],
    ids=["image", "pair", "one", "list", "named", "boxes"],
)
def test_a_sample_is_what_an_item_begins_with(item):
    assert_array_equal(sample_of(item), IMAGE.numpy())
    given = Given(item, item)
    assert_array_equal(in_memory(given), np.stack([IMAGE.numpy()] * 2))
    assert shown(given).shape == (1, 3, 2, 2)
    assert read_items(given, np.array(1)).shape == (3, 2, 2)


def test_samples_that_are_no_arrays_stay_what_they_are():
    assert in_memory(Given("a.png", "b.png")) == ["a.png", "b.png"]
    assert shown(Given("a.png")).items == ("a.png",)
    assert in_memory(Given(3, 4)).tolist() == [3, 4]
    assert in_memory(Given([1, 2], [3, 4])) == [[1, 2], [3, 4]]
    half = torch.ones(2, dtype=torch.bfloat16)
    assert in_memory(Given(half)).dtype == np.float32


@pytest.mark.parametrize(
    "X",
    [
        [(1, 2), (3, 4)],
        [(np.ones(2), np.ones(2))],
        [[IMAGE, 1]],
        [(IMAGE, 1), IMAGE],
        [],
        np.ones((2, 2)),
        ["a", "b"],
    ],
    ids=["rows", "channels", "lists", "mixed", "empty", "array", "words"],
)
def test_lists_that_hold_no_labels_are_left_alone(X):
    assert without_labels(X) is X


def test_a_list_of_items_loses_its_labels():
    cut = [(IMAGE, 0), (IMAGE, 1)]
    assert len(without_labels(cut)) == 2 and shown(cut).shape == (1, 3, 2, 2)
    assert_array_equal(without_labels([(IMAGE,)])[0], IMAGE.numpy())


def test_more_or_fewer_items_than_asked_for_are_refused():
    class Few(Given):
        def __getitems__(self, rows):
            return [self[0]]

    with pytest.raises(ValueError, match="asked for 2 items and returned 1"):
        in_memory(Few(IMAGE, IMAGE))


def test_a_data_set_that_cannot_be_read_at_once_says_which_item():
    class Broken(Given):
        def __getitems__(self, rows):
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        in_memory(Broken(IMAGE, IMAGE))
    with pytest.raises(
        ValueError, match="says that it has 2 items.*none at position 1"
    ):

        class Long(Given):
            def __len__(self):
                return 2

        in_memory(Long(IMAGE))


def test_labels_within_are_refused_only_where_there_are_any():
    with pytest.raises(ValueError, match="Net requires y.*not read from"):
        refuse_pairs(Given((IMAGE, 1)), "Net")
    for given in (Given(IMAGE), Given((IMAGE,)), Given(), np.ones(3), Given("a")):
        refuse_pairs(given, "Net")


def test_a_stream_gives_no_items():
    class Stream(data.IterableDataset):
        def __iter__(self):
            return iter([])

    assert not gives_items(Stream()) and gives_items(Given())
