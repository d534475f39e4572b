"""`crowdlens demo`: the whole story."""


def demo() -> None:
    """Tell the whole story on photos that it makes itself."""
