// SPDX-License-Identifier: Apache-2.0
// From the file of a look-up to its rows: CSV with a header, JSON or YAML as a list of objects or an object by key.

internal import HookCore
internal import YAMLBridge

/// Reads the rows of one table; what is wrong is reported at its place in the data.
struct LookupReading {
    typealias Row = (key: [UInt8], text: [UInt8], mark: Mark)

    let path: String
    let bytes: [UInt8]
    /// Nil where the file is an object by key.
    let key: String?
    /// Where the look-up names its file, for findings that have no place in the data.
    let declared: Mark
    let checker: Checker

    static let endings = [".csv", ".json", ".yaml", ".yml"]

    /// Nil where something is wrong.
    func rows() -> [(key: [UInt8], text: [UInt8])]? {
        let rows: [Row]?
        if self.path.hasSuffix(".csv") {
            rows = self.csv()
        } else if self.path.hasSuffix(".json") {
            rows = self.json()
        } else {
            rows = self.yaml()
        }
        guard let rows, self.isUnique(rows) else { return nil }
        guard rows.count <= LookupTable.rowsMax else {
            self.report("lookup/content", at: self.declared, "\(self.path) has more than \(LookupTable.rowsMax) rows")
            return nil
        }
        return rows.map { ($0.key, $0.text) }
    }

    private func report(_ code: String, at mark: Mark, _ message: String, hint: String? = nil) {
        self.checker.report(
            code, at: mark, message, hint: hint,
            notes: mark == self.declared ? [] : [Diagnostic.Note("the look-up is here", at: self.declared)])
    }

    private func mark(_ offset: Int) -> Mark { JSONPlace.mark(of: offset, in: self.bytes, file: self.path) }

    private func isUnique(_ rows: [Row]) -> Bool {
        var first: [[UInt8]: Mark] = [:]
        for row in rows {
            guard let earlier = first.updateValue(row.mark, forKey: row.key) else { continue }
            self.checker.report(
                "lookup/duplicate-key", at: row.mark,
                "a second row has the key \"\(String(decoding: row.key, as: UTF8.self))\"",
                hint: "a key has one row; remove one of the two",
                notes: [Diagnostic.Note("the first is here", at: earlier)])
            return false
        }
        return true
    }

    private func missingKey(_ known: [String]) -> [Row]? {
        if let key = self.key {
            self.checker.report(
                "lookup/content", at: self.declared, "\(self.path) has no \"\(key)\"",
                near: NearestName.to(key, among: known),
                instead: "it has \(known.prefix(8).joined(separator: ", "))")
        } else {
            self.report(
                "lookup/content", at: self.declared, "the look-up does not say which column is the key",
                hint: "key: \(known.first ?? "COLUMN")")
        }
        return nil
    }

    // MARK: CSV

    private func csv() -> [Row]? {
        let records: [[CSVReader.Field]]
        do throws(CSVFailure) {
            records = try CSVReader.records(self.bytes)
        } catch {
            self.report("lookup/content", at: self.mark(error.offset), "this is no CSV: \(error.message)")
            return nil
        }
        guard String(validating: self.bytes, as: UTF8.self) != nil else {
            self.report("lookup/content", at: self.declared, "\(self.path) is not UTF-8", hint: "save it as UTF-8")
            return nil
        }
        guard let header = records.first else {
            self.report(
                "lookup/content", at: self.declared, "\(self.path) is empty", hint: "its first line names the columns")
            return nil
        }
        let names = header.map { String(decoding: $0.text, as: UTF8.self) }
        if let place = names.indices.first(where: { names[$0].isEmpty || names[..<$0].contains(names[$0]) }) {
            self.report(
                "lookup/content", at: self.mark(header[place].offset),
                names[place].isEmpty ? "a column has no name" : "two columns are called \"\(names[place])\"",
                hint: "the first line names the columns")
            return nil
        }
        guard let column = names.firstIndex(where: { $0 == self.key }) else { return self.missingKey(names) }
        var rows: [Row] = []
        rows.reserveCapacity(records.count)
        for record in records.dropFirst() {
            guard record.count == names.count else {
                self.report(
                    "lookup/content", at: self.mark(record[0].offset),
                    "the line has \(record.count) fields, and the first line \(names.count)",
                    hint: "put a field that holds a comma in double quotes")
                return nil
            }
            rows.append((record[column].text, Self.object(names, record), self.mark(record[column].offset)))
        }
        return rows
    }

    private static func object(_ names: [String], _ record: [CSVReader.Field]) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (name, field) in zip(names, record) {
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            JSONWriter.append(name, to: &text)
            text.append(UInt8(ascii: ":"))
            JSONEscapes.appendQuoted(field.text, to: &text)
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    // MARK: JSON

    private func json() -> [Row]? {
        let document: JSONDocument
        do throws(JSONFailure) {
            document = try JSONDocument(parsing: self.bytes)
        } catch {
            self.report("lookup/content", at: self.mark(error.offset), "this is no JSON: \(error.reason.rawValue)")
            return nil
        }
        switch document.root.kind {
        case .object:
            return document.children(of: 0).map { value in
                (
                    document.stringBytes(of: value - 1), Array(document.text(of: value)),
                    self.mark(Int(document.nodes[value - 1].start))
                )
            }
        case .array: return self.list(document)
        default:
            self.report(
                "lookup/content", at: self.declared, "\(self.path) is neither a list of objects nor an object by key")
            return nil
        }
    }

    private func list(_ document: JSONDocument) -> [Row]? {
        var rows: [Row] = []
        for element in document.children(of: 0) {
            let mark = self.mark(Int(document.nodes[element].start))
            guard document.nodes[element].kind == .object else {
                self.report("lookup/content", at: mark, "a row is an object", hint: "[{\"\(self.key ?? "id")\": …}, …]")
                return nil
            }
            guard let key = self.key, let place = document.member(key.utf8, of: element) else {
                return self.missingKey(document.children(of: element).compactMap { document.string(of: $0 - 1) })
            }
            let text: [UInt8]
            switch document.nodes[place].kind {
            case .string: text = document.stringBytes(of: place)
            case .number, .true, .false: text = Array(document.text(of: place))
            case .null, .array, .object:
                self.report(
                    "lookup/content", at: self.mark(Int(document.nodes[place].start)),
                    "a key is text, a number or a truth value")
                return nil
            }
            rows.append((text, Array(document.text(of: element)), mark))
        }
        return rows
    }

    // MARK: YAML

    private func yaml() -> [Row]? {
        let read: YAMLNode?
        do throws(YAMLFailure) {
            read = try YAMLReader.read(self.bytes, file: self.path)
        } catch {
            self.checker.report(error.code, at: error.mark.mark, error.message, hint: error.hint)
            return nil
        }
        guard let root = read else {
            self.report("lookup/content", at: self.declared, "\(self.path) is empty")
            return nil
        }
        if let entries = root.entries {
            var rows: [Row] = []
            for entry in entries {
                guard let key = entry.key.raw, let value = JSONFromYAML.value(entry.value, self.checker) else {
                    return nil
                }
                rows.append((Array(key.utf8), value.encoded(), entry.key.at))
            }
            return rows
        }
        guard let items = root.items else {
            self.report(
                "lookup/content", at: self.declared, "\(self.path) is neither a list of maps nor a map by key")
            return nil
        }
        var rows: [Row] = []
        for item in items {
            guard let entries = item.entries else {
                self.report("lookup/content", at: item.at, "a row is a map", hint: "- {\(self.key ?? "id"): …}")
                return nil
            }
            guard let key = self.key, let node = item.value(of: key) else {
                return self.missingKey(entries.compactMap(\.key.raw))
            }
            guard let text = node.raw, node.scalar != .null else {
                self.report("lookup/content", at: node.at, "a key is text, a number or a truth value")
                return nil
            }
            guard let value = JSONFromYAML.value(item, self.checker) else { return nil }
            rows.append((Array(text.utf8), value.encoded(), item.at))
        }
        return rows
    }
}
