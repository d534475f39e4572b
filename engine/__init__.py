"""Sources -> redaction -> recognition -> statistics: one run from photos to a private release.

`engine.run.run` is the whole of it; the command line in `engine.cli` stands on top.
"""

import os

# INVARIANT: no sighting touches the disk in clear. Where memory runs short, Polars writes what it
# works on to temporary files, as it is; here it is never to begin, and could not write a byte if it
# did. It reads this when it is first imported, so this comes before every import of ours.
os.environ["POLARS_OOC_SPILL_MIN_BYTES"] = str(10**15)
os.environ["POLARS_OOC_DISK_BUDGET_MB"] = "0"
