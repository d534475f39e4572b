"""Labels that nothing may ever be given: what a person is, looks like, believes or feels.

`about_a_person` is the one question that is asked of the list: of scenes that a user adds, of what
a policy asks for, and by a test of every public list.

A label is refused when one of its words, whole, is on the list: `teenage party` is, and
`bodyboard`, `manhole cover` or `facebook office` are not. Plurals count as their singular, accents
and case don't count, and `_` and `-` part words. A word that is said of things as often as of
persons (`old`, `tall`, `hot`, `class`) is not on it: `old town hall` passes. `black` and `white`
are on it all the same. Where a word of the list belongs to the name of a thing, that name is in
`THINGS` and passes as a whole: `hair drier`, but not `hair`. Places that tell of a person's health
or belief are on the list as well.

A list of words can't be complete, and knows English best. A reviewer reads the labels too: they
are part of what is signed.
"""

import re
from typing import Final

from policies.lexicon import fold

_PERSONS: Final = """
    person people human individual somebody someone anyone man men woman women male female gentleman
    gentlemen lady guy boy girl baby infant newborn toddler child children kid teen teenager
    teenage preteen adolescent youth youngster adult grownup elder elderly senior pensioner retiree
    minor juvenile pedestrian crowd passerby bystander selfie portrait celebrity influencer stranger
    neighbor neighbour homeless beggar refugee migrant immigrant foreigner expat
    worker employee boss customer shopper student pupil teacher nurse doctor patient soldier
    policeman policewoman firefighter waiter waitress athlete spectator bride groom
    """
_AGE: Final = "age aged ageing aging millennial boomer genz centenarian puberty menopause young"
_GENDER: Final = """
    gender sex masculine feminine masculinity femininity androgynous nonbinary transgender
    transsexual cisgender intersex genderqueer genderfluid crossdresser
    """
_ORIENTATION: Final = """
    gay lesbian bisexual homosexual heterosexual queer lgbt lgbtq lgbtqia pansexual asexual sexual
    sexuality sexy erotic porn pornographic nsfw fetish
    """
_ORIGIN: Final = """
    race racial ethnic ethnicity skin complexion black white caucasian negro african asian
    arab arabic latino latina latinx hispanic oriental aboriginal indigenous mulatto mestizo
    biracial multiracial gypsy gipsy slavic nordic aryan semitic nationality citizenship immigrant
    blonde blond brunette redhead turban hijab burqa niqab kippah yarmulke headscarf
    """
_BELIEF: Final = """
    religion religious faith belief believer atheist agnostic christian christianity catholic
    protestant evangelical mormon muslim islam islamic sunni shia jew jewish judaism hindu hinduism
    buddhist buddhism sikh pagan worship worshipper prayer praying priest nun monk imam rabbi
    pilgrim church mosque synagogue temple shrine
    politics political politician partisan socialist communist fascist nazi activist protest
    protester demonstrator unionist voter
    """
_FEELINGS: Final = """
    emotion emotional mood feeling sentiment expression smile smiling smiley laugh laughing laughter
    grin frown cry crying happy happiness sad sadness angry anger fear afraid scared disgust
    disgusted contempt depressed depression anxious anxiety stressed boredom bored lonely loneliness
    joy joyful cheerful tired sleepy drunk jealous affection kiss kissing hug hugging
    personality introvert extrovert neurotic intelligence trustworthy criminal offender suspect
    """
_BODY: Final = """
    body bodily face facial hair hairstyle haircut bald beard bearded moustache mustache eye eyebrow
    eyelid nose mouth lip cheek cheekbone breast boob nipple butt buttock waist belly tummy thigh
    finger fingerprint retina gait biometric physique posture bmi fat overweight obese obesity
    underweight skinny thin slim slender chubby plump curvy muscular attractive attractiveness
    beautiful beauty handsome pretty ugly nude nudity naked topless tattoo tattooed piercing scar
    wrinkle acne freckle makeup
    """
_HEALTH: Final = """
    health healthy unhealthy ill illness sick sickness disease disorder syndrome diagnosis symptom
    disabled disability handicap handicapped wheelchair crutch prosthesis prosthetic blind deaf
    autism autistic adhd dementia alzheimer cancer tumour tumor diabetes diabetic hiv covid
    pregnant pregnancy maternity miscarriage abortion fertility menstruation injured wounded
    addict addiction alcoholic smoker smoking vaping medication therapy therapist psychiatric mental
    suicide selfharm hospital clinic hospice rehab sanatorium
    """
_RELATIONS: Final = """
    family relative parent parenting mother mom mum mummy father dad daddy son daughter brother
    sister sibling twin grandmother grandma granny grandfather grandpa grandparent grandchild uncle
    aunt cousin nephew niece husband wife spouse boyfriend girlfriend fiance fiancee lover couple
    married marriage unmarried divorced divorce widow widower dating romance romantic relationship
    friend friendship wedding funeral
    """
_STANDING: Final = """
    income salary wealth wealthy poverty caste uneducated unemployed jobless illiterate demographic
    demographics identity identification surname username prison prisoner
    """
# The plainest words of some other languages; English ones with other meanings left out.
_ELSEWHERE: Final = """
    personne femme homme enfant visage famille noir noire persona mujer hombre nino nina familia
    mensch frau mann madchen junge kinder gesicht familie uomo donna bambino bambina pessoa mulher
    homem crianca
    """

_WORDS: Final = frozenset(
    " ".join(
        [
            *(_PERSONS, _AGE, _GENDER, _ORIENTATION, _ORIGIN, _BELIEF, _FEELINGS, _BODY, _HEALTH),
            *(_RELATIONS, _STANDING, _ELSEWHERE),
        ]
    ).split()
)
THINGS: Final = frozenset(
    {
        ("hair", "drier"),
        ("hair", "dryer"),
        ("baby", "carriage"),
        ("race", "track"),
        ("race", "course"),
        ("black", "board"),
        ("white", "board"),
        ("white", "water"),
        ("black", "bear"),
        ("african", "elephant"),
        ("asian", "elephant"),
        ("cliff", "face"),
        ("family", "car"),
        ("thin", "crust"),
        ("temple", "ruin"),
    }
)
"""Folded names of things, word by word, that hold a word of the list."""
_STRETCH: Final = re.compile(r"[^\W_]+")


def about_a_person(label: str) -> bool:
    """Say whether the label is about a person, whoever it is."""
    words = [fold(word) for word in _STRETCH.findall(label)]
    at = 0
    while at < len(words):
        if tuple(words[at : at + 2]) in THINGS:
            at += 2
        elif _listed(words[at]):
            return True
        else:
            at += 1
    return False


def _listed(word: str) -> bool:
    singulars = {word, word.removesuffix("s"), word.removesuffix("es")}
    if word.endswith("ies"):
        singulars.add(word.removesuffix("ies") + "y")
    return not singulars.isdisjoint(_WORDS)
