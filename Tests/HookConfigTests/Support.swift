// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore

@testable import HookConfig

/// The package's root, found from this file.
let packageRoot = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

/// Every file below a folder as a project, or only those below some of its folders.
func project(at folder: URL, below parts: [String] = [""]) -> ProjectFiles {
    var files: [ProjectFiles.File] = []
    let root = folder.resolvingSymlinksInPath()
    for part in parts {
        let start = part.isEmpty ? root : root.appendingPathComponent(part)
        for case let url as URL in FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil) ?? .init()
        {
            // A folder cannot be read as a file; nothing else is expected to fail.
            guard let data = try? Data(contentsOf: url) else { continue }
            files.append(.init(path: String(url.path.dropFirst(root.path.count + 1)), bytes: Array(data)))
        }
    }
    return ProjectFiles(files)
}

/// A project of texts.
func project(_ files: [String: String]) -> ProjectFiles {
    ProjectFiles(files.map { .init(path: $0.key, bytes: Array($0.value.utf8)) })
}

/// A project of one route file; `version: 1` is put before it.
func load(_ text: String, beside others: [String: String] = [:]) -> Loaded {
    ConfigLoader.load(project(others.merging(["routes/main.yaml": "version: 1\n" + text]) { $1 }))
}

extension Loaded {
    var codes: [String] { self.diagnostics.map(\.code) }
    /// `code line:column`.
    var places: [String] { self.diagnostics.map { "\($0.code) \($0.mark?.line ?? 0):\($0.mark?.column ?? 0)" } }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same values for the same seed everywhere.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
