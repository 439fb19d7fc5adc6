// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in tests and CI, not in what others build with a compiler of tomorrow.
let isStrict = Context.environment["SOCKFTRACE_STRICT"] != nil

/// Every Swift target is held to the same rules.
let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableExperimentalFeature("Lifetimes"),
        .enableExperimentalFeature("SuppressedAssociatedTypes"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

/// Of modules off the path of records: small code rather than fast, where scripts/build makes the executable. Not always, as
/// a package with such flags cannot be another's dependency.
let compactSettings =
    swiftSettings
    + (Context.environment["SOCKFTRACE_COMPACT"] == nil
        ? [] : [.unsafeFlags(["-Osize"], .when(configuration: .release))])

/// One archive for scripts/fuzz to link with libFuzzer's own main.
let fuzzing: [Product] =
    Context.environment["SOCKFTRACE_FUZZING"] == nil
    ? [] : [.library(name: "FuzzTargets", type: .static, targets: ["FuzzTargets"])]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let containers = Target.Dependency.product(name: "BasicContainers", package: "swift-collections")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "sockftrace",
    products: [
        .executable(name: "sockftrace", targets: ["sockftrace"]),
        .library(name: "SocketTracing", targets: ["SocketTracing"]),
    ] + fuzzing,
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        // C libraries, as Debian packages them.
        .systemLibrary(name: "CTraceEvent", pkgConfig: "libtraceevent", providers: [.apt(["libtraceevent-dev"])]),
        .systemLibrary(name: "CTraceFS", pkgConfig: "libtracefs", providers: [.apt(["libtracefs-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        // System calls that the Glibc module does not show.
        .systemLibrary(name: "CLinux"),
        // What has to be done before the Swift runtime begins.
        .target(name: "CStartup", publicHeadersPath: "."),
        // What of SQLite an executable does without.
        .target(name: "CPlainSQLite", publicHeadersPath: "."),

        // The modules, lowest first: a target depends only on those above it.
        .target(name: "PlainText", swiftSettings: swiftSettings),
        .target(name: "Interning", swiftSettings: swiftSettings),
        .target(name: "SocketNames", swiftSettings: swiftSettings),
        .target(name: "ProbeContract", swiftSettings: compactSettings),
        .target(name: "LinuxSystem", dependencies: ["SocketNames", "CLinux", system], swiftSettings: compactSettings),
        .target(name: "RingBuffer", dependencies: [containers], swiftSettings: swiftSettings),
        .target(name: "EventFormats", dependencies: ["RingBuffer", "CTraceEvent"], swiftSettings: swiftSettings),
        .target(
            name: "TraceDat", dependencies: ["RingBuffer", "LinuxSystem", "CZstd", "CZlib", system],
            swiftSettings: compactSettings),
        .target(
            name: "SocketEvents",
            dependencies: [
                "RingBuffer", "EventFormats", "ProbeContract", "SocketNames", "Interning", "PlainText", containers,
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "EventOutput", dependencies: ["SocketEvents", "SocketNames", "PlainText"],
            swiftSettings: swiftSettings),
        .target(
            name: "EventStatistics",
            dependencies: [
                "SocketEvents", "SocketNames", "EventOutput", "Interning", "PlainText", "CZlib", containers, histogram,
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "EventExport",
            dependencies: [
                "SocketEvents", "SocketNames", "EventOutput", "EventStatistics", "Interning", "PlainText",
                "LinuxSystem",
                "CSQLite", containers, system,
            ],
            resources: [
                .embedInCode("HTML/Page/report.html"), .embedInCode("HTML/Page/report.css"),
                .embedInCode("HTML/Page/report.js"),
            ],
            swiftSettings: compactSettings),
        .target(name: "KernelLayout", dependencies: ["SocketNames"], swiftSettings: compactSettings),
        .target(
            name: "ProbePlanning", dependencies: ["KernelLayout", "ProbeContract", "SocketEvents", "PlainText"],
            swiftSettings: compactSettings),
        .target(
            name: "TraceFS", dependencies: ["LinuxSystem", "PlainText", "CTraceFS", system],
            swiftSettings: compactSettings),
        .target(
            name: "SocketTracing",
            dependencies: [
                "SocketEvents", "SocketNames", "ProbeContract", "ProbePlanning", "KernelLayout", "TraceFS", "TraceDat",
                "EventFormats", "RingBuffer", "LinuxSystem", "PlainText", "CLinux", system, containers,
            ],
            resources: [.embedInCode("Script/recorder.sh")],
            swiftSettings: compactSettings),
        .executableTarget(
            name: "sockftrace",
            dependencies: [
                "SocketTracing", "EventExport", "EventStatistics", "EventOutput", "SocketEvents", "SocketNames",
                "ProbePlanning", "KernelLayout", "TraceFS", "TraceDat", "LinuxSystem", "PlainText", "CLinux",
                "CStartup", "CPlainSQLite",
                argumentParser, containers, logging, system,
            ],
            swiftSettings: compactSettings),

        // The stages of the offline path alone, for scripts/bench.
        .target(name: "AllocationCount", path: "Tests/Benchmarks/AllocationCount"),
        .executableTarget(
            name: "sockftrace-stages",
            dependencies: [
                "SocketTracing", "EventOutput", "EventFormats", "TraceDat", "RingBuffer", "AllocationCount", system,
            ],
            path: "Tests/Benchmarks/Stages", swiftSettings: swiftSettings),

        // What the tests of the decoder share: pages, formats and whole traces made in memory.
        .target(
            name: "TraceTestSupport",
            dependencies: ["RingBuffer", "EventFormats", "SocketEvents", "ProbeContract", "CTraceEvent"],
            path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .testTarget(
            name: "RingBufferTests", dependencies: ["RingBuffer", "TraceTestSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "LinuxSystemTests", dependencies: ["LinuxSystem", system], swiftSettings: swiftSettings),
        .testTarget(
            name: "TraceDatTests", dependencies: ["TraceDat", "RingBuffer", "LinuxSystem", "CZstd", "CZlib", system],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "TraceFSTests", dependencies: ["TraceFS", "LinuxSystem", system], exclude: ["Fixtures"],
            swiftSettings: swiftSettings
        ),
        // What scripts/fuzz runs on made-up input, and the tests on what once went wrong.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "SocketTracing", "SocketEvents", "SocketNames", "TraceDat", "EventFormats",
                "EventOutput", "RingBuffer", system,
            ],
            path: "Tests/FuzzTargets", swiftSettings: swiftSettings),

        // What the workload's ledger says, and how a trace is held against it. Optimised in tests, too: unoptimised, a million
        // lines of JSON take longer than the kernels that make them.
        .target(
            name: "LedgerSupport", path: "Tests/LedgerSupport",
            swiftSettings: swiftSettings + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
        .testTarget(name: "LedgerSupportTests", dependencies: ["LedgerSupport"], swiftSettings: swiftSettings),
        .testTarget(name: "KernelTests", dependencies: ["LedgerSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ReplayTests",
            dependencies: [
                "SocketTracing", "KernelLayout", "ProbePlanning", "EventOutput", "SocketEvents", "SocketNames",
                "TraceDat", "EventFormats", "RingBuffer", "LinuxSystem", "LedgerSupport", "TraceTestSupport",
                "FuzzTargets", "ProbeContract",
                "CZstd", system,
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "sockftrace", "EventOutput", "SocketEvents", "TraceDat", "LedgerSupport", "CZstd", system,
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EventFormatsTests",
            dependencies: [
                "EventFormats", "RingBuffer", "SocketEvents", "ProbeContract", "TraceTestSupport",
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "SocketEventsTests",
            dependencies: [
                "SocketEvents", "SocketNames", "ProbeContract", "EventFormats", "RingBuffer", "Interning",
                "TraceTestSupport",
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ProbePlanningTests",
            dependencies: [
                "ProbePlanning", "KernelLayout", "ProbeContract", "SocketEvents", "SocketNames", "TraceTestSupport",
            ],
            swiftSettings: swiftSettings),
        .testTarget(name: "PlainTextTests", dependencies: ["PlainText"], swiftSettings: swiftSettings),
        .testTarget(name: "ProbeContractTests", dependencies: ["ProbeContract"], swiftSettings: swiftSettings),
        .testTarget(
            name: "SocketTracingTests",
            dependencies: [
                "SocketTracing", "ProbePlanning", "ProbeContract", "KernelLayout", "SocketEvents", "TraceFS",
                system,
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EventOutputTests", dependencies: ["EventOutput", "SocketEvents", "SocketNames"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EventStatisticsTests",
            dependencies: ["EventStatistics", "EventOutput", "SocketEvents", "CZlib"],
            swiftSettings: swiftSettings),
    ]
)
