// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge

extension HostFunctions {
    /// `now()`, `time.parse(text)`, `time.format(t, form)`, `time.add(t, amount)`.
    ///
    /// - Units: Unix milliseconds as integers, UTC. `now()` is the time at which the event was accepted and stands
    ///   still during a call, so that a replay sees the same; providers that send seconds need `* 1000`.
    static func registerTime(in state: LuaState, context: CallContext) throws(LuaFailure) {
        try state.register("now") { [unowned context] call throws(HostFailure) in
            call.results.push(try self.current(context, for: "now").now.milliseconds)
            return 1
        }
        try state.register("time.parse") { call throws(HostFailure) in
            let text = try call.requiredString(1)
            guard text.utf8.count <= 64, let time = WallTime(rfc3339: text) else {
                call.results.pushNil()
                call.results.push("time.parse: this is no RFC 3339 time")
                return 2
            }
            call.results.push(time.milliseconds)
            return 1
        }
        try state.register("time.format") { call throws(HostFailure) in
            let time = try self.moment(call, 1, "time.format")
            let form = call.count > 1 ? try call.requiredString(2) : "rfc3339"
            guard let text = ScriptTime.text(time, format: form) else {
                throw HostFailure("time.format: the form must be one of \(ScriptTime.formats.joined(separator: ", "))")
            }
            call.results.push(text)
            return 1
        }
        try state.register("time.add") { call throws(HostFailure) in
            let time = try self.moment(call, 1, "time.add")
            let amount = try self.amount(call, 2)
            let (sum, overflow) = time.milliseconds.addingReportingOverflow(amount)
            guard !overflow, ScriptTime.range.contains(sum) else {
                throw HostFailure("time.add: the year would not be 1 to 9999")
            }
            // Text in, text out; milliseconds in, milliseconds out.
            if call.kind(1) == .string {
                call.results.push(WallTime(milliseconds: sum).rfc3339)
            } else {
                call.results.push(sum)
            }
            return 1
        }
    }

    /// Milliseconds, or RFC 3339 text.
    private static func moment(_ call: LuaCall, _ n: Int, _ name: String) throws(HostFailure) -> WallTime {
        let time: WallTime
        if let milliseconds = call.integer(n) {
            time = WallTime(milliseconds: milliseconds)
        } else {
            let text = try call.requiredString(n)
            guard text.utf8.count <= 64, let read = WallTime(rfc3339: text) else {
                throw HostFailure("\(name): this is no RFC 3339 time")
            }
            time = read
        }
        guard ScriptTime.range.contains(time.milliseconds) else {
            throw HostFailure("\(name): the year is not 1 to 9999")
        }
        return time
    }

    private static func amount(_ call: LuaCall, _ n: Int) throws(HostFailure) -> Int64 {
        if let milliseconds = call.integer(n) { return milliseconds }
        guard let amount = ScriptTime.milliseconds(ofAmount: try call.requiredString(n)) else {
            throw HostFailure("time.add: the amount must be milliseconds, or text such as 2h30m or -1d")
        }
        return amount
    }
}
