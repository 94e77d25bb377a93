// SPDX-License-Identifier: Apache-2.0
// What a script returned becomes a verdict or bodies. The number of results counts: nothing is not the same as nil, and
// neither is an answer.
import HookCore
import LuaBridge

/// Why results cannot be used.
struct ResultRefusal: Error, Equatable {
    let code: String
    let message: String

    init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ problem: ResultProblem) {
        self.init("script/result-path", "\(problem.path) \(problem.message)")
    }
}

/// Reads the results of a call.
enum ResultReading {
    // MARK: Conditions

    /// `true`, or `false` and a reason. An expression may also be nil, which says no.
    static func verdict(_ results: LuaResults, isExpression: Bool) -> Result<ConditionVerdict, ResultRefusal> {
        if isExpression, results.kind(1) == .nil { return .success(.fails(reason: nil)) }
        guard let holds = results.boolean(1) else {
            let what = results.count == 0 ? "nothing" : results.typeName(1)
            let subject = isExpression ? "the expression gave \(what)" : "the filter returned \(what)"
            return .failure(ResultRefusal("script/result-type", "\(subject); it must be true or false"))
        }
        if holds { return .success(.holds) }
        switch results.kind(2) {
        case .none, .nil: return .success(.fails(reason: nil))
        case .string:
            let reason = (results.bytes(2) ?? []).prefix(HostFunctions.reasonBytesMax)
            return .success(.fails(reason: String(decoding: reason, as: UTF8.self)))
        default:
            let message = "the filter returned a \(results.typeName(2)) as the reason; it must be a string"
            return .failure(ResultRefusal("script/result-type", message))
        }
    }

    // MARK: Transforms

    /// `body [, request]` or `many(list)`.
    static func transform(
        _ results: LuaResults, event: Event, bytesMax: Int
    ) throws(LuaFailure) -> Result<TransformResult, ResultRefusal> {
        if results.count == 0 || results.kind(1) == .nil {
            let what = results.count == 0 ? "nothing" : "nil"
            return .failure(
                ResultRefusal("script/no-result", "the transform returned \(what); to drop the event say drop(reason)"))
        }
        do throws(Stop) {
            if results.handle(1, of: HostFunctions.manyHandle) != nil { return .success(try self.many(results, event)) }
            let request = try self.request(results, event)
            return .success(try self.single(results, request, bytesMax: bytesMax))
        } catch {
            switch error {
            case .refusal(let refusal): return .failure(refusal)
            case .failure(let failure): throw failure
            }
        }
    }

    // MARK: Aggregations

    /// A body as JSON.
    static func aggregate(
        _ results: LuaResults, members: [UInt8], bytesMax: Int
    ) throws(LuaFailure) -> Result<[UInt8], ResultRefusal> {
        if results.count == 0 || results.kind(1) == .nil {
            let what = results.count == 0 ? "nothing" : "nil"
            return .failure(
                ResultRefusal("script/no-result", "the aggregation returned \(what); to send nothing say drop(reason)"))
        }
        switch results.kind(1) {
        case .function, .handle, .other:
            return .failure(
                ResultRefusal(
                    "script/result-type",
                    "the aggregation returned a \(results.typeName(1)); it must be one value, or drop(reason)"))
        default: break
        }
        switch try results.json(at: 1, path: "result", limit: bytesMax) {
        case .unchanged: return .success(members)
        case .bytes(let bytes): return .success(bytes)
        }
    }

    // MARK: Converters

    /// The new data; nil where it is what the converter was given.
    static func conversion(_ results: LuaResults, bytesMax: Int) throws(LuaFailure) -> Result<[UInt8]?, ResultRefusal> {
        switch results.kind(1) {
        case .none, .nil:
            let what = results.count == 0 ? "nothing" : "nil"
            return .failure(
                ResultRefusal("script/no-result", "the converter returned \(what); it must return the data"))
        case .function, .handle, .other:
            return .failure(
                ResultRefusal("script/result-type", "the converter returned a \(results.typeName(1)); it must be data"))
        default: break
        }
        switch try results.json(at: 1, path: "result", limit: bytesMax) {
        case .unchanged: return .success(nil)
        case .bytes(let bytes): return .success(bytes)
        }
    }

    /// Either kind of trouble, so that the steps below read straight down.
    private enum Stop: Error {
        case refusal(ResultRefusal)
        case failure(LuaFailure)
    }

    private static func json(_ results: LuaResults, _ n: Int, _ path: String, limit: Int) throws(Stop) -> LuaJSON {
        do throws(LuaFailure) {
            return try results.json(at: n, path: path, limit: limit)
        } catch {
            throw .failure(error)
        }
    }

    private static func single(
        _ results: LuaResults, _ request: RequestReading?, bytesMax: Int
    ) throws(Stop) -> TransformResult {
        switch results.kind(1) {
        case .function, .handle, .other:
            throw .refusal(ResultRefusal("script/result-type", "the transform returned a \(results.typeName(1))"))
        default: break
        }
        // A string with a media type of its own is the body itself; without one it is JSON like everything else.
        if let contentType = request?.contentType, results.kind(1) == .string, let bytes = results.bytes(1) {
            return .body(bytes, contentType: contentType, request?.overrides)
        }
        switch try self.json(results, 1, "result", limit: bytesMax) {
        case .unchanged: return .unchanged(contentType: request?.contentType, request?.overrides)
        case .bytes(let bytes):
            return .body(bytes, contentType: request?.contentType ?? "application/json", request?.overrides)
        }
    }

    private static func request(_ results: LuaResults, _ event: Event) throws(Stop) -> RequestReading? {
        switch results.kind(2) {
        case .none, .nil: return nil
        case .table: break
        default:
            let message = "the second result, the request, is a \(results.typeName(2)); it must be a table"
            throw .refusal(ResultRefusal("script/result-type", message))
        }
        let value: JSONValue
        switch try self.json(results, 2, "request", limit: 65_536) {
        case .unchanged: value = event.data.map { JSONValue($0) } ?? .null
        case .bytes(let bytes): value = try self.document(bytes).value
        }
        return try self.requestReading(value, "request")
    }

    private static func requestReading(_ value: JSONValue, _ path: String) throws(Stop) -> RequestReading {
        do throws(ResultProblem) {
            return try RequestReading(value, path: path)
        } catch {
            throw .refusal(ResultRefusal(error))
        }
    }

    /// What our own writer made is read back; duplicate keys cannot be in it.
    private static func document(_ bytes: [UInt8]) throws(Stop) -> (document: JSONDocument, value: JSONValue) {
        do throws(JSONFailure) {
            let document = try JSONDocument(parsing: bytes, limits: JSONLimits(depthMax: 128, duplicateKeys: .last))
            return (document, JSONValue(document))
        } catch {
            throw .refusal(ResultRefusal("script/result-path", "the result is no JSON: \(error.reason.rawValue)"))
        }
    }

    // MARK: many(list)

    /// Bytes of all bodies of one `many(list)`; the memory budget of the call is the same.
    private static let manyBytesMax = 16 << 20

    /// Each element is a body, or a table of `body` and, if need be, `request` and nothing else.
    private static func many(_ results: LuaResults, _ event: Event) throws(Stop) -> TransformResult {
        guard results.kind(2) == .table else {
            throw .refusal(ResultRefusal("script/result-type", "write return many(list): the list was lost on the way"))
        }
        let document: JSONDocument
        switch try self.json(results, 2, "many", limit: self.manyBytesMax) {
        case .unchanged:
            guard let data = event.data else { return .drop(reason: "many() got an empty list") }
            document = data
        case .bytes(let bytes): document = try self.document(bytes).document
        }
        let isEmptyTable = document.root.kind == .object && document.root.count == 0
        guard document.root.kind == .array || isEmptyTable else {
            throw .refusal(ResultRefusal("script/result-type", "many takes a list, this is a table with keys"))
        }
        let elements = document.children(of: 0)
        if elements.isEmpty { return .drop(reason: "many() got an empty list") }
        guard elements.count <= Transform.deliveriesMax else {
            throw .refusal(ResultRefusal("script/too-many", "many got \(elements.count) elements"))
        }
        var bodies: [RenderedBody] = []
        bodies.reserveCapacity(elements.count)
        for (place, node) in elements.enumerated() {
            bodies.append(try self.element(node, of: document, path: "many[\(place + 1)]"))
        }
        return .many(bodies)
    }

    private static func element(_ node: Int, of document: JSONDocument, path: String) throws(Stop) -> RenderedBody {
        guard let parts = self.parts(of: node, in: document) else {
            return RenderedBody(body: Array(document.text(of: node)), contentType: "application/json")
        }
        let request = try parts.request.map { request throws(Stop) in
            try self.requestReading(JSONValue(document, at: request), "\(path).request")
        }
        if let contentType = request?.contentType, document.nodes[parts.body].kind == .string {
            return RenderedBody(
                body: document.stringBytes(of: parts.body), contentType: contentType, request: request?.overrides)
        }
        return RenderedBody(
            body: Array(document.text(of: parts.body)), contentType: request?.contentType ?? "application/json",
            request: request?.overrides)
    }

    /// The nodes of `{body = …, request = …}`; nil for any other shape.
    private static func parts(of node: Int, in document: JSONDocument) -> (body: Int, request: Int?)? {
        guard document.nodes[node].kind == .object, let body = document.member("body".utf8, of: node) else {
            return nil
        }
        let request = document.member("request".utf8, of: node)
        return document.nodes[node].count == (request == nil ? 1 : 2) ? (body, request) : nil
    }
}
