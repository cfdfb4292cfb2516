"""Seeding of torch that restores the caller's generators afterwards."""

import os
import threading
from contextlib import contextmanager

import torch

#: Held while torch is seeded, or while a net is changed in order to predict. torch has
#: one generator for all threads, and a hook on a layer is shared by all of them.
_LOCK = threading.RLock()


def _renew_lock():
    # In a forked process no thread is left that could release it.
    global _LOCK
    _LOCK = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


@contextmanager
def alone():
    """Run a block while no other thread trains a net or predicts with one."""
    with _LOCK:
        yield


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
            f"device={str(device)!r} is not supported, since its random state cannot "
            "be seeded and restored; take 'cpu' or 'cuda'."
        )
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise ValueError(
                f"device={str(device)!r}, but torch {torch.__version__} sees {count} "
                "CUDA devices here. Take device='cpu', or install a driver and a "
                "torch built for CUDA."
            )
    return device


@contextmanager
def seeded_torch(seed, device="cpu"):
    """Run a block with torch seeded; afterwards its generators are as before.

    Only the generators of the CPU and of ``device`` are touched: torch.manual_seed
    would also seed every other GPU and leave it so. Other threads wait here, since they
    share the generator.
    """
    device = torch.device(device)
    on_gpu = device.type == "cuda"
    with alone(), torch.random.fork_rng([device] if on_gpu else []):
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield
