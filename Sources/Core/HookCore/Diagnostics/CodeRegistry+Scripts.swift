// SPDX-License-Identifier: Apache-2.0

extension CodeRegistry {
    static let scripts: [CodeEntry] = []
}
