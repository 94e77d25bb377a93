// SPDX-License-Identifier: Apache-2.0

/// The files of a project as they were read at one moment: what a revision is made of.
package struct ProjectFiles: Sendable, Equatable {
    package struct File: Sendable, Equatable {
        /// Relative to the project folder, with `/`.
        package let path: String
        package let bytes: [UInt8]

        package init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// Sorted by path.
    package let files: [File]

    package init(_ files: [File]) { self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) } }

    /// The content of the file at a path; paths compare by bytes, as the file system does.
    package subscript(path: String) -> [UInt8]? { self.files.first { $0.path.utf8.elementsEqual(path.utf8) }?.bytes }

    /// One buffer: `<path bytes> <size>\n<path>\n<bytes>` per file, numbers in decimal.
    package var encoded: [UInt8] {
        var output: [UInt8] = []
        for file in self.files {
            output.append(contentsOf: "\(file.path.utf8.count) \(file.bytes.count)\n\(file.path)\n".utf8)
            output.append(contentsOf: file.bytes)
        }
        return output
    }

    /// Reads ``encoded`` back; nil where it is damaged.
    package init?(encoded: [UInt8]) {
        var files: [File] = []
        var rest = encoded[...]
        while !rest.isEmpty {
            guard let lineEnd = rest.firstIndex(of: 0x0A) else { return nil }
            let sizes = rest[..<lineEnd].split(separator: 0x20).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            rest = rest[(lineEnd + 1)...]
            guard sizes.count == 2, sizes[0] >= 0, sizes[1] >= 0, sizes[0] < rest.count,
                sizes[1] <= rest.count - sizes[0] - 1
            else { return nil }
            let path = String(decoding: rest.prefix(sizes[0]), as: UTF8.self)
            rest = rest.dropFirst(sizes[0] + 1)
            files.append(File(path: path, bytes: Array(rest.prefix(sizes[1]))))
            rest = rest.dropFirst(sizes[1])
        }
        self.init(files)
    }
}
