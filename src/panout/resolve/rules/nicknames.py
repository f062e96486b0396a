"""Which first names are short, pet or sister forms of which; our own list, from common usage in sales
lists."""

from __future__ import annotations

from functools import cache

# A formal name, then forms of it. A short form may stand in several lines (Alex, Sam, Chris): it then
# meets each
# of the formal names, which do not meet each other.
_FORMS = """
abigail: abby abbie gail
abraham: abe bram
adelaide: addie heidi
agnieszka: aga
albert: al bert bertie
alexander: alex alec alek al sandy sasha sascha xander lex alejandro alessandro aleksander aleksandr alexandre oleksandr
alexandra: alex sandra sandy sasha sascha lexi lexie aleksandra alessandra
alfred: alf alfie fred freddie
alice: ali allie
alison: ali allie allison alyson
amanda: mandy amy
anastasia: stacy nastya ana anastasiya
andrea: andi andy
andrew: andy drew andre andreas andrzej andrei andrey andres andrea
angela: angie angel
ann: anne anna annie nan nancy
anne: ann anna annie
anthony: tony ant toni antonio anton antoine antony
antonia: toni tonia
antonio: toni tony
archibald: archie
arnold: arnie
arthur: art artie arturo
barbara: barb barbie babs basia
bartholomew: bart
beatrice: bea trixie beatriz beatrix
benedict: ben benny
benjamin: ben benny benji benjie
bernard: bernie bernd
bernadette: bernie
bernhard: bernd
bradley: brad
brandon: bran
bridget: bridie biddy
calvin: cal
cameron: cam
carolina: carol lina
caroline: carol carrie caro carolyn
cassandra: cass cassie sandra
aleksandr: sasha sanya alexander
anton: toni
barbora: bara
carlos: carlitos
enrique: quique kike
fernando: nando fer
federico: fede
gertrud: trude gerti
gonzalo: gonza
hildegard: hilde
irina: ira
jadwiga: jadzia
javier: xavi javi xavier
jesus: chus chuy
josef: sepp jupp joe pepi
jose: pepe joseph
karolina: lina karo
katharina: kate katja katya kathi kati katherine catherine katarina ekaterina katarzyna kasia
krzysztof: krzys christopher
kseniya: ksenia oksana xenia
lidia: lida
ludmila: lyudmila mila luda
lyubov: lyuba
malgorzata: gosia margaret
mariusz: mario
mercedes: merche
nadezhda: nadia nadya
oleksandr: sasha
olga: olya helga
pilar: pili
piotr: piotrek
rafael: rafa rafal raphael
rosario: charo
salvatore: toto salvo
stanislav: stas slava stan stanislaw
svetlana: sveta lana svitlana
tomasz: tomek thomas
vasily: vasya vasili vasilij wasili
vyacheslav: slava
wojciech: wojtek
yaroslav: jaroslav jaroslaw slava
yulia: julia yuliya julija julya
yuri: yuriy jurij juri iurii
chiara: clara
dolores: lola
consuelo: chelo
concepcion: concha conchita
catherine: cathy cath kate katie kathy kat kitty cate catharine katharine katherine kathryn catalina caterina ekaterina
cecilia: cece celia
charles: charlie chuck chas chaz carl carlos karl carlo
charlotte: charlie lottie lotte char
chester: chet
christian: chris christy
christina: chris chrissy christy tina kristina cristina kristin
christine: chris chrissy christy tina
christopher: chris topher kit kris christoph christophe cristopher kristoffer
clara: clare
clarence: clare
clifford: cliff
clinton: clint
constance: connie
cornelius: neil cor kees
curtis: curt kurt
cynthia: cindy cyndi
daniel: dan danny dani daniil daniele
danielle: dani
david: dave davey davy davide dawid
deborah: deb debbie debby debra
dennis: denny denis
dmitry: dima dimitri dmitri dmitrij dmytro
dominic: dom nick dominik dominique
donald: don donny donnie
dorothy: dot dottie dolly dora
douglas: doug
duncan: dunc
edith: edie
edmund: ed eddie ned ted
edward: ed eddie eddy ned ted teddy eduard eduardo edoardo
eleanor: ellie nell nora elly elena eleonora
elisabeth: elisa lisa lise lisbeth liz beth betty elsa bettina
elizabeth: liz lizzie lizzy beth betty betsy eliza liza lisa libby elisabeth ellie isabel
emily: em emmy millie
emma: em emmy
emmanuel: manny manu emanuel manuel
ernest: ernie ernst
esther: essie hester
eugene: gene evgeny yevgeny
evelyn: eve evie
ezekiel: zeke
florence: flo flossie
frances: fran frannie francie
francesca: fran franca
francis: frank fran francisco francesco francois franz
francisco: paco pancho fran
franklin: frank
frederick: fred freddie freddy rick frederic frederik friedrich fritz federico
friederike: rike fritzi
gabriel: gabe gabi
gabriela: gabi gaby gabriella gabrielle
george: georgie jorge georg giorgio georges jerzy
georgina: georgie gina
gerald: gerry jerry gerhard
gerard: gerry gerhard
geraldine: gerry
gilbert: gil bert
giovanni: gianni vanni
giuseppe: beppe peppe
grace: gracie
gregory: greg gregg grzegorz grigory
guillermo: memo
gustav: gus
gwendolyn: gwen
hannah: hanna
hans: johannes hannes johann
harold: hal harry
harriet: hattie
harrison: harry
heinrich: heinz heiner
helen: nell nellie helena lena ellen
henrietta: etta
henry: harry hank hal henri heinrich enrico enrique henrik
herbert: herb bert
hubert: bert hub
hugh: hughie hugo
ignacio: nacho
ingeborg: inge
irene: rene
isaac: ike
isabella: bella izzy isa isabel isabelle
isidore: izzy
jackson: jack
jacob: jake jakob jacobo jakub
jacqueline: jackie jacqui
james: jim jimmy jamie jem diego jaime
jane: janie jenny
janet: jan
jason: jay
jean: jeannie
jeffrey: jeff geoff geoffrey
jennifer: jen jenny jenni jenn
jeremiah: jerry jem
jeremy: jerry jez jem
jerome: jerry
jessica: jess jessie
joachim: jochen achim
joanna: jo joan asia
joanne: jo
johannes: hannes hans johann jan
john: johnny jon jack johan johann jan juan ivan sean ian giovanni joao jean
jonathan: jon john jonny johnny nathan
joseph: joe joey jo jose josef giuseppe jozef josip
josephine: jo josie fifi
joshua: josh
judith: judy judi jutta
julia: julie jules giulia
julian: jules
juliana: julie
kenneth: ken kenny
kimberly: kim kimberley
klaus: claus nikolaus
konstantin: kostya
kristen: kris kristin kirsten
kristina: kris tina
laura: laurie lori
laurence: larry laurie lawrence loz lorenz lorenzo laurent
lawrence: larry laurie lars
leonard: len lenny leo leon leonardo
leonardo: leo
leopold: leo
leslie: les
lewis: lew lou louis
lillian: lily lil lilly
linda: lindy lin
louis: lou louie luis luigi ludwig
louise: lou luise
lucas: luke luca lukas luc
lucy: lou lucia lucie
ludwig: lutz
madeline: maddie maddy madeleine
magdalena: magda lena
malcolm: mal
manuel: manny manolo
marcus: marc mark markus marco marcos
margaret: maggie meg peggy marge margie greta rita madge peg margarita margarete margot
maria: mary marie mia mariya mitzi
mariana: mari
marion: mary
martha: marty
martin: marty mart martino martijn
mary: molly polly maria marie may
matilda: tilly mattie
matthew: matt matty mathew matteo matthias mathieu mateusz matthieu
matthias: matze
maurice: moe mo maurizio moritz
maximilian: max massimiliano maks
melanie: mel
melissa: mel missy lissa
michael: mike mick micky mikey michel michele miguel mikhail michal mickey mischa misha
michelle: shelly chelle
mikhail: misha
mildred: millie
miriam: mimi mira
mitchell: mitch
mohammed: mo mohammad muhammad mohamed muhammed mohamad mehmet
montgomery: monty
nancy: nan
natalie: nat natalia nathalie natasha
natalia: natasha
nathan: nate nat
nathaniel: nate nat nathan
nicholas: nick nicky nico nicolas nikolaus nikolai nikolas niklas claus klaus
nicole: nicky nikki nic
nikolai: kolya
norman: norm
oliver: ollie oli olivier oliviero
olivia: liv livvy ollie
oscar: ozzie
pamela: pam
patricia: pat patty tricia trish patti
patrick: pat paddy patricio
paul: pablo paolo pavel pawel
paula: pauline
penelope: penny
peter: pete pedro pietro pierre petr piotr pyotr
philip: phil pip phillip philipp felipe filip filippo philippe
priscilla: cilla
rachel: rae rach raquel
raymond: ray raimund ramon
rebecca: becky becca bex rebekah
regina: gina
reginald: reg reggie
reinhard: reiner
richard: rick dick rich ricky richie ricardo riccardo dickie
robert: rob bob bobby robbie bert roberto rupert
roberta: bobbie robbie
roderick: rod roddy rick
rodney: rod
roger: rog rodger ruediger
roland: rollo orlando
ronald: ron ronnie ronny
rosemary: rose rosie romy
rudolf: rudi rudy
russell: russ
samantha: sam sammy
samuel: sam sammy
sandra: sandy
sara: sarah
sarah: sally sara sadie
sebastian: seb bastian basti bas
sergei: seryozha sergey serge sergio serhii
sharon: shaz
sheila: shelagh
sidney: sid syd
simon: si simone
solomon: sol
sophia: sophie sofia zofia sofie
stanley: stan stanislav
stefan: steffen stephan
stephanie: steph stef steffi stefanie
stephen: steve stevie steven stephan stefan stefano esteban etienne
stuart: stu stewart
susan: sue susie suzy suzie susanne suzanne susanna zuzanna
sylvester: sly
sylvia: silvia
tabitha: tabby
tatiana: tanya tania
teresa: terri terry tess tessa theresa therese
terence: terry tel
thaddeus: thad tad
theodore: ted teddy theo teo theodor teodoro
theresa: terry tess tessa resi
thomas: tom tommy tomas tommaso tomasz thom
timothy: tim timmy timo
tobias: tobi toby
ulrich: uli
ulrike: uli ulla
ursula: uschi ulla
valentina: tina val
valerie: val
vanessa: nessa
veronica: ronnie vera veronika
victor: vic viktor vittorio
victoria: vicky vikki tori vic viktoria
vincent: vince vinny vincenzo vicente
virginia: ginny ginger
vladimir: vlad vova volodymyr wladimir
walter: wally walt
wilhelm: willi willy
wilhelmina: mina minnie
william: will bill billy willy willie liam guillaume guillermo wilhelm guglielmo willem
winifred: winnie
wolfgang: wolf
yevgeny: zhenya eugene
zachary: zach zack zac zak
charles: chas
chandrasekhar: shekhar chandra
emil: emilek
frantisek: franta
giovanni: gianni nanni
giuseppe: beppe peppe pippo
istvan: pista pisti
ivan: vanya vania ivo
jakub: kuba
james: jas
jan: honza jas janek
jiri: jirka
jose: chepe pepe
josef: pepa pepik
laszlo: laci
luigi: gigi gino
michal: misiek
miroslav: mirek
oleksii: oleksiy lyosha
pavel: pasha pavlik pavlo
petr: petya
robert: robt
sandor: sanyi
stanislav: stas standa
tomas: tomek
tomasz: tomek
thomas: thos
vaclav: vasek
vojtech: vojta
william: wm
zoltan: zoli
zdenek: zdenda
"""


@cache
def formal_names() -> dict[str, tuple[str, ...]]:
    """For each name in the list, the formal names it may stand for (itself too when it is formal)."""
    found: dict[str, set[str]] = {}
    for line in _FORMS.strip().splitlines():
        formal, _, forms = line.partition(":")
        found.setdefault(formal, set()).add(formal)
        for form in forms.split():
            found.setdefault(form, set()).add(formal)
    return {name: tuple(sorted(formal)) for name, formal in found.items()}


def same_first_name(left: str, right: str) -> bool:
    """May these two folded first names be forms of one name?"""
    names = formal_names()
    return left == right or not set(names.get(left, (left,))).isdisjoint(names.get(right, (right,)))
