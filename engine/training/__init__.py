"""How what is trained once and shipped was trained: scripts to be run by hand, never by a study.

Nothing in the product imports this. What comes out lies in `engine/recognition/weights`, with model
cards that name data, licences, recipes and figures.
"""
