// SPDX-License-Identifier: Apache-2.0
package import HookCore
package import Logging

/// Carries what libraries log through swift-log into ``Signals``, so that there is one log.
package struct SignalsLogHandler: LogHandler {
    package var logLevel: Logger.Level = .warning
    package var metadata: Logger.Metadata = [:]
    private let signals: Signals

    package init(signals: Signals) { self.signals = signals }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = self.metadata.merging(event.metadata ?? [:]) { $1 }
        let fields = all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        self.signals.log(
            LogRecord(level: Self.level(event.level), stage: .server, message: "\(event.message)", fields: fields))
    }

    private static func level(_ level: Logger.Level) -> LogRecord.Level {
        switch level {
        case .trace, .debug: .debug
        case .info, .notice: .info
        case .warning: .warning
        case .error, .critical: .error
        }
    }
}
