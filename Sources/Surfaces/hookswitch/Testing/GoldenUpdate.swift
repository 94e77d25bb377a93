// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookPipeline

/// `test --update`: writes the golden files that are missing or differ.
struct GoldenUpdate {
    let projectFolder: String

    /// A build server that rewrites what it compares with would never fail.
    static func refuseOnBuildServer(_ environment: Environment, isForced: Bool) throws {
        let value = environment.variable("CI") ?? ""
        guard !isForced, !["", "0", "false"].contains(value) else { return }
        throw Console.fail(
            "--update writes nothing where CI is set", hint: "update where you can read the difference, or add --force",
            .usage)
    }

    /// - Returns: the results with what was written taken as settled.
    func apply(to results: [RouteTestResult]) throws -> [RouteTestResult] {
        var wanted: [String: [UInt8]] = [:]
        var disputed: Set<String> = []
        for file in results.flatMap(\.golden) {
            if let other = wanted.updateValue(file.bytes, forKey: file.path), other != file.bytes {
                disputed.insert(file.path)
            }
        }
        for path in disputed.sorted() {
            Console.note("not written: \(path), since two tests want different content of it")
        }
        let written = Set(wanted.keys).subtracting(disputed)
        for path in written.sorted() { try self.write(wanted[path] ?? [], to: path) }
        return results.map { $0.settling(written) }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let full = "\(self.projectFolder)/\(path)"
        do throws(FileFailure) {
            let isNew = try FileSystem.existing(full) == nil
            let folder = full.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            try FileSystem.makeDirectories(folder)
            try FileSystem.writeAtomically(bytes, to: full)
            Console.note("\(isNew ? "wrote" : "updated") \(path)")
        } catch {
            throw Console.fail("\(path) cannot be written: \(error.reason)", .tryAgain)
        }
    }
}
