// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline

/// Saved events in files: one in a `.json`, one a line in a `.ndjson` or `.jsonl`. A folder is read with all folders
/// below it, in the order of names.
struct SavedEventFiles {
    private static let depthMax = 32

    let path: String
    /// Files that hold something else: fixtures of tests are plain bodies, and say neither source nor type.
    private(set) var skipped: [String] = []

    init(_ path: String) { self.path = path }

    /// Gives every event, in order.
    ///
    /// - Errors: `ExitCode`, after a message that names file and line.
    mutating func forEach(_ body: (RecordedEvent) -> Void) throws {
        do {
            if self.path == "-" { return try self.readLines("-", label: "stdin", body) }
            guard let status = try FileSystem.existing(self.path) else {
                throw Console.fail("there is no file or folder \"\(self.path)\"", .unreadable)
            }
            if status.kind == .folder {
                try self.readFolder(self.path, depth: 0, body)
            } else {
                try self.readFile(self.path, isNamed: true, body)
            }
        } catch let failure as FileFailure {
            throw Console.fail("\(failure.path) cannot be read: \(failure.reason)", .unreadable)
        }
    }

    private mutating func readFolder(_ folder: String, depth: Int, _ body: (RecordedEvent) -> Void) throws {
        guard depth < Self.depthMax else { return }
        for name in try FileSystem.names(in: folder) where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            // A link that leads nowhere is no event.
            guard let status = try FileSystem.existing(path) else { continue }
            if status.kind == .folder {
                try self.readFolder(path, depth: depth + 1, body)
            } else if status.kind == .regular {
                try self.readFile(path, isNamed: false, body)
            }
        }
    }

    /// - Parameter isNamed: the user asked for this very file, so it must be one of events.
    private mutating func readFile(_ path: String, isNamed: Bool, _ body: (RecordedEvent) -> Void) throws {
        if path.hasSuffix(".ndjson") || path.hasSuffix(".jsonl") {
            try self.readLines(path, label: path, body)
        } else if path.hasSuffix(".json") || isNamed {
            let bytes = try FileSystem.read(path)
            if SavedEvent.isSaved(bytes) || isNamed {
                body(try Self.event(bytes, at: path))
            } else {
                self.skipped.append(path)
            }
        }
    }

    private func readLines(_ path: String, label: String, _ body: (RecordedEvent) -> Void) throws {
        try LineFile.forEach(of: path) { number, line in
            body(try Self.event(line, at: "\(label):\(number)"))
        }
    }

    private static func event(_ bytes: [UInt8], at place: String) throws -> RecordedEvent {
        do throws(SavedEvent.Failure) {
            return RecordedEvent(try SavedEvent(parsing: bytes, now: Environment.live.wall()), label: place)
        } catch {
            throw Console.fail(
                "\(place) is no saved event: \(error)", hint: "hookswitch events save writes one", .unreadable)
        }
    }
}
