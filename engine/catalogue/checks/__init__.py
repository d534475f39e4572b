"""Looking a catalogue over before it is built or run with: what is wrong, and what is weak."""

from engine.catalogue.checks.check import check
from engine.catalogue.checks.remark import Remark, Topic

__all__ = ["Remark", "Topic", "check"]
