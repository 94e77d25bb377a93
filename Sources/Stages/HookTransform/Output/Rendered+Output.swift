// SPDX-License-Identifier: Apache-2.0
import HookCore

extension Rendered {
    /// Runs the steps of the target and writes its format, behind the transform.
    ///
    /// A step or format that fails lets nothing pass, whatever `on_error` says but `drop`: what a step takes out must not
    /// leave because another step failed.
    func finished(_ target: Routed.Target, of hit: Routed.Hit, _ conversions: Conversions?) -> Rendered {
        let pinned = target.version == nil ? nil : conversions
        guard !target.output.isPlain || pinned != nil, case .bodies(let bodies, let fields, let failure) = self else {
            return self
        }
        let writer = OutputWriter(
            target: target, hit: hit, conversions: pinned,
            facts: conversions?.facts(of: target, seen: hit.event.version))
        do throws(ScriptFailure) {
            var finished: [RenderedBody] = []
            finished.reserveCapacity(bodies.count)
            for (place, body) in bodies.enumerated() {
                finished.append(try writer.finish(body, number: bodies.count > 1 ? place + 1 : nil))
            }
            return .bodies(finished, fields: fields, failure)
        } catch {
            return hit.onError == .drop ? .dropped(reason: error.code, error) : .failed(error)
        }
    }
}
