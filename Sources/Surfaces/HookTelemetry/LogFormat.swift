// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// One line of the log. JSON uses the field names of the OpenTelemetry log data model; text is for people.
package enum LogFormat: String, Sendable, CaseIterable {
    case json
    case text

    /// Values longer than this are cut: a log line must not carry a payload.
    private static let valueBytesMax = 2048

    package func line(_ record: LogRecord, at time: WallTime) -> [UInt8] {
        switch self {
        case .json: Self.json(record, at: time)
        case .text: Self.text(record, at: time)
        }
    }

    private static func json(_ record: LogRecord, at time: WallTime) -> [UInt8] {
        var members: [JSONValue.Member] = [
            .init("timestamp", .string(time.rfc3339)),
            .init("severity_text", .string(record.level.rawValue.uppercased())),
            .init("body", .string(record.message)),
            .init("stage", .string(record.stage.rawValue)),
        ]
        for (name, value) in record.fields { members.append(.init(name, .string(self.cut(value)))) }
        return JSONValue.object(members).encoded() + [0x0A]
    }

    private static func text(_ record: LogRecord, at time: WallTime) -> [UInt8] {
        var line = "\(time.rfc3339) \(record.level.rawValue.uppercased()) [\(record.stage.rawValue)] \(record.message)"
        for (name, value) in record.fields { line += " \(name)=\(self.quoted(self.cut(value)))" }
        return Array(line.utf8) + [0x0A]
    }

    /// Quoted where it holds more than plain words, so that no value can forge a field or a line.
    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D }
        if isPlain { return value }
        var output: [UInt8] = []
        JSONEscapes.appendQuoted(value.utf8, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private static func cut(_ value: String) -> String {
        if value.utf8.count <= self.valueBytesMax { return value }
        return String(decoding: value.utf8.prefix(self.valueBytesMax), as: UTF8.self) + "…"
    }
}
