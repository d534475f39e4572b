"""Sources -> redaction -> recognition -> statistics: one run from photos to a private release.

`engine.run.run` is the whole of it; the command line in `engine.cli` stands on top.

Import this before polars.
"""

import os
import sys

_NEVER = {"POLARS_OOC_SPILL_MIN_BYTES": str(10**15), "POLARS_OOC_DISK_BUDGET_MB": "0"}

# INVARIANT: no sighting touches the disk in clear. Where memory runs short, Polars writes what it
# works on to temporary files, as it is; here it is never to begin, and could not write a byte if it
# did. It reads this once, when it is imported.
if "polars" in sys.modules and any(os.environ.get(k) != v for k, v in _NEVER.items()):
    raise ImportError("import engine before polars, which would else write sightings to disk")
os.environ.update(_NEVER)
