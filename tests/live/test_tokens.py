"""Signing in by OAuth 2 (XOAUTH2) at Postfix and Dovecot, which ask a token server whose token it is."""

from datetime import timedelta

import pytest

from panout.clients.oauth import PROVIDERS, Provider
from panout.flow import clock, sending
from panout.flow.answers import look_for_answers
from panout.flow.sending import try_stored_account
from panout.kernel.errors import Refused, Unavailable
from panout.kernel.stages import Stage
from panout.mailbox import queries
from panout.mailbox.models import MailAccount
from panout.outreach.models import Message
from panout.replies.models import Reading
from tests.live.servers import mail_server
from tests.live.test_conversation import come_in, empty, write
from tests.live.test_real_servers import carry, delivered, wish
from tests.live.tokens import authority
from tests.mailbox.world import make_account, make_messages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("mail-servers")]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    with (
        authority() as (held, address),
        mail_server(tmp_path_factory.mktemp("tokens"), f"{address}/introspect") as server,
    ):
        yield server, held, address


@pytest.fixture
def tokens(both, monkeypatch):
    """The authority, as it is before anybody asked it, under the name of a provider."""
    server, held, address = both
    held.given.clear()
    held.asked.clear()
    held.grants, held.lasts, held.closed = {"olga's word": "olga@panout.test"}, 3600, False
    ours = Provider("google", "Our authority", f"{address}/authorise", f"{address}/token", ("mail",))
    monkeypatch.setattr(sending, "PROVIDERS", {**PROVIDERS, "google": ours})
    empty(server)
    return held


@pytest.fixture
def account(owner, both, tokens):
    by_token = wish(
        both[0], password=None, oauth="google", oauth_client_id="our-client", oauth_client_secret="hush",
        refresh_token="olga's word",
    )  # fmt: skip
    return make_account(owner, clock.now(), wish=by_token)


def test_an_account_without_a_password_signs_in_to_both_servers_sends_and_reads(account, both, tokens):
    report = try_stored_account(account.pk, clock.now())
    assert report.ok, report
    make_messages(account, clock.now(), ["ben@buyers.test"], subject="By token")
    assert carry(account).sent == 1
    assert len(delivered(both[0], "By token")) == 1
    # One token was asked for, and both servers asked whose it is.
    assert tokens.asked.count("/token") == 1
    assert tokens.asked.count("/introspect") >= 2
    write(both[0], "Thanks, tell me more.", in_reply_to=f"<{Message.objects.get().message_id}>")
    come_in_by_password(both[0])
    look_for_answers(clock.now())
    assert Reading.objects.get().from_email == "ben@buyers.test"


def come_in_by_password(server):
    come_in(server, 1)


def test_a_token_is_renewed_before_it_ends_and_kept_until_then(account, tokens):
    now = clock.now()
    tokens.lasts = 3600
    for _ in range(3):
        sending.ready_servers(account.pk, now)
    assert tokens.asked.count("/token") == 1
    first = queries.servers(account.pk).smtp.secret
    sending.ready_servers(account.pk, now + timedelta(minutes=56))
    assert tokens.asked.count("/token") == 2
    assert queries.servers(account.pk).smtp.secret != first
    assert first.encode() not in bytes(MailAccount.objects.get().secrets)


def test_a_right_that_was_taken_back_is_told_as_such_and_nothing_is_sent(account, tokens):
    tokens.grants.clear()
    with pytest.raises(Refused, match="took the right back"):
        try_stored_account(account.pk, clock.now())
    card = queries.account(account.pk, clock.now())
    assert (card.trouble_stage, card.trouble_mend) == (Stage.AUTH, "Connect the account again.")
    make_messages(account, clock.now(), ["ben@buyers.test"])
    assert carry(account).sent == 0
    assert Message.objects.get().status == "queued"


def test_an_authority_that_is_down_is_asked_again_later(account, tokens):
    tokens.closed = True
    with pytest.raises(Unavailable):
        try_stored_account(account.pk, clock.now())
    assert "signing in" in queries.account(account.pk, clock.now()).trouble_stage
    tokens.closed = False
    assert try_stored_account(account.pk, clock.now()).ok


def test_a_token_that_the_server_refuses_is_a_refused_sign_in_at_both(account, tokens):
    now = clock.now()
    sending.ready_servers(account.pk, now)
    tokens.given.clear()
    report = try_stored_account(account.pk, now)
    assert (report.outgoing.failure.stage, report.incoming.failure.stage) == (Stage.AUTH, Stage.AUTH)
    assert "refuses the sign-in" in report.outgoing.failure.what


def test_somebody_elses_token_opens_nobodys_mailbox(account, tokens):
    tokens.grants["olga's word"] = "ben@buyers.test"
    now = clock.now()
    assert not try_stored_account(account.pk, now).ok
