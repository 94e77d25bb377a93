// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The built executable: beside the test bundle, or where `HOOKSWITCH_BINARY` says.
enum Binary {
    static let path: String = {
        if let named = ProcessInfo.processInfo.environment["HOOKSWITCH_BINARY"] { return named }
        for argument in [ProcessInfo.processInfo.arguments[0]] + ProcessInfo.processInfo.arguments {
            var folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
            while folder.path != "/" {
                let candidate = folder.appendingPathComponent("hookswitch").path
                var isFolder: ObjCBool = false
                let isThere = FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder)
                if isThere, !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: candidate) {
                    return candidate
                }
                folder.deleteLastPathComponent()
            }
        }
        return ".build/debug/hookswitch"
    }()
}
