"""From a catalogue's files to what recognition knows of them.

Marks and example photos are opened here, in a process that can do nothing else, and nowhere in
recognition. `build` learns from them and writes one file beside the catalogue; `load_built` reads
it. Nothing here sees a study's photos.
"""
