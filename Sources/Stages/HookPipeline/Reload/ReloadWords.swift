// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Says what of a changed source, route or destination changed.
struct ReloadWords {
    private let old: Configuration
    private let new: Configuration
    private let before: SpecAspects
    private let after: SpecAspects

    init(_ old: Revision, _ new: Revision) {
        self.old = old.configuration
        self.new = new.configuration
        self.before = SpecAspects(old)
        self.after = SpecAspects(new)
    }

    /// Empty for what is added, removed, or a setting; nil where nothing changed after all: the quick comparison counts
    /// every script file, this one those that are reached.
    func aspects(of change: ReloadPlan.Change) -> [String]? {
        guard change.kind == .changed else { return [] }
        switch change.what {
        case "route":
            guard let was = self.old.route(RouteName(change.name)), let now = self.new.route(RouteName(change.name))
            else { return [] }
            return SpecAspects.words(
                (self.before.parts(of: was), self.after.parts(of: now)), (self.before.text(was), self.after.text(now)))
        case "source":
            guard let was = self.old.source(SourceName(change.name)),
                let now = self.new.source(SourceName(change.name))
            else { return [] }
            return SpecAspects.words(
                (self.before.parts(of: was), self.after.parts(of: now)), (self.before.text(was), self.after.text(now)))
        case "destination":
            guard let was = self.old.destination(DestinationName(change.name)),
                let now = self.new.destination(DestinationName(change.name))
            else { return [] }
            return SpecAspects.words(
                (self.before.parts(of: was), self.after.parts(of: now)), (self.before.text(was), self.after.text(now)))
        default: return []
        }
    }
}

extension ReloadPlan.Change {
    /// As the API and the command line show it; keys are only ever added.
    package var json: JSONValue {
        [
            "change": .string(self.kind.rawValue), "what": .string(self.what), "name": .string(self.name),
            "aspects": .array(self.aspects.map { .string($0) }),
        ]
    }
}
