// SPDX-License-Identifier: Apache-2.0
// Everything that a script may call, declared once: the reference page, the definitions for editors and the settings for
// luacheck are made from it, and a test compares it with what a Lua state really holds.

/// One function or value of the product, as scripts see it.
package struct LibraryEntry: Sendable {
    package struct Parameter: Sendable, Equatable {
        package let name: String
        /// A type as LuaLS writes it.
        package let type: String
        package let isOptional: Bool
    }

    /// `get` or `json.encode`.
    package let name: String
    /// Nil for a value such as `null`.
    package let parameters: [Parameter]?
    /// Types as LuaLS writes them.
    package let returns: [String]
    package let summary: String

    /// - Parameter signature: `get(t: any, path: string, default?: any): any`, or `null: hookswitch.null`.
    init(_ signature: String, _ summary: String) {
        self.summary = summary
        guard let open = signature.firstIndex(of: "("), let close = signature.lastIndex(of: ")") else {
            let parts = signature.split(separator: ":", maxSplits: 1)
            self.name = parts.first.map(String.init) ?? signature
            self.parameters = nil
            self.returns = parts.count > 1 ? [Self.trimmed(parts[1])] : []
            return
        }
        self.name = String(signature[..<open])
        let inner = signature[signature.index(after: open)..<close]
        self.parameters = inner.isEmpty ? [] : inner.split(separator: ",").map(Self.parameter)
        let rest = signature[signature.index(after: close)...].drop { $0 == ":" || $0 == " " }
        self.returns = rest.isEmpty ? [] : rest.split(separator: ",").map(Self.trimmed)
    }

    private static func parameter(_ text: Substring) -> Parameter {
        let parts = text.split(separator: ":", maxSplits: 1).map(Self.trimmed)
        let isOptional = parts[0].hasSuffix("?")
        return Parameter(
            name: isOptional ? String(parts[0].dropLast()) : parts[0], type: parts.count > 1 ? parts[1] : "any",
            isOptional: isOptional)
    }

    private static func trimmed(_ text: Substring) -> String { String(text.drop { $0 == " " }) }

    /// As people write a call: `get(t, path [, default])`.
    package var call: String {
        guard let parameters else { return self.name }
        var text = ""
        for (place, one) in parameters.enumerated() {
            let comma = place == 0 ? "" : ", "
            text += one.isOptional ? "\(place == 0 ? "" : " ")[\(comma)\(one.name)]" : comma + one.name
        }
        return "\(self.name)(\(text))"
    }
}

package enum ScriptLibrary {
    /// What the product offers besides Lua's own library, by subject.
    package static let areas: [(title: String, entries: [LibraryEntry])] = [
        ("JSON", Self.json), ("Codings and digests", Self.codings), ("Time", Self.time), ("Chance", Self.chance),
        ("Signals", Self.signals), ("Ends of a call", Self.ends),
    ]

    package static var entries: [LibraryEntry] { self.areas.flatMap(\.entries) }

    private static let json = [
        LibraryEntry(
            "null: hookswitch.null",
            "JSON null. It is not nil and counts as true; setting a field to it writes null, setting it to nil removes the field."
        ),
        LibraryEntry("is_null(value: any): boolean", "Whether a value is JSON null."),
        LibraryEntry("opt(value: any): any", "The value, or nil where it is JSON null."),
        LibraryEntry(
            "array(list?: table): table", "Marks a table as a JSON array, so that an empty one is written as []."),
        LibraryEntry(
            "object(pairs?: table): table",
            "A JSON object with its keys in this order: object {{\"a\", 1}, {\"b\", 2}}."),
        LibraryEntry("copy(value: any): any", "A deep copy; what is kept of an event beyond its call must be one."),
        LibraryEntry(
            "get(value: any, path: string, default?: any): any",
            "The value at a path such as \"lines[1].sku\"; the default where a part of the path is missing or null."),
        LibraryEntry(
            "set(value: table, path: string, new: any): table",
            "Sets the value at a path, making the objects on the way, and returns the table."),
        LibraryEntry(
            "pick(value: table, ...: string): table",
            "An object with these keys only, in this order; keys may come as one list."),
        LibraryEntry(
            "omit(value: table, ...: string): table", "An object without these keys; keys may come as one list."),
        LibraryEntry(
            "merge(...: table): table", "One object of several; the later wins, objects inside are merged in turn."),
        LibraryEntry(
            "equal(a: any, b: any): boolean", "Whether two values are the same JSON, whatever the order of keys."),
        LibraryEntry(
            "num(text: string): hookswitch.num",
            "An exact number of any size, as JSON writes it; can be compared and sent, not computed with."),
        LibraryEntry("json.encode(value: any): string", "A value as JSON text."),
        LibraryEntry("json.decode(text: string): any", "The value of a JSON text; raises an error where it is none."),
    ]

    private static let codings = [
        LibraryEntry(
            "xml.decode(text: string): table",
            "An XML document as a table: elements are keys, attributes have an @, text beside them is #text; raises an error where it is none."
        ),
        LibraryEntry(
            "xml.encode(value: table): string",
            "The XML document of a table with one key, the root element: the inverse of xml.decode."),
        LibraryEntry("base64.encode(text: string): string", "Base 64 (RFC 4648, section 4)."),
        LibraryEntry(
            "base64.decode(text: string): string?, string?", "The bytes; nil and a message where the text is malformed."
        ),
        LibraryEntry(
            "base64.encode_url(text: string): string", "Base 64 for URLs (RFC 4648, section 5), without padding."),
        LibraryEntry(
            "base64.decode_url(text: string): string?, string?",
            "The bytes; nil and a message where the text is malformed."
        ),
        LibraryEntry("hex.encode(text: string): string", "Lower-case hexadecimal."),
        LibraryEntry(
            "hex.decode(text: string): string?, string?", "The bytes; nil and a message where the text is malformed."),
        LibraryEntry(
            "url.encode(text: string): string", "Percent-encoding of everything but letters, digits, - . _ ~."),
        LibraryEntry(
            "url.decode(text: string): string?, string?", "The bytes; nil and a message where the text is malformed."),
        LibraryEntry("sha256(text: string): string", "SHA-256 in lower-case hexadecimal."),
        LibraryEntry(
            "hmac(secret_name: string, text: string): string",
            "HMAC-SHA256 in lower-case hexadecimal, with a secret of the configuration; its value is never seen."),
        LibraryEntry(
            "lookup(table: string, key: string|integer|nil): any",
            "The row of a table below lookups: with this key, or nil; the columns of CSV are text."),
    ]

    private static let time = [
        LibraryEntry(
            "now(): integer", "When the event was accepted, in Unix milliseconds; it stands still during a call."),
        LibraryEntry(
            "time.parse(text: string): integer?, string?",
            "Unix milliseconds of an RFC 3339 time; nil and a message where it is none."),
        LibraryEntry(
            "time.format(t: integer|string, form?: \"rfc3339\"|\"date\"|\"seconds\"): string",
            "A time (Unix milliseconds or RFC 3339) as text."),
        LibraryEntry(
            "time.add(t: integer|string, amount: integer|string): integer|string",
            "A time later by milliseconds, or by text such as \"1h30m\" or \"-1d\"; text in, text out."),
    ]

    private static let chance = [
        LibraryEntry(
            "uuid(name?: string): string",
            "A UUID: the same for the same event, route and name; without a name another one each time."),
        LibraryEntry(
            "rand(m?: integer, n?: integer): number",
            "A number of 0 ≤ x < 1, of 1 to m, or of m to n; the same for the same event and route."),
    ]

    private static let signals = [
        LibraryEntry("log.info(message: string, fields?: table)", "A line of the log."),
        LibraryEntry("log.warn(message: string, fields?: table)", "A warning in the log."),
        LibraryEntry("log.error(message: string, fields?: table)", "An error in the log; the call goes on."),
        LibraryEntry(
            "count(name: string, n?: integer, labels?: table)",
            "Adds to the metric hookswitch_business_total{name, labels}."),
    ]

    private static let ends = [
        LibraryEntry("drop(reason?: string): never", "Ends the call: this target gets nothing, and that is right so."),
        LibraryEntry("fail(reason?: string): never", "Ends the call with an error: the route's on_error decides."),
        LibraryEntry("many(list: table): hookswitch.many", "Return it: one delivery for each element of the list."),
    ]

    // MARK: Lua's own library

    /// What is there of Lua 5.4; what can run long is an implementation that counts its steps.
    package static let lua: [String] =
        [
            "_G", "_VERSION", "assert", "error", "getmetatable", "ipairs", "pairs", "pcall", "print", "require",
            "select",
            "setmetatable", "tonumber", "tostring", "type",
        ]
        + Self.names(
            "math",
            "abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad random sin sqrt tan tointeger type ult"
        )
        + Self.names(
            "string", "byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper")
        + Self.names("table", "concat insert move pack remove sort unpack")
        + Self.names("utf8", "char charpattern codepoint codes len offset")

    /// Of older versions of Lua: there where the Lua library was built with them. No script should need one.
    static let compatibility = Self.names("math", "atan2 cosh frexp ldexp log10 pow sinh tanh")

    /// What of Lua 5.4 is not there.
    package static let missing: [String] =
        [
            "collectgarbage", "coroutine", "debug", "dofile", "io", "load", "loadfile", "next", "os", "package",
            "rawequal",
            "rawget", "rawlen", "rawset", "warn", "xpcall", "math.randomseed", "string.dump",
        ]

    private static func names(_ table: String, _ fields: String) -> [String] {
        fields.split(separator: " ").map { "\(table).\($0)" }
    }

    /// The reference page of the functions.
    package static var markdown: String {
        var page = """
            # Functions of scripts

            Made from the declarations in the program by `make docs`; do not edit.

            Optional arguments stand in brackets. All times are Unix milliseconds or RFC 3339 text.

            """
        for area in self.areas {
            page += "\n## \(area.title)\n\n| call | returns | meaning |\n|---|---|---|\n"
            for entry in area.entries {
                let returns = entry.returns.map { "`\(Self.cell($0))`" }.joined(separator: ", ")
                page += "| `\(Self.cell(entry.call))` | \(returns) | \(Self.cell(entry.summary)) |\n"
            }
        }
        page += "\n## Of Lua's own library\n\nThere: `\(self.lua.joined(separator: "`, `"))`.\n"
        return page + "\nNot there: `\(self.missing.joined(separator: "`, `"))`.\n"
    }

    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
