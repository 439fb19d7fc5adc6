# shellcheck shell=bash
# The benchmarks' program, .build/sockftrace-stages: optimised, and with its allocations counted.
# Needs $top, $library, $temporary, die.

# shellcheck source=scripts/lib/executable.sh
source "$library/executable.sh"
# shellcheck source=scripts/lib/small-foundation.sh
source "$library/small-foundation.sh"

build_stages() {
    # With all options of scripts/build, or else each of the two builds everything anew.
    small_foundation_options "$top/.build/small-foundation"
    local build=("${executable_build[@]}" --product sockftrace-stages "${executable_options[@]}" "${compact_options[@]}"
        "${small_foundation_options[@]}") function
    for function in malloc calloc realloc aligned_alloc posix_memalign; do build+=(-Xlinker "--wrap=$function"); done
    "${build[@]}" >"$temporary/log" 2>&1 ||
        { cat "$temporary/log" >&2; die 1 "the stages could not be built"; }
    cp -- "$("${build[@]}" --show-bin-path)/sockftrace-stages" "$top/.build/sockftrace-stages.$$"
    mv -- "$top/.build/sockftrace-stages.$$" "$top/.build/sockftrace-stages"
}
