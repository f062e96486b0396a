"""Turns of phrase met for the first time: days of return, people named, wishes to be left alone, quotations."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from panout.replies.rules.dates import return_date
from panout.replies.rules.htmltext import text_of_html
from panout.replies.rules.leave_alone import anger_in, wish_in
from panout.replies.rules.people import Referral, referral_in
from panout.replies.rules.quoting import reply_in
from panout.replies.rules.understanding import understand_text
from panout.replies.trained import trained

TUESDAY = date(2026, 11, 24)
RETURNS: list[tuple[str, str, date | None]] = [
    ("en", "I am out of the office until 12 Jan.", date(2027, 1, 12)),
    ("en", "I'm away from 1 Dec to 12 Dec.", date(2026, 12, 13)),
    ("en", "Back on the 3rd.", date(2026, 12, 3)),
    ("en", "I will be back on the 3rd of December.", date(2026, 12, 3)),
    ("en", "Out until Monday.", date(2026, 11, 30)),
    ("en", "I'll be back w/c 7 Dec.", date(2026, 12, 7)),
    ("en", "I return the week of December 7.", date(2026, 12, 7)),
    ("en", "Returning week commencing 7th December", date(2026, 12, 7)),
    ("en", "I am on leave 2026-12-01 - 2026-12-11", date(2026, 12, 12)),
    ("en", "I'm on annual leave until 2026-12-01 with no access to email.", date(2026, 12, 1)),
    ("en", "OOO thru 12/4, back 12/7.", date(2026, 12, 7)),
    ("en", "I am out today and will be back tomorrow.", date(2026, 11, 25)),
    ("en", "I will return in two weeks.", date(2026, 12, 8)),
    ("en", "On vacation through Friday, December 4th, returning Monday the 7th.", date(2026, 12, 7)),
    ("en", "Away Nov 23-27. For urgent matters call my team.", date(2026, 11, 28)),
    ("en", "I'm travelling until the end of the week.", date(2026, 11, 30)),
    ("en", "Out of office until the new year.", date(2027, 1, 1)),
    ("en", "I'm on maternity leave until June 2027.", date(2027, 6, 1)),
    (
        "en",
        "I am currently out of the office and will respond when I return on Thursday 10/12/2026.",
        date(2026, 12, 10),
    ),
    ("en", "Back in the office 5 January 2027", date(2027, 1, 5)),
    ("en", "I'll be back at my desk on Wed 2nd Dec.", date(2026, 12, 2)),
    ("de", "Ich bin bis 12.01. nicht im Büro.", date(2027, 1, 13)),
    ("de", "Ich bin vom 23.11. bis zum 04.12.2026 im Urlaub.", date(2026, 12, 5)),
    ("de", "Ich bin ab dem 7. Dezember wieder erreichbar.", date(2026, 12, 7)),
    ("de", "Ich bin in KW 50 wieder da.", date(2026, 12, 7)),
    ("de", "Ich bin erst ab KW 50 wieder im Büro.", date(2026, 12, 7)),
    ("de", "Rückkehr: 01.12.2026", date(2026, 12, 1)),
    ("de", "Ab Montag bin ich wieder für Sie da.", date(2026, 11, 30)),
    ("de", "Ich bin heute außer Haus und morgen wieder erreichbar.", date(2026, 11, 25)),
    ("de", "Abwesend bis einschließlich 30. November", date(2026, 12, 1)),
    ("de", "Ich bin bis Ende der Woche unterwegs.", date(2026, 11, 30)),
    ("de", "In zwei Wochen bin ich zurück.", date(2026, 12, 8)),
    ("fr", "Je suis absent du bureau jusqu'au 12 janv. inclus.", date(2027, 1, 13)),
    ("fr", "Je serai de retour le 7 décembre.", date(2026, 12, 7)),
    ("fr", "En congés du 23/11 au 04/12.", date(2026, 12, 5)),
    ("fr", "Absente jusqu'à lundi.", date(2026, 11, 30)),
    ("fr", "De retour le lundi 30 novembre 2026", date(2026, 11, 30)),
    ("fr", "Je reviens dans deux semaines.", date(2026, 12, 8)),
    ("fr", "Retour prévu le 1er décembre", date(2026, 12, 1)),
    ("es", "Estaré fuera hasta el 12 de enero.", date(2027, 1, 13)),
    ("es", "Estoy de vacaciones del 23 de noviembre al 4 de diciembre.", date(2026, 12, 5)),
    ("es", "Vuelvo el lunes 30 de noviembre.", date(2026, 11, 30)),
    ("es", "Regreso el 1 de dic.", date(2026, 12, 1)),
    ("es", "Me reincorporo el próximo lunes.", date(2026, 11, 30)),
    ("it", "Sono in ferie fino al 4 dicembre.", date(2026, 12, 5)),
    ("it", "Rientrerò il 7/12/2026.", date(2026, 12, 7)),
    ("it", "Sarò assente dal 23 novembre al 4 dicembre compreso", date(2026, 12, 5)),
    ("it", "Torno in ufficio lunedì 30.", date(2026, 11, 30)),
    ("nl", "Ik ben afwezig tot 7 december.", date(2026, 12, 7)),
    ("nl", "Ik ben met vakantie t/m 4 december.", date(2026, 12, 5)),
    ("nl", "Vanaf maandag 30 nov ben ik weer bereikbaar.", date(2026, 11, 30)),
    ("nl", "Ik ben terug in week 50.", date(2026, 12, 7)),
    ("pt", "Estarei de férias até 4 de dezembro.", date(2026, 12, 5)),
    ("pt", "Volto no dia 7/12.", date(2026, 12, 7)),
    ("pt", "Regresso a 1 de dezembro.", date(2026, 12, 1)),
    ("pt", "Estou ausente de 23 a 27 de novembro.", date(2026, 11, 28)),
    ("pl", "Jestem na urlopie do 4 grudnia.", date(2026, 12, 5)),
    ("pl", "Wracam 7 grudnia 2026 r.", date(2026, 12, 7)),
    ("pl", "Będę dostępna od poniedziałku.", date(2026, 11, 30)),
    ("pl", "Nieobecność w dniach 23.11-27.11.2026", date(2026, 11, 28)),
    ("sv", "Jag är på semester till och med 4 december.", date(2026, 12, 5)),
    ("sv", "Jag är tillbaka den 7/12.", date(2026, 12, 7)),
    ("sv", "Åter på kontoret v. 50.", date(2026, 12, 7)),
    ("sv", "Jag är tillbaka på måndag.", date(2026, 11, 30)),
    ("da", "Jeg er på ferie til og med den 4. december.", date(2026, 12, 5)),
    ("da", "Jeg er tilbage mandag d. 7/12.", date(2026, 12, 7)),
    ("da", "Jeg er tilbage i uge 50.", date(2026, 12, 7)),
    ("da", "Jeg er på kontoret igen den 1. dec.", date(2026, 12, 1)),
    ("en", "Thank you for your email of 20 November. I'm away and back Dec 2.", date(2026, 12, 2)),
    ("en", "I will have no email access from Wednesday 25th to Friday 27th November.", date(2026, 11, 28)),
    ("en", "I am no longer with the company since 1 October.", None),
    ("en", "Our office is open Monday to Friday from 9 to 5. I am out sick.", None),
    ("en", "For urgent matters call +49 30 12.01.55 please, I am away.", None),
    ("de", "Ich bin vom 24. - 27.11. auf Dienstreise.", date(2026, 11, 28)),
    ("de", "Ich bin am Montag, den 30.11., wieder im Haus.", date(2026, 11, 30)),
    ("de", "Bin bis 1.12. weg", date(2026, 12, 2)),
]
POINTS: list[tuple[str, tuple[str, str] | None]] = [
    (
        "I've left Acme. Please contact my successor Maria Lopez (maria.lopez@acme.example).",
        ("Maria Lopez", "maria.lopez@acme.example"),
    ),
    ("You'd better talk to Tom Baker, he runs purchasing.", ("Tom Baker", "")),
    ("Not me. Loop in sarah.connor@acme.example instead.", ("Sarah Connor", "sarah.connor@acme.example")),
    ("I'm not the right person, Priya Nair from IT is.", ("Priya Nair", "")),
    (
        "As of May, all requests should go to Jan de Vries <jan@acme.example>",
        ("Jan de Vries", "jan@acme.example"),
    ),
    (
        "This mailbox is no longer monitored. For sales matters: Anna Schmidt, a.schmidt@acme.example, +49 30 1234",
        ("Anna Schmidt", "a.schmidt@acme.example"),
    ),
    (
        "My colleague John O'Neill will help you: joneill@acme.example",
        ("John O'Neill", "joneill@acme.example"),
    ),
    ("Please redirect your message to Ms. Helen Park.", ("Helen Park", "")),
    ("The person you are looking for is Peter Novak.", ("Peter Novak", "")),
    ("Try Lena; lena.k@acme.example", ("Lena", "lena.k@acme.example")),
    ("I changed roles, Mike Chen took my place.", ("Mike Chen", "")),
    (
        "Ich habe das Unternehmen verlassen. Meine Nachfolgerin ist Frau Petra Klein (p.klein@acme.example).",
        ("Petra Klein", "p.klein@acme.example"),
    ),
    ("Bitte wenden Sie sich künftig an Herrn Klaus Meyer.", ("Klaus Meyer", "")),
    ("Dafür ist Sabine Wolf zuständig.", ("Sabine Wolf", "")),
    (
        "In dringenden Fällen hilft Ihnen Thomas Berg weiter: thomas.berg@acme.example",
        ("Thomas Berg", "thomas.berg@acme.example"),
    ),
    (
        "In meiner Abwesenheit vertritt mich Julia Roth (julia.roth@acme.example).",
        ("Julia Roth", "julia.roth@acme.example"),
    ),
    (
        "Je ne travaille plus chez Acme, merci de vous adresser à Claire Petit : claire.petit@acme.example",
        ("Claire Petit", "claire.petit@acme.example"),
    ),
    ("C'est mon collègue Marc Dubois qui s'en occupe.", ("Marc Dubois", "")),
    ("En mon absence, vous pouvez joindre Paul Martin au bureau.", ("Paul Martin", "")),
    (
        "Ya no trabajo aquí. Diríjase a Carmen Ruiz, carmen.ruiz@acme.example",
        ("Carmen Ruiz", "carmen.ruiz@acme.example"),
    ),
    ("De esto se ocupa Luis Gómez.", ("Luis Gómez", "")),
    ("La persona de contacto es ahora Elena Torres.", ("Elena Torres", "")),
    (
        "Non lavoro più in azienda, scrivete a Marco Rossi (m.rossi@acme.example)",
        ("Marco Rossi", "m.rossi@acme.example"),
    ),
    ("Se ne occupa la collega Giulia Bianchi.", ("Giulia Bianchi", "")),
    (
        "Ik werk hier niet meer. Mijn opvolger is Kees Bakker, k.bakker@acme.example.",
        ("Kees Bakker", "k.bakker@acme.example"),
    ),
    ("Hiervoor moet je bij Sanne Visser zijn.", ("Sanne Visser", "")),
    (
        "Já não trabalho na empresa. O meu substituto é João Silva (joao.silva@acme.example).",
        ("João Silva", "joao.silva@acme.example"),
    ),
    (
        "Nie pracuję już w firmie, proszę o kontakt z Anną Nowak: anna.nowak@acme.example",
        ("Anną Nowak", "anna.nowak@acme.example"),
    ),
    ("Jag har slutat. Kontakta Erik Lund, erik.lund@acme.example", ("Erik Lund", "erik.lund@acme.example")),
    ("Det er min kollega Mette Holm, der tager sig af det.", ("Mette Holm", "")),
    ("No thanks, we are fine.", None),
    ("Please remove me from your list. John Smith", None),
    ("I am out of office. Kind regards, Anna Berg", None),
]
WISHES = [
    "Take my address out of whatever machine sends these.",
    "kindly cease sending to this mailbox",
    "I'd appreciate it if this was the last one I got.",
    "no more of these pls",
    "Unsubscirbe",
    "STOP",
    "Opt me out, thanks.",
    "Could you be so kind as to delete my details from your mailing system? I would be grateful.",
    "I never signed up for this, please get me off it",
    "pls remvoe me form list",
    "Nehmen Sie meine Adresse bitte aus Ihrem Verteiler.",
    "Ich wünsche keine weiteren E-Mails dieser Art.",
    "bitte keine mails mehr",
    "Löschen Sie bitte meine Daten, ich möchte nichts mehr bekommen.",
    "Merci de ne plus m'envoyer ce type de message.",
    "Veuillez retirer mon adresse de votre base.",
    "je ne veux plus rien recevoir svp",
    "Por favor, dejen de enviarme correos.",
    "Quiero darme de baja.",
    "bórrenme de su lista",
    "Vi prego di togliermi dalla vostra lista.",
    "Non desidero ricevere altre email.",
    "Haal mij alstublieft van deze lijst af.",
    "Ik wil geen mails meer ontvangen",
    "Please honour my right to erasure and drop my record.",
    "This is my third request to be taken off, please action it.",
    "What part of no don't you people get? Leave me alone!",
    "Email me once more and my lawyer writes back.",
    "I'm reporting you to the data protection authority.",
    "Spam. Reported.",
    "F*** off.",
    "How dare you harvest my address. Never write to me again.",
    "you are a spammer, get lost",
    "Wow, another bot pretending to know me. Lose my number and my address.",
    "This is harassment. Stop it now or we take legal steps.",
    "Unterlassen Sie das! Das ist illegale Werbung.",
    "Noch eine Mail und ich schalte den Anwalt ein.",
    "Lassen Sie mich endlich in Ruhe.",
    "Das ist Spam, ich zeige Sie an.",
    "Arrêtez de me harceler !",
    "Je vais signaler votre société à la CNIL.",
    "fichez-moi la paix",
    "Dejen de molestarme o los denuncio.",
    "Esto es acoso, no me escriban nunca más.",
    "Smettetela di scrivermi o vi denuncio al Garante.",
    "Basta spam!!! Lasciatemi in pace",
    "Laat me met rust, dit is spam.",
    "Ik ga een klacht indienen bij de AP als dit niet stopt.",
    "Congratulations, you just made our company-wide blocklist.",
    "Go away.",
    "Would you mind leaving me out of future mailings?",
    "enough emails thank you",
    "I have asked before: take me off.",
    "Let this be your final message to this inbox.",
    "not intrested, dont mail again",
    "Please make sure I don't hear from you again.",
    "Streichen Sie mich von der Liste.",
    "Bitte sehen Sie von weiteren Nachrichten ab.",
    "Je vous prie de cesser vos envois.",
    "plus de mails merci",
    "Les ruego que no me manden más mensajes.",
    "no me manden mas",
    "Cancellate il mio indirizzo, grazie.",
    "Gelieve mij niet meer te mailen.",
    "stop met mailen",
    "Get a life and stop bothering people.",
    "Clearly you can't read. I said no. Go pester somebody else.",
    "Thanks for proving that spam filters still have holes. Blocked.",
    "Are you deaf? Leave us in peace.",
    "You have no permission to process my data, expect a complaint.",
    "Hören Sie auf mit dem Mist!",
    "Sie sind gesperrt und gemeldet.",
    "Foutez-moi la paix avec vos pubs.",
    "Votre démarche est illégale, je porte plainte.",
    "Ya está bien de tanto correo basura, los voy a denunciar.",
    "Vergognatevi, siete degli spammer.",
    "Rot op met je reclame.",
    "Piss off",
    "I'll be forwarding this to the ICO.",
    "Unbelievable. Another cold pitch. Blocking your whole domain.",
    "We'd rather not be on your radar, please strike us off.",
    "Kill this subscription for me.",
    "I think one mail was plenty, don't follow up.",
    "Not sure how I ended up in your database but I want out.",
    "pls dont contact anymore",
    "Our policy is not to answer cold mail, remove info@ from your system.",
    "unsub",
    "Könnten Sie bitte aufhören, mir zu schreiben?",
    "Ich habe mich nie angemeldet, bitte austragen.",
    "Bitte künftig nicht mehr anschreiben.",
    "Inutile de me relancer, supprimez mon contact.",
    "No me interesa recibir esto, quítenme.",
    "Por favor borren mi email.",
    "Per favore non contattatemi più.",
    "Toglietemi dagli invii.",
    "Schrijf me uit aub",
    "Wil je mijn adres verwijderen?",
    "Proszę usunąć mój adres z bazy.",
    "Ta bort mig från er lista tack",
    "Who do you think you are? Delete my number, you creep.",
    "If I get one more of these I'll call the police.",
    "Oh great, spam with my first name in it. Sod off.",
    "Take a hint!! NOT. INTERESTED. EVER.",
    "Cease and desist.",
    "Your emails violate GDPR and I will have you fined.",
    "you people are a plague",
    "Verschwinden Sie aus meinem Postfach!",
    "Das grenzt an Belästigung.",
    "Woher haben Sie meine Adresse? Das ist ein DSGVO-Verstoß!",
    "Vous violez le RGPD, dernier avertissement.",
    "J'en ai marre de vos mails, lâchez-moi.",
    "Me tienen harto con tanto spam.",
    "Olvídense de mí de una vez.",
    "Avete rotto, non scrivetemi mai più.",
    "Ik ben die rommel van jullie spuugzat.",
    "Blijf weg uit mijn inbox.",
    "Przestańcie mnie nękać.",
]
# Words of such wishes, said for something else.
FRIENDLY = [
    "We are fed up with our CRM, tell me more.",
    "Our lawyers could use this, send me a demo.",
    "As attorneys we need good tools, so I am interested.",
    "Can you remove the limit on seats from your plan?",
    "Not now, contact me again in Q3.",
    "Do not hesitate to write to me again.",
    "Police departments are our clients, does it fit?",
    "We run a pest control firm. What does it cost?",
    "Your mail went to spam, sorry. Happy to talk!",
    "I don't get your last email, can you resend?",
    "Nicht vor Mai, dann gern wieder schreiben.",
]
QUOTED = "> Hi Ben,\n> would a short call help?\n> Olga"
ATTRIBUTIONS = [
    "Le lun. 23 nov. 2026 à 09:14, Olga Owner <olga@panout.example> a écrit :",
    "ma 23. marrask. 2026 klo 9.14 Olga Owner (olga@panout.example) kirjoitti:",
    "Olga Owner <olga@panout.example> ezt írta (időpont: 2026. nov. 23., H, 9:14):",
    "пн, 23 нояб. 2026 г. в 09:14, Olga Owner <olga@panout.example>:",
    "2026年11月23日(月) 9:14 Olga Owner <olga@panout.example>:",
    "2026년 11월 23일 (월) 오전 9:14, Olga Owner <olga@panout.example>님이 작성:",
    "Olga Owner <olga@panout.example> 于2026年11月23日周一 09:14写道:",
    "\u202bבתאריך יום ב׳, 23 בנוב׳ 2026 ב-9:14 מאת \u202aOlga Owner\u202c\u200f <\u202aolga@panout.example\u202c\u200f>:\u202c",
    "في الاثنين، 23 نوفمبر 2026 في 9:14 ص تمت كتابة ما يلي بواسطة Olga Owner <olga@panout.example>:",
    "Στις Δευ 23 Νοε 2026 στις 9:14 π.μ., ο/η Olga Owner <olga@panout.example> έγραψε:",
    "-----Olga Owner <olga@panout.example> wrote: -----",
    "",
]


@pytest.mark.parametrize(("language", "text", "day"), RETURNS, ids=[row[1][:40] for row in RETURNS])
def test_the_day_of_return_is_read_in_any_format(language: str, text: str, day: date | None) -> None:
    assert return_date(text, TUESDAY) == day, language


@pytest.mark.parametrize(("text", "named"), POINTS, ids=[row[0][:40] for row in POINTS])
def test_whom_an_answer_points_to_is_read_from_free_words(text: str, named: tuple[str, str] | None) -> None:
    assert referral_in(text) == (Referral(*named) if named else None)


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_in_words_of_their_own_is_heard(text: str) -> None:
    meaning = understand_text(text, datetime(2026, 11, 24, tzinfo=UTC), model=trained())
    assert meaning.intent.value in ("unsubscribe", "do_not_contact")


@pytest.mark.parametrize("text", FRIENDLY)
def test_the_words_of_a_wish_said_for_something_else_are_none(text: str) -> None:
    assert (wish_in(text), anger_in(text)) == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "Yes, Tuesday at 10 works for me.", "Tuesday at 10 is fine.", "Tuesday suits, thanks", "Dienstag um 10 passt mir.",
        "Donnerstag geht bei mir gut", "Jeudi à 15h me convient.", "El martes me viene bien.",
    ],
)  # fmt: skip
def test_a_day_that_suits_is_a_wish_to_meet(text: str) -> None:
    assert (
        understand_text(text, datetime(2026, 11, 24, tzinfo=UTC), model=trained()).intent.value
        == "meeting_request"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Friday at 3 does not work for me.",
        "Does it work on Mondays?",
        "I'm away until Monday. Monday suits me.",
    ],
)
def test_a_day_that_does_not_suit_is_none(text: str) -> None:
    assert understand_text(text, datetime(2026, 11, 24, tzinfo=UTC), model=trained()).intent.value not in {
        "meeting_request",
        "wrong_person",
    }


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_an_answer_stands_alone_in_any_language(attribution: str) -> None:
    body = f"Sounds good to me.\n\nSend the numbers please.\n\n{attribution}\n\n{QUOTED}\n"
    assert reply_in(body).text == "Sounds good to me.\n\nSend the numbers please."


@pytest.mark.parametrize(
    ("source", "reply"),
    [
        (
            (
                "Sounds good.<div><br><blockquote type='cite'><div>On 23 Nov 2026, at 09:14, Olga wrote:</div>"
                "<div>Hi Ben</div></blockquote></div>"
            ),
            "Sounds good.",
        ),
        (
            (
                "<div class='moz-cite-prefix'>On 11/23/26 09:14, Olga wrote:<br></div>"
                "<blockquote type='cite'>Hi Ben</blockquote><p>Sounds good.</p>"
            ),
            "Sounds good.",
        ),
        (
            (
                "<blockquote>Do you use a CRM?</blockquote><p>Yes.</p><blockquote>How many reps?"
                "<blockquote>older</blockquote></blockquote><p>Twelve.</p>"
            ),
            "Yes. Twelve.",
        ),
    ],
)
def test_nested_quotations_of_html_leave_the_answer_and_no_marks(source: str, reply: str) -> None:
    assert " ".join(reply_in(text_of_html(source)).text.split()) == reply
