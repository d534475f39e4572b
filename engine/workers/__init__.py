"""What runs the work on photos: processes on one machine."""

from engine.workers.interface import Job, Workers
from engine.workers.local import LocalWorkers, default_count

__all__ = ["Job", "LocalWorkers", "Workers", "default_count"]
