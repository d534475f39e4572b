"""Brands by a learned embedding of windows: fitted to a catalogue's marks, found in photos."""

from engine.recognition.regions.find import Regions
from engine.recognition.regions.fit import fit_regions

__all__ = ["Regions", "fit_regions"]
