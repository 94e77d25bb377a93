// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookCore

/// Replaces files of the user in place.
enum FileReplacing {
    /// Writes through links into the file that they name, and keeps its mode: what a person set up stays.
    static func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        guard let resolved = unsafe realpath(path, nil) else { throw FileFailure("realpath", path, code: errno) }
        defer { unsafe free(resolved) }
        let target = unsafe String(cString: resolved)
        var status = stat()
        guard unsafe stat(target, &status) == 0 else { throw FileFailure("stat", path, code: errno) }
        try FileSystem.writeAtomically(bytes, to: target, mode: status.st_mode & 0o777)
        // The mask of the process may have taken bits away.
        guard unsafe chmod(target, status.st_mode & 0o777) == 0 else { throw FileFailure("chmod", path, code: errno) }
    }
}
