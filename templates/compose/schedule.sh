#!/bin/sh
# Starts what a clock starts: one POST to each of TARGETS every EVERY_SECONDS, at
# AT_SECONDS after midnight UTC where that is set.
set -eu

while :; do
  now=$(date +%s)
  if [ -n "${AT_SECONDS:-}" ]; then
    since=$((now - AT_SECONDS))
    next=$(((since / EVERY_SECONDS + 1) * EVERY_SECONDS + AT_SECONDS))
  else
    next=$((now + EVERY_SECONDS))
  fi
  sleep $((next - now))
  # Words of TARGETS are addresses without blanks.
  for url in ${TARGETS:-}; do
    if wget -q -T 60 -O /dev/null --post-data='' "$url"; then
      printf '{"time":%s,"url":"%s","ok":true}\n' "$(date +%s)" "$url"
    else
      printf '{"time":%s,"url":"%s","ok":false}\n' "$(date +%s)" "$url"
    fi
  done
done
