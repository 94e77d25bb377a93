// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// One delivery's worth of what a transform returned.
package struct RenderedBody: Sendable, Equatable {
    /// Nil: the event's body, byte for byte.
    package let body: [UInt8]?
    /// Nil: the event's own where the body is the event's, else `application/json`.
    package let contentType: String?
    package let request: RequestOverrides?

    package init(body: [UInt8]?, contentType: String? = nil, request: RequestOverrides? = nil) {
        self.body = body
        self.contentType = contentType
        self.request = request
    }
}

/// What a transform decided.
package enum TransformResult: Sendable, Equatable {
    /// `return event.data` as it came, with or without a request.
    case unchanged(contentType: String?, RequestOverrides?)
    case body([UInt8], contentType: String, RequestOverrides?)
    /// `many(list)`: one delivery per element, in order; not empty.
    case many([RenderedBody])
    /// `drop(reason)`
    case drop(reason: String)
}

/// Figures of one script call, for dry run and tests.
package struct ScriptCall: Sendable {
    /// A line that the script logged.
    package struct Line: Sendable, Equatable {
        package let level: LogRecord.Level
        package let message: String
        package let fields: [String]

        package init(level: LogRecord.Level, message: String, fields: [String]) {
            self.level = level
            self.message = message
            self.fields = fields
        }
    }

    /// Between which versions a converter leads.
    package struct Conversion: Sendable, Equatable {
        package let type: String
        package let from: Int
        package let to: Int

        package init(type: String, from: Int, to: Int) {
            self.type = type
            self.from = from
            self.to = to
        }

        /// Stands for the route in metrics and logs: all routes share a conversion.
        var place: RouteName { RouteName("events.\(self.type)") }
    }

    /// `chat.lua#release_message`
    package let script: String
    /// Of a converter `events.TYPE`.
    package let route: RouteName
    /// Nil for conditions.
    package let destination: DestinationName?
    /// Deterministic: the same for the same event and script, wherever it runs.
    package let steps: Int
    package let duration: Duration
    /// What the script logged, the first hundred lines.
    package let lines: [Line]
    /// Nil for all but converters.
    package let conversion: Conversion?

    package init(
        script: String, route: RouteName, destination: DestinationName?, steps: Int, duration: Duration, lines: [Line],
        conversion: Conversion? = nil
    ) {
        self.conversion = conversion
        self.script = script
        self.route = route
        self.destination = destination
        self.steps = steps
        self.duration = duration
        self.lines = lines
    }
}
