"""What a person wants, by plain phrases in ten languages; each finding carries the words that gave it away.

Rules come before the model. They are written for precision, except stop requests and anger: missing one of
those is the worst mistake there is, so their rules reach wide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from panout.replies.rules.leave_alone import anger_in, wish_in
from panout.replies.rules.spelling import respelt


class Intent(StrEnum):
    INTERESTED = "interested"
    MEETING_REQUEST = "meeting_request"
    QUESTION = "question"
    NOT_NOW = "not_now"
    NO_PRIORITY = "no_priority"
    NOT_INTERESTED = "not_interested"
    WRONG_PERSON = "wrong_person"
    REFERRAL = "referral"
    OUT_OF_OFFICE = "out_of_office"
    AUTO_REPLY = "auto_reply"
    UNSUBSCRIBE = "unsubscribe"
    DO_NOT_CONTACT = "do_not_contact"
    OTHER = "other"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"


class Objection(StrEnum):
    PRICE = "price"
    TIMING = "timing"
    COMPETITOR = "competitor"
    AUTHORITY = "authority"
    NO_NEED = "no_need"
    TRUST = "trust"
    INFORMATION = "send_information"


@dataclass(frozen=True)
class Phrase:
    """One rule that spoke: what it concluded and the words it read."""

    intent: Intent
    words: str
    plain: bool = False
    """Said by the grammar of such wishes, which nobody uses for anything friendly."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_MORE_ANGER = (
    r"no means no",
    r"what part of",
    (
        r"told you (?:\w+ )?(?:already|twice|before|again|to stop)|asked you (?:\w+ "
        r")?(?:already|twice|before|again|to stop)"
    ),
    (
        r"shame on|disgust\w*|outrag\w*|creepy|nuisance|pester\w*|annoy(?:ing|ed)|rubbish|"
        r"garbage|how dare|enough is enough|\benough!|back off|not welcome|wast(?:e|ing) "
        r"(?:of )?(?:my|our|people'?s) time|asshole|bastard|jerk|f[*u@#]+c?k|f\*+|sod off|"
        r"stalk\w*|phishing|(?:file|lodge|make) a complaint|without (?:my|our|any) (?:consent|"
        r"permission)|(?:privacy|data protection) (?:authority|commission\w*|officer|"
        r"violation|breach)|invasion of|violat\w+|illegal\w*|unlawful|authorities|police|take "
        r"you to court|consequences"
    ),
    (
        r"schreiben sie (?:mir|uns) nie|nie wieder|\bnie mehr\b|dreist|nerv(?:t|en|ig)|"
        r"unfassbar|schluss (?:jetzt|damit)|verpiss\w*|scheiß\w*|illegal|unzulässig|verboten|"
        r"betrüger|abzocke|polizei|strafbar|eingewilligt|einwilligung|auskunft nach|"
        r"art(?:ikel|\.)? ?1[57]|lästig|unerwünscht|reicht (?:es )?jetzt|jetzt reicht"
    ),
    (
        r"insupportable|inadmissible|inacceptable|honte(?:ux)?|scandal\w*|merde|connard|"
        r"ar+naque|illégal\w*|sans (?:mon|notre) (?:consentement|accord)|indésirable|pénible|"
        r"je vous signale|troisième fois|dernière fois|\bassez\b|ça suffit|allez (?:vous|au)|"
        r"foutre|cassez-vous"
    ),
    (
        r"acos\w+|pesad[oa]s|vergüenza|inaceptable|ilegal|estafa\w*|mierda|joder|sin (?:mi|"
        r"nuestro) consentimiento|reclamaci[oó]n|ya basta|última vez|fuera de aquí|idiotas|"
        r"policía|violación d"
    ),
    (
        r"vergogn\w*|inaccettabil\w*|illegal\w*|truff\w*|merda|schifo|senza (?:il mio|alcun) "
        r"consenso|ultima volta|insopportabil\w*|violazione|polizia|spammer"
    ),
    (
        r"schandalig|belachelijk|illegaal|oplicht\w*|zonder (?:mijn )?toestemming|irritant|"
        r"klootzak\w*|donder op|aangifte|laatste keer|genoeg!|strijd met|\bmeld (?:dit|jullie|"
        r"u)\b|ophouden"
    ),
    (
        r"vergonha|inaceitável|ilegal|burla|sem (?:o meu )?consentimento|merda|última vez|"
        r"violação|polícia|incomodar"
    ),
    (
        r"nęka\w*|skandal\w*|nielegaln\w*|oszu\w+|bez (?:mojej )?zgody|spadaj\w*|kurwa|"
        r"cholera|narusz\w+|nigdy więcej|ostatni raz|policj\w+"
    ),
    (
        r"skamlig\w*|olaglig\w*|bedräg\w+|utan (?:mitt )?samtycke|\bfan\b|för fan|sista "
        r"gången|bryter mot|polis\w*|trött på"
    ),
    (
        r"chikan\w*|skam\w*|ulovlig\w*|svindel|uden (?:mit )?samtykke|fandme|sidste gang|i "
        r"strid med|politi\w*|træt af|i fred"
    ),
)
_MORE_STOPS = (
    (
        r"(?:prefer|rather|like) (?:not|you (?:did not|didn't)) (?:to )?(?:receive|get|hear|"
        r"contact|be)"
    ),
    (
        r"(?:never|not) (?:be )?contacted|further (?:communication|contact|correspondence|"
        r"e-?mails?|messages)"
    ),
    r"(?:refrain|desist|abstain) from",
    r"\bno longer (?:wish|want)|not (?:to )?be (?:contacted|e-?mailed|approached)",
    r"(?:cancel|end|terminate) (?:my |our |the |this )?(?:subscription|emails?|membership)",
    r"please (?:exclude|unlist|deregister|delist)",
    (
        r"(?:senden|schicken|mailen) sie (?:mir|uns) (?:bitte )?nichts|nichts mehr "
        r"(?:zu)?(?:senden|schicken)|nichts mehr zu\b|trag(?:en|t)? (?:sie )?(?:mich|"
        r"uns).{0,12}\baus\b|\baustrag\w+"
    ),
    (
        r"(?:weitere[nr]?|zukünftige[nr]?|künftige[nr]?) (?:kontaktaufnahme\w*|werbe\w*|"
        r"mails?|e-?mails?|anfragen|zuschriften|nachrichten|kontakt\w*)"
    ),
    (
        r"nicht (?:mehr|länger|weiter) (?:\w+ ){0,3}(?:kontaktiert|angeschrieben|erhalten|"
        r"bekommen|belästigt)"
    ),
    r"löschung (?:meiner|unserer|aller)",
    r"unterlassen sie",
    r"m'oppose|nous nous opposons|opposition (?:à|au)",
    r"(?:ne )?(?:désir|souhait|veu)\w* plus",
    r"plus être (?:sollicit|contact|dérang)\w*",
    r"fin de (?:l'|l )?abonnement",
    r"n'écrivez plus|ne m'écri\w+|n'envoyez (?:plus|rien)",
    (
        r"de+j[ae]+n? (?:ya )?de|de+jn de|par(?:en|a|e) de|no (?:me|nos) (?:vuelv\w+|sig\w+)|"
        r"no (?:deseo|quiero|queremos|deseamos) (?:seguir|más|que)|se opone|me opongo|"
        r"cancelar|fuera de (?:su|tu|la) lista"
    ),
    (
        r"mi oppongo|non (?:desidero|voglio|vogliamo) (?:più|essere|ricevere)|fuori dalla "
        r"(?:vostra )?lista|annull\w+|togliet\w+"
    ),
    (
        r"geen (?:verdere )?m(?:ai|i)ls|niet (?:meer|langer) (?:te )?(?:benader|contact|"
        r"mail)\w*|maak bezwaar|opzeggen|van (?:de|jullie|uw) (?:mailing)?lijst"
    ),
    (
        r"oponho-me|cancel\w+ (?:a )?(?:assinatura|subscrição)|não (?:me |nos |mais "
        r")?(?:contact\w+|escrev\w+|envi\w+|mand\w+)\b.{0,10}(?:mais)?|não (?:quero|desejo) "
        r"ser|fora da (?:vossa )?lista|deixar de receber"
    ),
    (
        r"sprzeciw\w*|z (?:państwa )?(?:listy|bazy)|nie życzę sobie|zaprzesta\w+|przestać "
        r"(?:wysyłać|pisać)"
    ),
    (
        r"\bavanmäl\w*|\bavbeställ\w*|från (?:er|din|eran) (?:lista|sändlista|maillista)|inte "
        r"(?:bli |längre )?kontakt\w+|motsätter"
    ),
    (
        r"ikke (?:at )?(?:blive )?kontakt\w+(?: igen)?|af (?:jeres|din|listen)|gør indsigelse|"
        r"opsige"
    ),
)
_ANGRY = _any(
    (
        r"\b(?:spam(?:mer|ming|mers)?|scam(?:mer)?)\b(?!.{0,12}(?:folder|filter|ordner|map\b|"
        r"-?box|protection|check|score|trap))"
    ),
    r"\bharass\w*",
    r"\b(?:law ?suit|lawyer|attorney|legal action|sue you|solicitor|cease and desist)\b",
    (
        r"\b(?:report(?:ed|ing)? (?:you|this|it|your)|reporting)\b.{0,40}(?:spam|ico|ftc|"
        r"abuse|authorit|provider|phish)?"
    ),
    (
        r"\b(?:fuck|f\*+k|fck|piss off|bugger off|go to hell|screw you|shove it|get lost|"
        r"bullshit|crap|damn it|wtf|stfu|shut up|idiot|moron|sick of|sick and tired|fed up)\b"
    ),
    (
        r"how (?:did|do) you (?:get|have|obtain).{0,20}(?:my|this).{0,10}(?:e-?mail|address|"
        r"data|details|contact|number|info)"
    ),
    (
        r"where (?:did|do) you (?:get|find|obtain).{0,20}(?:my|this).{0,12}(?:e-?mail|address|"
        r"data|details|contact|info|name)"
    ),
    (
        r"\bgdpr\b(?![- ](?:compliant|conform|ready))|\bdsgvo\b(?![- ]?(?:konform|compliant))|"
        r"\brgpd\b|\bccpa\b|\bcan-?spam\b|\brodo\b|\bavg\b(?=.{0,30}(?:klacht|wet|verzoek))|"
        r"data protection|datenschutz(?!erkl)|datainspektion|integritetsskydd"
    ),
    (
        r"\b(?:never|do not|don'?t|dont|stop|quit|no longer)\b.{0,25}\b(?:contact|e-?mail|"
        r"write|message|call|bother|spam)\w*\b.{0,20}\b(?:ever|again|anymore|any more)\b"
    ),
    r"never (?:ever )?(?:contact|e-?mail|write|message|call)",
    r"leave (?:me|us) alone",
    (
        r"\b(?:abmahn\w+|anwalt\w*|rechtsanwalt|unterlass\w+|belästig\w+|frechheit|"
        r"unverschämt\w*|rechtliche schritte|strafanzeige|anzeige erstatten|bundesnetzagentur|"
        r"wettbewerbszentrale)\b"
    ),
    r"l(?:ea|e|ae)ve? (?:me|us) al+o?n?e|lass(?:en)? (?:sie )?mich (?:endlich |bloß )?in ruhe",
    r"woher haben sie meine",
    r"(?:kontaktieren|schreiben|belästigen) sie (?:mich|uns) (?:nie|nicht) (?:wieder|mehr)",
    r"nie(?:mals)? wieder (?:kontaktieren|schreiben|anschreiben|mails?)",
    r"\b(?:harc[eè]l\w+|avocat|plainte|cnil|foutez|fichez|ras[- ]le[- ]bol|marre)\b",
    r"(?:ne )?(?:me|nous) contactez plus",
    r"laissez[- ](?:moi|nous) tranquille",
    r"d'où (?:tenez|avez)[- ]vous",
    r"comment avez[- ]vous (?:eu|obtenu)",
    (
        r"\b(?:acoso|denunci\w*|abogad[oa]|demanda(?:r|remos)|harto|hart[oa]s?|agencia de "
        r"protección|aepd|basta ya|vete a la)\b"
    ),
    r"no (?:me|nos) (?:vuelva|vuelvas|vuelvan) a (?:contactar|escribir|molestar|llamar)",
    r"déj[ae](?:n)?(?:me|nos) en paz",
    r"de dónde (?:ha|han|has) (?:sacado|obtenido)",
    r"no vuelva[sn]? a (?:contactar|escribir|molestar)",
    (
        r"\b(?:molest\w+|avvocato|denunc\w+|garante|vie legali|smettetela|basta(?: con)?|"
        r"stufo|rotto)\b"
    ),
    r"non (?:mi|ci) (?:contatt\w+|scriv\w+|disturb\w+) (?:più|mai)",
    r"lasciatemi in pace|lasciami in pace",
    r"come avete (?:avuto|ottenuto)",
    (
        r"\b(?:klacht|advocaat|lastig ?(?:te )?val\w*|autoriteit persoonsgegevens|hou op|rot "
        r"op|schande\w*)\b"
    ),
    r"laat (?:me|mij|ons) met rust",
    r"hoe kom(?:t u|en jullie|je|t je) aan",
    r"nooit meer (?:contact|mailen|mail|bellen|benader)",
    r"\b(?:assédio|advogad[oa]|processar|lgpd|cnpd|chega|farto|farta|parem de|queixa)\b",
    r"não (?:me|nos) (?:contact\w+|escrev\w+|incomod\w+|volt\w+) (?:mais|nunca|a)",
    r"nunca mais (?:me|nos)",
    r"deixe(?:m)?[- ](?:me|nos) em paz",
    r"como (?:conseguiram|obtiveram|arranjaram)",
    r"\b(?:nękani\w+|prawnik\w*|adwokat\w*|uodo|skarg\w+|dość tego|odczep\w+|bezczelno\w+)\b",
    (
        r"(?:proszę )?(?:nigdy|więcej) (?:więcej )?(?:do mnie )?(?:nie|"
        r"się)\b.{0,20}(?:kontakt|pis|mail)"
    ),
    r"dajcie mi (?:święty )?spokój|daj(?:cie)? spokój",
    r"skąd (?:macie|pan ma|pani ma|państwo mają|masz)",
    (
        r"\b(?:trakasser\w*|advokat\w*|anmäl\w+|imy|sluta (?:mejla|spamma|kontakta|skicka|"
        r"skriva|höra)|jävla|skräppost|lägg av)\b"
    ),
    r"lämna mig ifred|låt mig vara",
    r"kontakta (?:mig|oss) (?:aldrig|inte)",
    r"hur (?:fick|har) (?:du|ni) (?:fått )?(?:min|tag)",
    (
        r"\b(?:chikane|datatilsynet|klage|hold op|for helvede|anmelder|stop med at (?:skrive|"
        r"sende|kontakte|maile))\b"
    ),
    r"lad (?:mig|os) være",
    r"kontakt\w* (?:mig|os) a[ld]+r?d?ig",
    r"hvor(?:dan| har).{0,12}(?:fået|har i).{0,12}(?:min|fat)",
    *_MORE_ANGER,
    r"stop (?:spamming|bothering|harassing|pestering|contacting|calling)",
    r"block(?:ed|ing) (?:you|your)",
    r"this is (?:illegal|unsolicited|the (?:second|third|last) time)",
    r"unsolicited",
    r"last (?:time|warning)",
    r"how many times",
    r"wie oft (?:noch|muss)",
    r"zum (?:letzten|wiederholten) mal",
    r"combien de fois",
    r"cuántas veces",
    r"quante volte",
    r"hoe vaak",
    r"quantas vezes",
    r"ile razy",
    r"hur många gånger",
    r"hvor mange gange",
)

_STOP = _any(
    r"\bun-?\s?subscri(?:be|bed|bing|ption)\b",
    r"\bunsub\b",
    (
        r"\bunsuscribe\b|\bunsubcribe\b|\bunsubscrib\b|\bunsubsribe\b|\bunsuscrib\w*|"
        r"\bunsubscirbe\b"
    ),
    r"opt(?:ing)?[- ]?(?:me |us )?out",
    (
        r"(?:remove|delete|take|drop|scrub|strike|erase)\b.{0,30}\b(?:me|us|my|our|this|"
        r"the)\b.{0,45}(?:list|mailing|database|distribution|records?|address|contacts?|crm|"
        r"e-?mails?|sequence|campaign|off|name|data|details)"
    ),
    (
        r"(?:remove|delete|unlist|take) (?:me|us)(?: (?:please|off|now|thanks?|"
        r"thx))?\s*(?:[.!]|$)"
    ),
    r"(?:take|get) (?:me|us) off",
    (
        r"\b(?:please |pls |plz |kindly )?(?:stop|cease|quit|"
        r"discontinue)\b.{0,20}(?:e-?mail\w*|sending|mailing|messag\w*|writing|contact\w*|"
        r"these|this|outreach)"
    ),
    r"^\W*stop\W*$",
    r"\bremove\W*$",
    r"^\W*(?:please |pls )?remove\b",
    (
        r"(?:no (?:more|further) (?:e-?mails?|mails?|messages|emails|contact|communications?|"
        r"outreach|newsletters?|follow[- ]?ups?))"
    ),
    (
        r"(?:do not|don'?t|dont) (?:want|wish|need|like) to (?:receive|get|hear|be contacted|"
        r"be emailed)"
    ),
    (
        r"(?:do not|don'?t|dont|pls don'?t|please don'?t) (?:e-?mail|contact|write|message|"
        r"send|mail|reach out|follow up)\b(?!.{0,30}(?:until|before|now|this week|yet))"
    ),
    r"off (?:your|the|this) (?:mailing |email |e-mail |distribution )?list",
    r"not (?:wish|want) to be contacted",
    r"stop contacting",
    r"lose my (?:e-?mail|address|number)",
    r"\babmelden\b|\babbestell\w+|\baustragen\b|\babmeldung\b|\babzumelden\b",
    (
        r"(?:aus|von) (?:dem |der |ihrem |ihrer |eurem |eurer |deinem |deiner )?(?:\w+ "
        r")?(?:verteiler|liste|datenbank|mailingliste|newsletter|system|kartei|adressliste)\b"
    ),
    (
        r"(?:löschen|streichen|entfernen|nehmen|lösch|entfern|nimm) (?:sie |bitte )*(?:mich|"
        r"uns|meine|unsere)"
    ),
    (
        r"(?:meine|unsere) (?:daten|adresse|e-?mail\w*|mailadresse|"
        r"kontaktdaten).{0,40}(?:lösch|entfern|streich)"
    ),
    (
        r"(?:keine|nicht) (?:weiteren?|mehr) (?:e-?mails?|mails?|nachrichten|werbung|"
        r"anschreiben|kontakt\w*|zusendung\w*|newsletter|werbe\w*)"
    ),
    r"keine (?:e-?mails?|mails?|werbung|werbemails?|nachrichten|post) mehr",
    r"(?:nicht mehr|nicht weiter) (?:an|kontaktier|anschreib|zusend|schick|schreib)\w*",
    r"(?:bitte )?(?:nicht mehr|keine weitere) (?:kontaktier|anschreib|kontaktaufnahme)\w*",
    (
        r"von (?:weiteren|zukünftigen) (?:mails|e-?mails|nachrichten|kontakt\w*|anfragen|"
        r"zusendungen).{0,20}abzu?sehen"
    ),
    r"widerspreche",
    r"aufhören.{0,20}(?:mail|schreib|schick)",
    r"hören sie (?:bitte )?auf",
    r"\bd[ée]s(?:inscri\w+|abonn\w+)",
    (
        r"\b(?:retir|supprim|en+lev|effac|ôt|ray)\w*.{0,50}(?:liste|base|fichier|adresse|"
        r"coordonnées|contacts|mailing|données|diffusion)"
    ),
    r"(?:retir|enlev|supprim)\w*[- ](?:moi|nous)",
    (
        r"(?:ne (?:plus|pas)|n'?)\s?(?:plus )?(?:me |nous |m'|recevoir|être|"
        r"envoy\w*).{0,25}(?:contact|écri|envoy|sollicit|recevoir|mail|message)"
    ),
    (
        r"ne (?:plus|souhaite plus|veux plus|désire plus)\b.{0,30}(?:recevoir|contact|"
        r"sollicit|mail)"
    ),
    r"ne m'?(?:envoyez|écrivez|contactez) plus",
    (
        r"\b(?:arr[êe]t(?:ez|er|e)|cess(?:ez|er|e)|stop)\b.{0,20}(?:envoyer|mails?|messages?|"
        r"contact|écrire|sollicit\w*|d'envoyer|relances?)"
    ),
    r"plus (?:aucun|de) (?:mails?|messages?|e-?mails?|relances?|sollicitations?)",
    r"\b(?:dar(?:me|nos|se)?|dadme|dame|deme|denme) de baja",
    r"\bdesuscri\w+|\bdesuscrib\w+|cancelar (?:la |mi )?suscripci",
    r"\bbaja\b(?=\W*$|.{0,25}(?:lista|suscrip|boletín))|^\W*baja\b",
    (
        r"\b(?:elimin|borr|quit|saqu|sac|retir|suprim)\w*.{0,50}(?:lista|base|datos|correo|"
        r"contacto|direcci[oó]n|registro)"
    ),
    r"(?:elimín|bórr|quít|sáqu|sác|elimin|borr|quit)[aeo]n?(?:me|nos)\b",
    (
        r"no (?:me |nos )?(?:env[ií]\w+|mand\w+|escrib\w+|contact\w+|sigan? )(?: "
        r"?más)?.{0,20}(?:más|correos?|mails?|mensajes?|nada)"
    ),
    (
        r"(?:no (?:quiero|deseo|queremos|deseamos)|dejar de|deje[n]? de|dejen|dej[ae]d? de) "
        r"(?:recib|seguir recib|envi|mand|escrib|contact)\w*"
    ),
    r"no (?:quiero|deseo|deseamos|queremos) (?:recibir|más|que me)",
    r"no más (?:correos|mails|emails|mensajes)",
    r"\b(?:cancell|disiscriv|rimuov|elimin|togli|toglie|rimoz|disiscri)\w*",
    r"\bdisiscri\w+|\bcancellazione\b|annulla\w* (?:l'|la )?iscrizione",
    (
        r"non (?:mi |ci |desidero |voglio |vorrei |vogliamo |inviat\w+ |mandat\w+ |invi\w+ |"
        r"scriv\w+ |contatt\w+ )+.{0,25}(?:più|ricevere|altre|contattat)"
    ),
    (
        r"(?:smett\w+|evit\w+|basta) (?:di |con (?:le |queste )?)?(?:inviar|mandar|scriver|"
        r"contattar|e-?mail|mail)\w*"
    ),
    r"niente più (?:e-?mail|mail)",
    r"nessun(?:'altra)? (?:altra )?(?:e-?mail|mail|comunicazione)",
    (
        r"\b(?:uit|af)schrijv\w+|\bschrijf (?:mij|me|ons).{0,12}uit|\bafmeld\w+|\bmeld (?:mij|"
        r"me|ons).{0,12}af|\buitgeschreven\b|\bafgemeld\b"
    ),
    (
        r"\b(?:verwijder|haal|schrap|wis)\w*.{0,40}(?:mij|me|ons|mijn|onze|adres|gegevens|"
        r"lijst|bestand|mailinglijst|database)"
    ),
    (
        r"(?:geen|niet) (?:meer )?(?:verdere |e-?)?(?:mails?|e-?mails?|berichten|contact|post|"
        r"mailing\w*)(?: meer)?\b"
    ),
    r"\bstop(?:pen)? (?:met|a\.?u\.?b)",
    (
        r"niet (?:meer|langer) (?:mailen|benader\w*|contact\w*|te mailen|ontvangen|benaderd|"
        r"gemaild)"
    ),
    (
        r"\b(?:cancel(?:ar|em|e)|anul\w+) (?:a |minha |a minha )?(?:subscri|inscri|"
        r"assinatura)\w*|descadastr\w+|desinscrev\w+|remoção"
    ),
    (
        r"\b(?:remov|retir|elimin|apag|tir|exclu)\w*.{0,45}(?:lista|base|contacto|contato|"
        r"e-?mail|dados|endereço|mailing)"
    ),
    r"(?:remov|retir|tir|exclu)\w*[- ](?:me|nos)\b|^\W*remover\b|^\W*sair\b",
    (
        r"não (?:quero|queremos|desejo|desejamos|pretendo|gostaria de|enviem|envie|mandem|"
        r"mande)\b.{0,25}(?:receb|mais|e-?mails?|contact|mensagens)"
    ),
    r"\b(?:par(?:em|e|ar)|deix(?:em|e)) de (?:enviar|mandar|contact|escrev)\w*",
    r"sem mais (?:e-?mails|contactos)",
    r"\b(?:wypis\w+|wypisz\w*|rezygnuj\w*|zrezygn\w+|odsubskryb\w+)",
    (
        r"(?:usun|usuń|usunąć|usunięcie|skreśl|wykreśl)\w*.{0,45}(?:list|baz|adres|dan|mail|"
        r"kontakt|mnie|nas)"
    ),
    (
        r"(?:nie (?:chcę|życzę|chcemy|życzymy)|proszę nie|prosimy nie|przesta\w+|nie "
        r"wysyła\w+)\b.{0,40}(?:otrzym|wysył|pis|kontakt|mail|wiadomo|korespond|ofert)\w*"
    ),
    r"(?:proszę )?(?:o )?nie(?:wysyłanie|kontaktowanie|przesyłanie)",
    r"żadnych (?:więcej )?(?:maili|wiadomości|ofert)",
    r"bez (?:kolejnych|dalszych) (?:maili|wiadomości)",
    (
        r"\bavregistrer\w+|\bavprenumer\w+|\bavanmäl\w+|\bavsluta (?:prenumeration|min)|"
        r"\bavböj\w* (?:vidare|fler|fortsatt)"
    ),
    (
        r"\b(?:ta|tar|plocka|stryk|radera|avlägsna)\b.{0,12}\b(?:bort|mig (?:från|ur|av)|oss "
        r"(?:från|ur|av)|mina uppgifter|min (?:adress|mejl\w*|e-?post\w*)|våra uppgifter)"
    ),
    (
        r"\b(?:inga|inte) (?:fler|flera|ha fler|få fler|vill ha|skicka|mejla|"
        r"kontakta)\b.{0,20}(?:mejl|mail|utskick|meddelanden|mer|fler|mig|oss|reklam)"
    ),
    (
        r"vill (?:jag |vi )?inte (?:ha|få|bli|längre|ta emot)\b.{0,30}(?:mejl|mail|kontakt|"
        r"utskick|reklam|erbjudanden)"
    ),
    r"sluta (?:mejla|skicka|maila|kontakta|höra)",
    r"\b(?:afmeld\w*|frameld\w*|afmelding)\b",
    r"\b(?:fjern|slet|stryg)\b.{0,20}(?:mig|os|min|vores|mine)\b|\btag (?:mig|os) (?:af|ud)",
    (
        r"(?:ikke|ingen) (?:flere|modtage|have flere|sende|skriv|kontakt)\w*.{0,25}(?:mails?|"
        r"beskeder|henvendelser|reklamer|nyhedsbrev\w*|mere|flere|mig|os)"
    ),
    r"(?:ønsker|vil) (?:jeg |vi )?ikke (?:at )?(?:modtage|høre|blive|have)",
    r"stop (?:venligst )?(?:med|mails|det)",
    *_MORE_STOPS,
    r"\bpoista\b|\bodhl[aá]s\w+|отпис\w+|удалите|配信停止|退订|수신거부",
)

_LEFT = _any(
    (
        r"(?:no longer|not longer|nolonger|does not|doesn'?t|don'?t|not) (?:\w+ )?"
        r"(?:work\w*(?! for (?:me|us)\b)|employed|with|at|part of|here)\b(?:.{0,15}(?:company|here|us|anymore|firm|"
        r"organi[sz]ation|[A-Z]))?(?<!not with)(?<!not at)(?<!not here)(?<!not part of)"
    ),
    (
        r"(?:have|has|'ve|ve|'s) (?:now |recently |since )?(?:left|moved on|departed|resigned|"
        r"retired|changed (?:jobs|companies|roles))\b"
    ),
    (
        r"\bi left\b|\bshe left\b|\bhe left\b|left (?:the )?(?:company|firm|organi[sz]ation|"
        r"business)"
    ),
    r"last (?:working )?day (?:at|with|was|is)",
    r"my (?:successor|replacement)\b",
    r"\bretired\b",
    r"new (?:job|role|employer|company)\b.{0,30}(?:now|since|at)",
    (
        r"nicht mehr (?:bei|für|im unternehmen|in (?:der|dieser) (?:firma|abteilung|funktion)|"
        r"tätig|beschäftigt|da\b|hier)"
    ),
    r"(?:unternehmen|firma|haus) (?:zum .{0,20})?verlassen",
    r"ausgeschieden|im ruhestand|in rente|pensioniert",
    r"nachfolger(?:in)?\b",
    (
        r"(?:ne |n')(?:fais|fait|travaille|suis|est) plus\b.{0,40}(?:partie|chez|pour|société|"
        r"entreprise|ici|poste)?"
    ),
    r"(?:j'ai|a|ai) quitté",
    r"retraite\b",
    r"mon successeur|ma successeur|me remplace",
    r"ya no (?:trabaj\w+|est[áo]y?|form\w+|colabor\w+|sigo)",
    r"(?:he|ha) (?:dejado|abandonado) (?:la |el )?(?:empresa|compañía|puesto)",
    r"jubilad[oa]|me he jubilado",
    r"mi suces(?:or|ora)|me sustituye",
    r"non (?:lavor\w+|collabor\w+|fa\w*|sono|è) più\b",
    r"(?:ho|ha) lasciato (?:l'|la )?(?:azienda|società|incarico)",
    r"in pensione",
    r"(?:niet meer|niet langer) (?:werkzaam|bij|in dienst|werk|actief)",
    r"(?:ben|is|heb|heeft) .{0,20}(?:vertrokken|uit dienst|verlaten)",
    r"werk(?:t)? (?:hier |er )?niet (?:meer|langer)",
    r"met pensioen",
    r"opvolger|opvolgster",
    r"(?:já )?não (?:trabalh\w+|estou|está|faço|faz|colabor\w+) (?:mais|parte|aqui|n[ao]\b)",
    r"já não (?:trabalh|est|faç|faz)\w*",
    r"(?:saí|saiu|deixei|deixou) d?[aoe]? ?(?:empresa|companhia)?",
    r"reformad[oa]|aposentad[oa]",
    (
        r"(?:już )?nie pracuj\w+|nie jest już|odszed\w+|odesz\w+ z|przeszed\w+ na emerytur\w+|"
        r"na emeryturze|zmienił[ae]?m? pracę|już tu nie"
    ),
    (
        r"(?:jobbar|arbetar|är) (?:inte|ej) (?:längre|kvar)|slutat(?: på| hos)?|har slutat|"
        r"gått i pension|efterträdare"
    ),
    (
        r"(?:arbejder|er) ikke (?:længere|mere)|er (?:stoppet|fratrådt)|har forladt|har "
        r"skiftet job|gået på pension|efterfølger"
    ),
)

_WRONG = _any(
    (
        r"(?:not|isn'?t|aren'?t|n'?t) (?:really |quite |actually )?(?:the |your )?(?:right|"
        r"correct|best|appropriate|proper) (?:person|contact|guy|department|address|team|one|"
        r"place|recipient)"
    ),
    (
        r"wrong (?:person|department|contact|guy|address|recipient|inbox|company|team|number|"
        r"email|place)"
    ),
    (
        r"not (?:my|our) (?:area|department|responsibilit\w+|job|role|remit|domain|field|call|"
        r"decision|topic|dept)"
    ),
    (
        r"(?:do not|don'?t|dont) (?:handle|deal with|manage|look after|take care of|make "
        r"(?:those|these|that)|decide|work (?:in|on))"
    ),
    r"not (?:responsible|in charge|involved|the decision)",
    r"(?:outside|beyond) (?:of )?my (?:area|remit|scope|role|responsibilit\w+)",
    r"nothing to do with",
    r"(?:mistaken|confused) (?:me|identity)",
    r"someone else",
    (
        r"(?:nicht|kein\w*) (?:der |die |Ihr |dein )?(?:richtige\w*|passende\w*|korrekte\w*) "
        r"(?:ansprechpartner\w*|person|adress\w*|kontakt|stelle|abteilung)"
    ),
    (
        r"(?:bin|sind|ist) (?:ich |wir )?(?:dafür |hierfür |da |damit |leider )*nicht "
        r"(?:zuständig|verantwortlich|der ansprechpartner|die ansprechpartnerin|betraut)"
    ),
    r"falsche[rn]? (?:person|ansprechpartner\w*|adress\w*|abteilung|kontakt)",
    r"nicht (?:mein|unser) (?:bereich|thema|gebiet|aufgabengebiet|ressort)",
    (
        r"(?:pas|plus) (?:la |le )?(?:bonne?|bon) (?:personne|interlocut\w+|contact|service|"
        r"adresse)"
    ),
    (
        r"pas (?:en charge|responsable|de mon (?:ressort|domaine|périmètre)|mon (?:domaine|"
        r"périmètre|rôle)|concerné|l'interlocut\w+)"
    ),
    (
        r"(?:mauvais\w*|tromp\w+) (?:de )?(?:personne|interlocut\w+|service|destinataire|"
        r"contact|adresse)"
    ),
    r"(?:vous )?(?:faites|trompez) (?:erreur|de)",
    r"no soy (?:la |el )?(?:persona|contacto|responsable|encargad[oa]|indicad[oa]|quien)",
    (
        r"(?:persona|contacto|departamento|destinatario|dirección) (?:equivocad[oa]|"
        r"incorrect[oa]|erróne[oa])"
    ),
    (
        r"no (?:me encargo|llevo|gestiono|es mi (?:área|departamento|competencia|"
        r"responsabilidad)|me ocupo)"
    ),
    r"se (?:ha|han) equivocado",
    r"non sono (?:io )?(?:la |il )?(?:persona|referente|responsabile|contatto|interlocut\w+)",
    r"(?:persona|contatto|ufficio|indirizzo|destinatario|reparto) (?:sbagliat\w|errat\w)",
    (
        r"non (?:mi occupo|è di mia competenza|è il mio (?:settore|ambito|campo)|me ne occupo|"
        r"seguo)"
    ),
    r"avete sbagliato|ha sbagliato",
    r"niet (?:de |het )?(?:juiste|goede) (?:persoon|contact\w*|adres|afdeling|aanspreekpunt)",
    r"(?:verkeerde) (?:persoon|contact\w*|adres|afdeling)",
    (
        r"(?:ga|gaat|ben|is) (?:ik )?(?:daar|hier|er)? ?niet (?:over|voor|verantwoordelijk|"
        r"mijn (?:afdeling|gebied))"
    ),
    r"niet mijn (?:afdeling|gebied|verantwoordelijkheid|pakkie)",
    r"não sou (?:eu |a |o )?(?:pessoa|responsável|contacto|contato|quem|indicad\w)",
    r"(?:pessoa|contacto|contato|departamento) (?:errad[oa]|incorret[oa])",
    r"não (?:é (?:a )?minha (?:área|competência|responsabilidade)|trato d|é comigo|me ocupo)",
    r"nie (?:jestem|ja) (?:właściw\w+|odpowiedni\w+|odpowiedzialn\w+|osobą)",
    r"(?:niewłaściw|nieodpowiedni|zł)\w+ (?:osob|adres|adresat|dział|kontakt)\w*|pomyłka",
    r"nie zajmuję się|to nie (?:mój|moja|do mnie)|nie moja działka",
    (
        r"(?:inte|ej) (?:rätt|är rätt) (?:person|kontakt\w*|ställe|avdelning)|fel (?:person|"
        r"adress|avdelning|kontakt\w*|mottagare)"
    ),
    r"inte (?:mitt (?:område|bord|ansvar)|ansvarig|jag som)|ansvarar inte|jobbar inte med",
    (
        r"ikke (?:den )?rette (?:person|kontakt\w*|afdeling)|forkert (?:person|adresse|"
        r"afdeling|kontakt\w*)"
    ),
    r"ikke (?:mit (?:område|bord|ansvar)|ansvarlig|mig der)|har ikke ansvar|arbejder ikke med",
)

_AWAY = _any(
    r"out of (?:the |my )?office\b|\booo\b|\booto\b",
    (
        r"(?:on|taking) (?:annual |parental |maternity |paternity |sick |medical |a |my |"
        r"family |personal |short |summer |christmas )*(?:leave|vacation|holidays?|pto|"
        r"sabbatical)\b"
    ),
    r"(?:currently|presently) (?:away|out|travel\w*|off|unavailable)",
    (
        r"(?:i am|i'm|i will be|i'll be|im) (?:currently )?(?:away|out|travel\w+|off|"
        r"unavailable|on the road|abroad|at a (?:conference|trade show|fair))\b(?!.{0,8}(?:of "
        r"budget|of (?:ideas|scope|business)))"
    ),
    r"limited (?:access|availability)|no access to (?:my )?e-?mail",
    r"(?:will|'ll) (?:be )?(?:back|return\w*) (?:in the office|to (?:the office|work))",
    (
        r"nicht im (?:büro|haus)|außer haus|ausser haus|abwesend|abwesenheit|im urlaub|in "
        r"elternzeit|im mutterschutz|auf (?:dienst|geschäfts)reise|krankgeschrieben|"
        r"krankheitsbedingt|nicht erreichbar|erst (?:ab|am|wieder).{0,30}(?:erreichbar|im "
        r"büro|zurück|da)|(?:bin|habe) .{0,20}urlaub"
    ),
    (
        r"(?:absent|absente|absence)\b|en (?:congés?|vacances|déplacement)|congé (?:maternité|"
        r"paternité|parental|maladie)|hors du bureau|pas (?:au|de) bureau|de retour (?:le|au|"
        r"lundi|mardi|mercredi|jeudi|vendredi)|indisponible"
    ),
    (
        r"fuera de (?:la )?oficina|de vacaciones|ausente|baja (?:médica|maternal|por)|permiso "
        r"(?:de )?(?:maternidad|paternidad)|de viaje\b|no estaré (?:disponible|en la oficina)"
    ),
    (
        r"fuori (?:ufficio|sede)|in ferie|assente|in (?:maternità|malattia|trasferta|vacanza)|"
        r"non sarò (?:in ufficio|disponibile|raggiungibile)"
    ),
    (
        r"afwezig|(?:op|met) vakantie|niet (?:op kantoor|aanwezig|bereikbaar)|met (?:verlof|"
        r"zwangerschapsverlof|ouderschapsverlof)|buiten kantoor"
    ),
    r"de férias|ausente|fora do (?:escritório|gabinete)|de licença|em viagem|não estarei",
    (
        r"na urlopie|nieobecn\w+|poza biurem|urlop\w*|zwolnieniu|w delegacji|nie będę "
        r"dostępn\w+|wracam \d"
    ),
    (
        r"på semester|semester(?:ledig)?\b|frånvarande|föräldraledig|tjänsteresa|ledig\b|inte "
        r"på (?:kontoret|plats)|åter(?: på kontoret)?\b.{0,12}\d|sjukskriven"
    ),
    (
        r"på ferie|ferie\b|fraværende|på (?:barsel|orlov|kursus|forretningsrejse)|ikke på "
        r"kontoret|tilbage på kontoret|holder (?:ferie|fri)"
    ),
)

_OBJECTIONS: tuple[tuple[Objection, re.Pattern[str]], ...] = (
    (
        Objection.PRICE,
        _any(
            r"too (?:expensive|pricey|costly)",
            r"\b(?:budget|budgets|presupuesto|orçamento|budżet\w*|budgett?et|budgeten)\b",
            r"can'?t afford|cannot afford|out of our price|cheaper|cost too much|no money|no funds",
            (
                r"zu teuer|kein geld|preis\w* (?:zu|ist)|trop cher|pas les moyens|demasiado caro|muy "
                r"caro|troppo (?:caro|costoso)|te duur|muito caro|za drog\w+|för dyrt|for dyrt"
            ),
        ),
    ),
    (
        Objection.TIMING,
        _any(
            (
                r"not (?:now|right now|at this time|at the moment|the right time|this (?:quarter|year|"
                r"month))|bad timing|(?:next|later this|end of) (?:quarter|year|month)|too busy|"
                r"swamped|later|in (?:q[1-4]|a few months)|freeze|mid-?(?:project|migration)"
            ),
            (
                r"(?:derzeit|momentan|aktuell|zurzeit|im moment|gerade) (?:nicht|kein\w*|leider|"
                r"passt)|später|nächstes (?:jahr|quartal)"
            ),
            (
                r"pas (?:maintenant|le bon moment|pour le moment|pour l'instant)|plus tard|l'année "
                r"prochaine"
            ),
            r"ahora (?:mismo )?no|no (?:es )?(?:el|buen) momento|más adelante|próximo año",
            r"non (?:ora|adesso|è il momento)|più avanti|prossimo anno",
            r"niet nu|nu niet|op dit moment|later|volgend jaar",
            r"agora não|não (?:é )?(?:o|neste) momento|mais tarde",
            r"nie teraz|w tej chwili|później",
            r"inte (?:just )?nu|inte läge|senare|ikke (?:lige )?nu|senere",
        ),
    ),
    (
        Objection.COMPETITOR,
        _any(
            (
                r"already (?:use|using|have|work|working|got|signed|partner|under contract|covered|"
                r"chose|went)|(?:current|existing) (?:vendor|provider|supplier|solution|tool|partner|"
                r"system|contract)|happy with (?:our|what|the)|went with|in-?house (?:solution|tool|"
                r"team)|built (?:our own|it ourselves|in-?house)|under contract|locked in"
            ),
            (
                r"bereits (?:eine?n?|mit|im einsatz|versorgt|gut)|haben (?:schon|bereits)|setzen "
                r"(?:bereits|schon)|zufrieden mit|bestehende[rn]? (?:vertrag|lösung|anbieter|partner)"
            ),
            (
                r"(?:avons|utilisons|travaillons) déjà|déjà (?:équipé|un prestataire|une solution|un "
                r"outil)|satisfaits? de"
            ),
            r"ya (?:tenemos|usamos|trabajamos|contamos|utilizamos)|contentos con",
            r"(?:abbiamo|usiamo|utilizziamo|lavoriamo) già|già (?:un|una|coperti)|soddisfatti d",
            r"(?:hebben|gebruiken|werken) al|al (?:een|voorzien)|tevreden (?:met|over)",
            r"já (?:temos|usamos|trabalhamos|utilizamos)|satisfeitos com",
            (
                r"(?:już|mamy już) (?:mamy|korzystamy|używamy|współprac\w+)|mamy (?:już )?(?:dostawc|"
                r"rozwiąz)\w*|zadowoleni z"
            ),
            r"(?:har|använder|jobbar) redan|redan (?:en|ett)|nöjda med",
            r"(?:har|bruger|arbejder) allerede|allerede (?:en|et)|tilfredse med",
        ),
    ),
    (
        Objection.AUTHORITY,
        _any(
            (
                r"not (?:my (?:decision|call)|the decision[- ]maker|authori[sz]ed)|decision (?:is "
                r"made|lies|sits|comes)|headquarters|\bhq\b|corporate (?:decides|handles)|head office|"
                r"need (?:approval|sign[- ]?off)|parent company"
            ),
            (
                r"entscheide(?:t|n)? (?:ich )?nicht|konzern(?:zentrale)?|zentrale\b|"
                r"mutter(?:gesellschaft|konzern)|zentral entschieden"
            ),
            r"(?:pas|ne) (?:moi qui )?décide|siège\b|maison[- ]mère|la direction",
            r"no (?:decido|tomo)|casa matriz|sede central|central decide",
            r"non decido|casa madre|sede centrale|la direzione",
            r"beslis(?:t|sen)? (?:ik )?niet|hoofdkantoor|moederbedrijf",
            r"não decido|casa-mãe|sede\b",
            r"nie decyduję|centrala|zarząd",
            r"beslutar inte|huvudkontor\w*|koncern\w*|bestemmer ikke|hovedkontor\w*",
        ),
    ),
    (
        Objection.NO_NEED,
        _any(
            (
                r"(?:no|don'?t have (?:a|any)|not (?:a|have)|don'?t see (?:a|the)|without) (?:\w+ "
                r")?(?:need|use case|use for|requirement|demand)|(?:don'?t|do not|dont) need|not "
                r"(?:needed|relevant|applicable|a fit|a good fit|for us)|doesn'?t apply|no fit"
            ),
            (
                r"kein(?:en|e)? (?:\w+ )?(?:bedarf|verwendung|interesse|relevanz)|brauchen (?:wir "
                r")?(?:nicht|das nicht|kein\w*)|nicht (?:relevant|notwendig|nötig|benötigt)"
            ),
            r"pas (?:de |besoin|un besoin|utile|pertinent|concerné)|aucun besoin",
            (
                r"no (?:lo )?(?:necesit\w+|tenemos (?:necesidad|esa necesidad)|nos hace falta|aplica|"
                r"encaja)"
            ),
            r"non (?:ne )?(?:abbiamo (?:bisogno|necessità|esigenz\w+)|ci serve|serve|fa per noi)",
            (
                r"geen (?:behoefte|interesse|noodzaak)|(?:hebben|heb) (?:we |wij |ik )?(?:dit |het |"
                r"dat )?niet nodig"
            ),
            r"não (?:precis\w+|temos (?:necessidade|interesse)|necessit\w+|faz sentido)",
            (
                r"nie (?:potrzebuj\w+|mamy (?:potrzeby|takiej)|jest nam)|brak (?:potrzeby|"
                r"zapotrzebowania)"
            ),
            (
                r"(?:inget|inte något|har inte) (?:behov|intresse)|behöver (?:vi |det )?(?:inte|ej)|"
                r"(?:intet|ikke (?:noget|et)|har ikke) behov|har ikke brug for"
            ),
        ),
    ),
    (
        Objection.TRUST,
        _any(
            r"never heard of|who are you|legit|scam|references|proof|case stud(?:y|ies)|sceptical|"
            r"skeptical|sounds too good|security (?:review|questionnaire)|soc ?2|iso ?27001|nie "
            r"gehört|referenzen|jamais entendu|références|nunca he oído|referencias|mai sentito|"
            r"nooit van gehoord|referenties|referências|referencje|referenser|referencer"
        ),
    ),
    (
        Objection.INFORMATION,
        _any(
            r"send (?:me |us |over |more )*(?:more )?(?:info\w*|details|material|a deck|brochure|"
            r"something|pricing|a one[- ]pager|the deck|documentation)|(?:unterlagen|"
            r"informationen|infos|broschüre|präsentation)|(?:documentation|plaquette|brochure|"
            r"informations)|(?:información|folleto|presentación|documentación)|(?:informazioni|"
            r"materiale|presentazione|documentazione)|(?:informatie|brochure|documentatie)|"
            r"(?:informações|apresentação|documentação)|(?:informacj\w+|materiały|prezentacj\w+|"
            r"broszur\w+)|(?:underlag|information|broschyr|materiale|brochure)"
        ),
    ),
)

_NEGATED_STOP = re.compile(
    r"(?:didn'?t|do not|don'?t|not) (?:want to |wish to )?unsubscribe|ohne abmelden", re.IGNORECASE
)
_ASKING_HOW = re.compile(
    (
        r"\bunsubscribe (?:rate|link|feature|page|button|handling|management|process)s?\b"
        r"(?!.{0,30}(?:n't|not|error|broken|dead))|"
        r"(?:handle|manage|deal with|process|support).{0,20}(?:opt-?outs?|unsubscri\w+)|"
        r"opt-?out (?:rate|link|handling|management|process|list|rules)s?\b"
    ),
    re.IGNORECASE,
)


# A verb of speaking beside a day or an hour, in either order; "not on Tuesday" is no invitation.
_SPEAK = (
    r"(?:\b(?:talk|speak|chat|meet|connect|catch up|call|zoom|sprechen|telefonier\w+|austauschen|treffen|appel\w*|"
    r"parl(?:er|ons|iamo\w*)|discut\w+|habl\w+|llam\w+|charl\w+|reun\w+|sent(?:iamoci|irci)|chiam\w+|vediamoci|"
    r"bel(?:len)?|spreken|afspraak|afspreken|porozmaw\w+|zadzwo\w+|spotka\w+|fal(?:ar|amos)|lig(?:ar|ue)|"
    r"convers\w+|ring(?:a|e)?|snakke|prata|ses|mødes|mötas)\b)"
)
_DAY = (
    r"(?:\b(?:(?:mon|tues|wednes|thurs|fri)day|(?:mon|diens|donners|frei)tag|mittwoch|lundi|mardi|mercredi|jeudi|"
    r"vendredi|lunes|martes|miércoles|jueves|viernes|lunedì|martedì|mercoledì|giovedì|venerdì|maandag|dinsdag|"
    r"woensdag|donderdag|vrijdag|poniedział\w+|wtor\w+|środ\w+|czwart\w+|piąt\w+|segunda|terça|quarta|quinta|sexta|"
    r"måndag|tisdag|onsdag|torsdag|fredag|mandag|tirsdag)\w*|"
    r"\b(?:at|um|à|alle|om|kl\.?|às|o) \d{1,2}(?:[:.h]\d\d| ?[ap]m| ?uhr)?\b)"
)
# What is said of a day that suits; "works" alone is also what a product does.
_SUITS = (
    r"(?:works?\b(?! (?:with|in|on|at)\b)|suits?\b|fits\b|i(?:'m| am) (?:free|open)\b|"
    r"(?:is|would be|'s) (?:all )?(?:fine|good|great|ok(?:ay)?|perfect|best)\b|"
    r"passt\b|ginge\b|geht (?:bei mir|gut|klar)|klappt\b|(?:ça |cela )?me va\b|convient\b|me viene\b|"
    r"va bene\b|schikt\b|komt (?:mij |me )?(?:goed )?uit\b|fica bem\b|pasuje\b|odpowiada\b|"
    r"passar\b|funkar\b|passer\b)"
)
_SUITED = rf"{_DAY}(?:(?!\b(?:not|nicht|pas|no|non|niet|nie|inte|ikke|kein\w*)\b|n't).){{0,30}}?{_SUITS}"
_MEET = re.compile(rf"{_SPEAK}.{{0,60}}{_DAY}|{_DAY}.{{0,40}}{_SPEAK}|{_SUITED}", re.IGNORECASE)


def phrases_in(text: str) -> tuple[Phrase, ...]:
    """Rules that spoke, strongest first: anger, stop, left, wrong person, away, a day to speak."""
    found = _phrases_in(_flat(text))
    if any(one.plain for one in found):
        return found
    # "Remove" between a greeting and a signature is all that somebody said.
    words = next(filter(None, map(wish_in, _short_lines(text))), "")
    return (Phrase(Intent.UNSUBSCRIBE, words[:80], plain=True), *found) if words else found


def _short_lines(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text[:4000].splitlines()]
    return (line for line in lines if 0 < len(line) <= _SHORT_LINE and len(lines) > 1)


# A message is asked the same several times while it is understood; the next one is another.
@lru_cache(maxsize=8)
def _phrases_in(text: str) -> tuple[Phrase, ...]:
    flat = _mended(text)
    found: list[Phrase] = []
    negated = _NEGATED_STOP.search(flat) is not None or _ASKING_HOW.search(flat) is not None
    readings = dict.fromkeys((text, flat) if negated else (text, flat, respelt(flat)))
    if words := next(filter(None, map(anger_in, readings)), ""):
        found.append(Phrase(Intent.DO_NOT_CONTACT, words[:80], plain=True))
    if not negated and (words := next(filter(None, map(wish_in, readings)), "")):
        found.append(Phrase(Intent.UNSUBSCRIBE, words[:80], plain=True))
    for intent, pattern in (
        (Intent.DO_NOT_CONTACT, _ANGRY),
        (Intent.UNSUBSCRIBE, _STOP),
        (Intent.WRONG_PERSON, _LEFT),
        (Intent.WRONG_PERSON, _WRONG),
        (Intent.OUT_OF_OFFICE, _AWAY),
        (Intent.MEETING_REQUEST, _MEET),
    ):
        if match := pattern.search(flat):
            if intent is Intent.UNSUBSCRIBE and negated:
                continue
            found.append(Phrase(intent, match.group(0).strip()[:80]))
    return tuple(found)


# Words that must be understood with a slip of the finger in them.
_MUST_KNOW = (
    "unsubscribe",
    "unsubscribed",
    "remove",
    "delete",
    "emailing",
    "abmelden",
    "austragen",
    "verteiler",
    "löschen",
    "desinscrire",
    "désinscrire",
    "désabonner",
    "supprimer",
    "supprimez",
    "retirez",
    "enlevez",
    "eliminar",
    "eliminen",
    "suscripción",
    "cancellatemi",
    "disiscrivetemi",
    "rimuovete",
    "afmelden",
    "uitschrijven",
    "verwijder",
    "remover",
    "removam",
    "cancelar",
    "wypisać",
    "wypisanie",
    "usunięcie",
    "avregistrera",
    "avanmäl",
    "afmeld",
    "frameld",
)
_SHORT_LINE = 40
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")


def _mended(text: str) -> str:
    """Short texts with slips in the words that matter most put right; all else stays as written."""
    if len(text) > 300:
        return text
    return _LONG_WORD.sub(lambda match: _nearest(match.group(0)), text)


def _nearest(word: str) -> str:
    low = word.lower()
    if low in _MUST_KNOW:
        return word
    found = process.extractOne(
        low, _MUST_KNOW, scorer=DamerauLevenshtein.distance, score_cutoff=1 if len(low) < 7 else 2
    )
    # An ending of its own ("contacted", "removed") is no slip.
    return found[0] if found and low[0] == found[0][0] and not low.startswith(found[0]) else word


def _flat(text: str) -> str:
    return " ".join(text.replace("’", "'").split())[:4000]


def says_left(text: str) -> bool:
    return _says_left(_flat(text))


@lru_cache(maxsize=8)
def _says_left(flat: str) -> bool:
    return _LEFT.search(flat) is not None


def says_away(text: str) -> bool:
    return _AWAY.search(_flat(text)) is not None


def objections_in(text: str) -> tuple[Objection, ...]:
    return _objections_in(_flat(text))


@lru_cache(maxsize=8)
def _objections_in(flat: str) -> tuple[Objection, ...]:
    return tuple(objection for objection, pattern in _OBJECTIONS if pattern.search(flat))
