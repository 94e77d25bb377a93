// SPDX-License-Identifier: Apache-2.0
// The compiled table as plain memory, and the scratch of one match: the one place of this module that holds C pointers.

import CMatch
import HookCore
import Synchronization

/// What the hot loop runs on. Immutable once made.
///
/// INVARIANT: every pointer in `table` is one of `parts`, which live as long as this object.
// SAFETY: the memory is written in `init` only, and freed in `deinit`.
@safe final class MatchTable: @unchecked Sendable {
    private let table: match_table
    private let parts: [UnsafeMutableRawPointer]
    /// Memory of the table, scratches not counted.
    let bytes: Int
    let routeCount: Int
    private let headers: [NamedPath]
    private let parameters: [NamedPath]
    private let attributes: [AttributePath]
    /// Scratches that nobody uses now. At most as many as ever matched at the same time.
    private let idle = Mutex<[MatchScratch]>([])

    init(_ parts: consuming TableParts) {
        var arena = Arena()
        let entries = parts.paths.finish()
        let paths = parts.paths
        let index = parts.index
        unsafe self.table = match_table(
            code: arena.keep(parts.code), routes: arena.keep(parts.routes), trie: arena.keep(paths.nodes),
            trie_slots: arena.keep(paths.slots), trie_keys: arena.keep(paths.keys), probes: arena.keep(index.probes),
            path_entries: arena.keep(entries), lengths: arena.keep(index.lengths), filter: arena.keep(index.filter),
            slots: arena.keep(index.slots), postings: arena.keep(index.postings),
            intervals: arena.keep(index.intervals), remainder: arena.keep(index.remainder), seed: paths.seed,
            filter_mask: UInt64(index.filter.count * 64 - 1),
            trie_mask: UInt32(paths.slots.count - 1), slot_mask: UInt32(index.slots.count - 1),
            route_count: UInt32(parts.routes.count), path_count: UInt32(paths.paths.count),
            trie_count: UInt32(paths.nodes.count), remainder_count: UInt32(index.remainder.count))
        unsafe self.parts = arena.parts
        self.bytes = arena.bytes
        self.routeCount = parts.routes.count
        self.headers = paths.headers
        self.parameters = paths.parameters
        self.attributes = paths.attributes
    }

    deinit { unsafe self.parts.forEach { unsafe $0.deallocate() } }

    /// Copies arrays into memory of their exact size.
    @safe private struct Arena {
        private(set) var parts: [UnsafeMutableRawPointer] = unsafe []
        private(set) var bytes = 0

        mutating func keep<Item: BitwiseCopyable>(_ items: ContiguousArray<Item>) -> UnsafePointer<Item> {
            let memory = UnsafeMutablePointer<Item>.allocate(capacity: max(1, items.count))
            for (place, item) in items.enumerated() { unsafe memory.advanced(by: place).initialize(to: item) }
            unsafe self.parts.append(UnsafeMutableRawPointer(memory))
            self.bytes += max(1, items.count) * MemoryLayout<Item>.stride
            return unsafe UnsafePointer(memory)
        }
    }

    // MARK: Matching

    /// Reads an event, and lets `body` ask about it.
    func read(_ event: Event, _ body: (MatchReading) -> Void) {
        let scratch = self.takeScratch()
        self.withTape(event.data, scratch) {
            self.addOthers(of: event, scratch)
            body(MatchReading(self, scratch))
        }
        self.giveBack(scratch)
    }

    /// Reads a body alone.
    func read(_ document: JSONDocument, _ scratch: MatchScratch, _ body: (MatchReading) -> Void) {
        self.withTape(document, scratch) { body(MatchReading(self, scratch)) }
    }

    private func withTape(_ document: JSONDocument?, _ scratch: MatchScratch, _ body: () -> Void) {
        defer { unsafe match_end(scratch.pointer) }
        guard let document else {
            unsafe withUnsafePointer(to: self.table) { unsafe match_begin(scratch.pointer, $0, nil, nil) }
            body()
            return
        }
        unsafe document.bytes.withUnsafeBufferPointer { bytes in
            unsafe document.nodes.withUnsafeBufferPointer { nodes in
                // The tape has the layout of `match_node`; a test compares the two.
                let tape = unsafe UnsafeRawPointer(nodes.baseAddress)?.assumingMemoryBound(to: match_node.self)
                unsafe withUnsafePointer(to: self.table) {
                    unsafe match_begin(scratch.pointer, $0, bytes.baseAddress, tape)
                }
                body()
            }
        }
    }

    fileprivate func find(_ scratch: MatchScratch, _ visit: (UInt32) -> Void) {
        var list = unsafe self.table.routes
        let count = unsafe withUnsafePointer(to: self.table) { unsafe match_find(scratch.pointer, $0, &list) }
        for place in 0..<count { unsafe visit(list[place]) }
    }

    fileprivate func holds(_ condition: UInt32, _ scratch: MatchScratch) -> Bool {
        unsafe withUnsafePointer(to: self.table) { unsafe match_holds(scratch.pointer, $0, condition) }
    }

    // MARK: Outside the body

    private func addOthers(of event: Event, _ scratch: MatchScratch) {
        for field in self.headers.isEmpty ? [] : event.headers.fields {
            for asked in self.headers
            where Bytes.equal(asked.name, 0..<asked.name.count, event.headers.bytes, field.name) {
                self.add(event.headers.bytes[field.value], asked.path, scratch)
            }
        }
        if !self.parameters.isEmpty {
            FormText.forEachParameter(of: Array(event.query.utf8)) { name, value in
                for asked in self.parameters where asked.name == name { self.add(value, asked.path, scratch) }
            }
        }
        for attribute in self.attributes { self.add(attribute, of: event, scratch) }
    }

    private func add(_ attribute: AttributePath, of event: Event, _ scratch: MatchScratch) {
        let path = attribute.path
        switch attribute.root {
        case .source: self.add(event.source.text.utf8, path, scratch)
        case .type: self.add(event.type.utf8, path, scratch)
        case .method: self.add(event.method.utf8, path, scratch)
        case .path: self.add(event.path.utf8, path, scratch)
        case .id:
            if let id = event.senderID {
                self.add(id.utf8, path, scratch)
            } else {
                self.add(event.id.description.utf8, path, scratch)
            }
        case .subject: if let subject = event.subject { self.add(subject.utf8, path, scratch) }
        case .version: if let version = event.version { self.add("\(version)".utf8, path, scratch, .number) }
        case .data, .headers, .query: break
        }
    }

    private func add(
        _ text: some Collection<UInt8>, _ path: UInt32, _ scratch: MatchScratch, _ kind: JSONKind = .string
    ) {
        let isDone: Void? = text.withContiguousStorageIfAvailable {
            unsafe match_add(scratch.pointer, path, kind.rawValue, $0.baseAddress, $0.count)
        }
        if isDone == nil { self.add(Array(text), path, scratch, kind) }
    }

    // MARK: Scratch

    private func takeScratch() -> MatchScratch { self.idle.withLock({ $0.popLast() }) ?? self.makeScratch() }

    func makeScratch() -> MatchScratch {
        unsafe withUnsafePointer(to: self.table) { unsafe MatchScratch($0) }
    }

    private func giveBack(_ scratch: MatchScratch) { self.idle.withLock { $0.append(scratch) } }
}

/// The pieces of a table, ready to be copied.
struct TableParts {
    var paths: PathBook
    var code: ContiguousArray<UInt32>
    /// Where the condition of each route begins in `code`.
    var routes: ContiguousArray<UInt32>
    var index: IndexLayout
}

/// What one match needs besides the table, kept between events.
// SAFETY: whoever took it from the table has it alone until it is given back.
@safe final class MatchScratch: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer

    fileprivate init(_ table: UnsafePointer<match_table>) {
        guard let pointer = unsafe match_scratch_new(table) else { preconditionFailure("there is no memory") }
        unsafe self.pointer = pointer
    }

    deinit { unsafe match_scratch_free(self.pointer) }
}

/// One event, read; only inside `MatchTable.read`.
struct MatchReading {
    private let table: MatchTable
    private let scratch: MatchScratch

    fileprivate init(_ table: MatchTable, _ scratch: MatchScratch) {
        self.table = table
        self.scratch = scratch
    }

    /// Visits the routes whose conditions hold, in order.
    func forEachMatch(_ visit: (UInt32) -> Void) { self.table.find(self.scratch, visit) }

    /// Whether a condition, by its place in the code, holds.
    func holds(_ condition: UInt32) -> Bool { self.table.holds(condition, self.scratch) }
}
