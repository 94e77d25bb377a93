// SPDX-License-Identifier: Apache-2.0
import HookCore

extension ScriptSet {
    /// A number for what each script is made of, by ``ScriptID/index``: its own text, and that of every file that it
    /// reaches through `require`. Equal numbers in two revisions mean that the script does the same in both.
    ///
    /// - Complexity: linear in the text of all files; once per comparison of revisions, not per event.
    package func sourceDigests() -> [UInt64] {
        var ofFile: [String: UInt64] = [:]
        // Required files stand first, so theirs are known.
        for file in self.files {
            var text = file.source
            for (name, path) in file.requires.sorted(by: { $0.key < $1.key }) {
                text.append(contentsOf: "\n\(name)=\(ofFile[path] ?? 0)".utf8)
            }
            ofFile[file.path] = Checksum.xxh64(text)
        }
        let tables = self.lookups.map { "\($0.name) \($0.digest)" }.sorted().joined(separator: ";")
        let isReading =
            !self.lookups.isEmpty
            && self.files.contains { String(decoding: $0.source, as: UTF8.self).contains("lookup") }
        return self.entries.map { entry in
            switch entry.code {
            case .function(let path, let name):
                Checksum.xxh64(
                    Array("\(entry.role.rawValue) \(name) \(ofFile[path] ?? 0)\(isReading ? tables : "")".utf8))
            case .inline(let code):
                // Before the code stand as many empty lines as in its file: only where it stands, not what it is.
                Checksum.xxh64(
                    Array("\(entry.role.rawValue) \(self.lookups.isEmpty ? "" : tables)".utf8)
                        + code.source.drop { $0 == 0x0A }, seed: 1)
            }
        }
    }
}
