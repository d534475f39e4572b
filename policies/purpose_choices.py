"""Why a study is done, in words and in the terms of two public vocabularies.

DPV: the W3C Data Privacy Vocabulary, of whose purposes these are the ones that statistics on photos
can have. DUO: the Data Use Ontology of GA4GH, whose restrictions on use each ask something of the
policy here, or are a promise that people keep. Both lists are closed: a term that nothing answers
to would promise what nobody does.
"""

from typing import Final, Literal

from pydantic import Field

from policies.fields import Id, Part, Text

DpvTerm = Literal[
    "dpv:AcademicResearch",
    "dpv:CommercialResearch",
    "dpv:Marketing",
    "dpv:NonCommercialResearch",
    "dpv:PublicBenefit",
    "dpv:ResearchAndDevelopment",
    "dpv:ScientificResearch",
]
DPV: Final[dict[DpvTerm, str]] = {
    "dpv:AcademicResearch": "research at a university or school",
    "dpv:CommercialResearch": "research for a business's own ends",
    "dpv:Marketing": "planning and measuring how brands are presented",
    "dpv:NonCommercialResearch": "research without a commercial end",
    "dpv:PublicBenefit": "for the good of the public",
    "dpv:ResearchAndDevelopment": "making and improving products and methods",
    "dpv:ScientificResearch": "research by the methods of a science",
}
COMMERCIAL: Final[frozenset[str]] = frozenset({"dpv:CommercialResearch", "dpv:Marketing"})
"""Purposes that DUO's NCU rules out."""

DuoCode = Literal["GS", "IRB", "IS", "NCU", "PS", "PUB", "RTN", "TS", "US"]
DUO: Final[dict[DuoCode, str]] = {
    "GS": "only in the places agreed: no transfers (DUO:0000022)",
    "IRB": "only with an ethics approval: approvals ask for the role ethics (DUO:0000021)",
    "IS": "only by the institutions named: release.recipients names them (DUO:0000028)",
    "NCU": "no commercial use: no commercial purpose is named or asked for (DUO:0000046)",
    "PS": "for this project alone; recorded (DUO:0000027)",
    "PUB": "the results are made public; recorded (DUO:0000019)",
    "RTN": "the results go back to those who gave the data; recorded (DUO:0000029)",
    "TS": "for a limited time: validity (DUO:0000025)",
    "US": "only by the people named: release.recipients names them (DUO:0000026)",
}

NEVER: Final = ("individual-decisions", "re-identification", "face-recognition")
"""Uses that no real study may leave unprohibited (GDPR, recitals 51 and 162)."""


class Purpose(Part):
    """Why the study is done, and what its results must not be used for."""

    statement: Text
    """In one sentence that a contributor understands."""
    dpv: list[DpvTerm] = Field(default=[])
    """Purposes, in the W3C's vocabulary; one that is not named is not a purpose of the study."""
    duo: list[DuoCode] = Field(default=[])
    """Restrictions on use, in the codes of GA4GH's vocabulary."""
    prohibited_uses: list[Id] = Field(default=list(NEVER))
