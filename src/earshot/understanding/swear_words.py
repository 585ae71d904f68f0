"""English swear words and slurs, as speech has them, by how grave people find them.

The groups follow the ratings in the word list of Surge AI. Left out are words that are usually
innocent or names: hell as a place is told from the oath by the words around it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SwearWord:
    """A word or some words; `is_slur` of what abuses a group of people; severity 0 to 1."""

    text: str
    is_slur: bool
    severity: float


# Words of several parts are joined by "_".
_MILD = """
arse arses ass asses crap crappy damn damned dammit damnit goddamn goddamned goddammit god_damn
god_dammit jackass jackasses dumbass dumbasses smartass badass bollocks bugger piss pissed pissing
pissed_off piss_off what_the_hell the_hell_up hell_no go_to_hell bloody_hell bullcrap turd turds
wanker wankers tosser skank douche douchebag douchebags prick pricks frigging
"""
_STRONG = """
asshole assholes arsehole arseholes bastard bastards bitch bitches bitching bitchy bitched
son_of_a_bitch sons_of_bitches shit shits shitty shitting shithead shitheads shithole shitholes
shitshow shitload bullshit horseshit dipshit dogshit batshit chickenshit apeshit dick dickhead
dickheads dicks pussy pussies slut sluts slutty whore whores hoe hoes twat twats cocksucker
cocksuckers fatass asswipe asshat blowjob
"""
_SEVERE = """
fuck fucks fucked fucking fuckin fucker fuckers fuckhead fuckwit fuckwits fuckface fuckup
clusterfuck mindfuck motherfucker motherfuckers motherfucking motherfuckin mother_fucker
"""
_SEVERE += " cunt cunts"  # codespell:ignore cunt,cunts
_SLURS = """
nigger niggers nigga niggas sand_nigger faggot faggots fag fags kike kikes spic spics wetback
wetbacks towelhead towelheads raghead ragheads beaner beaners gook gooks chinks dyke dykes tranny
trannies shemale shemales retard retards retarded libtard libtards porch_monkey porch_monkeys
camel_jockey jigaboo darkie darkies paki pakis coons zipperhead zipperheads sambo wop wops
"""

_GROUPS = (
    (_MILD, False, 0.15),
    (_STRONG, False, 0.45),
    (_SEVERE, False, 0.75),
    (_SLURS, True, 0.9),
)

SWEAR_WORDS = {
    word.replace("_", " "): SwearWord(word.replace("_", " "), is_slur, severity)
    for words, is_slur, severity in _GROUPS
    for word in words.split()
}
