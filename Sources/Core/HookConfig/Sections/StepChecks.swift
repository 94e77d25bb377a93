// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Steps of one place against each other: what contradicts is an error, what does nothing a warning.
struct StepChecks {
    let draft: OutputDraft
    let checker: Checker

    func check() {
        self.checkRepetitions(self.draft.pick, "picked")
        self.checkRepetitions(self.draft.omit, "omitted")
        self.checkOmitted()
        self.checkRenames()
        self.checkSettings()
    }

    private func checkRepetitions(_ paths: [StepPath], _ word: String) {
        for (place, path) in paths.enumerated() {
            let other = paths.enumerated().first { index, other in
                index != place && other.covers(path) && (other.keys.count < path.keys.count || index < place)
            }?.element
            guard let other else { continue }
            self.warn(path, "\(path.text) is \(word) with \(other.text)", "remove one of the two", other)
        }
    }

    private func checkOmitted() {
        guard !self.draft.pick.isEmpty else { return }
        for path in self.draft.omit {
            if let picked = self.draft.pick.first(where: { path.covers($0) }) {
                self.refuse(path, "\(picked.text) is picked, and omitted", "keep one of the two", picked)
            } else if !self.draft.pick.contains(where: { $0.covers(path) }) {
                self.warn(path, "\(path.text) is not picked, so there is nothing to omit", "remove it")
            }
        }
    }

    private func checkRenames() {
        for (place, one) in self.draft.rename.enumerated() {
            if one.path.keys.last == one.name {
                self.warn(one.path, "\(one.path.text) has this name already", "remove it")
            }
            if let omitted = self.draft.omit.first(where: { $0.covers(one.path) }) {
                self.warn(one.path, "\(one.path.text) is omitted before it could be renamed", "remove it", omitted)
            } else if !self.draft.pick.isEmpty,
                !self.draft.pick.contains(where: { $0.covers(one.path) || one.path.covers($0) })
            {
                self.warn(one.path, "\(one.path.text) is not picked, so there is nothing to rename", "remove it")
            }
            let twin = self.draft.rename[..<place].first {
                $0.name == one.name && $0.path.keys.dropLast() == one.path.keys.dropLast()
            }
            if let twin {
                self.refuse(
                    one.path, "\(twin.path.text) and \(one.path.text) would both be called \"\(one.name)\"",
                    "give one of them another name", twin.path)
            }
        }
    }

    private func checkSettings() {
        let paths = self.draft.set.map(\.path)
        for (place, path) in paths.enumerated() {
            let other = paths.enumerated().first { $0.offset != place && $0.element.covers(path) }?.element
            guard let other else { continue }
            self.refuse(
                path, "\(other.text) is set, and \(path.text) in it", "write it into the value of \(other.text)", other)
        }
    }

    private func refuse(_ path: StepPath, _ message: String, _ hint: String, _ other: StepPath) {
        self.checker.report(
            "step/conflict", at: path.mark, message, hint: hint,
            notes: [Diagnostic.Note("the other is here", at: other.mark)])
    }

    private func warn(_ path: StepPath, _ message: String, _ hint: String, _ other: StepPath? = nil) {
        self.checker.report(
            "step/no-effect", .warning, at: path.mark, message, hint: hint,
            notes: other.map { [Diagnostic.Note("the other is here", at: $0.mark)] } ?? [])
    }
}
