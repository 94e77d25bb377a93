// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline

/// Where the event of a command comes from: a request to a source, an event of a type, or a file that says it.
struct EventOrigin: ParsableArguments {
    @Option(name: .long, help: "As a request to this source.")
    var source: String?

    @Option(name: .long, help: ArgumentHelp("As an event of this type.", valueName: "type@version"))
    var type: String?

    @Option(
        name: [.customShort("H"), .long], help: ArgumentHelp("A header; may be repeated.", valueName: "name: value"))
    var header: [String] = []

    @Option(name: .long, help: "The query of the request.")
    var query = ""

    /// Nothing is said: only a saved event will do.
    var isOpen: Bool { self.source == nil && self.type == nil }

    /// For `validate()` of the command.
    func check() throws {
        if self.source != nil && self.type != nil {
            throw ValidationError("--source and --type exclude each other: a source says the type itself.")
        }
        if let type, Self.typeAndVersion(type) == nil {
            throw ValidationError("\"\(type)\" is no event type: write order.created, or order.created@2.")
        }
    }

    /// What the bytes of a file are.
    ///
    /// - Throws: an exit code, after saying what is missing.
    func input(_ bytes: [UInt8], named name: String, signs: Bool) throws -> HookPipeline.DryRun.Input {
        if self.type == nil, SavedEvent.isSaved(bytes) {
            return .saved(try self.saved(bytes, name), source: self.source.map { SourceName($0) }, signs: signs)
        }
        let headers = try HeaderArguments.parse(self.header)
        if let source {
            return .request(source: SourceName(source), headers: headers, query: self.query, signs: signs)
        }
        guard let (type, version) = self.type.flatMap(Self.typeAndVersion) else { throw Self.missing }
        // A saved event under another type keeps nothing but its body.
        return .event(type: type, version: version, headers: headers, query: self.query)
    }

    /// The body that goes with ``input(_:named:signs:)``: that of a saved event where only its body is wanted.
    func body(_ bytes: [UInt8], named name: String) throws -> [UInt8] {
        self.type != nil && SavedEvent.isSaved(bytes) ? try self.saved(bytes, name).event.body : bytes
    }

    private func saved(_ bytes: [UInt8], _ name: String) throws -> SavedEvent {
        do throws(SavedEvent.Failure) {
            return try SavedEvent(parsing: bytes, now: HookCore.Environment.live.wall())
        } catch {
            throw Console.fail("\(name) is no saved event: \(error)", .unreadable)
        }
    }

    static var missing: ExitCode {
        Console.fail(
            "say where the event comes from: --source NAME, or --type TYPE[@VERSION]",
            hint: "a saved event says it itself: hookswitch events save ID", .usage)
    }

    static func unknown(_ name: SourceName, _ revision: Revision) -> ExitCode {
        let known = revision.configuration.sources.map(\.name.text).joined(separator: ", ")
        return Console.fail("no source is called \"\(name)\"", hint: "sources are: \(known)", .usage)
    }

    /// `order.created@2`; nil where a part is empty or the version is no number.
    static func typeAndVersion(_ text: String) -> (type: String, version: Int?)? {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let type = parts.first, !type.isEmpty else { return nil }
        guard parts.count > 1 else { return (String(type), nil) }
        guard let version = Int(parts[1]), version >= 0 else { return nil }
        return (String(type), version)
    }
}
