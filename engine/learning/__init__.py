"""Private training: what contributors' redacted photos teach a small head, within the budget.

The unit is the contributor: what a training tells of anybody is bounded for all of their photos
together. `docs/training.md` tells the story; the policy's `model_release` decides.
"""
