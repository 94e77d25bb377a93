// swift-tools-version: 6.2
import PackageDescription

/// Compiler settings of every target of ours; dependencies keep their own.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    // Generic code of ours is specialised over module borders: 12 % less processor time per event in `dev/bench`.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// Tests look at pointers and clocks more freely than the product does; everything else is the same.
let testing: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Small C targets of ours; they are hot even in a debug build.
let native: [CSetting] = [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]

func module(_ folder: String, _ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: testing)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let grdb: [Target.Dependency] = [
    .product(name: "GRDB", package: "GRDB.swift"),
    .product(name: "GRDBSQLite", package: "GRDB.swift"),
]

let package = Package(
    name: "hookswitch",
    products: [.executable(name: "hookswitch", targets: ["hookswitch"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // No traits: the router needs neither swift-configuration nor full Foundation from it.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    ],
    targets: [
        // Bridges: the only code that touches a C pointer.
        // C libraries as module maps; the C targets hold what must not be Swift: longjmp, SIMD, the hot loop.
        .systemLibrary(
            name: "CLua", path: "Sources/Bridges/CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
        .systemLibrary(
            name: "CYAML", path: "Sources/Bridges/CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CCurl", path: "Sources/Bridges/CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CXML", path: "Sources/Bridges/CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/Bridges/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CBrotli", path: "Sources/Bridges/CBrotli", pkgConfig: "libbrotlidec",
            providers: [.apt(["libbrotli-dev"])]),
        .systemLibrary(
            name: "CZstd", path: "Sources/Bridges/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CScan", path: "Sources/Bridges/CScan", cSettings: native),
        .target(name: "CMatch", path: "Sources/Bridges/CMatch", cSettings: native),
        .target(
            name: "CLuaTrampoline", dependencies: ["CLua"], path: "Sources/Bridges/CLuaTrampoline", cSettings: native),
        // Lua states with budgets and a sandbox; no pointer in the API.
        module("Bridges", "LuaBridge", ["CLua", "CLuaTrampoline"]),
        // YAML events as a tree with a mark on every node.
        module("Bridges", "YAMLBridge", ["CYAML"]),
        // One libcurl multi handle on a thread of its own.
        module("Bridges", "CurlBridge", ["CCurl"]),
        // XML as a row of events; no declarations of types, no entities, no network.
        module("Bridges", "XMLBridge", ["CXML"]),
        // Content codings of HTTP, within limits.
        module("Bridges", "CodecBridge", ["CZlib", "CBrotli", "CZstd"]),

        // Core: the words everything else speaks.
        // Events, carriers, specs, JSON, diagnostics, seams.
        module("Core", "HookCore", ["CScan"]),
        // The one door to cryptography.
        module("Core", "HookCrypto", [crypto]),
        // What bodies are written in: forms, multipart, XML, CloudEvents, content codings; to JSON and back.
        module("Core", "HookFormats", ["HookCore", "HookCrypto", "XMLBridge", "CodecBridge"]),
        // Route files to checked specs, with diagnostics.
        module("Core", "HookConfig", ["HookCore", "YAMLBridge"]),

        // Stages: the six, in order, then the row they stand in.
        // 1: bytes from a socket to `Accepted`.
        module("Stages", "HookIngest", ["HookCore"] + nio),
        // 2: signature, address, JSON, mapping to `Verified`.
        module("Stages", "HookVerify", ["HookCore", "HookCrypto", "HookFormats"]),
        // 3: match and fan out to `Routed`.
        module("Stages", "HookRoute", ["HookCore", "CMatch"]),
        // 4: Lua and rendering to `Prepared`.
        module("Stages", "HookTransform", ["HookCore", "HookCrypto", "HookFormats", "LuaBridge"]),
        // 5: durable, `Stored`.
        module("Stages", "HookStore", ["HookCore"] + grdb),
        // 6: attempts until `Settled`.
        module("Stages", "HookDeliver", ["HookCore", "HookCrypto", "HookFormats", "CurlBridge", deque]),
        // The six in a row; revisions, reload, dry runs, tests of users.
        module(
            "Stages", "HookPipeline",
            [
                "HookCore", "HookCrypto", "HookConfig", "HookIngest", "HookVerify", "HookRoute", "HookTransform",
                "HookStore",
                "HookDeliver",
            ]),

        // Surfaces: what people and machines see.
        // Metrics page and log.
        module("Surfaces", "HookTelemetry", ["HookCore", logging]),
        // API, health, request bin.
        module(
            "Surfaces", "HookAdmin",
            ["HookCore", "HookCrypto", "HookDeliver", "HookPipeline", "HookTelemetry", hummingbird, logging, nio[0]]),
        // The command line.
        .executableTarget(
            name: "hookswitch",
            dependencies: [
                "HookCore", "HookCrypto", "HookConfig", "HookIngest", "HookVerify", "HookRoute", "HookTransform",
                "HookStore",
                "HookDeliver", "HookPipeline", "HookAdmin", "HookTelemetry", arguments,
            ],
            path: "Sources/Surfaces/hookswitch", swiftSettings: house),

        // TestKit: what tests share.
        .target(
            name: "HookTestKit", dependencies: ["HookCore"], path: "Sources/TestKit/HookTestKit", swiftSettings: testing
        ),

        // Tests: one target per module, then the whole path, the command line, and the house itself.
        tests("HookCoreTests", ["HookCore", "HookTestKit"]),
        tests("HookCryptoTests", ["HookCrypto"]),
        tests("LuaBridgeTests", ["LuaBridge", "CLuaTrampoline", "HookCore", "HookTestKit"]),
        tests("YAMLBridgeTests", ["YAMLBridge", "HookTestKit"]),
        tests("CurlBridgeTests", ["CurlBridge"]),
        tests("XMLBridgeTests", ["XMLBridge"]),
        tests("CodecBridgeTests", ["CodecBridge"]),
        tests("HookFormatsTests", ["HookFormats", "HookCore"]),
        tests("HookConfigTests", ["HookConfig", "HookCore", "YAMLBridge"]),
        tests(
            "HookIngestTests", ["HookIngest", "HookCore", nio[0], .product(name: "NIOEmbedded", package: "swift-nio")]),
        tests("HookVerifyTests", ["HookVerify", "HookCore", "HookCrypto"]),
        tests("HookRouteTests", ["HookRoute", "HookCore", "HookTestKit", "CMatch"], exclude: ["conformance.jsonl"]),
        tests(
            "HookTransformTests",
            ["HookTransform", "HookConfig", "HookCore", "HookCrypto", "HookFormats", "HookTestKit", "LuaBridge"]),
        tests("HookStoreTests", ["HookStore", "HookCore", "HookTestKit"] + grdb),
        tests(
            "PipelineTests",
            [
                "HookAdmin", "HookConfig", "HookPipeline", "HookCore", "HookDeliver", "HookIngest", "HookRoute",
                "HookStore",
                "HookTransform",
                "HookVerify", "HookTestKit",
            ]),
        tests("CommandTests", ["HookCore", "hookswitch"]),
        tests("ArchitectureTests", ["HookCore"]),
        tests("HookDeliverTests", ["HookDeliver", "HookCore", "HookCrypto", "HookTestKit", "CurlBridge"]),
    ]
)
