// SPDX-License-Identifier: Apache-2.0

extension SchemaCompiler {
    mutating func addObjects(
        _ keywords: inout SchemaKeywords, _ dialect: SchemaDialect, to node: inout SchemaNode, _ number: Int32
    ) {
        var rules = SchemaObjectRules()
        if dialect.hasValidation {
            rules.minProperties = self.count(&keywords, "minProperties") ?? 0
            rules.maxProperties = self.count(&keywords, "maxProperties") ?? .max
        }
        let required = dialect.hasValidation ? self.names(&keywords, "required") : []
        var properties: [(name: String, schema: Int32)] = []
        if dialect.hasApplicators {
            properties = self.map(&keywords, "properties")
            let patterns = self.map(&keywords, "patternProperties").flatMap { name, schema in
                [self.pattern(name, at: keywords.place.below("patternProperties", .null).below(name, .null)), schema]
            }
            rules.patterns = self.list(patterns)
            rules.additional = self.schema(&keywords, "additionalProperties")
            rules.names = self.schema(&keywords, "propertyNames")
        }
        self.addDependents(&keywords, dialect, to: &rules)
        for at in stride(
            from: Int(rules.dependents.first), to: Int(rules.dependents.first + rules.dependents.count), by: 3)
        {
            self.stand(self.draft.lists[at + 1], alongside: number)
        }
        if dialect.draft == .draft2020, dialect.hasUnevaluated {
            rules.unevaluated = self.schema(&keywords, "unevaluatedProperties")
        }
        if rules.unevaluated >= 0 { node.isWatching = true }
        let distinct = Set(required.map { Array($0.utf8) })
        var entries = properties.map { ($0.name, $0.schema, distinct.contains(Array($0.name.utf8))) }
        let declared = Set(properties.map { Array($0.name.utf8) })
        entries += distinct.subtracting(declared).map { (String(decoding: $0, as: UTF8.self), SchemaNode.none, true) }
        rules.properties = self.keys(entries)
        rules.required = Int32(distinct.count)
        guard
            !entries.isEmpty || rules.minProperties > 0 || rules.maxProperties < .max || rules.patterns.count > 0
                || rules.additional >= 0 || rules.names >= 0 || rules.unevaluated >= 0 || rules.dependents.count > 0
        else { return }
        node.object = Int32(self.draft.objects.count)
        self.draft.objects.append(rules)
    }

    private mutating func addDependents(
        _ keywords: inout SchemaKeywords, _ dialect: SchemaDialect, to rules: inout SchemaObjectRules
    ) {
        var triples: [Int32] = []
        if dialect.draft == .draft2020, dialect.hasApplicators {
            for (name, schema) in self.map(&keywords, "dependentSchemas") {
                triples += [self.constant(.string(name)), schema, -1]
            }
        }
        if dialect.draft == .draft2020, dialect.hasValidation {
            triples += self.dependentNames(&keywords, "dependentRequired", acceptsSchemas: false)
        }
        if dialect.hasApplicators { triples += self.dependentNames(&keywords, "dependencies", acceptsSchemas: true) }
        rules.dependents = self.list(triples)
    }

    private mutating func dependentNames(
        _ keywords: inout SchemaKeywords, _ name: String, acceptsSchemas: Bool
    ) -> [Int32] {
        guard let value = keywords.take(name) else { return [] }
        guard case .object(let members) = value else {
            self.library.fail(keywords.place.below(name, value), "\(name) wants an object")
            return []
        }
        var triples: [Int32] = []
        let outer = keywords.place.below(name, value)
        for member in members {
            let place = outer.below(member.key, member.value)
            if let names = member.value.arrayValue?.compactMap(\.stringValue),
                names.count == member.value.arrayValue?.count
            {
                for needed in names {
                    triples += [self.constant(.string(member.key)), -1, self.constant(.string(needed))]
                }
            } else if acceptsSchemas {
                triples += [self.constant(.string(member.key)), self.number(of: place), -1]
            } else {
                self.library.fail(place, "\(name) wants lists of keys")
            }
        }
        return triples
    }

    /// A keyword with schemas by name.
    private mutating func map(_ keywords: inout SchemaKeywords, _ name: String) -> [(name: String, schema: Int32)] {
        guard let value = keywords.take(name) else { return [] }
        guard case .object(let members) = value else {
            self.library.fail(keywords.place.below(name, value), "\(name) wants an object with schemas")
            return []
        }
        let outer = keywords.place.below(name, value)
        return members.map { ($0.key, self.number(of: outer.below($0.key, $0.value))) }
    }

    private mutating func names(_ keywords: inout SchemaKeywords, _ name: String) -> [String] {
        guard let value = keywords.take(name) else { return [] }
        guard let items = value.arrayValue, items.allSatisfy({ $0.stringValue != nil }) else {
            self.library.fail(keywords.place.below(name, value), "\(name) wants a list of keys")
            return []
        }
        return items.compactMap(\.stringValue)
    }

    /// A hash table of keys, at most half full.
    mutating func keys(_ entries: [(name: String, schema: Int32, isRequired: Bool)]) -> SchemaKeys {
        guard !entries.isEmpty else { return SchemaKeys() }
        var size = 4
        while size < entries.count * 2 { size *= 2 }
        let first = self.draft.slots.count
        self.draft.slots += Array(repeating: SchemaSlot(), count: size)
        for entry in entries {
            let bytes = Array(entry.name.utf8)
            var at =
                bytes.isEmpty
                ? 0 : SchemaSlot.hash(bytes.count, bytes[0], bytes[bytes.count / 2], bytes[bytes.count - 1])
            at &= size - 1
            while self.draft.slots[first + at].start >= 0 { at = (at + 1) & (size - 1) }
            self.draft.slots[first + at] = SchemaSlot(
                start: Int32(self.draft.keys.count), length: Int32(bytes.count), schema: entry.schema,
                isRequired: entry.isRequired)
            self.draft.keys += bytes
        }
        return SchemaKeys(first: Int32(first), mask: Int32(size - 1))
    }
}
