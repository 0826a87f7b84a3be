#!/bin/sh
# Prints a token that a gateway accepts: token.sh KEY [SUBJECT] [SECONDS], KEY being a name in
# secrets/ with its .private beside it. Needs openssl. For tests on this machine only.
set -eu

here=$(dirname "$0")
key=$here/secrets/${1:?usage: token.sh KEY [SUBJECT] [SECONDS]}.private
subject=${2:-somebody}
now=$(date +%s)
until=$((now + ${3:-3600}))

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

head=$(printf '{"alg":"RS256","typ":"JWT"}' | base64url)
body=$(printf '{"sub":"%s","iat":%s,"exp":%s}' "$subject" "$now" "$until" | base64url)
mark=$(printf '%s.%s' "$head" "$body" | openssl dgst -sha256 -sign "$key" -binary | base64url)
printf '%s.%s.%s\n' "$head" "$body" "$mark"
