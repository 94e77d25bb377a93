// SPDX-License-Identifier: Apache-2.0

package import HookCore

/// JSON Schema of the files, for editors; made from the declarations that the parser uses.
package enum RouteSchema {
    /// Draft-07, for every file below `routes/`.
    package static func json() -> JSONValue {
        self.document("Hookswitch route file", RouteFile.section.schema)
    }

    /// Draft-07, for `hookswitch.yaml`.
    package static func settings() -> JSONValue {
        self.document("Hookswitch settings", ServerSpec.section.schema)
    }

    private static func document(_ title: String, _ root: JSONValue) -> JSONValue {
        guard case .object(let members) = root else { return root }
        return .object(
            [.init("$schema", "http://json-schema.org/draft-07/schema#"), .init("title", .string(title))] + members
                + [.init("definitions", self.definitions)])
    }

    /// The two parts that contain themselves.
    private static var definitions: JSONValue {
        let scalars: JSONValue = ["type": ["string", "number", "boolean", "null"]]
        let test: JSONValue = ["$ref": "#/definitions/test"]
        let condition: JSONValue = ["$ref": "#/definitions/condition"]
        let conditions: JSONValue = ["type": "array", "items": condition, "minItems": 1]
        let roots = FieldPath.Root.allCases.map(\.rawValue).joined(separator: "|")
        let operators = MatchOperator.all.map { item in
            JSONValue.Member(item.name, ["description": .string(item.summary), "allOf": [item.schema]])
        }
        return [
            "test": [
                "anyOf": [
                    scalars, ["type": "array", "items": test, "minItems": 1],
                    [
                        "type": "object", "properties": .object(operators), "additionalProperties": false,
                        "minProperties": 1,
                    ],
                ]
            ],
            "condition": [
                "type": "object", "minProperties": 1, "additionalProperties": test,
                "propertyNames": ["pattern": .string("^(all_of|any_of|not|(\(roots))([.].+)?)$")],
                "properties": [
                    "all_of": conditions, "any_of": conditions, "not": ["anyOf": [condition, conditions]],
                ],
            ],
        ]
    }
}
