// SPDX-License-Identifier: Apache-2.0

/// Index of a script in ``Configuration/scripts``; equal uses of one script share one index.
package struct ScriptID: Hashable, Sendable {
    package let index: Int

    package init(_ index: Int) { self.index = index }
}

/// One use of Lua in the route files.
package struct ScriptSpec: Sendable, Hashable {
    package enum Role: String, Sendable {
        case filter, transform
        /// Makes one of the events of a window, `f(events, ctx)`.
        case aggregate
        /// From one version of an event type to another, `f(data, ctx)`.
        case convert
        /// An assertion of a test, `f(result)`.
        case check
    }

    package enum Body: Sendable, Hashable {
        /// `file.lua#function`, file relative to `scripts/`.
        case function(file: String, name: String)
        /// `when:` one expression over `event`, `data`, `headers`, `query`, `ctx`.
        case expression(String)
        /// `lua: |` a function body with `event` and `ctx` in scope.
        case inline(String)
    }

    package let role: Role
    package let body: Body
    /// Where it is used; for inline code the line on which the code starts.
    package let mark: Mark

    package init(role: Role, body: Body, mark: Mark) {
        self.role = role
        self.body = body
        self.mark = mark
    }

    package static func == (left: Self, right: Self) -> Bool { left.role == right.role && left.body == right.body }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.role)
        hasher.combine(self.body)
    }

    /// `chat.lua#release_message`, or the file and line of inline code.
    package var label: String {
        switch self.body {
        case .function(let file, let name): "\(file)#\(name)"
        case .expression, .inline: "\(self.mark.file):\(self.mark.line)"
        }
    }
}
