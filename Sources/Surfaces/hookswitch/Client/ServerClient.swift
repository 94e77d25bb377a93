// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookDeliver

/// How a command reaches a running router.
struct ServerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The admin address; also HOOKSWITCH_SERVER. Default http://127.0.0.1:8081.", valueName: "url"))
    var server: String?

    @Option(
        name: .long, help: ArgumentHelp("A file with the admin token; also HOOKSWITCH_TOKEN_FILE.", valueName: "file"))
    var tokenFile: String?

    func client() throws -> ServerClient {
        let environment = Environment.live
        let address = self.server ?? environment.variable("HOOKSWITCH_SERVER") ?? "http://127.0.0.1:8081"
        let base = address.contains("://") ? address : "http://\(address)"
        guard let scheme = base.firstRange(of: "://"), !base[scheme.upperBound...].drop(while: { $0 == "/" }).isEmpty,
            ["http", "https"].contains(String(base[..<scheme.lowerBound]))
        else { throw Console.fail("\"\(address)\" is no http://HOST:PORT", .usage) }
        var token: String?
        if let path = self.tokenFile ?? environment.variable("HOOKSWITCH_TOKEN_FILE") {
            let bytes = try Console.readFile(path)
            token = String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
        }
        return ServerClient(base: base.hasSuffix("/") ? String(base.dropLast()) : base, token: token)
    }
}

/// Calls of the admin API.
struct ServerClient: Sendable {
    let base: String
    let token: String?

    struct Answer {
        let status: Int
        let value: JSONValue
    }

    func get(_ path: String, _ query: [(String, String?)] = []) async throws -> JSONValue {
        try await self.expectingSuccess(self.call("GET", path, query))
    }

    func post(_ path: String, _ query: [(String, String?)] = []) async throws -> JSONValue {
        try await self.expectingSuccess(self.call("POST", path, query))
    }

    /// The answer whatever its status; ends the command where there is none.
    func call(_ method: String, _ path: String, _ query: [(String, String?)] = []) async throws -> Answer {
        var headers: [(name: String, value: String)] = [("accept", "application/json")]
        if let token { headers.append(("authorization", "Bearer \(token)")) }
        let request = OutboundRequest(
            method: method, url: self.base + path + Self.text(query), headers: headers, body: [], signedWith: nil)
        let answer: Egress.Answer
        do throws(Egress.Failure) {
            answer = try await Egress.fetch(request)
        } catch {
            throw Console.fail(
                "no router answers at \(self.base): \(error.detail)",
                hint: "start one with hookswitch serve, or set HOOKSWITCH_SERVER", .unreachable)
        }
        // Where in the text it stops being JSON helps nobody: the address is that of something else.
        guard let value = try? JSONValue(parsing: answer.body) else {
            throw Console.fail("\(self.base) answered \(answer.status) with something that is not JSON", .unreachable)
        }
        return Answer(status: answer.status, value: value)
    }

    /// Why there is no answer, where that does not end the command.
    struct Trouble: Error { let words: String }

    /// The body of a successful answer, whatever it holds.
    func fetch(_ path: String) async throws(Trouble) -> [UInt8] {
        var headers: [(name: String, value: String)] = []
        if let token { headers.append(("authorization", "Bearer \(token)")) }
        let request = OutboundRequest(
            method: "GET", url: self.base + path, headers: headers, body: [], signedWith: nil)
        do throws(Egress.Failure) {
            let answer = try await Egress.fetch(request, timeout: .seconds(5))
            guard (200...299).contains(answer.status) else {
                throw Egress.Failure(detail: "it answered \(answer.status)")
            }
            return answer.body
        } catch {
            throw Trouble(words: "no answer from \(self.base): \(error.detail)")
        }
    }

    /// The text of a successful answer; ends the command where there is none.
    func text(_ path: String) async throws -> String {
        do throws(Trouble) {
            return String(decoding: try await self.fetch(path), as: UTF8.self)
        } catch {
            throw Console.fail(error.words, .unreachable)
        }
    }

    /// Reads an answer that goes on, until the router ends it or `receive` says to stop.
    func stream(
        _ path: String, _ query: [(String, String?)], receive: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws {
        var headers: [(name: String, value: String)] = [("accept", "text/event-stream")]
        if let token { headers.append(("authorization", "Bearer \(token)")) }
        let request = OutboundRequest(
            method: "GET", url: self.base + path + Self.text(query), headers: headers, body: [], signedWith: nil)
        let answer: Egress.Answer
        do throws(Egress.Failure) {
            answer = try await Egress.stream(request, receive: receive)
        } catch {
            throw Console.fail("the connection to \(self.base) has ended: \(error.detail)", .unreachable)
        }
        if (200...299).contains(answer.status) { return }
        // Where it is no problem document, its status says it.
        throw Self.problem(Answer(status: answer.status, value: (try? JSONValue(parsing: answer.body)) ?? .null))
    }

    private func expectingSuccess(_ answer: Answer) throws -> JSONValue {
        if (200...299).contains(answer.status) { return answer.value }
        throw Self.problem(answer)
    }

    static func problem(_ answer: Answer) -> ExitCode {
        let title = answer.value["title"]?.stringValue ?? "the router answered \(answer.status)"
        let detail = answer.value["detail"]?.stringValue
        let code: ExitCode =
            switch answer.status {
            case 401, 403: .notAllowed
            case 400: .usage
            case 404, 409, 410: .findings
            default: .tryAgain
            }
        return Console.fail(detail.map { "\(title): \($0)" } ?? title, code)
    }

    private static func text(_ query: [(String, String?)]) -> String {
        let given = query.compactMap { pair in pair.1.map { "\(pair.0)=\(PercentCoding.encode($0))" } }
        return given.isEmpty ? "" : "?" + given.joined(separator: "&")
    }
}
