// SPDX-License-Identifier: Apache-2.0
package import HookCore
package import HookRoute
import HookTransform

extension Revision {
    /// Some routes of this configuration, or others beside them, with its catalogue.
    package func table(of routes: [RouteSpec]) -> RouteTable { RouteTable(routes: routes, versions: self.versions) }

    private var stepCheck: Conversions.StepCheck {
        let catalogue = self.configuration.catalogue
        return { catalogue.breach($0, $1, $2)?.summary }
    }

    /// Why routes took an event or did not, each held against the version that it sees.
    func explain(
        _ event: Event, in table: RouteTable, scripts worker: inout ScriptWorker, answers: (any LookupAnswers)? = nil
    ) -> [RouteExplanation] {
        guard let conversions = self.conversions(of: event, with: worker) else {
            return table.explain(event, scripts: &worker, answers: answers)
        }
        return table.explain(event, scripts: &worker, converted: conversions.view, answers: answers)
    }

    // HOT: once per accepted event.
    /// What the sender of an old version is told beside the answer; worked out when the catalogue was compiled.
    func notices(to event: Event) -> [(name: String, value: String)] {
        self.versions.isEmpty ? [] : self.versions.facts(of: event.type, event.version)?.answerHeaders ?? []
    }

    // HOT: once per event; nil at once where there is no catalogue.
    /// Where the event's other versions come from; nil where the catalogue does not have its type.
    func conversions(of event: Event, with worker: ScriptWorker) -> Conversions? {
        guard let type = self.versions[event.type] else { return nil }
        let isChecked = type.validatesSteps || worker.mode == .test
        return Conversions(event, of: type, worker: worker, check: isChecked ? self.stepCheck : nil)
    }
}
