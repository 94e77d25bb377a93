// SPDX-License-Identifier: Apache-2.0
import HookCore
import NIOCore

/// Why nothing can listen at an address.
package struct ListenFailure: Error, CustomStringConvertible {
    private let address: String
    private let reason: String

    init(_ address: String, _ error: IOError) {
        self.address = address
        // The system's words alone: those around them name functions of the library.
        self.reason = FileFailure("bind", address, code: error.errnoCode).reason
    }

    package var description: String { "cannot listen at \(self.address): \(self.reason)" }
}
