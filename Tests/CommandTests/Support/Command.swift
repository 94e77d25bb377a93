// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore

/// A command that ran to its end.
struct Finished {
    let code: Int32
    let out: String
    let err: String

    /// The result as JSON.
    var json: JSONValue {
        get throws {
            do { return try JSONValue(parsing: Array(self.out.utf8)) } catch {
                throw TestFailure("no JSON (\(error)): \(self.out)\n\(self.err)")
            }
        }
    }
}

/// Runs the executable to its end.
func hookswitch(
    _ arguments: String..., input: String? = nil, environment: [String: String] = [:], folder: String? = nil
) throws -> Finished {
    try hookswitch(arguments, input: input, environment: environment, folder: folder)
}

func hookswitch(
    _ arguments: [String], input: String? = nil, environment: [String: String] = [:], folder: String? = nil
) throws -> Finished {
    let process = try ChildProcess(arguments, environment: environment, folder: folder)
    process.feed(Array((input ?? "").utf8))
    let code = try process.wait()
    return Finished(code: code, out: process.out.text, err: process.err.text)
}

extension JSONValue {
    /// Members and elements by a path such as `items.0.id`.
    func at(_ path: String) -> JSONValue? {
        path.split(separator: ".").reduce(self as JSONValue?) { value, step in
            if let place = Int(step), let list = value?.arrayValue {
                return list.indices.contains(place) ? list[place] : nil
            }
            return value?[String(step)]
        }
    }

    func text(_ path: String) -> String? { self.at(path)?.stringValue }
    func list(_ path: String) -> [JSONValue] { self.at(path)?.arrayValue ?? [] }
}
