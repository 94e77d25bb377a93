// SPDX-License-Identifier: Apache-2.0
// What each keyword adds to the tables. A keyword with a value that it cannot have is a failure at its place; a keyword
// that is not known says nothing, as the standard has it.

extension SchemaCompiler {
    // MARK: Types

    mutating func addTypes(_ keywords: inout SchemaKeywords, _ dialect: SchemaDialect, to node: inout SchemaNode) {
        guard dialect.hasValidation, let value = keywords.take("type") else { return }
        let place = keywords.place.below("type", value)
        let names = value.stringValue.map { [$0] } ?? value.arrayValue?.compactMap(\.stringValue) ?? []
        guard !names.isEmpty, names.count == (value.arrayValue?.count ?? 1) else {
            self.library.fail(place, "type wants the name of a type, or a list of such", hint: Self.typeNames)
            return
        }
        var kinds: UInt8 = 0
        var hasNumber = false
        for name in names {
            guard let bits = Self.kinds(name) else {
                let near = NearestName.to(name, among: Self.types)
                self.library.fail(
                    place, "\"\(name)\" is no type", hint: near.map { "did you mean \"\($0)\"?" } ?? Self.typeNames)
                continue
            }
            kinds |= bits
            if name == "number" { hasNumber = true }
        }
        node.kinds = kinds
        node.isWhole = !hasNumber && names.contains("integer")
    }

    private static let types = ["null", "boolean", "integer", "number", "string", "array", "object"]
    private static var typeNames: String { "types are \(Self.types.joined(separator: ", "))" }

    private static func kinds(_ name: String) -> UInt8? {
        func bit(_ kind: JSONKind) -> UInt8 { 1 << kind.rawValue }
        switch name {
        case "null": return bit(.null)
        case "boolean": return bit(.true) | bit(.false)
        case "integer", "number": return bit(.number)
        case "string": return bit(.string)
        case "array": return bit(.array)
        case "object": return bit(.object)
        default: return nil
        }
    }

    // MARK: Numbers

    mutating func addNumbers(_ keywords: inout SchemaKeywords, _ dialect: SchemaDialect, to node: inout SchemaNode) {
        guard dialect.hasValidation else { return }
        var rules = SchemaNumberRules()
        var isUsed = false
        func bound(_ name: String, _ compiler: inout SchemaCompiler) -> Int32 {
            guard let value = keywords.take(name) else { return -1 }
            guard case .number = value else {
                compiler.library.fail(keywords.place.below(name, value), "\(name) wants a number")
                return -1
            }
            isUsed = true
            return compiler.constant(value)
        }
        rules.minimum = bound("minimum", &self)
        rules.exclusiveMinimum = bound("exclusiveMinimum", &self)
        rules.maximum = bound("maximum", &self)
        rules.exclusiveMaximum = bound("exclusiveMaximum", &self)
        if let value = keywords.take("multipleOf") {
            if let (significand, scale) = Self.divisor(value) {
                (rules.divisor, rules.divisorScale) = (significand, scale)
                isUsed = true
            } else {
                self.library.fail(
                    keywords.place.below("multipleOf", value), "multipleOf wants a number above 0, of at most 18 digits"
                )
            }
        }
        guard isUsed else { return }
        node.number = Int32(self.draft.numbers.count)
        self.draft.numbers.append(rules)
    }

    private static func divisor(_ value: JSONValue) -> (UInt64, Int)? {
        guard case .number(let text) = value else { return nil }
        return unsafe Array(text.utf8).withUnsafeBufferPointer { bytes -> (UInt64, Int)? in
            guard let base = bytes.baseAddress else { return nil }
            let number = unsafe DecimalText(base, 0, bytes.count)
            guard !number.isZero, !number.isNegative, let significand = number.significand else { return nil }
            return (significand, number.scale)
        }
    }

    /// A keyword that counts; nil where it is not there.
    mutating func count(_ keywords: inout SchemaKeywords, _ name: String) -> Int32? {
        guard let value = keywords.take(name) else { return nil }
        if case .number(let text) = value, case .integer(let number) = JSONNumber(text: Array(text.utf8)[...]),
            number >= 0
        {
            return Int32(min(number, Int64(Int32.max)))
        }
        self.library.fail(keywords.place.below(name, value), "\(name) wants a whole number, 0 or above")
        return nil
    }

    // MARK: Texts

    mutating func addStrings(_ keywords: inout SchemaKeywords, _ dialect: SchemaDialect, to node: inout SchemaNode) {
        var rules = SchemaStringRules()
        var isUsed = false
        if dialect.hasValidation {
            if let low = self.count(&keywords, "minLength") { (rules.minLength, isUsed) = (low, true) }
            if let high = self.count(&keywords, "maxLength") { (rules.maxLength, isUsed) = (high, true) }
            if let text = self.text(&keywords, "pattern") {
                rules.pattern = self.pattern(text, at: keywords.place.below("pattern", .null))
                isUsed = true
            }
        }
        if dialect.assertsFormats, let format = keywords.take("format")?.stringValue.flatMap(SchemaFormat.init) {
            rules.format = format
            isUsed = true
        }
        guard isUsed else { return }
        node.string = Int32(self.draft.strings.count)
        self.draft.strings.append(rules)
    }

    // MARK: Arrays

    mutating func addArrays(_ keywords: inout SchemaKeywords, _ dialect: SchemaDialect, to node: inout SchemaNode) {
        var rules = SchemaArrayRules()
        if dialect.hasValidation {
            rules.minItems = self.count(&keywords, "minItems") ?? 0
            rules.maxItems = self.count(&keywords, "maxItems") ?? .max
            if let value = keywords.take("uniqueItems") {
                if case .bool(let isUnique) = value {
                    rules.isUnique = isUnique
                } else {
                    self.library.fail(keywords.place.below("uniqueItems", value), "uniqueItems wants true or false")
                }
            }
        }
        if dialect.hasApplicators {
            if dialect.draft == .draft7, let items = keywords.take("items"), case .array(let schemas) = items {
                let place = keywords.place.below("items", items)
                rules.prefix = self.list(
                    schemas.enumerated().map { self.number(of: place.below("\($0.offset)", $0.element)) })
                rules.items = self.schema(&keywords, "additionalItems")
            } else {
                if dialect.draft == .draft2020 { rules.prefix = self.schemas(&keywords, "prefixItems") }
                if let items = keywords.take("items"), case .array = items {
                    self.library.fail(
                        keywords.place.below("items", items), "items is one schema in draft 2020-12",
                        hint: "prefixItems takes a list")
                } else {
                    rules.items = self.schema(&keywords, "items")
                }
            }
            rules.contains = self.schema(&keywords, "contains")
        }
        if dialect.draft == .draft2020, dialect.hasValidation {
            rules.minContains = self.count(&keywords, "minContains") ?? 1
            rules.maxContains = self.count(&keywords, "maxContains") ?? .max
        }
        if dialect.draft == .draft2020, dialect.hasUnevaluated {
            rules.unevaluated = self.schema(&keywords, "unevaluatedItems")
        }
        if rules.unevaluated >= 0 { node.isWatching = true }
        guard
            rules.minItems > 0 || rules.maxItems < .max || rules.isUnique || rules.prefix.count > 0 || rules.items >= 0
                || rules.contains >= 0 || rules.unevaluated >= 0
        else { return }
        node.array = Int32(self.draft.arrays.count)
        self.draft.arrays.append(rules)
    }

    // MARK: Logic

    mutating func addLogic(
        _ keywords: inout SchemaKeywords, _ dialect: SchemaDialect, to node: inout SchemaNode, _ number: Int32
    ) {
        var rules = SchemaLogicRules()
        rules.reference = self.reference(&keywords)
        if dialect.draft == .draft2020 { self.dynamicReference(&keywords, &rules) }
        if dialect.hasApplicators {
            rules.all = self.schemas(&keywords, "allOf")
            rules.any = self.schemas(&keywords, "anyOf")
            rules.one = self.schemas(&keywords, "oneOf")
            rules.not = self.schema(&keywords, "not")
            rules.condition = self.schema(&keywords, "if")
            if rules.condition >= 0 {
                rules.then = self.schema(&keywords, "then")
                rules.otherwise = self.schema(&keywords, "else")
            }
        }
        if dialect.hasValidation { self.addValues(&keywords, to: &rules) }
        let lists = [rules.all, rules.any, rules.one].flatMap {
            self.draft.lists[Int($0.first)..<Int($0.first + $0.count)]
        }
        let alone = [
            rules.reference, rules.dynamicDefault, rules.not, rules.condition, rules.then, rules.otherwise,
        ]
        for inner in lists + alone { self.stand(inner, alongside: number) }
        guard !lists.isEmpty || alone.contains(where: { $0 >= 0 }) || rules.hasValues else { return }
        node.logic = Int32(self.draft.logics.count)
        self.draft.logics.append(rules)
    }

    private mutating func addValues(_ keywords: inout SchemaKeywords, to rules: inout SchemaLogicRules) {
        var values: [JSONValue]?
        if let value = keywords.take("enum") {
            if let list = value.arrayValue {
                values = list
            } else {
                self.library.fail(keywords.place.below("enum", value), "enum wants a list of values")
            }
        }
        if let value = keywords.take("const") {
            // Beside an enum only what both allow is left.
            values = values.map { $0.contains(value) ? [value] : [] } ?? [value]
        }
        guard let values else { return }
        rules.hasValues = true
        rules.values = self.list(values.map { self.constant($0) })
        let texts = values.compactMap(\.stringValue)
        if texts.count >= 4 { rules.texts = self.keys(texts.map { ($0, SchemaNode.none, false) }) }
    }
}
