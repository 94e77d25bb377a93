// SPDX-License-Identifier: Apache-2.0
// What a route makes of an event before its targets are asked, in words.
import HookCore
import HookRoute

enum DueWords {
    static func text(_ due: DueSpec) -> String {
        switch due {
        case .after(let wait): "sent first \(DurationWords.text(wait)) after the event came in"
        case .at(let path): "sent first at the time that the event has at \(path); a past one at once"
        }
    }

    static func short(_ due: DueSpec) -> String {
        switch due {
        case .after(let wait): "after \(DurationWords.text(wait))"
        case .at(let path): "at \(path)"
        }
    }
}

enum ViewWords {
    static func text(_ split: SplitSpec) -> [String] {
        let name = split.parent.map { ", with the data around the list at data.\($0)" } ?? ""
        return [
            "each element of \(split.path) goes on by itself\(name)",
            "an empty list ends it: filtered; the parts of an event have the ids ID.1, ID.2, …",
        ]
    }

    static func text(_ step: EnrichSpec) -> String {
        let into = FieldPath(.data, step.into).description
        let otherwise =
            step.fallback.map { "else \(String(decoding: $0, as: UTF8.self))" } ?? self.words(step.onError)
        switch step.source {
        case .table(let table, let key): return "\(into): the row of \(table.name) for \(key), \(otherwise)"
        case .http(let http):
            let kept = http.cache == .zero ? "asked every time" : "kept for \(DurationWords.text(http.cache))"
            return "\(into): the answer of GET \(self.url(http)), \(kept); without one \(self.words(step.onError))"
                + (step.fallback.map { ", of 404 \(String(decoding: $0, as: UTF8.self))" } ?? "")
        }
    }

    static func url(_ http: HTTPLookupSpec) -> String {
        let path = DestinationWords.text(http.url.path)
        let query = http.query.map { "\($0.name)=\(DestinationWords.text($0.value))" }.joined(separator: "&")
        return http.url.origin + path + (query.isEmpty ? "" : (path.contains("?") ? "&" : "?") + query)
    }

    private static func words(_ onError: EnrichSpec.OnError) -> String {
        switch onError {
        case .hold: "else held"
        case .skip: "else left out"
        case .retry: "else tried again, then held"
        }
    }

    /// A line for each step, short.
    static func short(_ route: RouteSpec) -> [String] {
        let split = route.split.map { ["split \($0.path)"] } ?? []
        return split
            + route.enrich.map { step in
                let into = FieldPath(.data, step.into).description
                return switch step.source {
                case .table(let table, _): "enrich \(into) from \(table.name)"
                case .http(let http): "enrich \(into) from \(http.url.origin)"
                }
            }
    }
}

extension RouteStory {
    var viewSections: [Section] {
        guard self.route.hasViews else { return [] }
        var sections: [Section] = []
        if let split = self.route.split { sections.append(Section(title: "splits", lines: ViewWords.text(split))) }
        if !self.route.enrich.isEmpty {
            sections.append(Section(title: "enriches", lines: self.route.enrich.map(ViewWords.text)))
        }
        if !self.route.scripts.isEmpty {
            sections.append(Section(title: "then asks", lines: self.route.scripts.map(self.asks)))
        }
        return sections
    }

    var splitJSON: JSONValue {
        self.route.split.map { ["path": .string($0.path.description), "parent": .text($0.parent)] } ?? .null
    }

    static func json(_ step: EnrichSpec) -> JSONValue {
        let (lookup, key, url): (String?, String?, String?) =
            switch step.source {
            case .table(let table, let key): (table.name.text, key.description, nil)
            case .http(let http): (nil, nil, ViewWords.url(http))
            }
        return [
            "lookup": .text(lookup), "key": .text(key), "url": .text(url),
            "into": .string(FieldPath(.data, step.into).description), "on_error": .string(step.onError.rawValue),
        ]
    }
}
