"""The command line: one file per command group. The only part of Crowdlens that prints."""
