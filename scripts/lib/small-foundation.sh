# The part of FoundationEssentials that swift-argument-parser takes, in place of the whole, which would be 5 MB of the
# executable. Sourced, never run; needs common.sh.

small_foundation_source=$library/../swift-sdk/FoundationEssentials.swift

# small_foundation_options DIRECTORY: makes it there, and sets `small_foundation_options`, what `swift build` takes to use
# it: a module found by -I comes before the toolchain's own of that name.
small_foundation_options() {
    local directory=$1 name=SmallFoundation
    mkdir -p "$directory"
    # Made anew only where it changed, or else all that imports it would be compiled again.
    if [[ ! -e $directory/lib$name.a || $small_foundation_source -nt $directory/lib$name.a ]]; then
        swiftc -O -wmo -parse-as-library -static -swift-version 6 -module-name FoundationEssentials \
            -module-link-name "$name" -emit-module -emit-module-path "$directory/FoundationEssentials.swiftmodule" \
            -c -o "$directory/$name.o" "$small_foundation_source" >"$directory/log" 2>&1 ||
            { cat -- "$directory/log" >&2; die 1 "$small_foundation_source could not be compiled"; }
        rm -f -- "$directory/lib$name.a"
        ar rcs "$directory/lib$name.a" "$directory/$name.o"
    fi
    small_foundation_options=(-Xswiftc "-I$directory" -Xlinker "-L$directory")
}
