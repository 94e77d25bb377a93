// SPDX-License-Identifier: Apache-2.0
// The checked configuration as plain values. HookConfig fills them from YAML, each stage compiles its own into a plan.
// They stand in HookCore so that neither the stages nor HookConfig need to know each other (decision 0002).

/// Everything that the files of a project say, after checking.
package struct Configuration: Sendable {
    package var sources: [SourceSpec] = []
    package var routes: [RouteSpec] = []
    /// Endpoints of subscribers stand behind the others, as `subscriber/endpoint`.
    package var destinations: [DestinationSpec] = []
    package var subscribers: [SubscriberSpec] = []
    package var secrets: [SecretSpec] = []
    package var lookups: [LookupTable] = []
    package var scripts: [ScriptSpec] = []
    package var tests: [RouteTestSpec] = []
    package var catalogue = CatalogueSpec()
    /// Lua assertions of the tests. Apart from ``scripts``: a live worker never loads them.
    package var checks: [ScriptSpec] = []
    package var defaults = DefaultsSpec()
    package var server = ServerSpec()

    package init() {}

    package func source(_ name: SourceName) -> SourceSpec? { self.sources.first { $0.name == name } }
    package func route(_ name: RouteName) -> RouteSpec? { self.routes.first { $0.name == name } }
    package func destination(_ name: DestinationName) -> DestinationSpec? {
        self.destinations.first { $0.name == name }
    }
}

/// `defaults:` of the route files.
package struct DefaultsSpec: Sendable {
    package enum Unrouted: String, Sendable, CaseIterable {
        /// Stored, counted, listed.
        case keep
        /// Counted only; answered 202 after nothing was stored.
        case drop
        /// Answered 422, not stored.
        case reject
    }

    package enum TestsOnReload: String, Sendable, CaseIterable {
        case off
        case required
    }

    package var unrouted: Unrouted = .keep
    package var testsOnReload: TestsOnReload = .off
    /// The header that says the version of a delivered event; nil: none does.
    package var versionHeader: String? = "X-Webhook-Version"

    package init() {}
}

/// `hookswitch.yaml`: settings of the process. Changing one needs a restart, except where said.
package struct ServerSpec: Sendable {
    package struct Retention: Sendable {
        /// How long bodies of finished events and deliveries are kept.
        package var payload: Duration = .seconds(7 * 86_400)
        /// How long rows of finished events, deliveries and attempts are kept.
        package var event: Duration = .seconds(30 * 86_400)
        /// How long a deduplication key is remembered where its source does not say.
        package var dedupe: Duration = .seconds(86_400)

        package init() {}
    }

    package var ingestListen = "127.0.0.1:8080"
    package var adminListen = "127.0.0.1:8081"
    /// Relative to the project folder.
    package var storePath = ".hookswitch/store.db"
    /// Bytes of disk kept free for finishing work when the disk is full.
    package var storeReserveBytes = 32 * 1024 * 1024
    package var retention = Retention()
    package var shutdownGrace: Duration = .seconds(10)
    /// Secrets whose values are accepted as bearer tokens of the admin API.
    package var adminTokens: [SecretName] = []
    package var ingest = IngestLimits()

    package init() {}
}

/// Limits of the ingest listener as a whole; a source may lower or raise its body limit.
package struct IngestLimits: Sendable {
    package var headerBytesMax = 64 * 1024
    package var headerFieldsMax = 100
    package var bodyBytesMax = 1024 * 1024
    /// Bodies of all requests that are not answered yet; beyond it senders are told to come again.
    package var bodiesBytesMax = 128 * 1024 * 1024
    package var connectionsMax = 4096
    /// From the first byte of a request to the end of its header.
    package var headerTimeout: Duration = .seconds(10)
    /// From the end of the header to the end of the body.
    package var bodyTimeout: Duration = .seconds(60)
    /// Between requests on a kept-alive connection.
    package var idleTimeout: Duration = .seconds(75)
    /// Body bytes a second, measured over whole seconds after the first five.
    package var bodyRateMin = 512
    package var jsonDepthMax = 64

    package init() {}
}

/// `secrets:` names where a value comes from; the value itself never enters a spec.
package struct SecretSpec: Sendable {
    package enum Provider: Sendable, Equatable {
        case environment(String)
        case file(String)
        /// A file in `$CREDENTIALS_DIRECTORY` (systemd.exec, LoadCredential=).
        case credential(String)
    }

    package let name: SecretName
    package let provider: Provider
    /// The value before the last rotation, still accepted.
    package let previous: Provider?
    package let mark: Mark

    package init(name: SecretName, provider: Provider, previous: Provider?, mark: Mark) {
        self.name = name
        self.provider = provider
        self.previous = previous
        self.mark = mark
    }
}

/// Where a value stands in an event or request: a root and a list of keys.
package struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    package enum Root: String, Sendable, CaseIterable {
        case data, headers, query, source, type, version, id, subject, method, path
    }

    package let root: Root
    /// Keys below the root; header names are lower case.
    package let keys: [String]

    package init(_ root: Root, _ keys: [String] = []) {
        self.root = root
        self.keys = keys
    }

    /// The spelling of the route language: dots between keys, quotes around keys that hold something else than
    /// letters, digits, `_` and `-`.
    package var description: String {
        self.keys.reduce(into: self.root.rawValue) { text, key in
            let isPlain =
                !key.isEmpty
                && key.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
                    default: false
                    }
                }
            text += isPlain ? ".\(key)" : ".\"\(key)\""
        }
    }
}
