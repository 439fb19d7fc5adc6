# Programs for a guest of another processor, as Debian has them. Sourced, never run; needs common.sh and debian.sh.
#
# CACHE/programs/NAME-ARCHITECTURE holds what a program's packages hold, its libraries included, at their places.

# foreign_program_add STAGING NAME ARCHITECTURE: lays it over the guest's files, fetching it if need be.
foreign_program_add() {
    local staging=$1 name=$2 architecture=$3 tree
    [[ $name == trace-cmd ]] || die 120 "programs of this machine do not run on $architecture; of others only trace-cmd is known"
    tree=$(cache_directory)/programs/$name-$architecture
    if [[ ! -e $tree ]]; then
        foreign_program_fetch "$name" "$architecture" "$tree"
    fi
    initramfs_add "$staging" "$tree" /
}

# foreign_program_fetch NAME ARCHITECTURE TREE: in a subshell, whose temporary directory goes with it.
foreign_program_fetch() (
    directory=$(dirname -- "$3")
    mkdir -p "$directory"
    exec 9>"$directory/.lock"
    flock 9
    [[ ! -e $3 ]] || exit 0
    work=$(mktemp -d "$directory/.fetch.XXXXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf -- '$work'" EXIT
    private_apt=() suite=bookworm
    # Debian 12 is not made for it.
    [[ $2 != riscv64 ]] || suite=trixie
    note "fetching $1 for $2 (once; it is kept in $directory)"
    debian_private_apt "$work/apt" "$suite" "$2"
    # libgcc-s1 is what a thread's end needs.
    debian_unpack "$work" "$work/tree" "${trace_cmd_packages[@]}" libgcc-s1
    rm -rf -- "$work/tree/usr/share" "$work"/tree/usr/lib/*/gconv
    # Programs name their interpreter in /lib, which from Debian 13 on is no folder of any package's.
    if [[ ! -e $work/tree/lib ]]; then
        mkdir "$work/tree/lib"
        (cd "$work/tree/lib" && ln -s ../usr/lib/ld*.so.* .)
    fi
    mv -T "$work/tree" "$3"
)
