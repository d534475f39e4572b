"""The ways of seeing labels that a study uses, made ready from its rules.

Reads the catalogue's built file, which recognition itself can't.
"""

from engine.catalogue.built import Built, load_built
from engine.recognition import Recogniser, RecognitionRules
from engine.recognition.backbone import Backbone
from engine.recognition.brands import Brands
from engine.recognition.keypoints import Keypoints
from engine.recognition.nets import Net
from engine.recognition.regions import Regions
from engine.recognition.weights import LITE0
from engine.recognition.weights.objects import OBJECTS
from engine.recognition.weights.regions import EMBEDDER
from engine.recognition.wordmarks import Wordmarks


def recognisers_of(rules: RecognitionRules) -> tuple[Recogniser, ...]:
    """Return what sees the kinds that are wanted; nets are loaded by `warm_up` or at first use.

    Raises `BuiltUnusable` for a built file that is not what was named.
    """
    built = load_built(rules.built.path, rules.built.digest) if rules.built else None
    found: list[Recogniser] = []
    if rules.wants("brand"):
        found.append(_brands(rules, built))
    if rules.wants("scene", "object", "interest"):
        # Not loaded where brands are all.
        from engine.recognition.tags import Tags  # noqa: PLC0415

        taught = built is not None and bool(built.scenes)
        found.append(
            Tags(
                rules.wanted,
                rules.least,
                taught=built.scenes if built and taught else None,
                taught_labels=built.record.scenes if built and taught else (),
                backbone=Backbone(rules.embedding) if rules.embedding else Backbone(),
                detector=rules.detector,
            )
        )
    return tuple(found)


def nets_of(rules: RecognitionRules) -> tuple[Net, ...]:
    """Return the nets that these rules look through, for the log: names and digests alone."""
    nets: list[Net] = []
    if rules.wants("brand") and rules.built:
        nets += [LITE0, EMBEDDER]
    if rules.wants("scene", "interest"):
        nets.append(rules.embedding or LITE0)
    if rules.wants("object", "interest", "scene"):
        nets.append(rules.detector or OBJECTS)
    return tuple({net.digest: net for net in nets}.values())


def _brands(rules: RecognitionRules, built: Built | None) -> Brands:
    wordmarks, wanted = Wordmarks(rules.lexicon), rules.wanted["brand"]
    if built is None or not built.record.brands:
        return Brands(wordmarks, wanted, parents=rules.parents)
    return Brands(
        wordmarks,
        wanted,
        parents=rules.parents,
        keypoints=Keypoints(built.keypoints, built.record.brands),
        regions=Regions(built.regions, built.record.brands),
    )
