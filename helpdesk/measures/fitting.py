"""Find the positive parameters under which what was seen is most likely: BFGS, in plain Python.

For likelihoods of two to four parameters with a known gradient. It seeks in logarithms, so that no
parameter can leave its half line (Nocedal and Wright 2006, algorithm 6.1, with Armijo's rule for the step).
"""

from collections.abc import Callable, Sequence
from math import exp, log

Vector = list[float]
# Likelihood (its logarithm) and its gradient at given parameters.
Likelihood = Callable[[Sequence[float]], tuple[float, Sequence[float]]]

STEPS = 500
# Done when no parameter's change by a factor e would move the likelihood by more, per observation.
STILL = 1e-7
# No step multiplies a parameter by more than e^2: far off, the likelihood is flat and tells nothing.
FARTHEST = 2.0


class NoFit(ValueError):
    """The data do not settle the parameters: the likelihood goes on growing, or cannot be followed."""


def most_likely(likelihood: Likelihood, start: Sequence[float], observations: int) -> tuple[Vector, float]:
    """The best parameters and the logarithm of their likelihood. Raises `NoFit`."""
    place = [log(value) for value in start]
    height, slope = _look(likelihood, place)
    inverse = _identity(len(place), 1 / observations)
    for _ in range(STEPS):
        if max(abs(part) for part in slope) < STILL * observations:
            return [exp(part) for part in place], height
        step = [_dot(row, slope) for row in inverse]
        if _dot(step, slope) <= 0:
            inverse = _identity(len(place), 1 / observations)
            step = [part / observations for part in slope]
        place, found = _climb(likelihood, place, height, slope, step)
        inverse = _learn(inverse, found[2], [new - old for new, old in zip(found[1], slope, strict=True)])
        height, slope = found[0], found[1]
    raise NoFit("the likelihood has no peak that was found")


def _look(likelihood: Likelihood, place: Vector) -> tuple[float, Vector]:
    parameters = [exp(part) for part in place]
    height, slope = likelihood(parameters)
    return height, [part * parameter for part, parameter in zip(slope, parameters, strict=True)]


def _climb(
    likelihood: Likelihood, place: Vector, height: float, slope: Vector, step: Vector
) -> tuple[Vector, tuple[float, Vector, Vector]]:
    """The next place, with its height, its slope, and the step that led there."""
    share = min(1.0, FARTHEST / max(abs(part) for part in step))
    gain = _dot(step, slope)
    while share > 1e-12:
        moved = [share * part for part in step]
        there = [part + by for part, by in zip(place, moved, strict=True)]
        try:
            found, steep = _look(likelihood, there)
        except (OverflowError, ValueError, ZeroDivisionError):
            found, steep = float("-inf"), slope
        if found >= height + 1e-4 * share * gain - 1e-12 * abs(height):
            return there, (found, steep, moved)
        share /= 2
    raise NoFit("the likelihood cannot be followed upwards")


def _learn(inverse: list[Vector], moved: Vector, bent: Vector) -> list[Vector]:
    """The inverse of the (negative) curvature, after a step `moved` that changed the slope by `bent`."""
    curve = -_dot(moved, bent)
    if curve <= 0:
        return inverse
    pushed = [-_dot(row, bent) for row in inverse]
    scale = (1 - _dot(bent, pushed) / curve) / curve
    size = range(len(moved))
    return [
        [
            inverse[i][j]
            + scale * moved[i] * moved[j]
            - (moved[i] * pushed[j] + pushed[i] * moved[j]) / curve
            for j in size
        ]
        for i in size
    ]


def _identity(size: int, scale: float) -> list[Vector]:
    return [[scale if i == j else 0.0 for j in range(size)] for i in range(size)]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
