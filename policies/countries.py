"""The countries that coordinates can be told to lie in, as a policy may name them.

Codes of ISO 3166-1 alpha-2. A test holds them against the table that the engine looks them up in
(`engine.sources.countries`), where some are missing: states too small for it, and those that it
leaves out because who governs there is contested.
"""

from typing import Final

_CODES: Final = (
    "AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
    "BR BS BT BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ "
    "EC EE EG ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR "
    "KW KY KZ LA LB LC LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MP MQ MR MS MT "
    "MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR "
    "PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SN SO SR SS ST SV SX SY "
    "SZ TC TD TF TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VC VE VG VI VN VU WF "
    "WS YE YT ZA ZM ZW"
)
COUNTRIES: Final = frozenset(_CODES.split())
