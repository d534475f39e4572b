"""How what is made once and shipped was made: scripts to be run by hand, never by a study.

Nothing in the product imports this. What is trained lies in `engine/recognition/weights`, with
model cards that name data, licences, recipes and figures.
"""
