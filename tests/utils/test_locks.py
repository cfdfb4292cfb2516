"""Locks: one holder, until the file is closed."""

from skactive.utils._locks import try_lock


def test_a_lock_has_one_holder_until_it_is_closed(tmp_path):
    path = tmp_path / "file"
    with open(path, "ab") as one, open(path, "ab") as other:
        assert try_lock(one) and not try_lock(other)
        one.close()
        assert try_lock(other)
