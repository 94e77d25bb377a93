// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Public test data outside the package; nil, with a line on standard output, where it is not there.
enum PublicCorpora {
    static func folder(_ name: String) -> String? {
        let root = ProcessInfo.processInfo.environment["HOOKSWITCH_SHARED"] ?? "../shared"
        let path = "\(root)/data/\(name)"
        if FileManager.default.fileExists(atPath: path) { return path }
        print("skipped: no \(path) (set HOOKSWITCH_SHARED)")
        return nil
    }
}
