"""What the person wrote, without what they quoted and without their signature.

Losing words of the reply is worse than leaving a signature: every cut must be backed by more than one sign,
and a cut that would leave nothing is taken back.
"""

from __future__ import annotations

import quopri
import re
from dataclasses import dataclass

from panout.replies.rules.htmltext import CUT

MAX_LINES = 6_000


@dataclass(frozen=True)
class ReplyText:
    """`text` is the reply alone; `signature` and `quoted` are what was taken off (each may be empty)."""

    text: str
    signature: str
    quoted: str
    forwarded: bool


def reply_in(body: str) -> ReplyText:
    lines = _lines(body)
    kept, quoted, forwarded = _without_quotes(lines)
    kept = _without_banner(kept)
    text, signature = _without_signature(kept)
    if not _words(text) and _words(kept):
        text, signature = kept, []
    return ReplyText(_joined(text), _joined(signature), _joined(quoted), forwarded)


# --- quotes --------------------------------------------------------------------------------------------

_MONTHS = (
    "jan|feb|f[ée]v|m[aä]r|mrz|apr|avr|abr|ma[iyjg]|jun|jui|giu|jul|lug|aug|ao[uû]|ago|"
    "sep|set|okt|oct|ott|out|"
    "nov|de[czs]|dic|gen|ene|sty|lut|kwi|maj|cze|lip|sie|wrz|pa[zź]|lis|gru|янв|фев|мар|"
    "апр|мая|июн|июл|авг|сен|окт|ноя|дек"
)
_DATE = re.compile(
    rf"\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}|"
    rf"\d{{1,2}}\.?\s*(?:de\s+)?(?:{_MONTHS})[a-zé.ûçńьаяа-я]*|"
    rf"(?:{_MONTHS})[a-z.]*\s*\d{{1,2}}|"
    r"\d{4}\s*[年년]|\d{1,2}:\d{2}|\b\d{1,2}[ ./]\d{1,2}[ ./]\d{2,4}",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"\b(?:wrote|writes|said|schrieb(?:en)?|schreef|het volgende geschreven|a [ée]crit|"
    r"escribi[oó]|escribe|escreveu|ha scritto|scrive|"
    r"skrev|skreiv|kirjoitti|napsal(?:\(a\))?|napísal|napisał(?:\(a\)|a)?|pisze|napisal|"
    r"написала?|пишет|wrotes|írta|a scris|yazdı|написав)\b|"
    r"написал|写道|寫道|님이 작성|のメール|さんは書きました|schrieb|skrev",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"<?\s{0,5}(?:mailto:)?[\w.+%'&-]{1,80}@[\w.-]{1,120}")
_BEGINS = re.compile(
    (
        r"^(?:on|am|le|el|em|il(?: giorno)?|op|den|dne|dnia|w dniu|dana|pe|no dia|a la|vào|"
        r"tarihinde|på|(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|man|tir|tis|ons|"
        r"tor|fre|lør|lör|søn|sön|lun|mar|mer|jeu|ven|sam|dim|pn|wt|śr|czw|pt|"
        r"sob)\w{0,8}[.,]?|\d{1,4}[./年-]|\d{1,2}\.? \w+)[ .,\d]"
    ),
    re.IGNORECASE,
)
_HEADER_NAMES = {
    "from": (
        "from|von|de|da|van|fra|från|od|от|kimden|发件人|寄件者|差出人|보낸 사람|lähettäjä|mittente|"
        "feladó|expéditeur|remitente|afzender"
    ),
    "sent": (
        "sent|gesendet|envoy[ée]|enviado(?: el| em)?|inviato|verzonden|sendt|skickat|wysłano|"
        "date|datum|datum/uhrzeit|data|fecha|dato|odesláno|отправлено|дата|gönderildi|发送时间|"
        "日期|送信日時|日時|보낸 날짜|lähetetty|päiväys"
    ),
    "to": "to|an|à|a|para|aan|til|till|do|komu|кому|kime|收件人|宛先|받는 사람|vastaanottaja",
    "subject": (
        "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|ämne|temat|předmět|тема|"
        "konu|主题|主旨|件名|제목|aihe"
    ),
    "other": (
        "cc|kopie|copie|copia|cópia|kopia|kopi|bcc|reply-to|antwort an|antwoord aan|"
        "organization|organisation|importance|priority|wichtigkeit|priorität|vedhæftet|"
        "attachments?|anlagen?|dw|udw"
    ),
}
_HEADER = {
    name: re.compile(
        rf"^[\s>*_|]{{0,12}}(?:{words})\s{{0,3}}[*_]{{0,2}}\s{{0,2}}[:：]\s{{0,3}}[*_]{{0,2}}(?=\s|\S)",
        re.IGNORECASE,
    )
    for name, words in _HEADER_NAMES.items()
}
_SEPARATOR = re.compile(
    r"^[\s>*_]{0,12}(?:-{2,}|_{2,}|={2,}|—{1,})?\s{0,3}(?:original(?:e|a)? (?:message|"
    r"mail|appointment|text)|ursprüngliche (?:nachricht|mail)|originalnachricht|"
    r"original-nachricht|message (?:d'origine|original|transféré)|mensaje original|"
    r"mensagem original|messaggio originale|oorspronkelijk bericht|"
    r"oprindelig (?:meddelelse|besked)|ursprungligt meddelande|originalmeddelande|"
    r"wiadomość oryginalna|oryginalna wiadomość|původní zpráva|исходное сообщение|"
    r"alkuperäinen viesti|opprinnelig melding|原始邮件|元のメッセージ|원본 메시지|"
    r"forwarded (?:message|by.{0,80})|weitergeleitete (?:nachricht|e-?mail)|anfang der "
    r"weitergeleiteten (?:nachricht|e-?mail)|message transféré|mensaje reenviado|mensagem "
    r"(?:encaminhada|reencaminhada)|messaggio inoltrato|doorgestuurd bericht|videresendt "
    r"(?:meddelelse|besked)|vidarebefordrat meddelande|wiadomość przekazana|przesłana "
    r"(?:dalej )?wiadomość|"
    r"begin forwarded message|début du message (?:réexpédié|transféré)|inizio messaggio "
    r"inoltrato|inicio del mensaje reenviado|begin doorgestuurd bericht|start på "
    r"videresendt besked|vidarebefordrat brev)\s{0,3}:?\s{0,3}(?:-{2,}|_{2,}|={2,}|"
    r"—{1,})?\s*$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    (
        r"forward|weitergeleitet|transf[ée]r|réexpédi|reenviad|encaminhad|inoltrat|"
        r"doorgestuurd|videresend|vidarebeford|przekazan|przesłan|^fwd?:"
    ),
    re.IGNORECASE,
)
_PROCESSED = re.compile(
    (
        r"^\s{0,4}original message processed by|^\s{0,4}-{3,}\s?reply to this email|^##- "
        r".{0,80}(?:above|reply)|^[-– ]{0,10}please (?:type your reply|reply) above this line"
    ),
    re.IGNORECASE,
)
# Notes puts the attribution between dashes.
_DASHED = re.compile(r"^-{3,}.{3,200}:\s?-{3,}$")
_RULE = re.compile(r"^\s{0,6}[*>]{0,3}\s{0,3}[_—=-]{5,}\s{0,3}\**\s*$")


def _lines(body: str) -> list[str]:
    if _looks_quoted_printable(body):
        body = quopri.decodestring(body.encode("utf-8", errors="replace")).decode("utf-8", errors="replace")
    for odd, plain in (
        ("\r\n", "\n"),
        ("\r", "\n"),
        ("\xa0", " "),
        ("\u202f", " "),
        ("\u200b", ""),
        ("\ufeff", ""),
    ):
        body = body.replace(odd, plain)
    # Marks of writing direction, which clients put around names and dates.
    body = re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", body)
    return [line.rstrip()[:4000] for line in body.split("\n", MAX_LINES)[:MAX_LINES]]


def _looks_quoted_printable(body: str) -> bool:
    """A body that somebody saved still encoded: soft line breaks and escapes, which no person types."""
    head = body[:20_000]
    return len(re.findall(r"=\r?\n", head)) >= 3 and re.search(r"=(?:E2=80|C3=|20\r?\n|3D)", head) is not None


def _without_quotes(lines: list[str]) -> tuple[list[str], list[str], bool]:
    """Lines of the reply, of the history, and whether it is a forward with nothing of its own."""
    kept: list[str] = []
    quoted: list[str] = []
    forwarded = False
    at = 0
    while at < len(lines):
        line = lines[at]
        if line == CUT:
            if not lines[at + 1 :] or _words(kept):
                quoted += lines[at + 1 :]
                break
            at += 1
            continue
        span = _header_at(lines, at)
        if span:
            after = at + span
            forwarded = forwarded or bool(_FORWARD.search(line)) or _is_separator_of_forward(lines, at)
            body_start = _first_content(lines, after)
            marked = body_start < len(lines) and lines[body_start].lstrip().startswith(">")
            if marked:
                # Everything marked is history; what stands between or below unmarked is the answer.
                quoted += lines[at:body_start]
                at = body_start
                continue
            on_top = not _words(kept) and body_start < len(lines)
            if on_top and not _only_attribution(lines, at, span) and not _header_follows(lines, after):
                # A header block on top with nothing above it: a saved message, not a quotation.
                quoted += lines[at:after]
                at = after
                continue
            quoted += lines[at:]
            break
        if _is_marked(line):
            quoted.append(line)
            at += 1
            continue
        kept.append(line)
        at += 1
    return _tidy(kept), quoted, forwarded and not _words(kept)


def _is_marked(line: str) -> bool:
    stripped = line.lstrip()
    return stripped.startswith(">") and not stripped.startswith((">:", ">.<", ">_<"))


def _header_at(lines: list[str], at: int) -> int:
    """How many lines of attribution, header block or separator begin here; 0 when none does."""
    line = lines[at]
    bare = line.lstrip("> \t")
    if not bare:
        return 0
    marked = _is_marked(line)
    if _SEPARATOR.match(bare) or _PROCESSED.search(bare):
        return 1 + _blank_and_block(lines, at + 1)
    if _DASHED.match(bare) and _WROTE.search(bare):
        return 1 + _blank_and_block(lines, at + 1)
    block = _block_length(lines, at)
    if block:
        return block
    if _RULE.match(bare) and not marked:
        following = _first_content(lines, at + 1, limit=3)
        if following < len(lines) and (length := _block_length(lines, following)):
            return following - at + length
        return 0
    if marked:
        return 0
    return _attribution_length(lines, at)


def _blank_and_block(lines: list[str], at: int) -> int:
    following = _first_content(lines, at, limit=3)
    length = _block_length(lines, following) if following < len(lines) else 0
    return following - at + length if length else 0


def _block_length(lines: list[str], at: int) -> int:
    """A header block: two kinds of header within the next lines, one of them sender or date."""
    if not any(_HEADER[name].match(lines[at]) for name in ("from", "sent", "subject", "to")):
        return 0
    seen: set[str] = set()
    length = gap = 0
    for offset in range(min(14, len(lines) - at)):
        line = lines[at + offset]
        names = [name for name, pattern in _HEADER.items() if pattern.match(line)]
        if names:
            seen.add(names[0])
            length, gap = offset + 1, 0
        elif not line.strip(" >\t*"):
            gap += 1
            if gap > 1 or len(seen) >= 3:
                break
        else:
            gap += 1
            if gap > 1:
                break
    if len(seen) < 2 or not ({"from", "sent"} & seen):
        return 0
    if not {"from", "subject"} & seen:
        return 0
    has_proof = any(_ADDRESS.search(lines[at + o]) or _DATE.search(lines[at + o]) for o in range(length))
    return length if has_proof or len(seen) >= 3 else 0


def _attribution_length(lines: list[str], at: int) -> int:
    """`On <date>, <name> wrote:` in many languages, over up to four lines (clients wrap it)."""
    joined = ""
    for offset in range(min(4, len(lines) - at)):
        line = lines[at + offset].strip()
        if offset and (not line or line.startswith(">")):
            return 0
        joined = f"{joined} {line}".strip()
        if len(joined) > 400:
            return 0
        if not joined.endswith((":", "：")):
            continue
        if _is_attribution(joined):
            return 0 if _begins_later(lines[at : at + offset + 1]) else offset + 1
        if _dates_an_address(joined) and _quoted_below(lines, at + offset + 1):
            return offset + 1
    return 0


def _dates_an_address(text: str) -> bool:
    """An attribution in a language that we do not know: a day, an hour and an address in brackets."""
    return re.search(r"\b20\d\d\b.*\d{1,2}[:.]\d\d", text) is not None and "<" in text and "@" in text


def _quoted_below(lines: list[str], at: int) -> bool:
    following = _first_content(lines, at)
    return following < len(lines) and _is_marked(lines[following])


def _begins_later(lines: list[str]) -> bool:
    """Whether the first of these lines is a sentence of the reply with the attribution right below it."""
    tails = (" ".join(line.strip() for line in lines[start:]) for start in range(1, len(lines)))
    return any(_BEGINS.match(tail) and _is_attribution(tail) for tail in tails)


def _is_attribution(text: str) -> bool:
    dated = _DATE.search(text) is not None
    addressed = _ADDRESS.search(text) is not None
    wrote = _WROTE.search(text) is not None
    begins = _BEGINS.match(text) is not None
    if wrote and begins and (dated or addressed):
        return True
    if wrote and dated and addressed:
        return True
    return dated and addressed and begins and re.search(r"\d{4}|\d{1,2}:\d{2}", text) is not None


def _only_attribution(lines: list[str], at: int, span: int) -> bool:
    return bool(_attribution_length(lines, at)) and span <= 4


def _is_separator_of_forward(lines: list[str], at: int) -> bool:
    return bool(_FORWARD.search(" ".join(lines[at : at + 2])))


def _header_follows(lines: list[str], at: int) -> bool:
    """Whether the body below a header block is itself another message of the same thread."""
    return _words(lines[at : at + 3]) == 0


def _first_content(lines: list[str], at: int, limit: int = 6) -> int:
    for offset in range(limit):
        if at + offset >= len(lines):
            return len(lines)
        if lines[at + offset].strip() and lines[at + offset] != CUT:
            return at + offset
    return at


# --- signature -----------------------------------------------------------------------------------------

_DASHES = re.compile(r"^\s{0,2}(?:--|—|––)\s?$")
_LONG_RULE = re.compile(r"^\s{0,4}\*{0,2}(?:[_]{4,}|[-]{8,}|[=]{8,}|[*]{8,}|[–—]{3,})\*{0,2}\s*$")
_DEVICE = re.compile(
    r"^\W{0,3}(?:sent|gesendet|envoyé|enviado|inviato|verzonden|verstuurd|sendt|skickat|"
    r"wysłan[eoa]|wysłano|odesláno|von meine[mr]|отправлено|lähetetty|gönderildi|get|hent|"
    r"hämta|téléchargez|obtener|obter|scarica|pobierz|holen sie sich|download|发自|"
    r"iphoneから送信|나의)"
    r"(?:.{0,60}?)(?:iphone|ipad|android|blackberry|samsung|galaxy|huawei|xiaomi|nokia|"
    r"pixel|motorola|smartphone|mobil\w*|handy|phone|tablet|outlook|yahoo|gmail|gmx|"
    r"web\.de|proton\w*|thunderbird|mail(?: app| for|bird)?|sparrow|spark|mailspring|"
    r"airmail|superhuman|device|gerät|telefon\w*|móvil|celular|portable|portatile|"
    r"t[ée]l[ée]phone|wireless|3g|4g|lte|ios|windows)\b.{0,80}$|"
    r"^\W{0,3}sent from (?:a|the) .{3,40}$|^\W{0,3}von meine[mr] .{2,40} gesendet\W{0,2}$|"
    r"^\W{0,3}发自我的.{1,20}$|^\W{0,3}iphoneから送信$",
    re.IGNORECASE,
)
_SAID_OF_SENDING = re.compile(r",\s+(?:is|was|are|so|which|it|that)\b")
_THANKS = re.compile(
    (
        r"^\W{0,3}(?:many )?(?:thanks|thank you|thx|danke|vielen dank|besten dank|merci|"
        r"gracias|muchas gracias|grazie|obrigad[oa]|bedankt|dank|tack|tak|dziękuję|спасибо)\b"
    ),
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"^\W{0,3}(?:(?:with |my |very |many |mit |med |cu |con |un )?(?:(?:kind(?:est)?|best|"
    r"warm(?:est)?|many|all the|all my|yours?|with|very|freundliche[nr]?|viele|beste[nr]?|"
    r"liebe|herzliche[nr]?|schöne|sonnige|vriendelijke?|hartelijke|bedste|venlige?|"
    r"vänliga?|bästa|varma|cordiali|distinti|atenciosas|melhores|cordiales|cordiais|un "
    r"cordial|bien|très|meilleures|sincères)\s+)+"
    r"(?:regards?|wishes|best|greetings|thanks|sincerely|truly|faithfully|cheers|gr(?:ü|"
    r"ue)(?:ß|ss)e?n?|gruß|gruss|groeten?|groet|hilsen(?:er)?|hilsner|hälsning(?:ar)?|"
    r"saluti|saludos?|cumprimentos|saudações|cordialement|à vous|sincerely|amicalement|"
    r"salutations)|"
    r"regards|rgds|br|kr|best|cheers|thanks(?: (?:again|a lot|so much|and (?:best|kind) "
    r"regards|& regards|in advance|and regards))?|thank you(?: (?:very much|so much|again|"
    r"in advance))?|many thanks|thx|ty|sincerely(?: yours)?|yours(?: (?:sincerely|truly|"
    r"faithfully))?|respectfully|warmly|take care|ciao|have a (?:great|good|nice|lovely|"
    r"wonderful) (?:day|week|weekend|one|evening)|"
    r"mfg|mit freundlichem gru(?:ß|ss)|gr(?:ü|ue)(?:ß|ss)e?(?: aus .{2,30})?|gru(?:ß|ss)|"
    r"lg|vg|bg|danke(?: (?:und|im voraus|dir|ihnen).{0,40})?|besten dank|vielen dank(?: "
    r"(?:und|im voraus).{0,40})?|hochachtungsvoll|"
    r"cordialement|cdlt|cdt|bien (?:à (?:vous|toi)|cordialement)|bonne (?:journée|soirée|"
    r"fin de journée|semaine)|salutations(?: distinguées)?|sincèrement|merci(?: "
    r"(?:d'avance|beaucoup|par avance|et .{2,30}))?|amicalement|très cordialement|"
    r"(?:un )?(?:cordial )?saludos?(?: cordiales)?|un abrazo|atentamente|atte|muchas "
    r"gracias|gracias(?: (?:y saludos|de antemano))?|"
    r"(?:cordiali |distinti )?saluti|cordialmente|grazie(?: (?:mille|e .{2,20}))?|un "
    r"saluto|buona giornata|a presto|"
    r"(?:met )?(?:vriendelijke |hartelijke )?groet(?:en|jes)?|mvg|gr|bedankt|alvast "
    r"bedankt|dank(?: je)?(?: wel)?|"
    r"(?:com os melhores )?cumprimentos|atenciosamente|att|abraços?|obrigad[oa]|saudações|"
    r"pozdrawiam(?: serdecznie)?|pozdrowienia|z (?:poważaniem|powazaniem|wyrazami "
    r"szacunku)|dziękuję(?: i pozdrawiam)?|serdecznie pozdrawiam|"
    r"(?:med )?(?:venlig(?:e)? |vänlig(?:a)? |bästa |bedste |mange |de bedste )?(?:hilsen|"
    r"hilsner|hälsning(?:ar)?)|mvh|vh|dbh|kh|knus|tack(?: på förhand)?|tak(?: på "
    r"forhånd)?|på forhånd tak|ha det bra|s pozdravem|s úctou|děkuji|"
    r"с уважением|спасибо|敬具)(?:\s+(?:from|aus|uit|fra|"
    r"från)\s.{2,30})?\s?[,.!;:~)—–-]{0,3}\s?(?:[:;][)-]{1,2})?\s*$",
    re.IGNORECASE,
)
_INLINE_SIGN_OFF = re.compile(
    (
        r"^\W{0,2}(?:regards|best regards|kind regards|best|thanks|cheers|mvh|mfg|lg|vg|br|kr|"
        r"gruß|grüße|viele grüße|cordialement|saludos|saluti|groet|pozdrawiam|hilsen|thx|"
        r"thank you)\s?[,/;:–-]\s?(?:\w[\w.'-]{0,20}\s?){1,3}$"
    ),
    re.IGNORECASE,
)
_NAME_LINE = re.compile(
    r"^\W{0,3}(?:[A-ZÀ-ÖØ-ÞŁŚŻĄĆĘŃÓŹĐ][\w.'’-]{0,24}(?:\s+(?:van|von|de|den|der|da|di|la|"
    r"le|af|av|zu|ter|y|e))*[\s,]{0,3}){1,4}\W{0,3}$"
)
_CONTACT = re.compile(
    r"\+?\(?\d[\d\s()./-]{6,}\d|@[\w-]+\.\w|https?://|www\.|\b(?:tel|phone|mobile|mob|"
    r"cell|fax|direct|office|t|m|p|f|e|w|telefon|mobil|tlf|tél|tel[eé]f\w*|telefono|handy|"
    r"linkedin|skype|web|e-?mail)\b\s?[.:/|]|"
    r"\b(?:gmbh|inc\.?|ltd\.?|llc|s\.?a\.?s?|ag|bv|b\.v\.|ab|oy|a/s|aps|sp\. z o\.o|corp|"
    r"s\.?r\.?l|plc|kg)\b|\b(?:ceo|cto|cfo|coo|vp|director|manager|head of|founder|"
    r"engineer|consultant|developer|partner|president|geschäftsführer|leiter(?:in)?|"
    r"directeur|directrice|responsable|gerente|direttore|responsabile|direktør|chef|"
    r"dyrektor|kierownik|coordinator|specialist|analyst|officer|lead)\b|"
    r"\[cid:|\[image|\[logo|\d{4,5}\s+[A-Z]\w+",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"^\W{0,4}(?:disclaimer|confidential(?:ity)?\b.{0,40}(?:notice|note|:)|legal notice|"
    r"caution\s?:|warning\s?:|external (?:email|message|sender)|this (?:e-?mail|message|"
    r"communication)(?: w/attachments)?(?:.{0,60})(?:confidential|intended|privileged|"
    r"contain|may|is for|has been scanned)|the (?:information|contents?) (?:contained |"
    r"transmitted )?(?:in|of) this (?:e-?mail|message|communication)|"
    r"diese (?:e-?mail|nachricht) (?:enthält|ist|kann|und)|der inhalt dieser|(?:wichtiger "
    r")?hinweis\s?:|ce (?:message|courriel|mail|e-mail)(?:.{0,60})(?:confidentiel|destin)|"
    r"este (?:mensaje|correo|e-?mail)(?:.{0,60})(?:confidencial|dirig|conten)|esta "
    r"mensagem|questo (?:messaggio|documento)|il (?:presente )?messaggio|dit (?:bericht|"
    r"e-?mailbericht)|deze e-?mail|denne (?:e-?mail|meddelelse|besked)|detta "
    r"(?:e-?post)?meddelande|niniejsza wiadomość|treść tej wiadomości|if you (?:are|have) "
    r"(?:not the intended|received this)|please consider the environment|think before "
    r"(?:you )?print|bitte denken sie an die umwelt|virus-?free|"
    r"you (?:are receiving|received) this (?:message|email|e-mail)? ?because)",
    re.IGNORECASE,
)
_BANNER = re.compile(
    (
        r"^\W{0,6}(?:caution|warning|external|attention|achtung|\[external\]|\[extern\]|you "
        r"don't often get (?:e-?mail|email) from|this (?:e-?mail|message) (?:originated|came|"
        r"was sent) from (?:outside|an external)|some people who received this message|sie "
        r"erhalten nicht oft|vous n'obtenez pas souvent|no suele recibir|diese e-?mail kommt "
        r"von)\b.{0,600}$"
    ),
    re.IGNORECASE,
)
_BANNER_SENSE = re.compile(
    r"outside|external|extern|originat|learn why|important|links?|attachments?|anhänge|wissen|sender",
    re.IGNORECASE,
)
_GREETING = re.compile(
    (
        r"^\W{0,2}(?:hi|hello|hey|dear|good (?:morning|afternoon|day)|hallo|guten (?:tag|"
        r"morgen)|liebe[rs]?|sehr geehrte[rs]?|moin|servus|bonjour|salut|cher|chère|hola|"
        r"buen[oa]s|estimad[oa]|ciao|buongiorno|gentile|salve|olá|bom dia|caro|cara|"
        r"prezad[oa]|dag|beste|geachte|cześć|czesc|dzień dobry|szanown\w+|witam|hej|hejsan|"
        r"god(?:dag| dag)|kære|здравствуйте|привет)\b"
    ),
    re.IGNORECASE,
)


def _without_banner(lines: list[str]) -> list[str]:
    """The "external sender" warning that a company's gateway puts on top."""
    first = _first_content(lines, 0, limit=len(lines) or 1)
    if first < len(lines) and _BANNER.match(lines[first]) and _BANNER_SENSE.search(lines[first]):
        end = first + 1
        while end < len(lines) and lines[end].strip() and end - first < 6 and not _GREETING.match(lines[end]):
            end += 1
        rest = _tidy(lines[end:])
        if _words(rest):
            return rest
    return lines


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    cut = len(lines)
    while True:
        nearer = _signature_start(lines[:cut])
        if nearer >= cut or not _words(lines[:nearer]):
            break
        if not _beyond_greeting(lines[:nearer]):
            break
        cut = nearer
    return _tidy(lines[:cut]), _tidy(lines[cut:])


def _beyond_greeting(lines: list[str]) -> bool:
    """A cut may not leave only "Hello Anna,": then the words below were the reply."""
    content = [line for line in lines if line.strip()]
    return not (
        len(content) == 1
        and _GREETING.match(content[0])
        and len(content[0].split()) <= 5
        and content[0].rstrip().endswith((",", "!", ":"))
    )


def _signature_start(lines: list[str]) -> int:  # noqa: C901 - one case per shape of signature
    """Where the last block that is no part of the reply begins; the length when there is none."""
    last = len(lines)
    while last and not lines[last - 1].strip():
        last -= 1
    for at in range(last):
        if _DASHES.match(lines[at]) and at + 1 <= last and last - at <= 40:
            return at
    for at in range(max(0, last - 120), last):
        if _DISCLAIMER.match(lines[at]) and not _is_reply_like(lines[at:last]):
            return _with_rule_above(lines, at)
    for at in range(max(0, last - 30), last):
        if _LONG_RULE.match(lines[at]) and _mostly_contact(lines[at + 1 : last]):
            return at
    if (
        last
        and _DEVICE.match(lines[last - 1])
        and len(lines[last - 1]) < 110
        and not _SAID_OF_SENDING.search(lines[last - 1])
    ):
        return last - 1
    for at in range(max(0, last - 30), last):
        if (
            _SIGN_OFF.match(lines[at])
            and _signs_off(lines[at + 1 : last])
            and not _thanks_for_real(lines, at, last)
        ):
            return at
        if _INLINE_SIGN_OFF.match(lines[at]) and _signs_off(lines[at + 1 : last]):
            return at
    return _dash_name(lines, last)


def _with_rule_above(lines: list[str], at: int) -> int:
    above = at - 1
    while above >= 0 and (not lines[above].strip() or _LONG_RULE.match(lines[above])):
        if _LONG_RULE.match(lines[above]):
            return above
        above -= 1
    return at


def _is_reply_like(lines: list[str]) -> bool:
    """A line like "this mail is confidential?" inside a reply: questions or a greeting follow it."""
    return any(_GREETING.match(line) for line in lines[1:6])


def _signs_off(below: list[str]) -> bool:
    """Under a closing formula stand a name and contact lines, no sentences."""
    content = [line.strip() for line in below if line.strip()]
    if not content or _LONG_RULE.match(content[0]):
        return len(content) <= 30
    if len(content) > 14:
        return False
    sentences = sum(_is_sentence(line) for line in content)
    return sentences == 0 or (sentences <= len(content) // 4 and _mostly_contact(below))


def _thanks_for_real(lines: list[str], at: int, last: int) -> bool:
    """ "Thank you." is part of the answer unless it opens the signature: a comma, or a name below."""
    if not _THANKS.match(lines[at]):
        return False
    below = [line for line in lines[at + 1 : last] if line.strip()]
    if lines[at].rstrip().endswith(","):
        return False
    return not below or lines[at].rstrip().endswith((".", "!")) or bool(_SIGN_OFF.match(below[0]))


def _is_sentence(line: str) -> bool:
    words = line.split()
    if _CONTACT.search(line):
        return len(words) > 14
    return (
        len(words) > 6
        or (len(words) > 3 and line[-1] in ".?!")
        or line.endswith("?")
        or line[:2].lower() in ("ps", "p.")
    )


def _mostly_contact(below: list[str]) -> bool:
    content = [line.strip() for line in below if line.strip()]
    if not content:
        return True
    hits = sum(
        bool(
            _CONTACT.search(line)
            or _NAME_LINE.match(line)
            or _LONG_RULE.match(line)
            or _DISCLAIMER.match(line)
        )
        for line in content
    )
    return hits * 2 >= len(content)


def _dash_name(lines: list[str], last: int) -> int:
    """`-Anna`, `/John`, or a bare name with contact lines under the last paragraph."""
    if not last:
        return last
    final = lines[last - 1].strip()
    alone = last < 2 or not lines[last - 2].strip()
    if (
        alone
        and re.match(r"^(?:[-–—/]|//)\s?\w[\w.'’]{0,20}(?:\s\w[\w.'’-]{0,20}){0,2}$", final)
        and not _is_list(lines, last)
    ):
        return last - 1
    start = last
    while start > 0 and lines[start - 1].strip():
        start -= 1
    block = [line.strip() for line in lines[start:last]]
    if (
        start > 0
        and len(block) >= 2
        and _NAME_LINE.match(block[0])
        and all(_CONTACT.search(line) or _NAME_LINE.match(line) for line in block[1:])
    ):
        strong = sum(bool(_CONTACT.search(line)) for line in block[1:])
        if strong:
            return start
    return last


def _is_list(lines: list[str], last: int) -> bool:
    return sum(line.lstrip().startswith(("- ", "– ", "* ")) for line in lines[:last]) > 1


def _tidy(lines: list[str]) -> list[str]:
    out = list(lines)
    while out and (not out[-1].strip() or _LONG_RULE.match(out[-1]) or out[-1] == CUT):
        out.pop()
    first = 0
    while first < len(out) and (not out[first].strip() or out[first] == CUT):
        first += 1
    return [line for line in out[first:] if line != CUT]


def _joined(lines: list[str]) -> str:
    text = "\n".join(lines)
    return re.sub(r"\n{4,}", "\n\n\n", text).strip()


def _words(lines: list[str]) -> int:
    return sum(1 for line in lines if re.search(r"\w", line))
