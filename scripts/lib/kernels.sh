# Debian's kernels by name, fetched once and cached. Sourced, never run.
#
# A cached kernel is a directory CACHE/kernels/VERSION holding vmlinuz, release (what uname -r
# will say) and config (where the packages have one). CACHE/kernels/NAME is a symbolic link to
# the version that NAME means. No modules are kept: all that the harness needs is built in.
# A kernel for another processor has that one's busybox beside it, and modules where it needs them.

kernel_names=(5.10 6.1 6.12 newest)
foreign_kernel_names=(i386 arm64 armhf s390x)

# Other ways to write a name; anything from 7 on is what the archive's newest suite has.
kernel_canonical_name() {
    case $1 in
    5.10 | 6.1 | 6.12 | newest | i386 | arm64 | armhf | s390x) printf '%s\n' "$1" ;;
    5.10-nobpf | 6.1-nobpf | 6.1-nobpf-notrace | 6.12-nobpf) printf '%s\n' "$1" ;;
    7 | 7.* | sid) printf 'newest\n' ;;
    *) return 1 ;;
    esac
}

kernel_suite() {
    case $1 in
    5.10) printf 'bullseye\n' ;;
    6.1 | i386 | arm64 | armhf | s390x) printf 'bookworm\n' ;;
    6.12) printf 'trixie\n' ;;
    newest) printf 'sid\n' ;;
    esac
}

# kernel_architecture NAME|PATH: the processor in Debian's words. A kernel given by its path is one for this machine.
kernel_architecture() {
    case $1 in
    i386 | arm64 | armhf | s390x) printf '%s\n' "$1" ;;
    *) printf 'amd64\n' ;;
    esac
}

# kernel_package NAME: what depends on the newest image. The cloud kernels have all that QEMU offers built in.
kernel_package() {
    case $1 in
    i386) printf 'linux-image-686\n' ;;
    arm64) printf 'linux-image-cloud-arm64\n' ;;
    armhf) printf 'linux-image-armmp\n' ;;
    s390x) printf 'linux-image-s390x\n' ;;
    *) printf 'linux-image-cloud-amd64\n' ;;
    esac
}

kernels_directory() {
    printf '%s/kernels\n' "$(cache_directory)"
}

# kernel_image NAME|PATH: prints the path of a bootable image, fetching it if need be.
kernel_image() {
    local name
    if name=$(kernel_canonical_name "$1"); then
        kernel_fetch "$name"
        printf '%s/%s/vmlinuz\n' "$(kernels_directory)" "$name"
    elif [[ -f $1 && -r $1 ]]; then
        printf '%s\n' "$1"
    else
        die 120 "no kernel '$1': neither one of ${kernel_names[*]} ${built_kernel_names[*]} ${foreign_kernel_names[*]} nor a readable file"
    fi
}

# kernel_is_cached NAME DIRECTORY
kernel_is_cached() {
    case $1 in
    *-nobpf*) built_kernel_is_current "$1" "$2" ;;
    *) [[ -e $2/$1/vmlinuz ]] ;;
    esac
}

# kernel_fetch NAME [refresh]: does nothing when cached, unless asked to look for a newer one.
kernel_fetch() {
    local name=$1 directory
    directory=$(kernels_directory)
    if [[ ${2:-} != refresh ]] && kernel_is_cached "$name" "$directory"; then
        return 0
    fi
    mkdir -p "$directory"
    # One fetch of a name at a time; whoever waited finds it done.
    (
        flock 9
        if [[ ${2:-} != refresh ]] && kernel_is_cached "$name" "$directory"; then
            exit 0
        fi
        case $name in
        *-nobpf*) built_kernel_make "$name" "$directory" "${2:-}" ;;
        *) kernel_download "$name" "$directory" ;;
        esac
    ) 9>"$directory/.$name.lock"
}

# kernel_mirror LABEL: the address of Debian's archive (label Debian) or of its security updates (Debian-Security)
# as this machine's own apt configuration has it.
kernel_mirror() {
    if [[ $1 == Debian && -n ${SOCKFTRACE_DEBIAN_MIRROR:-} ]]; then
        printf '%s\n' "$SOCKFTRACE_DEBIAN_MIRROR"
        return
    fi
    # shellcheck disable=SC2016 # the dollar signs are apt's
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Identifier: Packages' |
        awk -F '|' -v label="$1" '$1 == "Debian" && $2 == label && $3 == "main" && !found { print $4; found = 1 }'
}

kernel_keyring() {
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

# kernel_private_apt DIRECTORY SUITE [ARCHITECTURE]: an apt world of its own that knows only this suite. Sets `private_apt`,
# the options that select it. The machine's own lists and packages stay untouched.
kernel_private_apt() {
    local directory=$1 suite=$2 architecture=${3:-amd64} mirror security options
    mirror=$(kernel_mirror Debian)
    if [[ -z $mirror && $(id -u) == 0 ]]; then
        apt-get -qq update >&2 || true
        mirror=$(kernel_mirror Debian)
    fi
    if [[ -z $mirror ]]; then
        die 121 "apt's configuration names no Debian mirror; set SOCKFTRACE_DEBIAN_MIRROR to one's address"
    fi
    security=$(kernel_mirror Debian-Security)
    mkdir -p "$directory"/{lists/partial,cache/archives/partial,parts}
    : >"$directory/status"
    private_apt=(
        -o "Dir::Etc::sourcelist=$directory/sources.list" -o "Dir::Etc::sourceparts=$directory/parts"
        -o "Dir::State::lists=$directory/lists" -o "Dir::State::status=$directory/status"
        -o "Dir::Cache=$directory/cache" -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture"
        -o APT::Sandbox::User=root
    )
    # With the suite's security updates where the archive has them, else without.
    options=$(kernel_keyring)
    printf 'deb %s %s %s main\n' "$options" "$mirror" "$suite" >"$directory/sources.list"
    if [[ -n $security && $suite != sid ]]; then
        cp "$directory/sources.list" "$directory/without-security"
        printf 'deb %s %s %s main\n' "$options" "$security" "$suite-security" >>"$directory/sources.list"
        if apt-get "${private_apt[@]}" -qq update >/dev/null 2>&1; then
            return
        fi
        mv "$directory/without-security" "$directory/sources.list"
    fi
    apt-get "${private_apt[@]}" -qq update >&2 || die 121 "apt could not read the package list of $suite"
}

# The newest package among PACKAGE's dependencies whose name begins with PREFIX.
kernel_dependency() {
    apt-cache "${private_apt[@]}" show --no-all-versions "$1" |
        sed -n 's/^\(Pre-\)\?Depends: //p' | tr ',|' '\n\n' | sed 's/^ *//; s/ .*//' |
        grep -m 1 "^$2" || true
}

# kernel_download NAME DIRECTORY
kernel_download() {
    local name=$1 directory=$2 suite architecture work image part package private_apt=()
    suite=$(kernel_suite "$name")
    architecture=$(kernel_architecture "$name")
    work=$(mktemp -d "$directory/.fetch.XXXXXXXX")
    # In kernel_fetch's subshell: the trap is this fetch's own.
    # shellcheck disable=SC2064
    trap "rm -rf -- '$work'" EXIT
    note "fetching the $name kernel of Debian's $suite (once; it is kept in $directory)"
    kernel_private_apt "$work/apt" "$suite" "$architecture"
    image=$(kernel_dependency "$(kernel_package "$name")" linux-image-)
    if [[ -z $image ]]; then
        die 121 "the archive's $suite has no $(kernel_package "$name")"
    fi
    # From 7.0 on the image and the modules are in packages of their own.
    for part in "$image" "$(kernel_dependency "$image" linux-binary-)" "$(kernel_dependency "$image" linux-modules-)" \
        "$([[ $architecture == amd64 ]] || printf 'busybox-static')"; do
        if [[ -n $part ]]; then
            (cd "$work" && apt-get "${private_apt[@]}" -qq download "$part" >&2) ||
                die 121 "apt could not download $part"
        fi
    done
    for package in "$work"/*.deb; do
        dpkg -x "$package" "$work/tree"
    done
    kernel_keep "$work" "$directory" "$name" "$image"
}

# kernel_keep WORK DIRECTORY NAME PACKAGE: picks what is worth keeping out of the unpacked packages.
kernel_keep() {
    local work=$1 directory=$2 name=$3 release=${4#linux-image-} version tree=$1/tree file
    version=$(apt-cache "${private_apt[@]}" show --no-all-versions "$4" | sed -n 's/^Version: //p')
    mkdir "$work/kept"
    file=$(find "$tree" -name 'vmlinuz*' -type f | head -n 1)
    if [[ -z $file ]]; then
        die 121 "found no vmlinuz in the packages of $4"
    fi
    cp "$file" "$work/kept/vmlinuz"
    printf '%s\n' "$release" >"$work/kept/release"
    find "$tree" -name 'config-*' -type f -exec cp {} "$work/kept/config" \;
    if [[ $architecture != amd64 ]]; then
        version+=-$architecture
        cp "$tree/bin/busybox" "$work/kept/busybox"
    fi
    if [[ $architecture == s390x ]]; then
        find "$tree" '(' -name virtio_blk.ko -o -name virtio_console.ko ')' -exec cp -t "$work/kept" {} +
    fi
    if [[ ! -e $directory/$version ]]; then
        mv -T "$work/kept" "$directory/$version"
    fi
    ln -s "$version" "$work/link"
    mv -T "$work/link" "$directory/$name"
}

kernel_list() {
    local name directory
    directory=$(kernels_directory)
    for name in "${kernel_names[@]}" "${built_kernel_names[@]}" "${foreign_kernel_names[@]}"; do
        if [[ -e $directory/$name/vmlinuz ]]; then
            printf '%s\t%s\t%s\n' "$name" "$(readlink "$directory/$name")" "$(readlink -f "$directory/$name")/vmlinuz"
        fi
    done
}
