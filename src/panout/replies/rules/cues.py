"""Turns of phrase that mean the same in ten languages; weighing them, the model carries over between them.

They are hints, not verdicts: "next week" speaks for a meeting and for a postponement; the model settles
which.
"""

from __future__ import annotations

import re

from panout.replies.rules.automatic import reads_like_a_desk
from panout.replies.rules.dates import date_words_in
from panout.replies.rules.intents import objections_in, phrases_in, says_left


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_CUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "curious",
        _any(
            (
                r"(?<!not )(?<!n't )(?<!un)(?<!longer )\binterest(?:ed|ing)\b(?! in (?:changing|"
                r"switching))"
            ),
            (
                r"tell me more|more info\w*|more details|(?:know|hear|learn|find out|see) more|"
                r"sounds? (?:good|great|interesting|promising|useful|like)|looks? (?:good|great|"
                r"interesting|promising)|curious|intrigued|keen\b|love (?:to|the)|happy to (?:take a "
                r"look|learn|hear|test)|next steps?|(?:send|share|shoot|forward) (?:me |us |over |it|"
                r"the |some |your )+(?:the |your |some |more )*(?:deck|details|info\w*|case stud\w+|"
                r"proposal|pricing|overview|one[- ]pager|brochure|material\w*|presentation|quote)|"
                r"\bcount me in\b|i'?m in\b|sign (?:me|us) up|get started|open to|(?:free )?trial|"
                r"pilot|beta|exactly (?:this|what|the)|perfect timing|good timing|timing is "
                r"(?:perfect|great|good)|relevant (?:for|to) (?:us|me)\b|looking for (?:a|something|"
                r"exactly)|evaluating|we (?:need|could use)|yes[, ]+(?:please|i'?d|we'?d)|would "
                r"(?:love|welcome|be glad)|go ahead|impressed"
            ),
            (
                r"(?<!kein )(?<!keine )(?<!nicht )\binteress(?:ant|iert|e besteht|ieren würde|iert "
                r"mich)\b|klingt|hört sich gut|neugierig|spannend|erzählen sie|mehr (?:erfahren|"
                r"info\w*|dazu|darüber)|weitere info\w*|(?:schick\w*|send\w*|"
                r"zukommen).{0,40}(?:unterlagen|info\w*|präsentation|angebot|preise|rüber)|nächste\w* "
                r"schritt|wie geht es weiter|testen|pilot\w*|suchen (?:tatsächlich|gerade|genau|wir)|"
                r"passt (?:zeitlich|gut|super)|genau das|gern(?:e)?[,!. ]"
            ),
            (
                r"(?<!pas )(?:m'|nous |vous )?intéress(?:e|ant|és?|ée)\b|en savoir (?:plus|davantage)|"
                r"dites-m'en|prochaines étapes|envoyez|transmettre|(?:votre|la) (?:présentation|"
                r"documentation|proposition)|curieux|pourquoi pas|partants?|essai\b|tombe bien|très "
                r"bon timing|ce que nous cherchons|vrai besoin|oui,? (?:je|nous|avec)|avec plaisir|"
                r"volontiers"
            ),
            (
                r"(?<!no )(?<!no me )(?<!no nos )(?:me|nos) interesa|interesante|cuénte\w*|suena bien|"
                r"más información|saber más|siguientes pasos|próximos pasos|m[aá]nda\w*|"
                r"env[ií][ae]\w*|propuesta|justo (?:estamos|lo que)|buen momento(?!,? no)|piloto|"
                r"prueba|adelante|sí,|qué interesante|atento a|encantad[oa]"
            ),
            (
                r"(?<!non )(?<!non mi )(?:mi|ci) interessa|interessant[ei]|interessati a|dica di più|"
                r"saperne di più|prossimi passi|mand\w+|presentazione|offerta per|prova\b|proprio "
                r"quello|momento giusto(?<!non è il momento giusto)|volentieri|ci piacerebbe|pilota"
            ),
            (
                r"(?<!geen )interessant|(?<!niet )geïnteresseerd|klinkt|vertel|ja graag|graag (?:een|"
                r"meer|wat)|volgende stappen|stuur (?:maar|me|de)|presentatie|voorstel|testen|precies "
                r"wat|goede timing|leuk\b|hoor graag"
            ),
            (
                r"(?<!não tenho )(?<!sem )interesse (?:num|em|na)|interessante|conte-me|saber mais|"
                r"próximos passos|envi\w+|manda|proposta|apresentação|mesmo disto|boa altura|gostei|"
                r"teste\b|gostaria|sim,"
            ),
            (
                r"(?<!nie jestem )(?<!nie jesteśmy )zainteresowan\w+|brzmi|ciekaw\w+|interesuje|"
                r"więcej informacji|kolejne kroki|prześ\w+|przesłać|podeślij|prezentacj\w+|cennik|"
                r"chętnie|szukamy|dobry moment|przetest\w+|oferta dla"
            ),
            (
                r"(?<!inte )(?<!ej )intresser(?:ad|ade|ant)|låter|berätta|nästa steg|skicka gärna|"
                r"presentation\w*|letar efter|testa|bra tajming|gärna"
            ),
            (
                r"(?<!ikke )(?:interesseret|interesserede|interessant)|lyder|fortæl|næste skridt|send "
                r"gerne|præsentation\w*|leder efter|prøve|god timing|gerne"
            ),
        ),
    ),
    (
        "meet",
        _any(
            (
                r"\b(?:call|talk|chat|speak|meet(?:ing)?|demo|zoom|teams|slot|invite|invitation|"
                r"calendar|calendly|diary|schedule|book|availab(?:le|ility)|walkthrough|lunch|coffee|"
                r"appointment|phone|ring|dial)\b(?!.{0,15}(?:again (?:in|next)))"
            ),
            r"\b\d{1,2}(?::\d\d)?\s?(?:am|pm|uhr|h\b|u\b)|\b\d{1,2}:\d\d\b|cal\.com",
            (
                r"telefonier\w*|gespräch|termin\w*|treffen|anruf\w*|rufen sie|einladung|kalender|"
                r"zoomen|vorführ\w*|uhrzeit|zeit für|verfügbar|vereinbar\w*|vorbei"
            ),
            (
                r"rendez-vous|échang(?:er|eons)|appel(?:ez|er|le)|créneau|agenda\b|démo\b|visio|"
                r"entretien|point téléphonique|invitation|disponib\w+|passez nous voir|réunion"
            ),
            (
                r"reuni[oó]n|hablar|hablamos|llam[ae]\w*|llamada|videollamada|cita\b|calendario|"
                r"agend\w+|invitación|disponibilidad|veámonos|demo\b"
            ),
            (
                r"sentir(?:ci|e)|incontr\w+|chiam\w+|appuntamento|calendario|invito|fissi\w+|sono "
                r"libero|trovarci"
            ),
            r"bellen|bel me|afspraak|agenda\b|uitnodiging|gesprek|kom gerust|langs|plant",
            r"reunião|falar na|ligue|chamada|calendário|convite|marcar|demonstração|estou livre",
            (
                r"porozmawiać|zadzwoni\w*|spotkani\w+|kalendarz|zaproszenie|rozmow\w+|umówmy|"
                r"prezentację\?"
            ),
            r"prata på|ring mig|möte|boka|kalender|inbjudan|samtal",
            r"tale sammen|ring til|møde|aftale et|kalender|invitation|snakke",
        ),
    ),
    (
        "ask",
        _any(
            r"\?",
            (
                r"^\W*(?:\w+ \w+,? )?(?:what|how|where|which|who|why|does|do you|can (?:it|you|we)|"
                r"could you (?:explain|clarify|share)|is (?:it|there|the)|are you|may i ask|will it)\b"
            ),
            (
                r"\b(?:wie|was|wo|welche\w*|wer|warum|gibt es|haben sie|kann man|ist das|läuft|"
                r"zahlt)\b.{0,120}\?"
            ),
            (
                r"\b(?:quel\w*|combien|où|comment|pourquoi|est-ce|avez-vous|y a-t-il|peut-on|"
                r"proposez)\b.{0,120}\?"
            ),
            r"¿",
            r"\b(?:quanto|dove|come|che|qual|avete|c'è|si integra|è disponibile)\b.{0,120}\?",
            r"\b(?:wat|waar|hoe|welke|is er|werkt|hebben jullie|kunnen we)\b.{0,120}\?",
            r"\b(?:quanto|onde|como|qual|têm|há|integra)\b.{0,120}\?",
            r"\b(?:ile|gdzie|jak|czy|czym)\b.{0,120}\?",
            r"\b(?:vad|var|hur|har ni|fungerar)\b.{0,120}\?",
            r"\b(?:hvad|hvor|hvordan|har i|virker)\b.{0,120}\?",
        ),
    ),
    (
        "cost",
        _any(
            r"\b(?:pric(?:e|ing)|costs?|how much|licen[sc]\w+|api|integrat\w+|iso|soc ?2|"
            r"gdpr-?compliant|hosted|free trial|contract term|support|languages?|accurate|"
            r"onboarding|kostet|preis\w*|schnittstelle|gespeichert|coûte|prix|tarif|hébergé\w*|"
            r"compatible|cuesta|precio|integra|alojan|costa|prezzo|kost|prijs|koppel\w*|custa|"
            r"preço|kosztuje|cena|kostar|pris|koster)\b"
        ),
    ),
    (
        "later",
        _any(
            (
                r"not (?:right )?now|not at (?:the|this) (?:moment|time)|not this (?:quarter|year|"
                r"month)|bad (?:timing|time)|(?:not|isn't) (?:a |the )?(?:good|great|right|best) time|"
                r"later|(?:get|come|circle|check|reach|touch|follow|write|try|ask|ping|contact|hit|"
                r"call|email|connect)\b.{0,25}\b(?:back|again|in with|up (?:in|with|again)|then|me in|"
                r"next|in \w+)|again (?:in|next|after|around|when|once)|revisit|reconnect|remind me|"
                r"(?:budget|hiring|project)s? freeze|until (?:the end|january|february|march|april|"
                r"may|june|july|august|september|october|november|december|next|q)|before q|before "
                r"(?:the|i|\d|january|february|march|april|june|july|september|october)|down the road|"
                r"park this|next (?:quarter|year|spring|summer|fall|autumn)|swamped|too busy|busy "
                r"season|mid[- ]?(?:re)?|postpone|new year|fiscal|half (?:a|of the) year|atm\b|at the "
                r"earliest|pick this up|locked in|in principle|just signed|pause[d]?"
            ),
            (
                r"im moment|momentan|derzeit|aktuell|zurzeit|gerade (?:nicht|ganz|schlecht)|jetzt "
                r"(?:gerade )?nicht|später|nächste[sn]? (?:jahr|quartal|monat)|im neuen jahr|halben "
                r"jahr|erneut|noch (?:ein)?mal|wieder(?:\b.{0,12}(?:melden|im|auf))|(?:melden|fragen|"
                r"kommen|erinnern|versuchen|schreiben) sie (?:sich |mich |es |mir )?.{0,30}(?:wieder|"
                r"erneut|noch|im |in )|nicht vor|verschieben|nach dem sommer|herbst|frühjahr|"
                r"budgetfreigabe|umstellung|zu viel los|stopp|zwölf monate|kapazität"
            ),
            (
                r"pas (?:maintenant|pour l'instant|pour le moment|le bon moment|avant)|plus tard|"
                r"recontact\w+|revenez|relanc\w+|reparlons|on en reparle|à la rentrée|après l'été|"
                r"l'année prochaine|prochain trimestre|dans (?:\w+) mois|trop de choses|en pleine|"
                r"déjà engagé|signer"
            ),
            (
                r"ahora (?:mismo )?no|por ahora|este (?:trimestre|año)|más adelante|vuelva a|"
                r"contácteme|escr[ií]b\w+ (?:en|de nuevo)|de nuevo|después del verano|próximo (?:año|"
                r"trimestre)|dentro de|a tope|no antes|recuérde\w+|en plena|acabamos de firmar|buen "
                r"momento"
            ),
            (
                r"(?:adesso|ora) no|per ora|più avanti|ricontatt\w+|risentiamoci|ne riparliamo|di "
                r"nuovo tra|dopo l'estate|l'anno prossimo|prossimo trimestre|tra \w+ mesi|troppo "
                r"impegnat\w+|meglio a|non prima|nel pieno|appena firmato|momento giusto"
            ),
            (
                r"nu (?:even )?niet|niet nu|later|dit kwartaal|volgend (?:kwartaal|jaar)|nog eens|na "
                r"de zomer|over \w+ maanden|te druk|niet voor q|midden in|terugkomen|net "
                r".{0,15}getekend|liever in"
            ),
            (
                r"agora não|por enquanto|mais tarde|volte a|este trimestre|próximo (?:trimestre|ano)|"
                r"depois do verão|daqui a|de novo|sem tempo|a meio de|melhor em"
            ),
            (
                r"teraz nie|na razie|później|odezwać|w tym kwartale|przyszłym (?:kwartale|roku)|po "
                r"wakacjach|ponownie|za \w+ miesi\w+|za dużo pracy|lepiej w|w trakcie|wróćmy"
            ),
            (
                r"inte (?:just )?nu|hör av dig|kvartal\w*|återkom|nästa (?:år|kvartal)|efter sommaren|"
                r"om \w+ månader|senare|mitt i|just nu|slut för i år"
            ),
            (
                r"ikke (?:lige )?nu|skriv igen|vend tilbage|kvartal|næste (?:år|kvartal)|efter "
                r"sommer\w*|igen om|senere|midt i|travlt|i år"
            ),
        ),
    ),
    (
        "priority",
        _any(
            (
                r"priorit\w*|\bprio\b|(?:not|isn't|n't) (?:on|in) (?:our|the) (?:radar|agenda|"
                r"roadmap)|roadmap is full|(?:not|isn't) (?:a |our )?(?:focus|topic|initiative)|focus "
                r"(?:lies|is) elsewhere|no (?:initiative|plans|appetite)|(?:bottom|low) (?:of|on) "
                r"(?:our|the) list|bigger fish|shelved|indefinitely|foreseeable|off the table|full "
                r"stop|nice[- ]to[- ]have|not (?:big|important) enough|see(?:s)? this as important|"
                r"resources|invest in|won't be (?:pursuing|soon|any)|rank\w*|objectives|subject is "
                r"closed|agenda|top of mind"
            ),
            (
                r"agenda|kein (?:thema|schwerpunkt)|ressourcen|fokus|auf absehbare|ganz unten|"
                r"zurückgestellt|investieren|nicht wichtig|wichtiger|nicht weiter verfolgen"
            ),
            (
                r"à l'ordre du jour|investir|bas de (?:notre|la) liste|ressource|axes stratégiques|"
                r"mis (?:ce projet )?de côté|direction ne"
            ),
            (
                r"agenda|invertir|final de (?:nuestra|la) lista|recursos|nuestro foco|no lo considera|"
                r"importante\b"
            ),
            r"in agenda|investi\w+|in fondo alla|risorse|focus|importante\b",
            r"agenda en|investeren|onderaan|geparkeerd|belangrijk\b|op de agenda",
            r"na agenda|investir|fim da nossa|importante\b",
            r"w naszych planach|inwestować|końcu (?:naszej )?listy|za ważne",
            r"agendan|resurser|prioriter\w+|viktigt\b",
            r"dagsordenen|ressourcer|prioriter\w+|vigtigt\b",
        ),
    ),
    (
        "refuse",
        _any(
            (
                r"\bno,? thank(?:s| you)|not interested|no interest|(?:'ll|will|i) pass\b|hard pass|"
                r"all set\b|not (?:for us|a fit|relevant|our thing|convinced|keen|looking)|no (?:need|"
                r"use|demand)|don't need|declin\w+|decided (?:not|against)|isn't (?:a fit|for us)|"
                r"we're good|good luck|all the best|a no\b|it's a no|\bnope\b|\bnah\b|already (?:use|"
                r"have|work)|happy with|satisfied|went with|in[- ]house|built our own|don't see "
                r"(?:the|any) value|not (?:proceed|be taking)|different direction|doesn't apply|stay "
                r"with|too expensive|requirements|long[- ]standing"
            ),
            (
                r"kein (?:interesse|bedarf)|nein,? danke|nee danke|versorgt|nicht relevant|nichts für "
                r"uns|zufrieden|bereits (?:mit|eine)|zu teuer|anderen anbieter|intern\b|brauchen wir "
                r"nicht|absagen|passt nicht zu|keinen (?:mehrwert|gebrauch)|wechseln nicht|"
                r"zusammenarbeit"
            ),
            (
                r"pas intéress\w+|non merci|déjà (?:équipé|un)|ne nous concerne|pas besoin|"
                r"satisfaits?|ne donnerons pas suite|trop cher|autre prestataire|pas adapté|ne "
                r"correspond pas|m'intéresse pas"
            ),
            (
                r"no (?:me|nos) interesa|no,? gracias|ya tenemos|no lo necesit\w+|no aplica|no "
                r"estamos interesad\w+|demasiado caro|hemos elegido|internamente|no continuar|no "
                r"encaja|contentos"
            ),
            (
                r"non (?:mi|ci) interessa|no,? grazie|già un|soddisfatti|non ne abbiamo|non fa per|"
                r"non siamo interessati|troppo caro|un'altra soluzione|non procedere|non è pertinente"
            ),
            (
                r"geen interesse|nee,? (?:dank|bedankt)|al voorzien|niet relevant|niet nodig|gaan er "
                r"niet|te duur|andere partij|tevreden|zien .{0,12}van af"
            ),
            (
                r"não tenho interesse|não,? obrigad\w|já temos|não precisamos|não se aplica|não vamos "
                r"avançar|muito caro|outra solução"
            ),
            (
                r"nie jest\w* zainteresowan\w+|nie,? dziękuję|mamy już|nie potrzebuj\w+|nie dotyczy|"
                r"nie skorzystamy|za drogo|inne rozwiązanie"
            ),
            r"inte intresser\w+|nej tack|redan en|behöver inte|inte relevant|avstår|nöjda",
            r"ikke interesser\w+|nej tak|allerede en|ikke brug for|ikke relevant|takker nej|tilfredse",
        ),
    ),
    (
        "pass_on",
        _any(
            (
                r"forward\w*|\bfwd\b|pass(?:ed|ing) (?:\w+ ){0,3}(?:on|along|to)|loop\w*|\bcc'?\w*|in "
                r"copy|copy(?:ing)?\b|adding\b|^\W*\+\s?[A-Z]|introduc\w+|connect(?:ing)? you|put you "
                r"in touch|(?:talk|speak|reach out|write|best) (?:to|with|directly)|get in touch with|"
                r"best (?:to|contact)|(?:try|ask) [A-Z]|bringing in|handing you|shared it with|"
                r"\bhandle[s]?\b|get back to you|will call you|drop her|drop him|liaise|resend|who "
                r"(?:runs|owns|manages|will|coordinates)|gave your name|recommend contacting"
            ),
            (
                r"weiter(?:geleitet|leiten|leite|geben)|gebe das|leite ich|in cc|in den verteiler "
                r"dieser|wenden sie sich|sprechen sie|kollegin?\b|ansprechpartner\w*|übergeben|"
                r"kontakt zu|weiß bescheid|kümmert sich|frag mal"
            ),
            (
                r"transmis|transfère|en copie|voyez|contactez|collègue|fais suivre|mets en relation|"
                r"bonne personne pour|parlez-en|gère ce"
            ),
            (
                r"reenviado|copio a|contacte con|escríbale|compañer\w+|le paso|pongo en contacto|"
                r"persona indicada|habla con|lleva este"
            ),
            (
                r"inoltrat\w+|in copia|contatti|scriva a|collega|giro la|referente|metto in contatto|"
                r"ne parli|segue questo"
            ),
            (
                r"doorgestuurd|in de cc|neem contact op met|mail mijn|collega|door aan|juiste persoon "
                r"is|breng je in contact|spreek met"
            ),
            r"encaminhei|em cópia|contacte|fale com|colega|passar ao|pessoa indicada|trata deste",
            (
                r"przekaz\w+|do wiadomości|skontaktować się z|koleżank\w+|właściwą osobą|odpowiada za|"
                r"napisać do"
            ),
            r"vidarebefordra\w*|på kopia|kontakta|mejla min|kollega|skickar det vidare",
            r"videresend\w*|på cc|kontakt\b|kollega|sender den videre|står for",
        ),
    ),
    (
        "confirm",
        _any(
            (
                r"ticket|case (?:number|id|no)|reference:?|request \(?id|(?:has been|was|have) "
                r"(?:received|created|logged|assigned)|we(?:'ve| have) received|received (?:your|"
                r"outside)|automat\w+|auto-response|do not reply|not monitored|business (?:days|"
                r"hours)|representative|get back to you as soon|will (?:respond|contact you|review)|"
                r"\bcase number|thank(?:s| you) for (?:contacting|your (?:interest|submission|"
                r"application|inquiry|request)|getting in touch|writing)|our (?:team|support)|help "
                r"?center|portal|email address(?:es)? (?:has|have) changed|confirm receipt|"
                r"confirmation|spam protection|human sender|response times|inbox of|mailbox|invoices "
                r"must"
            ),
            (
                r"ticketnummer|vorgangsnummer|eingegangen|eingangsbestätigung|automatisch|bearbeiten "
                r"(?:wir )?ihr|werktagen|postfach|in kürze|ihre (?:anfrage|bewerbung|nachricht)|"
                r"schnellstmöglich|lesebestätigung|rechnungen|adressen haben sich geändert|haben ihre "
                r"e-?mail erhalten"
            ),
            (
                r"bien reçu votre|accusé de réception|automatique|meilleurs délais|ticket|référence|"
                r"conseiller|boîte n'est pas|notre adresse a changé|enregistré"
            ),
            (
                r"hemos recibido|acuse de recibo|automático|lo antes posible|ticket|agente|buzón|"
                r"dirección de correo ha"
            ),
            r"abbiamo ricevuto|automatico|al più presto|ticket|operatore|casella|indirizzo è cambiato",
            r"hebben uw|automatisch|spoedig|ticket|medewerker|mailbox|e-mailadres is",
            r"recebemos|automática|em breve|registado|caixa de correio|assistente|pedido foi",
            r"otrzymaliśmy|automatycznie|zgłoszenie|skrzynka|konsultant|odpowiemy",
            r"har tagit emot|automatiskt|ärende|brevlåda\w*|snart som",
            r"har modtaget|automatisk|sag har|postkasse\w*|hurtigst",
        ),
    ),
    (
        "small_talk",
        _any(
            (
                r"^\W*(?:thanks?|thank you|thx|ok(?:ay)?|noted|received|acknowledged|got it|test|hi|"
                r"hello|danke|verstanden|merci|bien reçu|gracias|recibido|grazie|ricevuto|bedankt|"
                r"ontvangen|obrigad[oa]|recebido|dziękuję|otrzymał[ae]m|tack|mottaget|tak|"
                r"modtaget)\W*(?:\w+\W*)?$"
            ),
            (
                r"christmas|new year!|weekend|congratulat\w*|attach\w*|link (?:is|doesn)|broken|haha|"
                r"lol\b|misspelled|by mistake|bank details|invoice was|weihnachten|wochenende|"
                r"glückwunsch|anhang|anbei|bankverbindung|fêtes|pièce jointe|félicitations|week-end|"
                r"ci-joint|navidad|adjunt\w+|enlace|fin de semana|natale|allegato|link|fine settimana|"
                r"feestdagen|bijlage|natal\b|anexo|świąt|załącznik\w*|god jul|bilaga\w*|länk\w*|"
                r"glædelig|vedhæft\w+"
            ),
            (
                r"think about it|discuss it internally|denke darüber|vais y réfléchir|lo pensaré|ci "
                r"penserò|denk erover|vou pensar|zastanowię|fundera på|tænker over|who (?:is this|are "
                r"you)|wer sind sie|qui êtes|quién es|chi è|wie ben|👍"
            ),
        ),
    ),
    (
        "negation",
        _any(
            r"\b(?:not|no|n't|never|nicht|kein\w*|nie|nein|pas|ne|non|jamais|aucun\w*|no|nunca|"
            r"niet|geen|nooit|não|nunca|nie|inte|aldrig|ikke|aldrig|ingen)\b|n't\b"
        ),
    ),
    ("first_word_no", _any(r"^\W*(?:no|nope|nah|nein|nee|non|não|nie|nej)\b")),
    (
        "first_word_yes",
        _any(
            r"^\W*(?:yes|yep|yeah|sure|ok(?:ay)?|absolutely|definitely|ja|gern\w*|klar|oui|sí|"
            r"claro|sì|certo|graag|sim|tak,|jo|javisst)\b"
        ),
    ),
)


def cues_in(text: str) -> frozenset[str]:
    """The hints a reply holds, by name."""
    flat = " ".join(text.replace("’", "'").split())[:2000]
    found = {name for name, pattern in _CUES if pattern.search(flat)}
    phrases = phrases_in(flat)
    found |= {f"says:{phrase.intent.value}" for phrase in phrases}
    found |= {f"plainly:{phrase.intent.value}" for phrase in phrases if phrase.plain}
    found |= {f"objects:{objection.value}" for objection in objections_in(flat)}
    if reads_like_a_desk(flat):
        found.add("desk")
    if says_left(flat):
        found.add("left")
    if date_words_in(flat):
        found.add("dated")
    if re.search(r"[\w.+-]{1,60}@[\w.-]{1,100}", flat):
        found.add("address")
    words = len(flat.split())
    found.add("short" if words < 5 else "long" if words > 25 else "middling")
    if re.search(r"!{1,}|[A-Z]{5,}", flat):
        found.add("loud")
    return frozenset(found)
