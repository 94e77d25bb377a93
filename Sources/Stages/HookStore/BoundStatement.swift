// SPDX-License-Identifier: Apache-2.0
// The writer's statements bind through SQLite's own interface. Through GRDB's values each argument is a copy on the
// heap and each statement a look-up by its text, which together cost as much as SQLite itself; and GRDB binds text up
// to its first NUL, so that a subject from a payload would be stored cut.
import GRDB
import GRDBSQLite
import HookCore

/// One prepared statement, bound by place from the first on, then run; again and again.
///
/// - Isolation: the writer's thread, inside its connection.
/// - Bounds: arguments are copied into `scratch` and stay there until the run ends; larger ones SQLite copies itself.
@safe
final class BoundStatement {
    /// Keeps the handle alive.
    private let statement: Statement
    private let handle: OpaquePointer
    private let scratch: ScratchBytes
    private var place: Int32 = 0
    /// The first binding that failed; the run reports it.
    private var failed = SQLITE_OK

    /// - Errors: what SQLite says of the text.
    init(_ database: Database, _ sql: String, scratch: ScratchBytes) throws {
        self.statement = try database.makeStatement(sql: sql)
        unsafe self.handle = self.statement.sqliteStatement
        self.scratch = scratch
    }

    func bind(_ value: Int64) {
        let place = self.next()
        self.note(unsafe sqlite3_bind_int64(self.handle, place, value))
    }

    func bind(_ value: Int64?) {
        if let value { self.bind(value) } else { self.bindNull() }
    }

    func bind(_ value: WallTime) { self.bind(value.milliseconds) }

    func bindNull() {
        let place = self.next()
        self.note(unsafe sqlite3_bind_null(self.handle, place))
    }

    /// Binds all bytes of the text; a NUL does not end it.
    func bind(_ text: String) {
        var text = text
        let place = self.next()
        let code = text.withUTF8 { unsafe self.bindText($0, at: place) }
        self.note(code)
    }

    func bind(_ text: String?) {
        if let text { self.bind(text) } else { self.bindNull() }
    }

    /// Binds bytes that are UTF-8 as text.
    func bind(utf8 bytes: [UInt8]) {
        let place = self.next()
        let code = unsafe bytes.withUnsafeBufferPointer { unsafe self.bindText($0, at: place) }
        self.note(code)
    }

    /// Binds sixteen big-endian bytes.
    func bind(_ id: EventID) {
        unsafe withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { unsafe self.bind(copying: $0) }
    }

    func bind(copying bytes: UnsafeRawBufferPointer) {
        guard let copy = unsafe self.scratch.keep(bytes) else { return unsafe self.bindLarge(bytes) }
        let place = self.next()
        self.note(unsafe sqlite3_bind_blob64(self.handle, place, copy, UInt64(bytes.count), nil))
    }

    /// Binds bytes where they are: they must not move before the run has ended. Empty ones become null.
    func bind(inPlace bytes: UnsafeRawBufferPointer) {
        let place = self.next()
        self.note(unsafe sqlite3_bind_blob64(self.handle, place, bytes.baseAddress, UInt64(bytes.count), nil))
    }

    /// Runs to the end.
    ///
    /// - Errors: what SQLite says, of the bindings too.
    func run() throws { _ = try self.integer() }

    /// Runs to the end; the first column of the first row, where there is one.
    func integer() throws -> Int64? {
        // What was bound stays bound until the next run binds all places anew; nothing reads it in between.
        defer {
            unsafe sqlite3_reset(self.handle)
            self.place = 0
            self.failed = SQLITE_OK
            self.scratch.empty()
        }
        if self.failed != SQLITE_OK { throw self.error(self.failed) }
        var value: Int64?
        while true {
            let code = unsafe sqlite3_step(self.handle)
            switch code {
            case SQLITE_DONE: return value
            case SQLITE_ROW: if value == nil { value = unsafe sqlite3_column_int64(self.handle, 0) }
            default: throw self.error(code)
            }
        }
    }

    private func bindText(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int32) -> Int32 {
        if let copy = unsafe self.scratch.keep(UnsafeRawBufferPointer(bytes)) {
            let start = unsafe copy.assumingMemoryBound(to: CChar.self)
            return unsafe sqlite3_bind_text64(
                self.handle, place, start, UInt64(bytes.count), nil, UInt8(truncatingIfNeeded: SQLITE_UTF8))
        }
        return unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
            unsafe sqlite3_bind_text64(
                self.handle, place, characters.baseAddress, UInt64(characters.count), Self.copies,
                UInt8(truncatingIfNeeded: SQLITE_UTF8))
        }
    }

    private func bindLarge(_ bytes: UnsafeRawBufferPointer) {
        let place = self.next()
        self.note(
            unsafe sqlite3_bind_blob64(self.handle, place, bytes.baseAddress, UInt64(bytes.count), Self.copies))
    }

    /// `SQLITE_TRANSIENT`, a macro with a cast that Swift does not import (sqlite.org/c3ref/c_static.html).
    private static var copies: sqlite3_destructor_type {
        unsafe unsafeBitCast(OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type.self)
    }

    private func next() -> Int32 {
        self.place += 1
        return self.place
    }

    private func note(_ code: Int32) {
        if self.failed == SQLITE_OK { self.failed = code }
    }

    private func error(_ code: Int32) -> DatabaseError {
        let message = unsafe String(cString: sqlite3_errmsg(sqlite3_db_handle(self.handle)))
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}

/// Room for the arguments of one run, so that they need no heap.
///
/// - Isolation: the writer's thread.
@safe
final class ScratchBytes {
    private let room: UnsafeMutableRawBufferPointer
    private var used = 0

    /// Alignment does not matter to bytes and text.
    init(bytes: Int = 16 * 1024) {
        unsafe self.room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes, 1), alignment: 1)
    }

    deinit { unsafe self.room.deallocate() }

    /// A copy that stays until ``empty()``; nil where it does not fit.
    func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
        guard unsafe bytes.count < self.room.count - self.used, let start = unsafe self.room.baseAddress else {
            return nil
        }
        let place = unsafe start + self.used
        if let source = bytes.baseAddress { unsafe place.copyMemory(from: source, byteCount: bytes.count) }
        self.used += bytes.count
        return UnsafeRawPointer(place)
    }

    func empty() { self.used = 0 }
}
