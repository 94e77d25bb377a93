// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// `round_trip:` while it is read.
struct RoundTripDraft: Sendable {
    var type: EventPattern?
    var from: Int?
    var via: Int?
    var body = BodyDraft()

    static let section = Section<RoundTripDraft>(
        title: "a round trip", summary: "From one version of an event type to another and back, by its converters.",
        fields: [
            Field("event", .eventPattern, \.type, isRequired: true, "Event type of the catalogue."),
            Field("from", .integer(0...999_999_999, example: "2"), \.from, isRequired: true, "Version of the data."),
            Field(
                "via", .integer(0...999_999_999, example: "1"), \.via, isRequired: true,
                "Version to which it is converted, and from which it comes back."),
        ] + BodyDraft.fields(value: "data", file: "data_file", raw: nil).map { $0.lifted(to: \.body) })

    /// Versions that the catalogue lacks are found here; whether converters lead there and back, once all are known.
    fileprivate func check(_ node: YAMLNode, _ checker: Checker) {
        guard let type, checker.names.isComplete else { return }
        guard let known = checker.catalogue.versions(of: type.type) else {
            checker.report(
                "version/unknown", at: node.value(of: "event")?.at ?? node.at,
                "the catalogue has no type \(type.type)", hint: "declare it below events:")
            return
        }
        for (key, version) in [("from", self.from), ("via", self.via)] {
            guard let version, !known.contains(version) else { continue }
            let list = known.sorted().map { "\($0)" }.joined(separator: ", ")
            checker.report(
                "version/unknown", at: node.value(of: key)?.at ?? node.at, "\(type.type) has no version \(version)",
                hint: list.isEmpty ? "declare it below versions:" : "declared: \(list)")
        }
    }
}

extension Shape {
    static var roundTrip: Shape<RouteTestSpec.RoundTrip> {
        let section = RoundTripDraft.section
        return Shape<RouteTestSpec.RoundTrip>(
            section.title, example: "{event: order.created, from: 2, via: 1, data: {}}", schema: section.schema,
            sections: [section.note]
        ) { node, checker in
            var draft = RoundTripDraft()
            guard section.read(node, into: &draft, checker), let type = draft.type, let from = draft.from,
                let via = draft.via
            else { return nil }
            draft.check(node, checker)
            if node.entry(of: "data") == nil && node.entry(of: "data_file") == nil {
                checker.report(
                    "config/missing-key", at: node.at, "a round trip needs the key \"data\"",
                    hint: "data: {…}, or data_file: fixtures/order.json")
                return nil
            }
            let body = draft.body.checked(node, keys: ["data", "data_file"], checker)
            return RouteTestSpec.RoundTrip(type: type.type, from: from, via: via, body: body, mark: node.at)
        }
    }
}
