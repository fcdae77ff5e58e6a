# Template databases, keyed by what they were made from. Sourced after _lib.sh, with PostgreSQL up.

# use_template DATABASE: a fresh copy of the module's template, under the lock of its making.
use_template() {
    make_module_template
    copy_db "$module_template" "$1"
    flock -u 6
}

# use_everything_template DATABASE: the same of the template with all that works together with it.
use_everything_template() {
    make_module_template
    make_everything_database
    copy_db "$everything_template" "$1"
    flock -u 6
    still "$1"
}

use_test_template() {
    use_template "$1"
    still "$1"
}

# still DATABASE: without autovacuum, for tests. What these write is rolled back; a table that is
# vacuumed after that counts as one whose pages are empty, and PostgreSQL plans each test that fills
# it for a single row, with scans within scans.
still() {
    psql -q -d "$1" -c "DO \$\$ DECLARE t regclass; BEGIN
        FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        LOOP EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', t); END LOOP; END \$\$"
}

# digest FILES…: of their names and contents.
digest() { find "$@" -type f ! -path '*/tests/*' ! -path '*/__pycache__/*' ! -path '*/readme/*' ! -path '*/static/description/*' ! -path '*/.*_cache/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12; }

keep_only() { # PREFIX KEEP: drop older databases of this kind
    local old
    psql -qAt -d postgres -c "SELECT datname FROM pg_database WHERE datname LIKE '$1\\_%' AND datname <> '$2'" |
        while read -r old; do drop_db "$old"; done
}

# A Japanese company with what the module depends on: deps_template.
make_deps_template() {
    local depends odoo
    depends=$("$PY" -c "import ast; print(','.join(ast.literal_eval(open('$ROOT/smartship_rakuten/__manifest__.py').read())['depends']))")
    odoo=$("$PY" -c 'import odoo, os; print(os.path.dirname(odoo.__path__[0]))')
    deps_template=tpl_deps_$(echo "$depends $odoo $(stat -c %Y "$odoo/odoo/release.py") 1" | sha256sum | cut -c1-12)
    db_exists "$deps_template" && return
    say "Template database: installing $depends …"
    local making=making_$$
    drop_db "$making"
    {
        run_odoo db init "$making" --country JP --language ja_JP &&
            run_odoo -d "$making" -i "$depends" --stop-after-init --log-level=warn
    } >"$DEV/log/template.log" 2>&1 || fail "the template database could not be made; see .dev/log/template.log"
    rename_db "$making" "$deps_template"
    keep_only tpl_deps "$deps_template"
}

# The same with the module installed: module_template.
make_module_template() {
    # One at a time: a second run waits for the template that the first one makes.
    exec 6>"$DEV/template.lock"
    flock 6
    make_deps_template
    make_module_database
}

make_module_database() {
    module_template=tpl_module_$(digest_module)_${deps_template#tpl_deps_}
    db_exists "$module_template" && return
    say "Template database: installing smartship_rakuten …"
    local making=making_$$
    copy_db "$deps_template" "$making"
    run_odoo -d "$making" -i smartship_rakuten --stop-after-init --log-level=warn >"$DEV/log/install.log" 2>&1 ||
        { tail -n 40 "$DEV/log/install.log" >&2; fail "smartship_rakuten could not be installed; see .dev/log/install.log"; }
    rename_db "$making" "$module_template"
    keep_only tpl_module "$module_template"
}

# Modules that work together with the module and are no dependency of it.
BESIDE=stock_dropshipping,stock_picking_batch,sale_mrp,sale_loyalty,product_expiry
# Of the smaller modules those that a person installs.
CHOSEN=smartship_rakuten_account

# glue_modules: the module's smaller ones. Odoo installs them where both their halves are, but for
# those that somebody chooses.
glue_modules() {
    local manifest
    for manifest in "$ROOT"/smartship_rakuten_*/__manifest__.py; do
        [ ! -e "$manifest" ] || basename "$(dirname "$manifest")"
    done
}

# digest_module: of the module and its smaller ones.
digest_module() {
    # shellcheck disable=SC2046
    (cd "$ROOT" && digest smartship_rakuten $(glue_modules))
}

# The module with the other halves of its smaller ones, which therefore install themselves, and with
# those that are chosen: everything_template.
make_everything_database() {
    everything_template=tpl_everything_$({ echo "$BESIDE,$CHOSEN"; digest_module; } | sha256sum | cut -c1-12)_${deps_template#tpl_deps_}
    db_exists "$everything_template" && return
    say "Template database: installing $BESIDE,$CHOSEN …"
    local making=making_$BASHPID
    copy_db "$module_template" "$making"
    run_odoo -d "$making" -i "$BESIDE,$CHOSEN" --stop-after-init --log-level=warn >"$DEV/log/everything.log" 2>&1 ||
        { tail -n 40 "$DEV/log/everything.log" >&2; fail "$BESIDE,$CHOSEN could not be installed; see .dev/log/everything.log"; }
    rename_db "$making" "$everything_template"
    keep_only tpl_everything "$everything_template"
}

rename_db() {
    drop_db "$2"
    psql -q -d postgres -c "ALTER DATABASE \"$1\" RENAME TO \"$2\""
    if [ -d "$DEV/data/filestore/$1" ]; then mv "$DEV/data/filestore/$1" "$DEV/data/filestore/$2"; fi
}
