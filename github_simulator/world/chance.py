"""Deterministic chance: numbers that depend only on their arguments.

Define a way to draw numbers here when several parts of the world need it.
Random state that depends on the order of calls does not belong here or anywhere in the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
MASK = (1 << 64) - 1


def mix(value: int) -> int:
    """One round of the splitmix64 finaliser (Steele, Lea, Flood 2014): 64 bits in, 64 bits out."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def draw(key: int, *parts: int) -> int:
    """A 64-bit number that is a pure function of the key and the parts."""
    value = key
    for part in parts:
        value = mix(value ^ (part & MASK))
    return value


def unit(key: int, *parts: int) -> float:
    """A number in [0, 1) that is a pure function of the key and the parts."""
    return draw(key, *parts) / 18446744073709551616.0


def pick(items: Sequence[T], key: int, *parts: int) -> T:
    """One item of a sequence."""
    return items[draw(key, *parts) % len(items)]


def between(low: int, high: int, key: int, *parts: int) -> int:
    """An integer in [low, high]."""
    return low + draw(key, *parts) % (high - low + 1)


def count(rate: float, key: int, *parts: int) -> int:
    """A whole number whose mean is `rate`: the floor, or one more with the fraction's chance."""
    return int(rate + unit(key, *parts))
