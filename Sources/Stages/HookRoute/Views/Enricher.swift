// SPDX-License-Identifier: Apache-2.0
// `enrich:`. Each step puts a value into the view that the next one sees. A row of a table is there at once; an answer of
// a peer is there, or the route waits.
import HookCore

struct Enricher {
    enum Outcome {
        case view(Event)
        case held(ScriptFailure)
        /// The first answer that is not known.
        case waits(LookupRequest)
    }

    static let waitingCode = "enrich/waiting"

    let route: RouteSpec
    /// Nil: no answer is known, as in a dry run.
    let answers: (any LookupAnswers)?

    func run(_ event: Event) -> Outcome {
        var view = event
        for step in self.route.enrich {
            switch self.value(step, of: view) {
            case .waits(let request): return .waits(request)
            case .value(let text):
                do throws(LookupFailure) {
                    view = try Self.put(text, into: step.into, of: view)
                } catch {
                    if step.onError != .skip { return .held(Self.failure(error, step)) }
                }
            case .none(let failure):
                if step.onError != .skip { return .held(Self.failure(failure, step)) }
            }
        }
        return .view(view)
    }

    private enum Value {
        case value([UInt8])
        case none(LookupFailure)
        case waits(LookupRequest)
    }

    private func value(_ step: EnrichSpec, of view: Event) -> Value {
        switch step.source {
        case .table(let table, let path):
            if let key = view.scalar(at: path), let row = table.row(Array(key.utf8)) { return .value(Array(row)) }
            return Self.missing(step, "\(table.name) has no row for \(path)")
        case .http(let http):
            do throws(LookupFailure) {
                let request = try http.request(for: view, route: self.route.name, onError: step.onError)
                switch self.answers?.answer(to: request) {
                case nil: return .waits(request)
                case .found(let text): return .value(text)
                case .missing:
                    return Self.missing(step, "\(request.url) was answered 404 or 410: there is no such thing")
                case .failed(let failure): return .none(failure)
                }
            } catch {
                return step.fallback.map { .value($0) } ?? .none(error)
            }
        }
    }

    private static func missing(_ step: EnrichSpec, _ message: String) -> Value {
        step.fallback.map { .value($0) }
            ?? .none(LookupFailure(code: "enrich/not-found", message: message, isTransient: false))
    }

    private static func put(_ text: [UInt8], into keys: [String], of view: Event) throws(LookupFailure) -> Event {
        guard let data = view.data, let body = data.text(setting: keys, to: text) else {
            throw LookupFailure(
                code: "enrich/into", message: "\(FieldPath(.data, keys)) cannot be set: what is there is no object",
                isTransient: false)
        }
        do throws(JSONFailure) {
            let document = try JSONDocument(parsing: body, limits: EventViews.limits)
            return view.reshaped(version: view.version, body: body, data: document)
        } catch {
            throw LookupFailure(
                code: "enrich/into", message: "the data cannot be read with it: \(error.reason.rawValue)",
                isTransient: false)
        }
    }

    private static func failure(_ failure: LookupFailure, _ step: EnrichSpec) -> ScriptFailure {
        ScriptFailure(
            code: failure.code, script: "enrich \(FieldPath(.data, step.into))", message: failure.message,
            place: "\(step.mark.file):\(step.mark.line)")
    }

    /// What a held entry says while it waits.
    static func waiting(_ request: LookupRequest) -> ScriptFailure {
        ScriptFailure(code: self.waitingCode, script: "enrich", message: "waits for the answer of GET \(request.url)")
    }
}
