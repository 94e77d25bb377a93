// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Reads when a delivery is due from the view of the event that it is made of.
enum DueTime {
    static let invalidCode = "delivery/due-invalid"
    static let farCode = "delivery/due-too-far"

    /// The time; nil where there is none given. A time that has passed is returned as it is.
    ///
    /// - Errors: the two above, where the event carries no time, or one that is further off than ``DueSpec/farthest``.
    static func resolve(
        _ due: DueSpec?, for event: Event, to destination: DestinationName
    ) throws(ScriptFailure) -> WallTime? {
        switch due {
        case nil: return nil
        case .after(let wait): return event.time + wait
        case .at(let path):
            guard let time = self.time(at: path, in: event) else {
                throw self.failure(
                    self.invalidCode, destination,
                    "the event has no time at \(path): RFC 3339 (2026-01-31T12:00:00Z) or Unix seconds are read")
            }
            guard time - event.time <= DueSpec.farthest else {
                throw self.failure(
                    self.farCode, destination,
                    "\(path) is \(time.rfc3339), more than 90 days after the event (are these milliseconds?)")
            }
            return time
        }
    }

    private static func time(at path: FieldPath, in event: Event) -> WallTime? {
        guard path.root == .data, let data = event.data, let node = data.find(path.keys) else { return nil }
        switch data.nodes[node].kind {
        case .string:
            guard let text = data.string(of: node) else { return nil }
            return WallTime(rfc3339: text) ?? self.seconds(text)
        case .number: return self.seconds(String(decoding: data.text(of: node), as: UTF8.self))
        case .null, .true, .false, .array, .object: return nil
        }
    }

    /// Unix seconds with or without a fraction, from 1970 to the year 9999.
    private static func seconds(_ text: String) -> WallTime? {
        guard let seconds = Double(text), seconds >= 0, seconds < 253_402_300_800 else { return nil }
        return WallTime(milliseconds: Int64((seconds * 1000).rounded()))
    }

    private static func failure(_ code: String, _ destination: DestinationName, _ message: String) -> ScriptFailure {
        ScriptFailure(code: code, script: destination.text, message: message)
    }
}
