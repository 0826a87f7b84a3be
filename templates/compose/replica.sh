#!/bin/sh
# Copies the primary when there is no data yet, then follows it.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  PGPASSWORD=$(cat "$REPLICATION_PASSWORD_FILE")
  export PGPASSWORD
  umask 077
  while :; do
    find "$PGDATA" -mindepth 1 -delete
    if pg_basebackup -d "host=$PRIMARY_HOST port=$PRIMARY_PORT user=replicator" -D "$PGDATA" -R -X stream \
      -S "$REPLICATION_SLOT" --checkpoint=fast; then
      break
    fi
    echo "replica: the copy failed, trying again" >&2
    sleep 2
  done
  chmod 0700 "$PGDATA"
  unset PGPASSWORD
fi

exec docker-entrypoint.sh postgres "$@"
