// SPDX-License-Identifier: Apache-2.0

/// Why a returned value cannot be used, and where in it.
struct ResultProblem: Error, Equatable {
    /// `request.headers.Host`, `result[3].qty`
    let path: String
    let message: String

    init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }
}
