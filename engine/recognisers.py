"""The ways of seeing labels that a study uses, made ready from its rules.

Reads the catalogue's built file, which recognition itself can't.
"""

from engine.catalogue.built import Built, load_built
from engine.catalogue.errors import BuiltUnusable
from engine.recognition import Recogniser, RecognitionRules
from engine.recognition.brands import Brands
from engine.recognition.keypoints import Keypoints
from engine.recognition.learned.brands import LearnedBrands
from engine.recognition.learned.head import Head, load_head
from engine.recognition.nets import Net
from engine.recognition.regions import Regions
from engine.recognition.weights import LITE0
from engine.recognition.weights.objects import OBJECTS
from engine.recognition.weights.regions import EMBEDDER
from engine.recognition.wordmarks import Wordmarks


def recognisers_of(rules: RecognitionRules) -> tuple[Recogniser, ...]:
    """Return what sees the kinds that are wanted; nets are loaded by `warm_up` or at first use.

    Raises `BuiltUnusable` for a built file that is not what was named, `HeadUnusable` for a head
    that is not, or that was trained through other nets.
    """
    built = load_built(rules.built.path, rules.built.digest) if rules.built else None
    heads = tuple(load_head(place, rules.embedding) for place in rules.heads_wanted)
    found: list[Recogniser] = []
    if rules.wants("brand"):
        found.append(_brands(rules, built, tuple(h for h in heads if h.kind == "brand")))
    if rules.wants("scene", "object", "interest"):
        # Not loaded where brands are all.
        from engine.recognition.tags import Tags  # noqa: PLC0415

        taught = built if built is not None and built.record.scenes else None
        if taught is not None:
            _require_teacher(taught, rules.embedding)
        found.append(
            Tags(
                rules.wanted,
                taught=taught.scenes if taught else None,
                taught_labels=taught.record.scenes if taught else (),
                embedding=rules.embedding,
                detector=rules.detector,
                heads=tuple(head for head in heads if head.kind != "brand"),
            )
        )
    return tuple(found)


def ready(rules: RecognitionRules) -> tuple[Recogniser, ...]:
    """Return them with everything loaded; raises `BuiltUnusable`, `NetUnusable`, `HeadUnusable`.

    A run asks this once before anything is logged: workers would only say that they can't start.
    """
    recognisers = recognisers_of(rules)
    for recogniser in recognisers:
        recogniser.warm_up()
    return recognisers


def _require_teacher(built: Built, embedding: Net | None) -> None:
    if built.record.embedding != (embedding.digest if embedding else None):
        raise BuiltUnusable(
            "the catalogue's scenes were taught with another net than the policy names",
            hint="Run `crowdlens catalogue build --embedding` with the file of nets.embedding.",
        )


def nets_of(rules: RecognitionRules) -> tuple[Net, ...]:
    """Return the nets that these rules look through, for the log: names and digests alone."""
    heads = rules.heads_wanted
    nets: list[Net] = [head.net for head in heads]
    if any(head.record.kind == "brand" for head in heads) or (rules.wants("brand") and rules.built):
        nets += [LITE0, EMBEDDER]
    if rules.wants("scene", "interest"):
        nets += [LITE0, *([rules.embedding] if rules.embedding else [])]
    if rules.wants("object", "interest", "scene"):
        nets.append(rules.detector or OBJECTS)
    return tuple({net.digest: net for net in nets}.values())


def _brands(rules: RecognitionRules, built: Built | None, heads: tuple[Head, ...]) -> Brands:
    wordmarks, wanted = Wordmarks(rules.lexicon), rules.wanted["brand"]
    learned = LearnedBrands(heads) if heads else None
    if built is None or not built.record.brands:
        return Brands(wordmarks, wanted, parents=rules.parents, learned=learned)
    return Brands(
        wordmarks,
        wanted,
        parents=rules.parents,
        learned=learned,
        keypoints=Keypoints(built.keypoints, built.record.brands),
        regions=Regions(built.regions, built.record.brands),
    )
