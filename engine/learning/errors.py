"""What can go wrong between examples and a head.

    EngineError
    └── LearningError           the root of this sub-package
        ├── TrainingRefused     a training that no budget can pay for, or that this one does not
        ├── ExamplesUnusable    examples of another shape than the recipe's head takes
        ├── LabelsUnusable      a labels file that does not suit the policy or the source
        └── TrainingChanged     what goes on is not what was paid for

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


class LabelsUnusable(LearningError):
    """A labels file that can't be trained from; names a row, and nothing that stands in it."""

    code = "labels-unusable"
    exit_code = 9


class TrainingChanged(LearningError):
    """A training that was killed after it had paid, given again with something else."""

    code = "training-changed"
    exit_code = 9
