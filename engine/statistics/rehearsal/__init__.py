"""A study rehearsed on a made-up crowd: what its tables would be worth, before there is data."""

from engine.statistics.rehearsal.crowd import made_up
from engine.statistics.rehearsal.rehearse import Rehearsed, rehearse

__all__ = ["Rehearsed", "made_up", "rehearse"]
