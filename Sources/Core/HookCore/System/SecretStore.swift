// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The values of the secrets that a configuration names, from variables, files and systemd credentials.
///
/// A file is looked at again when it is used and the last look is a second old, and read again where its place or
/// time of change differs: a rotated secret counts without a reload.
///
/// - Isolation: any thread. Reading a changed file blocks the one caller that notices; others get the old value.
package final class SecretStore: SecretReading, Sendable {
    /// What was read of one provider.
    private struct Reading: Sendable {
        var stamp: FileStatus?
        var value: Secret?
    }

    private struct Slot: Sendable {
        let spec: SecretSpec
        var current = Reading()
        var previous = Reading()
        var checkedAt: Duration

        /// Without a current value nothing counts: signing with the previous one would hide the trouble.
        var values: [Secret] {
            guard let value = self.current.value else { return [] }
            guard let old = self.previous.value else { return [value] }
            return [value, old]
        }
    }

    /// How long a look at a file counts.
    package static let checkInterval: Duration = .seconds(1)
    /// Largest secret file; a key is some kilobytes at most.
    package static let bytesMax = 64 * 1024

    private let environment: Environment
    private let root: String
    private let slots: Mutex<[SecretName: Slot]>

    /// Reads everything once.
    ///
    /// - Parameter projectRoot: what relative file paths are relative to.
    package init(_ specs: [SecretSpec], environment: Environment, projectRoot: String) {
        self.environment = environment
        self.root = projectRoot
        var slots: [SecretName: Slot] = [:]
        let now = environment.now()
        for spec in specs {
            var slot = Slot(spec: spec, checkedAt: now)
            slot.current = Self.read(spec.provider, after: nil, environment, projectRoot)
            if let provider = spec.previous {
                slot.previous = Self.read(provider, after: nil, environment, projectRoot)
            }
            slots[spec.name] = slot
        }
        self.slots = Mutex(slots)
    }

    package func values(of name: SecretName) -> [Secret] {
        let now = self.environment.now()
        let (known, isStale) = self.slots.withLock { slots -> (Slot?, Bool) in
            guard let slot = slots[name] else { return (nil, false) }
            guard now - slot.checkedAt >= Self.checkInterval else { return (slot, false) }
            // Claimed here, so that only one caller goes to the disk.
            slots[name]?.checkedAt = now
            return (slot, true)
        }
        guard var slot = known else { return [] }
        guard isStale else { return slot.values }
        slot.checkedAt = now
        slot.current = Self.read(slot.spec.provider, after: slot.current, self.environment, self.root)
        if let provider = slot.spec.previous {
            slot.previous = Self.read(provider, after: slot.previous, self.environment, self.root)
        }
        let fresh = slot
        self.slots.withLock { slots in
            // A slower look must not put an older value back.
            if let there = slots[name], there.checkedAt <= now { slots[name] = fresh }
        }
        return fresh.values
    }

    /// Names of secrets without a value now, sorted: for a warning at start.
    package var missing: [SecretName] {
        self.slots.withLock { slots in slots.filter { $0.value.values.isEmpty }.keys.sorted() }
    }

    private static func read(
        _ provider: SecretSpec.Provider, after last: Reading?, _ environment: Environment, _ root: String
    ) -> Reading {
        switch provider {
        case .environment(let name):
            return Reading(value: environment.variable(name).flatMap { Self.secret(Array($0.utf8)) })
        case .file(let path):
            return Self.readFile(path.utf8.first == UInt8(ascii: "/") ? path : "\(root)/\(path)", after: last)
        case .credential(let name):
            guard let folder = environment.variable("CREDENTIALS_DIRECTORY"), !name.utf8.contains(UInt8(ascii: "/"))
            else { return Reading() }
            return Self.readFile("\(folder)/\(name)", after: last)
        }
    }

    private static func readFile(_ path: String, after last: Reading?) -> Reading {
        do throws(FileFailure) {
            let stamp = try FileSystem.status(of: path)
            if let last, last.stamp == stamp { return last }
            return Reading(stamp: stamp, value: Self.secret(try FileSystem.read(path, bytesMax: Self.bytesMax)))
        } catch {
            // No value is what the contract says for a file that cannot be read; the user of the secret reports it.
            return Reading()
        }
    }

    /// The bytes without the newline that editors and `echo` put at the end; nil where nothing is left.
    private static func secret(_ bytes: [UInt8]) -> Secret? {
        var bytes = bytes[...]
        if bytes.last == 0x0A {
            bytes.removeLast()
            if bytes.last == 0x0D { bytes.removeLast() }
        }
        return bytes.isEmpty ? nil : Secret(Array(bytes))
    }
}
