// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

@Suite struct HostFunctionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let code: String
        let result: String
        var testDescription: String { self.code }

        init(_ code: String, _ result: String) {
            self.code = code
            self.result = result
        }
    }

    static let cases: [Case] = [
        Case("sha256('abc')", #""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#),
        // RFC 4231, test case 2.
        Case(
            "hmac('jefe', 'what do ya want for nothing?')",
            #""5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843""#),
        Case("base64.encode('a?>')", #""YT8+""#),
        Case("base64.encode_url('a?>')", #""YT8-""#),
        Case("base64.decode('YWJj')", #""abc""#),
        Case("select(2, base64.decode('%'))", #""base64.decode: the text is malformed""#),
        Case("hex.encode('\\x0aA')", #""0a41""#),
        Case("hex.decode('0A41')", #""\nA""#),
        Case("url.encode('a b/ü')", #""a%20b%2F%C3%BC""#),
        Case("url.decode('a%20b+')", #""a b+""#),
        Case("xml.decode('<a b=\"1\"><c>x</c><c/></a>')", #"{"a":{"@b":"1","c":["x",""]}}"#),
        Case("xml.decode('<a><c>x</c></a>').a.c", #""x""#),
        Case("pcall(xml.decode, '<a>')", "false"),
        Case("pcall(xml.decode, '<!DOCTYPE a><a/>')", "false"),
        Case("pcall(xml.decode, 7)", "false"),
        Case("#xml.encode({a = {['@b'] = 1, c = array {true, null}}})", "68"),
        Case("xml.encode(xml.decode('<a>&lt;</a>')):sub(40)", #""<a>&lt;</a>\n""#),
        Case("pcall(xml.encode, event.data)", "false"),
        Case("pcall(xml.encode, {['a b'] = 1})", "false"),
        Case("pcall(xml.encode)", "false"),
        Case("now()", "1767225600123"),
        Case("time.format(now())", #""2026-01-01T00:00:00.123Z""#),
        Case("time.format(now(), 'date')", #""2026-01-01""#),
        Case("time.format('2026-01-01T01:00:00+01:00', 'seconds')", #""1767225600""#),
        Case("time.parse('2026-01-01T00:00:00.5Z')", "1767225600500"),
        Case("(time.parse('yesterday'))==nil", "true"),
        Case("time.add(0, '1h30m')", "5400000"),
        Case("time.add('2026-01-01', '-1d')", #""2025-12-31T00:00:00.000Z""#),
        Case("time.add(10, -20)", "-10"),
        Case("uuid('a') == uuid('a')", "true"),
        Case("uuid() == uuid()", "false"),
        Case("#uuid()", "36"),
        Case("rand() ~= rand()", "true"),
        Case("rand(3, 3)", "3"),
        Case("rand(math.mininteger, math.maxinteger) ~= nil", "true"),
        Case("json.decode('[1,null]')[1]", "1"),
        Case("pcall(json.decode, '[1,')", "false"),
        Case("json.encode({b = 1, a = array {}})", #""{\"a\":[],\"b\":1}""#),
        Case("get(event.data, 'a.b', 'none')", #""none""#),
        Case("is_null(event.data.none)", "true"),
        Case("opt(event.data.none) == nil", "true"),
        Case("pick(event.data, 'n')", #"{"n":1.5}"#),
        Case("num('18446744073709551615')", "18446744073709551615"),
    ]

    @Test(arguments: cases)
    func gives(_ example: Case) throws {
        let code = example.code.hasPrefix("pcall") ? "(\(example.code))" : example.code
        let fixture = try ScriptFixture("function f(event) local r = \(code) return r end")
        let worker = fixture.worker(secrets: ["jefe": "Jefe"])
        #expect(try fixture.transform(.made(#"{"n":1.50,"none":null}"#), worker).text == example.result)
    }

    static let errors = [
        "sha256()", "sha256({})", "hmac('jefe')", "hmac('other', 'x')", "time.format(1 << 62)",
        "time.format(0, 'french')",
        "time.format('x')", "time.add(0, 'soon')", "time.add(253402300799999, 1)", "rand(2, 1)", "rand('x')",
        "count('Bad-Name')",
        "count('a', -1)", "count('a', 1, 'x')", "log.info()", "log.info('x', 7)", "lookup('x', 'y')", "many('x')",
    ]

    @Test(arguments: errors)
    func `misuse is an error of the script`(_ code: String) throws {
        let fixture = try ScriptFixture("function f(event) local r = \(code) return 1 end")
        let failure = #expect(throws: ScriptFailure.self) {
            try fixture.transform(.made("{}"), fixture.worker(secrets: ["jefe": "Jefe"]))
        }
        #expect(failure?.code == "script/runtime")
        #expect(failure?.place == "scripts/t.lua:1")
    }

    @Test func `large work is charged`() throws {
        for code in [
            "sha256(s)", "base64.encode(s)", "hmac('jefe', s)", "url.encode(s)", "pcall(xml.decode, s)",
            "xml.encode({a = s})",
        ] {
            let fixture = try ScriptFixture(
                "function f(event) local s = ('x'):rep(1000000) while true do local _ = \(code) end end")
            let failure = #expect(throws: ScriptFailure.self) {
                try fixture.transform(.made("{}"), fixture.worker(secrets: ["jefe": "Jefe"]))
            }
            #expect(failure?.code.hasPrefix("script/budget-") == true)
        }
    }

    @Test func `a secret never shows`() throws {
        let marker = "s3cr3t-marker-0451"
        let fixture = try ScriptFixture(
            """
            function f(event)
              log.info('code', {code = hmac('key', 'x')})
              print(hmac)
              local ok, why = pcall(hmac, 'key', {})
              error(why .. tostring(hmac) .. hmac('key', ''))
            end
            """)
        let worker = fixture.worker(secrets: ["key": marker])
        let failure = #expect(throws: ScriptFailure.self) { try fixture.transform(.made("{}"), worker) }
        #expect(
            "\(String(describing: failure)) \(fixture.log.text) \(String(describing: worker.lastCall))".contains(marker)
                == false)
        #expect(fixture.log.text.contains("A script says"))
    }

    @Test func `counts are one series per name and labels`() throws {
        let fixture = try ScriptFixture(
            "function f(event) count('orders', 2, {country = 'SE', b = 1}) count('orders') return 1 end")
        let worker = fixture.worker()
        _ = try fixture.transform(.made("{}"), worker)
        _ = try fixture.transform(.made("{}"), worker)
        let series = fixture.signals.counters.filter { $0.0.metric == .business }
            .map { "\($0.0.labels) \($0.1)" }.sorted()
        #expect(series == [#"["orders", ""] 2"#, #"["orders", "b=1,country=SE"] 4"#])
    }

    @Test func `distinct series are bounded`() throws {
        let fixture = try ScriptFixture(
            "function f(event) for i = 1, 100 do count('n', 1, {id = event.id .. i}) end return 1 end")
        let worker = fixture.worker()
        for id in 1...8 { _ = try fixture.transform(.made("{}", id: UInt64(id) << 20), worker) }
        let series = fixture.signals.counters.filter { $0.0.metric == .business }
        #expect(series.count == ScriptSignals.seriesMax + 1)
        #expect(series.map(\.1).reduce(0, +) == 800)
    }

    @Test func `the log of scripts is bounded`() throws {
        let fixture = try ScriptFixture("function f(event) for i = 1, 90 do log.warn('x') end return 1 end")
        _ = try fixture.transform(.made("{}"), fixture.worker())
        #expect(fixture.log.all.count <= ScriptSignals.recordsMax)
    }
}
