"""Mail accounts and sending domains: connect, try, mend, see what holds them; and the way out of our mail."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panout.flow import sending
from panout.flow.clock import now
from panout.kernel.errors import BadInput, PanoutError, Refused, Unavailable
from panout.mailbox import queries as ask
from panout.mailbox.actions import accounts as act
from panout.mailbox.actions.accounts import Wish
from panout.mailbox.actions.clicks import record_click
from panout.mailbox.actions.upkeep import follow_domains, record_unsubscribe
from panout.mailbox.queries import AccountCard, DomainCard, Doubtful, Wiring
from panout.mailbox.rules.clicks import Visit
from panout.mailbox.rules.limits import Limits
from panout.mailbox.rules.tables import Preset, presets
from panout.outreach import actions as outreach
from panout.outreach import outbox
from panout.team.rules import Person, Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import needed, text, whole

# Headers by which programs say that they fetch ahead of anybody.
_TELLING = ("Sec-Purpose", "Purpose", "X-Moz")
_SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True)
class MailboxesPage:
    accounts: tuple[AccountCard, ...]
    doubtful: tuple[Doubtful, ...]
    may_connect: bool


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form of a new account, or of one that is to be mended."""

    account_id: int | None
    wiring: Wiring
    presets: tuple[Preset, ...]
    preset: Preset
    name: str = ""
    email: str = ""
    company: str = ""
    postal_address: str = ""
    error: PanoutError | None = None
    security: tuple[str, ...] = _SECURITY


@dataclass(frozen=True, slots=True)
class MailboxPage:
    card: AccountCard
    form: FormPage
    doubtful: tuple[Doubtful, ...]
    may_connect: bool
    limits: Limits


@dataclass(frozen=True, slots=True)
class DomainsPage:
    domains: tuple[DomainCard, ...]
    unasked: tuple[str, ...]  # of accounts, and DNS was not asked yet
    may_check: bool


@dataclass(frozen=True, slots=True)
class WayOutPage:
    address: str
    token: str
    done: bool


@require_safe
def mailboxes(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = MailboxesPage(ask.accounts(now()), ask.doubtful(), may(person, Verb.CONNECT_MAIL))
    return render(request, "mailboxes/list.html", {"page": page})


@require_safe
def mailbox(request: HttpRequest, account_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    card = ask.account(account_id, now())
    mine = tuple(one for one in ask.doubtful() if one.sender == card.address)
    held = ask.wiring(account_id)
    page = MailboxPage(
        card, _form(account_id, held), mine, may(person, Verb.CONNECT_MAIL), ask.limits_of(account_id)
    )
    return render(request, "mailboxes/one.html", {"page": page})


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """The form; a preset fills in the provider's servers."""
    person = asker_who_may(request, Verb.CONNECT_MAIL)
    chosen = _preset(text(request.GET, "preset", 20) or "own")
    wired = Wiring(
        chosen.key, chosen.smtp_host, chosen.smtp_port, chosen.smtp_security, chosen.imap_host,
        chosen.imap_port, "tls", "", "", "", "", chosen.sent_folder, chosen.keeps_sent, "",
        plus_address=False, count_clicks=False,
    )  # fmt: skip
    page = FormPage(None, wired, presets(), chosen, name=person.name)
    return render(request, "mailboxes/new.html", {"page": page})


@require_POST
def connect(request: HttpRequest) -> HttpResponse:
    """Keep the account, then sign in to its servers: what came of it stands on its page."""
    person = asker_who_may(request, Verb.CONNECT_MAIL)
    given, at = request.POST, now()
    wish = _wish(given)
    email = text(given, "email", 320).lower()
    if "@" not in email:
        raise BadInput("An account needs its email address.", where="email")
    if not wish.smtp_host:
        raise BadInput("An account needs an outgoing server.", where="server", mend="As smtp.example.com.")
    sender = outreach.save_sender(
        person, name=text(given, "name"), email=email, company=text(given, "company"),
        postal_address=text(given, "postal_address", 500), now=at,
    )  # fmt: skip
    known = ask.account_of(sender)
    if known is None:
        known = act.connect_account(person, sender, wish, at)
    else:
        act.change_account(person, known, wish, at)
    follow_domains()
    _try(request, known)
    return HttpResponseRedirect(f"/mailboxes/{known}", status=303)


@require_POST
def change(request: HttpRequest, account_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.CONNECT_MAIL)
    act.change_account(person, account_id, _wish(request.POST), now())
    _try(request, account_id)
    return HttpResponseRedirect(f"/mailboxes/{account_id}", status=303)


@require_POST
def attend(request: HttpRequest, account_id: int) -> HttpResponse:
    """Try, pause, resume, disconnect, or set the pace."""
    person = asker_who_may(request, Verb.CONNECT_MAIL)
    match text(request.POST, "do", 20):
        case "try":
            _try(request, account_id)
        case "pause":
            act.pause(person, account_id, text(request.POST, "reason", 300) or "Paused by hand", now())
            undo.say(request, "Cold mail of this account rests. Answers still leave.")
        case "resume":
            act.resume(person, account_id, now())
            undo.say(request, "It sends again.")
        case "limits":
            _set_limits(person, account_id, request.POST)
            undo.say(request, "The pace is set.")
        case "disconnect":
            act.disconnect_account(person, account_id, now())
            undo.say(request, "Disconnected; its secrets are wiped.")
            return HttpResponseRedirect("/mailboxes", status=303)
        case other:
            raise BadInput(f"There is no verb '{other[:20]}' here.")
    return HttpResponseRedirect(f"/mailboxes/{account_id}", status=303)


@require_POST
def settle(request: HttpRequest, message_id: int) -> HttpResponse:
    """A person's word on a message that may or may not have left."""
    person = asker_who_may(request, Verb.CONNECT_MAIL)
    was_sent = text(request.POST, "was", 10) == "sent"
    outbox.settle(message_id, was_sent=was_sent, by=person, how="a person looked", now=now())
    undo.say(request, "It counts as sent." if was_sent else "It is queued again, once.")
    return undo.back(request, "/mailboxes")


@require_safe
def domains(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = DomainsPage(ask.domains(now()), ask.unasked_domains(), may(person, Verb.CONNECT_MAIL))
    return render(request, "mailboxes/domains.html", {"page": page})


@require_POST
def check_domains(request: HttpRequest) -> HttpResponse:
    asker_who_may(request, Verb.CONNECT_MAIL)
    sending.daily(now())
    undo.say(request, "DNS was asked anew.")
    return HttpResponseRedirect("/domains", status=303)


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def way_out(request: HttpRequest, token: str) -> HttpResponse:
    """The way out of our mail. Scanners follow links, so only a POST counts (RFC 8058): from the button here,
    or from a mail program's own button, which sends `List-Unsubscribe=One-Click` and no cookie."""
    if request.method == "POST":
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        record_unsubscribe(token, "one-click" if one_click else "page", now())
        page = WayOutPage(ask.unsubscribe_card(token), token, done=True)
    else:
        page = WayOutPage(ask.unsubscribe_card(token), token, done=False)
    return render(request, "ways_out/page.html", {"page": page})


@login_not_required
@require_safe
def counted_link(request: HttpRequest, token: str) -> HttpResponse:
    """A link of ours that counts who follows it. It leads where the mail's own text says, nowhere else."""
    told = frozenset(
        (name.lower(), value[:200]) for name, value in request.headers.items() if name in _TELLING
    )
    visit = Visit(request.method or "", request.headers.get("User-Agent", ""), told)
    answer = HttpResponseRedirect(record_click(token, visit, now()))
    answer["Referrer-Policy"], answer["X-Robots-Tag"] = "no-referrer", "noindex"
    return answer


def _form(account_id: int, held: Wiring) -> FormPage:
    return FormPage(account_id, held, presets(), _preset(held.preset))


def _preset(key: str) -> Preset:
    found = next((one for one in presets() if one.key == key), None)
    if found is None:
        raise BadInput(f"No preset is called '{key}'.", where="preset")
    return found


def _wish(given: QueryDict) -> Wish:
    """The form; an empty secret keeps the old one."""
    security, imap_security = text(given, "smtp_security", 10), text(given, "imap_security", 10)
    for one in (security, imap_security):
        if one not in _SECURITY:
            raise BadInput("How is the line secured?", where="security", mend="Choose STARTTLS or TLS.")
    by_token = text(given, "way", 10) == "oauth"
    return Wish(
        preset=text(given, "preset", 20) or "own",
        smtp_host=text(given, "smtp_host", 255), smtp_port=whole(given, "smtp_port") or 587,
        smtp_security=security, imap_host=text(given, "imap_host", 255),
        imap_port=whole(given, "imap_port") or 993, imap_security=imap_security,
        username=text(given, "username", 320), password=text(given, "password", 500) or None,
        oauth=_preset(text(given, "preset", 20) or "own").oauth if by_token else "",
        oauth_client_id=text(given, "oauth_client_id", 300),
        oauth_client_secret=text(given, "oauth_client_secret", 500) or None,
        refresh_token=text(given, "refresh_token", 3000) or None,
        authority=text(given, "authority", 500), sent_folder=text(given, "sent_folder", 200),
        keeps_sent=given.get("keeps_sent") == "yes", dkim_selector=text(given, "dkim_selector", 60),
        dkim_key=given.get("dkim_key", "").strip()[:10_000] or None,
        plus_address=given.get("plus_address") == "yes", count_clicks=given.get("count_clicks") == "yes",
    )  # fmt: skip


def _try(request: HttpRequest, account_id: int) -> None:
    try:
        report = sending.try_stored_account(account_id, now())
    except (Refused, Unavailable) as no_token:
        undo.say(request, f"It does not work yet: {no_token.what}", "warn")
        return
    if report.first_failure is None:
        undo.say(request, "Signed in to its servers. It works.")
    else:
        undo.say(request, f"It does not work yet, {report.first_failure.stage.value}.", "warn")


def _set_limits(person: Person, account_id: int, given: QueryDict) -> None:
    least, most = needed(given, "gap_least"), needed(given, "gap_most")
    act.set_limits(
        person, account_id,
        Limits(needed(given, "start"), needed(given, "step"), needed(given, "ceiling"),
               needed(given, "per_hour"), needed(given, "per_domain"), (float(least), float(most))),
        now(),
    )  # fmt: skip
