# shellcheck shell=bash
# The benchmarks' program, .build/sockftrace-stages: optimised, and with its allocations counted.
# Needs $top, $temporary, die.

build_stages() {
    # As scripts/build does, so that what it built is not built anew.
    local build=(swift build --package-path "$top" --configuration release --product sockftrace-stages
        --static-swift-stdlib -Xswiftc -static-executable) function
    for function in malloc calloc realloc aligned_alloc posix_memalign; do build+=(-Xlinker "--wrap=$function"); done
    "${build[@]}" >"$temporary/log" 2>&1 ||
        { cat "$temporary/log" >&2; die 1 "the stages could not be built"; }
    cp -- "$("${build[@]}" --show-bin-path)/sockftrace-stages" "$top/.build/sockftrace-stages.$$"
    mv -- "$top/.build/sockftrace-stages.$$" "$top/.build/sockftrace-stages"
}
