// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HookCore
@testable import HookPipeline

@Suite struct LookupCacheTests {
    private static func request(_ key: String, cache: Duration = .seconds(60)) -> LookupRequest {
        var spec = HTTPLookupSpec(url: URLTemplate(origin: "http://127.0.0.1:1", path: Template(parts: [])))
        spec.cache = cache
        return LookupRequest(route: "r", spec: spec, onError: .hold, url: key, headers: [], key: key)
    }

    private static func found(_ bytes: Int) -> LookupAnswer { .found([UInt8](repeating: 0x31, count: bytes)) }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: LookupAnswer
        let cache: Duration
        /// How long it is known; nil: not at all.
        let known: Duration?
    }

    @Test(arguments: [
        Case(testDescription: "an answer", answer: found(1), cache: .seconds(60), known: .seconds(60)),
        Case(testDescription: "what is missing", answer: .missing, cache: .seconds(600), known: .seconds(30)),
        Case(testDescription: "what is missing for less", answer: .missing, cache: .seconds(5), known: .seconds(5)),
        Case(testDescription: "nothing where nothing is to be kept", answer: found(1), cache: .zero, known: nil),
        Case(
            testDescription: "a failure",
            answer: .failed(LookupFailure(code: "enrich/timeout", message: "late", isTransient: true)),
            cache: .seconds(60), known: nil),
    ])
    func `is known for its time`(_ example: Case) {
        let cache = LookupCache()
        cache.keep(example.answer, for: Self.request("a", cache: example.cache), now: .seconds(100))
        guard let known = example.known else {
            #expect(cache.answer(to: "a", now: .seconds(100)) == nil && cache.count == 0)
            return
        }
        let end = Duration.seconds(100) + known
        #expect(cache.answer(to: "a", now: end - .milliseconds(1)) == example.answer)
        #expect(cache.answer(to: "a", now: end) == nil)
    }

    @Test func `the first to come is the first to go`() {
        let cache = LookupCache(limits: .init(entries: 3, bytes: 1 << 20))
        for key in ["a", "b", "c", "a", "d"] { cache.keep(Self.found(1), for: Self.request(key), now: .zero) }
        // "a" came again, so "b" is the oldest.
        #expect(["a", "b", "c", "d"].map { cache.answer(to: $0, now: .zero) != nil } == [true, false, true, true])
    }

    @Test func `bytes are bounded too, and what is larger than all of them is not kept`() {
        let cache = LookupCache(limits: .init(entries: 100, bytes: 1_000))
        for key in ["a", "b", "c"] { cache.keep(Self.found(300), for: Self.request(key), now: .zero) }
        #expect(["a", "b", "c"].map { cache.answer(to: $0, now: .zero) != nil } == [false, true, true])
        cache.keep(Self.found(1_000), for: Self.request("d"), now: .zero)
        #expect(cache.answer(to: "d", now: .zero) == nil && cache.count == 2)
    }

    @Test func `keys that expire and come again take no more room`() {
        let cache = LookupCache()
        for round in 0..<20_000 {
            cache.keep(Self.found(1), for: Self.request("k\(round % 7)"), now: .seconds(round))
        }
        #expect(cache.count == 7 && cache.places < 2_000)
    }
}
