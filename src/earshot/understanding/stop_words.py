"""English words that say nothing about a subject: grammar, fillers, and what fits any talk."""

_GRAMMAR = """
a about above across after again against all almost alone along already also although always am
among an and another any anybody anyone anything anyway anywhere are aren't around as at away back
be became because become becomes been before behind being below besides between beyond both but by
can can't cannot could couldn't did didn't do does doesn't doing don't done down during each either
else enough even ever every everybody everyone everything everywhere except few for from further had
hadn't has hasn't have haven't having he he'd he'll he's hence her here hers herself him himself his
how however i i'd i'll i'm i've if in indeed instead into is isn't it it'd it'll it's its itself
just least less lot lots many may maybe me might mine more moreover most mostly much must my myself
near nearly neither never nevertheless no nobody none nor not nothing now nowhere of off often on
once one ones only onto or other others otherwise ought our ours ourselves out over own per perhaps
quite rather same several shall she she'd she'll she's should shouldn't since so some somebody
someone something sometimes somewhere still such than that that's the their theirs them themselves
then there there's therefore these they they'd they'll they're they've this those though through
throughout thus to together too toward towards under unless until up upon us very via was wasn't we
we'd we'll we're we've were weren't what what's whatever when whenever where wherever whether which
while who who's whoever whole whom whose why will with within without won't would wouldn't yet you
you'd you'll you're you've your yours yourself yourselves
"""
_TALK = """
actually ah alright anyways basically bye certainly course definitely eh er exactly fine gonna
goodbye gotta great guess hello hey hi hm hmm honestly huh kind kinda know like literally mean mhm
mm obviously oh ok okay please pretty probably really right say see seriously simply somehow sorry
sort sure thank thanks thing things think totally uh uh-huh um wanna well whatnot wow yeah yep yes
yup bunch couple guy guys stuff
"""
_VERBS = """
ask asked asking asks based begin begins believe bring brought call called calling calls came come
comes coming consider considered describe described discuss discussed feel feels felt find finds
found gave get gets getting give given gives giving go goes going gone got happen happened happening
happens hear heard hope keep keeps kept knew knows let let's lets look looked looking looks made
make makes making meant need needed needs put puts said saw saying says seem seemed seems seen show
shown shows start started suppose supposed take taken takes taking talk talked talking tell telling
tells thinking thought told took tried tries try trying turn turned use used uses using want wanted
wants went work worked works
"""
_LOOSE = """
able according available bad bit certain clear clearly currently different early easy first general
generally good hard high important interesting large last late later little long low main major new
next nice number old particular particularly possible previous recent recently second similar single
small soon specific third today tomorrow usually various way ways years yesterday zero two
three four five six seven eight nine ten hundred thousand million billion
"""

STOP_WORDS = frozenset(f"{_GRAMMAR} {_TALK} {_VERBS}".split())
"""Never part of a key phrase."""

LOOSE_WORDS = frozenset(_LOOSE.split())
"""Part of a key phrase, if at all, beside another word: "climate change", but not "last"."""

_FILLERS = "ah eh er erm hm hmm mhm mm uh uh-huh uhm um"
_JOINING = """
actually alright and anyway anyways because but like look now oh ok okay or right so then well yeah
yep yes
"""
FILLERS = frozenset(_FILLERS.split())
"""What a sentence loses where it is read alone."""

OPENINGS = FILLERS | frozenset(_JOINING.split())
"""What it loses besides where it begins."""

ASIDES = frozenset({"okay", "ok", "right", "yeah"})
"""What it loses behind a comma."""

_CARRYING_ON = "a an and because but if of or so that the then to with"
DANGLING = FILLERS | frozenset(_CARRYING_ON.split())
"""What no whole sentence ends with."""
