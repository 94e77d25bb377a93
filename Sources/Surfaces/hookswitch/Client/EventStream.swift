// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Reads server-sent events out of pieces of bytes (WHATWG HTML, section 9.2.6), as far as our own server writes them:
/// `event`, `data` and `id` lines that end with LF, comments left out.
struct EventStream {
    struct Item: Equatable {
        var name = "message"
        var data = ""
        var id: String?
    }

    private var pending: [UInt8] = []
    private var item = Item()
    private var hasData = false

    /// The events that are whole with these bytes.
    mutating func take(_ bytes: [UInt8]) -> [Item] {
        self.pending += bytes
        var found: [Item] = []
        var start = 0
        while let end = self.pending[start...].firstIndex(of: 0x0A) {
            let line = String(decoding: self.pending[start..<end], as: UTF8.self)
            start = end + 1
            if line.isEmpty {
                if self.hasData { found.append(self.item) }
                self.item = Item()
                self.hasData = false
            } else {
                self.take(line)
            }
        }
        self.pending.removeFirst(start)
        return found
    }

    private mutating func take(_ line: String) {
        let name = line.prefix { $0 != ":" }
        var value = line.dropFirst(name.count + 1)
        if value.hasPrefix(" ") { value = value.dropFirst() }
        switch name {
        case "event": self.item.name = String(value)
        case "id": self.item.id = String(value)
        case "data":
            self.item.data += (self.hasData ? "\n" : "") + value
            self.hasData = true
        default: break
        }
    }
}
