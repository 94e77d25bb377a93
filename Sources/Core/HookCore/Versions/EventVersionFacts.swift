// SPDX-License-Identifier: Apache-2.0

/// What senders and receivers are told of one version of an event type, worked out once.
package struct EventVersionFacts: Sendable {
    package let type: String
    package let version: Int
    package let isCurrent: Bool
    /// From when on it is deprecated; may lie ahead.
    package let deprecated: WallTime?
    package let sunset: WallTime?
    /// Where people read about it.
    package let link: String?
    /// Where people read about the version that follows it: the current one.
    package let successorLink: String?
    /// A URI that stands for its schema, for CloudEvents' `dataschema`: the schema's own `$id` where that is absolute,
    /// else a URN of type and version; nil where it has no schema.
    package let schemaURI: String?
    /// `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` (RFC 8288), for whoever still sends it; names in lower
    /// case. Empty for a version that nobody has given up.
    package let answerHeaders: [(name: String, value: String)]
    /// What says the version on a delivery; nil where that is switched off.
    package let deliveryHeader: (name: String, value: String)?

    init(_ spec: EventVersionSpec, of type: EventTypeSpec, headerName: String?) {
        self.type = type.name
        self.version = spec.number
        self.isCurrent = type.current?.number == spec.number
        self.deprecated = spec.deprecated
        self.sunset = spec.sunset
        self.link = spec.link ?? type.link
        self.successorLink = self.isCurrent ? nil : type.current?.link
        self.schemaURI = spec.schema.map { Self.uri(of: $0, type.name, spec.number) }
        self.answerHeaders = Self.headers(
            deprecated: spec.deprecated, sunset: spec.sunset, link: self.link, successor: self.successorLink)
        self.deliveryHeader = headerName.map { ($0, "\(spec.number)") }
    }

    private static func uri(of schema: SchemaFileSpec, _ type: String, _ version: Int) -> String {
        if let id = schema.value["$id"]?.stringValue, let colon = id.utf8.firstIndex(of: UInt8(ascii: ":")),
            id.utf8[..<colon].allSatisfy(Self.isSchemeByte), id.utf8[..<colon].count > 1
        {
            return id
        }
        return "urn:hookswitch:schema:\(PercentCoding.encode(type)):\(version)"
    }

    /// Of the scheme of a URI (RFC 3986, section 3.1).
    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    private static func headers(
        deprecated: WallTime?, sunset: WallTime?, link: String?, successor: String?
    ) -> [(name: String, value: String)] {
        guard deprecated != nil || sunset != nil else { return [] }
        var headers: [(name: String, value: String)] = []
        if let deprecated { headers.append(("deprecation", "@\(deprecated.milliseconds / 1000)")) }
        if let sunset { headers.append(("sunset", sunset.httpDate)) }
        var links: [String] = []
        if let link, deprecated != nil { links.append("<\(link)>; rel=\"deprecation\"") }
        if let link, sunset != nil { links.append("<\(link)>; rel=\"sunset\"") }
        if let successor { links.append("<\(successor)>; rel=\"successor-version\"") }
        if !links.isEmpty { headers.append(("link", links.joined(separator: ", "))) }
        return headers
    }
}

extension EventVersionFacts {
    /// Attributes of the CloudEvents extension "Deprecation", and `dataschema`, in the order in which they are written.
    ///
    /// - Parameter now: `deprecated` is said from its day on.
    package func cloudEventAttributes(at now: WallTime) -> [(name: String, value: CloudEventValue)] {
        var attributes: [(name: String, value: CloudEventValue)] = []
        if let schemaURI { attributes.append(("dataschema", .text(schemaURI))) }
        guard let deprecated, deprecated <= now else { return attributes }
        attributes.append(("deprecated", .boolean(true)))
        attributes.append(("deprecationfrom", .text(deprecated.rfc3339)))
        if let sunset { attributes.append(("deprecationsunset", .text(sunset.rfc3339))) }
        if let place = self.successorLink ?? self.link { attributes.append(("deprecationmigration", .text(place))) }
        return attributes
    }
}

/// A value of a CloudEvents attribute.
package enum CloudEventValue: Sendable, Equatable {
    case text(String)
    case boolean(Bool)
    case integer(Int)

    /// As a header says it (HTTP protocol binding, section 3.1.3.1).
    package var text: String {
        switch self {
        case .text(let text): text
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        }
    }
}
