// SPDX-License-Identifier: Apache-2.0
// Requests that bring several events. The request was verified as a whole; each element is then read and mapped like a
// request of its own, and either all of them are accepted or none.
import HookCore
import HookFormats

/// Takes a body apart.
struct BatchReading {
    /// Faults that an answer lists; who mends those and sends again learns of the rest.
    static let errorsMax = 20

    /// One event of the request.
    struct Element {
        /// From 0.
        let place: Int
        /// Line of NDJSON, from 1.
        var line: Int?
        /// Place in the document of a CloudEvents batch.
        var node: Int?
        /// The bytes of a line.
        var body: [UInt8] = []
    }

    let accepted: Accepted
    let rules: BodyRules
    let kind: BodyKind
    private let document: JSONDocument?

    /// Nil where a body of this content type is one event.
    init?(_ accepted: Accepted, _ rules: BodyRules, _ rule: BatchRule) throws(VerifyFailure) {
        guard rule == .auto else { return nil }
        self.kind = BodyKind(contentType: accepted.headers.first("content-type"))
        guard self.kind == .cloudEventBatch || self.kind == .ndjson else { return nil }
        let kind = self.kind
        guard rules.accepts.isEmpty || rules.accepts.contains(where: { $0.takes(kind) }) else {
            throw .mediaType(rules.accepts)
        }
        do throws(FormatFailure) {
            let (headers, body) = try BodyReading.decoded(accepted, SaidOfBody(accepted.headers), rules.coding)
            self.accepted = accepted.part(id: accepted.id, headers: headers, body: body)
        } catch {
            throw VerifyFailure(error)
        }
        // What the elements are was asked of the whole.
        self.rules = BodyRules(json: rules.json, cloudEvents: rules.cloudEvents, accepts: [], coding: rules.coding)
        if self.kind == .ndjson {
            self.document = nil
            return
        }
        do throws(JSONFailure) {
            self.document = try JSONDocument(parsing: self.accepted.body, limits: rules.json)
        } catch {
            throw VerifyFailure(FormatFailure(error))
        }
    }

    /// In order; none of an empty batch.
    func elements() throws(VerifyFailure) -> [Element] {
        let elements =
            try self.document.map { document throws(VerifyFailure) in try Self.list(document) } ?? self.lines()
        guard elements.count <= BatchRule.eventsMax else {
            throw VerifyFailure(
                status: 413, code: "batch/too-many", title: "Too many events",
                detail: "The request brings \(elements.count) events; at most \(BatchRule.eventsMax) are taken at once."
            )
        }
        return elements
    }

    /// Empty lines are none.
    private func lines() -> [Element] {
        var elements: [Element] = []
        let lines = self.accepted.body.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where line.contains(where: { $0 > 0x20 }) {
            elements.append(Element(place: elements.count, line: number + 1, body: Array(line)))
        }
        return elements
    }

    private static func list(_ document: JSONDocument) throws(VerifyFailure) -> [Element] {
        guard document.root.kind == .array else {
            throw VerifyFailure(
                status: 400, code: "batch/invalid", title: "Not a batch", detail: "A CloudEvents batch is a JSON array."
            )
        }
        return document.children(of: 0).enumerated().map { Element(place: $0, node: $1) }
    }

    /// The element as if it had come alone.
    func read(_ element: Element) throws(VerifyFailure) -> (Accepted, BodyReading) {
        guard let document, let node = element.node else { return try self.json(element.body, element.place) }
        guard self.rules.cloudEvents != .never else {
            // The source says itself where type and id stand: an element is any JSON.
            return try self.json(Array(document.text(of: node)), element.place)
        }
        do throws(FormatFailure) {
            let parts = try CloudEvents.unwrap(document, at: node)
            let reading = try BodyReading.reading(of: parts, in: self.accepted.headers, self.rules)
            return (self.part(element.place, reading.body, self.accepted.headers), reading)
        } catch {
            throw VerifyFailure(error)
        }
    }

    private func json(_ body: [UInt8], _ place: Int) throws(VerifyFailure) -> (Accepted, BodyReading) {
        var headers = self.accepted.headers.removing("content-type")
        headers.append("content-type".utf8, "application/json".utf8)
        let part = self.part(place, body, headers)
        return (part, try BodyReading(part, self.rules))
    }

    /// The first has the id of the request; the others have ids made from it.
    private func part(_ place: Int, _ body: [UInt8], _ headers: HeaderBlock) -> Accepted {
        self.accepted.part(
            id: place == 0 ? self.accepted.id : self.accepted.id.derived("batch \(place)"), headers: headers, body: body
        )
    }
}

extension VerifyFailure {
    /// What is wrong with one element of a request, in the answer to the whole.
    package struct Part: Sendable, Equatable {
        /// JSON pointer to the element; of NDJSON its place among the lines that are not empty.
        package let pointer: String
        package let detail: String
        package let code: String
        /// Byte offset inside the element.
        package var offset: Int?
        /// The rule of a schema that it breaks.
        package var rule: String?
    }

    /// Nothing of a request is kept where one of its events is refused.
    static func batch(_ failures: [(element: BatchReading.Element, failure: VerifyFailure)], of count: Int) -> Self {
        let parts = failures.prefix(BatchReading.errorsMax).flatMap { element, failure -> [Part] in
            let line = element.line.map { "line \($0): " } ?? ""
            let pointer = "/\(element.place)"
            if failure.violations.isEmpty {
                return [
                    Part(pointer: pointer, detail: line + failure.detail, code: failure.code, offset: failure.offset)
                ]
            }
            return failure.violations.map {
                Part(pointer: pointer + $0.pointer, detail: line + $0.detail, code: $0.keyword, rule: $0.rule)
            }
        }
        let isMalformed = failures.contains { $0.failure.status != 422 }
        return VerifyFailure(
            status: isMalformed ? 400 : 422, code: "batch/refused", title: "Some events are not acceptable",
            detail: "\(failures.count) of \(count) events are refused. Nothing was kept: mend them and send all again.",
            parts: parts)
    }
}
