"""What can go wrong between examples and a head.

    EngineError
    └── LearningError           the root of this sub-package
        ├── TrainingRefused     a training that no budget can pay for, or that this one does not
        └── ExamplesUnusable    examples of another shape than the recipe's head takes

No message quotes an example, a count or a contributor.
"""

from engine.errors import EngineError


class LearningError(EngineError):
    """Root of this sub-package's errors."""

    code = "learning"


class TrainingRefused(LearningError):
    """A training that can't be had for its price, or that nobody reserved; public facts only."""

    code = "training-refused"
    exit_code = 7


class ExamplesUnusable(LearningError):
    """Examples of another shape than the recipe's head takes; says which rule they break."""

    code = "examples-unusable"
    exit_code = 9
