"""The garbage collector while a program starts: what is made then stays, and looking through it costs a tenth of it."""

import gc


def rest() -> None:
    """Collect nothing for now."""
    gc.disable()


def resume() -> None:
    """Collect from now on, and leave what is there already out of it."""
    gc.freeze()
    gc.enable()
