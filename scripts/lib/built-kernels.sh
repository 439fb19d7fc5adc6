# Kernels that nobody ships, built from Debian's linux-source packages and fragments of ours. Sourced, never run.
#
# A name is SERIES-FRAGMENT[-FRAGMENT]: 6.1-nobpf-notrace is Debian's 6.1 with scripts/kernels/nobpf.config and then
# scripts/kernels/notrace.config. The cached directory's name ends with a hash of these fragments, so a change of one
# makes the kernel anew. The sources stay in the cache too (CACHE/kernels/sources).

built_kernel_fragments() {
    local words fragment
    IFS=- read -ra words <<<"$1"
    for fragment in "${words[@]:1}"; do
        printf '%s\n' "$library/../kernels/$fragment.config"
    done
}

# built_kernel_key NAME: the hash of what it is configured with.
built_kernel_key() {
    local fragments
    mapfile -t fragments < <(built_kernel_fragments "$1")
    cat -- "${fragments[@]}" | sha256sum | cut -c 1-12
}

# built_kernel_is_current NAME DIRECTORY: it is cached, and its fragments are still the same.
built_kernel_is_current() {
    [[ -e $2/$1/vmlinuz && $(readlink "$2/$1") == *-$(built_kernel_key "$1") ]]
}

# built_kernel_source SERIES DIRECTORY [refresh]: prints the path of Debian's source, VERSION.tar.xz.
built_kernel_source() {
    local package=linux-source-$1 sources=$2/sources version kept work private_apt=()
    mkdir -p "$sources"
    for kept in "$sources/$package"_*.tar.xz; do
        if [[ -e $kept && ${3:-} != refresh ]]; then
            printf '%s\n' "$kept"
            return
        fi
    done
    work=$(mktemp -d "$2/.source.XXXXXXXX")
    # shellcheck disable=SC2064 # in a command substitution: the trap is this fetch's own
    trap "rm -rf -- '$work'" EXIT
    debian_private_apt "$work/apt" "$(kernel_suite "$1")"
    version=$(apt-cache "${private_apt[@]}" show --no-all-versions "$package" | sed -n 's/^Version: //p')
    if [[ -z $version ]]; then
        die 121 "the archive's $(kernel_suite "$1") has no $package"
    fi
    kept=$sources/${package}_$version.tar.xz
    if [[ ! -e $kept ]]; then
        (cd "$work" && apt-get "${private_apt[@]}" -qq download "$package" >&2) || die 121 "apt could not download $package"
        dpkg -x "$work/$package"_*.deb "$work/tree"
        # One version a series is enough.
        rm -f -- "$sources/$package"_*.tar.xz
        mv -- "$work/tree/usr/src/$package.tar.xz" "$kept"
    fi
    printf '%s\n' "$kept"
}

# built_kernel_make NAME DIRECTORY [refresh]: runs in kernel_fetch's subshell.
built_kernel_make() {
    local name=$1 directory=$2 series=${1%%-*} work source version target fragments
    need_kernel_build_tools
    note "building the $name kernel (once, about seven minutes on two cores; it is kept in $directory)"
    source=$(built_kernel_source "$series" "$directory" "${3:-}")
    version=${source##*_}
    target=${version%.tar.xz}-${name#*-}-$(built_kernel_key "$name")
    work=$(mktemp -d "$directory/.build.XXXXXXXX")
    # shellcheck disable=SC2064 # the subshell's own trap
    trap "rm -rf -- '$work'" EXIT
    if [[ ! -e $directory/$target/vmlinuz ]]; then
        mkdir "$work/tree" "$work/kept"
        # Half of the source is other processors and devices; of these only the Kconfig files are read.
        tar -x -C "$work/tree" --strip-components=1 -f "$source" --exclude='*/Documentation/*/*' \
            --exclude='*/arch/[!x]*/*.[chS]' --exclude='*.dts' --exclude='*.dtsi' --exclude='*/tools/testing/*' \
            --exclude='*/sound/*.[ch]' --exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/media/*.[ch]'
        mapfile -t fragments < <(built_kernel_fragments "$name")
        cat -- "${fragments[@]}" >"$work/fragment"
        built_kernel_run "$work" KCONFIG_ALLCONFIG="$work/fragment" allnoconfig
        built_kernel_check "$work/tree" "$name" "${fragments[@]}"
        built_kernel_run "$work" LOCALVERSION="-${name#*-}" bzImage
        cp "$work/tree/arch/x86/boot/bzImage" "$work/kept/vmlinuz"
        cp "$work/tree/.config" "$work/kept/config"
        cp "$work/tree/include/config/kernel.release" "$work/kept/release"
        mv -T "$work/kept" "$directory/$target"
    fi
    ln -s "$target" "$work/link"
    mv -T "$work/link" "$directory/$name"
}

# built_kernel_run WORK ARGUMENT...: make, silent unless it fails.
built_kernel_run() {
    local work=$1
    shift
    make -C "$work/tree" ARCH=x86 KBUILD_BUILD_USER=sockftrace KBUILD_BUILD_HOST=sockftrace -j "$(nproc)" "$@" \
        >"$work/log" 2>&1 || {
        tail -n 40 "$work/log" >&2
        die 121 "the kernel could not be built (make $*); its last words are above"
    }
}

# built_kernel_check TREE NAME FRAGMENT...: kconfig drops silently what it does not know or what depends on something
# that is off; so every line of the fragments is held against what came out.
built_kernel_check() {
    local tree=$1 name=$2 wrong
    shift 2
    wrong=$(awk '
        FILENAME == ARGV[1] && /^CONFIG_/ { split($0, pair, "="); got[pair[1]] = pair[2]; next }
        FILENAME == ARGV[1] { next }
        /^# version-dependent/ { lenient = 1; next }
        { symbol = "" }
        /^CONFIG_[A-Z0-9_]*=/ { split($0, pair, "="); symbol = pair[1]; want[symbol] = pair[2] }
        /^# CONFIG_[A-Z0-9_]* is not set/ { symbol = $2; want[symbol] = "n" }
        symbol != "" { if (lenient) optional[symbol] = 1; lenient = 0 }
        END {
            for (symbol in want) {
                had = symbol in got ? got[symbol] : "n"
                if (had != want[symbol] && !(symbol in optional)) print symbol " is " had ", wanted " want[symbol]
            }
        }' "$tree/.config" "$@")
    if [[ -n $wrong ]]; then
        printf '%s\n' "$wrong" | sed 's/^/  | /' >&2
        die 121 "the configuration of $name did not come out as its fragments say"
    fi
    # What is to be off must be a name that kconfig knows: a misspelt one would always look right.
    sed -n 's/^# CONFIG_\([A-Z0-9_]*\) is not set$/\1/p' "$@" | while read -r wrong; do
        grep -rqxE --include='Kconfig*' "[[:space:]]*(menu)?config $wrong" "$tree" ||
            die 121 "no Kconfig file of $name knows $wrong, which its fragments turn off"
    done
}
