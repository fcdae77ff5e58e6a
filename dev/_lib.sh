# Shared by the scripts of dev/: where things lie, how they speak, the private PostgreSQL.
# Sourced, never run. Everything these scripts create lies under .dev/ (see the table in CONTRIBUTING.md).

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
DEV=$ROOT/.dev
VENV=$DEV/venv
PY=$VENV/bin/python
PGDATA=$DEV/postgres
export ODOO_RC=$DEV/odoo.conf
export PYTHONDONTWRITEBYTECODE=1

STARTED=$SECONDS
# say TEXT: what begins; how long it took is told of what ends with …, before the next thing.
STAGE=
say() {
    stage_over
    printf '[%4ds] %s\n' "$((SECONDS - STARTED))" "$*" >&2
    case $* in *…) STAGE=$SECONDS ;; esac
}
stage_over() {
    [ -z "$STAGE" ] || printf '        done in %d s\n' "$((SECONDS - STAGE))" >&2
    STAGE=
}
fail() { printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this step needs root: run it as root or install sudo ($*)"
    fi
}

# === PostgreSQL: a cluster of our own on a unix socket, never the machine's one === #

# libpq's socket paths hold 107 bytes; a deep clone reaches its socket through a short link.
pg_socket_dir() {
    local dir=$DEV/run
    mkdir -p "$dir"
    if [ ${#dir} -gt 85 ]; then
        local link
        link=/tmp/smartship-$(printf %s "$dir" | cksum | cut -d' ' -f1)
        ln -sfn "$dir" "$link"
        dir=$link
    fi
    echo "$dir"
}

# The programs of the version that made the cluster; the newest ones where there is none.
pg_bin() {
    local made=none
    [ ! -s "$PGDATA/PG_VERSION" ] || made=$(cat "$PGDATA/PG_VERSION")
    if [ -x "/usr/lib/postgresql/$made/bin/pg_ctl" ]; then
        echo "/usr/lib/postgresql/$made/bin"
    else
        find /usr/lib/postgresql/*/bin -name pg_ctl -printf '%h\n' 2>/dev/null | sort -V | tail -n 1
    fi
}

# PostgreSQL refuses to run as root: there it runs as the package's own user. Where that user cannot
# reach the clone (a private home or temporary folder), it is lent the right to walk through folders.
as_postgres() {
    if [ "$(id -u)" != 0 ]; then
        "$@"
    elif runuser -u postgres -- test -x "$DEV"; then
        runuser -u postgres -- "$@"
    else
        setpriv --reuid postgres --regid postgres --init-groups \
            --inh-caps +dac_override --ambient-caps +dac_override -- "$@"
    fi
}

pg_init() {
    if [ -s "$PGDATA/PG_VERSION" ] && [ -e "$PGDATA/smartship-ready" ]; then
        local made
        made=$(cat "$PGDATA/PG_VERSION")
        [ ! -x "/usr/lib/postgresql/$made/bin/postgres" ] || return 0
        say "PostgreSQL $made, which made .dev/postgres, is not installed any more: the databases are made anew."
    fi
    rm -rf "$PGDATA"
    mkdir -m 700 "$PGDATA"
    mkdir -p "$DEV/run"
    [ "$(id -u)" != 0 ] || chown postgres: "$PGDATA" "$DEV/run"
    as_postgres "$(pg_bin)/initdb" -D "$PGDATA" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >"$DEV/log/initdb.log" 2>&1 ||
        fail "PostgreSQL's initdb failed; see .dev/log/initdb.log"
    # A development database: speed before safety against a power cut.
    cat >>"$PGDATA/postgresql.conf" <<'CONF'
listen_addresses = ''
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 512MB
work_mem = 32MB
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 2GB
CONF
    touch "$PGDATA/smartship-ready"
}

# Runs while any script of this clone needs it: each holds a shared lock, the last one out stops it.
pg_up() {
    mkdir -p "$DEV/log"
    export PGHOST PGPORT=5432 PGUSER=smartship
    PGHOST=$(pg_socket_dir)
    exec 9>"$DEV/postgres.lock"
    flock -s 9
    trap pg_down EXIT
    (
        flock 8
        pg_init
        if ! as_postgres "$(pg_bin)/pg_ctl" -D "$PGDATA" status >/dev/null 2>&1; then
            as_postgres "$(pg_bin)/pg_ctl" -D "$PGDATA" -w -t 60 -l "$PGDATA/server.log" \
                -o "-k '$PGHOST'" start >/dev/null 8>&- 9>&- || fail "PostgreSQL did not start; see .dev/postgres/server.log"
        fi
        # Odoo refuses the role postgres: one of our own that may create databases.
        psql -qAt -U postgres -d postgres -c "SELECT 1 FROM pg_roles WHERE rolname = 'smartship'" | grep -q 1 ||
            psql -q -U postgres -d postgres -c 'CREATE ROLE smartship LOGIN CREATEDB'
    ) 8>"$DEV/postgres-start.lock"
}

pg_down() {
    flock -u 9
    if flock -n -x 9; then
        as_postgres "$(pg_bin)/pg_ctl" -D "$PGDATA" -m fast -w stop >/dev/null 2>&1 || true
    fi
}

db_exists() { psql -qAt -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'" | grep -q 1; }

drop_db() {
    dropdb --if-exists --force "$1" 2>/dev/null
    rm -rf "${DEV:?}/data/filestore/$1"
}

# drop_dbs PREFIX: a database and those whose names go on with a hyphen (a test run's).
drop_dbs() {
    local name
    psql -qAt -d postgres -c "SELECT datname FROM pg_database WHERE datname = '$1' OR datname LIKE '$1-%'" |
        while read -r name; do drop_db "$name"; done
}

# copy_db TEMPLATE NEW: the database and its filestore.
copy_db() {
    drop_db "$2"
    createdb -T "$1" "$2"
    if [ -d "$DEV/data/filestore/$1" ]; then cp -r "$DEV/data/filestore/$1" "$DEV/data/filestore/$2"; fi
}

# run_odoo ARGS…: the Odoo command line of this set-up.
run_odoo() { "$PY" -W ignore::DeprecationWarning -m odoo "$@"; }
