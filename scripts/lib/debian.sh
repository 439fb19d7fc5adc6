# Debian's archive, as this machine's own apt configuration reaches it. Sourced, never run.

# debian_mirror LABEL: the address of Debian's archive (label Debian) or of its security updates (Debian-Security)
# as this machine's own apt configuration has it.
debian_mirror() {
    if [[ $1 == Debian && -n ${SOCKFTRACE_DEBIAN_MIRROR:-} ]]; then
        printf '%s\n' "$SOCKFTRACE_DEBIAN_MIRROR"
        return
    fi
    # shellcheck disable=SC2016 # the dollar signs are apt's
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Identifier: Packages' |
        awk -F '|' -v label="$1" '$1 == "Debian" && $2 == label && $3 == "main" && !found { print $4; found = 1 }'
}

# debian_archive: the address of Debian's archive; no archive is an error.
debian_archive() {
    local mirror
    mirror=$(debian_mirror Debian)
    if [[ -z $mirror && $(id -u) == 0 ]]; then
        apt-get -qq update >&2 || true
        mirror=$(debian_mirror Debian)
    fi
    if [[ -z $mirror ]]; then
        die 121 "apt's configuration names no Debian mirror; set SOCKFTRACE_DEBIAN_MIRROR to one's address"
    fi
    printf '%s\n' "${mirror%/}"
}

debian_keyring() {
    local keyring
    keyring=$(awk 'tolower($1) == "signed-by:" && $2 ~ /debian-archive-keyring/ { print $2; exit }' \
        /etc/apt/sources.list.d/*.sources 2>/dev/null || true)
    for keyring in "$keyring" /usr/share/keyrings/debian-archive-keyring.gpg; do
        if [[ -n $keyring && -r $keyring ]]; then
            printf '[signed-by=%s]\n' "$keyring"
            return
        fi
    done
}

# debian_private_apt DIRECTORY SUITE [ARCHITECTURE [without-security]]: an apt world of its own that knows only this suite. Sets
# `private_apt`, the options that select it. The machine's own lists and packages stay untouched.
debian_private_apt() {
    local directory=$1 suite=$2 architecture=${3:-amd64} mirror security options
    mirror=$(debian_archive)
    security=$(debian_mirror Debian-Security)
    mkdir -p "$directory"/{lists/partial,cache/archives/partial,parts}
    : >"$directory/status"
    private_apt=(
        -o "Dir::Etc::sourcelist=$directory/sources.list" -o "Dir::Etc::sourceparts=$directory/parts"
        -o "Dir::State::lists=$directory/lists" -o "Dir::State::status=$directory/status"
        -o "Dir::Cache=$directory/cache" -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture"
        -o APT::Sandbox::User=root
    )
    # With the suite's security updates where the archive has them, else without.
    options=$(debian_keyring)
    printf 'deb %s %s %s main\n' "$options" "$mirror" "$suite" >"$directory/sources.list"
    if [[ -n $security && $suite != sid && ${4:-} != without-security ]]; then
        cp "$directory/sources.list" "$directory/without-security"
        printf 'deb %s %s %s main\n' "$options" "$security" "$suite-security" >>"$directory/sources.list"
        if apt-get "${private_apt[@]}" -qq update >/dev/null 2>&1; then
            return
        fi
        mv "$directory/without-security" "$directory/sources.list"
    fi
    apt-get "${private_apt[@]}" -qq update >&2 || die 121 "apt could not read the package list of $suite"
}


# debian_unpack WORK TREE PACKAGE...: fetches packages of the suite and the processor of `private_apt`, and unpacks them.
debian_unpack() {
    local work=$1 tree=$2 package
    shift 2
    mkdir -p "$work/packages" "$tree"
    (cd "$work/packages" && apt-get "${private_apt[@]}" -qq download "$@" >&2) || die 121 "apt could not download $*"
    for package in "$work"/packages/*.deb; do
        dpkg -x "$package" "$tree" || die 121 "$package could not be unpacked"
    done
}

# trace-cmd with the libraries that it needs.
trace_cmd_packages=(trace-cmd libtraceevent1 libtracefs1 libzstd1 zlib1g libc6)

# debian_file DIRECTORY SHA256 PATH TABLE: fetches a file of the archive unless the directory has it, and holds it against its
# hash. TABLE is where this version is written down, for the message when the archive no longer has it.
debian_file() {
    local directory=$1 hash=$2 path=$3 table=$4 name=${3##*/} mirror messages
    if sha256sum --check --status <<<"$hash  $directory/$name" 2>/dev/null; then
        return
    fi
    mirror=$(debian_archive)
    # Under its name only when it is whole and right.
    if messages=$(/usr/lib/apt/apt-helper -qq -o APT::Sandbox::User=root download-file \
        "$mirror/$path" "$directory/part" "SHA256:$hash" 2>&1); then
        mv -- "$directory/part" "$directory/$name"
        return
    fi
    rm -f -- "$directory"/part*
    printf '%s\n' "$messages" >&2
    if [[ $messages == *' 404 '* ]]; then
        die 121 "$mirror has no $path (any more): enter the version that replaced it, and its hash, in $table, or set" \
            "SOCKFTRACE_DEBIAN_MIRROR to the address of a snapshot of Debian's archive that has it"
    fi
    die 121 "$name could not be fetched from $mirror, or is not what $table says; the reason is above"
}
