// SPDX-License-Identifier: Apache-2.0
// Codes of Lua scripts: first what checking finds, then what can happen while a script runs.

extension CodeRegistry {
    static let scripts: [CodeEntry] = scriptChecks + scriptLint + scriptCalls

    private static let scriptChecks: [CodeEntry] = [
        CodeEntry(
            "script/syntax", "The Lua code cannot be read",
            """
            The file, the inline code or the expression is not valid Lua 5.4. The message is Lua's own and names the \
            place. `when:` takes one expression: no statements, no assignment, no `return`.
            """,
            wrong: """
                when: local x = data.total; return x > 10
                """,
            right: """
                when: data.total > 10
                """),
        CodeEntry(
            "script/missing-file", "The script file does not exist",
            """
            Scripts are named `file.lua#function`, with the file relative to `scripts/`. Files are loaded together \
            with the routes, so a file that is added later needs a reload.
            """,
            wrong: """
                transform: chats.lua#release_message
                """,
            right: """
                transform: chat.lua#release_message
                """),
        CodeEntry(
            "script/missing-function", "The script file has no such function",
            """
            A script file offers its global functions, and the functions of the table that it returns. A `local \
            function` is its own affair and cannot be named in a route.
            """,
            wrong: """
                local function release_message(event) return {text = "out"} end
                """,
            right: """
                function release_message(event) return {text = "out"} end
                """),
        CodeEntry(
            "script/parameters", "The function takes the wrong number of parameters",
            """
            Filters and transforms are called as `f(event, ctx)`. A function may leave out `ctx`, or take `...`. One \
            that takes more than two was not written for this use, which is an error; one that takes nothing cannot \
            look at the event, which is a warning.
            """,
            wrong: """
                function is_big(data, limit, unit) return data.total > limit end
                """,
            right: """
                function is_big(event) return event.data.total > 1000 end
                """),
        CodeEntry(
            "script/require", "A required file cannot be used",
            """
            `require` takes the literal name of a file below `scripts/`, with dots or slashes between folders and \
            without `.lua`. The file runs once and returns a table. Files must not require each other in a circle. \
            Nothing outside `scripts/` and no installed Lua module can be required: a script has nothing but what \
            its revision holds.
            """,
            wrong: """
                local money = require("../shared/money")
                """,
            right: """
                local money = require "lib.money"
                """),
        CodeEntry(
            "script/load", "The script file failed while it was loaded",
            """
            The code outside of functions runs once, when the routes are loaded, within the same budgets as a call. \
            Here it raised an error, spent a budget, or used something that exists only during a call, such as \
            `now()` or `drop()`.
            """,
            wrong: """
                local started = now()
                """,
            right: """
                function stamp(event) return {at = now()} end
                """),
        CodeEntry(
            "script/unused", "No route uses this script file",
            """
            No route names a function of this file and no used file requires it. It is checked all the same. Remove \
            it, or name one of its functions in a route.
            """),
    ]

    private static let scriptCalls: [CodeEntry] = [
        CodeEntry(
            "script/runtime", "The script raised an error",
            """
            The call ended with a Lua error. The held entry has its message, file, line and traceback. Repair the \
            script, reload, then `hookswitch held replay`.
            """,
            wrong: """
                return {email = event.data.customer.email}
                """,
            right: """
                return {email = get(event.data, "customer.email", null)}
                """),
        CodeEntry(
            "script/budget-steps", "The script used up its steps",
            """
            A call may use 2,000,000 steps. Lua instructions cost one each; host functions charge for the work they \
            do. The count is the same on every machine: `hookswitch dry-run --steps` shows it, `max_steps` in a test \
            bounds it.
            """,
            wrong: """
                while true do end
                """,
            right: """
                for _, line in ipairs(event.data.lines) do total = total + line.cents end
                """),
        CodeEntry(
            "script/budget-memory", "The script used up its memory",
            """
            A call may use 16 MiB above what its files hold after loading. Build less at once, or split the event \
            with `many`.
            """),
        CodeEntry(
            "script/budget-wall", "The script ran too long",
            """
            A call may last 250 ms by the clock. This is the second net behind the budget of steps: meeting it often \
            means that the machine is overloaded.
            """),
        CodeEntry(
            "script/result-type", "The script returned something of the wrong kind",
            """
            A filter returns `true`, or `false` with an optional reason, and nothing else: `nil` is no answer. A \
            `when:` expression may be nil, false or true. A transform returns a body and an optional request table, \
            or `many(list)`, or ends with `drop(reason)` or `fail(reason)`.
            """,
            wrong: """
                function is_big(event) return event.data.total end
                """,
            right: """
                function is_big(event) return event.data.total > 1000 end
                """),
        CodeEntry(
            "script/result-path", "A value inside the result cannot be sent",
            """
            The message names the place. JSON has no functions, no NaN and no infinity; a table is either a list \
            without holes or has text keys; strings are UTF-8. In the request table, headers that frame, address or \
            sign the delivery are refused, and so are line breaks.
            """,
            wrong: """
                return body, {headers = {Host = "elsewhere.example"}}
                """,
            right: """
                return body, {headers = {["X-Order"] = event.data.id}}
                """),
        CodeEntry(
            "script/no-result", "The transform returned nothing",
            """
            A transform that returns nothing, or nil, has most likely forgotten its `return`. So that no event is \
            lost that way, it is an error. To drop an event on purpose, say so.
            """,
            wrong: """
                function shape(event) local body = {id = event.id} end
                """,
            right: """
                function shape(event) return {id = event.id} end
                function skip(event) return drop("not for us") end
                """),
        CodeEntry(
            "script/failed", "The script called fail",
            """
            The script itself found that it cannot go on and said why with `fail(reason)`. `on_error` of the route \
            decides what follows, as for any other error.
            """),
        CodeEntry(
            "script/too-many", "The event makes too many deliveries",
            """
            An event can have at most 65,535 deliveries, over all routes and targets. Hand larger lists on as one \
            body, or in several parts.
            """),
    ]
}
