// SPDX-License-Identifier: Apache-2.0
import GRDB
import HookCore

extension StoreFailure {
    /// What an error of SQLite means to the other stages.
    init(_ error: any Error) {
        switch error {
        case let failure as StoreFailure: self = failure
        case let error as DatabaseError:
            self.init(
                Self.kind(error), "\(error.message ?? "no message") (\(error.extendedResultCode.rawValue))")
        default: self.init(.corrupt, "a row cannot be read: \(type(of: error))")
        }
    }

    // Result codes: sqlite.org/rescode.html.
    private static func kind(_ error: DatabaseError) -> Kind {
        // The index of the log lives in a file of its own, and a full disk shows there as a failed write.
        if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { return .full }
        return switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
        case .SQLITE_FULL: .full
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: .corrupt
        case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_AUTH, .SQLITE_CONSTRAINT, .SQLITE_TOOBIG:
            .unusable
        default: .io
        }
    }

    /// Whether one write is at fault and not the machine: the others of its batch must not suffer.
    static func isOwnFault(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return true }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_RANGE: return true
        default: return false
        }
    }
}
