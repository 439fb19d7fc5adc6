# What the executable and the benchmarks' program are built with. Sourced, never run; needs $library and $top.

# In a place of their own, as two builds in one place wait for each other. Small where speed is of no use: see Package.swift.
executable_build=(env SOCKFTRACE_COMPACT=1 swift build)
executable_options=(
    --package-path "$top" --scratch-path "$top/.build/optimised" --configuration release --static-swift-stdlib
)

# On x86-64 without the tables by which C++ exceptions unwind, two megabytes: nothing here throws one or ends a thread from
# within, and a debugger has better ones in the file that is not stripped.
compact_options=(
    -Xswiftc -static-executable -Xswiftc -use-ld=lld
    -Xlinker --no-eh-frame-hdr -Xlinker --script -Xlinker "$library/no-unwind-tables.ld"
)
