// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge

extension HostFunctions {
    /// Longest message or field of one logged line, in bytes.
    static let lineBytesMax = 1000
    static let fieldsMax = 16

    /// `log.info/warn/error(message, fields)`, `print(…)`, `count(name, n, labels)`.
    ///
    /// What they say is kept until the call has ended: a call that is repeated for a test says nothing twice.
    static func registerSignals(in state: LuaState, context: CallContext) throws(LuaFailure) {
        for (name, level) in [("info", LogRecord.Level.info), ("warn", .warning), ("error", .error)] {
            try state.register("log.\(name)", cost: 50) { [unowned context] call throws(HostFailure) in
                let message = try call.requiredBytes(1)
                try call.charge(self.steps(forBytes: message.count))
                let fields = call.count > 1 ? try self.pairs(call, 2, separator: "=") : []
                self.keep(level, message, fields, in: context)
                return 0
            }
        }
        state.onPrint = { [unowned context] line in self.keep(.info, Array(line.utf8), [], in: context) }
        try state.register("count", cost: 50) { [unowned context] call throws(HostFailure) in
            let name = try call.requiredString(1)
            guard self.isMetricName(name) else {
                throw HostFailure("count: a name is up to 64 of a-z, 0-9 and _, beginning with a letter")
            }
            let amount = call.count > 1 && call.kind(2) != .nil ? try call.requiredInteger(2) : 1
            guard let amount = Int(exactly: amount), amount >= 0 else { throw HostFailure("count: counters only grow") }
            let labels = call.count > 2 ? try self.pairs(call, 3, separator: "=").joined(separator: ",") : ""
            if context.counts.count < CallContext.countsMax {
                context.counts.append(.init(name: name, labels: labels, amount: amount))
            }
            return 0
        }
    }

    private static func keep(_ level: LogRecord.Level, _ message: [UInt8], _ fields: [String], in context: CallContext)
    {
        guard context.lines.count < CallContext.linesMax else { return }
        let text = String(decoding: message.prefix(self.lineBytesMax), as: UTF8.self)
        context.lines.append(ScriptCall.Line(level: level, message: text, fields: fields))
    }

    private static func isMetricName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first >= 0x61 && first <= 0x7A, name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "_")
        }
    }

    /// The scalar fields of a table as `key=value`, in the order of pairs.
    private static func pairs(_ call: LuaCall, _ n: Int, separator: String) throws(HostFailure) -> [String] {
        guard call.kind(n) != .nil else { return [] }
        guard call.kind(n) == .table else {
            throw HostFailure("bad argument #\(n) (table expected, got \(call.typeName(n)))")
        }
        var pairs: [String] = []
        do throws(LuaFailure) {
            try call.forEach(in: n) { field throws(LuaFailure) in
                guard pairs.count < self.fieldsMax else { return }
                pairs.append(self.text(field, 1) + separator + self.text(field, 2))
            }
        } catch {
            throw HostFailure(error)
        }
        return pairs
    }

    private static func text(_ values: LuaResults, _ n: Int) -> String {
        switch values.kind(n) {
        case .string: String(decoding: (values.bytes(n) ?? []).prefix(200), as: UTF8.self)
        case .integer: "\(values.integer(n) ?? 0)"
        case .float: "\(values.double(n) ?? 0)"
        case .boolean: values.boolean(n) == true ? "true" : "false"
        case .num: String(decoding: values.numberText(n) ?? [], as: UTF8.self)
        case .null: "null"
        case .none, .nil, .table, .function, .handle, .other: values.typeName(n)
        }
    }
}
