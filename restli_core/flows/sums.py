"""Sums: numbers by index, and the sum of those before an index, each in the time of some forty steps.

A Fenwick tree (https://doi.org/10.1002/spe.4380240306) that keeps only the nodes that are not zero, so that the indexes
may grow for ever while the numbers behind them come and go. The numbers are ints: what goes leaves nothing behind.
"""

from __future__ import annotations

from typing import Final

__all__ = ["Sums"]

SIZE: Final = 1 << 48  # indexes: at a million a second enough for nine years


class Sums:
    """Ints by index, none of them below 0.

    Attributes:
        total: the sum of all.
    """

    __slots__ = ("_nodes", "total")

    total: int

    def __init__(self) -> None:
        self.total = 0
        # Node n has the sum of the n & -n numbers that end with the one at index n - 1.
        self._nodes: dict[int, int] = {}

    def add(self, index: int, amount: int) -> None:
        """Add to the number at an index; what is below 0 takes away."""
        if not amount:
            return
        self.total += amount
        nodes = self._nodes
        node = index + 1
        while node <= SIZE:
            left = nodes.get(node, 0) + amount
            if left:
                nodes[node] = left
            else:
                del nodes[node]
            node += node & -node

    def before(self, index: int) -> int:
        """Return the sum of the numbers at smaller indexes."""
        node, found = index, 0
        while node:
            found += self._nodes.get(node, 0)
            node &= node - 1
        return found

    def find(self, amount: int) -> int:
        """Return the smallest index whose number, with all before it, reaches an amount from 1 to the total."""
        node, step = 0, SIZE
        while step:
            here = self._nodes.get(node + step, 0)
            if here < amount:
                amount -= here
                node += step
            step >>= 1
        return node

    def __len__(self) -> int:
        return len(self._nodes)
