// SPDX-License-Identifier: Apache-2.0
// What differs between two specs of the same name, in the words of the route language: `match`, `transform`, `policy`.
// Marks do not count, and scripts count as what they do. Control plane only: specs are printed by reflection.
import HookCore
import HookTransform

/// The named parts of a spec, each as text that is equal where the part says the same.
struct SpecAspects {
    private let revision: Revision
    private let scripts: [UInt64]

    init(_ revision: Revision) {
        self.revision = revision
        self.scripts = revision.scripts.sourceDigests()
    }

    typealias Parts = [(word: String, text: String)]

    /// The words of the parts that differ, in the order of the language.
    static func differences(_ before: Parts, _ after: Parts) -> [String] {
        zip(before, after).filter { $0.text != $1.text }.map(\.0.word)
    }

    /// The same; `other` where something differs that has no word, nil where nothing does.
    static func words(_ parts: (Parts, Parts), _ whole: (String, String)) -> [String]? {
        let words = self.differences(parts.0, parts.1)
        return words.isEmpty ? (whole.0 == whole.1 ? nil : ["other"]) : words
    }

    // MARK: Kinds

    func parts(of route: RouteSpec) -> Parts {
        let targets: [(name: String, target: TargetSpec)]
        var cases: [(name: String, one: CaseSpec)] = []
        switch route.targets {
        case .list(let list): targets = list.map { ("", $0) }
        case .cases(let list):
            cases = list.map { ($0.name, $0) }
            targets = list.flatMap { one in one.targets.map { (one.name, $0) } }
        }
        return [
            ("enabled", self.text(route.isEnabled)), ("event", self.text(route.events)),
            ("source", self.text(route.sources)),
            (
                "match",
                self.text([route.match])
                    + self.text(cases.filter { $0.one.match != nil }.map { ($0.name, $0.one.match) })
                    + self.text(
                        targets.filter { $0.target.match != nil }.map {
                            ($0.name, $0.target.destination.text, $0.target.match)
                        })
            ),
            (
                "when",
                self.text(route.scripts)
                    + self.text(cases.filter { !$0.one.scripts.isEmpty }.map { ($0.name, $0.one.scripts) })
                    + self.text(
                        targets.filter { !$0.target.scripts.isEmpty }.map {
                            ($0.name, $0.target.destination.text, $0.target.scripts)
                        })
            ),
            ("split", self.text(route.split)), ("enrich", self.text(route.enrich)),
            ("switch", self.text(cases.map(\.name))),
            ("to", self.text(targets.map { ($0.name, $0.target.destination.text, $0.target.version) })),
            ("transform", self.transforms(route, targets.map(\.target), cases.map(\.one))),
            ("steps", self.text(targets.map { $0.target.output.steps })),
            ("format", self.text(targets.map { $0.target.output.format })),
            ("aggregate", self.text(route.aggregate)), ("emit", self.text(route.emit)),
            ("deliver", self.text(targets.map(\.target.due))),
            ("on_error", self.text(route.onError)),
        ]
    }

    /// The transform that each target ends up with, wherever it was written.
    private func transforms(_ route: RouteSpec, _ targets: [TargetSpec], _ cases: [CaseSpec]) -> String {
        var text = ""
        if cases.isEmpty {
            for target in targets { text += self.text(target.transform ?? route.transform) }
        }
        for one in cases {
            for target in one.targets { text += self.text(target.transform ?? one.transform ?? route.transform) }
        }
        return text
    }

    func parts(of source: SourceSpec) -> Parts {
        [
            ("path", self.text(source.path)), ("verify", self.text(source.verify)),
            ("handshake", self.text(source.challenge)), ("event", self.text(source.event)),
            ("dedupe", self.text(source.dedupe)), ("allow_ips", self.text(source.allowedAddresses)),
            (
                "limits",
                self.text(source.bodyBytesMax) + self.text(source.duplicateKeys) + self.text(source.decodedBytesMax)
                    + self.text(source.decodedRatioMax)
            ),
            ("accept", self.text(source.accepts)), ("webhook", self.text(source.webhookConsent)),
            ("batch", self.text(source.batch)),
        ]
    }

    func parts(of destination: DestinationSpec) -> Parts {
        [
            ("url", self.text(destination.url)), ("method", self.text(destination.method)),
            ("headers", self.text(destination.headers)), ("query", self.text(destination.query)),
            ("auth", self.text(destination.auth)), ("sign", self.text(destination.sign)),
            ("tls", self.text(destination.verifiesTLS)), ("allow_ips", self.text(destination.egress)),
            ("policy", self.text(destination.policy)),
            ("format", self.text(destination.format)), ("compress", self.text(destination.gzipBytesMin)),
        ]
    }

    /// All but the policy: what may decide how a request to the destination looks.
    func requestText(of destination: DestinationSpec) -> String {
        var rest = destination
        rest.policy = PolicySpec(name: PolicyName(""))
        return self.text(rest)
    }

    /// All that the catalogue says of versions, as text.
    var versions: String {
        let configuration = self.revision.configuration
        return self.text(configuration.defaults.versionHeader)
            + configuration.catalogue.types.map { type in
                self.text(type.name) + self.text(type.versions.map(\.number))
                    + self.text(type.converters.map { ($0.from, $0.to, $0.script) })
                    + self.text(type.validatesConversions)
            }.joined()
    }

    // MARK: Printing

    func text<Value>(_ value: Value) -> String {
        var text = ""
        self.print(value, to: &text)
        return text
    }

    private func print(_ value: Any, to text: inout String) {
        if value is Mark { return }
        if let script = value as? ScriptID {
            text += self.scripts.indices.contains(script.index) ? "script \(self.scripts[script.index]);" : "script;"
            return
        }
        if let words = value as? String {
            // Its length keeps two texts in a row from being read as one.
            text += "\(words.utf8.count):\(words);"
            return
        }
        let mirror = Mirror(reflecting: value)
        if mirror.children.isEmpty {
            text += "\(value);"
            return
        }
        text += "("
        for child in mirror.children {
            text += "\(child.label ?? "-"):"
            self.print(child.value, to: &text)
        }
        text += ")"
    }
}
