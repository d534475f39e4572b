"""Brands: by their names, by their marks' features, by their marks' looks, and all weighed.

`Brands` is the recogniser; `clues` gathers what each way saw, `weighing` makes one score of it.
"""

from engine.recognition.brands.recogniser import Brands

__all__ = ["Brands"]
