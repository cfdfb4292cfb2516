"""One seed for torch, and the caller's generators as they were."""

from contextlib import contextmanager

import torch


def check_device(device):
    """Return a torch device, if this machine has it."""
    try:
        device = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"device={device!r} is not the name of a device: take 'cpu', 'cuda' or "
            "'cuda:1'."
        ) from error
    if device.type not in ("cpu", "cuda"):
        raise ValueError(
            f"device={str(device)!r} is not supported, for its random numbers cannot "
            "be seeded and put back; take 'cpu' or 'cuda'."
        )
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise ValueError(
                f"device={str(device)!r}, but torch {torch.__version__} sees {count} "
                "CUDA devices here. Take device='cpu', or install a driver and a "
                "torch made for CUDA."
            )
    return device


@contextmanager
def seeded_torch(seed, device="cpu"):
    """Run a block with torch seeded; afterwards its generators are as before.

    Only the generators of the CPU and of ``device`` are touched: torch.manual_seed
    would also seed every other GPU and leave it so.
    """
    device = torch.device(device)
    on_gpu = device.type == "cuda"
    with torch.random.fork_rng([device] if on_gpu else []):
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield
