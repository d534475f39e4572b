"""Making nets run in eight bits: read, measured on photos, rounded and written.

Nothing here runs when photos are redacted. `build_int8.py` beside this folder is the way in.
"""
