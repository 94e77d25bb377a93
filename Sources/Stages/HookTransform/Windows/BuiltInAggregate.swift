// SPDX-License-Identifier: Apache-2.0
// What `with:` makes of a window, without Lua.
import HookCore

enum BuiltInAggregate {
    /// The data of the event that the members become, as JSON.
    static func body(_ function: AggregateSpec.Function, _ batch: WindowBatch) -> [UInt8] {
        switch function {
        case .script: []
        case .last: batch.members.last?.payload ?? Array("null".utf8)
        case .collect: self.collected(batch)
        case .count: self.object(batch, [])
        case .sum(let paths): self.object(batch, self.sums(paths, batch))
        }
    }

    private static func collected(_ batch: WindowBatch) -> [UInt8] {
        var items: [UInt8] = [UInt8(ascii: "[")]
        for (place, member) in batch.members.enumerated() {
            if place > 0 { items.append(UInt8(ascii: ",")) }
            items.append(contentsOf: member.payload ?? Array("null".utf8))
        }
        items.append(UInt8(ascii: "]"))
        return self.object(batch, Array(",\"items\":".utf8) + items)
    }

    private static func object(_ batch: WindowBatch, _ rest: [UInt8]) -> [UInt8] {
        Array("{\"key\":".utf8) + batch.key + Array(",\"count\":\(batch.members.count)".utf8) + rest + [
            UInt8(ascii: "}")
        ]
    }

    private static func sums(_ paths: [FieldPath], _ batch: WindowBatch) -> [UInt8] {
        var sums = paths.map { _ in DecimalSum() }
        for member in batch.members {
            // What was accepted as JSON is JSON; without data there is nothing to add.
            guard let payload = member.payload,
                let document = try? JSONDocument(
                    parsing: payload, limits: JSONLimits(depthMax: 128, duplicateKeys: .last))
            else { continue }
            for (place, path) in paths.enumerated() {
                guard path.root == .data, let node = document.find(path.keys), document.nodes[node].kind == .number
                else { continue }
                sums[place].add(document.text(of: node))
            }
        }
        if sums.count == 1 { return Array(",\"sum\":\(sums[0].text)".utf8) }
        let members = zip(paths, sums).map { JSONValue.Member($0.description, .number($1.text)) }
        return Array(",\"sum\":".utf8) + JSONValue.object(members).encoded()
    }
}

/// Adds decimal numbers exactly: 0.1 and 0.2 are 0.3. Beyond 38 digits, or for exponents far apart, the nearest double.
struct DecimalSum {
    /// The sum is `units * 10^-scale`.
    private var units: Int128 = 0
    private var scale = 0
    private var inexact: Double?

    mutating func add(_ text: ArraySlice<UInt8>) {
        if let inexact {
            self.inexact = inexact + Self.double(text)
            return
        }
        guard let (digits, scale) = Self.parts(text), self.rescale(to: max(scale, self.scale)),
            let raised = Self.raised(digits, by: self.scale - scale)
        else {
            self.inexact = (Double(self.text) ?? 0) + Self.double(text)
            return
        }
        let (sum, overflow) = self.units.addingReportingOverflow(raised)
        if overflow {
            self.inexact = (Double(self.text) ?? 0) + Self.double(text)
        } else {
            self.units = sum
        }
    }

    /// A JSON number. Trailing zeros of a fraction are left out.
    var text: String {
        if let inexact { return inexact.isFinite ? "\(inexact)" : "0" }
        var (units, scale) = (self.units, self.scale)
        while scale > 0, units % 10 == 0 { (units, scale) = (units / 10, scale - 1) }
        let digits = String(units.magnitude)
        let sign = units < 0 ? "-" : ""
        if scale == 0 { return sign + digits }
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }

    private mutating func rescale(to scale: Int) -> Bool {
        guard let raised = Self.raised(self.units, by: scale - self.scale) else { return false }
        (self.units, self.scale) = (raised, scale)
        return true
    }

    private static func raised(_ value: Int128, by exponent: Int) -> Int128? {
        guard exponent <= 38 else { return value == 0 ? 0 : nil }
        var value = value
        for _ in 0..<max(0, exponent) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
        }
        return value
    }

    private static func double(_ text: ArraySlice<UInt8>) -> Double {
        Double(String(decoding: text, as: UTF8.self)) ?? 0
    }

    /// Digits and how many of them stand behind the point.
    private static func parts(_ text: ArraySlice<UInt8>) -> (digits: Int128, scale: Int)? {
        let parts = text.split(whereSeparator: { $0 | 0x20 == UInt8(ascii: "e") })
        guard let mantissa = parts.first else { return nil }
        let exponent = parts.count > 1 ? Int(String(decoding: parts[1], as: UTF8.self)) : 0
        guard let exponent, abs(exponent) <= 60 else { return nil }
        let point = mantissa.firstIndex(of: UInt8(ascii: "."))
        let fraction = point.map { mantissa.endIndex - $0 - 1 } ?? 0
        guard let digits = Int128(String(decoding: mantissa.filter { $0 != UInt8(ascii: ".") }, as: UTF8.self)) else {
            return nil
        }
        let scale = fraction - exponent
        if scale >= 0 { return scale <= 60 ? (digits, scale) : nil }
        return self.raised(digits, by: -scale).map { ($0, 0) }
    }
}
