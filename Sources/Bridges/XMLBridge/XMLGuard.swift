// SPDX-License-Identifier: Apache-2.0
// One pass over the characters before the parser sees them. It knows only where tags, quotes, comments and sections begin
// and end, which is enough to refuse what costs a parser more than it costs a sender: document type declarations
// (entities, files, the network), very many attributes of one element (compared pairwise), deep nesting, huge names.
// What is not well-formed is left to the parser, which stops at it.

/// Refuses documents that break a limit or declare a type.
struct XMLGuard {
    private let bytes: [UInt8]
    private let limits: XMLLimits
    private var at = 0
    private var depth = 0
    private var elements = 0

    init(_ bytes: [UInt8], limits: XMLLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func check() throws(XMLFailure) {
        while let open = self.next(UInt8(ascii: "<"), from: self.at) {
            self.at = open + 1
            guard self.at < self.bytes.count else { return }
            switch self.bytes[self.at] {
            case UInt8(ascii: "?"): self.skip(past: "?>")
            case UInt8(ascii: "!"):
                if self.starts(with: "!--") {
                    self.at += 3
                    self.skip(past: "-->")
                } else if self.starts(with: "![CDATA[") {
                    self.skip(past: "]]>")
                } else {
                    throw XMLFailure(
                        .declaration, "a document type declaration is not taken", line: self.line(of: open))
                }
            case UInt8(ascii: "/"):
                self.depth -= 1
                self.at = self.next(UInt8(ascii: ">"), from: self.at) ?? self.bytes.count
            default: try self.tag(open)
            }
        }
    }

    /// A start tag, from behind its `<`.
    private mutating func tag(_ open: Int) throws(XMLFailure) {
        self.elements += 1
        if self.elements > self.limits.elementsMax {
            throw XMLFailure(
                .limit, "there are more than \(self.limits.elementsMax) elements", line: self.line(of: open))
        }
        self.depth += 1
        if self.depth > self.limits.depthMax {
            throw XMLFailure(
                .limit, "elements are nested deeper than \(self.limits.depthMax)", line: self.line(of: open))
        }
        var attributes = 0
        var nameStart = self.at
        while self.at < self.bytes.count {
            let byte = self.bytes[self.at]
            switch byte {
            case UInt8(ascii: ">"):
                if self.bytes[self.at - 1] == UInt8(ascii: "/") { self.depth -= 1 }
                self.at += 1
                return
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                attributes += 1
                if attributes > self.limits.attributesMax {
                    throw XMLFailure(
                        .limit, "an element has more than \(self.limits.attributesMax) attributes",
                        line: self.line(of: open))
                }
                let end = self.next(byte, from: self.at + 1) ?? self.bytes.count
                if end - self.at > self.limits.attributeBytesMax {
                    throw XMLFailure(
                        .limit, "an attribute is longer than \(self.limits.attributeBytesMax) bytes",
                        line: self.line(of: open))
                }
                self.at = end + 1
                nameStart = self.at
            case 0x20, 0x09, 0x0A, 0x0D:
                self.at += 1
                nameStart = self.at
            default:
                self.at += 1
                if self.at - nameStart > self.limits.nameBytesMax {
                    throw XMLFailure(
                        .limit, "a name is longer than \(self.limits.nameBytesMax) bytes", line: self.line(of: open))
                }
            }
        }
    }

    private func next(_ byte: UInt8, from start: Int) -> Int? {
        start < self.bytes.count ? self.bytes[start...].firstIndex(of: byte) : nil
    }

    private func starts(with text: StaticString) -> Bool {
        guard self.at + text.utf8CodeUnitCount <= self.bytes.count else { return false }
        return text.withUTF8Buffer { unsafe $0.elementsEqual(self.bytes[self.at..<self.at + $0.count]) }
    }

    /// Moves behind the text; to the end where it does not come.
    private mutating func skip(past text: StaticString) {
        while self.at < self.bytes.count {
            if self.starts(with: text) {
                self.at += text.utf8CodeUnitCount
                return
            }
            self.at += 1
        }
    }

    private func line(of place: Int) -> Int { self.bytes[..<place].count { $0 == 0x0A } + 1 }
}
