// SPDX-License-Identifier: Apache-2.0

/// Code that only a few files may hold, each with the reason why.
struct BanRule: Sendable {
    let name: String
    let pattern: Pattern
    let reason: String
    /// Beginnings of paths where it is meant.
    var allowed: [String] = []
    var text = Text.code

    enum Text { case code, comments }

    static let surfaces = "Sources/Surfaces/"
    static let liveEnvironment = "Sources/Core/HookCore/System/Environment+Live.swift"

    static let table: [BanRule] = [
        .init(
            name: "Date()", pattern: Pattern(#"\bDate(\.now\b|\(\))"#),
            reason: "time enters through Environment, so that a test can hold it"),
        .init(
            name: "UUID()", pattern: Pattern(#"\bUUID\(\)"#),
            reason: "identity enters through Environment, so that a test can hold it"),
        .init(
            name: "a clock of the system",
            pattern: Pattern(#"\b(ContinuousClock|SuspendingClock|clock_gettime|gettimeofday|DispatchTime\.now)\b"#),
            reason: "time enters through Environment, so that a test can hold it",
            // The mailbox waits on a condition of the system, which wants a moment of the system's clock; what a test
            // costs is measured in processor time.
            allowed: [
                Self.liveEnvironment, "Sources/Core/HookCore/System/Mailbox.swift",
                "Sources/TestKit/HookTestKit/ProcessorTime.swift", Self.surfaces,
            ]),
        .init(
            name: "Task.sleep", pattern: Pattern(#"\bTask\.sleep\b"#),
            reason: "waiting goes through Environment.sleep, so that tests need not wait",
            allowed: ["Sources/Core/HookCore/Seams/Environment.swift", Self.surfaces]),
        .init(
            name: "getenv", pattern: Pattern(#"\bgetenv\b"#),
            reason: "variables are read through Environment, so that a test can give them",
            // A fault point is read before there is an environment, and only in debug builds.
            allowed: [Self.liveEnvironment, "Sources/Core/HookCore/System/FaultPoint.swift", Self.surfaces]),
        .init(
            name: "print(", pattern: Pattern(#"(?<![A-Za-z0-9_.])(?<!func )(Swift\.)?(debugP|p)rint\("#),
            reason: "what people read goes through Console; what happens goes through Signals"),
        .init(
            name: "chance without a generator",
            pattern: Pattern(
                #"\b(Int|UInt|Double|Float|Bool|U?Int(8|16|32|64|128))\.random\((?!.*using:)|\.(randomElement|shuffled|shuffle)\(\)|\bSystemRandomNumberGenerator\b"#
            ),
            reason: "chance enters through Environment or `using:`, so that a test can repeat it",
            allowed: [Self.liveEnvironment, "Sources/Stages/HookDeliver/DeliverSimulation.swift"]),
        .init(
            name: "an unstructured task",
            pattern: Pattern(#"\bTask(<[^>]*>)?( *\([^)]*\))? *\{|\bTask\.(detached|immediate|init)\b"#),
            reason: "a task that nobody waits for outlives what it uses; everything long-lived stands in a group"),
        .init(
            name: "try!", pattern: Pattern(#"\btry!"#), reason: "an error ends the process without a word"),
        .init(
            name: "as!", pattern: Pattern(#"\bas!"#), reason: "a wrong type ends the process without a word"),
        .init(
            name: "a force unwrap", pattern: Pattern(#"(?<!\btr)(?<!\ba)[A-Za-z0-9_)\]}?"`]!(?!=)"#),
            reason: "nil ends the process without a word; say what must hold with guard and precondition"),
        .init(
            name: "@preconcurrency", pattern: Pattern("@preconcurrency"),
            reason: "it silences the compiler instead of answering it"),
        .init(
            name: "unowned(unsafe)", pattern: Pattern(#"unowned\(unsafe\)"#),
            reason: "what it points to may be gone"),
        .init(
            name: "a note without an issue", pattern: Pattern(#"\b(TODO|FIXME|XXX|HACK)\b(?!\(#[0-9]+\):)"#),
            reason: "a note to do something names its issue, `TODO(#123):`, or it is forgotten", text: .comments),
    ]

    static func findings(in file: SourceFile, table: [BanRule] = Self.table) -> [Finding] {
        table.flatMap { rule -> [Finding] in
            if rule.allowed.contains(where: file.path.hasPrefix) { return [] }
            let isComment = rule.text == .comments
            let lines = isComment ? file.swift.comments : file.swift.code
            let whole = isComment ? file.text : file.swift.codeText
            return rule.pattern.lines(of: whole, lines).map { Finding(file, line: $0 + 1, rule.name, rule.reason) }
        }
    }
}
