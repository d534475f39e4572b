"""What every derived number leaves out, in words that a report can print."""

from typing import Final

BIAS: Final = (
    "Bounds speak of the noise alone. They exclude bias from the contribution bound (a contributor "
    "counts in a limited number of cells) and from recognition errors (labels missed or mistaken)."
)
"""Goes with every number of this package."""

READING: Final = (
    "The reading table shows the same numbers made easier to read: none is below zero, a running "
    "total never falls, and a count never exceeds another that must contain it, where the "
    "contribution bound cannot have cut the larger one. The nearest such numbers by weighted least "
    "squares are taken, which costs no budget, as only noisy numbers are used. Clamping raises "
    "small counts on average, so add up, compare and average the machine table, not this one. "
    "The bounds are the machine table's. No cell is adjusted to the sum of others: one contributor "
    "may count in several, so the sums need not agree."
)
"""Why a report's reading table and the machine table differ."""

SHARES: Final = (
    "A share is a cell's part of the sum over its group's labels. A contributor who shows two "
    "labels is in the sum twice, so it is a share of mentions, not of people. Each share's bounds "
    "hold with 95 %; of many shares some are outside theirs."
)
"""What a share of voice is a share of."""

RANKING: Final = (
    "All rank bounds of one group hold together with 95 %. Labels ranked from best to worst "
    "possible rank of one cannot be told from it."
)
"""How rank bounds are read."""

CHANGES: Final = (
    "Rises and falls of one statistic are named so that with 95 % none of them is wrong, however "
    "many cells were compared. The bounds of each change hold with 95 % for that one alone."
)
"""How verdicts on change are guarded against looking at many cells."""

AFFINITY: Final = (
    "Lift compares contributors who show two labels in one photo with what would be expected if "
    "showing one said nothing of the other. Two labels that never share a photo lower it, even "
    "where the same contributors show both; and the contribution bound cuts the four counts by "
    "different parts, which moves it either way. Neither is in the bounds. Named affinities of one "
    "statistic are all right together with 95 %."
)
"""What lift leaves out."""

MEANS: Final = (
    "Photos of one contributor in one cell count up to the policy's clip, so a mean is of clipped "
    "numbers; and the two tables are bounded apart from each other, so it need not lie above 1."
)
"""What a mean per contributor is a mean of."""

OCCASIONS: Final = (
    "An occasion's share is of the contributors who show the label together with any scene, object "
    "or interest that the policy names; one who shows two of them counts twice."
)
"""What an occasion is a share of."""

MOVERS: Final = (
    "Movers compare the first third of the periods with the last, each added up. A sum over weeks "
    "counts a contributor once a week. Named movers of one statistic are all right together with "
    "95 %."
)
"""What rose or fell over the whole of a study."""

CONCENTRATION: Final = (
    "A quotient compares what part of a label's mentions falls to a region, platform or season "
    "with what part of all labels' mentions does: 1 is as all labels are. Months of the year are "
    "told from other causes only by more than one year of data."
)
"""What a location or season quotient is a quotient of."""
