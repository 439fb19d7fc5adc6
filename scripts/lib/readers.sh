# Other programs that read a trace.dat: trace-cmd of Debian's later releases and KernelShark's library, fetched once and
# cached. Sourced, never run; needs packages.sh and debian.sh.
#
# CACHE/readers/trace-cmd-SUITE and CACHE/readers/kshark-list are programs that can be run as they are: each brings its
# libraries along, and the machine's own packages stay as they are.

reader_suites=(trixie sid)
# Headers of the first kinds, and the libraries of the others.
kshark_packages=(libkshark-dev libjson-c-dev libkshark2 libtracecmd1 libjson-c5)

readers_directory() {
    printf '%s/readers\n' "$(cache_directory)"
}

# readers_fetch: all of them; does nothing when cached. Not one that cannot be had is fatal: tests say what they skip.
readers_fetch() {
    local directory suite
    directory=$(readers_directory)
    mkdir -p "$directory"
    for suite in "${reader_suites[@]}"; do
        if [[ ! -x $directory/trace-cmd-$suite ]]; then
            reader_make trace_cmd_of_suite "$suite" || note "trace-cmd of $suite cannot be had: it is not asked"
        fi
    done
    need_native_c_compiler
    if [[ ! -x $directory/kshark-list || $directory/kshark-list -ot $top/Tests/OutsideReaders/kshark-list.c ]]; then
        reader_make kshark_of_suite bookworm || note "KernelShark's library cannot be had: it is not asked"
    fi
}

# reader_make FUNCTION SUITE: in a subshell, whose temporary directory goes with it. One at a time. What fails ends the
# subshell by itself, as `set -e` has no effect where the caller looks at the status.
reader_make() (
    exec 9>"$(readers_directory)/.lock"
    flock 9
    work=$(mktemp -d "$(readers_directory)/.fetch.XXXXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf -- '$work'" EXIT
    private_apt=()
    note "fetching what reads a trace.dat of Debian's $2 (once; it is kept in $(readers_directory))"
    debian_private_apt "$work/apt" "$2"
    "$1" "$2" "$work"
)

# trace_cmd_of_suite SUITE WORK
trace_cmd_of_suite() {
    local directory libraries
    directory=$(readers_directory)
    # The C library is that of their suite, too: it may be newer than this machine's.
    debian_unpack "$2" "$2/tree" "${trace_cmd_packages[@]}"
    rm -rf -- "${directory:?}/$1"
    mv -T "$2/tree" "$directory/$1"
    libraries=$directory/$1/usr/lib/x86_64-linux-gnu
    printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$libraries/ld-linux-x86-64.so.2" "$libraries" \
        "$directory/$1/usr/bin/trace-cmd" >"$2/program"
    chmod 755 "$2/program"
    "$2/program" list -c >/dev/null || exit 1
    mv -T "$2/program" "$directory/trace-cmd-$1"
}

# kshark_of_suite SUITE WORK
kshark_of_suite() {
    local directory tree
    directory=$(readers_directory)
    tree=$directory/kshark
    debian_unpack "$2" "$2/tree" "${kshark_packages[@]}"
    rm -rf -- "${tree:?}"
    mv -T "$2/tree" "$tree"
    # shellcheck disable=SC2046 # options, to be split
    gcc -O1 -o "$2/program" -I"$tree/usr/include" $(pkg-config --cflags libtraceevent libtracefs) \
        "$top/Tests/OutsideReaders/kshark-list.c" -L"$tree/usr/lib/x86_64-linux-gnu" -l:libkshark.so.2 \
        -Wl,--allow-shlib-undefined "-Wl,-rpath,$tree/usr/lib/x86_64-linux-gnu" -Wl,--disable-new-dtags || exit 1
    mv -T "$2/program" "$directory/kshark-list"
}
