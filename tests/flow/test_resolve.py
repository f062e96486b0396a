"""`panout resolve`: what is written, books prepared once, what people say, and what hostile lists do."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from benchmarks.resolution_people import HEADER, people
from typer.testing import CliRunner

from panout.cli.main import app
from panout.flow.resolve import prepare_book, resolve_lists
from panout.flow.undoing import undo
from panout.kernel.errors import BadInput, Conflict, NotFound, Unavailable

COLUMNS = ("First Name", "Last Name", "Email", "Company Name", "City")


def listed(path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def clusters(folder: Path) -> list[int]:
    return [int(row["cluster"]) for row in read(folder / "clusters.csv")]


ANN = ("Ann", "Quillfeather", "ann@acme.com", "Acme", "Bonn")
OTTO = ("Otto", "Bratwurst", "otto@acme.com", "Acme", "Bonn")
EVE = ("Eve", "Moneypenny", "eve@umbrella.com", "Umbrella", "Ulm")


def test_every_row_has_its_cluster_and_every_pair_its_reasons(tmp_path: Path) -> None:
    path = listed(tmp_path / "a,b.csv", [ANN, ("", "", "", "", ""), OTTO, ("Anne", *ANN[1:])])
    found = resolve_lists([path], out=tmp_path / "out")
    rows = read(found.folder / "clusters.csv")
    assert [(row["file"], row["row"]) for row in rows] == [(str(path), str(n)) for n in range(len(rows))]
    said = clusters(found.folder)
    assert said[0] == said[-1]
    assert len(set(said)) == len(said) - 1
    (pair,) = pq.read_table(found.folder / "pairs.parquet").to_pylist()
    assert (pair["row_l"], pair["row_r"], pair["decision"]) == (0, len(rows) - 1, "merge")
    assert "same email +" in pair["reasons"]
    assert json.loads((found.folder / "summary.json").read_text())["merged_rows"] == 1


def halves(tmp_path: Path, rows: int, book: int) -> tuple[Path, Path, list[int], list[int]]:
    """A book and a list of later rows, some of which are people of the book; who each row is."""
    made = list(people(rows, seed=31))
    header = [name for name in HEADER if name != "truth"]
    cells = [one.cells()[:-1] for one in made]
    truth = [one.truth for one in made]
    return (
        listed(tmp_path / "book.csv", cells[:book], header),
        listed(tmp_path / "new.csv", cells[book:], header),
        truth[:book],
        truth[book:],
    )


def test_a_list_is_linked_to_a_prepared_book_as_well_as_to_the_list_it_was_made_from(tmp_path: Path) -> None:
    book, new, known, fresh = halves(tmp_path, 3_300, 3_000)
    told = prepare_book(book, out=tmp_path / "ready")
    assert told == 3_000
    found = resolve_lists([new], against=tmp_path / "ready", out=tmp_path / "out")
    said = clusters(found.folder)
    linked = [(known[cluster], who) for cluster, who in zip(said, fresh, strict=True) if cluster < 3_000]
    assert sum(one == other for one, other in linked) >= 0.99 * len(linked)
    assert len(linked) >= 0.97 * sum(who in set(known) for who in fresh)
    assert found.summary["linked_to_known"] == len(linked)
    # The new rows alone are compared, and only with what shares something with them.
    pairs = found.summary["pairs"]
    assert isinstance(pairs, dict)
    assert pairs["compared"] < 100_000
    again = resolve_lists([new], against=book, out=tmp_path / "again")
    assert clusters(again.folder) == said


def test_pairs_with_a_known_row_name_its_place(tmp_path: Path) -> None:
    book = listed(tmp_path / "book.csv", [OTTO, ANN, EVE])
    new = listed(
        tmp_path / "new.csv", [("Anne", *ANN[1:]), ("Hans", "Meier", "hans@third.com", "Third", "Ulm")]
    )
    prepare_book(book, out=tmp_path / "ready")
    found = resolve_lists([new], against=tmp_path / "ready", out=tmp_path / "out")
    assert clusters(found.folder) == [1, 4]
    (pair,) = pq.read_table(found.folder / "pairs.parquet").to_pylist()
    assert (pair["file_l"], pair["row_l"]) == (str(book), 1)
    assert (pair["file_r"], pair["row_r"]) == (str(new), 0)


def test_a_book_that_changed_or_is_of_another_kind_is_refused(tmp_path: Path) -> None:
    book = listed(tmp_path / "book.csv", [OTTO, ANN])
    new = listed(tmp_path / "new.csv", [EVE])
    prepare_book(book, out=tmp_path / "ready")
    with pytest.raises(BadInput, match="a book of people"):
        resolve_lists([new], kind="companies", against=tmp_path / "ready", out=tmp_path / "out")
    listed(book, [OTTO, ANN, EVE])
    with pytest.raises(Conflict, match="has changed"):
        resolve_lists([new], against=tmp_path / "ready", out=tmp_path / "out")
    told = json.loads((tmp_path / "ready/book.json").read_text())
    (tmp_path / "ready/book.json").write_text(json.dumps({**told, "format": 0}))
    with pytest.raises(Conflict, match="another version"):
        resolve_lists([new], against=tmp_path / "ready", out=tmp_path / "out")
    with pytest.raises(NotFound):
        resolve_lists([new], against=tmp_path, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_companies_are_linked_to_a_prepared_book(tmp_path: Path) -> None:
    header = ("Company Name", "Website", "City")
    book = listed(
        tmp_path / "book.csv",
        [("Quillfeather GmbH", "quillfeather.com", "Bonn"), ("Umbrella Inc", "umbrella.com", "Ulm")],
        header,
    )
    new = listed(
        tmp_path / "new.csv", [("UMBRELLA", "www.umbrella.com", ""), ("Third", "third.com", "Ulm")], header
    )
    prepare_book(book, kind="companies", out=tmp_path / "ready")
    found = resolve_lists([new], kind="companies", against=tmp_path / "ready", out=tmp_path / "out")
    assert clusters(found.folder) == [1, 3]


def test_the_commands_prepare_and_link(tmp_path: Path) -> None:
    book = listed(tmp_path / "book.csv", [OTTO, ANN])
    new = listed(tmp_path / "new.csv", [ANN])
    run = CliRunner()
    ready, out = str(tmp_path / "ready"), str(tmp_path / "out")
    done = run.invoke(app, ["resolve", "prepare", str(book), "--kind", "people", "--out", ready])
    assert done.exit_code == 0
    assert "2 rows are ready" in done.output
    done = run.invoke(app, ["resolve", str(new), "--kind", "people", "--against", ready, "--out", out])
    assert done.exit_code == 0
    assert clusters(tmp_path / "out") == [1]


def test_answers_of_people_stand_whatever_the_weights_say(tmp_path: Path) -> None:
    twin = ("Ann", "Quillfeather", "ann@acme.com", "Acme", "Ulm")
    path = listed(tmp_path / "list.csv", [ANN, twin, EVE, OTTO])
    answers = listed(
        tmp_path / "answers.csv",
        [
            (str(path), "0", str(path), "1", "no"),
            (str(path), "2", str(path), "3", "yes"),
            ("", "0", "", "3", ""),
        ],
        ("file_l", "row_l", "file_r", "row_r", "match"),
    )
    before = clusters(resolve_lists([path], out=tmp_path / "before").folder)
    assert before[0] == before[1]
    assert before[2] != before[3]
    found = resolve_lists([path], labels=answers, out=tmp_path / "after")
    after = clusters(found.folder)
    assert after[0] != after[1]
    assert after[2] == after[3]
    assert after[0] != after[3]
    (pair,) = pq.read_table(found.folder / "pairs.parquet").to_pylist()
    assert pair["reasons"].startswith("a person says that they are one")
    listed(answers, [("0", "1", "perhaps")], ("row_l", "row_r", "match"))
    with pytest.raises(BadInput, match="neither yes nor no"):
        resolve_lists([path], labels=answers, out=tmp_path / "after")


def f1(said: Sequence[int], true: Sequence[int], outside: frozenset[frozenset[int]]) -> float:
    """Of pairs of rows, without those that people were asked about."""

    def pairs(keys: Sequence[int]) -> set[frozenset[int]]:
        by: dict[int, list[int]] = {}
        for row, key in enumerate(keys):
            by.setdefault(key, []).append(row)
        return {frozenset((a, b)) for rows in by.values() for a in rows for b in rows if a < b} - outside

    found, wanted = pairs(said), pairs(true)
    return 2 * len(found & wanted) / (len(found) + len(wanted))


def test_answers_improve_what_nobody_was_asked_about(tmp_path: Path) -> None:
    """Half of the people are judged by somebody; pairs of the other half are found better for it."""
    made = list(people(1_200, seed=5, copies=0.4))
    wanted = [HEADER.index(name) for name in ("First Name", "Last Name", "City", "Date of Birth", "Title")]
    path = listed(
        tmp_path / "list.csv", [[one.cells()[n] for n in wanted] for one in made], [HEADER[n] for n in wanted]
    )
    truth = [one.truth for one in made]
    judged = [row for row, who in enumerate(truth) if who % 2]
    same = [(a, b) for a in judged for b in judged if a < b and truth[a] == truth[b]]
    alike = [
        (a, b)
        for a in judged
        for b in judged
        if a < b and truth[a] != truth[b] and made[a].last == made[b].last and made[a].city == made[b].city
    ]
    random.Random(1).shuffle(alike)
    answers = listed(
        tmp_path / "answers.csv",
        [
            (str(a), str(b), said)
            for said, pairs in (("yes", same), ("no", alike[: len(same)]))
            for a, b in pairs
        ],
        ("row_l", "row_r", "match"),
    )
    rest = [row for row, who in enumerate(truth) if not who % 2]
    figures = []
    for labels in (None, answers):
        said = clusters(resolve_lists([path], labels=labels, out=tmp_path / "out").folder)
        figures.append(f1([said[row] for row in rest], [truth[row] for row in rest], frozenset()))
    assert figures[1] > figures[0] + 0.004


def test_a_merge_is_split_again_from_what_was_written(tmp_path: Path) -> None:
    header = ("First Name", "Last Name", "Email", "Company Name", "City", "Title", "Last Contacted")
    path = listed(
        tmp_path / "list.csv",
        [
            ("ANNABEL", "Quillfeather", "ann@acme.com", "Acme", "Bonn", "CTO", "2024-01-05"),
            ("Annabel", "Quillfeather", "ann@acme.com", "Acme", "Bonn", "", "2025-03-01"),
            ("Annabel", "Quilfeather", "ann@acme.com", "Acme", "Ulm", "CEO", ""),
            (*OTTO, "CFO", ""),
        ],
        header,
    )
    out = tmp_path / "out"
    assert clusters(resolve_lists([path], out=out).folder) == [0, 0, 0, 3]

    def kept() -> dict[tuple[int, str], tuple[str, int | None, str]]:
        return {
            (row["cluster"], row["field"]): (row["value"], row["row"], row["rule"])
            for row in pq.read_table(out / "survivors.parquet").to_pylist()
        }

    first = kept()
    assert first[0, "last_name"] == ("Quillfeather", 1, "contacted last")
    assert first[0, "title"] == ("CTO", 0, "contacted last")
    assert first[0, "email"][2] == "all say the same"
    assert {cluster for cluster, _ in first} == {0}
    done = CliRunner().invoke(app, ["resolve", "undo", str(out), "list.csv", "0"])
    assert done.exit_code == 0
    assert clusters(out) == [0, 1, 1, 3]
    again = kept()
    assert {cluster for cluster, _ in again} == {1}
    assert again[1, "title"][:2] == ("CEO", 2)
    redone = resolve_lists([path], labels=out / "answers.csv", out=tmp_path / "redone")
    assert clusters(redone.folder) == [0, 1, 1, 3]
    with pytest.raises(NotFound, match="in no cluster"):
        undo(out, "list.csv", 3)
    with pytest.raises(NotFound):
        undo(tmp_path, "list.csv", 0)
    assert clusters(out) == [0, 1, 1, 3]


def test_without_java_the_command_says_what_to_install_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path / "list.csv", [ANN])
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Unavailable, match="Install it"):
        resolve_lists([path], out=tmp_path / "out", engine="spark")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("why", "rows"),
    [
        (
            "namesakes at one company",
            [("Wei", "Wang", f"w{n}@giant.com", "Giant", "Bonn") for n in range(2_000)],
        ),
        (
            "strangers at one free-mail domain",
            [(f"F{n % 97}a", f"L{n // 97}b", f"u{n}@gmail.com", "", "Bonn") for n in range(5_000)],
        ),
    ],
)
def test_cost_does_not_explode_on_what_many_share(
    tmp_path: Path, why: str, rows: list[tuple[str, ...]]
) -> None:
    found = resolve_lists([listed(tmp_path / "list.csv", rows)], out=tmp_path / "out", learn=False)
    assert found.summary["clusters"] == len(rows), why
    pairs = found.summary["pairs"]
    assert isinstance(pairs, dict)
    assert pairs["compared"] <= 400_000, why


def test_a_short_list_relies_on_what_ships(tmp_path: Path) -> None:
    """Twenty rows teach nothing: the shares that ship find the copies, and leave the family and the namesake."""
    names = [
        "Ann",
        "Bob",
        "Cleo",
        "Dora",
        "Emil",
        "Finn",
        "Gus",
        "Hana",
        "Ivo",
        "Jane",
        "Karl",
        "Lena",
        "Mo",
        "Nell",
    ]
    rows = [
        (name, f"{name}son", f"{name.lower()}@firm{n}.com", f"Firm {n}", "Bonn")
        for n, name in enumerate(names)
    ]
    rows += [
        ("Anne", "Annson", "", "Firm 0", "Bonn"),
        ("Robert", "Bobson", "bob@firm1.com", "Firm 1", ""),
        ("Cloe", "Cleoson", "cleo@firm2.com", "Firm 2", "Bonn"),
        ("Otto", "Doorason", "otto@firm3.com", "Firm 3", "Bonn"),
        ("Emil", "Emilson", "emil@elsewhere.org", "Elsewhere", "Graz"),
        ("Finn", "Annson", "", "Firm 0", "Bonn"),
    ]
    said = clusters(resolve_lists([listed(tmp_path / "list.csv", rows)], out=tmp_path / "out").folder)
    assert said[14:17] == [0, 1, 2]
    assert len(set(said)) == 17
