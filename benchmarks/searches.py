"""Descents on a network: structures a second of many side by side, against one after the other, on one thread."""

from side_by_side import Row, alternate, in_own_process, note, use_one_thread

ATOMS, BOX = 32, 32.0
STARTS = 64
MOST, FEW = 2048, 8  # structures in all, side by side; one after the other so many times fewer
ROUNDS = 5
GOAL = 10


def rows() -> list[Row]:
    return in_own_process(measure)


def measure() -> list[Row]:
    use_one_thread()
    import time

    import numpy as np

    from surrogates import models, potentials, search, training

    starts = np.array([search.seeded_start(ATOMS, seed)[0] for seed in range(STARTS)])
    networks = {
        "perceptron": models.MLP(permutations=0),
        "GCN": models.GCN(),
        "GCN, a sum over atoms": models.GCN(pooling="atoms", features=("sorted",)),
        "messages": models.Messages(),
        "a sum over pairs": models.Pairs(),
    }
    found = []
    for name, network in networks.items():
        what = f"{name}, N = {ATOMS}, {STARTS} descents side by side, against one after the other"
        note(what)
        fused = name in ("messages", "a sum over pairs")
        learned = training.OfSurrogate(models.build(network, ATOMS, BOX, 0), "log", fused=fused)

        def rate(descend, most, learned=learned):
            """Structures a second of this process: the other processes of the machine do not count."""
            asked, start = potentials.Counted(learned), time.process_time()

            def limited(positions):
                energies, forces = asked(positions)
                return (energies, forces) if asked.calls["search"] < most else (energies + np.nan, forces)

            descend(limited)
            return asked.calls["search"] / (time.process_time() - start)

        ours, peer, ratio = alternate(
            lambda: rate(lambda asked: search.relax_all(asked, starts), MOST),
            lambda: rate(lambda asked: [search.relax(asked, start) for start in starts[:FEW]], MOST // FEW),
            ROUNDS,
        )
        found.append(Row(what, f"{ours:,.0f} structures/s", f"{peer:,.0f} structures/s", ratio, GOAL))
    return found
