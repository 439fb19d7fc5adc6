# Kernels by name, fetched or built once and cached. Sourced, never run; needs common.sh, debian.sh and built-kernels.sh.
#
# A cached kernel is a directory CACHE/kernels/VERSION holding vmlinuz, release (what uname -r
# will say), config (where the packages have one), and diag/, the modules by which the kernel tells ss and strace of sockets. CACHE/kernels/NAME is a symbolic link to
# the version that NAME means. A kernel for another processor has that one's busybox beside it, and the modules that the
# harness needs where they are not built in.

# Every kernel that the harness knows: its name; its processor and its suite, in Debian's words; the package that depends on
# the newest image, or `built` for one that is built here from that suite's source; the modules that it needs. The cloud
# kernels have all that QEMU offers built in.
kernel_table='
5.10               amd64    bullseye  linux-image-cloud-amd64
6.1                amd64    bookworm  linux-image-cloud-amd64
6.12               amd64    trixie    linux-image-cloud-amd64
newest             amd64    sid       linux-image-cloud-amd64
5.10-nobpf         amd64    bullseye  built
6.1-nobpf          amd64    bookworm  built
6.1-nobpf-notrace  amd64    bookworm  built
6.12-nobpf         amd64    trixie    built
arm64-5.10         arm64    bullseye  linux-image-cloud-arm64
arm64-6.1          arm64    bookworm  linux-image-cloud-arm64
arm64-6.12         arm64    trixie    linux-image-cloud-arm64
arm64-newest       arm64    sid       linux-image-cloud-arm64
arm64-16k          arm64    sid       linux-image-arm64-16k     virtio_blk
i386               i386     bookworm  linux-image-686
armhf              armhf    bookworm  linux-image-armmp
s390x              s390x    bookworm  linux-image-s390x         virtio_blk virtio_console
riscv64-6.12       riscv64  trixie    linux-image-riscv64       virtio_blk
riscv64-newest     riscv64  sid       linux-image-riscv64       virtio_blk
ppc64el            ppc64el  bookworm  linux-image-powerpc64le   virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk
mips64el           mips64el bookworm  linux-image-5kc-malta     nvme-core nvme
'

# What `ss` and `strace -yy` ask about sockets, each behind those that it needs.
diag_modules='inet_diag tcp_diag udp_diag unix_diag'

# kernel_names [PROCESSOR...]: of these processors, or all.
kernel_names() {
    awk -v wanted=" $* " 'NF && (wanted == "  " || index(wanted, " " $2 " ")) { print $1 }' <<<"$kernel_table"
}

# Other ways to write a name; anything from 7 on is what the archive's newest suite has.
kernel_canonical_name() {
    local name=$1
    case $name in
    7 | 7.* | sid) name=newest ;;
    arm64-7 | arm64-7.* | arm64-sid) name=arm64-newest ;;
    arm64) name=arm64-6.1 ;;
    # 6.12 takes no probes at the entry of a function that can be traced.
    riscv64) name=riscv64-newest ;;
    esac
    kernel_names | grep -xF -- "$name"
}

# kernel_column NAME FIRST [LAST]: of its line in the table, from the column FIRST to LAST.
kernel_column() {
    awk -v name="$1" -v first="$2" -v last="${3:-$2}" '
        $1 == name { for (i = first; i <= last && i <= NF; i++) printf "%s%s", (i > first ? " " : ""), $i; print "" }
    ' <<<"$kernel_table"
}

kernel_suite() { kernel_column "$1" 3; }
kernel_package() { kernel_column "$1" 4; }
kernel_modules() { kernel_column "$1" 5 99; }
kernel_is_built() { [[ $(kernel_package "$1") == built ]]; }

# kernel_architecture NAME|PATH: the processor in Debian's words.
kernel_architecture() {
    local name
    if name=$(kernel_canonical_name "$1"); then
        kernel_column "$name" 2
    elif [[ -f $1 && -r $1 ]]; then
        kernel_image_architecture "$1"
    else
        die 120 "no kernel '$1': neither one of $(kernel_names | paste -s -d ' ') nor a readable file"
    fi
}

# kernel_image_architecture PATH: the processor that an image is for, as its own header says.
kernel_image_architecture() {
    # A hexadecimal text of COUNT bytes at OFFSET.
    bytes() { od -A n -t x1 -j "$2" -N "$3" -- "$1" | tr -d ' \n'; }
    if [[ $(bytes "$1" 56 4) == 41524d64 ]]; then
        printf 'arm64\n' # "ARMd": Documentation/arch/arm64/booting.rst
    elif [[ $(bytes "$1" 36 4) == 18286f01 ]]; then
        printf 'armhf\n' # a zImage: arch/arm/boot/compressed/head.S
    elif [[ $(bytes "$1" 514 4) == 48647253 ]]; then
        # "HdrS"; the lowest bit of xloadflags says whether it has a 64-bit entry: Documentation/arch/x86/boot.rst
        if ((0x$(bytes "$1" 566 1) & 1)); then printf 'amd64\n'; else printf 'i386\n'; fi
    elif [[ $(bytes "$1" 65544 6) == 533339304550 ]]; then
        printf 's390x\n' # "S390EP": arch/s390/boot/head.S
    elif [[ $(bytes "$1" 56 4) == 52534305 ]]; then
        printf 'riscv64\n' # "RSC\x05": Documentation/arch/riscv/boot-image-header.rst
    elif [[ $(bytes "$1" 0 6)$(bytes "$1" 18 2) == 7f454c4602011500 ]]; then
        printf 'ppc64el\n' # an ELF file of 64 bits, low bytes first, for EM_PPC64: the vmlinux itself
    elif [[ $(bytes "$1" 0 6)$(bytes "$1" 18 2) == 7f454c4602010800 ]]; then
        printf 'mips64el\n' # the same for EM_MIPS
    else
        die 120 "$1 is no kernel image for amd64, i386, arm64, armhf, s390x, riscv64, ppc64el or mips64el that boots as it is"
    fi
}

kernels_directory() {
    printf '%s/kernels\n' "$(cache_directory)"
}

# kernel_image NAME|PATH: prints the path of a bootable image, fetching it if need be. kernel_architecture has looked at both.
kernel_image() {
    local name
    if name=$(kernel_canonical_name "$1"); then
        kernel_fetch "$name"
        printf '%s/%s/vmlinuz\n' "$(kernels_directory)" "$name"
    else
        printf '%s\n' "$1"
    fi
}

# kernel_diag_modules IMAGE NAME|PATH: prints the paths of the modules about sockets that are no part of the kernel itself.
kernel_diag_modules() {
    local name directory=${1%/*}/diag
    name=$(kernel_canonical_name "$2") || die 120 "--with-diag is for kernels of Debian's"
    if [[ ! -e $directory ]]; then
        kernel_fetch "$name" refresh
    fi
    find "$(kernels_directory)/$name/diag/" -name '*.ko'
}

# kernel_busybox IMAGE ARCHITECTURE: prints the path of a static busybox of that processor: the one that was fetched along with
# this kernel or, for a kernel given by its path, with the first of that processor.
kernel_busybox() {
    local name busybox
    busybox=$(dirname -- "$1")/busybox
    if [[ $2 == amd64 ]]; then
        busybox=$(busybox_static)
    elif [[ ! -e $busybox ]]; then
        name=$(kernel_names "$2" | head -n 1)
        kernel_fetch "$name"
        busybox=$(kernels_directory)/$name/busybox
    fi
    printf '%s\n' "$busybox"
}

# kernel_is_cached NAME DIRECTORY
kernel_is_cached() {
    if kernel_is_built "$1"; then
        built_kernel_is_current "$1" "$2"
    else
        [[ -e $2/$1/vmlinuz ]]
    fi
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
        if kernel_is_built "$name"; then
            built_kernel_make "$name" "$directory" "${2:-}"
        else
            kernel_download "$name" "$directory"
        fi
    ) 9>"$directory/.$name.lock"
}

# The newest package among PACKAGE's dependencies whose name begins with PREFIX.
kernel_dependency() {
    apt-cache "${private_apt[@]}" show --no-all-versions "$1" |
        sed -n 's/^\(Pre-\)\?Depends: //p' | tr ',|' '\n\n' | sed 's/^ *//; s/ .*//' |
        grep -m 1 "^$2" || true
}

# kernel_download NAME DIRECTORY
kernel_download() {
    local name=$1 directory=$2 suite architecture work image parts security private_apt=()
    suite=$(kernel_suite "$name")
    architecture=$(kernel_architecture "$name")
    work=$(mktemp -d "$directory/.fetch.XXXXXXXX")
    # In kernel_fetch's subshell: the trap is this fetch's own.
    # shellcheck disable=SC2064
    trap "rm -rf -- '$work'" EXIT
    note "fetching the $name kernel of Debian's $suite (once; it is kept in $directory)"
    # An archive may still list security updates whose packages it has no longer.
    for security in with-security without-security; do
        debian_private_apt "$work/apt" "$suite" "$architecture" "$security"
        image=$(kernel_dependency "$(kernel_package "$name")" linux-image-)
        if [[ -z $image ]]; then
            die 121 "the archive's $suite has no $(kernel_package "$name")"
        fi
        # From 7.0 on the image and the modules are in packages of their own.
        mapfile -t parts < <(kernel_dependency "$image" linux-binary-; kernel_dependency "$image" linux-modules-)
        if [[ $architecture != amd64 ]]; then parts+=(busybox-static); fi
        if (debian_unpack "$work" "$work/tree" "$image" "${parts[@]}"); then
            kernel_keep "$work" "$directory" "$name" "$image"
            return
        fi
    done
    die 121 "the $name kernel could not be fetched; apt's messages are above"
}

# kernel_keep WORK DIRECTORY NAME PACKAGE: picks what is worth keeping out of the unpacked packages.
kernel_keep() {
    local work=$1 directory=$2 name=$3 release=${4#linux-image-} version tree=$1/tree file module
    version=$(apt-cache "${private_apt[@]}" show --no-all-versions "$4" | sed -n 's/^Version: //p')
    mkdir "$work/kept"
    # riscv64's and ppc64el's are called vmlinux.
    file=$(find "$tree" -name 'vmlinu[xz]*' -type f | head -n 1)
    if [[ -z $file ]]; then
        die 121 "found no kernel in the packages of $4"
    fi
    cp "$file" "$work/kept/vmlinuz"
    printf '%s\n' "$release" >"$work/kept/release"
    find "$tree" -name 'config-*' -type f -exec cp {} "$work/kept/config" \;
    if [[ $architecture != amd64 ]]; then
        version+=-$name
        find "$tree" -path '*/bin/busybox' -exec cp -t "$work/kept" {} +
    fi
    for module in $(kernel_modules "$name"); do
        kernel_keep_module "$tree" "$module" "$work/kept"
        [[ -e $work/kept/$module.ko ]] || die 121 "found no $module.ko in the packages of $4"
    done
    mkdir "$work/kept/diag"
    # Some kernels have them built in.
    for module in $diag_modules; do kernel_keep_module "$tree" "$module" "$work/kept/diag"; done
    if [[ ! -e $directory/$version ]]; then
        mv -T "$work/kept" "$directory/$version"
    elif [[ ! -e $directory/$version/diag ]]; then
        mv -T "$work/kept/diag" "$directory/$version/diag"
    fi
    ln -s "$version" "$work/link"
    mv -T "$work/link" "$directory/$name"
}

# kernel_keep_module TREE MODULE DIRECTORY: unpacked, where the packages have it.
kernel_keep_module() {
    find "$1" -name "$2.ko*" -exec cp -t "$3" {} +
    if [[ -e $3/$2.ko.xz ]]; then
        need_command xz xz-utils
        xz --decompress "$3/$2.ko.xz"
    fi
}

kernel_list() {
    local name directory
    directory=$(kernels_directory)
    for name in $(kernel_names); do
        if [[ -e $directory/$name/vmlinuz ]]; then
            printf '%s\t%s\t%s\n' "$name" "$(readlink "$directory/$name")" "$(readlink -f "$directory/$name")/vmlinuz"
        fi
    done
}
