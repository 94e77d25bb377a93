// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// Resolves policies by name, each once, whatever the order in which they are declared and used.
final class PolicyBook {
    private let declared: [String: YAMLNode]
    private var resolved: [String: PolicySpec] = [:]
    /// Policies being resolved, outermost first: meeting one again is a cycle.
    private var open: [String] = []
    private let checker: Checker

    init(declared: [String: YAMLNode], checker: Checker) {
        self.declared = declared
        self.checker = checker
    }

    /// The policy with everything that it extends; the defaults of the product for `standard` undeclared and for
    /// unknown names, which are reported where they are used.
    func policy(_ name: String) -> PolicySpec {
        if let known = self.resolved[name] { return known }
        guard let node = self.declared[name] else { return PolicySpec(name: PolicyName(name)) }
        self.open.append(name)
        let policy = self.read(node, name: name)
        self.open.removeLast()
        self.resolved[name] = policy
        return policy
    }

    private func read(_ node: YAMLNode, name: String) -> PolicySpec {
        // A policy that is extended is read while another is: its findings name it alone.
        self.checker.apart("policy \(name)") {
            var policy = self.base(of: node)
            policy.name = PolicyName(name)
            _ = PolicySpec.section.read(node, into: &policy, self.checker)
            return policy
        }
    }

    /// What a map with `extends` starts from.
    func base(of node: YAMLNode) -> PolicySpec {
        guard let parent = node.value(of: "extends"), let name = parent.raw,
            self.checker.names.contains(name, .policies)
        else {
            return PolicySpec(name: "standard")
        }
        if let start = self.open.firstIndex(of: name) {
            let circle = (self.open[start...] + [name]).joined(separator: " → ")
            self.checker.report(
                "policy/cycle", at: parent.at, "the policy extends itself: \(circle)", hint: "remove one extends")
            return PolicySpec(name: PolicyName(name))
        }
        return self.policy(name)
    }
}
