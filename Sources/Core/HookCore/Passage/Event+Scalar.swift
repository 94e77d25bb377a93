// SPDX-License-Identifier: Apache-2.0

extension Event {
    /// The text, number or truth value at a path; nil where there is none.
    package func scalar(at path: FieldPath) -> String? {
        switch path.root {
        case .data: self.data.flatMap { Self.scalar(in: $0, at: path.keys) }
        case .headers: path.keys.first.flatMap { self.headers[$0] }
        case .query:
            path.keys.first.flatMap { FormText.firstValue(of: $0, in: Array(self.query.utf8)) }
                .map { String(decoding: $0, as: UTF8.self) }
        case .source: self.source.text
        case .type: self.type
        case .version: self.version.map { "\($0)" }
        case .id: self.fullID
        case .subject: self.subject
        case .method: self.method
        case .path: self.path
        }
    }

    private static func scalar(in document: JSONDocument, at keys: [String]) -> String? {
        guard let node = document.find(keys) else { return nil }
        return switch document.nodes[node].kind {
        case .string: document.string(of: node)
        case .number, .true, .false: String(decoding: document.text(of: node), as: UTF8.self)
        case .null, .array, .object: nil
        }
    }
}
