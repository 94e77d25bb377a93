// SPDX-License-Identifier: Apache-2.0
import HookCore

/// What a route makes of an event before its targets are asked, and when deliveries are due, as bytes; see
/// ``RoutePrinter``.
enum ViewPrinter {
    static func put(_ route: RouteSpec, _ out: inout SpecBytes) {
        out.list(route.split.map { [$0] } ?? []) { out, split in
            out.list(split.keys) { $0.put($1) }
            out.list(split.parent.map { [$0] } ?? []) { $0.put($1) }
        }
        out.list(route.enrich) { self.put($1, &$0) }
    }

    static func put(_ due: DueSpec?, _ out: inout SpecBytes) {
        switch due {
        case nil: out.put(0)
        case .after(let wait):
            out.put(1)
            out.put(wait)
        case .at(let path):
            out.put(2)
            self.put(path, &out)
        }
    }

    private static func put(_ path: FieldPath, _ out: inout SpecBytes) {
        out.put(path.root.rawValue)
        out.list(path.keys) { $0.put($1) }
    }

    private static func put(_ step: EnrichSpec, _ out: inout SpecBytes) {
        switch step.source {
        case .table(let table, let key):
            out.put(table.name.text, 0)
            out.put(Int(truncatingIfNeeded: table.digest))
            self.put(key, &out)
        case .http(let http):
            out.put(1)
            self.put(http, &out)
        }
        out.list(step.into) { $0.put($1) }
        out.list(step.fallback.map { [$0] } ?? []) { $0.put($1) }
        out.put(step.onError.rawValue)
    }

    private static func put(_ http: HTTPLookupSpec, _ out: inout SpecBytes) {
        out.put(http.url.origin)
        self.put(http.url.path, &out)
        for list in [http.query, http.headers] {
            out.list(list) { out, entry in
                out.put(entry.name)
                self.put(entry.value, &out)
            }
        }
        switch http.auth {
        case nil: out.put(0)
        case .bearer(let name): out.put(name.text, 1)
        case .basic(let username, let password):
            out.put(username, 2)
            out.put(password.text)
        case .header(let header, let name):
            out.put(header, 3)
            out.put(name.text)
        }
        out.put(http.cache)
        out.put(http.timeout)
        out.put(http.verifiesTLS ? 1 : 0)
    }

    private static func put(_ template: Template, _ out: inout SpecBytes) {
        out.list(template.parts) { out, part in
            switch part {
            case .literal(let text): out.put(text, 0)
            case .field(let path):
                out.put(1)
                self.put(path, &out)
            }
        }
    }
}
