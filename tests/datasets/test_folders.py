"""Folders of pictures with masks beside them, or with boxes in files."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from skactive.datasets import load_box_folder, load_image_folder, load_mask_folder
from skactive.io import coco, voc

SIZES = [(12, 16), (20, 8), (12, 16)]
NAMES = ["a.png", "b.jpg", "c.png"]
BOXES = [
    {"boxes": [[2.0, 3.0, 8.0, 9.0], [8.0, 0.0, 16.0, 12.0]], "labels": ["x", "y"]},
    {"boxes": [], "labels": []},
]


@pytest.fixture
def home(tmp_path):
    rng = np.random.RandomState(0)
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for name in ("a", "b", "c"):
        pixels = rng.randint(0, 255, (6, 7, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "images" / f"{name}.png")
    for name, value in (("a", 1), ("c", 255)):
        mask = np.full((6, 7), value, np.uint8)
        Image.fromarray(mask).save(tmp_path / "masks" / f"{name}.png")
    (tmp_path / "images" / "notes.txt").write_text("no picture")
    return tmp_path


def test_a_folder_of_images_and_masks(home):
    found = load_mask_folder(home / "images", home / "masks")
    assert found.data.shape == (3, 3, 6, 7) and found.data.dtype == np.uint8
    assert found.names == ["a", "b", "c"] and found.target_names == ["1"]
    assert found.target[1] is None and (found.target[0] == 1).all()
    for path in (home / "images" / "b.png",):
        path.unlink()
    complete = load_mask_folder(home / "images", home / "masks")
    assert complete.target.shape == (2, 6, 7)


def test_masks_with_a_palette_are_numbers(home):
    mask = Image.fromarray(np.full((6, 7), 2, np.uint8), mode="P")
    mask.putpalette([0, 0, 0, 9, 9, 9, 255, 0, 0])
    mask.save(home / "masks" / "b.png")
    assert (load_mask_folder(home / "images", home / "masks").target[1] == 2).all()


def test_faults_of_a_folder_name_the_file(home):
    Image.fromarray(np.zeros((6, 7), np.uint8)).save(home / "masks" / "z.png")
    with pytest.raises(ValueError, match=r"no image of their name.*z\.png"):
        load_mask_folder(home / "images", home / "masks")
    (home / "masks" / "z.png").unlink()
    Image.fromarray(np.zeros((6, 7, 3), np.uint8)).save(home / "masks" / "b.png")
    with pytest.raises(ValueError, match=r"b\.png holds uint8 of shape \(6, 7, 3\)"):
        load_mask_folder(home / "images", home / "masks")
    (home / "masks" / "b.png").unlink()
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(home / "images" / "d.png")
    with pytest.raises(ValueError, match=r"pass size=\(height, width\)"):
        load_mask_folder(home / "images", home / "masks")
    found = load_mask_folder(home / "images", home / "masks", size=(4, 5))
    assert found.data.shape == (4, 3, 4, 5)
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(home / "images" / "d.bmp")
    with pytest.raises(ValueError, match="have one name"):
        load_mask_folder(home / "images", home / "masks")
    (home / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no picture"):
        load_mask_folder(home / "empty", home / "masks")


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.RandomState(0)
    (tmp_path / "images").mkdir()
    for name, size in zip(NAMES, SIZES):
        pixels = rng.randint(0, 255, (*size, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "images" / name)
    return tmp_path


def by_voc(home):
    voc.write_boxes(home / "xml", [2, 1], BOXES, ids=NAMES, sizes=SIZES)
    return lambda names: voc.read_boxes(home / "xml", names)


def by_coco(home):
    path, classes = home / "done.json", ["x", "y"]
    coco.write(path, [2, 1], BOXES, ids=NAMES, sizes=SIZES, classes=classes)
    return lambda names: coco.read_boxes(path, names)


def by_hand(home):
    return lambda names: ([2, 1], BOXES)


@pytest.mark.parametrize("reader", [by_voc, by_coco, by_hand])
def test_images_of_several_sizes_and_boxes_in_files(pictures, reader):
    found = load_box_folder(pictures / "images", reader(pictures))
    assert found.names == NAMES and found.target_names == ["x", "y"]
    assert [image.shape for image in found.data] == [(3, *size) for size in SIZES]
    with Image.open(pictures / "images" / "a.png") as picture:
        assert_array_equal(found.data[0], np.asarray(picture).transpose(2, 0, 1))
    assert found.target[0] is None and len(found.target[1]["boxes"]) == 0
    assert_allclose(found.target[2]["boxes"], BOXES[0]["boxes"])


@pytest.mark.parametrize("reader", [by_voc, by_coco, by_hand])
def test_boxes_are_resized_with_their_images(pictures, reader):
    found = load_box_folder(pictures / "images", reader(pictures), size=(6, 32))
    assert found.data.shape == (3, 3, 6, 32) and found.data.dtype == np.uint8
    assert found.target[0] is None
    scaled = np.array(BOXES[0]["boxes"]) * [2, 0.5, 2, 0.5]
    assert_allclose(found.target[2]["boxes"], scaled)


@pytest.mark.deep
@pytest.mark.parametrize("size", [None, (16, 16)])
def test_a_detector_takes_what_a_folder_has(pictures, size):
    from skactive.nets import NetDetector

    found = load_box_folder(pictures / "images", by_coco(pictures), size=size)
    known = [answer is not None for answer in found.target]
    net = NetDetector(module__width=4, max_epochs=1, random_state=0)
    net.fit(found.data[known], found.target[known])
    assert len(net.predict(found.data)) == 3


def test_images_of_one_size_are_one_array(pictures):
    (pictures / "images" / "b.jpg").unlink()
    found = load_box_folder(pictures / "images", lambda names: ([], []))
    assert found.data.shape == (2, 3, 12, 16) and found.target_names == []
    assert found.target.tolist() == [None, None]


@pytest.mark.parametrize("given, match", [
    (([2, 2], BOXES), "twice to c.png"),
    (([3], BOXES[:1]), "the row 3 of 3 names"),
    (([0], BOXES), "as many answers"),
    (BOXES[0], "as many answers"),
    (None, "as many answers"),
    (([1], BOXES[:1]), "The answer to b.jpg"),
])  # fmt: skip
def test_faulty_boxes_name_the_file(pictures, given, match):
    with pytest.raises(ValueError, match=match):
        load_box_folder(pictures / "images", lambda names: given)


def test_a_folder_without_pictures(tmp_path):
    with pytest.raises(FileNotFoundError, match="no picture"):
        load_box_folder(tmp_path, lambda names: ([], []))


# ------------------------------------------------------------ classes as sub-folders


@pytest.fixture
def pets(tmp_path):
    """Return a function that puts pictures into a folder, by their names."""

    def put(*names):
        for name in names:
            path = tmp_path / "pets" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not name.endswith("/"):
                Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(path, format="png")
            else:
                path.mkdir(exist_ok=True)
        return tmp_path / "pets"

    return put


def test_sub_folders_are_classes_and_paths_the_data(pets):
    home = pets("dog/b.png", "dog/a.JPG", "cat/deep/a.png", "cat/z.webp", "cat/a.png")
    (home / "dog" / "notes.txt").write_text("no picture")
    found = load_image_folder(str(home))
    assert found.names == [
        "cat/a.png",
        "cat/deep/a.png",
        "cat/z.webp",
        *found.names[3:],
    ]
    assert found.names[3:] == ["dog/a.JPG", "dog/b.png"]
    assert found.data.dtype == object and found.data.shape == (5,)
    assert found.data.tolist() == [str(home / name) for name in found.names]
    assert found.target.dtype == np.int64 and found.target.tolist() == [0, 0, 0, 1, 1]
    assert found.target_names == ["cat", "dog"] and found.task == "classification"


def test_a_folder_without_sub_folders_has_no_classes(pets):
    found = load_image_folder(pets("b.png", "a.png", "a.jpg"))
    assert found.names == ["a.jpg", "a.png", "b.png"]
    assert found.target is None and found.target_names == []


def test_what_has_no_class_yet(pets):
    home = pets("cat/a.png", "dog/", "later/b.png", "later/a.png")
    found = load_image_folder(home, unlabeled="later")
    assert found.names == ["cat/a.png", "later/a.png", "later/b.png"]
    assert found.target.tolist() == [0, None, None]
    assert found.target_names == ["cat", "dog"]  # a class of which nothing is known
    pets("loose.png")
    with pytest.raises(ValueError, match=r"1 pictures, the first loose\.png, lie in"):
        load_image_folder(home, unlabeled="later")
    with pytest.raises(FileNotFoundError, match="no such sub-folder. It has: cat, dog"):
        load_image_folder(home, unlabeled="latter")


def test_what_lies_in_the_folder_itself(pets):
    home = pets("cat/a.png", "b.png")
    with pytest.raises(ValueError, match="beside its sub-folders, such as cat"):
        load_image_folder(home)
    found = load_image_folder(home, unlabeled=".")
    assert found.names == ["cat/a.png", "b.png"] and found.target.tolist() == [0, None]
    (home / "b.png").unlink()
    assert load_image_folder(home, unlabeled=".").target.dtype == np.int64


def test_all_may_wait_for_a_class(pets):
    found = load_image_folder(pets("later/a.png"), unlabeled="later")
    assert found.target is None and found.names == ["later/a.png"]


@pytest.mark.parametrize(
    "names, where",
    [(["cat/"], "pets"), (["cat/a.png", "dog/"], "dog"), ([".cat/a.png", "/"], "pets")],
)
def test_an_empty_folder_is_named(pets, names, where):
    home = pets(*names)
    with pytest.raises(FileNotFoundError, match=f"There is no picture in .*{where}"):
        load_image_folder(home)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_image_folder(tmp_path / "nowhere")


def test_what_begins_with_a_dot_is_no_picture(pets, home):
    """As copies from a Mac bring along."""
    found = load_image_folder(
        pets("cat/a.png", "cat/._a.png", "cat/.old/b.png", ".x/c")
    )
    assert found.names == ["cat/a.png"] and found.target_names == ["cat"]
    (home / "images" / "._a.png").write_text("no picture")
    (home / "masks" / "._a.png").write_text("no picture")
    assert load_mask_folder(home / "images", home / "masks").names == ["a", "b", "c"]


def test_links_to_folders_of_classes_are_followed(pets, tmp_path):
    home = pets("cat/a.png")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.png").write_bytes((home / "cat/a.png").read_bytes())
    (home / "dog").symlink_to(tmp_path / "elsewhere")
    assert load_image_folder(home).names == ["cat/a.png", "dog/b.png"]


def test_pictures_of_16_bits_are_not_cut_to_8(home):
    deep = np.full((6, 7), 40000, np.uint16)
    Image.fromarray(deep).save(home / "images" / "b.png")
    with pytest.raises(ValueError, match=r"b\.png holds values of mode 'I;16'"):
        load_mask_folder(home / "images", home / "masks")
