"""What the internet calls things: mail and web addresses, machines, files, users."""

import ipaddress
from collections.abc import Iterator

from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.reading import Reading
from earshot.understanding.stop_words import STOP_WORDS

# The lengths are those of DNS and SMTP, and bound the work on what never becomes an address.
_LABELS = r"[a-z0-9](?:[\w-]{0,62}[a-z0-9])?(?:\.[\w-]{1,63}){0,8}"
_HOST = _LABELS + r"\.[a-z]{2,18}"
_LOCAL = r"[a-z0-9_][\w.+'-]{0,63}(?:[ ][0-9]{1,4}(?=[ @._-])[\w.+-]{0,63}){0,6}"
# Words that are spelled or said in several pieces are told only where the address is announced.
_ANNOUNCED_EMAIL = compile_pattern(
    rf"""
        (?:e-?mail|mail)(?:[ ]address)?(?:[ ]is|:|'s)[ ](?P<it>(?:[\w.+'-]+
        [ ]){{0,3}}{_LOCAL}@{_HOST})
        """
)
_EMAIL = compile_pattern(rf"(?<![\w.@]){_LOCAL}@{_HOST}(?![\w@])")
# "look at example dot com" is an invitation, and no mailbox.
_NOT_MAILBOXES_LISTED = """
    look me us work working visit is are was it that find found see site website online check go
    accessible available
    """
_NOT_MAILBOXES = frozenset(_NOT_MAILBOXES_LISTED.split())
_PATH = r"""(?:/[^\s,;"'<>|]*[^\s,;.?!"'<>|)])?/?"""
# Endings that make a web address of what nothing else says is one.
_ENDING = r"""
    (?:com|org|net|edu|gov|mil|int|info|biz|io|ai|app|dev|tv|co|uk|eu|de|fr|nl|ch|es|ca|au|jp
    |cn|br|ru|tech|shop|blog|cloud|online|xyz|example|test)
    """
_URL = compile_pattern(
    rf"""
    (?<![\w@.-])
    (?: (?:https?|ftp)[ ]?:[ ]?//?[ ]?[^\s,;"'<>|]*[^\s,;.?!"'<>|)]
      | www\.{_HOST}{_PATH}
      | {_LABELS}\.{_ENDING}{_PATH}
    ) (?![\w@])
    """
)
_OCTET = r"[0-9](?:[ ]?[0-9]){0,2}"
_IPV4 = compile_pattern(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9]|\.[0-9]|[ ][0-9])")
_IPV6 = compile_pattern(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])")
_SPOKEN_IPV6 = compile_pattern(
    r"(?<![\w:.])(?:[0-9a-f](?:[ ]?[0-9a-f]){0,3}:){7}[0-9a-f](?:[ ]?[0-9a-f]){0,3}(?![\w:])"
)
_MAC = compile_pattern(r"(?<![\w:-])(?:[0-9a-f][ ]?[0-9a-f][:-]){5}[0-9a-f][ ]?[0-9a-f](?![\w:-])")
_KIND = r"""
    (?:pdf|docx?|xlsx?|pptx?|odt|txt|csv|tsv|jpe?g|png|gif|svg|bmp|tiff?|mp3|mp4|m4a|wav|flac|avi
    |mov|mkv|zip|rar|tar|gz|7z|exe|dmg|iso|py|js|ts|java|cpp|html?|css|json|xml|ya?ml|log|md|sql
    |bak|ini|cfg|key|pem)
    """
_FILE = compile_pattern(
    rf"""
    (?<![\w@.]) (?:[a-z]:)?(?:~?[/\\])?
    (?:[\w.-]{{1,64}}[/\\]){{0,12}}[\w-]{{1,80}}(?:\.[\w-]{{1,40}}){{0,4}}\.{_KIND}
    (?![\w@])
    """
)
# "write to jainapetample.com": an "at" that was not heard. Shown as a URL, hidden as both.
_ASKED_TO_WRITE = compile_pattern(
    rf"\b(?:write[ ]to|e-?mail(?:[ ]\w+){{0,3}}|mail[ ](?:me|us))[ ](?P<it>{_HOST})(?![\w@/])"
)
_HANDLE = compile_pattern(r"(?<![\w@.])@[a-z_]\w+(?![\w@]|\.[a-z])")
_USER = compile_pattern(
    r"""
    (?:user[ ]?name|user[ ]?id|login(?:[ ](?:name|id))?|screen[ ]name|handle|gamer[ ]?tag)
    (?:[ ](?:for[ ]\w+[ ])?(?:is|was|called)|:|[ ]=)[ ](?:at[ ])?
    (?P<it>(?!(?:not|the|a|an|my|wrong|required|incorrect|already|your|that|this|invalid|taken)\b)
      [\w@][\w.@-]*(?:(?:[ ][a-z]+){0,2}?(?:[ ][0-9]+(?![\w/:.]))+)?)
    """
)

# Who carries mail, so that nobody need say "dot com"; firms of which other things are said, too.
_MAIL_HOST = r"(?:(?:g|gee|hot|proton|fast|rocket|y)[ -]?mail|i[ ]?cloud)"
_MAIL_FIRM = r"(?:outlook|yahoo|comcast|verizon|aol|a[ ]o[ ]l|msn|gmx|live|me)"
_SHORT_ENDING = r"(?:[ ]?[.]?[ ]?(?:com|net|org|de|co[ .]uk))"
_AT_HOST = compile_pattern(
    rf"""
    (?: \b(?:is|it's|that's|be|to|mine's|try)[ ](?P<said>(?:[^\s?!.,]{{1,64}}[ ]){{1,5}}?
            (?:at|@)[.,]?[ ]?(?:{_MAIL_HOST}{_SHORT_ENDING}?|{_MAIL_FIRM}{_SHORT_ENDING}))
      | (?<![\w@])(?P<it>[\w.+'-]{{1,64}}(?:[ ][0-9]{{1,9}}){{0,4}}[.,]?[ ](?:at|@)[.,]?[ ]?
            (?:{_MAIL_HOST}{_SHORT_ENDING}?|{_MAIL_FIRM}{_SHORT_ENDING}))
      | (?<![\w@])(?P<made>[\w+'-]{{0,64}}[._0-9][\w.+'-]{{0,64}}(?:[ ][0-9]{{1,9}}){{0,4}}
            [ ](?:at|@)[ ]?{_MAIL_FIRM})
    )(?![\w@])
    """
)
# "Jane dot doe. At Gmail. Dot com.": sentences end where somebody stopped to think.
_IN_SENTENCES = compile_pattern(
    rf"""
    (?<![\w@])[\w.+'-]{{1,64}}(?:[ ][0-9]{{1,9}}){{0,4}}(?:[.,]?[ ]at|[ ]?@)[.,]?[ ]?
    (?:\w{{1,40}}[ ]){{0,2}}?[\w-]{{1,63}}[.,]?[ ]?[.][ ]?
    (?:com|org|net|edu|gov|co[ .]uk|info|biz|{_MAIL_FIRM}{_SHORT_ENDING})\b
    """
)
# "My email is jane at": the rest comes, or was told, elsewhere.
_BROKEN_OFF = compile_pattern(
    r"""
    \be-?mail(?:[ ]address)?(?:[ ](?:is|was|would[ ]be)|'s|:|[^?.!]{0,30}\?)
    (?:[ ](?:sure|yes|yeah|okay|so|well|um|uh|it's|it[ ]is|that's|is),?){0,3}[ ]
    (?P<it>(?:[^\s?!]{1,64}[ ]){0,4}[^\s?!]{0,63}[^\s?!.,])[.,]?$
    """
)
_BROKEN_OFF_ALONE = compile_pattern(
    r"""
    (?<![\w@])(?P<it>(?=[\w.+'-]{0,64}[a-z])[\w+'-]{0,64}[._0-9][\w.+'-]{0,64}
        (?:[ ][0-9]{1,9}){0,4}[ ]at)[.,]?$
    """
)
_OF_MAIL_LISTED = """
    attached blocked broken correct different down empty fine full gone important invalid late lost
    new old ready same secure short slow spam unread urgent working wrong
    """
_OF_MAIL = frozenset(_OF_MAIL_LISTED.split())

# "My email is jane at gmail com": what follows the announcement, up to an ending.
_HALF_HEARD_EMAIL = compile_pattern(
    r"""
    \b(?:e-?mail|mail)(?:[ ]address)?\b[^?!]{0,20}?[ ]
    (?P<it>(?:[^\s?!]{1,64}[ ]){0,8}?(?:at|@)[ ]?(?:[^\s?!]{1,64}[ ]){0,3}?[^\s?!]{0,64}
        (?<![a-z])(?:com|org|net|edu|gov|co|uk|io|de|eu|info
            |(?:(?:gee|g|hot|proton|fast|y)[ -]?mail|outlook|yahoo|i[ ]?cloud)(?:[ ]com)?))\b
    """
)
# "jane at example dot i o four five": an "at" before something with a dot.
_AT_SOMETHING = compile_pattern(
    r"""
    (?<![\w@])[\w.+'-]{1,64}(?:[ ][0-9]{1,9}){0,4}[ ]at[ ]
    (?:\w{1,40}[ ]){0,2}?[\w-]{1,63}\.[a-z0-9][^\s,;]*
    """
)
# With digits or letters right behind that were said in one breath.
_EMAIL_INSIDE = compile_pattern(rf"{_LOCAL}@{_HOST}[^\s,;]* | [^\s@]{{1,64}}@[^\s,;]+(?:[ ][0-9])?")
_URL_INSIDE = compile_pattern(
    rf"""
    [^\s@]{{0,40}}(?:https?|ftp)[ ]?:[ ]?//?[ ]?[^\s,;]+
    | (?<![@\w]){_LABELS}\.{_ENDING}[0-9][^\s,;]*
    """
)
_FILE_INSIDE = compile_pattern(rf"[\w-]{{1,80}}(?:\.[\w-]{{1,40}}){{0,4}}\.{_KIND}[0-9][0-9a-z]*")
_HEXADECIMAL = r"[0-9a-f]{1,4}\b(?:[ ][0-9a-f]{1,4}\b){0,3}"
_IPV6_INSIDE = compile_pattern(
    rf"(?<![\w:.]){_HEXADECIMAL}(?::{_HEXADECIMAL}){{0,6}}::(?:{_HEXADECIMAL}:?){{0,7}}"
)
_FOUR_NUMBERS = compile_pattern(rf"(?<![0-9.])(?=(?P<it>{_OCTET}(?:\.{_OCTET}){{3}}(?![0-9])))")
_NAMED_USER = compile_pattern(
    r"""
    \b(?:user[ ]?name|user[ ]?id|login(?:[ ](?:name|id))?|screen[ ]name|handle|gamer[ ]?tag)
    (?:[ ](?:for|on)[ ]\w+)?[ ](?:is|was)[ ]
    (?P<it>(?!(?:not|the|a|an|wrong|required|incorrect|already|invalid|taken)\b)
      (?:[0-9]+[.,]?[ ]){0,8}[^\s.,;?!]+(?:[ ][^\s.,;?!]*[0-9][^\s.,;?!]*){0,8})
    """
)


def find_internet_names(reading: Reading) -> Iterator[Candidate]:
    yield from find_pattern(reading, _ANNOUNCED_EMAIL, "email_address", Evidence.CHECKSUM)
    yield from find_pattern(reading, _EMAIL, "email_address", Evidence.CUE, _is_mailbox)
    yield from find_pattern(reading, _ASKED_TO_WRITE, "email_address", Evidence.TERM)
    yield from find_pattern(reading, _URL, "url", Evidence.FORM)
    for match in _EMAIL.finditer(reading.text):
        if not _is_mailbox(match[0]):
            yield Candidate(
                "url", match.start() + match[0].index("@") + 1, match.end(), Evidence.FORM
            )
    yield from find_pattern(reading, _IPV4, "ip_address", Evidence.CHECKSUM, _is_ip)
    yield from find_pattern(reading, _IPV6, "ip_address", Evidence.CHECKSUM, _is_ip)
    yield from find_pattern(reading, _SPOKEN_IPV6, "ip_address", Evidence.CHECKSUM, _is_ip)
    yield from find_pattern(reading, _MAC, "number_sequence", Evidence.CHECKSUM)
    yield from find_pattern(reading, _FILE, "filename", Evidence.CUE)
    yield from find_pattern(reading, _HANDLE, "username", Evidence.FORM)
    yield from find_pattern(reading, _USER, "username", Evidence.CUE)


def suspect_internet_names(reading: Reading) -> Iterator[Candidate]:
    """Addresses of which a mark was not heard, and four numbers with dots, whatever is beside."""
    yield from find_pattern(reading, _HALF_HEARD_EMAIL, "email_address", Evidence.DOUBT)
    yield from find_pattern(reading, _AT_SOMETHING, "email_address", Evidence.DOUBT)
    for match in _AT_HOST.finditer(reading.text):
        group = next(name for name in ("said", "it", "made") if match[name])
        local = match[group].split()[0].lower()
        if local not in _NOT_MAILBOXES | STOP_WORDS:
            yield Candidate("email_address", *match.span(group), Evidence.DOUBT)
    yield from find_pattern(reading, _IN_SENTENCES, "email_address", Evidence.DOUBT)
    yield from find_pattern(reading, _BROKEN_OFF, "email_address", Evidence.DOUBT, _is_half_told)
    yield from find_pattern(reading, _BROKEN_OFF_ALONE, "email_address", Evidence.DOUBT)
    yield from find_pattern(reading, _EMAIL_INSIDE, "email_address", Evidence.DOUBT)
    yield from find_pattern(reading, _URL_INSIDE, "url", Evidence.DOUBT)
    yield from find_pattern(reading, _FILE_INSIDE, "filename", Evidence.DOUBT)
    yield from find_pattern(reading, _IPV6_INSIDE, "ip_address", Evidence.DOUBT)
    yield from find_pattern(reading, _FOUR_NUMBERS, "ip_address", Evidence.DOUBT)
    yield from find_pattern(reading, _NAMED_USER, "username", Evidence.DOUBT)


def _is_mailbox(text: str) -> bool:
    local, _, host = text.partition("@")
    return local.lower() not in _NOT_MAILBOXES and not host.lower().startswith("www.")


def _is_half_told(text: str) -> bool:
    """Whether words behind "my email is" may be the beginning of an address."""
    words = [word.strip(".,").lower() for word in text.split()]
    named = words[:-1] if words[-1] == "at" else words
    return bool(named) and not any(word in STOP_WORDS or word in _OF_MAIL for word in named)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.replace(" ", ""))
    except ValueError:
        return False
    return text != "::"
