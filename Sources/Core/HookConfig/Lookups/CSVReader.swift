// SPDX-License-Identifier: Apache-2.0
// CSV after RFC 4180: commas, fields in double quotes where they hold one of `,"\r\n`, `""` for a quote, lines ended by
// CRLF or LF. UTF-8, with or without a byte order mark.

/// Why a text is no CSV, and at which byte.
struct CSVFailure: Error, Equatable {
    let message: String
    let offset: Int
}

enum CSVReader {
    struct Field: Equatable {
        let text: [UInt8]
        /// Byte offset of its start.
        let offset: Int
    }

    /// Records in order; empty lines are none.
    static func records(_ bytes: [UInt8]) throws(CSVFailure) -> [[Field]] {
        var at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var records: [[Field]] = []
        var record: [Field] = []
        while at < bytes.count {
            let field = bytes[at] == UInt8(ascii: "\"") ? try Self.quoted(bytes, &at) : try Self.plain(bytes, &at)
            record.append(field)
            if at < bytes.count, bytes[at] == UInt8(ascii: ",") {
                at += 1
                // A comma at the very end has an empty field behind it.
                if at == bytes.count { record.append(Field(text: [], offset: at)) }
                continue
            }
            if at < bytes.count, bytes[at] == 0x0D, at + 1 < bytes.count, bytes[at + 1] == 0x0A { at += 1 }
            if at < bytes.count {
                guard bytes[at] == 0x0A else {
                    throw CSVFailure(message: "a comma or the end of the line must follow a quoted field", offset: at)
                }
                at += 1
            }
            if record.count > 1 || !record[0].text.isEmpty { records.append(record) }
            record = []
        }
        if !record.isEmpty { records.append(record) }
        return records
    }

    private static func plain(_ bytes: [UInt8], _ at: inout Int) throws(CSVFailure) -> Field {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: ","), bytes[at] != 0x0A {
            if bytes[at] == 0x0D, at + 1 < bytes.count, bytes[at + 1] == 0x0A { break }
            guard bytes[at] != UInt8(ascii: "\"") else {
                throw CSVFailure(message: "a quote stands inside a field that does not begin with one", offset: at)
            }
            at += 1
        }
        return Field(text: Array(bytes[start..<at]), offset: start)
    }

    private static func quoted(_ bytes: [UInt8], _ at: inout Int) throws(CSVFailure) -> Field {
        let start = at
        var text: [UInt8] = []
        at += 1
        while at < bytes.count {
            if bytes[at] != UInt8(ascii: "\"") {
                text.append(bytes[at])
                at += 1
            } else if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "\"") {
                text.append(UInt8(ascii: "\""))
                at += 2
            } else {
                at += 1
                return Field(text: text, offset: start)
            }
        }
        throw CSVFailure(message: "the quote is not closed", offset: start)
    }
}
