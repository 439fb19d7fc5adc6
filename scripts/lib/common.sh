# Helpers that every script here shares. Sourced, never run.

# Says something to the person at the terminal, without disturbing stdout.
note() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die STATUS MESSAGE...
die() {
    local status=$1
    shift
    note "$@"
    exit "$status"
}

# Everything that is costly to make and can be made again lives here, outside the checkout.
cache_directory() {
    printf '%s\n' "${SOCKFTRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sockftrace}"
}

# One temporary directory a run, removed on every exit. Callers may hang further
# clean-up into `at_exit_commands`, which run first.
at_exit_commands=()
temporary=
at_exit() {
    local status=$? command
    trap - EXIT
    for command in ${at_exit_commands[@]+"${at_exit_commands[@]}"}; do
        "$command" || true
    done
    if [[ -n $temporary ]]; then
        rm -rf -- "$temporary"
    fi
    exit "$status"
}

make_temporary() {
    temporary=$(mktemp -d "${TMPDIR:-/tmp}/sockftrace.XXXXXXXX")
    trap at_exit EXIT
    # A signal becomes an ordinary exit, so that the EXIT trap always cleans up.
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}

# Quotes each argument for a POSIX shell (the guest's is busybox ash, which need not know bash's %q).
shell_quote() {
    local word separator=
    for word in "$@"; do
        printf "%s'%s'" "$separator" "${word//\'/\'\\\'\'}"
        separator=' '
    done
}
