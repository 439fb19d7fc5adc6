# Installs what a script needs from the machine's own package archive. Sourced, never run.
# Each need_* function does nothing, quickly, when its thing is there already.

packages_index_is_fresh=

# install_packages PACKAGE...: as root only; says what to do otherwise.
install_packages() {
    if ! command -v apt-get >/dev/null; then
        die 121 "cannot install $*: this is no Debian-like system; install them by hand"
    fi
    if [[ $(id -u) != 0 ]]; then
        die 121 "cannot install $* without being root; run: apt-get install $*"
    fi
    if [[ -z $packages_index_is_fresh ]]; then
        apt-get -qq update >&2 || die 121 "apt-get update failed; see its message above"
        packages_index_is_fresh=yes
    fi
    note "installing $*"
    # Two runs at once wait for each other instead of failing on dpkg's lock.
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 install --no-install-recommends -y "$@" >&2 ||
        die 121 "installing $* failed; see apt-get's message above"
}

# need_command COMMAND PACKAGE...
need_command() {
    command -v "$1" >/dev/null || install_packages "${@:2}"
}

# need_service COMMAND PACKAGE...: the program of a service, which is not started.
need_service() {
    local policy=/usr/sbin/policy-rc.d status=0
    if command -v "$1" >/dev/null; then return; fi
    if [[ -e $policy ]]; then
        install_packages "${@:2}"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    (install_packages "${@:2}") || status=$?
    rm -f "$policy"
    return "$status"
}

# What the tests run in a guest and hold traces against.
need_judged_programs() {
    need_command strace strace
    need_command ss iproute2
    need_command curl curl
    need_command iperf3 iperf3
    need_command /usr/bin/python3 python3
    need_command redis-cli redis-tools
    need_service redis-server redis-server
    need_service nginx nginx-light
}

# need_qemu [ARCHITECTURE]: in Debian's words, amd64 unless given.
need_qemu() {
    case ${1:-amd64} in
    amd64) need_command qemu-system-x86_64 qemu-system-x86 ;;
    i386) need_command qemu-system-i386 qemu-system-x86 ;;
    arm64) need_command qemu-system-aarch64 qemu-system-arm ;;
    armhf) need_command qemu-system-arm qemu-system-arm ;;
    s390x) need_command qemu-system-s390x qemu-system-misc ;;
    riscv64) need_command qemu-system-riscv64 qemu-system-misc ;;
    ppc64el) need_command qemu-system-ppc64 qemu-system-ppc ;;
    mips64el) need_command qemu-system-mips64el qemu-system-mips ;;
    esac
}

# The guest has no libraries, so its busybox must be the static one.
need_initramfs_tools() {
    need_command cpio cpio
    if ! busybox_static >/dev/null; then
        install_packages busybox-static
        busybox_static >/dev/null || die 121 "busybox-static is installed but no static busybox was found"
    fi
}

busybox_static() {
    local candidate
    for candidate in /bin/busybox /usr/bin/busybox /bin/busybox.static; do
        # A static executable has no program interpreter for ldd to list.
        if [[ -x $candidate ]] && ! ldd "$candidate" >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

# need_c_compiler [ARCHITECTURE]: the workload is linked statically, which takes libc's own development files.
need_c_compiler() {
    case ${1:-amd64} in
    i386) need_command i686-linux-gnu-gcc gcc-i686-linux-gnu libc6-dev-i386-cross ;;
    arm64) need_command aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;;
    armhf) need_command arm-linux-gnueabihf-gcc gcc-arm-linux-gnueabihf libc6-dev-armhf-cross ;;
    s390x) need_command s390x-linux-gnu-gcc gcc-s390x-linux-gnu libc6-dev-s390x-cross ;;
    riscv64) need_command riscv64-linux-gnu-gcc gcc-riscv64-linux-gnu libc6-dev-riscv64-cross ;;
    ppc64el) need_command powerpc64le-linux-gnu-gcc gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross ;;
    mips64el) need_command mips64el-linux-gnuabi64-gcc gcc-mips64el-linux-gnuabi64 libc6-dev-mips64el-cross ;;
    *) need_native_c_compiler ;;
    esac
}

need_native_c_compiler() {
    if ! command -v gcc >/dev/null || [[ ! -e $(gcc -print-file-name=libc.a) ]]; then
        install_packages gcc libc6-dev
    fi
    if [[ ! -e /usr/include/linux/io_uring.h ]]; then
        install_packages linux-libc-dev
    fi
}

# What a kernel is built with; objtool, which is part of that, needs libelf.
need_kernel_build_tools() {
    local command
    need_c_compiler
    for command in make flex bison bc; do
        need_command "$command" "$command"
    done
    need_command xz xz-utils
    if [[ ! -e /usr/include/libelf.h ]]; then
        install_packages libelf-dev
    fi
}

need_trace_cmd() {
    need_command trace-cmd trace-cmd
}

# What the Swift package is linked with; their static libraries come in the same packages.
need_libraries() {
    local package missing=()
    for package in libtraceevent-dev libtracefs-dev libzstd-dev zlib1g-dev libsqlite3-dev pkg-config; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    if [[ ${#missing[@]} -gt 0 ]]; then
        install_packages "${missing[@]}"
    fi
}

# Swift comes from no package archive of Debian 12.
need_swift() {
    if ! command -v swift >/dev/null; then
        die 121 "there is no Swift toolchain: install Swift 6.2 or later from swift.org and put it in PATH"
    fi
}
