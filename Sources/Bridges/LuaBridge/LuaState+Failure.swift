// SPDX-License-Identifier: Apache-2.0

internal import CLuaTrampoline

extension LuaState {
    /// The failure that the C side kept, with the place taken out of the message.
    func failure(_ status: Int32, chunk: String? = nil) -> LuaFailure {
        let kind: LuaFailure.Kind =
            switch Int(status) {
            case HS_SYNTAX: .syntax
            case HS_STEPS: .steps
            case HS_MEMORY: .memory
            case HS_WALL: .wall
            case HS_RESULT: .result
            default: .runtime
            }
        let frames = self.frames()
        let message = self.message()
        if kind == .syntax {
            let (line, text) = Self.split(message)
            return LuaFailure(kind, text, place: line.map { LuaFailure.Place(chunk: chunk ?? "?", line: $0) })
        }
        guard kind == .runtime || kind == .result, let first = frames.first else {
            let place = frames.first.map { LuaFailure.Place(chunk: $0.chunk, line: $0.line) }
            return LuaFailure(kind, message, place: place, traceback: frames)
        }
        // The position in the message (error's level 2) may be another frame than the innermost one.
        let (line, text) = Self.split(message)
        let frame = frames.first { $0.line == line } ?? first
        return LuaFailure(
            kind, frame.line == line ? text : message, place: LuaFailure.Place(chunk: frame.chunk, line: frame.line),
            traceback: frames)
    }

    private func message() -> String {
        var count = 0
        guard let start = unsafe hs_message(self.pointer, &count) else { return "" }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    private func frames() -> [LuaFailure.Frame] {
        var frames: [LuaFailure.Frame] = []
        let count = unsafe hs_frame_count(self.pointer)
        for n in 0..<count {
            guard let frame = unsafe hs_frame_at(self.pointer, n) else { continue }
            frames.append(
                LuaFailure.Frame(
                    chunk: unsafe String(cString: hs_frame_chunk(frame)), line: Int(unsafe frame.pointee.line),
                    function: unsafe String(cString: hs_frame_function(frame))))
        }
        return frames
    }

    /// Takes `path:12: ` off the front of a message.
    private static func split(_ message: String) -> (line: Int?, text: String) {
        let bytes = message.utf8
        var from = bytes.startIndex
        while let colon = bytes[from...].firstIndex(of: UInt8(ascii: ":")) {
            let after = bytes.index(after: colon)
            let digits = bytes[after...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            let rest = bytes[digits.endIndex...]
            if !digits.isEmpty, rest.starts(with: ": ".utf8), let line = Int(Substring(digits)) {
                return (line, String(Substring(rest.dropFirst(2))))
            }
            from = after
        }
        return (nil, message)
    }
}
