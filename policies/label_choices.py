"""Which labels and periods a study may name, by dimension, before any photo is read."""

from policies.decision import StudyRules
from policies.public_keys import DimensionName


def labels_of(rules: StudyRules, name: DimensionName) -> frozenset[str]:
    """Return the public keys of a dimension; none for one that the policy leaves out.

    Hashtags are found in the data: none of them is public before.
    """
    plain = name.removeprefix("with_")
    catalogue, dimensions = rules.catalogue, rules.policy.dimensions
    if plain == "hashtag" or not dimensions.has(name):
        return frozenset()
    match plain:
        case "brand":
            return frozenset(catalogue.labels)
        case "parent":
            heads = (label for label in catalogue.labels if label not in catalogue.parents)
            return frozenset(heads if catalogue.parents else ())
        case "category":
            return frozenset(b.category for b in catalogue.brands if b.category)
        case _:
            return frozenset(dimensions.keys(plain))
