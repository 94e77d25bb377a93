// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookCrypto

/// The attributes of an outgoing CloudEvent, in the order in which they are written.
package struct CloudEventAttributes: Sendable, Equatable {
    /// Without `datacontenttype`, which the body says.
    package private(set) var values: [(name: String, value: String)]

    /// Attributes of an event of this router.
    ///
    /// What came as a CloudEvent keeps its attributes and extensions; its type is the event's, which a conversion or a
    /// route that emits may have set. Other events get the router's id, the source's name and the time of acceptance.
    ///
    /// - Parameter number: the place of the body among several that one event became, from 1: each is an event of its own.
    /// - Parameter dataschema: of the body; nil: the one that the event came with, where it is still the same body.
    package init(_ event: Event, number: Int?, dataschema: String? = nil) {
        var values: [(name: String, value: String)] = [("specversion", CloudEvents.version)]
        let part = [event.part, number].compactMap { $0.map { ".\($0)" } }.joined()
        let came = CloudEvents.isBinary(event.headers) && event.lineage == nil
        func attribute(_ name: String) -> String? {
            guard came, let value = CloudEvents.attribute(name, of: event.headers) else { return nil }
            return String(decoding: value, as: UTF8.self)
        }
        values.append(("id", (attribute("id") ?? event.id.description) + part))
        values.append(("source", attribute("source") ?? "/sources/\(event.source)"))
        values.append(("type", event.type))
        if let subject = attribute("subject") ?? event.subject { values.append(("subject", subject)) }
        values.append(("time", attribute("time") ?? event.time.rfc3339))
        if let schema = dataschema ?? (event.isReshaped ? nil : attribute("dataschema")) {
            values.append(("dataschema", schema))
        }
        let known = Set(values.map(\.name) + ["dataschema", "datacontenttype", "subject"])
        if came {
            for field in event.headers.pairs where field.name.hasPrefix(CloudEvents.headerPrefix) {
                let name = String(field.name.dropFirst(CloudEvents.headerPrefix.count))
                if !known.contains(name), let value = attribute(name) { values.append((name, value)) }
            }
        }
        self.values = values
    }

    package mutating func set(_ name: String, _ value: String) {
        if let place = self.values.firstIndex(where: { $0.name == name }) {
            self.values[place].value = value
        } else {
            self.values.append((name, value))
        }
    }

    package static func == (left: Self, right: Self) -> Bool { left.values.elementsEqual(right.values, by: ==) }
}

extension CloudEvents {
    /// `ce-` headers of binary mode.
    package static func headers(_ attributes: CloudEventAttributes) -> [(name: String, value: String)] {
        attributes.values.map { ("ce-\($0.name)", self.headerText($0.value)) }
    }

    /// The envelope of structured mode. JSON is its own data, text a string, everything else base 64.
    package static func envelope(
        _ attributes: CloudEventAttributes, body: [UInt8], contentType: String
    ) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "{")]
        for (name, value) in attributes.values + [("datacontenttype", contentType)] {
            output += UTF8Text.quoted(name.utf8) + [UInt8(ascii: ":")] + UTF8Text.quoted(value.utf8)
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
