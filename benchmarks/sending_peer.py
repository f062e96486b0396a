"""django-post-office doing what `benchmarks.sending` does; runs in the benchmarks' own environment.

Mails are queued in PostgreSQL with the headers of a cold mail; `send_queued` claims, builds, signs, sends and
records them. Django signs nothing itself, so the SMTP backend signs what it sends, in one of two ways:
`dkimpy`, as its users do it, or `ours`, with Panout's signer lent to it.
"""

import sys
import time
from datetime import UTC, datetime
from importlib import util
from pathlib import Path

import django
import dkim
from django.conf import settings
from django.core.management import call_command
from psycopg.conninfo import conninfo_to_dict

SIGNED = [
    b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type",
    b"list-unsubscribe", b"list-unsubscribe-post",
]  # fmt: skip


def main(dsn, port, mails, way, key_file):
    parts = conninfo_to_dict(dsn)
    settings.configure(
        SECRET_KEY="benchmark",  # noqa: S106  of a database that is thrown away
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": parts.get("host", ""),
                "PORT": parts.get("port", ""),
                "NAME": parts["dbname"],
                "USER": parts.get("user", ""),
                "PASSWORD": parts.get("password", ""),
            }
        },
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        # Both engines, else every mail of post-office fails.
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
            {
                "BACKEND": "post_office.template.backends.post_office.PostOfficeTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": []},
            },
        ],
        POST_OFFICE={
            "BACKENDS": {
                "default": "benchmarks.sending_peer.Signing" if __name__ != "__main__" else "__main__.Signing"
            },
            "BATCH_SIZE": 100_000,
            "LOG_LEVEL": 2,
            "THREADS_PER_PROCESS": 10,
            "LOCK_FILE_NAME": f"post-office-{port}",
        },
        PEER_KEY=Path(key_file).read_bytes(),
        PEER_WAY=way,
    )
    django.setup()
    call_command("migrate", verbosity=0)
    from post_office import mail
    from post_office.mail import send_queued
    from post_office.models import Email

    mail.send_many(
        [
            {
                "recipients": [f"p{number}@sink.test"],
                "sender": "Olga Owner <olga@panout.test>",
                "subject": "Three new roles in Leeds",
                "message": BODY,
                "headers": {
                    "List-Unsubscribe": f"<https://panout.test/u/{number:027d}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                },
            }
            for number in range(mails)
        ]
    )
    started = time.perf_counter()
    sent, failed, _again = send_queued(processes=1)
    seconds = time.perf_counter() - started
    assert (sent, failed) == (mails, 0), (sent, failed)
    assert Email.objects.filter(status=0).count() == mails
    print(mails / seconds)


BODY = (
    "Hello,\n\n"
    + "\n".join(f"line {number} of a short cold mail, as they are." for number in range(8))
    + "\n"
)


def _lent():
    """Panout's signer, loaded by its file: this environment has no Panout."""
    path = Path(__file__).parent.parent / "src/panout/mailbox/rules/dkim.py"
    source = path.read_text().replace("from panout.kernel.errors import BadInput", "BadInput = ValueError")
    module = type(sys)("lent")
    exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102  our own file
    return module.Signer("panout.test", "s1", settings.PEER_KEY)


def signing_backend():
    from django.core.mail.backends.smtp import EmailBackend

    class Signing(EmailBackend):
        """Signs each mail as it leaves."""

        signer = None

        def _send(self, email_message):
            mail = email_message.message().as_bytes(linesep="\r\n")
            if settings.PEER_WAY == "dkimpy":
                mail = dkim.sign(
                    mail, b"s1", b"panout.test", settings.PEER_KEY,
                    canonicalize=(b"relaxed", b"relaxed"), include_headers=SIGNED,
                ) + mail  # fmt: skip
            else:
                type(self).signer = self.signer or _lent()
                head, _, body = mail.partition(b"\r\n\r\n")
                lines = head.decode().replace("\r\n ", "\n ").split("\r\n")
                pairs = [tuple(line.replace("\n ", "\r\n ").split(": ", 1)) for line in lines]
                now = datetime.now(UTC)  # noqa: TID251  a script of its own
                name, value = self.signer.sign(pairs, body, now)
                mail = f"{name}: {value}\r\n".encode() + mail
            self.connection.sendmail(email_message.from_email, email_message.recipients(), mail)
            return True

    return Signing


def __getattr__(name):
    if name == "Signing":
        return signing_backend()
    raise AttributeError(name)


if __name__ == "__main__":
    # Django loads the backend by the module's name.
    spec = util.spec_from_file_location("benchmarks.sending_peer", __file__)
    module = util.module_from_spec(spec)
    sys.modules["benchmarks.sending_peer"] = module
    spec.loader.exec_module(module)
    module.main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5])
