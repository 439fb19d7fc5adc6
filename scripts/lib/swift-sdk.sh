# The Swift SDK with which this machine's Swift compiler makes executables for arm64. Sourced, never run; needs common.sh,
# packages.sh and debian.sh.
#
# It is made of Debian's packages, those that scripts/swift-sdk/packages lists, and kept as
# CACHE/swift-sdk/KEY/debian-arm64.artifactbundle. KEY is a hash of all that it is made of, the compiler included; so a
# change of any makes another. The packages stay in CACHE/swift-sdk/packages.

swift_sdk_triple=aarch64-unknown-linux-gnu
swift_sdk_source=$library/../swift-sdk

# The directory of the Swift toolchain that is in use.
swift_toolchain() {
    dirname -- "$(dirname -- "$(realpath -- "$(command -v swiftc)")")"
}

# swift_sdk_directory: where the SDK that belongs to this source and this compiler is, or is to be.
swift_sdk_directory() {
    local key
    key=$({ swift_toolchain; swiftc --version 2>&1; find "$swift_sdk_source" -type f -print0 | sort -z | xargs -0 cat;
        cat "$library/swift-sdk.sh"; } | sha256sum | cut -c 1-16)
    printf '%s/swift-sdk/%s\n' "$(cache_directory)" "$key"
}

# need_swift_sdk: makes it unless it is there. Two runs wait for each other.
need_swift_sdk() {
    local directory parent
    need_command aarch64-linux-gnu-strip binutils-aarch64-linux-gnu
    need_command pkg-config pkg-config
    directory=$(swift_sdk_directory)
    parent=$(dirname -- "$directory")
    if [[ -e $directory ]]; then
        return
    fi
    mkdir -p "$parent/packages"
    (
        flock --nonblock 9 || { note "waiting for another run that makes the Swift SDK"; flock 9; }
        if [[ ! -e $directory ]]; then
            note "making the Swift SDK for arm64 (once, some minutes; 520 MB are fetched and kept in $parent)"
            swift_sdk_make "$parent" "$directory"
        fi
    ) 9>"$parent/.lock"
}

# swift_sdk_options: sets `swift_sdk_options`, what `swift build` takes to use it, and `swift_sdk_sysroot`, which the environment's
# PKG_CONFIG_SYSROOT_DIR must name: the linker would else find the libraries of this machine.
swift_sdk_options() {
    local directory
    directory=$(swift_sdk_directory)
    swift_sdk_sysroot=$directory/debian-arm64.artifactbundle/debian/sysroot
    swift_sdk_options=(
        --swift-sdks-path "$directory" --swift-sdk debian-arm64
        --pkg-config-path "$swift_sdk_sysroot/usr/lib/aarch64-linux-gnu/pkgconfig"
    )
}

# swift_sdk_make PARENT DIRECTORY: in need_swift_sdk's subshell, whose trap is this function's own.
swift_sdk_make() {
    local parent=$1 hash path work sysroot
    # What a run that was killed has left.
    rm -rf -- "$parent"/.make.*
    work=$(mktemp -d "$parent/.make.XXXXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf -- '$work'" EXIT
    mkdir "$work/sdk"
    cp -r -- "$swift_sdk_source/bundle" "$work/sdk/debian-arm64.artifactbundle"
    sysroot=$work/sdk/debian-arm64.artifactbundle/debian/sysroot
    mkdir -p "$sysroot/usr/lib"
    while read -r hash path; do
        debian_file "$parent/packages" "$hash" "$path" "$(realpath -- "$swift_sdk_source/packages")"
        swift_sdk_unpack "$parent/packages/${path##*/}" "$sysroot"
    done < <(grep -v -e '^#' -e '^$' "$swift_sdk_source/packages")
    swift_sdk_adapt_interfaces "$sysroot" "$work"
    swift_sdk_add_foundation "$sysroot" "$work"
    # Into place as a whole.
    mv -T -- "$work/sdk" "$2"
}

# swift_sdk_unpack PACKAGE SYSROOT: of Swift's own package only the static runtime, without Foundation and Dispatch, which
# are binary modules of another compiler.
swift_sdk_unpack() {
    local from=./usr/libexec/swift/lib/swift_static
    if [[ ${1##*/} != swiftlang_* ]]; then
        dpkg -x "$1" "$2" || die 121 "$1 could not be unpacked"
        return
    fi
    dpkg --fsys-tarfile "$1" | tar -x -C "$2/usr/lib" --strip-components=5 --wildcards \
        --exclude="$from/linux/*Foundation*" --exclude="$from/linux/*_CF*" --exclude='*Dispatch.*' \
        "$from/linux/*" "$from/shims/*" || die 121 "$1 could not be unpacked"
}

# swift_sdk_adapt_interfaces SYSROOT WORK: makes the runtime of Debian's Swift one that this machine's takes.
#
# A compiler refuses the binary modules of another version, but compiles the textual interfaces beside them. And
# swift-collections asks `#if compiler(>=6.3)` where it means the standard library's version; what it then wants, the
# functions around withUnsafeTemporaryAllocation, are emitted into the client and so are in no library: their text is that
# of this machine's own interface.
swift_sdk_adapt_interfaces() {
    local static=$1/usr/lib/swift_static toolchain own interface
    toolchain=$(swift_toolchain)
    own=$toolchain/lib/swift_static/linux/Swift.swiftmodule/$(uname -m)-unknown-linux-gnu.swiftinterface
    [[ -r $own ]] || die 121 "the Swift toolchain in $toolchain has no interface of its standard library ($own)"
    # The compiler's own C headers.
    ln -sfn "$(realpath -- "$toolchain/lib/swift_static/clang")" "$static/clang"
    rm -f -- "$static"/linux/*.swiftmodule/"$swift_sdk_triple".swiftmodule
    for interface in "$static"/linux/Swift.swiftmodule/*.swiftinterface; do
        awk -v from='^@_alwaysEmitIntoClient @_transparent internal func _withUnsafeTemporaryAllocation<' \
            -v to='^@frozen public struct _UIntBuffer<' '
            $0 ~ from { within = 1; seen[FILENAME]++ }
            $0 ~ to { within = 0 }
            FNR == NR { if (within) text = text $0 "\n"; next }
            $0 ~ from && seen[FILENAME] == 1 { printf "%s", text }
            !within
            END { exit !(seen[ARGV[1]] && seen[ARGV[2]]) }' "$own" "$interface" >"$2/interface" ||
            die 121 "the functions around withUnsafeTemporaryAllocation were not found in $own and Debian's interface"
        mv -- "$2/interface" "$interface"
    done
}

# swift_sdk_add_foundation SYSROOT WORK: the part of FoundationEssentials that swift-argument-parser wants.
swift_sdk_add_foundation() {
    local static=$1/usr/lib/swift_static module=FoundationEssentials
    mkdir -p "$static/linux/$module.swiftmodule"
    swiftc -target "$swift_sdk_triple" -sdk "$1" -resource-dir "$static" -module-cache-path "$2/cache" \
        -O -wmo -parse-as-library -static -swift-version 6 -module-name "$module" -module-link-name "$module" \
        -emit-module -emit-module-path "$static/linux/$module.swiftmodule/$swift_sdk_triple.swiftmodule" \
        -c -o "$2/$module.o" "$swift_sdk_source/$module.swift" >"$2/log" 2>&1 ||
        { cat -- "$2/log" >&2; die 121 "the SDK's $module could not be compiled"; }
    aarch64-linux-gnu-ar rcs "$static/linux/lib$module.a" "$2/$module.o"
}
