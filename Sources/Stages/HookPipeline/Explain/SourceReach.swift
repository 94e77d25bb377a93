// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Which sources can bring a route an event, as far as the configuration says: by name, and by the types that a
/// source's mapping can make.
package struct SourceReach {
    private let sources: [SourceSpec]

    package init(_ sources: [SourceSpec]) { self.sources = sources }

    /// The sources that may feed the route, in their order.
    ///
    /// A source whose type comes whole from the request could bring anything. It counts only where no other source has a
    /// prefix of its own that meets the pattern: `github.push` is for the source that makes `github.…`.
    package func sources(of route: RouteSpec) -> [SourceSpec] {
        let named = route.sources.isEmpty ? self.sources : self.sources.filter { route.sources.contains($0.name) }
        if route.events.isEmpty { return named }
        var found: Set<SourceName> = []
        for pattern in route.events {
            let reach = named.map { ($0.name, Self.reach(of: $0, pattern)) }
            let best = reach.map(\.1).max() ?? .none
            if best == .none { continue }
            found.formUnion(reach.filter { $0.1 == best || $0.1 == .exact }.map(\.0))
        }
        return named.filter { found.contains($0.name) }
    }

    private enum Reach: Int, Comparable {
        case none, anything, exact

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private static func reach(of source: SourceSpec, _ pattern: EventPattern) -> Reach {
        let fallback = source.event.typeDefault ?? source.name.text
        if self.meets(pattern.type, fallback) { return .exact }
        switch source.event.type {
        case nil: return .none
        case .constant(let text): return self.meets(pattern.type, text) ? .exact : .none
        case .query: return .anything
        case .header(_, let prefix), .data(_, let prefix):
            if prefix.isEmpty { return .anything }
            let head = pattern.type.prefix { $0 != "*" }
            let isOpen = head.count < pattern.type.count
            return head.hasPrefix(prefix) || (isOpen && prefix.hasPrefix(head)) ? .exact : .none
        }
    }

    /// Whether a pattern with stars meets a type.
    private static func meets(_ pattern: String, _ type: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map { Array($0.utf8) }
        var rest = Array(type.utf8)[...]
        guard let first = parts.first, let last = parts.last, rest.starts(with: first) else { return false }
        if parts.count == 1 { return rest.elementsEqual(first) }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let end = self.end(of: part, in: rest) else { return false }
            rest = rest[end...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    private static func end(of part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        var at = text.startIndex
        while at + part.count <= text.endIndex {
            if text[at..<at + part.count].elementsEqual(part) { return at + part.count }
            at += 1
        }
        return nil
    }
}
