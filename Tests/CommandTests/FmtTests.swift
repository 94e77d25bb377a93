// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// `hookswitch fmt` on files, folders and pipes.
@Suite struct FmtTests {
    private static let untidy = "routes:\n    r:\n        to: plain   # where\n        event: a\nversion: 1\n"
    private static let tidy = "version: 1\nroutes:\n  r:\n    event: a\n    to: plain  # where\n"

    @Test func `a project is formatted, and then it is`() throws {
        let project = try Project(["routes/a.yaml": Self.untidy, "hookswitch.yaml": "store:   {sqlite: a}\n"])
        let listed = try hookswitch("fmt", "--check", "--project", project.folder)
        #expect(listed.code == 1)
        #expect(listed.out.split(separator: "\n").count == 2)
        #expect(try project.read("routes/a.yaml") == Self.untidy)
        let done = try hookswitch("fmt", "--project", project.folder)
        #expect(done.code == 0)
        #expect(try project.read("routes/a.yaml") == Self.tidy)
        #expect(try project.read("hookswitch.yaml") == "store: {sqlite: a}\n")
        let again = try hookswitch("fmt", "--check", "-o", "json", "--project", project.folder)
        #expect(again.code == 0)
        #expect(try again.json.text("schema") == "hookswitch/fmt@1")
        #expect(try again.json.list("changed").isEmpty)
    }

    @Test func `a pipe gets its own text back, formatted or not`() throws {
        let done = try hookswitch("fmt", "-", input: Self.untidy)
        #expect(done.code == 0)
        #expect(done.out == Self.tidy)
        let broken = try hookswitch("fmt", "-", input: "a: [1\n")
        #expect(broken.code == 65)
        #expect(broken.out == "a: [1\n")
        #expect(broken.err.contains("stdin:2:1: error[yaml/syntax]"), "\(broken.err)")
        #expect(try hookswitch("fmt", "--check", "-", input: Self.untidy).code == 1)
    }

    @Test func `a broken file is left alone, and the others are formatted`() throws {
        let project = try Project(["routes/a.yaml": "a: [1\n", "routes/b.yaml": Self.untidy])
        let done = try hookswitch("fmt", project.path("routes"))
        #expect(done.code == 65)
        #expect(done.err.contains("a.yaml:2:1: error[yaml/syntax]"), "\(done.err)")
        #expect(try project.read("routes/a.yaml") == "a: [1\n")
        #expect(try project.read("routes/b.yaml") == Self.tidy)
    }

    @Test func `links and modes stay`() throws {
        let project = try Project(["real/a.yaml": Self.untidy])
        chmod(project.path("real/a.yaml"), 0o600)
        try FileManager.default.createSymbolicLink(
            atPath: project.path("routes/a.yaml"), withDestinationPath: "../real/a.yaml")
        #expect(try hookswitch("fmt", project.path("routes/a.yaml")).code == 0)
        #expect(try project.read("real/a.yaml") == Self.tidy)
        var status = stat()
        #expect(lstat(project.path("routes/a.yaml"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(stat(project.path("real/a.yaml"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func `a path that is not there is an error`() throws {
        let done = try hookswitch("fmt", "nowhere.yaml")
        #expect(done.code == 65)
        #expect(done.err.contains("nowhere.yaml"))
        #expect(try hookswitch("fmt", "-", "a.yaml").code == 64)
    }
}
