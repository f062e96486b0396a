"""A folder that appears whole or not at all: written under another name beside its place, then renamed."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from panout.kernel.errors import BadInput, PanoutError, Unavailable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def staged(out: Path, *, replaceable: Callable[[Path], bool]) -> Iterator[Path]:
    """Yields a folder to fill; when the block ends well it takes the place of `out`, else nothing is left.

    What stands at `out` is replaced only if it is an empty folder or `replaceable` says yes to it: BadInput
    otherwise. A full disk becomes Unavailable with the mend. Interruption cleans up and goes on upwards.
    """
    _refuse_a_strangers_folder(out, replaceable)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        partial = _beside(out, "partial")
        partial.mkdir()
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        yield partial
        _take_place(partial, out)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _refuse_a_strangers_folder(out: Path, replaceable: Callable[[Path], bool]) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise BadInput("is a file, not a folder", where=f"--out {out}", mend="Name a folder.")
    if any(out.iterdir()) and not replaceable(out):
        raise BadInput(
            "already holds something that Panout did not write, and will not be overwritten",
            where=f"--out {out}",
            mend="Name another folder, or empty this one.",
        )


def _beside(out: Path, what: str) -> Path:
    return out.absolute().with_name(f".{out.absolute().name}.{what}-{os.getpid()}")


def _sweep(out: Path) -> None:
    """Remove what a run that was killed outright left behind."""
    for kind in ("partial", "old"):
        for left in out.absolute().parent.glob(f".{out.absolute().name}.{kind}-*"):
            process = left.name.rpartition("-")[2]
            if process.isdigit() and not _alive(int(process)):
                shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _take_place(partial: Path, out: Path) -> None:
    old = _beside(out, "old")
    if out.exists():
        out.rename(old)
    try:
        partial.rename(out)
    except OSError:
        with suppress(OSError):
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _unwritable(out: Path, error: OSError) -> PanoutError:
    if error.errno in _FULL:
        return Unavailable(
            "there is no space left to write to; nothing was written",
            where=str(out),
            mend="Free some disk space, or point --out at a larger disk.",
        )
    return Unavailable(
        f"cannot be written: {error.strerror or error}", where=str(out), mend="Point --out somewhere else."
    )
