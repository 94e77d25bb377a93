// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookCore
import Testing

@Suite struct ProjectReaderTests {
    private func paths(_ files: ProjectFiles) -> [String] { files.files.map(\.path) }

    @Test func `everything that counts is read, sorted, and nothing else`() throws {
        try withTemporaryFolder { folder in
            for path in [
                "scripts/lib/a.lua", "routes/b.yaml", "routes/a.yaml", "routes/deep/er/c.json", "hookswitch.yaml",
                "routes/.hidden.yaml", "routes/.git/config", "README.md", "other/x.yaml",
            ] { try write("text of \(path)", to: path, in: folder) }
            #expect(mkfifo("\(folder)/routes/pipe.yaml", 0o600) == 0)
            let files = try ProjectReader.read(folder: folder)
            #expect(
                self.paths(files) == [
                    "hookswitch.yaml", "routes/a.yaml", "routes/b.yaml", "routes/deep/er/c.json", "scripts/lib/a.lua",
                ])
            #expect(files["routes/a.yaml"] == Array("text of routes/a.yaml".utf8))
        }
    }

    @Test func `an empty folder is an empty project`() throws {
        let files = try withTemporaryFolder { folder in try ProjectReader.read(folder: folder) }
        #expect(files == ProjectFiles([]))
    }

    @Test func `a missing folder is named`() {
        let failure = #expect(throws: ProjectReadFailure.self) { try ProjectReader.read(folder: "/nowhere/at/all") }
        #expect(failure == ProjectReadFailure(path: "/nowhere/at/all", reason: .noFolder))
    }

    @Test func `links into a hidden folder count, as in a mounted ConfigMap`() throws {
        try withTemporaryFolder { folder in
            try write("one", to: "routes/..2026_01_01/a.yaml", in: folder)
            #expect(symlink("..2026_01_01", "\(folder)/routes/..data") == 0)
            #expect(symlink("..data/a.yaml", "\(folder)/routes/a.yaml") == 0)
            let before = try FileSystem.modificationStamp(of: "\(folder)/routes")
            let files = try ProjectReader.read(folder: folder)
            #expect(self.paths(files) == ["routes/a.yaml"])
            #expect(files["routes/a.yaml"] == Array("one".utf8))

            try write("two", to: "routes/..2026_01_02/a.yaml", in: folder)
            #expect(symlink("..2026_01_02", "\(folder)/routes/..new") == 0)
            #expect(rename("\(folder)/routes/..new", "\(folder)/routes/..data") == 0)
            #expect(try FileSystem.modificationStamp(of: "\(folder)/routes") != before)
            #expect(try ProjectReader.read(folder: folder)["routes/a.yaml"] == Array("two".utf8))
        }
    }

    @Test(arguments: ["/dev/zero", "..", "/nowhere/at/all", "loop.yaml"])
    func `a link to anything but a regular file is refused by name`(target: String) throws {
        try withTemporaryFolder { folder in
            try FileSystem.makeDirectories("\(folder)/routes")
            #expect(symlink(target, "\(folder)/routes/loop.yaml") == 0)
            let failure = #expect(throws: ProjectReadFailure.self) { try ProjectReader.read(folder: folder) }
            #expect(failure?.path == "routes/loop.yaml")
        }
    }

    @Test func `files above the limit are refused by name`() throws {
        try withTemporaryFolder { folder in
            let large = [UInt8](repeating: 0x20, count: ProjectReader.textBytesMax + 1)
            try FileSystem.makeDirectories("\(folder)/routes")
            try FileSystem.writeAtomically(large, to: "\(folder)/routes/schema.json")
            #expect(try ProjectReader.read(folder: folder).files.count == 1)
            try FileSystem.writeAtomically(large, to: "\(folder)/routes/a.yaml")
            let failure = #expect(throws: ProjectReadFailure.self) { try ProjectReader.read(folder: folder) }
            #expect(
                failure
                    == ProjectReadFailure(
                        path: "routes/a.yaml", reason: .tooLarge(bytesMax: ProjectReader.textBytesMax)))
        }
    }

    @Test func `a stable read waits until two reads agree`() throws {
        try withTemporaryFolder { folder in
            try write("0", to: "routes/a.yaml", in: folder)
            var pauses = 0
            let files = try ProjectReader.readStable(folder: folder) {
                pauses += 1
                if pauses <= 3 { try? write("\(pauses)", to: "routes/a.yaml", in: folder) }
            }
            #expect(pauses == 4)
            #expect(files["routes/a.yaml"] == Array("3".utf8))
        }
    }

    @Test func `a project that never rests is reported`() throws {
        try withTemporaryFolder { folder in
            try write("0", to: "routes/a.yaml", in: folder)
            var pauses = 0
            let failure = #expect(throws: ProjectReadFailure.self) {
                try ProjectReader.readStable(folder: folder, attemptsMax: 5) {
                    pauses += 1
                    try? write("\(pauses)", to: "routes/a.yaml", in: folder)
                }
            }
            #expect(failure?.reason == .unstable)
            #expect(pauses == 4)
        }
    }

    @Test func `the encoded form survives, and damage is noticed`() throws {
        let files = ProjectFiles([
            .init(path: "routes/b.yaml", bytes: Array("x: 1\n".utf8)), .init(path: "routes/a\nb.yaml", bytes: []),
            .init(path: "scripts/ü.lua", bytes: [0, 0xFF, 0x0A]),
        ])
        #expect(ProjectFiles(encoded: files.encoded) == files)
        #expect(ProjectFiles(encoded: []) == ProjectFiles([]))
        let encoded = files.encoded
        for cut in 1..<encoded.count {
            // A cut between two files is a shorter project; every other one is damage.
            if let shorter = ProjectFiles(encoded: Array(encoded[..<cut])) { #expect(shorter.files.count < 3) }
        }
        for text in ["1", "-1 2\na\n", "99999999999999999999 1\n", "5 9223372036854775807\nabcde\n", "1 1 1\n", "\n"] {
            #expect(ProjectFiles(encoded: Array(text.utf8)) == nil, "\(text)")
        }
    }
}
