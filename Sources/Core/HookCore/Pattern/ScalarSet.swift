// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A set of Unicode scalars as ascending ranges that neither overlap nor touch.
struct ScalarSet: Hashable {
    static let last: UInt32 = 0x10FFFF

    private(set) var ranges: [ClosedRange<UInt32>]

    init(_ ranges: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let end = merged.last, range.lowerBound <= end.upperBound || range.lowerBound == end.upperBound + 1 {
                merged[merged.count - 1] = end.lowerBound...max(end.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    init(_ scalar: UInt32) { self.ranges = [scalar...scalar] }

    var inverted: ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in self.ranges {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= Self.last { result.append(next...Self.last) }
        return ScalarSet(result)
    }

    func contains(_ scalar: UInt32) -> Bool { self.ranges.contains { $0.contains(scalar) } }

    /// ECMA-262, section 22.2.2.9: digits, word characters and white space of the escapes.
    static let digits = ScalarSet([0x30...0x39])
    static let words = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let spaces = ScalarSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    static let lineEnds = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
    static let everything = ScalarSet([0...ScalarSet.last])
}

/// The general categories of Unicode by their short and long names (UAX #44, section 5.7.1).
enum ScalarCategories {
    /// The set behind `\p{name}`; nil where the name is none that is known.
    static func set(named text: String) -> ScalarSet? {
        var name = text
        for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
        }
        switch name {
        case "Any": return .everything
        case "ASCII": return ScalarSet([0...0x7F])
        default: break
        }
        let wanted = Self.names.enumerated().filter { _, names in
            names.short == name || names.long == name
                || Self.groups[name]?.contains(where: names.short.hasPrefix) == true
        }.map { UInt8($0.offset) }
        guard !wanted.isEmpty else { return nil }
        return Self.cache.withLock { cache in
            if let known = cache[wanted] { return known }
            let made = Self.make(Set(wanted))
            cache[wanted] = made
            return made
        }
    }

    private static let cache = Mutex<[[UInt8]: ScalarSet]>([:])

    private static func make(_ wanted: Set<UInt8>) -> ScalarSet {
        var ranges: [ClosedRange<UInt32>] = []
        var start: UInt32?
        for (value, category) in Self.table.enumerated() {
            let isIn = wanted.contains(category)
            if isIn, start == nil { start = UInt32(value) }
            if !isIn, let first = start {
                ranges.append(first...UInt32(value) - 1)
                start = nil
            }
        }
        if let start { ranges.append(start...ScalarSet.last) }
        return ScalarSet(ranges)
    }

    /// The category of each scalar; a megabyte that is only made where a pattern asks for a category.
    private static let table: [UInt8] = (0...ScalarSet.last).map { value in
        let category = Unicode.Scalar(value)?.properties.generalCategory ?? .surrogate
        return UInt8(Self.order.firstIndex(of: category) ?? Self.order.count)
    }

    private static let groups: [String: [String]] = [
        "L": ["L"], "Letter": ["L"], "LC": ["Lu", "Ll", "Lt"], "Cased_Letter": ["Lu", "Ll", "Lt"],
        "M": ["M"], "Mark": ["M"], "Combining_Mark": ["M"], "N": ["N"], "Number": ["N"], "P": ["P"],
        "Punctuation": ["P"], "S": ["S"], "Symbol": ["S"], "Z": ["Z"], "Separator": ["Z"], "C": ["C"], "Other": ["C"],
        "digit": ["Nd"], "punct": ["P"],
    ]

    private static let order: [Unicode.GeneralCategory] = [
        .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
        .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
        .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
        .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator,
        .lineSeparator, .paragraphSeparator, .control, .format, .surrogate, .privateUse, .unassigned,
    ]

    private static let names: [(short: String, long: String)] = [
        ("Lu", "Uppercase_Letter"), ("Ll", "Lowercase_Letter"), ("Lt", "Titlecase_Letter"), ("Lm", "Modifier_Letter"),
        ("Lo", "Other_Letter"), ("Mn", "Nonspacing_Mark"), ("Mc", "Spacing_Mark"), ("Me", "Enclosing_Mark"),
        ("Nd", "Decimal_Number"), ("Nl", "Letter_Number"), ("No", "Other_Number"), ("Pc", "Connector_Punctuation"),
        ("Pd", "Dash_Punctuation"), ("Ps", "Open_Punctuation"), ("Pe", "Close_Punctuation"),
        ("Pi", "Initial_Punctuation"), ("Pf", "Final_Punctuation"), ("Po", "Other_Punctuation"), ("Sm", "Math_Symbol"),
        ("Sc", "Currency_Symbol"), ("Sk", "Modifier_Symbol"), ("So", "Other_Symbol"), ("Zs", "Space_Separator"),
        ("Zl", "Line_Separator"), ("Zp", "Paragraph_Separator"), ("Cc", "Control"), ("Cf", "Format"),
        ("Cs", "Surrogate"), ("Co", "Private_Use"), ("Cn", "Unassigned"),
    ]
}
