"""The binary tree: noise on 1, 2, 4, ... periods at a time, all of them read with their weights.

A node of height h holds the 2^h periods from a multiple of 2^h on (Dwork, Naor, Pitassi, Rothblum
2010; Chan, Shi, Song 2011). A node that would reach past the horizon is left out, so that any
horizon will do. The total up to a period is the sum of as many complete nodes as its number has
binary ones, and each of these is estimated from its whole subtree (Honaker 2015, "Efficient use of
differentially private binary trees", from below): the best unbiased reading of the rows that are
complete by then. Honaker's reading with the nodes above is better still, and needs periods that
have not happened yet.

Weights. Let v be the variance of the estimate of a node of height h, with noise of variance 1 in
each row. Its own row has variance 1; its children's estimates add up to 2 v' and are independent
of it. Weighting both by their inverse variances gives v = 2 v' / (1 + 2 v') and v = 1 at height 0,
so v = 2^h / (2^(h+1) - 1); the weight of the own row is v, that of the children 1 - v.
"""

import numpy as np

from engine.statistics.running.strategy import Strategy, require_horizon


def tree(horizon: int) -> Strategy:
    """Return the binary tree over so many periods."""
    require_horizon(horizon)
    nodes = [
        (end, height)
        for end in range(1, horizon + 1)
        for height in range(end.bit_length())
        if end % 2**height == 0
    ]
    number = {node: row for row, node in enumerate(nodes)}
    encoder = np.zeros((len(nodes), horizon), dtype=np.int64)
    for (end, height), row in number.items():
        encoder[row, end - 2**height : end] = 1
    decoder = np.zeros((horizon, len(nodes)))
    for end in range(1, horizon + 1):
        rest, until = end, end
        while rest:
            height = (rest & -rest).bit_length() - 1
            _weigh(decoder[end - 1], number, (until, height), 1.0)
            rest, until = rest - 2**height, until - 2**height
    complete = [0] * horizon
    for end, _ in nodes:
        complete[end - 1] += 1
    return Strategy("tree", encoder, tuple(np.cumsum(complete).tolist()), decoder)


def _weigh(
    line: np.ndarray[tuple[int], np.dtype[np.float64]],
    number: dict[tuple[int, int], int],
    node: tuple[int, int],
    weight: float,
) -> None:
    """Write the weights of a node's whole subtree, which add up to `weight` times its sum."""
    end, height = node
    own = 2**height / (2 ** (height + 1) - 1)
    line[number[node]] = weight * own
    if height:
        for child in (end - 2 ** (height - 1), end):
            _weigh(line, number, (child, height - 1), weight * (1 - own))
