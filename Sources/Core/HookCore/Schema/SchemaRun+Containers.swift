// SPDX-License-Identifier: Apache-2.0

extension SchemaRun {
    // MARK: Objects

    mutating func checkObject(
        _ number: Int32, _ place: UnsafePointer<SchemaObjectRules>, _ at: Int, _ watch: Int
    ) -> Bool {
        let rules = unsafe place.pointee
        let object = unsafe self.tape[at]
        var isValid = true
        if Int(object.count) < Int(rules.minProperties) {
            isValid = false
            if self.fail(number, "minProperties", at, "has fewer than \(rules.minProperties) members") { return false }
        }
        if Int(object.count) > Int(rules.maxProperties) {
            isValid = false
            if self.fail(number, "maxProperties", at, "has more than \(rules.maxProperties) members") { return false }
        }
        var found: Int32 = 0
        var key = at + 1
        var member = 0
        let end = Int(object.next)
        while key < end {
            if unsafe !self.checkMember(number, place, key, &found, member, watch) {
                isValid = false
                if !self.goesOn { return false }
            }
            key = unsafe Int(self.tape[key + 1].next)
            member += 1
        }
        if found < rules.required {
            isValid = false
            if !self.goesOn { return false }
            self.explainMissing(number, rules, at)
        }
        if rules.dependents.count > 0, isValid || self.goesOn, !self.checkDependents(number, rules, at, watch) {
            isValid = false
        }
        return isValid
    }

    private mutating func checkMember(
        _ number: Int32, _ rules: UnsafePointer<SchemaObjectRules>, _ key: Int, _ found: inout Int32, _ member: Int,
        _ watch: Int
    ) -> Bool {
        let node = unsafe self.tape[key]
        if node.isEscaped {
            let bytes = self.document.stringBytes(of: key)
            return unsafe bytes.withUnsafeBufferPointer {
                unsafe self.checkMember(number, rules, key, $0, &found, member, watch)
            }
        }
        let inner = unsafe UnsafeBufferPointer(
            start: self.text + Int(node.start) + 1, count: Int(node.end) - Int(node.start) - 2)
        return unsafe self.checkMember(number, rules, key, inner, &found, member, watch)
    }

    @inline(__always)
    private mutating func checkMember(
        _ number: Int32, _ place: UnsafePointer<SchemaObjectRules>, _ key: Int, _ bytes: UnsafeBufferPointer<UInt8>,
        _ found: inout Int32, _ member: Int, _ watch: Int
    ) -> Bool {
        let rules = unsafe place.pointee
        var isValid = true
        var isDeclared = false
        // An empty buffer has an address of its own, since a string has quotes around it; an empty array may have none.
        let entry = unsafe self.slot(rules.properties, bytes.baseAddress ?? self.text, bytes.count)
        if entry >= 0 {
            let slot = self.tables.slots[entry]
            if slot.isRequired { found += 1 }
            if slot.schema >= 0 {
                isDeclared = true
                if !self.check(slot.schema, key + 1, -1) {
                    isValid = false
                    if !self.goesOn { return false }
                }
            }
        }
        if rules.patterns.count > 0 {
            guard unsafe self.checkPatterns(number, rules, key, bytes, &isDeclared) else { return false }
        }
        if !isDeclared, rules.additional >= 0 {
            isDeclared = true
            if rules.additional == SchemaNode.never || !self.passes(rules.additional, key + 1) {
                isValid = false
                if self.isNever(rules.additional) {
                    if self.fail(number, "additionalProperties", key + 1, "is a member that the schema does not have") {
                        return false
                    }
                } else if !self.goesOn {
                    return false
                }
            }
        }
        if isDeclared, watch >= 0 { self.watched[watch][member] = true }
        if rules.names >= 0, !self.check(rules.names, key, -1) { isValid = false }
        return isValid
    }

    /// Like ``check(_:_:_:)``, but a schema that lets nothing through is left to the caller to word.
    private mutating func passes(_ schema: Int32, _ at: Int) -> Bool {
        self.isNever(schema) ? false : self.check(schema, at, -1)
    }

    private func isNever(_ schema: Int32) -> Bool { self.tables.nodes[Int(schema)].kinds == 0 }

    private mutating func checkPatterns(
        _ number: Int32, _ rules: SchemaObjectRules, _ key: Int, _ bytes: UnsafeBufferPointer<UInt8>,
        _ isDeclared: inout Bool
    ) -> Bool {
        var isValid = true
        let list = rules.patterns
        for item in stride(from: Int(list.first), to: Int(list.first + list.count), by: 2) {
            let pattern = self.program.patterns[Int(self.tables.lists[item])]
            guard let matches = unsafe pattern.matches(bytes, steps: &self.steps) else {
                _ = self.fail(number, "patternProperties", key, "costs more to check than an event may cost")
                return false
            }
            guard matches else { continue }
            isDeclared = true
            if !self.check(self.tables.lists[item + 1], key + 1, -1) {
                isValid = false
                if !self.goesOn { return false }
            }
        }
        return isValid
    }

    private mutating func explainMissing(_ number: Int32, _ rules: SchemaObjectRules, _ at: Int) {
        let first = Int(rules.properties.first)
        var missing: [[UInt8]] = []
        for place in first...(first + Int(rules.properties.mask)) {
            let slot = self.tables.slots[place]
            guard slot.isRequired else { continue }
            let key = (slot.start..<slot.start + slot.length).map { self.tables.keys[$0] }
            if self.document.member(key, of: at) == nil { missing.append(key) }
        }
        for key in missing.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let stops = self.fail(number, "required", at, "lacks \"\(String(decoding: key, as: UTF8.self))\"")
            if stops { return }
        }
    }

    private mutating func checkDependents(
        _ number: Int32, _ rules: SchemaObjectRules, _ at: Int, _ watch: Int
    ) -> Bool {
        var isValid = true
        let list = rules.dependents
        for item in stride(from: Int(list.first), to: Int(list.first + list.count), by: 3) {
            let key = self.program.constants.stringBytes(of: Int(self.tables.lists[item]))
            guard self.document.member(key, of: at) != nil else { continue }
            let schema = self.tables.lists[item + 1]
            if schema >= 0 {
                if !self.check(schema, at, watch) { isValid = false }
            } else {
                let needed = self.program.constants.stringBytes(of: Int(self.tables.lists[item + 2]))
                if self.document.member(needed, of: at) == nil {
                    isValid = false
                    _ = self.fail(
                        number, "dependentRequired", at,
                        "has \"\(String(decoding: key, as: UTF8.self))\", and so needs \"\(String(decoding: needed, as: UTF8.self))\""
                    )
                }
            }
            if !isValid, !self.goesOn { return false }
        }
        return isValid
    }

    // MARK: Arrays

    mutating func checkArray(
        _ number: Int32, _ place: UnsafePointer<SchemaArrayRules>, _ at: Int, _ watch: Int
    ) -> Bool {
        let rules = unsafe place.pointee
        let array = unsafe self.tape[at]
        var isValid = true
        if Int(array.count) < Int(rules.minItems) {
            isValid = false
            if self.fail(number, "minItems", at, "has fewer than \(rules.minItems) elements") { return false }
        }
        if Int(array.count) > Int(rules.maxItems) {
            isValid = false
            if self.fail(number, "maxItems", at, "has more than \(rules.maxItems) elements") { return false }
        }
        if rules.prefix.count > 0 || rules.items >= 0, !self.checkItems(rules, at, watch) {
            isValid = false
            if !self.goesOn { return false }
        }
        if rules.contains >= 0, !self.checkContains(number, rules, at, watch) {
            isValid = false
            if !self.goesOn { return false }
        }
        if rules.isUnique, let twin = JSONEquality.repeated(self.document, at, steps: &self.steps) {
            isValid = false
            _ = self.fail(number, "uniqueItems", twin, "stands in the list twice")
        }
        return isValid
    }

    private mutating func checkItems(_ rules: SchemaArrayRules, _ at: Int, _ watch: Int) -> Bool {
        var isValid = true
        var item = at + 1
        var place = 0
        let end = unsafe Int(self.tape[at].next)
        while item < end {
            let schema =
                place < Int(rules.prefix.count) ? self.tables.lists[Int(rules.prefix.first) + place] : rules.items
            if schema < 0 { break }
            if watch >= 0 { self.watched[watch][place] = true }
            if !self.check(schema, item, -1) {
                isValid = false
                if !self.goesOn { return false }
            }
            item = unsafe Int(self.tape[item].next)
            place += 1
        }
        return isValid
    }

    private mutating func checkContains(
        _ number: Int32, _ rules: SchemaArrayRules, _ at: Int, _ watch: Int
    ) -> Bool {
        var count = 0
        var item = at + 1
        var place = 0
        let end = unsafe Int(self.tape[at].next)
        while item < end {
            if self.tries(rules.contains, item, -1) {
                count += 1
                if watch >= 0 { self.watched[watch][place] = true }
            }
            item = unsafe Int(self.tape[item].next)
            place += 1
        }
        if count < Int(rules.minContains) {
            let keyword = rules.minContains == 1 ? "contains" : "minContains"
            _ = self.fail(number, keyword, at, "has \(count) of at least \(rules.minContains) elements that are wanted")
            return false
        }
        if count > Int(rules.maxContains) {
            _ = self.fail(number, "maxContains", at, "has \(count) of at most \(rules.maxContains) such elements")
            return false
        }
        return true
    }

    // MARK: What nothing has judged

    mutating func checkUnevaluated(
        _ number: Int32, _ node: SchemaNode, _ kind: JSONKind, _ at: Int, _ watch: Int
    ) -> Bool {
        let schema: Int32
        switch kind {
        case .object: schema = node.object >= 0 ? self.tables.objects[Int(node.object)].unevaluated : -1
        case .array: schema = node.array >= 0 ? self.tables.arrays[Int(node.array)].unevaluated : -1
        default: schema = -1
        }
        guard schema >= 0 else { return true }
        var isValid = true
        for (place, child) in self.document.children(of: at).enumerated() where !self.watched[watch][place] {
            self.watched[watch][place] = true
            if self.passes(schema, child) { continue }
            isValid = false
            let keyword = kind == .object ? "unevaluatedProperties" : "unevaluatedItems"
            if self.isNever(schema) {
                _ = self.fail(number, keyword, child, "is a part that the schema does not have")
            }
            if !self.goesOn { return false }
        }
        return isValid
    }
}
