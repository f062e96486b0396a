"""When somebody is back, or when they want to be asked again: dates in ten languages, absolute and relative.

`until` differs by language. English until, Dutch tot, Swedish till and Danish til name the day of return;
German bis, French jusqu'au, Spanish hasta, Italian fino a, Portuguese até and Polish do count the named day
as still away, so the answer is the day after. A range always means the day after its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

_MONTH_NAMES: dict[int, str] = {
    1: (
        "january jan januar jänner janv janvier enero ene gennaio gen januari janeiro "
        "stycznia styczeń styczniu januar"
    ),
    2: (
        "february feb februar feber févr février febrero febbraio februari fevereiro fev "
        "lutego luty lutym februar"
    ),
    3: "march mar märz mrz maerz mars marzo maart março marca marzec marcu marts",
    4: "april apr avr avril abril abr aprile kwietnia kwiecień kwietniu",
    5: "may mai mayo maggio mag mei maio maja maj maju",
    6: "june jun juni juin junio giugno giu junho czerwca czerwiec czerwcu",
    7: "july jul juli juil juillet julio luglio lug julho lipca lipiec lipcu",
    8: "august aug août aout agosto ago augustus augusti sierpnia sierpień sierpniu",
    9: "september sep sept septembre septiembre settembre setembro września wrzesień wrześniu",
    10: "october oct oktober okt octobre octubre ottobre ott outubro października październik październiku",
    11: "november nov novembre noviembre novembro listopada listopad listopadzie",
    12: "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia grudzień grudniu",
}
_WEEKDAY_NAMES: dict[int, str] = {
    0: (
        "monday mon montag lundi lunes lunedì lunedi maandag segunda-feira segunda "
        "poniedziałek poniedziałku måndag mandag"
    ),
    1: (
        "tuesday tue tues dienstag mardi martes martedì martedi dinsdag terça-feira terça "
        "wtorek wtorku tisdag tirsdag"
    ),
    2: (
        "wednesday wed mittwoch mercredi miércoles miercoles mercoledì mercoledi woensdag "
        "quarta-feira quarta środa środę środy onsdag"
    ),
    3: (
        "thursday thu thurs donnerstag jeudi jueves giovedì giovedi donderdag quinta-feira "
        "quinta czwartek czwartku torsdag"
    ),
    4: "friday fri freitag vendredi viernes venerdì venerdi vrijdag sexta-feira sexta piątek piątku fredag",
    5: "saturday samstag sonnabend samedi sábado sabato zaterdag sobota sobotę lördag lørdag",
    6: "sunday sonntag dimanche domingo domenica zondag niedziela niedzielę söndag søndag",
}
_NUMBER_NAMES: dict[str, int] = {
    **dict.fromkeys(
        [
            "a",
            "an",
            "one",
            "ein",
            "eine",
            "einem",
            "einer",
            "einen",
            "un",
            "une",
            "una",
            "uno",
            "een",
            "um",
            "uma",
            "jeden",
            "jedną",
            "en",
            "ett",
            "et",
        ],
        1,
    ),
    **dict.fromkeys(
        [
            "two",
            "couple",
            "zwei",
            "zwo",
            "deux",
            "dos",
            "due",
            "twee",
            "dois",
            "duas",
            "dwa",
            "dwie",
            "två",
            "to",
        ],
        2,
    ),
    **dict.fromkeys(["three", "few", "drei", "trois", "tres", "tre", "drie", "três", "trzy"], 3),
    **dict.fromkeys(["four", "vier", "quatre", "cuatro", "quattro", "quatro", "cztery", "fyra", "fire"], 4),
    **dict.fromkeys(["five", "fünf", "cinq", "cinco", "cinque", "vijf", "pięć", "fem"], 5),
    **dict.fromkeys(["six", "sechs", "seis", "sei", "zes", "sześć", "sex", "seks", "halbes", "half"], 6),
    **dict.fromkeys(["eight", "acht", "huit", "ocho", "otto", "oito", "osiem", "åtta", "otte"], 8),
    **dict.fromkeys(["ten", "zehn", "dix", "diez", "dieci", "tien", "dez", "dziesięć", "tio", "ti"], 10),
    **dict.fromkeys(
        ["twelve", "zwölf", "douze", "doce", "dodici", "twaalf", "doze", "dwanaście", "tolv"], 12
    ),
}

_MONTHS = {name: month for month, names in _MONTH_NAMES.items() for name in names.split()}
_WEEKDAYS = {name: day for day, names in _WEEKDAY_NAMES.items() for name in names.split()}
_M = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_W = "|".join(sorted(map(re.escape, _WEEKDAYS), key=len, reverse=True))
_N = "|".join(sorted(map(re.escape, _NUMBER_NAMES), key=len, reverse=True))

_EXPRESSION = re.compile(
    rf"(?P<iso>\b(?P<iy>20\d\d)-(?P<im>\d\d)-(?P<id>\d\d)\b)"
    rf"|(?P<named>(?<![\d.,:/])(?P<nd>\d{{1,2}})\s?(?:st|nd|rd|th|er|º|ª|\.|:?e|de|"
    rf"ste)?(?:\s+day)?\s?(?:of\s|de\s|d['’]\s?|den\s)?\s?(?P<nm>{_M})\b\.?(?:\s?(?:de\s|"
    rf"del\s|,\s?)?\s?(?P<ny>20\d\d|['’]?\d\d(?![\d:.h%])))?)"
    rf"|(?P<monthfirst>\b(?P<mm>{_M})\b\.?\s+(?:the\s+)?(?P<md>\d{{1,2}})(?:st|nd|rd|"
    rf"th)?\b(?![:.]\d|\s?(?:am|pm|h\b|uhr|%|\+))(?:,?\s+(?P<my>20\d\d))?)"
    r"|(?P<span>(?<![\d.,/:+-])\d{1,2}[./](?:\d{1,2}[./]?)?(?:20\d\d|\d\d)?\s?[-–]\s?(?P<sd>\d{1,2})"
    r"[./](?P<sm>1[0-2]|0?[1-9])(?:[./](?P<sy>20\d\d|\d\d))?\.?(?![\d/:]|[.,]\d|\s?(?:uhr|h)\b))"
    rf"|(?P<numeric>(?<![\d.,/:+-])(?P<a>\d{{1,2}})\s?(?P<s>[./]|"
    rf"-(?=\d{{1,2}}-\d{{2}}))\s?(?P<b>\d{{1,2}})(?:(?:(?P=s))\s?(?P<y>20\d\d|"
    rf"\d\d))?\.?(?![\d/:]|[.,-]\d|\s?(?:%|€|uhr|am\b|pm\b)))"
    rf"|(?P<dayonly>(?:\b(?:{_W})\b[,.]?\s(?:(?:the|den|dem|der|le|el|il|d\.|dnia|dia|día)\s)?"
    rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?|\bthe\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th))"
    rf"(?!\w|[/:]\d|[.,]\d|\s?(?:of|de|uhr|h|am|pm|a\.m|p\.m|day)\b|\s?[-–%]|\s?(?:{_M})\b))"
    rf"|(?P<weekday>\b(?P<w>{_W})\b)"
    r"|(?P<week>\b(?:kw|kalenderwoche|week|wk|uge|v\.?|vecka|semaine|settimana|semana|tydzień|tygodniu)\s?"
    r"(?P<wn>[1-4]\d|5[0-3]|0?[1-9])\b(?![.,:]\d|\s?%))"
    r"|(?P<weekend>\b(?:end of (?:the |this )?week|ende (?:der|dieser) woche|fin de (?:la|cette) semaine|"
    r"(?:final(?:es)?|fin) de (?:la |esta )semana|fine (?:della )?settimana|einde? van de(?:ze)? week|"
    r"(?:final|fim) da semana|końca tygodnia|slutet av veckan|slutningen af ugen)\b)"
    r"|(?P<tomorrow>\b(?:tomorrow|morgen|demain|mañana|domani|amanhã|jutro|imorgon|i morgon|i morgen)\b)"
    rf"|(?P<relative>\b(?:in|nach|dans|en|dentro de|tra|fra|over|em|daqui a|za|om|after|"
    rf"within)\s+(?:about\s+|around\s+|ca\.?\s+|the next\s+|unos?\s+|circa\s+|ongeveer\s+|"
    rf"etwa\s+|another\s+)?(?P<n>\d{{1,2}}|{_N})(?:\s+of)?(?:\s+or\s+\w+|-\d+|"
    rf"\s*[-–]\s*\d+)?\s+(?P<unit>days?|tag(?:en?)?|jours?|d[ií]as?|giorn[oi]|dag(?:en|ar|"
    rf"e)?|dni|dzień|weeks?|wochen?|semaines?|semanas?|settiman[ae]|we(?:ken|ek)|tydzień|"
    rf"tygodni[ei]?|veck(?:a|or)|uger?|months?|monat(?:en?)?|mois|mes(?:es)?|mes[ei]|"
    rf"maand(?:en)?|m[eê]s|miesi[ąę]c[ey]?|miesięcy|månad(?:er)?|måned(?:er)?|jahr|ans?|"
    rf"years?|año|anno|jaar|rok|ano)\b)"
    r"|(?P<nextweek>\b(?:next week|(?:kommende|nächste)[rn]? woche|la semaine prochaine|"
    r"semaine prochaine|(?:la )?(?:próxima semana|semana que viene)|(?:la )?(?:prossima "
    r"settimana|settimana prossima)|volgende week|(?:na )?(?:próxima semana|semana que "
    r"vem)|(?:w )?(?:przyszłym|następnym) tygodni\w+|nästa vecka|næste uge)\b)"
    r"|(?P<nextmonth>\b(?:next month|(?:kommenden|nächsten|nächster) monat|le mois "
    r"prochain|(?:el )?(?:próximo mes|mes que viene)|(?:il )?(?:prossimo mese|mese "
    r"prossimo)|volgende maand|(?:próximo mês|mês que vem)|(?:w )?(?:przyszłym|następnym) "
    r"miesiącu|nästa månad|næste måned)\b)"
    r"|(?P<nextquarter>\b(?:next quarter|(?:nächsten|kommenden|nächstes|kommendes) "
    r"quartal|(?:le |au )?(?:prochain trimestre|trimestre prochain)|(?:el )?próximo "
    r"trimestre|(?:il )?(?:prossimo trimestre|trimestre prossimo)|volgend kwartaal|"
    r"próximo trimestre|(?:w )?(?:przyszłym|następnym) kwartale|nästa kvartal|næste "
    r"kvartal)\b)"
    r"|(?P<nextyear>\b(?:next (?:fiscal )?year|new year|(?:nächstes|nächsten|kommendes|"
    r"neuen?) jahre?s?|l['’]an(?:née)? prochaine?|(?:el )?(?:próximo año|año que viene|"
    r"año próximo)|(?:il )?(?:prossimo anno|anno prossimo)|l['’]anno prossimo|volgend "
    r"jaar|nieuwe jaar|(?:no )?(?:próximo ano|ano que vem)|(?:w )?(?:przyszłym|nowym) "
    r"roku|nästa år|næste år)\b)"
    r"|(?P<quarter>\b(?:(?:q|t)\s?(?P<q1>[1-4])|(?P<q2>[1-4])\.?\s?(?:q|quartal|"
    r"trimestre|kwartał|kwartaal|kvartal)|(?P<q3>first|second|third|fourth|erste[ns]|"
    r"zweite[ns]|dritte[ns]|vierte[ns])\s(?:quarter|quartal))(?:\s?(?:/|"
    r"of\s)?\s?(?P<qy>20\d\d|['’]\d\d))?\b)"
    r"|(?P<season>\b(?:after (?:the )?summer|nach (?:dem|den) sommer(?:ferien|urlaub)?|"
    r"après l['’]été|à la rentrée|(?:después|tras) (?:del|el) verano|dopo l['’]estate|na "
    r"de zomer(?:vakantie)?|(?:depois|após) (?:do|o) verão|po wakacjach|efter (?:sommaren|"
    r"semestern|sommer(?:en|ferien)))\b)"
    rf"|(?P<month>\b(?:in|im|ab|ende|anfang|mitte|since|from|until|early|mid|late|"
    rf"beginning of|end of|en|début|fin|courant|mi|à partir de|a|inicios de|finales de|"
    rf"mediados de|principios de|a partir de|ad|begin|eind|vanaf|em|no|início de|final de|"
    rf"meados de|w|we|od|do|i|från|fra|början av|slutet av|starten af)\s?-?(?:the|de|of)?\s?"
    rf"(?P<om>{_M})\b(?:\s+(?P<oy>20\d\d))?(?!\.?\s?\d))",
    re.IGNORECASE,
)

_BACK_WORDS = (
    r"back|return\w*|in (?:the )?office again|resume|available|reachable|respond|reply|"
    r"online|wieder|zurück\w*|rückkehr|rueckkehr|erreichbar|(?<!\w)ab\b|de retour|reviens|revenir|retour|"
    r"rentr[ée]\w*|joignable|disponible|à partir d\w+|"
    r"regres\w+|vuelv\w+|volver\w*|vuelta|reincorpor\w+|estar[ée] de|a partir del?|de "
    r"nuevo|rientr\w+|torn\w+|ritorn\w+|disponibile|a partire dal?|di nuovo|nuovamente|"
    r"terug\w*|weer|bereikbaar|vanaf|aanwezig op|regress\w+|volt\w+|retorn\w+|disponível|"
    r"novamente|"
    r"wrac\w+|wróc\w*|powr\w+|powrót|dostępn\w+|ponownie|(?<!\w)od\b|tillbaka|åter\w*|nås|"
    r"från och med|fr\.\s?o\.\s?m|tilbage|igen|kontoret igen|træffes|fra og med|"
    r"(?<!\w)fra\b"
)
_BACK = re.compile(rf"(?<!\w)(?:{_BACK_WORDS})(?!\w)", re.IGNORECASE)
_AWAY = re.compile(
    r"(?<!\w)(?:out|away|off|absent\w*|unavailable|not (?:available|be available|"
    r"reachable|in)|no access|limited|leave|vacation|holidays?|travel\w*|abwesend|nicht "
    r"(?:im|erreichbar|da|am|verfügbar)|urlaub|unterwegs|congés?|vacances|indisponible|"
    r"pas disponible|ausente|fuera|vacaciones|no (?:estaré|estoy|disponible)|assente|"
    r"fuori|ferie|non (?:sarò|sono)|afwezig|vakantie|niet (?:aanwezig|bereikbaar|"
    r"beschikbaar|op kantoor)|férias|não est\w+|"
    r"nieobecn\w+|urlop\w*|poza biurem|nie (?:będzie|ma|będę)|semester|frånvarande|ledig|"
    r"inte (?:nås|tillgänglig|på)|ferie|fraværende|ikke (?:på|til|tilgængelig)|"
    r"bortrest)(?!\w)",
    re.IGNORECASE,
)
_INCLUSIVE = re.compile(
    (
        r"(?:through|thru|up to and including|bis\s+(?:einschlie(?:ß|ss)lich|inklusive|"
        r"inkl\.?|und mit)|bis(?:\s+(?:zum|zu))?|jusqu['’](?:au|à|a)|hasta(?:\s+(?:el|al))?|"
        r"fino\s+a(?:l|ll['’])?|tot\s+en\s+met|t/m|até(?:\s+(?:ao?|o dia|dia))?|"
        r"do(?:\s+dnia)?|till\s+och\s+med|t\.?\s?o\.?\s?m\.?|til\s+og\s+med|"
        r"t\.?o\.?m)\s*(?:,)?\s*(?:(?:the|el|le|il|la|l['’]|de|den|dem|dia|día|o|dnia)\s+)?$"
    ),
    re.IGNORECASE,
)
_INCLUSIVE_AFTER = re.compile(
    (
        r"^[\s,(]{0,3}(?:inclusive|included|inclusief|inkl|incl|einschlie(?:ß|ss)lich|inclus|"
        r"inclusive|incluido|incluso|compreso|włącznie)"
    ),
    re.IGNORECASE,
)
_UNTIL = re.compile(
    (
        r"(?:until|till|['’]til|til|tot|indtil|fram till|til den)\s*(?:,)?\s*(?:(?:the|de|den|"
        r"next|volgende|nästa|næste|on)\s+)?$"
    ),
    re.IGNORECASE,
)
_CONNECTOR = re.compile(
    (
        r"(?:\d{1,2}(?:st|nd|rd|th|er|º|\.|e)?\.?|\x00)\s*(?:-|–|—|to|until|till|til|through|"
        r"thru|and|bis(?:\s+(?:zum|einschlie(?:ß|ss)lich|inkl\.?|inklusive))?|und|au|à|al|a|"
        r"ao|e|y|et|hasta(?: el)?|até|tot(?:\s+en\s+met)?|t/m|en|do|i|och|"
        r"till(?:\s+och\s+med)?|t\.?o\.?m\.?|og|til(?:\s+og\s+med)?)\s*(?:(?:the|el|le|il|la|"
        r"l['’]|de|den|dia|día|dnia)\s+)?$"
    ),
    re.IGNORECASE,
)
_TAIL_DAY = re.compile(
    (
        r"^\s?(?:-|–|—|to|through|thru|until|bis|au|al|tot|t/m|till|til|do|a|"
        r"à)\s?(\d{1,2})(?:st|nd|rd|th)?\b(?![:.]\d|\s?(?:days|%|weeks|am|pm))"
    ),
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?]\s+(?=[A-ZÀ-ÖØ-ÞŚŻŹ¡¿])|\n\s*\n|\n")
_WEEKDAY_JOINS = re.compile(
    rf"(?:{_W})[,.]?\s*(?:the|den|dem|der|el|le|il|de|d\.|dnia|,)?\s*$", re.IGNORECASE
)


class Weight(IntEnum):
    """How plainly a date was said to be the day of return."""

    MENTION = 0
    UNTIL = 2
    RANGE = 3
    BACK = 4


@dataclass(frozen=True)
class Said:
    """A date that a text names, already turned into the first day on which the person is there again."""

    day: date
    weight: Weight
    words: str


def return_date(text: str, said_on: date, *, month_first: bool = False) -> date | None:
    """The first day somebody is back, or None. `month_first` reads 5/6 as May 6, as in the United States."""
    found = [said for said in dates_said(text, said_on, month_first=month_first) if said.weight]
    if not found:
        return None
    best = max(said.weight for said in found)
    days = [said.day for said in found if said.weight == best]
    return days[0] if best == Weight.BACK else max(days)


def park_date(text: str, said_on: date, *, month_first: bool = False) -> date | None:
    """The day on which somebody wants to be asked again, or None: the latest future date they name."""
    days = [said.day for said in dates_said(text, said_on, month_first=month_first) if said.day > said_on]
    return max(days) if days else None


def dates_said(text: str, said_on: date, *, month_first: bool = False) -> list[Said]:
    text = text[:6000]
    found: list[Said] = []
    previous_end = -1
    for match in _EXPRESSION.finditer(text):
        resolved = _resolve(match, said_on, month_first=month_first)
        if resolved is None:
            continue
        day, open_ended = resolved
        before = _sentence_before(text, match.start("om") if match.group("om") else match.start())
        if match.lastgroup == "weekday" or match.group("weekday"):
            following = text[match.end() : match.end() + 14]
            if re.match(
                r"[,.]?\s*(?:the|den|dem|der|el|le|il|de|d\.|dnia)?\s*\d{1,2}", following, re.IGNORECASE
            ):
                continue
        before = _WEEKDAY_JOINS.sub("", before)
        ranged = (
            previous_end >= 0
            and _CONNECTOR.search("\x00" + text[previous_end : match.start()]) is not None
            and match.start() - previous_end < 30
        )
        if ranged and match.group("weekday") and not _AWAY.search(before):
            # "Monday to Friday from 9 to 5" are the hours of an office.
            previous_end = match.end()
            continue
        tail = _TAIL_DAY.match(text[match.end() : match.end() + 20]) if match.group("monthfirst") else None
        if match.group("span"):
            found.append(Said(day, Weight.RANGE, match.group(0)))
            previous_end = match.end()
            continue
        if ranged and found and found[-1].weight:
            found[-1] = Said(found[-1].day, Weight.MENTION, found[-1].words)
        previous_end = match.end()
        if tail and (later := _date(day.year, day.month, int(tail.group(1)))):
            found.append(
                Said(later + timedelta(days=1), Weight.RANGE, text[match.start() : match.end() + tail.end()])
            )
            continue
        after = _SENTENCE.split(text[match.end() : match.end() + 90], maxsplit=1)[0]
        found.append(_weighed(day, before, after, match.group(0), ranged=ranged, open_ended=open_ended))
    return found


def _weighed(day: date, before: str, after: str, words: str, *, ranged: bool, open_ended: bool) -> Said:
    following = day if open_ended else day + timedelta(days=1)
    if ranged or _CONNECTOR.search(before):
        return Said(following, Weight.RANGE, words)
    if _INCLUSIVE.search(before) or (_UNTIL.search(before) and _INCLUSIVE_AFTER.match(after)):
        # "nicht erreichbar bis Montag" names the day of return: one says a weekday for that.
        named_day = words.lower() in _WEEKDAYS
        inclusive = not named_day or re.search(
            r"(?:through|thru|einschl|inkl|en met|och med|og med|t/m)\W{0,6}\w{0,6}\s*$",
            before,
            re.IGNORECASE,
        )
        return Said(
            following if inclusive else day,
            Weight.RANGE
            if inclusive and re.search(r"einschl|inkl|through|en met|och med|og med", before)
            else Weight.UNTIL,
            words,
        )
    if _UNTIL.search(before):
        return Said(day, Weight.UNTIL, words)
    near = before[-70:]
    last_back = max((m.end() for m in _BACK.finditer(near)), default=-1)
    last_away = max((m.end() for m in _AWAY.finditer(near)), default=-1)
    if last_back > last_away:
        return Said(day, Weight.BACK, words)
    if _BACK.search(after[:60]) and not _AWAY.search(after[:30]) and last_away < 0:
        return Said(day, Weight.BACK, words)
    return Said(day, Weight.MENTION, words)


def _sentence_before(text: str, at: int) -> str:
    return _SENTENCE.split(text[max(0, at - 120) : at].replace("a.m.", "am").replace("p.m.", "pm"))[-1]


def _resolve(match: re.Match[str], said_on: date, *, month_first: bool) -> tuple[date, bool] | None:
    """The date meant, and whether it is a beginning (a week, month, quarter) rather than a single day."""
    group = match.groupdict()
    if group["iso"]:
        return _single(_date(int(group["iy"]), int(group["im"]), int(group["id"])))
    if group["named"]:
        return _single(_in_year(_MONTHS[group["nm"].lower()], int(group["nd"]), group["ny"], said_on))
    if group["monthfirst"]:
        return _single(_in_year(_MONTHS[group["mm"].lower()], int(group["md"]), group["my"], said_on))
    if group["numeric"]:
        return _single(_numeric(group, said_on, month_first=month_first))
    if group["span"]:
        end = _in_year(int(group["sm"]), int(group["sd"]), group["sy"], said_on)
        return (end + timedelta(days=1), True) if end else None
    if group["dayonly"]:
        return _single(_day_ahead(int(group["d1"] or group["d2"]), said_on))
    if group["weekday"]:
        ahead = (_WEEKDAYS[group["w"].lower()] - said_on.weekday()) % 7 or 7
        return said_on + timedelta(days=ahead), True
    if group["tomorrow"]:
        return said_on + timedelta(days=1), True
    if group["relative"]:
        return _relative(group["n"].lower(), group["unit"].lower(), said_on), True
    return _beginning(group, said_on)


def _single(day: date | None) -> tuple[date, bool] | None:
    return (day, False) if day else None


def _beginning(group: dict[str, str | None], said_on: date) -> tuple[date, bool] | None:  # noqa: C901
    first = said_on.replace(day=1)
    if group["week"]:
        return _week(int(group["wn"] or 0), said_on), True
    if group["nextweek"] or group["weekend"]:
        return said_on + timedelta(days=7 - said_on.weekday()), True
    if group["nextmonth"]:
        return _months_later(first, 1), True
    if group["nextquarter"]:
        return _months_later(first, 3 - (said_on.month - 1) % 3), True
    if group["nextyear"]:
        return date(said_on.year + 1, 1, 1), True
    if group["season"]:
        autumn = date(said_on.year, 9, 1)
        return (autumn if autumn > said_on else date(said_on.year + 1, 9, 1)), True
    if group["quarter"]:
        said = (
            group["q1"]
            or group["q2"]
            or str(
                {"f": 1, "e": 1, "s": 2, "z": 2, "t": 3, "d": 3, "v": 4}.get(
                    (group["q3"] or "f")[0].lower(), 1
                )
            )
        )
        if (group["q3"] or "").lower().startswith("fo"):
            said = "4"
        start = date(_year(group["qy"], said_on), int(said) * 3 - 2, 1)
        if not group["qy"] and start <= said_on:
            start = date(start.year + 1, start.month, 1)
        return start, True
    if name := group["om"]:
        if name == "may" or (
            name.lower()
            in ("mar", "sep", "gen", "dic", "ago", "ott", "mag", "lug", "giu", "ene", "abr", "dez", "fev")
            and name.islower()
        ):
            return None
        start = date(_year(group["oy"], said_on), _MONTHS[name.lower()], 1)
        if not group["oy"] and start <= first:
            start = date(start.year + 1, start.month, 1)
        return start, True
    return None


def _numeric(group: dict[str, str | None], said_on: date, *, month_first: bool) -> date | None:
    a, b = int(group["a"] or 0), int(group["b"] or 0)
    if group["s"] == "-" and not group["y"]:
        return None
    if group["s"] == "." and not group["y"] and not (1 <= b <= 12):
        return None
    turned = (month_first and group["s"] == "/" and a <= 12) or b > 12 >= a
    if group["s"] == "/" and not group["y"] and not turned and 1 <= a <= 12 and 1 <= b <= 12:
        # 12/7 in late November is the seventh of December: who says when they are back means soon.
        as_said, other = _in_year(b, a, None, said_on), _in_year(a, b, None, said_on)
        turned = (
            other is not None
            and (as_said is None or (as_said - said_on).days > 120)
            and (0 <= (other - said_on).days <= 60)
        )
    day, month = (b, a) if turned else (a, b)
    return _in_year(month, day, group["y"], said_on) if 1 <= month <= 12 else None


def _day_ahead(day: int, said_on: date) -> date | None:
    """The next such day of a month, from the day on which it was said."""
    months = [
        _date(first.year, first.month, day) for first in (said_on, _months_later(said_on.replace(day=1), 1))
    ]
    return next((found for found in months if found and found >= said_on), None)


def _week(number: int, said_on: date) -> date:
    """The Monday of a week by its number (ISO 8601), this year's unless that is behind us."""
    try:
        monday = date.fromisocalendar(said_on.year, number, 1)
    except ValueError:
        monday = date.fromisocalendar(said_on.year, 52, 1)
    return (
        monday if (said_on - monday).days < 14 else date.fromisocalendar(said_on.year + 1, min(number, 52), 1)
    )


def _relative(number: str, unit: str, said_on: date) -> date:
    count = int(number) if number.isdecimal() else _NUMBER_NAMES[number]
    if re.match(r"day|tag|jour|d[ií]a|giorn|dag|dni|dzie", unit):
        return said_on + timedelta(days=count)
    if re.match(r"week|woch|semai|semana|settim|we|tyd|tyg|veck|uge", unit):
        return said_on + timedelta(weeks=count)
    if re.match(r"jahr|an|year|año|jaar|rok", unit):
        return _months_later(said_on, 12 * count)
    return _months_later(said_on, count)


def _months_later(day: date, months: int) -> date:
    month = day.month - 1 + months
    year = min(day.year + month // 12, 9998)
    return _date(year, month % 12 + 1, day.day) or date(year, month % 12 + 1, 28)


def _in_year(month: int, day: int, year: str | None, said_on: date) -> date | None:
    """A date without a year is the one that lies nearest ahead; two months back still counts as just past."""
    if year:
        return _date(_year(year, said_on), month, day)
    here = _date(said_on.year, month, day)
    if here and (said_on - here).days > 60:
        return _date(said_on.year + 1, month, day)
    if here and (here - said_on).days > 330:
        return _date(said_on.year - 1, month, day)
    return here


def _year(said: str | None, said_on: date) -> int:
    if not said:
        return said_on.year
    number = int(said.strip("'’"))
    return number + 2000 if number < 100 else number


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def date_words_in(text: str) -> bool:
    """Whether any date, weekday or span of time is named."""
    return _EXPRESSION.search(text[:2000]) is not None
