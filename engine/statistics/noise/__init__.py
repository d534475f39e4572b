"""Integer noise: laws in closed form, and how each is drawn. Never a seed, never a float."""

from engine.statistics.noise.discrete_laplace import DiscreteLaplace
from engine.statistics.noise.gaussian import DiscreteGaussian
from engine.statistics.noise.geometric import GeometricLaw
from engine.statistics.noise.interface import LARGEST_COUNT, Law, randomise

__all__ = [
    "LARGEST_COUNT",
    "DiscreteGaussian",
    "DiscreteLaplace",
    "GeometricLaw",
    "Law",
    "randomise",
]
