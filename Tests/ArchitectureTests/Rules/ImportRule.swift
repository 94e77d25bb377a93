// SPDX-License-Identifier: Apache-2.0

/// What each module may import, and why no more. The order of the stages is kept by this table.
struct ImportRule: Sendable {
    let module: String
    let allowed: Set<String>
    let reason: String
    /// Imports that only these folders and files of the module may have.
    var confined: [String: [String]] = [:]

    static let everywhere: Set<String> = ["Synchronization"]
    static let stages = ["HookIngest", "HookVerify", "HookRoute", "HookTransform", "HookStore", "HookDeliver"]

    static let table: [ImportRule] = [
        .init(
            module: "LuaBridge", allowed: ["CLua", "CLuaTrampoline", "Glibc"],
            reason: "a bridge knows its C library and nothing of ours, so it can be read and tested alone"),
        .init(
            module: "YAMLBridge", allowed: ["CYAML"],
            reason: "a bridge knows its C library and nothing of ours, so it can be read and tested alone"),
        .init(
            module: "CurlBridge", allowed: ["CCurl", "Glibc"],
            reason: "a bridge knows its C library and nothing of ours, so it can be read and tested alone"),
        .init(
            module: "XMLBridge", allowed: ["CXML", "Glibc"],
            reason: "a bridge knows its C library and nothing of ours, so it can be read and tested alone"),
        .init(
            module: "CodecBridge", allowed: ["CZlib", "CBrotli", "CZstd"],
            reason: "a bridge knows its C libraries and nothing of ours, so it can be read and tested alone"),
        .init(
            module: "HookFormats", allowed: ["HookCore", "HookCrypto", "XMLBridge", "CodecBridge"],
            reason: "the one door to XML and to content codings; it knows bodies, not stages"),
        .init(
            module: "HookCore", allowed: ["CScan", "Glibc"],
            reason: "everything imports HookCore: what it imports, everything carries",
            // JSON compares keys with memcmp; all else that asks the system stands in one folder.
            confined: ["Glibc": ["System/", "JSON/"], "CScan": ["JSON/"]]),
        .init(
            module: "HookCrypto", allowed: ["Crypto"],
            reason: "the one door to cryptography: nobody else imports Crypto"),
        .init(
            module: "HookConfig", allowed: ["HookCore", "YAMLBridge"],
            reason: "configuration fills specs of HookCore; it knows no stage, and no stage knows it"),
        .init(
            module: "HookIngest", allowed: ["HookCore", "NIOCore", "NIOPosix"],
            reason: "stage 1 knows sockets and carriers; other stages reach it through HookPipeline"),
        .init(
            module: "HookVerify", allowed: ["HookCore", "HookCrypto", "HookFormats"],
            reason: "stage 2 is pure: bytes and keys in, an event out"),
        .init(
            module: "HookRoute", allowed: ["HookCore", "CMatch"],
            reason: "stage 3 is pure, and hot: its loop is in C, which its compiler lays tables out for",
            confined: ["CMatch": ["Engine/", "Index/"]]),
        .init(
            module: "HookTransform", allowed: ["HookCore", "HookCrypto", "HookFormats", "LuaBridge"],
            reason: "stage 4 is the only user of Lua"),
        .init(
            module: "HookStore", allowed: ["HookCore", "GRDB", "GRDBSQLite", "Foundation", "Dispatch", "Glibc"],
            reason: "stage 5 is the only user of SQLite, and the only stage with Foundation (GRDB brings it)",
            confined: ["Dispatch": ["WriteQueue.swift"]]),
        .init(
            module: "HookDeliver", allowed: ["HookCore", "HookCrypto", "HookFormats", "CurlBridge", "DequeModule"],
            reason: "stage 6 is the only user of libcurl: there is one way out to the network"),
        .init(
            module: "HookPipeline", allowed: Set(["HookCore", "HookCrypto", "HookConfig"] + Self.stages),
            reason: "the row of the six knows the six and configuration, no library and no surface"),
        .init(
            module: "HookTelemetry", allowed: ["HookCore", "Logging", "Glibc"],
            reason: "signals are values of HookCore; this module only writes them"),
        .init(
            module: "HookAdmin",
            allowed: [
                "HookCore", "HookCrypto", "HookDeliver", "HookPipeline", "HookTelemetry", "Hummingbird", "Logging",
                "NIOCore", "Glibc",
            ],
            reason: "the admin API asks the pipeline, never a stage behind its back",
            confined: ["Glibc": ["ProcessMetrics.swift"], "HookDeliver": ["StatusReport.swift", "RequestBin.swift"]]),
        .init(
            module: "hookswitch",
            allowed: Set(
                [
                    "HookCore", "HookCrypto", "HookConfig", "HookPipeline", "HookAdmin", "HookTelemetry",
                    "ArgumentParser",
                    "Dispatch", "Glibc",
                ] + Self.stages),
            reason: "the command line knows everything but bridges and their libraries"),
        .init(
            module: "HookTestKit", allowed: ["HookCore", "Glibc"],
            reason: "what tests share must not tie a module's tests to another module"),
    ]

    private static let pattern = Pattern(
        #"^(?:@[A-Za-z_]+ +)*(?:package +|public +|internal +|private +|fileprivate +)?import +(?:struct +|class +|enum +|func +)?([A-Za-z_0-9]+)"#
    )

    static func imports(of line: String) -> String? { self.pattern.groups(in: line).first }

    static func findings(in file: SourceFile, table: [ImportRule] = Self.table) -> [Finding] {
        guard let rule = table.first(where: { $0.module == file.module }) else {
            return [Finding(file, "module \(file.module) is not in the table", "every module says what it may import")]
        }
        return self.pattern.lines(of: file.swift.codeText, file.swift.code).compactMap { index in
            guard let name = self.imports(of: file.swift.code[index]), !self.everywhere.contains(name) else {
                return nil
            }
            if !rule.allowed.contains(name) {
                return Finding(file, line: index + 1, "\(rule.module) imports \(name)", rule.reason)
            }
            if let places = rule.confined[name], !places.contains(where: { file.path.contains("/\($0)") }) {
                let only = places.joined(separator: " and ")
                return Finding(file, line: index + 1, "only \(only) imports \(name)", rule.reason)
            }
            return nil
        }
    }
}
