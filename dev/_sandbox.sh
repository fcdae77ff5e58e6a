# The RMS sandbox as a background process of a script. Sourced after _lib.sh, with PostgreSQL up.

# start_sandbox: on a free port of this machine; sets url, and stops it when the script ends.
start_sandbox() {
    local log=$DEV/log/sandbox.log
    : >"$log"
    (cd "$ROOT" && exec "$PY" -m rms_sandbox --port "${SANDBOX_PORT:-0}" --orders 0 --items 0 9>&-) >>"$log" 2>&1 &
    sandbox=$!
    trap 'kill "$sandbox" 2>/dev/null || true; wait "$sandbox" 2>/dev/null || true; pg_down' EXIT
    for _ in $(seq 100); do
        url=$(grep -o 'http://127\.0\.0\.1:[0-9]*' "$log" | head -n 1 || true)
        [ -n "$url" ] && break
        kill -0 "$sandbox" 2>/dev/null || fail "the RMS sandbox did not start; see .dev/log/sandbox.log"
        sleep 0.1
    done
    [ -n "$url" ] || fail "the RMS sandbox did not start; see .dev/log/sandbox.log"
    # Its first line names the keys, and no key belongs into a log.
    echo "RMS sandbox on $url" >"$log"
}
