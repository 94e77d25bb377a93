// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

extension Shape {
    /// `order.digest@1`: one type, with or without a version.
    static var emission: Shape<EmitSpec> {
        Shape<EmitSpec>(
            "an event type", example: "order.digest@1",
            schema: ["type": "string", "pattern": "^[^*\\s]+$"]
        ) { node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            guard let pattern = EventPattern(parsing: text), !pattern.type.utf8.contains(UInt8(ascii: "*")) else {
                checker.report(
                    "route/event", at: node.at, "\"\(text)\" is no type of an event that could be emitted",
                    hint: "one type, for example order.digest or order.digest@1")
                return nil
            }
            checker.warnIfNotInCatalogue(pattern, at: node.at)
            checker.warnIfTypeNotInCatalogue(pattern, at: node.at)
            return EmitSpec(type: pattern.type, version: pattern.version, mark: node.at)
        }
    }
}

extension Checker {
    /// Whoever keeps a catalogue wants the types that routes make in it too.
    fileprivate func warnIfTypeNotInCatalogue(_ pattern: EventPattern, at mark: Mark) {
        guard self.names.isComplete, !self.catalogue.types.isEmpty, self.catalogue.versions(of: pattern.type) == nil
        else { return }
        let near = NearestName.to(pattern.type, among: self.catalogue.types)
        self.report(
            "route/unknown-event", .warning, at: mark, "the catalogue has no event \(pattern.type)",
            hint: near.map { "did you mean \"\($0)\"?" } ?? "declare it below events:")
    }
}
