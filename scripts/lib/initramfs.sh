# Builds the guest's initramfs. Sourced, never run.
# The kernel unpacks concatenated cpio archives one after another, so busybox and init are kept
# in the cache as a base, and a run only packs what it brings itself.

# initramfs_base IMAGE ARCHITECTURE: prints the path of the base archive, made anew when busybox, init or modules changed.
initramfs_base() {
    local directory busybox module modules=() key base work
    directory=$(cache_directory)/initramfs
    busybox=$(kernel_busybox "$1" "$2")
    # Modules are of one kernel alone.
    if [[ $(dirname -- "$busybox") == "$(dirname -- "$1")" ]]; then
        for module in "$(dirname -- "$1")"/*.ko; do
            if [[ -e $module ]]; then
                modules+=("$module")
            fi
        done
    fi
    key=$(cat "$busybox" ${modules[@]+"${modules[@]}"} "$library/guest-init" "$library/initramfs.sh" | sha256sum | cut -c 1-16)
    base=$directory/base-$key.cpio
    if [[ ! -e $base ]]; then
        mkdir -p "$directory"
        work=$(mktemp -d "$temporary/base.XXXXXXXX")
        mkdir -p "$work"/{bin,sbin,dev,proc,sys,tmp,run,root,result,test,etc/guest,lib/modules,usr/bin,usr/sbin,var/tmp,mnt}
        chmod 1777 "$work"/{tmp,var/tmp}
        install -m 755 "$busybox" "$work/bin/busybox"
        install -m 755 "$library/guest-init" "$work/init"
        if [[ ${#modules[@]} -gt 0 ]]; then
            install -m 644 "${modules[@]}" "$work/lib/modules/"
        fi
        # What every test writes to; the directory itself is what is brought back.
        ln -s result/out "$work/out"
        printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$work/etc/passwd"
        printf 'root:x:0:\nnogroup:x:65534:\n' >"$work/etc/group"
        initramfs_pack "$work" "$work.cpio"
        mv "$work.cpio" "$base.$$"
        mv "$base.$$" "$base"
    fi
    printf '%s\n' "$base"
}

# initramfs_pack DIRECTORY ARCHIVE: everything in it belongs to root, whoever runs this.
initramfs_pack() {
    (cd "$1" && find . -print0 | LC_ALL=C sort -z | cpio --quiet -0 -o -H newc -R 0:0) >"$2"
}

# initramfs_add STAGING HOSTPATH GUESTPATH: a file or a whole directory.
initramfs_add() {
    local staging=$1 host=$2 guest=$3
    if [[ ! -r $host ]]; then
        die 120 "cannot read $host, which the guest was to get"
    fi
    mkdir -p "$staging$(dirname -- "$guest")"
    if [[ -d $host ]]; then
        mkdir -p "$staging$guest"
        cp -a "$host/." "$staging$guest/"
    else
        cp -L --reflink=auto --preserve=mode,timestamps "$host" "$staging$guest"
    fi
}

# initramfs_add_program STAGING NAME: a program of the host with the libraries it needs, at the same paths,
# and a link in the guest's path.
initramfs_add_program() {
    local staging=$1 program path
    program=$(command -v -- "$2") || die 120 "no program '$2' on this machine to bring along"
    program=$(realpath -- "$program")
    initramfs_add "$staging" "$program" "$program"
    while read -r path; do
        initramfs_add "$staging" "$path" "$path"
    done < <(ldd "$program" 2>/dev/null | grep -o '/[^ )]*')
    mkdir -p "$staging/usr/local/bin"
    ln -sfn "$program" "$staging/usr/local/bin/${2##*/}"
}
