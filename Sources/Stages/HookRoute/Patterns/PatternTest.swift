// SPDX-License-Identifier: Apache-2.0

package import HookCore

/// What an EventBridge pattern asks of one scalar. Unlike a ``ValueTest``, every form is about one value: a negation
/// holds for a value that does not pass, so that of several values one is enough.
package indirect enum PatternTest: Sendable, Hashable {
    case equals(JSONScalar)
    case equalsIgnoringCase(String)
    case prefix(String)
    case suffix(String)
    case prefixIgnoringCase(String)
    case suffixIgnoringCase(String)
    /// `*` any run of characters, `\*` and `\\` themselves.
    case wildcard(String)
    case number(ValueTest.Comparison, JSONNumber)
    case cidr(CIDR)
    /// Any scalar.
    case exists
    case anyOf([PatternTest])
    case allOf([PatternTest])
    case not(PatternTest)
}

/// One field of a pattern.
package struct PatternField: Sendable {
    package let path: FieldPath
    /// Some scalar at the path passes; nil: there is no scalar at the path.
    package let test: PatternTest?
}

/// Fields that all hold, for the same elements of all arrays that they share.
package struct PatternClause: Sendable {
    package let fields: [PatternField]
}
