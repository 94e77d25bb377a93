// SPDX-License-Identifier: Apache-2.0
// Values on their way out of Lua: typed reading of stack positions. Nothing here raises; table access is raw (or goes
// through lazy JSON tables) and charges the budget of the call.

internal import CLuaTrampoline

/// What a value is.
package enum LuaKind: Int32, Sendable {
    case none, `nil`, boolean, integer, float, string, table, function, handle, null, num, other
}

/// A value as JSON.
package enum LuaJSON: Sendable, Equatable {
    /// The untouched first document that was pushed for the call: send its original bytes.
    case unchanged
    case bytes([UInt8])
}

/// A window of the Lua stack: values 1…count.
package protocol LuaReading {
    var window: LuaWindow { get }
}

/// Where a window stands; only valid in the closure that received it.
package struct LuaWindow {
    unowned let state: LuaState
    /// Stack index before the first value.
    let base: Int32
    let count: Int
    /// The call during which it is valid.
    let epoch: Int

    func index(_ n: Int) -> Int32 {
        precondition(self.state.epoch == self.epoch, "a Lua value is used after its call")
        guard n >= 1, n <= self.count else { return Int32.max }
        return self.base + Int32(truncatingIfNeeded: n)
    }
}

/// Results of a call, or values inside a table.
package struct LuaResults: LuaReading {
    package let window: LuaWindow
}

extension LuaReading {
    /// How many values there are; a function that returns nothing has 0, one that returns nil has 1.
    package var count: Int { self.window.count }

    private func index(_ n: Int) -> Int32? {
        let index = self.window.index(n)
        return index == Int32.max ? nil : index
    }

    private var state: LuaState { self.window.state }

    /// What value `n` (1-based) is.
    package func kind(_ n: Int) -> LuaKind {
        guard let index = self.index(n) else { return .none }
        return LuaKind(rawValue: unsafe hs_kind(self.state.pointer, index)) ?? .other
    }

    /// The name of the kind as scripts know it, for messages.
    package func typeName(_ n: Int) -> String {
        switch self.kind(n) {
        case .none: "no value"
        case .nil: "nil"
        case .boolean: "boolean"
        case .integer, .float: "number"
        case .string: "string"
        case .table: "table"
        case .function: "function"
        case .null: "JSON null"
        case .num: "exact number"
        case .handle, .other: "userdata"
        }
    }

    package func boolean(_ n: Int) -> Bool? {
        guard let index = self.index(n), self.kind(n) == .boolean else { return nil }
        return unsafe hs_boolean(self.state.pointer, index) != 0
    }

    /// An integer; floats are not converted.
    package func integer(_ n: Int) -> Int64? {
        guard let index = self.index(n), self.kind(n) == .integer else { return nil }
        return unsafe hs_integer(self.state.pointer, index)
    }

    /// A float, or an integer as one.
    package func double(_ n: Int) -> Double? {
        guard let index = self.index(n), self.kind(n) == .float || self.kind(n) == .integer else { return nil }
        return unsafe hs_double(self.state.pointer, index)
    }

    /// The bytes of a string.
    package func bytes(_ n: Int) -> [UInt8]? {
        guard let index = self.index(n), self.kind(n) == .string else { return nil }
        return self.copy(index)
    }

    /// A string that is valid UTF-8.
    package func string(_ n: Int) -> String? {
        guard let bytes = self.bytes(n) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The text of an exact number.
    package func numberText(_ n: Int) -> [UInt8]? {
        guard let index = self.index(n), self.kind(n) == .num else { return nil }
        return self.copy(index)
    }

    private func copy(_ index: Int32) -> [UInt8]? {
        var count = 0
        guard let start = unsafe hs_string(self.state.pointer, index, &count) else { return nil }
        return unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
    }

    /// The number in a handle of this type.
    package func handle(_ n: Int, of type: String) -> Int64? {
        guard let index = self.index(n) else { return nil }
        var value: Int64 = 0
        guard let name = unsafe hs_handle(self.state.pointer, index, &value) else { return nil }
        return unsafe String(cString: name) == type ? value : nil
    }

    /// Keeps value `n` in the registry.
    package func reference(_ n: Int) throws(LuaFailure) -> LuaReference {
        guard let index = self.index(n) else { throw LuaFailure(.runtime, "there is no value \(n)") }
        return try self.state.reference(at: index)
    }

    /// Keeps function `n` in the registry; nil where it is no function.
    package func function(_ n: Int) throws(LuaFailure) -> LuaFunction? {
        guard self.kind(n) == .function else { return nil }
        return LuaFunction(reference: try self.reference(n))
    }

    /// The value as JSON, by the rules of lossless JSON.
    ///
    /// - Parameter path: the name of the value in messages, such as `result`.
    /// - Parameter limit: the most bytes.
    /// - Errors: `.result` with the offending path in the message; a budget.
    package func json(
        at n: Int, path: String = "result", limit: Int = 1 << 20
    ) throws(LuaFailure) -> LuaJSON {
        guard let index = self.index(n) else { throw LuaFailure(.result, "\(path): there is no value") }
        return try self.state.writeJSON(at: index, path: path, limit: limit)
    }

    /// The number of array elements of table `n`.
    package func length(_ n: Int) throws(LuaFailure) -> Int {
        guard let index = self.index(n), self.kind(n) == .table else {
            throw LuaFailure(.runtime, "value \(n) is no table")
        }
        let length = unsafe hs_length(self.state.pointer, index)
        if length < 0 { throw self.state.failure(Int32(HS_RUNTIME)) }
        return Int(length)
    }

    /// Reads a field of table `n`; in `body` it is value 1.
    package func field<R>(
        _ key: String, of n: Int, _ body: (LuaResults) throws(LuaFailure) -> R
    ) throws(LuaFailure) -> R {
        try self.inside(
            n,
            push: { state, index in
                var key = key
                return key.withUTF8 { unsafe hs_push_field(state.pointer, index, $0.baseAddress, $0.count) }
            }, body)
    }

    /// Reads element `position` (1-based) of table `n`; in `body` it is value 1.
    package func element<R>(
        _ position: Int, of n: Int, _ body: (LuaResults) throws(LuaFailure) -> R
    ) throws(LuaFailure) -> R {
        try self.inside(
            n,
            push: { state, index in
                unsafe hs_push_element(state.pointer, index, Int64(position))
            }, body)
    }

    private func inside<R>(
        _ n: Int, push: (LuaState, Int32) -> Int32, _ body: (LuaResults) throws(LuaFailure) -> R
    ) throws(LuaFailure) -> R {
        guard let index = self.index(n), self.kind(n) == .table else {
            throw LuaFailure(.runtime, "value \(n) is no table but \(self.typeName(n))")
        }
        let state = self.state
        let top = unsafe hs_top(state.pointer)
        defer { unsafe hs_set_top(state.pointer, top) }
        let status = push(state, index)
        if status != HS_OK { throw state.failure(status) }
        return try body(LuaResults(window: state.window(base: top, count: 1)))
    }

    /// Visits every field of table `n` in the order of `pairs`: key is value 1, the field's value is value 2.
    package func forEach(
        in n: Int, _ body: (LuaResults) throws(LuaFailure) -> Void
    ) throws(LuaFailure) {
        guard let index = self.index(n), self.kind(n) == .table else {
            throw LuaFailure(.runtime, "value \(n) is no table but \(self.typeName(n))")
        }
        let state = self.state
        let top = unsafe hs_top(state.pointer)
        defer { unsafe hs_set_top(state.pointer, top) }
        var status = unsafe hs_push_keys(state.pointer, index)
        if status != HS_OK { throw state.failure(status) }
        let keys = top + 1
        let count = unsafe hs_length(state.pointer, keys)
        for place in 1...max(1, count) where place <= count {
            unsafe hs_set_top(state.pointer, keys)
            status = unsafe hs_push_element(state.pointer, keys, place)
            if status == HS_OK { status = unsafe hs_push_element(state.pointer, keys, place) }
            if status == HS_OK { status = unsafe hs_push_value(state.pointer, index) }
            if status != HS_OK { throw state.failure(status) }
            try body(LuaResults(window: state.window(base: keys, count: 2)))
        }
    }
}
