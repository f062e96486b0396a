"""Families of sentences: what is offered, asked, supposed, wished or well cited is left alone; what is told is held."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panout.outreach.rules.claims import Backing, unsupported
from panout.outreach.rules.tongues import tongues

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
    "in many voices": """
        I am writing because I plan deliveries for a living and like bread.
        Bread that is late is still bread, but nobody wants it.
        A good plan fits on one page.
        Deliveries are planned in the evening and driven at night.
        The program runs in the browser and costs nothing for the first month.
        You can stop at any time, and there is nothing to sign.
        Attached you will find two pages with pictures.
        I promised to write again in November, and here I am.
        My train leaves Leeds at five, so any time before that would suit me.
        It works with any telephone that is less than ten years old.
        The summary takes four minutes to read.
        I looked for a figure on your website and found none, so I will not guess.
        Is the second bakery in Leeds supplied from the same vans?
        Should I rather write to somebody else?
        Some bakeries plan with a pencil, others with a program; both can work.
        If your people like the old way, they should keep it.
        Congratulations on the second bakery in Leeds.
        You may well have a system that works.
        Thank you for taking my call this morning.
        It was kind of you to answer so quickly.
        No is a perfectly good answer.
        I would suggest a trial with two vans for two weeks.
        We do not sell data, and we do not lock anybody in.
        I am at the trade fair in Leeds on 2 December and would gladly buy you a coffee.
        Two things I would ask: who plans the vans, and when.
        The head office will move to York in 2027, as I read.
        With people in two places, a shared plan is easier to keep than two plans.
        My hunch is that the second bakery made mornings busier.
        We built Stillwater because our own vans were always late.
        Your time is valuable, so here is the short version.
        Whatever you decide, I wish you a good winter.
        There is one thing I would like to understand.
        The first month is free, and after that it costs 40 pounds per van.
        Everything you enter stays yours and can be exported.
        Nothing happens unless you say yes.
        It does one thing: it tells the driver where to go next.
        I have no idea how you plan your vans, which is why I ask.
        Please let me know by Friday whether I may call.
        Planning vans is a thankless job.
        We have been writing software for bakeries since 2015.
        I trust that you will find the enclosed of interest.
        The enclosed description has been kept as short as possible.
        A reply of one word would suffice.
        Would it be of interest to see how it looks with your own routes?
        I was given your address by the switchboard.
        The second bakery in Leeds gave me the idea to write to you.
        Both pages can be read in five minutes.
        Our office is closed between Christmas and New Year.
        Thank you for your reply.
        Thanks for your question about prices.
        Thank you for your patience with my letters.
        I will be at the Hotel Astor in Brno on Thursday and could walk over.
        My colleague Mary Dunn will call you at ten.
        I shall be in Ghent next week for a conference.
        You wrote that spring would be better, so here I am in spring.
        I promised not to write again before Christmas, and this is the one exception.
        My last mail went to the wrong address, I fear.
        I grew up above a bakery, which explains the hour of this mail.
        I have been planning routes for nine years.
        I have never seen your vans, so I can only ask.
        I called twice and got the machine.
        We are two people and a dog.
        Our office is above a bakery in Bath.
        The call takes fifteen minutes, and I bring two questions.
        Stillwater costs 40 pounds per van and month.
        There are three ways to try it.
        You would be our first customer in Leeds.
        We have no customers in your trade yet.
        We have not won any prizes.
        I am not allowed to name customers.
        Nobody asked me to write this.
        Nobody told me about you; I found you on the map.
        If you had 30 vans instead of three, I would call every day.
        Suppose that two vans break down on a Monday.
        Say you deliver to forty shops: that would be forty lines on one page.
        Imagine your drivers finished at noon.
        A van that stands still earns nothing.
        Every baker knows that the oven does not wait.
        Bread is cheap and vans are not.
        Good planners are hard to find.
        Your second bakery in Leeds opened on 3 November, so you may have other worries now.
        You employ 240 people, and all of them eat bread.
        240 people in two places: who keeps the rota?
        You opened in Leeds this month.
        Leeds is a good choice, if I may say so.
        The move to York is planned for 2027, so there is time.
        Two bakeries, 240 people, one plan: is that realistic?
        That is all I know about Harbour Mills.
        I may be wrong about all of this.
        My manager says that I should call; I would rather write.
        Happy to be corrected.
        No attachments, no links, no calendar.
        Have a look at the picture below: it shows one route.
        In short: we plan routes, you bake.
        Best wishes from a rainy Bath.
        P.S. The picture shows an invented bakery.
        Yours is the kind of firm we would like to learn from.
        I do not expect an answer before the holidays.
        This is my third and last letter.
        You will find the description on the second page.
        The route planner we built for ourselves turned into Stillwater.
    """,
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
    "in many voices": """
        Your last supplier let you down in the spring.
        Harbour Mills is known as the best bakery between Hull and Carlisle.
        Half of your orders still come in by fax.
        Your website takes nine seconds to load.
        Flour prices have risen by a third since January.
        The new hygiene act obliges you to keep temperature records.
        You are about to lose your biggest customer.
        Your receptionist told me on the phone that you look after this yourself.
        As you know, the minimum wage goes up again in April.
        We already work with most of the mills in your valley.
        Pelham & Sons have been customers of ours since 2019.
        The trial pays for itself within six weeks.
        Every customer who tried it stayed.
        Your drivers lose about forty minutes a day to parking.
        I noticed the vacancy for a dispatch clerk on your site.
        You were quoted in the trade paper last week as saying that vans are a nightmare.
        Since the fire in your cold store, capacity must be tight.
        Your sister company in Norwich has been using us for years.
        Jane from purchasing asked me to get in touch.
        Nobody in Yorkshire bakes better bread than you do.
        Three quarters of bakeries have no plan for outages.
        The supermarkets expect digital delivery notes from next year.
        Our discount for new customers ends on Friday.
        Stillwater has been named product of the year twice.
        You opened three bakeries this autumn.
        You have just moved your head office to York.
        Your 420 people deserve better tools.
        Food inspectors have fined four bakeries in your area this year.
        Most of your neighbours have changed already.
        Your contract with Fleetomat runs out in January.
        What made you switch away from Fleetomat?
        Your customers rave about the sourdough but curse the delivery.
        Congratulations on the award for best regional employer.
        On average, our users gain two delivery slots per van.
        You told our Mr Hart at the fair that you were looking for something new.
        Your predecessor had ordered a pilot from us.
        It is common knowledge that your vans are old.
        The second bakery in Leeds has doubled your output.
        Your bakery in Leeds has been closed for weeks.
        More and more bakers are giving up their own vans.
        Your team is overworked.
        You deliver to more than ninety shops.
        Your competitors deliver twice a day.
        Delivery times in the trade have doubled.
        The insurance companies have tightened their rules.
        We are the only supplier with a licence for that.
        A chain in Kent cut its diesel by a fifth with us.
        I hear from several sides that your planner is leaving.
        Your order book is full until summer.
        You have a reputation for never being late.
        Two of your vans were stopped last week.
    """,
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
        Ich schreibe Ihnen, weil ich beruflich Touren plane und Brot mag.
        Ein guter Plan passt auf eine Seite.
        Das Programm läuft im Browser und kostet im ersten Monat nichts.
        Sie können jederzeit aufhören, und unterschreiben müssen Sie nichts.
        Anbei finden Sie zwei Seiten mit Bildern.
        Ich hatte versprochen, im November noch einmal zu schreiben.
        Mein Zug fährt um fünf, davor passt mir jede Zeit.
        Es läuft auf jedem Telefon, das jünger als zehn Jahre ist.
        Manche Bäckereien planen mit dem Bleistift, andere mit einem Programm.
        Vielen Dank, dass Sie heute Morgen Zeit für mich hatten.
        Ein Nein ist eine gute Antwort.
        Ich schlage einen Versuch mit zwei Wagen über zwei Wochen vor.
        Am 2. Dezember bin ich auf der Messe in Kassel und lade Sie gern auf einen Kaffee ein.
        Ihre Daten gehören Ihnen und lassen sich jederzeit ausgeben.
        Nichts passiert, bevor Sie zustimmen.
        Wir haben das Programm gebaut, weil unsere eigenen Wagen immer zu spät waren.
        Was auch immer Sie entscheiden: Ich wünsche Ihnen einen guten Winter.
        Bitte geben Sie mir bis Freitag Bescheid, ob ich anrufen darf.
        Haben Sie sich schon einmal gefragt, was eine Tour kostet?
        Sie haben gefragt, ob die Fahrer ein neues Telefon brauchen. Nein.
        Unser Büro ist zwischen den Jahren geschlossen.
        Der Versuch endet nach vier Wochen von selbst.
        Wie planen Sie heute Ihre Touren?
        Zwei Dinge würde ich gern wissen: wer plant, und wann.
        Es wäre mir eine Freude, Sie kennenzulernen.
        Darf ich Ihnen ein Muster schicken? Es hat zwölf Seiten.
        Ihre Fahrer sehen die nächste Adresse auf dem Telefon.
        Ich habe auf Ihrer Seite keine Zahl gefunden und rate deshalb nicht.
        Der Fahrer tippt auf die Adresse, und die Karte öffnet sich.
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
        Ihr letzter Lieferant hat Sie im Frühjahr im Stich gelassen.
        Harbour Mills gilt als die beste Bäckerei weit und breit.
        Die Hälfte Ihrer Bestellungen kommt noch per Fax.
        Die Mehlpreise sind seit Januar um ein Drittel gestiegen.
        Das neue Hygienegesetz verpflichtet Sie zu digitalen Aufzeichnungen.
        Ihre Sekretärin sagte mir am Telefon, dass Sie zuständig sind.
        Wir arbeiten schon mit den meisten Mühlen in Ihrer Region.
        Der Test rechnet sich in sechs Wochen.
        Ihre Fahrer verlieren am Tag vierzig Minuten mit Parken.
        Auf Ihrer Seite habe ich die Stelle für einen Disponenten entdeckt.
        Niemand backt besseres Brot als Sie.
        Drei Viertel aller Bäckereien haben keinen Notfallplan.
        Der Rabatt für Neukunden endet am Freitag.
        Ihre 420 Leute haben besseres Werkzeug verdient.
        Ihr Vertrag mit Fleetomat läuft im Januar aus.
        Sie zahlen viel zu viel für Diesel.
        Ihr Team ist überlastet.
        Glückwunsch zum Preis als bester Arbeitgeber der Region.
        Eine Kette in Kiel hat mit uns ein Fünftel Diesel gespart.
        Ihr Auftragsbuch ist bis zum Sommer voll.
        Der Zoll hat letzten Monat die Regeln verschärft.
        Zum 1. Januar steigen unsere Preise.
        Die meisten Ihrer Nachbarn haben schon umgestellt.
        Auf der Messe sagten Sie unserem Herrn Hart, dass Sie etwas Neues suchen.
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


every_told = st.sampled_from([sentence for _, sentence in sentences(TOLD)])
every_told_abroad = st.sampled_from(sentences(TOLD_ABROAD))


@settings(derandomize=True)
@given(every_told)
def test_what_the_reader_wrote_is_quoted_without_evidence(sentence: str) -> None:
    text = f"Dear Ms Lee,\n\n> {sentence}\n\nThank you for your reply.\n\nJo Field"
    assert unsupported(text, FACTS, KNOWN, TODAY) == ()


@settings(derandomize=True)
@given(every_told_abroad)
def test_a_sentence_that_evidence_has_word_for_word_stands_in_every_language(told: tuple[str, str]) -> None:
    tongue, sentence = told
    assert unsupported(AROUND[tongue].format(sentence), (Backing(sentence),), KNOWN, TODAY) == ()


@settings(derandomize=True, deadline=None)
@given(st.lists(st.sampled_from([word for one in tongues() for word in sorted(one.common)]), max_size=60))
def test_no_run_of_words_breaks_the_check(words: list[str]) -> None:
    assert isinstance(unsupported(" ".join(words), FACTS, KNOWN, TODAY), tuple)


@pytest.mark.parametrize(
    "run", ["hat ", "Sie haben ge", "vos clients ", "ha visto ", "uw klanten ", "Ihre , "]
)
def test_no_text_in_another_language_keeps_the_check_busy(run: str) -> None:
    assert isinstance(unsupported(AROUND["de"].format(run * 3000), FACTS_DE, KNOWN, TODAY), tuple)


def test_a_text_in_another_language_may_cite_what_is_known_in_english() -> None:
    text = AROUND["de"].format("Ich habe gelesen, dass Sie in Leeds eine zweite Bäckerei eröffnet haben.")
    assert unsupported(text, FACTS, KNOWN, TODAY) == ()
    assert unsupported(text.replace("Leeds", "Derby"), FACTS, KNOWN, TODAY)
