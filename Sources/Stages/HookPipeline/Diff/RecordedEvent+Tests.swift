// SPDX-License-Identifier: Apache-2.0
import HookCore

extension RecordedEvent {
    /// 2026-01-01T00:00:00Z, where a test names no clock.
    private static let defaultClock = WallTime(milliseconds: 1_767_225_600_000)

    /// The events and requests of the tests of both revisions: those of the new one, and those of the old one whose
    /// name is gone. They stand beside the routes and say what people care about.
    package static func ofTests(_ old: Revision, _ new: Revision) -> [RecordedEvent] {
        let now = new.configuration.tests
        let names = Set(now.map(\.name))
        let all = now + old.configuration.tests.filter { !names.contains($0.name) }
        var events: [RecordedEvent] = []
        for test in all {
            for step in test.steps {
                // Ids are made from the place, so that a second run names the same events.
                let id = EventID(time: test.clock ?? Self.defaultClock, random: UInt64(events.count + 1) << 16)
                if let event = Self.event(of: step, in: test, id: id) { events.append(event) }
            }
        }
        return events
    }

    private static func event(of step: RouteTestSpec.Step, in test: RouteTestSpec, id: EventID) -> RecordedEvent? {
        let time = test.clock ?? Self.defaultClock
        switch step.action {
        case .event(let step):
            let event = Event(
                id: id, source: step.source ?? SourceName("test"), type: step.type, version: step.version, time: time,
                subject: step.subject, senderID: step.id, query: step.query,
                headers: HeaderBlock(step.headers.map { ($0.name, $0.value) }), body: step.body,
                // A test may carry a body that is no JSON; then `data` is absent, as it would be in a real event.
                data: try? JSONDocument(parsing: step.body))
            return RecordedEvent(label: "test \"\(test.name)\"", event: event, reading: .typed)
        case .request(let step):
            var headers = step.headers
            if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
                headers.append(("content-type", "application/json"))
            }
            let event = Event(
                id: id, source: step.source, type: "", time: time, method: step.method, query: step.query,
                headers: HeaderBlock(headers.map { ($0.name, $0.value) }), body: step.body, data: nil)
            return RecordedEvent(label: "test \"\(test.name)\"", event: event, reading: .test(signs: step.signs))
        case .advance: return nil
        }
    }
}
