# What the executable and the benchmarks' program are built with. Sourced, never run; needs $library and $top.

executable_options=(--package-path "$top" --configuration release --static-swift-stdlib)

# On x86-64 without the tables by which C++ exceptions unwind, two megabytes: nothing here throws one or ends a thread from
# within, and a debugger has better ones in the file that is not stripped.
compact_options=(
    -Xswiftc -static-executable -Xswiftc -use-ld=lld
    -Xlinker --no-eh-frame-hdr -Xlinker --script -Xlinker "$library/no-unwind-tables.ld"
)
