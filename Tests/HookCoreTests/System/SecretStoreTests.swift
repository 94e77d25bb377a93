// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization
import Testing

@Suite struct SecretStoreTests {
    /// Time that stands until it is told to move, and variables from a table.
    private final class World: Sendable {
        let time = Mutex(Duration.seconds(100))
        let variables: [String: String]

        init(_ variables: [String: String] = [:]) { self.variables = variables }

        func advance(_ by: Duration) { self.time.withLock { $0 += by } }

        var environment: Environment {
            Environment(
                now: { self.time.withLock { $0 } }, wall: { WallTime(milliseconds: 0) }, random: { 4 },
                variable: { self.variables[$0] })
        }
    }

    private static let mark = Mark(file: "routes/a.yaml", line: 1, column: 1)

    private func spec(
        _ name: SecretName, _ provider: SecretSpec.Provider, previous: SecretSpec.Provider? = nil
    ) -> SecretSpec {
        SecretSpec(name: name, provider: provider, previous: previous, mark: Self.mark)
    }

    private func texts(_ store: SecretStore, _ name: SecretName) -> [String] {
        store.values(of: name).map { String(decoding: $0.reveal(), as: UTF8.self) }
    }

    @Test func `every provider gives its value, without the newline at the end`() throws {
        try withTemporaryFolder { folder in
            try write("from file\n", to: "keys/one", in: folder)
            try write("two\r\n", to: "two", in: folder)
            try write(" kept \n\n", to: "credentials/three", in: folder)
            let world = World(["TOKEN": "from variable", "EMPTY": "", "CREDENTIALS_DIRECTORY": "\(folder)/credentials"])
            try write("\n", to: "blank", in: folder)
            let store = SecretStore(
                [
                    self.spec("variable", .environment("TOKEN"), previous: .file("two")),
                    self.spec("relative", .file("keys/one")), self.spec("absolute", .file("\(folder)/two")),
                    self.spec("credential", .credential("three")), self.spec("climbing", .credential("../two")),
                    self.spec("empty", .environment("EMPTY")), self.spec("unset", .environment("NONE")),
                    self.spec("blank", .file("blank")), self.spec("gone", .file("gone"), previous: .file("two")),
                ], environment: world.environment, projectRoot: folder)
            #expect(self.texts(store, "variable") == ["from variable", "two"])
            #expect(self.texts(store, "relative") == ["from file"])
            #expect(self.texts(store, "absolute") == ["two"])
            #expect(self.texts(store, "credential") == [" kept \n"])
            for name: SecretName in ["climbing", "empty", "unset", "blank", "gone", "unknown"] {
                #expect(self.texts(store, name).isEmpty)
            }
            #expect(store.missing == ["blank", "climbing", "empty", "gone", "unset"])
        }
    }

    @Test func `a changed file counts after a second, a removed one gives nothing`() throws {
        try withTemporaryFolder { folder in
            let world = World()
            try write("old", to: "key", in: folder)
            let store = SecretStore(
                [self.spec("key", .file("key"))], environment: world.environment, projectRoot: folder)
            try write("new", to: "key", in: folder)
            world.advance(.milliseconds(999))
            #expect(self.texts(store, "key") == ["old"])
            world.advance(.milliseconds(1))
            #expect(self.texts(store, "key") == ["new"])
            try FileSystem.removeTree("\(folder)/key")
            world.advance(.seconds(1))
            #expect(self.texts(store, "key") == [])
            try write("again", to: "key", in: folder)
            world.advance(.seconds(1))
            #expect(self.texts(store, "key") == ["again"])
        }
    }
}
