"""What a figure shows, read back from it."""


def lines(axes) -> dict:
    """The points of each line by its label."""
    return {line.get_label(): line.get_xydata() for line in axes.lines}
