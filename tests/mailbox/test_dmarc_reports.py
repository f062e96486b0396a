"""Aggregate reports as receivers send them, and as attackers do."""

import contextlib
import gzip
import io
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panout.kernel.errors import BadInput
from panout.mailbox.actions.upkeep import read_dmarc
from panout.mailbox.models import DmarcReport, SendingDomain
from panout.mailbox.rules.dmarc import parse_report, reports_in

XML = """<?xml version="1.0" encoding="UTF-8"?>
<feedback{space}>
  <report_metadata><org_name>google.com</org_name><report_id>r-1</report_id>
    <date_range><begin>1795305600</begin><end>1795391999</end></date_range></report_metadata>
  <policy_published><domain>Panout.test</domain><p>none</p></policy_published>
  <record><row><source_ip>192.0.2.25</source_ip><count>40</count>
    <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row></record>
  <record><row><source_ip>203.0.113.9</source_ip><count>3</count>
    <policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row></record>
</feedback>"""
PLAIN = XML.format(space="").encode()


def zipped(text):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.xml", text)
    return packed.getvalue()


def mail(payload, name="report.xml.gz", kind="gzip"):
    message = EmailMessage()
    message["From"] = "noreply@google.com"
    message.set_content("see attachment")
    message.add_attachment(payload, maintype="application", subtype=kind, filename=name)
    return message.as_bytes()


@pytest.mark.parametrize(
    ("payload", "name", "kind"),
    [
        (gzip.compress(PLAIN, mtime=0), "a.xml.gz", "gzip"),
        (zipped(PLAIN), "a.zip", "zip"),
        (PLAIN, "a.xml", "xml"),
        (zipped(PLAIN), "a.xml.gz", "gzip"),
        (XML.format(space=' xmlns="http://dmarc.org/dmarc-xml/0.1"').encode(), "a.xml", "xml"),
    ],
)
def test_a_report_is_read_however_it_is_packed(payload, name, kind):
    (report,) = reports_in(mail(payload, name, kind))
    assert (report.domain, report.reporter, report.passed, report.failed) == (
        "panout.test",
        "google.com",
        40,
        3,
    )
    assert report.sources[1].address == "203.0.113.9"


BOMB = b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'">]><feedback>&b;</feedback>'


@pytest.mark.parametrize(
    "payload",
    [
        b"not a report",
        BOMB,
        b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><feedback>&f;</feedback>',
        PLAIN.replace(b"<count>40", b"<count>many"),
        PLAIN.replace(b"1795305600", b"9" * 30),
        b"<feedback/>",
        gzip.compress(b"x" * 30_000_000, mtime=0),
        gzip.compress(PLAIN, mtime=0)[:60],
        zipped(PLAIN)[:-40],
    ],
)
def test_what_is_no_honest_report_is_refused(payload):
    with pytest.raises(BadInput):
        reports_in(mail(payload, "report.xml"))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_report_or_refused(payload):
    with contextlib.suppress(BadInput):
        parse_report(payload)


def test_a_mail_without_a_report_has_none():
    message = EmailMessage()
    message.set_content("hello")
    assert reports_in(message.as_bytes()) == ()


@pytest.mark.django_db
def test_a_report_is_filed_once_and_only_for_a_domain_of_ours():
    assert read_dmarc(mail(gzip.compress(PLAIN, mtime=0))) == 0
    SendingDomain.objects.create(name="panout.test")
    assert read_dmarc(mail(gzip.compress(PLAIN, mtime=0))) == 1
    assert read_dmarc(mail(gzip.compress(PLAIN, mtime=0))) == 0
    assert DmarcReport.objects.get().failed == 3
