"""Names of pictures, which become names of files."""

import pytest

from skactive.io.voc._names import image_names


def test_endings_of_pictures_are_left_out_and_others_are_not():
    ids = ["a.jpg", "b.JPEG", "c.png", "v1.2", "d", 17, "e.jpg.png", "my dog.jpg"]
    assert image_names(ids, "x") == [
        *("a", "b", "c", "v1.2", "d", "17", "e.jpg", "my dog"),
    ]


@pytest.mark.parametrize(
    "ids", [["a.jpg", "a.png"], ["a", "a.png"], [5, "5"], ["5.jpg", 5], ["a", "a"]]
)
def test_two_pictures_of_one_name_are_refused(ids):
    with pytest.raises(ValueError, match="ids of x must all be different"):
        image_names(ids, "x")


@pytest.mark.parametrize(
    "name", ["", "..", ".", "../a", "a/b.jpg", "a\\b", "a\0b", "a\nb", "/etc/a", ".jpg"]
)
def test_what_leads_elsewhere_is_refused(name):
    with pytest.raises(ValueError, match="names of pictures, without folders"):
        image_names([name], "x")
