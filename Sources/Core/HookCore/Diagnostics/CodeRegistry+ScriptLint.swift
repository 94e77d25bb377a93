// SPDX-License-Identifier: Apache-2.0
// Codes of the linter for Lua. Each has a golden case below Tests/GoldenTests/cases/diagnostics.

extension CodeRegistry {
    static let scriptLint: [CodeEntry] = [
        CodeEntry(
            "script/undefined-name", "A name means nothing",
            """
            Nothing defines the name: no local in sight, no global of this file, nothing of Lua and nothing of the \
            product. It is nil, and calling or indexing nil raises an error for every event that comes so far; that \
            is an error. Where the name is only looked at, or is looked at somewhere before it is used, nil may be \
            meant; that is a warning. The same is said of fields of `string`, `table`, `json` and the like.
            """,
            wrong: """
                function to_chat(event) return {text = sting.format("%s is out", event.data.tag)} end
                """,
            right: """
                function to_chat(event) return {text = string.format("%s is out", event.data.tag)} end
                """),
        CodeEntry(
            "script/removed", "The function is not in the sandbox",
            """
            A script is a function of the event and the revision: it has no files, no clock of the machine, no \
            variables, no network and no way to load code. So these parts of stock Lua are not there; the hint says \
            what to use in their place.
            """,
            wrong: """
                function stamp(event) return {at = os.time()} end
                """,
            right: """
                function stamp(event) return {at = now()} end
                """),
        CodeEntry(
            "script/global-write", "A global is written while an event is handled",
            """
            After loading, globals and the tables of the sandbox are read-only: what one event leaves behind must not \
            change the next. Assigning to a global inside of a function raises an error. Mostly `local` is missing. \
            It is a warning where the file calls functions of its own while it loads, since they may still write.
            """,
            wrong: """
                function total(event)
                  sum = 0
                  for _, line in ipairs(event.data.lines) do sum = sum + line.cents end
                  return {sum = sum}
                end
                """,
            right: """
                function total(event)
                  local sum = 0
                  for _, line in ipairs(event.data.lines) do sum = sum + line.cents end
                  return {sum = sum}
                end
                """),
        CodeEntry(
            "script/arguments", "A function of the product gets the wrong number of arguments",
            """
            With too few arguments the function raises an error for every event. What is too many is ignored by Lua, \
            and is a warning.
            """,
            wrong: """
                function signed(event) return {sum = hmac(event.raw)} end
                """,
            right: """
                function signed(event) return {sum = hmac("erp_key", event.raw)} end
                """),
        CodeEntry(
            "script/unused-local", "A local is never read",
            """
            The value is computed and thrown away: mostly a misspelt name, or a rest of older code. Names that begin \
            with `_`, parameters and the names of a loop are left alone.
            """,
            wrong: """
                function to_chat(event)
                  local tag = event.data.tag
                  return {text = "a release is out"}
                end
                """,
            right: """
                function to_chat(event)
                  local tag = event.data.tag
                  return {text = tag .. " is out"}
                end
                """),
    ]
}
