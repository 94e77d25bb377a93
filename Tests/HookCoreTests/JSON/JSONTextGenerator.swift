// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Makes values and texts from a seed.
struct JSONTextGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { self.random = SeededGenerator(seed: seed) }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &self.random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self.random))
        case 2: return .number(self.number())
        case 3, 4: return .string(self.string())
        case 5, 6:
            let count = Int.random(in: 0..<6, using: &self.random)
            return .array((0..<count).map { _ in self.value(depth: depth - 1) })
        default:
            let count = Int.random(in: 0..<20, using: &self.random)
            // The number makes the keys differ.
            return .object((0..<count).map { .init("\(self.string())\($0)", self.value(depth: depth - 1)) })
        }
    }

    mutating func number() -> String {
        var text = Bool.random(using: &self.random) ? "-" : ""
        let isZero = Int.random(in: 0..<4, using: &self.random) == 0
        text += isZero ? "0" : "\(Int.random(in: 1..<10, using: &self.random))" + self.digits(0..<25)
        if Bool.random(using: &self.random) { text += "." + self.digits(1..<25) }
        if Bool.random(using: &self.random) {
            text += ["e", "E", "e+", "e-"].randomElement(using: &self.random) ?? "e"
            text += self.digits(1..<4)
        }
        return text
    }

    private mutating func digits(_ count: Range<Int>) -> String {
        (0..<Int.random(in: count, using: &self.random)).map { _ in "\(Int.random(in: 0..<10, using: &self.random))" }
            .joined()
    }

    mutating func string() -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<40, using: &self.random) {
            // Mostly plain, with the corners of UTF-8 and of escaping between.
            let ranges: [ClosedRange<UInt32>] = [
                0x61...0x7A, 0x61...0x7A, 0x61...0x7A, 0x20...0x7F, 0...0x1F, 0x22...0x22, 0x5C...0x5C, 0x80...0x7FF,
                0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF,
            ]
            let range = ranges[Int.random(in: 0..<ranges.count, using: &self.random)]
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &self.random)) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
