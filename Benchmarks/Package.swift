// swift-tools-version: 6.2
// Measurements of single parts. `Product` is a link to the product's sources: compiled here as targets of this package,
// so that what is `package` there can be called here.
import PackageDescription

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
]

let native: [CSetting] = [.unsafeFlags(["-O2"])]

func product(_ folder: String, _ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Product/\(folder)/\(name)", swiftSettings: house)
}

let package = Package(
    name: "hookswitch-benchmarks",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.0")],
    targets: [
        .systemLibrary(name: "CLua", path: "Product/Bridges/CLua", pkgConfig: "lua5.4"),
        .systemLibrary(name: "CCurl", path: "Product/Bridges/CCurl", pkgConfig: "libcurl"),
        .target(name: "CScan", path: "Product/Bridges/CScan", cSettings: native),
        .target(name: "CMatch", path: "Product/Bridges/CMatch", cSettings: native),
        .target(
            name: "CLuaTrampoline", dependencies: ["CLua"], path: "Product/Bridges/CLuaTrampoline", cSettings: native),
        product("Bridges", "LuaBridge", ["CLua", "CLuaTrampoline"]),
        product("Bridges", "CurlBridge", ["CCurl"]),
        product("Core", "HookCore", ["CScan"]),
        product("Core", "HookCrypto", [.product(name: "Crypto", package: "swift-crypto")]),
        product("Stages", "HookRoute", ["HookCore", "CMatch"]),
        product("Stages", "HookTransform", ["HookCore", "HookCrypto", "LuaBridge"]),
        .target(name: "HookBenchKit", dependencies: ["HookCore"], swiftSettings: house),
        .executableTarget(
            name: "micro", dependencies: ["HookBenchKit", "HookCore", "HookRoute", "HookTransform"],
            swiftSettings: house),
        .executableTarget(name: "curl-drive", dependencies: ["CurlBridge"], swiftSettings: house),
    ]
)
