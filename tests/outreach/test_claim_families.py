"""Families of sentences: what is offered, asked, supposed, wished or well cited is left alone; what is told is held."""

from __future__ import annotations

from datetime import date

import pytest

from panout.outreach.rules.claims import Backing, unsupported

TODAY = date(2026, 11, 23)
KNOWN = ("Ann Lee", "Harbour Mills", "Jo Field", "Stillwater")
FACTS = (
    Backing("Harbour Mills opened a second bakery in Leeds", "expansion", date(2026, 11, 3)),
    Backing("Harbour Mills employs 240 people", "", None),
    Backing("Harbour Mills plans to move its head office to York in 2027", "news", date(2026, 10, 30)),
)
FACTS_DE = (
    Backing("Harbour Mills hat im Oktober eine zweite Bäckerei in Kassel eröffnet", "", date(2026, 10, 12)),
    Backing("Harbour Mills beschäftigt 240 Mitarbeiter", "", None),
)
FACTS_FR = (
    Backing("Harbour Mills a ouvert une deuxième boulangerie à Lille en octobre", "", date(2026, 10, 12)),
    Backing("Harbour Mills emploie 240 personnes", "", None),
)
FACTS_ES = (Backing("Harbour Mills abrió en octubre una segunda panadería en Vigo", "", date(2026, 10, 12)),)
FACTS_IT = (
    Backing("Harbour Mills ha aperto a ottobre un secondo panificio a Parma", "", date(2026, 10, 12)),
)
FACTS_NL = (Backing("Harbour Mills opende in oktober een tweede bakkerij in Breda", "", date(2026, 10, 12)),)

CLEAN = {
    "courtesy": """
        I hope that you will forgive the liberty of an unsolicited letter.
        Please accept my thanks for the time that you have taken to read this.
        I remain at your disposal should any question arise.
        With your permission, I shall telephone on Thursday morning.
        May I extend my best wishes to you and your colleagues for the coming season.
        It would be a privilege to show you our work.
        I should be most grateful for an indication of your preference.
    """,
    "the writer's own acts": """
        I wrote to you on 3 November and have taken the liberty of writing once more.
        I enclosed a short description with my last letter.
        We have prepared a two-page summary for your convenience.
        I was unable to find the right person on your website and therefore address this to you.
        I shall be in Leeds on 9 and 10 December.
        I have asked our technicians to keep a place free for you until Friday.
        My colleague Mary will be pleased to answer technical questions.
    """,
    "offers": """
        We should be delighted to offer you a trial of thirty days without charge.
        Should you so wish, we would calculate the effect for your bakery within two days.
        Our proposal would cover training, installation and the first year of support.
        We offer three levels of service, from which you may choose freely.
        You would receive the report within five working days.
        The trial ends by itself after four weeks.
        Your data remains in your own house at all times.
    """,
    "what we do": """
        Stillwater is a program that plans deliveries for bakeries.
        Our software compares each delivery with the order and marks what is missing.
        It records temperatures every ten minutes and keeps them for two years.
        The drivers see their route on a telephone and need no training.
        We are a small firm from Bath and have worked on one thing only: bread.
        Nothing is installed on your side.
    """,
    "conditions": """
        If your drivers still carry paper lists, a route on the telephone may be of use to them.
        Were your costs to have risen, we would be glad to look at them with you.
        If it turns out to be of no use, you have lost an hour and gained a good biscuit.
        Unless your present supplier has solved this already, a conversation might be worthwhile.
        Should the matter have been settled in the meantime, please disregard this letter.
        In the event that your contract has another year to run, I would write again next autumn.
    """,
    "questions": """
        May I ask how your drivers receive their routes?
        Would it be convenient to speak for fifteen minutes on 8 December?
        Who in your house is responsible for deliveries?
        Are complaints about late bread a matter that reaches your desk?
        Would you kindly forward this to whoever plans the vans?
        How many of your vans return half empty?
    """,
    "guesses and opinions": """
        I imagine that a second bakery makes the planning of vans no simpler.
        One might suppose that bread which arrives late is bread which is sold cheap.
        In my opinion a good plan is worth more than a fast van.
        Perhaps your colleagues have found another way, in which case I should like to learn of it.
        I do not know whether this is of interest to Harbour Mills.
        I can make no promise as to what it would save you.
    """,
    "disclaimers and quotations": """
        I could write that three of your competitors use Stillwater, but I have no right to say so.
        This is not one of those letters that begin with "I was so impressed by your journey".
        I do not claim that your vans are late.
        You will not hear from me that we are the market leader.
        Whoever answers "our drivers know the way by heart" needs no software.
    """,
    "facts rightly used": """
        Permit me to congratulate you on the opening of your second bakery in Leeds.
        According to your press release, the second bakery in Leeds opened this month.
        I read in your annual report that Harbour Mills employs 240 people.
        Your newsletter mentions the second bakery in Leeds.
        With 240 people and a second bakery, the planning of vans deserves a thought.
        It is reported that Harbour Mills plans to move its head office to York in 2027.
    """,
}

TOLD = {
    "the market and the law": """
        Studies show that one in six deliveries of bread arrives late.
        From March 2027 every bakery must record its temperatures electronically.
        Insurers now require bakeries to keep digital records.
        The Bakers' Guild recommends our method to its members.
        Nine out of ten bakeries have already changed over.
    """,
    "our own success": """
        Our customers save eleven hours a week.
        We have been certified to ISO 27001 since May.
        We won the Northern Food Award this year.
        Twelve bakeries in your county have joined us since the spring.
        No customer has ever left us.
        It has never taken longer than three days to introduce.
    """,
    "somebody told us": """
        A customer of yours told me that the bread arrives late.
        Your head of logistics suggested that I write to you.
        One of your drivers mentioned the old lists to me.
        Bakers tell us that every fifth crate comes back.
    """,
    "others in the trade": """
        Three of your competitors already plan their vans with Stillwater.
        A bakery near you had the same trouble with its vans.
        Your neighbours on the estate switched to us in the summer.
    """,
    "the reverse of what we know": """
        I read that you closed your second bakery in Leeds.
        I saw that Harbour Mills has moved its head office to York.
    """,
    "taken for granted": """
        Why did you give up the old bakery in Hull?
        Since your chief baker left, the ovens have stood still.
        Now that you have stopped the night shift, mornings must be hard.
        Your drivers complain about the lists every week.
    """,
}

CLEAN_ABROAD = {
    "de": """
        Sehr geehrte Frau Lee, erlauben Sie mir, Ihnen unser Haus kurz vorzustellen.
        Für Rückfragen stehe ich Ihnen jederzeit gern zur Verfügung.
        Ich habe Ihnen am 3. November geschrieben und erlaube mir, noch einmal nachzufragen.
        Gern würden wir Ihnen ein unverbindliches Angebot über 30 Tage unterbreiten.
        Unsere Software vergleicht jede Lieferung mit der Bestellung und meldet, was nicht passt.
        Falls Ihre Fahrer noch mit Papierlisten arbeiten, könnte das eine Hilfe sein.
        Dürfte ich Sie am 8. Dezember für 15 Minuten anrufen?
        Ich vermute, dass eine zweite Bäckerei die Planung nicht leichter macht.
        Ich kann Ihnen nicht versprechen, dass Sie damit Geld sparen.
        Zur Eröffnung der zweiten Bäckerei in Kassel gratuliere ich Ihnen herzlich.
        Wie ich gelesen habe, hat Harbour Mills im Oktober eine zweite Bäckerei in Kassel eröffnet.
        Mit 240 Mitarbeitern ist die Planung der Touren vermutlich keine Nebensache.
        Ihre Daten bleiben jederzeit in Ihrem Haus.
        Die Einrichtung dauert einen Vormittag, eine Schulung brauchen Sie nicht.
        Sollte sich die Sache erledigt haben, betrachten Sie dieses Schreiben bitte als gegenstandslos.
        Wer ist bei Ihnen für die Touren zuständig?
        Vielen Dank für Ihre Antwort und die offenen Worte.
        Wenn Sie möchten, rechnen wir Ihnen das an einer Tour vor.
    """,
    "fr": """
        Je me permets de vous écrire au sujet de vos livraisons.
        Nous vous proposons un essai de 30 jours, sans engagement de votre part.
        Je vous ai écrit le 3 novembre et me permets de revenir vers vous.
        Notre logiciel compare chaque livraison à la commande et signale les écarts.
        Si vos chauffeurs travaillent encore sur papier, cela pourrait leur être utile.
        Auriez-vous quinze minutes à m'accorder le 8 décembre ?
        J'imagine qu'une deuxième boulangerie ne simplifie pas les tournées.
        Je vous félicite pour l'ouverture de votre deuxième boulangerie à Lille.
        J'ai lu que vous avez ouvert une deuxième boulangerie à Lille en octobre.
        Avec 240 personnes, la planification des tournées mérite sans doute qu'on s'y arrête.
        Vos données restent chez vous à tout moment.
        Je ne prétends pas que vos tournées soient mal faites.
        Qui s'occupe des tournées dans votre maison ?
        Je vous prie d'agréer, Madame, l'expression de mes salutations distinguées.
        Je reste à votre entière disposition pour toute question.
        Nous serions heureux de vous accueillir dans notre atelier de Nantes.
    """,
    "es": """
        Me permito escribirle para presentarle nuestra empresa.
        Le ofrecemos una prueba de 30 días sin compromiso alguno para usted.
        Nuestro programa compara cada entrega con el pedido y avisa de lo que falta.
        Si sus conductores trabajan todavía con papel, quizá les sirva de ayuda.
        ¿Tendría usted quince minutos el 8 de diciembre?
        Imagino que una segunda panadería no simplifica las rutas.
        Enhorabuena por la apertura de la segunda panadería en Vigo.
        He leído que Harbour Mills abrió en octubre una segunda panadería en Vigo.
        Sus datos permanecen siempre en su casa.
        Quedo a su disposición para cualquier consulta que desee hacer.
    """,
    "it": """
        Mi permetto di scriverle per presentarle la nostra azienda.
        Le proponiamo una prova di 30 giorni senza alcun impegno da parte sua.
        Il nostro programma confronta ogni consegna con l'ordine e segnala ciò che non torna.
        Se i vostri autisti lavorano ancora su carta, potrebbe essere utile.
        Avrebbe quindici minuti per me l'8 dicembre?
        Immagino che un secondo panificio non semplifichi i giri.
        Complimenti per l'apertura del secondo panificio a Parma.
        Ho letto che avete aperto a ottobre un secondo panificio a Parma.
        I vostri dati restano sempre da voi.
        Resto a disposizione per qualsiasi domanda e vi ringrazio per l'attenzione.
    """,
    "nl": """
        Graag stel ik u ons bedrijf kort voor.
        Wij bieden u een proef van 30 dagen aan, zonder verplichting voor u.
        Onze software vergelijkt elke levering met de bestelling en meldt wat er niet klopt.
        Als uw chauffeurs nog met papier werken, is dit misschien iets voor u.
        Zou u op 8 december een kwartier voor mij hebben?
        Ik vermoed dat een tweede bakkerij de planning er niet eenvoudiger op maakt.
        Gefeliciteerd met de opening van de tweede bakkerij in Breda.
        Ik las dat Harbour Mills in oktober een tweede bakkerij in Breda opende.
        Uw gegevens blijven altijd bij u.
        Wie is bij u verantwoordelijk voor de ritten?
    """,
}

TOLD_ABROAD = {
    "de": """
        Ich habe gelesen, dass Sie Ihr Lager in Bremen schließen und dort niemand bleibt.
        Wie Sie im Sommer angekündigt haben, bauen Sie eine Halle in Hamburg.
        Seit Ihr Versandleiter gegangen ist, bleiben die Touren bei Ihnen liegen.
        Ihre Fahrer beschweren sich jeden Montag über die Listen.
        Zwei Ihrer Wettbewerber planen ihre Touren schon mit uns.
        Unsere Kunden sparen im Schnitt elf Stunden in der Woche.
        Ab Januar 2027 müssen alle Bäckereien ihre Temperaturen digital aufzeichnen.
        Studien zeigen, dass jede sechste Lieferung zu spät kommt.
        Ihr Betriebsleiter hat mir empfohlen, Ihnen zu schreiben.
        Ich bin beeindruckt von Ihrem Ruf im ganzen Norden.
        Wir sind nach ISO 27001 zertifiziert und haben den Branchenpreis gewonnen.
        Mit 900 Mitarbeitern gehören Sie zu den großen Häusern der Stadt.
        Warum haben Sie die alte Bäckerei in Halle aufgegeben?
    """,
    "fr": """
        J'ai vu que vous fermez votre entrepôt de Brest et que personne n'y reste.
        Comme vous l'avez annoncé cet été, vous construisez une usine à Lyon.
        Depuis que votre responsable est parti, les tournées restent sur votre bureau.
        Vos chauffeurs se plaignent des listes chaque lundi.
        Deux de vos concurrents planifient déjà leurs tournées avec nous.
        Nos clients économisent onze heures par semaine.
        À partir de janvier 2027, les boulangeries devront enregistrer leurs températures.
        Des études montrent qu'une livraison sur six arrive en retard.
        Votre directeur m'a conseillé de vous écrire.
        Je suis impressionné par la réputation de votre maison dans tout le nord.
        Avec 900 salariés, vous comptez parmi les grandes maisons de la ville.
    """,
    "es": """
        He visto que cerráis el almacén de Cádiz y que nadie se queda.
        Desde que se fue su jefe de rutas, los pedidos se quedan en su mesa.
        Sus conductores se quejan cada lunes de las listas.
        Dos de sus competidores ya planifican sus rutas con nosotros.
        Nuestros clientes ahorran once horas por semana.
        Los estudios muestran que una de cada seis entregas llega tarde.
        Su director me recomendó que le escribiera.
    """,
    "it": """
        Ho visto che chiudete il magazzino di Genova e che nessuno resta.
        I vostri autisti si lamentano delle liste ogni lunedì.
        Due dei vostri concorrenti pianificano già i giri con noi.
        I nostri clienti risparmiano undici ore alla settimana.
        Gli studi mostrano che una consegna su sei arriva in ritardo.
        Il vostro direttore mi ha consigliato di scrivervi.
    """,
    "nl": """
        Ik zag dat jullie het magazijn in Zwolle sluiten en dat niemand daar blijft.
        Sinds jullie planner is vertrokken, blijven de ritten op uw bureau liggen.
        Uw chauffeurs klagen elke maandag over de lijsten.
        Twee van uw concurrenten plannen hun ritten al met ons.
        Onze klanten besparen elf uur per week.
        Uit onderzoek blijkt dat een op de zes leveringen te laat komt; studies tonen dat.
        Uw directeur raadde mij aan u te schrijven.
    """,
}
FACTS_OF = {"de": FACTS_DE, "fr": FACTS_FR, "es": FACTS_ES, "it": FACTS_IT, "nl": FACTS_NL}
# A line around a sentence, by which the language of a whole mail is known.
AROUND = {
    "de": "Sehr geehrte Frau Lee,\n\n{}\n\nIch freue mich auf Ihre Antwort und bin für Sie da.\n\nJo Field",
    "fr": "Bonjour Madame,\n\n{}\n\nJe vous remercie pour le temps que vous y mettez.\n\nJo Field",
    "es": "Estimada Ann:\n\n{}\n\nLe agradezco de antemano su tiempo.\n\nUn saludo de parte de\nJo Field",
    "it": "Buongiorno Ann,\n\n{}\n\nLa ringrazio per il suo tempo e le auguro una buona giornata.\n\nJo Field",
    "nl": "Beste Ann,\n\n{}\n\nIk hoor graag van u en wens u een fijne week.\n\nJo Field",
}


def sentences(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, line.strip()) for name, text in table.items() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("family", "sentence"), sentences(CLEAN))
def test_formal_sentences_that_tell_nothing_new_are_left_alone(family: str, sentence: str) -> None:
    assert unsupported(f"Dear Ms Lee,\n\n{sentence}\n\nYours sincerely,\nJo Field", FACTS, KNOWN, TODAY) == ()


@pytest.mark.parametrize(("family", "sentence"), sentences(TOLD))
def test_what_is_told_without_evidence_is_held_whoever_it_is_told_of(family: str, sentence: str) -> None:
    assert unsupported(f"Dear Ms Lee,\n\n{sentence}\n\nYours sincerely,\nJo Field", FACTS, KNOWN, TODAY)


@pytest.mark.parametrize(("tongue", "sentence"), sentences(CLEAN_ABROAD))
def test_other_languages_may_ask_offer_suppose_and_cite(tongue: str, sentence: str) -> None:
    assert unsupported(AROUND[tongue].format(sentence), FACTS_OF[tongue], KNOWN, TODAY) == ()


@pytest.mark.parametrize(("tongue", "sentence"), sentences(TOLD_ABROAD))
def test_other_languages_are_held_to_evidence_too(tongue: str, sentence: str) -> None:
    found = unsupported(AROUND[tongue].format(sentence), FACTS_OF[tongue], KNOWN, TODAY)
    assert found
    assert all(one.sentence[:20] in sentence for one in found)
