"""Bytes to upright RGB pixels, or the reason why not, in a process that can do nothing else.

`decode` is the way in. What it promises: only pixels come out; limits are checked on the header
and enforced by the kernel; a hostile file costs itself and nothing more.
"""

from redaction.decoding.outcome import Decoded, Undecodable
from redaction.decoding.process import decode, decode_sized, filter_holds, start, stop

__all__ = ["Decoded", "Undecodable", "decode", "decode_sized", "filter_holds", "start", "stop"]
