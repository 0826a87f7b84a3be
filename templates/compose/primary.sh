#!/bin/sh
# Runs once, while the primary sets itself up: a role for replicas, a slot for each.
# Slots are made here and not by replicas: a replica whose first copy fails would leave
# its slot behind and could never make it again.
set -eu

psql -v ON_ERROR_STOP=1 -v slots="$REPLICATION_SLOTS" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat "$REPLICATION_PASSWORD_FILE"`
CREATE ROLE replicator WITH REPLICATION LOGIN PASSWORD :'password';
SELECT pg_create_physical_replication_slot(name, true) FROM regexp_split_to_table(:'slots', ' +') AS name;
SQL

echo 'host replication replicator all scram-sha-256' >>"$PGDATA/pg_hba.conf"

# Written last and read at the next start: before replicas follow, no commit would end.
if [ "${SYNCHRONOUS_REPLICAS:-0}" -gt 0 ]; then
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -c "ALTER SYSTEM SET synchronous_standby_names = 'ANY $SYNCHRONOUS_REPLICAS (*)'"
fi
