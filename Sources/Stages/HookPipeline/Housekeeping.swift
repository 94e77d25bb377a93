// SPDX-License-Identifier: Apache-2.0
import HookCore

/// What the router does by the clock: retention.
struct Housekeeping: Sendable {
    /// Between two looks for what has outlived its retention.
    private static let interval: Duration = .seconds(60)
    /// Rows removed in one transaction, so that accepting never waits long.
    private static let rowsMax = 500

    let router: RouterProcess

    /// Until the task is cancelled.
    func run() async {
        while true {
            do { try await self.router.environment.sleep(Self.interval) } catch { return }
            await self.sweep()
            await self.keepUsage()
        }
    }

    private func keepUsage() async {
        do throws(StoreFailure) {
            try await self.router.versionUsage.flush(to: self.router.store)
        } catch {
            self.router.signals.log(.warning, .store, "uses of versions could not be kept", ("error", "\(error)"))
        }
    }

    private func sweep() async {
        let retention = self.router.revision.configuration.server.retention
        var isMore = true
        while isMore && !Task.isCancelled {
            do throws(StoreFailure) {
                isMore = try await self.router.store.sweep(
                    retention, now: self.router.environment.wall(), limit: Self.rowsMax)
            } catch {
                self.router.signals.log(.error, .store, "retention could not be applied", ("error", "\(error)"))
                return
            }
        }
    }
}
