// SPDX-License-Identifier: Apache-2.0

/// The commit that a project folder has checked out, read from `.git` without running git.
package enum GitCommit {
    /// 40 hexadecimal digits (64 with SHA-256); nil where the folder is no repository.
    ///
    /// - Shape: `.git` is a folder, or in work trees a file `gitdir: PATH`; `HEAD` is a commit or `ref: NAME`; refs are
    ///   files or lines of `packed-refs` (gitrepository-layout(5)).
    package static func current(of folder: String, read: (String) -> [UInt8]?) -> String? {
        var git = "\(folder)/.git"
        if let link = self.line(read(git)), link.hasPrefix("gitdir: ") { git = String(link.dropFirst(8)) }
        guard let head = self.line(read("\(git)/HEAD")) else { return nil }
        guard head.hasPrefix("ref: ") else { return self.commit(head) }
        let name = String(head.dropFirst(5))
        // Work trees keep their refs in the repository that they belong to.
        let common = self.line(read("\(git)/commondir")).map { $0.hasPrefix("/") ? $0 : "\(git)/\($0)" } ?? git
        if let direct = self.line(read("\(common)/\(name)")) { return self.commit(direct) }
        guard let packed = read("\(common)/packed-refs") else { return nil }
        for line in packed.split(separator: 0x0A) {
            let text = String(decoding: line, as: UTF8.self)
            if text.hasSuffix(" \(name)") { return self.commit(String(text.prefix { $0 != " " })) }
        }
        return nil
    }

    private static func line(_ bytes: [UInt8]?) -> String? {
        bytes.map { String(decoding: $0.prefix { $0 != 0x0A }, as: UTF8.self) }
    }

    private static func commit(_ text: String) -> String? {
        let isCommit =
            (text.utf8.count == 40 || text.utf8.count == 64)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            }
        return isCommit ? text : nil
    }
}
