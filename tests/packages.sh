#!/usr/bin/env bash
# Debian packages that the tests drive for real: a browser, a mail server, an IMAP server, a DNS server.
set -euo pipefail
need=()
want() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || need+=("${@:2}"); }
want chromium chromium
want postfix postfix
want dovecot dovecot-imapd dovecot-lmtpd
want unbound unbound
want pdftoppm poppler-utils
[ -e /usr/share/fonts/truetype/dejavu ] || need+=(fonts-dejavu-core)
ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || need+=(libpango-1.0-0 libpangoft2-1.0-0)
if [ ${#need[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "Missing Debian packages, and not root: apt-get install ${need[*]}" >&2
    exit 1
  fi
  echo "== Installing Debian packages for the tests: ${need[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi
