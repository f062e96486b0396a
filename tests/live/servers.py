"""Postfix and Dovecot in the foreground on loopback, with configurations of their own; no systemd."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

POSTFIX = shutil.which("postfix", path="/usr/sbin:/usr/bin") or ""
DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/bin") or ""
UNBOUND = shutil.which("unbound", path="/usr/sbin:/usr/bin") or ""


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def until(ready, seconds=15):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if ready():
            return
        time.sleep(0.05)
    raise TimeoutError(f"not ready after {seconds} s")


def listens(port):
    with socket.socket() as sock:
        sock.settimeout(0.2)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def certificate(folder, name="localhost", days=30):
    """A certificate that vouches for itself and for loopback; (cert, key) files."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.fromtimestamp(time.time(), UTC) - timedelta(days=60)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=60 + days))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / f"{name}.crt", folder / f"{name}.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    cert.chmod(0o644)
    return cert, secret


class MailServer:
    """`smtp` wants STARTTLS and a sign-in; mail for @buyers.test is delivered to Dovecot's folders.

    gone@buyers.test is taken by Postfix and refused by Dovecot, so that Postfix writes a bounce of its own.
    `introspect`: the address at which tokens are asked about; with it both sign in by XOAUTH2 too.
    """

    def __init__(self, folder, introspect=""):
        self.folder = folder
        self.introspect = introspect
        self.smtp, self.imap, self.sasl, self.lmtp = (free_port() for _ in range(4))
        self.cert, self.key = certificate(folder / "tls")
        self.users = {"olga@panout.test": "gold1849", "ben@buyers.test": "x", "away@buyers.test": "x"}

    def _dovecot(self):
        base = self.folder / "dovecot"
        (base / "run").mkdir(parents=True)
        mail = base / "mail"
        mail.mkdir()
        owner = pwd.getpwnam("nobody")
        os.chown(mail, owner.pw_uid, owner.pw_gid)
        (base / "users").write_text(
            "".join(
                f"{name}:{{PLAIN}}{word}:{owner.pw_uid}:{owner.pw_gid}::{mail}/{name}::\n"
                for name, word in self.users.items()
            )
        )
        tokens = ""
        if self.introspect:
            (base / "oauth2.conf").write_text(
                f"introspection_mode = post\nintrospection_url = {self.introspect}\n"
                "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
            )
            tokens = f"""
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
"""
        ways = "plain login xoauth2 oauthbearer" if self.introspect else "plain login"
        (base / "dovecot.conf").write_text(f"""
base_dir = {base}/run
state_dir = {base}/run
instance_name = test{self.imap}
log_path = {base}/log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = dovecot
default_login_user = dovenull
first_valid_uid = {owner.pw_uid}
mail_location = maildir:~/Maildir
ssl = required
ssl_cert = <{self.cert}
ssl_key = <{self.key}
disable_plaintext_auth = no
auth_mechanisms = {ways}
auth_failure_delay = 0
recipient_delimiter = +
{tokens}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = username_format=%u {base}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {base}/users
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {self.imap}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {self.sasl}
  }}
}}
""")
        return subprocess.Popen([DOVECOT, "-F", "-c", str(base / "dovecot.conf")], stderr=subprocess.DEVNULL)

    def _postfix(self):
        base = self.folder / "postfix"
        queue, data = base / "queue", base / "data"
        queue.mkdir(parents=True)
        data.mkdir()
        shutil.chown(data, "postfix")
        (base / "recipients").write_text(
            "".join(
                f"{name} ok\n"
                for name in ("ben@buyers.test", "full@buyers.test", "gone@buyers.test", "away@buyers.test",
                             "olga@panout.test")
            )
        )  # fmt: skip
        (base / "answers").write_text(
            "grey@buyers.test 450 4.2.0 Greylisted, please try again later\n"
            "limit@buyers.test 452 4.5.3 Sending limit exceeded, too many messages\n"
            "policy@buyers.test 550 5.7.1 Rejected by policy\n"
            "full@buyers.test 452 4.2.2 Mailbox full\n"
        )
        (base / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
maillog_file = {base}/log
maillog_file_prefixes = {self.folder}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.panout.test
recipient_delimiter = +
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
virtual_mailbox_domains = buyers.test, panout.test
virtual_mailbox_maps = texthash:{base}/recipients
virtual_transport = lmtp:inet:127.0.0.1:{self.lmtp}
default_transport = error:5.4.4 no way out of here
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{self.sasl}
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {self.cert}
smtpd_tls_key_file = {self.key}
smtpd_recipient_restrictions =
    check_recipient_access texthash:{base}/answers, permit_sasl_authenticated, reject
smtpd_reject_unlisted_recipient = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtputf8_enable = yes
alias_maps =
alias_database =
local_recipient_maps =
notify_classes =
""")
        (base / "master.cf").write_text(f"""
127.0.0.1:{self.smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
tlsmgr unix - - n 300 1 tlsmgr
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
""")
        # Other instances on this machine are none of ours: only this configuration is named.
        subprocess.run([POSTFIX, "-c", str(base), "check"], check=False, capture_output=True)
        return subprocess.Popen(
            [POSTFIX, "-c", str(base), "start-fg"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def log(self):
        return "\n".join(
            f"== {kind}\n{(self.folder / kind / 'log').read_text()}"
            for kind in ("postfix", "dovecot")
            if (self.folder / kind / "log").exists()
        )


@contextmanager
def mail_server(folder, introspect=""):
    """Both servers, ready; ended when done."""
    folder.chmod(0o755)
    for parent in folder.parents:
        if parent.stat().st_mode & 0o005 == 0o005:
            break
        parent.chmod(parent.stat().st_mode | 0o055)
    server = MailServer(folder, introspect)
    dovecot, postfix = server._dovecot(), server._postfix()
    try:
        until(lambda: all(listens(port) for port in (server.smtp, server.imap, server.sasl, server.lmtp)))
        yield server
    except TimeoutError as late:
        raise RuntimeError(server.log()) from late
    finally:
        subprocess.run([POSTFIX, "-c", str(folder / "postfix"), "stop"], check=False, capture_output=True)
        for process in (dovecot, postfix):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
