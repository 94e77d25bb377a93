// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Validates parsed events again and again, and says what it took; parses them again and again for comparison.
struct SchemaMeasurement {
    private typealias Time = MatchMeasurement.Span

    /// The time of one sample; a shorter one would say more about the clock.
    private static let sampleSeconds = 0.02

    private let events: Int
    private let refused: Int
    private let valid: Int
    private let bytes: Int
    private var passes = 0
    /// Of the fastest samples, per pass.
    private var validation = Time(wall: 0, processor: 0)
    private var parsing = Time(wall: 0, processor: 0)

    /// - Parameter refuse: told the lines, counted from 0, that are no JSON.
    init(_ program: SchemaProgram, _ lines: [[UInt8]], seconds: Double, refuse: (Int, JSONFailure) -> Void) {
        var documents: [JSONDocument] = []
        var refused = 0
        for (number, line) in lines.enumerated() where !line.isEmpty {
            do throws(JSONFailure) {
                documents.append(try JSONDocument(parsing: line))
            } catch {
                refused += 1
                refuse(number, error)
            }
        }
        self.events = documents.count
        self.refused = refused
        self.bytes = documents.reduce(0) { $0 + $1.bytes.count }
        let valid = Self.validate(documents, program)
        self.valid = valid
        guard !documents.isEmpty else { return }
        (self.validation, self.passes) = Self.measure(seconds) {
            precondition(Self.validate(documents, program) == valid, "every pass finds the same")
        }
        let texts = documents.map(\.bytes)
        // The comparison gets a third of the time: it only has to be about right.
        (self.parsing, _) = Self.measure(seconds / 3) {
            precondition(Self.parse(texts) == texts.count, "what was parsed once is parsed again")
        }
    }

    private static func validate(_ documents: [JSONDocument], _ program: SchemaProgram) -> Int {
        var valid = 0
        for document in documents where program.isValid(document) { valid += 1 }
        return valid
    }

    private static func parse(_ texts: [[UInt8]]) -> Int {
        var parsed = 0
        for text in texts {
            do throws(JSONFailure) {
                parsed += try JSONDocument(parsing: text).nodes.isEmpty ? 0 : 1
            } catch {
                // Not counted, which the caller sees.
            }
        }
        return parsed
    }

    /// The fastest sample, per pass, and how many passes there were.
    private static func measure(_ seconds: Double, _ pass: () -> Void) -> (Time, Int) {
        let began = Time.now
        var best: Time?
        var passes = 0
        var perSample = 1
        repeat {
            let start = Time.now
            for _ in 0..<perSample { pass() }
            let span = Time.since(start)
            passes += perSample
            let count = Double(perSample)
            if span.processor / count < best?.processor ?? .infinity {
                best = Time(wall: span.wall / count, processor: span.processor / count)
            }
            if span.wall < Self.sampleSeconds { perSample *= 2 }
        } while Time.since(began).wall < seconds
        return (best ?? Time(wall: 0, processor: 0), passes)
    }

    // MARK: Results

    var json: JSONValue {
        [
            "schema": "hookswitch/bench-schema@1", "events": .int(self.events), "refused": .int(self.refused),
            "valid": .int(self.valid), "bytes": .int(self.bytes), "passes": .int(self.passes),
            "ns_event": Self.nanoseconds(self.validation.wall, per: Double(self.events)),
            "cpu_ns_event": Self.nanoseconds(self.validation.processor, per: Double(self.events)),
            "ns_per_kb": Self.nanoseconds(self.validation.processor, per: Double(self.bytes) / 1_000),
            "parse_ns_per_kb": Self.nanoseconds(self.parsing.processor, per: Double(self.bytes) / 1_000),
        ]
    }

    private static func nanoseconds(_ seconds: Double, per count: Double) -> JSONValue {
        MatchMeasurement.number(count > 0 ? seconds * 1e9 / count : 0, places: 1)
    }

    /// One figure a line.
    var text: String { MatchMeasurement.text(self.json) }
}
