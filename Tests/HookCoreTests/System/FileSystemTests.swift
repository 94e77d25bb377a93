// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookCore
import Testing

@Suite struct FileSystemTests {
    @Test func `a written file is read back and leaves nothing beside it`() throws {
        try withTemporaryFolder { folder in
            let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
            let path = "\(folder)/file"
            try FileSystem.writeAtomically([1, 2, 3], to: path)
            try FileSystem.writeAtomically(bytes, to: path, mode: 0o600)
            #expect(try FileSystem.read(path) == bytes)
            #expect(try FileSystem.size(of: path) == bytes.count)
            #expect(try FileSystem.names(in: folder) == ["file"])
            let failure = #expect(throws: FileFailure.self) { try FileSystem.read(path, bytesMax: bytes.count - 1) }
            #expect(failure?.code == EFBIG)
        }
    }

    @Test func `a FIFO is refused, not waited for`() throws {
        try withTemporaryFolder { folder in
            #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
            #expect(throws: FileFailure.self) { try FileSystem.read("\(folder)/pipe") }
            #expect(throws: FileFailure.self) { try FileSystem.read(folder) }
        }
    }

    @Test func `what is missing says so in the system's words`() {
        let failure = #expect(throws: FileFailure.self) { try FileSystem.read("/nowhere/file") }
        #expect(failure?.isMissing == true)
        #expect(failure?.description == "/nowhere/file: No such file or directory (open)")
    }

    @Test func `folders are made with their parents, twice without complaint`() throws {
        try withTemporaryFolder { folder in
            try FileSystem.makeDirectories("\(folder)/a/b/c")
            try FileSystem.makeDirectories("\(folder)/a/b/c/")
            #expect(try FileSystem.status(of: "\(folder)/a/b/c").kind == .folder)
            try FileSystem.writeAtomically([], to: "\(folder)/plain")
            #expect(throws: FileFailure.self) { try FileSystem.makeDirectories("\(folder)/plain/x") }
            #expect(throws: FileFailure.self) { try FileSystem.makeDirectories("\(folder)/plain") }
        }
    }

    @Test func `removing a tree does not follow links`() throws {
        try withTemporaryFolder { folder in
            try write("keep", to: "outside/file", in: folder)
            try write("go", to: "tree/a/file", in: folder)
            #expect(symlink("../outside", "\(folder)/tree/link") == 0)
            try FileSystem.removeTree("\(folder)/tree")
            try FileSystem.removeTree("\(folder)/tree")
            #expect(try FileSystem.names(in: folder) == ["outside"])
            #expect(try FileSystem.read("\(folder)/outside/file") == Array("keep".utf8))
        }
    }

    @Test func `the stamp follows content, names and removal, not hidden files`() throws {
        try withTemporaryFolder { folder in
            try write("1", to: "a/file", in: folder)
            var stamps = [try FileSystem.modificationStamp(of: folder)]
            try write("hidden", to: ".hidden/file", in: folder)
            #expect(try FileSystem.modificationStamp(of: folder) == stamps[0])
            for step in [("22", "a/file"), ("x", "a/other"), ("y", "b/c/d")] {
                try write(step.0, to: step.1, in: folder)
                stamps.append(try FileSystem.modificationStamp(of: folder))
            }
            try FileSystem.removeTree("\(folder)/b")
            stamps.append(try FileSystem.modificationStamp(of: folder))
            #expect(Set(stamps.dropLast()).count == stamps.count - 1)
            #expect(stamps.last == stamps[2])
        }
    }
}
