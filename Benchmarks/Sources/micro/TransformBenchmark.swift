// SPDX-License-Identifier: Apache-2.0
import HookBenchKit
import HookCore
import HookRoute
import HookTransform

/// Lua on events of about 1 KB, one core: the shipped chat script by itself, and parse, one condition, one transform.
struct TransformBenchmark {
    /// Where the shipped scripts are.
    let folder: String

    func run(runs: Int) {
        guard let files = self.files(), let worker = Self.worker(files) else {
            print(#"{"name":"transform","value":0,"unit":"the scripts in \#(self.folder) cannot be used"}"#)
            return
        }
        let body = Self.push
        guard let event = MadeEvent.make(type: "github.push", body: body, number: 1) else { preconditionFailure() }
        var bytes = 0
        let call = Stopwatch.perCall(runs: runs) {
            if case .body(let made, _, _)? = try? worker.transform(
                ScriptID(0), event: event, route: "r", destination: "d")
            {
                bytes += made.count
            }
        }
        precondition(bytes > 0, "the transform must give a body")
        Figure.print("transform.chat", 1 / call, "events/s")
        self.runPath(worker, body, runs: runs)
    }

    /// Stages 2 (without the signature) to 4 in memory.
    private func runPath(_ worker: ScriptWorker, _ body: [UInt8], runs: Int) {
        let mark = Mark(file: "routes/bench.yaml", line: 1, column: 1)
        var target = TargetSpec(destination: "chat", mark: mark)
        target.transform = ScriptID(0)
        var route = RouteSpec(name: RouteName("push"), mark: mark, targets: .list([target]))
        route.events = [EventPattern(type: "github.push")]
        route.match = .field(FieldPath(.data, ["deleted"]), .equals(.bool(false)), nil)
        let table = RouteTable(routes: [route])
        let transform = Transform()
        var scripts = NoScripts()
        var deliveries = 0
        var number = 0
        let seconds = Stopwatch.perCall(runs: runs) {
            number += 1
            guard let event = MadeEvent.make(type: "github.push", body: body, number: number) else { return }
            let routed = table.match(Verified(event: event, dedupe: nil), scripts: &scripts)
            let prepared = transform.apply(routed, using: worker, templates: [:], revision: Self.revision)
            deliveries += prepared.deliveries.count
        }
        precondition(deliveries > 0)
        Figure.print("path.memory", 1 / seconds, "events/s")
    }

    private static let revision = RevisionID("abcdef012345")

    private static func worker(_ files: ProjectFiles) -> ScriptWorker? {
        let mark = Mark(file: "routes/bench.yaml", line: 1, column: 1)
        let use = ScriptSpec(role: .transform, body: .function(file: "chat.lua", name: "push_message"), mark: mark)
        let (set, _) = ScriptSet.compile(files: files, scripts: [use])
        return set.map {
            ScriptWorker($0, revision: Self.revision, secrets: NoSecrets(), signals: Signals(), environment: .live)
        }
    }

    private func files() -> ProjectFiles? {
        TextFile.bytes("\(self.folder)/chat.lua").map { ProjectFiles([.init(path: "scripts/chat.lua", bytes: $0)]) }
    }

    /// A push of about 1 KB.
    private static let push = Array(
        #"""
        {"ref":"refs/heads/main","before":"6113728f27ae82c7b1a177c8d03f9e96e0adf246","after":"0000000000000000000000000000000000000000",
        "created":false,"deleted":false,"forced":false,"compare":"https://git.example/acme/rocket/compare/6113728f27ae...000000000000",
        "pusher":{"name":"ada","email":"ada@example.com"},"repository":{"id":186853002,"full_name":"acme/rocket","private":false,
        "owner":{"login":"acme","id":21031067,"type":"Organization"},"html_url":"https://git.example/acme/rocket","default_branch":"main",
        "created_at":1557933565,"updated_at":"2019-05-15T15:20:41Z","size":2,"open_issues":1,"watchers":0,"language":null},
        "commits":[{"id":"6113728f27ae82c7b1a177c8d03f9e96e0adf246","message":"Fix the valve\n\nIt stuck.","distinct":true,
        "author":{"name":"Ada","email":"ada@example.com"},"added":["a.txt"],"removed":[],"modified":["src/main.c"]},
        {"id":"0113728f27ae82c7b1a177c8d03f9e96e0adf246","message":"Oil it","distinct":true,"author":{"name":"Ada","email":"ada@example.com"},
        "added":[],"removed":[],"modified":["src/valve.c"]}]}
        """#.utf8)
}

private struct NoSecrets: SecretReading {
    func values(of name: SecretName) -> [Secret] { [] }
}
