"""Heads that `crowdlens train` made: read, and looked through.

A head is one layer on an embedding. What it sees is what training saw: `points` makes both.
"""
