"""Templates that users write: previewed as they are sent, and never sent with a hole."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panout.kernel.errors import BadInput
from panout.outreach.rules.render import Unresolved, check, render, write

ADA = {"first_name": "Ada", "title": "", "company": {"name": "Gearworks"}, "signals": ["hiring", "funding"]}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hi {{ first_name }}", "Hi Ada"),
        ("Hi {{ nick | default: 'there' }}", "Hi there"),
        ("{{ title | default: 'colleague' }}", "colleague"),
        ("{% if title %}As {{ title }}{% else %}Hello{% endif %}", "Hello"),
        ("{% if signal.text %}{{ signal.text }}{% else %}no reason{% endif %}", "no reason"),
        ("{{ company.name | upcase }}", "GEARWORKS"),
        ("{% for s in signals %}{{ s }} {% endfor %}", "hiring funding "),
        ("{% assign x = first_name %}{{ x }}", "Ada"),
    ],
)
def test_fallbacks_and_conditions_work_as_a_writer_expects(source, text):
    assert render(source, ADA, "t") == text


@pytest.mark.parametrize(
    ("source", "variable", "place"),
    [
        ("Hi {{ nick }}", "nick", "line 1, column 7"),
        ("Hi\n\n  {{ title }}", "title", "line 3, column 6"),
        ("{{ company.city }}", "company.city", "line 1"),
        ("{{ nick | upcase }}", "nick", "line 1"),
    ],
)
def test_a_hole_is_an_error_that_names_the_variable_and_its_place(source, variable, place):
    with pytest.raises(Unresolved) as caught:
        render(source, ADA, "t")
    assert caught.value.variable == variable
    assert place in caught.value.where


HOSTILE = [
    "{% for i in (1..1000000000) %}x{% endfor %}",
    "{% for a in (1..999) %}{% for b in (1..999) %}x{% endfor %}{% endfor %}",
    "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 40 + "{{ x }}",
    "{% include 'secrets' %}",
    "{% render 'secrets' %}",
    "{{ first_name.__class__.__mro__ }}",
    "{{ company.__init__.__globals__ }}",
    "{% if " * 500,
    "{" * 10_000,
    "{% if a %}" * 200 + "{% endif %}" * 200,
    "x" * 20_001,
    "{{ a",
    "{% unknown %}",
    "{{ first_name | no_such_filter }}",
    "{{ 'aaaaaaaaaa'" + " | replace: 'a', 'aaaaaaaaaa'" * 9 + " | size }}",
    "{% assign y = '" + "b" * 9000 + "' %}{{ '" + "a" * 9000 + "' | replace: 'a', y | size }}",
    "{{ '" + "a," * 4000 + "' | split: ',' | join: '" + "b" * 9000 + "' | size }}",
    "{% assign x = 'a,b' | split: ',' %}" + "{% assign x = x | concat: x %}" * 40 + "{{ x | size }}",
    "{{ 9" + " | times: 99999999999" * 300 + " }}",
    "{% capture x %}aaaaaaaaaa{% endcapture %}"
    + "{% capture x %}{{ x }}{{ x }}{% endcapture %}" * 30
    + "{{ x }}",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_templates_are_refused_soon_and_in_plain_words(source):
    began = time.monotonic()
    with pytest.raises(BadInput) as caught:
        render(source, ADA, "My template")
    # Not a speed test: a bound so wide that only work without end passes it.
    assert time.monotonic() - began < 20
    assert str(caught.value).startswith("My template")


@given(st.text(alphabet="{}%|.'ab 1-=\n", max_size=80))
def test_any_text_is_rendered_or_refused_and_nothing_else(source):
    with suppress(BadInput):
        render(source, ADA, "t")


def test_a_subject_is_one_line_whatever_the_values_hold():
    written = write("Re {{ x }}", "Body", {"x": "a\r\nBcc: eve@example.com"}, "t")
    assert written.subject == "Re a Bcc: eve@example.com"
    for split in ("\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"):
        written = write("For {{ x }}", "Body", {"x": f"Ada{split}Bcc: eve@example.com"}, "t")
        assert len(written.subject.splitlines()) == 1, repr(split)


def test_the_variables_of_a_template_are_known_before_it_is_used():
    assert check("{{ a }} {% if b.c %}{{ d | default: 'x' }}{% endif %}", "t") == {"a", "b.c", "d"}
