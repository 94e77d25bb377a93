// SPDX-License-Identifier: Apache-2.0
import GRDB
import HookCore

/// What became of one write of a committed batch.
enum WriteOutcome {
    case stored(Stored)
    case storedAll([Stored])
    case settled
    case changed(Write.Finish)
    /// Only this write was undone.
    case failed(StoreFailure)

    /// Events of `write` that are new; a duplicate stores nothing.
    func newEvents(of write: Write) -> Int {
        switch (self, write) {
        case (.stored(let stored), .accept(let prepared, _)): stored.duplicateOf == nil ? prepared.eventCount : 0
        case (.storedAll(let stored), .acceptAll(let all, _)):
            zip(stored, all).reduce(0) { $0 + ($1.0.duplicateOf == nil ? $1.1.eventCount : 0) }
        default: 0
        }
    }

    /// Tells the owner of `write`.
    func tell(_ write: Write) {
        switch (self, write) {
        case (.failed(let failure), _): write.fail(failure)
        case (.stored(let stored), .accept(_, let then)): then(.success(stored))
        case (.storedAll(let stored), .acceptAll(_, let then)): then(.success(stored))
        case (.settled, .settle(_, let then)): then(.success(()))
        case (.changed(let finish), _): finish()
        default: preconditionFailure("an outcome belongs to its own write")
        }
    }
}

/// One transaction for a batch.
enum Transaction {
    /// Applies and commits all writes; nothing is durable where it throws.
    ///
    /// - `isolated`: each write has a savepoint, and one that is wrong in itself fails alone. Dearer, so it is the second try.
    static func commit(_ writes: [Write], in context: WriteContext, isolated: Bool) throws -> [WriteOutcome] {
        do {
            try context.statements.begin.run()
            var outcomes: [WriteOutcome] = []
            outcomes.reserveCapacity(writes.count)
            for write in writes {
                outcomes.append(isolated ? try Self.applyAlone(write, context) : try Self.apply(write, context))
            }
            FaultPoint.beforeCommit.hit()
            try context.statements.commit.run()
            FaultPoint.afterCommit.hit()
            return outcomes
        } catch {
            context.statements.lanes = []
            // SQLite has rolled back by itself after some errors (sqlite.org/lang_transaction.html); where this
            // one fails too, the connection is dropped with the first error.
            if context.database.isInsideTransaction { try context.database.execute(sql: "ROLLBACK") }
            throw error
        }
    }

    private static func apply(_ write: Write, _ context: WriteContext) throws -> WriteOutcome {
        switch write {
        case .accept(let prepared, _): return .stored(try context.accept(prepared))
        case .acceptAll(let all, _): return .storedAll(try all.map { try context.accept($0) })
        case .settle(let settled, _):
            for one in settled { try context.settle(one) }
            return .settled
        case .change(let apply, _, _): return .changed(try apply(context))
        }
    }

    private static func applyAlone(_ write: Write, _ context: WriteContext) throws -> WriteOutcome {
        try context.run("SAVEPOINT one", [])
        do {
            let outcome = try self.apply(write, context)
            try context.run("RELEASE one", [])
            return outcome
        } catch  where StoreFailure.isOwnFault(error) {
            context.statements.lanes = []
            try context.run("ROLLBACK TO one", [])
            try context.run("RELEASE one", [])
            return .failed(StoreFailure(error))
        }
    }
}
