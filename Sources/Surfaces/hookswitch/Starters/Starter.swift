// SPDX-License-Identifier: Apache-2.0
import HookConfig
import HookCore

/// A first integration with one provider: a source with its preset, one route, its script, a test and a recorded body.
struct Starter: Sendable {
    /// Name of the preset, and of the source.
    let preset: String
    /// As people write the provider's name.
    let title: String
    /// The event that the route takes.
    let event: String
    /// Headers of the test's request, as YAML.
    let headers: String
    /// Keys of the source besides preset, path and secret; each on a line.
    var sourceKeys: [String] = []
    /// The recorded body, JSON.
    let fixture: String
    /// What the script makes of it: the body of the function `message`.
    let code: String
    /// What it comes to, as YAML.
    let expected: String

    var secret: String { self.preset.replacing("-", with: "_") + "_webhook" }
    var variable: String { self.secret.uppercased() + "_SECRET" }

    /// The files below the project.
    var files: [ProjectFiles.File] {
        [
            .init(path: "routes/\(self.preset).yaml", bytes: Self.formed(self.route)),
            .init(path: "routes/\(self.preset).test.yaml", bytes: Self.formed(self.test)),
            .init(path: "routes/fixtures/\(self.preset).json", bytes: Array((self.fixture + "\n").utf8)),
            .init(path: "scripts/\(self.scriptName).lua", bytes: Array(self.script.utf8)),
        ]
    }

    private var scriptName: String { self.preset.replacing("-", with: "_") }

    private var route: String {
        let keys = ["preset: \(self.preset)", "path: /in/\(self.preset)", "secret: \(self.secret)"] + self.sourceKeys
        return EditorFiles.modeline(depth: 1) + """
            # \(self.title) tells the inbox.
            # The value of the secret stands in the variable \(self.variable).
            version: 1

            secrets:
              \(self.secret): {env: \(self.variable)}

            sources:
              \(self.preset):
                \(keys.joined(separator: "\n    "))

            routes:
              \(self.preset)-to-inbox:
                event: \(self.event)
                source: \(self.preset)
                transform: \(self.scriptName).lua#message
                to: inbox

            """
    }

    private var test: String {
        let headers = self.headers.isEmpty ? "" : "      headers: {\(self.headers)}\n"
        return EditorFiles.modeline(depth: 1) + """
            # Run by "hookswitch test": no network, test keys instead of secrets.
            version: 1

            tests:
              a signed request of \(self.preset) reaches the inbox:
                request:
                  source: \(self.preset)
                  sign: true
            \(headers)      body_file: fixtures/\(self.preset).json
                expect:
                  status: 202
                  deliveries:
                    - to: inbox
                      route: \(self.preset)-to-inbox
                      body: \(self.expected)

              an unsigned request of \(self.preset) is refused:
                request:
                  source: \(self.preset)
            \(headers)      body_file: fixtures/\(self.preset).json
                expect: {status: 401, deliveries: []}

            """
    }

    private var script: String {
        """
        -- \(self.title) events as lines for the inbox: {"text": "..."}.

        --- Called with each \(self.event) event; what it returns is sent as JSON.
        function message(event, ctx)
        \(self.code.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  " + $0 }
            .joined(separator: "\n"))
        end

        """
    }

    /// Through the formatter, so that what is generated has the form that `fmt` gives.
    private static func formed(_ text: String) -> [UInt8] {
        switch RouteFormat.format(Array(text.utf8), file: "generated") {
        case .changed(let result): result
        case .unchanged, .refused: Array(text.utf8)
        }
    }
}

extension Starter {
    /// What all starters send to.
    static var destinations: ProjectFiles.File {
        let text =
            EditorFiles.modeline(depth: 1) + """
                # Where deliveries go. Try it: hookswitch listen 127.0.0.1:9000
                version: 1

                secrets:
                  inbox_signing: {env: INBOX_SIGNING_SECRET}

                destinations:
                  inbox:
                    url: http://127.0.0.1:9000/inbox
                    sign: {standard-webhooks: inbox_signing}

                """
        return .init(path: "routes/destinations.yaml", bytes: Self.formed(text))
    }

    static func named(_ preset: String) -> Starter? { self.all.first { $0.preset == preset } }
}
