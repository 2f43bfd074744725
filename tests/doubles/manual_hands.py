"""A monotonic clock set by hand."""


class Hands:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time
