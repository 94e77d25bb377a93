// SPDX-License-Identifier: Apache-2.0
import HookCore

/// A folder that lives as long as the body runs.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try FileSystem.makeTemporaryDirectory(prefix: "hookcore-tests")
    let result = Swift.Result { try body(folder) }
    try FileSystem.removeTree(folder)
    return try result.get()
}

/// Writes a file below a folder, making the folders between.
func write(_ text: String, to path: String, in folder: String) throws {
    let full = "\(folder)/\(path)"
    let cut = full.lastIndex(of: "/") ?? full.startIndex
    try FileSystem.makeDirectories(String(full[..<cut]))
    try FileSystem.writeAtomically(Array(text.utf8), to: full)
}
