// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The whole terminal for one live view: the other screen, no cursor, keys as they are pressed. What was there before is
/// put back at the end, however that comes.
///
/// - Isolation: `draw` and `wait` block; call them from a thread of your own.
final class LiveScreen: Sendable {
    enum Key: Sendable, Equatable {
        case quit
        /// Ctrl-C.
        case interrupt
    }

    private let saved = Mutex<termios?>(nil)

    /// Nil where stdin or stdout is no terminal.
    init?() {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return nil }
        var settings = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        self.saved.withLock { $0 = settings }
        // Ctrl-C and Ctrl-Z come as keys: a view that is stopped in the middle would leave the terminal as it is.
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        Self.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Puts the terminal back; a second time does nothing.
    func restore() {
        self.saved.withLock { saved in
            guard var settings = saved else { return }
            saved = nil
            Self.write("\u{1B}[?25h\u{1B}[?1049l")
            _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }
    }

    /// Columns and lines; 80 × 24 where the terminal does not say.
    static var size: (columns: Int, lines: Int) {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Replaces what is shown; nothing flickers, since nothing is cleared before it is overwritten.
    func draw(_ lines: [String]) {
        let height = Self.size.lines
        let shown = lines.prefix(height).map { "\($0)\u{1B}[K" }.joined(separator: "\r\n")
        Self.write("\u{1B}[H\(shown)\u{1B}[J")
    }

    /// Waits for a key that means something, at most so long, and no longer than the window keeps its size.
    func wait(milliseconds: Int) -> Key? {
        let before = Self.size
        var left = milliseconds
        while left > 0 {
            let step = min(left, 100)
            left -= step
            var wait = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if unsafe poll(&wait, 1, Int32(step)) > 0 {
                var byte: UInt8 = 0
                guard unsafe read(STDIN_FILENO, &byte, 1) == 1 else { return .quit }
                switch byte {
                case 0x03: return .interrupt
                case UInt8(ascii: "q"), UInt8(ascii: "Q"), 0x04: return .quit
                default: break
                }
            }
            if Self.size != before { return nil }
        }
        return nil
    }

    private static func write(_ text: String) { Console.out(bytes: Array(text.utf8)) }
}
