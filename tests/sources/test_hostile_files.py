"""Whatever lies in the file: rows, rejects with a reason, or one clear refusal. Never anything else, never
silence."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panout.kernel.errors import BadInput
from panout.sources.files.lists import ListReader, open_list, read_lists


def _read(path: Path) -> tuple[ListReader, list[dict[str, object]]]:
    reader = read_lists([path], work_dir=path.parent / "work")
    return reader, [row for batch in reader for row in batch.to_pylist()]


def _refusal(path: Path) -> str:
    with pytest.raises(BadInput) as refused:
        _read(path)
    assert refused.value.where == str(path)
    assert not (path.parent / "work" / "rejects.parquet").exists()
    return refused.value.what


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n \r\n", "empty"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "PNG"),
        ("a.csv", bytes(range(256)) * 40, "binary"),
        ("a.csv", b"%PDF-1.7 ...", "PDF"),
        ("a.csv.gz", gzip.compress(b"email\na@b.com\n" * 999, mtime=0)[:60], "damaged"),
        ("a.xlsx", b"PK\x03\x04 cut short", "damaged"),
        ("a.parquet", b"PAR1 and no more", "damaged"),
        ("a.jsonl", b"no json at all\n", "no JSON object"),
    ],
)
def test_what_is_no_list_is_refused_by_name(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert said in _refusal(path)


def test_a_zip_named_csv_is_refused_and_a_missing_file_too(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list.csv", "email\na@b.com\n")
    assert "zip archive" in _refusal(path)
    assert "no such file" in _refusal(tmp_path / "gone.csv")
    assert "folder" in _refusal(tmp_path)


def test_a_header_without_rows_is_a_list_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("First Name,Email\n")
    reader, rows = _read(path)
    assert rows == []
    assert (reader.report.rows, reader.report.used, reader.report.rejected) == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "used", "rejected"),
    [
        ("name,email\nJane,a@b.com\nRoe,b@c.com,x\nJohn\n,,\nJim,c@d.com,,\n", [0, 4], [1, 2, 3]),
        ('name,email\n"Jane,a@b.com\nRoe,b@c.com\nJim,c@d.com\n', [1, 2], [0]),
        ('name,email\nJane "J" Doe,a@b.com\n"Roe, R",b@c.com\n', [0, 1], []),
        ('name,email\n"Jane\nDoe",a@b.com\n\n\nRoe,b@c.com\n', [0, 1], []),
        ("name,email\nJa\0ne,a@b.com\n", [0], []),
        ("email\na@b.com\n\nb@c.com", [0, 1], []),
    ],
)
def test_a_bad_row_costs_one_row(text: str, used: list[int], rejected: list[int], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    reader, rows = _read(path)
    assert [row["row"] for row in rows] == used
    assert sorted(reader.rejects()["row"].to_pylist()) == rejected
    assert reader.report.rows == len(used) + len(rejected)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_and_delimiter_gives_the_same_rows(
    encoding: str, delimiter: str, tmp_path: Path
) -> None:
    lines = [
        ["Vorname", "Nachname", "Firma", "E-Mail"],
        ["Jürgen", "Groß", "Müller & Söhne GmbH", "j.gross@mueller.example"],
    ]
    path = tmp_path / "liste.csv"
    path.write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    _, rows = _read(path)
    assert [(r["full_name"], r["company_name"], r["email"]) for r in rows] == [
        ("Jürgen Groß", "Müller & Söhne GmbH", "j.gross@mueller.example")
    ]


def test_a_byte_that_is_no_text_costs_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    good = "Jürgen,a{}@b.com\n"
    text = (
        "".join(good.format(i) for i in range(500)).encode() + b"B\xffd,x@y.com\n" + "Zoë,z@y.com\n".encode()
    )
    path.write_bytes(b"name,email\n" + text)
    reader, rows = _read(path)
    assert (len(rows), reader.rejects()["row"].to_pylist()) == (501, [500])


def test_a_cell_of_ten_megabytes_costs_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "name,email,notes\nJane,a@b.com,ok\nRoe,r@b.com," + "x" * 10_000_000 + '\nJim,c@d.com,"y"\n'
    )
    reader, rows = _read(path)
    assert [row["row"] for row in rows] == [0, 2]
    (reject,) = reader.rejects().to_pylist()
    assert (reject["row"], reject["column"], len(reject["value"]) < 300) == (1, "notes", True)


def test_five_thousand_columns_and_repeated_headers_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    headers = ["email", "email", *(f"c{i}" for i in range(5000))]
    path.write_text(",".join(headers) + "\n" + ",".join(["", "a@b.com", *(["1"] * 5000)]) + "\n")
    reader, rows = _read(path)
    assert rows[0]["email"] == "a@b.com"
    assert [warning["column"] for warning in reader.warnings().to_pylist()] == ["email (2)"]


def test_one_bad_row_in_many_is_found_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f'"Doe {i}",d{i}@b.com' for i in range(120_000)]
    lines[77_777] = "torn"
    path.write_text("name,email\n" + "\n".join(lines) + "\n")
    reader, rows = _read(path)
    assert len(rows) == 119_999
    assert reader.rejects()["row"].to_pylist() == [77_777]
    assert [row["row_id"] for row in rows] == list(range(119_999))


def test_linkedin_notes_above_the_header_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "Connections.csv"
    path.write_text(
        'Notes:\n"When exporting your connection data, you may notice, that some are missing."\n\n'
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Jane,Doe,https://www.linkedin.com/in/jane-doe,,Acme,CEO,03 Apr 2022\n"
    )
    _, rows = _read(path)
    assert [(r["full_name"], r["linkedin"], r["seniority"]) for r in rows] == [
        ("Jane Doe", "https://www.linkedin.com/in/jane-doe", "c_suite")
    ]


def test_json_lines_an_array_and_parquet_give_the_same_rows(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"name": "Acme Ltd", "team_size": 45, "tags": ["x", "y"]}\n[1]\nno\n')
    (tmp_path / "b.json").write_text(
        '[{"name": "Acme Ltd",\n "team_size": 45, "tags": ["x", "y"]}, {"name": ""}]'
    )
    pq.write_table(
        pa.table({"name": ["Acme Ltd"], "team_size": [45.0], "tags": [["x", "y"]]}), tmp_path / "c.parquet"
    )
    for name, rejected in (("a.jsonl", 2), ("b.json", 1), ("c.parquet", 0)):
        reader, rows = _read(tmp_path / name)
        assert [(r["company_name"], r["employees"], r["tags"]) for r in rows] == [
            ("Acme Ltd", 45, ["x", "y"])
        ], name
        assert reader.report.rejected == rejected


def test_a_spreadsheet_is_read_by_its_first_sheet(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    cells = [
        ["Company name", "Employees", "Year Founded"],
        ["Acme Ltd", 45, 1999],
        None,
        ["Umbra SAS", "11-50", 2001],
    ]
    path.write_bytes(_workbook(cells, tmp_path))
    _, rows = _read(path)
    assert [(r["row"], r["company_name"], r["employees"], r["founded"]) for r in rows] == [
        (0, "Acme Ltd", 45, 1999),
        (1, "Umbra SAS", 30, 2001),
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text('ab,;"\n\r\t|@.0 é', max_size=120).map(lambda t: t.encode()),
        st.text('{}[]",:1a\n', max_size=60).map(lambda t: t.encode()),
        st.text('é,\n"x', max_size=60).map(lambda t: t.encode("utf-16")),
    ),
    name=st.sampled_from(["a.csv", "a.jsonl", "a.json", "a.xlsx", "a.parquet", "a.csv.gz"]),
)
def test_any_bytes_are_rows_rejects_or_a_refusal(content: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    try:
        reader, rows = _read(path)
    except BadInput:
        return
    assert reader.report.rows == len(rows) + reader.rejects().num_rows
    numbers = sorted([int(str(r["row"])) for r in rows] + reader.rejects()["row"].to_pylist())
    assert numbers == list(range(reader.report.rows))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.text("a,\n\"é ;'", max_size=6), min_size=3, max_size=3), min_size=1, max_size=12
    )
)
def test_what_a_csv_writer_writes_is_read_back_exactly(rows: list[list[str]], tmp_path: Path) -> None:
    import csv

    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([["h1", "h2", "h3"], *rows])
    _, raw = open_list(path)
    read = [
        [cell.as_py() for cell in row]
        for batch in raw.batches()
        for row in zip(*batch.cells.columns, strict=True)
    ]
    assert read == rows


def _workbook(rows: list[list[object] | None], folder: Path) -> bytes:
    """A workbook as small as the format allows."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(
            f"<c><v>{cell}</v></c>"
            if isinstance(cell, int)
            else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            for cell in row or []
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    path = folder / "made.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path.read_bytes()
