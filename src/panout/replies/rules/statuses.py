"""What a refusal means: reply code, enhanced code and words become a reason, and the reason a hardness.

Enhanced codes: RFC 3463 and the IANA registry. Reasons keep the vocabulary of bounce parsers in the field
(userunknown, mailboxfull, ...), so that reports can be compared. Words win over codes, because many servers
send 5.7.1 for an unknown user and 5.1.1 for a full mailbox.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Hardness(StrEnum):
    HARD = "hard"
    """The address does not exist and will not: suppress it."""
    SOFT = "soft"
    """The mailbox or the road to it has a problem now: try again, give up after several."""
    POLICY = "policy"
    """We were refused, not the person: mend our side, do not suppress anybody."""


@dataclass(frozen=True)
class Refusal:
    status: str
    reply: str
    reason: str
    hardness: Hardness


_HARD = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})
_POLICY = frozenset(
    {
        "authfailure",
        "badreputation",
        "blocked",
        "contenterror",
        "norelaying",
        "notcompliantrfc",
        "policyviolation",
        "rejected",
        "requireptr",
        "securityerror",
        "spamdetected",
        "speeding",
        "syntaxerror",
        "toomanyconn",
        "virusdetected",
        "failedstarttls",
    }
)

_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?![\d.]*\d)")
# Ruled lines: they say nothing, and long runs of one sign are what makes patterns slow.
_RULED = re.compile(r"[=*#~_.-]{5,}")
_REPLY = re.compile(r"(?:(?<![\d.:/\w@=-])|(?<=[ _]:))([45][0-5]\d)(?=[ :;\->)\],.]|$)")


_UNWANTED = re.compile(
    r"recipient preferences|recipient (?:has )?(?:refused|rejected|blocked) (?:your|the|this|mail)",
    re.IGNORECASE,
)
_NO_MAIL_HERE = re.compile(
    r"null ?mx|(?:host|domain) does not accept (?:any )?mail\b(?! from)", re.IGNORECASE
)
_NO_ACCOUNT = re.compile(
    r"user does(?:n.t| not) have an? \S{1,60} account|bouncecategory: bad-mailbox", re.IGNORECASE
)
# Said only by servers that have looked the recipient up, so it needs no second witness: the directory check of
# Exchange Online, and what Outlook.com answers for an address it does not have.
_LOOKED_UP = re.compile(
    r"5\.[45]\.[01] (?:recipient address rejected: access denied|requested action not taken: mailbox unavailable)",
    re.IGNORECASE,
)
_AFTER_MAIL = re.compile(r"(?:after|reply to|>>>) ?MAIL FROM|\[MAIL_FROM\]", re.IGNORECASE)
_LEADING_CODES = re.compile(r"^\W*(?:[45]\d\d[ -])?\s*(?:[45]\.\d+\.\d+)?\s*")
_VAGUE = frozenset({"policyviolation", "filtered", "contenterror", "systemerror", "mailererror"})


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# In this order: the first that matches gives the reason. Our own faults come before the person's, because
# servers like to write "Recipient address rejected:" before any of them; a full or closed mailbox comes
# before an unknown one.
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("hostunknown", _any(r"account or domain may not exist")),
    (
        "authfailure",
        _any(
            r"\bdmarc\b",
            r"\bspf\b.{0,80}(?:fail|record|reject|not pass|permerror|invalid|hard)",
            r"(?:fail|reject|not pass).{0,60}\bspf\b",
            r"\bdkim\b.{0,60}(?:fail|invalid|not|reject)",
            r"spf validation",
            r"unauthenticated (?:e-?mail|mail|message)",
            r"sender (?:is |was )?unauthenticated",
            r"(?:does not|doesn.t) have authentication information",
            r"authentication checks? failed",
            r"\bsender id\b.{0,40}fail",
            r"sender policy framework",
        ),
    ),
    (
        "requireptr",
        _any(
            r"\bptr\b(?: record)?",
            r"reverse[ -](?:dns|lookup|hostname|address)",
            r"\brdns\b",
            r"reverse mapping",
            r"cannot (?:find|resolve) your (?:reverse )?(?:hostname|ip)",
            r"client host rejected: cannot find",
            r"no (?:reverse|rdns)",
            r"unresolvable (?:client|relay)",
            r"ip name lookup failed",
            r"(?:hostname|ip(?: address)?) (?:does not|doesn.t) (?:resolve|match)",
            r"fix reverse dns",
            r"domain name.{0,40}does not resolve to.{0,20}ip",
            r"forward[ -]confirmed",
            r"unable to verify the domain of your (?:mail )?server",
        ),
    ),
    (
        "virusdetected",
        _any(
            r"(?:contains?|detected|infected|found|has).{0,40}\bvirus",
            r"\bvirus(?:es)?\b.{0,60}(?:detected|found|reject|infect)",
            r"\binfected\b",
            r"\bmalware\b",
            r"\btrojan\b",
            r"message (?:was )?rejected.{0,20}virus",
        ),
    ),
    (
        "spamdetected",
        _any(
            (
                r"(?:detected|identified|classified|considered|flagged|marked|scored|looks like|"
                r"appears to be|suspected|likely).{0,60}(?:\bspam\b|unsolicited|\bjunk\b|\bbulk\b)"
            ),
            (
                r"\bspam\b.{0,40}(?:detected|message|content|reject|score|refused|not (?:accepted|"
                r"wanted))"
            ),
            r"spamassassin",
            r"(?:reject|refus|block)\w*.{0,30}(?:as|for|due to|because of) (?:being )?spam",
            r"\bno spam\b",
            r"\bis spam\b",
            r"high spam (?:score|probability)",
            r"spam-?like",
            r"unsolicited (?:mail|email|message|bulk)",
            r"\bUBE\b",
            r"bulk e-?mail",
            r"blacklisted (?:url|content|link)",
            r"junk mail",
            r"rejected by.{0,20}(?:anti-?spam|content filter)",
        ),
    ),
    (
        "speeding",
        _any(
            (
                r"(?:sent|sending|receiving|received).{0,30}too (?:many|fast|quickly|"
                r"much).{0,40}(?:recipients|messages|mail|hour|fast|rate|quickly)?"
            ),
            r"too many (?:recipients|messages|e?mails) (?:this|per|in|for)",
            r"rate[ -]?limit(?:ed)?(?! due to ip reputation)",
            r"throttl",
            (
                r"(?:daily|hourly|sending|message|user).{0,25}(?:quota|limits?) (?:has been "
                r")?(?:exceeded|reached)"
            ),
            r"(?:exceeded|reached).{0,30}(?:sending|daily|hourly|message rate|relay) (?:limit|quota)",
            r"receiving mail at a rate",
            r"slow down",
            r"message rate exceed",
        ),
    ),
    (
        "toomanyconn",
        _any(
            r"too many (?:connections?|sessions|concurrent|simultaneous)",
            r"(?:connection|ip) frequency",
            r"connections? (?:rate )?(?:limit|refused due to too many)",
            r"(?:concurrent|simultaneous) connections?",
            r"exceeded.{0,30}connections?",
        ),
    ),
    (
        "badreputation",
        _any(
            r"(?:bad|poor|low|no|ip|sender|domain|server)[ -]+(?:\w+ )?reputation",
            r"reputation.{0,30}(?:low|poor|bad|block)",
            r"senderbase",
            r"senderscore",
        ),
    ),
    (
        "norelaying",
        _any(
            (
                r"relay(?:ing)?.{0,25}(?:denied|not (?:permitted|allowed)|prohibited|refused|"
                r"forbidden|disallowed)"
            ),
            r"(?:not permitted|not allowed|unable|denied|authorized?).{0,20}to relay",
            r"insecure mail relay",
            r"\bno relaying\b",
            r"we do not relay",
            (
                r"(?:domain|that host|recipient) is(?: not|n.t) in (?:my|our).{0,20}(?:rcpthosts|list|"
                r"allowed)"
            ),
            r"relaying denied",
            r"open relay(?!.{0,40}block)",
            r"not a gateway",
            r"mail server relay",
            r"not local host",
            r"this system is not configured to relay",
        ),
    ),
    ("onhold", _any(r"\bon hold\b", r"held for (?:review|moderat)", r"waiting for (?:approval|moderat)")),
    (
        "suspend",
        _any(
            (
                r"(?:account|mailbox|user|recipient|e-?mail(?: address)?|address)\W{1,4}(?:\S{1,60} "
                r"){0,6}?(?:is |has been |was |are |temporar\w+ |currently |been )*(?:suspended|"
                r"disabled|inactive|deactivated|frozen|locked|blocked due|discontinued|closed|expired|"
                r"not active|deleted due to inactivity)"
            ),
            (
                r"(?:suspended|disabled|inactive|deactivated|frozen|locked) (?:e-?mail )?(?:account|"
                r"mailbox|user|recipient|address)"
            ),
            r"not an active (?:address|account|user|mailbox)",
            r"mailbox (?:currently )?suspended",
            r"vdelivermail: account is locked",
            r"domain (?:is )?suspended",
            r"user suspended",
            r"account on hold",
            r"temporarily locked",
            r"no longer accepting (?:mail|messages)",
            r"service (?:is )?suspended",
            r"invalid/inactive user",
        ),
    ),
    (
        "mailboxfull",
        _any(
            (
                r"(?:mailbox|mail box|inbox|account|mail\s?file|maildir|user|storage|disk|quota|"
                r"recipient|mailfolder|mail folder)\W{1,4}(?:\S{1,40} ){0,6}?(?:is |was |has been |"
                r"are |too |currently |temporarily )*(?:full\b|over ?(?:its )?quota|over ?(?:size "
                r")?limit|exceed|out of (?:storage|space|disk)|no space|overdrawn)"
            ),
            (
                r"(?:over|exceed\w*|beyond|above|out of|insufficient|not enough|no).{0,30}(?:\bquota|"
                r"storage|disk ?space|mailbox size|(?:disk|mailbox|size|mail) ?(?:limit|space))"
            ),
            r"quota.{0,30}(?:exceed|full|violat|reach|limit|would)",
            r"mailbox[ -]?full",
            r"too many messages in",
            r"number of messages.{0,60}exceed",
            r"mailbox.{0,40}(?:exceeded|exceeds)",
            r"user is over",
            r"\bfull mailbox",
            r"no room in mailbox",
            r"(?:boîte|boite).{0,40}pleine",
            r"postfach.{0,40}(?:voll|überf)",
            r"casella.{0,30}piena",
            r"buz[oó]n.{0,30}lleno",
            r"caixa.{0,40}cheia",
            r"postvak.{0,30}vol\b",
            r"skrzynk\w+.{0,40}(?:pełn|przepełn)",
            r"ist voll\b",
            r"メールボックス.{0,30}(?:一杯|いっぱい|超)",
            r"容量.{0,20}超",
        ),
    ),
    (
        "exceedlimit",
        _any(
            r"message length exceeds",
            r"message (?:size )?exceeds (?:the )?(?:administrative|fixed) limit",
            r"exceeds? (?:the )?(?:recipient|mailbox).{0,15}(?:message size|size limit)",
        ),
    ),
    (
        "mesgtoobig",
        _any(
            r"message (?:is |was )?(?:too|over)[ -]?(?:big|large|size)",
            (
                r"(?:message|mail|e-?mail|content)(?:'s)? (?:file )?size.{0,40}(?:exceed|too|limit|"
                r"over|larger|maximum)"
            ),
            r"too (?:big|large)",
            r"(?:exceed\w*|over|larger than).{0,40}(?:max\w*|size|limit).{0,30}(?:message|size)",
            r"message (?:header )?size exceeds",
            r"larger than the (?:current|maximum)",
        ),
    ),
    (
        "systemfull",
        _any(
            r"(?:mail )?system full",
            r"insufficient system (?:storage|resources)",
            r"no space left on",
            r"out of disk",
            r"not enough (?:storage|disk) space",
            r"requested mail action aborted: exceeded storage",
        ),
    ),
    (
        "blocked",
        _any(
            r"(?:block|black|deny|drop|ban)[ -]?list",
            r"\brbls?\b",
            r"dnsbl",
            r"spamhaus",
            r"spamcop",
            r"barracuda",
            r"sorbs",
            r"\bblocked\b(?!.{0,20}attachment)",
            r"\bblock(?:ing)? (?:using|by|your|mail from)",
            r"banned",
            r"access (?:denied|refused|rejected)[,. ].{0,40}(?:sending ip|\bip\b|sender|host|spam)",
            (
                r"(?:your|the|sending|client|this|from|invalid) (?:ip|host|server|network)(?: "
                r"address)?\b.{0,80}(?:reject|denied|refuse|not (?:allowed|permitted|accepted|"
                r"welcome)|bann|listed)"
            ),
            r"client host.{0,80}reject",
            r"(?:no|deny|denied) access (?:from|to) (?:mail server|your|this|host|sender)",
            (
                r"you (?:are|have been).{0,20}(?:reject|block|bann|listed|not allowed to (?:connect|"
                r"send))"
            ),
            r"refused to talk to me",
            r"not accepting connections",
            (
                r"connections? (?:\w+ ){0,4}(?:will not be accepted|refused by policy|reject|dropped|"
                r"not accepted)"
            ),
            r"bad (?:sender ip|helo|host)",
            r"helo.{0,40}(?:reject|invalid|forged|fail|denied)",
            r"invalid (?:ip|helo)",
            r"cannot send e?-?mail to yourself",
            r"message (?:was )?refused.{0,20}(?:ip|host)",
            r"dynamic (?:ip|address)",
            r"we do not accept (?:mail|connections) from (?:your|this|hosts|dynamic)",
            r"fraudulent",
            r"connect(?:ion)? .{0,30}from (?:your|this).{0,20}(?:denied|refused|rejected)",
        ),
    ),
    (
        "securityerror",
        _any(
            r"\btls\b.{0,50}(?:required|support|fail|not|must|verif)",
            r"starttls",
            r"\bauthentication (?:required|failed|failure|is required)",
            r"must (?:be )?authenticat",
            r"turn on smtp authentication",
            r"unauthenticated senders?",
            r"(?:delivery not|not) authoriz",
            r"attachments?.{0,60}(?:not (?:allowed|accepted|permitted)|block|reject|prohibit)",
            r"(?:security|restricted).{0,30}(?:policy|attachment|problem)",
            r"executable",
            r"insecure",
            r"encryption (?:is )?required",
            r"you are not authorized",
        ),
    ),
    (
        "rejected",
        _any(
            r"permission to (?:post|send|write)",
            r"投稿する権限",
            r"not a member",
            r"valid from:",
            r"from:.{0,20}domain is invalid",
            (
                r"sender (?:address )?(?:is |was )?(?:rejected|denied|refused|not allowed|invalid|"
                r"verify failed|unknown|domain|blocked|not accepted|address verification)"
            ),
            (
                r"(?:reject|refus|den)\w*.{0,30}(?:mail|message|e-?mail)s? from (?:<|you|your|sender|"
                r"this|the|domain)"
            ),
            (
                r"mail from.{0,60}(?:reject|denied|refused|not allowed|not accepted|not permitted|"
                r"invalid)"
            ),
            (
                r"(?:domain of sender|sender.s (?:domain|address)|sending domain|return address|"
                r"sender domain|envelope sender|senders? (?:e-?mail )?address).{0,60}(?:not exist|"
                r"reject|denied|invalid|not resolve|required|unknown|must|not found|couldn.t|could "
                r"not|not accepted)"
            ),
            r"senders? (?:<?\S{1,80}>? )?(?:rejected|denied|blocked|not allowed|unknown)",
            r"unrouteable (?:sender|return)",
            r"(?:domain|address) in (?:the )?mail from",
            r"does not accept mail from",
            r"after mail from",
            r"not accept\w* (?:e-?mails?|mail|messages?) from (?:<|you|this|the|sender|domain)",
            r"null sender",
            r"invalid (?:sender|domain, see)",
            r"bad sender",
            r"empty envelope senders?",
            r"verify (?:the )?sender",
            r"from address.{0,30}(?:reject|refus|invalid|verif)",
            r"unwanted mail from",
            r"sender .{0,60} not (?:allowed|permitted|authorized)",
        ),
    ),
    (
        "policyviolation",
        _any(
            r"polic(?:y|ies)",
            r"prohibit",
            r"(?:message|content).{0,25}(?:not (?:allowed|permitted)|violat)",
            r"local polic",
            r"administrative(?:ly)? (?:prohib|restrict)",
            r"you.re not allowed",
            r"by (?:the )?administrator",
            r"rejected by (?:the )?(?:filter|rule)",
            r"administratively",
        ),
    ),
    (
        "notcompliantrfc",
        _any(
            r"rfc[ -]?\d{3,4}",
            r"not (?:rfc|compliant)",
            r"(?:multiple|duplicate|missing|invalid).{0,40}headers?\b",
            r"multiple addresses in from",
        ),
    ),
    (
        "hasmoved",
        _any(
            r"has (?:moved|changed (?:e-?mail )?address|been replaced)",
            r"(?:user|recipient|mailbox) (?:has )?moved",
            r"(?:new|changed|old) (?:e-?mail )?address(?: is)?\b.{0,40}(?:please use|instead|update)",
            r"no longer (?:used|valid|in use).{0,30}(?:use|instead)",
            r"no forwarding address",
            r"this address no longer accepts mail",
        ),
    ),
    (
        "notaccept",
        _any(
            r"null mx",
            r"nullmx",
            (
                r"(?:host|domain|system|server|address).{0,25}(?:does not|doesn.t|do not|not) "
                r"(?:accept(?:ing)?|receive) (?:any )?(?:e?-?mail|messages|network|smtp)"
            ),
            r"smtp protocol returned a permanent error",
            r"does not accept (?:any )?mail\b(?! from)",
            r"name server: \.: host not found",
            r"not accept(?:ing)? network messages",
            r"no such (?:smtp )?service",
            r"this (?:host|domain|account|mailbox).{0,30}(?:never|not) (?:receives?|accepts?)",
        ),
    ),
    ("syntaxerror", _any(r"malformed address")),
    (
        "hostunknown",
        _any(
            r"(?<![\w@.-])[a-z0-9-]+(?:\.[a-z0-9-]+)+>? does not exist",
            (
                r"(?:host|domain|domain name)\b.{0,30}(?:not found|unknown|unresolvable|does(?: not|"
                r"n.t) exist|isn.t found|cannot be found|could not be found|couldn.t be found|invalid|"
                r"lookup fail)"
            ),
            (
                r"(?:unknown|no such|invalid|unresolvable|unrouteable|non-?existent|illegal) (?:mail "
                r")?(?:host|domain)(?! of sender)"
            ),
            r"bad destination (?:system|host)",
            r"unrouteable (?:mail )?(?:domain|address)",
            r"name (?:service|server) error",
            r"nxdomain",
            r"no mx (?:record|host)",
            r"(?:couldn.t|could not|cannot|can.t) find any (?:host|mail exchanger)",
            r"host lookup failed(?!.{0,20}temporar)",
            r"(?:could|can) ?not find a (?:gateway|route|mail exchanger|host) for",
            r"all relevant mx records point to non-existent",
            r"mx or srv record indicated no smtp",
            r"responsible? for.{0,20}non-?exist",
            r"dns (?:error|lookup).{0,60}(?:not exist|no such|not found|nxdomain)",
            r"retry time not reached.{0,5}unroute",
            r"has no (?:mx|mail exchanger)",
            r"not found in dns",
            r"recipient.{0,30}domain.{0,30}(?:not (?:exist|found|valid)|unknown)",
        ),
    ),
    (
        "userunknown",
        _any(
            (
                r"(?:user|recipient|mailbox|account|address|addressee|local part|person|name|login|"
                r"customer|subscriber|username|userid|e-?mail address|alias|destination|destinataire|"
                r"destinatario|empfänger)s?\W{1,4}(?:\S{1,80} ){0,6}?(?:is |was |are |has been |"
                r"does |do |could |can |did |currently )*(?:unknown|not found|not exist|n.t exist|"
                r"non[ -]?exist|not known|not listed|not be found|not recognized|not a (?:valid|known|"
                r"local)|not valid|invalid|inexistant|inconnu|unavailable|not available|no longer "
                r"(?:available|valid|exists|with|employed|active|here|in use|on)|not in|undefined|"
                r"removed|terminated|deleted|wasn.t found|couldn.t be found|isn.t|incorrect|not have "
                r"an? (?:\S{1,40} )?account|unrouteable|disappeared|not (?:one of )?our|existiert|"
                r"desconhecid|desconocid|no existe|sconosciut)"
            ),
            (
                r"(?:unknown|no such|invalid|non-?existent|nonexist\w*|unrecognized|bad|undeliverable|"
                r"illegal|incorrect|not a (?:valid|known|local)|no valid|unavailable|unrouteable|"
                r"undefined|inconnu\w*) (?:local |e-?mail |mail |virtual |destination |to |external |"
                r"forward |final )?(?:user|recipient|mailbox|account|address(?:ee)?|local part|person|"
                r"name|alias|customer|login|subscriber|mail ?drop|destination|destinataire)s?"
            ),
            r"user[_ ]?unknown",
            r"recipnotfound",
            r"recipient ?not ?found",
            r"no mailbox (?:here|by|with|for|found)",
            r"(?:there is|there.s) no (?:one|user|mailbox|account|such|person)",
            r"doesn.t have an? \S{1,60} account",
            r"(?:does not|doesn.t) exist",
            r"not listed in",
            r"no one (?:here )?by that name",
            r"mailbox (?:not available|unavailable|does)",
            r"not a known user",
            r"dosn.t exist",
            r"unknown (?:e-?mail|recipient|to address|account)",
            r"unable to find (?:recipient|user|account)",
            (
                r"(?:can.t|cannot|could not) (?:find|verify|deliver to) (?:the )?(?:recipient|user|"
                r"mailbox|account|address)"
            ),
            r"we have no (?:mailbox|user)",
            r"wrong (?:address|recipient)",
            r"no such (?:person|object|id)",
            r"no account by",
            r"not our customer",
            r"adresse.{0,40}(?:invalide|inconnue|n.existe)",
            r"destinataire.{0,40}(?:inconnu|invalide|n.existe)",
            r"empfänger.{0,40}(?:unbekannt|nicht)",
            r"(?:indirizzo|utente|casella).{0,40}(?:inesistent|sconosciut|non esist|non valid)",
            r"utilizador.{0,30}(?:desconhecid|não existe)",
            r"usuario.{0,30}(?:desconocid|no existe)",
            r"relay access denied.{0,40}unknown",
            r"no user\b",
            r"recipient address rejected: access denied",
            r"bad destination mailbox",
            r"domain does not handle",
            r"email address was not found",
            r"has no mailbox",
            r"rcpt.{0,10} failed",
            r"リストにありません",
            r"見つから",
            r"存在しな",
            r"宛先不明",
        ),
    ),
    (
        "syntaxerror",
        _any(
            r"syntax error",
            r"command (?:not recognized|unrecognized|not implemented)",
            r"unrecognized command",
            r"unsupported command",
            r"bad sequence of commands",
            r"parameters? (?:not (?:recognized|implemented))",
        ),
    ),
    (
        "expired",
        _any(
            r"(?:delivery|message|queue|retry|mail).{0,30}(?:expired|timed? ?out|timeout)",
            r"(?:has been |was )?(?:in (?:the )?)?queue.{0,30}too long",
            (
                r"(?:connection|operation|read|session|connect|conversation).{0,60}(?:timed? ?out|"
                r"timeout|refused|reset|lost|closed|dropped)"
            ),
            (
                r"not (?:been )?(?:delivered|able to deliver).{0,30}(?:within|for|after|yet|in) "
                r"?.{0,15}(?:hours?|days?|minutes?)"
            ),
            (
                r"(?:could|cannot|can) ?n[o']t (?:deliver|be delivered|send message).{0,30}(?:for|"
                r"within|in).{0,15}(?:hours?|days?|minutes?)"
            ),
            r"retry (?:time(?:out)?|timeout) (?:exceeded|not reached)",
            r"(?:still|will) (?:be )?(?:retr|try|attempt)",
            r"delivery (?:has been |temporarily |is )?(?:delayed|deferred|suspended|attempts)",
            r"delivery time expired",
            r"unable to deliver in",
            r"\bdeferred\b",
            r"gave up",
            r"giving up",
            r"not respond",
            r"unable to connect",
            r"(?:couldn.t|could not|cannot|can.t|unable to) (?:establish|open|make).{0,30}connection",
            r"host (?:is )?(?:not reachable|unreachable|down|not responding)",
            r"no route to host",
            r"network is unreachable",
            r"message expired",
            r"connect to .{0,80}(?:refused|timed|unreachable)",
            r"try again later",
            r"greylist",
            r"will (?:continue|keep) trying",
            r"has not yet been delivered",
        ),
    ),
    (
        "networkerror",
        _any(
            r"(?:mail|forwarding|routing) loop",
            r"hop count",
            r"too many hops",
            r"hops exceeded",
            r"loops? back to",
            r"dns (?:query|lookup|server|error|type).{0,40}(?:fail|error|temporar|timeout)",
            r"host lookup (?:did not complete|failed)",
            r"network error",
            r"mx.{0,30}loop",
            r"no route",
            r"delivered-to.{0,10}loop",
            r"malformed.{0,30}(?:inverse )?dns",
            r"duplicated message-id",
            r"loop alert",
        ),
    ),
    (
        "contenterror",
        _any(
            r"media error",
            (
                r"(?:content|mime|encod|charset|8-?bit|header|conversion|body)\w*.{0,40}(?:error|not "
                r"supported|unsupported|malformed|invalid|too large|required|bad|reject|illegal)"
            ),
            r"improper use of 8-bit",
            r"malformed (?:mime|message|header|mail)",
            r"headers too large",
            r"file (?:name|extension|type)",
        ),
    ),
    (
        "mailererror",
        _any(
            r"mailer error",
            (
                r"(?:command|pipe|procmail|process|program|local mailer|mailer)\b.{0,60}(?:fail|exit|"
                r"died|code|crash|error|return|signal)"
            ),
            r"x-unix",
            r"exit (?:status|code)",
            r"\bpipe to\b",
            r"dsn=5\.3\.0",
            r"died with",
            r"returned non-?zero",
            r"vdelivermail",
            r"exited with",
        ),
    ),
    (
        "systemerror",
        _any(
            (
                r"(?:internal|system|server|local|software|i/o|config\w*|temporary|service|proxy|"
                r"address resolution).{0,25}(?:error|failure|fault|problem|unavailable)"
            ),
            r"service (?:currently |temporarily )?(?:unavailable|not available)",
            r"unable to (?:process|complete)",
            r"can.t create",
            r"cannot (?:open|append|write)",
            r"i/o error",
            r"operating system error",
            r"system (?:configuration )?error",
            r"out of memory",
            r"ldap",
            r"interrupted system call",
        ),
    ),
    (
        "filtered",
        _any(
            r"(?:requested|action).{0,30}(?:not taken|aborted).{0,40}mailbox",
            r"because the recipient (?:is not accepting|only)",
            r"\bfilter",
            r"recipient (?:refuse|reject|block|does not wish|not accepting)",
            r"refused (?:to accept|by recipient|by the recipient)",
            r"only accept(?:s|ing)? (?:mail|messages) from",
            r"not accept(?:ing)? (?:mail|messages|e-?mail)",
            r"message (?:was )?rejected by (?:the )?(?:user|recipient)",
        ),
    ),
)

# RFC 3463 and what large providers add; used when no words speak. "x.1" alone is for other details of it.
_CODES: dict[str, str] = {
    "x.1": "userunknown",
    "x.1.0": "rejected",
    "x.1.1": "userunknown",
    "x.1.2": "hostunknown",
    "x.1.3": "userunknown",
    "x.1.4": "userunknown",
    "x.1.5": "delivered",
    "x.1.6": "hasmoved",
    "x.1.7": "rejected",
    "x.1.8": "rejected",
    "x.1.9": "systemerror",
    "x.1.10": "userunknown",
    "x.2.0": "filtered",
    "x.2.1": "suspend",
    "x.2.2": "mailboxfull",
    "x.2.3": "exceedlimit",
    "x.2.4": "filtered",
    "x.3.0": "systemerror",
    "x.3.1": "systemfull",
    "x.3.2": "notaccept",
    "x.3.3": "systemerror",
    "x.3.4": "mesgtoobig",
    "x.3.5": "systemerror",
    "x.4.0": "networkerror",
    "x.4.1": "expired",
    "x.4.2": "expired",
    "x.4.3": "networkerror",
    "x.4.4": "hostunknown",
    "x.4.5": "systemfull",
    "x.4.6": "networkerror",
    "x.4.7": "expired",
    "x.4.310": "hostunknown",
    "x.4.312": "networkerror",
    "x.4.316": "expired",
    "x.5.0": "syntaxerror",
    "x.5.1": "syntaxerror",
    "x.5.2": "syntaxerror",
    "x.5.3": "toomanyconn",
    "x.5.4": "syntaxerror",
    "x.5.5": "systemerror",
    "x.6": "contenterror",
    "x.7": "blocked",
    "x.7.0": "policyviolation",
    "x.7.1": "rejected",
    "x.7.8": "securityerror",
    "x.7.9": "policyviolation",
    "x.7.13": "suspend",
    "x.7.17": "hasmoved",
    "x.7.18": "hasmoved",
    "x.7.20": "authfailure",
    "x.7.21": "authfailure",
    "x.7.23": "authfailure",
    "x.7.25": "requireptr",
    "x.7.26": "authfailure",
    "x.7.27": "authfailure",
    "x.7.28": "speeding",
    "x.7.29": "securityerror",
    "x.7.30": "authfailure",
}

_AFTER_RCPT = _any(
    r"\bRCPT(?:[ _]TO)?\b(?! \(| first)", r"does not like recipient", r"did not like our RCPT", r"\bVRFY\b"
)
# The server's own line inside a daemon's letter.
_SERVER_LINE = re.compile(
    r"^.{0,200}?(?:<<< ?|(?<![\d.:/\w@=-])[45][0-5]\d[ -]).*(?:\n(?![ \t]*\n).*){0,4}", re.MULTILINE
)


def refusal(words: str, *, status: str = "", delayed: bool = False) -> Refusal:
    """`words` is the server's diagnostic, `status` what the report's field says; either may be empty.

    An enhanced code inside the diagnostic is nearer to the refusing server than the field, so it wins.
    """
    said = codes_in(words)
    code = (
        next((c for c in reversed(said) if not c.endswith(".0.0")), "")
        or status
        or (said[-1] if said else "")
    )
    if code.endswith(".0.0") and said:
        code = said[-1]
    replies = _REPLY.findall(words)
    reply = replies[0] if replies else ""
    if not code and reply:
        code = f"{reply[0]}.0.0"
    temporary = delayed or code.startswith("4") or (not code and reply.startswith("4"))
    spoken = "\n".join(match.group(0) for match in _SERVER_LINE.finditer(words[:8000]))
    reason = reason_of(spoken, code, context=words) if spoken else "onhold"
    if reason in ("onhold", "expired") or not spoken:
        reason = reason_of(words, code, context=words)
    return Refusal(code, reply, reason, hardness_of(reason, temporary=temporary))


def reason_of(words: str, code: str, *, context: str = "") -> str:
    """`context` is the whole letter, for the command at which the server refused."""
    flat = " ".join(_RULED.sub(" ", words).split())[:4000]
    by_code = _by_code(code)
    if code.startswith("2."):
        return "delivered"
    if _NO_MAIL_HERE.search(flat):
        return "notaccept"
    if by_code in ("mailboxfull", "authfailure", "requireptr", "hasmoved") and code[0] == "5":
        return by_code
    if _UNWANTED.search(flat):
        return "filtered"
    for reason, pattern in _WORDS:
        if pattern.search(flat):
            if (
                reason in ("userunknown", "hostunknown")
                and _AFTER_MAIL.search(context)
                and not _AFTER_RCPT.search(context)
            ):
                return "rejected"
            if reason == "userunknown":
                return _unknown_or_filtered(flat, code, context or words)
            if reason in _VAGUE and by_code in ("userunknown", "hostunknown", "suspend"):
                return by_code
            return reason
    return by_code or ("expired" if code.startswith("4") else "onhold")


def hardness_of(reason: str, *, temporary: bool) -> Hardness:
    if reason in _POLICY:
        return Hardness.POLICY
    return Hardness.HARD if reason in _HARD and not temporary else Hardness.SOFT


def codes_in(words: str) -> list[str]:
    return _CODE.findall(words[:8000])


def _unknown_or_filtered(words: str, code: str, context: str) -> str:
    """ "User unknown" is believed when a second witness agrees: code, command, or a daemon that looked.

    Gateways say it after they took the recipient and read the text, and then it means "not wanted": such
    addresses answered other senders, so they count as soft and fall to the limit of repeated soft bounces.
    """
    coded = _REPLY.search(words) is not None
    believed = (
        code.startswith(("5.1.", "4.1."))
        or _AFTER_RCPT.search(context) is not None
        or _LOOKED_UP.search(f"{code} {_LEADING_CODES.sub('', words)}") is not None
    )
    if _NO_ACCOUNT.search(context):
        return "userunknown" if believed or coded else "filtered"
    return "userunknown" if believed or not coded else "filtered"


def _by_code(code: str) -> str:
    if not re.fullmatch(r"[45]\.\d{1,2}\.\d{1,3}", code) or code.endswith(".0.0"):
        return ""
    key = "x" + code[1:]
    return _CODES.get(key) or _CODES.get(key.rpartition(".")[0], "")
