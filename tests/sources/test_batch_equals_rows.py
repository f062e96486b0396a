"""The batch reader and the row-at-a-time rules say the same, cell by cell, also for cells nobody would
type."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from panout.kernel.email import parse_email
from panout.kernel.fields import FIELDS
from panout.sources.files.lists import ListReader, read_lists
from panout.sources.files.normal import plan_of
from panout.sources.rules.phones import phone
from panout.sources.rules.records import record_of

HEADERS = [
    "Full Name",
    "First Name",
    "Last Name",
    "Title",
    "Seniority",
    "Departments",
    "Company",
    "Email",
    "Secondary Email",
    "Phone",
    "Mobile Phone",
    "Company Phone",
    "# Employees",
    "Annual Revenue",
    "Founded Year",
    "Industry",
    "Technologies",
    "Person Linkedin Url",
    "Website",
    "Company Linkedin Url",
    "City",
    "State",
    "Country",
    "Company Location",
    "Company State",
    "Company Country",
    "Language",
    "Date of Birth",
    "Do Not Call",
    "Is Hiring",
    "Icebreaker",
]
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", "n/a", "Jane Doe", "DOE, JANE", "jane@acme.com", "Jane.Doe+x@Mail.Acme.co.uk", "info@acme.de", "x@gmail.com",
         "a@b", "A <a@b.com>", "CEO", "VP of Sales", "Geschäftsführer (m/w/d)", "Acme GmbH & Co. KG", "11-50", "1,000+", "10k", "$5M",
         "€1,5 Mrd.", "UK", "Deutschland", "CA", "San Francisco, CA, USA", "London, UK", "Remote", "(415) 555-2671", "030 1234567",
         "+44 20 7946 0958", "12/31/2020", "3.4.2021", "2020-02-30", "yes", "nein", "a;b;a", '["x", "y"]', "http://www.acme.com/x",
         "acme.co.uk", "https://www.linkedin.com/in/Jane-Doe/", "http://linkedin.com/company/acme", "MÃ¼ller", "a\\b\"c", "müller.de", "x\ny",
         "a\x1fb", "\ufeffx", "１２", "İ", "noreply@x.test"]
    ),
)  # fmt: skip
ROWS = st.lists(st.lists(CELLS, min_size=len(HEADERS), max_size=len(HEADERS)), min_size=1, max_size=4)


def _read(path: Path, **options: str) -> tuple[ListReader, list[dict[str, object]]]:
    reader = read_lists([path], work_dir=path.parent / "work", **options)  # type: ignore[arg-type]
    return reader, [row for batch in reader for row in batch.to_pylist()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_a_list_read_at_once_equals_its_rows_read_one_by_one(rows: list[list[str]], tmp_path: Path) -> None:
    text = "".join(json.dumps(dict(zip(HEADERS, row, strict=True))) + "\n" for row in rows)
    path = tmp_path / "list.jsonl"
    path.write_text(text, "utf-8")
    reader, found = _read(path, default_country="US")
    guesses = reader.report.files[0].columns
    orders = _orders(reader, rows)
    plan = plan_of(str(path), guesses, orders, "US")
    by_row = {row["row"]: row for row in found}
    unread = 0
    for number, row in enumerate(rows):
        cells = dict(zip(HEADERS, (cell.encode("utf-8", "replace").decode() for cell in row), strict=True))
        record = record_of(
            {field: [cells[h] for h in headers] for field, headers in plan.columns.items()}, plan.for_row()
        )
        assert record.usable == (number in by_row)
        if not record.usable:
            continue
        batch = by_row[number]
        for field in FIELDS:
            value = record.values[field]
            assert batch[field] == (list(value) if isinstance(value, tuple) else value), field
        assert (batch["kind"], batch["name_key"]) == (record.kind, record.name_key)
        assert (batch["email_domain"], batch["email_free"]) == (record.email_domain, record.email_free)
        custom = json.loads(str(batch["custom"])) if batch["custom"] else {}
        assert set(custom) <= {"Icebreaker"}
        unread += len(record.unread)
    assert reader.report.warnings == unread


def _orders(reader: ListReader, rows: list[list[str]]) -> dict[str, object]:
    from panout.sources.rules.dates import date_order

    return {h: date_order([r[HEADERS.index(h)] for r in rows], "US") for h in ["Date of Birth"]}  # type: ignore[return-value]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(
        [
            "US",
            "CA",
            "GB",
            "DE",
            "FR",
            "IT",
            "ES",
            "NL",
            "CH",
            "AT",
            "BR",
            "MX",
            "IN",
            "AU",
            "RU",
            "AR",
            "SE",
            "JM",
            None,
        ]
    ),
    st.sampled_from(
        [
            "",
            "+",
            "00",
            "0",
            "1",
            "+1",
            "+44",
            "+44 0",
            "+49",
            "+49 0",
            "+39",
            "+7",
            "+33",
            "+55",
            "+52 1",
            "+54 9",
            "+61",
        ]
    ),
    st.text("0123456789", min_size=4, max_size=13),
)
@example("US", "", "5554012678")
@example("DE", "0", "3012345678")
@example("IL", "", "018632515267")
@example("GB", "", "02079460566")
@example("ES", "", "911544967")
def test_the_short_way_for_phones_gives_what_the_library_gives(
    land: str | None, start: str, digits: str
) -> None:
    text = start + digits
    found = phone(text, land)
    try:
        number = phonenumbers.parse(f"+{text[2:]}" if text.startswith("00") else text, land)
    except phonenumbers.NumberParseException:
        assert found is None or (land is None and len(text) >= 11)
        return
    possible = (
        phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    )
    if possible and len(set(str(number.national_number))) > 1:
        assert found == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    else:
        assert found is None


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"\A[a-zA-Z0-9._+-]{1,20}@[a-zA-Z0-9.-]{1,30}\.[a-z]{1,6}\Z"))
def test_the_short_way_for_addresses_accepts_nothing_the_library_refuses(text: str) -> None:
    email_validator = pytest.importorskip("email_validator")
    try:
        email_validator.validate_email(text.lower(), check_deliverability=False, test_environment=True)
        fine = True
    except email_validator.EmailNotValidError:
        fine = False
    if parse_email(text) is not None:
        assert fine


def test_a_csv_and_its_json_twin_give_the_same_rows(tmp_path: Path) -> None:
    rows = [["Jane Doe", "jane@acme.com"], ["Roe, Richard", ""], ["", "info@acme.com"]]
    out = io.StringIO()
    csv.writer(out).writerows([["Name", "Email"], *rows])
    (tmp_path / "a.csv").write_text(out.getvalue(), "utf-8")
    lines = [json.dumps(dict(zip(["Name", "Email"], row, strict=True))) for row in rows]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    (one, two) = (_read(tmp_path / name)[1] for name in ("a.csv", "a.jsonl"))
    for row in (*one, *two):
        row["file"] = ""
    assert one == two
