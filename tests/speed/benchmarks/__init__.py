"""What ``asv run`` times, from tests/speed; ``asv run --quick`` for a first look."""
