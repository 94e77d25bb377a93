// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookCore
import HookRoute

/// Builds a table of patterns, matches events against it again and again, and says what it took.
struct MatchMeasurement {
    private let rules: Int
    private let refused: Int
    private let events: Int
    private let build: Span
    private let tableBytes: Int
    private var matches = 0
    private var eventsMatched = 0
    private var digest = FNV1a()
    private var passes = 0
    /// Of the fastest sample, per event.
    private var best = Span(wall: 0, processor: 0)

    /// Seconds on the wall and of the processor.
    struct Span {
        var wall: Double
        var processor: Double

        static var now: Span { Span(wall: Self.read(CLOCK_MONOTONIC), processor: Self.read(CLOCK_PROCESS_CPUTIME_ID)) }

        static func since(_ start: Span) -> Span {
            let now = Self.now
            return Span(wall: now.wall - start.wall, processor: now.processor - start.processor)
        }

        private static func read(_ clock: clockid_t) -> Double {
            var time = timespec()
            _ = unsafe clock_gettime(clock, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
    }

    init(_ file: PatternFile, _ events: [[UInt8]], seconds: Double) {
        self.rules = file.patterns.count
        self.refused = file.refusals.count
        self.events = events.count
        let began = Span.now
        let table = PatternTable(file.patterns)
        self.build = Span.since(began)
        self.tableBytes = table.bytes
        let matcher = table.matcher()
        self.answer(events, matcher)
        self.measure(events, matcher, seconds)
    }

    /// The pass that counts and says what matches.
    private mutating func answer(_ events: [[UInt8]], _ matcher: PatternMatcher) {
        for event in events {
            var count = 0
            Self.match(event, matcher) { rule in
                if count > 0 { self.digest.add(0x20) }
                self.digest.add(digits: rule)
                count += 1
            }
            self.digest.add(0x0A)
            self.matches += count
            self.eventsMatched += count > 0 ? 1 : 0
        }
    }

    /// The time of one sample; a shorter one would say more about the clock.
    private static let sampleSeconds = 0.02

    private mutating func measure(_ events: [[UInt8]], _ matcher: PatternMatcher, _ seconds: Double) {
        guard !events.isEmpty else { return }
        let began = Span.now
        var perSample = 1
        repeat {
            let start = Span.now
            var found = 0
            for _ in 0..<perSample { found += Self.pass(events, matcher) }
            let span = Span.since(start)
            precondition(found == self.matches * perSample, "every pass finds the same")
            self.passes += perSample
            self.keep(span, calls: Double(perSample * events.count))
            if span.wall < Self.sampleSeconds { perSample *= 2 }
        } while Span.since(began).wall < seconds
    }

    private mutating func keep(_ span: Span, calls: Double) {
        if self.best.processor > 0, self.best.processor <= span.processor / calls { return }
        self.best = Span(wall: span.wall / calls, processor: span.processor / calls)
    }

    private static func pass(_ events: [[UInt8]], _ matcher: PatternMatcher) -> Int {
        var found = 0
        for event in events { self.match(event, matcher) { _ in found += 1 } }
        return found
    }

    private static func match(_ event: [UInt8], _ matcher: PatternMatcher, _ visit: (UInt32) -> Void) {
        do throws(JSONFailure) {
            matcher.forEachMatch(try JSONDocument(parsing: event), visit)
        } catch {
            // What is no JSON matches nothing.
        }
    }

    // MARK: Results

    var json: JSONValue {
        [
            "schema": "hookswitch/bench-match@1", "rules": .int(self.rules), "refused": .int(self.refused),
            "build_s": Self.number(self.build.wall), "build_cpu_s": Self.number(self.build.processor),
            "table_bytes": .int(self.tableBytes), "rss_peak_kib": .int(Self.peakKiB), "events": .int(self.events),
            "matches": .int(self.matches), "events_matched": .int(self.eventsMatched),
            "digest": .string(self.digest.text), "passes": .int(self.passes),
            "ns_event": Self.number(self.best.wall * 1e9, places: 1),
            "cpu_ns_event": Self.number(self.best.processor * 1e9, places: 1),
            "events_s": .int(self.best.wall > 0 ? Int(1 / self.best.wall) : 0),
        ]
    }

    /// The most memory that was ever resident, in KiB; 0 where the system does not say. getrusage would count the program
    /// that this process was before.
    private static var peakKiB: Int {
        do throws(FileFailure) {
            for line in try FileSystem.read("/proc/self/status").split(separator: 0x0A)
            where line.starts(with: "VmHWM:".utf8) {
                return Int(String(decoding: line.filter { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self)) ?? 0
            }
        } catch {
            return 0
        }
        return 0
    }

    /// A fixed number of places: JSON knows no `inf`, and nobody reads sixteen digits.
    static func number(_ value: Double, places: Int = 6) -> JSONValue {
        let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((max(0, value) * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return .number("\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction)
    }

    /// One figure a line.
    var text: String { Self.text(self.json) }

    static func text(_ json: JSONValue) -> String {
        guard case .object(let members) = json else { return "" }
        return members.dropFirst().map { member in
            member.key + String(repeating: " ", count: max(1, 16 - member.key.count))
                + (member.value.stringValue ?? member.value.text)
        }.joined(separator: "\n")
    }
}

/// The 64-bit hash of Fowler, Noll and Vo, variant 1a.
struct FNV1a {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ byte: UInt8) {
        // Wraps by design.
        self.hash = (self.hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// The digits of a number.
    mutating func add(digits number: UInt32) {
        if number >= 10 { self.add(digits: number / 10) }
        self.add(UInt8(0x30 + number % 10))
    }

    /// Sixteen hexadecimal digits.
    var text: String {
        let digits = String(self.hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
