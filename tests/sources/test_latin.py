"""Lists in Windows code pages of old: letters come out as they were typed, west and east."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from panout.sources.files.latin import latin_page
from panout.sources.files.lists import read_lists

NAMES = {
    "French": (
        "cp1252",
        "Hélène Raphaël Loïc Anaïs Chloé Benoît François Michèle Agnès Éloïse Félix Rhône Sœur",
    ),
    "Dutch": ("cp1252", "Daniël Zoë België coördinatie Michèle Thérèse Loïs Maaïke"),
    "German": ("cp1252", "Müller Schröder Große Renè Šimunek Jäger Böhm André"),
    "Spanish": ("cp1252", "José Muñoz Núñez García Ángel Begoña Iñaki Peñalver Logroño Coruña ¿Quién"),
    "Portuguese": ("cp1252", "João Conceição Gonçalves Simões Magalhães Estêvão Leitão Camões Nações"),
    "Danish": ("cp1252", "Søren Østergård Kjær Nørgaard Køge Århus Hjørring Næstved Ågård"),
    "Swedish": ("cp1252", "Åse Håkan Åström Sjöberg Malmö Öberg Lindström Skåne"),
    "Italian": ("cp1252", "Niccolò Città Università Qualità Forlì Cefalù Noè Nardò Lunedì Gesù Caffè"),
    "Icelandic": ("cp1252", "Þór Sigurður Guðrún Björk Þorvaldur Æsir"),
    "Czech": (
        "cp1250",
        "Jiří Ondřej Zdeněk Štěpán Růžena Dvořáková Kučera Němec Říha Řezníček Vaňková Třebíč",
    ),
    "Slovak": ("cp1250", "Ľubomír Ďurišová Hraško Žilina Ružomberok Ľudmila Maňa Peťko"),
    "Polish": ("cp1250", "Łukasz Małgorzata Wiśniewski Zieliński Woźniak Łódź Gdańsk Świątek Gołąb"),
    "Hungarian": ("cp1250", "Győri Erdős Szűcs Jenő Ügyvezető Könyvelő Gergő Lőrincz Hűvös"),
    "Slovene": ("cp1250", "Žiga Uroš Čuček Krašovec Škofja Grošelj Hočevar"),
    "Romanian": ("cp1250", "Ştefan Ionuţ Mădălina Bucureşti Timişoara Cătălin Gheorghiţă"),
    "Croatian": ("cp1250", "Đorđe Kovačević Petrović Živković Čović Ivančić Perišić"),
}
PLAIN = ["Anna", "Peter", "Maria", "Sophie", "Paul", "Manager", "Director", "Paris", "Berlin", "Ltd"]


@pytest.mark.parametrize("language", NAMES)
def test_names_tell_which_page_they_were_saved_in(language: str):
    page, words = NAMES[language]
    assert latin_page(words.encode(page)) == page


@pytest.mark.parametrize("rows", [12, 40, 400])
@pytest.mark.parametrize("language", NAMES)
def test_a_list_in_a_page_of_old_is_read_as_it_was_typed(language: str, rows: int, tmp_path: Path):
    page, words = NAMES[language]
    chance = random.Random(f"{language} {rows}")
    names = [(chance.choice(words.split()), chance.choice(PLAIN)) for _ in range(rows)]
    lines = [f"{first},{last},{last.lower()}@example.com" for first, last in names]
    path = tmp_path / "list.csv"
    path.write_bytes("\r\n".join(["First Name,Last Name,Work e-mail", *lines]).encode(page))
    reader = read_lists([path], work_dir=tmp_path / "work")
    for batch in reader:
        assert not batch.column("email").null_count
    (raw,) = (tmp_path / "work" / "raw").glob("*.parquet")
    assert pq.read_table(raw)["First Name"].to_pylist() == [first for first, _ in names]
    assert {one.header: one.confidence for one in reader.report.files[0].columns}["Work e-mail"] == 1.0
