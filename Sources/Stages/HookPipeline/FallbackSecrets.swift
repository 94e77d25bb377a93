// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Real secrets where they have a value, others where they have none.
package struct FallbackSecrets: SecretReading {
    private let first: any SecretReading
    private let second: any SecretReading

    package init(first: any SecretReading, then second: any SecretReading) {
        self.first = first
        self.second = second
    }

    package func values(of name: SecretName) -> [Secret] {
        let values = self.first.values(of: name)
        return values.isEmpty ? self.second.values(of: name) : values
    }
}
