"""torchvision's pictures, without a network: its file formats and its errors."""

import gzip
import pickle
import struct
from urllib.error import URLError

import numpy as np
import pytest

from skactive.datasets import fetch_torchvision, get_data_home, load_dataset

torchvision_datasets = pytest.importorskip("torchvision.datasets")


def write_idx(path, array, packed=False):
    """Write an array of bytes in the format of MNIST."""
    head = struct.pack(">HBB", 0, 8, array.ndim)
    head += struct.pack(f">{array.ndim}I", *array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    opener = gzip.open if packed else open
    with opener(path, "wb") as file:
        file.write(head + array.astype(np.uint8).tobytes())


@pytest.fixture
def pictures():
    """Train and test pictures and labels, in MNIST's shape."""
    rng = np.random.RandomState(0)
    return {
        part: (rng.randint(256, size=(n, 28, 28)).astype(np.uint8), np.arange(n) % 10)
        for part, n in (("train", 12), ("t10k", 5))
    }


def write_mnist(home, pictures, cls="MNIST"):
    for part, (images, labels) in pictures.items():
        raw = home / cls / "raw"
        write_idx(raw / f"{part}-images-idx3-ubyte", images)
        write_idx(raw / f"{part}-labels-idx1-ubyte", labels)


@pytest.mark.parametrize(
    "name, cls",
    [
        ("mnist", "MNIST"),
        ("MNIST", "MNIST"),
        ("FashionMNIST", "FashionMNIST"),
        ("fashion-mnist", "FashionMNIST"),
    ],
)
def test_files_in_mnists_format_are_read_to_the_byte(tmp_path, pictures, name, cls):
    write_mnist(tmp_path, pictures, cls)
    found = fetch_torchvision(name, data_home=tmp_path, download=False)
    np.testing.assert_array_equal(found.data, pictures["train"][0])
    np.testing.assert_array_equal(found.target, pictures["train"][1])
    np.testing.assert_array_equal(found.test_data, pictures["t10k"][0])
    np.testing.assert_array_equal(found.test_target, pictures["t10k"][1])
    assert found.data.dtype == np.uint8 and found.target.dtype == np.int64
    assert len(found.target_names) == 10
    assert found.task == "classification" and "Licence" in found.DESCR


def test_the_door_by_name_leads_here(tmp_path, pictures):
    write_mnist(tmp_path, pictures)
    X, y = load_dataset("MNIST", data_home=tmp_path, download=False, return_X_y=True)
    np.testing.assert_array_equal(X, pictures["train"][0])
    np.testing.assert_array_equal(y, pictures["train"][1])


def test_the_home_of_downloads_is_the_one_of_the_environment(
    tmp_path, pictures, monkeypatch
):
    monkeypatch.setenv("SKACTIVE_HOME", str(tmp_path))
    write_mnist(tmp_path, pictures)
    assert get_data_home() == tmp_path
    assert len(fetch_torchvision("mnist", download=False).data) == 12


def test_svhn_has_its_channels_moved_to_the_end(tmp_path, monkeypatch):
    from scipy.io import savemat

    monkeypatch.setattr(torchvision_datasets.SVHN, "_check_integrity", lambda s: True)
    rng = np.random.RandomState(0)
    images = {n: rng.randint(256, size=(32, 32, 3, n)).astype("uint8") for n in (4, 3)}
    for part, n in (("train", 4), ("test", 3)):
        labels = np.array([[10], [1], [2], [9]])[:n]  # 10 stands for the digit 0
        savemat(tmp_path / f"{part}_32x32.mat", {"X": images[n], "y": labels})
    found = fetch_torchvision("svhn", data_home=tmp_path, download=False)
    np.testing.assert_array_equal(found.data, np.moveaxis(images[4], 3, 0))
    np.testing.assert_array_equal(found.target, [0, 1, 2, 9])
    assert found.test_data.shape == (3, 32, 32, 3)
    assert found.target_names == [str(digit) for digit in range(10)]


def test_cifar_has_its_channels_at_the_end(tmp_path, monkeypatch):
    cifar = torchvision_datasets.CIFAR10
    monkeypatch.setattr(cifar, "_check_integrity", lambda self: True)
    monkeypatch.setattr(cifar, "_load_meta", lambda self: None)
    monkeypatch.setattr(cifar, "classes", ["cat", "dog"], raising=False)
    monkeypatch.setattr(cifar, "train_list", [["data_batch_1", ""]])
    monkeypatch.setattr(cifar, "test_list", [["test_batch", ""]])
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    rows = np.random.RandomState(0).randint(256, size=(2, 3 * 32 * 32)).astype("uint8")
    for file in ("data_batch_1", "test_batch"):
        batch = pickle.dumps({"data": rows, "labels": [1, 0]})
        (folder / file).write_bytes(batch)
    found = fetch_torchvision("cifar10", data_home=tmp_path, download=False)
    # Rows hold all of red, then green, then blue.
    planes = rows.reshape(2, 3, 32, 32)
    np.testing.assert_array_equal(found.data[..., 2], planes[:, 2])
    assert found.data.shape == found.test_data.shape == (2, 32, 32, 3)
    np.testing.assert_array_equal(found.target, [1, 0])
    assert found.target_names == ["cat", "dog"]


@pytest.mark.parametrize("name", ["mnist", "cifar10", "cifar100", "svhn"])
def test_missing_files_without_download_say_where_they_should_be(tmp_path, name):
    with pytest.raises(FileNotFoundError, match="download=True") as caught:
        fetch_torchvision(name, data_home=tmp_path, download=False)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        URLError("no route to host"),
        RuntimeError("Error downloading train-images: no route to host"),
        TimeoutError("no route to host"),
    ],
)
def test_a_failed_download_says_what_failed_and_what_to_do(
    tmp_path, monkeypatch, error
):
    def offline(**kwargs):
        assert kwargs["download"] is True
        raise error

    monkeypatch.setattr(torchvision_datasets, "MNIST", offline)
    with pytest.raises(ConnectionError, match="no route to host") as caught:
        load_dataset("mnist", data_home=tmp_path)
    text = str(caught.value)
    assert str(tmp_path) in text and "MNIST/raw" in text and "download=False" in text
    assert caught.value.__cause__ is error


def test_a_full_disk_is_not_called_a_failed_connection(tmp_path, monkeypatch):
    def full(**kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torchvision_datasets, "MNIST", full)
    with pytest.raises(OSError, match="No space left") as caught:
        fetch_torchvision("mnist", data_home=tmp_path)
    assert not isinstance(caught.value, ConnectionError)


def test_the_test_part_is_not_read_for_a_pair(tmp_path, pictures, monkeypatch):
    write_mnist(tmp_path, pictures)
    parts, mnist = [], torchvision_datasets.MNIST

    def spy(**kwargs):
        parts.append(kwargs["train"])
        return mnist(**kwargs)

    monkeypatch.setattr(torchvision_datasets, "MNIST", spy)
    fetch_torchvision("mnist", data_home=tmp_path, download=False, return_X_y=True)
    assert parts == [True]


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="one of 'cifar10'.*got 'imagenet'"):
        fetch_torchvision("imagenet")
