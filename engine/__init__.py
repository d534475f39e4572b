"""Sources -> redaction -> recognition -> statistics: one run from photos to a private release.

`engine.run.run` is the whole of it; the command line in `engine.cli` stands on top.
"""
