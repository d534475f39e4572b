"""The world that a made-up crowd lives in: brands, places, and how they hang together.

All names are made up; no company or product is meant. What a report should find is written here:
brands that rise, fall or come out, brands of one season or region, and what goes together.
"""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class MadeUpBrand:
    """One brand, and how often it is photographed."""

    name: str
    category: str
    first: float = 1.0
    """How often at the study's beginning, in parts of an ordinary brand; `last` at its end."""
    last: float = 1.0
    moves: tuple[float, float] = (0.0, 1.0)
    """From which part of the study to which it goes from `first` to `last`."""
    launched: float = 0.0
    """The part of the study that is over before anybody can have it."""
    season: float = 0.0
    """1 where it is bought in July alone, -1 in January alone, 0 all the year."""
    regions: dict[str, float] = field(default_factory=dict)
    """How many times as often in some regions."""

    def wanted(self, over: float) -> float:
        """Return how often it is photographed when so much of the study is over, 0 to 1."""
        if over < self.launched:
            return 0.0
        begins, ends = self.moves
        moved = min(max((over - begins) / (ends - begins), 0.0), 1.0)
        return self.first + (self.last - self.first) * moved


BRANDS: Final = (
    MadeUpBrand("Cindrano", "coffee", 1.6, 1.7),
    MadeUpBrand("Mokalune", "coffee", 1.1, 1.1, regions={"south": 2.2}),
    MadeUpBrand("Tazzario", "coffee", 0.9, 0.8),
    MadeUpBrand("Velbrew", "coffee", 0.5, 1.9),
    MadeUpBrand("Brightwater", "drinks", 0.4, 2.8, moves=(0.3, 0.65)),
    MadeUpBrand("Fizzaro", "drinks", 1.5, 1.4, season=0.5),
    MadeUpBrand("Ollivane", "drinks", 0.8, 0.8, regions={"south": 1.8, "north": 0.5}),
    MadeUpBrand("Quenchett", "drinks", 1.1, 1.0),
    MadeUpBrand("Frostine", "ice cream", 1.0, 1.0, season=0.9),
    MadeUpBrand("Gelavia", "ice cream", 1.4, 1.4, season=0.95),
    MadeUpBrand("Faldane", "outdoor", 1.0, 1.0, regions={"north": 2.5, "west": 1.4}),
    MadeUpBrand("Kestrel", "outdoor", 2.6, 0.5, moves=(0.1, 0.5)),
    MadeUpBrand("Tundrel", "outdoor", 1.5, 1.5, season=-0.9),
    MadeUpBrand("Nimbus", "sportswear", 1.4, 1.4),
    MadeUpBrand("Pacelle", "sportswear", 0.9, 1.0, regions={"east": 1.9}),
    MadeUpBrand("Solvano", "sportswear", 0.06, 0.06),
    MadeUpBrand("Strydex", "sportswear", 1.3, 0.6),
    MadeUpBrand("Lumetra", "electronics", 1.2, 1.1),
    MadeUpBrand("Orvane", "electronics", 0.8, 0.8),
    MadeUpBrand("Voltessa", "electronics", 1.8, 1.8, launched=0.5),
)

REGIONS: Final = {"north": 0.22, "south": 0.30, "east": 0.20, "west": 0.28}
PLATFORMS: Final = {"instagram": 0.5, "tumblr": 0.2, "x": 0.3}
"""Parts of the contributors."""

SCENES: Final = {
    "beach": (0.08, 0.9),
    "gym": (0.07, -0.2),
    "kitchen": (0.13, 0.0),
    "living_room": (0.15, -0.2),
    "mountains": (0.06, 0.0),
    "office": (0.10, 0.0),
    "park": (0.11, 0.5),
    "restaurant": (0.10, 0.0),
    "ski_slope": (0.05, -1.0),
    "stadium": (0.04, 0.2),
    "street": (0.17, 0.1),
    "train_station": (0.04, 0.0),
}
"""Of each scene its part of the photos, and its season as of a brand."""

AT_HOME: Final = {
    ("coffee", "street"): 1.8,
    ("coffee", "office"): 2.4,
    ("coffee", "kitchen"): 1.5,
    ("coffee", "gym"): 0.3,
    ("drinks", "stadium"): 2.6,
    ("drinks", "gym"): 1.9,
    ("drinks", "beach"): 1.6,
    ("ice cream", "beach"): 3.2,
    ("ice cream", "park"): 2.0,
    ("ice cream", "office"): 0.3,
    ("outdoor", "mountains"): 4.0,
    ("outdoor", "ski_slope"): 3.6,
    ("outdoor", "living_room"): 0.5,
    ("sportswear", "gym"): 3.5,
    ("sportswear", "stadium"): 2.8,
    ("sportswear", "restaurant"): 0.4,
    ("electronics", "living_room"): 2.4,
    ("electronics", "office"): 2.0,
    ("electronics", "beach"): 0.3,
}
"""How many times as often a category is seen in a scene; once, where nothing is said."""

PAIRS: Final = {
    ("Cindrano", "Lumetra"): 4.0,
    ("Brightwater", "Nimbus"): 5.0,
    ("Faldane", "Kestrel"): 3.0,
    ("Fizzaro", "Gelavia"): 3.5,
    ("Cindrano", "Mokalune"): 0.15,
    ("Nimbus", "Strydex"): 0.2,
}
"""How many times as often one brand is beside the other in a photo."""

INTERESTS: Final = {
    "coffee": ({"coffee": 0.75}, {"office": 0.05, "kitchen": 0.05}),
    "dining": ({"drinks": 0.15}, {"restaurant": 0.8, "kitchen": 0.2}),
    "outdoors": ({"outdoor": 0.5}, {"mountains": 0.8, "park": 0.35}),
    "skiing": ({}, {"ski_slope": 0.85}),
    "sport": ({"sportswear": 0.5}, {"gym": 0.8, "stadium": 0.7}),
    "technology": ({"electronics": 0.7}, {"office": 0.15}),
    "water_sports": ({}, {"beach": 0.3}),
}
"""Of each interest, how probable each category of brand and each scene makes it in a photo."""

BRAND_PART: Final = 0.62
"""Part of the photos that show a brand."""
SECOND_PART: Final = 0.22
"""Part of those that show another one too."""
PHOTOS_A_WEEK: Final = 0.9
"""Of a contributor, on average; most post less and a few much more."""
