"""One BLAS thread for small matrices: with several, factorising 300 points can take a thousand times as long.

Environment variables act only before numpy is loaded, and the wheels of numpy and scipy carry one OpenBLAS each, so the
count is set through the libraries' own functions and set back afterwards.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

# Wheels of numpy and scipy rename the symbols, system libraries do not.
_PREFIXES = ("scipy_openblas_", "openblas_")
_SUFFIXES = ("64_", "", "_64")

_lock = threading.Lock()
_inside = 0
_saved: list[tuple[_Library, int]] = []
_libraries: dict[str, _Library | None] = {}


class _Library(NamedTuple):
    """The two functions of a loaded OpenBLAS."""

    get: ctypes._NamedFuncPointer
    set: ctypes._NamedFuncPointer


@contextmanager
def single_thread() -> Iterator[None]:
    """Compute on one BLAS thread inside the block; the user's setting comes back with the last block that ends.

    Other BLAS than OpenBLAS (MKL, Accelerate) are left alone.

    >>> with single_thread():
    ...     pass
    """
    global _inside
    with _lock:
        if _inside == 0:
            _saved[:] = [(library, library.get()) for library in _openblas()]
            for library, threads in _saved:
                if threads > 1:
                    library.set(1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                for library, threads in _saved:
                    if threads > 1:
                        library.set(threads)


def _openblas() -> list[_Library]:
    """Every OpenBLAS that numpy and scipy have loaded."""
    import numpy
    import scipy.linalg.lapack  # loads scipy's copy

    for package in (Path(numpy.__file__), Path(scipy.__file__)):
        for folder in (package.parent.with_suffix(".libs"), package.parent / ".dylibs"):
            for path in folder.glob("*openblas*") if folder.is_dir() else ():
                if str(path) not in _libraries:
                    _libraries[str(path)] = _load(str(path))
    return [library for library in _libraries.values() if library is not None]


def _load(path: str) -> _Library | None:
    try:
        handle = ctypes.CDLL(path)
    except OSError:
        return None
    for prefix in _PREFIXES:
        for suffix in _SUFFIXES:
            getter = getattr(handle, f"{prefix}get_num_threads{suffix}", None)
            setter = getattr(handle, f"{prefix}set_num_threads{suffix}", None)
            if getter is not None and setter is not None:
                return _Library(getter, setter)
    return None
