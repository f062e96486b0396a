"""Whom an answer points to: only what the text says, never a guess of a mailbox."""

from __future__ import annotations

import re
from dataclasses import dataclass

from panout.replies.rules.mime import addresses_in


@dataclass(frozen=True)
class Referral:
    """A person named in a reply. Either part may be empty, never both."""

    name: str
    email: str


_NAME = (
    r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆ](?:['’][A-ZÀ-ÖØ-Þ])?[a-zà-öø-ÿąćęłńóśźżß'’]+(?:[A-Z][a-z]+)?"
    r"(?:-[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+)?|[A-Z]\."
)
_FULL = (
    rf"(?:{_NAME})(?:\s+(?:van|von|de|den|der|da|di|la|le|af|av|zu|ter|el|dos|"
    rf"del)){{0,2}}(?:\s+(?:{_NAME})){{0,3}}"
)
_TITLE = (
    r"(?:mr|mrs|ms|mme|mlle|dr|herrn?|frau|monsieur|madame|m\.|señora?|sra?\.?|signora?|"
    r"sig\.?(?:ra)?|dhr\.?|mevr?\.?|pan[ia]?|panem|panią)\.?\s+"
)
_ROLE = (
    r"(?:my|our|the|meine[nrm]?|unsere[nrm]?|mon|ma|notre|mi|nuestr[oa]|il mio|la mia|"
    r"mijn|onze|o meu|a minha|meu|minha|mój|moją|moim|min|vår|vores|mein)\s+(?:new\s+|"
    r"neue[nr]?\s+)?(?:\w+\s+){0,2}?(?:colleague|coworker|co-worker|boss|manager|"
    r"successor|replacement|assistant|director|head of \w+|cto|cfo|ceo|coo|vp \w+|"
    r"kolleg(?:e|en|in)|chef(?:in)?|nachfolger(?:in)?|assistent(?:in)?|collègue|"
    r"responsable|successeur|remplaçante?|colega|compañer[oa]|jef[ea]|sucesor[a]?|collega|"
    r"responsabile|successore|opvolger|leidinggevende|sucessor[a]?|chefe|koleg[aęą]|"
    r"koleżank[aęą]|następc[aęy]|szef\w*|kollega|efterträdare|chef|efterfølger)\s*,?\s*"
)
_CUE = re.compile(
    r"(?:(?:\b(?:contact(?:ing)?|reach(?:ing)? out to|speak(?:ing)? (?:to|with)|"
    r"talk(?:ing)? (?:to|with)|get in touch with|ask(?:ing)? for|e-?mail(?:ing)?|write to|"
    r"writing to|connect with|try|ping|check with|reach|best person is|right person(?: "
    r"for this)?(?: is| would be)|direct(?:ed)? (?:this|it|you) to|forward(?:ed|ing)?(?: "
    r"(?:this|it|your (?:e-?mail|message|note)))?(?: on)? to|passed (?:this|it|your "
    r"(?:e-?mail|message|details|note))(?: on)?(?: along)? to|sent (?:this|it) (?:over "
    r")?to|loop(?:ed|ing)? in|cc'?(?:ed|ing)|copy(?:ing)?(?: in)?|copied(?: in)?|adding|"
    r"introduc\w+ you to|handled by|taken over by|replaced by|belongs to|managed by|owned "
    r"by|run by|responsib\w+ (?:of|is)|you want|you need|replacement is|successor is|"
    r"taken over my (?:role|position)\w*)|"
    r"(?:wenden sie sich(?: bitte)?(?: direkt)? an|wende dich(?: bitte)? an|kontaktieren "
    r"sie(?: bitte)?|kontaktiere(?: bitte)?|sprechen sie(?: bitte)?(?: direkt)? mit|"
    r"sprich (?:mal )?mit|schreiben sie(?: bitte)?(?: direkt)? an|zuständig ist(?: bei "
    r"uns)?|ansprechpartner(?:in)?(?: (?:ist|dafür ist|hierfür ist|für dieses thema "
    r"ist))?|weitergeleitet an|(?:leite|gebe) (?:ihre (?:mail|nachricht|anfrage) )?(?:das "
    r")?(?:gern |gerne )?an|nachfolger(?:in)? ist|übernommen hat|melden sie sich(?: "
    r"bitte)? bei|melde dich bei|kümmert sich)|"
    r"(?:contacte[rz](?: plutôt)?|adresse[rz][- ]vous(?: plutôt)? (?:à|auprès de)|vous "
    r"adresser (?:à|auprès de)|écri(?:re|vez) à|voi(?:r|yez) avec|parle[rz] (?:à|avec)|"
    r"transm(?:is|ets|ettre)(?: votre (?:message|mail|demande))? à|transféré(?: votre "
    r"(?:message|mail|demande))? à|remplacée? par|interlocut(?:eur|rice) est|(?:bon|"
    r"bonne) (?:contact|personne) est|mets en copie|je mets|joindre)|"
    r"(?:contact(?:e|ar|ad)(?: con| a)?|escrib(?:a|e|ir)(?:le)? a|habl(?:e|a|ar) con|"
    r"dir[ií]j(?:a|e)(?:se|te) a|reenviado(?: su (?:mensaje|correo))? a|he pasado su "
    r"(?:mensaje|correo) a|encarga(?:da|do)? (?:es|de esto es)|persona (?:adecuada|"
    r"indicada|correcta) es|responsable es|sustituid[oa] por|copio a|pongo en copia a)|"
    r"(?:contatt(?:i|are|a)|(?:si )?rivolg(?:a|ersi|iti)(?: a)?|scriv(?:a|ere|i) a|"
    r"parl(?:i|are|a) con|inoltrat[oa](?: la (?:sua|tua) (?:mail|richiesta))? a|girato "
    r"(?:la (?:sua|tua) mail )?a|persona (?:giusta|corretta) è|referente è|responsabile è|"
    r"sostituit[oa] da|metto in copia)|"
    r"(?:contact op ?(?:te )?nemen met|neem(?:t u)?(?: dan)?(?: even)? contact op met|"
    r"benader|mail(?:en)? (?:naar|met)|spreek met|doorgestuurd (?:naar|aan)|doorgezet "
    r"naar|juiste persoon is|verantwoordelijk is|opgevolgd door|vervangen door|cc)|"
    r"(?:contact(?:e|ar|o)(?: com)?|fal(?:e|ar) com|escrev(?:a|er) (?:para|a)|"
    r"encaminhei(?: a sua mensagem)? (?:para|a|ao|à)|pessoa (?:certa|indicada|"
    r"responsável) é|responsável é|substituíd[oa] por)|"
    r"(?:skontaktować się z|kontakt(?:ować się)? z|proszę (?:pisać|napisać) do|napisać do|"
    r"rozmawiać z|przekazał[ae]m(?: (?:to|wiadomość))? do|przekazuję do|odpowiada(?: za "
    r"to)?|zajmuje się tym|zastąpił[ao]? mnie|właściwą osobą jest)|"
    r"(?:kontakta|ta kontakt med|prata med|hör av (?:dig|er) till|mejla|skicka till|"
    r"vidarebefordra[rt]?(?: ditt mejl)? till|rätt person är|ansvarig är|ersatts av|"
    r"kontakt(?:e)?|tag fat i|tal med|snak med|skriv til|videresendt(?: din mail)? til|"
    r"rette person er|ansvarlig er|erstattet af)))"
    rf"\s*:?\s*,?\s*(?:(?:with|mit|an|à|a|con|met|com|z|med|please|bitte|directly|direkt|"
    rf"instead|to)\s+)?(?:{_ROLE})?(?:{_TITLE})?",
    re.IGNORECASE,
)
# The same in freer words: where to send it, who the person is, whose it is.
_POINTS = re.compile(
    r"(?:\b(?:re-?direct\w*|address\w*|send\w*|rout\w+|tak\w+|bring\w*) (?:your \w+|this|it|them|any \w+|"
    r"all(?: \w+){1,3}) (?:up )?(?:to|with)|(?:should|must|please) go to|"
    r"(?:person|contact|colleague|one|man|woman)(?: \w+){0,5}? (?:is|would be)(?: now)?|"
    r"wenden sie sich(?: \w+){0,3} an|(?:dafür|hierfür|darum) (?:ist|kümmert sich)|"
    r"zuständig(?: dafür)? ist(?: jetzt)?|"
    r"vertritt mich|(?:hilft|helfen) ihnen|ansprechpartner(?:in)?(?: \w+){0,4}? ist|"
    r"vertretung(?: \w+){0,2}? (?:ist|hat)|"
    r"c['’]est|personne(?: \w+){0,4}? est|"
    r"(?:en mon absence|vous pouvez)(?:,? vous pouvez)? (?:joindre|contacter|appeler)|"
    r"se (?:ocupa|encarga)(?: de \w+)?|ocupa|persona(?: \w+){0,4}? es(?: ahora)?|"
    r"se ne occupa|persona(?: \w+){0,4}? è(?: ora)?|chied\w+ (?:a|di)|"
    r"(?:moet|kun) (?:je|u)(?: \w+)? bij|terecht bij|persoon(?: \w+){0,4}? is|gaat over naar|"
    r"pessoa(?: \w+){0,4}? é|trata disso|osob\w+(?: \w+){0,4}? jest|"
    r"det (?:är|er)|person(?: \w+){0,4}? (?:är|er))"
    rf"\s*:?\s*,?\s*(?:{_ROLE}|(?:la|il|el|le|die|der) (?:collega|colega|collègue|kolleg\w+)\s+)?(?:{_TITLE})?",
    re.IGNORECASE,
)
_BEFORE_VERB = re.compile(
    (
        rf"\b({_FULL})\s*(?:\([^)]{{0,80}}\)|,[^,.\n]{{0,40}},|,|"
        rf"(?:from|in|of|aus|von|de|van|från|fra) [\w ]{{2,24}}?)?\s+(?:is\s*[.!]|"
        rf"(?:will|can|could) (?:help|assist|support)|(?:took|takes|has taken) my (?:place|seat|job|role)|"
        rf"is the (?:one|person)|der tager sig|is (?:the (?:right|best) "
        rf"(?:person|contact)|now in charge|responsible|handling|taking over|my (?:successor|"
        rf"replacement))|handles|looks after|takes care of|has taken over|took over|manages|"
        rf"runs|owns|would be the (?:right|best)|deals with|ist (?:dafür |hierfür |bei uns "
        rf")?(?:zuständig|verantwortlich|die richtige|der richtige|ihr ansprechpartner)|"
        rf"kümmert sich|hat (?:meine|die) (?:stelle|aufgaben|position|nachfolge)|betreut|"
        rf"(?:qui )?s['’](?:en )?occupe|est (?:en charge|responsable|la bonne personne)|gère|me remplace|m['’]a "
        rf"succédé|se encarga|es (?:el|la) responsable|lleva|me sustituye|si occupa|è (?:il|"
        rf"la) responsabile|mi sostituisce|segue|gaat (?:hierover|daarover)|is (?:hiervoor "
        rf")?verantwoordelijk|regelt|heeft mijn|trata d|é (?:o|a) responsável|cuida|zajmuje "
        rf"się|odpowiada za|przejął|przejęła|ansvarar|är ansvarig|tar hand om|har tagit över|"
        rf"står for|er ansvarlig|har overtaget|tager sig)"
    ),
)
_NOT_NAMES = frozenset(
    [
        "i",
        "we",
        "you",
        "he",
        "she",
        "they",
        "it",
        "our",
        "my",
        "the",
        "this",
        "that",
        "please",
        "thanks",
        "thank",
        "best",
        "kind",
        "regards",
        "hi",
        "hello",
        "dear",
        "sorry",
        "unfortunately",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "ich",
        "wir",
        "sie",
        "er",
        "es",
        "das",
        "die",
        "der",
        "bitte",
        "danke",
        "leider",
        "viele",
        "mit",
        "hallo",
        "je",
        "nous",
        "vous",
        "merci",
        "bonjour",
        "il",
        "elle",
        "no",
        "yes",
        "si",
        "yo",
        "gracias",
        "hola",
        "io",
        "grazie",
        "ciao",
        "ik",
        "wij",
        "dank",
        "bedankt",
        "hoi",
        "eu",
        "obrigado",
        "olá",
        "ja",
        "pan",
        "pani",
        "dziękuję",
        "jag",
        "vi",
        "tack",
        "hej",
        "jeg",
        "tak",
        "procurement",
        "purchasing",
        "it",
        "hr",
        "marketing",
        "sales",
        "finance",
        "support",
        "security",
        "legal",
        "ceo",
        "cto",
        "cfo",
        "coo",
        "head",
        "team",
        "contact",
        "contacte",
        "contacter",
        "kontakt",
        "kontaktieren",
        "kontakta",
        "kontaktuj",
        "skriv",
        "scrivete",
        "neem",
        "mail",
        "fragen",
        "demandez",
        "speak",
        "reach",
        "try",
        "ask",
        "write",
        "call",
        "email",
        "e-mail",
        "frau",
        "herr",
        "herrn",
        "mr",
        "mrs",
        "ms",
        "mme",
        "madame",
        "monsieur",
        "dr",
        "señora",
        "señor",
        "signora",
        "signor",
        "dhr",
        "mevrouw",
        "reply",
        "re",
        "fwd",
        "regards",
        "info",
        "office",
        "einkauf",
        "vertrieb",
        "achats",
        "compras",
        "acquisti",
        "inkoop",
    ]
)
_ROLE_BOXES = frozenset(
    [
        "info",
        "office",
        "contact",
        "sales",
        "support",
        "help",
        "admin",
        "noreply",
        "no-reply",
        "privacy",
        "hr",
        "jobs",
        "unsubscribe",
        "abuse",
        "postmaster",
    ]
)


def referral_in(text: str, *, not_these: frozenset[str] = frozenset()) -> Referral | None:
    """The first person the text points to. `not_these`: addresses of the writer's or ours, in lower case."""
    text = text[:6000]
    emails = [a for a in addresses_in(text) if a.lower() not in not_these]
    named: list[tuple[int, str]] = []
    for cue in (*_CUE.finditer(text), *_POINTS.finditer(text)):
        match = re.match(rf"\s*({_FULL})", text[cue.end() : cue.end() + 120])
        if match and (name := _person(match.group(1))):
            named.append((cue.end(), name))
    found = ((match.start(), _person(match.group(1))) for match in _BEFORE_VERB.finditer(text))
    named += [(at, name) for at, name in found if name]
    named.sort()
    if emails:
        chosen = _nearest_email(text, emails, named)
        return Referral(_name_by(text, chosen, named), chosen)
    return Referral(named[0][1], "") if named else None


def _nearest_email(text: str, emails: list[str], named: list[tuple[int, str]]) -> str:
    personal = [a for a in emails if a.partition("@")[0].lower() not in _ROLE_BOXES] or emails
    if not named:
        return personal[0]
    at = named[0][0]
    return min(personal, key=lambda address: abs(text.find(address) - at))


def _name_by(text: str, email: str, named: list[tuple[int, str]]) -> str:
    """A name right before the address, one that a cue gave, or one that the address spells (jane.doe@)."""
    at = text.find(email)
    before = re.search(
        rf"({_FULL})\s*(?:[(<\[,:;–—-]|at|unter|à|en|via|email|e-?mail|mail|under|på|pod|\s){{0,4}}\s*$",
        text[max(0, at - 80) : at],
    )
    if before and (name := _person(before.group(1))) and " " in name:
        return name
    close = [name for place, name in named if abs(place - at) < 160]
    if close:
        return close[0]
    local = email.partition("@")[0]
    parts = [piece for piece in re.split(r"[._-]", local) if piece.isalpha() and len(piece) > 1]
    if len(parts) in (2, 3):
        return " ".join(piece.capitalize() for piece in parts)
    return _person(before.group(1)) if before else ""


def _person(words: str) -> str:
    kept: list[str] = []
    for word in words.split():
        if word.lower().strip(".,") in _NOT_NAMES:
            if kept:
                break
            continue
        kept.append(word)
    while kept and kept[-1].islower():
        kept.pop()
    name = " ".join(kept).strip(" .,")
    return name if len(name) > 1 and name[0].isupper() else ""
