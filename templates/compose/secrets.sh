#!/bin/sh
# Makes the secrets that are missing; those that exist are left alone.
set -eu

cd "$(dirname "$0")"
umask 022
mkdir -p secrets
# The folder keeps others out. Files are readable in it, for containers see them with
# their owner and mode, and run as users of their own.
chmod 700 secrets

random() {
  if [ ! -s "secrets/$1" ]; then
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"secrets/$1"
    echo "made secrets/$1"
  fi
}

{% if self.pairs() -%}
# The public half is what a server checks with; the private half signs tokens for tests.
pair() {
  if [ ! -s "secrets/$1" ]; then
    (umask 077 && openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "secrets/$1.private" 2>/dev/null)
    openssl pkey -in "secrets/$1.private" -pubout -out "secrets/$1"
    echo "made secrets/$1 and secrets/$1.private"
  fi
}

{% endif -%}
{% for s in secrets -%}
{{ s.command() }} {{ s.name }}
{% endfor -%}
