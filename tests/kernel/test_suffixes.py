"""Public suffixes: the whole list that ships, and the rules that bend it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import tldextract

from panout.kernel.domain import parse_domain
from panout.kernel.suffixes import suffix_length

_LIBRARY = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@pytest.mark.parametrize(
    ("host", "registered"),
    [
        ("www.acme.com", "acme.com"),
        ("shop.acme.co.uk", "acme.co.uk"),
        ("a.github.io", "a.github.io"),
        ("mail.b.github.io", "b.github.io"),
        ("x.foo.ck", "x.foo.ck"),
        ("deep.www.ck", "www.ck"),
        ("a.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.b.other.kawasaki.jp", "b.other.kawasaki.jp"),
        ("фирма.рф", "xn--80apmps.xn--p1ai"),
        ("acme.test", "acme.test"),
        ("deep.acme.nosuchsuffix", "acme.nosuchsuffix"),
    ],
)
def test_what_somebody_registered(host: str, registered: str) -> None:
    found = parse_domain(host)
    assert found is not None
    assert found.name == registered


@pytest.mark.parametrize("host", ["co.uk", "github.io", "foo.ck", "com", "127.0.0.1", "xn--a.com.xn--", ""])
def test_a_suffix_alone_is_nobodys_domain(host: str) -> None:
    assert parse_domain(host) is None


def test_every_rule_that_ships_is_read_as_the_library_reads_it() -> None:
    rules = [rule for rule in _LIBRARY.tlds if "*" not in rule and rule.isascii()]
    assert len(rules) > 9_000
    # Below a wildcard the library stops at names that other rules go through; publicsuffix.org does not.
    bent = {rule.removeprefix("*.") for rule in _LIBRARY.tlds if rule.startswith("*.")}
    for rule in rules:
        host = f"www.acme.{rule.removeprefix('!')}"
        suffix = _LIBRARY.extract_str(host).suffix
        if rule not in bent:
            assert suffix_length(host.split(".")) == len(suffix.split(".")), host


def test_no_command_waits_for_what_it_does_not_need() -> None:
    code = "import sys, panout.cli.resolve; print([n for n in sys.argv[1:] if n in sys.modules])"
    heavy = [
        "requests",
        "tldextract",
        "nameparser",
        "ruamel.yaml",
        "charset_normalizer",
        "splink",
        "pandas",
        "django",
    ]
    told = subprocess.run(
        [sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True, timeout=120
    )
    assert told.stdout.strip() == "[]"
