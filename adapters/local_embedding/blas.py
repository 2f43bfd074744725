"""How many threads linear algebra uses."""

import ctypes
from importlib import import_module

_LINKED_BY = "numpy._core._multiarray_umath"
_NAMES = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
)


def use_one_blas_thread(names: tuple[str, ...] = _NAMES) -> bool:
    """Keep numpy's OpenBLAS, in the whole process, to the calling thread; False where there is none to tell.

    For matrices as small as those of one sentence its idle threads spin: on two cores a sentence then costs four
    to five times the CPU. `names` are those the setter goes by in different builds.
    """
    library = ctypes.CDLL(import_module(_LINKED_BY).__file__)
    for name in names:
        setter = getattr(library, name, None)
        if setter is not None:
            setter(1)
            return True
    return False
