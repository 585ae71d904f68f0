"""The labels of sensitive content, and words that tell of each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SafetyKind:
    """A label of the API; `words` are such as hardly occur where there is nothing of the kind."""

    label: str
    has_severity: bool
    words: frozenset[str]


def _kind(label: str, words: str, *, has_severity: bool = True) -> SafetyKind:
    return SafetyKind(label, has_severity, frozenset(words.split()))


# In the order of the API's reference. Words in all their forms that differ by more than an ending.
KINDS = (
    _kind(
        "accidents",
        "accident crash crashed collision collided wreck wreckage derailed derailment capsized "
        "pileup explosion electrocuted drowned jackknifed scaffolding spill",
    ),
    _kind(
        "alcohol",
        "alcohol alcoholic beer wine whiskey whisky vodka tequila rum gin bourbon champagne "
        "cocktail brewery vineyard martini drunk hangover hungover liquor booze lager margarita",
    ),
    _kind(
        "financials",
        "revenue ebitda margin dividend earnings guidance buyback receivable cfo fiscal "
        "shareholder liquidity impairment diluted",
        has_severity=False,
    ),
    _kind(
        "crime_violence",
        "murder murdered killer robbery robbed stabbed stabbing kidnapped rape raped assault "
        "assaulted burglar burglary thief theft gang mafia homicide strangled arson fraud "
        "embezzled looted mugged convicted suspect",
    ),
    _kind(
        "drugs",
        "heroin cocaine meth methamphetamine ecstasy lsd opioid fentanyl narcotic overdose "
        "overdosed ketamine syringe psychedelic opium",
    ),
    _kind(
        "gambling",
        "casino roulette blackjack poker gambling gamble gambler bookie bookmaker parlay jackpot "
        "sportsbook slots baccarat lottery wager wagered croupier",
    ),
    _kind(
        "hate_speech",
        "vermin subhuman exterminate inferior mongrel savages parasite filth",
    ),
    _kind(
        "health_issues",
        "disease cancer tumor diabetes diagnosed diagnosis symptom infection virus asthma stroke "
        "chemotherapy epilepsy dementia alzheimer depression anxiety fever patient hepatitis "
        "arthritis insulin seizure migraine pneumonia covid illness respiratory",
    ),
    _kind(
        "manga",
        "manga anime naruto pokemon pikachu goku shonen mangaka otaku vegeta luffy hokage",
        has_severity=False,
    ),
    _kind(
        "marijuana",
        "marijuana cannabis thc cbd weed bong spliff hashish ganja dispensary stoned stoner",
    ),
    _kind(
        "disasters",
        "earthquake hurricane tornado tsunami volcano eruption wildfire flood flooding floodwater "
        "cyclone typhoon avalanche landslide mudslide drought blizzard evacuation quake famine",
    ),
    _kind(
        "negative_news",
        "officials authorities spokesman protesters sanctions layoffs scandal allegations "
        "investigators resigned plunged crisis casualties",
        has_severity=False,
    ),
    _kind(
        "nsfw",
        "naked nude stripper lingerie topless thong boobs onlyfans sexting kinky horny",
        has_severity=False,
    ),
    _kind(
        "pornography",
        "porn porno pornography pornhub sex orgasm masturbate masturbation intercourse erotic "
        "threesome vibrator prostitute fetish bondage",
    ),
    _kind("profanity", ""),
    _kind(
        "sensitive_social_issues",
        "abortion transgender racism racist discrimination homophobia homophobic immigrants "
        "sexism antisemitism feminist feminism reparations segregation bigot bigotry privilege",
        has_severity=False,
    ),
    _kind(
        "terrorism",
        "terrorist terrorism isis jihad jihadist qaeda hijacker hijacked militant extremist "
        "bomber bombing taliban hezbollah hamas insurgent",
    ),
    _kind(
        "tobacco",
        "tobacco cigarette cigar nicotine vape vaping vapes hookah shisha smoker smoking marlboro "
        "juul snus",
    ),
    _kind(
        "weapons",
        "gun rifle pistol shotgun handgun revolver ammunition ammo firearm missile grenade bullet "
        "torpedo warhead artillery mortar munitions glock dagger",
    ),
)
LABELS = tuple(kind.label for kind in KINDS)
