"""Where a run's sightings wait to be counted: in memory, or on disk encrypted.

On disk a killed run can go on where it was. The key lies in another place than the data and is
destroyed when the run ends; raw photos and redacted pixels never come here.
"""

from engine.store.directory import StorePlace
from engine.store.encrypted import EncryptedStore, discard
from engine.store.errors import StoreUnusable, StoreUnwritable
from engine.store.interface import Fingerprint, Row, RunKeys, Seen, SightingStore
from engine.store.memory import MemoryStore

__all__ = [
    "EncryptedStore",
    "Fingerprint",
    "MemoryStore",
    "Row",
    "RunKeys",
    "Seen",
    "SightingStore",
    "StorePlace",
    "StoreUnusable",
    "StoreUnwritable",
    "discard",
]
