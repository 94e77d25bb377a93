// SPDX-License-Identifier: Apache-2.0

extension SchemaRun {
    /// A number as whole as `1.0` and `1e2` are.
    func isWhole(_ node: JSONNode) -> Bool {
        for at in Int(node.start)..<Int(node.end) {
            switch unsafe self.text[at] {
            case 0x30...0x39, UInt8(ascii: "-"): continue
            default: return unsafe DecimalText(self.text, Int(node.start), Int(node.end)).isInteger
            }
        }
        return true
    }

    mutating func checkNumber(_ number: Int32, _ node: UnsafePointer<SchemaNode>, _ at: Int) -> Bool {
        let text = unsafe self.tape[at]
        let place = unsafe node.pointee.number
        if let value = self.plain(text) {
            if place < 0 { return true }
            let rules = unsafe self.tables.numbers.address(of: place)
            if unsafe rules.pointee.isPlain {
                if unsafe value >= rules.pointee.low && value <= rules.pointee.high { return true }
                // Which bound it was is for the exact way to say.
                if !self.goesOn { return false }
            }
        } else if unsafe node.pointee.isWhole, !self.isWhole(text) {
            _ = self.fail(number, "type", at, "is not a whole number")
            return false
        }
        return place < 0 || self.checkExactly(number, self.tables.numbers[place], at)
    }

    /// A whole number of at most 18 digits.
    @inline(__always)
    private func plain(_ node: JSONNode) -> Int64? {
        var at = Int(node.start)
        let end = Int(node.end)
        guard end - at <= 18 else { return nil }
        let isNegative = unsafe self.text[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var value: Int64 = 0
        while at < end {
            let digit = unsafe self.text[at] &- 0x30
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(digit)
            at += 1
        }
        return isNegative ? -value : value
    }

    private mutating func checkExactly(_ number: Int32, _ rules: SchemaNumberRules, _ at: Int) -> Bool {
        let node = unsafe self.tape[at]
        let value = unsafe DecimalText(self.text, Int(node.start), Int(node.end))
        var isValid = true
        if rules.minimum >= 0, self.order(value, rules.minimum) < 0 {
            isValid = false
            if self.failBound(number, "minimum", at, "must be at least", rules.minimum) { return false }
        }
        if rules.exclusiveMinimum >= 0, self.order(value, rules.exclusiveMinimum) <= 0 {
            isValid = false
            if self.failBound(number, "exclusiveMinimum", at, "must be above", rules.exclusiveMinimum) { return false }
        }
        if rules.maximum >= 0, self.order(value, rules.maximum) > 0 {
            isValid = false
            if self.failBound(number, "maximum", at, "must be at most", rules.maximum) { return false }
        }
        if rules.exclusiveMaximum >= 0, self.order(value, rules.exclusiveMaximum) >= 0 {
            isValid = false
            if self.failBound(number, "exclusiveMaximum", at, "must be below", rules.exclusiveMaximum) { return false }
        }
        if rules.divisor > 0, !value.isMultiple(of: rules.divisor, scale: rules.divisorScale) {
            isValid = false
            if self.fail(number, "multipleOf", at, "is no multiple of what the schema says") { return false }
        }
        return isValid
    }

    private mutating func failBound(
        _ number: Int32, _ keyword: String, _ at: Int, _ words: String, _ bound: Int32
    ) -> Bool {
        guard self.goesOn else { return true }
        let text = String(decoding: self.program.constants.text(of: Int(bound)), as: UTF8.self)
        return self.fail(number, keyword, at, "\(words) \(text)")
    }

    private func order(_ value: DecimalText, _ place: Int32) -> Int {
        let constant = self.tables.constants[place]
        let other = unsafe DecimalText(self.tables.constantText.address(of: 0), Int(constant.start), Int(constant.end))
        return value.compared(to: other)
    }

    // MARK: Texts

    mutating func checkString(_ number: Int32, _ place: UnsafePointer<SchemaStringRules>, _ at: Int) -> Bool {
        let rules = unsafe place.pointee
        let node = unsafe self.tape[at]
        if node.isEscaped {
            let bytes = self.document.stringBytes(of: at)
            return unsafe bytes.withUnsafeBufferPointer { unsafe self.checkString(number, rules, at, $0) }
        }
        let inner = unsafe UnsafeBufferPointer(
            start: self.text + Int(node.start) + 1, count: Int(node.end) - Int(node.start) - 2)
        return unsafe self.checkString(number, rules, at, inner)
    }

    private mutating func checkString(
        _ number: Int32, _ rules: SchemaStringRules, _ at: Int, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        var isValid = true
        if rules.minLength > 0 || rules.maxLength < .max {
            // A character has one to four bytes: mostly the bytes alone decide.
            if bytes.count > Int(rules.maxLength) || bytes.count < Int(rules.minLength) * 4 {
                let length = unsafe bytes.reduce(into: 0) { if $1 & 0xC0 != 0x80 { $0 += 1 } }
                if length < Int(rules.minLength) {
                    isValid = false
                    if self.fail(number, "minLength", at, "is shorter than \(rules.minLength) characters") {
                        return false
                    }
                }
                if length > Int(rules.maxLength) {
                    isValid = false
                    if self.fail(number, "maxLength", at, "is longer than \(rules.maxLength) characters") {
                        return false
                    }
                }
            }
        }
        if rules.pattern >= 0 {
            let pattern = self.program.patterns[Int(rules.pattern)]
            guard let matches = unsafe pattern.matches(bytes, steps: &self.steps) else {
                _ = self.fail(number, "pattern", at, "costs more to check than an event may cost")
                return false
            }
            if !matches {
                isValid = false
                if self.fail(number, "pattern", at, "does not match \(pattern.text)") { return false }
            }
        }
        if let format = rules.format, unsafe !format.holds(bytes) {
            isValid = false
            _ = self.fail(number, "format", at, "is no \(format.rawValue)")
        }
        return isValid
    }

    // MARK: Constants

    mutating func isAmong(_ rules: SchemaLogicRules, _ at: Int) -> Bool {
        let node = unsafe self.tape[at]
        if rules.texts.mask >= 0, node.kind == .string, !node.isEscaped {
            let start = Int(node.start) + 1
            return unsafe self.slot(rules.texts, self.text + start, Int(node.end) - 1 - start) >= 0
        }
        for item in Int(rules.values.first)..<Int(rules.values.first + rules.values.count) {
            self.steps -= 1
            let constant = Int(self.tables.lists[item])
            if JSONEquality.areEqual(self.document, at, self.program.constants, constant) { return true }
        }
        return false
    }

    func wanted(_ rules: SchemaLogicRules) -> String {
        let texts = self.items(rules.values).prefix(8).map {
            String(decoding: self.program.constants.text(of: Int($0)).prefix(80), as: UTF8.self)
        }
        let more = Int(rules.values.count) > texts.count ? ", …" : ""
        return texts.count == 1 ? "must be \(texts[0])" : "must be one of \(texts.joined(separator: ", "))\(more)"
    }

    // MARK: Keys

    /// The slot of a key; -1 where the table does not have it.
    @inline(__always)
    func slot(_ table: SchemaKeys, _ key: UnsafePointer<UInt8>, _ length: Int) -> Int {
        guard table.mask >= 0 else { return -1 }
        let mask = Int(table.mask)
        var at = unsafe length == 0 ? 0 : SchemaSlot.hash(length, key[0], key[length / 2], key[length - 1])
        while true {
            at &= mask
            let slot = self.tables.slots[Int(table.first) + at]
            if slot.start < 0 { return -1 }
            if Int(slot.length) == length,
                unsafe JSONBytes.areEqual(self.tables.keys.address(of: slot.start), key, length)
            {
                return Int(table.first) + at
            }
            at += 1
        }
    }
}
