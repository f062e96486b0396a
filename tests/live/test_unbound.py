"""Domain health through a real resolver: Debian's unbound with zones of our own."""

import subprocess

import pytest
from typer.testing import CliRunner

from panout.cli.main import app
from panout.clients.dns import Outcome, Resolver
from panout.flow import clock
from panout.flow.domains import domain_health
from panout.mailbox.rules.dkim import Signer, new_key
from panout.mailbox.rules.health import Standing
from tests.live.servers import UNBOUND, free_port, listens, until

pytestmark = pytest.mark.xdist_group("mail-servers")


def pieces(text):
    return " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))


@pytest.fixture(scope="module")
def resolver(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbound")
    port = free_port()
    key = Signer("well.test", "s1", new_key()).record()
    data = [
        "well.test. MX 10 mx.well.test.",
        "mx.well.test. A 192.0.2.25",
        'well.test. TXT "v=spf1 ip4:192.0.2.25 -all"',
        f"s1._domainkey.well.test. TXT {pieces(key)}",
        '_dmarc.well.test. TXT "v=DMARC1; p=reject; rua=mailto:d@well.test"',
        "25.2.0.192.in-addr.arpa. PTR mx.well.test.",
        "bare.test. A 192.0.2.1",
        "panout.test. A 192.0.2.9",
    ]
    zones = ["well.test.", "bare.test.", "panout.test.", "test.", "2.0.192.in-addr.arpa."]
    lines = "".join(f'  local-zone: "{zone}" static\n' for zone in zones)
    lines += "".join(f"  local-data: '{record}'\n" for record in data)
    conf = folder / "unbound.conf"
    conf.write_text(
        f'server:\n  interface: 127.0.0.1\n  port: {port}\n  do-daemonize: no\n  chroot: ""\n  username: ""\n'
        f"  pidfile: {folder}/pid\n  directory: {folder}\n  use-syslog: no\n  logfile: {folder}/log\n"
        f"  do-not-query-localhost: no\n{lines}"
        "remote-control:\n  control-enable: no\n"
        # Nothing is ever asked outside: what is not ours goes to a port on which nobody listens.
        f'forward-zone:\n  name: "."\n  forward-addr: 127.0.0.1@{free_port()}\n'
    )
    server = subprocess.Popen([UNBOUND, "-d", "-c", str(conf)], stderr=subprocess.DEVNULL)
    try:
        until(lambda: listens(port))
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def test_a_well_kept_domain_is_fit_to_send(resolver):
    health = domain_health("well.test", clock.now(), resolver=resolver, zones=())
    failed = [one for one in health.findings if one.status is Standing.FAIL]
    assert (failed, health.ok) == ([], True)
    assert health.status("dkim") is Standing.PASS
    assert health.status("reverse_dns") is Standing.PASS


def test_a_bare_domain_is_not(resolver):
    health = domain_health("bare.test", clock.now(), resolver=resolver, zones=())
    failed = {one.check for one in health.findings if one.status is Standing.FAIL}
    assert {"spf", "dkim", "dmarc", "alignment"} <= failed
    assert health.grade == "F"


def test_a_name_that_is_not_there_and_a_record_that_is_not_differ(resolver):
    door = Resolver(resolver)
    assert door.ask("nothere.test", "A").outcome is Outcome.NO_NAME
    assert door.ask("well.test", "AAAA").outcome is Outcome.NO_RECORD


def test_the_command_asks_it(resolver):
    done = CliRunner().invoke(app, ["domain", "check", "well.test", "--resolver", resolver])
    assert done.exit_code == 0, done.output
    assert "fit to send" in done.stdout
