// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookCrypto

/// The attributes of an outgoing CloudEvent, in the order in which they are written.
package struct CloudEventAttributes: Sendable, Equatable {
    /// Without `datacontenttype`, which the body says.
    package private(set) var values: [(name: String, value: CloudEventValue)]

    /// Attributes of an event of this router.
    ///
    /// What came as a CloudEvent keeps its attributes and extensions; its type is the event's, which a conversion or a
    /// route that emits may have set. Other events get the router's id, the source's name and the time of acceptance.
    ///
    /// - Parameter number: the place of the body among several that one event became, from 1: each is an event of its own.
    /// - Parameter version: what the catalogue says of the version that the body is in: `dataschema`, deprecation. Where
    ///   it says nothing, the `dataschema` that the event came with stays, as long as its data is the same.
    package init(_ event: Event, number: Int?, version: [(name: String, value: CloudEventValue)] = []) {
        var values: [(name: String, value: CloudEventValue)] = []
        func add(_ name: String, _ text: String) { values.append((name, .text(text))) }
        add("specversion", CloudEvents.version)
        let part = [event.part, number].compactMap { $0.map { ".\($0)" } }.joined()
        let came = CloudEvents.isBinary(event.headers) && event.lineage == nil
        func attribute(_ name: String) -> String? {
            guard came, let value = CloudEvents.attribute(name, of: event.headers) else { return nil }
            return String(decoding: value, as: UTF8.self)
        }
        add("id", (attribute("id") ?? event.id.description) + part)
        add("source", attribute("source") ?? "/sources/\(event.source)")
        add("type", event.type)
        if let subject = attribute("subject") ?? event.subject { add("subject", subject) }
        add("time", attribute("time") ?? event.time.rfc3339)
        let says = Set(version.map(\.name))
        if !says.contains("dataschema"), !event.isReshaped, let schema = attribute("dataschema") {
            add("dataschema", schema)
        }
        values += version
        let known = Set(values.map(\.name) + ["dataschema", "datacontenttype", "subject"])
        if came {
            for field in event.headers.pairs where field.name.hasPrefix(CloudEvents.headerPrefix) {
                let name = String(field.name.dropFirst(CloudEvents.headerPrefix.count))
                if !known.contains(name), let value = attribute(name) { add(name, value) }
            }
        }
        self.values = values
    }

    package static func == (left: Self, right: Self) -> Bool { left.values.elementsEqual(right.values, by: ==) }
}

extension CloudEvents {
    /// `ce-` headers of binary mode.
    package static func headers(_ attributes: CloudEventAttributes) -> [(name: String, value: String)] {
        attributes.values.map { ("ce-\($0.name)", self.headerText($0.value.text)) }
    }

    /// The envelope of structured mode. JSON is its own data, text a string, everything else base 64.
    package static func envelope(
        _ attributes: CloudEventAttributes, body: [UInt8], contentType: String
    ) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "{")]
        for (name, value) in attributes.values + [("datacontenttype", .text(contentType))] {
            output += UTF8Text.quoted(name.utf8) + [UInt8(ascii: ":")]
            if case .text(let text) = value {
                output += UTF8Text.quoted(text.utf8)
            } else {
                output += value.text.utf8
            }
            output.append(UInt8(ascii: ","))
        }
        let kind = BodyKind(contentType: Array(contentType.utf8)[...])
        switch kind {
        // A body that says JSON and is none, as a script may return, goes as bytes; why it is none does not matter.
        case .json where (try? JSONDocument(parsing: body, limits: JSONLimits(duplicateKeys: .last))) != nil:
            output += "\"data\":".utf8
            output += body
        case .text where UTF8Text.isValid(body), .xml where UTF8Text.isValid(body),
            .form where UTF8Text.isValid(body), .ndjson where UTF8Text.isValid(body):
            output += "\"data\":".utf8
            output += UTF8Text.quoted(body)
        default:
            output += "\"data_base64\":".utf8
            output += UTF8Text.quoted(Base64.encode(body))
        }
        output.append(UInt8(ascii: "}"))
        return output
    }
}
