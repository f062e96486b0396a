"""Who forgot a password chooses a new one by a link that an admin, or the machine itself, hands over."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client

from panout.flow import clock
from panout.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from panout.team import actions, queries
from panout.team.models import LedgerEntry, PasswordLink
from panout.team.queries import LedgerFilter
from panout.team.rules import SYSTEM, Role, Sees
from panout.team.tokens import bearer_of, token_for
from tests.cast import PASSWORD, signed_in
from tests.web.seen import text_of

pytestmark = pytest.mark.django_db
NEW = "sift for silver 1850"


def enters(email: str, password: str) -> bool:
    client = Client()
    client.post("/account/login/", {"login": email, "password": password})
    return client.get("/me").status_code == 200


def test_a_link_lets_its_person_choose_a_password_once(owner, teammate):
    shown = signed_in(owner).post(f"/team/people/{teammate.id}/password")
    link = re.search(r'value="http://[^/]+(/password/[^"]+)"', shown.content.decode())
    assert link, shown.content
    old, token = signed_in(teammate), token_for(teammate.id)
    assert old.get("/me").status_code == 200
    stranger = Client()
    assert "theo@panout.test" in text_of(stranger.get(link.group(1)))
    weak = stranger.post(f"{link.group(1)}/keep", {"password": "short"})
    assert weak.status_code == 400
    assert enters("theo@panout.test", PASSWORD)
    kept = stranger.post(f"{link.group(1)}/keep", {"password": NEW}, follow=True)
    assert "Your new password is set" in kept.content.decode()
    assert "API tokens work no more" in kept.content.decode()
    assert bearer_of(token) is None
    assert bearer_of(token_for(teammate.id)) == teammate
    assert enters("theo@panout.test", NEW)
    assert not enters("theo@panout.test", PASSWORD)
    assert old.get("/me").status_code == 302  # signed out everywhere
    assert stranger.get(link.group(1)).status_code == 404
    told = [line.verb for line in queries.ledger(LedgerFilter(subject_id=teammate.id, kind="user")).lines]
    assert told[:3] == ["revoke sessions and tokens", "choose password", "make password link"]


def test_who_changes_a_password_stays_signed_in_here_and_nowhere_else(teammate):
    here, elsewhere, token = signed_in(teammate), signed_in(teammate), token_for(teammate.id)
    wish = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    wrong = here.post("/account/password/change/", {**wish, "oldpassword": "not this one"})
    assert wrong.status_code == 200
    assert bearer_of(token) == teammate
    done = here.post("/account/password/change/", wish, follow=True)
    assert "Your password is changed" in done.content.decode()
    assert "API tokens work no more" in done.content.decode()
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 302
    assert bearer_of(token) is None
    assert enters("theo@panout.test", NEW)
    told = [line.verb for line in queries.ledger(LedgerFilter(subject_id=teammate.id, kind="user")).lines]
    assert told[:2] == ["revoke sessions and tokens", "change password"]


def test_a_sign_in_that_was_closed_and_opened_again_revives_no_session_and_no_token(owner, teammate, noon):
    old, token = signed_in(teammate), token_for(teammate.id)
    assert old.get("/me").status_code == 200
    closed = signed_in(owner).post(f"/team/people/{teammate.id}/close", follow=True)
    assert "Their sessions and API tokens are revoked" in closed.content.decode()
    assert bearer_of(token) is None
    actions.reactivate(owner, teammate.id, "test", noon)
    assert bearer_of(token) is None
    assert old.get("/me").status_code == 302
    line = queries.ledger(LedgerFilter(verb="revoke sessions and tokens")).lines[0]
    assert (line.subject_id, line.reason) == (teammate.id, "The sign-in was closed.")
    assert bearer_of(token_for(teammate.id)) == teammate


def test_a_token_from_before_tokens_were_numbered_is_worth_nothing(teammate):
    assert bearer_of(signing.dumps({"user": teammate.id}, salt="panout.api")) is None


def test_a_newer_link_ends_the_older_and_a_day_ends_both(owner, teammate, noon):
    first = actions.make_password_link(owner, teammate.id, "test", noon)
    second = actions.make_password_link(owner, teammate.id, "test", noon)
    with pytest.raises(NotFound):
        actions.choose_password(first, NEW, noon)
    with pytest.raises(NotFound):
        actions.choose_password(second, NEW, noon + timedelta(hours=24))
    with pytest.raises(BadInput):
        actions.choose_password(second, "1234567890", noon)
    assert actions.choose_password(second, NEW, noon) == "theo@panout.test"


def test_only_who_manages_people_makes_a_link_and_nobody_below_for_a_founder(owner, teammate, noon):
    with pytest.raises(NotAllowed):
        actions.make_password_link(teammate, owner.id, "test", noon)
    actions.set_role(owner, teammate.id, Role.MANAGER, Sees.ALL, "test", noon)
    manager = queries.member(teammate.id).person
    with pytest.raises(BadInput, match="founder"):
        actions.make_password_link(manager, owner.id, "test", noon)
    secret = actions.make_password_link(SYSTEM, owner.id, "command line", noon)
    assert queries.link_for(secret, noon).email == "olga@panout.test"
    line = LedgerEntry.objects.order_by("-id")[0]
    assert (line.actor_name, line.verb, line.origin) == ("Panout", "make password link", "command line")


def test_a_closed_sign_in_is_not_opened_by_a_link(owner, teammate):
    moment = clock.now()
    secret = actions.make_password_link(owner, teammate.id, "test", moment)
    actions.deactivate(owner, teammate.id, "test", moment)
    assert Client().get(f"/password/{secret}").status_code == 404
    with pytest.raises(Conflict):
        actions.make_password_link(owner, teammate.id, "test", moment)


def test_the_secret_itself_is_kept_nowhere(owner, teammate, noon):
    secret = actions.make_password_link(owner, teammate.id, "test", noon)
    kept = PasswordLink.objects.get()
    assert secret not in str(kept.__dict__)
