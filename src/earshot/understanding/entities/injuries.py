"""What was done to a part of a body: "cracked ribs", "broke her left wrist", "his jaw is broken".

A list has no end of such pairs, and the tagger does not know them all. What is found is enough to
hide it; only the tagger names an injury.
"""

import re
from collections.abc import Iterator
from functools import cache

from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.reading import Reading

_HARMED = r"""
    (?:brok(?:e|en)|fractur(?:ed|ing)|crack(?:ed|ing)|bruis(?:ed|ing)|sprain(?:ed|ing)
    |strain(?:ed|ing)|tore|torn|twist(?:ed|ing)|dislocat(?:ed|ing)|ruptur(?:ed|ing)
    |punctur(?:ed|ing)|shatter(?:ed|ing)|crush(?:ed|ing)|sever(?:ed|ing)|mangled|injur(?:ed|ing)
    |hurt(?:ing)?|wound(?:ed|ing)|swollen|gashed|grazed|scraped|scalded|burn(?:t|ed)|frostbitten
    |amputated|pinched|perforated|collapsed|splintered|smashed|cut|lacerated|infected)
    """
_WHOSE = r"(?:(?:my|his|her|your|their|its|our|a|an|the|two|three|some|several|both|few)[ ]){0,2}"
# What is pulled, slipped or chipped is no injury of most parts: "pulled back", "chipped in".
_HARMED_BY_PART = rf"""
    (?:pull(?:ed|ing)[ ]{_WHOSE}(?:hamstrings?|muscles?|groin|tendons?|ligaments?|calf)
    |(?:slipped|herniated|bulging)[ ]dis[ck]s?|chipped[ ]{_WHOSE}(?:tooth|teeth|bones?))
    """
_SIDE = r"(?:(?:left|right|lower|upper|front|big|little|ring|index|middle)[ ]){0,2}"
_PART = r"""
    (?:arms?|legs?|ankles?|wrists?|hands?|fingers?|thumbs?|ribs?|rib[ ]?cage|foot|feet|toes?|knees?
    |knee[ ]?caps?|hips?|shoulders?|shoulder[ ]blades?|elbows?|nose|jaw|cheek[ ]?bones?
    |collar[ ]?bones?|clavicles?|sternum|pelvis|femurs?|tibias?|fibulas?|forearms?|shins?|thighs?
    |calf|calves|hamstrings?|groin|meniscus|ligaments?|tendons?|achilles|rotator[ ]cuffs?|acl|mcl
    |spine|vertebrae?|spinal[ ]cord|neck|skull|eye[ ]?sockets?|ear[ ]?drums?|lungs?|spleen|kidneys?
    |livers?|tail[ ]?bone|coccyx|knuckles?|heels?|tooth|teeth|nerves?|muscles?|bones?|corneas?)
    """
_IS = r"(?:(?:is|was|are|were|got|gets|been|be|has|have|had|might|may|could|still|badly)[ ]){1,3}"
_FORMS = (
    rf"{_HARMED}[ ]{_WHOSE}{_SIDE}{_PART}",
    rf"{_HARMED}[ ](?:my|his|her|your|their)[ ](?:lower[ ]|upper[ ])?back",  # not "cut back"
    _HARMED_BY_PART,
    rf"{_PART}[ ]{_IS}{_HARMED}",
)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Compiled at the first use: most processes start without any."""
    return tuple(compile_pattern(rf"(?<!\w){form}(?!\w)") for form in _FORMS)


def suspect_injuries(reading: Reading) -> Iterator[Candidate]:
    for pattern in _patterns():
        yield from find_pattern(reading, pattern, "injury", Evidence.DOUBT)
