// SPDX-License-Identifier: Apache-2.0

extension CodeRegistry {
    /// What `hookswitch fmt` says about files that it leaves alone.
    static let format: [CodeEntry] = [
        CodeEntry(
            "format/left-alone", "The file is not formatted",
            """
            The file is YAML, but holds a construct whose text the formatter does not rearrange: a key behind `?`, an \
            anchor of the whole file, something behind `---` on its line, or a file that is no block map. No route file \
            needs any of them. The file stays as it is; write the place plainly and run fmt again.
            """,
            wrong: "? routes\n: {}", right: "routes: {}"),
        CodeEntry(
            "format/meaning", "Formatting would change the file",
            """
            Before a file is replaced, the result is read again: it must mean the same and hold the same comments. Here \
            it did not, so nothing was written. This is a fault of hookswitch, not of the file: please report it \
            together with the file.
            """),
    ]
}
