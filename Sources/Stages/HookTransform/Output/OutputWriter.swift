// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookFormats

/// Makes the bodies of one target ready: steps over their JSON, the version that a subscriber pins, then the format.
struct OutputWriter {
    private let event: Event
    private let output: OutputSpec
    /// `route r, destination d`, for failures.
    private let label: String
    /// Steps may copy values of the event into every element of a list, so their output has a bound as scripts have.
    private let bytesMax: Int
    private let target: Routed.Target
    /// Nil where the target takes whichever version there is.
    private let conversions: Conversions?
    private let facts: EventVersionFacts?

    init(
        target: Routed.Target, hit: Routed.Hit, conversions: Conversions? = nil, facts: EventVersionFacts? = nil
    ) {
        self.facts = facts
        self.target = target
        self.conversions = conversions
        self.event = hit.event
        self.output = target.output
        self.label = "route \(hit.route), destination \(target.destination)"
        self.bytesMax = max(ScriptLimits().bodyBytesMax, hit.event.body.count + 65_536)
    }

    /// - Parameter number: the place of the body among several of one target, from 1.
    func finish(_ body: RenderedBody, number: Int?) throws(ScriptFailure) -> RenderedBody {
        var state = OutputBody(body, of: self.event)
        do throws(FormatFailure) {
            for layer in self.output.steps {
                let document = try state.document(for: "steps")
                state.replace(
                    with: try Reshape(event: self.event, bytesMax: self.bytesMax).applied(layer, to: document))
            }
        } catch {
            throw ScriptFailure(code: error.code, script: self.label, message: error.detail)
        }
        if let conversions, let version = self.target.version {
            try state.convert(to: version, by: conversions, for: self.target.destination)
        }
        do throws(FormatFailure) {
            if let format = self.output.format { try state.write(format, number: number, facts: self.facts) }
        } catch {
            throw ScriptFailure(code: error.code, script: self.label, message: error.detail)
        }
        return state.rendered
    }
}

/// A body on its way out.
struct OutputBody {
    /// Nil: the event's own bytes.
    private var bytes: [UInt8]?
    /// Nil as in ``RenderedBody``.
    private var contentType: String?
    private var request: RequestOverrides?
    let event: Event

    init(_ body: RenderedBody, of event: Event) {
        self.bytes = body.body
        self.contentType = body.contentType
        self.request = body.request
        self.event = event
    }

    var rendered: RenderedBody { RenderedBody(body: self.bytes, contentType: self.contentType, request: self.request) }

    /// What goes out if nothing more happens.
    var current: (bytes: [UInt8], contentType: String) {
        let type = self.contentType ?? (self.bytes == nil ? self.event.contentType : "application/json")
        return (self.bytes ?? self.event.body, type)
    }

    /// The event's own bytes.
    var isOwn: Bool { self.bytes == nil }

    var isJSON: Bool { BodyKind(contentType: Array(self.current.contentType.utf8)[...]) == .json }

    /// The body as JSON. The event's own bytes stand for its data: XML and forms have some, too.
    func document(for purpose: String) throws(FormatFailure) -> JSONDocument {
        guard let bytes = self.bytes else {
            if let data = self.event.data { return data }
            throw FormatFailure(
                "output/not-json", "\(purpose): the event is \(self.event.contentType), its body has no data")
        }
        if let type = self.contentType, !self.isJSON {
            throw FormatFailure("output/not-json", "\(purpose): the script's body is \(type), and no JSON")
        }
        do throws(JSONFailure) {
            return try JSONDocument(parsing: bytes, limits: JSONLimits(depthMax: 128, duplicateKeys: .last))
        } catch {
            throw FormatFailure("output/not-json", "\(purpose): the script's body is no JSON: \(error.reason.rawValue)")
        }
    }

    /// Goes on in the version that a subscriber pins. A converter that fails holds the event also under
    /// `on_error: pass`: a body of another version than was promised must not go out.
    mutating func convert(
        to version: Int, by conversions: Conversions, for destination: DestinationName
    ) throws(ScriptFailure) {
        guard let made = try conversions.body(self.bytes, of: self.event, as: version, for: destination) else { return }
        if self.bytes == nil { self.contentType = self.isJSON ? self.event.contentType : "application/json" }
        self.bytes = made
    }

    /// Goes on with what steps have made.
    mutating func replace(with json: [UInt8]) {
        self.bytes = json
        self.contentType = "application/json"
    }

    mutating func write(
        _ format: OutputFormat, number: Int?, facts: EventVersionFacts?
    ) throws(FormatFailure) {
        let made = try FormatWriter(body: self, number: number, facts: facts).write(format)
        self.bytes = made.bytes
        self.contentType = made.contentType
        guard !made.headers.isEmpty else { return }
        var request = self.request ?? RequestOverrides()
        // What a script says about a header counts.
        let own = Set(request.headers.map { $0.name.lowercased() })
        request.headers = made.headers.filter { !own.contains($0.name) } + request.headers
        self.request = request
    }
}
