"""Domain health over a name server of our own: what each fault in a zone is called, and its mend."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.clients.nameserver import closed_port, serving
from typer.testing import CliRunner

from panout.cli.domain import UNFIT
from panout.cli.main import app
from panout.flow.domains import domain_health
from panout.kernel.errors import BadInput, Unavailable
from panout.mailbox.rules.health import Standing, aligned, cold_mail, dkim_key, dmarc_policy

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def published(key):
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


GOOD_KEY = published(rsa.generate_private_key(65537, 2048))
SHORT_KEY = published(rsa.generate_private_key(65537, 1024))  # noqa: S505  that is the point
EDWARDS = base64.b64encode(
    ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
).decode()


def txt(name, text):
    pieces = " ".join(f'"{text[i : i + 200]}"' for i in range(0, len(text), 200))
    return f"{name} TXT {pieces}\n"


MX = "@ MX 10 mx\nmx A 192.0.2.25\n"
SPF = txt("@", "v=spf1 ip4:192.0.2.25 -all")
DKIM = txt("panout._domainkey", f"v=DKIM1; k=rsa; p={GOOD_KEY}")
DMARC = txt("_dmarc", "v=DMARC1; p=reject; rua=mailto:dmarc@well.test")
TLS = txt("_mta-sts", "v=STSv1; id=20260101") + txt("_smtp._tls", "v=TLSRPTv1; rua=mailto:tls@well.test")
REVERSE = {"2.0.192.in-addr.arpa": "25 PTR mx.well.test.\n26 PTR nowhere.well.test.\n"}
LIST = {"list.test": "2.0.0.127 A 127.0.0.2\n9.2.0.192 A 127.0.0.2\n"}


def look(zone, domain="well.test", more=None, **asked):
    asked.setdefault("zones", ["list.test"])
    zones = {domain: zone, **REVERSE, **LIST, **(more or {})}
    with serving(zones) as (_, where):
        return domain_health(domain, NOW, resolver=where, **asked)


def finding(health, check):
    return next(one for one in health.findings if one.check == check)


def test_a_well_kept_domain_has_nothing_to_mend():
    health = look(MX + SPF + DKIM + DMARC + TLS)
    assert [(one.check, one.status) for one in health.findings if one.status is not Standing.PASS] == []
    assert (health.ok, health.grade) == (True, "A")
    assert all(one.held for one in health.providers if one.wants.startswith("SPF"))


FAULTS = [
    ("mx", "fail", SPF + DKIM + DMARC, "cannot receive replies"),
    ("mx", "fail", "@ MX 0 .\n" + SPF, "takes no mail"),
    ("mx", "fail", "@ MX 10 gone\n" + SPF, "No mail exchanger has an address"),
    ("mx", "warn", "@ A 192.0.2.25\n" + SPF, "falls back"),
    ("mx", "warn", "@ MX 10 alias\nalias CNAME mx\nmx A 192.0.2.25\n" + SPF, "alias"),
    ("spf", "fail", MX + DKIM + DMARC, "no SPF record"),
    ("spf", "fail", MX + SPF + txt("@", "v=spf1 ~all"), "2 SPF records"),
    ("spf", "fail", MX + txt("@", "v=spf1 +all"), "any machine"),
    ("spf", "fail", MX + txt("@", "v=spf1 ipv4:192.0.2.1 -all"), "broken"),
    ("spf", "fail", MX + txt("@", "v=spf1 include:nothere.well.test -all"), "broken"),
    (
        "spf",
        "fail",
        MX + txt("@", "v=spf1 a:x1.well.test a:x2.well.test a:x3.well.test -all"),
        "oid lookup limit",
    ),
    ("spf", "fail", MX + txt("@", "v=spf1 " + "a " * 11 + "-all") + "@ A 192.0.2.25\n", "more than the ten"),
    ("spf", "warn", MX + txt("@", "v=spf1 " + "a " * 9 + "-all") + "@ A 192.0.2.25\n", "9 of the ten"),
    ("spf", "warn", MX + txt("@", "v=spf1 ip4:192.0.2.25 ?all"), "takes no stand"),
    ("spf", "warn", MX + txt("@", "v=spf1 ip4:192.0.2.25"), "takes no stand"),
    ("spf", "warn", MX + txt("@", "v=spf1 mx ptr -all"), "ptr"),
    ("spf", "warn", "@ MX 1 aspmx.l.google.com.\n" + txt("@", "v=spf1 mx -all"), "does not name it"),
    ("dkim", "fail", MX + SPF + DMARC, "no DKIM key at all"),
    ("dkim", "unknown", MX + SPF + txt("weird._domainkey", f"v=DKIM1; p={GOOD_KEY}"), "cannot be listed"),
    ("dkim", "fail", MX + txt("s1._domainkey", "v=DKIM1; p="), "revoked"),
    ("dkim", "fail", MX + txt("s1._domainkey", f"v=DKIM1; p={GOOD_KEY[:100]}"), "cut short"),
    ("dkim", "warn", MX + txt("s1._domainkey", f"v=DKIM1; p={SHORT_KEY}"), "1024 bits"),
    ("dkim", "warn", MX + txt("s1._domainkey", f"v=DKIM1; k=ed25519; p={EDWARDS}"), "Only Ed25519"),
    ("dkim", "warn", MX + txt("s1._domainkey", f"v=DKIM1; t=y; p={GOOD_KEY}"), "t=y"),
    ("dmarc", "fail", MX + SPF + DKIM, "no DMARC record"),
    ("dmarc", "fail", MX + DMARC + txt("_dmarc", "v=DMARC1; p=none"), "2 DMARC records"),
    ("dmarc", "fail", MX + txt("_dmarc", "v=DMARC1; p=rejct"), "no policy"),
    ("dmarc", "fail", MX + txt("_dmarc", "v=DMARC1; rua=mailto:a@well.test"), "no policy"),
    ("dmarc", "fail", MX + txt("_dmarc", "v=dmarc1; p=none"), "in capitals"),
    ("dmarc", "warn", MX + txt("_dmarc", "v=DMARC1; p=none; rua=mailto:a@well.test"), "watches only"),
    ("dmarc", "warn", MX + txt("_dmarc", "v=DMARC1; p=reject"), "asks nobody for reports"),
    ("dmarc", "warn", MX + txt("_dmarc", "v=DMARC1; p=reject; rua=mailto:a@else.test"), "will not come"),
    ("dmarc", "warn", MX + txt("_dmarc", "v=DMARC1; p=reject; pct=20; rua=mailto:a@well.test"), "20 %"),
    ("alignment", "fail", MX + DMARC, "Neither SPF nor DKIM"),
    ("mta_sts", "warn", MX + txt("_mta-sts", "v=STSv1"), "faulty"),
    ("reverse_dns", "fail", "@ MX 1 mx\nmx A 192.0.2.27\n" + txt("@", "v=spf1 mx -all"), "no reverse DNS"),
    ("reverse_dns", "fail", "@ MX 1 mx\nmx A 192.0.2.26\n" + txt("@", "v=spf1 mx -all"), "not lead back"),
    ("blocklists", "fail", "@ MX 1 mx\nmx A 192.0.2.9\n" + txt("@", "v=spf1 mx -all"), "Listed: 192.0.2.9"),
]


@pytest.mark.parametrize(
    ("check", "status", "zone", "words"), FAULTS, ids=[f"{f[0]}: {f[3]}" for f in FAULTS]
)
def test_each_fault_is_named_with_its_mend(check, status, zone, words):
    health = look(zone)
    found = finding(health, check)
    assert found.status == status
    assert words in found.what
    assert found.mend
    assert health.ok == all(one.status is not Standing.FAIL for one in health.findings)


def test_a_missing_record_is_shown_as_a_form_asks_for_it():
    put = finding(look(MX + SPF + DKIM), "dmarc").put
    assert (put.name, put.type) == ("_dmarc.well.test", "TXT")
    assert dmarc_policy(put.value).faults == ()


def test_a_sending_address_that_spf_forbids_is_a_failure():
    found = finding(look(MX + SPF, addresses=["192.0.2.77"]), "spf")
    assert found.status is Standing.FAIL
    assert "ip4:192.0.2.77" in found.mend


def test_a_named_selector_without_a_key_fails():
    found = finding(look(MX + SPF + DKIM, selectors=["other"]), "dkim")
    assert (found.status, "other._domainkey.well.test" in found.what) == (Standing.FAIL, True)


def test_a_subdomain_lives_under_its_organisations_dmarc():
    zone = txt("_dmarc", "v=DMARC1; p=reject; sp=none; rua=mailto:a@well.test") + "@ A 192.0.2.1\n"
    below = "@ MX 1 mx\nmx A 192.0.2.25\n"
    found = finding(look(below, domain="mail.well.test", more={"well.test": zone}), "dmarc")
    assert "p=none" in found.what
    assert "well.test" in found.what


def test_a_report_address_elsewhere_that_agreed_is_fine():
    zone = MX + SPF + DKIM + txt("_dmarc", "v=DMARC1; p=reject; rua=mailto:a@else.test")
    agreed = {"else.test": txt("well.test._report._dmarc", "v=DMARC1")}
    assert finding(look(zone, more=agreed), "dmarc").status is Standing.PASS


def test_a_blocklist_that_refuses_to_answer_is_not_a_clean_record():
    refusing = {"zen.test": "25.2.0.192 A 127.255.255.254\n"}
    assert finding(look(MX + SPF, more=refusing, zones=["zen.test"]), "blocklists").status is Standing.UNKNOWN


def test_a_wildcard_does_not_pass_for_a_key():
    assert (
        finding(look(MX + SPF + txt("*", "hello") + txt("*._domainkey", "hello")), "dkim").status
        is Standing.UNKNOWN
    )


def test_a_foreign_envelope_breaks_strict_alignment_of_spf_alone():
    strict = txt("_dmarc", "v=DMARC1; p=reject; aspf=s; rua=mailto:a@well.test")
    assert finding(look(MX + SPF + strict, envelope="bounce.well.test"), "alignment").status is Standing.FAIL
    assert finding(look(MX + SPF + DMARC, envelope="bounce.well.test"), "alignment").status is Standing.PASS


def test_a_domain_that_does_not_exist_says_so():
    health = look(MX, domain="well.test", more={"test": ""}, zones=[])
    assert health.ok in (True, False)
    with serving({"test": ""}) as (_, where):
        gone = domain_health("nothere.test", NOW, resolver=where)
    assert (gone.ok, gone.findings[0].what) == (False, "The domain nothere.test does not exist")


def test_a_silent_resolver_is_an_error_and_not_a_verdict():
    with pytest.raises(Unavailable, match="does not answer"):
        domain_health("well.test", NOW, resolver=f"127.0.0.1:{closed_port()}")


@pytest.mark.parametrize(
    "text", ["", "no domain", "http://well.test/", "a@b.test", "-x.test", "x" * 300 + ".test"]
)
def test_what_is_no_domain_is_refused(text):
    with pytest.raises(BadInput):
        domain_health(text, NOW, resolver="127.0.0.1:9")


def test_an_international_domain_is_asked_for_in_ascii():
    assert look(MX, domain="xn--mller-kva.test").domain == "xn--mller-kva.test"
    with serving({"xn--mller-kva.test": MX}) as (_, where):
        assert domain_health("Müller.test", NOW, resolver=where).domain == "xn--mller-kva.test"


def test_the_command_prints_one_json_object_with_stable_keys():
    with serving({"well.test": MX + SPF + DKIM, **REVERSE, **LIST}) as (_, where):
        done = CliRunner().invoke(
            app, ["domain", "check", "well.test", "--resolver", where, "--blocklist", "list.test", "--json"]
        )
    record = json.loads(done.stdout)
    assert done.exit_code == UNFIT
    assert record["ok"] is False
    for key in (
        "domain",
        "checked_at",
        "findings",
        "spf",
        "dkim",
        "dmarc",
        "mx",
        "reverse_dns",
        "blocklists",
    ):
        assert key in record
    assert {"check", "status", "what", "mend"} <= set(record["findings"][0])
    assert record["dmarc"]["status"] == "fail"


def test_the_command_shows_the_record_to_publish():
    with serving({"well.test": MX + SPF + DKIM, **REVERSE, **LIST}) as (_, where):
        done = CliRunner().invoke(
            app, ["domain", "check", "well.test", "--resolver", where, "--blocklist", "list.test"]
        )
    assert "_dmarc.well.test" in done.stdout
    assert "not fit to send" in done.stdout


def test_relaxed_alignment_is_by_organisation_and_strict_by_name():
    assert aligned("example.co.uk", "mail.example.co.uk", "r")
    assert not aligned("example.co.uk", "other.co.uk", "r")
    assert not aligned("example.com", "mail.example.com", "s")


def test_a_key_for_something_else_than_mail_is_no_key():
    assert dkim_key("x", f"v=DKIM1; s=tlsrpt; p={GOOD_KEY}").fault
    assert dkim_key("x", f"p={GOOD_KEY}").bits == 2048


def test_cold_mail_stops_after_three_days_of_failing_and_not_before():
    assert cold_mail(None, NOW).allowed
    assert cold_mail(NOW - timedelta(hours=71), NOW).until == NOW + timedelta(hours=1)
    assert not cold_mail(NOW - timedelta(hours=72), NOW).allowed
