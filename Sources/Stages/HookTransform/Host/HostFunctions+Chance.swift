// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge

extension HostFunctions {
    /// `uuid(name)` and `rand()`, `rand(n)`, `rand(m, n)`: deterministic, from event id, route and the order of calls.
    static func registerChance(in state: LuaState, context: CallContext) throws(LuaFailure) {
        try state.register("uuid", cost: 50) { [unowned context] call throws(HostFailure) in
            _ = try self.current(context, for: "uuid")
            let name = call.count > 0 && call.kind(1) != .nil ? try call.requiredBytes(1) : nil
            try call.charge(self.steps(forBytes: name?.count ?? 0))
            call.results.push(context.current?.chance.uuid(name) ?? "")
            return 1
        }
        try state.register("rand", cost: 50) { [unowned context] call throws(HostFailure) in
            _ = try self.current(context, for: "rand")
            let bits = context.current?.chance.next() ?? 0
            if call.count == 0 {
                // 53 bits, what a double holds exactly: 0 ≤ x < 1.
                call.results.push(Double(bits >> 11) / 9_007_199_254_740_992)
                return 1
            }
            let first = try call.requiredInteger(1)
            let (low, high) = call.count > 1 ? (first, try call.requiredInteger(2)) : (1, first)
            guard low <= high else { throw HostFailure("rand: the interval is empty") }
            call.results.push(self.pick(bits, low, high))
            return 1
        }
    }

    /// A number of the closed interval; the bias of the remainder is below 2⁻³² for intervals below 2³².
    private static func pick(_ bits: UInt64, _ low: Int64, _ high: Int64) -> Int64 {
        // As two's complement the difference is exact even where it exceeds Int64.
        let width = UInt64(bitPattern: high) &- UInt64(bitPattern: low)
        let offset = width == .max ? bits : bits % (width + 1)
        return Int64(bitPattern: UInt64(bitPattern: low) &+ offset)
    }
}
