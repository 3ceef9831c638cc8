"""A prediction of the report's networks, against the true energy that it stands in for."""

from side_by_side import Row, in_own_process, note

ATOMS, BOX = 32, 32.0


def rows() -> list[Row]:
    return in_own_process(predictions)


def predictions() -> list[Row]:
    from surrogates.analysis import causes

    found = []
    for name, network in causes.EVALUATED.items():
        note(f"a prediction of the {name}")
        what = f"{name}, {causes.TIMED} structures at once, time over that of the true energy"
        found.append(Row(what, "", "", causes.time_ratio(network, ATOMS, BOX)))
    return found
