// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc

/// When to use colour.
enum ColourChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case auto, always, never
}

/// Colour of one stream: `--color`, then `NO_COLOR` (no-color.org), `FORCE_COLOR`, `TERM=dumb`, then whether it is a terminal.
struct Style: Sendable {
    let isColoured: Bool

    init(_ choice: ColourChoice, descriptor: Int32) {
        func isSet(_ name: String) -> Bool {
            guard let value = unsafe getenv(name) else { return false }
            return unsafe value.pointee != 0
        }
        switch choice {
        case .always: self.isColoured = true
        case .never: self.isColoured = false
        case .auto:
            let isDumb = unsafe getenv("TERM").map { unsafe String(cString: $0) } == "dumb"
            self.isColoured =
                isSet("NO_COLOR") ? false : isSet("FORCE_COLOR") ? true : !isDumb && isatty(descriptor) == 1
        }
    }

    func bold(_ text: String) -> String { self.wrap(text, "1") }
    func dim(_ text: String) -> String { self.wrap(text, "2") }
    func red(_ text: String) -> String { self.wrap(text, "31") }
    func green(_ text: String) -> String { self.wrap(text, "32") }
    func yellow(_ text: String) -> String { self.wrap(text, "33") }
    func blue(_ text: String) -> String { self.wrap(text, "34") }
    func cyan(_ text: String) -> String { self.wrap(text, "36") }

    private func wrap(_ text: String, _ code: String) -> String {
        self.isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
