// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The tree that the rules are checked against.
enum Repository {
    /// The folder of `Package.swift`, behind any symbolic link.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let folders = ["Sources", "Tests", "Benchmarks", "dev", "docs", "routes", "scripts", ".ci"]

    /// Every text file of ours with its path below the root.
    static let files: [SourceFile] = Self.load()

    static var swift: [SourceFile] { Self.files.filter { $0.path.hasSuffix(".swift") } }

    /// The Swift files of the product.
    static var product: [SourceFile] { Self.swift.filter { $0.path.hasPrefix("Sources/") } }

    static func text(_ path: String) -> String? { Self.read(Self.root.appending(path: path)) }

    /// Names of the folders directly below.
    static func folders(in path: String) -> [String] {
        let found =
            (try? FileManager.default.contentsOfDirectory(
                at: Self.root.appending(path: path), includingPropertiesForKeys: [.isDirectoryKey])) ?? []
        return found.filter { $0.hasDirectoryPath }.map(\.lastPathComponent).sorted()
    }

    private static func load() -> [SourceFile] {
        var paths = self.children(of: "").filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
        for folder in self.folders {
            let walk = FileManager.default.enumerator(atPath: self.root.appending(path: folder).path)
            while let name = walk?.nextObject() as? String { paths.append("\(folder)/\(name)") }
        }
        return paths.sorted().compactMap { path in
            if path.contains("/.") && !path.hasPrefix(".ci") || path.contains("__pycache__") { return nil }
            return self.read(self.root.appending(path: path)).map { SourceFile(path: path, text: $0) }
        }
    }

    private static func children(of path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: self.root.appending(path: path).path)) ?? []
    }

    /// Nil for folders, links and what is no text.
    private static func read(_ url: URL) -> String? {
        let values = try? url.resourceValues(forKeys: [.isRegularFileKey, .isSymbolicLinkKey])
        guard values?.isRegularFile == true, values?.isSymbolicLink != true else { return nil }
        return try? String(contentsOf: url, encoding: .utf8)
    }
}

/// One file: where it is and what it says.
struct SourceFile: Sendable {
    let path: String
    let text: String
    /// Code and comments apart; empty where the file is no Swift.
    let swift: SwiftText

    init(path: String, text: String) {
        self.path = path
        self.text = text
        self.swift = SwiftText(path.hasSuffix(".swift") ? text : "")
    }

    var name: String { self.path.split(separator: "/").last.map(String.init) ?? self.path }

    /// `HookRoute` of `Sources/Stages/HookRoute/Route.swift`.
    var module: String {
        let parts = self.path.split(separator: "/")
        return parts.count > 3 && parts[0] == "Sources" ? String(parts[2]) : ""
    }

    var lines: [String] { self.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    var isGenerated: Bool { self.path.hasSuffix(".generated.swift") }
}

/// One place that breaks a rule, with the rule's reason.
struct Finding: CustomStringConvertible {
    let file: String
    let line: Int
    let text: String
    let reason: String

    init(_ file: SourceFile, line: Int = 1, _ text: String, _ reason: String) {
        self.file = file.path
        self.line = line
        self.text = text
        self.reason = reason
    }

    var description: String { "\n\(self.file):\(self.line): \(self.text)\n    because: \(self.reason)" }
}
