// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// How one router process is started. What is nil comes from `hookswitch.yaml` or its defaults.
package struct RouterOptions: Sendable {
    package var projectFolder: String
    package var ingestListen: String?
    package var storePath: String?
    /// Refuse to start with an invalid configuration, instead of running the last good one.
    package var isStrict = false
    package var watchesFiles = true
    /// Values that stand in for the secrets of the configuration.
    package var secretOverride: (any SecretReading)?
    /// Values for secrets that have none of their own.
    package var secretFallback: (any SecretReading)?

    /// Changes every configuration after it is loaded; the demo points the destinations at its own endpoints.
    package var adjust: @Sendable (inout Configuration) -> Void = { _ in }

    package init(projectFolder: String) { self.projectFolder = projectFolder }
}

/// Why the router did not start.
package enum StartFailure: Error, Sendable {
    case configuration([Diagnostic], ProjectFiles)
    case store(StoreFailure)
    case listen(String)
}
